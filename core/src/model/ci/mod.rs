//! Pipelines of GitLab CI, GitHub Actions and Jenkins in one shape: jobs, the images and services they run in, the scripts they run,
//! the actions they use.
//!
//! Commands inside block scalars, quoted and folded strings have spans of the pipeline's file. Where a scalar cannot be followed byte
//! by byte (a block scalar with an indentation number), they have the whole scalar's span.

mod github;
mod gitlab;
mod jenkins;
#[cfg(test)]
mod tests;
mod yaml;

pub use github::read as github;
pub use gitlab::read as gitlab;
pub use jenkins::{read as jenkins, text as jenkins_text};

use crate::model::compose::Text;
use crate::model::docker_cli::Scope;
use crate::model::interpolate::Certainty;
use crate::source::{Location, SourceId};
use crate::syntax::shell::Piece;

/// Whose pipeline it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum System {
    /// GitLab CI.
    GitLab,
    /// GitHub Actions.
    GitHub,
    /// Jenkins.
    Jenkins,
}

/// A pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipeline {
    /// Its file.
    pub source: SourceId,
    /// Whose it is.
    pub system: System,
    /// Its name.
    pub name: Option<Text>,
    /// What starts it. Empty for GitLab and Jenkins, whose files do not have to say.
    pub triggers: Vec<Trigger>,
    /// What its token may do, for all jobs that do not say themselves.
    pub permissions: Option<Permissions>,
    /// Variables of all jobs.
    pub variables: Vec<Variable>,
    /// Other files it takes in; they are not followed.
    pub includes: Vec<Include>,
    /// Its jobs, in order. A stage, of Jenkins.
    pub jobs: Vec<Job>,
}

/// What starts a pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Trigger {
    /// `push`, `pull_request_target`, `schedule` …
    pub name: String,
    /// Where it is written.
    pub at: Location,
    /// Branches and tags it is limited to.
    pub references: Vec<Text>,
    /// `cron` of a schedule.
    pub crons: Vec<Text>,
}

/// What a pipeline's token may do.
#[derive(Clone, PartialEq, Debug)]
pub struct Permissions {
    /// `write-all` or `read-all`.
    pub all: Option<String>,
    /// Each scope with `read`, `write` or `none`, and its place.
    pub scopes: Vec<(String, Text)>,
    /// Where they are written.
    pub at: Location,
}

impl Permissions {
    /// The place of what allows to write in a scope, `contents` or `packages`, or in every one.
    #[must_use]
    pub fn writes(&self, scope: &str) -> Option<Location> {
        if self.all.as_deref() == Some("write-all") {
            return Some(self.at);
        }
        self.scopes.iter().find(|(name, level)| name == scope && level.text == "write").map(|(_, level)| level.at)
    }
}

/// A variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub name_at: Location,
    /// Its value; `None` when it is no text.
    pub value: Option<Text>,
}

/// Another file that a pipeline takes in.
#[derive(Clone, PartialEq, Debug)]
pub struct Include {
    /// `local`, `remote`, `project`, `template`, `component`.
    pub kind: String,
    /// What is named.
    pub what: Text,
    /// `ref`: the branch, tag or commit.
    pub reference: Option<Text>,
}

/// A job.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub at: Location,
    /// The stage it belongs to.
    pub stage: Option<Text>,
    /// `runs-on`, `tags`, an agent's label.
    pub runner: Vec<Text>,
    /// The container that its scripts run in.
    pub image: Option<CiContainer>,
    /// Containers beside it.
    pub services: Vec<CiContainer>,
    /// Its own variables.
    pub variables: Vec<Variable>,
    /// What its token may do, where it says so itself.
    pub permissions: Option<Permissions>,
    /// The deployment environment.
    pub environment: Option<Text>,
    /// What says that it may fail.
    pub may_fail: Option<Location>,
    /// `if`, and the `if`s of `rules`.
    pub conditions: Vec<Text>,
    /// Actions, in order; a reusable workflow is one.
    pub uses: Vec<Use>,
    /// Scripts, in order.
    pub scripts: Vec<CiScript>,
    /// Stored secrets that it is given: names or ids.
    pub secrets: Vec<Text>,
}

/// An image that runs as part of a job.
#[derive(Clone, PartialEq, Debug)]
pub struct CiContainer {
    /// The name under which others reach it; empty for the job's own.
    pub name: String,
    /// The image.
    pub image: Text,
    /// Further options of `docker create`.
    pub options: Option<Text>,
    /// `volumes`.
    pub volumes: Vec<Text>,
    /// `ports`.
    pub ports: Vec<Text>,
    /// `env`, `variables`.
    pub variables: Vec<Variable>,
    /// `command`.
    pub command: Vec<Text>,
    /// `entrypoint`.
    pub entrypoint: Vec<Text>,
}

impl CiContainer {
    /// A container of which only the image is said.
    #[must_use]
    pub fn of_image(image: Text) -> Self {
        Self {
            name: String::new(),
            image,
            options: None,
            volumes: Vec::new(),
            ports: Vec::new(),
            variables: Vec::new(),
            command: Vec::new(),
            entrypoint: Vec::new(),
        }
    }

    /// Whether it is a Docker daemon of its own: `docker:dind` and its kin.
    #[must_use]
    pub fn is_dind(&self) -> bool {
        let image = self.image.text.as_str();
        let tag = image.rsplit('/').next().and_then(|name| name.split_once(':')).map_or("", |(_, tag)| tag);
        tag.split('-').any(|part| part == "dind") || image.contains("/dind") || image.starts_with("dind")
    }

    /// Whether that daemon needs no root: `docker:dind-rootless`.
    #[must_use]
    pub fn is_rootless(&self) -> bool {
        self.image.text.contains("rootless")
    }
}

/// When a script runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// `before_script`.
    Before,
    /// `script`, `run`, `sh`.
    Main,
    /// `after_script`.
    After,
}

/// A script of a job.
#[derive(Clone, PartialEq, Debug)]
pub struct CiScript {
    /// When it runs.
    pub phase: Phase,
    /// The step's name.
    pub name: Option<Text>,
    /// Its place among the job's steps.
    pub step: usize,
    /// The whole text.
    pub at: Location,
    /// `shell`, where it says one.
    pub shell: Option<Text>,
    /// `working-directory`.
    pub directory: Option<Text>,
    /// The step's own variables.
    pub variables: Vec<Variable>,
    /// The step's condition.
    pub condition: Option<Text>,
    /// What says that it may fail.
    pub may_fail: Option<Location>,
    /// The commands, with spans of the file; empty for other shells than POSIX ones.
    pub pieces: Vec<Piece>,
    /// `${{ … }}` in the text: what the runner puts in before the shell reads it.
    pub expressions: Vec<Expression>,
}

/// `${{ … }}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expression {
    /// The values that take part: `github.event.issue.title`, `secrets.TOKEN`.
    pub names: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

/// What kind of thing a reference names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefKind {
    /// A commit, by its full hash, or a digest: it does not move.
    Commit,
    /// A tag such as `v4`.
    Tag,
    /// A branch.
    Branch,
    /// None is named.
    None,
}

/// An action or a reusable workflow.
#[derive(Clone, PartialEq, Debug)]
pub struct Use {
    /// `owner/name/path`, `./path`, `docker://image`.
    pub action: String,
    /// What stands behind `@`.
    pub reference: Option<String>,
    /// What kind of thing that is.
    pub kind: RefKind,
    /// The whole text.
    pub at: Location,
    /// `with`, in order.
    pub with: Vec<(String, Text)>,
    /// The step's own variables.
    pub variables: Vec<Variable>,
    /// The step's name.
    pub name: Option<Text>,
    /// Its place among the job's steps.
    pub step: usize,
    /// The step's condition.
    pub condition: Option<Text>,
    /// What says that it may fail.
    pub may_fail: Option<Location>,
    /// Whether it is a whole workflow.
    pub is_workflow: bool,
}

impl Use {
    /// An input.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&Text> {
        self.with.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, text)| text)
    }

    /// Whether it belongs to the repository itself.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.action.starts_with("./")
    }

    /// Whether it is the action `owner/name`, whatever its version.
    #[must_use]
    pub fn is(&self, action: &str) -> bool {
        self.action.eq_ignore_ascii_case(action)
    }
}

/// What kind of reference stands behind the `@` of an action.
#[must_use]
pub fn ref_kind(reference: Option<&str>) -> RefKind {
    let Some(text) = reference.filter(|text| !text.is_empty()) else { return RefKind::None };
    let hash = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hash(text, 40) || text.strip_prefix("sha256:").is_some_and(|digest| hash(digest, 64)) {
        return RefKind::Commit;
    }
    let version = text.strip_prefix('v').unwrap_or(text);
    if version.starts_with(|c: char| c.is_ascii_digit()) { RefKind::Tag } else { RefKind::Branch }
}

impl Pipeline {
    /// The trigger of a name.
    #[must_use]
    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.name == name)
    }

    /// The job of a name.
    #[must_use]
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.name == name)
    }

    /// What a variable is for a job: its own, else the pipeline's.
    #[must_use]
    pub fn variable<'p>(&'p self, job: &'p Job, name: &str) -> Option<&'p Variable> {
        job.variables.iter().chain(&self.variables).find(|variable| variable.name == name)
    }

    /// What a job's token may do.
    #[must_use]
    pub fn permissions_of<'p>(&'p self, job: &'p Job) -> Option<&'p Permissions> {
        job.permissions.as_ref().or(self.permissions.as_ref())
    }

    /// The variables that the scripts of a job see, as far as they are written out.
    #[must_use]
    pub fn scope(&self, job: &Job) -> Scope {
        let mut scope = Scope::default();
        add_variables(&mut scope, &self.variables);
        add_variables(&mut scope, &job.variables);
        scope
    }
}

/// Sets variables over those that are there.
pub fn add_variables(scope: &mut Scope, variables: &[Variable]) {
    for variable in variables {
        let value = variable.value.as_ref().filter(|value| value.certainty != Certainty::Unknown);
        scope.replace(&variable.name, value.map(|value| (value.text.clone(), value.certainty)));
    }
}
