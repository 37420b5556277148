//! What a start command does with root: keeps it, gives it up, or serves with workers that do not have it.

use super::users::is_root_name;
use crate::source::file_name;
use crate::syntax::shell;

/// What becomes of root in a list of commands that a container starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// What serves in the end has it.
    Keeps,
    /// The master has it, the workers do not.
    Master,
    /// It is given up before anything serves.
    GivesUp,
    /// It is asked for with `sudo`.
    Sudo,
    /// The script ends with its own arguments: they decide.
    PassesOn,
}

/// The verdict on a list of commands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    /// What becomes of root.
    pub(super) start: Start,
    /// The program that serves in the end, without its directory.
    pub(super) program: String,
    /// Whether it is started through the image's official entrypoint.
    pub(super) official: bool,
}

/// Programs that only prepare: they end before anything serves, or wait.
const HARMLESS: [&str; 33] = [
    ":", ".", "[", "[[", "cat", "cd", "chgrp", "chmod", "chown", "cp", "date", "echo", "exit", "export", "find", "id",
    "install", "ln", "local", "mkdir", "mv", "printf", "read", "return", "rm", "sed", "sleep", "source", "test",
    "touch", "trap", "true", "wait",
];

/// Programs that stay behind as root and start others.
const DAEMONS: [&str; 7] = ["cron", "crond", "service", "sshd", "supervisord", "rsyslogd", "s6-svscan"];

/// Servers whose master is root and whose workers are not.
const MASTERS: [&str; 10] = [
    "apache2",
    "apache2-foreground",
    "apache2ctl",
    "apachectl",
    "httpd",
    "httpd-foreground",
    "nginx",
    "nginx-debug",
    "openresty",
    "php-fpm",
];

/// Words in front of the program that is meant.
const WRAPPERS: [&str; 12] =
    ["exec", "command", "env", "nohup", "nice", "tini", "dumb-init", "docker-init", "catatonit", "--", "set", "time"];

/// The shell commands of a text, each as its words.
pub(super) fn commands_of(text: &str) -> Vec<Vec<String>> {
    let script = shell::parse(text);
    script
        .commands
        .iter()
        .filter(|command| !command.words.is_empty())
        .map(|command| command.words.iter().map(|word| word.text.clone()).collect())
        .collect()
}

/// Whether a name is that of an entrypoint which official images ship.
pub(super) fn is_official_entrypoint(name: &str) -> bool {
    matches!(name, "docker-entrypoint.sh" | "docker-php-entrypoint" | "docker-entrypoint" | "container-entrypoint")
}

/// The words from the program on: without `exec`, `tini --`, `env A=1` and the like.
pub(super) fn program_words(words: &[String]) -> &[String] {
    let skip = words.iter().take_while(|word| {
        let name = file_name(word);
        WRAPPERS.contains(&name)
            || word.starts_with('-')
            || word.split_once('=').is_some_and(|(key, _)| !key.is_empty() && !key.contains('/'))
    });
    let skipped = skip.count();
    // `-x` alone is an option for the image's entrypoint, not something to step over.
    if words.first().is_some_and(|word| word.starts_with('-')) { words } else { words.get(skipped..).unwrap_or(&[]) }
}

/// The user that a command switches to before its program runs.
pub(super) fn switched_to(words: &[String]) -> Option<&str> {
    let words = program_words(words);
    let (tool, args) = words.split_first()?;
    let option = |short: &str, long: &str| {
        args.iter().enumerate().find_map(|(at, word)| {
            let glued = word
                .strip_prefix(long)
                .and_then(|rest| rest.strip_prefix('='))
                .or_else(|| word.strip_prefix(short).filter(|rest| !rest.is_empty() && !short.is_empty()));
            let apart = (word == short || word == long).then(|| args.get(at + 1).map(String::as_str)).flatten();
            glued.or(apart)
        })
    };
    match file_name(tool) {
        "gosu" | "su-exec" | "s6-setuidgid" | "setuidgid" => {
            args.iter().find(|word| !word.starts_with('-')).map(String::as_str)
        }
        "setpriv" => option("", "--reuid"),
        "sudo" | "doas" => option("-u", "--user"),
        "chpst" => option("-u", "--user"),
        "su" | "runuser" => option("-u", "--user").or_else(|| su_user(args)),
        _ => None,
    }
}

/// `su [options] [-] user`: the first operand that is no option's value.
fn su_user(args: &[String]) -> Option<&str> {
    let mut at = 0;
    while let Some(word) = args.get(at) {
        match word.as_str() {
            "-s" | "-c" | "-g" | "-G" | "-w" | "--shell" | "--command" | "--group" => at += 2,
            option if option.starts_with('-') => at += 1,
            user => return Some(user),
        }
    }
    None
}

/// Whether a command runs its program as a user that is not root.
pub(super) fn gives_up(words: &[String]) -> bool {
    switched_to(words).is_some_and(|user| !is_root_name(user))
}

/// The command that serves in the end: the last that takes the shell's place, else the last that does more than prepare.
pub(super) fn serving(commands: &[Vec<String>]) -> Option<&Vec<String>> {
    let mut significant = commands.iter().filter(|words| is_significant(words));
    commands.iter().rfind(|words| is_exec(words)).or_else(|| significant.next_back())
}

fn is_significant(words: &[String]) -> bool {
    !HARMLESS.contains(&program(words)) || is_exec(words)
}

/// What a list of commands does with root; `None` when it only prepares.
pub(super) fn judge(commands: &[Vec<String>]) -> Option<Verdict> {
    let significant: Vec<&Vec<String>> = commands.iter().filter(|words| is_significant(words)).collect();
    let replacing: Vec<&Vec<String>> = significant.iter().copied().filter(|words| is_exec(words)).collect();
    let given_up = if replacing.is_empty() {
        !significant.is_empty() && significant.iter().all(|words| gives_up(words))
    } else {
        replacing.iter().any(|words| gives_up(words))
    };
    let daemon = significant.iter().any(|words| DAEMONS.contains(&program(words)) && !gives_up(words));
    let last = serving(commands)?;
    let peeled = program_words(last);
    let official = peeled.first().is_some_and(|word| is_official_entrypoint(file_name(word)));
    let peeled = if official { peeled.get(1..).unwrap_or(&[]) } else { peeled };
    let program = peeled.first().map_or("", |word| file_name(word));
    let start = if daemon {
        Start::Keeps
    } else if given_up {
        Start::GivesUp
    } else if matches!(peeled.first().map(String::as_str), Some("$@" | "${@}" | "$*")) {
        Start::PassesOn
    } else if matches!(program, "sudo" | "doas") {
        Start::Sudo
    } else if is_master(program) {
        Start::Master
    } else {
        Start::Keeps
    };
    Some(Verdict { start, program: program.to_owned(), official })
}

/// Whether a command takes the place of its shell. `set -- gosu app "$@"` prepares the `exec "$@"` that follows.
fn is_exec(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        Some("exec") => true,
        Some("set") => gives_up(words),
        _ => false,
    }
}

fn program(words: &[String]) -> &str {
    match words.first().map(String::as_str) {
        // The shell's own options.
        Some("set") if !gives_up(words) => ":",
        _ => program_words(words).first().map_or("", |word| file_name(word)),
    }
}

/// Whether a program is a server whose workers give up root: `php-fpm8.4` and `php-fpm84` too.
fn is_master(program: &str) -> bool {
    MASTERS.contains(&program)
        || program
            .strip_prefix("php-fpm")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        commands_of(text).into_iter().next().unwrap_or_default()
    }

    fn start(text: &str) -> Option<Start> {
        judge(&commands_of(text)).map(|verdict| verdict.start)
    }

    #[test]
    fn tools_that_switch_the_user() {
        for line in [
            "exec gosu www-data \"$@\"",
            "su-exec app:app php x",
            "exec setpriv --reuid=1000 --clear-groups php",
            "setpriv --reuid www-data php",
            "su -s /bin/sh www-data -c 'x'",
            "su - app -c x",
            "s6-setuidgid abc php",
            "chpst -u app php",
            "runuser -u app -- php",
            "sudo -u www-data php",
            "tini -- su-exec app php",
            "env A=1 gosu app php",
            "set -- gosu app \"$@\"",
        ] {
            assert!(gives_up(&words(line)), "{line}");
        }
        for line in [
            "gosu root php",
            "gosu 0:0 php",
            "echo gosu www-data",
            "sudo -E php-fpm",
            "exec \"$@\"",
            "setpriv --no-new-privs php",
            "su -c x",
            "php gosu app",
        ] {
            assert!(!gives_up(&words(line)), "{line}");
        }
    }

    #[test]
    fn what_serves_decides() {
        for (text, want) in [
            ("php-fpm -F", Some(Start::Master)),
            ("php-fpm8.4", Some(Start::Master)),
            ("docker-php-entrypoint php-fpm", Some(Start::Master)),
            ("php artisan migrate --force && php-fpm", Some(Start::Master)),
            ("service ssh start && apache2-foreground", Some(Start::Keeps)),
            ("cron && tail -f /var/log/cron.log", Some(Start::Keeps)),
            ("php artisan queue:work", Some(Start::Keeps)),
            ("sudo -E php-fpm", Some(Start::Sudo)),
            ("chown -R app /data; exec gosu app php x", Some(Start::GivesUp)),
            ("while true; do su-exec www-data php artisan schedule:run; sleep 60; done", Some(Start::GivesUp)),
            ("while true; do wp cron event run; sleep 60; done", Some(Start::Keeps)),
            ("if [ \"$(id -u)\" = 0 ]; then exec gosu app \"$0\" \"$@\"; fi\nexec \"$@\"", Some(Start::GivesUp)),
            ("set -e\ngosu app php artisan config:cache\nexec \"$@\"", Some(Start::PassesOn)),
            ("set -e\nexec docker-php-entrypoint \"$@\"", Some(Start::PassesOn)),
            ("set -- su-exec app \"$@\"\nexec \"$@\"", Some(Start::GivesUp)),
            ("chown -R 1000 /data", None),
        ] {
            assert_eq!(start(text), want, "{text}");
        }
    }
}
