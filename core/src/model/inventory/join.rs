//! From records to one [`Snapshot`]: what is about the same object is brought together.

use super::container::Container;
use super::objects::{Diff, Image, Network, Volume, usage_row};
use super::value::{Moment, Reader};
use super::{Daemon, ServiceHash, Snapshot};
use crate::model::Spanned;
use crate::source::{Location, SourceId, file_name};
use crate::syntax::inventory::{Body, Inventory, Record, Section, Shape};
use crate::syntax::json::{Kind, Value};
use std::collections::BTreeMap;

/// One text to read.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Output of commands.
    Recorded(&'a Inventory),
    /// The daemon's settings file.
    DaemonJson(&'a Value),
}

/// Reads texts, given with their ids, names and contents in the order of their names.
#[must_use]
pub fn snapshot(inputs: &[(SourceId, &str, &str, Input<'_>)]) -> Snapshot {
    let mut join = Join::default();
    let mut objects: Vec<(u8, Reader<'_>, Shape, &Value)> = Vec::new();
    for (source, path, text, input) in inputs {
        let reader = Reader { source: *source, text };
        match input {
            Input::DaemonJson(value) => join.daemon().file(reader, value),
            Input::Recorded(inventory) => {
                for record in &inventory.records {
                    if let Body::Object(shape, value) = &record.body {
                        objects.push((detail(*shape), reader, *shape, value));
                    }
                }
                join.lines(reader, path, inventory);
                join.lists(inventory);
                if let Some((taken, span)) = &inventory.taken
                    && let Some(moment) = Moment::parse(taken)
                {
                    join.out.taken = Some(Spanned::new(moment, Location::new(*source, *span)));
                }
            }
        }
    }
    // The more detailed comes later and wins; equal ones keep the order of the files.
    objects.sort_by_key(|(detail, ..)| *detail);
    for (_, reader, shape, value) in objects {
        join.object(reader, shape, value);
    }
    join.finish()
}

/// How much a shape tells: later ones overwrite earlier ones.
fn detail(shape: Shape) -> u8 {
    match shape {
        Shape::Usage => 0,
        Shape::Container | Shape::Image | Shape::Network => 3,
        Shape::ComposePs | Shape::PodmanPs => 2,
        _ => 1,
    }
}

/// Further containers, images, volumes and networks are left out: what is compared with each other must stay few.
const MAX_OBJECTS: usize = 2000;

/// Further lines of `docker diff` are left out.
const MAX_CHANGES: usize = 20_000;

#[derive(Default)]
struct Join {
    changes: usize,
    out: Snapshot,
    containers: Index,
    images: Index,
    volumes: BTreeMap<String, usize>,
    networks: BTreeMap<String, usize>,
}

/// Objects by the first twelve digits of their ids.
#[derive(Default)]
struct Index(BTreeMap<String, usize>);

impl Index {
    fn find(&self, id: &str) -> Option<usize> {
        let id = super::short(id);
        if let Some(index) = self.0.get(id) {
            return Some(*index);
        }
        if id.len() < 12 {
            let (known, index) = self.0.range(id.to_owned()..).next()?;
            return known.starts_with(id).then_some(*index);
        }
        // An id that somebody shortened by hand.
        (4..12).find_map(|length| self.0.get(id.get(..length)?).copied())
    }

    fn insert(&mut self, id: &str, index: usize) {
        self.0.insert(super::short(id).to_owned(), index);
    }
}

impl Join {
    fn daemon(&mut self) -> &mut Daemon {
        self.out.daemon.get_or_insert_with(Daemon::default)
    }

    fn object(&mut self, reader: Reader<'_>, shape: Shape, value: &Value) {
        match shape {
            Shape::Ps | Shape::ComposePs | Shape::PodmanPs | Shape::Container => self.container(reader, shape, value),
            Shape::ImageTag | Shape::Image => self.image(reader, shape, value),
            Shape::Volume => self.volume(reader, value),
            Shape::Network | Shape::NetworkLine => self.network(reader, value),
            Shape::Usage => self.usage(reader, value),
            Shape::UsageRow => self.out.usage.extend(usage_row(reader, value)),
            Shape::BuildCache => {}
            Shape::Version => self.daemon().version_object(reader, value),
            Shape::Info => self.daemon().info(reader, value),
        }
    }

    fn container(&mut self, reader: Reader<'_>, shape: Shape, value: &Value) {
        let Some(id) = reader.filled(value.get("Id").or_else(|| value.get("ID"))) else { return };
        let index = match self.containers.find(&id.value) {
            Some(index) => index,
            None => {
                let index = self.out.containers.len();
                if index >= MAX_OBJECTS {
                    self.out.truncated = true;
                    return;
                }
                self.containers.insert(&id.value, index);
                self.out.containers.push(Container::new(id));
                index
            }
        };
        if let Some(container) = self.out.containers.get_mut(index) {
            container.take(reader, shape, value);
        }
    }

    fn image(&mut self, reader: Reader<'_>, shape: Shape, value: &Value) {
        let Some(id) = reader.filled(value.get("Id").or_else(|| value.get("ID"))) else { return };
        let index = match self.images.find(&id.value) {
            Some(index) => index,
            None => {
                let index = self.out.images.len();
                if index >= MAX_OBJECTS {
                    self.out.truncated = true;
                    return;
                }
                self.images.insert(&id.value, index);
                self.out.images.push(Image::new(id));
                index
            }
        };
        let Some(image) = self.out.images.get_mut(index) else { return };
        match shape {
            Shape::Image => image.inspect(reader, value),
            _ => image.line(reader, value),
        }
    }

    fn volume(&mut self, reader: Reader<'_>, value: &Value) {
        let Some(name) = reader.filled(value.get("Name")) else { return };
        if self.out.volumes.len() >= MAX_OBJECTS && !self.volumes.contains_key(&name.value) {
            self.out.truncated = true;
            return;
        }
        let index = *self.volumes.entry(name.value.clone()).or_insert_with(|| {
            self.out.volumes.push(Volume::new(name));
            self.out.volumes.len() - 1
        });
        if let Some(volume) = self.out.volumes.get_mut(index) {
            volume.take(reader, value);
        }
    }

    fn network(&mut self, reader: Reader<'_>, value: &Value) {
        let Some(name) = reader.filled(value.get("Name").or_else(|| value.get("name"))) else { return };
        if self.out.networks.len() >= MAX_OBJECTS && !self.networks.contains_key(&name.value) {
            self.out.truncated = true;
            return;
        }
        let index = *self.networks.entry(name.value.clone()).or_insert_with(|| {
            self.out.networks.push(Network::new(name));
            self.out.networks.len() - 1
        });
        if let Some(network) = self.out.networks.get_mut(index) {
            network.take(reader, value);
        }
    }

    /// `docker system df -v`: four lists in one object.
    fn usage(&mut self, reader: Reader<'_>, value: &Value) {
        let items = |key: &str| value.get(key).map(Value::items).unwrap_or_default();
        let list = |key: &str| value.get(key).is_some_and(|value| matches!(value.kind, Kind::Array(_)));
        self.out.lists.containers |= list("Containers");
        self.out.lists.images |= list("Images");
        self.out.lists.volumes |= list("Volumes");
        for item in items("Images") {
            self.image(reader, Shape::ImageTag, item);
        }
        for item in items("Containers") {
            self.container(reader, Shape::Ps, item);
        }
        for item in items("Volumes") {
            self.volume(reader, item);
        }
        let rows = items("BuildCache");
        if !rows.is_empty() {
            let at = reader.at(value);
            let bytes =
                rows.iter().filter_map(|row| super::size_bytes(row.get("Size")?.text()?)).fold(0, u64::saturating_add);
            let active =
                rows.iter().filter(|row| reader.boolean(row.get("InUse")).is_some_and(|used| used.value)).count();
            let count = |count: usize| i64::try_from(count).ok();
            self.out.usage.push(super::UsageRow {
                kind: "Build Cache".to_owned(),
                total: count(rows.len()),
                active: count(active),
                bytes: Some(bytes),
                reclaimable: None,
                at,
            });
        }
    }

    /// Lines of `diff` and of `config --hash`.
    fn lines(&mut self, reader: Reader<'_>, path: &str, inventory: &Inventory) {
        let mut diffs: BTreeMap<Option<usize>, Diff> = BTreeMap::new();
        for (index, section) in inventory.sections.iter().enumerate() {
            if let Some((name, span)) = section.subject.as_ref().filter(|_| index < MAX_OBJECTS) {
                diffs.insert(
                    Some(index),
                    diff(reader, section.span, Some(Spanned::new(name.clone(), reader.place(*span)))),
                );
            }
        }
        for Record { section, span, body } in &inventory.records {
            match body {
                Body::Hash { .. } if self.out.hashes.len() >= MAX_OBJECTS => self.out.truncated = true,
                Body::Hash { service, hash } => self.out.hashes.push(ServiceHash {
                    service: Spanned::new(service.0.clone(), reader.place(service.1)),
                    hash: Spanned::new(hash.0.clone(), reader.place(hash.1)),
                }),
                Body::Change(_) if self.changes >= MAX_CHANGES => self.out.truncated = true,
                Body::Change(change) => {
                    self.changes += 1;
                    let named = || container_of_file(path).map(|name| Spanned::new(name, reader.place(*span)));
                    let entry = diffs.entry(*section).or_insert_with(|| diff(reader, *span, named()));
                    entry.changes.push((change.clone(), reader.place(*span)));
                }
                Body::Object(..) => {}
            }
        }
        self.out.diffs.extend(diffs.into_values().map(|mut diff| {
            diff.cut = diff.changes.len() >= 2000;
            diff
        }));
    }

    /// Commands that list everything: by their headers, and by records of a file without headers.
    fn lists(&mut self, inventory: &Inventory) {
        let lists = &mut self.out.lists;
        let all = |section: &Section| {
            section.is("ps") && section.command.split(' ').any(|word| matches!(word, "-a" | "--all" | "-aq" | "-qa"))
        };
        let headed = |command: &str| inventory.sections.iter().any(|section| section.is(command));
        lists.containers |= inventory.sections.iter().any(all);
        lists.images |= headed("images") || headed("image ls");
        lists.volumes |= headed("volume ls");
        lists.networks |= headed("network ls");
        for record in inventory.records.iter().filter(|record| record.section.is_none()) {
            let Body::Object(shape, value) = &record.body else { continue };
            match shape {
                // A list that names a container which does not run is the complete one.
                Shape::Ps | Shape::PodmanPs => {
                    let status = value.get("Status").and_then(Value::str).unwrap_or("");
                    lists.containers |= status.starts_with("Exited") || status.starts_with("Created");
                }
                Shape::ImageTag => lists.images = true,
                Shape::Volume if value.get("Links").is_some() => lists.volumes = true,
                Shape::NetworkLine => lists.networks = true,
                _ => {}
            }
        }
    }

    fn finish(mut self) -> Snapshot {
        if self.out.taken.is_none() {
            self.out.taken = self.out.daemon.as_ref().and_then(|daemon| daemon.time);
        }
        self.out
    }
}

fn diff(reader: Reader<'_>, span: crate::span::Span, container: Option<Spanned<String>>) -> Diff {
    Diff { container, changes: Vec::new(), at: reader.place(span), cut: false }
}

/// The container that a file's name tells: `docker-diff-shop-app-1.txt`, `shop-app-1.diff`.
fn container_of_file(path: &str) -> Option<String> {
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let rest = ["docker-diff-", "docker_diff_", "podman-diff-", "diff-", "diff_"]
        .iter()
        .find_map(|prefix| stem.strip_prefix(prefix));
    rest.or_else(|| name.strip_suffix(".diff"))
        .or_else(|| stem.strip_suffix("-diff"))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}
