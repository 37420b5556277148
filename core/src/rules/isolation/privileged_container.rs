//! `isolation/privileged-container`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A service with `privileged: true`, after variables are filled in, or a lifecycle hook that runs privileged.
    ///
    /// # Why it matters
    /// A privileged container has every capability, every device of the host, no seccomp and no AppArmor profile, and a writable
    /// `/sys`. Root in it mounts the host's disk, loads a kernel module or registers a cgroup release agent: it is root on the host.
    /// No other setting gives away as much with as few letters.
    ///
    /// It is not reported lower for a container whose user is not root: any way to root inside is then a way to root outside.
    /// Docker-in-Docker in a pipeline and documented socket proxies are *high*, with the alternative named; a development view is
    /// *high* too, because the host is then a developer's laptop with its keys.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   scheduler:
    ///     image: registry.example.net/app:1.4.2
    ///     privileged: true
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   scheduler:
    ///     image: registry.example.net/app:1.4.2
    ///     cap_drop: [ALL]
    ///     security_opt: ["no-new-privileges:true"]
    /// ```
    ///
    /// # How to fix
    /// Delete the key, start the service, and give back the one narrow thing that broke: `devices:` for a device, `sysctls:` for a
    /// kernel setting, `cap_add: [NET_ADMIN]` with `/dev/net/tun` for a VPN, a seccomp profile for a headless browser. Ports below
    /// 1024 need nothing since Docker 20.10. Kernel tuning and clocks belong on the host.
    ///
    /// # References
    /// CIS Docker Benchmark 5.5 and 5.23, CWE-250, Docker documentation "Runtime privilege and Linux capabilities".
    id: "isolation/privileged-container",
    title: "Container runs privileged",
    severity: Critical,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "A privileged container has every capability and device of the host and no seccomp or AppArmor profile: root in it is root on the host.",
    help: "Delete `privileged`, then grant the one device, capability or sysctl that is really needed.",
    references: ["CIS Docker Benchmark 5.5", "CIS Docker Benchmark 5.23", "OWASP Docker Security Cheat Sheet rule 3", "NIST SP 800-190 3.4.3", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        if let Some(privileged) = service.privileged.as_ref().filter(|privileged| privileged.value) {
            report(service, privileged.at, format!("`{}` runs privileged", service.name), out);
        }
        for hook in &service.hooks {
            if let Some(privileged) = hook.privileged.as_ref().filter(|privileged| privileged.value) {
                report(
                    service,
                    privileged.at,
                    format!("the `{}` hook of `{}` runs privileged", hook.kind, service.name),
                    out,
                );
            }
        }
    }
}

fn report(service: ServiceRef<'_, '_>, at: Location, message: String, out: &mut Findings) {
    let project = service.project();
    let mut draft = Draft::new(at, message).on(service);
    match service.role.name {
        "dind" => {
            draft = draft.severity(Severity::High).help(
                "Build images with rootless BuildKit or a rootless daemon instead of a privileged Docker-in-Docker.",
            );
        }
        "socket-proxy" => {
            draft = draft.severity(Severity::High).help(
                "Socket proxies document this for hosts with SELinux; `security_opt: [label=disable]` is narrower.",
            );
        }
        "processor" => {
            draft = draft.help("Delete `privileged`; a headless browser needs a seccomp profile or an isolated network, not the host's devices.");
        }
        _ => {}
    }
    let user = service.effective_user();
    if user.privilege == Privilege::Root {
        draft = draft.because(user.at, "and its processes are root");
    }
    out.report(draft.fix(project.remove(Safety::Suggested, "Remove `privileged`", at)));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/privileged-container";

    #[test]
    fn a_variable_default_counts() {
        let found =
            findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: x:1\n    privileged: \"${P:-yes}\"\n")]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity.as_str(), "critical");
    }

    #[test]
    fn docker_in_docker_is_high() {
        let found =
            findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: docker:28-dind\n    privileged: true\n")]);
        assert_eq!(found[0].severity.as_str(), "high");
    }

    #[test]
    fn a_development_view_is_high() {
        let found = findings(RULE, &[("compose.dev.yaml", "services:\n  a:\n    image: x:1\n    privileged: true\n")]);
        assert_eq!(found[0].severity.as_str(), "high");
    }

    #[test]
    fn one_anchor_is_one_finding() {
        let found = findings(
            RULE,
            &[(
                "compose.yaml",
                "x-base: &base\n  image: x:1\n  privileged: true\nservices:\n  a: *base\n  b:\n    <<: *base\n    command: [\"b\"]\n",
            )],
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].services, ["a", "b"]);
    }

    #[test]
    fn a_hook_counts() {
        let found = findings(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: x:1\n    post_start:\n      - command: chown x\n        privileged: true\n",
            )],
        );
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn guards() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: x:1\n    privileged: false\n  b:\n    image: x:1\n    privileged: \"${P}\"\n",
            )],
        );
    }
}
