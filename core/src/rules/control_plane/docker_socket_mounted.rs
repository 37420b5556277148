//! `control-plane/docker-socket-mounted`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Context, Group, HostMount, Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A service that gets the socket of a container engine (Docker, containerd, Podman, CRI-O, BuildKit), whatever path it has in the
    /// container, or a directory that holds it, such as `/var/run`; and `use_api_socket: true`.
    ///
    /// # Why it matters
    /// The engine's API knows no permissions. Who may talk to it starts a privileged container with `/` of the host mounted: four calls
    /// to root on the host. `:ro` protects the socket's file, not the API behind it.
    ///
    /// It is *critical* for services that users reach and for PHP; *high* for tools of the operator that nothing exposes, for rootless
    /// engines, and in development and CI views. A socket proxy is *info*: what it lets through is judged on its own.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     image: registry.example.net/app:1.4.2
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     image: registry.example.net/app:1.4.2
    ///     environment: { QUEUE_CONNECTION: redis }
    /// ```
    ///
    /// # How to fix
    /// Remove the mount. A tool that only watches containers talks to a socket proxy with `CONTAINERS=1` and `POST=0` on an internal
    /// network. nginx-proxy can be split so that only docker-gen, which nobody reaches, has the socket; Traefik reads its routes from a
    /// file. Pipelines build with rootless BuildKit, backups mount the volumes, and the host's cron restarts what has to be restarted.
    ///
    /// # References
    /// CIS Docker Benchmark 5.32, CWE-250, CWE-668, Docker documentation "Protect the Docker daemon socket".
    id: "control-plane/docker-socket-mounted",
    title: "A service controls the container engine",
    severity: Critical,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "Whoever talks to the engine's socket starts a privileged container with the host's disk in it: that is root on the host, and mounting the socket read-only changes nothing.",
    help: "Remove the mount; what only reads events talks to a socket proxy with POST=0 on an internal network.",
    references: ["CIS Docker Benchmark 5.32", "OWASP Docker Security Cheat Sheet rule 1", "NIST SP 800-190 3.3.1", "NIST SP 800-190 4.4.3", "CWE-250", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for mount in service.host_mounts() {
            if let Some(severity) = mount.control_socket() {
                out.report(by_mount(service, &mount, severity));
            }
        }
        if let Some(socket) = service.use_api_socket.as_ref().filter(|socket| socket.value) {
            let message = format!("`{}` gets the engine's socket with `use_api_socket`", service.name);
            let draft = judged(service, Draft::new(socket.at, message), Severity::Critical);
            out.report(draft.fix(project.remove(Safety::Suggested, "Remove `use_api_socket`", socket.at)));
        }
    }
}

fn by_mount(service: ServiceRef<'_, '_>, mount: &HostMount<'_>, severity: Severity) -> Draft {
    let path = shorten(&mount.path, 60);
    let what = if mount.is_directory_of_sockets() {
        format!("{path}, which holds the engine's socket")
    } else {
        format!("the engine's socket, {path}")
    };
    let read_only = if mount.read_only { "; read-only does not limit it" } else { "" };
    let mut draft =
        judged(service, Draft::new(mount.at, format!("`{}` gets {what}{read_only}", service.name)), severity);
    if let Some((at, label)) = mount.through {
        draft = draft.because(at, label);
    }
    if mount.at != mount.mount.at {
        return draft; // a named volume: what else uses it has to be looked at
    }
    draft.fix(service.project().remove(Safety::Suggested, "Remove the mount", mount.at))
}

/// How bad it is for this service, what makes it worse, and what it could do instead.
fn judged(service: ServiceRef<'_, '_>, draft: Draft, severity: Severity) -> Draft {
    let draft = draft.on(service);
    if service.role.name == "socket-proxy" {
        return draft.severity_in_context(Severity::Info).help("A socket proxy is made for this: keep it on an internal network and let through only what its clients need.");
    }
    let exposed = service.ports.iter().find(|port| port.is_exposed());
    let operators = service.role.group() == Group::Operations && exposed.is_none() && !service.is_behind_edge();
    let inside = operators || matches!(service.context, Context::Development | Context::Ci);
    let mut draft = draft.severity_in_context(if inside { severity.min(Severity::High) } else { severity });
    if let Some(port) = exposed {
        draft = draft.because(port.at, "published here");
    }
    let user = service.effective_user();
    if user.privilege == Privilege::Root && user.is_known_root() {
        draft = draft.because(user.at, "and its processes are root, who may open it");
    }
    match service.role.name {
        "proxy" => draft.help("Split the proxy so that only docker-gen has the socket, let Traefik read its routes from a file, or put a socket proxy with POST=0 in between."),
        "ci" | "dind" => draft.help("Build images with rootless BuildKit instead of the host's engine."),
        "monitor" => draft.help("Let it talk to a socket proxy with CONTAINERS=1 and POST=0 on an internal network."),
        _ => draft,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/docker-socket-mounted";

    fn severity(name: &str, lines: &str) -> String {
        let text = format!("services:\n  a:\n    image: {lines}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn mounted(volume: &str) -> String {
        severity("compose.yaml", &format!("php:8.4-cli\n    volumes: [\"{volume}\"]"))
    }

    #[test]
    fn every_socket_at_every_path() {
        for (volume, want) in [
            ("/var/run/docker.sock:/var/run/docker.sock:ro", "critical"),
            ("/var/run/docker.sock:/tmp/docker.sock:ro", "critical"),
            ("//var/run/docker.sock:/x", "critical"),
            ("${DOCKER_SOCK:-/var/run/docker.sock}:/x", "critical"),
            ("/run/containerd/containerd.sock:/x", "critical"),
            ("/var/run:/var/run:rw", "critical"),
            ("/run/user/1000/docker.sock:/var/run/docker.sock", "high"),
            ("/run/user/1000/pulse:/pulse", "none"),
            ("/run/mysqld:/run/mysqld", "none"),
            ("dind:/var/run", "none"),
            ("./docker.sock:/x", "none"),
        ] {
            assert_eq!(mounted(volume), want, "{volume}");
        }
        assert_eq!(severity("compose.yaml", "php:8.4-cli\n    use_api_socket: true"), "critical");
        assert_eq!(severity("compose.yaml", "php:8.4-cli\n    use_api_socket: false"), "none");
    }

    #[test]
    fn by_what_the_service_is() {
        let socket = "volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]";
        for (image, want) in [
            ("traefik:3\n    ports: [\"443:443\"]", "critical"),
            ("portainer/portainer-ce:2\n    ports: [\"9443:9443\"]", "critical"),
            ("portainer/portainer-ce:2\n    ports: [\"127.0.0.1:9443:9443\"]", "high"),
            ("containrrr/watchtower:1", "high"),
            ("tecnativa/docker-socket-proxy:0.3", "info"),
        ] {
            assert_eq!(severity("compose.yaml", &format!("{image}\n    {socket}")), want, "{image}");
        }
    }

    #[test]
    fn development_is_high() {
        for image in ["php:8.4-cli", "containrrr/watchtower:1"] {
            assert_eq!(
                severity("compose.dev.yaml", &format!("{image}\n    volumes: [\"/var/run/docker.sock:/x\"]")),
                "high",
                "{image}"
            );
        }
    }

    #[test]
    fn a_tool_behind_the_proxy_is_exposed() {
        let text = "services:\n  proxy:\n    image: traefik:3\n    ports: [\"443:443\"]\n  logs:\n    image: amir20/dozzle:8\n    labels: [\"traefik.enable=true\"]\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "critical");
    }

    #[test]
    fn the_directory_is_named_as_such() {
        let found =
            findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: x:1\n    volumes: [\"/run:/run\"]\n")]);
        assert!(found[0].message.contains("which holds"));
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: x:1\n    volumes: [\"/var/lib/app:/run\"]\n")]);
    }
}
