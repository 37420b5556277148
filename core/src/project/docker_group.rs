//! Who may use the engine's socket besides root: members of its group, and whoever the socket's own permissions let in.

use super::{Context, Project, ServiceRef};
use crate::source::{Location, file_name};
use crate::syntax::shell::Command;

/// Accounts that serve or deploy.
const SERVICES: [&str; 14] = [
    "www-data",
    "www",
    "nginx",
    "apache",
    "httpd",
    "php",
    "app",
    "web",
    "jenkins",
    "gitlab-runner",
    "runner",
    "deploy",
    "deployer",
    "circleci",
];

/// What lets somebody use the engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Access {
    /// An account joins the group.
    Group(String),
    /// Everybody may write to the socket.
    Everybody,
}

/// A command that lets somebody use the engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Admission {
    /// What it does.
    pub access: Access,
    /// The command.
    pub at: Location,
    /// What kind of deployment it works on.
    pub context: Context,
}

impl Admission {
    /// Whether it is for the account of a person, as far as its name tells, and not for one that serves or deploys.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(&self.access, Access::Group(name) if !SERVICES.contains(&name.as_str()))
    }
}

impl Project<'_> {
    /// Commands of scripts and pipelines that let somebody use the engine. A script that sets up a rootless engine
    /// gives nothing away.
    #[must_use]
    pub fn engine_admissions(&self) -> Vec<Admission> {
        let mut found = Vec::new();
        for unit in self.shell_units() {
            let rootless = |command: &Command| command.words.iter().any(|word| word.text.contains("rootless"));
            if unit.commands().any(|(_, command)| rootless(command)) {
                continue;
            }
            found.extend(unit.commands().filter_map(|(_, command)| {
                let at = Location::new(unit.source, command.span);
                Some(Admission { access: admits(command)?, at, context: unit.context })
            }));
        }
        found
    }
}

impl ServiceRef<'_, '_> {
    /// Commands of its image's build that let somebody use the engine.
    #[must_use]
    pub fn engine_admissions(self) -> Vec<Admission> {
        let Some((used, source)) = self.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for program in ["usermod", "useradd", "gpasswd", "adduser", "addgroup", "chmod"] {
            found.extend(used.commands_of(self.project(), program).into_iter().filter_map(|(command, _)| {
                let at = Location::new(source, command.span);
                Some(Admission { access: admits(&command)?, at, context: self.context })
            }));
        }
        found
    }
}

/// What a command lets somebody do.
fn admits(command: &Command) -> Option<Access> {
    let operands: Vec<&str> = command.operands().map(|word| word.text.as_str()).collect();
    let program = command.program()?;
    match program {
        "chmod" => {
            let chmod = command.chmod()?;
            let socket = chmod.paths.iter().any(|path| matches!(file_name(&path.text), "docker.sock" | "podman.sock"));
            let open = match chmod.octal() {
                Some(mode) => mode & 0o002 != 0,
                None => chmod.mode.text.split(',').any(|clause| {
                    let parts = clause.split_once(['+', '=']);
                    parts.is_some_and(|(who, what)| who.contains(['o', 'a']) && what.contains('w'))
                }),
            };
            (socket && open).then_some(Access::Everybody)
        }
        // `adduser www-data docker`, `gpasswd -a www-data docker`, `gpasswd --add=www-data docker`
        "adduser" | "addgroup" | "gpasswd" if operands.len() == 2 && operands.last() == Some(&"docker") => {
            let added = program != "gpasswd" || command.has_any_flag(&["-a", "--add"]);
            added.then(|| Access::Group(operands.first().copied().unwrap_or("").to_owned()))
        }
        "usermod" | "useradd" => {
            let account = command.new_account()?;
            let member = [account.groups, account.group].into_iter().flatten().flat_map(|names| names.split(','));
            let joins = member.into_iter().any(|name| name == "docker") || operands.first() == Some(&"docker");
            joins.then(|| Access::Group(operands.last().copied().unwrap_or(&account.name.text).to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn admitted(line: &str) -> Option<Access> {
        let text = format!("#!/bin/sh\n{line}\n");
        let sources = sources(&[("setup.sh", &text)]);
        Project::new(&sources, TODAY).engine_admissions().into_iter().next().map(|found| found.access)
    }

    #[test]
    fn groups() {
        for line in [
            "usermod -aG docker www-data",
            "sudo usermod -a -G docker www-data",
            "usermod -aG sudo,docker www-data",
            "gpasswd -a www-data docker",
            "adduser www-data docker",
            "addgroup www-data docker",
            "useradd -m -G docker www-data",
        ] {
            assert_eq!(admitted(line), Some(Access::Group("www-data".to_owned())), "{line}");
        }
        for line in ["usermod -aG www-data app", "groupadd docker", "gpasswd -d www-data docker", "adduser docker"] {
            assert_eq!(admitted(line), None, "{line}");
        }
    }

    #[test]
    fn the_socket_itself() {
        for mode in ["666", "0777", "o+rw", "a+w"] {
            assert_eq!(admitted(&format!("chmod {mode} /var/run/docker.sock")), Some(Access::Everybody), "{mode}");
        }
        assert_eq!(admitted("chmod 660 /var/run/docker.sock"), None);
        assert_eq!(admitted("chmod 777 /srv/app"), None);
    }

    #[test]
    fn a_rootless_engine() {
        assert_eq!(admitted("dockerd-rootless-setuptool.sh install\nusermod -aG docker www-data"), None);
    }
}
