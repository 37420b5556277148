//! `supply-chain/composer-binary-unverified`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{Download, Project, ServiceRef, Use};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// Composer that comes into an image unchecked: its installer piped into PHP or run without the comparison of its SHA-384, a
    /// `composer.phar` downloaded without a checksum, `composer self-update` without a version. Also Composer from the
    /// distribution's packages, which is old (*low*).
    ///
    /// # Why it matters
    /// Composer executes code of every dependency and writes all of `vendor/`. Whoever replaces the installer, or the version it
    /// fetches that day, decides what the application is made of. The official image carries the same program, built and
    /// pinned.
    ///
    /// Not reported: an installer whose hash the same instruction compares, and `COPY --from=composer`; how exactly that image is
    /// named is judged like every other image.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin --filename=composer
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY --from=composer:2.10.2 /usr/bin/composer /usr/local/bin/composer
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Copy the program out of the official image, pinned to a full version. The edit that is offered puts it where the installer
    /// would have put it; it is safe when the instruction does nothing else.
    ///
    /// # References
    /// CIS Docker Benchmark 4.11, CWE-494, Composer documentation "How do I install Composer programmatically?".
    id: "supply-chain/composer-binary-unverified",
    title: "Composer is fetched without a check",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Composer executes code of every dependency and writes all of vendor: whoever replaces it on the way decides what the application is made of.",
    help: "Copy Composer out of its official image, pinned to a full version.",
    references: ["CIS Docker Benchmark 4.11", "NIST SP 800-190 3.1.5", "CWE-494", "CWE-345", "Composer, How do I install Composer programmatically?"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some((used, source)) = service.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            continue;
        };
        for download in used
            .downloads(project)
            .iter()
            .filter(|download| download.is_composer() && !download.verified && download.by != "ADD")
        {
            out.report(fetched(service, download));
        }
        for (command, _) in used.commands_of(project, "composer") {
            let mut words = command.operands().map(|word| word.text.as_str());
            if matches!(words.next(), Some("self-update" | "selfupdate"))
                && !words.any(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '$'))
            {
                let message =
                    format!("the build of `{}` updates Composer to whatever is newest on the day", service.name);
                out.report(
                    Draft::new(Location::new(source, command.span), message)
                        .on(service)
                        .help("Delete the update, and raise the version of the image that Composer is copied from."),
                );
            }
        }
        for manager in ["apt-get", "apt", "apk"] {
            for (command, _) in used.commands_of(project, manager) {
                let mut words = command.operands().map(|word| word.text.as_str());
                if words.any(|word| matches!(word, "install" | "add")) && words.any(|word| word == "composer") {
                    let message = format!(
                        "the build of `{}` takes Composer from the distribution's packages, where it is old",
                        service.name
                    );
                    let at = Location::new(source, command.span);
                    out.report(Draft::new(at, message).severity(Severity::Low).on(service).aspect("package"));
                }
            }
        }
    }
}

fn fetched(service: ServiceRef<'_, '_>, download: &Download) -> Draft {
    let how = match download.used {
        Use::Interpreted => "pipes Composer's installer straight into PHP",
        _ if download.url.contains("installer") => "runs Composer's installer without comparing its SHA-384",
        _ => "downloads Composer without a checksum",
    };
    Draft::new(download.at, format!("the build of `{}` {how}", service.name))
        .on(service)
        .because_of(download.used_at.filter(|at| *at != download.at), "used here")
        .fix(copied(service, download))
}

/// The instruction replaced by a copy out of the pinned image, where the instruction does nothing else.
fn copied(service: ServiceRef<'_, '_>, download: &Download) -> Option<Fix> {
    let (project, used) = (service.project(), service.build_use.as_ref()?);
    let target = used.composer_target(project, download)?;
    let composer = project.facts.product("composer")?;
    let version = composer.newest_supported(project.today)?.latest.as_ref()?;
    let line = format!("COPY --from=composer:{version} /usr/bin/composer {target}");
    project.replace_text(
        Safety::Safe,
        format!("Copy Composer {version} (newest on {}) from its image", composer.basis().as_of),
        download.instruction,
        &line,
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/composer-binary-unverified";

    fn fixed(line: &str) -> String {
        let text = format!("FROM php:8.4-fpm\n{line}\n");
        let found = findings(RULE, &[("Dockerfile", text.as_str())]);
        assert_eq!(found.len(), 1, "{line}");
        found[0].fixes.first().map(|fix| fix.edits[0].replacement.clone()).unwrap_or_default()
    }

    #[test]
    fn the_edit_puts_it_where_the_installer_would() {
        for (line, target) in [
            (
                "RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin --filename=composer",
                "/usr/local/bin/composer",
            ),
            (
                "RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/bin",
                "/usr/bin/composer.phar",
            ),
            (
                "RUN curl -sS https://getcomposer.org/installer | php && mv composer.phar /usr/local/bin/composer",
                "/usr/local/bin/composer",
            ),
            (
                "RUN curl -o /usr/bin/composer https://getcomposer.org/composer-stable.phar && chmod +x /usr/bin/composer",
                "/usr/bin/composer",
            ),
        ] {
            assert_eq!(fixed(line), format!("COPY --from=composer:2.10.2 /usr/bin/composer {target}"), "{line}");
        }
    }

    #[test]
    fn an_instruction_that_does_more_is_left_to_the_author() {
        for line in [
            "RUN apt-get update && curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/bin",
            "RUN curl -sS https://getcomposer.org/installer | php",
            "RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/bin --version=1.10.28",
        ] {
            assert_eq!(fixed(line), "", "{line}");
        }
    }

    #[test]
    fn severities() {
        for (line, want) in [
            (
                "php -r \"copy('https://getcomposer.org/installer', 'composer-setup.php');\" && php composer-setup.php",
                "medium",
            ),
            ("composer self-update", "medium"),
            ("apt-get install -y git composer unzip", "low"),
        ] {
            let text = format!("FROM php:8.4-fpm\nRUN {line}\n");
            assert_eq!(findings(RULE, &[("Dockerfile", text.as_str())])[0].severity.as_str(), want, "{line}");
        }
    }

    #[test]
    fn what_is_checked() {
        for line in [
            "RUN php -r \"copy('https://getcomposer.org/installer', 's.php');\" && php -r \"if (hash_file('sha384', 's.php') !== 'a') { exit(1); }\" && php s.php",
            "RUN curl -o c.phar https://getcomposer.org/download/2.10.2/composer.phar && echo \"abc  c.phar\" | sha256sum -c -",
            "COPY --from=composer:2 /usr/bin/composer /usr/bin/composer",
            "RUN composer self-update 2.10.2",
            "RUN composer install --no-dev",
            "RUN apt-get install -y git",
        ] {
            clean(RULE, &[("Dockerfile", &format!("FROM php:8.4-fpm\n{line}\n"))]);
        }
    }
}
