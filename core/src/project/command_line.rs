//! Secrets that stand in the arguments of a process, put there by a variable or written out in a script.

use super::secrets::{credential_argument, option};
use super::{Project, ServiceRef};
use crate::facts::secrets::{KeyStrength, is_guarded_path, is_placeholder, key_is_secret, tokens_in};
use crate::model::compose::Command;
use crate::model::node::Node;
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::{Form, Keyword};
use crate::syntax::shell::{self, Script};

/// A secret in the arguments of a process.
#[derive(Clone, Debug)]
pub struct ProcessSecret {
    /// The program that is given it.
    pub program: String,
    /// Where.
    pub at: Location,
    /// What holds the command: `command`, `healthcheck`, `HEALTHCHECK`.
    pub place: &'static str,
}

impl ServiceRef<'_, '_> {
    /// Secrets in what its container runs. Those that are written out are [`ServiceRef::literal_secrets`] and
    /// [`ServiceRef::baked_secrets`].
    #[must_use]
    pub fn process_secrets(self) -> Vec<ProcessSecret> {
        let mut found = Vec::new();
        let spec = &self.service.spec;
        let mut add = |program: Option<String>, at: Location, place: &'static str| {
            found.extend(program.map(|program| ProcessSecret { program, at, place }));
        };
        let variable = |at: Location| self.project().slice(at).contains('$');
        for (place, command) in [("command", &spec.command), ("entrypoint", &spec.entrypoint)] {
            if let Some(Command { words, at, .. }) = command.as_ref().filter(|command| variable(command.at)) {
                add(in_words(words), *at, place);
            }
        }
        if let Some(command) = spec.command.as_ref().filter(|command| self.is_sftp() && has_login(&command.words)) {
            add(Some("sftp".to_owned()), command.at, "command");
        }
        if let Some(probe) = &spec.probe
            && let Some(test) = spec.node.get("healthcheck").and_then(|node| node.get("test"))
            && variable(test.at())
        {
            let program = match probe.words.as_slice() {
                [line] if probe.shell => in_script(&shell::parse(line)),
                words => in_words(words),
            };
            add(program, Node::at(test), "healthcheck");
        }
        let Some(used) = &self.service.build_use else { return found };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project().dockerfile(id)?))) else {
            return found;
        };
        let text = self.project().text(id);
        for (_, instruction) in used.final_instructions(file) {
            let place = match instruction.keyword {
                Keyword::Cmd => "CMD",
                Keyword::Entrypoint => "ENTRYPOINT",
                Keyword::Healthcheck => "HEALTHCHECK",
                _ => continue,
            };
            let at = Location::new(id, instruction.header_span);
            let scripts = instruction.scripts(text);
            let program = scripts.iter().find_map(|script| with_variable(&script.script));
            let words: Vec<String> = instruction.args.iter().map(|arg| arg.text.clone()).collect();
            let exec = (instruction.form == Form::Json && scripts.is_empty() && variable(at)).then(|| in_words(&words));
            if let Some(program) = program.or(exec.flatten()) {
                found.push(ProcessSecret { program, at, place });
            }
        }
        found
    }
}

impl ServiceRef<'_, '_> {
    /// Whether it is the SFTP image that takes its users as arguments.
    fn is_sftp(self) -> bool {
        self.image_use.reference.as_ref().is_some_and(|image| image.path == "atmoz/sftp")
    }
}

/// `user:password[:e[:uid…]]`; with an `e` the password is a hash.
fn has_login(words: &[String]) -> bool {
    words.iter().flat_map(|word| word.split_whitespace()).any(|word| {
        let mut parts = word.split(':').skip(1);
        parts.next().is_some_and(|password| !password.is_empty() && !is_placeholder("", password))
            && parts.next() != Some("e")
    })
}

impl Project<'_> {
    /// Secrets in the arguments of what scripts, Makefiles and pipelines run.
    #[must_use]
    pub fn script_secrets(&self) -> Vec<ProcessSecret> {
        let mut found: Vec<ProcessSecret> = Vec::new();
        for unit in self.shell_units().iter().filter(|unit| !is_guarded_path(self.path(unit.source))) {
            for (_, command) in unit.commands() {
                let words: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
                let Some(index) = given(&words) else { continue };
                // A provider's token that is written out is told by itself.
                let token = |text: &str| tokens_in(text).iter().any(|hit| !hit.format.generic);
                let Some(word) = command.unwrapped().get(index).filter(|word| !token(&word.text)) else { continue };
                let at = Location::new(unit.source, word.span);
                if !found.iter().any(|known| known.at == at) {
                    let program = words.first().map(|word| file_name(word).to_owned()).unwrap_or_default();
                    found.push(ProcessSecret { program, at, place: "script" });
                }
            }
        }
        found
    }
}

/// The program of a command line that is given a secret; of `sh -c TEXT`, one in the text.
fn in_words(words: &[String]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(text) = shell::command_string(&texts).and_then(|index| texts.get(index)) {
        return in_script(&shell::parse(text));
    }
    let start = texts
        .iter()
        .position(|word| !matches!(file_name(word), "exec" | "docker-entrypoint.sh" | "CMD" | "tini" | "--"))?;
    let rest = texts.get(start..)?;
    if rest.len() == 1 {
        return in_script(&shell::parse(rest.first()?));
    }
    given(rest)?;
    rest.first().map(|program| file_name(program).to_owned())
}

fn in_script(script: &Script) -> Option<String> {
    script.commands.iter().find_map(|command| {
        let words: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
        given(&words)?;
        words.first().map(|program| file_name(program).to_owned())
    })
}

/// Like [`in_script`], and the secret comes from a variable.
fn with_variable(script: &Script) -> Option<String> {
    script.commands.iter().find_map(|command| {
        let words: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
        let index = given(&words)?;
        words.get(index).filter(|word| word.contains('$'))?;
        words.first().map(|program| file_name(program).to_owned())
    })
}

/// The word of a command line that is, or holds, a secret.
fn given(words: &[&str]) -> Option<usize> {
    let program = file_name(words.first()?);
    let args = words.get(1..)?;
    let keyed = || {
        args.iter().enumerate().find_map(|(at, word)| {
            let (name, value) = word.strip_prefix("--")?.split_once('=')?;
            let secret = key_is_secret(&name.replace('-', "_"))
                .is_some_and(|strength| strength >= KeyStrength::Pattern)
                || matches!(name, "dbpass" | "admin_password" | "account-pass" | "db-pass");
            (secret && !value.starts_with("id=")).then_some((at, value))
        })
    };
    let (at, value) =
        credential_argument(program, args)
            .or_else(|| option(args, &["--requirepass", "--masterauth"]))
            .or_else(|| matches!(program, "wp" | "drush" | "typo3" | "occ" | "mysqld" | "mc").then(keyed).flatten())?;
    let value = value.trim_matches(['"', '\'']);
    let file = value.contains("$(cat ") || value.contains("/run/secrets/");
    let real = value.contains('$') || !is_placeholder("", value);
    (real
        && !value.is_empty()
        && value != "-"
        && !value.starts_with('<')
        && !value.starts_with("--")
        && (!file || program != "wp"))
        .then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn arguments() {
        for line in [
            "redis-cli -a $P ping",
            "mysqladmin ping -p$P",
            "mysql --password=$P shop",
            "curl -u bob:$P https://x.test",
            "docker login -u bob -p $P",
            "redis-server --requirepass $P",
            "wp core install --admin_password=$P",
        ] {
            assert!(given(&line.split(' ').collect::<Vec<_>>()).is_some(), "{line}");
        }
        for line in [
            "docker login --password-stdin",
            "mysql -p shop",
            "redis-cli ping",
            "curl -u bob https://x.test",
            "echo $P",
        ] {
            assert_eq!(given(&line.split(' ').collect::<Vec<_>>()), None, "{line}");
        }
    }
}
