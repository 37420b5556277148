//! `supply-chain/end-of-life-image`

use crate::date::Date;
use crate::declare_rule;
use crate::facts::eol::{Cycle, End, Product};
use crate::facts::tags::ProductVersion;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{ImagePart, Project, ServiceRef, UsedImage, nearest_supported};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An image whose tag names a version of PHP, an operating system, a data store, a web server or an application that no longer
    /// gets security fixes, or will stop to within 90 days. Both are looked at in `php:8.1-fpm-bullseye`. The framework that
    /// `composer.lock` installs is judged the same way.
    ///
    /// # Why it matters
    /// After its end a version gets no fixes: each vulnerability found from then on stays, and is published with the fix for
    /// the versions above it.
    ///
    /// Past its end it is *high*; *medium* where a distribution still gives extended support, one step lower in a stage that only
    /// builds. An end within 30 days is *medium*, within 90 days *low*. PHP past its active support, with security fixes only, is
    /// *info*. The dates are those of endoflife.date on the day the message names; when the table is older than 120 days, the
    /// confidence drops.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.1.34-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Move to the next supported line, run the tests, and let Renovate or Dependabot keep the patch level. The offered tag is the
    /// nearest line that is supported for at least half a year and that `composer.json` allows.
    ///
    /// # References
    /// CIS Docker Benchmark 4.4, CWE-1104, OWASP Top 10 "Vulnerable and Outdated Components", endoflife.date.
    id: "supply-chain/end-of-life-image",
    title: "Version no longer gets security fixes",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "After its end of life a version gets no security fixes, so every vulnerability found from then on stays open and is public.",
    help: "Move to a supported line.",
    references: ["CIS Docker Benchmark 4.4", "NIST SP 800-190 3.1.1", "CWE-1104", "OWASP Top 10 2021 A06", "https://endoflife.date"],
}

/// Distributions whose extended support is open to everybody, or bought with the system.
const EXTENDED: [&str; 6] = ["debian", "ubuntu", "rhel", "oracle-linux", "almalinux", "rocky-linux"];

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for image in service.images() {
            for version in image.versions() {
                let judged = project
                    .facts
                    .product(version.product)
                    .and_then(|product| Some((product, product.cycle(&version.cycle_hint)?)));
                if let Some((product, cycle)) = judged
                    && let Some(stage) = life(product, cycle, project.today)
                {
                    out.report(of_image(service, &image, version, product, cycle, stage));
                }
            }
        }
        for locked in service.locked_frameworks() {
            let judged = project
                .facts
                .product(locked.product)
                .and_then(|product| Some((product, product.cycle(&locked.version)?)));
            if let Some((product, cycle)) = judged
                && let Some((severity, said)) = life(product, cycle, project.today)
            {
                let message = format!(
                    "{} {} {said} (endoflife.date on {})",
                    product.title,
                    locked.version,
                    product.basis().as_of
                );
                let draft = Draft::new(locked.at, message).severity(severity).based_on(product.basis()).on(service);
                out.report(draft.help(help(product, cycle, project.today, &|_| true)).aspect(product.name));
            }
        }
    }
}

/// How far a line is in its life, and what to say of it; `None` when it is supported for long enough.
fn life(product: &Product, cycle: &Cycle, today: Date) -> Option<(Severity, String)> {
    let mut judged = match cycle.eol {
        End::Ended => (Severity::High, "gets no security fixes any more".to_owned()),
        End::On(end) if end < today => match cycle.extended_until {
            Some(End::On(extended)) if EXTENDED.contains(&product.name) && extended >= today => {
                (Severity::Medium, format!("ended on {end}; extended support lasts until {extended}"))
            }
            _ => (Severity::High, format!("has had no security fixes since {end}")),
        },
        End::On(end) if today.days_until(end) <= 30 => {
            (Severity::Medium, format!("gets no security fixes after {end}"))
        }
        End::On(end) if today.days_until(end) <= 90 => (Severity::Low, format!("gets no security fixes after {end}")),
        End::On(end) if product.name == "php" && cycle.active_until.is_some_and(|active| active.is_over(today)) => {
            (Severity::Info, format!("gets security fixes only, until {end}"))
        }
        End::On(_) | End::NotAnnounced => return None,
    };
    // Each minor line of Composer 2 ends with the next one, and an update is never far.
    if product.name == "composer" && !cycle.cycle.starts_with('1') {
        judged.0 = judged.0.min(Severity::Low);
    }
    Some(judged)
}

fn of_image(
    service: ServiceRef<'_, '_>,
    image: &UsedImage,
    version: &ProductVersion,
    product: &Product,
    cycle: &Cycle,
    (severity, said): (Severity, String),
) -> Draft {
    let project = service.project();
    let builds = matches!(image.part, ImagePart::Builder | ImagePart::Files);
    let implied = if version.implied { " (implied by the tag)" } else { "" };
    let message = format!(
        "`{}`: {} {}{implied} {said} (endoflife.date on {})",
        crate::text::shorten(&image.reference.to_string(), 80),
        product.title,
        version.cycle_hint,
        product.basis().as_of
    );
    let composer = service.composer_php();
    let allowed = |candidate: &str| {
        product.name != "php" || composer.as_ref().is_none_or(|(constraint, _)| constraint.allows(candidate))
    };
    let own = image.own_version().is_some_and(|own| own.product == product.name);
    // Security fixes that still arrive are no reason for an edit.
    let tag = if own && severity > Severity::Info { project.supported_tag(image, &allowed) } else { None };
    let mut draft = Draft::new(image.at, message)
        .severity(if builds { severity.lowered(1) } else { severity })
        .confidence(if version.implied { Confidence::Medium } else { Confidence::High })
        .based_on(product.basis())
        .on(service)
        .aspect(product.name)
        .help(help(product, cycle, project.today, &allowed));
    if product.name == "php" {
        draft = draft.because_of(composer.as_ref().map(|(_, at)| *at), "the PHP versions that composer.json allows");
    }
    draft.fix(tag.and_then(|tag| {
        project.retag(
            Safety::Suggested,
            format!("Move to `{tag}`, supported on {}", product.basis().as_of),
            image,
            &tag,
        )
    }))
}

fn help(product: &Product, cycle: &Cycle, today: Date, allowed: &dyn Fn(&str) -> bool) -> String {
    // Their files on disk belong to one line of releases.
    let data = if matches!(product.name, "postgresql" | "mysql" | "mariadb" | "mongodb" | "elasticsearch") {
        " Its data has to be upgraded or restored from a dump."
    } else {
        ""
    };
    match nearest_supported(product, &cycle.cycle, today, allowed) {
        Some(next) => match next.eol.date() {
            Some(end) => format!(
                "Move to {} {}, which is supported until {end}; see {}.{data}",
                product.title, next.cycle, product.url
            ),
            None => format!("Move to {} {}; see {}.{data}", product.title, next.cycle, product.url),
        },
        None => format!("No line above it is supported, or composer.json allows none; see {}.", product.url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::eol;
    use crate::rules::testing::{clean, findings, sources};

    const ID: &str = "supply-chain/end-of-life-image";

    fn said(image: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: {image}\n");
        findings(ID, &[("compose.yaml", text.as_str())]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        for (image, want) in [
            ("php:8.1-fpm", vec!["high"]),
            ("php:8.1-fpm-bullseye", vec!["high", "high"]),
            ("php:8.4.24-fpm-bookworm", vec!["medium"]),
            ("php:8.2.33-fpm-trixie", vec!["low"]),
            ("php:8.3.33-fpm-trixie", vec!["info"]),
            ("redis:8.0.6", vec!["medium"]),
            ("redis:5", vec!["high"]),
            ("mysql:5.7", vec!["high"]),
            ("wordpress:5.9-php7.4-apache", vec!["high", "high"]),
            ("rabbitmq:3-management", vec!["high"]),
            ("php:8.4.24-fpm-alpine3.24", vec![]),
            ("mysql:8.4.11", vec![]),
            ("registry.example.net/app:5.7", vec![]),
            ("php:fpm", vec![]),
        ] {
            assert_eq!(said(image), want, "{image}");
        }
    }

    #[test]
    fn stages_that_only_build_are_a_step_lower() {
        let found = findings(
            ID,
            &[("Dockerfile", "FROM node:18.20.8 AS assets\nFROM php:8.4.24-fpm-trixie\nCOPY --from=assets /a /a\n")],
        );
        assert_eq!(found[0].severity.as_str(), "medium");
        assert_eq!(
            findings(
                ID,
                &[(
                    "Dockerfile",
                    "FROM php:8.4.24-fpm-trixie\nCOPY --from=composer:2.8.12 /usr/bin/composer /usr/bin/\n"
                )]
            )[0]
            .severity
            .as_str(),
            "info"
        );
    }

    #[test]
    fn the_message_names_the_date_of_the_table() {
        let found = findings(ID, &[("Dockerfile", "FROM php:8.1-fpm\n")]);
        assert!(
            found[0].message.contains("2025-12-31") && found[0].message.contains("2026-08-22"),
            "{}",
            found[0].message
        );
        assert_eq!(found[0].confidence, Confidence::High);
    }

    #[test]
    fn an_old_table_lowers_the_confidence() {
        let files = sources(&[("Dockerfile", "FROM php:8.1-fpm\n")]);
        let confidence = |days: i64| {
            let today = Date::from_days_since_epoch(eol::AS_OF.days_since_epoch() + days);
            let (found, _) = crate::engine::run(&super::RULE, &Project::new(&files, today));
            let php = found.into_iter().find(|finding| finding.message.contains("PHP")).unwrap();
            assert_eq!(php.based_on, [crate::facts::Basis { table: "eol", as_of: eol::AS_OF }]);
            php.confidence
        };
        assert_eq!((confidence(120), confidence(121)), (Confidence::High, Confidence::Medium));
    }

    #[test]
    fn dates_of_the_user_count() {
        let mut facts = crate::facts::Facts::default();
        let text =
            r#"{"_meta": {"as_of": "2026-11-20"}, "rows": [{"product": "php", "cycle": "8.1", "eol": "2030-01-01"}]}"#;
        facts.read_eol("eol.json", text).unwrap();
        let files = sources(&[("Dockerfile", "FROM php:8.1.34-fpm-trixie\nFROM php:8.0.30-fpm-trixie\n")]);
        let project = Project::with_facts(&files, crate::rules::testing::TODAY, &facts);
        let (found, _) = crate::engine::run(&super::RULE, &project);
        assert!(found.iter().all(|finding| !finding.message.contains("8.1.34")), "{found:?}");
        let old = found.iter().find(|finding| finding.message.contains("PHP")).unwrap();
        assert!(old.message.contains("(endoflife.date on 2026-11-20)"), "{}", old.message);
        assert_eq!(old.based_on[0].as_of, Date::new(2026, 11, 20));
    }

    #[test]
    fn the_offered_line_is_one_that_composer_allows() {
        let offered = |php: &str| {
            let composer = format!("{{\n  \"require\": {{ \"php\": \"{php}\" }}\n}}\n");
            let found = findings(ID, &[("Dockerfile", "FROM php:8.1-fpm\n"), ("composer.json", &composer)]);
            found[0].fixes.first().map(|fix| fix.edits[0].replacement.clone()).unwrap_or_default()
        };
        assert_eq!(offered("^8.1"), "php:8.3.33-fpm");
        assert_eq!(offered(">=8.4"), "php:8.4.24-fpm");
        assert_eq!(offered("8.1.*"), "");
    }

    #[test]
    fn frameworks_of_the_lock_file() {
        let lock = "{\"packages\": [\n  {\"name\": \"laravel/framework\", \"version\": \"v10.40.0\"},\n  {\"name\": \"guzzlehttp/guzzle\", \"version\": \"7.8.1\"}\n], \"packages-dev\": []}\n";
        let found = findings(ID, &[("Dockerfile", "FROM php:8.4.24-fpm-trixie\n"), ("composer.lock", lock)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("Laravel 10.40.0"), "{}", found[0].message);
        clean(
            ID,
            &[("Dockerfile", "FROM php:8.4.24-fpm-trixie\n"), ("composer.lock", &lock.replace("v10.40.0", "v13.2.0"))],
        );
    }

    #[test]
    fn development_is_two_steps_lower() {
        let found = findings(ID, &[("compose.dev.yaml", "services:\n  a:\n    image: php:8.1-fpm\n")]);
        assert_eq!(found[0].severity.as_str(), "low");
    }
}
