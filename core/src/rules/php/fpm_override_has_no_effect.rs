//! `php/fpm-override-has-no-effect`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::fix::Fix;
use crate::project::{Ineffective, IneffectiveWhy, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::{file_name, folder};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Settings of the project that never apply: a directive of a pool that a file of the image sets again afterwards,
    /// and a file with settings in a place where PHP does not look.
    ///
    /// # Why it matters
    /// Somebody believes in a setting that is not there: an FPM that "listens on loopback" and answers the whole
    /// network, an `app.ini` that "hides errors". FPM reads its files in the order of their names, and the last one
    /// wins. Until the end of 2025 `zz-docker.conf` of the official image set `listen = 9000` after everything else;
    /// since then `docker.conf` does so before `www.conf`. The same file of a project works with one tag and not with
    /// another.
    ///
    /// Only images whose own files are known are judged. A file that sets the same value as the one that wins is not
    /// reported, nor is one that another file of the project overrides.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.3.10-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY www.conf /usr/local/etc/php-fpm.d/www.conf
    /// ```
    /// ```ini file:www.conf
    /// [www]
    /// listen = 127.0.0.1:9000
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.3.10-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY www.conf /usr/local/etc/php-fpm.d/zzz-www.conf
    /// ```
    /// ```ini file:www.conf
    /// [www]
    /// listen = 127.0.0.1:9000
    /// ```
    ///
    /// # How to fix
    /// Give a pool file a name that sorts last, `zzz-app.conf`, and put PHP's settings into `conf.d`. Look at the
    /// result with `php-fpm -tt` and `php --ini`.
    ///
    /// # References
    /// The PHP image's Dockerfile for FPM, PHP manual "FPM configuration".
    id: "php/fpm-override-has-no-effect",
    title: "A setting of the project has no effect",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Somebody relies on a setting that PHP never reads, or that a file of the image overrides.",
    help: "Name a pool file so that it sorts last, zzz-app.conf, put PHP's settings into conf.d, and look at `php-fpm -tt` and `php --ini`.",
    references: ["Docker Official Image php, Dockerfile of the fpm variant", "PHP manual, FPM configuration"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_partly_known()) {
        for found in service.ineffective_settings() {
            out.report(draft(service, &found));
        }
    }
}

fn draft(service: ServiceRef<'_, '_>, found: &Ineffective) -> Draft {
    let what = shorten(&found.what, 80);
    let message = match found.why {
        IneffectiveWhy::OverriddenByImage => {
            format!("`{what}` has no effect in `{}`: a later file of the image sets it again", service.name)
        }
        IneffectiveWhy::NotRead => format!("PHP of `{}` does not read {what}", service.name),
    };
    let placed = found.placed.as_ref().map(|(_, at)| *at).filter(|at| *at != found.at);
    Draft::new(found.at, message)
        .aspect(found.what.clone())
        .confidence(Confidence::Medium)
        .on(service)
        .because_of(service.image_use.at, "this image brings the files that count")
        .because_of(placed, "this puts the file in its place")
        .fix(moved(service, found))
}

/// Puts the file where it counts: last among the pools, or into `conf.d`.
fn moved(service: ServiceRef<'_, '_>, found: &Ineffective) -> Option<Fix> {
    let placed = found.placed.as_ref()?;
    let (path, name) = (placed.0.as_str(), file_name(&placed.0));
    let target = match found.why {
        IneffectiveWhy::OverriddenByImage => format!("{}/zzz-{name}", folder(path)),
        IneffectiveWhy::NotRead if name.ends_with(".ini") => format!("/usr/local/etc/php/conf.d/zz-{name}"),
        IneffectiveWhy::NotRead if name != "php-fpm.conf" => format!("/usr/local/etc/php-fpm.d/zzz-{name}"),
        IneffectiveWhy::NotRead => return None,
    };
    service.project().move_in_container(format!("Put the file at {target}"), placed, &target)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/fpm-override-has-no-effect";
    const POOL: (&str, &str) = ("www.conf", "[www]\nlisten = 127.0.0.1:9000\n");

    #[test]
    fn a_file_in_the_wrong_place() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/app.ini\n"),
            ("app.ini", "display_errors = Off\n"),
        ];
        let found = findings(RULE, &files);
        assert_eq!(found[0].severity.as_str(), "medium");
        assert_eq!(found[0].fixes.len(), 1);
    }

    #[test]
    fn a_pool_of_debian_in_the_official_image() {
        let files = [("Dockerfile", "FROM php:8.4-fpm\nCOPY www.conf /etc/php/8.4/fpm/pool.d/www.conf\n"), POOL];
        assert_eq!(findings(RULE, &files).len(), 1);
    }

    #[test]
    fn a_mounted_pool() {
        let compose = "services:\n  app:\n    image: php:8.3.10-fpm\n    volumes:\n      - ./www.conf:/usr/local/etc/php-fpm.d/www.conf:ro\n";
        let found = findings(RULE, &[("compose.yaml", compose), POOL]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].fixes.len(), 1);
    }

    #[test]
    fn what_counts_is_fine() {
        let copy = |tag: &str, name: &str| format!("FROM php:{tag}\nCOPY www.conf /usr/local/etc/php-fpm.d/{name}\n");
        clean(RULE, &[("Dockerfile", &copy("8.3.10-fpm", "zzz.conf")), POOL]);
        clean(RULE, &[("Dockerfile", &copy("8.4-fpm", "www.conf")), POOL]);
        let same = ("www.conf", "[www]\nlisten = 9000\n");
        clean(RULE, &[("Dockerfile", &copy("8.3.10-fpm", "www.conf")), same]);
    }

    #[test]
    fn an_image_that_nobody_knows() {
        let build = "FROM registry.example.net/php-fpm:8.3\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\n";
        clean(RULE, &[("Dockerfile", build), POOL]);
    }

    #[test]
    fn the_file_of_the_image_is_gone() {
        let build = "FROM php:8.3.10-fpm\nRUN rm /usr/local/etc/php-fpm.d/zz-docker.conf\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\n";
        clean(RULE, &[("Dockerfile", build), POOL]);
    }

    #[test]
    fn a_command_names_the_file() {
        let build = "FROM php:8.4-fpm\nCOPY www.conf /etc/php/8.4/fpm/pool.d/www.conf\nCMD [\"php-fpm\", \"-y\", \"/etc/php/8.4/fpm/pool.d/www.conf\"]\n";
        clean(RULE, &[("Dockerfile", build), POOL]);
    }
}
