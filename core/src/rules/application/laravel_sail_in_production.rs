//! `application/laravel-sail-in-production`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Project, Sail, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// The service of Laravel Sail (`laravel.test`, an image `sail-8.4/app`, a build of `vendor/laravel/sail/runtimes`) in a Compose
    /// file for production, or in one that a deployment script starts on a server.
    ///
    /// # Why it matters
    /// Sail is made for a developer's machine: `artisan serve` answers one request at a time, Xdebug is installed, the container
    /// starts as root and changes its user, the code is mounted, and the databases beside it come with empty or well-known
    /// passwords, all of them published.
    ///
    /// In production, or started by a deployment script, it is *high*. Where nothing tells what the file is for, it is *medium*, and
    /// *info* beside a Compose file for production without Sail.
    ///
    /// # Bad
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   laravel.test:
    ///     image: sail-8.4/app
    ///     build:
    ///       context: ./vendor/laravel/sail/runtimes/8.4
    ///     ports: ["80:80"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///   nginx:
    ///     image: nginx:1.28
    ///     ports: ["80:8080"]
    /// ```
    ///
    /// # How to fix
    /// Write a Dockerfile for production: `FROM php:8.4-fpm` with the code copied in, `composer install --no-dev`, `USER www-data`, and
    /// a Compose file of its own with nginx and databases that are not published. Keep Sail for development.
    ///
    /// # References
    /// Laravel documentation "Sail", CWE-489, CWE-1188.
    id: "application/laravel-sail-in-production",
    title: "Laravel Sail is used beyond development",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Sail is a development environment: a single-threaded web server, Xdebug, root, mounted code and databases with known passwords on published ports.",
    help: "Build a production image with a Dockerfile of its own, and keep Sail for development.",
    references: ["Laravel documentation \"Sail\"", "CWE-489", "CWE-1188"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some(sail) = service.sail() else { continue };
        let deployed = project.deployed_by(service.view());
        let severity = match (service.context, deployed) {
            (Context::Production | Context::Staging, _) | (_, Some(_)) => Severity::High,
            (Context::Development | Context::Ci, None) => continue,
            (Context::Unknown, None) if project.has_deployment_beside_sail() => Severity::Info,
            (Context::Unknown, None) => Severity::Medium,
        };
        out.report(report(service, &sail, severity).because_of(
            deployed.map(|(at, _)| at),
            deployed.map_or(String::new(), |(_, why)| format!("this starts it on a server: {why}")),
        ));
    }
}

fn report(service: ServiceRef<'_, '_>, sail: &Sail, severity: Severity) -> Draft {
    let message = match severity {
        Severity::High => format!("`{}` runs Laravel Sail, which is for development", service.name),
        _ => format!("`{}` is Laravel Sail: a stack for development, not to be deployed", service.name),
    };
    Draft::new(service.at, message)
        .severity_in_context(severity)
        .confidence(Confidence::Medium)
        .because(sail.at, sail.what)
        .on(service)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/laravel-sail-in-production";
    const SAIL: &str = "services:\n  laravel.test:\n    image: sail-8.4/app\n    build: {context: ./vendor/laravel/sail/runtimes/8.4}\n";

    fn severities(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn markers() {
        for service in [
            "laravel.test:\n    image: x:1",
            "web:\n    image: sail-8.3/app",
            "web:\n    build: {context: vendor/laravel/sail/runtimes/8.4}",
            "web:\n    image: x:1\n    environment: {LARAVEL_SAIL: 1}",
        ] {
            let compose = format!("services:\n  {service}\n");
            assert_eq!(severities(&[("compose.prod.yaml", &compose)]), ["high"], "{service}");
        }
        clean(RULE, &[("compose.prod.yaml", "services:\n  web:\n    image: nginx:1.28\n")]);
    }

    #[test]
    fn what_the_file_is_for() {
        assert_eq!(severities(&[("docker-compose.yml", SAIL)]), ["medium"]);
        assert_eq!(
            severities(&[("docker-compose.yml", SAIL), ("deploy.sh", "#!/bin/sh\ndocker compose up -d\n")]),
            ["high"]
        );
        assert_eq!(
            severities(&[("docker-compose.yml", SAIL), ("deploy.sh", "#!/bin/sh\n./vendor/bin/sail up -d\n")]),
            ["high"]
        );
        clean(RULE, &[("compose.dev.yaml", SAIL)]);
    }

    #[test]
    fn beside_a_file_for_production() {
        let production = "services:\n  app:\n    image: registry.example.net/shop:1\n";
        let found = severities(&[("docker-compose.sail.yml", SAIL), ("docker-compose.prod.yml", production)]);
        assert!(found.is_empty());
        assert_eq!(severities(&[("stack.yaml", SAIL), ("docker-compose.prod.yml", production)]), ["info"]);
    }
}
