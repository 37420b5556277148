//! `application/database-console-autologin`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{OpenBy, OpenConsole, Project, Reach, ServiceRef, SettingSource};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A database console that lets everybody in who opens it: phpMyAdmin with `PMA_USER` and `PMA_PASSWORD`, or with
    /// `PMA_ARBITRARY=1`; Adminer with a plug-in that logs in by itself; mongo-express without its login, or with `admin:pass`; Redis
    /// Commander and Redis Insight without a login; pgAdmin with `SERVER_MODE` off.
    ///
    /// # Why it matters
    /// The console opens as the user it was given, mostly root of the database, for whoever finds its port or its host name, and for
    /// each neighbour on its network. `PMA_ARBITRARY` connects to any host that is asked for, so that it tries passwords and
    /// looks at internal networks for a stranger.
    ///
    /// It is *high*, *critical* when the port is published for other machines, *medium* on loopback only, and *low* when it also
    /// starts only with a profile for debugging.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2.3
    ///     environment:
    ///       PMA_HOST: db
    ///       PMA_USER: root
    ///       PMA_PASSWORD: ${DB_ROOT_PASSWORD:?}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2.3
    ///     profiles: [debug]
    ///     environment:
    ///       PMA_HOST: db
    ///     ports: ["127.0.0.1:8081:80"]
    /// ```
    ///
    /// # How to fix
    /// Let the console ask: remove `PMA_USER` and `PMA_PASSWORD`, set `PMA_ARBITRARY` to 0, give the others a login of their own. Start
    /// it only when it is needed (`profiles: [debug]`), on 127.0.0.1, behind an SSH tunnel.
    ///
    /// # References
    /// CWE-306, CWE-1188, CWE-918, Docker Hub "phpmyadmin".
    id: "application/database-console-autologin",
    title: "A database console lets everybody in",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "The console opens with the rights of its stored user, mostly root of the database, for whoever finds it.",
    help: "Let it ask for a login, publish it on loopback only, and start it only when it is needed.",
    references: ["CWE-306", "CWE-1188", "CWE-918", "https://hub.docker.com/_/phpmyadmin"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        if let Some(console) = service.open_console() {
            out.report(report(service, &console));
        }
    }
}

fn report(service: ServiceRef<'_, '_>, open: &OpenConsole<'_>) -> Draft {
    let what = match open.by {
        OpenBy::StoredLogin => "logs everybody in with a stored user",
        OpenBy::AnyServer => "connects to any server that a visitor names",
        OpenBy::LoginOff => "has its login switched off",
        OpenBy::DefaultLogin => "is guarded by the login of its documentation only",
        OpenBy::NoLogin => "asks for no login",
    };
    let mut draft =
        Draft::new(open.at, format!("{} of `{}` {what}", open.console, service.name)).severity(severity(service));
    if let Some(port) = service.ports.iter().find(|port| service.reach(port) == Reach::Everyone) {
        draft = draft.because(port.at, "it is published for other machines");
    }
    if let Some(second) = open.second {
        draft = draft.because(second.key_at, "this belongs to it");
    }
    draft.fix(fix(service, open)).on(service)
}

fn severity(service: ServiceRef<'_, '_>) -> Severity {
    let reaches: Vec<Reach> = service.ports.iter().map(|port| service.reach(port)).collect();
    let debugging = !service.profiles.is_empty();
    if reaches.contains(&Reach::Everyone) {
        Severity::Critical
    } else if !reaches.is_empty() && reaches.iter().all(|reach| matches!(reach, Reach::Loopback | Reach::Nobody)) {
        if debugging { Severity::Low } else { Severity::Medium }
    } else {
        Severity::High
    }
}

fn fix(service: ServiceRef<'_, '_>, open: &OpenConsole<'_>) -> Option<Fix> {
    let project = service.project();
    let variable = open.variable?;
    match open.by {
        // Without the user it asks for both; the password alone is of no use to anybody.
        OpenBy::StoredLogin if open.console == "phpMyAdmin" => {
            project.remove(Safety::Safe, "Remove the stored user", variable.key_at)
        }
        OpenBy::AnyServer => {
            let value = variable.value.as_ref()?;
            let source = SettingSource { at: value.at, name: variable.key.clone(), value: value.text.clone() };
            project.set_setting(Safety::Safe, "Connect to the configured server only", &source, "0")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/database-console-autologin";

    fn severities(more: &str) -> Vec<String> {
        let compose = format!(
            "services:\n  pma:\n    image: phpmyadmin:5\n    environment:\n      PMA_HOST: db\n      PMA_USER: root\n      PMA_PASSWORD: x\n{more}"
        );
        let found = findings(RULE, &[("compose.yaml", &compose)]);
        found.into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn who_can_reach_it_decides() {
        assert_eq!(severities(""), ["high"]);
        assert_eq!(severities("    ports: [\"8081:80\"]\n"), ["critical"]);
        assert_eq!(severities("    ports: [\"127.0.0.1:8081:80\"]\n"), ["medium"]);
        assert_eq!(severities("    ports: [\"127.0.0.1:8081:80\"]\n    profiles: [tools]\n"), ["low"]);
    }

    #[test]
    fn any_server_is_mended() {
        for environment in ["      PMA_ARBITRARY: 1\n", "      - PMA_ARBITRARY=1\n"] {
            let compose = format!("services:\n  pma:\n    image: phpmyadmin:5\n    environment:\n{environment}");
            let found = findings(RULE, &[("compose.yaml", &compose)]);
            assert_eq!(found[0].fixes[0].safety.as_str(), "safe", "{environment}");
        }
    }

    #[test]
    fn consoles_that_ask_are_none() {
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: phpmyadmin:5\n    environment: {PMA_HOST: db}\n")]);
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: adminer:5\n")]);
    }

    #[test]
    fn development_is_lower() {
        let compose = "services:\n  a:\n    image: phpmyadmin:5\n    environment: {PMA_ARBITRARY: 1}\n";
        assert_eq!(findings(RULE, &[("compose.dev.yaml", compose)])[0].severity.as_str(), "low");
    }
}
