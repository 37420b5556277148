//! `secrets/app-config-cached-at-build`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Frozen, FrozenWith, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A build step that writes the application's configuration with its values into a file: `artisan config:cache` and
    /// `artisan optimize`, `composer dump-env`, `secrets:decrypt-to-local`, `wp config create --dbpass=…`.
    ///
    /// # Why it matters
    /// The values of that moment go into the layer: database password, `APP_KEY`, the keys of payment and mail.
    /// Everyone who can pull the image reads them, and a variable that is set when the container starts changes nothing
    /// any more.
    ///
    /// It is *high* when an environment file with secrets is copied before, or an argument or `ENV` of the stage holds
    /// one. Without any value it is *low*: nothing leaks, but Laravel's `env()` is frozen empty. The same command in an
    /// entrypoint is right.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /var/www/html
    /// COPY . .
    /// RUN php artisan config:cache
    /// USER www-data
    /// ```
    /// ```env file:.env
    /// DB_PASSWORD=9fK2mQ7xLr4TzW1c
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /var/www/html
    /// COPY app/ app/
    /// COPY docker/entrypoint.sh /usr/local/bin/entrypoint.sh
    /// USER www-data
    /// ENTRYPOINT ["entrypoint.sh"]
    /// CMD ["php-fpm"]
    /// ```
    /// ```sh file:docker/entrypoint.sh
    /// #!/bin/sh
    /// set -e
    /// php artisan config:cache
    /// exec "$@"
    /// ```
    ///
    /// # How to fix
    /// Run it in the entrypoint, when the variables and secrets of the deployment are there, and keep `.env` out of the
    /// build context. What depends on no value may be cached in the build: `route:cache`, `view:cache`, `event:cache`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, NIST SP 800-190 3.1.4, CWE-312, CWE-540, Laravel's documentation "Configuration
    /// caching".
    id: "secrets/app-config-cached-at-build",
    title: "Build freezes the application's configuration into the image",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "The values of the build go into a layer, where everyone who can pull the image reads them, and where no variable of the deployment changes them.",
    help: "Run the command in the entrypoint, when the values of the deployment are there, and keep .env out of the build context.",
    references: ["CIS Docker Benchmark 4.10", "NIST SP 800-190 3.1.4", "CWE-312", "CWE-540", "Laravel: Configuration caching"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for frozen in service.frozen_configuration() {
            // Symfony's file without values holds defaults that are in the repository anyway.
            if frozen.with != FrozenWith::Nothing || frozen.what.starts_with("artisan") {
                out.report(cached(service, &frozen));
            }
        }
    }
}

fn cached(service: ServiceRef<'_, '_>, frozen: &Frozen) -> Draft {
    let place = if frozen.in_image { "the image" } else { "a build stage" };
    let (severity, what) = match &frozen.with {
        FrozenWith::File(path, _) => {
            (Severity::High, format!("freezes the values of `{}` into {place}", shorten(path, 60)))
        }
        FrozenWith::Variable(name) => (Severity::High, format!("freezes `{}` into {place}", shorten(name, 60))),
        FrozenWith::Itself => (Severity::High, format!("writes secrets into {place}")),
        FrozenWith::Nothing => {
            (Severity::Low, format!("freezes the configuration into {place} without the deployment's values"))
        }
    };
    let evidence = match &frozen.with {
        FrozenWith::File(_, at) => Some(*at),
        _ => None,
    };
    Draft::new(frozen.at, format!("`{}` in the build of `{}` {what}", frozen.what, service.name))
        .severity(severity)
        .confidence(Confidence::Medium)
        .on(service)
        .because_of(evidence, "copied in here")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/app-config-cached-at-build";
    const SECRET: (&str, &str) = (".env", "DB_PASSWORD=9fK2mQ7xLr4TzW1c\n");

    fn severity(lines: &str) -> String {
        let file = format!("FROM php:8.4\n{lines}");
        findings(RULE, &[("Dockerfile", &file), SECRET]).first().map_or("none".into(), |one| one.severity.to_string())
    }

    #[test]
    fn by_values() {
        assert_eq!(severity("COPY . .\nRUN php artisan config:cache\n"), "high");
        assert_eq!(severity("COPY . .\nRUN php artisan optimize\n"), "high");
        assert_eq!(severity("COPY . .\nRUN composer dump-env prod\n"), "high");
        assert_eq!(severity("ARG DB_PASSWORD\nRUN php artisan config:cache\n"), "high");
        assert_eq!(severity("RUN php bin/console secrets:decrypt-to-local --force\n"), "high");
        assert_eq!(severity("COPY app app\nRUN php artisan config:cache\n"), "low");
        assert_eq!(severity("COPY app app\nRUN composer dump-env prod\n"), "none");
        assert_eq!(severity("COPY . .\nRUN php artisan route:cache\n"), "none");
    }

    #[test]
    fn an_ignored_file_and_an_entrypoint() {
        let file = "FROM php:8.4\nCOPY . .\nRUN composer dump-env prod\n";
        clean(RULE, &[("Dockerfile", file), SECRET, (".dockerignore", ".env\n")]);
        clean(
            RULE,
            &[
                (
                    "Dockerfile",
                    "FROM php:8.4\nENTRYPOINT [\"sh\", \"-c\", \"php artisan config:cache && exec php-fpm\"]\n",
                ),
                SECRET,
            ],
        );
    }
}
