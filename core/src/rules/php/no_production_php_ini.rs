//! `php/no-production-php-ini`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{IniSource, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An image built from the official `php` image, or from `dunglas/frankenphp`, in which nothing puts a production `php.ini` in
    /// place; or one that copies `php.ini-development` into a stage that is deployed.
    ///
    /// # Why it matters
    /// The official image ships without a `php.ini`, so PHP's compiled-in defaults apply: `display_errors` is on and prints paths,
    /// queries and values of variables to the visitor, `expose_php` tells the version, `zend.exception_ignore_args` is off so that
    /// stack traces carry passwords, `register_argc_argv` is on so that a query string becomes command-line arguments
    /// (CVE-2024-52301, CVE-2024-50340).
    ///
    /// Development views are not judged: there the development settings are right.
    ///
    /// Images with settings of their own (serversideup, webdevops, bitnami and others) and PHP from a distribution's packages are
    /// not reported. Where a drop-in at least switches `display_errors` off, the finding is *low*.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY src/ /var/www/html/
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Move `php.ini-production`, which the image carries, to `php.ini` in the stage that is deployed, and set what differs in a
    /// file in `conf.d`.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "PHP error handling", CWE-209, CWE-1188, the PHP image's documentation, section
    /// "Configuration".
    id: "php/no-production-php-ini",
    title: "PHP runs without its production settings",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Without a php.ini the compiled-in defaults apply: errors with paths, queries and variables are shown to visitors, stack traces carry arguments, and the version is announced.",
    help: "Move \"$PHP_INI_DIR/php.ini-production\" to \"$PHP_INI_DIR/php.ini\" in the deployed stage, and set what differs in conf.d.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-209", "CWE-1188", "Docker Official Image php, section Configuration"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = project.services().filter(|service| !service.context.is_development() && !service.is_short_lived());
    for service in deployed.filter(|service| service.needs_production_ini()) {
        match service.php_ini() {
            IniSource::Production(_) => {}
            IniSource::Development(at) => out.report(
                Draft::new(
                    at,
                    format!(
                        "`{}` is built with php.ini-development: errors are shown to visitors",
                        service.image_name()
                    ),
                )
                .on(service)
                .because_of(service.image_use.at, "this image ships without a php.ini"),
            ),
            IniSource::DropIn(at) => out.report(
                base(service)
                    .severity(Severity::Low)
                    .because(at, "this drop-in switches display_errors off, the other production settings are missing"),
            ),
            IniSource::None => out.report(base(service)),
        }
    }
}

fn base(service: ServiceRef<'_, '_>) -> Draft {
    let at = service.image_use.at.unwrap_or(service.at);
    let draft = Draft::new(at, format!("`{}` has no php.ini: PHP's development defaults apply", service.image_name()))
        .on(service);
    let Some((used, source)) = service.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
        return draft
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .help("Mount a production php.ini at /usr/local/etc/php/php.ini, or build an image that has one.");
    };
    let from = used
        .final_chain()
        .last()
        .and_then(|&stage| used.model.stages.get(stage))
        .and_then(|stage| service.project().dockerfile(source)?.instructions.get(stage.from))
        .map(|instruction| crate::source::Location::new(source, instruction.span));
    let fix = from.and_then(|from| {
        service.project().insert_instruction(
            Safety::Safe,
            "Use the production php.ini that the image carries",
            from,
            "RUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"",
        )
    });
    draft.fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/no-production-php-ini";

    fn said(dockerfile: &str) -> Vec<String> {
        findings(RULE, &[("Dockerfile", dockerfile)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn every_way_to_put_it_in_place() {
        for line in [
            "RUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"",
            "RUN cp $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini",
            "RUN ln -s php.ini-production /usr/local/etc/php/php.ini",
            "RUN apk add git && mv /usr/local/etc/php/php.ini-production /usr/local/etc/php/php.ini",
            "COPY --link docker/php.ini /usr/local/etc/php/php.ini",
            "COPY docker/php.ini $PHP_INI_DIR/",
            "RUN sed -e 's/a/b/' \"$PHP_INI_DIR/php.ini-production\" > \"$PHP_INI_DIR/php.ini\"",
        ] {
            assert_eq!(said(&format!("FROM php:8.4-fpm\n{line}\n")), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn the_development_file_in_a_deployed_stage() {
        assert_eq!(said("FROM php:8.4-fpm\nRUN cp $PHP_INI_DIR/php.ini-development $PHP_INI_DIR/php.ini\n"), ["high"]);
    }

    #[test]
    fn a_drop_in_is_half_the_way() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY docker/php/app.ini /usr/local/etc/php/conf.d/\n"),
            ("docker/php/app.ini", "display_errors = Off\n"),
        ];
        assert_eq!(findings(RULE, &files)[0].severity.as_str(), "low");
    }

    #[test]
    fn the_stage_that_is_deployed_counts() {
        let files = [
            (
                "Dockerfile",
                "FROM php:8.4-fpm AS base\nFROM base AS dev\nRUN cp $PHP_INI_DIR/php.ini-development $PHP_INI_DIR/php.ini\nFROM base AS prod\nRUN mv $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini\n",
            ),
            ("compose.yaml", "services:\n  app:\n    build: {context: ., target: prod}\n"),
        ];
        clean(RULE, &files);
    }

    #[test]
    fn development_views_are_not_judged() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nRUN cp $PHP_INI_DIR/php.ini-development $PHP_INI_DIR/php.ini\n"),
            ("compose.dev.yaml", "services:\n  app:\n    build: .\n"),
        ];
        clean(RULE, &files);
    }

    #[test]
    fn a_drop_in_written_by_a_command_group() {
        let dockerfile = "FROM php:8.4-fpm\nRUN { \\\n  echo 'display_errors = Off'; \\\n  echo 'log_errors = On'; \\\n} > /usr/local/etc/php/conf.d/errors.ini\n";
        assert_eq!(said(dockerfile), ["low"]);
    }

    #[test]
    fn a_tree_copied_to_the_root_of_the_image() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY rootfs/ /\n"),
            ("rootfs/usr/local/etc/php/conf.d/app.ini", "display_errors = ${PHP_DISPLAY_ERRORS}\n"),
        ];
        assert_eq!(findings(RULE, &files)[0].severity.as_str(), "low");
    }

    #[test]
    fn a_dockerfile_below_is_built_from_where_its_files_are() {
        let files = [
            ("docker/php/Dockerfile", "FROM php:8.4-fpm\nCOPY rootfs/ /\n"),
            ("rootfs/usr/local/etc/php/conf.d/app.ini", "display_errors = Off\n"),
        ];
        assert_eq!(findings(RULE, &files)[0].severity.as_str(), "low");
    }

    #[test]
    fn a_file_of_another_stage_counts() {
        let build = "FROM php:8.4-fpm AS build\nRUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"\n";
        for path in [
            "/usr/local/etc/php /usr/local/etc/php",
            "/usr/local/etc/php/php.ini $PHP_INI_DIR/",
            "/usr/local /usr/local",
        ] {
            clean(RULE, &[("Dockerfile", &format!("{build}FROM php:8.4-fpm\nCOPY --from=build {path}\n"))]);
        }
        let other = format!("{build}FROM php:8.4-fpm\nCOPY --from=build /usr/local/bin/composer /usr/local/bin/\n");
        assert_eq!(findings(RULE, &[("Dockerfile", &other)]).len(), 1);
    }

    #[test]
    fn a_mounted_file_counts() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\n"),
            (
                "compose.yaml",
                "services:\n  app:\n    build: .\n    volumes: [\"./docker/php.ini:/usr/local/etc/php/php.ini:ro\"]\n",
            ),
        ];
        clean(RULE, &files);
    }

    #[test]
    fn images_with_settings_of_their_own() {
        for image in ["serversideup/php:8.4-fpm-nginx", "bitnami/php-fpm:8.4", "alpine:3.24", "composer:2.10.2"] {
            clean(RULE, &[("Dockerfile", &format!("FROM {image}\n"))]);
        }
    }
}
