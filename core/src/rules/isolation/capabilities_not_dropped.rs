//! `isolation/capabilities-not-dropped`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{Dropped, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A service that keeps the capabilities which Docker grants without being asked: `cap_drop` does not name `ALL`.
    ///
    /// # Why it matters
    /// Docker leaves root in a container fourteen rights of the kernel: raw packets, device nodes, other users' files,
    /// any user id. A PHP application needs none of them once it runs as its own user, and a master process that only
    /// changes its workers' user needs two or three. What is not there cannot be used after a break-in.
    ///
    /// It is *medium* where the processes are root, *low* where they are not, hand root over before they serve, or
    /// where the user is not known: a process that is not root has no capabilities of its own, only what a file of the
    /// image lends it. A list that drops some is *low*. A development view is *info*. Privileged containers have a rule
    /// of their own; jobs that prepare something and end, and a Dockerfile without a service, are not asked. Services
    /// that take their settings from one mapping are one finding.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     user: www-data
    ///     cap_drop: [ALL]
    ///   web:
    ///     image: nginx:1.28
    ///     cap_drop: [ALL]
    ///     cap_add: [CHOWN, SETGID, SETUID]
    /// ```
    ///
    /// # How to fix
    /// Write `cap_drop: [ALL]` and give back only what the start needs. Nothing for an image that does not run as root.
    /// `SETGID`, `SETUID` and `CHOWN` for the masters of php-fpm, Apache and nginx, and for Redis; `DAC_OVERRIDE` as
    /// well for MySQL and MariaDB, and `FOWNER` for PostgreSQL. The programs of Caddy and FrankenPHP carry a capability
    /// in their file and do not start without `NET_BIND_SERVICE`, unless the build takes it away with `setcap -r`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.4, OWASP Docker Security Cheat Sheet rule 3, CWE-250, Docker documentation "Runtime
    /// privilege and Linux capabilities".
    id: "isolation/capabilities-not-dropped",
    title: "The default capabilities are kept",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Root in this container keeps rights of the kernel that its program does not use: raw packets, device nodes, other users' files. They serve only whoever breaks in.",
    help: "Set `cap_drop: [ALL]` and add back the few capabilities that the start needs.",
    references: ["CIS Docker Benchmark 5.4", "OWASP Docker Security Cheat Sheet rule 3", "NIST SP 800-190 4.4.3", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.lasting_services().into_iter().filter(|service| !service.is_privileged()) {
        let name = &service.name;
        let draft = match service.dropped_capabilities() {
            Dropped::All | Dropped::Unknown => continue,
            Dropped::Part(at) => {
                let message = format!("`{name}` drops some of Docker's capabilities and keeps the others");
                Draft::new(at, message).severity(Severity::Low)
            }
            Dropped::Nothing => {
                let user = service.effective_user();
                let message = format!("`{name}` keeps every capability that Docker grants");
                let draft = Draft::new(service.settings_home(), message).fix(drop_all(service));
                if user.starts_as_root() {
                    draft.because(user.at, "its processes start as root").based_on(user.based_on)
                } else {
                    draft.severity(Severity::Low)
                }
            }
        };
        out.report(draft.on(service));
    }
}

/// Drops all, and adds back what the image is known to need.
fn drop_all(service: ServiceRef<'_, '_>) -> Option<Fix> {
    let needed = service.needed_capabilities()?;
    let (title, values) = if needed.is_empty() || !service.cap_add.is_empty() {
        ("Drop all capabilities", ["[ALL]".to_owned(), String::new()])
    } else {
        let list = needed.join(", ");
        let block = format!("[ALL]\ncap_add: [{list}]");
        ("Drop all capabilities but those that the image starts with", [block, format!("[ALL], cap_add: [{list}]")])
    };
    // A mapping in braces takes the second form.
    values
        .iter()
        .filter(|value| !value.is_empty())
        .find_map(|value| service.add_key(Safety::Suggested, title, "cap_drop", value))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/capabilities-not-dropped";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_user() {
        for (body, want) in [
            ("image: php:8.4-fpm", "medium"),
            ("image: wodby/php:8.4", "medium"),
            ("image: php:8.4-cli\n    command: php worker.php", "medium"),
            ("image: php:8.4-fpm\n    user: www-data", "low"),
            ("image: mysql:8.4", "low"),
            ("image: r.example.net/app:1", "low"),
            ("image: php:8.4-fpm\n    cap_drop: [NET_RAW]", "low"),
        ] {
            assert_eq!(severity("compose.yaml", body), want, "{body}");
        }
        assert_eq!(severity("compose.dev.yaml", "image: php:8.4-fpm"), "info");
    }

    #[test]
    fn dropped_in_any_spelling() {
        for list in ["[ALL]", "[all]", "[\"${DROP}\"]"] {
            assert_eq!(severity("compose.yaml", &format!("image: php:8.4-fpm\n    cap_drop: {list}")), "none");
        }
    }

    #[test]
    fn what_is_not_asked() {
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm\n    privileged: true"), "none");
        assert_eq!(severity("compose.yaml", "deploy: {replicas: 2}"), "none");
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm\n    profiles: [tools]"), "none");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn one_mapping_is_one_finding() {
        let text = "x-base: &base\n  image: php:8.4-fpm\nservices:\n  a: *base\n  b:\n    <<: *base\n    command: [\"php-fpm\"]\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].services, ["a", "b"]);
        assert!(found[0].fixes.is_empty());
    }

    #[test]
    fn the_fix_knows_the_image() {
        for (image, want) in [("php:8.4-fpm", "SETGID, SETUID, CHOWN"), ("caddy:2", "NET_BIND_SERVICE")] {
            for text in
                [format!("services:\n  a:\n    image: {image}\n"), format!("services:\n  a: {{image: \"{image}\"}}\n")]
            {
                let found = findings(RULE, &[("compose.yaml", &text)]);
                assert!(found[0].fixes[0].edits[0].replacement.contains(&format!("cap_add: [{want}]")), "{text}");
            }
        }
        let unknown = findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: r.example.net/app:1\n")]);
        assert!(unknown[0].fixes.is_empty());
    }
}
