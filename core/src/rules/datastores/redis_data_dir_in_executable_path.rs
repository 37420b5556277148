//! `datastores/redis-data-dir-in-executable-path`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::fix::Safety;
use crate::project::{ExecutableData, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A Redis server that may write into a folder or volume which another service has as its document root, its code
    /// or its cron jobs, or that lies in a folder of the project which web servers serve.
    ///
    /// # Why it matters
    /// A client of Redis chooses what is written, and with `CONFIG SET dir` and `dbfilename` where: `SET x "<?php …"`,
    /// `SAVE`, and `shell.php` lies in the document root. A password for the cache becomes code in the application.
    ///
    /// A volume that only Redis writes and a backup reads is not reported. Paths of the host such as `/etc/cron.d` have
    /// a rule of their own.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: php:8.4-apache
    ///     volumes: ["./public:/var/www/html"]
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     volumes: ["./public/cache:/data"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: php:8.4-apache
    ///     volumes: ["./public:/var/www/html"]
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     volumes: ["redis_data:/data"]
    /// volumes:
    ///   redis_data: {}
    /// ```
    ///
    /// # How to fix
    /// Give Redis a named volume that nobody else mounts. A pure cache needs none: `--save "" --appendonly no`, with
    /// `/data` as `tmpfs`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.6, CWE-73, CWE-668, CWE-732.
    id: "datastores/redis-data-dir-in-executable-path",
    title: "Redis writes where files are executed",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Clients of Redis choose what it writes and under which name, so in a document root a password for the cache is enough to run code.",
    help: "Give Redis a named volume of its own, or none when it is only a cache.",
    references: ["CIS Docker Benchmark 5.6", "CWE-73", "CWE-668", "CWE-732"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_redis()) {
        for data in service.executable_data() {
            out.report(executable(service, &data));
        }
    }
}

fn executable(service: ServiceRef<'_, '_>, data: &ExecutableData<'_>) -> Draft {
    let source = data.mount.source.as_deref().unwrap_or("a volume");
    let message =
        format!("`{}` may write to {}, where files are executed", service.name, crate::text::shorten(source, 60));
    let draft = Draft::new(data.mount.at, message)
        .on(service)
        .confidence(if data.at.is_some() { Confidence::High } else { Confidence::Medium })
        .because(data.at.unwrap_or(data.mount.at), data.what.as_str());
    // The image keeps its data in a volume of its own when none is named.
    draft.fix(service.project().remove(Safety::Suggested, "Remove the mount", data.mount.at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/redis-data-dir-in-executable-path";
    const WEB: &str =
        "  web:\n    image: php:8.4-apache\n    volumes: [\"./public:/var/www/html\", \"shared:/var/www/html/x\"]\n";

    fn stack(volume: &str) -> String {
        format!("services:\n  redis:\n    image: redis:8\n    volumes: [\"{volume}\"]\n{WEB}")
    }

    #[test]
    fn folders_that_are_served() {
        for volume in ["./public/cache:/data", "shared:/data"] {
            let found = findings(RULE, &[("compose.yaml", &stack(volume))]);
            assert_eq!(found[0].severity.as_str(), "critical", "{volume}");
        }
        let found = findings(RULE, &[("compose.dev.yaml", &stack("shared:/data"))]);
        assert_eq!(found[0].severity.as_str(), "medium");
    }

    #[test]
    fn a_volume_of_its_own() {
        clean(RULE, &[("compose.yaml", &stack("redis_data:/data"))]);
        clean(RULE, &[("compose.yaml", &stack("./public/redis.conf:/redis.conf:ro"))]);
    }

    #[test]
    fn other_services_may_write_there() {
        clean(RULE, &[("compose.yaml", &stack("shared:/data").replace("redis:8", "php:8.4-fpm"))]);
    }
}
