//! Two other Dockerfile parsers as second engines: what they accept, ours must read alike.
//!
//! Neither runs in the product. `dockerfile-parser` is deprecated upstream since 2026-07-23 and both give up at the first error, so a
//! text that either refuses says nothing. Texts that ours reports an error for are left out too: the builder refuses them, and then
//! there is no right reading to agree on.

use dockerfile_parser::{Dockerfile as Deprecated, Instruction as DeprecatedInstruction};
use parse_dockerfile::Instruction as SecondInstruction;
use plimsoll_core::syntax::dockerfile::{Dockerfile, Instruction, Keyword, parse};

const GOLDEN: &str = include_str!("data/dockerfile-golden.json");

const SAMPLES: [&str; 3] = [
    r#"# syntax=docker/dockerfile:1
ARG PHP_VERSION=8.3
FROM composer:2 AS vendor
WORKDIR /app
COPY composer.json composer.lock ./
RUN composer install --no-dev \
    # scripts need the application
    --no-scripts

FROM php:${PHP_VERSION}-fpm-alpine AS base
ARG UID=1000
ENV APP_ENV=prod \
    APP_DEBUG="0" \
    GREETING='hello world'
RUN set -eux; \
    apk add --no-cache icu-dev; \
    docker-php-ext-install intl
COPY --from=vendor /app/vendor /srv/vendor
LABEL org.opencontainers.image.title="shop" maintainer='a b'
EXPOSE 9000/tcp
HEALTHCHECK --interval=10s CMD ["php-fpm", "-t"]
USER ${UID}
ENTRYPOINT ["docker-php-entrypoint"]
CMD ["php-fpm"]
"#,
    r#"FROM nginx:1.27@sha256:0000000000000000000000000000000000000000000000000000000000000000
ENV PATH $PATH:/opt/bin
COPY ["default conf", "/etc/nginx/conf.d/"]
VOLUME /var/cache/nginx
STOPSIGNAL SIGQUIT
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
ONBUILD RUN nginx -t
RUN apk add --no-cache curl && \
    rm -rf /tmp/*
"#,
    "from debian:12 as build\r\nrun apt-get update \\\r\n  && apt-get install -y git\r\nuser www-data\r\nadd https://example.org/a.tgz /srv/\r\n",
];

/// What is compared of an instruction.
#[derive(PartialEq, Debug)]
struct Seen {
    keyword: String,
    line: usize,
    /// Image and name of FROM; keys and values of ENV and ARG.
    values: Vec<String>,
}

fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

fn ours(text: &str, file: &Dockerfile, values: fn(&Instruction) -> Vec<String>) -> Vec<Seen> {
    let instructions = file.instructions.iter().map(|instruction| Seen {
        keyword: instruction.keyword.as_str().to_owned(),
        // The builder counts from a lone continuation above the keyword, the engines from the keyword.
        line: line(text, instruction.keyword_span.range().start),
        values: values(instruction),
    });
    instructions.collect()
}

fn words(instruction: &Instruction) -> Vec<String> {
    instruction.args.iter().map(|arg| arg.text.clone()).collect()
}

/// Image and name of FROM, pairs of ENV and ARG with their quotes removed.
fn values_unquoted(instruction: &Instruction) -> Vec<String> {
    match instruction.keyword {
        Keyword::From => words(instruction).into_iter().step_by(2).collect(),
        Keyword::Env | Keyword::Arg => {
            let pairs = instruction.pairs.iter();
            pairs.flat_map(|pair| std::iter::once(pair.key.clone()).chain(pair.value.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// Image and name of FROM, the text of ENV and ARG in pieces: `parse-dockerfile` does not cut it further.
fn values_raw(instruction: &Instruction) -> Vec<String> {
    match instruction.keyword {
        Keyword::From => values_unquoted(instruction),
        Keyword::Env | Keyword::Arg => {
            words(instruction).iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// `dockerfile-parser`.
fn deprecated(text: &str) -> Option<Vec<Seen>> {
    let file = Deprecated::parse(text).ok()?;
    // What its grammar cannot read, it keeps as an opaque instruction of any name. That is no reading to compare with.
    let opaque = |instruction: &DeprecatedInstruction| {
        let misc = instruction.as_misc().map(|misc| misc.instruction.content.to_ascii_uppercase());
        misc.is_some_and(|name| matches!(name.as_str(), "FROM" | "ARG" | "ENV"))
    };
    if file.instructions.iter().any(opaque) {
        return None;
    }
    let instructions = file.instructions.iter().map(|instruction| {
        let (keyword, values) = match instruction {
            DeprecatedInstruction::From(from) => {
                let alias = from.alias.as_ref().map(|alias| alias.content.clone());
                ("FROM".to_owned(), std::iter::once(from.image.content.clone()).chain(alias).collect())
            }
            DeprecatedInstruction::Arg(arg) => {
                let value = arg.value.as_ref().map(|value| value.content.clone());
                ("ARG".to_owned(), std::iter::once(arg.name.content.clone()).chain(value).collect())
            }
            DeprecatedInstruction::Env(env) => {
                let pairs = env.vars.iter().flat_map(|pair| [pair.key.content.clone(), pair.value.to_string()]);
                ("ENV".to_owned(), pairs.collect())
            }
            DeprecatedInstruction::Label(_) => ("LABEL".to_owned(), Vec::new()),
            DeprecatedInstruction::Run(_) => ("RUN".to_owned(), Vec::new()),
            DeprecatedInstruction::Entrypoint(_) => ("ENTRYPOINT".to_owned(), Vec::new()),
            DeprecatedInstruction::Cmd(_) => ("CMD".to_owned(), Vec::new()),
            DeprecatedInstruction::Copy(_) => ("COPY".to_owned(), Vec::new()),
            DeprecatedInstruction::Misc(misc) => (misc.instruction.content.to_ascii_uppercase(), Vec::new()),
        };
        Seen { keyword, line: line(text, instruction.span().start), values }
    });
    Some(instructions.collect())
}

/// `parse-dockerfile`.
fn second(text: &str) -> Option<Vec<Seen>> {
    let file = parse_dockerfile::parse(text).ok()?;
    // Its offsets leave out a byte order mark.
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let pieces = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let instructions = file.instructions.iter().map(|instruction| {
        let none = Vec::new();
        let (keyword, start, values) = match instruction {
            SecondInstruction::From(from) => {
                let alias = from.as_.as_ref().map(|(_, alias)| alias.value.to_string());
                let values = std::iter::once(from.image.value.to_string()).chain(alias).collect();
                ("FROM", from.from.span.start, values)
            }
            SecondInstruction::Arg(arg) => ("ARG", arg.arg.span.start, pieces(&arg.arguments.value)),
            SecondInstruction::Env(env) => ("ENV", env.env.span.start, pieces(&env.arguments.value)),
            SecondInstruction::Add(add) => ("ADD", add.add.span.start, none),
            SecondInstruction::Cmd(cmd) => ("CMD", cmd.cmd.span.start, none),
            SecondInstruction::Copy(copy) => ("COPY", copy.copy.span.start, none),
            SecondInstruction::Entrypoint(entrypoint) => ("ENTRYPOINT", entrypoint.entrypoint.span.start, none),
            SecondInstruction::Expose(expose) => ("EXPOSE", expose.expose.span.start, none),
            SecondInstruction::Healthcheck(check) => ("HEALTHCHECK", check.healthcheck.span.start, none),
            SecondInstruction::Label(label) => ("LABEL", label.label.span.start, none),
            SecondInstruction::Maintainer(maintainer) => ("MAINTAINER", maintainer.maintainer.span.start, none),
            SecondInstruction::Onbuild(onbuild) => ("ONBUILD", onbuild.onbuild.span.start, none),
            SecondInstruction::Run(run) => ("RUN", run.run.span.start, none),
            SecondInstruction::Shell(shell) => ("SHELL", shell.shell.span.start, none),
            SecondInstruction::Stopsignal(signal) => ("STOPSIGNAL", signal.stopsignal.span.start, none),
            SecondInstruction::User(user) => ("USER", user.user.span.start, none),
            SecondInstruction::Volume(volume) => ("VOLUME", volume.volume.span.start, none),
            SecondInstruction::Workdir(workdir) => ("WORKDIR", workdir.workdir.span.start, none),
            _ => ("", 0, none),
        };
        Seen { keyword: keyword.to_owned(), line: line(text, start + mark), values }
    });
    Some(instructions.collect())
}

/// Whether a line ends in a doubled escape character. The builder does not continue it; both engines do and swallow the next line.
fn doubled_escape(text: &str, file: &Dockerfile) -> bool {
    text.lines().any(|line| {
        let kept = line.trim_end().strip_suffix(file.escape);
        kept.is_some_and(|kept| kept.ends_with(file.escape))
    })
}

/// Whether a carriage return stands elsewhere than once before a newline. The builder takes any number of them for part of the line
/// end, and a single one inside a line for a character.
fn stray_carriage_return(text: &str) -> bool {
    text.replace("\r\n", "\n").contains('\r')
}

/// Where `dockerfile-parser` is known to be wrong.
fn known_of_deprecated(text: &str, file: &Dockerfile) -> bool {
    doubled_escape(text, file)
        || stray_carriage_return(text)
        // The directive is not read: `\` always continues.
        || file.escape != '\\'
        // A quote, or what looks like an array, runs on over the ends of lines until it is closed.
        || file.hints.iter().any(|hint| hint.message.contains("quote") || hint.message.contains("exec form"))
        || file.instructions.iter().any(|instruction| known_instruction_of_deprecated(text, instruction))
}

fn known_instruction_of_deprecated(text: &str, instruction: &Instruction) -> bool {
    let header = instruction.header_span.slice(text);
    let mut lines = header.lines().map(str::trim);
    // A blank line ends an instruction that the builder lets go on.
    let blank_in_continuation = lines.clone().any(str::is_empty);
    // `#` behind white space begins a comment, and what follows is looked for on the next line.
    let comment_in_line = lines.any(|line| !line.starts_with('#') && (line.contains(" #") || line.contains("\t#")));
    // Quotes and escapes are removed only from a value that is one quoted string.
    let partly_quoted = instruction.pairs.iter().any(|pair| {
        let raw = pair.raw_value.as_deref().unwrap_or_default();
        let inside = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let inside = inside.or_else(|| raw.strip_prefix('\'').and_then(|raw| raw.strip_suffix('\'')));
        inside.unwrap_or(raw).contains(['\'', '"', '\\'])
    });
    // `ENV key value` keeps the quotes of the value, and white space behind it.
    let legacy =
        instruction.keyword == Keyword::Env && instruction.args.first().is_some_and(|arg| !arg.text.contains('='));
    let kept = text.get(instruction.span.range().end..).is_some_and(|rest| rest.starts_with([' ', '\t']));
    let quoted = instruction.args.iter().any(|arg| arg.text.contains(['\'', '"']));
    // A key that is continued on the next line ends at the first.
    let key_continued = instruction.pairs.iter().any(|pair| pair.key_span.slice(text).contains('\n'));
    // Lines of a here-document become instructions.
    let heredoc = !instruction.heredocs.is_empty();
    blank_in_continuation
        || comment_in_line
        || partly_quoted
        || (legacy && (kept || quoted))
        || key_continued
        || heredoc
}

/// Where `parse-dockerfile` is known to be wrong.
fn known_of_second(text: &str, file: &Dockerfile) -> bool {
    doubled_escape(text, file) || stray_carriage_return(text)
}

/// Numbers that are the same on every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or(0)
    }
}

/// Pieces that mean something in a Dockerfile.
const PIECES: [&str; 24] = [
    " ",
    "\n",
    "\\\n",
    "\\",
    "\"",
    "'",
    "#",
    "# c\n",
    "=",
    "$",
    "${A}",
    "${A:-b}",
    "[",
    "]",
    ",",
    "<<E ",
    "\r\n",
    "\t",
    "FROM x\n",
    "RUN y\n",
    "ENV A=b\n",
    "ARG C\n",
    "é",
    "--z=1 ",
];

fn mutated(text: &str, random: &mut Xorshift) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = boundaries[random.below(boundaries.len())];
        match random.below(4) {
            0 => text.insert_str(at, PIECES[random.below(PIECES.len())]),
            1 => {
                let end = boundaries[random.below(boundaries.len())].max(at).min(at + 4);
                if text.is_char_boundary(end) {
                    text.replace_range(at..end, "");
                }
            }
            2 => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                let (from, to) = (random.below(lines.len()), random.below(lines.len() + 1));
                if let Some(line) = lines.get(from).copied() {
                    lines.insert(to, line);
                }
                text = lines.concat();
            }
            _ => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                if !lines.is_empty() {
                    lines.remove(random.below(lines.len()));
                }
                text = lines.concat();
            }
        }
    }
    text
}

/// Compares one text with both engines; returns how many of them could be compared.
fn compare(text: &str) -> usize {
    let file = parse(text);
    if !file.errors.is_empty() {
        return 0;
    }
    let mut compared = 0;
    if !known_of_deprecated(text, &file)
        && let Some(theirs) = deprecated(text)
    {
        assert_eq!(ours(text, &file, values_unquoted), theirs, "dockerfile-parser reads otherwise: {text:?}");
        compared += 1;
    }
    if !known_of_second(text, &file)
        && let Some(theirs) = second(text)
    {
        assert_eq!(ours(text, &file, values_raw), theirs, "parse-dockerfile reads otherwise: {text:?}");
        compared += 1;
    }
    compared
}

fn sources() -> Vec<String> {
    let snippets: Vec<serde_json::Value> = serde_json::from_str(GOLDEN).unwrap_or_default();
    assert_eq!(snippets.len(), 88);
    let golden = snippets.iter().map(|snippet| snippet["source"].as_str().unwrap_or_default().to_owned());
    SAMPLES.into_iter().map(str::to_owned).chain(golden).collect()
}

#[test]
fn reads_like_the_second_engines() {
    let compared: usize = sources().iter().map(|source| compare(source)).sum();
    assert!(compared >= 80, "only {compared} comparisons took place");
}

#[test]
fn mutations_are_read_alike() {
    let mut random = Xorshift(0x9E37_79B9_7F4A_7C15);
    let mut compared = 0;
    for source in sources() {
        for _ in 0..200 {
            compared += compare(&mutated(&source, &mut random));
        }
    }
    assert!(compared >= 3_000, "only {compared} comparisons took place");
}
