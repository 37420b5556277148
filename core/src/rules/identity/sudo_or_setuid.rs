//! `identity/sudo-or-setuid`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An image that holds a way back to root: `sudo` or `doas` installed, `NOPASSWD` in the sudoers, a program with
    /// the setuid bit (`chmod u+s`, `chmod 4755`, `COPY --chmod=4755`), a password for root.
    ///
    /// # Why it matters
    /// `USER www-data` is worth as much as the way back is hard. With `sudo` without a password it is one word; with a
    /// setuid program it is one hole in it; with a password for root it is in the history of the image.
    ///
    /// Stages that only build do not count, nor does what a later step removes or strips. A setgid bit on a folder is
    /// no such way. Where the service sets `no-new-privileges` the bit is without effect, and it is *low*. An image
    /// that *starts* with `sudo` is told as running as root.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// RUN apt-get update \
    ///  && apt-get install -y --no-install-recommends sudo \
    ///  && echo 'www-data ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers
    /// COPY src/ /var/www/html/
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY src/ /var/www/html/
    /// RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + || true
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Do what needs root during the build, above `USER`, and leave `sudo` out. Then strip the bit from what the base
    /// image brings along: `RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + || true`. An entrypoint that has
    /// to prepare something as root gives root up with `setpriv`, `gosu` or `su-exec`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.8 and 5.26, OWASP Docker Security Cheat Sheet rule 4, CWE-250, CWE-269.
    id: "identity/sudo-or-setuid",
    title: "The image holds a way back to root",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "sudo or a setuid program gives root back to the unprivileged user, so a break-in as www-data need not stay one.",
    help: "Leave sudo out, do what needs root above `USER`, and strip the setuid bits of the image.",
    references: ["CIS Docker Benchmark 4.8", "CIS Docker Benchmark 5.26", "OWASP Docker Security Cheat Sheet rule 4", "CWE-250", "CWE-269"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        if let Some(draft) = found(service) {
            out.report(draft);
        }
    }
}

fn found(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let gains = service.privilege_gains();
    let (first, others) = gains.split_first()?;
    let mut draft = Draft::new(first.at, format!("the image of `{}` {}", service.name, first.what)).on(service);
    for other in others.iter().take(5) {
        draft = draft.because(other.at, format!("it {}", other.what));
    }
    if let Some(option) = service.security_opt.iter().find(|option| option.is_no_new_privileges()) {
        draft = draft.severity(Severity::Low).because(option.text.at, "this makes it without effect here");
    }
    // What starts with sudo would not start any more.
    if service.effective_user().privilege == Privilege::Sudo {
        return Some(draft);
    }
    Some(draft.fix(service.strip_setuid(gains.last()?)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/sudo-or-setuid";

    #[test]
    fn one_image_is_one_finding() {
        let text = "FROM php:8.4-fpm\nRUN apt-get install -y sudo && echo 'www-data ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers\nUSER www-data\n";
        let found = findings(RULE, &[("Dockerfile", text)]);
        assert_eq!((found.len(), found[0].severity.as_str(), found[0].related.len()), (1, "medium", 1));
        assert_eq!(findings(RULE, &[("dev.Dockerfile", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn without_effect_under_no_new_privileges() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nRUN chmod u+s /usr/bin/tool\n"),
            ("compose.yaml", "services:\n  a:\n    build: .\n    security_opt: [\"no-new-privileges:true\"]\n"),
        ];
        assert_eq!(findings(RULE, &files)[0].severity.as_str(), "low");
    }

    #[test]
    fn guards() {
        for lines in [
            "RUN chmod g+s storage",
            "RUN apk add sudo && apk del sudo",
            "RUN apk add --no-cache su-exec",
            "RUN apk add sudo\nRUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +",
        ] {
            clean(RULE, &[("Dockerfile", &format!("FROM php:8.4-fpm\n{lines}\n"))]);
        }
        let builder = "FROM php:8.4-cli AS b\nRUN apt-get install -y sudo\nFROM php:8.4-fpm\nCOPY --from=b /x /x\n";
        clean(RULE, &[("Dockerfile", builder)]);
    }

    #[test]
    fn what_starts_with_sudo_is_not_mended() {
        let text = "FROM php:8.4-fpm\nRUN apt-get install -y sudo\nUSER www-data\nCMD [\"sudo\", \"php-fpm\"]\n";
        assert!(findings(RULE, &[("Dockerfile", text)])[0].fixes.is_empty());
    }
}
