//! `application/multiple-services-in-one-container`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Project, ServiceRef, StartCommand};
use crate::rule::{Draft, Findings};
use crate::text::list;

declare_rule! {
    /// # What it finds
    /// A container that starts several services: a database, cache or queue together with PHP or a web server, or three and more
    /// programs that go on running, or two started with `service`. They are read from supervisord and s6, from the command, and from the entrypoint script.
    ///
    /// # Why it matters
    /// Services in one container share one file system, one network address, one set of limits and one fate. A hole in the
    /// application reaches the files of the database directly, an update of one restarts all, and the health of the container
    /// says nothing about each of them.
    ///
    /// A data store beside the application is *medium*, three programs are *low*. nginx with PHP-FPM is a common pair and accepted, and
    /// so is cron beside the application.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// CMD ["sh", "-c", "service mariadb start && service nginx start && exec php-fpm"]
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// CMD ["sh", "-c", "nginx && exec php-fpm"]
    /// ```
    ///
    /// # How to fix
    /// Give each service a container of its own: the database from its official image with a volume, cron and workers from the image
    /// of the application with another command.
    ///
    /// # References
    /// Docker documentation "Run multiple processes in a container", NIST SP 800-190 3.4.4, CWE-653.
    id: "application/multiple-services-in-one-container",
    title: "One container runs several services",
    severity: Low,
    lowered_in_development: 2,
    fixes: Described,
    why: "Services in one container share files, network, limits and fate: there is no boundary between the application and its data.",
    help: "Give each service a container of its own.",
    references: ["Docker documentation \"Run multiple processes in a container\"", "NIST SP 800-190 3.4.4", "CWE-653"],
}

/// What keeps data.
const STORES: [&str; 8] =
    ["mysqld", "postgres", "redis", "memcached", "mongod", "rabbitmq", "elasticsearch", "meilisearch"];
/// What serves the application.
const SERVERS: [&str; 6] = ["php-fpm", "apache", "nginx", "caddy", "frankenphp", "roadrunner"];

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_running()) {
        let commands = service.start_commands();
        let mut programs: Vec<(&'static str, &StartCommand)> = Vec::new();
        for command in &commands {
            if let Some(program) = command.long_running()
                && !programs.iter().any(|(known, _)| *known == program)
            {
                programs.push((program, command));
            }
        }
        out.drafts.extend(report(service, &programs));
    }
}

fn report(service: ServiceRef<'_, '_>, programs: &[(&'static str, &StartCommand)]) -> Option<Draft> {
    let serves = programs.iter().any(|(program, _)| SERVERS.contains(program));
    let store = programs.iter().find(|(program, _)| STORES.contains(program)).filter(|_| serves);
    let names: Vec<&str> = programs.iter().map(|(program, _)| *program).collect();
    // Cron runs the application's own jobs, and a logger serves the others.
    let counted = names.iter().filter(|name| !matches!(**name, "cron" | "rsyslog")).count();
    // `service a start && service b start && …` is a machine's start, not a container's.
    let by_service = programs.iter().filter(|(_, command)| command.is_by_service()).count();
    let (at, severity) = match (store, programs.first()) {
        (Some((_, command)), _) => (command.at, Severity::Medium),
        (None, Some((_, first))) if counted > 2 || by_service > 1 => (first.at, Severity::Low),
        _ => return None,
    };
    let subject = if service.view().standalone { "the image".to_owned() } else { format!("`{}`", service.name) };
    let mut draft =
        Draft::new(at, format!("{subject} runs {} in one container", list(&names))).severity(severity).on(service);
    for (program, command) in programs.iter().filter(|(_, command)| command.at != at).take(4) {
        draft = draft.because(command.at, format!("this starts {program}"));
    }
    Some(draft)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/multiple-services-in-one-container";

    fn severities(command: &str) -> Vec<String> {
        let docker = format!("FROM php:8.4-fpm\nCMD [\"sh\", \"-c\", \"{command}\"]\n");
        findings(RULE, &[("Dockerfile", &docker)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn a_data_store_beside_the_application_is_medium() {
        assert_eq!(severities("redis-server --daemonize yes && php-fpm"), ["medium"]);
        assert_eq!(severities("service mysql start; service apache2 start"), ["medium"]);
    }

    #[test]
    fn three_programs_are_low() {
        assert_eq!(severities("service ssh start && service cron start && apache2-foreground"), ["low"]);
        assert_eq!(severities("nginx && node /app/server.js & php-fpm"), ["low"]);
    }

    #[test]
    fn supervised_programs_count() {
        let docker = "FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisor/supervisord.conf\nCMD [\"supervisord\", \"-c\", \"/etc/supervisor/supervisord.conf\"]\n";
        let programs =
            "[supervisord]\nnodaemon=true\n[program:php]\ncommand=php-fpm -F\n[program:redis]\ncommand=redis-server\n";
        let found = findings(RULE, &[("Dockerfile", docker), ("supervisord.conf", programs)]);
        assert_eq!(found[0].severity.as_str(), "medium");
    }

    #[test]
    fn pairs_cron_and_clients_are_none() {
        assert!(severities("nginx && php-fpm").is_empty());
        assert!(severities("nginx && cron && php-fpm").is_empty());
        assert!(severities("mysql -e x && php-fpm").is_empty());
        clean(RULE, &[("compose.yaml", "services:\n  cache:\n    image: redis:8\n    command: redis-server\n")]);
    }
}
