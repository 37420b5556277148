//! The one step that looks across files: which files belong to one deployment, which service is built from which Dockerfile stage,
//! what is copied into it, who it runs as, and what it is for. Read-only once made.

mod app_mode;
mod app_servers;
mod attacked;
mod baked;
mod build;
mod build_secrets;
mod code_mounts;
mod code_volume;
mod command_line;
mod committed;
mod composer;
mod composer_runs;
mod consistency;
mod consoles;
mod container_commands;
mod container_files;
mod container_ini;
mod context;
mod copied;
mod credentials;
mod crons;
mod daemon_gaps;
mod data_ports;
mod data_services;
mod database_consoles;
mod debug_packages;
mod delivery;
mod deployed;
mod docker_group;
mod docroot;
mod downloads;
mod drift;
mod edit;
mod egress;
mod embedded;
mod engine_api;
mod environment;
mod environment_pages;
mod environments;
mod executable_data;
mod exposure;
mod external_networks;
mod fallbacks;
mod fpm;
mod fpm_budget;
mod fpm_peers;
mod framework_keys;
mod frozen;
mod git_ignore;
mod hardening;
mod health;
mod host_gateway;
mod host_paths;
mod images;
mod internal_networks;
mod intrusion;
mod leaks;
mod leftovers;
mod limits;
mod line_target;
mod load;
mod logs;
mod namespaces;
mod needs;
mod network;
mod notices;
mod open_basedir;
mod over_exposed;
mod override_files;
mod own_images;
mod ownership;
mod parsers;
mod permissions;
mod php_app;
mod php_arguments;
mod php_debug;
mod php_image;
mod php_ini;
mod php_misplaced;
mod php_settings;
mod php_values;
mod pipelines;
mod plan;
mod privileges;
mod processes;
mod redis;
mod redis_commands;
mod redis_duties;
mod referenced;
mod resolved;
mod reused;
mod roles;
mod root;
mod running;
mod sail;
mod scans;
mod scripts;
mod secret_delivery;
mod secrets;
mod shortcuts;
mod socket_proxies;
mod ssh_server;
mod start;
mod start_commands;
mod substitutions;
mod toolbox;
mod transport;
mod users;
mod views;
mod vulnerable_packages;
mod web;
mod web_edit;
mod web_exposure;
mod web_front;
mod web_writable;
mod wordpress;

pub use app_mode::{ModeKind, RiskyMode};
pub use app_servers::ServerFlaw;
pub use attacked::AttackedComponent;
pub use baked::{BakedBy, BakedSecret};
pub use build::{BuildUse, ImageUse};
pub use build_secrets::{ComposerLogin, SecretArgument, unseen_secret_arguments};
pub use code_mounts::{CodeMount, overlap};
pub use code_volume::CodeVolume;
pub use command_line::ProcessSecret;
pub use committed::{Committed, LooseToken};
pub use composer::{Constraint, Locked};
pub use composer_runs::{ComposerRun, LockUse};
pub use consoles::Console;
pub use container_files::{ContainerFile, ContainerFiles, Piece};
pub use container_ini::{ContainerVariable, IniEvent};
pub use context::{Context, Evidence};
pub use copied::{Copied, CopySource};
pub use credentials::{SuperuserLogin, WeakCredential, Weakness};
pub use crons::ScheduledJob;
pub use daemon_gaps::DaemonGap;
pub use data_services::{DataProduct, OpenDoor};
pub use database_consoles::{OpenBy, OpenConsole};
pub use debug_packages::DebugPackage;
pub use delivery::{ImageScan, PushedImage, Stretches};
pub use deployed::{Deployment, Difference, Direction, Standing};
pub use docker_group::{Access, Admission};
pub use docroot::{PlacedFile, PlacedFolder};
pub use downloads::{Download, Unchecked, Use};
pub use drift::{Drift, DriftChange, MassChange};
pub use engine_api::{EngineListener, EngineUse};
pub use environments::HostEnvironment;
pub use executable_data::ExecutableData;
pub use exposure::Route;
pub use external_networks::{Foreign, Stranger};
pub use fallbacks::Fallback;
pub use fpm::{Directive, FpmConfiguration, FpmListen, FpmPool, PoolSetting};
pub use fpm_budget::FpmBudget;
pub use framework_keys::{FrameworkKey, KeyFault};
pub use frozen::{Frozen, FrozenWith};
pub use hardening::Dropped;
pub use health::HealthSource;
pub use host_gateway::GatewayName;
pub use host_paths::{HostMount, first_clause, raw_device, severity_of};
pub use images::{ImagePart, UsedImage, nearest_supported};
pub use intrusion::{AddedCode, AddedKind};
pub use leaks::{Leak, LeakKind};
pub use leftovers::{Danger, is_kept};
pub use limits::{Limit, LogKeeping};
pub use line_target::LineTarget;
pub use logs::{LogFault, LogFile, Signal};
pub use needs::Need;
pub use network::{Reach, pair};
pub use over_exposed::{Exposed, Exposure};
pub use override_files::{Leftover, StartedWithOverride};
pub use own_images::OwnImages;
pub use ownership::OwnedCode;
pub use parsers::Parser;
pub use permissions::WorldWritable;
pub use php_app::{ApplicationEnvironment, ApplicationVariable, Framework, PhpApp};
pub use php_arguments::RequestArguments;
pub use php_debug::{DevelopmentServer, Xdebug, XdebugMode};
pub use php_image::{Layout, layout};
pub use php_ini::IniSource;
pub use php_misplaced::{Ineffective, IneffectiveWhy};
pub use php_settings::{PhpSettings, Sapi, Setting, SettingOrigin, php_bool, php_bytes};
pub use php_values::SettingSource;
pub use pipelines::{BuiltBy, PipelineBuild};
pub use plan::NetworkPlan;
pub use privileges::{CronStart, FpmRootOption, PrivilegeGain};
pub use processes::{Process, ProcessManager, SupervisorUse};
pub use redis::RedisSettings;
pub use redis_commands::{OpenSwitch, PowerfulUser, RedisCommands};
pub use redis_duties::{MixedRedis, RedisDuty};
pub use reused::{ReusedSecret, SharedValue};
pub use roles::{Group, Role};
pub use root::{PhpWorker, RootOverride};
pub use sail::Sail;
pub use scripts::{Automation, Change, DockerLine, ManualChange, ShellUnit};
pub use secrets::{
    CommandSecret, ComposeSecret, Secret, SecretKind, secret_in, secrets_in_command_line, secrets_in_script,
};
pub use socket_proxies::Passed;
pub use ssh_server::SshServer;
pub use start_commands::StartCommand;
pub use toolbox::{Tool, ToolKind, Wasteful};
pub use transport::PlainHttp;
pub use users::{DecidedBy, EffectiveUser, MainCommand, Privilege};
pub use vulnerable_packages::{AbandonedPackage, VulnerablePackage};
pub use web::{AdminEndpoint, Web, WebSource};
pub use web_exposure::{ExposedFile, ServedApplication, UploadFolder};
pub use web_front::{RequestParameter, trusts_everybody};
pub use wordpress::{WordpressConfig, WordpressConstant};

use crate::date::Date;
use crate::detect::{self, Kind};
use crate::facts::Facts;
use crate::finding::{Notice, Question};
use crate::model::compose::{EnvVar, Network, Resource, ServiceSpec, Text};
use crate::model::inventory::Snapshot;
use crate::model::scans::Report;
use crate::policy::{self, Policy};
use crate::source::{Location, SourceId, Sources};
use crate::syntax::{
    apache, caddyfile, crontab, dockerfile, dockerignore, dotenv, ini, inventory, jenkinsfile, json, makefile, nginx,
    php, redis_acl, redis_conf, script, yaml,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;

/// One file: its format and its tree.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub source: SourceId,
    /// Its format.
    pub kind: Kind,
    /// Its tree.
    pub parsed: Parsed,
}

/// A file's tree, by format.
#[derive(Debug)]
pub enum Parsed {
    /// A Dockerfile.
    Dockerfile(dockerfile::Dockerfile),
    /// A Compose file, a pipeline, RoadRunner's configuration.
    Yaml(yaml::Tree),
    /// An environment file.
    DotEnv(dotenv::DotEnv),
    /// An ignore file.
    DockerIgnore(dockerignore::DockerIgnore),
    /// php.ini, conf.d, FPM pools.
    Ini(ini::Ini),
    /// nginx configuration.
    Nginx(nginx::Nginx),
    /// Redis configuration.
    RedisConf(redis_conf::RedisConf),
    /// Redis users.
    RedisAcl(redis_acl::RedisAcl),
    /// Apache httpd.
    Apache(apache::Apache),
    /// Caddy.
    Caddyfile(caddyfile::Caddyfile),
    /// A crontab.
    Crontab(crontab::Crontab),
    /// PHP source.
    Php(php::Php),
    /// A Jenkins pipeline.
    Jenkinsfile(jenkinsfile::Jenkinsfile),
    /// A Makefile.
    Makefile(makefile::Makefile),
    /// A shell script.
    Script(script::Script),
    /// composer.json, composer.lock, daemon.json, scan reports.
    Json(json::Json),
    /// Output of `docker` commands.
    Inventory(inventory::Inventory),
    /// Known, not parsed.
    Nothing,
}

/// A deployment: the Compose files that are read together, and the services that result.
#[derive(Debug)]
pub struct View {
    /// `default`, `base`, the `<x>` of `compose.<x>.yaml`, or the file's name.
    pub name: String,
    /// The folder that relative paths start from.
    pub folder: String,
    /// Its files in the order they are merged.
    pub files: Vec<SourceId>,
    /// What kind of deployment it is.
    pub context: Context,
    /// What tells the context; `None` when nothing does.
    pub context_evidence: Option<Evidence>,
    /// The project's name: `COMPOSE_PROJECT_NAME` of the `.env`, else `name`. Without both the engine takes the folder's.
    pub project_name: Option<Text>,
    /// Profiles that `COMPOSE_PROFILES` of the `.env` switches on.
    pub active_profiles: Vec<String>,
    /// Whether a file that it is made of was not supplied: what it does not define may be defined there.
    pub open: bool,
    /// Its services, in order.
    pub services: Vec<Service>,
    /// Its declared networks.
    pub networks: Vec<Network>,
    /// Its declared volumes.
    pub volumes: Vec<Resource>,
    /// Its declared secrets.
    pub secrets: Vec<Resource>,
    /// Its declared configs.
    pub configs: Vec<Resource>,
    /// A Dockerfile that no Compose file builds, seen as a deployment of one service.
    pub standalone: bool,
    /// Names of the images that its services build, with the first service that does.
    built: BTreeMap<String, usize>,
}

impl View {
    /// A deployment in which nothing is declared yet.
    pub(crate) fn new(name: String, folder: String, files: Vec<SourceId>, context: Context) -> Self {
        Self {
            name,
            folder,
            files,
            context,
            context_evidence: None,
            project_name: None,
            active_profiles: Vec::new(),
            open: false,
            services: Vec::new(),
            networks: Vec::new(),
            volumes: Vec::new(),
            secrets: Vec::new(),
            configs: Vec::new(),
            standalone: false,
            built: BTreeMap::new(),
        }
    }

    /// Remembers who builds which image: every rule asks for it.
    fn index_builds(&mut self) {
        let services = self.services.iter().enumerate().rev();
        let built = services.filter(|(_, service)| service.build_use.is_some());
        self.built = built.filter_map(|(at, service)| Some((service.image.as_ref()?.text.clone(), at))).collect();
    }

    /// A declared network.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.name == name)
    }
}

/// One service of a view: what Compose says, joined with what the other files say.
#[derive(Debug)]
pub struct Service {
    /// What Compose says.
    pub spec: ServiceSpec,
    /// What kind of deployment it is part of.
    pub context: Context,
    /// What tells the context; `None` when nothing does.
    pub context_evidence: Option<Evidence>,
    /// The image it runs or is built from.
    pub image_use: ImageUse,
    /// The Dockerfile it is built from.
    pub build_use: Option<BuildUse>,
    /// `environment` over `env_file`s, each key once, in order.
    pub variables: Vec<EnvVar>,
    /// What it is for.
    pub role: Role,
    /// What tells the role; `None` when nothing does.
    pub role_evidence: Option<Evidence>,
    /// The web server it runs.
    pub web: Option<Web>,
    /// Which services it has to reach.
    pub needs: Vec<Need>,
}

impl Deref for Service {
    type Target = ServiceSpec;
    fn deref(&self) -> &ServiceSpec {
        &self.spec
    }
}

impl Service {
    /// A service of which only its own declaration and its image are known.
    pub(crate) fn new(spec: ServiceSpec, context: Context, image_use: ImageUse) -> Self {
        Self {
            spec,
            context,
            context_evidence: None,
            image_use,
            build_use: None,
            variables: Vec::new(),
            role: Role::UNKNOWN,
            role_evidence: None,
            web: None,
            needs: Vec::new(),
        }
    }

    /// A variable of its environment.
    #[must_use]
    pub fn variable(&self, key: &str) -> Option<&EnvVar> {
        self.variables.iter().find(|variable| variable.key == key)
    }
}

/// A service together with its view and project: what a rule asks its questions to.
#[derive(Clone, Copy, Debug)]
pub struct ServiceRef<'p, 'a> {
    project: &'p Project<'a>,
    view: &'p View,
    service: &'p Service,
}

impl Deref for ServiceRef<'_, '_> {
    type Target = Service;
    fn deref(&self) -> &Service {
        self.service
    }
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The view it belongs to.
    #[must_use]
    pub fn view(&self) -> &'p View {
        self.view
    }

    /// The service itself, for what has to outlive this reference.
    #[must_use]
    pub fn service(&self) -> &'p Service {
        self.service
    }

    /// The project it belongs to.
    #[must_use]
    pub fn project(&self) -> &'p Project<'a> {
        self.project
    }

    /// The other services of its view.
    pub fn others(self) -> impl Iterator<Item = ServiceRef<'p, 'a>> {
        self.project.services_of(self.view).filter(move |other| other.name != self.name)
    }

    /// Whether the view starts it with the profiles that are switched on.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        let active: Vec<&str> = self.view.active_profiles.iter().map(String::as_str).collect();
        self.runs_with(&active)
    }

    /// Networks it is on, `default` when it names none, none with a `network_mode`.
    #[must_use]
    pub fn network_names(&self) -> Vec<&'p str> {
        if self.network_mode.is_some() {
            return Vec::new();
        }
        if self.service.networks.is_empty() {
            return vec!["default"];
        }
        self.service.spec.networks.iter().map(|membership| membership.network.as_str()).collect()
    }

    /// Whether the two can open sockets to each other over a common network.
    #[must_use]
    pub fn shares_network(&self, other: ServiceRef<'_, '_>) -> bool {
        let mine = self.network_names();
        other.network_names().iter().any(|name| mine.contains(name))
    }

    /// Whether every network it is on is `internal`: then nothing it publishes is reachable.
    #[must_use]
    pub fn only_internal_networks(&self) -> bool {
        let names = self.network_names();
        !names.is_empty() && names.iter().all(|name| self.view.network(name).is_some_and(|network| network.internal))
    }

    /// Whether it is used and thrown away: by a script in the foreground, or by a pipeline for the time of a job. Such a container
    /// serves nobody; what it is given of the host matters all the same.
    #[must_use]
    pub fn is_short_lived(&self) -> bool {
        self.one_shot.is_some()
    }

    /// Whether it runs once and ends: nothing restarts it, and another service waits for its completion, or its command says so.
    #[must_use]
    pub fn is_one_shot(&self) -> bool {
        if self.one_shot.is_some() {
            return true;
        }
        let restarts =
            self.restart.as_ref().is_some_and(|policy| policy.text != "no" && !policy.text.starts_with("on-failure"));
        let awaited = self.others().any(|other| {
            other.depends_on.iter().any(|dependency| {
                dependency.service == self.name && dependency.condition == "service_completed_successfully"
            })
        });
        let tool = self
            .profiles
            .iter()
            .any(|profile| matches!(profile.text.as_str(), "tools" | "tool" | "init" | "manual" | "cli"));
        !restarts && (awaited || tool)
    }
}

/// Everything the files say, joined.
#[derive(Debug)]
pub struct Project<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The day the analysis is made for.
    pub today: Date,
    /// What is known of the world outside: ask this, not the tables, for what a user may know better.
    pub facts: &'a Facts,
    /// One entry for each text, in the order of [`SourceId`]; texts inside others come last.
    pub files: Vec<File>,
    /// The deployments.
    pub views: Vec<View>,
    /// What runs, as commands have recorded it.
    pub inventory: Snapshot,
    /// What the organisation asks for.
    policy: Policy,
    /// Reports of scans, and bills of materials.
    pub scans: Vec<Report>,
    /// Which containers are which running service.
    running: running::Index,
    /// What the input itself gave rise to.
    pub notices: Vec<Notice>,
    /// Files with syntax errors.
    broken: BTreeSet<SourceId>,
    /// What no supplied file answers.
    pub questions: Vec<Question>,
    /// What scripts and pipelines run.
    automation: Automation,
    /// Bytes that trying edits may still read.
    trial_bytes: Cell<usize>,
    /// Files of build contexts that were judged already, by context and name.
    judged_files: RefCell<BTreeMap<(String, String), Option<leaks::Judged>>>,
    /// Configuration files of containers that were gathered already, by service.
    container_files: RefCell<BTreeMap<container_files::FilesKey, Rc<ContainerFiles>>>,
    /// Plans of networks that were made already, by view.
    network_plans: RefCell<BTreeMap<usize, Option<Rc<NetworkPlan>>>>,
}

/// What trying edits may read: a hundred edits of the largest real Dockerfile.
const TRIAL_BYTES: usize = 8 << 20;

impl<'a> Project<'a> {
    /// Parses and joins, with the built-in tables.
    #[must_use]
    pub fn new(sources: &'a Sources, today: Date) -> Self {
        Self::with_facts(sources, today, Facts::built_in())
    }

    /// Parses and joins.
    #[must_use]
    pub fn with_facts(sources: &'a Sources, today: Date, facts: &'a Facts) -> Self {
        let mut files: Vec<File> = (0..sources.len())
            .map(|index| parse(sources, SourceId(u32::try_from(index).unwrap_or(u32::MAX))))
            .collect();
        referenced::recognise(sources, &mut files);
        embedded::read(sources, &mut files);
        let mut project = Self {
            sources,
            today,
            facts,
            files,
            views: Vec::new(),
            inventory: Snapshot::default(),
            policy: Policy::default(),
            scans: Vec::new(),
            running: running::Index::default(),
            notices: Vec::new(),
            broken: BTreeSet::new(),
            questions: Vec::new(),
            automation: Automation::default(),
            trial_bytes: Cell::new(TRIAL_BYTES),
            judged_files: RefCell::default(),
            container_files: RefCell::default(),
            network_plans: RefCell::default(),
        };
        project.notices = notices::about_input(&project);
        let errors = project.notices.iter().filter(|notice| notice.code.starts_with("syntax/"));
        project.broken = errors.filter_map(|notice| notice.at).map(|at| at.source).collect();
        project.policy = project.read_policy();
        project.inventory = running::read(&project);
        project.running = running::index(&project.inventory);
        project.scans = scans::read(&project);
        project.automation = scripts::read(&project);
        views::build(&mut project);
        project.views.iter_mut().for_each(View::index_builds);
        project.notices.extend(running::notices(&project));
        project.questions.extend(running::questions(&project));
        roles::assign(&mut project);
        web::assign(&mut project);
        needs::assign(&mut project);
        project
    }

    /// What the organisation asks for; nothing without a `plimsoll.toml`.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The policy that the user names counts, else the one nearest to the root; others of a tree are named.
    fn read_policy(&mut self) -> Policy {
        if let Some(named) = self.sources.named_policy() {
            let (policy, notices) = policy::read(named, self.path(named), self.text(named));
            // It is not there because the tree says so.
            self.notices.extend(notices.into_iter().filter(|notice| notice.code != policy::plugins::NOT_LOADED));
            return policy;
        }
        let mut files: Vec<SourceId> = self.files_of(Kind::Policy).map(|file| file.source).collect();
        files.sort_by_key(|id| self.path(*id).matches('/').count());
        let mut files = files.into_iter();
        let Some(first) = files.next() else { return Policy::default() };
        let (policy, notices) = policy::read(first, self.path(first), self.text(first));
        self.notices.extend(notices);
        for id in files {
            let nearest = self.path(first).to_owned();
            self.notices.push(notices::second_policy(self.path(id), &nearest));
        }
        policy
    }

    /// A file.
    #[must_use]
    pub fn file(&self, id: SourceId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, id: SourceId) -> &'a str {
        self.sources.get(id).text()
    }

    /// The name of a file.
    #[must_use]
    pub fn path(&self, id: SourceId) -> &'a str {
        self.sources.get(id).path()
    }

    /// A file's tree as a Dockerfile.
    #[must_use]
    pub fn dockerfile(&self, id: SourceId) -> Option<&dockerfile::Dockerfile> {
        match &self.file(id).parsed {
            Parsed::Dockerfile(file) => Some(file),
            _ => None,
        }
    }

    /// A file's tree as YAML.
    #[must_use]
    pub fn tree(&self, id: SourceId) -> Option<&yaml::Tree> {
        match &self.file(id).parsed {
            Parsed::Yaml(tree) => Some(tree),
            _ => None,
        }
    }

    /// A file's tree as an ignore file.
    #[must_use]
    pub fn ignore_file(&self, id: SourceId) -> Option<&dockerignore::DockerIgnore> {
        match &self.file(id).parsed {
            Parsed::DockerIgnore(file) => Some(file),
            _ => None,
        }
    }

    /// A file's tree as an environment file.
    #[must_use]
    pub fn env_file(&self, id: SourceId) -> Option<&dotenv::DotEnv> {
        match &self.file(id).parsed {
            Parsed::DotEnv(file) => Some(file),
            _ => None,
        }
    }

    /// Everything that has a text: the files in the order of their names, then the texts inside others.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (SourceId, &'a crate::source::Source)> {
        self.sources.iter().chain(self.sources.embedded())
    }

    /// Files of a format, in the order of their names.
    pub fn files_of(&self, kind: Kind) -> impl Iterator<Item = &File> {
        self.sources.iter().map(|(id, _)| self.file(id)).filter(move |file| file.kind == kind)
    }

    /// Every service of every view.
    pub fn services(&self) -> impl Iterator<Item = ServiceRef<'_, 'a>> {
        self.views.iter().flat_map(|view| self.services_of(view))
    }

    /// The services of one view.
    pub fn services_of<'p>(&'p self, view: &'p View) -> impl Iterator<Item = ServiceRef<'p, 'a>> {
        view.services.iter().map(move |service| ServiceRef { project: self, view, service })
    }

    /// A service of a view by name.
    #[must_use]
    pub fn service<'p>(&'p self, view: &'p View, name: &str) -> Option<ServiceRef<'p, 'a>> {
        self.services_of(view).find(|service| service.name == name)
    }

    /// Whether a file was read in spite of a syntax error: then an edit may not mean there what it means elsewhere.
    #[must_use]
    pub fn is_broken(&self, id: SourceId) -> bool {
        self.broken.contains(&id)
    }

    /// The text under a location.
    #[must_use]
    pub fn slice(&self, at: Location) -> &'a str {
        self.sources.slice(at)
    }
}

fn parse(sources: &Sources, source: SourceId) -> File {
    let (path, text) = (sources.get(source).path(), sources.get(source).text());
    let kind = detect::kind(path, text);
    let parsed = match kind {
        Kind::Dockerfile => Parsed::Dockerfile(dockerfile::parse(text)),
        Kind::Compose | Kind::GitlabCi | Kind::GithubWorkflow | Kind::RoadRunner => {
            Parsed::Yaml(yaml::parse(text, &yaml::Limits::default()))
        }
        Kind::DotEnv => Parsed::DotEnv(dotenv::parse(text)),
        Kind::DockerIgnore => Parsed::DockerIgnore(dockerignore::parse(text)),
        Kind::PhpIni | Kind::FpmPool => Parsed::Ini(ini::parse(text)),
        Kind::Supervisord => Parsed::Ini(ini::parse_supervisor(text)),
        Kind::Nginx => Parsed::Nginx(nginx::parse(text)),
        Kind::RedisConf => Parsed::RedisConf(redis_conf::parse(text)),
        Kind::RedisAcl => Parsed::RedisAcl(redis_acl::parse(text)),
        Kind::Apache | Kind::Htaccess => Parsed::Apache(apache::parse(text)),
        Kind::Caddyfile => Parsed::Caddyfile(caddyfile::parse(text)),
        Kind::Crontab => Parsed::Crontab(crontab::parse(text)),
        Kind::PhpSource => Parsed::Php(php::parse(text)),
        Kind::Jenkinsfile => Parsed::Jenkinsfile(jenkinsfile::parse(text)),
        Kind::Makefile => Parsed::Makefile(makefile::parse(text)),
        Kind::Script => Parsed::Script(script::parse(text)),
        Kind::ComposerJson | Kind::ComposerLock | Kind::DaemonJson | Kind::ScanReport => {
            Parsed::Json(json::parse(text))
        }
        Kind::Inventory => Parsed::Inventory(inventory::parse(text)),
        // Read by `policy`, which keeps no tree.
        Kind::Policy | Kind::Other => Parsed::Nothing,
    };
    File { source, kind, parsed }
}
