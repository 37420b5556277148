//! Which sensitive files of the build context end up in an image: by name or by content, as the ignore file, `--exclude`, the stages
//! and what a later stage copies out of an earlier one leave them. And the lines that keep them out.

use super::secrets::secret_in;
use super::{BuildUse, Copied, CopySource, Project, ServiceRef};
use crate::facts::Level;
use crate::facts::secrets::{dockerignore_baseline, is_guarded_path, secret_file, tokens_in};
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::dockerfile::{LinkKind, LinkSource};
use crate::source::{Location, file_name, join, normalise};
use crate::span::Span;
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword};
use crate::syntax::{dockerignore, dotenv};
use std::collections::BTreeSet;

/// Sensitive files looked at for one build; a real project has a handful.
const MAX_FILES: usize = 64;
/// Larger texts are judged by their name only.
const MAX_TEXT: usize = 256 << 10;
/// Endings that say that a file only shows what the real one looks like, or belongs to the repository.
pub(super) const SAMPLES: [&str; 10] =
    [".example", ".sample", ".dist", ".template", ".tpl", ".md", ".pub", ".gitkeep", ".gitignore", ".encrypted"];
/// Lines of the baseline that keep secrets out, the rest only saves time.
const BASELINE: [&str; 13] = [
    ".git",
    ".env",
    ".env.*",
    "!.env.example",
    "auth.json",
    ".npmrc",
    "*.pem",
    "*.key",
    "id_*",
    "*.sql",
    "*.sql.gz",
    "*.dump",
    "secrets/",
];

/// What kind of file it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeakKind {
    /// An environment file.
    Environment,
    /// The repository with its history.
    History,
    /// A key, a credentials file, a dump.
    Sensitive,
}

/// A sensitive file that a `COPY` or `ADD` takes.
#[derive(Clone, PartialEq, Debug)]
pub struct Leak<'p> {
    /// Relative to the build context; the folder for a repository.
    pub path: String,
    /// What kind of file it is.
    pub kind: LeakKind,
    /// How bad it is by its name and content.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Keys in it that hold secrets.
    pub keys: Vec<String>,
    /// The source that takes it.
    pub at: Location,
    /// The source as written.
    pub source: String,
    /// Whether the source is this file and no folder or pattern.
    pub named: bool,
    /// The instruction.
    pub instruction: &'p Instruction,
    /// Where a later instruction deletes it; its layer keeps it.
    pub deleted: Option<Location>,
    /// Whether it is part of the image; else only of a build stage, its cache and its history.
    pub in_image: bool,
}

impl Leak<'_> {
    /// The instruction and its source, for a message.
    #[must_use]
    pub fn written(&self) -> String {
        let keyword = if self.instruction.keyword == Keyword::Add { "ADD" } else { "COPY" };
        format!("{keyword} {}", crate::text::shorten(&self.source, 60))
    }
}

/// What a file of a build context is, before anything says where it goes.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    kind: LeakKind,
    severity: Severity,
    confidence: Confidence,
    keys: Vec<String>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Where a leaked environment file sets the first secret in it.
    #[must_use]
    pub fn leaked_key(self, leak: &Leak<'_>) -> Option<(Location, &'p str)> {
        let id = self.service.build_use.as_ref()?.context_source(self.project, &leak.path)?;
        let entries = &self.project.env_file(id)?.entries;
        let entry = entries.iter().find(|entry| leak.keys.contains(&entry.key))?;
        Some((Location::new(id, entry.key_span), entry.key.as_str()))
    }

    /// Every sensitive file that its build takes out of the build context, in the order of the instructions.
    #[must_use]
    pub fn leaks(self) -> Vec<Leak<'p>> {
        let Some(used) = &self.service.build_use else { return Vec::new() };
        let project = self.project;
        let Some(file) = used.dockerfile.and_then(|id| project.dockerfile(id)) else { return Vec::new() };
        let context = used.context_files(project);
        let mut sensitive: Vec<(&str, Judged)> = Vec::new();
        for path in &context {
            if sensitive.len() < MAX_FILES
                && let Some(judged) = project.judged(used, path)
            {
                sensitive.push((path, judged));
            }
        }
        let ignored =
            |path: &str| used.ignore.and_then(|id| project.ignore_file(id)).is_some_and(|ignore| ignore.excludes(path));
        let mut leaks: Vec<Leak<'p>> = Vec::new();
        for copy in used.copies(project) {
            let mut add = |path: &str, source: &CopySource, named: bool, judged: &Judged| {
                let path = repository(path).filter(|_| judged.kind == LeakKind::History).unwrap_or(path);
                if leaks.iter().any(|known| known.at == source.at && known.path == path) {
                    return;
                }
                let journey = Journey { used, file };
                let target = journey.destination(&copy, source, path);
                let deleted = journey.deleted(project, &copy, &target);
                leaks.push(Leak {
                    path: path.to_owned(),
                    kind: judged.kind,
                    severity: judged.severity,
                    confidence: judged.confidence,
                    keys: judged.keys.clone(),
                    at: source.at,
                    source: source.path.clone(),
                    named,
                    instruction: copy.instruction,
                    in_image: used.is_final(copy.stage)
                        || deleted.is_none() && journey.arrives(copy.stage, &target, &mut BTreeSet::new()),
                    deleted,
                });
            };
            for source in &copy.sources {
                let path = normalise(&source.path);
                let folder = context
                    .iter()
                    .any(|file| file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/')));
                // A name that the ignore file leaves out makes the build fail, so it reaches nothing.
                if path.is_empty() || folder || path.contains(['$', '*', '?', '[']) || ignored(&path) {
                    continue;
                }
                let destination = Some(copy.destination.as_str()).filter(|_| copy.sources.len() == 1);
                if let Some(judged) = judge(project, used, &path, destination, true) {
                    add(&path, source, true, &judged);
                }
            }
            for (path, judged) in &sensitive {
                if let Some(source) = copy.taking(path).filter(|source| normalise(&source.path) != *path) {
                    add(path, source, false, judged);
                }
            }
        }
        // Where one instruction names a file, that is the place to begin; the folder it lies in need not be told too.
        let named: BTreeSet<String> =
            leaks.iter().filter(|leak| leak.named && leak.in_image).map(|leak| leak.path.clone()).collect();
        leaks.retain(|leak| leak.named || !named.contains(&leak.path));
        leaks
    }

    /// A `COPY` of the whole context into the image where no ignore file says what to leave out.
    #[must_use]
    pub fn unguarded_copy(self) -> Option<CopySource> {
        let used = self.service.build_use.as_ref()?;
        let context = used.context.as_deref()?;
        if used.ignore.is_some() || self.project.sources.knows(&join(context, ".dockerignore")) {
            return None;
        }
        let copies = used.copies(self.project);
        copies.iter().filter(|copy| used.is_final(copy.stage)).find_map(Copied::whole_context).cloned()
    }

    /// Whether the files of its build context are known, not only those that were pasted: one of no format of ours is among them.
    #[must_use]
    pub fn context_is_listed(self) -> bool {
        let Some(used) = &self.service.build_use else { return false };
        used.context_files(self.project).iter().any(|path| {
            used.context_source(self.project, path).is_none_or(|id| self.project.file(id).kind.is_application())
        })
    }

    /// Whether its framework reads `.env` when it starts, and fails without it.
    #[must_use]
    pub fn needs_dot_env(self) -> bool {
        let Some(used) = &self.service.build_use else { return false };
        let says = |id| {
            let text = self.project.text(id);
            text.contains("\"symfony/framework-bundle\"") || text.contains("\"symfony/runtime\"")
        };
        used.context_files(self.project).iter().any(|path| matches!(*path, "bin/console" | "symfony.lock"))
            || used.context_source(self.project, "composer.json").is_some_and(says)
    }

    /// Whether its build context is one of a framework that keeps its settings in `.env`.
    #[must_use]
    pub fn uses_dot_env(self) -> bool {
        let Some(used) = &self.service.build_use else { return false };
        let laravel = |id| self.project.text(id).contains("\"laravel/framework\"");
        self.needs_dot_env()
            || used.context_files(self.project).contains(&"artisan")
            || used.context_source(self.project, "composer.json").is_some_and(laravel)
    }

    /// Whether the ignore file that applies leaves a path of the context out.
    #[must_use]
    pub fn ignores(self, path: &str) -> bool {
        let ignore =
            self.service.build_use.as_ref().and_then(|used| used.ignore).and_then(|id| self.project.ignore_file(id));
        ignore.is_some_and(|ignore| ignore.excludes(path))
    }

    /// Whether its build runs a program.
    #[must_use]
    pub fn build_runs(self, program: &str) -> bool {
        let Some(used) = &self.service.build_use else { return false };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?))) else {
            return false;
        };
        let text = self.project.text(id);
        used.instructions(file)
            .filter(|(_, instruction)| instruction.keyword == Keyword::Run)
            .flat_map(|(_, instruction)| instruction.scripts(text))
            .any(|script| script.script.commands.iter().any(|command| command.program() == Some(program)))
    }

    /// Leaves paths out of the build context: lines at the end of the ignore file that applies, or a new `.dockerignore` that also
    /// keeps out what a secret usually is called. Nothing when a `COPY` names one of the paths, since that build would fail.
    #[must_use]
    pub fn ignoring(self, safety: Safety, title: &str, paths: &[&str]) -> Option<Fix> {
        let used = self.service.build_use.as_ref()?;
        let context = used.context.as_deref()?;
        let wanted = lines(paths, self.needs_dot_env())?;
        let named = self.named_sources();
        let kept = |line: &str| {
            let files = used.context_files(self.project);
            let pattern = dockerignore::parse(line.trim_start_matches('!'));
            // What is not known to be secret may be needed.
            line.starts_with('!') || !files.iter().any(|file| pattern.excludes(file) && !covers(paths, file))
        };
        let (old, feed) = used.ignore.map_or(("", "\n"), |id| {
            let text = self.project.text(id);
            (text, if text.contains("\r\n") { "\r\n" } else { "\n" })
        });
        let mut added: Vec<&str> = Vec::new();
        if used.ignore.is_none() {
            let read = self.needs_dot_env();
            let baseline = dockerignore_baseline()
                .iter()
                .filter(|line| BASELINE.contains(line) && kept(line) && !(read && line.contains(".env")));
            added
                .extend(baseline.filter(|line| !named.iter().any(|source| dockerignore::parse(line).excludes(source))));
            added.extend([".env.local", ".env.*.local"].iter().filter(|line| read && kept(line)));
        }
        for line in &wanted {
            if !added.contains(&line.as_str()) {
                added.push(line);
            }
        }
        // `!.env.example` undoes nothing where `.env.*` was not added.
        if !added.contains(&".env.*") {
            added.retain(|line| *line != "!.env.example");
        }
        let start = if old.is_empty() || old.ends_with('\n') { "" } else { feed };
        let text: String = added.iter().map(|line| format!("{line}{feed}")).collect();
        let after = dockerignore::parse(&format!("{old}{start}{text}"));
        let before = dockerignore::parse(old);
        let breaks = named.iter().any(|source| after.excludes(source) && !before.excludes(source));
        if breaks || !paths.iter().all(|path| after.excludes(path)) {
            return None;
        }
        let fix = Fix::new(safety, title);
        match used.ignore {
            Some(id) => Some(fix.replace(id, Span::at(old.len()), format!("{start}{text}"))),
            None if self.project.sources.knows(&join(context, ".dockerignore")) => None,
            None => Some(fix.create(&join(context, ".dockerignore"), text)),
        }
    }

    /// A `COPY` of the whole context into the image that takes a path.
    #[must_use]
    pub fn whole_copy(self, path: &str) -> Option<CopySource> {
        let used = self.service.build_use.as_ref()?;
        let copies = used.copies(self.project);
        copies
            .iter()
            .filter(|copy| used.is_final(copy.stage) && copy.taking(path).is_some())
            .find_map(Copied::whole_context)
            .cloned()
    }

    /// The line of the ignore file that takes a path back in, or the file that does not name it.
    #[must_use]
    pub fn ignore_evidence(self, path: &str) -> Option<(Location, &'static str)> {
        let id = self.service.build_use.as_ref()?.ignore?;
        let ignore = self.project.ignore_file(id)?;
        match ignore.deciding(path).and_then(|index| ignore.patterns.get(index)).filter(|pattern| pattern.negated) {
            Some(pattern) => Some((Location::new(id, pattern.span), "takes it back in")),
            None => Some((Location::new(id, Span::at(0)), "this ignore file does not leave it out")),
        }
    }

    /// How to keep what one source takes out of the image: ignore lines, or, where the source names it, without the instruction.
    /// Safe only where neither the build nor the application can need the file.
    #[must_use]
    pub fn leak_fix(self, at: Location, leaks: &[&Leak<'_>]) -> Option<Fix> {
        let paths: Vec<&str> = leaks.iter().map(|leak| leak.path.as_str()).collect();
        if let Some(named) = leaks.iter().find(|leak| leak.named) {
            let alone = named.instruction.args.len() == 2 && named.instruction.trigger.is_none();
            let place = Location::new(at.source, named.instruction.span);
            return alone
                .then(|| self.project.remove_instruction(Safety::Suggested, "Do not copy it", place))
                .flatten();
        }
        let needed = leaks.iter().any(|leak| match leak.kind {
            LeakKind::Environment => self.needs_dot_env() && file_name(&leak.path) == ".env",
            LeakKind::History => self.build_runs("git"),
            LeakKind::Sensitive => may_be_needed(&leak.path),
        });
        let (safety, title) = if needed {
            (Safety::Suggested, "Leave it out of the build context, and give it to the container in another way")
        } else {
            (Safety::Safe, "Leave it out of the build context")
        };
        self.ignoring(safety, title, &paths)
    }

    /// What every build of this context copies by name.
    fn named_sources(self) -> Vec<String> {
        let context = self.service.build_use.as_ref().and_then(|used| used.context.clone());
        let builds = self
            .project
            .services()
            .filter_map(|other| other.service.build_use.as_ref())
            .filter(|used| used.context == context);
        let mut named: Vec<String> = builds
            .flat_map(|used| used.copies(self.project))
            .flat_map(|copy| copy.sources)
            .map(|source| normalise(&source.path))
            .collect();
        named.retain(|path| !path.is_empty() && !path.contains(['*', '?', '[', '$']));
        named.sort();
        named.dedup();
        named
    }
}

/// Whether an install command or the application may read a sensitive file, unlike a dump or a person's key.
fn may_be_needed(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let personal = name.starts_with("id_")
        || matches!(name.as_str(), "deploy_key" | ".git-credentials" | ".netrc" | ".vault_pass" | "kubeconfig");
    let copies =
        [".sql", ".sql.gz", ".dump", ".kdbx", ".tfstate", ".tfvars"].iter().any(|ending| name.ends_with(ending));
    let folder = path.split('/').any(|part| matches!(part, ".aws" | ".docker"));
    !(personal || copies || folder)
}

/// Whether a file is one of the paths or below one of them.
fn covers(paths: &[&str], file: &str) -> bool {
    paths.iter().any(|path| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Ignore lines for paths; `None` when a path cannot be written as a pattern.
fn lines(paths: &[&str], needs_dot_env: bool) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for path in paths {
        if path.contains(['*', '?', '[', '\\', '\n']) || path.starts_with(['!', '#']) {
            return None;
        }
        let family = !needs_dot_env && path.starts_with(".env") && !path.contains('/');
        let wanted: &[&str] = if family { &[".env", ".env.*", "!.env.example"] } else { std::slice::from_ref(path) };
        for line in wanted {
            if !lines.iter().any(|known| known == line) {
                lines.push((*line).to_owned());
            }
        }
    }
    Some(lines)
}

/// Where a copied file goes, from stage to stage.
struct Journey<'u> {
    used: &'u BuildUse,
    file: &'u Dockerfile,
}

impl Journey<'_> {
    /// The working directory in force at an instruction of a stage. Where only the base image sets it, that of the `php` image.
    fn workdir(&self, stage: usize, instruction: &Instruction) -> String {
        let mut chain = self.used.model.chain(stage);
        chain.reverse();
        let mut current = "/var/www/html".to_owned();
        for number in chain {
            for step in self.used.model.steps(self.file, number) {
                if number == stage && std::ptr::eq(step.instruction, instruction) {
                    return current;
                }
                let path = step.expanded.args.first().filter(|_| step.instruction.keyword == Keyword::Workdir);
                if let Some(path) = path {
                    current =
                        if path.text.starts_with('/') { path.text.clone() } else { format!("{current}/{}", path.text) };
                }
            }
        }
        current
    }

    /// The path in the stage, without its first slash.
    fn destination(&self, copy: &Copied<'_>, source: &CopySource, path: &str) -> String {
        let base = self.resolve(copy.stage, copy.instruction, &copy.destination);
        let from = normalise(&source.path);
        let folder = copy.sources.len() > 1 || copy.destination.ends_with(['/', '.']);
        match path.strip_prefix(from.as_str()) {
            Some("") if folder => join(&base, file_name(path)),
            Some("") => base,
            Some(rest) => join(&base, rest),
            None => join(&base, file_name(path)),
        }
    }

    fn resolve(&self, stage: usize, instruction: &Instruction, path: &str) -> String {
        if path.starts_with('/') { normalise(path) } else { join(&self.workdir(stage, instruction), path) }
    }

    /// A later `rm` of it in the same stage.
    fn deleted(&self, project: &Project<'_>, copy: &Copied<'_>, target: &str) -> Option<Location> {
        let steps = self.used.model.steps(self.file, copy.stage).map(|step| step.instruction);
        let later = steps.skip_while(|instruction| !std::ptr::eq(*instruction, copy.instruction)).skip(1);
        later.filter(|instruction| instruction.keyword == Keyword::Run).find_map(|instruction| {
            let scripts = instruction.scripts(project.text(copy.source));
            let mut commands = scripts.iter().flat_map(|script| &script.script.commands);
            let removes = commands.find(|command| {
                matches!(command.program(), Some("rm" | "shred" | "unlink"))
                    && command.operands().any(|word| file_name(word.text.trim_end_matches('/')) == file_name(target))
            })?;
            Some(Location::new(copy.source, removes.span))
        })
    }

    /// Whether a file of a stage gets into the image, by `FROM` or by a `COPY --from` that takes it.
    fn arrives(&self, stage: usize, path: &str, seen: &mut BTreeSet<usize>) -> bool {
        if self.used.is_final(stage) {
            return true;
        }
        let holds: BTreeSet<usize> = self
            .used
            .stages_used
            .iter()
            .copied()
            .filter(|other| self.used.model.chain(*other).contains(&stage))
            .collect();
        let next: Vec<(usize, String)> = self
            .used
            .stages_used
            .iter()
            .filter_map(|number| self.used.model.stages.get(*number))
            .flat_map(|taker| taker.links.iter().map(move |link| (taker.index, link)))
            .filter(|(_, link)| {
                link.kind == LinkKind::Copy && matches!(&link.source, LinkSource::Stage(from) if holds.contains(from))
            })
            .filter_map(|(taker, link)| {
                Some((taker, self.taken(taker, self.file.instructions.get(link.instruction)?.effective(), path)?))
            })
            .collect();
        next.into_iter().any(|(taker, path)| seen.insert(taker) && self.arrives(taker, &path, seen))
    }

    /// Where a `COPY --from` puts a path, when it takes it.
    fn taken(&self, stage: usize, instruction: &Instruction, path: &str) -> Option<String> {
        let (destination, sources) = instruction.args.split_last()?;
        let base = self.resolve(stage, instruction, destination.text.trim_matches('"'));
        sources.iter().find_map(|source| {
            let source = normalise(source.text.trim_matches('"'));
            // Of a pattern, what stands before it.
            let source = source.split(['*', '?', '[', '$']).next().unwrap_or("").trim_end_matches('/');
            let rest = if source.is_empty() {
                path
            } else {
                path.strip_prefix(source).filter(|rest| rest.is_empty() || rest.starts_with('/'))?
            };
            Some(join(&base, rest))
        })
    }
}

/// The folder of a repository that a path lies in.
fn repository(path: &str) -> Option<&str> {
    if path.starts_with(".git/") || path == ".git" {
        return path.get(..4);
    }
    path.find("/.git/").and_then(|at| path.get(..at + 5))
}

impl Project<'_> {
    /// Judges a file of a context once: every service built from it asks, for every rule about it.
    fn judged(&self, used: &BuildUse, path: &str) -> Option<Judged> {
        let key = (used.context.clone().unwrap_or_default(), path.to_owned());
        if let Some(known) = self.judged_files.borrow().get(&key) {
            return known.clone();
        }
        let judged = judge(self, used, path, None, false);
        self.judged_files.borrow_mut().insert(key, judged.clone());
        judged
    }
}

fn judge(project: &Project<'_>, used: &BuildUse, path: &str, destination: Option<&str>, named: bool) -> Option<Judged> {
    if is_guarded_path(path) || SAMPLES.iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    let text = used.context_source(project, path).map(|id| project.text(id)).filter(|text| text.len() <= MAX_TEXT);
    let becomes = |test: fn(&str) -> bool| destination.is_some_and(|destination| test(file_name(destination)));
    if is_environment(file_name(path)) || becomes(|name| name == ".env" || name.starts_with(".env.local")) {
        return environment(file_name(path), text, named);
    }
    if let Some(folder) = repository(path) {
        let config = used.context_source(project, &format!("{folder}/config")).map(|id| project.text(id)).unwrap_or("");
        let (severity, keys) = if tokens_in(config).is_empty() {
            (Severity::Medium, Vec::new())
        } else {
            (Severity::High, vec!["the remote's credential".to_owned()])
        };
        return Some(Judged { kind: LeakKind::History, severity, confidence: Confidence::High, keys });
    }
    sensitive(path, destination, text, named)
}

fn is_environment(name: &str) -> bool {
    let other = ["test", "testing", "ci", "vault", "schema", "defaults"]
        .iter()
        .any(|word| name.split('.').skip(2).any(|part| part == *word));
    !other && (name == ".env" || name.starts_with(".env.") || name.ends_with(".env"))
}

fn environment(name: &str, text: Option<&str>, named: bool) -> Option<Judged> {
    let kind = LeakKind::Environment;
    let Some(text) = text else {
        let severity = if named { Severity::Critical } else { Severity::High };
        return Some(Judged { kind, severity, confidence: Confidence::Medium, keys: Vec::new() });
    };
    if is_encrypted(text) {
        return None;
    }
    let pairs: Vec<(String, String)> = if name.ends_with(".php") {
        let bare = |part: &str| part.trim().trim_matches([',', '\'', '"']).to_owned();
        text.lines()
            .filter_map(|line| line.split_once("=>"))
            .map(|(key, value)| (bare(key), bare(value.trim().trim_end_matches(','))))
            .collect()
    } else {
        dotenv::parse(text).entries.into_iter().filter_map(|entry| Some((entry.key, entry.value?))).collect()
    };
    let secrets: Vec<_> = pairs.iter().filter_map(|(key, value)| Some((key, secret_in(key, value)?))).collect();
    // `.env.dev` is committed with values for a developer's machine; whoever finds them there has the source already.
    let development = name.split('.').skip(2).any(|part| matches!(part, "dev" | "development"));
    let severity = match secrets.as_slice() {
        [] if !name.starts_with(".env") => return None,
        [] => Severity::Low,
        _ if development => Severity::Medium,
        some if some.iter().all(|(_, secret)| secret.weak || secret.severity < Severity::High) => Severity::High,
        _ => Severity::Critical,
    };
    Some(Judged {
        kind,
        severity,
        confidence: Confidence::High,
        keys: secrets.into_iter().map(|(key, _)| key.clone()).collect(),
    })
}

fn sensitive(path: &str, destination: Option<&str>, text: Option<&str>, named: bool) -> Option<Judged> {
    let judged = |level: Level, confidence: Confidence| {
        let severity = match level {
            Level::Critical => Severity::Critical,
            Level::High => Severity::High,
            _ => Severity::Medium,
        };
        Some(Judged { kind: LeakKind::Sensitive, severity, confidence, keys: Vec::new() })
    };
    if text.is_some_and(is_encrypted) {
        return None;
    }
    let becomes = destination.and_then(secret_file).filter(|row| row.level == Level::Critical);
    let Some(row) = secret_file(path).into_iter().chain(becomes).max_by_key(|row| row.level) else {
        let key = text
            .filter(|text| text.contains("PRIVATE KEY"))
            .is_some_and(|text| tokens_in(text).iter().any(|hit| hit.format.id == "private-key"));
        return if key { judged(Level::Critical, Confidence::High) } else { None };
    };
    let seen =
        if text.is_some() || named || row.level == Level::Critical { Confidence::High } else { Confidence::Medium };
    let extension = file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    let real = match (row.glob, text) {
        ("**/*.pem" | "**/*.key", Some(text)) => text.contains("PRIVATE KEY"),
        ("**/*.sql" | "**/*.sql.gz" | "**/*.dump", text) => is_dump(path, text),
        ("**/auth.json", Some(text)) => secret_in("", text).is_some(),
        ("**/secrets/**", _) => !matches!(extension, "php" | "js" | "ts" | "vue" | "py" | "go" | "html" | "twig"),
        (
            "**/wp-config.php"
            | "**/configuration.php"
            | "**/LocalConfiguration.php"
            | "**/app/etc/env.php"
            | "**/sites/*/settings.php"
            | "**/.npmrc"
            | "**/.htpasswd",
            text,
        ) => text.map_or(named, |text| !tokens_in(text).is_empty()),
        ("**/config/parameters.yml", text) => text.map_or(named, |text| {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .any(|(key, value)| secret_in(key.trim(), value.trim()).is_some())
        }),
        _ => true,
    };
    // What is named without its text may be a template that is filled in later.
    let confidence = if named && text.is_none() && row.level != Level::Critical { Confidence::Medium } else { seen };
    if real { judged(row.level, confidence) } else { None }
}

/// A dump has rows or says so by its name; a schema or a migration is code.
fn is_dump(path: &str, text: Option<&str>) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let said = ["dump", "backup", "export", "prod", "live"].iter().any(|word| name.contains(word));
    let code = path.split('/').rev().skip(1).any(|folder| {
        matches!(
            folder,
            "migrations" | "schema" | "schemas" | "sql" | "seeds" | "initdb" | "docker-entrypoint-initdb.d"
        )
    });
    match text {
        Some(text) => {
            text.len() > 100_000
                || text.matches("INSERT INTO").count() > 20
                || said && !code && text.contains("INSERT INTO")
        }
        None => said || !code && !name.ends_with(".sql"),
    }
}

/// Ansible Vault, sops, age, PGP.
pub(super) fn is_encrypted(text: &str) -> bool {
    text.starts_with("$ANSIBLE_VAULT")
        || text.starts_with("age-encryption.org")
        || text.contains("ENC[AES256_GCM")
        || text.contains("-----BEGIN PGP MESSAGE")
        || text.contains("-----BEGIN AGE ENCRYPTED")
}

#[cfg(test)]
#[path = "leaks_tests.rs"]
mod tests;
