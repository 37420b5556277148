//! SSH servers in containers.

use super::ServiceRef;
use crate::facts::images;
use crate::source::Location;
use crate::syntax::dockerfile::Keyword;
use crate::syntax::shell::Command;

/// An SSH server in a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SshServer {
    /// What tells that it runs.
    pub what: &'static str,
    /// Where that is written.
    pub at: Location,
    /// Where it is installed.
    pub installed: Option<Location>,
    /// Where it is published, or declared.
    pub open: Option<Location>,
    /// Where a password, or root, is let in.
    pub password: Option<Location>,
    /// Whether SSH is what the image is for.
    pub dedicated: bool,
}

/// Images that are SSH servers on purpose.
const DEDICATED: [&str; 8] = [
    "atmoz/sftp",
    "linuxserver/openssh-server",
    "lscr.io/linuxserver/openssh-server",
    "emberstack/sftp",
    "drakkan/sftpgo",
    "panubo/sshd",
    "corilus/sftp",
    "sickp/alpine-sshd",
];

impl ServiceRef<'_, '_> {
    /// The SSH server that its container runs.
    #[must_use]
    pub fn ssh_server(self) -> Option<SshServer> {
        let port = self.ports.iter().find(|port| port.has_target(22) && port.protocol == "tcp").map(|port| port.at);
        let name = self.image_use.reference.as_ref().map(images::name).unwrap_or_default();
        if let Some(at) = self.image_use.at.filter(|_| DEDICATED.contains(&name.as_str()) && !self.image_use.is_base) {
            let what = "its image is an SSH server";
            return Some(SshServer { what, at, installed: None, open: port, password: None, dedicated: true });
        }
        let commands = self.build_commands();
        let find = |wanted: &dyn Fn(&Command) -> bool| {
            commands.iter().find(|(command, _)| wanted(command)).map(|found| found.1)
        };
        let installed = find(&installs_server);
        let password = find(&lets_passwords_in);
        let exposed = self.exposes_ssh();
        let started = self.start_commands().into_iter().find(|command| {
            let service = matches!(command.program(), "service" | "rc-service")
                && command.has("start")
                && (command.has("ssh") || command.has("sshd") || command.has("dropbear"));
            let init = command.words.first().is_some_and(|word| word == "/etc/init.d/ssh") && command.has("start");
            matches!(command.program(), "sshd" | "dropbear") || service || init
        });
        let (what, at) = match (started, exposed, port) {
            (Some(started), _, _) => ("its container starts an SSH server", started.at),
            (None, Some(exposed), _) if installed.is_some() => {
                ("its image installs an SSH server and declares port 22", exposed)
            }
            (None, _, Some(port)) if installed.is_some() || self.role.is_php() => ("it publishes port 22", port),
            _ => return None,
        };
        Some(SshServer { what, at, installed, open: port.or(exposed), password, dedicated: false })
    }

    /// Where the stage that it is built from declares port 22.
    fn exposes_ssh(self) -> Option<Location> {
        let builder = self.image_source();
        let used = builder.service().build_use.as_ref()?;
        let source = used.dockerfile?;
        used.final_chain().into_iter().find_map(|stage| {
            let exposed = &used.model.stages.get(stage)?.exposed;
            let ssh =
                exposed.iter().find(|port| port.value.known && matches!(port.value.text.as_str(), "22" | "22/tcp"))?;
            Some(Location::new(source, ssh.span))
        })
    }

    /// The commands of the `RUN` instructions whose effect is in its image.
    fn build_commands(self) -> Vec<(Command, Location)> {
        let builder = self.image_source();
        let Some(used) = builder.service().build_use.as_ref() else { return Vec::new() };
        let project = self.project();
        let Some((source, file)) = used.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return Vec::new();
        };
        used.final_instructions(file)
            .filter(|(_, instruction)| instruction.keyword == Keyword::Run)
            .flat_map(|(_, instruction)| instruction.scripts(project.text(source)))
            .flat_map(|script| script.script.commands)
            .map(|command| {
                let at = Location::new(source, command.span);
                (command, at)
            })
            .collect()
    }
}

fn installs_server(command: &Command) -> bool {
    let program = command.program().unwrap_or("");
    let installs = matches!(program, "apt-get" | "apt" | "apk" | "dnf" | "yum" | "microdnf");
    let server = |name: &str| {
        matches!(name, "openssh-server" | "dropbear" | "dropbear-bin") || (program == "apk" && name == "openssh")
    };
    installs && command.program_args().iter().any(|word| server(word.text.split('=').next().unwrap_or("")))
}

fn lets_passwords_in(command: &Command) -> bool {
    let text = command.words.iter().map(|word| word.text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ");
    command.program() == Some("chpasswd")
        || ["permitrootlogin yes", "passwordauthentication yes", "permitemptypasswords yes"]
            .iter()
            .any(|setting| text.contains(setting))
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn server(files: &[(&str, &str)]) -> Option<(&'static str, bool, bool)> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let service = project.services().next().unwrap();
        service.ssh_server().map(|server| (server.what, server.password.is_some(), server.dedicated))
    }

    #[test]
    fn servers() {
        let installs = "FROM php:8.4-fpm\nRUN apt-get update && apt-get install -y openssh-server\n";
        let found = server(&[("Dockerfile", &format!("{installs}EXPOSE 22\n"))]).unwrap();
        assert!(!found.1 && !found.2);
        assert!(server(&[("Dockerfile", installs)]).is_none());
        let started =
            format!("{installs}RUN echo root:x | chpasswd\nCMD [\"sh\", \"-c\", \"service ssh start && php-fpm\"]\n");
        assert!(server(&[("Dockerfile", &started)]).unwrap().1);
        assert!(
            server(&[("Dockerfile", "FROM alpine:3\nRUN apk add openssh\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n")])
                .is_some()
        );
        assert!(server(&[("Dockerfile", "FROM php:8.4-fpm\nRUN apt-get install -y openssh-client\n")]).is_none());
    }

    #[test]
    fn images() {
        let image = |image: &str| {
            let compose = format!("services:\n  a:\n    image: {image}\n    ports: [\"2222:22\"]\n");
            server(&[("compose.yaml", &compose)])
        };
        assert!(image("atmoz/sftp:alpine").unwrap().2);
        assert!(image("gitea/gitea:1").is_none());
        assert!(!image("php:8.4-fpm").unwrap().2);
    }
}
