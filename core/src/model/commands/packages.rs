//! Package managers of distributions.

use super::Named;
use crate::syntax::shell::{Command, Word};

/// A package manager.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PackageManager {
    /// `apt-get` and `apt`, `aptitude`.
    Apt,
    /// `apk`.
    Apk,
    /// `dnf`, `yum` and `microdnf`.
    Dnf,
    /// `zypper`.
    Zypper,
}

/// What it is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PackageAction {
    /// Install the packages named.
    Install,
    /// Remove the packages named.
    Remove,
    /// Read the lists of packages anew.
    Update,
    /// Bring every package to its newest version.
    Upgrade,
    /// Drop what was downloaded.
    Clean,
    /// Anything else.
    Other,
}

/// A call of a package manager.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageCommand<'c> {
    /// Which one.
    pub manager: PackageManager,
    /// What it does.
    pub action: PackageAction,
    /// The word that says so.
    pub action_word: &'c Word,
    /// The packages named. A file (`./x.deb`) or a URL has its whole word as name.
    pub packages: Vec<Named<'c>>,
    command: &'c Command,
}

impl PackageCommand<'_> {
    /// Whether only what is needed is installed: no recommended packages. True for managers that never add any.
    #[must_use]
    pub fn without_recommended(&self) -> bool {
        let set = |text: &str| self.command.program_args().iter().any(|word| word.text.replace('"', "").contains(text));
        match self.manager {
            PackageManager::Apt => {
                self.command.has_flag("--no-install-recommends")
                    || set("Install-Recommends=0")
                    || set("Install-Recommends=false")
            }
            PackageManager::Apk => true,
            PackageManager::Dnf => {
                set("install_weak_deps=0") || set("install_weak_deps=False") || set("install_weak_deps=false")
            }
            PackageManager::Zypper => self.command.has_flag("--no-recommends"),
        }
    }

    /// Whether the call leaves no cache behind by itself: `apk --no-cache`.
    #[must_use]
    pub fn leaves_no_cache(&self) -> bool {
        self.manager == PackageManager::Apk && self.command.has_flag("--no-cache")
    }
}

impl Command {
    /// This command as a call of a package manager.
    #[must_use]
    pub fn package_command(&self) -> Option<PackageCommand<'_>> {
        let (manager, valued): (_, &[&str]) = match self.program()? {
            "apt-get" | "apt" | "aptitude" => (
                PackageManager::Apt,
                &["-t", "-o", "-c", "--target-release", "--default-release", "--option", "--config-file"],
            ),
            "apk" => (
                PackageManager::Apk,
                &[
                    "-t",
                    "-X",
                    "-p",
                    "--virtual",
                    "--repository",
                    "--root",
                    "--keys-dir",
                    "--cache-dir",
                    "--arch",
                    "--repositories-file",
                ],
            ),
            "dnf" | "yum" | "microdnf" | "dnf5" => (
                PackageManager::Dnf,
                &[
                    "-c",
                    "-x",
                    "--setopt",
                    "--enablerepo",
                    "--disablerepo",
                    "--repo",
                    "--installroot",
                    "--releasever",
                    "--exclude",
                ],
            ),
            "zypper" => (PackageManager::Zypper, &["-r", "--repo", "--root", "-R"]),
            _ => return None,
        };
        let mut words = self.operands_besides(valued).into_iter();
        let action_word = words.next()?;
        let action = action(manager, &action_word.text);
        let named = matches!(action, PackageAction::Install | PackageAction::Remove | PackageAction::Upgrade);
        let packages = words.filter(|_| named).map(|word| package(manager, word)).collect();
        Some(PackageCommand { manager, action, action_word, packages, command: self })
    }
}

fn action(manager: PackageManager, word: &str) -> PackageAction {
    match (manager, word) {
        (PackageManager::Apk, "add") => PackageAction::Install,
        (PackageManager::Apk, "del") => PackageAction::Remove,
        (PackageManager::Apk, "cache") => PackageAction::Clean,
        (PackageManager::Apk, "install" | "remove") => PackageAction::Other,
        (_, "install" | "reinstall" | "localinstall" | "groupinstall" | "in") => PackageAction::Install,
        (_, "remove" | "purge" | "autoremove" | "erase" | "rm") => PackageAction::Remove,
        (PackageManager::Dnf | PackageManager::Zypper, "update" | "upgrade" | "up" | "distro-sync") => {
            PackageAction::Upgrade
        }
        (_, "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade") => PackageAction::Upgrade,
        (_, "update" | "makecache" | "refresh" | "ref") => PackageAction::Update,
        (_, "clean" | "autoclean" | "distclean") => PackageAction::Clean,
        _ => PackageAction::Other,
    }
}

fn package(manager: PackageManager, word: &Word) -> Named<'_> {
    let text = word.text.as_str();
    if text.starts_with(['/', '.', '$']) || text.contains("://") {
        return Named { name: text, version: None, word };
    }
    match manager {
        PackageManager::Apt => Named::cut(word, &['=', '/']),
        PackageManager::Apk => Named::cut(word, &['=', '~', '<', '>', '@']),
        PackageManager::Zypper => Named::cut(word, &['=', '<', '>']),
        PackageManager::Dnf => dnf(word),
    }
}

/// `name-1.2-3.el9`: the version starts at the first hyphen in front of a digit. `php-8.2` and `java-17` look the same, so a version
/// is only taken where a dot follows the digits.
fn dnf(word: &Word) -> Named<'_> {
    let text = word.text.as_str();
    let version = text.match_indices('-').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&count| count > 0)?;
        rest.get(digits..)?.starts_with('.').then_some((text.get(..at)?, rest))
    });
    match version {
        Some((name, version)) => Named { name, version: Some(version), word },
        None => Named { name: text, version: None, word },
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;
    use super::*;

    fn packages(text: &str) -> Vec<(String, Option<String>)> {
        let command = command(text);
        let call = command.package_command().unwrap();
        assert_eq!(call.action, PackageAction::Install, "{text}");
        call.packages.iter().map(|package| (package.name.to_owned(), package.version.map(str::to_owned))).collect()
    }

    #[test]
    fn what_is_installed() {
        let named = |list: &[(&str, Option<&str>)]| -> Vec<(String, Option<String>)> {
            list.iter().map(|(name, version)| ((*name).to_owned(), version.map(str::to_owned))).collect()
        };
        for (text, want) in [
            (
                "apt-get -y --no-install-recommends -t bookworm-backports install git=1:2.39 libzip-dev:arm64 curl/stable ./a.deb $DEPS",
                named(&[
                    ("git", Some("1:2.39")),
                    ("libzip-dev:arm64", None),
                    ("curl", Some("stable")),
                    ("./a.deb", None),
                    ("$DEPS", None),
                ]),
            ),
            ("DEBIAN_FRONTEND=noninteractive apt-get install -yq -o Dpkg::Use-Pty=0 git", named(&[("git", None)])),
            (
                "apk add --no-cache --virtual .build-deps $PHPIZE_DEPS icu-dev~=74.1 git@edge 'libpng>1.6'",
                named(&[
                    ("$PHPIZE_DEPS", None),
                    ("icu-dev", Some("74.1")),
                    ("git", Some("edge")),
                    ("libpng", Some("1.6")),
                ]),
            ),
            ("apk --no-cache add -t deps git", named(&[("git", None)])),
            (
                "sudo dnf install -y --setopt=install_weak_deps=0 --enablerepo crb git-2.39.1-1.el9 php-fpm java-17-openjdk",
                named(&[("git", Some("2.39.1-1.el9")), ("php-fpm", None), ("java-17-openjdk", None)]),
            ),
            ("microdnf install -y --nodocs nginx", named(&[("nginx", None)])),
            ("zypper --non-interactive install git", named(&[("git", None)])),
        ] {
            assert_eq!(packages(text), want, "{text}");
        }
    }

    #[test]
    fn what_else_they_do() {
        for (text, want) in [
            ("apt-get update", PackageAction::Update),
            ("apt-get dist-upgrade -y", PackageAction::Upgrade),
            ("yum update -y", PackageAction::Upgrade),
            ("apk upgrade", PackageAction::Upgrade),
            ("apk del .build-deps", PackageAction::Remove),
            ("apt-get purge -y --auto-remove git", PackageAction::Remove),
            ("yum clean all", PackageAction::Clean),
            ("apt-get clean", PackageAction::Clean),
            ("apk cache clean", PackageAction::Clean),
            ("apt-get source x", PackageAction::Other),
        ] {
            assert_eq!(command(text).package_command().unwrap().action, want, "{text}");
        }
        assert_eq!(command("apt-get").package_command(), None);
        assert_eq!(command("echo apt-get install x").package_command(), None);
    }

    #[test]
    fn spans_are_those_of_the_words() {
        let text = "apt-get install \"git=1\" curl";
        let command = command(text);
        let call = command.package_command().unwrap();
        assert_eq!(call.packages[0].word.span.slice(text), "\"git=1\"");
        assert_eq!(call.action_word.span.slice(text), "install");
    }

    #[test]
    fn recommended_packages() {
        for (text, want) in [
            ("apt-get install -y git", false),
            ("apt-get install -y --no-install-recommends git", true),
            ("apt-get -o APT::Install-Recommends=0 install git", true),
            ("apk add git", true),
            ("dnf install git", false),
            ("dnf install --setopt=install_weak_deps=False git", true),
        ] {
            assert_eq!(command(text).package_command().unwrap().without_recommended(), want, "{text}");
        }
        assert!(command("apk add --no-cache git").package_command().unwrap().leaves_no_cache());
    }
}
