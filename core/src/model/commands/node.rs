//! Package managers of Node.js.

use super::Named;
use crate::syntax::shell::{Command, Word};

/// A package manager of Node.js.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NodeManager {
    /// `npm`.
    Npm,
    /// `yarn`.
    Yarn,
    /// `pnpm`.
    Pnpm,
    /// `bun`.
    Bun,
}

/// A command that installs packages of Node.js.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeInstall<'c> {
    /// By which manager.
    pub manager: NodeManager,
    /// Whether exactly the lock file's versions are installed, or nothing: `npm ci`, `--frozen-lockfile`, `--immutable`.
    pub frozen: bool,
    /// Whether packages for development are left out.
    pub omits_dev: bool,
    /// Whether scripts of packages do not run.
    pub ignores_scripts: bool,
    /// Whether programs are installed for everybody: `-g`.
    pub global: bool,
    /// The packages named: `name@version`.
    pub packages: Vec<Named<'c>>,
}

impl Command {
    /// This command as one that installs packages of Node.js.
    #[must_use]
    pub fn node_install(&self) -> Option<NodeInstall<'_>> {
        let manager = match self.program()? {
            "npm" => NodeManager::Npm,
            "yarn" | "yarnpkg" => NodeManager::Yarn,
            "pnpm" => NodeManager::Pnpm,
            "bun" => NodeManager::Bun,
            _ => return None,
        };
        let valued =
            ["--prefix", "-C", "--dir", "--cwd", "--registry", "--cache", "--loglevel", "--omit", "--workspace", "-w"];
        let mut words = self.operands_besides(&valued).into_iter().peekable();
        let global_word = manager == NodeManager::Yarn && words.next_if(|word| word.text == "global").is_some();
        // `yarn` alone installs.
        let action = words.next().map_or("", |word| word.text.as_str());
        let bare =
            action.is_empty() && manager == NodeManager::Yarn && !self.has_any_flag(&["--version", "-v", "--help"]);
        let clean = manager == NodeManager::Npm && matches!(action, "ci" | "clean-install" | "install-clean");
        if !bare && !clean && !matches!(action, "install" | "i" | "add") {
            return None;
        }
        let value = |flag: &str, wanted: &str| self.flag_value(flag).is_some_and(|(value, _)| value == wanted);
        Some(NodeInstall {
            manager,
            frozen: clean || self.has_any_flag(&["--frozen-lockfile", "--immutable"]),
            omits_dev: value("--omit", "dev")
                || value("--only", "production")
                || value("--only", "prod")
                || self
                    .program_args()
                    .iter()
                    .any(|word| matches!(word.text.as_str(), "--production" | "--prod" | "-P" | "--production=true")),
            ignores_scripts: self.has_flag("--ignore-scripts") || value("--mode", "skip-build"),
            global: global_word || self.has_any_flag(&["-g", "--global"]),
            packages: words.map(package).collect(),
        })
    }
}

/// `name@version`, `@scope/name@version`.
fn package(word: &Word) -> Named<'_> {
    Named::cut(word, &['@'])
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;

    #[test]
    fn installs() {
        for (text, frozen, omits_dev, global) in [
            ("npm ci", true, false, false),
            ("npm ci --omit=dev --ignore-scripts", true, true, false),
            ("npm install --production", false, true, false),
            ("npm i -g pnpm@9.1.0 @vue/cli@5 yarn", false, false, true),
            ("yarn", false, false, false),
            ("yarn install --frozen-lockfile --production=true", true, true, false),
            ("yarn global add gulp", false, false, true),
            ("pnpm install --frozen-lockfile --prod", true, true, false),
        ] {
            let command = command(text);
            let call = command.node_install().unwrap_or_else(|| panic!("{text}"));
            assert_eq!((call.frozen, call.omits_dev, call.global), (frozen, omits_dev, global), "{text}");
        }
        let global = command("npm i -g pnpm@9.1.0 @vue/cli@5 yarn");
        let packages = global.node_install().unwrap().packages;
        let named: Vec<(&str, Option<&str>)> = packages.iter().map(|one| (one.name, one.version)).collect();
        assert_eq!(named, [("pnpm", Some("9.1.0")), ("@vue/cli", Some("5")), ("yarn", None)]);
        for text in ["npm run build", "yarn build", "yarn --version", "node ci", "npm"] {
            assert_eq!(command(text).node_install(), None, "{text}");
        }
    }
}
