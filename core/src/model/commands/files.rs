//! Files: permissions, owners, removal, repositories that are cloned.

use crate::syntax::shell::{Command, Word};

/// `chmod`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chmod<'c> {
    /// The mode, as written.
    pub mode: &'c Word,
    /// What it is set on.
    pub paths: Vec<&'c Word>,
    /// With everything below.
    pub recursive: bool,
}

impl Chmod<'_> {
    /// The mode as a number, when it is written as one.
    #[must_use]
    pub fn octal(&self) -> Option<u32> {
        u32::from_str_radix(&self.mode.text, 8).ok().filter(|mode| *mode <= 0o7777)
    }

    /// Whether programs run with the rights of their owner or group: set-user-ID or set-group-ID.
    #[must_use]
    pub fn sets_id(&self) -> bool {
        match self.octal() {
            Some(mode) => mode & 0o6000 != 0,
            None => self.mode.text.split(',').any(|part| {
                let Some((who, bits)) = part.split_once(['+', '=']) else { return false };
                // For others alone the letter means nothing.
                bits.contains('s') && (who.is_empty() || who.contains(['u', 'g', 'a']))
            }),
        }
    }
}

/// `chown` and `chgrp`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chown<'c> {
    /// The owner, as written.
    pub owner: Option<&'c str>,
    /// The group, as written.
    pub group: Option<&'c str>,
    /// The word that names them.
    pub word: &'c Word,
    /// What they get.
    pub paths: Vec<&'c Word>,
    /// With everything below.
    pub recursive: bool,
}

/// `git clone`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GitClone<'c> {
    /// What is cloned.
    pub url: &'c Word,
    /// The branch or tag asked for.
    pub branch: Option<&'c str>,
    /// Where it goes, when it is said.
    pub folder: Option<&'c Word>,
    /// Whether only the newest commits are fetched.
    pub shallow: bool,
}

impl Command {
    /// This command as a `chmod`.
    #[must_use]
    pub fn chmod(&self) -> Option<Chmod<'_>> {
        if self.program()? != "chmod" {
            return None;
        }
        // `chmod -x file` takes rights away: there the mode begins with a hyphen.
        let takes = |word: &&Word| {
            word.text
                .strip_prefix('-')
                .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| "rwxXst".contains(c)))
        };
        let minus = self.program_args().iter().find(takes);
        let mut operands = self.operands_besides(&["--reference"]).into_iter();
        let mode = match minus {
            Some(mode) => mode,
            None => operands.next()?,
        };
        Some(Chmod { mode, paths: operands.collect(), recursive: self.has_any_flag(&["-R", "--recursive"]) })
    }

    /// This command as a `chown` or `chgrp`.
    #[must_use]
    pub fn chown(&self) -> Option<Chown<'_>> {
        let program = self.program().filter(|program| matches!(*program, "chown" | "chgrp"))?;
        let mut operands = self.operands_besides(&["--from", "--reference"]).into_iter();
        let word = operands.next()?;
        let some = |text: &'_ str| !text.is_empty();
        let (owner, group) = match word.text.split_once(':') {
            _ if program == "chgrp" => (None, Some(word.text.as_str())),
            Some((owner, group)) => (Some(owner).filter(|text| some(text)), Some(group).filter(|text| some(text))),
            None => (Some(word.text.as_str()), None),
        };
        let recursive = self.has_any_flag(&["-R", "--recursive"]);
        Some(Chown { owner, group, word, paths: operands.collect(), recursive })
    }

    /// What an `rm` removes.
    #[must_use]
    pub fn removed_paths(&self) -> Vec<&Word> {
        if self.program() == Some("rm") { self.operands().collect() } else { Vec::new() }
    }

    /// This command as a `git clone`.
    #[must_use]
    pub fn git_clone(&self) -> Option<GitClone<'_>> {
        if self.program()? != "git" {
            return None;
        }
        let valued = [
            "-c",
            "-C",
            "-b",
            "--branch",
            "--depth",
            "-o",
            "--origin",
            "--config",
            "--reference",
            "-j",
            "--jobs",
            "--filter",
        ];
        let mut operands = self.operands_besides(&valued).into_iter();
        operands.next().filter(|word| word.text == "clone")?;
        let url = operands.next()?;
        let branch = self.flag_value("--branch").or_else(|| self.flag_value("-b")).map(|(branch, _)| branch);
        let shallow = self.has_any_flag(&["--depth", "--shallow-since", "--shallow-exclude"]);
        Some(GitClone { url, branch, folder: operands.next(), shallow })
    }
}

/// Whether a command removes what package managers leave behind: `rm -rf /var/lib/apt/lists/*`, `rm -rf /var/cache/apk/*`.
#[must_use]
pub fn removes_package_lists(command: &Command) -> bool {
    const LEFT: [&str; 5] =
        ["/var/lib/apt/lists", "/var/cache/apt", "/var/cache/apk", "/var/cache/yum", "/var/cache/dnf"];
    let below = |path: &str| {
        LEFT.iter().any(|left| path.strip_prefix(left).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    command.removed_paths().iter().any(|word| below(&word.text))
        || command.program() == Some("find")
            && command.program_args().iter().any(|word| word.text == "-delete")
            && command.operands().next().is_some_and(|word| below(&word.text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;
    use super::*;

    #[test]
    fn modes() {
        for (text, mode, paths, recursive, sets_id) in [
            ("chmod 4755 /a", "4755", 1, false, true),
            ("chmod -R u+rwX,g+s /a /b", "u+rwX,g+s", 2, true, true),
            ("chmod -x /a", "-x", 1, false, false),
            ("chmod o+s,755 /a", "o+s,755", 1, false, false),
            ("chmod --recursive 0777 $DIR", "0777", 1, true, false),
        ] {
            let command = command(text);
            let chmod = command.chmod().unwrap();
            assert_eq!(
                (chmod.mode.text.as_str(), chmod.paths.len(), chmod.recursive),
                (mode, paths, recursive),
                "{text}"
            );
            assert_eq!(chmod.sets_id(), sets_id, "{text}");
        }
        assert_eq!(command("chmod 0755 a").chmod().unwrap().octal(), Some(0o755));
        assert_eq!(command("chmod").chmod(), None);
    }

    #[test]
    fn owners() {
        for (text, owner, group) in [
            ("chown -R www-data:www-data /a", Some("www-data"), Some("www-data")),
            ("chown 1000 /a", Some("1000"), None),
            ("chown :www /a", None, Some("www")),
            ("chown app: /a", Some("app"), None),
            ("chgrp -R 0 /a", None, Some("0")),
        ] {
            let command = command(text);
            let chown = command.chown().unwrap();
            assert_eq!((chown.owner, chown.group, chown.paths.len()), (owner, group, 1), "{text}");
        }
    }

    #[test]
    fn clones() {
        let text = "git -c advice.detachedHead=false clone --depth 1 -b v1.2 https://github.com/a/b.git /opt/b";
        let clone = command(text);
        let clone = clone.git_clone().unwrap();
        assert_eq!(clone.url.span.slice(text), "https://github.com/a/b.git");
        assert_eq!((clone.branch, clone.folder.unwrap().text.as_str(), clone.shallow), (Some("v1.2"), "/opt/b", true));
        assert_eq!(command("git pull").git_clone(), None);
    }

    #[test]
    fn lists_that_are_removed() {
        for text in
            ["rm -rf /var/lib/apt/lists/* /tmp/*", "rm -r /var/cache/apk", "find /var/lib/apt/lists -type f -delete"]
        {
            assert!(removes_package_lists(&command(text)), "{text}");
        }
        for text in ["rm -rf /var/lib/apt/listsx", "ls /var/lib/apt/lists", "rm -rf /tmp"] {
            assert!(!removes_package_lists(&command(text)), "{text}");
        }
    }
}
