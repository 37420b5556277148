//! `mounts/config-mount-writable`

use crate::declare_rule;
use crate::fix::Safety;
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A file or folder of the host that is mounted as configuration and that the container can write to: `nginx.conf`,
    /// `php.ini`, a pool, a Caddyfile, scripts that start or initialise something.
    ///
    /// # Why it matters
    /// Whoever breaks into the container rewrites the file, and the next start or reload runs with it. The change is on
    /// the host: it outlives the container, and it is in the repository's folder.
    ///
    /// What programs write themselves is left out: certificates of Let's Encrypt, the state of a Redis sentinel, the
    /// folder that nginx renders its templates into. `configs` and `secrets` are read-only anyway.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - ./default.conf:/etc/nginx/conf.d/default.conf
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - ./default.conf:/etc/nginx/conf.d/default.conf:ro
    /// ```
    ///
    /// # How to fix
    /// Append `:ro`, or set `read_only: true` in the long syntax.
    ///
    /// # References
    /// CIS Docker Benchmark 5.6 and 5.13, OWASP Docker Security Cheat Sheet rule 8, CWE-732.
    id: "mounts/config-mount-writable",
    title: "Mounted configuration can be written to",
    severity: Low,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Whoever breaks into the container can rewrite the configuration on the host, and the next start runs with it.",
    help: "Append `:ro` to the mount, or set `read_only: true` in the long syntax.",
    references: ["CIS Docker Benchmark 5.6", "CIS Docker Benchmark 5.13", "OWASP Docker Security Cheat Sheet rule 8", "CWE-732"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        for mount in service.writable_configuration() {
            let message = format!("`{}` can write to its configuration {}", service.name, shorten(&mount.target, 80));
            out.report(Draft::new(mount.at, message).on(service).fix(project.close_mount(
                Safety::Safe,
                "Mount it read-only",
                mount,
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fix::Safety;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/config-mount-writable";

    fn volumes(image: &str, lines: &str) -> String {
        format!("services:\n  a:\n    image: {image}\n    volumes:\n      - {lines}\n")
    }

    #[test]
    fn every_syntax_is_mended() {
        for line in [
            "./n.conf:/etc/nginx/nginx.conf",
            "\"./n.conf:/etc/nginx/nginx.conf:rw\"",
            "./n.conf:/etc/nginx/nginx.conf:Z",
            "type: bind\n        source: ./n.conf\n        target: /etc/nginx/nginx.conf",
            "{type: bind, source: ./n.conf, target: /etc/nginx/nginx.conf, read_only: false}",
        ] {
            let found = findings(RULE, &[("compose.yaml", &volumes("nginx:1.28", line))]);
            assert_eq!((found[0].severity.as_str(), found[0].fixes[0].safety), ("low", Safety::Safe), "{line}");
        }
        let found = findings(RULE, &[("compose.dev.yaml", &volumes("nginx:1.28", "./n.conf:/etc/nginx/nginx.conf"))]);
        assert_eq!(found[0].severity.as_str(), "info");
    }

    #[test]
    fn guards() {
        for line in [
            "./n.conf:/etc/nginx/nginx.conf:ro",
            "./letsencrypt:/etc/letsencrypt",
            "caddy:/data",
            "./wp-config.php:/var/www/html/wp-config.php",
            "/etc/localtime:/etc/localtime",
        ] {
            clean(RULE, &[("compose.yaml", &volumes("nginx:1.28", line))]);
        }
        let granted =
            "services:\n  a:\n    image: nginx:1.28\n    configs: [site]\nconfigs:\n  site: {file: ./n.conf}\n";
        clean(RULE, &[("compose.yaml", granted)]);
        clean(RULE, &[("run.sh", "docker run --rm -v ./n.conf:/etc/nginx/nginx.conf nginx:1.28 nginx -t\n")]);
    }
}
