//! `control-plane/socket-proxy-overprivileged`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::compose::EnvVar;
use crate::project::{Passed, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A socket proxy that lets more of the engine's API through than looking: changes (`POST=1`) together with
    /// containers, `EXEC`, builds, images, services, volumes or plugins; secrets and registry logins; starting and
    /// stopping.
    ///
    /// # Why it matters
    /// With `POST=1` a client makes a container that mounts the host's disk, and the proxy has changed nothing. Reading
    /// is not harmless either: `CONTAINERS=1` lets through every GET below `/containers`, which shows the environment
    /// of all containers with the passwords in it, and hands out their files.
    ///
    /// Changes and secrets are *high*, starting and stopping *medium*, reading containers *low*: most clients cannot do
    /// without it.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   socket-proxy:
    ///     image: tecnativa/docker-socket-proxy:v0.4.1
    ///     environment: { CONTAINERS: 1, POST: 1, EXEC: 1 }
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   socket-proxy:
    ///     image: tecnativa/docker-socket-proxy:v0.4.1
    ///     environment: { EVENTS: 1, PING: 1, VERSION: 1, NETWORKS: 1, POST: 0 }
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    /// ```
    ///
    /// # How to fix
    /// Keep `POST: 0` and switch on only the parts that the client asks for. Where a client restarts containers,
    /// `ALLOW_RESTARTS: 1` is less than `POST: 1`. Proxies that let through single paths by a pattern, such as
    /// wollomatic's, narrow it further.
    ///
    /// # References
    /// CIS Docker Benchmark 5.32, CWE-269, CWE-732, docker-socket-proxy README "Access revoked by default".
    id: "control-plane/socket-proxy-overprivileged",
    title: "Socket proxy lets too much of the Docker API through",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A socket proxy that allows changes gives its clients root on the host again, and one that allows reading shows them every container's passwords.",
    help: "Keep POST at 0 and switch on only the parts of the API that the client asks for.",
    references: ["CIS Docker Benchmark 5.32", "OWASP Docker Security Cheat Sheet rule 1", "CWE-269", "CWE-732"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_socket_proxy()) {
        for passed in service.passed_by_proxy() {
            out.report(judged(service, &passed).on(service));
        }
    }
}

fn judged(service: ServiceRef<'_, '_>, passed: &Passed<'_>) -> Draft {
    let name = &service.name;
    let project = service.project();
    let off = |variable: &EnvVar| switch_off(project, variable);
    match passed {
        Passed::Creating(post, part) => Draft::new(
            post.key_at,
            format!("`{name}` lets its clients make or enter containers: POST together with {}", part.key),
        )
        .because(part.key_at, "this part of the API is open")
        .fix(off(post)),
        Passed::Telling(part) => {
            Draft::new(part.key_at, format!("`{name}` hands out secrets and logins: {} is on", part.key)).fix(off(part))
        }
        Passed::Steering(part) => Draft::new(
            part.key_at,
            format!("`{name}` lets its clients start or stop any container: {} is on", part.key),
        )
        .severity(Severity::Medium),
        Passed::Reading(part) => Draft::new(
            part.key_at,
            format!("`{name}` lets its clients read the environment and files of every container"),
        )
        .severity(Severity::Low)
        .help("Leave CONTAINERS off when the client only needs events; otherwise keep secrets out of the environment."),
    }
}

fn switch_off(project: &Project<'_>, variable: &EnvVar) -> Option<Fix> {
    let value = variable.value.as_ref()?;
    let title = format!("Switch {} off", variable.key);
    let written = project.slice(value.at).trim_matches(['"', '\'']);
    let replacement = match written.split_once('=') {
        Some((key, _)) => format!("{key}=0"),
        None => "0".to_owned(),
    };
    project.replace(Safety::Suggested, title, value.at, &replacement)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/socket-proxy-overprivileged";

    fn severities(environment: &str) -> Vec<String> {
        let text = format!(
            "services:\n  sp:\n    image: tecnativa/docker-socket-proxy:v0.4.1\n    environment: {environment}\n"
        );
        findings(RULE, &[("compose.yaml", &text)]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn what_is_open() {
        for (environment, want) in [
            ("{CONTAINERS: 1, POST: 1}", "high"),
            ("[CONTAINERS=1, POST=1]", "high"),
            ("{SECRETS: 1}", "high"),
            ("{CONTAINERS: 1, ALLOW_START: 1}", "medium"),
            ("{CONTAINERS: 1, POST: 0}", "low"),
        ] {
            assert_eq!(severities(environment), [want], "{environment}");
        }
    }

    #[test]
    fn the_defaults_are_enough() {
        assert!(severities("{EVENTS: 1, PING: 1, VERSION: 1}").is_empty());
        assert!(severities("{POST: \"${POST}\", CONTAINERS: \"${C}\"}").is_empty());
    }

    #[test]
    fn other_services_may_have_such_variables() {
        let text = "services:\n  a:\n    image: registry.example.net/blog:1\n    environment: {POST: 1, IMAGES: 1}\n";
        clean(RULE, &[("compose.yaml", text)]);
    }
}
