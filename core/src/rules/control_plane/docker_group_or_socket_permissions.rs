//! `control-plane/docker-group-or-socket-permissions`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Access, Admission, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Commands in scripts and image builds that put an account into the `docker` group (`usermod -aG`, `gpasswd -a`,
    /// `adduser`, `useradd -G`) or let everybody write to `docker.sock`; and `group_add` with that group, where the
    /// socket is mounted and the service is not root.
    ///
    /// # Why it matters
    /// A member of the group starts a container with the host's disk in it: that is root, without a password and
    /// without a trace in the log of `sudo`. For the web server's user, or that of the pipelines, one flaw in the
    /// application is enough.
    ///
    /// Accounts that serve or deploy, and an open socket, are *high*; other accounts in an image *medium*; a person's
    /// account in a script that sets up a machine is *low*. Scripts that set up a rootless engine are not reported.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// RUN groupadd -g 999 docker && usermod -aG docker www-data
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Take the account out of the group. For deployments, a key that `authorized_keys` limits to one command, or a
    /// rule of `sudo` for single `docker compose` lines, is enough; for pipelines and developers, a rootless engine.
    ///
    /// # References
    /// CIS Docker Benchmark 1.1.2 and 3.16, CWE-732, CWE-250, Docker documentation "Linux post-installation steps".
    id: "control-plane/docker-group-or-socket-permissions",
    title: "An account may use the Docker socket",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Who may use the engine's socket is root on the host without a password, and the web server's or the pipeline's account is reached through the application.",
    help: "Take the account out of the group, and allow single commands by sudo or by a restricted key, or run a rootless engine.",
    references: ["CIS Docker Benchmark 1.1.2", "CIS Docker Benchmark 3.16", "OWASP Docker Security Cheat Sheet rule 1", "CWE-732", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for admission in project.engine_admissions() {
        let severity = if admission.is_person() { Severity::Low } else { Severity::High };
        out.report(admitted(&admission).severity_in_context(admission.context.lower(severity, 2)));
    }
    for service in project.services() {
        for admission in service.engine_admissions() {
            let severity = if admission.is_person() { Severity::Medium } else { Severity::High };
            out.report(admitted(&admission).severity(severity).on(service));
        }
        if let Some(draft) = by_group(service) {
            out.report(draft);
        }
    }
}

fn admitted(admission: &Admission) -> Draft {
    let message = match &admission.access {
        Access::Group(name) => {
            format!("the account `{}` joins the group `docker`, which is root on the host", shorten(name, 40))
        }
        Access::Everybody => "everybody on the machine may use the engine's socket".to_owned(),
    };
    Draft::new(admission.at, message)
}

/// A service that is not root and gets into the socket by its group.
fn by_group(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let (group, socket) = service.group_add.first().zip(service.engine_socket())?;
    if service.is_socket_proxy() || service.effective_user().privilege.is_root() {
        return None;
    }
    let message = format!(
        "`{}` is not root, but gets into the engine's socket by the group {}",
        service.name,
        shorten(&group.text, 40)
    );
    Some(Draft::new(group.at, message).on(service).because(socket, "the socket"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/docker-group-or-socket-permissions";

    fn severity(name: &str, text: &str) -> String {
        findings(RULE, &[(name, text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn scripts() {
        assert_eq!(severity("setup.sh", "#!/bin/sh\nusermod -aG docker www-data\n"), "high");
        assert_eq!(severity("setup.sh", "#!/bin/sh\nchmod 666 /var/run/docker.sock\n"), "high");
        assert_eq!(severity("setup.sh", "#!/bin/sh\nusermod -aG docker \"$USER\"\n"), "low");
        assert_eq!(severity("setup.sh", "#!/bin/sh\nchmod 660 /var/run/docker.sock\n"), "none");
    }

    #[test]
    fn images() {
        assert_eq!(severity("Dockerfile", "FROM php:8.4-fpm\nRUN usermod -aG docker www-data\n"), "high");
        assert_eq!(severity("Dockerfile", "FROM php:8.4-fpm\nRUN usermod -aG docker anna\n"), "medium");
    }

    #[test]
    fn a_rootless_engine() {
        let text = "#!/bin/sh\ndockerd-rootless-setuptool.sh install\nusermod -aG docker www-data\n";
        clean(RULE, &[("setup.sh", text)]);
    }

    #[test]
    fn the_group_of_a_service() {
        let service = |lines: &str| {
            severity(
                "compose.yaml",
                &format!("services:\n  a:\n    image: php:8.4-cli\n    group_add: [\"999\"]\n{lines}"),
            )
        };
        let socket = "    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n";
        assert_eq!(service(&format!("    user: \"1000\"\n{socket}")), "high");
        assert_eq!(service(socket), "none", "root needs no group");
        assert_eq!(service("    user: \"1000\"\n"), "none");
    }
}
