//! What holds a container in beside its user: which services it is asked of, where a setting that several of them lack
//! belongs, and how it is written.

use super::{Context, DecidedBy, EffectiveUser, Privilege, Project, ServiceRef, View};
use crate::facts::capabilities;
use crate::fix::{Fix, Safety};
use crate::model::compose::mounts::{Mount, split_short};
use crate::model::node::{Node, Value};
use crate::source::{Location, SourceId};
use crate::syntax::yaml::edit::{self, TextEdit};
use crate::syntax::yaml::{Id, Kind};
use std::collections::BTreeSet;

/// What a service drops of the capabilities that Docker grants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dropped {
    /// All of them.
    All,
    /// Some; where the first one is named.
    Part(Location),
    /// None.
    Nothing,
    /// A variable without a value decides.
    Unknown,
}

impl<'a> Project<'a> {
    /// Services whose containers stay and can be confined: not a Dockerfile on its own, no fragment without an image,
    /// nothing that is used and thrown away or prepares something once. What runs is left out where a declared service
    /// stands for it, or where too little of it is known; so is a file that a file for production completes: that one
    /// says how it is deployed.
    #[must_use]
    pub fn lasting_services(&self) -> Vec<ServiceRef<'_, 'a>> {
        let declared: BTreeSet<&str> = self
            .deployments()
            .iter()
            .filter(|deployment| deployment.declared().is_some())
            .map(|deployment| deployment.container.id.value.as_str())
            .collect();
        let told = |service: &ServiceRef<'_, 'a>| {
            service.containers().iter().any(|container| declared.contains(container.id.value.as_str()))
        };
        let deployed = |view: &&View| matches!(view.context, Context::Production | Context::Staging);
        let completed: BTreeSet<&[SourceId]> = self
            .views
            .iter()
            .filter(deployed)
            .flat_map(|view| (1..view.files.len()).filter_map(|end| view.files.get(..end)))
            .collect();
        self.services()
            .filter(|service| {
                !service.view().standalone
                    && !completed.contains(service.view().files.as_slice())
                    && (service.image.is_some() || service.build.is_some())
                    && service.provider.is_none()
                    && !service.is_one_shot()
                    && !service.is_partly_known()
                    && !told(service)
            })
            .collect()
    }

    /// A switch of `daemon.json` that is on: where.
    #[must_use]
    pub fn daemon_switch(&self, name: &str) -> Option<Location> {
        let setting = self.inventory.daemon.as_ref()?.setting(name)?;
        (setting.value == "true").then_some(setting.at)
    }

    /// Writes `true` in the place of a boolean of a YAML file, without quotes.
    #[must_use]
    pub fn switch_on(&self, safety: Safety, title: &str, at: Location) -> Option<Fix> {
        // What several services share, or is no scalar, is not replaced.
        self.replace(safety, title, at, "true")?;
        self.yaml_fix(safety, title, at.source, vec![TextEdit { span: at.span, text: "true".to_owned() }])
    }

    /// Makes a mount read-only, in whichever syntax it is written.
    #[must_use]
    pub fn close_mount(&self, safety: Safety, title: &str, mount: &Mount) -> Option<Fix> {
        let tree = self.tree(mount.at.source)?;
        let index = tree.nodes.iter().position(|node| node.span == mount.at.span)?;
        let id = Id(u32::try_from(index).ok()?);
        if matches!(tree.node(id).kind, Kind::Mapping { .. }) {
            if let Some((_, value)) = tree.get(id, "read_only") {
                return self.switch_on(safety, title, Location::new(mount.at.source, tree.node(value).span));
            }
            let node =
                Node { source: mount.at.source, id, parent: None, span: mount.at.span, value: Value::Null, tag: None };
            return self.insert_key(safety, title, &node, "read_only", "true");
        }
        let written = self.slice(mount.at).trim_matches(['"', '\'']);
        let short = split_short(written);
        short.source.as_ref()?;
        let options: Vec<&str> =
            short.options.iter().map(String::as_str).filter(|option| *option != "rw").chain(["ro"]).collect();
        let end = short.options.iter().map(|option| option.len() + 1).sum::<usize>();
        let start = written.get(..written.len().checked_sub(end)?)?;
        self.replace(safety, title, mount.at, &format!("{start}:{}", options.join(",")))
    }
}

impl EffectiveUser {
    /// Whether the container starts as uid 0 and keeps it, in its main process or in a master, for a reason that is
    /// written somewhere.
    #[must_use]
    pub fn starts_as_root(&self) -> bool {
        let root = matches!(self.privilege, Privilege::Root | Privilege::RootMaster | Privilege::Sudo);
        root && self.decided_by != DecidedBy::Assumed
    }
}

impl ServiceRef<'_, '_> {
    /// Where a setting that it lacks would be written: the mapping that it takes settings from by `<<` or `extends` in
    /// the same file, so that services which share one are one finding; else the service.
    #[must_use]
    pub fn settings_home(self) -> Location {
        self.shared_home().unwrap_or(self.at)
    }

    fn shared_home(self) -> Option<Location> {
        let project = self.project();
        let own = &self.service().spec.node;
        if self.is_running() || self.view().standalone {
            return None;
        }
        let tree = project.tree(own.source)?;
        let key_of = |id: Id| Some(Location::new(own.source, tree.node(tree.key_of(id)?).span));
        let written = tree.nodes.get(own.id.0 as usize)?;
        // `worker: *app`: its mapping is that of another key.
        let key = key_of(own.id).filter(|_| own.source == self.at.source && written.span == own.span);
        if key.is_some_and(|key| key != self.at) {
            return key;
        }
        own.entries().iter().find_map(|entry| {
            let key = entry.key_at;
            if key.source != own.source || (own.span.start <= key.span.start && key.span.end <= own.span.end) {
                return None;
            }
            let home = tree.nodes.get(entry.node.id.0 as usize)?.parent?;
            let holds = tree.pairs(home).iter().any(|(written, _)| tree.node(*written).span == key.span);
            holds.then(|| key_of(home)).flatten()
        })
    }

    /// Adds a key that it lacks. `None` where it shares its settings with others: there the edit would reach only one
    /// of them, or services that nobody has looked at.
    #[must_use]
    pub fn add_key(self, safety: Safety, title: &str, key: &str, value: &str) -> Option<Fix> {
        if self.view().standalone || self.settings_home() != self.at {
            return None;
        }
        self.project().insert_key(safety, title, &self.service().spec.node, key, value)
    }

    /// Adds an item to one of its lists, or the list.
    #[must_use]
    pub fn add_to_list(self, safety: Safety, title: &str, key: &str, item: &str) -> Option<Fix> {
        let Some(list) = self.service().spec.node.get(key) else {
            return self.add_key(safety, title, key, &format!("[{item}]"));
        };
        let tree = self.project().tree(list.source)?;
        tree.nodes.get(list.id.0 as usize).filter(|node| node.span == list.span)?;
        let edits = edit::append_item(tree, self.project().text(list.source), list.id, item)?;
        self.project().yaml_fix(safety, title, list.source, edits)
    }

    /// What it drops of the capabilities that Docker grants.
    #[must_use]
    pub fn dropped_capabilities(self) -> Dropped {
        let list = &self.service().spec.cap_drop;
        if list.iter().any(|text| text.is_known() && capabilities::normalise(&text.text) == "ALL") {
            Dropped::All
        } else if list.iter().any(|text| !text.is_known()) {
            Dropped::Unknown
        } else {
            list.first().map_or(Dropped::Nothing, |first| Dropped::Part(first.at))
        }
    }

    /// The capabilities that its image needs to start once all are dropped; `None` when that is not known.
    #[must_use]
    pub fn needed_capabilities(self) -> Option<Vec<&'static str>> {
        let known = self.image_source().service().image_use.row().map(|row| row.cap_add.to_vec()).unwrap_or_default();
        match self.effective_user().privilege {
            _ if !known.is_empty() => Some(known),
            Privilege::NonRoot => Some(known),
            _ => None,
        }
    }

    /// Whether it runs with every right of the host: then nothing else that confines it means much.
    #[must_use]
    pub fn is_privileged(self) -> bool {
        self.privileged.is_some_and(|privileged| privileged.value)
    }

    /// Whether its image has nothing in it beside its own program: `scratch` and distroless images.
    #[must_use]
    pub fn has_bare_image(self) -> bool {
        let image = &self.image_source().service().image_use;
        image.text == "scratch" || image.text.contains("distroless")
    }

    /// The folders that its program writes to while it runs, beside its data: what has to be in memory when the root
    /// file system is read-only. `None` when they are not known.
    #[must_use]
    pub fn scratch_folders(self) -> Option<&'static [&'static str]> {
        let image = self.image_source().service().image_use.reference.as_ref()?.name();
        let name = image.rsplit('/').next().unwrap_or(&image);
        Some(match (name, self.role.name) {
            ("nginx", _) => &["/var/cache/nginx", "/run", "/tmp"],
            ("nginx-unprivileged", _) => &["/tmp"],
            (_, "php-apache") => &["/run/apache2", "/run/lock/apache2", "/tmp"],
            (_, "php-fpm") => &["/run", "/tmp"],
            (_, "php-cli") => &["/tmp"],
            ("mysql" | "mariadb", _) => &["/run/mysqld", "/tmp"],
            ("postgres", _) => &["/run/postgresql", "/tmp"],
            ("rabbitmq" | "redis" | "valkey" | "memcached", _) => &["/tmp"],
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn homes(text: &str) -> Vec<String> {
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        project.services().map(|service| project.slice(service.settings_home()).to_owned()).collect()
    }

    #[test]
    fn where_settings_belong() {
        assert_eq!(homes("services:\n  a:\n    image: x:1\n"), ["a"]);
        let shared = "x-base: &base\n  image: x:1\nservices:\n  a: *base\n  b:\n    <<: *base\n    command: [\"b\"]\n";
        assert_eq!(homes(shared), ["x-base", "x-base"]);
        let environment = "x-env: &env\n  A: b\nservices:\n  a:\n    image: x:1\n    environment: *env\n";
        assert_eq!(homes(environment), ["a"]);
        let extended = "services:\n  a:\n    image: x:1\n  b:\n    extends: {service: a}\n    command: [\"b\"]\n";
        assert_eq!(homes(extended), ["a", "a"]);
    }

    fn closed(volume: &str) -> String {
        let text = format!("services:\n  a:\n    image: x:1\n    volumes:\n      - {volume}\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let fix = project.close_mount(Safety::Safe, "Close", &service.mounts[0]).unwrap();
        let outcome = fix.outcome(&sources).unwrap();
        outcome.values().next().unwrap().trim_end().rsplit_once("- ").unwrap().1.to_owned()
    }

    #[test]
    fn mounts_are_closed() {
        assert_eq!(closed("./a.conf:/etc/a.conf"), "./a.conf:/etc/a.conf:ro");
        assert_eq!(closed("\"./a.conf:/etc/a.conf:rw,Z\""), "\"./a.conf:/etc/a.conf:Z,ro\"");
        let long = closed("type: bind\n        source: ./a\n        target: /etc/a");
        assert!(long.contains("\n        read_only: true"), "{long}");
        assert!(closed("{type: bind, source: ./a, target: /etc/a}").contains("read_only: true}"));
    }

    #[test]
    fn a_file_for_production_speaks_for_its_base() {
        let files = [
            ("compose.yaml", "services:\n  a: {image: \"x:1\"}\n"),
            ("compose.prod.yaml", "services:\n  a: {read_only: true}\n"),
            ("compose.dev.yaml", "services:\n  a: {tty: true}\n"),
        ];
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        let lasting = project.lasting_services();
        let mut views: Vec<&str> = lasting.iter().map(|service| service.view().name.as_str()).collect();
        views.sort_unstable();
        assert_eq!(views, ["dev", "prod"]);
    }

    #[test]
    fn what_is_lasting() {
        let text = "services:\n  a: {image: \"x:1\"}\n  b: {image: \"x:1\", profiles: [tools]}\n  c: {deploy: {}}\n";
        let sources = sources(&[("compose.yaml", text), ("other/Dockerfile", "FROM php:8.4-fpm\n")]);
        let project = Project::new(&sources, TODAY);
        let names: Vec<String> = project.lasting_services().iter().map(|service| service.name.clone()).collect();
        assert_eq!(names, ["a"]);
    }
}
