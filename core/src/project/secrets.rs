//! What counts as a secret: a value judged by its key, its shape and its strength, in one verdict; and the credentials inside a command.
//!
//! A verdict never gives its value away: it can only be asked whether the value stands in a text. Rules name keys and programs.

use super::ServiceRef;
use crate::facts::Level;
use crate::facts::secrets::{self, KeyStrength};
use crate::finding::{Confidence, Severity};
use crate::model::compose::{EnvVar, Text};
use crate::model::node::Node;
use crate::source::{Location, file_name};
use crate::span::Span;
use crate::syntax::shell::{self, Command, Operator, Script};
use std::fmt;

/// Schemes whose `user:password@` is a login. An image reference such as `docker://php:8.4@sha256:…` is none.
const SCHEMES: [&str; 36] = [
    "amqp",
    "amqps",
    "clickhouse",
    "elasticsearch",
    "ftp",
    "ftps",
    "git+https",
    "http",
    "https",
    "ldap",
    "ldaps",
    "mariadb",
    "memcached",
    "mongodb",
    "mongodb+srv",
    "mssql",
    "mysql",
    "mysql2",
    "mysqli",
    "opensearch",
    "pdo-mysql",
    "pdo-pgsql",
    "pgsql",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "sftp",
    "smtp",
    "smtps",
    "sqlsrv",
    "ssh",
    "tcp",
    "valkey",
    "valkeys",
    "webdav",
];

/// Values that say where a secret is kept.
const REFERENCES: [&str; 13] = [
    "op://",
    "vault:",
    "vault://",
    "secret://",
    "secretsmanager:",
    "arn:aws",
    "ssm:",
    "ref+",
    "sm://",
    "projects/",
    "ENC[",
    "env:",
    "file:",
];

/// Shapes without a provider's prefix that are still certain inside one value.
const CERTAIN_GENERIC: [&str; 3] = ["basic-auth-header", "bearer-header", "wp-db-password"];

/// What kind of secret it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretKind {
    /// A token of a known shape; who issues it.
    Token(&'static str),
    /// The password of a database, cache or queue.
    Database,
    /// Anything else that a key or an option calls a secret.
    Named,
}

/// A verdict: this value is a secret.
#[derive(Clone, PartialEq)]
pub struct Secret {
    /// What kind it is.
    pub kind: SecretKind,
    /// How bad it is to give it away.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Whether it is among the first that anybody tries; then it is hardly the secret of a deployment.
    pub weak: bool,
    text: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("kind", &self.kind)
            .field("text", &secrets::redact(&self.text))
            .finish_non_exhaustive()
    }
}

impl Secret {
    fn new(kind: SecretKind, confidence: Confidence, text: &str) -> Self {
        Self { kind, severity: Severity::High, confidence, weak: secrets::is_weak(text), text: text.to_owned() }
    }

    /// What it is, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.kind {
            // The catch-all providers of the table are no names to put before "token".
            SecretKind::Token("PEM" | "PuTTY") => "a private key".to_owned(),
            SecretKind::Token(provider) => format!("a secret of {provider}"),
            SecretKind::Database => "a database password".to_owned(),
            SecretKind::Named => "a secret".to_owned(),
        }
    }

    /// Whether it stands literally in a text, outside of `${…}`: then it was written there and not put in by a variable.
    #[must_use]
    pub fn is_written_in(&self, text: &str) -> bool {
        outside_variables(text).contains(&self.text)
    }
}

/// The text without its `${…}`.
fn outside_variables(text: &str) -> String {
    let (mut out, mut depth) = (String::with_capacity(text.len()), 0usize);
    let mut previous = ' ';
    for c in text.chars() {
        match c {
            '{' if depth > 0 || previous == '$' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
        previous = c;
    }
    out
}

/// Whether the value of a key is a secret. `key` may be empty: then only the value's own shape tells.
#[must_use]
pub fn secret_in(key: &str, value: &str) -> Option<Secret> {
    let strength = secrets::key_is_secret(key);
    token(key, value)
        .or_else(|| connection(strength, value))
        .or_else(|| json(value))
        .or_else(|| named(strength?, key, value))
}

fn token(key: &str, value: &str) -> Option<Secret> {
    // Some shapes read the key too: `AWS_SECRET_ACCESS_KEY=…`.
    let line = format!("{key}={value}");
    let hit = secrets::tokens_in(&line)
        .into_iter()
        .filter(|hit| hit.range.start > key.len() && (!hit.format.generic || CERTAIN_GENERIC.contains(&hit.format.id)))
        .max_by_key(|hit| hit.format.level)?;
    let severity = match hit.format.level {
        // The identifier alone opens nothing.
        _ if hit.format.id == "aws-access-key-id" => Severity::Low,
        Level::Critical => Severity::Critical,
        Level::High => Severity::High,
        Level::Medium => Severity::Medium,
        Level::Low | Level::Info => Severity::Low,
    };
    let text = line.get(hit.range)?;
    Some(Secret {
        severity,
        weak: false,
        ..Secret::new(SecretKind::Token(hit.format.provider), Confidence::High, text)
    })
}

fn connection(strength: Option<KeyStrength>, value: &str) -> Option<Secret> {
    let password = value.get(secrets::dsn_password(value)?)?;
    let before = value.split("://").next().unwrap_or("");
    let scheme = before
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-'))
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    if strength != Some(KeyStrength::Dsn) && !SCHEMES.contains(&scheme.as_str()) || !is_literal(password) {
        return None;
    }
    let user = value.split("://").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or("");
    let kind =
        if scheme.starts_with("http") || scheme.contains("ftp") { SecretKind::Named } else { SecretKind::Database };
    let secret = Secret::new(kind, Confidence::High, password);
    Some(Secret { weak: secret.weak || user.eq_ignore_ascii_case(password), ..secret })
}

/// `COMPOSER_AUTH`, `auth.json`, a registry's `config.json`.
fn json(value: &str) -> Option<Secret> {
    let tree: serde_json::Value = serde_json::from_str(value.trim()).ok().filter(serde_json::Value::is_object)?;
    let text = credential(&tree, false)?;
    Some(Secret::new(SecretKind::Named, Confidence::High, &text))
}

fn credential(tree: &serde_json::Value, inside: bool) -> Option<String> {
    tree.as_object()?.iter().find_map(|(key, value)| {
        let tokens = inside || matches!(key.as_str(), "github-oauth" | "gitlab-oauth" | "gitlab-token" | "bearer");
        let named =
            tokens || matches!(key.as_str(), "password" | "token" | "auth" | "identitytoken" | "consumer-secret");
        match value.as_str() {
            Some(text) => (named && is_literal(text)).then(|| text.to_owned()),
            None => credential(value, tokens),
        }
    })
}

fn named(strength: KeyStrength, key: &str, value: &str) -> Option<Secret> {
    let value = value.trim().trim_matches(['"', '\'']);
    // A made-up key of zeros, encoded.
    let bare = value.strip_prefix("base64:").unwrap_or(value).trim_end_matches('=');
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let upper = key.to_ascii_uppercase();
    let password = ["PASS", "PWD", "PIN"].iter().any(|word| upper.contains(word));
    let switch = ["yes", "off", "required", "optional", "auto"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if secrets::is_placeholder(key, value)
        || secrets::is_placeholder("", bare)
        || !is_literal(value)
        || value.chars().count() < 3
        || switch
        || digits && !password
        || is_reference(value)
    {
        return None;
    }
    let random = value.len() >= 20
        && secrets::entropy(value) >= 3.5
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic());
    let confidence = match strength {
        KeyStrength::Exact => Confidence::High,
        KeyStrength::Pattern if secrets::entropy(value) >= 3.0 || secrets::is_weak(value) => Confidence::High,
        KeyStrength::Pattern => Confidence::Medium,
        // `…_KEY` and `…_AUTH` are often no secret; only a random value makes them one.
        KeyStrength::Weak if random => Confidence::Medium,
        KeyStrength::Weak | KeyStrength::Dsn => return None,
    };
    let database = ["DB_", "DATABASE", "MYSQL", "MARIADB", "POSTGRES", "PGPASS", "MONGO", "REDIS", "RABBITMQ"]
        .iter()
        .any(|word| upper.contains(word));
    Some(Secret::new(if database && password { SecretKind::Database } else { SecretKind::Named }, confidence, value))
}

/// Whether a password is written out: no placeholder, no variable, no template.
fn is_literal(text: &str) -> bool {
    let template = text.starts_with(['{', '[', '<', '%']);
    !text.is_empty()
        && !template
        && !text.contains("${")
        && !text.contains("$(")
        && !text.starts_with(['$', '`'])
        && !secrets::is_placeholder("", text)
}

/// Whether a value names a place: a path, an address, an entry of a secret store.
fn is_reference(value: &str) -> bool {
    let path = value.starts_with(['/', '~', '.'])
        && value.contains('/')
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-~".contains(&b));
    let address = value.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !port.is_empty()
            && port.len() <= 5
            && port.bytes().all(|b| b.is_ascii_digit())
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
    });
    path || address || value.contains("://") || REFERENCES.iter().any(|start| value.starts_with(start))
}

/// A credential inside a command.
#[derive(Clone, PartialEq, Debug)]
pub struct CommandSecret {
    /// What gives it away, without the value: "`curl` is given a password".
    pub what: String,
    /// The verdict.
    pub secret: Secret,
    /// Where it is written, in a script whose spans are spans of a file.
    pub at: Span,
}

/// The credentials in the commands of a script.
#[must_use]
pub fn secrets_in_script(script: &Script) -> Vec<CommandSecret> {
    let mut found = Vec::new();
    for command in &script.commands {
        for word in &command.assignments {
            found.extend(assigned(&word.text).map(|(what, secret)| CommandSecret { what, secret, at: word.span }));
        }
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        let start = words.len() - command.unwrapped().len();
        for (index, what, secret) in in_words(&words, start) {
            let at = command.words.get(index).map_or(command.span, |word| word.span);
            found.push(CommandSecret { what, secret, at });
        }
        for redirect in &command.redirects {
            let printed = if redirect.operator == "<<<" {
                passwords_read(command, &redirect.target.text)
            } else if redirect.operator.starts_with('>') {
                printed(command).and_then(|text| written(file_name(&redirect.target.text), &text))
            } else {
                None
            };
            add_unless_known(&mut found, printed, command.span);
        }
    }
    for pipeline in script.pipelines() {
        for pair in pipeline.windows(2) {
            let [first, second] = pair else { continue };
            let Some(text) = printed(first).filter(|_| second.before == Operator::Pipe) else { continue };
            let file = second.operands().next().filter(|_| second.program() == Some("tee"));
            let said = passwords_read(second, &text).or_else(|| written(file_name(&file?.text), &text));
            add_unless_known(&mut found, said, first.span);
        }
    }
    found
}

/// A word that is a credential by itself has been told already.
fn add_unless_known(found: &mut Vec<CommandSecret>, said: Option<(String, Secret)>, at: Span) {
    if !found.iter().any(|known| at.contains(known.at)) {
        found.extend(said.map(|(what, secret)| CommandSecret { what, secret, at }));
    }
}

/// The credentials in a line that is split into words as a shell would, and in the text it hands to a shell.
fn secrets_in_line(line: &str) -> Vec<CommandSecret> {
    let script = shell::parse(line);
    let mut found = secrets_in_script(&script);
    for command in &script.commands {
        let words: Vec<String> = command.unwrapped().iter().map(|word| word.text.clone()).collect();
        if shell::command_string(&words.iter().map(String::as_str).collect::<Vec<_>>()).is_some() {
            found.extend(secrets_in_command_line(&words));
        }
    }
    found
}

/// The credentials in a command line that no shell reads, or that is `sh -c TEXT`. Places are unknown: every span is empty.
#[must_use]
pub fn secrets_in_command_line(words: &[String]) -> Vec<CommandSecret> {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(text) = shell::command_string(&texts).and_then(|index| texts.get(index)) {
        return secrets_in_script(&shell::parse(text));
    }
    in_words(&texts, 0).into_iter().map(|(_, what, secret)| CommandSecret { what, secret, at: Span::at(0) }).collect()
}

/// `NAME=value` before a command. A weak value there is made up for a build step that insists on one.
fn assigned(word: &str) -> Option<(String, Secret)> {
    let (name, value) = word.split_once('=')?;
    let secret = secret_in(name, value).filter(|secret| !secret.weak)?;
    Some((format!("`{}` is set", crate::text::shorten(name, 40)), secret))
}

/// A password that an option or operand gives.
fn given(text: &str, confidence: Confidence) -> Option<Secret> {
    let text = text.trim_matches(['"', '\'']);
    (is_literal(text) && text != "-").then(|| Secret::new(SecretKind::Named, confidence, text))
}

/// What `echo` and `printf` print.
fn printed(command: &Command) -> Option<String> {
    let words = command
        .program_args()
        .iter()
        .filter(|word| !matches!(word.text.as_str(), "-e" | "-n" | "-ne" | "-en" | "%s" | "%s\\n"));
    let text: Vec<&str> = words.map(|word| word.text.as_str()).collect();
    matches!(command.program(), Some("echo" | "printf")).then(|| text.join(" ").replace("\\n", " "))
}

/// `chpasswd` reads `user:password`, `passwd --stdin` a password.
fn passwords_read(command: &Command, text: &str) -> Option<(String, Secret)> {
    let password = match command.program()? {
        "chpasswd" if !command.has_any_flag(&["-e", "--encrypted"]) => text.trim().split_once(':')?.1,
        "passwd" if command.has_flag("--stdin") => text.trim(),
        _ => return None,
    };
    Some((format!("`{}` is given a password", command.program()?), given(password, Confidence::High)?))
}

/// A credential in what is written to a credentials file.
fn written(file: &str, text: &str) -> Option<(String, Secret)> {
    let after = |marker: &str| text.split_once(marker).and_then(|(_, rest)| rest.split_whitespace().next());
    let secret = match file {
        "auth.json" | "config.json" => json(text)?,
        ".netrc" | "_netrc" => given(after("password ")?, Confidence::High)?,
        ".npmrc" | ".yarnrc" => {
            given(after("_authToken=").or_else(|| after("_password=")).or_else(|| after("_auth="))?, Confidence::High)?
        }
        ".git-credentials" => connection(None, text)?,
        ".my.cnf" | "my.cnf" => given(after("password=")?, Confidence::High)?,
        ".pgpass" => given(text.trim().rsplit(':').next()?, Confidence::High)?,
        _ => return None,
    };
    Some((format!("a credential is written to `{file}`"), secret))
}

/// The value of an option: the next word, or what is glued to it (`-pX`, `--password=X`).
pub(super) fn option<'w>(words: &[&'w str], names: &[&str]) -> Option<(usize, &'w str)> {
    words.iter().enumerate().find_map(|(at, word)| {
        names.iter().find_map(|name| {
            if word == name {
                return words.get(at + 1).map(|value| (at + 1, *value));
            }
            let rest = word.strip_prefix(name)?;
            if name.starts_with("--") { rest.strip_prefix('=').map(|value| (at, value)) } else { Some((at, rest)) }
        })
    })
}

/// `start` is the index of the program that is run in the end.
fn in_words(words: &[&str], start: usize) -> Vec<(usize, String, Secret)> {
    let (wrapper, rest) = words.split_at(start.min(words.len()));
    let program = rest.first().map_or("", |word| file_name(word));
    let args = rest.get(1..).unwrap_or(&[]);
    let mut found: Vec<(usize, String, Secret)> = Vec::new();
    let mut add = |index: usize, what: String, secret: Option<Secret>| {
        if let Some(secret) = secret
            && !found.iter().any(|(known, ..)| *known == index)
        {
            found.push((index, what, secret));
        }
    };
    for (index, word) in wrapper.iter().enumerate() {
        if let Some((what, secret)) = assigned(word) {
            add(index, what, Some(secret));
        }
    }
    let first = start + 1;
    let offered = credential_argument(program, args).or_else(|| option(args, &["--requirepass", "--masterauth"]));
    if let Some((at, value)) = offered {
        add(
            first + at,
            format!("`{}` is given a password or token", crate::text::shorten(program, 40)),
            given(value, Confidence::High),
        );
    }
    for (at, word) in args.iter().enumerate() {
        let header = matches!(program, "curl" | "wget" | "http").then(|| header(word)).flatten();
        add(first + at, format!("`{program}` sends a credential in a header"), header);
        if matches!(program, "export" | "declare" | "typeset" | "readonly" | "local")
            && let Some((what, secret)) = assigned(word)
        {
            add(first + at, what, Some(secret));
        }
        let option = word.strip_prefix("--").and_then(|word| word.split_once('='));
        if let Some((name, value)) =
            option.filter(|(_, value)| !value.starts_with("id=") && !value.starts_with("type="))
        {
            let strength =
                secrets::key_is_secret(&name.replace('-', "_")).filter(|strength| *strength >= KeyStrength::Pattern);
            add(
                first + at,
                format!("`--{}` is given a value", crate::text::shorten(name, 40)),
                strength.and_then(|strength| named(strength, name, value)),
            );
        }
        let address = token("", word).or_else(|| connection(None, word).filter(|secret| !secret.weak));
        add(first + at, "an argument holds a credential".to_owned(), address);
    }
    found
}

/// The argument of a program that is a password or token, as its manual says.
pub(super) fn credential_argument<'w>(program: &str, args: &[&'w str]) -> Option<(usize, &'w str)> {
    let last = || args.len().checked_sub(1).and_then(|at| Some((at, *args.get(at)?)));
    match program {
        "curl" => {
            let cluster =
                |word: &&str| word.len() > 1 && word.starts_with('-') && !word.starts_with("--") && word.ends_with('u');
            let (at, login) = match args.iter().position(cluster) {
                Some(at) => (at + 1, *args.get(at + 1)?),
                None => option(args, &["-u", "--user", "--proxy-user"])?,
            };
            Some((at, login.split_once(':')?.1))
        }
        "wget" => option(args, &["--password", "--http-password", "--ftp-password", "--proxy-password"]),
        "composer" | "composer.phar" => {
            let kinds =
                ["http-basic.", "github-oauth.", "gitlab-oauth.", "gitlab-token.", "bitbucket-oauth.", "bearer."];
            let at = args.iter().position(|word| kinds.iter().any(|kind| word.starts_with(kind)))?;
            last().filter(|(end, _)| *end > at && args.contains(&"config"))
        }
        "npm" | "pnpm" | "yarn" => {
            let at = args
                .iter()
                .position(|word| ["_authToken", "_auth", "_password"].iter().any(|name| word.contains(name)))?;
            match args.get(at)?.split_once('=') {
                Some((_, value)) => Some((at, value)),
                None => Some((at + 1, *args.get(at + 1)?)),
            }
        }
        "redis-cli" | "valkey-cli" => option(args, &["-a", "--pass"]),
        "sshpass" => option(args, &["-p"]),
        "docker" | "podman" if args.contains(&"login") => option(args, &["--password", "-p"]),
        "htpasswd" if args.iter().any(|word| word.starts_with('-') && word.contains('b')) => last(),
        "rabbitmqctl" if args.iter().any(|word| matches!(*word, "add_user" | "change_password")) => last(),
        "mongosh" | "mongo" | "mongodump" | "mongorestore" => option(args, &["--password", "-p"]),
        // `-p` and its value are one word; alone it asks.
        name if (name.starts_with("mysql") || name.starts_with("mariadb")) && !name.ends_with('d') => {
            let glued = |word: &'w str| {
                word.strip_prefix("-p").or_else(|| word.strip_prefix("--password=")).filter(|value| !value.is_empty())
            };
            args.iter().enumerate().find_map(|(at, word)| Some((at, glued(word)?)))
        }
        _ => None,
    }
}

/// `Authorization: Bearer …` and its like.
fn header(word: &str) -> Option<Secret> {
    let (name, value) = word.strip_prefix("--header=").unwrap_or(word).split_once(':')?;
    let name = name.trim_start_matches("-H").to_ascii_lowercase();
    let value = value.trim();
    match name.as_str() {
        "authorization" | "proxy-authorization" => {
            given(value.split_once(' ').map_or(value, |(_, rest)| rest.trim()), Confidence::High)
        }
        "private-token" | "job-token" | "deploy-token" | "x-api-key" | "x-auth-token" | "x-gitlab-token" => {
            given(value, Confidence::High)
        }
        _ => None,
    }
}

/// A secret written out in a Compose file.
#[derive(Debug)]
pub struct ComposeSecret<'p> {
    /// The key or place that holds it: `DB_PASSWORD`, `command`.
    pub place: String,
    /// Where to change it: the key, so that the value is not pointed at.
    pub at: Location,
    /// The variable, when it is one.
    pub variable: Option<&'p EnvVar>,
    /// The verdict.
    pub secret: Secret,
}

impl<'p> ServiceRef<'p, '_> {
    /// Secrets that stand literally in the service's own Compose text, whatever its variables put in.
    #[must_use]
    pub fn literal_secrets(self) -> Vec<ComposeSecret<'p>> {
        let mut found = Vec::new();
        let spec = &self.service.spec;
        for variable in spec.environment.iter().chain(&spec.labels) {
            let Some(value) = &variable.value else { continue };
            if let Some(secret) = secret_in(&variable.key, &value.text).filter(|secret| self.is_written(secret, value))
            {
                let environment = spec.environment.iter().any(|own| std::ptr::eq(own, variable));
                found.push(ComposeSecret {
                    place: variable.key.clone(),
                    at: variable.key_at,
                    variable: environment.then_some(variable),
                    secret,
                });
            }
        }
        for key in ["command", "entrypoint", "healthcheck"] {
            let node = spec
                .node
                .get(key)
                .map(|node| if key == "healthcheck" { node.get("test").unwrap_or(node) } else { node });
            found.extend(node.into_iter().flat_map(|node| self.in_command(key, node)));
        }
        let contents = spec
            .configs
            .iter()
            .filter_map(|grant| self.view().configs.iter().find(|config| config.name == grant.source));
        for (config, content) in contents.filter_map(|config| Some((config, config.content.as_ref()?))) {
            if let Some(secret) = secret_in("", &content.text).filter(|secret| self.is_written(secret, content)) {
                found.push(ComposeSecret {
                    place: format!("config {}", config.name),
                    at: config.at,
                    variable: None,
                    secret,
                });
            }
        }
        found
    }

    fn is_written(self, secret: &Secret, value: &Text) -> bool {
        value.variables.is_empty() || secret.is_written_in(self.project().slice(value.at))
    }

    fn in_command(self, key: &str, node: &Node) -> Vec<ComposeSecret<'p>> {
        let scalars: Vec<_> = node.one_or_many().iter().filter_map(Node::scalar).collect();
        let variables = scalars.iter().any(|scalar| !scalar.variables.is_empty());
        let words: Vec<String> = scalars.iter().map(|scalar| scalar.text.clone()).collect();
        let found = match words.as_slice() {
            // One text is split into words as a shell would.
            [line] if node.scalar().is_some() => secrets_in_line(line),
            [kind, line] if kind == "CMD-SHELL" => secrets_in_line(line),
            [kind, rest @ ..] if kind == "CMD" => secrets_in_command_line(rest),
            words => secrets_in_command_line(words),
        };
        found
            .into_iter()
            .filter(|found| !variables || found.secret.is_written_in(self.project().slice(node.at())))
            .take(1)
            .map(|found| ComposeSecret { place: key.to_owned(), at: node.at(), variable: None, secret: found.secret })
            .collect()
    }
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
