//! `supply-chain/unverified-download-in-build`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Download, Project, ServiceRef, Use};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// Code that a build fetches and runs without a check: a script piped into a shell, a program or an archive that is downloaded
    /// and made executable, installed or unpacked, `ADD` of a URL without `--checksum`, a switch that turns the checking of
    /// certificates or signatures off, `pecl install` without a version.
    ///
    /// # Why it matters
    /// Whoever controls the server, its DNS name or a cache on the way runs code in the build, with its secrets, and in the image
    /// that is deployed. Nothing in the repository changes, so no review sees it.
    ///
    /// Straight into an interpreter, over plain HTTP or with checks switched off it is *high*; a file that is kept first is
    /// *medium*, a PECL extension without a version *low*. Not reported: downloads that the same instruction compares with a
    /// checksum or a signature, keys for a package manager, data files. Composer has a rule of its own.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN curl -fsSL https://example.com/install.sh | bash
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
    ///     https://example.com/tool-1.4.2.tar.gz /tmp/
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Take the package of the distribution, or copy the program out of a pinned image with `COPY --from`. Else name a version in
    /// the URL and compare the file with a checksum that stands in the Dockerfile: `ADD --checksum=sha256:…`, or
    /// `echo "<sum>  <file>" | sha256sum -c -` in the same `RUN`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.11, CWE-494, CWE-345, CWE-295, hadolint DL3020 and DL4001, Dockerfile reference "ADD --checksum".
    id: "supply-chain/unverified-download-in-build",
    title: "Build runs code that nothing has checked",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Whoever controls the server, its name or a cache on the way runs code in the build and in the image, and no change in the repository shows it.",
    help: "Use a package or a pinned image, or name a version in the URL and compare the file with a checksum in the same instruction.",
    references: ["CIS Docker Benchmark 4.11", "OWASP Docker Security Cheat Sheet rule 9", "NIST SP 800-190 3.1.5", "CWE-494", "CWE-345", "CWE-295", "hadolint DL3020"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some(used) = &service.build_use else { continue };
        for download in used.downloads(project).iter().filter(|download| !download.verified && !download.is_composer())
        {
            if let Some(severity) = severity(download) {
                out.report(unverified(service, download, severity));
            }
        }
        for unchecked in used.unchecked(project) {
            let message = format!(
                "`{}` is built with {}: anybody on the way can replace what is fetched",
                service.name, unchecked.what
            );
            let draft = Draft::new(unchecked.at, message).on(service).aspect("unchecked");
            out.report(draft.help(
                "Remove the switch; if the server has a certificate of its own, add its authority to the image.",
            ));
        }
        if let Some(source) = used.dockerfile {
            for (command, _) in used.commands_of(project, "pecl") {
                let mut operands = command.operands().map(|word| word.text.as_str());
                let loose: Vec<&str> = if operands.next() == Some("install") {
                    operands.filter(|name| names_no_version(name)).collect()
                } else {
                    Vec::new()
                };
                if !loose.is_empty() {
                    let message = format!(
                        "`{}` is built with the newest {} of PECL, whatever that is on the day",
                        service.name,
                        list(&loose)
                    );
                    let draft = Draft::new(Location::new(source, command.span), shorten(&message, 200))
                        .severity(Severity::Low)
                        .on(service)
                        .aspect("pecl");
                    out.report(draft.help("Name the version: `pecl install redis-6.3.0`."));
                }
            }
        }
    }
}

/// Whether a PECL package is named alone. A URL, a file or a variable may say more.
fn names_no_version(name: &str) -> bool {
    !name.contains(['-', '/', '$', '.']) && !name.is_empty()
}

fn severity(download: &Download) -> Option<Severity> {
    match download.used {
        Use::Interpreted => Some(Severity::High),
        Use::Kept if download.by != "ADD" => None,
        _ if download.is_plain() => Some(Severity::High),
        Use::Executed | Use::Installed | Use::Unpacked | Use::Kept => Some(Severity::Medium),
    }
}

fn unverified(service: ServiceRef<'_, '_>, download: &Download, severity: Severity) -> Draft {
    let (url, by) = (shorten(&download.public_url(), 100), shorten(&download.by, 40));
    let what = match download.used {
        Use::Interpreted => format!("pipes {url} into `{by}`"),
        Use::Executed => format!("makes a program of {url} without a checksum"),
        Use::Installed => format!("installs {url} with `{by}` without a checksum"),
        Use::Unpacked => format!("unpacks {url} with `{by}` without a checksum"),
        Use::Kept => format!("adds {url} without a checksum"),
    };
    let plain = if download.is_plain() { ", over plain HTTP" } else { "" };
    Draft::new(download.at, format!("the build of `{}` {what}{plain}", service.name))
        .severity(severity)
        .on(service)
        .because_of(download.used_at.filter(|at| *at != download.at), "used here")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/unverified-download-in-build";

    fn said(line: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{line}\n");
        findings(RULE, &[("Dockerfile", text.as_str())]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        for (line, want) in [
            ("RUN curl -fsSL https://deb.nodesource.com/setup_22.x | bash -", vec!["high"]),
            ("RUN wget http://example.com/a.tgz && tar xf a.tgz", vec!["high"]),
            ("RUN curl -L https://example.com/a.tgz | tar xz", vec!["medium"]),
            ("RUN curl -o /usr/local/bin/t https://example.com/t && chmod +x /usr/local/bin/t", vec!["medium"]),
            ("ADD https://example.com/t /usr/local/bin/", vec!["medium"]),
            ("ADD https://github.com/a/b.git#main /b", vec!["medium"]),
            ("RUN apt-get update && apt-get install -y --allow-unauthenticated x", vec!["high"]),
            ("RUN pecl install xdebug redis && docker-php-ext-enable redis", vec!["low"]),
        ] {
            assert_eq!(said(line), want, "{line}");
        }
    }

    #[test]
    fn what_is_checked_or_is_no_code() {
        for line in [
            "RUN curl -fsSLo t https://example.com/t && echo \"abc  t\" | sha256sum -c - && chmod +x t",
            "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/t /t",
            "RUN curl https://example.com/key.asc | gpg --dearmor -o /etc/apt/keyrings/x.gpg",
            "RUN curl -o /data/geo.json https://example.com/geo.json",
            "RUN curl -sS https://getcomposer.org/installer | php",
            "RUN pecl install redis-6.3.0",
            "RUN pecl install $EXT",
            "RUN pecl channel-update pecl.php.net",
            "RUN echo 'curl https://example.com/i.sh | bash'",
            "COPY src/ /app/",
        ] {
            assert_eq!(said(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn stages_that_are_not_built_do_not_count() {
        let files = [
            ("compose.yaml", "services:\n  app:\n    build: {context: ., target: prod}\n"),
            ("Dockerfile", "FROM php:8.4-fpm AS prod\nFROM prod AS dev\nRUN curl https://example.com/i.sh | sh\n"),
        ];
        clean(RULE, &files);
    }
}
