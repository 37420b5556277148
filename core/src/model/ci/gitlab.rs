//! `.gitlab-ci.yml`.

use super::yaml::Reader;
use super::{CiContainer, CiScript, Include, Job, Phase, Pipeline, System, Variable, add_variables};
use crate::model::docker_cli::Scope;
use crate::source::SourceId;
use crate::syntax::yaml::{Id, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of the file that are no jobs.
const RESERVED: [&str; 12] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "types",
];
/// How far `extends` and `!reference` are followed; GitLab allows eleven.
const MAX_DEPTH: usize = 11;
/// Templates that one job may be made of.
const MAX_TEMPLATES: usize = 64;
/// Services of one job that are read.
const MAX_SERVICES: usize = 50;
/// Items of one script that are followed.
const MAX_ITEMS: usize = 2000;

/// Reads a pipeline; never fails.
#[must_use]
pub fn read(tree: &Tree, text: &str, source: SourceId) -> Pipeline {
    let reader = Reader::new(tree, text, source);
    let mut pipeline = Pipeline {
        source,
        system: System::GitLab,
        name: None,
        triggers: Vec::new(),
        permissions: None,
        variables: Vec::new(),
        includes: Vec::new(),
        jobs: Vec::new(),
    };
    // The last document is the pipeline; one before it may be its `spec`.
    let Some(&root) = tree.documents.last() else { return pipeline };
    let scope = Scope::default();
    pipeline.variables = reader.variables(reader.get(root, "variables"), &scope);
    pipeline.includes = includes(&reader, reader.get(root, "include"));
    let top: BTreeMap<&str, Id> = reader.pairs(root).into_iter().map(|(name, _, value)| (name, value)).collect();
    let file = File { reader: &reader, root, top };
    for (name, key, value) in reader.pairs(root) {
        if RESERVED.contains(&name) || name.starts_with('.') {
            continue;
        }
        let chain = file.chain(value);
        let runs = ["script", "trigger", "run", "extends"].iter().any(|key| file.find(&chain, key).is_some());
        if runs {
            let job = file.job(name, key, &chain, &pipeline.variables);
            pipeline.jobs.push(job);
        }
    }
    pipeline
}

fn includes(reader: &Reader<'_>, id: Option<Id>) -> Vec<Include> {
    let Some(id) = id else { return Vec::new() };
    let scope = Scope::default();
    let items: Vec<Id> = match reader.tree.items(id) {
        [] => vec![id],
        items => items.to_vec(),
    };
    items
        .into_iter()
        .filter_map(|item| {
            if let Some(what) = reader.scalar(item, &scope) {
                let kind = if what.text.contains("://") { "remote" } else { "local" };
                return Some(Include { kind: kind.to_owned(), what, reference: None });
            }
            let kind = ["local", "remote", "project", "template", "component"]
                .into_iter()
                .find(|kind| reader.get(item, kind).is_some())?;
            let what = reader.text_of(item, kind, &scope)?;
            Some(Include { kind: kind.to_owned(), what, reference: reader.text_of(item, "ref", &scope) })
        })
        .collect()
}

struct File<'r, 't> {
    reader: &'r Reader<'t>,
    root: Id,
    /// The keys of the file.
    top: BTreeMap<&'t str, Id>,
}

impl File<'_, '_> {
    /// A job and the templates it extends, what wins first.
    fn chain(&self, job: Id) -> Vec<Id> {
        let mut chain = vec![job];
        let mut pending: Vec<(Id, usize)> = vec![(job, 0)];
        let scope = Scope::default();
        while let Some((id, depth)) = pending.pop() {
            if depth >= MAX_DEPTH || chain.len() >= MAX_TEMPLATES {
                break;
            }
            // Of several templates the last one wins, so it comes first here.
            let bases = self.reader.texts(self.reader.get(id, "extends"), &scope);
            for base in bases.iter().rev() {
                if let Some(&template) = self.top.get(base.text.as_str()).filter(|template| !chain.contains(template)) {
                    chain.push(template);
                    pending.push((template, depth + 1));
                }
            }
        }
        chain
    }

    /// The value of a key in a job or its templates.
    fn find(&self, chain: &[Id], key: &str) -> Option<Id> {
        chain.iter().find_map(|id| self.reader.get(*id, key))
    }

    /// The value of a key in a job, its templates, `default`, or at the top of the file.
    fn find_with_default(&self, chain: &[Id], key: &str) -> Option<Id> {
        self.find(chain, key)
            .or_else(|| self.reader.get(*self.top.get("default")?, key))
            .or_else(|| self.top.get(key).copied())
    }

    fn job(&self, name: &str, key: Id, chain: &[Id], global: &[Variable]) -> Job {
        let reader = self.reader;
        let mut scope = Scope::default();
        add_variables(&mut scope, global);
        let mut variables: Vec<Variable> = Vec::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for id in chain {
            for variable in reader.variables(reader.get(*id, "variables"), &scope) {
                if names.insert(variable.name.clone()) {
                    variables.push(variable);
                }
            }
        }
        add_variables(&mut scope, &variables);
        let image = self.find_with_default(chain, "image").and_then(|id| self.container(id, &scope));
        let services = self.find_with_default(chain, "services");
        let services = services.map(|id| reader.tree.items(id).to_vec()).unwrap_or_default();
        let mut job = Job {
            name: name.to_owned(),
            at: reader.at(key),
            stage: self.find(chain, "stage").and_then(|id| reader.scalar(id, &scope)),
            runner: reader.texts(self.find_with_default(chain, "tags"), &scope),
            image,
            services: services.into_iter().take(MAX_SERVICES).filter_map(|id| self.container(id, &scope)).collect(),
            variables,
            permissions: None,
            environment: self
                .find(chain, "environment")
                .and_then(|id| reader.scalar(id, &scope).or_else(|| reader.text_of(id, "name", &scope))),
            may_fail: reader.switched_on(self.find(chain, "allow_failure")),
            conditions: Vec::new(),
            uses: Vec::new(),
            scripts: Vec::new(),
            secrets: Vec::new(),
        };
        if let Some(rules) = self.find(chain, "rules") {
            let rules = self.items(rules, 0);
            job.conditions = rules.iter().take(100).filter_map(|rule| reader.text_of(*rule, "if", &scope)).collect();
        }
        if let Some(secrets) = self.find(chain, "secrets") {
            job.secrets = reader
                .pairs(secrets)
                .into_iter()
                .filter_map(|(_, key, _)| reader.scalar(key, &Scope::default()))
                .collect();
        }
        for (step, (key, phase)) in
            [("before_script", Phase::Before), ("script", Phase::Main), ("after_script", Phase::After)]
                .into_iter()
                .enumerate()
        {
            let found = if phase == Phase::Main { self.find(chain, key) } else { self.find_with_default(chain, key) };
            job.scripts.extend(found.and_then(|id| self.script(id, phase, step)));
        }
        job
    }

    /// An image: its name, or a mapping.
    fn container(&self, id: Id, scope: &Scope) -> Option<CiContainer> {
        let reader = self.reader;
        if let Some(image) = reader.scalar(id, scope) {
            let mut container = CiContainer::of_image(image);
            container.name = service_name(&container.image.text);
            return Some(container);
        }
        let image = reader.text_of(id, "name", scope)?;
        let alias = reader.text_of(id, "alias", scope).map(|alias| alias.text);
        Some(CiContainer {
            name: alias.unwrap_or_else(|| service_name(&image.text)),
            command: reader.texts(reader.get(id, "command"), scope),
            entrypoint: reader.texts(reader.get(id, "entrypoint"), scope),
            variables: reader.variables(reader.get(id, "variables"), scope),
            ..CiContainer::of_image(image)
        })
    }

    /// Items of a list, lists inside of it and `!reference [job, key]` followed.
    fn items(&self, id: Id, depth: usize) -> Vec<Id> {
        let tree = self.reader.tree;
        let target = tree.deref(id);
        let Some(left) = self.reader.steps_left.get().checked_sub(1).filter(|_| depth <= MAX_DEPTH) else {
            return Vec::new();
        };
        self.reader.steps_left.set(left);
        let reference = |id: Id| {
            tree.node(id)
                .tag
                .as_ref()
                .or(tree.node(tree.deref(id)).tag.as_ref())
                .is_some_and(|(_, tag)| tag == "!reference")
        };
        if reference(id) {
            let mut at = self.root;
            for step in tree.items(target) {
                let Some(next) = tree.str(tree.deref(*step)).and_then(|key| self.reader.get(at, key)) else {
                    return Vec::new();
                };
                at = next;
            }
            return if at == self.root { Vec::new() } else { self.items(at, depth + 1) };
        }
        let items = tree.items(target);
        if items.is_empty() {
            return vec![target];
        }
        let mut found = Vec::new();
        for item in items.iter().take(MAX_ITEMS) {
            let nested = reference(*item) || !tree.items(*item).is_empty();
            if nested {
                found.extend(self.items(*item, depth + 1));
            } else {
                found.push(tree.deref(*item));
            }
            if found.len() > MAX_ITEMS {
                break;
            }
        }
        found
    }

    fn script(&self, id: Id, phase: Phase, step: usize) -> Option<CiScript> {
        let reader = self.reader;
        let items = self.items(id, 0);
        let mut pieces = Vec::new();
        for item in &items {
            reader.shell(*item, &mut pieces);
        }
        (!pieces.is_empty()).then(|| CiScript {
            phase,
            name: None,
            step,
            at: reader.covering(&items),
            shell: None,
            directory: None,
            variables: Vec::new(),
            condition: None,
            may_fail: None,
            pieces,
            expressions: Vec::new(),
        })
    }
}

/// The name under which a job reaches a service without an alias: the image without its tag.
fn service_name(image: &str) -> String {
    image.split(['@']).next().unwrap_or("").rsplit_once(':').map_or(image, |(name, _)| name).replace('/', "-")
}
