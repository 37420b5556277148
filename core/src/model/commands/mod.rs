//! What the commands of a shell script do, in the words of those who write images: packages installed, extensions built, files fetched
//! and run, permissions and accounts changed.
//!
//! Everything here looks at one command, or at the commands of one script in order; where the script comes from (a Dockerfile, an
//! entrypoint, a pipeline) does not matter. Names and versions are as written: a word with an expansion says so itself, see
//! [`Word::literal`](crate::syntax::shell::Word::literal).

mod accounts;
mod composer;
mod fetch;
mod files;
mod node;
mod options;
mod packages;
mod php;

pub use accounts::{AccountKind, NewAccount};
pub use composer::{ComposerAction, ComposerCommand};
pub use fetch::{Fetch, Fetched, Use, fetches, verifies};
pub use files::{Chmod, Chown, GitClone, removes_package_lists};
pub use node::{NodeInstall, NodeManager};
pub use options::{ShellOptions, options_of};
pub use packages::{PackageAction, PackageCommand, PackageManager};
pub use php::{PhpExtensions, PhpStep};

use crate::syntax::shell::Word;

/// Something with a version, as a command names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named<'c> {
    /// Its name without the version.
    pub name: &'c str,
    /// The version, or the constraint on it.
    pub version: Option<&'c str>,
    /// The word that names it.
    pub word: &'c Word,
}

impl<'c> Named<'c> {
    /// A word cut at the first of these characters that does not begin it.
    fn cut(word: &'c Word, at: &[char]) -> Self {
        let text = word.text.as_str();
        let found = text.char_indices().skip(1).find(|(_, c)| at.contains(c)).map(|(index, _)| index);
        let (name, version) = match found.and_then(|index| Some((text.get(..index)?, text.get(index..)?))) {
            Some((name, rest)) => (name, Some(rest.trim_start_matches(at)).filter(|version| !version.is_empty())),
            None => (text, None),
        };
        Self { name, version, word }
    }
}

#[cfg(test)]
pub(super) mod testing {
    use crate::syntax::shell::{self, Command};

    /// The first command of a text.
    pub(in crate::model) fn command(text: &str) -> Command {
        shell::parse(text).commands.into_iter().next().unwrap()
    }
}
