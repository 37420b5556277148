//! `supply-chain/vulnerable-composer-package`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{AbandonedPackage, Project, ServiceRef, VulnerablePackage, severity_of};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A package that `composer.lock` pins to a version with known vulnerabilities: by the supplied advisories, by a
    /// report of `composer audit --format=json`, or by the short list of what attackers are known to use. Also a
    /// package that its author has given up (*low*).
    ///
    /// # Why it matters
    /// The advisory tells everybody what to send to which version, and the version is often visible from outside. What
    /// is locked is what ships, whatever the day's newest release is.
    ///
    /// The severity is the one a report gives, else *high*; what attackers use is as bad as that list says, one step
    /// lower where it needs a setting that the files do not show. A package that only `require-dev` asks for is
    /// *medium*, and *low* when the build leaves such packages out. Numbers that `config.audit.ignore` of
    /// `composer.json` names are *info*.
    ///
    /// The list of advisories is FriendsOfPHP's, on the day that the report names. It knows less than GitHub's, so let
    /// `composer audit` run in the pipeline, too.
    ///
    /// # Bad
    /// ```json file:composer.lock
    /// {
    ///   "packages": [
    ///     {"name": "livewire/livewire", "version": "v3.5.0"}
    ///   ],
    ///   "packages-dev": []
    /// }
    /// ```
    ///
    /// # Good
    /// ```json file:composer.lock
    /// {
    ///   "packages": [
    ///     {"name": "livewire/livewire", "version": "v3.6.4"}
    ///   ],
    ///   "packages-dev": []
    /// }
    /// ```
    ///
    /// # How to fix
    /// `composer update vendor/package --with-dependencies` to the first version without it, then the tests, then a
    /// build. Renovate or Dependabot open that change by themselves.
    ///
    /// # References
    /// CIS Docker Benchmark 4.4, NIST SP 800-190 3.1.1 and 4.1.1, CWE-1395, OWASP Top 10 "Vulnerable and Outdated
    /// Components".
    id: "supply-chain/vulnerable-composer-package",
    title: "Locked package has known vulnerabilities",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "An advisory tells everybody what to send to which version, and the locked version is the one that ships.",
    help: "Update the package with its dependencies, run the tests, and build anew.",
    references: ["CIS Docker Benchmark 4.4", "NIST SP 800-190 3.1.1", "NIST SP 800-190 4.1.1", "CWE-1395", "OWASP Top 10 2021 A06"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for folder in project.locked_folders() {
        let services = project.services_of_folder(folder);
        let manifest = project.composer_manifest(folder);
        let ignored = |id: &str| {
            manifest.as_ref().is_some_and(|manifest| manifest.audit_ignore.iter().any(|ignored| ignored.value == id))
        };
        let shipped = services.iter().any(|service| service.ships_dev_packages() != Some(false));
        let unshipped = !services.is_empty() && !shipped;
        for package in project.vulnerable_packages(folder) {
            let draft = vulnerable(&package, severity(&package, &services, unshipped, &ignored));
            on_each(draft, &services, out);
        }
        for package in project.abandoned_packages(folder) {
            on_each(abandoned(&package), &services, out);
        }
        if !project.knows_vulnerable_packages(folder) {
            let lock = if folder.is_empty() { "composer.lock".to_owned() } else { format!("{folder}/composer.lock") };
            out.ask(
                format!("Whether the packages of {lock} have known vulnerabilities"),
                "composer audit --locked --format=json > composer-audit.json",
            );
        }
    }
}

fn severity(
    package: &VulnerablePackage,
    services: &[ServiceRef<'_, '_>],
    unshipped: bool,
    ignored: &dyn Fn(&str) -> bool,
) -> Severity {
    if package.ids.iter().all(|id| ignored(id)) {
        return Severity::Info;
    }
    let known = package.severity.unwrap_or(Severity::High);
    let severity = match package.attacked {
        Some(row) => {
            let met = row.needs.is_none() || services.iter().any(|service| service.holds(row.needs) == Some(true));
            severity_of(row.level).lowered(u8::from(!met)).max(known)
        }
        None => known,
    };
    match (package.dev, unshipped) {
        (false, _) => severity,
        (true, false) => severity.min(Severity::Medium),
        (true, true) => severity.min(Severity::Low),
    }
}

fn vulnerable(package: &VulnerablePackage, severity: Severity) -> Draft {
    let (name, version) = (shorten(&package.name, 80), shorten(&package.version, 40));
    let first = package.ids.first().map_or("", String::as_str);
    let more = match package.ids.len() {
        0 | 1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let title = if package.title.is_empty() { String::new() } else { format!(": {}", shorten(&package.title, 160)) };
    let known = if package.attacked.is_some() { "is known to be attacked" } else { "has known vulnerabilities" };
    let message = format!("{name} {version} {known} ({first}{more}){title}");
    let mut draft = Draft::new(package.at, message).severity(severity).because_of(package.reported, "reported here");
    for basis in &package.based_on {
        draft = draft.based_on(*basis);
    }
    let help = match &package.fixed {
        Some(fixed) => format!(
            "Run `composer update {name} --with-dependencies`: {} is the first version without {}.",
            shorten(fixed, 40),
            if package.ids.len() > 1 { "any of them" } else { "it" }
        ),
        None => format!(
            "Run `composer update {name} --with-dependencies`, or replace the package when no version is without it."
        ),
    };
    draft.help(help)
}

fn abandoned(package: &AbandonedPackage) -> Draft {
    let name = shorten(&package.name, 80);
    let help = match &package.replaced_by {
        Some(other) => format!("Move to {}, which its author names.", shorten(other, 80)),
        None => "Look for a package that is maintained, or take the code over.".to_owned(),
    };
    Draft::new(package.at, format!("{name} has been given up by its author"))
        .severity(if package.dev { Severity::Info } else { Severity::Low })
        .help(help)
        .aspect("abandoned")
}

/// The same fault for every service that runs the application; for none of them when the lock file stands alone.
fn on_each(draft: Draft, services: &[ServiceRef<'_, '_>], out: &mut Findings) {
    if services.is_empty() {
        out.report(draft);
        return;
    }
    for service in services {
        out.report(draft.clone().on(*service));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::rules::testing::{TODAY, clean, findings, sources};

    const ID: &str = "supply-chain/vulnerable-composer-package";

    fn lock(package: &str, dev: bool) -> String {
        let (prod, dev) = if dev { ("", package) } else { (package, "") };
        format!("{{\"packages\": [{prod}], \"packages-dev\": [{dev}]}}\n")
    }

    fn with_pack(files: &[(&str, &str)]) -> Vec<crate::finding::Finding> {
        let mut facts = Facts::default();
        let pack = r#"{"_meta": {"as_of": "2026-11-20"}, "packages": {"acme/shop": [{"id": "CVE-2026-1", "title": "orders of others", "affected": ["<1.2.3"]}]}}"#;
        facts.read("advisories.json", pack).unwrap();
        let sources = sources(files);
        crate::engine::run(&RULE, &Project::with_facts(&sources, TODAY, &facts)).0
    }

    #[test]
    fn what_attackers_use() {
        let of = |package: &str| findings(ID, &[("composer.lock", &lock(package, false))])[0].severity.to_string();
        assert_eq!(of("{\"name\": \"craftcms/cms\", \"version\": \"5.6.1\"}"), "critical");
        // Needs a setting that nothing shows.
        assert_eq!(of("{\"name\": \"symfony/runtime\", \"version\": \"v7.1.6\"}"), "high");
        clean(ID, &[("composer.lock", &lock("{\"name\": \"craftcms/cms\", \"version\": \"dev-main\"}", false))]);
    }

    #[test]
    fn advisories() {
        let package = "{\"name\": \"acme/shop\", \"version\": \"1.1.0\"}";
        let found = with_pack(&[("composer.lock", &lock(package, false))]);
        assert_eq!(found[0].severity.as_str(), "high");
        assert!(found[0].help.contains("1.2.3") && found[0].message.contains("CVE-2026-1"), "{found:?}");
        assert_eq!(found[0].based_on[0].table, "advisories");
        assert_eq!(with_pack(&[("composer.lock", &lock(package, true))])[0].severity.as_str(), "medium");
        let ignoring =
            ("composer.json", "{\"config\": {\"audit\": {\"ignore\": {\"CVE-2026-1\": \"not reachable\"}}}}\n");
        assert_eq!(with_pack(&[ignoring, ("composer.lock", &lock(package, false))])[0].severity.as_str(), "info");
        assert!(
            with_pack(&[("composer.lock", &lock("{\"name\": \"acme/shop\", \"version\": \"1.2.3\"}", false))])
                .is_empty()
        );
    }

    #[test]
    fn what_is_not_shipped_is_low() {
        let package = lock("{\"name\": \"acme/shop\", \"version\": \"1.1.0\"}", true);
        let files = [
            ("composer.json", "{}\n"),
            ("composer.lock", package.as_str()),
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\nRUN composer install --no-dev\n"),
        ];
        assert_eq!(with_pack(&files)[0].severity.as_str(), "low");
    }

    #[test]
    fn reports_of_the_audit_count() {
        let report = "{\"advisories\": {\"acme/shop\": [{\"advisoryId\": \"PKSA-1\", \"packageName\": \"acme/shop\", \"affectedVersions\": \"<1.2\", \"title\": \"orders of others\", \"cve\": \"CVE-2026-9\", \"severity\": \"medium\"}]}, \"abandoned\": []}\n";
        let lock = lock("{\"name\": \"acme/shop\", \"version\": \"1.1.0\"}", false);
        let found = findings(ID, &[("composer.lock", lock.as_str()), ("composer-audit.json", report)]);
        assert_eq!(found.iter().map(|one| one.severity.as_str()).collect::<Vec<_>>(), ["medium"]);
    }

    #[test]
    fn abandoned_packages_are_low() {
        let package = "{\"name\": \"acme/old\", \"version\": \"1.0.0\", \"abandoned\": \"acme/new\"}";
        let found = findings(ID, &[("composer.lock", &lock(package, false))]);
        assert_eq!(found[0].severity.as_str(), "low");
        assert!(found[0].help.contains("acme/new"));
    }

    #[test]
    fn installed_packages_do_not_count() {
        clean(
            ID,
            &[("vendor/acme/x/composer.lock", &lock("{\"name\": \"craftcms/cms\", \"version\": \"5.6.1\"}", false))],
        );
    }
}
