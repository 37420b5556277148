//! `supply-chain/composer-insecure-config`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::composer::{AllowPlugins, Manifest, Repository};
use crate::project::{Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Settings of `composer.json`, or of `composer config` in a build, that switch off what protects a download:
    /// `secure-http` off, `disable-tls`, repositories over `http://` or `git://`, plug-ins of every package allowed,
    /// advisories ignored as a whole or no longer blocking, production requirements on branches or on any version.
    ///
    /// # Why it matters
    /// Composer writes the code that the application is made of. Without TLS anybody on the way writes it; with every
    /// plug-in allowed, the smallest dependency runs code during each install; a branch is whatever its owner pushed
    /// last.
    ///
    /// Downloads that can be changed on the way are *high*; plug-ins and advisories *medium*; stability and branches
    /// *low*. Not reported: private repositories over HTTPS or SSH, paths, requirements of `require-dev`, PHP and its
    /// extensions.
    ///
    /// # Bad
    /// ```json file:composer.json
    /// {
    ///   "require": {"php": "^8.4"},
    ///   "config": {"secure-http": false}
    /// }
    /// ```
    ///
    /// # Good
    /// ```json file:composer.json
    /// {
    ///   "require": {"php": "^8.4"},
    ///   "config": {"allow-plugins": {"symfony/flex": true}}
    /// }
    /// ```
    ///
    /// # How to fix
    /// Delete the setting: every one of these has a safe default. Give an internal repository a certificate, and tell
    /// Composer its authority with `cafile`. Name the plug-ins that may run. Require a range of releases instead of a
    /// branch.
    ///
    /// # References
    /// CWE-295, CWE-319, CWE-494, Composer documentation "Config": `secure-http`, `disable-tls`, `allow-plugins`,
    /// `audit`.
    id: "supply-chain/composer-insecure-config",
    title: "Composer is told not to check what it downloads",
    severity: High,
    lowered_in_development: 1,
    fixes: Safe,
    why: "Composer writes the code that the application is made of, and these settings let others write it.",
    help: "Delete the setting: its default is safe.",
    references: ["CWE-295", "CWE-319", "CWE-494", "CWE-829", "Composer, Config: secure-http, disable-tls, allow-plugins, audit"],
}

/// Switches, the value that is unsafe, and what it means.
const SWITCHES: [(&str, bool, Severity, &str); 5] = [
    ("secure-http", false, Severity::High, "packages may be downloaded over plain HTTP"),
    ("disable-tls", true, Severity::High, "nothing is downloaded over TLS"),
    ("audit.block-insecure", false, Severity::Medium, "versions with known vulnerabilities may be installed"),
    ("policy.advisories.block", false, Severity::Medium, "versions with known vulnerabilities may be installed"),
    ("policy.malware.block", false, Severity::Medium, "packages that are known to be malware may be installed"),
];

fn check(project: &Project<'_>, out: &mut Findings) {
    for folder in project.manifest_folders() {
        let Some(manifest) = project.composer_manifest(folder) else { continue };
        let services = project.services_of_folder(folder);
        for draft in of_manifest(&manifest) {
            if services.is_empty() {
                out.report(draft);
            } else {
                services.iter().for_each(|service| out.report(draft.clone().on(*service)));
            }
        }
    }
    for service in project.declared_services() {
        of_build(service, out);
    }
}

fn of_manifest(manifest: &Manifest) -> Vec<Draft> {
    let mut found = Vec::new();
    for (key, unsafe_value, severity, meaning) in SWITCHES {
        if let Some(switch) = manifest.switch(key).filter(|switch| switch.value == unsafe_value) {
            let draft = Draft::new(switch.at, format!("`{key}` is {unsafe_value}: {meaning}")).severity(severity);
            found.push(draft.fix(set(switch.at, &format!("Set `{key}` to its default"), &(!unsafe_value).to_string())));
        }
    }
    found.extend(manifest.repositories.iter().filter(|repository| repository.is_plain_text()).map(plain));
    if let Some(AllowPlugins::All(all)) =
        manifest.allow_plugins.as_ref().filter(|allowed| matches!(allowed, AllowPlugins::All(all) if all.value))
    {
        let message = "plug-ins of every package may run during an install";
        found.push(
            Draft::new(all.at, message)
                .severity(Severity::Medium)
                .help("Name the plug-ins that may run in `allow-plugins`."),
        );
    }
    if let Some(ignored) = manifest.audit_ignore.iter().find(|ignored| ignored.value == "*") {
        let message = "every advisory is ignored by `composer audit`";
        found.push(
            Draft::new(ignored.at, message)
                .severity(Severity::Medium)
                .help("Name the advisories that do not concern the application, each with a reason."),
        );
    }
    let unstable = manifest.minimum_stability.as_ref().filter(|stability| stability.value == "dev");
    let stable = manifest.prefer_stable.as_ref().is_some_and(|prefer| prefer.value);
    if let Some(stability) = unstable.filter(|_| !stable) {
        let message = "every package may come from a branch: `minimum-stability` is dev";
        found.push(
            Draft::new(stability.at, message)
                .severity(Severity::Low)
                .help("Add `\"prefer-stable\": true`, or delete `minimum-stability`."),
        );
    }
    for required in manifest.loose_requirements() {
        let constraint = shorten(&required.constraint.value, 40);
        let message = format!("{} may be any version: `{constraint}`", shorten(&required.package, 80));
        found.push(
            Draft::new(required.constraint.at, message)
                .severity(Severity::Low)
                .help("Require a range of releases, such as `^2.1`."),
        );
    }
    found
}

fn plain(repository: &Repository) -> Draft {
    let url = repository.url.as_ref();
    let address = url.map_or("", |url| url.value.as_str());
    let message =
        format!("packages come from {} without encryption", shorten(&crate::facts::mask::masked(address), 100));
    let draft = Draft::new(url.map_or(repository.at, |url| url.at), message).aspect("plain");
    let secure = address.strip_prefix("http://").filter(|rest| !rest.contains(['"', '\\']));
    let fix = url.zip(secure).map(|(url, rest)| {
        Fix::new(Safety::Suggested, "Use HTTPS; the server has to answer there").replace(
            url.at.source,
            url.at.span,
            format!("\"https://{rest}\""),
        )
    });
    draft.fix(fix).help("Use `https://` or `ssh://`.")
}

fn set(at: Location, title: &str, value: &str) -> Fix {
    Fix::new(Safety::Safe, title).replace(at.source, at.span, value)
}

fn of_build(service: ServiceRef<'_, '_>, out: &mut Findings) {
    for run in service.composer_runs() {
        let written = run.configures().and_then(|(key, value)| {
            let switch =
                SWITCHES.iter().find(|(name, unsafe_value, ..)| *name == key && unsafe_value.to_string() == value);
            switch.map(|(name, _, severity, meaning)| (*name, *severity, *meaning))
        });
        if let Some((key, severity, meaning)) = written {
            let message = format!("the build of `{}` sets `{key}`: {meaning}", service.name);
            out.report(Draft::new(run.at, message).severity(severity).on(service).help("Delete the command."));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/composer-insecure-config";

    fn said(json: &str) -> Vec<String> {
        findings(RULE, &[("composer.json", json)]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        for (json, want) in [
            ("{\"config\": {\"secure-http\": false}}", "high"),
            ("{\"config\": {\"disable-tls\": true}}", "high"),
            ("{\"repositories\": [{\"type\": \"composer\", \"url\": \"http://packages.example.net\"}]}", "high"),
            ("{\"repositories\": [{\"type\": \"vcs\", \"url\": \"git://example.net/a.git\"}]}", "high"),
            ("{\"config\": {\"allow-plugins\": true}}", "medium"),
            ("{\"config\": {\"audit\": {\"ignore\": [\"*\"]}}}", "medium"),
            ("{\"config\": {\"audit\": {\"block-insecure\": false}}}", "medium"),
            ("{\"minimum-stability\": \"dev\"}", "low"),
            ("{\"require\": {\"acme/shop\": \"dev-main\"}}", "low"),
            ("{\"require\": {\"acme/shop\": \"*\"}}", "low"),
        ] {
            assert_eq!(said(json), [want], "{json}");
        }
    }

    #[test]
    fn guards() {
        for json in [
            "{\"config\": {\"secure-http\": true, \"allow-plugins\": {\"symfony/flex\": true}}}",
            "{\"config\": {\"allow-plugins\": false, \"audit\": {\"ignore\": [\"CVE-2026-1\"]}}}",
            "{\"repositories\": [{\"type\": \"path\", \"url\": \"../lib\"}, {\"type\": \"vcs\", \"url\": \"git@example.net:a.git\"}]}",
            "{\"minimum-stability\": \"dev\", \"prefer-stable\": true}",
            "{\"require\": {\"php\": \"*\", \"ext-gd\": \"*\", \"acme/shop\": \"^1.2\"}}",
            "{\"require-dev\": {\"acme/shop\": \"dev-main\"}}",
        ] {
            assert_eq!(said(json), Vec::<String>::new(), "{json}");
        }
        clean(RULE, &[("vendor/acme/x/composer.json", "{\"config\": {\"secure-http\": false}}\n")]);
    }

    #[test]
    fn commands_of_a_build() {
        let text = "FROM php:8.4-fpm\nRUN composer config -g secure-http false\n";
        assert_eq!(findings(RULE, &[("Dockerfile", text)])[0].severity.as_str(), "high");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nRUN composer config -g process-timeout 600\n")]);
    }
}
