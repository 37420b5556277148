//! Which Compose files are read together, and the services that result.

use super::{Context, Project, Service, View, build, context, pipelines, scripts};
use crate::detect::Kind;
use crate::finding::{Notice, NoticeLevel, Question};
use crate::model::compose::{self, EnvOrigin, EnvVar, ServiceSpec, Text};
use crate::model::interpolate::{Certainty, interpolate};
use crate::model::merge::{drop_resets, merge};
use crate::model::node::{Entry, NODE_BUDGET, Node, Resolver, Value};
use crate::source::{Location, SourceId, file_name, folder, join};
use crate::span::Span;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Base file names, in the order Compose looks for them.
const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Override file names, in the order Compose looks for them.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Nodes that all views together may make.
const TOTAL_BUDGET: usize = 20 * NODE_BUDGET;

struct Plan {
    name: String,
    folder: String,
    files: Vec<SourceId>,
    context: Context,
}

/// Makes every view of the project.
pub(super) fn build(project: &mut Project<'_>) {
    let plans = plan(project);
    let mut loader = Loader::new(project);
    let mut views: Vec<View> = plans.into_iter().map(|plan| loader.view(plan)).collect();
    // A script that runs what it builds says nothing of where else it is deployed: its Dockerfile is still looked at by itself.
    let built: BTreeSet<(SourceId, Option<usize>)> = views
        .iter()
        .flat_map(|view| &view.services)
        .filter_map(|service| service.build_use.as_ref().and_then(|used| Some((used.dockerfile?, used.stage))))
        .collect();
    for (mut view, specs) in scripts::views(project) {
        for (spec, context) in specs {
            let mut service = Service { context, ..loader.service(spec, &view) };
            let image = service.spec.image.as_ref().filter(|image| image.is_known());
            let line = image.and_then(|image| project.line_that_builds(&image.text));
            if let Some(built) = line.and_then(|line| project.build_of(line)).filter(|built| built.dockerfile.is_some())
            {
                let used = build::piped(project, &built);
                service.image_use = build::image_use(None, Some(&used));
                service.build_use = Some(used);
            }
            view.services.push(service);
        }
        views.push(view);
    }
    let Loader { notices, questions, .. } = loader;
    views.extend(standalone(project, &built));
    project.views = views;
    project.notices.extend(notices);
    project.questions.extend(questions);
}

fn plan(project: &Project<'_>) -> Vec<Plan> {
    let mut by_folder: BTreeMap<&str, Vec<(SourceId, &str)>> = BTreeMap::new();
    for (id, source) in project.sources.iter() {
        if project.file(id).kind == Kind::Compose {
            by_folder.entry(folder(source.path())).or_default().push((id, file_name(source.path())));
        }
    }
    let mut plans = Vec::new();
    for (place, files) in by_folder {
        let find = |names: &[&str]| {
            names.iter().find_map(|wanted| files.iter().find(|(_, name)| name == wanted)).map(|(id, _)| *id)
        };
        let (base, over) = (find(&BASES), find(&OVERRIDES));
        let folder_context =
            Context::of_name(place.rsplit('/').next().unwrap_or("")).filter(|context| context.is_development());
        let plan = |name: &str, files: Vec<SourceId>, context: Context| Plan {
            name: name.to_owned(),
            folder: place.to_owned(),
            files,
            context,
        };
        if let Some(base) = base {
            match over {
                // Compose merges an override by itself: that is the developer's machine. The base alone is what gets deployed.
                Some(over) => {
                    plans.push(plan("base", vec![base], folder_context.unwrap_or(Context::Unknown)));
                    plans.push(plan("default", vec![base, over], Context::Development));
                }
                None => plans.push(plan("default", vec![base], folder_context.unwrap_or(Context::Unknown))),
            }
        }
        for &(id, name) in &files {
            if Some(id) == base || Some(id) == over {
                continue;
            }
            let extra = extra_name(name);
            let context = Context::of_name(extra.unwrap_or(name)).or(folder_context).unwrap_or(Context::Unknown);
            let files = match base {
                Some(base) if extra.is_some() && !stands_alone(project, id) => vec![base, id],
                _ => vec![id],
            };
            plans.push(plan(extra.unwrap_or(name), files, context));
        }
    }
    // Orders of files that a script or `COMPOSE_FILE` names, when no view reads the same files.
    for (place, files) in pipelines::compose_orders(project) {
        if plans.iter().any(|plan| plan.files == files) {
            continue;
        }
        let names: Vec<&str> = files.iter().map(|id| file_name(project.path(*id))).collect();
        let extras: Vec<&str> = names.iter().filter_map(|name| extra_name(name)).collect();
        let name = if extras.is_empty() { names.join("+") } else { extras.join("+") };
        let context = extras.iter().rev().find_map(|extra| Context::of_name(extra)).unwrap_or(Context::Unknown);
        plans.push(Plan { name, folder: place, files, context });
    }
    plans
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

/// Reads files into merged trees. Keeps what it meets on the way.
struct Loader<'p, 'a> {
    project: &'p Project<'a>,
    budget: usize,
    total: usize,
    notices: Vec<Notice>,
    questions: BTreeSet<Question>,
}

impl<'p, 'a> Loader<'p, 'a> {
    fn new(project: &'p Project<'a>) -> Self {
        Self { project, budget: 0, total: TOTAL_BUDGET, notices: Vec::new(), questions: BTreeSet::new() }
    }

    fn view(&mut self, plan: Plan) -> View {
        // Each view has its own share, so that one file of aliases does not take the others' away.
        self.budget = self.total.min(NODE_BUDGET);
        self.total -= self.budget;
        let environment = self.interpolation(&plan.folder);
        let mut root: Option<Node> = None;
        for &file in &plan.files {
            if let Some(node) = self.file(file, &environment, &mut Vec::new()) {
                root = Some(match root {
                    Some(base) => merge(base, node, &mut Vec::new()),
                    None => node,
                });
            }
        }
        if let Some(root) = &mut root {
            drop_resets(root);
        }
        let top = |key: &str| root.as_ref().and_then(|root| root.get(key));
        let specs: Vec<ServiceSpec> =
            top("services").map(Node::entries).unwrap_or_default().iter().map(compose::service).collect();
        let mut view = View {
            name: plan.name,
            folder: plan.folder,
            files: plan.files,
            context: plan.context,
            services: Vec::new(),
            networks: compose::networks(top("networks")),
            volumes: compose::resources(top("volumes")),
            secrets: compose::resources(top("secrets")),
            configs: compose::resources(top("configs")),
            standalone: false,
        };
        self.total += self.budget;
        for spec in specs {
            let service = self.service(spec, &view);
            view.services.push(service);
        }
        view
    }

    fn service(&mut self, spec: ServiceSpec, view: &View) -> Service {
        let build_use = spec.build.as_ref().map(|build| build::link(self.project, &view.folder, build));
        if let (Some(build), Some(used)) = (&spec.build, &build_use) {
            self.missing_dockerfile(build, used);
        }
        let image_use = build::image_use(spec.image.as_ref(), build_use.as_ref());
        let variables = self.environment(&spec, &view.folder);
        let context = context::of_service(&spec, view.context);
        Service { spec, context, image_use, build_use, variables, role: super::Role::UNKNOWN, needs: Vec::new() }
    }

    fn missing_dockerfile(&mut self, build: &compose::Build, used: &build::BuildUse) {
        if build.inline {
            self.notices.push(self.notice(
                NoticeLevel::Incomplete,
                "compose/inline-dockerfile",
                build.at,
                "the Dockerfile written inside this Compose file is not analysed",
                "move it to a file of its own and name it with `dockerfile:`",
            ));
        } else if let (None, Some(path)) = (used.dockerfile, &used.dockerfile_path) {
            self.questions.insert(Question {
                rule: Cow::Borrowed("project/missing-file"),
                question: format!("What does {path} build? A service is built from it, and it was not supplied"),
                answer: format!("add the file {path}"),
            });
        }
    }

    /// What `${…}` is replaced with: the `.env` beside the Compose file.
    fn interpolation(&self, folder: &str) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let file = self.project.sources.id(&join(folder, ".env")).and_then(|id| self.project.env_file(id));
        for entry in file.map(|file| file.entries.as_slice()).unwrap_or_default() {
            if let Some(value) = &entry.value {
                let read = interpolate(value, &|name| values.get(name).cloned());
                if read.certainty != Certainty::Unknown {
                    values.insert(entry.key.clone(), read.text);
                }
            }
        }
        values
    }

    /// One file, its documents merged, what it includes below it, `extends` followed.
    fn file(&mut self, id: SourceId, environment: &BTreeMap<String, String>, seen: &mut Vec<SourceId>) -> Option<Node> {
        if seen.contains(&id) {
            return None;
        }
        seen.push(id);
        let tree = self.project.tree(id)?;
        let lookup = |name: &str| environment.get(name).cloned();
        let mut root: Option<Node> = None;
        let mut resolver = Resolver::new(id, tree, &lookup, &mut self.budget);
        let mut complete = true;
        for &document in &tree.documents {
            match resolver.node(document) {
                Some(node) if root.is_none() => root = Some(node),
                Some(node) => root = root.map(|base| merge(base, node, &mut Vec::new())),
                None => complete = false,
            }
        }
        let refused = std::mem::take(&mut resolver.refused);
        for (at, written) in refused {
            self.notices.push(self.notice(
                NoticeLevel::Recovered,
                "compose/interpolation",
                at,
                &format!("Compose refuses `{}`", crate::text::shorten(&written, 40)),
                "write `${NAME}`, or `$$` for a dollar sign",
            ));
        }
        if !complete || self.budget == 0 {
            self.budget = 0;
            let at = Location::new(id, Span::at(0));
            self.notices.push(self.notice(
                NoticeLevel::Incomplete,
                "compose/too-many-nodes",
                at,
                "following the aliases of this file makes more nodes than the analysis takes; the rest is not analysed",
                "aliases of aliases multiply: write the values out where they are used",
            ));
        }
        let mut root = root?;
        self.includes(id, &mut root, environment, seen);
        self.extends(id, &mut root, environment, seen);
        seen.pop();
        Some(root)
    }

    fn includes(
        &mut self,
        id: SourceId,
        root: &mut Node,
        environment: &BTreeMap<String, String>,
        seen: &mut Vec<SourceId>,
    ) {
        let place = folder(self.project.path(id));
        let mut paths: Vec<(String, Location)> = Vec::new();
        for item in root.get("include").map(Node::one_or_many).unwrap_or_default() {
            let named = item.get("path").map(Node::one_or_many).unwrap_or(std::slice::from_ref(item));
            paths.extend(named.iter().filter_map(|node| Some((node.text()?.to_owned(), node.at()))));
        }
        for (path, at) in paths {
            match self.project.sources.id(&join(place, &path)) {
                Some(included) => {
                    if let Some(below) = self.file(included, environment, seen) {
                        let above = root.clone();
                        *root = merge(below, above, &mut Vec::new());
                    }
                }
                None => self.not_supplied(&join(place, &path), at),
            }
        }
    }

    fn extends(
        &mut self,
        id: SourceId,
        root: &mut Node,
        environment: &BTreeMap<String, String>,
        seen: &mut Vec<SourceId>,
    ) {
        let Some(services) = root.get("services").cloned() else { return };
        let mut done: BTreeMap<String, Node> = BTreeMap::new();
        for entry in services.entries() {
            let node = self.extended(id, &services, entry, environment, seen, 0);
            done.insert(entry.key.clone(), node);
        }
        if let Value::Mapping(entries) = &mut root.value {
            for entry in entries.iter_mut().filter(|entry| entry.key == "services") {
                if let Value::Mapping(services) = &mut entry.node.value {
                    for service in services {
                        if let Some(node) = done.remove(&service.key) {
                            service.node = node;
                        }
                    }
                }
            }
        }
    }

    fn extended(
        &mut self,
        id: SourceId,
        services: &Node,
        entry: &Entry,
        environment: &BTreeMap<String, String>,
        seen: &mut Vec<SourceId>,
        depth: usize,
    ) -> Node {
        let Some(extends) = entry.node.get("extends").filter(|_| depth < 16) else { return entry.node.clone() };
        let name = extends.text().or_else(|| extends.get("service").and_then(Node::text));
        let (Some(name), file) = (name, extends.get("file").and_then(Node::text)) else { return entry.node.clone() };
        let base = match file {
            None => services
                .entry(name)
                .filter(|base| base.key != entry.key)
                .map(|base| self.extended(id, services, base, environment, seen, depth + 1)),
            Some(file) => {
                let path = join(folder(self.project.path(id)), file);
                match self.project.sources.id(&path) {
                    Some(other) => {
                        self.file(other, environment, seen).and_then(|root| root.get("services")?.get(name).cloned())
                    }
                    None => {
                        self.not_supplied(&path, extends.at());
                        None
                    }
                }
            }
        };
        let mut node = match base {
            Some(base) => merge(base, entry.node.clone(), &mut vec!["services".to_owned(), entry.key.clone()]),
            None => entry.node.clone(),
        };
        // Done with: a file that includes this one must not follow it again from its own folder.
        if let Value::Mapping(entries) = &mut node.value {
            entries.retain(|entry| entry.key != "extends");
        }
        node
    }

    /// `environment` over the `env_file`s; a later file wins over an earlier one.
    fn environment(&mut self, spec: &ServiceSpec, folder: &str) -> Vec<EnvVar> {
        let mut variables: Vec<EnvVar> = spec.environment.clone();
        for file in spec.env_files.iter().rev() {
            let path = join(folder, &file.path.text);
            match self.project.sources.id(&path) {
                Some(id) => {
                    let entries = self.project.env_file(id).map(|file| file.entries.as_slice()).unwrap_or_default();
                    for entry in entries.iter().rev() {
                        if !variables.iter().any(|known| known.key == entry.key) {
                            variables.push(env_entry(id, entry));
                        }
                    }
                }
                None if file.required && file.path.is_known() => {
                    self.questions.insert(Question {
                        rule: Cow::Borrowed("project/missing-file"),
                        question: format!(
                            "What does {path} set? A service reads its environment from it, and it was not supplied"
                        ),
                        answer: format!("add the file {path}"),
                    });
                }
                None => {}
            }
        }
        variables
    }

    fn not_supplied(&mut self, path: &str, at: Location) {
        self.notices.push(self.notice(
            NoticeLevel::Incomplete,
            "compose/missing-file",
            at,
            &format!(
                "{} was not supplied; services that come from it are not analysed",
                crate::text::shorten(path, 80)
            ),
            "add the file",
        ));
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

fn env_entry(id: SourceId, entry: &crate::syntax::dotenv::Entry) -> EnvVar {
    EnvVar {
        key: entry.key.clone(),
        key_at: Location::new(id, entry.key_span),
        value: entry.value.as_ref().map(|value| Text {
            text: value.clone(),
            certainty: Certainty::Known,
            variables: Vec::new(),
            at: Location::new(id, entry.value_span.unwrap_or(entry.key_span)),
        }),
        origin: EnvOrigin::EnvFile,
    }
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
                let context = target.and_then(Context::of_name);
                views.push(of_dockerfile(
                    project,
                    id,
                    used,
                    target.filter(|_| by_compose || stages.len() > 1),
                    context,
                ));
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
    context: Option<Context>,
) -> View {
    let path = project.path(id);
    let first = project.dockerfile(id).and_then(|file| file.instructions.first());
    let spec =
        ServiceSpec::of_dockerfile(path, Location::new(id, first.map_or(Span::at(0), |first| first.keyword_span)));
    let context = context.or_else(|| Context::of_name(file_name(path))).unwrap_or(Context::Unknown);
    let image_use = build::image_use(None, Some(&used));
    let service = Service {
        spec,
        context,
        image_use,
        build_use: Some(used),
        variables: Vec::new(),
        role: super::Role::UNKNOWN,
        needs: Vec::new(),
    };
    View {
        name: target.map_or_else(|| path.to_owned(), |target| format!("{path} ({target})")),
        folder: folder(path).to_owned(),
        files: vec![id],
        context,
        services: vec![service],
        networks: Vec::new(),
        volumes: Vec::new(),
        secrets: Vec::new(),
        configs: Vec::new(),
        standalone: true,
    }
}
