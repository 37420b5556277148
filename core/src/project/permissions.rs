//! Who may write to the files of an image: `chmod`, `install -m`, `mkdir -m` and `COPY --chmod` that let everybody.

use super::{BuildUse, Project, ServiceRef};
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::dockerfile::{LinkKind, LinkSource};
use crate::source::{Location, SourceId, file_name};
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::shell::{self, Command, Word};

/// Files that everybody may write, by one command or instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorldWritable {
    /// The paths, as written.
    pub paths: Vec<String>,
    /// The mode, as written.
    pub mode: String,
    /// Where it is set.
    pub at: Location,
    /// How bad it is for these paths.
    pub severity: Severity,
    /// Lower when the files come from another stage.
    pub confidence: Confidence,
    mode_at: Option<Location>,
    recursive: bool,
    whole_command: bool,
}

/// A change of permissions.
struct Change {
    effect: Effect,
    paths: Vec<String>,
    mode: String,
    at: Location,
    mode_at: Location,
    recursive: bool,
    whole_command: bool,
}

/// What a mode does for those who are neither owner nor group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    /// Lets them write.
    Grants {
        /// Only the owner of a file may remove it.
        sticky: bool,
    },
    /// Does not let them write.
    Removes,
    /// Says nothing of writing.
    Leaves,
}

impl ServiceRef<'_, '_> {
    /// What its image, its command and its start script make writable for everybody.
    #[must_use]
    pub fn world_writable(self) -> Vec<WorldWritable> {
        let project = self.project();
        let mut out = Vec::new();
        if let Some((used, id)) = self.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) {
            for stage in used.stages_used.iter().copied() {
                out.extend(in_stage(project, used, id, stage));
            }
        }
        let main = self.main_command();
        for script in main.words.iter().take(3).filter_map(|word| self.start_script(word)) {
            let changes: Vec<Change> = shell::parse(project.text(script))
                .commands
                .iter()
                .filter_map(|command| of_command(project, script, command))
                .collect();
            out.extend(granted(changes).into_iter().map(|found| WorldWritable { mode_at: None, ..found }));
        }
        if let Some(command) = self.own_command() {
            let texts: Vec<&str> = command.words.iter().map(String::as_str).collect();
            if let Some(text) = shell::command_string(&texts).and_then(|at| texts.get(at)) {
                let script = shell::parse(text);
                let changes: Vec<Change> = script
                    .commands
                    .iter()
                    .filter_map(|part| words_of_command(part).map(|words| words.at(command.at)))
                    .collect();
                out.extend(granted(changes).into_iter().map(|found| WorldWritable { mode_at: None, ..found }));
            }
        }
        out
    }
}

/// What one stage makes writable for everybody, as far as it reaches the image.
fn in_stage(project: &Project<'_>, used: &BuildUse, id: SourceId, stage: usize) -> Vec<WorldWritable> {
    let Some((file, model)) = project.dockerfile(id).zip(used.model.stages.get(stage)) else { return Vec::new() };
    let changes =
        used.model.steps(file, stage).flat_map(|step| of_instruction(project, id, step.instruction)).collect();
    let mut found = granted(changes);
    if !used.is_final(stage) {
        let workdir =
            model.workdir.as_ref().filter(|workdir| workdir.known).map_or("", |workdir| workdir.text.as_str());
        let copied = copied_from(used, file, stage);
        found.retain(|found| {
            found.paths.iter().any(|path| copied.iter().any(|source| covers(source, true, &absolute(workdir, path))))
        });
        found.iter_mut().for_each(|found| found.confidence = Confidence::Medium);
    }
    found
}

/// Paths of a stage that the image's own stages copy.
fn copied_from(used: &BuildUse, file: &crate::syntax::dockerfile::Dockerfile, stage: usize) -> Vec<String> {
    let links = used
        .final_chain()
        .into_iter()
        .filter_map(|number| used.model.stages.get(number))
        .flat_map(|number| &number.links);
    links
        .filter(|link| link.kind == LinkKind::Copy && link.source == LinkSource::Stage(stage))
        .filter_map(|link| file.instructions.get(link.instruction)?.effective().args.split_last())
        .flat_map(|(_, sources)| sources.iter().map(|source| absolute("/", &source.text)))
        .collect()
}

fn absolute(workdir: &str, path: &str) -> String {
    let path = path.trim_matches('"');
    if path.starts_with('/') {
        format!("/{}", crate::source::normalise(path))
    } else {
        format!("/{}", crate::source::join(workdir.trim_matches('/'), path))
    }
}

fn of_instruction(project: &Project<'_>, id: SourceId, instruction: &Instruction) -> Vec<Change> {
    match instruction.keyword {
        Keyword::Run => {
            let scripts = instruction.scripts(project.text(id));
            scripts
                .iter()
                .flat_map(|script| &script.script.commands)
                .filter_map(|command| of_command(project, id, command))
                .collect()
        }
        Keyword::Copy | Keyword::Add => {
            let Some((flag, destination)) = instruction.flag("chmod").zip(instruction.args.last()) else {
                return Vec::new();
            };
            let (Some(mode), Some(span)) = (flag.value.clone(), flag.value_span) else { return Vec::new() };
            vec![Change {
                effect: effect(&mode),
                paths: vec![destination.text.trim_matches('"').to_owned()],
                mode,
                at: Location::new(id, flag.span),
                mode_at: Location::new(id, span),
                recursive: false,
                whole_command: false,
            }]
        }
        _ => Vec::new(),
    }
}

fn of_command(project: &Project<'_>, id: SourceId, command: &Command) -> Option<Change> {
    let words = words_of_command(command)?;
    let mut change = words.at(Location::new(id, command.span));
    change.mode_at = Location::new(id, words.mode.span);
    // A path with a variable is shown as it is written.
    change.paths = words
        .paths
        .iter()
        .map(
            |word| {
                if word.literal { word.text.clone() } else { project.slice(Location::new(id, word.span)).to_owned() }
            },
        )
        .collect();
    Some(change)
}

/// The words of a command that sets permissions.
struct ModeWords<'c> {
    mode: &'c Word,
    text: &'c str,
    paths: Vec<&'c Word>,
    recursive: bool,
    whole_command: bool,
}

impl ModeWords<'_> {
    fn at(&self, at: Location) -> Change {
        Change {
            effect: effect(self.text),
            paths: self.paths.iter().map(|word| word.text.clone()).collect(),
            mode: self.text.to_owned(),
            at,
            mode_at: at,
            recursive: self.recursive,
            whole_command: self.whole_command,
        }
    }
}

fn words_of_command(command: &Command) -> Option<ModeWords<'_>> {
    match command.program()? {
        "chmod" => {
            let mut operands = command.operands();
            let mode = operands.next()?;
            let whole_command = command.name() == Some("chmod") && command.redirects.is_empty();
            Some(ModeWords {
                mode,
                text: &mode.text,
                paths: operands.collect(),
                recursive: command.has_any_flag(&["-R", "--recursive"]),
                whole_command,
            })
        }
        tool @ ("install" | "mkdir") => {
            let (text, mode) = command.flag_value("-m").or_else(|| command.flag_value("--mode"))?;
            let values: Vec<&Word> =
                ["-o", "-g"].into_iter().filter_map(|flag| Some(command.flag_value(flag)?.1)).chain([mode]).collect();
            let operands: Vec<&Word> =
                command.operands().filter(|word| !values.iter().any(|value| value.span == word.span)).collect();
            let folders = tool == "mkdir" || command.has_any_flag(&["-d", "--directory"]);
            let paths = if folders { operands } else { operands.last().copied().into_iter().collect() };
            // The mode is rewritten only where it is a word of its own.
            (mode.text == text).then_some(ModeWords { mode, text, paths, recursive: false, whole_command: false })
        }
        "find" => {
            let words = command.program_args();
            let at = words.iter().position(|word| file_name(&word.text) == "chmod")?;
            let mode = words.iter().skip(at + 1).find(|word| !word.text.starts_with('-'))?;
            Some(ModeWords {
                mode,
                text: &mode.text,
                paths: words.first().filter(|word| !word.text.starts_with('-')).into_iter().collect(),
                recursive: true,
                whole_command: false,
            })
        }
        _ => None,
    }
}

/// The changes that let everybody write, without the paths that a later change takes back.
fn granted(changes: Vec<Change>) -> Vec<WorldWritable> {
    let mut out = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let Effect::Grants { sticky } = change.effect else { continue };
        let later = changes.get(index + 1..).unwrap_or_default();
        let taken_back = |path: &str| {
            later
                .iter()
                .filter(|later| later.effect == Effect::Removes)
                .any(|later| later.paths.iter().any(|wider| covers(wider, later.recursive, path)))
        };
        let paths: Vec<String> = change.paths.iter().filter(|path| !taken_back(path)).cloned().collect();
        let severity = paths.iter().filter_map(|path| severity_of_path(path, sticky)).max();
        let Some(severity) = severity else { continue };
        let paths = paths.into_iter().filter(|path| severity_of_path(path, sticky).is_some()).collect();
        out.push(WorldWritable {
            paths,
            mode: change.mode.clone(),
            at: change.at,
            severity,
            confidence: Confidence::High,
            mode_at: Some(change.mode_at),
            recursive: change.recursive,
            whole_command: change.whole_command,
        });
    }
    out
}

/// Whether a change of `wider` reaches `path`.
fn covers(wider: &str, recursive: bool, path: &str) -> bool {
    let (wider, path) = (wider.trim_end_matches('/'), path.trim_end_matches('/'));
    wider == path || recursive && path.strip_prefix(wider).is_some_and(|rest| rest.starts_with('/'))
}

fn effect(mode: &str) -> Effect {
    if !mode.is_empty() && mode.len() <= 5 && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7')) {
        let mut digits = mode.bytes().rev().map(|byte| byte - b'0');
        let writes = digits.next().is_some_and(|others| others & 2 != 0);
        let sticky = digits.nth(2).is_some_and(|special| special & 1 != 0);
        return if writes { Effect::Grants { sticky } } else { Effect::Removes };
    }
    let mut found = Effect::Leaves;
    let sticky = mode.contains('t');
    for clause in mode.split(',') {
        let Some(at) = clause.find(['+', '-', '=']) else { return Effect::Leaves };
        let (who, what) = clause.split_at(at);
        // Without a letter the umask decides, which leaves others out.
        if !who.bytes().all(|byte| b"ugoa".contains(&byte)) || !who.contains(['o', 'a']) {
            continue;
        }
        let (operator, perms) = what.split_at(1);
        found = match (operator, perms.contains('w')) {
            ("+" | "=", true) => Effect::Grants { sticky },
            ("=", false) | ("-", true) => Effect::Removes,
            _ => found,
        };
    }
    found
}

/// Folders that an application writes to while it runs.
const WRITTEN: [&str; 16] = [
    "cache", "caches", "data", "files", "log", "logs", "media", "runtime", "session", "sessions", "spool", "storage",
    "upload", "uploads", "var", "writable",
];

/// How bad it is when everybody may write to a path; `None` where that is what the path is for.
fn severity_of_path(path: &str, sticky: bool) -> Option<Severity> {
    let path = path.trim_matches(['"', '\'']);
    let absolute = path.starts_with('/');
    let clean = crate::source::normalise(path);
    if absolute && (clean == "dev" || clean.starts_with("dev/")) && clean != "dev/shm" {
        return None;
    }
    let temporary =
        matches!(file_name(&clean), "tmp" | "temp" | "shm" | "lock") || clean.starts_with("tmp/") && absolute;
    if temporary || sticky {
        return if temporary && sticky { None } else { Some(Severity::Low) };
    }
    let below = if absolute {
        clean.strip_prefix("var/www/html").or_else(|| clean.strip_prefix("var/www")).unwrap_or(&clean)
    } else {
        &clean
    };
    let state = absolute && (clean == "run" || clean.starts_with("run/"));
    let written = state
        || below.split('/').any(|part| WRITTEN.contains(&part))
            && !below.split('/').any(|part| matches!(part, "bin" | "sbin"));
    // Nobody knows what a variable alone stands for.
    Some(if written || clean.starts_with('$') { Severity::Medium } else { Severity::High })
}

impl Project<'_> {
    /// Lets only the owner write: with `owner`, the files are given to that user as well.
    #[must_use]
    pub fn tighten(&self, found: &WorldWritable, owner: Option<&str>) -> Option<Fix> {
        let mode_at = found.mode_at?;
        let mode = match found.mode.trim_start_matches('0') {
            "666" | "646" => "644",
            _ if found.recursive => "u=rwX,go=rX",
            _ => "755",
        };
        match owner.filter(|_| found.whole_command) {
            Some(owner) => {
                let (paths, flag) = (found.paths.join(" "), if found.recursive { "-R " } else { "" });
                let text = format!("chown {flag}{owner}:{owner} {paths} && chmod {flag}{mode} {paths}");
                self.replace_text(
                    Safety::Suggested,
                    format!("Give the files to {owner} and let only the owner write"),
                    found.at,
                    &text,
                )
            }
            None => self.replace_text(Safety::Suggested, "Let only the owner write", mode_at, mode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Date;
    use crate::source::Sources;

    #[test]
    fn modes() {
        for mode in ["777", "0777", "666", "a+w", "o+w", "ugo+rwx", "a=rwx", "u=rwX,o=rwX", "757"] {
            assert_eq!(effect(mode), Effect::Grants { sticky: false }, "{mode}");
        }
        for mode in ["1777", "a+rwxt"] {
            assert_eq!(effect(mode), Effect::Grants { sticky: true }, "{mode}");
        }
        for mode in ["775", "755", "700", "o-w", "u=rwX,go=rX", "o="] {
            assert_eq!(effect(mode), Effect::Removes, "{mode}");
        }
        for mode in ["+x", "g=u", "u+w", "g+rwX", "+w", "$MODE", "a+x"] {
            assert_eq!(effect(mode), Effect::Leaves, "{mode}");
        }
    }

    #[test]
    fn paths() {
        for (path, sticky, want) in [
            (".", false, Some(Severity::High)),
            ("/var/www/html", false, Some(Severity::High)),
            ("/var/www/html/wp-content", false, Some(Severity::High)),
            ("/var/www/html/wp-content/uploads", false, Some(Severity::Medium)),
            ("storage", false, Some(Severity::Medium)),
            ("bootstrap/cache", false, Some(Severity::Medium)),
            ("/var/log/nginx", false, Some(Severity::Medium)),
            ("/run/php", false, Some(Severity::Medium)),
            ("/usr/local/bin/run", false, Some(Severity::High)),
            ("$DIR", false, Some(Severity::Medium)),
            ("/tmp", true, None),
            ("/tmp", false, Some(Severity::Low)),
            ("/srv/share", true, Some(Severity::Low)),
            ("/dev/stdout", false, None),
        ] {
            assert_eq!(severity_of_path(path, sticky), want, "{path}");
        }
    }

    /// Paths that a Dockerfile makes writable for everybody.
    fn found(dockerfile: &str) -> Vec<String> {
        let mut sources = Sources::new();
        sources.add("Dockerfile", dockerfile);
        let project = Project::new(&sources, Date::new(2026, 11, 24));
        project.services().flat_map(|service| service.world_writable()).flat_map(|found| found.paths).collect()
    }

    #[test]
    fn every_way_to_set_a_mode() {
        for line in [
            "RUN chmod -R 777 storage",
            "RUN a && sudo chmod 0777 storage || true",
            "RUN install -d -m 777 -o www-data storage",
            "RUN mkdir -m 0777 storage",
            "RUN find storage -type d -exec chmod 777 {} \\;",
            "COPY --chmod=777 a storage",
            "RUN <<EOF\nchmod a+rwx storage\nEOF",
            "RUN [\"sh\", \"-c\", \"chmod 777 storage\"]",
        ] {
            assert_eq!(found(&format!("FROM php:8.4-fpm\n{line}\n")), ["storage"], "{line}");
        }
    }

    #[test]
    fn what_is_taken_back_does_not_count() {
        assert_eq!(found("FROM php:8.4-fpm\nRUN chmod -R 777 a b\nRUN chmod -R 755 a\n"), ["b"]);
        assert_eq!(found("FROM php:8.4-fpm\nRUN chmod 755 a && chmod 777 a\n"), ["a"]);
    }

    #[test]
    fn only_what_reaches_the_image() {
        let copied = |from: &str| {
            found(&format!(
                "FROM php:8.4-cli AS b\nWORKDIR /app\nRUN chmod -R 777 storage\nFROM php:8.4-fpm\nCOPY --from=b {from} /srv\n"
            ))
        };
        assert_eq!(copied("/app"), ["storage"]);
        assert_eq!(copied("/app/storage/x"), Vec::<String>::new());
        assert_eq!(copied("/usr/bin/composer"), Vec::<String>::new());
    }
}
