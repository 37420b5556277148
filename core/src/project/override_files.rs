//! Compose files for developers that reach a server: an override that Compose merges by itself, and what a production file cannot take
//! away again, because lists are joined when files are merged.

use super::{DockerLine, LineTarget, Project, View};
use crate::model::compose::ports::Port;
use crate::model::docker_cli::{Action, ComposeVerb};
use crate::source::{Location, SourceId, join};
use crate::syntax::shell::Place;
use crate::syntax::yaml::{Kind, Tree};
use std::collections::BTreeMap;

/// Names that Compose merges by itself, in the order it looks for them.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];
/// The names that they are merged with.
const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// A line that starts a stack on a server with the developer's override, because it names no files.
#[derive(Clone, Debug)]
pub struct StartedWithOverride<'p> {
    /// The line.
    pub line: &'p DockerLine,
    /// The override file.
    pub file: SourceId,
    /// What tells that the line works on a server.
    pub why: &'static str,
}

/// Something of an earlier Compose file that a later one means to take away or replace, and that stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leftover {
    /// The service.
    pub service: String,
    /// The key: `ports`, `volumes`.
    pub key: &'static str,
    /// Where the later file tries.
    pub at: Location,
    /// What stays, and where it is written.
    pub kept: Location,
    /// Whether the later file empties the list, so that nothing else can be meant.
    pub emptied: bool,
}

impl Project<'_> {
    /// Lines that start a stack on a server without naming Compose files, where an override file lies beside the base.
    #[must_use]
    pub fn started_with_override(&self) -> Vec<StartedWithOverride<'_>> {
        let mut found = Vec::new();
        for line in self.docker_lines() {
            let Action::Compose(compose) = &line.invocation.action else { continue };
            let starts = matches!(compose.verb, ComposeVerb::Up(_)) && compose.files.is_empty() && !compose.opaque;
            let LineTarget::Deployment(why) = self.line_target(line) else { continue };
            if !starts || compose.directory.is_some() || self.copies_single_files(line) {
                continue;
            }
            let has_base = |folder: &&String| BASES.iter().any(|name| self.sources.knows(&join(folder, name)));
            let Some(folder) = line.folders.iter().find(has_base) else { continue };
            let beside = OVERRIDES.iter().find_map(|name| self.sources.id(&join(folder, name)));
            let listed = self.unit_of(line).is_some_and(|unit| unit.scope.sets("COMPOSE_FILE"))
                || self
                    .sources
                    .id(&join(folder, ".env"))
                    .and_then(|id| self.env_file(id))
                    .is_some_and(|file| file.entries.iter().any(|entry| entry.key == "COMPOSE_FILE"));
            if let Some(file) = beside.filter(|file| !listed && !self.is_ignored_by_git(self.path(*file))) {
                found.push(StartedWithOverride { line, file, why });
            }
        }
        found
    }

    /// Whether the unit of a line that works elsewhere copies Compose files one by one: the override stays behind.
    fn copies_single_files(&self, line: &DockerLine) -> bool {
        let copies = |program: Option<&str>| matches!(program, Some("scp" | "rsync" | "sftp"));
        matches!(line.place, Place::Remote(_))
            && self.unit_of(line).is_some_and(|unit| {
                unit.commands().any(|(_, command)| {
                    let names = |text: &str| text.ends_with(".yaml") || text.ends_with(".yml");
                    copies(command.program()) && command.program_args().iter().any(|word| names(&word.text))
                })
            })
    }

    /// What a later file of a view means to take away, and what stays all the same.
    #[must_use]
    pub fn leftovers(&self, view: &View) -> Vec<Leftover> {
        let mut found = Vec::new();
        if view.files.len() < 2 || self.is_running(view) {
            return found;
        }
        let alone = self.views.iter().find(|other| other.files.first() == view.files.first() && other.files.len() == 1);
        for service in self.services_of(view) {
            let base = alone.and_then(|base| self.service(base, &service.name));
            let emptied = self.emptied(view, &service.name);
            for (key, at) in &emptied {
                let lists: Vec<Location> = match *key {
                    "ports" => service.ports.iter().map(|port| port.at).collect(),
                    _ => service.mounts.iter().map(|mount| mount.at).collect(),
                };
                if let Some(kept) = lists.into_iter().find(|kept| kept.source != at.source) {
                    let service = service.name.clone();
                    found.push(Leftover { service, key, at: *at, kept, emptied: true });
                }
            }
            // A list that repeats a mapping of the base is meant to be the whole list.
            let repeated = service.ports.iter().find(|port| {
                let known = || base.is_some_and(|base| base.ports.iter().any(|other| other.key() == port.key()));
                Some(&port.at.source) != view.files.first() && known()
            });
            let web = |port: &Port| matches!(port.published, Some((80, 80) | (443, 443)));
            let open = service
                .ports
                .iter()
                .find(|port| Some(&port.at.source) == view.files.first() && port.is_exposed() && !web(port));
            if let (Some(repeated), Some(open)) = (repeated, open) {
                let service = service.name.clone();
                found.push(Leftover { service, key: "ports", at: repeated.at, kept: open.at, emptied: false });
                continue;
            }
            let mut by_target: BTreeMap<((u16, u16), &str), Vec<&Port>> = BTreeMap::new();
            for port in service.ports.iter().filter(|port| port.known) {
                by_target.entry((port.target, port.protocol.as_str())).or_default().push(port);
            }
            for ports in by_target.values() {
                let Some((last, earlier)) = ports.split_last() else { continue };
                let open = earlier
                    .iter()
                    .find(|port| port.at.source != last.at.source && port.is_exposed() && port.key() != last.key());
                if let Some(open) = open {
                    let service = service.name.clone();
                    found.push(Leftover { service, key: "ports", at: last.at, kept: open.at, emptied: false });
                }
            }
        }
        found
    }

    /// Lists of a service that a file behind the first sets to nothing, without `!reset` or `!override`.
    fn emptied(&self, view: &View, service: &str) -> Vec<(&'static str, Location)> {
        let mut found = Vec::new();
        for file in view.files.iter().skip(1) {
            let Some(tree) = self.tree(*file) else { continue };
            let below = |map, key: &str| tree.get(map, key).map(|(_, value)| tree.deref(value));
            let Some(mapping) = tree
                .documents
                .first()
                .and_then(|document| below(*document, "services"))
                .and_then(|services| below(services, service))
            else {
                continue;
            };
            for key in ["ports", "volumes"] {
                if let Some((name, value)) = tree.get(mapping, key)
                    && tree.node(value).tag.is_none()
                    && is_empty(tree, value)
                {
                    found.push((key, Location::new(*file, tree.node(name).span)));
                }
            }
        }
        found
    }
}

fn is_empty(tree: &Tree, value: crate::syntax::yaml::Id) -> bool {
    match &tree.node(value).kind {
        Kind::Sequence { items, .. } => items.is_empty(),
        Kind::Scalar { value, .. } => matches!(value.as_str(), "" | "~" | "null"),
        Kind::Mapping { .. } | Kind::Alias { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    const BASE: &str = "services:\n  db:\n    image: mysql:8.4\n    ports: [\"3306:3306\"]\n";

    fn leftovers(later: &str) -> Vec<(&'static str, bool)> {
        let files = sources(&[("compose.yaml", BASE), ("compose.prod.yaml", later)]);
        let project = Project::new(&files, TODAY);
        let view = project.views.iter().find(|view| view.files.len() == 2).unwrap();
        project.leftovers(view).into_iter().map(|left| (left.key, left.emptied)).collect()
    }

    #[test]
    fn lists_are_joined() {
        assert_eq!(leftovers("services:\n  db:\n    ports: []\n"), [("ports", true)]);
        assert_eq!(leftovers("services:\n  db:\n    ports: [\"127.0.0.1:3306:3306\"]\n"), [("ports", false)]);
        assert!(leftovers("services:\n  db:\n    ports: !reset []\n").is_empty());
        assert!(leftovers("services:\n  db:\n    ports: !override [\"127.0.0.1:3306:3306\"]\n").is_empty());
        assert!(leftovers("services:\n  db:\n    ports: [\"33060:33060\"]\n").is_empty());
        assert!(leftovers("services:\n  db:\n    restart: always\n").is_empty());
    }

    #[test]
    fn a_list_that_repeats_the_base_is_meant_to_be_whole() {
        let with = |ports: &str, later: &str| {
            let base = format!("services:\n  web:\n    image: caddy:2\n    ports: [{ports}]\n");
            let later = format!("services:\n  web:\n    ports: [{later}]\n");
            let files = sources(&[("compose.yaml", &base), ("compose.prod.yaml", &later)]);
            let project = Project::new(&files, TODAY);
            let view = project.views.iter().find(|view| view.files.len() == 2).unwrap();
            project.leftovers(view).len()
        };
        assert_eq!(with("\"80:80\", \"443:443\", \"2019:2019\"", "\"443:443\""), 1);
        assert_eq!(with("\"80:80\", \"443:443\"", "\"443:443\""), 0);
        assert_eq!(with("\"80:80\"", "\"443:443\""), 0);
    }

    fn started(files: &[(&str, &str)]) -> usize {
        let mut all =
            vec![("compose.yaml", BASE), ("compose.override.yaml", "services:\n  db:\n    restart: \"no\"\n")];
        all.extend(files);
        let files = sources(&all);
        Project::new(&files, TODAY).started_with_override().len()
    }

    #[test]
    fn plain_up_takes_the_override() {
        let plain = "#!/bin/sh\ndocker compose up -d\n";
        assert_eq!(started(&[("deploy.sh", plain)]), 1);
        assert_eq!(started(&[("bin/dev.sh", plain)]), 0);
        assert_eq!(started(&[("deploy.sh", "#!/bin/sh\ndocker compose -f compose.yaml up -d\n")]), 0);
        assert_eq!(started(&[("deploy.sh", plain), (".env", "COMPOSE_FILE=compose.yaml\n")]), 0);
        assert_eq!(started(&[("deploy.sh", "#!/bin/sh\nexport COMPOSE_FILE=compose.yaml\ndocker compose up -d\n")]), 0);
        assert_eq!(started(&[("deploy.sh", plain), (".gitignore", "/vendor\ncompose.override.yaml\n")]), 0);
        let copied = "#!/bin/sh\nscp compose.yaml host:/srv/shop/\nssh host 'cd /srv/shop && docker compose up -d'\n";
        assert_eq!(started(&[("deploy.sh", copied)]), 0);
    }
}
