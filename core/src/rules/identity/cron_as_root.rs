//! `identity/cron-as-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{CronStart, Framework, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A container that starts `cron` or `crond` as root.
    ///
    /// # Why it matters
    /// The daemon wants to be root, and runs each job of root's crontab as root. The code that such a job runs lies in
    /// a folder that the application can often write to: whoever changes one scheduled PHP file is root at the next
    /// full minute. And a daemon beside another process in one container dies without anybody noticing.
    ///
    /// It is *medium*, *low* where every known job names another user. Schedulers that need no root are not meant:
    /// supercronic, `schedule:work` of Laravel, Symfony's scheduler, timers of the host.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . /var/www/html/
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    /// ```php file:artisan
    /// <?php
    /// ```
    /// ```yaml file:compose.yaml
    /// services:
    ///   scheduler:
    ///     build: .
    ///     command: cron -f
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . /var/www/html/
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    /// ```php file:artisan
    /// <?php
    /// ```
    /// ```yaml file:compose.yaml
    /// services:
    ///   scheduler:
    ///     build: .
    ///     user: www-data
    ///     command: php artisan schedule:work
    /// ```
    ///
    /// # How to fix
    /// Make the scheduler a service of its own with the application's image and an unprivileged `user`, and let it run
    /// `php artisan schedule:work`, `php bin/console messenger:consume scheduler_default`, or `supercronic` with a
    /// crontab file.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1 and 5.9, OWASP Docker Security Cheat Sheet rule 2, CWE-250.
    id: "identity/cron-as-root",
    title: "A cron daemon runs as root",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Jobs of root's crontab run the application's code as root, so whoever can change one scheduled file is root at the next full minute.",
    help: "Run the scheduler as a service of its own with an unprivileged user: the framework's scheduler, or supercronic.",
    references: ["CIS Docker Benchmark 4.1", "CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 2", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(cron) = service.starts_cron() else { continue };
        let user = service.effective_user();
        if !user.starts_as_root() {
            continue;
        }
        let message = format!("`{}` starts {} as root", service.name, shorten(&cron.program, 40));
        let mut draft = Draft::new(cron.at, message)
            .confidence(user.confidence)
            .based_on(user.based_on)
            .because(user.at, "the container starts as root")
            .on(service);
        let jobs = service.scheduled_jobs();
        let others = !jobs.is_empty() && jobs.iter().all(|job| job.user.as_deref().is_some_and(|user| user != "root"));
        if others {
            draft = draft.severity(Severity::Low);
        }
        if let Some(job) = jobs.first() {
            draft = draft.because(job.at, "one of its jobs");
        }
        out.report(draft.fix(scheduler(service, &cron)));
    }
}

/// Laravel's own scheduler in the place of the daemon, where the container starts nothing else.
fn scheduler(service: ServiceRef<'_, '_>, cron: &CronStart) -> Option<Fix> {
    let laravel = service.php_application()?.framework == Some(Framework::Laravel);
    let own = service.own_command().is_some_and(|command| command.at == cron.at);
    (laravel && own && cron.alone).then_some(())?;
    let title = "Run Laravel's scheduler instead";
    service.project().replace(Safety::Suggested, title, cron.at, "php artisan schedule:work")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/cron-as-root";

    fn command(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    image: php:8.4-fpm\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn daemons() {
        for body in [
            "command: cron -f",
            "command: [crond, -f, -l, \"2\"]",
            "command: sh -c \"cron && tail -f /var/log/cron.log\"",
            "command: sh -c \"service cron start && php-fpm\"",
        ] {
            assert_eq!(command("compose.yaml", body), "medium", "{body}");
        }
        assert_eq!(command("compose.dev.yaml", "command: cron -f"), "info");
    }

    #[test]
    fn schedulers_without_root() {
        for body in [
            "command: php artisan schedule:work",
            "command: supercronic /etc/crontab",
            "command: php bin/console messenger:consume scheduler_default",
            "user: www-data\n    command: crond -f",
        ] {
            assert_eq!(command("compose.yaml", body), "none", "{body}");
        }
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: mcuadros/ofelia:0.3\n    command: daemon\n")]);
    }

    #[test]
    fn jobs_of_another_user() {
        let files = |user: &str| {
            [
                ("Dockerfile", "FROM php:8.4-cli\nCOPY jobs /etc/cron.d/jobs\nCMD [\"cron\", \"-f\"]\n".to_owned()),
                ("jobs", format!("* * * * * {user} php /app/artisan schedule:run\n")),
            ]
        };
        for (user, want) in [("root", "medium"), ("www-data", "low")] {
            let files = files(user);
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
            assert_eq!(findings(RULE, &files)[0].severity.as_str(), want, "{user}");
        }
    }

    #[test]
    fn a_script_is_followed() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY start.sh /\nCMD [\"/start.sh\"]\n"),
            ("start.sh", "#!/bin/sh\ncron\nexec php-fpm\n"),
        ];
        assert_eq!(findings(RULE, &files).len(), 1);
    }
}
