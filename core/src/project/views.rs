//! Which Compose files are read together, and the services that result.

use super::context::{self, Context, Evidence};
use super::load::{Loaded, Loader};
use super::substitutions::Substitutions;
use super::{Project, Service, View, build, consistency, environment, pipelines, referenced, resolved, scripts};
use crate::detect::Kind;
use crate::finding::{Notice, NoticeLevel, Question};
use crate::model::compose::{self, ServiceSpec, Text};
use crate::model::interpolate::Certainty;
use crate::model::node::Node;
use crate::source::{Location, SourceId, file_name, folder, join};
use crate::span::Span;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Base file names, in the order Compose looks for them.
const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Override file names, in the order Compose looks for them.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Things that do not fit together, listed for one view.
const SHOWN: usize = 40;

struct Plan {
    name: String,
    /// The folder that relative paths start from.
    folder: String,
    files: Vec<SourceId>,
    context: Context,
    evidence: Option<Evidence>,
    /// Folders whose `.env` counts, the first one first.
    env_folders: Vec<String>,
    /// Whether a base file should be there and is not.
    without_base: bool,
    /// Whether it is the output of `docker compose config`.
    resolved: bool,
}

/// Makes every view of the project.
pub(super) fn build(project: &mut Project<'_>) {
    let mut loader = Loader::new(project);
    let plans = plan(project, &mut loader);
    let mut views: Vec<View> = plans.into_iter().map(|plan| loader.view(plan)).collect();
    // A script that runs what it builds says nothing of where else it is deployed: its Dockerfile is still looked at by itself.
    let built: BTreeSet<(SourceId, Option<usize>)> = views
        .iter()
        .flat_map(|view| &view.services)
        .filter_map(|service| service.build_use.as_ref().and_then(|used| Some((used.dockerfile?, used.stage))))
        .collect();
    for (mut view, specs) in scripts::views(project) {
        let values = environment::of_folders(project, std::slice::from_ref(&view.folder));
        for (spec, context) in specs {
            let mut service = Service { context, ..loader.service(spec, &view, &values) };
            let image = service.spec.image.as_ref().filter(|image| image.is_known());
            let line = image.and_then(|image| project.line_that_builds(&image.text));
            if let Some(built) = line.and_then(|line| project.build_of(line)).filter(|built| built.dockerfile.is_some())
            {
                let used = build::piped(project, &built);
                service.image_use = build::image_use(project.facts, None, Some(&used));
                service.build_use = Some(used);
            }
            view.services.push(service);
        }
        views.push(view);
    }
    let Loader { notices, questions, .. } = loader;
    views.extend(standalone(project, &built));
    views.extend(super::running::views(project));
    project.views = views;
    project.notices.extend(notices);
    project.questions.extend(questions);
}

fn plan(project: &Project<'_>, loader: &mut Loader<'_, '_>) -> Vec<Plan> {
    let mut by_folder: BTreeMap<&str, Vec<(SourceId, &str)>> = BTreeMap::new();
    let parts = referenced::parts(project);
    for (id, source) in project.sources.iter() {
        if project.file(id).kind == Kind::Compose && !parts.contains(&id) {
            by_folder.entry(folder(source.path())).or_default().push((id, file_name(source.path())));
        }
    }
    let mut listed = all_listed(project, loader);
    let mut plans: Vec<Plan> = by_folder
        .into_iter()
        .flat_map(|(place, files)| plan_folder(project, place, &files, listed.remove(place)))
        .collect();
    for (place, files) in pipelines::compose_orders(project) {
        if plans.iter().all(|plan| plan.files != files) {
            plans.push(plan_order(project, place, files));
        }
    }
    plans
}

/// A view of files in the order that a script or a pipeline names them.
fn plan_order(project: &Project<'_>, place: String, files: Vec<SourceId>) -> Plan {
    let names: Vec<&str> = files.iter().map(|id| file_name(project.path(*id))).collect();
    let extras: Vec<&str> = names.iter().filter_map(|name| extra_name(name)).collect();
    let told = names.iter().zip(&files).rev().find_map(|(name, id)| {
        let context = Context::of_name(extra_name(name)?)?;
        Some((context, Evidence::new(format!("the file is called {name}"), Some(Location::new(*id, Span::at(0))))))
    });
    let (context, evidence) = told.map_or((Context::Unknown, None), |(context, why)| (context, Some(why)));
    Plan {
        name: if extras.is_empty() { names.join("+") } else { extras.join("+") },
        env_folders: vec![place.clone()],
        folder: place,
        files,
        context,
        evidence,
        without_base: false,
        resolved: false,
    }
}

/// The views of one folder.
fn plan_folder(project: &Project<'_>, place: &str, files: &[(SourceId, &str)], listed: Option<Listed>) -> Vec<Plan> {
    let find = |names: &[&str]| {
        names.iter().find_map(|wanted| files.iter().find(|(_, name)| name == wanted)).map(|(id, _)| *id)
    };
    let (base, over) = (find(&BASES), find(&OVERRIDES));
    let by_folder = of_folder(place);
    let plan = |name: &str, files: Vec<SourceId>, told: Option<(Context, Evidence)>| {
        let told = told.or_else(|| by_folder.clone());
        let (context, evidence) = told.map_or((Context::Unknown, None), |(context, why)| (context, Some(why)));
        Plan {
            name: name.to_owned(),
            folder: place.to_owned(),
            files,
            context,
            evidence,
            env_folders: vec![place.to_owned()],
            without_base: false,
            resolved: false,
        }
    };
    let mut plans = Vec::new();
    let by_env_file: BTreeSet<SourceId> = listed.iter().flat_map(|listed| listed.files.iter().copied()).collect();
    match (listed, base, over) {
        (Some(listed), base, _) => {
            if let Some(base) = base.filter(|base| listed.files != [*base]) {
                plans.push(plan("base", vec![base], None));
            }
            let told = listed.told(project);
            plans.push(Plan {
                folder: listed.folder,
                env_folders: listed.env_folders,
                ..plan("default", listed.files, told)
            });
        }
        // Compose merges an override by itself: that is the developer's machine. The base alone is what gets deployed.
        (None, Some(base), Some(over)) => {
            plans.push(plan("base", vec![base], None));
            let what = format!("Compose merges {} by itself, as on a developer's machine", project.path(over));
            let why = Evidence::new(what, Some(Location::new(over, Span::at(0))));
            plans.push(plan("default", vec![base, over], Some((Context::Development, why))));
        }
        (None, Some(base), None) => plans.push(plan("default", vec![base], None)),
        (None, None, _) => {}
    }
    for &(id, name) in files {
        let merged_by_itself = Some(id) == over && plans.iter().any(|plan| plan.files.contains(&id));
        if Some(id) == base || merged_by_itself || by_env_file.contains(&id) {
            continue;
        }
        let extra = extra_name(name);
        let word = extra.unwrap_or(name);
        let why = || Evidence::new(format!("the file is called {name}"), Some(Location::new(id, Span::at(0))));
        let told = Context::of_name(word).map(|context| (context, why()));
        let resolved = resolved::is_output(project, id);
        let alone = resolved || extra.is_none() || stands_alone(project, id);
        let files = match base {
            Some(base) if !alone => vec![base, id],
            _ => vec![id],
        };
        plans.push(Plan { without_base: base.is_none() && !alone, resolved, ..plan(word, files, told) });
    }
    plans
}

fn of_folder(place: &str) -> Option<(Context, Evidence)> {
    let name = place.rsplit('/').next().unwrap_or("");
    let context = Context::of_name(name).filter(|context| context.is_development())?;
    Some((context, Evidence::new(format!("it lies in the folder {name}"), None)))
}

/// What `COMPOSE_FILE` of a `.env` names.
struct Listed {
    files: Vec<SourceId>,
    folder: String,
    env_folders: Vec<String>,
    at: Location,
}

impl Listed {
    /// The context that the last of the files tells: it overrides the others.
    fn told(&self, project: &Project<'_>) -> Option<(Context, Evidence)> {
        let name = file_name(project.path(*self.files.last()?));
        let context = Context::of_name(extra_name(name)?)?;
        Some((context, Evidence::new(format!("`COMPOSE_FILE` names {name}"), Some(self.at))))
    }
}

/// What every `.env` lists, by the folder of the first file. A `.env` further up counts before one below.
fn all_listed(project: &Project<'_>, loader: &mut Loader<'_, '_>) -> BTreeMap<String, Listed> {
    let mut all = BTreeMap::new();
    for (_, source) in project.sources.iter().filter(|(_, source)| file_name(source.path()) == ".env") {
        if let Some(listed) = listed_files(project, loader, folder(source.path())) {
            all.entry(listed.folder.clone()).or_insert(listed);
        }
    }
    all
}

/// The files that `COMPOSE_FILE` in the folder's `.env` makes Compose read.
fn listed_files(project: &Project<'_>, loader: &mut Loader<'_, '_>, place: &str) -> Option<Listed> {
    let values = environment::of_folders(project, &[place.to_owned()]);
    let (list, at) = values.written("COMPOSE_FILE").filter(|(list, _)| !list.trim().is_empty())?;
    let separator = values
        .get("COMPOSE_PATH_SEPARATOR")
        .filter(|separator| !separator.is_empty())
        .unwrap_or_else(|| if list.contains(';') { ";" } else { ":" }.to_owned());
    let mut files = Vec::new();
    for name in list.split(&separator).map(str::trim).filter(|name| !name.is_empty()).take(64) {
        let path = join(place, name);
        match project.sources.id(&path) {
            Some(id) if project.tree(id).is_some() => files.push(id),
            _ => loader.say(
                NoticeLevel::Incomplete,
                "compose/missing-file",
                at,
                format!("{} was not supplied; `COMPOSE_FILE` names it", crate::text::shorten(&path, 80)),
                "add the file",
            ),
        }
    }
    let own = folder(project.path(*files.first()?)).to_owned();
    let env_folders = if own == place { vec![own.clone()] } else { vec![place.to_owned(), own.clone()] };
    Some(Listed { files, folder: own, env_folders, at })
}

/// Whether Compose finds a file of this name by itself.
pub(super) fn is_conventional(name: &str) -> bool {
    BASES.contains(&name) || OVERRIDES.contains(&name)
}

/// The `<x>` of `compose.<x>.yaml` and `docker-compose-<x>.yml`.
fn extra_name(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    let rest = stem.strip_prefix("docker-compose").or_else(|| stem.strip_prefix("compose"))?;
    rest.strip_prefix(['.', '-', '_']).filter(|rest| !rest.is_empty())
}

/// Whether every service of a file says by itself where it comes from: then it does not need the base file.
fn stands_alone(project: &Project<'_>, id: SourceId) -> bool {
    let Some(tree) = project.tree(id) else { return true };
    let Some((_, services)) = tree.documents.first().and_then(|document| tree.get(*document, "services")) else {
        return true;
    };
    let pairs = tree.pairs(services);
    !pairs.is_empty()
        && pairs
            .iter()
            .all(|(_, service)| ["image", "build", "extends"].iter().any(|key| tree.get(*service, key).is_some()))
}

impl<'p, 'a> Loader<'p, 'a> {
    fn view(&mut self, plan: Plan) -> View {
        let mut values = environment::of_folders(self.project, &plan.env_folders);
        let project_name = self.project_name(&plan, &values);
        if let Some(name) = project_name.as_ref().filter(|name| name.is_known()) {
            values.set("COMPOSE_PROJECT_NAME", name.text.clone(), None);
        }
        let Loaded { mut root, open } = self.load(&plan.files, &plan.folder, &values);
        if let (Some(root), true, Some(&id)) = (&mut root, plan.resolved, plan.files.first()) {
            resolved::make_relative(self.project, id, root);
        }
        let open = open || plan.without_base;
        let top = |key: &str| root.as_ref().and_then(|root| root.get(key));
        let specs: Vec<ServiceSpec> =
            top("services").map(Node::entries).unwrap_or_default().iter().map(compose::service).collect();
        let own_name = top("name").and_then(Node::text).filter(|_| plan.resolved).map(str::to_owned);
        let mut view = View {
            name: own_name.unwrap_or(plan.name),
            folder: plan.folder,
            files: plan.files,
            context: plan.context,
            context_evidence: plan.evidence,
            project_name,
            active_profiles: active_profiles(&values),
            open,
            services: Vec::new(),
            networks: compose::networks(top("networks")),
            volumes: compose::resources(top("volumes")),
            secrets: compose::resources(top("secrets")),
            configs: compose::resources(top("configs")),
            standalone: false,
            built: BTreeMap::new(),
        };
        for spec in specs {
            let service = self.service(spec, &view, &values);
            view.services.push(service);
        }
        for misfit in consistency::check(&view, open).into_iter().take(SHOWN) {
            self.say(NoticeLevel::Note, misfit.code, misfit.at, misfit.message, misfit.help);
        }
        view
    }

    /// What the engine prefixes names with: `COMPOSE_PROJECT_NAME`, else the last file's `name`.
    fn project_name(&self, plan: &Plan, values: &Substitutions) -> Option<Text> {
        let known = |(text, at)| Text { text, certainty: Certainty::Known, variables: Vec::new(), at };
        if let Some(name) = values.written("COMPOSE_PROJECT_NAME") {
            return Some(known(name));
        }
        plan.files.iter().rev().find_map(|&id| {
            let tree = self.project.tree(id)?;
            let (_, value) = tree.documents.iter().rev().find_map(|document| tree.get(*document, "name"))?;
            let value = tree.deref(value);
            let read = crate::model::interpolate::interpolate(tree.str(value)?, &|name| values.get(name));
            Some(Text {
                text: read.text,
                certainty: read.certainty,
                variables: read.variables,
                at: Location::new(id, tree.node(value).span),
            })
        })
    }

    fn service(&mut self, mut spec: ServiceSpec, view: &View, values: &Substitutions) -> Service {
        let build_use = spec.build.as_ref().map(|build| build::link(self.project, &view.folder, build));
        if let (Some(build), Some(used)) = (&spec.build, &build_use) {
            self.missing_dockerfile(build, used);
        }
        let image_use = build::image_use(self.project.facts, spec.image.as_ref(), build_use.as_ref());
        let mut asked = Vec::new();
        environment::add_labels(self.project, &mut spec, &view.folder);
        let variables = environment::of_service(self.project, &spec, &view.folder, values, &mut asked);
        self.questions.extend(asked);
        let (context, context_evidence) = context::of_service(&spec, view.context, view.context_evidence.as_ref());
        Service { context_evidence, build_use, variables, ..Service::new(spec, context, image_use) }
    }

    fn missing_dockerfile(&mut self, build: &compose::Build, used: &build::BuildUse) {
        if let Some(at) = build.inline {
            if used.dockerfile.is_none() {
                self.notices.push(self.notice(
                    NoticeLevel::Incomplete,
                    "compose/inline-dockerfile",
                    at,
                    "this Dockerfile inside a Compose file is written in a way that is not analysed",
                    "write it as a block that begins with `dockerfile_inline: |`, or in a file of its own",
                ));
            }
        } else if let (None, Some(path)) = (used.dockerfile, &used.dockerfile_path) {
            self.questions.insert(Question {
                rule: Cow::Borrowed("project/missing-file"),
                question: format!("What does {path} build? A service is built from it, and it was not supplied"),
                answer: format!("add the file {path}"),
            });
        }
    }

    fn notice(&self, level: NoticeLevel, code: &'static str, at: Location, message: &str, help: &str) -> Notice {
        Notice {
            level,
            code,
            path: self.project.path(at.source).to_owned(),
            at: Some(at),
            message: message.to_owned(),
            help: Some(help.to_owned()),
        }
    }
}

/// The profiles that `COMPOSE_PROFILES` of the `.env` switches on.
fn active_profiles(values: &Substitutions) -> Vec<String> {
    let list = values.get("COMPOSE_PROFILES").unwrap_or_default();
    list.split(',').map(str::trim).filter(|profile| !profile.is_empty()).map(str::to_owned).collect()
}

/// A view for each Dockerfile that no Compose service is built from, and for each stage that a pipeline or a script builds and no
/// Compose service does.
fn standalone(project: &Project<'_>, built: &BTreeSet<(SourceId, Option<usize>)>) -> Vec<View> {
    let mut views = Vec::new();
    let builds = project.pipeline_builds();
    for (id, _) in project.sources.iter() {
        if project.dockerfile(id).is_none_or(|file| file.instructions.is_empty()) {
            continue;
        }
        let by_compose = built.iter().any(|(dockerfile, _)| *dockerfile == id);
        let mut stages: BTreeSet<Option<usize>> = BTreeSet::new();
        for piped in builds.iter().filter(|piped| piped.dockerfile == Some(id)) {
            let used = build::piped(project, piped);
            let known = piped.target.as_ref().is_none_or(crate::model::compose::Text::is_known) && used.stage.is_some();
            if known && !built.contains(&(id, used.stage)) && stages.insert(used.stage) {
                let target = piped.target.as_ref().map(|target| target.text.as_str());
                let shown = target.filter(|_| by_compose || stages.len() > 1);
                views.push(of_dockerfile(project, id, used, target, shown));
            }
        }
        if !by_compose && stages.is_empty() {
            views.push(of_dockerfile(project, id, build::standalone(project, id), None, None));
        }
    }
    views
}

/// One Dockerfile seen as a deployment of one service.
fn of_dockerfile(
    project: &Project<'_>,
    id: SourceId,
    used: build::BuildUse,
    target: Option<&str>,
    shown: Option<&str>,
) -> View {
    let path = project.path(id);
    let first = project.dockerfile(id).and_then(|file| file.instructions.first());
    let spec =
        ServiceSpec::of_dockerfile(path, Location::new(id, first.map_or(Span::at(0), |first| first.keyword_span)));
    let at = spec.at;
    let by_target = target.and_then(|target| Some((Context::of_name(target)?, target)));
    let told = match by_target {
        Some((context, target)) => Some((context, format!("the stage is called {target}"))),
        None => Context::of_name(file_name(path))
            .map(|context| (context, format!("the file is called {}", file_name(path)))),
    };
    let (context, evidence) =
        told.map_or((Context::Unknown, None), |(context, what)| (context, Some(Evidence::new(what, Some(at)))));
    let image_use = build::image_use(project.facts, None, Some(&used));
    let service =
        Service { context_evidence: evidence.clone(), build_use: Some(used), ..Service::new(spec, context, image_use) };
    let name = shown.map_or_else(|| path.to_owned(), |target| format!("{path} ({target})"));
    View {
        context_evidence: evidence,
        services: vec![service],
        standalone: true,
        ..View::new(name, folder(path).to_owned(), vec![id], context)
    }
}
