//! From the words of a command to what it does.

use super::flags::{self, Flags, parse_flags};
use super::run::Run;
use super::words::{Arg, Scope, expand};
use super::{Action, Invocation, Tool};
use crate::model::compose::Text;
use crate::source::{Location, SourceId, file_name};
use crate::syntax::shell::Command;

/// Words of one command that are looked at.
const MAX_WORDS: usize = 600;

/// `exec`, of `docker` and of `compose`.
#[derive(Clone, PartialEq, Debug)]
pub struct Exec {
    /// The container, or the service of `compose`.
    pub container: Option<Text>,
    /// Whether the name is a service of `compose`.
    pub is_service: bool,
    /// `-u`.
    pub user: Option<Text>,
    /// `--privileged`.
    pub privileged: Option<Location>,
    /// What is run.
    pub command: Vec<Arg>,
}

/// An image that is built.
#[derive(Clone, PartialEq, Debug)]
pub struct Build {
    /// The build context as written; `None` where it comes from standard input or is not said.
    pub context: Option<Text>,
    /// `-f`, as written: relative to where the line runs.
    pub file: Option<Text>,
    /// `--target`.
    pub target: Option<Text>,
    /// `--build-arg`: name, and value where one is given.
    pub args: Vec<(String, Option<Text>)>,
    /// `--secret`.
    pub secrets: Vec<Text>,
    /// `-t`, or Kaniko's `--destination`.
    pub tags: Vec<Text>,
    /// Whether the result goes to a registry.
    pub push: Option<Location>,
    /// The options.
    pub flags: Flags,
}

/// `cp`.
#[derive(Clone, PartialEq, Debug)]
pub struct Copy {
    /// From where.
    pub from: Place,
    /// Where to.
    pub to: Place,
}

/// A side of `cp`.
#[derive(Clone, PartialEq, Debug)]
pub enum Place {
    /// A path of the host.
    Host(Text),
    /// A path in a container, or in a service of `compose`: the name, the path.
    Container(Text, String),
}

/// `login`.
#[derive(Clone, PartialEq, Debug)]
pub struct Login {
    /// The registry.
    pub registry: Option<Text>,
    /// `-u`.
    pub username: Option<Text>,
    /// `-p`: written on the command line, where every process sees it.
    pub password: Option<Text>,
    /// `--password-stdin`.
    pub by_stdin: bool,
}

/// `compose …`.
#[derive(Clone, PartialEq, Debug)]
pub struct ComposeLine {
    /// `-f`, in order.
    pub files: Vec<Text>,
    /// `--profile`.
    pub profiles: Vec<Text>,
    /// `--env-file`.
    pub env_files: Vec<Text>,
    /// `-p`.
    pub project: Option<Text>,
    /// `--project-directory`.
    pub directory: Option<Text>,
    /// A variable without a value stands among the options: there may be more files.
    pub opaque: bool,
    /// The command and its own words.
    pub verb: ComposeVerb,
}

/// The command of a `compose` line.
#[derive(Clone, PartialEq, Debug)]
pub enum ComposeVerb {
    /// `up`, `create`, `start`, `restart`: services named; the options.
    Up(Flags),
    /// `build`.
    Build(Flags),
    /// `run`: the service, the command, the options.
    Run {
        /// The service.
        service: Option<Text>,
        /// What is run instead of its command.
        command: Vec<Arg>,
        /// The options.
        flags: Flags,
    },
    /// `exec`.
    Exec(Exec),
    /// `cp`.
    Copy(Copy),
    /// `down`, `pull`, `push`, `logs` …: the word, and the options.
    Other(String, Flags),
}

/// `system prune`.
#[derive(Clone, PartialEq, Debug)]
pub struct Prune {
    /// `system`, `volume`, `image`, `container`, `network`, `builder`, `buildx`.
    pub what: String,
    /// `-a`.
    pub all: bool,
    /// Whether volumes are removed: `--volumes`, or `volume prune`.
    pub volumes: bool,
}

/// `network create`.
#[derive(Clone, PartialEq, Debug)]
pub struct NetworkCreate {
    /// Its name.
    pub name: Option<Text>,
    /// `--internal`.
    pub internal: bool,
    /// `-d`.
    pub driver: Option<Text>,
    /// `-o`.
    pub options: Vec<Text>,
}

/// A scan.
#[derive(Clone, PartialEq, Debug)]
pub struct Scan {
    /// The scanner: `trivy`, `grype`, `docker scout` …
    pub scanner: String,
    /// What is scanned, where it is named.
    pub subject: Option<Text>,
    /// Whether findings can fail the job: an exit code other than 0 is asked for. `None` where the scanner fails by itself.
    pub fails: Option<bool>,
}

/// A signature.
#[derive(Clone, PartialEq, Debug)]
pub struct Sign {
    /// `cosign`, `notation`.
    pub tool: String,
    /// Whether it checks instead of making.
    pub verifies: bool,
    /// Whether it is about an attestation or a bill of materials.
    pub attestation: bool,
}

/// Programs that look for known vulnerabilities, or for faults in images.
pub const SCANNERS: [&str; 14] = [
    "trivy",
    "grype",
    "snyk",
    "clair-scanner",
    "clairctl",
    "anchore-cli",
    "anchorectl",
    "syft",
    "dockle",
    "wizcli",
    "twistcli",
    "sysdig-cli-scanner",
    "local-php-security-checker",
    "osv-scanner",
];

/// Reads a command; `None` when it is none of these programs. Its words have spans of the file `source`.
#[must_use]
pub fn read(command: &Command, scope: &Scope, source: SourceId, budget: &mut usize) -> Option<Invocation> {
    let words = command.unwrapped();
    // Most commands are something else: look before everything is expanded.
    let first = words.first()?;
    if first.literal && !is_ours(file_name(&first.text)) {
        return None;
    }
    let args: Vec<Arg> =
        words.iter().take(MAX_WORDS).flat_map(|word| expand(word, scope, source, budget)).take(MAX_WORDS).collect();
    let (program, rest) = args.split_first()?;
    let name = file_name(program.text());
    if !is_ours(name) || !program.value.is_known() {
        return None;
    }
    let at = Location::new(source, command.span);
    let docker_host = command.assignments.iter().find(|word| word.text.starts_with("DOCKER_HOST="));
    let host = docker_host
        .and_then(|word| expand(word, scope, source, budget).into_iter().next())
        .map(|arg| Text { text: arg.value.text.strip_prefix("DOCKER_HOST=").unwrap_or("").to_owned(), ..arg.value });
    let line = Line { at, program, rest };
    let mut invocation = match name {
        "docker" | "podman" | "nerdctl" => line.docker(if name == "docker" { Tool::Docker } else { Tool::Podman }),
        "docker-compose" | "podman-compose" => {
            let action = compose(rest);
            line.invocation(Tool::Compose, program, action)
        }
        "buildah" => line.buildah(),
        "executor" => line.kaniko()?,
        "cosign" | "notation" => {
            let action = sign(name, rest);
            line.invocation(Tool::Other, program, action)
        }
        "composer" => {
            let audits = rest.first().is_some_and(|word| word.text() == "audit");
            line.invocation(Tool::Other, program, audits.then(|| scan("composer audit", rest))?)
        }
        name => {
            let action = scan(name, rest);
            line.invocation(Tool::Other, program, action)
        }
    };
    invocation.host = invocation.host.or(host);
    Some(invocation)
}

fn is_ours(name: &str) -> bool {
    matches!(
        name,
        "docker"
            | "docker-compose"
            | "podman"
            | "podman-compose"
            | "nerdctl"
            | "buildah"
            | "executor"
            | "cosign"
            | "notation"
            | "composer"
    ) || SCANNERS.contains(&name)
}

struct Line<'a> {
    at: Location,
    program: &'a Arg,
    rest: &'a [Arg],
}

impl Line<'_> {
    fn invocation(&self, tool: Tool, last: &Arg, action: Action) -> Invocation {
        let verb_at = Location::new(self.at.source, self.program.value.at.span.to(last.value.at.span));
        Invocation { tool, host: None, context: None, at: self.at, verb_at, action }
    }

    fn docker(&self, tool: Tool) -> Invocation {
        let global = parse_flags(self.rest, &flags::GLOBAL);
        let (Some(verb), rest) = split(&global.operands) else {
            return self.invocation(tool, self.program, Action::Other(Vec::new()));
        };
        let (last, action) = self.command(verb, rest);
        let tool = if matches!(action, Action::Compose(_)) { Tool::Compose } else { tool };
        let mut invocation = self.invocation(tool, last, action);
        invocation.host = global.value("host").cloned();
        invocation.context = global.value("context").cloned();
        invocation
    }

    /// The command of a `docker` line, and the last word that names it.
    fn command<'w>(&self, verb: &'w Arg, rest: &'w [Arg]) -> (&'w Arg, Action) {
        // `container run`, `image build`: the word in front says nothing new.
        let managed = matches!(verb.text(), "container" | "image" | "buildx" | "builder");
        if let (true, (Some(second), after)) = (managed, split(rest))
            && second.text() != "prune"
            && !second.text().starts_with('-')
        {
            return (second, self.verb(second, after));
        }
        if matches!(verb.text(), "system" | "volume" | "network" | "image" | "container" | "builder" | "buildx")
            && let (Some(second), after) = split(rest)
        {
            return (second, managed_verb(verb.text(), second.text(), after));
        }
        (verb, self.verb(verb, rest))
    }

    fn verb(&self, verb: &Arg, rest: &[Arg]) -> Action {
        let other = || parse_flags(rest, &flags::OTHER);
        let texts = |flags: &Flags| flags.operands.iter().map(|arg| arg.value.clone()).collect::<Vec<Text>>();
        match verb.text() {
            name @ ("run" | "create") => {
                let verb_at = Location::new(self.at.source, self.program.value.at.span.to(verb.value.at.span));
                Action::Run(Box::new(run(rest, self.at, verb_at, name == "create")))
            }
            "exec" => Action::Exec(exec(rest, false)),
            "build" | "bud" => Action::Build(Box::new(build(parse_flags(rest, &flags::BUILD)))),
            "bake" => {
                let flags = parse_flags(rest, &flags::BUILD);
                let files = flags.values("file").cloned().collect();
                Action::Bake { files, targets: texts(&flags), push: flags.on("push").is_some() }
            }
            "cp" => copy(&other()).map_or_else(|| Action::Other(vec!["cp".to_owned()]), Action::Copy),
            "commit" => {
                let mut named = texts(&other()).into_iter();
                Action::Commit { container: named.next(), image: named.next() }
            }
            "push" => Action::Push(texts(&other())),
            "pull" => Action::Pull(texts(&other())),
            "tag" => {
                let mut named = texts(&other()).into_iter();
                Action::Tag(named.next(), named.next())
            }
            "login" => Action::Login(login(&other())),
            "compose" => compose(rest),
            name @ ("save" | "load" | "import" | "export") => Action::Archive(name.to_owned(), texts(&other())),
            "scout" => scan("docker scout", rest),
            "scan" => scan("docker scan", rest),
            "trust" => Action::Sign(Sign { tool: "docker trust".to_owned(), verifies: false, attestation: false }),
            name => Action::Other(std::iter::once(name.to_owned()).chain(first_word(rest)).collect()),
        }
    }

    fn buildah(&self) -> Invocation {
        let global = parse_flags(self.rest, &flags::GLOBAL);
        let (Some(verb), rest) = split(&global.operands) else {
            return self.invocation(Tool::Buildah, self.program, Action::Other(Vec::new()));
        };
        let action = match verb.text() {
            // `buildah run` and `buildah commit` belong to a build, not to a container that serves.
            name @ ("run" | "commit" | "copy" | "add" | "config" | "from") => Action::Other(vec![name.to_owned()]),
            _ => self.verb(verb, rest),
        };
        self.invocation(Tool::Buildah, verb, action)
    }

    /// `/kaniko/executor --context … --dockerfile … --destination …`.
    fn kaniko(&self) -> Option<Invocation> {
        let mut flags = parse_flags(self.rest, &flags::BUILD);
        for flag in &mut flags.flags {
            match flag.name.as_str() {
                "dockerfile" => "file".clone_into(&mut flag.name),
                "destination" => "tag".clone_into(&mut flag.name),
                _ => {}
            }
        }
        let kaniko =
            self.program.text().contains("kaniko") || flags.last("tag").is_some() || flags.last("file").is_some();
        let mut built = kaniko.then(|| build(flags))?;
        built.context = built
            .flags
            .value("context")
            .map(|context| Text { text: context.text.trim_start_matches("dir://").to_owned(), ..context.clone() });
        built.push = Some(self.program.value.at).filter(|_| built.flags.on("no-push").is_none());
        Some(self.invocation(Tool::Kaniko, self.program, Action::Build(Box::new(built))))
    }
}

fn split(words: &[Arg]) -> (Option<&Arg>, &[Arg]) {
    words.split_first().map_or((None, &[]), |(first, rest)| (Some(first), rest))
}

fn first_word(words: &[Arg]) -> Option<String> {
    words.first().map(|word| word.text().to_owned()).filter(|text| !text.starts_with('-'))
}

fn managed_verb(what: &str, verb: &str, rest: &[Arg]) -> Action {
    let flags = parse_flags(rest, &flags::OTHER);
    match (what, verb) {
        (_, "prune") => Action::Prune(Prune {
            what: what.to_owned(),
            all: flags.on("all").is_some(),
            volumes: what == "volume" || flags.on("volumes").is_some(),
        }),
        ("network", "create") => {
            const NETWORK: flags::Spec = flags::Spec {
                switches: &["internal", "attachable", "ipv6", "ingress", "config-only", "help"],
                short_switches: &[],
                short_values: &[('d', "driver"), ('o', "opt")],
                interspersed: true,
            };
            let flags = parse_flags(rest, &NETWORK);
            Action::NetworkCreate(NetworkCreate {
                name: flags.operands.first().map(|arg| arg.value.clone()),
                internal: flags.on("internal").is_some(),
                driver: flags.value("driver").cloned(),
                options: flags.values("opt").cloned().collect(),
            })
        }
        _ => Action::Other(vec![what.to_owned(), verb.to_owned()]),
    }
}

/// Options of `docker run` that stand on their own, as in a job's `container.options`, with the image that they are for.
#[must_use]
pub fn run_options(options: &[Arg], image: Text, at: Location) -> Run {
    let mut run = run(options, at, image.at, true);
    run.image = Some(image);
    run.command.clear();
    run
}

/// Options of `docker build` that stand on their own, as in Jenkins' `docker.build('name', 'options')`.
#[must_use]
pub fn build_options(options: &[Arg]) -> Build {
    build(parse_flags(options, &flags::BUILD))
}

/// `run` and `create`.
fn run(words: &[Arg], at: Location, verb_at: Location, only_created: bool) -> Run {
    let mut flags = parse_flags(words, &flags::RUN);
    let operands = std::mem::take(&mut flags.operands);
    let (image, command) = split(&operands);
    // `docker run $OPTIONS`: nothing tells where the image begins.
    let image = image.filter(|image| !(image.loose && flags.opaque)).map(|arg| arg.value.clone());
    Run { image, command: command.to_vec(), flags, at, verb_at, only_created }
}

fn exec(words: &[Arg], is_service: bool) -> Exec {
    let mut flags = parse_flags(words, &flags::EXEC);
    let operands = std::mem::take(&mut flags.operands);
    let (container, command) = split(&operands);
    Exec {
        container: container.map(|arg| arg.value.clone()),
        is_service,
        user: flags.value("user").cloned(),
        privileged: flags.on("privileged").map(|flag| flag.at),
        command: command.to_vec(),
    }
}

fn build(flags: Flags) -> Build {
    let args = flags
        .values("build-arg")
        .map(|text| match text.text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(Text { text: value.to_owned(), ..text.clone() })),
            None => (text.text.clone(), None),
        })
        .collect();
    // `--output type=registry` and `-o type=image,push=true` push as well.
    let output = flags.flags.iter().find(|flag| {
        flag.name == "output"
            && flag
                .value
                .as_ref()
                .is_some_and(|value| value.text.contains("type=registry") || value.text.contains("push=true"))
    });
    let push = flags.on("push").or(output).map(|flag| flag.at);
    Build {
        context: flags.operands.first().map(|arg| arg.value.clone()).filter(|context| context.text != "-"),
        file: flags.value("file").cloned(),
        target: flags.value("target").cloned(),
        args,
        secrets: flags.values("secret").cloned().collect(),
        tags: flags.values("tag").cloned().collect(),
        push,
        flags,
    }
}

fn copy(flags: &Flags) -> Option<Copy> {
    let side = |arg: &Arg| match arg.text().split_once(':') {
        // `./a:b` and `/a:b` are paths, and so is `C:\x`.
        Some((name, path)) if !(name.starts_with(['.', '/']) || name.len() == 1 && path.starts_with('\\')) => {
            Place::Container(Text { text: name.to_owned(), ..arg.value.clone() }, path.to_owned())
        }
        _ => Place::Host(arg.value.clone()),
    };
    match flags.operands.as_slice() {
        [from, to, ..] => Some(Copy { from: side(from), to: side(to) }),
        _ => None,
    }
}

fn login(flags: &Flags) -> Login {
    Login {
        registry: flags.operands.first().map(|arg| arg.value.clone()),
        username: flags.value("username").cloned(),
        password: flags.value("password").cloned(),
        by_stdin: flags.on("password-stdin").is_some(),
    }
}

fn compose(words: &[Arg]) -> Action {
    let global = parse_flags(words, &flags::COMPOSE);
    let (verb, rest) = split(&global.operands);
    let other = || parse_flags(rest, &flags::OTHER);
    let verb = match verb.map(Arg::text).unwrap_or("") {
        "up" | "create" | "start" | "restart" => ComposeVerb::Up(other()),
        "build" => {
            const BUILD: flags::Spec = flags::Spec { short_values: &[('m', "memory")], ..flags::BUILD };
            ComposeVerb::Build(parse_flags(rest, &BUILD))
        }
        "run" => {
            let mut flags = parse_flags(rest, &flags::COMPOSE_RUN);
            let operands = std::mem::take(&mut flags.operands);
            let (service, command) = split(&operands);
            ComposeVerb::Run { service: service.map(|arg| arg.value.clone()), command: command.to_vec(), flags }
        }
        "exec" => ComposeVerb::Exec(exec(rest, true)),
        "cp" => copy(&other()).map_or_else(|| ComposeVerb::Other("cp".to_owned(), other()), ComposeVerb::Copy),
        name => ComposeVerb::Other(name.to_owned(), other()),
    };
    Action::Compose(Box::new(ComposeLine {
        files: global.values("file").cloned().collect(),
        profiles: global.values("profile").cloned().collect(),
        env_files: global.values("env-file").cloned().collect(),
        project: global.value("project-name").cloned(),
        directory: global.value("project-directory").cloned(),
        opaque: global.opaque,
        verb,
    }))
}

fn scan(scanner: &str, words: &[Arg]) -> Action {
    let value = |name: &str| {
        words.iter().enumerate().find_map(|(at, word)| {
            let rest = word.text().strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value.to_owned()),
                None => rest.is_empty().then(|| words.get(at + 1).map(|next| next.text().to_owned())).flatten(),
            }
        })
    };
    let gate = |name: &str| value(name).map(|code| code != "0");
    let switch =
        |name: &str| words.iter().any(|word| word.text() == name || word.text().starts_with(&format!("{name}=")));
    let fails = match scanner {
        "trivy" => Some(gate("--exit-code") == Some(true)),
        "grype" => Some(switch("--fail-on") || switch("-f")),
        "docker scout" => Some(switch("--exit-code") || switch("-e") || switch("--exit-on")),
        // A bill of materials is no judgement.
        "syft" => Some(false),
        "dockle" => Some(gate("--exit-code") == Some(true)),
        _ => None,
    };
    let subject = words.iter().rev().find(|word| !word.text().starts_with('-')).map(|word| word.value.clone());
    Action::Scan(Scan { scanner: scanner.to_owned(), subject, fails })
}

fn sign(tool: &str, words: &[Arg]) -> Action {
    let verb = words.first().map_or("", Arg::text);
    Action::Sign(Sign {
        tool: tool.to_owned(),
        verifies: verb.starts_with("verify"),
        attestation: verb.contains("attest") || verb == "attach",
    })
}
