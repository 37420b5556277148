//! `supply-chain/non-minimal-final-image`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Context, Project, ServiceRef, Tool, ToolKind, Wasteful};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// An image that is deployed with tools which production does not need: compilers, `git`, editors, `ssh`, `sudo`,
    /// Node.js, Composer, clients of databases and of networks. And `apt-get install` that takes recommended packages
    /// along or leaves the package lists in its layer (*info*).
    ///
    /// # Why it matters
    /// What is in the image is what an intruder has at hand: a compiler for the exploit, `git` and `ssh` for the way
    /// on, `sudo` for root. It is also most of what a scanner reports, so the few findings that count drown.
    ///
    /// Five tools and more, or one that compiles, logs in elsewhere or becomes root, are *medium*. Clients of databases
    /// alone are *info*: a migration may need them. Composer alone is not reported. Not counted: what the build removes
    /// again, virtual groups of `apk` that it deletes, stages that only build, stages for development.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN apt-get update && apt-get install -y git vim sudo nodejs npm
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM node:26.7.0-alpine3.24 AS assets
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// FROM php:8.4.24-fpm-trixie
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY --from=assets /app/public /app/public
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Build in stages: one with Composer that makes `vendor/`, one with Node.js that makes the assets, and a last one
    /// that only copies what they made. Compile extensions in one `RUN` that removes its compilers, or let
    /// `install-php-extensions` do it.
    ///
    /// # References
    /// CIS Docker Benchmark 4.3, OWASP Docker Security Cheat Sheet rule 9, NIST SP 800-190 4.1.2, hadolint DL3015.
    id: "supply-chain/non-minimal-final-image",
    title: "Image carries tools that production does not need",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Compilers, editors and clients in the image are an intruder's toolbox, and most of what scanners report.",
    help: "Build in stages, and let the last one only copy what the others made.",
    references: ["CIS Docker Benchmark 4.3", "OWASP Docker Security Cheat Sheet rule 9", "NIST SP 800-190 3.1.2", "NIST SP 800-190 4.1.2", "CWE-1104", "hadolint DL3015"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = |service: &ServiceRef<'_, '_>| {
        let alias = service.build_use.as_ref().and_then(|used| used.model.stages.get(used.stage?)?.alias.as_ref());
        let stage = alias.and_then(|(name, _)| Context::of_name(name)).unwrap_or(Context::Unknown);
        !matches!(service.context, Context::Development | Context::Ci)
            && !matches!(stage, Context::Development | Context::Ci)
    };
    for service in project.declared_services().filter(deployed) {
        let tools = service.tools();
        // Composer alone is too common to be worth a line: the same program runs an application's own console.
        if tools.iter().any(|tool| tool.name != "composer") {
            out.report(carries(service, &tools));
        }
        for wasteful in service.wasteful_installs() {
            out.report(takes_too_much(service, &wasteful));
        }
    }
}

fn carries(service: ServiceRef<'_, '_>, tools: &[Tool]) -> Draft {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let dangerous = |tool: &Tool| matches!(tool.kind, ToolKind::Compiler | ToolKind::Access);
    let severity = if tools.len() >= 5 || tools.iter().any(dangerous) {
        Severity::Medium
    } else if tools.iter().all(|tool| tool.kind == ToolKind::DatabaseClient) {
        Severity::Info
    } else {
        Severity::Low
    };
    let message = format!("the image of `{}` is deployed with {}", service.name, shorten(&list(&names), 160));
    let first = tools.first().map_or(service.at, |tool| tool.at);
    let mut draft = Draft::new(first, message).severity(severity).on(service);
    for tool in tools.iter().skip(1).take(8) {
        draft = draft.because(tool.at, format!("{} comes in here", shorten(&tool.name, 40)));
    }
    draft
}

fn takes_too_much(service: ServiceRef<'_, '_>, wasteful: &Wasteful) -> Draft {
    let project = service.project();
    let message = match (wasteful.recommended, wasteful.lists) {
        (true, true) => "takes recommended packages along, and leaves the package lists in its layer",
        (true, false) => "takes recommended packages along",
        (false, _) => "leaves the package lists in its layer",
    };
    let draft = Draft::new(wasteful.at, format!("`apt-get install` of `{}` {message}", service.name))
        .severity(Severity::Info)
        .on(service)
        .aspect("apt")
        .help("Install with `--no-install-recommends`, and end the instruction with `rm -rf /var/lib/apt/lists/*`.");
    if !wasteful.recommended {
        return draft;
    }
    let written = format!("{} --no-install-recommends", project.slice(wasteful.action_at));
    draft.fix(project.replace_text(Safety::Suggested, "Install only what is named", wasteful.action_at, &written))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/non-minimal-final-image";

    fn said(line: &str) -> String {
        let text = format!("FROM php:8.4-fpm\nRUN {line} && rm -rf /var/lib/apt/lists/*\n");
        let found = findings(RULE, &[("Dockerfile", text.as_str())]);
        found.first().map_or("none".into(), |one| one.severity.to_string())
    }

    #[test]
    fn severities() {
        for (packages, want) in [
            ("git", "low"),
            ("git vim nano npm nodejs", "medium"),
            ("gcc", "medium"),
            ("sudo", "medium"),
            ("openssh-client", "medium"),
            ("default-mysql-client", "info"),
            ("libzip-dev unzip curl", "none"),
        ] {
            assert_eq!(said(&format!("apt-get install -y --no-install-recommends {packages}")), want, "{packages}");
        }
        assert_eq!(said("apt-get install -y libzip-dev"), "info");
    }

    #[test]
    fn what_does_not_stay() {
        clean(
            RULE,
            &[("Dockerfile", "FROM php:8.4-fpm-alpine\nRUN apk add --virtual .d $PHPIZE_DEPS && apk del .d\n")],
        );
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm-alpine AS b\nRUN apk add git\nFROM php:8.4-fpm-alpine\n")]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm-alpine\nCOPY --from=composer:2 /usr/bin/composer /usr/bin/\n")]);
    }

    #[test]
    fn development_is_not_looked_at() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm-alpine AS dev\nRUN apk add git vim\n")]);
        let files = [
            ("compose.dev.yaml", "services:\n  app:\n    build: .\n"),
            ("Dockerfile", "FROM php:8.4-fpm-alpine\nRUN apk add git vim\n"),
        ];
        clean(RULE, &files);
    }
}
