//! What pipelines and scripts build, which Compose files they read together, and the containers that jobs run in.

use super::scripts::{DockerLine, ShellUnit, concatenated};
use super::{Context, Project};
use crate::model::ci::{self, CiContainer, Phase, Pipeline, System};
use crate::model::compose::Text;
use crate::model::docker_cli::{Action, Arg, Build, ComposeVerb, Flag, Run, run_options};
use crate::model::interpolate::Certainty;
use crate::source::{Location, SourceId, folder, join};
use crate::span::Span;
use crate::syntax::jenkinsfile::ImageUse;
use crate::syntax::shell;
use std::collections::BTreeSet;

/// Orders of Compose files that become views of their own; each is a whole deployment.
const MAX_ORDERS: usize = 20;

/// What builds an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuiltBy {
    /// A command line: `docker build`.
    CommandLine,
    /// `docker/build-push-action`.
    Action,
    /// `docker.build(…)` of Jenkins.
    Jenkins,
}

/// An image that a pipeline or a script builds.
#[derive(Clone, PartialEq, Debug)]
pub struct PipelineBuild {
    /// Where it is built: the command line, the action, the call.
    pub at: Location,
    /// What builds it.
    pub by: BuiltBy,
    /// The job, target or stage.
    pub job: Option<String>,
    /// Whether a pipeline builds it, not a script.
    pub in_pipeline: bool,
    /// The build context's folder, when it is one of the project.
    pub context: Option<String>,
    /// The Dockerfile's name, whether it was supplied or not.
    pub dockerfile_path: Option<String>,
    /// The Dockerfile.
    pub dockerfile: Option<SourceId>,
    /// The stage that is built; `None` for the last one.
    pub target: Option<Text>,
    /// Build arguments: the name, and the value where one is given.
    pub args: Vec<(String, Option<Text>)>,
    /// Build secrets.
    pub secrets: Vec<Text>,
    /// Tags.
    pub tags: Vec<Text>,
    /// What says that it is pushed.
    pub push: Option<Location>,
    /// `--provenance`, `provenance`.
    pub provenance: Option<Text>,
    /// `--sbom`, `sbom`.
    pub sbom: Option<Text>,
    /// `--cache-to`, `cache-to`.
    pub cache_to: Option<Text>,
}

impl Project<'_> {
    /// Every image that a pipeline or a script builds, in the order of the files.
    #[must_use]
    pub fn pipeline_builds(&self) -> Vec<PipelineBuild> {
        let mut found = Vec::new();
        for line in self.docker_lines() {
            found.extend(self.build_of(line));
        }
        for pipeline in self.pipelines() {
            for job in &pipeline.jobs {
                for used in job.uses.iter().filter(|used| used.is("docker/build-push-action")) {
                    let input = |name: &str| used.input(name).cloned();
                    let top = [String::new()];
                    let built = self.located(used.input("context"), used.input("file"), &top, true);
                    found.push(PipelineBuild {
                        at: used.at,
                        by: BuiltBy::Action,
                        job: Some(job.name.clone()),
                        in_pipeline: true,
                        target: input("target").filter(|target| !target.text.is_empty()),
                        args: lines_of(used.input("build-args")).iter().map(argument).collect(),
                        secrets: lines_of(used.input("secrets")),
                        tags: tags_of(used.input("tags")),
                        push: used.input("push").filter(|push| push.text != "false").map(|push| push.at),
                        provenance: input("provenance"),
                        sbom: input("sbom"),
                        cache_to: input("cache-to"),
                        ..built
                    });
                }
            }
        }
        for (id, _) in self.sources.iter() {
            if let super::Parsed::Jenkinsfile(file) = &self.file(id).parsed {
                for image in file.images.iter().filter(|image| image.kind == ImageUse::Build) {
                    let stage = image.stage.and_then(|stage| file.stages.get(stage));
                    found.push(self.jenkins_build(image, stage.map(|stage| stage.name.clone()), id));
                }
            }
        }
        found.sort_by(|a, b| (self.path(a.at.source), a.at.span).cmp(&(self.path(b.at.source), b.at.span)));
        found
    }

    /// The build that a line asks for.
    #[must_use]
    pub fn build_of(&self, line: &DockerLine) -> Option<PipelineBuild> {
        let Action::Build(build) = &line.invocation.action else { return None };
        let mut built = self.located(build.context.as_ref(), build.file.as_ref(), &line.folders, false);
        built.at = line.invocation.at;
        built.job = self.unit_of(line).and_then(|unit| unit.name.clone());
        built.in_pipeline = line.in_pipeline;
        Some(of_line(build, built))
    }

    fn jenkins_build(
        &self,
        image: &crate::syntax::jenkinsfile::Image,
        job: Option<String>,
        source: SourceId,
    ) -> PipelineBuild {
        let scope = crate::model::docker_cli::Scope::default();
        let name = ci::jenkins_text(&image.image, &scope, source);
        let words = image.args.as_ref().map(|args| words_of(&ci::jenkins_text(args, &scope, source), self));
        let mut build = crate::model::docker_cli::build_options(words.as_deref().unwrap_or(&[]));
        build.tags.push(name);
        let mut built = self.located(build.context.as_ref(), build.file.as_ref(), &[String::new()], false);
        built.at = Location::new(source, image.span);
        built.by = BuiltBy::Jenkins;
        built.job = job;
        built.in_pipeline = true;
        let by = built.by;
        let push = image.pushed.first().map(|tag| Location::new(source, tag.span));
        PipelineBuild { by, push, ..of_line(&build, built) }
    }

    /// The Dockerfile and context that a build names, looked for in each folder it may run in. `from_context`: the Dockerfile's
    /// default is in the context, and the context's default is the top of the repository.
    fn located(
        &self,
        context: Option<&Text>,
        file: Option<&Text>,
        folders: &[String],
        from_context: bool,
    ) -> PipelineBuild {
        let known = |text: Option<&Text>| text.is_none_or(Text::is_known);
        let here = |text: &str| {
            let top = ["${CI_PROJECT_DIR}", "${GITHUB_WORKSPACE}", "${github.workspace}", "${WORKSPACE}", "${PWD}"];
            top.iter().find_map(|name| text.strip_prefix(name)).map(|rest| rest.trim_start_matches('/').to_owned())
        };
        let context_text = context.map_or(".", |context| context.text.as_str());
        let resolved = here(context_text).or_else(|| known(context).then(|| context_text.to_owned()));
        let remote = |text: &str| {
            text.contains("://") || text.starts_with("git@") || text.starts_with('/') || text.contains("${")
        };
        let mut candidates: Vec<(String, String)> = Vec::new();
        if let Some(context) = resolved.filter(|text| !(remote(text) || from_context && text.starts_with("{{"))) {
            for folder in folders {
                let base = join(folder, &context);
                let path = match file.filter(|file| !file.text.is_empty()) {
                    Some(file) => match here(&file.text).or_else(|| file.is_known().then(|| file.text.clone())) {
                        Some(file) if !file.starts_with('/') => join(folder, &file),
                        _ => continue,
                    },
                    None => join(&base, "Dockerfile"),
                };
                candidates.push((base, path));
            }
        }
        let hit =
            candidates.iter().find(|(_, path)| self.sources.id(path).is_some_and(|id| self.dockerfile(id).is_some()));
        let (context, path) = match hit.or(candidates.first()) {
            Some((context, path)) => (Some(context.clone()), Some(path.clone())),
            None => (None, None),
        };
        PipelineBuild {
            at: Location::new(SourceId(0), Span::default()),
            by: BuiltBy::CommandLine,
            job: None,
            in_pipeline: false,
            dockerfile: path
                .as_ref()
                .and_then(|path| self.sources.id(path))
                .filter(|id| self.dockerfile(*id).is_some()),
            context,
            dockerfile_path: path,
            target: None,
            args: Vec::new(),
            secrets: Vec::new(),
            tags: Vec::new(),
            push: None,
            provenance: None,
            sbom: None,
            cache_to: None,
        }
    }
}

fn of_line(build: &Build, located: PipelineBuild) -> PipelineBuild {
    PipelineBuild {
        target: build.target.clone(),
        args: build.args.clone(),
        secrets: build.secrets.clone(),
        tags: build.tags.clone(),
        push: build.push,
        provenance: build.flags.value("provenance").cloned(),
        sbom: build.flags.value("sbom").cloned(),
        cache_to: build.flags.value("cache-to").cloned(),
        ..located
    }
}

/// The lines of an input that takes a list.
fn lines_of(text: Option<&Text>) -> Vec<Text> {
    let Some(text) = text else { return Vec::new() };
    let line = |line: &str| {
        let certainty = if line.contains("${") { text.certainty } else { Certainty::Known };
        Text { text: line.to_owned(), certainty, variables: names_in(line), at: text.at }
    };
    text.text.lines().map(str::trim).filter(|text| !text.is_empty()).map(line).collect()
}

/// Tags stand one a line, or between commas.
fn tags_of(text: Option<&Text>) -> Vec<Text> {
    lines_of(text)
        .into_iter()
        .flat_map(|line| {
            let parts: Vec<Text> = line
                .text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Text { text: part.to_owned(), ..line.clone() })
                .collect();
            parts
        })
        .collect()
}

/// Names of the unknown parts of a text.
fn names_in(text: &str) -> Vec<String> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn argument(text: &Text) -> (String, Option<Text>) {
    match text.text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(Text { text: value.to_owned(), ..text.clone() })),
        None => (text.text.clone(), None),
    }
}

/// The shell text of a pipeline's jobs.
pub(super) fn units(pipeline: &Pipeline) -> Vec<ShellUnit> {
    let mut units = Vec::new();
    for job in &pipeline.jobs {
        let base = pipeline.scope(job);
        let mut add = |pieces: Vec<shell::Piece>, variables: &[ci::Variable], directory: Option<&Text>| {
            let mut scope = base.clone();
            ci::add_variables(&mut scope, variables);
            let directory = directory.filter(|text| text.is_known()).map_or("", |text| text.text.as_str());
            let scope = scope.with(&pieces);
            units.push(ShellUnit {
                source: pipeline.source,
                name: Some(job.name.clone()),
                context: Context::Ci,
                in_pipeline: true,
                pieces,
                scope,
                folder: join("", directory.trim_start_matches("./")),
            });
        };
        if pipeline.system == System::GitLab {
            // `before_script` and `script` are one shell, `after_script` is another.
            for (after, last) in [(false, Phase::Main), (true, Phase::After)] {
                let own = job
                    .scripts
                    .iter()
                    .filter(|script| (script.phase == last) || (!after && script.phase == Phase::Before));
                let pieces = concatenated(own.map(|script| script.pieces.as_slice()));
                if !pieces.is_empty() {
                    add(pieces, &[], None);
                }
            }
        } else {
            for script in job.scripts.iter().filter(|script| !script.pieces.is_empty()) {
                add(script.pieces.clone(), &script.variables, script.directory.as_ref());
            }
        }
    }
    units
}

/// Containers that jobs run in or beside, when they are given something of the host: as what `docker create` would make.
pub(super) fn containers(project: &Project<'_>) -> Vec<(SourceId, String, Run)> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<Location> = BTreeSet::new();
    for pipeline in project.pipelines() {
        for job in &pipeline.jobs {
            for container in job.image.iter().chain(&job.services) {
                let run = run_of(project, container);
                if !run.is_given_host() || !seen.insert(container.image.at) {
                    continue;
                }
                let name = if container.name.is_empty() { job.name.clone() } else { container.name.clone() };
                found.push((pipeline.source, name, run));
            }
        }
    }
    found
}

/// Its variables are left out: what a job tells its containers is judged as part of the pipeline.
fn run_of(project: &Project<'_>, container: &CiContainer) -> Run {
    let options = container.options.as_ref().map(|options| words_of(options, project)).unwrap_or_default();
    let image = container.image.clone();
    let at = image.at;
    let mut run = run_options(&options, image, at);
    let mut add = |name: &str, value: Text| {
        let at = value.at;
        run.flags.flags.push(Flag { name: name.to_owned(), value: Some(value), at });
    };
    for volume in &container.volumes {
        add("volume", volume.clone());
    }
    for port in &container.ports {
        add("publish", port.clone());
    }
    run
}

/// The words of options that are written as one text. Their places are exact where the text is written as it is, the whole text's
/// otherwise.
fn words_of(text: &Text, project: &Project<'_>) -> Vec<Arg> {
    let written = project.sources.slice(text.at);
    let offset = written.find(text.text.as_str()).filter(|_| !text.text.is_empty());
    let script = shell::parse(&text.text);
    let words = script.commands.iter().flat_map(|command| &command.words);
    words
        .map(|word| {
            let at = offset.map_or(text.at, |offset| {
                let start = text.at.span.range().start + offset + word.span.range().start;
                Location::new(text.at.source, Span::new(start, start + word.span.len()))
            });
            let certainty = if word.literal { Certainty::Known } else { Certainty::Unknown };
            let value = Text { text: word.text.clone(), certainty, variables: names_in(&word.text), at };
            Arg { value, loose: false }
        })
        .collect()
}

/// Orders of Compose files that a script's `-f` options or `COMPOSE_FILE` name, with the project's folder; each order once.
pub(super) fn compose_orders(project: &Project<'_>) -> Vec<(String, Vec<SourceId>)> {
    let mut orders: Vec<(String, Vec<SourceId>)> = Vec::new();
    let mut add = |files: Vec<&str>, folders: &[String]| {
        for base in folders {
            let ids: Vec<SourceId> = files
                .iter()
                .filter_map(|file| project.sources.id(&join(base, file)))
                .filter(|id| project.file(*id).kind == crate::detect::Kind::Compose)
                .collect();
            if ids.len() == files.len() && !ids.is_empty() {
                let place = folder(project.path(ids.first().copied().unwrap_or(SourceId(0)))).to_owned();
                if orders.len() < MAX_ORDERS && !orders.iter().any(|(_, known)| *known == ids) {
                    orders.push((place, ids));
                }
                break;
            }
        }
    };
    for line in project.docker_lines() {
        let Action::Compose(compose) = &line.invocation.action else { continue };
        // Only what starts or builds something says how a deployment is read.
        let starts = matches!(compose.verb, ComposeVerb::Up(_) | ComposeVerb::Run { .. } | ComposeVerb::Build(_));
        let known = !compose.opaque && compose.files.iter().all(Text::is_known);
        if starts && known && !compose.files.is_empty() {
            add(compose.files.iter().map(|file| file.text.as_str()).collect(), &line.folders);
        }
    }
    for unit in project.shell_units() {
        if let Some((list, Certainty::Known)) = unit.scope.get("COMPOSE_FILE") {
            add(list.split(':').collect(), &[unit.folder.clone(), String::new()]);
        }
    }
    for (id, source) in project.sources.iter() {
        let Some(file) = project.env_file(id).filter(|_| crate::source::file_name(source.path()) == ".env") else {
            continue;
        };
        let listed = file.entries.iter().rev().find(|entry| entry.key == "COMPOSE_FILE");
        if let Some(list) = listed.and_then(|entry| entry.value.as_deref()) {
            add(list.split([':', ';']).collect(), &[folder(source.path()).to_owned()]);
        }
    }
    orders
}
