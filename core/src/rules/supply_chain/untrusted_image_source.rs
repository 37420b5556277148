//! `supply-chain/untrusted-image-source`

use crate::declare_rule;
use crate::facts::reputation::{self, Lookalike};
use crate::finding::{Confidence, Severity};
use crate::project::{ImagePart, Project, ServiceRef, UsedImage};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// An image from somebody nobody vouches for: a name one letter away from a known one, an official image's name in
    /// a foreign namespace, a publisher on Docker Hub who is neither known nor named in `plimsoll.toml`, a registry
    /// that `plimsoll.toml` does not allow, or one that the daemon speaks to without TLS.
    ///
    /// # Why it matters
    /// Anybody may publish `php-fpm-optimised`. Images with miners and back doors are found on public registries every
    /// month, and they run inside the network of the data store from the first minute.
    ///
    /// A name that is a slip of the keyboard is *critical*; a publisher nobody knows is *low*, *medium* where it uses
    /// an official name, *high* where the container is privileged or holds the Docker socket; a registry that the
    /// policy leaves out is *high*. Not reported: official images, known publishers, registries of one's own, whatever
    /// the project itself builds, and what lies in a namespace that it pushes to.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: phpp/php-fpm:8.4
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/mirror/php:8.4.24-fpm
    /// ```
    ///
    /// # How to fix
    /// Use the official image or one of a verified publisher, or build your own on it. If it has to be this one, scan
    /// it, mirror it into your registry by its digest, and name the publisher in `plimsoll.toml`: `[policy]
    /// allowed-publishers = ["acme"]`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.2, OWASP Docker Security Cheat Sheet rule 13, NIST SP 800-190 3.1.5 and 4.1.5, CWE-829,
    /// CWE-1357.
    id: "supply-chain/untrusted-image-source",
    title: "Image comes from a source that nobody vouches for",
    severity: Medium,
    lowered_in_development: 1,
    fixes: Described,
    why: "Anybody may publish an image, and those with miners and back doors look like the helpful ones.",
    help: "Use an official image or one of a verified publisher, or mirror this one into your own registry after a scan.",
    references: ["CIS Docker Benchmark 4.2", "OWASP Docker Security Cheat Sheet rule 13", "NIST SP 800-190 3.1.5", "NIST SP 800-190 4.1.5", "CWE-829", "CWE-1357"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let own = project.own_images();
    for service in project.services() {
        for image in service.images().iter().filter(|image| !own.contains(&image.reference)) {
            if let Some(draft) = of_policy(project, service, image).or_else(|| of_publisher(project, service, image)) {
                out.report(draft.on(service));
            }
        }
    }
}

/// What the policy and the daemon say of the registry.
fn of_policy(project: &Project<'_>, service: ServiceRef<'_, '_>, image: &UsedImage) -> Option<Draft> {
    let reference = &image.reference;
    let registry = reference.registry.as_deref().unwrap_or("docker.io");
    if project.policy().allows_registry(reference) == Some(false) {
        let message = format!(
            "the image of `{}` comes from {}, which the policy does not allow",
            service.name,
            shorten(registry, 80)
        );
        let draft = Draft::new(image.at, message).severity(Severity::High).aspect("registry");
        return Some(draft.because_of(project.policy().location(), "the policy"));
    }
    let insecure =
        project.inventory.daemon.as_ref()?.insecure_registries.iter().find(|known| known.value == registry)?;
    let message = format!("the image of `{}` is pulled from {} without TLS", service.name, shorten(registry, 80));
    let draft = Draft::new(image.at, message).severity(Severity::High).aspect("plain");
    let help = "Give the registry a certificate, and take it out of `insecure-registries`.";
    Some(draft.because(insecure.at, "the daemon does not check it").help(help))
}

/// What is known of the publisher.
fn of_publisher(project: &Project<'_>, service: ServiceRef<'_, '_>, image: &UsedImage) -> Option<Draft> {
    let reference = &image.reference;
    let name = shorten(&reference.name(), 80);
    let publisher = reference.publisher().unwrap_or_default();
    if project.policy().trusts_publisher(&publisher) {
        return None;
    }
    let draft = |severity, confidence, message: String| {
        Some(Draft::new(image.at, message).severity(severity).confidence(confidence).based_on(reputation::BASIS))
    };
    let lookalike = reputation::lookalike(reference);
    if let Some(Lookalike::Typo(known)) = lookalike {
        let message = format!("`{name}` is one letter away from `{known}`, and somebody else's");
        return draft(Severity::Critical, Confidence::Medium, message);
    }
    // Other registries have owners of their own, whom only a policy can name.
    if reputation::is_trusted(reference) || reference.registry.is_some() {
        return None;
    }
    let documented = image.row().is_some_and(|row| row.mounts_socket);
    if let Some(power) =
        power(service).filter(|_| !documented && matches!(image.part, ImagePart::Runs | ImagePart::Base))
    {
        let message = format!("`{name}` is published by somebody unknown, and its container {power}");
        return draft(Severity::High, Confidence::Medium, message);
    }
    if let Some(Lookalike::ForeignNamespace(known)) = lookalike {
        let message = format!("`{name}` bears the name of the official image `{known}`, and is another's");
        return draft(Severity::Medium, Confidence::Medium, message);
    }
    if image.row().is_some() {
        return None;
    }
    let severity = if service.role.name == "ci" { Severity::Info } else { Severity::Low };
    draft(severity, Confidence::Low, format!("`{name}` is published by somebody unknown"))
}

/// What makes a container dangerous in strange hands.
fn power(service: ServiceRef<'_, '_>) -> Option<&'static str> {
    if service.privileged.as_ref().is_some_and(|privileged| privileged.value) {
        return Some("runs privileged");
    }
    let mounts = service.host_mounts();
    if mounts.iter().any(|mount| mount.control_socket().is_some()) {
        return Some("holds the socket of the container engine");
    }
    mounts.iter().any(|mount| mount.sensitive().is_some()).then_some("sees files of the host")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/untrusted-image-source";

    fn severity(body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        let found = findings(RULE, &[("compose.yaml", text.as_str())]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (body, want) in [
            ("image: ngnix/nginx:1.28", "critical"),
            ("image: somebody/php:8.4", "medium"),
            ("image: somebody/fast-shop:1.2", "low"),
            ("image: somebody/updater:1.2\n    privileged: true", "high"),
            ("image: somebody/updater:1.2\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]", "high"),
            ("image: php:8.4-fpm", "none"),
            ("image: axllent/mailpit:v1.30.0", "none"),
            ("image: registry.example.net/shop:1", "none"),
            ("image: ghcr.io/acme/shop:1", "none"),
        ] {
            assert_eq!(severity(body), want, "{body}");
        }
    }

    #[test]
    fn what_the_project_builds_is_its_own() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  app:\n    build: .\n    image: acme/php:1\n  worker:\n    image: acme/worker:1\n",
            )],
        );
    }

    #[test]
    fn the_policy_decides() {
        let compose = ("compose.yaml", "services:\n  a:\n    image: acme/fast-shop:1.2\n");
        clean(RULE, &[compose, ("plimsoll.toml", "[policy]\nallowed-publishers = [\"acme\"]\n")]);
        let found = findings(
            RULE,
            &[compose, ("plimsoll.toml", "[policy]\nallowed-registries = [\"registry.example.net\"]\n")],
        );
        assert_eq!(found[0].severity.as_str(), "high");
        clean(
            RULE,
            &[
                ("compose.yaml", "services:\n  a:\n    image: registry.example.net/shop:1\n"),
                ("plimsoll.toml", "[policy]\nallowed-registries = [\"registry.example.net\"]\n"),
            ],
        );
    }

    #[test]
    fn registries_without_tls() {
        let compose = ("compose.yaml", "services:\n  a:\n    image: registry.example.net:5000/shop:1\n");
        let daemon = ("daemon.json", "{\"insecure-registries\": [\"registry.example.net:5000\"]}\n");
        assert_eq!(findings(RULE, &[compose, daemon])[0].severity.as_str(), "high");
        clean(RULE, &[compose]);
    }
}
