//! `secrets/framework-key-weak-or-leaked`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{FrameworkKey, KeyFault, Project};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A key that a framework signs and encrypts with and that protects nothing: Laravel's `APP_KEY`, Symfony's
    /// `APP_SECRET`, CakePHP's salt, a JWT passphrase, the keys and salts of WordPress, Drupal's `hash_salt`. It is
    /// empty, the value of a template, one repeated character, too short, or the same in production as in development.
    ///
    /// # Why it matters
    /// Who knows the key makes session cookies and signed addresses that the application believes. With Laravel's
    /// `APP_KEY`, data that is unserialized can be forged, which becomes code; with Symfony's `APP_SECRET`,
    /// `/_fragment` calls any controller.
    ///
    /// A known key is *critical*; an empty, short or shared one is *high*. Development is two steps lower. Keys that
    /// come from a default such as `${APP_SECRET:-…}` are another rule's. Worker and web server of one stack need the
    /// same key, and may have it.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     env_file: app.env
    /// ```
    /// ```env file:app.env
    /// APP_SECRET=ThisTokenIsNotSoSecretChangeIt
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       APP_SECRET_FILE: /run/secrets/app_secret
    ///     secrets: [app_secret]
    /// secrets:
    ///   app_secret: { file: ./secrets/app_secret }
    /// ```
    ///
    /// # How to fix
    /// Make a new key for each deployment: `php artisan key:generate --show`, `openssl rand -hex 32` for Symfony, new
    /// salts for WordPress. Laravel takes the old one in `APP_PREVIOUS_KEYS` for a while; elsewhere people have to log
    /// in again. Hand it over when the container starts.
    ///
    /// # References
    /// CWE-321, CWE-798, CWE-1392, CVE-2018-15133, Laravel's documentation "Gracefully rotating encryption keys".
    id: "secrets/framework-key-weak-or-leaked",
    title: "Key of the framework protects nothing",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Described,
    why: "Who knows the key forges session cookies and signed addresses, and with serialized data runs code in the application.",
    help: "Make a new random key for each deployment, and hand it over when the container starts.",
    references: ["CWE-321", "CWE-798", "CWE-1392", "CVE-2018-15133", "Laravel: Gracefully rotating encryption keys"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for key in service.weak_framework_keys() {
            out.report(weak(&key, &format!(" of `{}`", service.name)).on(service));
        }
    }
    for key in project.weak_configured_keys() {
        out.report(weak(&key, ""));
    }
    for shared in project.shared_framework_keys() {
        let message = format!(
            "`{}` has the same value here as in the deployment `{}`",
            shorten(&shared.key, 60),
            shorten(&shared.other_view, 40)
        );
        out.report(
            Draft::new(shared.at, message)
                .severity(Severity::High)
                .because(shared.other_at, "the same value stands here"),
        );
    }
}

fn weak(key: &FrameworkKey, of: &str) -> Draft {
    let (severity, what) = match key.fault {
        KeyFault::Empty => (Severity::High, "is empty"),
        KeyFault::Known => (Severity::Critical, "has a value that everybody knows"),
        KeyFault::Short => (Severity::High, "is too short"),
    };
    Draft::new(key.at, format!("`{}`{of} {what}", shorten(&key.key, 60))).severity(severity).confidence(key.confidence)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/framework-key-weak-or-leaked";

    fn severity(name: &str, environment: &str) -> String {
        let text =
            format!("services:\n  app:\n    image: registry.example.net/shop:1\n    environment: {{{environment}}}\n");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn in_the_environment() {
        let long = "0a1b2c3d".repeat(4);
        assert_eq!(severity("compose.yaml", "APP_SECRET: ThisTokenIsNotSoSecretChangeIt"), "critical");
        assert_eq!(severity("compose.yaml", &format!("APP_KEY: \"base64:{}=\"", "A".repeat(43))), "critical");
        assert_eq!(severity("compose.yaml", "APP_KEY: \"\""), "high");
        assert_eq!(severity("compose.yaml", "APP_SECRET: abc123def456"), "high");
        assert_eq!(severity("compose.dev.yaml", "APP_KEY: \"\""), "low");
        assert_eq!(severity("compose.yaml", &format!("APP_SECRET: {long}")), "none");
        assert_eq!(severity("compose.yaml", "APP_SECRET: \"${APP_SECRET}\""), "none");
        assert_eq!(severity("compose.yaml", "APP_SECRET: \"${APP_SECRET:-ThisTokenIsNotSoSecretChangeIt}\""), "none");
    }

    #[test]
    fn in_files_of_the_application() {
        let wordpress = |value: &str| format!("<?php\ndefine('AUTH_KEY', '{value}');\n");
        assert_eq!(
            findings(RULE, &[("wp-config.php", &wordpress("put your unique phrase here"))])[0].severity.as_str(),
            "critical"
        );
        clean(RULE, &[("wp-config.php", &wordpress("q8#Zk2!vR7mL0xTy"))]);
        clean(RULE, &[(".env.testing", "APP_KEY=\n"), ("artisan", "#!/usr/bin/env php\n")]);
    }

    #[test]
    fn shared_between_deployments() {
        let service =
            |key: &str| format!("services:\n  app:\n    image: a:1\n    environment: {{APP_SECRET: {key}}}\n");
        let (one, two) = ("0a1b2c3d".repeat(4), "4d3c2b1a".repeat(4));
        let files = |dev: &str| {
            [("compose.prod.yaml".to_owned(), service(&one)), ("compose.dev.yaml".to_owned(), service(dev))]
        };
        let found = |dev: &str| {
            let files = files(dev);
            let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            findings(RULE, &borrowed).len()
        };
        assert_eq!((found(&one), found(&two)), (1, 0));
    }

    #[test]
    fn a_worker_needs_the_same_key() {
        let key = "0a1b2c3d".repeat(4);
        let text = format!(
            "services:\n  app:\n    image: a:1\n    environment: {{APP_SECRET: {key}}}\n  worker:\n    image: a:1\n    environment: {{APP_SECRET: {key}}}\n"
        );
        clean(RULE, &[("compose.prod.yaml", &text)]);
    }
}
