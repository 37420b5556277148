//! `mounts/source-bind-mount-in-production`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{CodeMount, Context, Group, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// The project's folder, or its code, mounted from the host over the place where a container has its code, in a
    /// deployment that is not one of a developer.
    ///
    /// # Why it matters
    /// Such a mount hides the code in the image. What runs is whatever lies on the host: not built, not scanned, not
    /// what the tag says. The container can write to it, so a file that an attacker leaves there outlives the container
    /// and ends up in the repository. And with the project's folder `.env` and `.git` come along.
    ///
    /// It is *high*, *medium* for a mount that is read-only. Uploads, storage, certificates and single files are not
    /// meant. Nothing is said in a development view: an override file, a file or profile named for development, a stage
    /// built for it, a service with `develop.watch`, Laravel Sail.
    ///
    /// # Bad
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     volumes:
    ///       - .:/var/www/html
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY src/ /var/www/html/
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     volumes:
    ///       - uploads:/var/www/html/storage/app
    /// volumes:
    ///   uploads:
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY src/ /var/www/html/
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Copy the code into the image with `COPY`, and keep the mount in `compose.override.yaml`, which only a
    /// developer's machine reads. What the application has to keep, uploads and storage, goes on a named volume.
    ///
    /// # References
    /// CIS Docker Benchmark 5.6, OWASP Docker Security Cheat Sheet rule 8, CWE-668, Docker documentation "Use Compose
    /// in production".
    id: "mounts/source-bind-mount-in-production",
    title: "Code is mounted from the host",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "What runs is the host's copy of the code and not the image that was built and scanned; an intruder's file in it outlives the container.",
    help: "Copy the code into the image, keep the mount in compose.override.yaml, and put only uploads and storage on named volumes.",
    references: ["CIS Docker Benchmark 5.6", "OWASP Docker Security Cheat Sheet rule 8", "NIST SP 800-190 4.4.3", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| is_deployed(*service)) {
        for found in service.code_mounts() {
            out.report(report(service, &found));
        }
    }
}

/// Whether it serves an application outside of a developer's machine.
fn is_deployed(service: ServiceRef<'_, '_>) -> bool {
    let row = service.image_use.row().filter(|_| service.build.is_none());
    let tool = row.is_some_and(|row| matches!(row.role, "build" | "dev"));
    matches!(service.role.group(), Group::Edge | Group::App | Group::Unknown)
        && !tool
        && !service.context.is_development()
        && service.context != Context::Ci
        && !service.is_one_shot()
        && service.watch.is_empty()
        && service.service().variable("LARAVEL_SAIL").is_none()
}

fn report(service: ServiceRef<'_, '_>, found: &CodeMount<'_>) -> Draft {
    let mount = found.mount;
    let folder = if found.folder.is_empty() { "the project's folder" } else { found.folder.as_str() };
    let how = if mount.read_only { ", read-only" } else { "" };
    let message = format!(
        "`{}` runs the host's copy of its code: {} is mounted over {}{how}",
        service.name,
        shorten(folder, 60),
        shorten(&mount.target, 60)
    );
    let certain = service.context == Context::Production
        || service
            .service()
            .variable("APP_ENV")
            .and_then(|variable| variable.value.as_ref())
            .is_some_and(|value| value.is_known() && matches!(value.text.as_str(), "prod" | "production"));
    let mut draft = Draft::new(mount.at, message).on(service);
    if mount.read_only {
        draft = draft.severity(Severity::Medium);
    }
    if !certain {
        draft = draft.confidence(Confidence::Medium);
    }
    // Without a build of its own there is no code in the image that the mount would hide.
    let built = service.image_source().service().build_use.as_ref().and_then(|used| used.dockerfile);
    match built {
        Some(_) => draft.fix(service.project().remove(Safety::Suggested, "Remove the mount", mount.at)),
        None => draft.help("Build an image with the code in it, and mount the folder in compose.override.yaml only."),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/source-bind-mount-in-production";

    fn said(name: &str, body: &str) -> (String, String) {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or(("none".into(), String::new()), |finding| {
            (finding.severity.to_string(), finding.confidence.as_str().to_owned())
        })
    }

    const MOUNT: &str = "image: php:8.4-fpm\n    volumes: [\".:/var/www/html\"]";

    #[test]
    fn severities_and_confidence() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(said("compose.prod.yaml", MOUNT), pair("high", "high"));
        assert_eq!(said("compose.yaml", MOUNT), pair("high", "medium"));
        let certain = format!("{MOUNT}\n    environment: {{APP_ENV: production}}");
        assert_eq!(said("compose.yaml", &certain), pair("high", "high"));
        let mount = |volume: &str| said("compose.yaml", &format!("image: php:8.4-fpm\n    volumes: [\"{volume}\"]"));
        assert_eq!(mount(".:/var/www/html:ro"), pair("medium", "medium"));
        assert_eq!(mount("./public:/app/public"), pair("high", "medium"));
    }

    #[test]
    fn development_is_meant_for_it() {
        for name in ["compose.dev.yaml", "compose.override.yaml", "docker-compose.local.yml"] {
            assert_eq!(said(name, MOUNT).0, "none", "{name}");
        }
        for more in [
            "profiles: [dev]",
            "environment: {LARAVEL_SAIL: 1}",
            "develop: {watch: [{path: ., action: sync, target: /var/www/html}]}",
            "build: {context: ., target: development}",
        ] {
            assert_eq!(said("compose.yaml", &format!("{MOUNT}\n    {more}")).0, "none", "{more}");
        }
    }

    #[test]
    fn state_and_other_services() {
        for body in [
            "image: php:8.4-fpm\n    volumes: [\"./uploads:/var/www/html/uploads\"]",
            "image: php:8.4-fpm\n    volumes: [\"./storage:/var/www/html/storage\"]",
            "image: nginx:1.28\n    volumes: [\"./certs:/etc/nginx/certs:ro\"]",
            "image: composer:2\n    volumes: [\".:/app\"]",
            "image: mysql:8.4\n    volumes: [\"./app:/app\"]",
            "image: php:8.4-fpm\n    volumes: [\"code:/var/www/html\"]",
        ] {
            assert_eq!(said("compose.yaml", body).0, "none", "{body}");
        }
        clean(RULE, &[("run.sh", "docker run --rm -v .:/app php:8.4-cli php /app/x.php\n")]);
    }

    #[test]
    fn no_fix_without_code_in_the_image() {
        let found = findings(RULE, &[("compose.yaml", &format!("services:\n  a:\n    {MOUNT}\n"))]);
        assert!(found[0].fixes.is_empty());
    }
}
