//! `application/sshd-in-container`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Project, ServiceRef, SshServer};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A container that runs an SSH server: its command, entrypoint script or supervisor starts `sshd` or `dropbear`, its image
    /// installs one and declares port 22, or a PHP service publishes port 22.
    ///
    /// # Why it matters
    /// It is a second way in, with accounts, keys and vulnerabilities of its own that nobody rotates or patches with the application.
    /// And who has a shell in a container changes things there that no image holds.
    ///
    /// It is *high*, and *critical* when the build sets a password or lets root or passwords in. Images that are SSH or SFTP
    /// servers on purpose are *medium*. Clients (`openssh-client`) and Git forges are left out.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// RUN apt-get update && apt-get install -y --no-install-recommends openssh-server=1:10.0p1-7 \
    ///  && rm -rf /var/lib/apt/lists/*
    /// EXPOSE 22 9000
    /// CMD ["sh", "-c", "service ssh start && exec php-fpm"]
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// EXPOSE 9000
    /// CMD ["php-fpm"]
    /// ```
    ///
    /// # How to fix
    /// Remove the server from the image. For a look inside use `docker exec` on the host, which is reached by SSH, or
    /// `docker context create prod --docker host=ssh://deploy@host`. File transfer for customers belongs into a container of its own:
    /// keys only, a chroot, a volume of its own, on no network with the data stores.
    ///
    /// # References
    /// CIS Docker Benchmark 5.7, CWE-1188, CWE-521, Trivy DS-0004.
    id: "application/sshd-in-container",
    title: "A container runs an SSH server",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "An SSH server is a second way into the container, with passwords, keys and vulnerabilities of its own, and it invites changes that no image holds.",
    help: "Remove it, and use `docker exec` on the host or a Docker context over SSH.",
    references: ["CIS Docker Benchmark 5.7", "CWE-1188", "CWE-521", "Trivy DS-0004"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        if let Some(server) = service.ssh_server() {
            out.report(report(service, &server));
        }
    }
}

fn report(service: ServiceRef<'_, '_>, server: &SshServer) -> Draft {
    let subject = if service.view().standalone { "the image".to_owned() } else { format!("`{}`", service.name) };
    let mut draft = Draft::new(server.at, format!("{subject} has an SSH server: {}", server.what));
    if let Some(at) = server.password {
        draft = draft.severity(Severity::Critical).because(at, "this lets passwords or root in");
    } else if server.dedicated {
        draft = draft.severity(Severity::Medium).help(
            "Allow keys only, confine accounts to a folder, give it a volume of its own, and keep it off the networks of data stores.",
        );
    }
    draft
        .because_of(server.installed.filter(|at| *at != server.at), "it is installed here")
        .because_of(server.open.filter(|at| *at != server.at), "its port is opened here")
        .on(service)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/sshd-in-container";
    const INSTALL: &str = "FROM php:8.4-fpm\nRUN apt-get update && apt-get install -y openssh-server\n";

    fn severities(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn built_servers() {
        assert_eq!(severities(&[("Dockerfile", &format!("{INSTALL}EXPOSE 22\n"))]), ["high"]);
        let password = format!(
            "{INSTALL}RUN sed -i 's/.*PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n"
        );
        assert_eq!(severities(&[("Dockerfile", &password)]), ["critical"]);
    }

    #[test]
    fn dedicated_servers_are_medium() {
        let compose = "services:\n  sftp:\n    image: atmoz/sftp:alpine\n    ports: [\"2222:22\"]\n";
        assert_eq!(severities(&[("compose.yaml", compose)]), ["medium"]);
    }

    #[test]
    fn guards() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nRUN apt-get install -y openssh-client git\n")]);
        clean(RULE, &[("Dockerfile", INSTALL)]);
        clean(RULE, &[("compose.yaml", "services:\n  git:\n    image: gitea/gitea:1.24\n    ports: [\"2222:22\"]\n")]);
    }
}
