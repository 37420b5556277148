//! `drift/code-in-mutable-volume`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{CodeVolume, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A named or anonymous volume over the folder where the image of a service brings its code: the target of its `COPY`, a
    /// `public` folder below it, or `/var/www/html` of the official images of WordPress, Drupal, Joomla, Matomo and Nextcloud.
    ///
    /// # Why it matters
    /// Docker fills an empty volume from the first image and never again. Every later deployment "works", but the old code keeps
    /// running: security fixes do not arrive, and code that an intruder or an administrator has changed survives each new image.
    ///
    /// Volumes for uploads and storage are what volumes are for. Nextcloud's image copies newer code into its volume when it
    /// starts: that is *low*.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   wordpress:
    ///     image: wordpress:6.8.3-php8.4-apache
    ///     volumes: ["wp:/var/www/html"]
    /// volumes:
    ///   wp: {}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   wordpress:
    ///     build: .
    ///     volumes: ["uploads:/usr/src/wordpress/wp-content/uploads"]
    /// volumes:
    ///   uploads: {}
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM wordpress:6.8.3-php8.4-apache
    /// WORKDIR /usr/src/wordpress
    /// COPY plugins/ wp-content/plugins/
    /// ```
    ///
    /// # How to fix
    /// Copy the code into the image and keep volumes for what users upload. A web server that needs the static files gets them in
    /// an image of its own (`COPY --from=app`), not through a shared volume. For WordPress build an image `FROM wordpress` with
    /// plug-ins and themes in it.
    ///
    /// # References
    /// NIST SP 800-190 4.4.3, Docker documentation "Volumes", section on populating a volume, Docker Hub "wordpress".
    id: "drift/code-in-mutable-volume",
    title: "A volume hides the code of the image",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A volume over the code is filled once from the first image and hides every later one: old or tampered code keeps running through deployments that look successful.",
    help: "Copy the code into the image and keep the volume for uploads only.",
    references: ["NIST SP 800-190 4.4.3", "Docker documentation \"Volumes\"", "https://hub.docker.com/_/wordpress"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for code in service.code_volumes() {
            out.report(report(service, code));
        }
    }
}

fn report(service: ServiceRef<'_, '_>, code: CodeVolume<'_>) -> Draft {
    let volume = match code.mount.source.as_deref() {
        Some(source) => format!("the volume {}", shorten(source, 40)),
        None => "an anonymous volume".to_owned(),
    };
    let target = shorten(&code.mount.target, 60);
    let message = match code.application {
        Some(application) => {
            format!("{volume} lies over the code of {application} in `{}`: a newer image changes nothing", service.name)
        }
        None => format!("{volume} lies over the code of `{}` in {target}: a newer image changes nothing", service.name),
    };
    let draft = Draft::new(code.mount.at, message)
        .because_of(code.copied, "the image brings its code here")
        .fix(fix(service, code))
        .on(service);
    match code.application {
        Some("nextcloud") => draft.severity(Severity::Low).help(
            "Nextcloud's image copies newer code into the volume when it starts; mount `config`, `data`, `custom_apps` and `themes` as volumes of their own, so that only these outlive an image.",
        ),
        Some("wordpress") => draft.help(
            "Build an image `FROM wordpress` that holds plug-ins and themes, and mount a volume at `wp-content/uploads` only.",
        ),
        _ => draft,
    }
}

/// Only where nothing but code would be left behind; other applications keep their settings beside the code.
fn fix(service: ServiceRef<'_, '_>, code: CodeVolume<'_>) -> Option<Fix> {
    let project = service.project();
    match code.application {
        Some("wordpress") => {
            let source = code.mount.source.as_deref()?;
            let written = project.slice(code.mount.at);
            let short = written.contains(&format!("{source}:")) && !written.contains('\n');
            let title = "Keep only the uploads in the volume";
            let target = format!("{source}:/var/www/html/wp-content/uploads");
            short.then(|| project.replace(Safety::Suggested, title, code.mount.at, &target)).flatten()
        }
        Some(_) => None,
        None => project.remove(Safety::Suggested, "Remove the volume over the code", code.mount.at),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/code-in-mutable-volume";
    const CODE: &str = "FROM php:8.4-fpm\nWORKDIR /app\nCOPY . .\n";

    fn severities(name: &str, service: &str) -> Vec<String> {
        let compose = format!("services:\n  app:\n{service}volumes: {{v: {{}}}}\n");
        let found = findings(RULE, &[(name, &compose), ("Dockerfile", CODE)]);
        found.into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities_of_applications_and_builds() {
        let image = |image: &str| format!("    image: {image}\n    volumes: [\"v:/var/www/html\"]\n");
        assert_eq!(severities("compose.yaml", &image("wordpress:6")), ["medium"]);
        assert_eq!(severities("compose.yaml", &image("matomo:5-fpm")), ["medium"]);
        assert_eq!(severities("compose.yaml", &image("nextcloud:32")), ["low"]);
        let built = "    build: .\n    volumes: [\"v:/app/public\"]\n";
        assert_eq!(severities("compose.yaml", built), ["medium"]);
        assert_eq!(severities("compose.dev.yaml", built), ["info"]);
    }

    #[test]
    fn uploads_and_settings_are_kept() {
        for target in ["v:/app/storage", "v:/app/public/uploads", "./:/app"] {
            let compose =
                format!("services:\n  app:\n    build: .\n    volumes: [\"{target}\"]\nvolumes: {{v: {{}}}}\n");
            clean(RULE, &[("compose.yaml", &compose), ("Dockerfile", CODE)]);
        }
    }

    #[test]
    fn a_web_server_that_only_reads_the_volume_is_none() {
        let compose =
            "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"v:/var/www/html:ro\"]\nvolumes: {v: {}}\n";
        clean(RULE, &[("compose.yaml", compose)]);
    }
}
