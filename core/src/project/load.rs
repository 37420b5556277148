//! Reads Compose files into one tree: documents merged, included files below, `extends` followed, paths written for one folder.

use super::Project;
use super::substitutions::Substitutions;
use crate::finding::{Notice, NoticeLevel, Question};
use crate::model::compose::{paths, schema};
use crate::model::merge::{Clash, finish, merge};
use crate::model::node::{Entry, NODE_BUDGET, Node, Resolver, Value};
use crate::model::unique::{Outcome, Repeated};
use crate::source::{Location, SourceId, folder, join};
use crate::span::Span;
use crate::text::shorten;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Nodes that all views together may make.
const TOTAL_BUDGET: usize = 20 * NODE_BUDGET;
/// Files that one view may include.
const MAX_INCLUDES: usize = 500;
/// Nodes that `extends` may copy in one view.
const MAX_COPIES: usize = 50_000;
/// Services that one may extend, one behind the other.
const MAX_CHAIN: usize = 64;
/// Things of one kind said of one tree.
const SHOWN: usize = 20;
/// Notices of one kind about one file.
const MAX_NOTICES: usize = 40;

/// Reads files into merged trees. Keeps what it meets on the way.
pub(super) struct Loader<'p, 'a> {
    pub(super) project: &'p Project<'a>,
    pub(super) notices: Vec<Notice>,
    pub(super) questions: BTreeSet<Question>,
    budget: usize,
    total: usize,
    includes_left: usize,
    copies_left: usize,
    open: bool,
    clashes: Vec<Clash>,
    /// Files read for `extends` in this view.
    extended: BTreeMap<SourceId, Rc<Services>>,
    said: BTreeSet<(&'static str, Location, String)>,
    counts: BTreeMap<(&'static str, SourceId), usize>,
}

/// The services of one file, by name.
type Services = BTreeMap<String, Entry>;

/// What the files of a view say, joined.
pub(super) struct Loaded {
    /// The merged tree.
    pub(super) root: Option<Node>,
    /// Whether a part of it was not supplied: what is not defined may be defined there.
    pub(super) open: bool,
}

/// A file and the folder that its relative paths start from.
#[derive(Clone, Copy)]
struct Place<'f> {
    id: SourceId,
    folder: &'f str,
    environment: &'f Substitutions,
}

impl<'p, 'a> Loader<'p, 'a> {
    pub(super) fn new(project: &'p Project<'a>) -> Self {
        Self {
            project,
            notices: Vec::new(),
            questions: BTreeSet::new(),
            budget: 0,
            total: TOTAL_BUDGET,
            includes_left: MAX_INCLUDES,
            copies_left: MAX_COPIES,
            open: false,
            clashes: Vec::new(),
            extended: BTreeMap::new(),
            said: BTreeSet::new(),
            counts: BTreeMap::new(),
        }
    }

    /// The files of one view, in the order they are merged.
    pub(super) fn load(&mut self, files: &[SourceId], folder: &str, environment: &Substitutions) -> Loaded {
        // Each view has its own share, so that one file of aliases does not take the others' away.
        self.budget = self.total.min(NODE_BUDGET);
        self.total -= self.budget;
        self.includes_left = MAX_INCLUDES;
        self.copies_left = MAX_COPIES;
        self.open = false;
        self.extended.clear();
        let mut root: Option<Node> = None;
        for &id in files {
            if let Some(node) = self.file(Place { id, folder, environment }, &mut Vec::new()) {
                root = Some(match root {
                    Some(base) => self.merge(base, node),
                    None => node,
                });
            }
        }
        if let Some(root) = &mut root {
            let repeated = finish(root);
            self.repeated(&repeated);
        }
        self.clashed();
        self.total += self.budget;
        Loaded { root, open: self.open }
    }

    fn merge(&mut self, base: Node, over: Node) -> Node {
        merge(base, over, &mut Vec::new(), &mut self.clashes)
    }

    /// One file, its documents merged, what it includes below it, `extends` followed.
    fn file(&mut self, place: Place<'_>, seen: &mut Vec<SourceId>) -> Option<Node> {
        if seen.contains(&place.id) {
            return None;
        }
        seen.push(place.id);
        let root = self.documents(place).map(|mut root| {
            self.includes(place, &mut root, seen);
            self.extends(place, &mut root);
            root
        });
        seen.pop();
        root
    }

    /// A file's documents, merged in their order.
    fn documents(&mut self, place: Place<'_>) -> Option<Node> {
        let Place { id, environment, .. } = place;
        let tree = self.project.tree(id)?;
        let lookup = |name: &str| environment.get(name);
        let mut resolver = Resolver::new(id, tree, &lookup, &mut self.budget).with_text(self.project.text(id));
        let mut complete = true;
        let mut documents = Vec::new();
        for &document in &tree.documents {
            match resolver.node(document) {
                Some(node) => documents.push(node),
                None => complete = false,
            }
        }
        for (at, written) in std::mem::take(&mut resolver.refused) {
            self.say(
                NoticeLevel::Recovered,
                "compose/interpolation",
                at,
                format!("Compose refuses `{}`", shorten(&written, 40)),
                "write `${NAME}`, or `$$` for a dollar sign",
            );
        }
        if !complete || self.budget == 0 {
            self.budget = 0;
            self.too_many_nodes(id);
        }
        for document in &documents {
            self.unknown_keys(document);
        }
        let mut documents = documents.into_iter();
        let first = documents.next()?;
        Some(documents.fold(first, |base, over| self.merge(base, over)))
    }

    fn includes(&mut self, place: Place<'_>, root: &mut Node, seen: &mut Vec<SourceId>) {
        let Some(include) = root.get("include").cloned() else { return };
        for item in include.one_or_many() {
            if let Some(below) = self.include(place, item, seen) {
                let above = std::mem::replace(root, Node { value: Value::Null, ..include.clone() });
                *root = self.merge(below, above);
            }
        }
    }

    /// One `include`: its files merged, with a project folder and an environment of their own.
    fn include(&mut self, place: Place<'_>, item: &Node, seen: &mut Vec<SourceId>) -> Option<Node> {
        let named = item.get("path").map_or(std::slice::from_ref(item), Node::one_or_many);
        let paths: Vec<(String, Location)> =
            named.iter().filter_map(|node| Some((node.text()?.to_owned(), node.at()))).collect();
        let first = paths.first().map(|(path, _)| join(place.folder, path))?;
        let own_folder = match item.get("project_directory").and_then(Node::text) {
            Some(directory) => join(place.folder, directory),
            None => folder(&first).to_owned(),
        };
        let named: Vec<String> = item
            .get("env_file")
            .map(Node::one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(|node| Some(join(place.folder, node.text()?)))
            .collect();
        let names = if named.is_empty() { vec![join(&own_folder, ".env")] } else { named };
        // Of several files the last one wins; the including project wins over them all.
        let files = names.iter().rev().filter_map(|name| {
            let id = self.project.sources.id(name)?;
            Some((id, self.project.env_file(id)?))
        });
        let mut environment = place.environment.over(None);
        for file in files {
            environment = environment.over(Some(file));
        }
        let mut merged: Option<Node> = None;
        for (path, at) in paths {
            self.includes_left = self.includes_left.saturating_sub(1);
            if self.includes_left == 0 {
                return merged;
            }
            match self.project.sources.id(&join(place.folder, &path)) {
                Some(id) => {
                    let place = Place { id, folder: &own_folder, environment: &environment };
                    if let Some(node) = self.file(place, seen) {
                        merged = Some(match merged {
                            Some(base) => self.merge(base, node),
                            None => node,
                        });
                    }
                }
                None => self.not_supplied(&join(place.folder, &path), at),
            }
        }
        if let Some(root) = &mut merged {
            paths::change_all(root, &mut |path| paths::moved(path, &own_folder, place.folder));
        }
        merged
    }

    fn extends(&mut self, place: Place<'_>, root: &mut Node) {
        let Value::Mapping(entries) = &mut root.value else { return };
        let Some(services) = entries.iter_mut().find(|entry| entry.key == "services") else { return };
        if !services.node.entries().iter().any(|service| service.node.get("extends").is_some()) {
            return;
        }
        let written = by_name(services.node.clone());
        let Value::Mapping(services) = &mut services.node.value else { return };
        for service in services.iter_mut().filter(|service| service.node.get("extends").is_some()) {
            service.node = self.extended(place, &written, service, &mut Vec::new());
        }
    }

    /// A service with what it extends below it.
    fn extended(
        &mut self,
        place: Place<'_>,
        services: &Services,
        entry: &Entry,
        chain: &mut Vec<(SourceId, String)>,
    ) -> Node {
        let Some(extends) = entry.node.get("extends") else { return entry.node.clone() };
        let name = extends.text().or_else(|| extends.get("service").and_then(Node::text));
        let base = name.and_then(|name| {
            let own = (place.id, entry.key.clone());
            if chain.contains(&own) {
                self.circular(extends, name);
                return None;
            }
            if chain.len() >= MAX_CHAIN {
                self.too_many_nodes(place.id);
                return None;
            }
            chain.push(own);
            let base = match extends.get("file").and_then(Node::text) {
                None => self.extended_here(place, services, name, extends, chain),
                Some(file) => self.extended_elsewhere(place, file, name, extends, chain),
            };
            chain.pop();
            base
        });
        let path = &mut vec!["services".to_owned(), entry.key.clone()];
        let mut node = match base {
            Some(base) => merge(base, entry.node.clone(), path, &mut self.clashes),
            None => entry.node.clone(),
        };
        // Done with: a file that includes this one must not follow it again from its own folder.
        if let Value::Mapping(entries) = &mut node.value {
            entries.retain(|entry| entry.key != "extends");
        }
        node
    }

    fn extended_here(
        &mut self,
        place: Place<'_>,
        services: &Services,
        name: &str,
        extends: &Node,
        chain: &mut Vec<(SourceId, String)>,
    ) -> Option<Node> {
        let Some(base) = services.get(name) else {
            self.nothing_to_extend(extends, name);
            return None;
        };
        self.afford(place.id, &base.node)?;
        Some(self.extended(place, services, base, chain))
    }

    fn extended_elsewhere(
        &mut self,
        place: Place<'_>,
        file: &str,
        name: &str,
        extends: &Node,
        chain: &mut Vec<(SourceId, String)>,
    ) -> Option<Node> {
        let path = join(place.folder, file);
        let Some(id) = self.project.sources.id(&path) else {
            self.not_supplied(&path, extends.at());
            return None;
        };
        let there = Place { id, folder: folder(&path), environment: place.environment };
        let services = match self.extended.get(&id) {
            Some(known) => Rc::clone(known),
            None => {
                let root = self.documents(there);
                let services = root.as_ref().and_then(|root| root.get("services")).cloned();
                let services = Rc::new(services.map(by_name).unwrap_or_default());
                self.extended.insert(id, Rc::clone(&services));
                services
            }
        };
        let base = self.extended_here(there, &services, name, extends, chain);
        base.map(|mut base| {
            paths::change_service(&mut base, &mut |path| paths::moved(path, there.folder, place.folder));
            base
        })
    }

    /// Takes the nodes of a copy from what may be copied.
    fn afford(&mut self, id: SourceId, node: &Node) -> Option<()> {
        let size = node.size(self.copies_left.saturating_add(1));
        match self.copies_left.checked_sub(size) {
            Some(left) => {
                self.copies_left = left;
                Some(())
            }
            None => {
                self.copies_left = 0;
                self.too_many_nodes(id);
                None
            }
        }
    }

    fn too_many_nodes(&mut self, id: SourceId) {
        self.open = true;
        self.say(
            NoticeLevel::Incomplete,
            "compose/too-many-nodes",
            Location::new(id, Span::at(0)),
            "following the aliases of this file makes more nodes than the analysis takes; the rest is not analysed"
                .to_owned(),
            "aliases of aliases multiply: write the values out where they are used",
        );
    }

    fn circular(&mut self, extends: &Node, name: &str) {
        self.say(
            NoticeLevel::Recovered,
            "compose/extends",
            extends.at(),
            format!("`{}` extends itself in the end; Compose refuses this file", shorten(name, 40)),
            "extend a service that does not extend this one",
        );
    }

    fn nothing_to_extend(&mut self, extends: &Node, name: &str) {
        self.say(
            NoticeLevel::Recovered,
            "compose/extends",
            extends.at(),
            format!("there is no service `{}` to extend there", shorten(name, 40)),
            "name a service of the file that `extends` names, or of this one when it names none",
        );
    }

    fn not_supplied(&mut self, path: &str, at: Location) {
        self.open = true;
        self.say(
            NoticeLevel::Incomplete,
            "compose/missing-file",
            at,
            format!("{} was not supplied; services that come from it are not analysed", shorten(path, 80)),
            "add the file",
        );
    }

    fn clashed(&mut self) {
        for clash in std::mem::take(&mut self.clashes).into_iter().take(SHOWN) {
            let (base, over) = clash.shapes;
            let path = shorten(&clash.path.join("."), 80);
            self.say(
                NoticeLevel::Recovered,
                "compose/merge",
                clash.at,
                format!("`{path}` is {base} below and {over} here; Compose cannot merge the two"),
                "write both in the same form, or replace the one below with `!override`",
            );
        }
    }

    fn repeated(&mut self, repeated: &[Repeated]) {
        for again in repeated.iter().take(SHOWN) {
            let list = again.path.last().map_or("", String::as_str);
            let key = shorten(&again.key, 60);
            match again.outcome {
                Outcome::Refused => self.say(
                    NoticeLevel::Note,
                    "compose/repeated",
                    again.again,
                    format!(
                        "`{key}` stands in `{list}` twice; Compose refuses that, also when it comes from two files"
                    ),
                    "write it once",
                ),
                // Between files that is what an override is for.
                Outcome::Replaced if list == "volumes" && again.first.source == again.again.source => self.say(
                    NoticeLevel::Note,
                    "compose/repeated",
                    again.again,
                    format!("something is mounted at {key} already; this takes its place"),
                    "keep one of the two",
                ),
                Outcome::Replaced => {}
            }
        }
    }

    fn unknown_keys(&mut self, document: &Node) {
        for problem in schema::check(document).into_iter().take(SHOWN) {
            let (code, message, help) = about_key(problem.what);
            self.say_helping(NoticeLevel::Note, code, problem.at, message, help);
        }
    }

    pub(super) fn say(&mut self, level: NoticeLevel, code: &'static str, at: Location, message: String, help: &str) {
        self.say_helping(level, code, at, message, Some(help.to_owned()));
    }

    /// Adds a notice, once: files are read again for every view they are part of.
    fn say_helping(
        &mut self,
        level: NoticeLevel,
        code: &'static str,
        at: Location,
        message: String,
        help: Option<String>,
    ) {
        let count = self.counts.entry((code, at.source)).or_insert(0);
        if *count < MAX_NOTICES && self.said.insert((code, at, message.clone())) {
            *count += 1;
            let path = self.project.path(at.source).to_owned();
            self.notices.push(Notice { level, code, path, at: Some(at), message, help });
        }
    }
}

fn by_name(services: Node) -> Services {
    match services.value {
        Value::Mapping(entries) => entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect(),
        _ => Services::new(),
    }
}

fn about_key(what: schema::Wrong) -> (&'static str, String, Option<String>) {
    match what {
        schema::Wrong::UnknownKey { key, place, meant } => {
            let place = if place.is_empty() { "at the top of the file".to_owned() } else { format!("in `{place}`") };
            let message = format!("Compose knows no key `{}` {}", shorten(&key, 40), shorten(&place, 80));
            (
                "compose/unknown-key",
                message,
                meant.or_else(|| Some("begin its name with `x-` if it is your own".to_owned())),
            )
        }
        schema::Wrong::Kind { key, wants } => {
            let message = format!("`{}` should be {wants}; Compose refuses this value", shorten(&key, 40));
            let help = if wants.starts_with("a text") { "write it in quotes" } else { "write it in that form" };
            ("compose/value", message, Some(help.to_owned()))
        }
        schema::Wrong::Value { key, value, allowed } => {
            let message = format!("`{}` cannot be `{}`", shorten(&key, 40), shorten(&value, 40));
            ("compose/value", message, Some(format!("use one of: {}", allowed.join(", "))))
        }
        schema::Wrong::Deprecated { key, instead } => {
            ("compose/deprecated-key", format!("`{key}` is no longer used"), Some(instead.to_owned()))
        }
    }
}
