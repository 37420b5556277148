//! `application/wordpress-hardening-missing`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{Project, ServiceRef, WordpressConfig};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A WordPress whose administrators may change code in the browser: neither `DISALLOW_FILE_EDIT` nor `DISALLOW_FILE_MODS` is true
    /// in `wp-config.php` or in `WORDPRESS_CONFIG_EXTRA`. Also a debug log below `wp-content`, and a
    /// `WORDPRESS_CONFIG_EXTRA` that is put together from variables.
    ///
    /// # Why it matters
    /// With a stolen session of an administrator the theme editor turns into a shell: one saved file runs as PHP on the server. The
    /// debug log is served to everybody as `/wp-content/debug.log`. And the official image runs the text of
    /// `WORDPRESS_CONFIG_EXTRA` as PHP, so a variable inside it is code.
    ///
    /// Missing constants are *medium*, and *low* where the file system is read-only; the other two are *low*.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   wordpress:
    ///     image: wordpress:6.8.3-php8.4-apache
    ///     environment:
    ///       WORDPRESS_DB_HOST: db
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   wordpress:
    ///     image: wordpress:6.8.3-php8.4-apache
    ///     environment:
    ///       WORDPRESS_DB_HOST: db
    ///       WORDPRESS_CONFIG_EXTRA: |
    ///         define('DISALLOW_FILE_MODS', true);
    /// ```
    ///
    /// # How to fix
    /// `DISALLOW_FILE_EDIT` closes the editors. Where plug-ins and themes are part of the image, `DISALLOW_FILE_MODS` also forbids
    /// installing and updating them in the browser; then the image has to be rebuilt for each update.
    ///
    /// # References
    /// WordPress documentation "Hardening WordPress", section on file editing, CWE-434, CWE-276.
    id: "application/wordpress-hardening-missing",
    title: "WordPress lets administrators edit code",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A stolen administrator session becomes PHP code on the server through the theme and plug-in editors.",
    help: "Define `DISALLOW_FILE_EDIT`, or `DISALLOW_FILE_MODS` where plug-ins and themes are part of the image, as true.",
    references: ["WordPress documentation \"Hardening WordPress\"", "CWE-434", "CWE-276"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_running() && service.role.name != "php-cli") {
        let Some(config) = service.wordpress_config() else { continue };
        if service.wordpress_extra_is_open() {
            out.ask(
                format!(
                    "Does `{}` forbid editing code in the browser? WORDPRESS_CONFIG_EXTRA has no value here",
                    service.name
                ),
                "supply the environment file that sets it",
            );
        } else if !forbids_editing(service) {
            out.report(editing(service, config));
        }
        out.drafts.extend(debug_log(service));
        out.drafts.extend(put_together(service));
    }
}

/// Whether one of the constants is true, or may be: a value that is computed is not known.
fn forbids_editing(service: ServiceRef<'_, '_>) -> bool {
    let own = ["DISALLOW_FILE_EDIT", "DISALLOW_FILE_MODS"]
        .into_iter()
        .any(|name| service.wordpress_constant(name).is_some_and(|constant| constant.truth() != Some(false)));
    // Bedrock and others define it in files that wp-config.php takes in.
    own || service.project().php_configs().any(|(_, config)| config.constant("DISALLOW_FILE_MODS").is_some())
}

fn editing(service: ServiceRef<'_, '_>, config: WordpressConfig) -> Draft {
    let at = match config {
        WordpressConfig::File(at) | WordpressConfig::Extra(at) => at,
        WordpressConfig::Image => service.at,
    };
    let message = format!("administrators of WordPress in `{}` may edit code in the browser", service.name);
    let mut draft = Draft::new(at, message).aspect("editing").on(service);
    if let Some(read_only) = service.read_only.as_ref().filter(|read_only| read_only.value) {
        draft = draft.severity(Severity::Low).because(read_only.at, "the file system is read-only");
    }
    let direct = service.wordpress_constant("FS_METHOD").filter(|method| method.value.text() == Some("direct"));
    draft = draft
        .because_of(direct.map(|method| method.at), "and WordPress writes to its own files without asking for a login");
    draft.fix(if config == WordpressConfig::Image { fix(service) } else { None })
}

/// Sets the variable that the official image adds to its configuration.
fn fix(service: ServiceRef<'_, '_>) -> Option<Fix> {
    const TITLE: &str = "Forbid editing code in the browser";
    const KEY: &str = "WORDPRESS_CONFIG_EXTRA";
    const VALUE: &str = "define('DISALLOW_FILE_EDIT', true);";
    let project = service.project();
    match service.node.get("environment") {
        Some(environment) if !environment.entries().is_empty() => {
            project.insert_key(Safety::Safe, TITLE, environment, KEY, &format!("\"{VALUE}\""))
        }
        Some(_) => service.add_to_list(Safety::Safe, TITLE, "environment", &format!("{KEY}={VALUE}")),
        None => service.add_key(Safety::Safe, TITLE, "environment", &format!("\n  {KEY}: \"{VALUE}\"")),
    }
}

fn debug_log(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let log = service
        .wordpress_constant("WP_DEBUG_LOG")
        .filter(|log| log.truth() == Some(true) && log.value.text().is_none())?;
    let message =
        format!("WordPress of `{}` writes its debug log to wp-content/debug.log, which is served", service.name);
    let help = "Set `WP_DEBUG_LOG` to a path outside of the document root, such as `/dev/stderr`.";
    Some(Draft::new(log.at, message).severity(Severity::Low).help(help).aspect("log").on(service))
}

fn put_together(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let value = service.wordpress_extra()?.value.as_ref().filter(|value| !value.variables.is_empty())?;
    let message = format!("WORDPRESS_CONFIG_EXTRA of `{}` is run as PHP and put together from variables", service.name);
    let help = "Read the variable in PHP instead: `define('WP_HOME', getenv_docker('WP_HOME', ''));`.";
    let draft = Draft::new(value.at, message).severity(Severity::Low).confidence(Confidence::Medium);
    Some(draft.help(help).aspect("variables").on(service))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/wordpress-hardening-missing";

    fn with(extra: &str, more: &str) -> String {
        format!(
            "services:\n  wp:\n    image: wordpress:6\n    environment:\n      WORDPRESS_CONFIG_EXTRA: |\n        {extra}\n{more}"
        )
    }

    fn severities(compose: &str) -> Vec<String> {
        findings(RULE, &[("compose.yaml", compose)]).into_iter().map(|one| one.severity.to_string()).collect()
    }

    #[test]
    fn the_fix_fits_every_form() {
        for environment in
            ["", "    environment: {WORDPRESS_DB_HOST: db}\n", "    environment:\n      - WORDPRESS_DB_HOST=db\n"]
        {
            let compose = format!("services:\n  wp:\n    image: wordpress:6\n{environment}");
            let found = findings(RULE, &[("compose.yaml", &compose)]);
            assert_eq!(found.len(), 1, "{environment}");
            assert_eq!(found[0].fixes.len(), 1, "{environment}");
        }
    }

    #[test]
    fn direct_writing_is_evidence() {
        let found = findings(RULE, &[("compose.yaml", &with("define('FS_METHOD', 'direct');", ""))]);
        assert!(found[0].related.iter().any(|related| related.label.contains("its own files")));
    }

    #[test]
    fn either_constant_is_enough() {
        clean(RULE, &[("compose.yaml", &with("define('DISALLOW_FILE_EDIT', true);", ""))]);
        clean(RULE, &[("compose.yaml", &with("define('DISALLOW_FILE_MODS', true);", ""))]);
        assert_eq!(severities(&with("define('DISALLOW_FILE_EDIT', false);", "")), ["medium"]);
    }

    #[test]
    fn a_read_only_file_system_is_lower() {
        assert_eq!(severities(&with("define('WP_CACHE', true);", "    read_only: true\n")), ["low"]);
    }

    #[test]
    fn the_debug_log_and_variables() {
        assert_eq!(severities(&with("define('DISALLOW_FILE_EDIT', true); define('WP_DEBUG_LOG', true);", "")), ["low"]);
        clean(
            RULE,
            &[(
                "compose.yaml",
                &with("define('DISALLOW_FILE_EDIT', true); define('WP_DEBUG_LOG', '/dev/stderr');", ""),
            )],
        );
        assert_eq!(
            severities(&with("define('DISALLOW_FILE_EDIT', true); define('WP_HOME', '${HOME_URL:-x}');", "")),
            ["low"]
        );
    }

    #[test]
    fn bedrock_and_tools_are_none() {
        let compose = "services:\n  wp:\n    image: wordpress:6\n";
        let bedrock = "<?php\nConfig::define('DISALLOW_FILE_MODS', true);\n";
        clean(RULE, &[("compose.yaml", compose), ("config/application.php", bedrock)]);
        clean(RULE, &[("compose.yaml", "services:\n  cli:\n    image: wordpress:cli\n")]);
    }
}
