//! PHP's extensions: the helpers of the official image, `pecl`, and `install-php-extensions`.

use super::Named;
use crate::syntax::shell::{Command, Word};

/// What is done with extensions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PhpStep {
    /// Built from PHP's own source and switched on: `docker-php-ext-install`.
    Build,
    /// Fetched from PECL and built: `pecl install`. Not switched on.
    Fetch,
    /// Switched on: `docker-php-ext-enable`.
    Enable,
    /// Told how to be built: `docker-php-ext-configure`.
    Configure,
    /// Fetched, built and switched on by `install-php-extensions`, which may install tools such as `@composer` too.
    Install,
}

/// A command about extensions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhpExtensions<'c> {
    /// What it does.
    pub step: PhpStep,
    /// The extensions named; `pecl install redis-6.0.2` names a version.
    pub extensions: Vec<Named<'c>>,
}

impl PhpStep {
    /// Whether PHP loads the extension afterwards.
    #[must_use]
    pub fn enables(self) -> bool {
        matches!(self, Self::Build | Self::Enable | Self::Install)
    }
}

impl Command {
    /// This command as one about PHP's extensions.
    #[must_use]
    pub fn php_extensions(&self) -> Option<PhpExtensions<'_>> {
        let operands = |valued: &[&str]| self.operands_besides(valued).into_iter();
        let (step, extensions) = match self.program()? {
            "docker-php-ext-install" => (PhpStep::Build, operands(&["-j"]).map(unversioned).collect()),
            "docker-php-ext-enable" => (PhpStep::Enable, operands(&["--ini-name"]).map(unversioned).collect()),
            "docker-php-ext-configure" => (PhpStep::Configure, operands(&[]).take(1).map(unversioned).collect()),
            "install-php-extensions" => (PhpStep::Install, operands(&[]).map(versioned).collect()),
            "pecl" => {
                let mut words = operands(&["-d", "-D", "--configureoptions"]);
                words.next().filter(|action| action.text == "install")?;
                (PhpStep::Fetch, words.map(versioned).collect())
            }
            _ => return None,
        };
        Some(PhpExtensions { step, extensions })
    }
}

fn unversioned(word: &Word) -> Named<'_> {
    Named { name: &word.text, version: None, word }
}

/// `redis-6.0.2`, `xdebug-^3`, `imagick-stable`; the channel of `channel://pecl.php.net/x-1` is not part of the name.
fn versioned(word: &Word) -> Named<'_> {
    let whole = word.text.as_str();
    let text = if whole.contains("://") { whole.rsplit('/').next().unwrap_or(whole) } else { whole };
    match text.rsplit_once('-') {
        Some((name, version)) if !name.is_empty() && !version.is_empty() => {
            Named { name, version: Some(version), word }
        }
        _ => Named { name: text, version: None, word },
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;
    use super::*;

    #[test]
    fn extensions() {
        for (text, step, want) in [
            (
                "docker-php-ext-install -j \"$(nproc)\" pdo_mysql zip",
                PhpStep::Build,
                vec![("pdo_mysql", None), ("zip", None)],
            ),
            ("docker-php-ext-install -j4 gd", PhpStep::Build, vec![("gd", None)]),
            ("docker-php-ext-enable redis xdebug", PhpStep::Enable, vec![("redis", None), ("xdebug", None)]),
            ("docker-php-ext-configure gd --with-jpeg --with-freetype", PhpStep::Configure, vec![("gd", None)]),
            ("pecl install -f redis-6.0.2 xdebug", PhpStep::Fetch, vec![("redis", Some("6.0.2")), ("xdebug", None)]),
            (
                "pecl -d foo=1 install https://pecl.php.net/get/apcu-5.1.24",
                PhpStep::Fetch,
                vec![("apcu", Some("5.1.24"))],
            ),
            (
                "install-php-extensions xdebug-^3 @composer gd",
                PhpStep::Install,
                vec![("xdebug", Some("^3")), ("@composer", None), ("gd", None)],
            ),
        ] {
            let command = command(text);
            let call = command.php_extensions().unwrap();
            assert_eq!(call.step, step, "{text}");
            let named: Vec<(&str, Option<&str>)> = call.extensions.iter().map(|one| (one.name, one.version)).collect();
            assert_eq!(named, want, "{text}");
        }
        assert_eq!(command("pecl channel-update pecl.php.net").php_extensions(), None);
        assert!(PhpStep::Build.enables() && !PhpStep::Fetch.enables());
    }
}
