//! `drift/packages-installed-at-runtime`

use crate::declare_rule;
use crate::facts::drift::DriftClass;
use crate::finding::Severity;
use crate::project::{Drift, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// `docker diff` shows that a package manager has worked inside a running container: the databases of dpkg, apk or rpm were
    /// changed, or PHP extensions, Composer's `installed.json`, `node_modules` or Python packages.
    ///
    /// # Why it matters
    /// What is installed this way was never scanned, has no fixed version and is gone after the next deployment, so that the
    /// container works by accident. Intruders do the same: they fetch a compiler, `curl` or a scanner first.
    ///
    /// When only the lists of available packages are new, `apt-get update` was run and it is *low*.
    ///
    /// # Bad
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /var
    /// C /var/lib
    /// C /var/lib/dpkg
    /// C /var/lib/dpkg/status
    /// C /var/lib/dpkg/info
    /// A /var/lib/dpkg/info/imagemagick.list
    /// ```
    ///
    /// # Good
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.3","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /run
    /// A /run/php-fpm.pid
    /// ```
    ///
    /// # How to fix
    /// Add the packages to the Dockerfile with their versions, build, scan and replace the container. If nobody installed them,
    /// treat it as an incident.
    ///
    /// # References
    /// CIS Docker Benchmark 4.3, NIST SP 800-190 4.4.3.
    id: "drift/packages-installed-at-runtime",
    title: "Packages were installed in a running container",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Packages installed in a running container are unscanned and unpinned and vanish with the next deployment; they may also be an intruder's tools.",
    help: "Add the packages to the Dockerfile, rebuild and replace the container.",
    references: ["CIS Docker Benchmark 4.3", "NIST SP 800-190 4.4.3"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.running_services() {
        for drift in service.drifts() {
            if drift.of(DriftClass::Packages).next().is_some() {
                out.report(installed(service, &drift));
            } else if let Some(lists) = drift.of(DriftClass::PackageLists).next() {
                let message = format!("`apt-get update` was run in the running `{}`", service.name);
                let help = "Nothing was installed as far as `docker diff` tells; find out who looked for packages, and replace the container.";
                out.report(Draft::new(lists.at, message).severity(Severity::Low).help(help).on(service));
            }
        }
    }
}

fn installed(service: ServiceRef<'_, '_>, drift: &Drift<'_>) -> Draft {
    let changes: Vec<_> = drift.of(DriftClass::Packages).collect();
    let at = changes.first().map_or(drift.at, |change| change.at);
    let packages = drift.packages();
    let named: Vec<&str> = packages.iter().take(6).map(String::as_str).collect();
    let more = packages.len().saturating_sub(named.len());
    let what = match (named.is_empty(), more) {
        (true, _) => {
            let path = changes.first().map_or("", |change| change.change.path.as_str());
            format!("{} was changed", shorten(path, 80))
        }
        (false, 0) => shorten(&list(&named), 120),
        (false, more) => format!("{} and {more} more", shorten(&named.join(", "), 120)),
    };
    let mut draft = Draft::new(at, format!("packages were installed in the running `{}`: {what}", service.name));
    for change in changes.iter().skip(1).take(4) {
        draft = draft.because(change.at, "this belongs to the installation too");
    }
    draft.on(service)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/packages-installed-at-runtime";
    const PS: &str = r#"{"ID":"0123456789ab","Names":"shop-app-1","Image":"shop","Status":"Up 1 day"}"#;

    fn said(diff: &str) -> Vec<(String, String)> {
        let diff = format!("### shop-app-1\n{diff}");
        let found = findings(RULE, &[("ps.json", PS), ("diff.txt", &diff)]);
        found.into_iter().map(|finding| (finding.severity.to_string(), finding.message)).collect()
    }

    #[test]
    fn databases_of_packages() {
        for diff in [
            "C /var/lib/dpkg/status\n",
            "C /lib/apk/db/installed\n",
            "A /usr/local/lib/php/extensions/no-debug-non-zts-20240924/redis.so\n",
            "C /app/vendor/composer/installed.json\n",
        ] {
            let found = said(diff);
            assert_eq!(found.len(), 1, "{diff}");
            assert_eq!(found[0].0, "high", "{diff}");
        }
    }

    #[test]
    fn packages_are_named() {
        let found = said("C /var/lib/dpkg/status\nA /var/lib/dpkg/info/vim.list\nA /var/lib/dpkg/info/nmap.list\n");
        assert!(found[0].1.ends_with("nmap and vim"), "{found:?}");
    }

    #[test]
    fn lists_alone_are_low() {
        let found = said("A /var/lib/apt/lists/deb.debian.org_debian_dists_trixie_InRelease\n");
        assert_eq!(found[0].0, "low");
    }

    #[test]
    fn other_changes_and_mounted_dependencies_are_none() {
        clean(RULE, &[("ps.json", PS), ("diff.txt", "### shop-app-1\nC /etc/passwd\n")]);
    }
}
