//! Jenkins pipelines: a stage is a job.

use super::{CiContainer, CiScript, Job, Phase, Pipeline, System, Variable, add_variables};
use crate::model::compose::Text;
use crate::model::docker_cli::{Scope, expand_text};
use crate::model::interpolate::Certainty;
use crate::source::{Location, SourceId};
use crate::syntax::jenkinsfile::{self, ImageUse, Jenkinsfile};

/// Reads a pipeline; never fails. Steps outside of every stage belong to a job named `pipeline`.
#[must_use]
pub fn read(file: &Jenkinsfile, source: SourceId) -> Pipeline {
    let at = |span| Location::new(source, span);
    let mut pipeline = Pipeline {
        source,
        system: System::Jenkins,
        name: None,
        triggers: Vec::new(),
        permissions: None,
        variables: Vec::new(),
        includes: Vec::new(),
        jobs: Vec::new(),
    };
    let mut scope = Scope::default();
    pipeline.variables = variables(file, None, &scope, source);
    add_variables(&mut scope, &pipeline.variables);
    let outside =
        file.steps.iter().any(|step| step.stage.is_none()) || file.images.iter().any(|image| image.stage.is_none());
    let stages: Vec<Option<usize>> =
        outside.then_some(None).into_iter().chain((0..file.stages.len()).map(Some)).collect();
    // Grouped once: a file of very many stages must not be searched for each of them.
    let mut jobs: Vec<Job> = stages
        .iter()
        .map(|stage| {
            let named = stage.and_then(|stage| file.stages.get(stage));
            let first = file.steps.first().map(|step| step.script.span).unwrap_or_default();
            Job {
                name: named.map_or_else(|| "pipeline".to_owned(), |stage| stage.name.clone()),
                at: at(named.map_or(first, |stage| stage.span)),
                stage: None,
                runner: Vec::new(),
                image: None,
                services: Vec::new(),
                variables: Vec::new(),
                permissions: None,
                environment: None,
                may_fail: None,
                conditions: Vec::new(),
                uses: Vec::new(),
                scripts: Vec::new(),
                secrets: Vec::new(),
            }
        })
        .collect();
    let slot = |stage: Option<usize>| match stage {
        Some(stage) => stage + usize::from(outside),
        None => 0,
    };
    let runner: Vec<Text> = file.agents.iter().take(8).map(|agent| text(agent, &scope, source)).collect();
    for job in &mut jobs {
        job.runner.clone_from(&runner);
    }
    for variable in file.variables.iter().filter(|variable| variable.stage.is_some()) {
        let value = variable.value.as_ref().map(|value| text(value, &scope, source));
        if let Some(job) = jobs.get_mut(slot(variable.stage)) {
            job.variables.push(Variable { name: variable.name.clone(), name_at: at(variable.name_span), value });
        }
    }
    for (step, run) in file.steps.iter().enumerate() {
        if let Some(job) = jobs.get_mut(slot(run.stage)) {
            job.scripts.push(CiScript {
                phase: Phase::Main,
                name: None,
                step,
                at: at(run.script.span),
                shell: None,
                directory: None,
                variables: Vec::new(),
                condition: None,
                may_fail: None,
                pieces: run.pieces.clone(),
                expressions: Vec::new(),
            });
        }
    }
    for credential in &file.credentials {
        let all = credential.stage.is_none();
        let id = text(&credential.id, &scope, source);
        match jobs.get_mut(slot(credential.stage)) {
            Some(job) if !all || outside => job.secrets.push(id),
            _ => {}
        }
    }
    for image in &file.images {
        let mut container = CiContainer::of_image(text(&image.image, &scope, source));
        container.options = image.args.as_ref().map(|args| text(args, &scope, source));
        let Some(job) = jobs.get_mut(slot(image.stage)) else { continue };
        match image.kind {
            ImageUse::Agent | ImageUse::Inside => {
                job.image.get_or_insert(container);
            }
            ImageUse::Run => job.services.push(container),
            ImageUse::AgentDockerfile | ImageUse::Build | ImageUse::Other => {}
        }
    }
    pipeline.jobs = jobs;
    pipeline
}

fn variables(file: &Jenkinsfile, stage: Option<usize>, scope: &Scope, source: SourceId) -> Vec<Variable> {
    let own = file.variables.iter().filter(|variable| variable.stage == stage);
    own.map(|variable| Variable {
        name: variable.name.clone(),
        name_at: Location::new(source, variable.name_span),
        value: variable.value.as_ref().map(|value| text(value, scope, source)),
    })
    .collect()
}

/// A string of Groovy. What is a variable of Groovy, not of the shell, stays unknown, unless `environment` sets it.
#[must_use]
pub fn text(text: &jenkinsfile::Text, scope: &Scope, source: SourceId) -> Text {
    let at = Location::new(source, text.span);
    if text.literal {
        return Text { text: text.text.clone(), certainty: Certainty::Known, variables: Vec::new(), at };
    }
    let mut variables = Vec::new();
    let (expanded, certainty) = expand_text(&text.text, scope, &mut variables);
    Text { text: expanded, certainty, variables, at }
}
