//! What the builder refuses after parsing: wrong numbers of arguments, unknown flags, instructions in the wrong place.

use super::flags::milliseconds;
use super::{Dockerfile, Flag, Form, Healthcheck, Instruction, Keyword, Mount, MountKind};
use crate::span::Span;
use crate::syntax::SyntaxError;

/// Flags that may be given more than once.
const REPEATABLE: [&str; 3] = ["mount", "exclude", "device"];
/// Flags that stand for yes without a value.
const SWITCHES: [&str; 4] = ["link", "parents", "keep-git-dir", "unpack"];

/// Options of `RUN --mount`.
const MOUNT_OPTIONS: [&str; 19] = [
    "type",
    "id",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "from",
    "env",
    "required",
    "sharing",
    "size",
    "mode",
    "uid",
    "gid",
    "ro",
    "readonly",
    "rw",
    "readwrite",
];

/// Adds an error for everything the builder would refuse, and puts all errors in source order.
pub(super) fn check(text: &str, file: &mut Dockerfile) {
    let mut errors = std::mem::take(&mut file.errors);
    if file.instructions.is_empty() {
        let error = SyntaxError::new(Span::at(0), "the file holds no instruction");
        errors.push(error.with_help("begin with FROM and the image to build on"));
    }
    let mut in_stage = false;
    for instruction in &file.instructions {
        let mut check = Check { text, errors: &mut errors };
        check.placement(instruction, in_stage);
        check.instruction(instruction);
        in_stage |= instruction.keyword == Keyword::From;
    }
    errors.sort_by_key(|error| error.span);
    file.errors = errors;
    file.hints.sort_by_key(|hint| hint.span);
}

/// Flags an instruction knows.
fn known_flags(keyword: Keyword) -> &'static [&'static str] {
    match keyword {
        Keyword::From => &["platform"],
        Keyword::Run => &["mount", "network", "security", "device"],
        Keyword::Add => &["keep-git-dir", "checksum", "chown", "chmod", "link", "exclude", "unpack"],
        Keyword::Copy => &["from", "chown", "chmod", "link", "parents", "exclude"],
        Keyword::Healthcheck => &["interval", "timeout", "start-period", "start-interval", "retries"],
        _ => &[],
    }
}

struct Check<'e> {
    text: &'e str,
    errors: &'e mut Vec<SyntaxError>,
}

impl Check<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(SyntaxError::new(span, message).with_help(help));
    }

    /// Only ARG may stand before the first FROM.
    fn placement(&mut self, instruction: &Instruction, in_stage: bool) {
        let anywhere = matches!(instruction.keyword, Keyword::From | Keyword::Arg | Keyword::Unknown);
        if !in_stage && !anywhere {
            let keyword = instruction.keyword.as_str();
            self.error(
                instruction.keyword_span,
                format!("{keyword} stands before the first FROM, so there is no stage it could belong to"),
                "move it below a FROM line, or write FROM and an image above it; only ARG may come before",
            );
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        if instruction.keyword == Keyword::Unknown {
            return self.unknown(instruction);
        }
        self.flags(instruction);
        for mount in instruction.mounts() {
            self.mount(&mount);
        }
        match instruction.keyword {
            Keyword::From => self.from(instruction),
            Keyword::Add | Keyword::Copy => self.copy(instruction),
            Keyword::Env | Keyword::Label | Keyword::Arg => self.pairs(instruction),
            Keyword::Expose | Keyword::Volume => self.at_least_one(instruction),
            Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer => {
                self.at_least_one(instruction)
            }
            Keyword::Shell => self.shell(instruction),
            Keyword::Healthcheck => self.healthcheck(instruction),
            Keyword::Onbuild => self.onbuild(instruction),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Unknown => {}
        }
    }

    fn unknown(&mut self, instruction: &Instruction) {
        let word = instruction.keyword_span.slice(self.text);
        // A long word is a line that went astray; the message names the start of it.
        let shown: String = word.chars().take(24).collect();
        let help = match Keyword::nearest(word) {
            Some(keyword) => format!("did you mean {}?", keyword.as_str()),
            None => match starts_with_keyword(word) {
                Some(keyword) => format!("did you mean {}, with a plain space behind it?", keyword.as_str()),
                None => {
                    "begin the line with an instruction such as RUN, or end the line above with \\ if it belongs there"
                        .to_owned()
                }
            },
        };
        self.error(instruction.keyword_span, format!("{shown} is no instruction"), help);
    }

    fn flags(&mut self, instruction: &Instruction) {
        let known = known_flags(instruction.keyword);
        let mut seen: Vec<&str> = Vec::new();
        for flag in &instruction.flags {
            let name = flag.name.as_str();
            if !known.contains(&name) {
                self.unknown_flag(instruction, flag, known);
                continue;
            }
            if seen.contains(&name) && !REPEATABLE.contains(&name) {
                self.error(flag.span, format!("the flag --{name} is given twice"), "keep only one of them");
            }
            if !seen.contains(&name) {
                seen.push(name);
            }
            self.flag_value(flag);
        }
    }

    fn unknown_flag(&mut self, instruction: &Instruction, flag: &Flag, known: &[&str]) {
        let keyword = instruction.keyword.as_str();
        let help = if known.is_empty() {
            format!("{keyword} takes no flags; remove it")
        } else {
            format!("{keyword} knows --{}", known.join(", --"))
        };
        let name: String = flag.name.chars().take(24).collect();
        self.error(flag.span, format!("{keyword} has no flag --{name}"), help);
    }

    fn flag_value(&mut self, flag: &Flag) {
        let name = flag.name.as_str();
        match flag.value.as_deref() {
            None if !SWITCHES.contains(&name) => {
                self.error(flag.span, format!("the flag --{name} needs a value"), format!("write --{name}=value"));
            }
            Some(value)
                if SWITCHES.contains(&name) && !matches!(value.to_ascii_lowercase().as_str(), "true" | "false") =>
            {
                self.error(
                    flag.span,
                    format!("the flag --{name} takes true or false"),
                    format!("write --{name} alone"),
                );
            }
            Some("") if name == "mount" => {
                self.error(
                    flag.span,
                    "the mount says nothing",
                    "write --mount=type=cache,target=/path or another mount",
                );
            }
            // What a variable says is known to the build only.
            Some(value) if value.contains('$') => {}
            Some(value) => self.plain_flag_value(flag, value),
            None => {}
        }
    }

    /// A value without a variable.
    fn plain_flag_value(&mut self, flag: &Flag, value: &str) {
        let name = flag.name.as_str();
        let help = match name {
            "network" if !matches!(value, "default" | "none" | "host") => "write default, none or host",
            "security" if !matches!(value, "sandbox" | "insecure") => "write sandbox or insecure",
            "interval" | "timeout" | "start-period" | "start-interval" if milliseconds(value).is_none() => {
                "write a number with its unit, such as 30s or 1m30s"
            }
            "retries" if value.parse::<u32>().is_err() => "write a whole number",
            _ => return,
        };
        let shown: String = value.chars().take(24).collect();
        self.error(flag.value_span.unwrap_or(flag.span), format!("--{name} cannot be {shown}"), help);
    }

    fn mount(&mut self, mount: &Mount) {
        let variable = |text: &str| text.contains('$');
        if mount.options.iter().any(|option| variable(&option.key)) {
            return;
        }
        for option in &mount.options {
            let key = option.key.as_str();
            if !MOUNT_OPTIONS.contains(&key) {
                let shown: String = key.chars().take(24).collect();
                let help = format!("a mount knows {}", MOUNT_OPTIONS.join(", "));
                self.error(option.span, format!("a mount has no option {shown}"), help);
            } else if key == "type"
                && mount.kind == MountKind::Other
                && option.value.as_deref().is_some_and(|value| !variable(value))
            {
                let help = "write bind, cache, tmpfs, secret or ssh";
                self.error(option.span, "there is no mount of this type", help);
            }
        }
        if matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs) && mount.target().is_none() {
            self.error(mount.span, "this mount needs a target", "add target=/path");
        }
    }

    fn from(&mut self, instruction: &Instruction) {
        let help = "write FROM image, or FROM image AS name";
        match instruction.args.as_slice() {
            [_] => {}
            [_, word, name] => {
                if !word.text.eq_ignore_ascii_case("AS") {
                    self.error(word.span, "FROM takes an image and, after AS, a name", help);
                } else if !is_stage_name(&name.text) {
                    let message = "a stage name begins with a letter and holds only letters, digits, -, _ and .";
                    self.error(name.span, message, "choose another name");
                }
            }
            args => {
                let message = "FROM takes either one argument or three";
                // Whatever is too much, or the whole line if something is missing.
                let extra = args.get(3).map(|arg| arg.span).zip(args.last().map(|arg| arg.span));
                let span = extra.map_or(instruction.header_span, |(first, last)| first.to(last));
                self.error(span, message, help);
            }
        }
    }

    fn copy(&mut self, instruction: &Instruction) {
        if instruction.args.len() < 2 {
            let keyword = instruction.keyword.as_str();
            let message = format!("{keyword} needs at least one source and a destination");
            self.error(instruction.header_span, message, format!("write {keyword} source destination"));
        }
    }

    fn at_least_one(&mut self, instruction: &Instruction) {
        let keyword = instruction.keyword.as_str();
        if instruction.args.is_empty() {
            self.error(instruction.header_span, format!("{keyword} needs an argument"), example(instruction.keyword));
        }
        if instruction.keyword == Keyword::Volume {
            for arg in instruction.args.iter().filter(|arg| arg.text.trim().is_empty()) {
                self.error(arg.span, "a volume needs a path", "write a path, or remove the empty string");
            }
        }
    }

    fn pairs(&mut self, instruction: &Instruction) {
        let keyword = instruction.keyword.as_str();
        if instruction.args.is_empty() {
            self.error(instruction.header_span, format!("{keyword} needs an argument"), example(instruction.keyword));
        }
        for pair in instruction.pairs.iter().filter(|pair| pair.key.is_empty()) {
            self.error(pair.span(), format!("{keyword} has a value without a name"), "write a name before the =");
        }
    }

    fn shell(&mut self, instruction: &Instruction) {
        if instruction.form != Form::Json || instruction.args.is_empty() {
            let help = "write SHELL [\"/bin/sh\", \"-c\"] with the shell you need";
            self.error(instruction.header_span, "SHELL needs a JSON array of strings", help);
        }
    }

    fn healthcheck(&mut self, instruction: &Instruction) {
        let help = "write HEALTHCHECK CMD command, or HEALTHCHECK NONE";
        let Some(kind) = instruction.args.first() else {
            return self.error(instruction.header_span, "HEALTHCHECK needs a type", help);
        };
        match instruction.healthcheck {
            None => self.error(kind.span, "the type of a HEALTHCHECK is CMD or NONE", help),
            Some(Healthcheck::Cmd) if instruction.args.len() < 2 => {
                self.error(instruction.header_span, "HEALTHCHECK CMD needs a command", help);
            }
            Some(Healthcheck::None { .. }) => {
                if let Some(arg) = instruction.args.get(1) {
                    self.error(arg.span, "HEALTHCHECK NONE takes no arguments", "remove what follows NONE");
                }
                if let Some(flag) = instruction.flags.first() {
                    self.error(flag.span, "HEALTHCHECK NONE takes no flags", "remove the flags");
                }
            }
            Some(Healthcheck::Cmd) => {}
        }
    }

    fn onbuild(&mut self, instruction: &Instruction) {
        let Some(trigger) = &instruction.trigger else {
            let help = "write ONBUILD and the instruction to leave for later";
            return self.error(instruction.header_span, "ONBUILD needs an instruction", help);
        };
        match trigger.keyword {
            Keyword::Onbuild => {
                self.error(trigger.keyword_span, "ONBUILD cannot be chained", "remove the second ONBUILD");
            }
            keyword @ (Keyword::From | Keyword::Maintainer) => {
                let message = format!("{} is not allowed behind ONBUILD", keyword.as_str());
                self.error(trigger.keyword_span, message, "remove the instruction");
            }
            _ => self.instruction(trigger),
        }
    }
}

/// The keyword a word begins with, when something other than a letter follows it: a no-break space, most likely.
fn starts_with_keyword(word: &str) -> Option<Keyword> {
    let letters = word.find(|c: char| !c.is_ascii_alphabetic())?;
    let keyword = Keyword::parse(word.get(..letters)?);
    (keyword != Keyword::Unknown).then_some(keyword)
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn example(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Env => "write ENV NAME=value",
        Keyword::Label => "write LABEL name=value",
        Keyword::Arg => "write ARG NAME, or ARG NAME=default",
        Keyword::Expose => "write EXPOSE and a port",
        Keyword::Volume => "write VOLUME and a path",
        Keyword::User => "write USER and a name or number",
        Keyword::Workdir => "write WORKDIR and a path",
        Keyword::Stopsignal => "write STOPSIGNAL and a signal",
        _ => "add the argument or remove the line",
    }
}
