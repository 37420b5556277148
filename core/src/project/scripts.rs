//! What scripts, Makefiles, pipelines and crontabs run: every shell command, every line of `docker` and its kin, the containers such
//! lines start, and what they change in containers that run.

#[cfg(test)]
mod tests;

use super::{Context, Parsed, Project, View, pipelines};
use crate::detect::Kind;
use crate::model::ci::{self, Pipeline};
use crate::model::compose::{self, Network, ServiceSpec, Text};
use crate::model::docker_cli::{
    Action, ComposeVerb, CopyPlace, Exec, Invocation, Run, Scope, name_of_image, read as read_line, service_entry,
};
use crate::source::{Location, SourceId, folder, join};
use crate::syntax::crontab;
use crate::syntax::shell::{self, Command, Piece, Place, SourceMap};
use std::collections::{BTreeMap, BTreeSet};

/// What expansion of variables may add, for all lines of one analysis.
const EXPANSION_BUDGET: usize = 8 << 20;
/// Lines of `docker` that are kept for one analysis.
const MAX_LINES: usize = 20_000;
/// Longer paths are not followed by `cd`.
const MAX_PATH: usize = 1024;
/// Services made of the lines of one file.
const MAX_SERVICES: usize = 100;

/// Everything that scripts and pipelines run.
#[derive(Debug, Default)]
pub struct Automation {
    pipelines: Vec<Pipeline>,
    units: Vec<ShellUnit>,
    lines: Vec<DockerLine>,
    /// Tags that a line of a script or pipeline builds, with the line.
    built_tags: BTreeMap<String, usize>,
}

/// Shell text that runs as one: a script, the recipe of a target, a script of a job, a line of a crontab.
#[derive(Clone, Debug)]
pub struct ShellUnit {
    /// Its file.
    pub source: SourceId,
    /// The target, job or stage.
    pub name: Option<String>,
    /// What kind of deployment it works on.
    pub context: Context,
    /// Whether a pipeline runs it.
    pub in_pipeline: bool,
    /// What it runs, and what that hands to other shells; spans of the file.
    pub pieces: Vec<Piece>,
    /// What its variables stand for.
    pub scope: Scope,
    /// The folder it starts in, as far as the files tell.
    pub folder: String,
}

impl ShellUnit {
    /// Every command with the piece it belongs to.
    pub fn commands(&self) -> impl Iterator<Item = (&Piece, &Command)> {
        self.pieces.iter().flat_map(|piece| piece.script.commands.iter().map(move |command| (piece, command)))
    }
}

/// A line of `docker` or its kin.
#[derive(Clone, Debug)]
pub struct DockerLine {
    /// What it does.
    pub invocation: Invocation,
    /// The unit it belongs to, as an index into [`Project::shell_units`].
    pub unit: usize,
    /// The piece of the unit.
    pub piece: usize,
    /// Where it runs.
    pub place: Place,
    /// What kind of deployment it works on.
    pub context: Context,
    /// Whether a pipeline runs it.
    pub in_pipeline: bool,
    /// Folders of the project that it may run in, the likeliest first.
    pub folders: Vec<String>,
    /// Pieces of the unit that it runs in a container: its `sh -c`, its here-document.
    inside: Vec<usize>,
}

/// What is changed in a container that runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Packages of the system or extensions of PHP are installed.
    Packages,
    /// Code or its dependencies are fetched: `composer install`, `git pull`, `npm ci`.
    Code,
    /// Owners or permissions are changed.
    Permissions,
    /// Files are edited or fetched.
    Files,
    /// A process is told to take changes in.
    Reload,
    /// Files are copied in with `cp`.
    Copy,
    /// An image is made of it: `commit`, `export`.
    Commit,
    /// Nothing by itself, but it is entered as root or privileged.
    Elevated,
}

/// A change to a container that runs, written into a script.
#[derive(Clone, Debug)]
pub struct ManualChange<'p> {
    /// What is changed.
    pub change: Change,
    /// The program that changes it: `apt-get`, `chmod`, `docker cp`.
    pub program: String,
    /// The container, or the service of `compose`.
    pub container: Option<&'p Text>,
    /// Where it enters as root.
    pub as_root: Option<Location>,
    /// Where it enters privileged.
    pub privileged: Option<Location>,
    /// The command that makes the change; inside of `sh -c` the inner one.
    pub at: Location,
    /// The line of `docker`.
    pub line: &'p DockerLine,
}

impl Project<'_> {
    /// The pipelines, in the order of their files.
    #[must_use]
    pub fn pipelines(&self) -> &[Pipeline] {
        &self.automation.pipelines
    }

    /// All shell text that scripts, Makefiles, pipelines and crontabs run.
    #[must_use]
    pub fn shell_units(&self) -> &[ShellUnit] {
        &self.automation.units
    }

    /// All lines of `docker` and its kin, each place once.
    #[must_use]
    pub fn docker_lines(&self) -> &[DockerLine] {
        &self.automation.lines
    }

    /// The unit that a line belongs to.
    #[must_use]
    pub fn unit_of(&self, line: &DockerLine) -> Option<&ShellUnit> {
        self.automation.units.get(line.unit)
    }

    /// The line of a script or a pipeline that builds an image of this name.
    #[must_use]
    pub fn line_that_builds(&self, image: &str) -> Option<&DockerLine> {
        self.automation.lines.get(*self.automation.built_tags.get(&full_name(image))?)
    }

    /// Whether a view's services come from a script or a pipeline.
    #[must_use]
    pub fn is_scripted(&self, view: &View) -> bool {
        view.files.first().is_some_and(|id| is_automation(self.file(*id).kind))
    }

    /// What scripts change in containers that run. Commands on data are left out: migrations, dumps, caches.
    #[must_use]
    pub fn manual_changes(&self) -> Vec<ManualChange<'_>> {
        let mut found = Vec::new();
        for line in &self.automation.lines {
            match &line.invocation.action {
                Action::Exec(exec) => self.changes_of_exec(line, exec, &mut found),
                Action::Compose(compose) => match &compose.verb {
                    ComposeVerb::Exec(exec) => self.changes_of_exec(line, exec, &mut found),
                    ComposeVerb::Copy(copy) => found.extend(copied_in(line, &copy.to)),
                    _ => {}
                },
                Action::Copy(copy) => found.extend(copied_in(line, &copy.to)),
                Action::Commit { container, .. } => {
                    found.push(change(Change::Commit, "docker commit", container.as_ref(), line));
                }
                Action::Archive(verb, named) if verb == "export" => {
                    found.push(change(Change::Commit, "docker export", named.first(), line));
                }
                _ => {}
            }
        }
        found
    }

    fn changes_of_exec<'p>(&'p self, line: &'p DockerLine, exec: &'p Exec, found: &mut Vec<ManualChange<'p>>) {
        let as_root = exec.user.as_ref().filter(|user| user.is_root_user()).map(|user| user.at);
        let source = line.invocation.at.source;
        let before = found.len();
        let mut add = |(change, program): (Change, String), at: Location| {
            found.push(ManualChange {
                change,
                program,
                container: exec.container.as_ref(),
                as_root,
                privileged: exec.privileged,
                at,
                line,
            });
        };
        let words: Vec<&str> = exec.command.iter().map(|arg| arg.text()).collect();
        if let Some(judged) = judge(&words) {
            add(judged, line.invocation.at);
        }
        for command in self.commands_inside(line) {
            let words: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
            if let Some(judged) = judge(&words) {
                add(judged, Location::new(source, command.span));
            }
        }
        let quiet = found.len() == before;
        if quiet && (as_root.is_some() || exec.privileged.is_some()) {
            let program = words.first().copied().unwrap_or("").to_owned();
            found.push(ManualChange {
                change: Change::Elevated,
                program,
                container: exec.container.as_ref(),
                as_root,
                privileged: exec.privileged,
                at: line.invocation.at,
                line,
            });
        }
    }

    /// Commands that a line's own `sh -c` or here-document runs in the container.
    fn commands_inside<'p>(&'p self, line: &'p DockerLine) -> impl Iterator<Item = &'p Command> {
        let pieces = self.unit_of(line).map_or(&[][..], |unit| unit.pieces.as_slice());
        line.inside.iter().filter_map(|index| pieces.get(*index)).flat_map(|piece| &piece.script.commands)
    }
}

fn change<'p>(change: Change, program: &str, container: Option<&'p Text>, line: &'p DockerLine) -> ManualChange<'p> {
    let at = line.invocation.at;
    ManualChange { change, program: program.to_owned(), container, as_root: None, privileged: None, at, line }
}

fn copied_in<'p>(line: &'p DockerLine, to: &'p CopyPlace) -> Option<ManualChange<'p>> {
    match to {
        CopyPlace::Container(name, _) => Some(change(Change::Copy, "docker cp", Some(name), line)),
        CopyPlace::Host(_) => None,
    }
}

/// What a command changes in the container it runs in, and the program; `None` when it only reads, or works on data.
pub(super) fn judge(words: &[&str]) -> Option<(Change, String)> {
    let (program, args) = words.split_first()?;
    let name = crate::source::file_name(program);
    let verb = args.iter().copied().find(|word| !word.starts_with('-')).unwrap_or("");
    let has = |wanted: &[&str]| args.iter().any(|word| wanted.contains(word));
    let change = match name {
        "apt-get" | "apt" | "aptitude" | "yum" | "dnf" | "microdnf" | "apk"
            if matches!(
                verb,
                "install" | "update" | "upgrade" | "dist-upgrade" | "add" | "del" | "remove" | "purge" | "build-dep"
            ) =>
        {
            Change::Packages
        }
        "pecl" | "pear" | "pip" | "pip3" | "gem" if matches!(verb, "install" | "upgrade" | "uninstall") => {
            Change::Packages
        }
        "docker-php-ext-install" | "docker-php-ext-enable" | "docker-php-ext-configure" | "install-php-extensions" => {
            Change::Packages
        }
        "composer" | "composer.phar"
            if matches!(
                verb,
                "install" | "i" | "update" | "u" | "upgrade" | "require" | "remove" | "create-project"
            ) =>
        {
            Change::Code
        }
        "npm" | "yarn" | "pnpm" if matches!(verb, "i" | "install" | "ci" | "add" | "update" | "upgrade") => {
            Change::Code
        }
        "yarn" if verb.is_empty() => Change::Code,
        "git" if matches!(verb, "pull" | "checkout" | "reset" | "clone" | "merge" | "switch") => Change::Code,
        "wp" if matches!(verb, "plugin" | "theme" | "core" | "language")
            && has(&["install", "update", "delete", "download"]) =>
        {
            Change::Code
        }
        "chmod" | "chown" | "chgrp" | "setfacl" => Change::Permissions,
        "vi" | "vim" | "nano" | "ed" | "tee" | "patch" => Change::Files,
        "sed" | "perl" if args.iter().any(|word| word.starts_with("-i") || word.starts_with("--in-place")) => {
            Change::Files
        }
        "curl"
            if args
                .iter()
                .any(|word| matches!(*word, "-o" | "-O" | "--output" | "--remote-name") || word.starts_with("-o")) =>
        {
            Change::Files
        }
        "wget" if !args.iter().any(|word| word.contains("O-") || *word == "-" || *word == "--spider") => Change::Files,
        "kill" if args.iter().any(|word| word.contains("USR2") || word.contains("HUP")) => Change::Reload,
        "pkill" | "killall" if args.iter().any(|word| word.contains("USR2") || word.contains("HUP")) => Change::Reload,
        "service" | "rc-service" if has(&["reload", "restart", "force-reload"]) => Change::Reload,
        "apachectl" | "apache2ctl" if has(&["graceful", "restart"]) => Change::Reload,
        "nginx" if has(&["reload"]) => Change::Reload,
        "supervisorctl" if has(&["restart", "reload", "update"]) => Change::Reload,
        // `sudo apt-get …`, `php -d x composer.phar install`.
        "sudo" | "env" | "php" => {
            let at = args.iter().position(|word| !word.starts_with('-') && !word.contains('='))?;
            let rest = args.get(at..)?;
            let wrapped = name != "php"
                || rest.first().is_some_and(|word| crate::source::file_name(word).starts_with("composer"));
            return judge(rest).filter(|_| wrapped);
        }
        _ => return None,
    };
    Some((change, name.to_owned()))
}

fn is_automation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Script | Kind::Makefile | Kind::Jenkinsfile | Kind::GitlabCi | Kind::GithubWorkflow | Kind::Crontab
    )
}

/// Reads every file that runs commands.
pub(super) fn read(project: &Project<'_>) -> Automation {
    let mut out = Automation::default();
    for (id, source) in project.sources.iter() {
        let path = source.path();
        match &project.file(id).parsed {
            Parsed::Script(script) => {
                let scope = Scope::default().with(&script.pieces);
                out.units.push(unit(id, path, None, script.pieces.clone(), scope));
            }
            Parsed::Makefile(make) => {
                for rule in &make.rules {
                    let pieces = concatenated(rule.recipe.iter().map(|line| line.pieces.as_slice()));
                    let name = rule.targets.first().map(|target| target.text.clone());
                    let context = name.as_deref().and_then(Context::of_name).filter(|context| context.is_development());
                    let scope = Scope::default().with(&pieces);
                    let own = unit(id, path, name, pieces, scope);
                    out.units.push(ShellUnit { context: context.unwrap_or(own.context), ..own });
                }
            }
            Parsed::Crontab(cron) => out.units.extend(cron_units(project, id, cron)),
            Parsed::Jenkinsfile(file) => out.pipelines.push(ci::jenkins(file, id)),
            Parsed::Yaml(tree) => match project.file(id).kind {
                Kind::GitlabCi => out.pipelines.push(ci::gitlab(tree, source.text(), id)),
                Kind::GithubWorkflow => out.pipelines.push(ci::github(tree, source.text(), id)),
                _ => {}
            },
            _ => {}
        }
    }
    for pipeline in &out.pipelines {
        out.units.extend(pipelines::units(pipeline));
    }
    // A stable sort: the units of one file stay in their order.
    out.units.sort_by_key(|unit| project.path(unit.source));
    lines(project, &mut out);
    out
}

/// Lists of pieces as one; what refers to a piece of its own list keeps doing so.
pub(super) fn concatenated<'p>(lists: impl Iterator<Item = &'p [Piece]>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for list in lists {
        let before = all.len();
        all.extend(list.iter().cloned().map(|mut piece| {
            piece.within = piece.within.map(|index| index + before);
            piece
        }));
    }
    all
}

fn unit(source: SourceId, path: &str, name: Option<String>, pieces: Vec<Piece>, scope: Scope) -> ShellUnit {
    let context = Context::of_script(path).unwrap_or(Context::Unknown);
    ShellUnit { source, name, context, in_pipeline: false, pieces, scope, folder: folder(path).to_owned() }
}

fn cron_units(project: &Project<'_>, id: SourceId, cron: &crontab::Crontab) -> Vec<ShellUnit> {
    let with_user = cron.seems_to_name_users();
    let path = project.path(id);
    let units = cron.entries.iter().map(|entry| {
        let job = entry.job(with_user);
        let text = job.command_span.slice(project.text(id));
        let pieces = shell::follow(text, &SourceMap::verbatim(job.command_span));
        unit(id, path, None, pieces, Scope::default())
    });
    units.collect()
}

/// Finds the lines of all units.
fn lines(project: &Project<'_>, out: &mut Automation) {
    let mut budget = EXPANSION_BUDGET;
    let mut seen: BTreeSet<Location> = BTreeSet::new();
    let mut found = Vec::new();
    for (index, unit) in out.units.iter().enumerate() {
        let mut here = Some(unit.folder.clone());
        for (piece_index, piece) in unit.pieces.iter().enumerate() {
            for command in &piece.script.commands {
                if piece.place == Place::Here && command.program() == Some("cd") {
                    here = changed_folder(here, command, unit, project);
                }
                let at = Location::new(unit.source, command.span);
                if found.len() >= MAX_LINES || seen.contains(&at) {
                    continue;
                }
                let Some(invocation) = read_line(command, &unit.scope, unit.source, &mut budget) else { continue };
                seen.insert(at);
                let mut folders: Vec<String> = Vec::new();
                for folder in here.iter().filter(|_| piece.place == Place::Here).chain([&unit.folder, &String::new()]) {
                    if !folders.contains(folder) {
                        folders.push(folder.clone());
                    }
                }
                found.push(DockerLine {
                    invocation,
                    unit: index,
                    piece: piece_index,
                    place: piece.place.clone(),
                    context: unit.context,
                    in_pipeline: unit.in_pipeline,
                    folders,
                    inside: Vec::new(),
                });
            }
        }
        let first = found.partition_point(|line| line.unit < index);
        assign_pieces(unit, found.get_mut(first..).unwrap_or_default());
    }
    for (index, line) in found.iter().enumerate() {
        if let Action::Build(build) = &line.invocation.action {
            for tag in build.tags.iter().filter(|tag| tag.is_known()) {
                out.built_tags.insert(full_name(&tag.text), index);
            }
        }
    }
    out.lines = found;
}

/// An image's name with its tag.
fn full_name(image: &str) -> String {
    let last = crate::source::file_name(image);
    if last.contains([':', '@']) { image.to_owned() } else { format!("{image}:latest") }
}

/// Gives each piece that runs in a container to the line that starts it: the last one before it in the same text. The argument of
/// `sh -c` stands in its line, a here-document behind.
fn assign_pieces(unit: &ShellUnit, lines: &mut [DockerLine]) {
    let enters = |line: &DockerLine| match &line.invocation.action {
        Action::Exec(_) | Action::Run(_) => true,
        Action::Compose(compose) => matches!(compose.verb, ComposeVerb::Exec(_) | ComposeVerb::Run { .. }),
        _ => false,
    };
    let by_start: BTreeMap<(usize, u32), usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| enters(line))
        .map(|(index, line)| ((line.piece, line.invocation.at.span.start), index))
        .collect();
    for (index, piece) in unit.pieces.iter().enumerate() {
        let Some(within) = piece.within.filter(|_| matches!(piece.place, Place::Container(_))) else { continue };
        let owner = by_start.range((within, 0)..=(within, piece.span.start)).next_back();
        if let Some(line) = owner.and_then(|(_, owner)| lines.get_mut(*owner)) {
            line.inside.push(index);
        }
    }
}

/// Where `cd` leads; `None` when it leaves what the files tell.
fn changed_folder(here: Option<String>, command: &Command, unit: &ShellUnit, project: &Project<'_>) -> Option<String> {
    let to = command.program_args().iter().find(|word| !word.text.starts_with('-') || word.text.len() == 1)?;
    if to.literal {
        return if to.text.starts_with(['/', '~', '-']) {
            None
        } else {
            Some(join(&here?, &to.text)).filter(|path| path.len() <= MAX_PATH)
        };
    }
    // `cd "$(dirname "$0")/.."`: from the folder of the script itself.
    let own = ["dirname", "BASH_SOURCE", "%/*"].iter().any(|part| to.text.contains(part));
    let rest = to.text.rsplit([')', '}']).next().unwrap_or("").trim_start_matches('/');
    own.then(|| join(folder(project.path(unit.source)), rest)).filter(|path| path.len() <= MAX_PATH)
}

/// Views of what scripts and pipelines start: one for each file that starts something, and its services with their contexts.
///
/// A container that is used and thrown away is none, and neither is what a pipeline starts for itself, unless it is given something
/// of the host.
pub(super) fn views(project: &Project<'_>) -> Vec<(View, Vec<(ServiceSpec, Context)>)> {
    let mut by_file: BTreeMap<SourceId, Draft> = BTreeMap::new();
    for line in &project.automation.lines {
        let source = line.invocation.at.source;
        match &line.invocation.action {
            Action::Run(run) => {
                let counts = if line.in_pipeline { run.is_given_host() } else { !run.is_throwaway() };
                if counts {
                    by_file.entry(source).or_default().add(project, run, line.context, line.in_pipeline);
                }
            }
            Action::NetworkCreate(network) => {
                if let Some(name) = network.name.as_ref().filter(|name| name.is_known()) {
                    by_file.entry(source).or_default().networks.push(Network {
                        internal: network.internal,
                        driver: network.driver.as_ref().map(|driver| driver.text.clone()),
                        options: network
                            .options
                            .iter()
                            .filter_map(|option| option.text.split_once('='))
                            .map(|(key, value)| (key.to_owned(), value.to_owned()))
                            .collect(),
                        ..Network::new(name.text.clone(), Some(name.at))
                    });
                }
            }
            _ => {}
        }
    }
    for (source, name, run) in pipelines::containers(project) {
        by_file.entry(source).or_default().add_named(project, &run, &name, Context::Ci, true);
    }
    let mut drafts: Vec<(SourceId, Draft)> =
        by_file.into_iter().filter(|(_, draft)| !draft.services.is_empty()).collect();
    // Ids are numbered as files came in; names say the same whatever the order was.
    drafts.sort_by_key(|(source, _)| project.path(*source));
    drafts
        .into_iter()
        .map(|(source, draft)| {
            let path = project.path(source);
            let pipeline = project.automation.pipelines.iter().any(|pipeline| pipeline.source == source);
            let context = if pipeline { Context::Ci } else { Context::of_script(path).unwrap_or(Context::Unknown) };
            let folder = if pipeline { String::new() } else { folder(path).to_owned() };
            let view = View { networks: draft.networks, ..View::new(path.to_owned(), folder, vec![source], context) };
            (view, draft.services)
        })
        .collect()
}

#[derive(Default)]
struct Draft {
    services: Vec<(ServiceSpec, Context)>,
    names: BTreeMap<String, usize>,
    networks: Vec<Network>,
}

impl Draft {
    fn add(&mut self, project: &Project<'_>, run: &Run, context: Context, ends: bool) {
        let name = run.name().filter(|name| name.is_known()).map(|name| name.text.clone());
        let name = name.or_else(|| Some(name_of_image(&run.image.as_ref()?.text)));
        self.add_named(project, run, &name.unwrap_or_else(|| "container".to_owned()), context, ends);
    }

    /// `ends`: it ends with the job that starts it.
    fn add_named(&mut self, project: &Project<'_>, run: &Run, name: &str, context: Context, ends: bool) {
        if self.services.len() >= MAX_SERVICES {
            return;
        }
        // The same name again is another container: in another branch of the script, or after the first one was removed.
        let count = self.names.entry(name.to_owned()).or_insert(0);
        *count += 1;
        let unique = if *count == 1 { name.to_owned() } else { format!("{name} ({count})") };
        let mut spec = compose::service(&service_entry(&unique, run, project.sources));
        spec.one_shot = run.ends().or(ends.then_some(run.verb_at));
        self.services.push((spec, context));
    }
}
