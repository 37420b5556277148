//! The project as a plug-in sees it.

use super::arena::Arena;
use super::{automation, configs, dockerfile, json, model, php, yaml};
use crate::detect::Kind;
use crate::project::{Parsed, Project};
use crate::source::{Location, SourceId};
use plimsoll_plugin_abi as abi;
use std::collections::BTreeMap;

/// Documents, entities and relations of a project.
///
/// Files of no known format are left out: they may be an application's whole source, and no entity refers to them.
#[must_use]
pub fn describe(project: &Project<'_>) -> abi::Project {
    let index = Documents::of(project);
    let documents = index.sources.iter().map(|&id| document(project, id)).collect();
    let (entities, relations) = model::describe(project, &index);
    let today = abi::Property { key: "today".to_owned(), value: project.today.to_string(), origin: None };
    abi::Project { documents, entities, relations, properties: vec![today] }
}

/// Which documents there are: their order is what a plug-in's locations refer to, so describing and accepting share it.
pub(super) struct Documents {
    sources: Vec<SourceId>,
    indices: BTreeMap<SourceId, u32>,
}

impl Documents {
    pub(super) fn of(project: &Project<'_>) -> Self {
        let sources: Vec<SourceId> =
            project.sources.iter().map(|(id, _)| id).filter(|&id| project.file(id).kind != Kind::Other).collect();
        let indices = sources.iter().zip(0u32..).map(|(&id, index)| (id, index)).collect();
        Self { sources, indices }
    }

    /// The source of a document.
    pub(super) fn source(&self, document: u32) -> Option<SourceId> {
        self.sources.get(document as usize).copied()
    }

    /// A place, when its file is a document.
    pub(super) fn location(&self, project: &Project<'_>, at: Location) -> Option<abi::Location> {
        let at = project.sources.origin(at);
        let document = *self.indices.get(&at.source)?;
        let span = at.span.clamp(project.text(at.source));
        Some(abi::Location { document, span: abi::Span { start: span.start, end: span.end } })
    }
}

fn document(project: &Project<'_>, id: SourceId) -> abi::Document {
    let (file, text) = (project.file(id), project.text(id));
    let mut arena = Arena::new(text);
    match &file.parsed {
        Parsed::Dockerfile(tree) => dockerfile::fill(&mut arena, tree),
        Parsed::Yaml(tree) => yaml::fill(&mut arena, tree),
        Parsed::DotEnv(tree) => configs::env(&mut arena, tree),
        Parsed::DockerIgnore(tree) => configs::ignore(&mut arena, tree),
        Parsed::Ini(tree) => configs::ini(&mut arena, tree),
        Parsed::Nginx(tree) => configs::directives(&mut arena, &tree.items, &tree.comments),
        Parsed::Apache(tree) => configs::directives(&mut arena, &tree.items, &tree.comments),
        Parsed::Caddyfile(tree) => configs::directives(&mut arena, &tree.items, &tree.comments),
        Parsed::RedisConf(tree) => configs::redis(&mut arena, tree),
        Parsed::RedisAcl(tree) => configs::redis_users(&mut arena, tree),
        Parsed::Crontab(tree) => automation::crontab(&mut arena, tree),
        Parsed::Makefile(tree) => automation::makefile(&mut arena, tree),
        Parsed::Jenkinsfile(tree) => automation::jenkinsfile(&mut arena, tree),
        Parsed::Script(tree) => arena.comments(&tree.comments),
        Parsed::Php(tree) => php::fill(&mut arena, tree),
        // Others may be megabytes of data: what matters of them is in the model.
        Parsed::Json(tree) if matches!(file.kind, Kind::ComposerJson | Kind::DaemonJson) => {
            json::fill(&mut arena, tree)
        }
        Parsed::Json(_) | Parsed::Inventory(_) | Parsed::Nothing => {}
    }
    let broken = abi::Property { key: "broken".to_owned(), value: "true".to_owned(), origin: None };
    abi::Document {
        path: project.path(id).to_owned(),
        kind: file.kind.as_str().to_owned(),
        text: text.to_owned(),
        nodes: arena.finish(),
        properties: if project.is_broken(id) { vec![broken] } else { Vec::new() },
    }
}
