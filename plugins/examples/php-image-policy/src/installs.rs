//! What a command installs or takes out again, as its program's manual reads the arguments.

use plimsoll_plugin_sdk::shell::{Command, Word};

/// What is installed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum What {
    /// A package of the distribution.
    Package,
    /// An extension of PHP.
    Extension,
}

/// One thing that a command installs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Install {
    pub(crate) what: What,
    /// Its name without a version.
    pub(crate) name: String,
    /// Its word in the command.
    pub(crate) word: usize,
}

/// What a command does.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Effect {
    /// What it installs.
    pub(crate) installs: Vec<Install>,
    /// The name under which apk keeps them together: `--virtual .build-deps`.
    pub(crate) group: Option<String>,
    /// Names of packages or groups that it takes out.
    pub(crate) removes: Vec<String>,
    /// Whether it takes out something that is not known.
    pub(crate) removes_unknown: bool,
}

/// What a command does; nothing for any other program.
pub(crate) fn effect(command: &Command) -> Effect {
    match command.program().unwrap_or("") {
        "apt-get" | "apt" | "aptitude" => packages(
            command,
            &["-t", "--target-release", "-o", "--option", "-c", "-a"],
            "install",
            &["remove", "purge", "autoremove", "autopurge"],
        ),
        "apk" => packages(command, APK_OPTIONS, "add", &["del"]),
        "docker-php-ext-install" | "docker-php-ext-enable" => extensions(command, &["-j", "--ini-name"], |name| name),
        "install-php-extensions" => extensions(command, &[], |name| before(name, &['-', '@', '^', ':'])),
        "pecl" => pecl(command),
        "pie" => pie(command),
        _ => Effect::default(),
    }
}

const APK_OPTIONS: &[&str] =
    &["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--keys-dir", "--cache-dir", "--timeout"];

/// Words that are no options and no values of options, each with its place in the command.
fn operands<'c>(command: &'c Command, with_value: &'c [&'c str]) -> impl Iterator<Item = (usize, &'c Word)> {
    let mut is_value = false;
    command.words.iter().enumerate().skip(1).filter(move |(_, word)| {
        if std::mem::take(&mut is_value) {
            return false;
        }
        is_value = with_value.contains(&word.text.as_str());
        !word.text.starts_with('-')
    })
}

fn packages(command: &Command, with_value: &[&str], install: &str, remove: &[&str]) -> Effect {
    let mut effect = Effect::default();
    let mut operands = operands(command, with_value);
    let verb = operands.next().map_or("", |(_, word)| word.text.as_str());
    if verb == install {
        for (word, written) in operands.filter(|(_, word)| word.known) {
            let Some(name) = package(&written.text) else { continue };
            match name.strip_suffix('-') {
                // apt takes `name-` out.
                Some(name) => effect.removes.push(name.to_owned()),
                None => {
                    effect.installs.push(Install { what: What::Package, name: name.to_owned(), word });
                    let extension = extension_of_package(name);
                    effect.installs.extend(extension.map(|name| Install { what: What::Extension, name, word }));
                }
            }
        }
        effect.group = group(command);
    } else if remove.contains(&verb) {
        for (_, word) in operands {
            effect.removes_unknown |= !word.known;
            effect.removes.extend(package(&word.text).map(str::to_owned));
        }
    }
    effect
}

/// The name of `--virtual NAME`.
fn group(command: &Command) -> Option<String> {
    let at = command.words.iter().position(|word| matches!(word.text.as_str(), "-t" | "--virtual"));
    let next = at.and_then(|at| command.words.get(at + 1)).map(|word| word.text.clone());
    let joined = || command.words.iter().find_map(|word| word.text.strip_prefix("--virtual=").map(str::to_owned));
    next.or_else(joined)
}

/// The name of a package without version, release, architecture and repository; none of a file or a conflict.
fn package(written: &str) -> Option<&str> {
    if written.contains('/')
        && (written.starts_with(['/', '.']) || written.ends_with(".deb") || written.ends_with(".apk"))
    {
        return None;
    }
    let name = before(written, &['=', '<', '>', '~', '@', '/', ':']).trim_end_matches('+');
    // `g++` is a name; apt's own `+` stands behind one.
    let name = if written.starts_with("g++") { "g++" } else { name };
    (!name.is_empty() && !name.starts_with('!')).then_some(name)
}

fn before<'n>(name: &'n str, signs: &[char]) -> &'n str {
    name.split(|c| signs.contains(&c)).next().unwrap_or(name)
}

/// The extension in a package: `php8.3-xdebug`, `php84-pecl-xdebug`, `php-pcov`.
fn extension_of_package(package: &str) -> Option<String> {
    let rest = package.strip_prefix("php")?.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let name = rest.strip_prefix('-')?;
    Some(name.strip_prefix("pecl-").unwrap_or(name).to_owned())
}

fn extensions(command: &Command, with_value: &[&str], name_of: fn(&str) -> &str) -> Effect {
    let known = operands(command, with_value).filter(|(_, word)| word.known && !word.text.contains('/'));
    let install = |(word, written): (usize, &Word)| {
        let name = name_of(&written.text).to_owned();
        (!name.is_empty()).then_some(Install { what: What::Extension, name, word })
    };
    Effect { installs: known.filter_map(install).collect(), ..Effect::default() }
}

/// `pecl install [-f] [channel://pecl.php.net/]NAME[-VERSION]`.
fn pecl(command: &Command) -> Effect {
    let mut operands = operands(command, &["-D", "--configureoptions", "-R", "--installroot"]);
    let verb = operands.next().map_or("", |(_, word)| word.text.as_str());
    let names = operands.filter(|(_, word)| word.known);
    match verb {
        "install" | "upgrade" => {
            let install = |(word, written): (usize, &Word)| {
                let last = written.text.rsplit('/').next().unwrap_or(&written.text);
                Install { what: What::Extension, name: before(last, &['-']).to_owned(), word }
            };
            Effect { installs: names.map(install).collect(), ..Effect::default() }
        }
        "uninstall" => Effect { removes: names.map(|(_, word)| word.text.clone()).collect(), ..Effect::default() },
        _ => Effect::default(),
    }
}

/// `pie install VENDOR/NAME[:VERSION]`.
fn pie(command: &Command) -> Effect {
    let mut operands = operands(command, &["--with-php-config", "--with-php-path", "-j"]);
    if operands.next().is_none_or(|(_, word)| word.text != "install") {
        return Effect::default();
    }
    let install = |(word, written): (usize, &Word)| {
        let (_, name) = written.text.rsplit_once('/')?;
        Some(Install { what: What::Extension, name: before(name, &[':', '@']).to_owned(), word })
    };
    Effect { installs: operands.filter(|(_, word)| word.known).filter_map(install).collect(), ..Effect::default() }
}
