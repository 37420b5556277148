//! `secrets/secret-on-command-line`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{ProcessSecret, Project};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A password or token among the arguments of a program: `mysql -p…`, `redis-cli -a …`, `--requirepass …`, `curl -u
    /// user:…`, `docker login -p …`, `wp … --dbpass=…`; in a command or health check of a container, and in scripts and
    /// pipelines.
    ///
    /// # Why it matters
    /// Arguments are no secret: every process sees them in `/proc`, `ps` prints them, `docker inspect` and `docker ps`
    /// show those of a container and its health check, and a script with `set -x` writes them to the log.
    ///
    /// In scripts and pipelines it is *medium*, inside of a container *low*. Values that are written out in a Compose
    /// file or a Dockerfile are other rules'. `--password-stdin`, and a variable that the program reads itself, are
    /// fine.
    ///
    /// # Bad
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// docker login -u deploy -p "$REGISTRY_TOKEN" registry.example.net
    /// docker push registry.example.net/shop:1.4.2
    /// ```
    ///
    /// # Good
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// printf '%s' "$REGISTRY_TOKEN" | docker login -u deploy --password-stdin registry.example.net
    /// docker push registry.example.net/shop:1.4.2
    /// ```
    ///
    /// # How to fix
    /// Let the program read it elsewhere: `--password-stdin` for `docker login`, `MYSQL_PWD` or an option file for
    /// MySQL, `REDISCLI_AUTH` for `redis-cli`, `PGPASSFILE` for PostgreSQL, `--netrc-file` for `curl`. Redis takes its
    /// users from `--aclfile` with a secret.
    ///
    /// # References
    /// CWE-214, CWE-522, OWASP CI/CD Security Cheat Sheet.
    id: "secrets/secret-on-command-line",
    title: "Secret is an argument of a program",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "Arguments are shown to every process of the machine, by docker inspect for a container, and in the log of a script.",
    help: "Let the program read the secret from standard input, a file or its own environment variable.",
    references: ["CWE-214", "CWE-522", "OWASP CI/CD Security Cheat Sheet"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for found in service.process_secrets() {
            let message =
                format!("`{}` of `{}` gives {} a secret as an argument", found.place, service.name, program(&found));
            out.report(Draft::new(found.at, message).severity(Severity::Low).on(service));
        }
    }
    for found in project.script_secrets() {
        out.report(Draft::new(found.at, format!("{} is given a secret as an argument", program(&found))));
    }
}

fn program(found: &ProcessSecret) -> String {
    format!("`{}`", shorten(&found.program, 40))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/secret-on-command-line";

    fn severity(body: &str) -> String {
        let text = format!("services:\n  redis:\n    image: redis:8\n{body}");
        let found = findings(RULE, &[("compose.yaml", text.as_str()), (".env", "SET=9fK2mQ7xLr4TzW1c\n")]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn users_of_an_sftp_server() {
        let with = |command: &str| {
            let text = format!("services:\n  files:\n    image: atmoz/sftp:alpine\n    command: {command}\n");
            findings(RULE, &[("compose.yaml", &text)]).len()
        };
        assert_eq!(with("shop:kX81mfQ2:1001"), 1);
        assert_eq!(with("shop::1001"), 0, "logs in with a key");
        assert_eq!(with("shop:$$1$$ab$$cdef:e:1001"), 0, "a hash");
    }

    #[test]
    fn in_a_container() {
        for body in [
            "    command: redis-server --requirepass ${REDIS_PASSWORD}\n",
            "    command: [redis-server, --requirepass, \"${SET}\"]\n",
            "    healthcheck: {test: [CMD, redis-cli, -a, \"${SET}\", ping]}\n",
            "    healthcheck: {test: \"redis-cli -a $$REDIS_PASSWORD ping\"}\n",
            "    command: sh -c 'exec redis-server --requirepass \"$$REDIS_PASSWORD\"'\n",
        ] {
            assert_eq!(severity(body), "low", "{body}");
        }
        for body in [
            "    command: redis-server --appendonly yes\n",
            // Written out: another rule's.
            "    command: redis-server --requirepass Winter2023!\n",
            "    command: [redis-server, --aclfile, /run/secrets/acl]\n",
            "    healthcheck: {test: [CMD-SHELL, \"REDISCLI_AUTH=$$P redis-cli ping\"]}\n",
        ] {
            assert_eq!(severity(body), "none", "{body}");
        }
    }

    #[test]
    fn in_a_dockerfile() {
        let file = |line: &str| format!("FROM mysql:8.4\n{line}\n");
        let probe = "HEALTHCHECK CMD mysqladmin ping -p$MYSQL_ROOT_PASSWORD";
        assert_eq!(findings(RULE, &[("Dockerfile", &file(probe))]).len(), 1);
        clean(RULE, &[("Dockerfile", &file("HEALTHCHECK CMD mysqladmin ping -pWinter2023!"))]);
    }

    #[test]
    fn in_scripts() {
        for line in
            ["mysql -uroot -p\"$DB_PASSWORD\" shop", "curl -u \"bob:$TOKEN\" https://x.test", "mysql -pWinter2023 shop"]
        {
            assert_eq!(
                findings(RULE, &[("x.sh", &format!("#!/bin/sh\n{line}\n"))])[0].severity.as_str(),
                "medium",
                "{line}"
            );
        }
        for line in ["echo \"$T\" | docker login -u bob --password-stdin", "mysql -p shop", "mysql -pchangeme shop"] {
            clean(RULE, &[("x.sh", &format!("#!/bin/sh\n{line}\n"))]);
        }
        // A provider's token that is written out: another rule's.
        let token = ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
        clean(RULE, &[("x.sh", &format!("#!/bin/sh\ncurl -u bob:{token} https://x.test\n"))]);
    }
}
