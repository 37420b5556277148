//! `isolation/no-new-privileges-missing`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A service without `no-new-privileges` in `security_opt`, where the daemon's own settings do not switch it on
    /// either.
    ///
    /// # Why it matters
    /// A program with the setuid bit, such as `su`, `mount` or `sudo`, runs as root whoever starts it. Images are full
    /// of them. With `no-new-privileges` the kernel ignores the bit, and code that broke in as `www-data` stays
    /// `www-data`.
    ///
    /// Entrypoints that give root up with `gosu`, `su-exec` or `setpriv` work as before: they lose rights and gain
    /// none. An image without any other program (`scratch`, distroless) is *low*, a development view *info*. A
    /// container that starts with `sudo` is reported without a fix: it would not start any more. Privileged containers
    /// have a rule of their own; jobs that prepare something and end, and a Dockerfile without a service, are not
    /// asked. Services that take their settings from one mapping are one finding.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     user: www-data
    ///     cap_drop: [ALL]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     user: www-data
    ///     cap_drop: [ALL]
    ///     security_opt: ["no-new-privileges:true"]
    /// ```
    ///
    /// # How to fix
    /// Add `security_opt: ["no-new-privileges:true"]`, or `"no-new-privileges": true` to the daemon's `daemon.json` for
    /// every container of the host. An image that needs `sudo` to start is mended first: let `USER` name the user and
    /// start the program itself.
    ///
    /// # References
    /// CIS Docker Benchmark 5.26 and 2.14, OWASP Docker Security Cheat Sheet rule 4, CWE-269.
    id: "isolation/no-new-privileges-missing",
    title: "Processes may gain privileges",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Without it a setuid program in the image makes root of whoever runs it, so a break-in as www-data need not stay one.",
    help: "Add `no-new-privileges:true` to `security_opt`.",
    references: ["CIS Docker Benchmark 5.26", "CIS Docker Benchmark 2.14", "OWASP Docker Security Cheat Sheet rule 4", "NIST SP 800-190 4.4.3", "CWE-269"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    if project.daemon_switch("no-new-privileges").is_some() {
        return;
    }
    for service in project.lasting_services().into_iter().filter(|service| !service.is_privileged()) {
        if service.security_opt.iter().any(|option| option.is_no_new_privileges() || !option.text.is_known()) {
            continue;
        }
        out.report(found(service));
    }
}

fn found(service: ServiceRef<'_, '_>) -> Draft {
    let message = format!("processes of `{}` may gain privileges: nothing sets no-new-privileges", service.name);
    let mut draft = Draft::new(service.settings_home(), message).on(service);
    if service.has_bare_image() {
        draft = draft.severity(Severity::Low);
    }
    let user = service.effective_user();
    if user.privilege == Privilege::Sudo {
        return draft
            .because(user.at, "it becomes root with sudo")
            .help("Start the program without `sudo` first, then add `no-new-privileges:true` to `security_opt`.");
    }
    let title = "Set no-new-privileges";
    draft.fix(service.add_to_list(Safety::Safe, title, "security_opt", "\"no-new-privileges:true\""))
}

#[cfg(test)]
mod tests {
    use crate::fix::Safety;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/no-new-privileges-missing";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm"), "medium");
        let off = "image: php:8.4-fpm\n    security_opt: [\"no-new-privileges:false\"]";
        assert_eq!(severity("compose.yaml", off), "medium");
        assert_eq!(severity("compose.dev.yaml", "image: php:8.4-fpm"), "info");
        assert_eq!(severity("compose.yaml", "image: gcr.io/distroless/static-debian12:nonroot"), "low");
    }

    #[test]
    fn every_way_to_set_it() {
        for option in ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true", "${OPTION}"] {
            let body = format!("image: php:8.4-fpm\n    security_opt:\n      - \"{option}\"");
            assert_eq!(severity("compose.yaml", &body), "none", "{option}");
        }
    }

    #[test]
    fn the_daemon_may_set_it() {
        let compose = "services:\n  a:\n    image: php:8.4-fpm\n";
        clean(RULE, &[("compose.yaml", compose), ("daemon.json", "{\"no-new-privileges\": true}")]);
        assert_eq!(
            findings(RULE, &[("compose.yaml", compose), ("daemon.json", "{\"no-new-privileges\": false}")]).len(),
            1
        );
    }

    #[test]
    fn no_fix_for_sudo() {
        let found = findings(RULE, &[("compose.yaml", "services:\n  a:\n    image: wodby/php:8.4\n")]);
        assert!(found[0].fixes.is_empty() && found[0].help.contains("sudo"));
    }

    #[test]
    fn a_list_is_extended() {
        let text = "services:\n  a:\n    image: php:8.4-fpm\n    security_opt:\n      - seccomp=./app.json\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found[0].fixes[0].safety, Safety::Safe);
    }

    #[test]
    fn what_is_not_asked() {
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm\n    privileged: true"), "none");
        assert_eq!(severity("compose.yaml", "deploy: {replicas: 2}"), "none");
        assert_eq!(severity("compose.yaml", "image: php:8.4-fpm\n    profiles: [tools]"), "none");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }
}
