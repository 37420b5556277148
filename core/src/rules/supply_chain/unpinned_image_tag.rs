//! `supply-chain/unpinned-image-tag`

use crate::declare_rule;
use crate::facts::tags;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::image::Precision;
use crate::project::{ImagePart, Project, ServiceRef, UsedImage};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An image without a tag, with `latest` or another word for a tag (`fpm-alpine`, `stable`, `lts`), or with a major version
    /// only (`redis:7`), in `FROM`, `COPY --from`, `RUN --mount` or Compose's `image`.
    ///
    /// # Why it matters
    /// Such a tag names another image each week: what was reviewed yesterday is not what is deployed today, a rollback does not
    /// roll back, and two machines of one release run different code. A tag that somebody takes over reaches production unseen.
    ///
    /// Words are *medium*, and *high* for proxies, for containers that administer Docker and for tools copied out of an image,
    /// because those are trusted most. A major version alone is *low*; with a minor version (`php:8.4-fpm`) nothing is reported. In a
    /// development view everything is *info*. Not reported: a digest, an image the same file builds, a tag from a variable
    /// without a value.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:fpm-alpine
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Name the full version, and let Renovate or Dependabot raise it, so that each change is a commit. The offered tag is the
    /// newest patch that was known on the date of the table; a word for a tag may have meant an older line.
    ///
    /// # References
    /// CIS Docker Benchmark 4.2 and 5.28, CWE-1357, Docker documentation "Pin base image versions".
    id: "supply-chain/unpinned-image-tag",
    title: "Image tag does not name a version",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A floating tag names another image with every release, so what was reviewed is not what is deployed, rollbacks do not roll back, and a hijacked tag reaches production unseen.",
    help: "Name the full version in the tag, and let Renovate or Dependabot raise it.",
    references: ["CIS Docker Benchmark 4.2", "CIS Docker Benchmark 5.28", "OWASP Docker Security Cheat Sheet rule 13", "NIST SP 800-190 3.1.5", "CWE-1357", "CWE-829"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    // What runs is one image, whatever it was called: the name to pin is the declared one.
    for service in project.declared_services() {
        for image in service.images() {
            if let Some(severity) = severity(&image) {
                out.report(unpinned(service, &image, severity));
            }
        }
    }
}

fn severity(image: &UsedImage) -> Option<Severity> {
    match image.precision() {
        Precision::None | Precision::Floating => {
            let trusted = image.part == ImagePart::Files
                || matches!(image.role(), "docker-admin" | "socket-proxy" | "proxy" | "ci" | "dind");
            Some(if trusted { Severity::High } else { Severity::Medium })
        }
        Precision::Major => Some(Severity::Low),
        Precision::Other | Precision::Minor | Precision::Patch | Precision::Digest => None,
    }
}

fn unpinned(service: ServiceRef<'_, '_>, image: &UsedImage, severity: Severity) -> Draft {
    let project = service.project();
    let reference = &image.reference;
    let said = match (image.precision(), &reference.tag) {
        (Precision::None, _) => "has no tag, which means `latest`".to_owned(),
        (Precision::Major, Some(tag)) => format!("names a major version only: `{tag}`"),
        (_, tag) => format!("has the moving tag `{}`", tag.as_deref().unwrap_or("latest")),
    };
    let message = format!("the image `{}` {said}", crate::text::shorten(&reference.name(), 80));
    // Whether a word moves is read from a table; that a tag is missing is plain.
    let literal = matches!(reference.tag.as_deref(), None | Some("latest"));
    let mut draft = Draft::new(image.at, message).based_on(if literal { None } else { Some(tags::BASIS) }).on(service);
    draft = if service.context.is_development() {
        draft.severity_in_context(Severity::Info)
    } else {
        draft.severity(severity)
    };
    let tag = project.newest_tag(image);
    draft.fix(tag.and_then(|tag| {
        project.retag(
            Safety::Suggested,
            format!("Pin to `{tag}`, the newest patch known on {}", project.tags_known_on(image)),
            image,
            &tag,
        )
    }))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/unpinned-image-tag";

    fn severity(name: &str, image: &str) -> String {
        let text = format!("services:\n  a:\n    image: {image}\n");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (image, want) in [
            ("php", "medium"),
            ("nginx:latest", "medium"),
            ("redis:alpine", "medium"),
            ("nginx:stable-alpine", "medium"),
            ("registry.example.net/shop:latest", "medium"),
            ("jwilder/nginx-proxy", "high"),
            ("portainer/portainer-ce:latest", "high"),
            ("redis:7", "low"),
            ("gotenberg/gotenberg:8", "low"),
            ("php:8.4-fpm", "none"),
            ("redis:8.2.9-alpine", "none"),
            ("postgres:17.11", "none"),
            ("registry.example.net/shop:feature-login", "medium"),
            ("registry.example.net/shop:build-x7", "none"),
            ("redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "none"),
            ("redis:${TAG}", "none"),
            ("redis:${TAG:?set it}", "none"),
            ("redis:${TAG:-latest}", "medium"),
        ] {
            assert_eq!(severity("compose.yaml", image), want, "{image}");
        }
        assert_eq!(severity("compose.dev.yaml", "nginx:latest"), "info");
    }

    #[test]
    fn what_is_copied_out_of_an_image() {
        let found = findings(
            RULE,
            &[("Dockerfile", "FROM php:8.4-fpm\nCOPY --from=composer:latest /usr/bin/composer /usr/bin/\n")],
        );
        assert_eq!(found[0].severity.as_str(), "high");
        assert!(found[0].fixes[0].title.contains("2.10.2"), "{found:?}");
    }

    #[test]
    fn stages_and_resolved_arguments_are_pinned() {
        clean(
            RULE,
            &[(
                "Dockerfile",
                "ARG PHP_VERSION=8.4.24\nFROM php:${PHP_VERSION}-fpm AS base\nFROM scratch AS empty\nFROM base\nCOPY --from=base /a /b\n",
            )],
        );
    }

    #[test]
    fn an_image_the_file_builds_is_its_own() {
        clean(
            RULE,
            &[("compose.yaml", "services:\n  app:\n    build: .\n    image: shop\n  worker:\n    image: shop\n")],
        );
    }

    #[test]
    fn stages_that_are_not_built_do_not_count() {
        let files = [
            ("compose.yaml", "services:\n  app:\n    build: {context: ., target: prod}\n"),
            ("Dockerfile", "FROM php:8.4-fpm AS prod\nFROM node:latest AS dev\n"),
        ];
        clean(RULE, &files);
    }

    #[test]
    fn the_variant_is_kept() {
        let found = findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: \"redis:7-alpine\"\n")]);
        assert!(found[0].fixes[0].edits[0].replacement.contains("redis:7.4.11-alpine"), "{found:?}");
        assert!(findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: redis:${T:-7}\n")])[0].fixes.is_empty());
    }

    #[test]
    fn an_old_table_lowers_the_confidence_of_words() {
        let files = crate::rules::testing::sources(&[(
            "compose.yaml",
            "services:\n  a:\n    image: redis:alpine\n  b:\n    image: redis\n",
        )]);
        let later = crate::project::Project::new(&files, crate::date::Date::new(2027, 6, 1));
        let sure: Vec<&str> =
            crate::engine::run(&super::RULE, &later).0.iter().map(|finding| finding.confidence.as_str()).collect();
        assert_eq!(sure, ["medium", "high"]);
    }
}
