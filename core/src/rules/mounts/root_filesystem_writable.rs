//! `mounts/root-filesystem-writable`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::compose::mounts::MountKind;
use crate::project::{Group, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A service whose root file system can be written to: `read_only` is not set.
    ///
    /// # Why it matters
    /// Whoever gets code to run in the container can drop a web shell beside the application, replace a program or keep
    /// tools for the next step. And people mend things in place, so that after some weeks nobody knows what runs. A
    /// read-only root file system ends both: what changes is in a volume or in memory, everything else is the image.
    ///
    /// It is *medium* for PHP and web servers, *low* for everything else, *info* in a development view. Jobs that
    /// prepare something and end, and a Dockerfile without a service, are not asked. Services that take their settings
    /// from one mapping are one finding.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     read_only: true
    ///     tmpfs: [/var/cache/nginx, /run, "/tmp:noexec,nosuid"]
    /// ```
    ///
    /// # How to fix
    /// Set `read_only: true` and put what the program writes into memory with `tmpfs`: `/tmp` for every PHP
    /// application, `/run` for php-fpm, `/run/apache2` and `/run/lock/apache2` for Apache, `/var/cache/nginx` and
    /// `/run` for nginx, `/run/mysqld` for MySQL, `/run/postgresql` for PostgreSQL. Caches of the framework and
    /// sessions go there too; uploads and data belong on a named volume. Try it once: what is missing shows up as
    /// "Read-only file system" in the log.
    ///
    /// # References
    /// CIS Docker Benchmark 5.13, OWASP Docker Security Cheat Sheet rule 8, CWE-732.
    id: "mounts/root-filesystem-writable",
    title: "The root file system can be written to",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "An attacker can drop files and replace programs that stay until the container is replaced, and people can change what runs without anybody noticing.",
    help: "Set `read_only: true` and give what the program writes a `tmpfs` or a volume.",
    references: ["CIS Docker Benchmark 5.13", "OWASP Docker Security Cheat Sheet rule 8", "NIST SP 800-190 4.4.3", "NIST SP 800-190 4.5.5", "CWE-732"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.lasting_services() {
        let closed = service.read_only.is_some_and(|closed| closed.value);
        if closed || service.unknown("read_only").is_some() {
            continue;
        }
        let at = service.read_only.map_or_else(|| service.settings_home(), |written| written.at);
        let mut draft =
            Draft::new(at, format!("the root file system of `{}` can be written to", service.name)).on(service);
        if !(service.role.is_php() || service.role.group() == Group::Edge) {
            draft = draft.severity(Severity::Low);
        }
        if let Some(folders) = service.scratch_folders() {
            draft = draft.help(format!(
                "Set `read_only: true` with {} on `tmpfs`; everything else that is written needs a volume or a `tmpfs` of its own.",
                folders.join(", ")
            ));
        }
        out.report(draft.fix(close(service)));
    }
}

/// Makes it read-only, with what its program writes in memory.
fn close(service: ServiceRef<'_, '_>) -> Option<Fix> {
    let title = "Make the root file system read-only";
    if let Some(written) = service.read_only {
        return service.project().switch_on(Safety::Suggested, title, written.at);
    }
    let missing: Vec<String> = service
        .scratch_folders()?
        .iter()
        .filter(|folder| !service.mounts.iter().any(|mount| mount.target == **folder))
        .map(|folder| if *folder == "/tmp" { "\"/tmp:noexec,nosuid\"".to_owned() } else { (*folder).to_owned() })
        .collect();
    let has_list = service.mounts.iter().any(|mount| mount.kind == MountKind::Tmpfs);
    if missing.is_empty() || has_list {
        return service.add_key(Safety::Suggested, title, "read_only", "true");
    }
    let list = missing.join(", ");
    // A mapping in braces takes the second form.
    [format!("true\ntmpfs: [{list}]"), format!("true, tmpfs: [{list}]")]
        .iter()
        .find_map(|value| service.add_key(Safety::Suggested, title, "read_only", value))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/root-filesystem-writable";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_role() {
        for (body, want) in [
            ("image: php:8.4-fpm", "medium"),
            ("image: nginx:1.28", "medium"),
            ("image: traefik:3", "medium"),
            ("image: mysql:8.4", "low"),
            ("image: r.example.net/tool:1", "low"),
            ("image: nginx:1.28\n    read_only: false", "medium"),
            ("image: nginx:1.28\n    read_only: true", "none"),
            ("image: nginx:1.28\n    read_only: \"${CLOSED}\"", "none"),
        ] {
            assert_eq!(severity("compose.yaml", body), want, "{body}");
        }
        assert_eq!(severity("compose.dev.yaml", "image: php:8.4-fpm"), "info");
    }

    #[test]
    fn what_is_not_asked() {
        assert_eq!(severity("compose.yaml", "deploy: {replicas: 2}"), "none");
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm\n    profiles: [tools]"), "none");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn the_fix_brings_what_the_program_writes() {
        let fix = |body: &str| {
            let text = format!("services:\n  a:\n    {body}\n");
            let found = findings(RULE, &[("compose.yaml", &text)]);
            found[0].fixes.first().map(|fix| fix.edits[0].replacement.trim().to_owned())
        };
        assert_eq!(
            fix("image: nginx:1.28").as_deref(),
            Some("read_only: true\n    tmpfs: [/var/cache/nginx, /run, \"/tmp:noexec,nosuid\"]")
        );
        assert_eq!(fix("image: nginx:1.28\n    tmpfs: [/tmp]").as_deref(), Some("read_only: true"));
        assert_eq!(fix("image: r.example.net/tool:1"), None);
        assert_eq!(fix("image: nginx:1.28\n    read_only: false").as_deref(), Some("true"));
    }
}
