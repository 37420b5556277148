//! `isolation/confinement-disabled`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::compose::SecurityOpt;
use crate::project::{Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// `security_opt` that switches a layer of the kernel's confinement off: `seccomp:unconfined`,
    /// `apparmor:unconfined`, `label:disable` (SELinux), `systempaths=unconfined`. The same in a daemon's
    /// `daemon.json`, and a container that runs without its AppArmor profile on a host that has AppArmor.
    ///
    /// # Why it matters
    /// Docker's seccomp profile refuses some forty system calls that applications do not use and exploits do. AppArmor
    /// and SELinux keep a container from mounting file systems and from writing to the kernel's files. These layers
    /// hold when a program has a hole, and each of these options takes one of them away.
    ///
    /// It is *high*. `label:disable` does nothing on a host without SELinux: *low* where the daemon is known to have
    /// none, *medium* where the daemon is not known. A development view is two steps lower. A profile of your own is no
    /// finding.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     security_opt:
    ///       - no-new-privileges:true
    ///       - seccomp:unconfined
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     security_opt:
    ///       - no-new-privileges:true
    ///   pdf:
    ///     image: gotenberg/gotenberg:8.36.0
    ///     security_opt:
    ///       - seccomp=./chrome.json
    /// ```
    ///
    /// # How to fix
    /// Remove the option. A program that needs one more system call, such as a browser with its own sandbox, gets a
    /// profile of its own: Docker's default with that call added, as `seccomp=./chrome.json`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.2, 5.3 and 5.22, OWASP Docker Security Cheat Sheet rule 6, CWE-693, Docker documentation
    /// "Seccomp security profiles for Docker".
    id: "isolation/confinement-disabled",
    title: "The kernel's confinement is switched off",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Seccomp, AppArmor and SELinux are the layers that stop an escape from a container when a program has a hole; this switches one of them off.",
    help: "Remove the option; a program that needs one more system call gets a seccomp profile of its own.",
    references: ["CIS Docker Benchmark 5.2", "CIS Docker Benchmark 5.3", "CIS Docker Benchmark 5.22", "OWASP Docker Security Cheat Sheet rule 6", "NIST SP 800-190 3.4.3", "NIST SP 800-190 4.4.3", "CWE-693"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let daemon = project.inventory.daemon.as_ref();
    if let Some(profile) = daemon.and_then(|daemon| daemon.setting("seccomp-profile"))
        && profile.value == "unconfined"
    {
        out.report(Draft::new(profile.at, "the daemon runs every container without a seccomp profile"));
    }
    for service in project.services() {
        let off = |option: &&SecurityOpt| option.is_unconfined() && option.text.is_known();
        for option in service.security_opt.iter().filter(off) {
            out.report(switched_off(service, option));
        }
        let confined = daemon.is_some_and(|daemon| daemon.has_security("apparmor") == Some(true));
        let said = service.security_opt.iter().any(|option| option.name == "apparmor") || service.is_privileged();
        let profile = service.container().and_then(|container| container.details.as_ref()?.apparmor.as_ref());
        if let Some(profile) = profile.filter(|profile| confined && !said && profile.value == "unconfined") {
            let message = format!("`{}` runs without an AppArmor profile on a host that has AppArmor", service.name);
            out.report(Draft::new(profile.at, message).on(service));
        }
    }
}

fn switched_off(service: ServiceRef<'_, '_>, option: &SecurityOpt) -> Draft {
    let project = service.project();
    let what = match option.name.as_str() {
        "seccomp" => "may make every system call",
        "apparmor" => "runs without an AppArmor profile",
        "label" => "runs without SELinux's separation",
        _ => "sees the kernel's files that are hidden otherwise",
    };
    let text = shorten(&option.text.text, 60);
    let mut draft = Draft::new(option.text.at, format!("`{}` {what} (`{text}`)", service.name)).on(service);
    if option.name == "label" {
        let daemon = project.inventory.daemon.as_ref();
        draft = match daemon.and_then(|daemon| daemon.has_security("selinux")) {
            Some(true) => draft,
            Some(false) => draft.severity(Severity::Low),
            None => draft.severity(Severity::Medium),
        };
    }
    // These are documented with the option and may not start without it.
    let safety = match service.role.name {
        "processor" => {
            draft = draft.help("A browser needs a seccomp profile that allows its sandbox, not none: ship one as `seccomp=./chrome.json`.");
            Safety::Suggested
        }
        "dind" | "ci" | "build" | "socket-proxy" => Safety::Suggested,
        _ => Safety::Safe,
    };
    draft.fix(project.remove(safety, format!("Remove `{text}`"), option.text.at))
}

#[cfg(test)]
mod tests {
    use crate::fix::Safety;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/confinement-disabled";

    fn severity(name: &str, option: &str) -> String {
        let text = format!("services:\n  a:\n    image: x:1\n    security_opt: [\"{option}\"]\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_layer() {
        for (option, want) in [
            ("seccomp:unconfined", "high"),
            ("seccomp=unconfined", "high"),
            ("apparmor=unconfined", "high"),
            ("systempaths=unconfined", "high"),
            ("label:disable", "medium"),
            ("label=disable", "medium"),
            ("label:type:app_t", "none"),
            ("seccomp=./chrome.json", "none"),
            ("apparmor=docker-default", "none"),
            ("no-new-privileges:true", "none"),
            ("seccomp=${PROFILE}", "none"),
        ] {
            assert_eq!(severity("compose.yaml", option), want, "{option}");
        }
        assert_eq!(severity("compose.dev.yaml", "seccomp:unconfined"), "low");
    }

    #[test]
    fn labels_matter_where_selinux_is() {
        let text = "services:\n  a:\n    image: x:1\n    security_opt: [\"label:disable\"]\n";
        let with = |options: &str| {
            let info = format!(
                "### docker info --format '{{{{json .}}}}'\n{{\"ID\":\"x\",\"Containers\":1,\"ServerVersion\":\"29.0.1\",\"SecurityOptions\":[{options}]}}\n"
            );
            findings(RULE, &[("compose.yaml", text), ("inventory/docker.txt", &info)])[0].severity.to_string()
        };
        assert_eq!(with("\"name=selinux\""), "high");
        assert_eq!(with("\"name=apparmor\""), "low");
    }

    #[test]
    fn the_daemon_counts() {
        assert_eq!(findings(RULE, &[("daemon.json", "{\"seccomp-profile\": \"unconfined\"}")]).len(), 1);
        clean(RULE, &[("daemon.json", "{\"seccomp-profile\": \"/etc/docker/seccomp.json\"}")]);
    }

    #[test]
    fn a_browser_is_not_broken() {
        let text = "services:\n  a:\n    image: gotenberg/gotenberg:8\n    security_opt: [\"seccomp:unconfined\"]\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found[0].fixes[0].safety, Safety::Suggested);
    }
}
