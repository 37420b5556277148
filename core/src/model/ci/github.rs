//! Workflows of GitHub Actions.

use super::yaml::Reader;
use super::{CiContainer, CiScript, Include, Job, Phase, Pipeline, System, Trigger, Use, add_variables, ref_kind};
use crate::model::compose::Text;
use crate::model::docker_cli::Scope;
use crate::source::SourceId;
use crate::syntax::yaml::{Id, Tree};

/// Steps of one job that are read.
const MAX_STEPS: usize = 1000;

/// Reads a workflow; never fails.
#[must_use]
pub fn read(tree: &Tree, text: &str, source: SourceId) -> Pipeline {
    let reader = Reader::new(tree, text, source);
    let mut pipeline = Pipeline {
        source,
        system: System::GitHub,
        name: None,
        triggers: Vec::new(),
        permissions: None,
        variables: Vec::new(),
        includes: Vec::<Include>::new(),
        jobs: Vec::new(),
    };
    let Some(&root) = tree.documents.first() else { return pipeline };
    let mut scope = Scope::default();
    pipeline.name = reader.text_of(root, "name", &scope);
    pipeline.triggers = reader.get(root, "on").map(|id| triggers(&reader, id)).unwrap_or_default();
    pipeline.permissions = reader.permissions(reader.get(root, "permissions"));
    pipeline.variables = reader.variables(reader.get(root, "env"), &scope);
    add_variables(&mut scope, &pipeline.variables);
    let defaults = Defaults::of(&reader, root, &scope, None);
    if let Some(jobs) = reader.get(root, "jobs") {
        for (name, key, value) in reader.pairs(jobs) {
            let job = job(&reader, name, (key, value), scope.clone(), &defaults);
            pipeline.jobs.push(job);
        }
    }
    pipeline
}

fn triggers(reader: &Reader<'_>, id: Id) -> Vec<Trigger> {
    let scope = Scope::default();
    let bare = |text: Text| Trigger { name: text.text, at: text.at, references: Vec::new(), crons: Vec::new() };
    let texts = reader.texts(Some(id), &scope);
    if !texts.is_empty() {
        return texts.into_iter().map(bare).collect();
    }
    reader
        .pairs(id)
        .into_iter()
        .map(|(name, key, value)| {
            let lists = ["branches", "tags", "branches-ignore", "workflows", "types"];
            let references = lists.iter().flat_map(|list| reader.texts(reader.get(value, list), &scope)).collect();
            let crons =
                reader.tree.items(value).iter().filter_map(|item| reader.text_of(*item, "cron", &scope)).collect();
            Trigger { name: name.to_owned(), at: reader.at(key), references, crons }
        })
        .collect()
}

/// `defaults.run`.
#[derive(Clone)]
struct Defaults {
    shell: Option<Text>,
    directory: Option<Text>,
}

impl Defaults {
    fn of(reader: &Reader<'_>, id: Id, scope: &Scope, above: Option<&Defaults>) -> Self {
        let run = reader.get(id, "defaults").and_then(|id| reader.get(id, "run"));
        let own = |key: &str| run.and_then(|run| reader.text_of(run, key, scope));
        Self {
            shell: own("shell").or_else(|| above?.shell.clone()),
            directory: own("working-directory").or_else(|| above?.directory.clone()),
        }
    }
}

fn job(reader: &Reader<'_>, name: &str, (key, id): (Id, Id), mut scope: Scope, above: &Defaults) -> Job {
    let variables = reader.variables(reader.get(id, "env"), &scope);
    add_variables(&mut scope, &variables);
    let runner = reader.get(id, "runs-on");
    let mut labels = reader.texts(runner, &scope);
    if labels.is_empty() {
        labels =
            reader.texts(runner.and_then(|id| reader.get(id, "labels").or_else(|| reader.get(id, "group"))), &scope);
    }
    let services = reader.get(id, "services").map(|id| reader.pairs(id)).unwrap_or_default();
    let mut job = Job {
        name: name.to_owned(),
        at: reader.at(key),
        stage: None,
        runner: labels,
        image: reader.get(id, "container").and_then(|id| container(reader, "", id, &scope)),
        services: services.into_iter().filter_map(|(name, _, id)| container(reader, name, id, &scope)).collect(),
        variables,
        permissions: reader.permissions(reader.get(id, "permissions")),
        environment: reader
            .get(id, "environment")
            .and_then(|id| reader.scalar(id, &scope).or_else(|| reader.text_of(id, "name", &scope))),
        may_fail: reader.switched_on(reader.get(id, "continue-on-error")),
        conditions: reader.text_of(id, "if", &scope).into_iter().collect(),
        uses: Vec::new(),
        scripts: Vec::new(),
        secrets: Vec::new(),
    };
    if let Some(secrets) = reader.get(id, "secrets") {
        job.secrets = match reader.scalar(secrets, &scope) {
            Some(inherit) => vec![inherit],
            None => reader.pairs(secrets).into_iter().filter_map(|(.., value)| reader.scalar(value, &scope)).collect(),
        };
    }
    let defaults = Defaults::of(reader, id, &scope, Some(above));
    if reader.get(id, "uses").is_some() {
        job.uses.extend(action(reader, id, 0, &scope).map(|used| Use { is_workflow: true, ..used }));
    }
    let steps = reader.get(id, "steps").map(|id| reader.tree.items(id).to_vec()).unwrap_or_default();
    for (index, step) in steps.into_iter().take(MAX_STEPS).enumerate() {
        job.uses.extend(action(reader, step, index, &scope));
        job.scripts.extend(script(reader, step, index, &scope, &defaults));
    }
    job
}

fn container(reader: &Reader<'_>, name: &str, id: Id, scope: &Scope) -> Option<CiContainer> {
    if let Some(image) = reader.scalar(id, scope) {
        return Some(CiContainer { name: name.to_owned(), ..CiContainer::of_image(image) });
    }
    Some(CiContainer {
        name: name.to_owned(),
        options: reader.text_of(id, "options", scope),
        volumes: reader.texts(reader.get(id, "volumes"), scope),
        ports: reader.texts(reader.get(id, "ports"), scope),
        variables: reader.variables(reader.get(id, "env"), scope),
        ..CiContainer::of_image(reader.text_of(id, "image", scope)?)
    })
}

fn action(reader: &Reader<'_>, id: Id, step: usize, scope: &Scope) -> Option<Use> {
    let uses = reader.text_of(id, "uses", scope)?;
    let (action, reference) = match uses.text.split_once('@') {
        Some((action, reference)) => (action.to_owned(), Some(reference.to_owned())),
        None => (uses.text.clone(), None),
    };
    let variables = reader.variables(reader.get(id, "env"), scope);
    let mut scope = scope.clone();
    add_variables(&mut scope, &variables);
    let with = reader.get(id, "with").map(|id| reader.pairs(id)).unwrap_or_default();
    Some(Use {
        kind: ref_kind(reference.as_deref()),
        action,
        reference,
        at: uses.at,
        with: with
            .into_iter()
            .filter_map(|(name, _, value)| Some((name.to_owned(), reader.scalar(value, &scope)?)))
            .collect(),
        variables,
        name: reader.text_of(id, "name", &scope),
        step,
        condition: reader.text_of(id, "if", &scope),
        may_fail: reader.switched_on(reader.get(id, "continue-on-error")),
        is_workflow: false,
    })
}

fn script(reader: &Reader<'_>, id: Id, step: usize, scope: &Scope, defaults: &Defaults) -> Option<CiScript> {
    let run = reader.get(id, "run")?;
    let shell = reader.text_of(id, "shell", scope).or_else(|| defaults.shell.clone());
    let mut pieces = Vec::new();
    let posix = shell.as_ref().is_none_or(|shell| {
        let program = shell.text.split_whitespace().next().unwrap_or("");
        crate::syntax::shell::is_shell(program) || program.starts_with("${")
    });
    if posix {
        reader.shell(run, &mut pieces);
    }
    Some(CiScript {
        phase: Phase::Main,
        name: reader.text_of(id, "name", scope),
        step,
        at: reader.at(run),
        shell,
        directory: reader.text_of(id, "working-directory", scope).or_else(|| defaults.directory.clone()),
        variables: reader.variables(reader.get(id, "env"), scope),
        condition: reader.text_of(id, "if", scope),
        may_fail: reader.switched_on(reader.get(id, "continue-on-error")),
        pieces,
        expressions: reader.expressions(run),
    })
}
