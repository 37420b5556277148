//! `identity/runs-as-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{DecidedBy, EffectiveUser, Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A service whose processes run as root: by `user`, by the last `USER` of the stage that is built, or because its image says
    /// nothing else. Entrypoint scripts of the project are read: one that ends with `gosu`, `su-exec`, `setpriv` and the like gives
    /// root up. An image that ends with another user but starts with `sudo` counts as root.
    ///
    /// # Why it matters
    /// Code that gets in through an upload, `unserialize()`, a Composer package or a debug page starts as uid 0. Root with the default
    /// capabilities is where most escapes from a container begin, and it can rewrite the code that it runs.
    ///
    /// Where only a master process is root and the workers are not (php-fpm, Apache, nginx) it is *medium*. Data stores whose
    /// official entrypoint gives up root are not reported. A PHP worker that runs as root has a rule of its own, and so has a setting
    /// that puts root back. In a development view it is *low*, a master there *info*; socket proxies, Docker-in-Docker and jobs that
    /// only prepare a volume are *info*. For an image that nobody knows there is a question instead of a finding. Containers that a
    /// script or a pipeline uses and throws away are not reported.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// CMD ["php-fpm"]
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// RUN chown -R www-data:www-data /var/www/html/storage
    /// USER www-data
    /// CMD ["php-fpm"]
    /// ```
    ///
    /// # How to fix
    /// End the stage with `USER www-data` after the last step that needs root. The fpm and apache variants of the `php` image work
    /// unchanged: FPM listens on 9000, and port 80 needs no root since Docker 20.10. Give that user only the folders it writes to. For
    /// nginx take `nginxinc/nginx-unprivileged`, which listens on 8080; FrankenPHP needs `/data/caddy` and `/config/caddy` to belong to
    /// the user.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1, OWASP Docker Security Cheat Sheet rule 2, CWE-250, Docker documentation "Building best practices",
    /// section `USER`.
    id: "identity/runs-as-root",
    title: "Processes run as root",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Whoever gets code to run in this container is uid 0 there: free to rewrite the application, and one step closer to the host than any other user.",
    help: "End the built stage with `USER` and an unprivileged user, and give that user only the folders it has to write to.",
    references: ["CIS Docker Benchmark 4.1", "OWASP Docker Security Cheat Sheet rule 2", "NIST SP 800-190 3.1.2", "NIST SP 800-190 4.1.2", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        if service.root_override().is_some() || service.php_worker_as_root().is_some() {
            continue; // told by the rule for it
        }
        let user = service.effective_user();
        match user.privilege {
            Privilege::Drops | Privilege::NonRoot => {}
            Privilege::Unknown => ask(service, &user, out),
            _ if user.decided_by == DecidedBy::Assumed => ask(service, &user, out),
            _ => out.report(found(service, &user)),
        }
    }
}

fn found(service: ServiceRef<'_, '_>, user: &EffectiveUser) -> Draft {
    let name = &service.name;
    let message = match (user.privilege, user.decided_by) {
        (Privilege::RootMaster, _) => {
            let builder = service.image_source();
            let workers = builder.image_use.row().and_then(|row| row.runtime_user.as_deref()).unwrap_or("another user");
            format!("`{name}` starts as root: its master process stays root, its workers run as {workers}")
        }
        (Privilege::Sudo, _) => format!("`{name}` is not root by name, but becomes root with sudo without a password"),
        (_, DecidedBy::Compose) => format!("`{name}` runs as root: its `user` says so"),
        (_, DecidedBy::Dockerfile) => format!("`{name}` runs as root: the last USER of its stage is root"),
        _ => {
            let image = &service.image_source().image_use;
            let end = if image.is_base { "and no USER follows" } else { "and nothing changes it" };
            format!("`{name}` runs as root: `{}` does, {end}", shorten(&image.text, 60))
        }
    };
    let mut draft = Draft::new(user.at, message).confidence(user.confidence).based_on(user.based_on).on(service);
    let prepares = service.image_use.row().is_some_and(|row| row.role == "base-os") && service.only_prepares();
    if prepares || matches!(service.role.name, "socket-proxy" | "dind") {
        draft = draft.severity_in_context(Severity::Info);
    } else if user.privilege == Privilege::RootMaster {
        draft = draft.severity(Severity::Medium);
    }
    if let Some(start) = service.main_command().at.filter(|start| *start != user.at) {
        draft = draft.because(start, "this is what it starts");
    }
    if service.role.name == "web" && user.privilege == Privilege::RootMaster {
        draft = draft.help("Use nginxinc/nginx-unprivileged, which listens on 8080 and never is root.");
    }
    // FrankenPHP and servers of their own need more than a USER line: only what is known to work is offered.
    match service
        .php_user()
        .filter(|_| user.privilege == Privilege::RootMaster || user.decided_by == DecidedBy::Dockerfile)
    {
        Some(php) => {
            let title = format!("Run as {php}");
            draft.fix(service.end_with_user(&title, php).or_else(|| service.set_user(&title, php)))
        }
        None => draft,
    }
}

fn ask(service: ServiceRef<'_, '_>, user: &EffectiveUser, out: &mut Findings) {
    if service.context.is_development() {
        return;
    }
    let name = &service.name;
    let image = &service.image_source().image_use;
    if service.is_partly_known() {
        let command = format!("docker inspect --format '{{{{.Config.User}}}}' {}", shorten(name, 60));
        out.ask(format!("Which user does the container `{}` run as?", shorten(name, 60)), command);
    } else if let Some(script) = service.unseen_start_script() {
        let script = shorten(&script, 60);
        out.ask(format!("Does `{script}` give up root when it starts `{name}`?"), format!("add the file {script}"));
    } else if user.decided_by == DecidedBy::Compose {
        out.ask(
            format!("Which user does `{name}` run as? Its `user` depends on a variable without a value"),
            "add the .env file that sets it, or a default",
        );
    } else if user.decided_by == DecidedBy::Dockerfile {
        out.ask(
            format!("Which user does `{name}` run as? Its USER depends on a build argument without a value"),
            "give the argument a default",
        );
    } else if image.reference.is_some() {
        let image = shorten(&image.text, 100);
        out.ask(
            format!("Which user does the image `{image}` run as?"),
            format!("docker image inspect --format '{{{{.Config.User}}}}' {image}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::engine;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, clean, findings, sources};

    const RULE: &str = "identity/runs-as-root";

    fn image(lines: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: {lines}\n");
        findings(RULE, &[("compose.yaml", &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    fn dockerfile(text: &str) -> Vec<String> {
        findings(RULE, &[("Dockerfile", text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        assert_eq!(image("php:8.4-cli\n    command: sleep infinity"), ["high"]);
        assert_eq!(image("php:8.4-fpm"), ["medium"]);
        assert_eq!(image("wodby/php:8.4"), ["high"]);
        assert_eq!(image("redis:8\n    command: sh -c \"redis-server --save ''\""), ["high"]);
        assert_eq!(image("docker:28-dind"), ["info"]);
        assert_eq!(image("tecnativa/docker-socket-proxy:0.3"), ["info"]);
        assert_eq!(image("alpine:3.24\n    command: chown -R 33:33 /data\n    restart: \"no\""), ["info"]);
        assert_eq!(image("alpine:3.24\n    command: chown -R 33:33 /data\n    restart: always"), ["high"]);
        assert_eq!(
            findings(RULE, &[("compose.dev.yaml", "services:\n  a:\n    image: traefik:3\n")])[0].severity.as_str(),
            "low"
        );
    }

    #[test]
    fn the_last_user_of_the_stage_counts() {
        assert_eq!(
            dockerfile(
                "FROM dunglas/frankenphp:1 AS base\nFROM base\nUSER www-data\nUSER root\nCMD [\"frankenphp\", \"run\"]\n"
            ),
            ["high"]
        );
        let found = findings(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nUSER www-data\nUSER root\nRUN x\n")]);
        assert_eq!(found[0].fixes[0].edits[0].replacement, "USER www-data\n");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nUSER root\nRUN x\nUSER www-data\n")]);
    }

    #[test]
    fn builder_stages_do_not_count() {
        clean(
            RULE,
            &[(
                "Dockerfile",
                "FROM composer:2 AS vendor\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app /app\nUSER www-data\n",
            )],
        );
    }

    #[test]
    fn images_that_give_up_root() {
        for name in [
            "mysql:8.4",
            "postgres:17",
            "redis:8",
            "nginxinc/nginx-unprivileged:1.30",
            "serversideup/php:8.4-fpm-nginx",
            "bitnami/php-fpm:8.4",
            "haproxy:3",
        ] {
            assert_eq!(image(name), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn an_entrypoint_that_drops() {
        let files = [
            (
                "Dockerfile",
                "FROM php:8.4-cli\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"php\", \"server.php\"]\n",
            ),
            ("entrypoint.sh", "#!/bin/sh\nchown www-data /data\nexec su-exec www-data \"$@\"\n"),
        ];
        clean(RULE, &files);
    }

    #[test]
    fn what_is_not_known_is_asked() {
        let sources = sources(&[(
            "compose.yaml",
            "services:\n  a:\n    image: r.example.net/app:1\n  b:\n    image: php:8.4-cli\n    user: \"${UID}\"\n",
        )]);
        let (found, asked) = engine::run(crate::rules::find(RULE).unwrap(), &Project::new(&sources, TODAY));
        assert!(found.is_empty());
        assert_eq!(asked.len(), 2);
        assert!(asked.iter().any(|question| question.answer.contains("{{.Config.User}}")));
    }

    #[test]
    fn services_of_one_image_are_one_finding() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\n"),
            (
                "compose.yaml",
                "services:\n  a:\n    build: .\n  b:\n    build: .\n    command: sh -c \"cron && tail -f x\"\n",
            ),
        ];
        let found = findings(RULE, &files);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "high"));
        assert_eq!(found[0].services, ["a", "b"]);
    }
}
