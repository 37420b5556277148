//! Options of a command line, the way Go's flag libraries read them.

use super::words::Arg;
use crate::model::compose::Text;
use crate::source::Location;
use crate::span::Span;

/// Which options a command has.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Long options without a value. Every other long option takes one.
    pub switches: &'static [&'static str],
    /// Short options without a value: the letter and the long name.
    pub short_switches: &'static [(char, &'static str)],
    /// Short options with a value: the letter and the long name.
    pub short_values: &'static [(char, &'static str)],
    /// Whether options may follow operands. For `run` and `exec` they belong to the command then.
    pub interspersed: bool,
}

/// One option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flag {
    /// Its long name without dashes; a short option that has none keeps its letter.
    pub name: String,
    /// Its value.
    pub value: Option<Text>,
    /// The option with its value.
    pub at: Location,
}

/// A command line taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// The options, in order.
    pub flags: Vec<Flag>,
    /// The other words.
    pub operands: Vec<Arg>,
    /// A variable without a value stands among the options: there may be more of them.
    pub opaque: bool,
}

impl Flags {
    /// The last option of a name.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rev().find(|flag| flag.name == name)
    }

    /// The last value of an option.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Text> {
        self.last(name)?.value.as_ref()
    }

    /// Every value of an option.
    pub fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f Text> {
        self.flags.iter().filter(move |flag| flag.name == name).filter_map(|flag| flag.value.as_ref())
    }

    /// Whether a switch is on: given, and not as `--name=false`.
    #[must_use]
    pub fn on(&self, name: &str) -> Option<&Flag> {
        self.last(name).filter(|flag| {
            flag.value.as_ref().is_none_or(|value| !matches!(value.text.as_str(), "false" | "0" | "False" | "f"))
        })
    }
}

/// Whether a variable's name says that it holds options.
fn holds_options(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper.contains("[@]")
        || ["OPT", "ARG", "FLAG", "PARAM", "VOLUME", "MOUNT", "ENVS", "TTY", "PORT", "LABEL"]
            .iter()
            .any(|part| upper.contains(part))
        || upper == "${@}"
        || upper == "${*}"
}

/// Takes words apart. Total: what makes no sense to the program makes an operand or an option without a value here.
#[must_use]
pub fn parse_flags(words: &[Arg], spec: &Spec) -> Flags {
    let mut out = Flags::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let text = word.text();
        if text == "--" {
            out.operands.extend_from_slice(words.get(at..).unwrap_or(&[]));
            break;
        }
        if word.loose
            && (holds_options(text)
                || (at < words.len() && out.operands.is_empty() && !spec.interspersed && next_is_flag(words, at)))
        {
            out.opaque = true;
            continue;
        }
        if let Some(long) = text.strip_prefix("--") {
            at += long_flag(&mut out, word, long, words.get(at), spec);
        } else if text.len() > 1 && text.starts_with('-') {
            at += short_flags(&mut out, word, words.get(at), spec);
        } else if spec.interspersed {
            out.operands.push(word.clone());
        } else {
            out.operands.extend_from_slice(words.get(at - 1..).unwrap_or(&[]));
            break;
        }
    }
    out
}

fn next_is_flag(words: &[Arg], at: usize) -> bool {
    words.get(at).is_some_and(|next| next.text().starts_with('-'))
}

/// Returns how many words more were used.
fn long_flag(out: &mut Flags, word: &Arg, long: &str, next: Option<&Arg>, spec: &Spec) -> usize {
    let name = long.split('=').next().unwrap_or(long).to_owned();
    if let Some((_, value)) = long.split_once('=') {
        let value = part(word, 2 + name.len() + 1, value);
        out.flags.push(Flag { name, value: Some(value), at: word.value.at });
        return 0;
    }
    if spec.switches.contains(&long) {
        out.flags.push(Flag { name, value: None, at: word.value.at });
        return 0;
    }
    let (value, at) = following(word, next);
    let used = usize::from(value.is_some());
    out.flags.push(Flag { name, value, at });
    used
}

/// `-itd`, `-p80:80`, `-p 80:80`, `-e=A=b`.
fn short_flags(out: &mut Flags, word: &Arg, next: Option<&Arg>, spec: &Spec) -> usize {
    let text = word.text();
    for (at, letter) in text.char_indices().skip(1) {
        let rest = text.get(at + letter.len_utf8()..).unwrap_or("");
        let find = |list: &[(char, &'static str)]| list.iter().find(|(c, _)| *c == letter).map(|(_, name)| *name);
        if let Some(name) = find(spec.short_switches) {
            out.flags.push(Flag { name: name.to_owned(), value: None, at: word.value.at });
            continue;
        }
        let name = find(spec.short_values);
        if name.is_none() && !rest.is_empty() && rest.chars().all(char::is_alphanumeric) {
            // A letter that is not known, among others.
            out.flags.push(Flag { name: letter.to_string(), value: None, at: word.value.at });
            continue;
        }
        let name = name.map_or_else(|| letter.to_string(), str::to_owned);
        if rest.is_empty() {
            let known = find(spec.short_values).is_some();
            let (value, at) = if known { following(word, next) } else { (None, word.value.at) };
            let used = usize::from(value.is_some());
            out.flags.push(Flag { name, value, at });
            return used;
        }
        let value = rest.strip_prefix('=').unwrap_or(rest);
        let value = part(word, text.len() - value.len(), value);
        out.flags.push(Flag { name, value: Some(value), at: word.value.at });
        return 0;
    }
    0
}

fn following(word: &Arg, next: Option<&Arg>) -> (Option<Text>, Location) {
    match next {
        Some(next) => {
            let at = Location::new(word.value.at.source, word.value.at.span.to(next.value.at.span));
            (Some(next.value.clone()), at)
        }
        None => (None, word.value.at),
    }
}

/// The part of a word from a byte of its text on. Its place is exact where the option's name is written without quotes, which it is
/// whenever nobody wants to confuse; the whole word otherwise.
fn part(word: &Arg, from: usize, text: &str) -> Text {
    let span = word.value.at.span;
    let certain = word.value.text.len() - text.len() == from && span.len() >= from + text.len().min(1);
    let span = if certain && word.value.variables.is_empty() && span.len() >= word.value.text.len() {
        // Quotes, where there are any, stand around the value: `--name="app"`.
        Span { start: span.start.saturating_add(u32::try_from(from).unwrap_or(0)), end: span.end }
    } else {
        span
    };
    Text { text: text.to_owned(), at: Location::new(word.value.at.source, span), ..word.value.clone() }
}

pub(super) const GLOBAL: Spec = Spec {
    switches: &["debug", "tls", "tlsverify", "version", "help", "remote"],
    short_switches: &[('D', "debug"), ('v', "version"), ('h', "help"), ('r', "remote")],
    short_values: &[('H', "host"), ('c', "context"), ('l', "log-level")],
    interspersed: false,
};

pub(super) const RUN: Spec = Spec {
    switches: &[
        "detach",
        "rm",
        "interactive",
        "tty",
        "privileged",
        "init",
        "read-only",
        "publish-all",
        "no-healthcheck",
        "oom-kill-disable",
        "sig-proxy",
        "disable-content-trust",
        "quiet",
        "use-api-socket",
        "help",
        "replace",
        "rmi",
        "no-hosts",
        "no-hostname",
        "env-host",
        "passwd",
        "rootfs",
        "read-only-tmpfs",
        "http-proxy",
        "tls-verify",
    ],
    short_switches: &[('d', "detach"), ('i', "interactive"), ('t', "tty"), ('P', "publish-all"), ('q', "quiet")],
    short_values: &[
        ('a', "attach"),
        ('c', "cpu-shares"),
        ('e', "env"),
        ('h', "hostname"),
        ('l', "label"),
        ('m', "memory"),
        ('p', "publish"),
        ('u', "user"),
        ('v', "volume"),
        ('w', "workdir"),
    ],
    interspersed: false,
};

pub(super) const EXEC: Spec = Spec {
    switches: &["detach", "interactive", "tty", "privileged", "no-TTY", "no-tty", "latest", "help"],
    short_switches: &[('d', "detach"), ('i', "interactive"), ('t', "tty"), ('T', "no-TTY")],
    short_values: &[('e', "env"), ('u', "user"), ('w', "workdir")],
    interspersed: false,
};

pub(super) const BUILD: Spec = Spec {
    switches: &[
        "no-cache",
        "pull",
        "push",
        "load",
        "quiet",
        "rm",
        "force-rm",
        "squash",
        "compress",
        "disable-content-trust",
        "debug",
        "check",
        "no-push",
        "cache",
        "reproducible",
        "single-snapshot",
        "cleanup",
        "insecure",
        "skip-tls-verify",
        "layers",
        "force",
        "help",
        "insecure-pull",
        "skip-unused-stages",
    ],
    short_switches: &[('q', "quiet"), ('D', "debug")],
    short_values: &[
        ('t', "tag"),
        ('f', "file"),
        ('o', "output"),
        ('m', "memory"),
        ('c', "context"),
        ('d', "destination"),
    ],
    interspersed: true,
};

pub(super) const COMPOSE: Spec = Spec {
    switches: &[
        "verbose",
        "compatibility",
        "all-resources",
        "dry-run",
        "version",
        "help",
        "no-ansi",
        "tls",
        "tlsverify",
    ],
    short_switches: &[('v', "version"), ('h', "help"), ('D', "debug")],
    short_values: &[('f', "file"), ('p', "project-name"), ('H', "host"), ('c', "context")],
    interspersed: false,
};

pub(super) const COMPOSE_RUN: Spec = Spec {
    switches: &[
        "detach",
        "rm",
        "no-deps",
        "no-TTY",
        "no-tty",
        "service-ports",
        "use-aliases",
        "build",
        "interactive",
        "tty",
        "quiet",
        "quiet-pull",
        "quiet-build",
        "remove-orphans",
        "help",
    ],
    short_switches: &[
        ('d', "detach"),
        ('T', "no-TTY"),
        ('i', "interactive"),
        ('t', "tty"),
        ('P', "service-ports"),
        ('q', "quiet"),
    ],
    short_values: &[('e', "env"), ('u', "user"), ('v', "volume"), ('w', "workdir"), ('l', "label"), ('p', "publish")],
    interspersed: false,
};

/// The other commands of `compose`, and of `docker`: options that take a value are few.
pub(super) const OTHER: Spec = Spec {
    switches: &[
        "detach",
        "build",
        "force-recreate",
        "no-recreate",
        "no-build",
        "no-deps",
        "remove-orphans",
        "wait",
        "pull",
        "no-start",
        "quiet",
        "quiet-pull",
        "volumes",
        "all",
        "force",
        "abort-on-container-exit",
        "renew-anon-volumes",
        "always-recreate-deps",
        "no-cache",
        "push",
        "ignore-pull-failures",
        "include-deps",
        "follow-link",
        "archive",
        "link",
        "internal",
        "attachable",
        "ipv6",
        "password-stdin",
        "pause",
        "all-tags",
        "disable-content-trust",
        "no-color",
        "no-log-prefix",
        "follow",
        "watch",
        "menu",
        "stop",
        "with-dependencies",
        "memory-swap",
        "help",
        "no-attach",
        "no-trunc",
        "rm",
        "ingress",
        "get-login",
    ],
    short_switches: &[
        ('d', "detach"),
        ('a', "all"),
        ('q', "quiet"),
        ('L', "follow-link"),
        ('V', "renew-anon-volumes"),
        ('w', "watch"),
        ('s', "stop"),
    ],
    short_values: &[
        ('t', "timeout"),
        ('u', "username"),
        ('p', "password"),
        ('o', "output"),
        ('i', "input"),
        ('m', "message"),
        ('c', "change"),
        ('n', "tail"),
    ],
    interspersed: true,
};
