//! `mounts/world-writable-permissions`

use crate::declare_rule;
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// `chmod 777`, `a+w` and their relatives, `install -m`, `mkdir -m` and `COPY --chmod` that let everybody write: in the steps of the
    /// stages that end up in the image, in the service's command, and in its entrypoint script.
    ///
    /// # Why it matters
    /// Where everybody may write, every process may: a compromised dependency, a worker of another user, a second service on the same
    /// volume. In a folder with code, it plants a PHP file and the web server runs it.
    ///
    /// Code is *high*; folders that an application writes to (`storage`, `var`, `cache`, `uploads`) are *medium*; a temporary folder
    /// without the sticky bit is *low*. `1777` on `/tmp`, modes for the group (`775`, `g=u`), and what a later step takes back are not
    /// reported; nor is what a builder stage does, unless the files are copied from there.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// RUN chmod -R 777 storage bootstrap/cache
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// RUN chown -R www-data:www-data storage bootstrap/cache && chmod -R u=rwX,g=rX,o= storage bootstrap/cache
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Give the folder to the user that the service runs as, and let others only read: 755 for folders, 644 for files. For platforms
    /// that choose a user id, `chgrp -R 0` with `chmod -R g=u` does it.
    ///
    /// # References
    /// CIS Docker Benchmark 4.8, CWE-732, CWE-276.
    id: "mounts/world-writable-permissions",
    title: "Everybody may write to these files",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Files that everybody may write can be changed by any process that gets into the container, or that shares the volume; a PHP file planted there is run.",
    help: "Give the folder to the user that the service runs as, and use 755 for folders and 644 for files.",
    references: ["CIS Docker Benchmark 4.8", "OWASP Docker Security Cheat Sheet rule 8", "CWE-732", "CWE-276"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for found in service.world_writable() {
            let paths: Vec<String> = found.paths.iter().take(3).map(|path| shorten(path, 50)).collect();
            let mut names: Vec<&str> = paths.iter().map(String::as_str).collect();
            if found.paths.len() > names.len() {
                names.push("more");
            }
            let message = format!(
                "`{}` lets everybody write to {} (mode {})",
                service.name,
                list(&names),
                shorten(&found.mode, 20)
            );
            out.report(
                Draft::new(found.at, message)
                    .severity(found.severity)
                    .confidence(found.confidence)
                    .on(service)
                    .fix(project.tighten(&found, service.php_user())),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/world-writable-permissions";

    fn severity(name: &str, line: &str) -> String {
        findings(RULE, &[(name, &format!("FROM php:8.4-fpm\n{line}\n"))])
            .first()
            .map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_path() {
        for (line, want) in [
            ("RUN chmod -R 777 /var/www/html", "high"),
            ("RUN chmod -R a+rwx .", "high"),
            ("RUN chmod -R 777 storage /var/www/html/wp-content", "high"),
            ("RUN chmod -R 777 storage bootstrap/cache", "medium"),
            ("COPY --chmod=777 bin/run /usr/local/bin/run", "high"),
            ("RUN chmod 777 /tmp", "low"),
        ] {
            assert_eq!(severity("Dockerfile", line), want, "{line}");
        }
        assert_eq!(severity("dev.Dockerfile", "RUN chmod -R 777 storage"), "info");
    }

    #[test]
    fn modes_that_are_fine() {
        for line in [
            "RUN chmod 1777 /tmp",
            "RUN chmod -R 775 storage",
            "RUN chmod -R g=u storage",
            "RUN chmod +x bin/run",
            "COPY --chmod=755 a b",
            "RUN chmod -R $MODE storage",
            "RUN chmod 666 /dev/stdout",
        ] {
            assert_eq!(severity("Dockerfile", line), "none", "{line}");
        }
    }

    #[test]
    fn a_builder_stage_counts_when_its_files_are_copied() {
        clean(
            RULE,
            &[(
                "Dockerfile",
                "FROM php:8.4-cli AS b\nWORKDIR /b\nRUN chmod -R 777 cache\nFROM php:8.4-fpm\nCOPY --from=b /b/dist /srv\n",
            )],
        );
        let found = findings(
            RULE,
            &[(
                "Dockerfile",
                "FROM php:8.4-cli AS b\nWORKDIR /b\nRUN chmod -R 777 cache\nFROM php:8.4-fpm\nCOPY --from=b /b /srv\n",
            )],
        );
        assert_eq!((found.len(), found[0].confidence.as_str()), (1, "medium"));
    }

    #[test]
    fn commands_and_entrypoints() {
        let compose =
            "services:\n  a:\n    image: php:8.4-fpm\n    command: sh -c \"chmod -R 777 storage && php-fpm\"\n";
        assert_eq!(findings(RULE, &[("compose.yaml", compose)]).len(), 1);
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n"),
            ("entrypoint.sh", "#!/bin/sh\nchmod -R 777 /var/www/html/storage\nexec \"$@\"\n"),
        ];
        assert_eq!(findings(RULE, &files).len(), 1);
    }

    #[test]
    fn the_edit_gives_the_files_to_the_runtime_user() {
        let found = findings(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nRUN a && chmod -R 777 storage && b\n")]);
        assert_eq!(
            found[0].fixes[0].edits[0].replacement,
            "chown -R www-data:www-data storage && chmod -R u=rwX,go=rX storage"
        );
        let found = findings(RULE, &[("Dockerfile", "FROM alpine:3.24\nCOPY --chmod=0777 a /app/b\n")]);
        assert_eq!(found[0].fixes[0].edits[0].replacement, "755");
    }
}
