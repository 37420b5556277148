//! `php/fpm-listens-on-all-interfaces`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{FpmPool, Group, Project, ServiceRef, SettingSource};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// PHP-FPM that listens on every address of its container, on a network it shares with services that have nothing
    /// to do with it; and a Unix socket on a shared volume that everybody may write to.
    ///
    /// # Why it matters
    /// FastCGI has no password. Whoever opens port 9000 names the file to run and sets PHP's settings with it, which is
    /// running code as the application, with its secrets. The official image listens like that so that a web server in
    /// another container reaches it; every other container on the same networks does, too: phpMyAdmin, a mail catcher,
    /// a proxy, a queue worker.
    ///
    /// Services that the files show to talk to it are left out, and so is a service whose role nobody knows. A data
    /// store that it does not use is *low*, another container of the same build a note. Where `listen.allowed_clients`
    /// is set, nothing is reported. A port that is published to the host is another rule's finding.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     ports: ["80:80"]
    ///     depends_on: [app]
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment: { DB_HOST: db }
    ///   db:
    ///     image: mysql:8.4
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2
    ///     environment: { PMA_HOST: db }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     ports: ["80:80"]
    ///     depends_on: [app]
    ///     networks: [edge, fpm]
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment: { DB_HOST: db }
    ///     networks: [fpm, data]
    ///   db:
    ///     image: mysql:8.4
    ///     networks: [data, admin]
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2
    ///     environment: { PMA_HOST: db }
    ///     networks: [admin]
    /// networks:
    ///   edge: {}
    ///   fpm: { internal: true }
    ///   data: { internal: true }
    ///   admin: { internal: true }
    /// ```
    ///
    /// # How to fix
    /// Give the web server and PHP-FPM an internal network of their own, and tools and workers others. Or let FPM
    /// listen on a Unix socket in a volume that only the two share, with `listen.mode = 0660`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, CWE-306, CWE-923, PHP manual "listen.allowed_clients".
    id: "php/fpm-listens-on-all-interfaces",
    title: "PHP-FPM answers services that do not need it",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "FastCGI has no password: whoever reaches the port runs PHP code as the application, with its secrets.",
    help: "Give the web server and PHP-FPM an internal network of their own, or let them talk over a Unix socket in a shared volume.",
    references: ["CIS Docker Benchmark 5.9", "CWE-306", "CWE-923", "PHP manual, listen.allowed_clients"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_fpm() && !service.runs_php_jobs()) {
        for pool in service.fpm_pools() {
            let open = pool.open_port().filter(|_| pool.limits_clients() == Some(false));
            let drafts = open.and_then(|port| reached(service, &pool, port)).into_iter().chain(socket(service, &pool));
            drafts.for_each(|draft| out.report(draft));
        }
    }
}

fn reached(service: ServiceRef<'_, '_>, pool: &FpmPool, port: u16) -> Option<Draft> {
    let project = service.project();
    let strangers = service.fpm_strangers();
    let worst = strangers.first()?;
    let severity = match worst.role.group() {
        Group::Data => Severity::Low,
        _ if service.is_same_build(*worst) => Severity::Info,
        _ => Severity::Medium,
    };
    let at = pool.directive("listen").and_then(|listen| listen.at).unwrap_or(service.at);
    let more = match strangers.len() - 1 {
        0 => String::new(),
        1 => " and another service".to_owned(),
        count => format!(" and {count} other services"),
    };
    let message = format!("`{}` answers FastCGI on port {port} to `{}`{more}", service.name, worst.name);
    let plan = project.plan_networks(service.view());
    let fix = plan.and_then(|plan| plan.fix.clone());
    let draft = Draft::new(at, message).severity(severity).on(service);
    Some(draft.because(worst.at, "is on the same network, and nothing shows that it needs PHP-FPM").fix(fix))
}

fn socket(service: ServiceRef<'_, '_>, pool: &FpmPool) -> Option<Draft> {
    let mode = pool.socket_mode().filter(|mode| mode & 0o002 != 0)?;
    let directive = pool.directive("listen.mode")?;
    let path = pool.value("listen")?;
    let below = |folder: &str| path.starts_with(&format!("{}/", folder.trim_end_matches('/')));
    let volume = service.mounts.iter().find(|mount| below(&mount.target))?;
    let (at, value) = (directive.at?, directive.value.clone()?);
    let source = SettingSource { at, name: "listen.mode".to_owned(), value };
    let fix = service.project().set_setting(Safety::Suggested, "Let only owner and group use it", &source, "0660");
    let message =
        format!("everybody who sees the volume may use PHP-FPM's socket of `{}`: mode {mode:04o}", service.name);
    Some(
        Draft::new(at, message)
            .aspect("socket")
            .severity(Severity::Low)
            .on(service)
            .because(volume.at, "the socket lies in this volume")
            .help("Set listen.mode to 0660 and listen.group to a group that the web server is in.")
            .fix(fix),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/fpm-listens-on-all-interfaces";
    const FRONT: &str = "  web:\n    image: nginx:1.28\n    depends_on: [app]\n";
    const APP: &str = "  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db}\n";
    const DB: &str = "  db:\n    image: mysql:8.4\n";
    const ADMIN: &str = "  admin:\n    image: phpmyadmin:5.2\n    environment: {PMA_HOST: db}\n";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n{body}");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn who_shares_the_network_decides() {
        assert_eq!(severity("compose.yaml", &format!("{FRONT}{APP}{DB}{ADMIN}")), "medium");
        assert_eq!(severity("compose.yaml", &format!("{FRONT}{APP}{DB}  redis:\n    image: redis:8\n")), "low");
        let worker = "  worker:\n    image: php:8.4-fpm\n    command: php artisan queue:work\n";
        assert_eq!(severity("compose.yaml", &format!("{FRONT}{APP}{DB}{worker}")), "info");
        assert_eq!(severity("compose.dev.yaml", &format!("{FRONT}{APP}{DB}{ADMIN}")), "info");
    }

    #[test]
    fn those_who_need_it_are_no_strangers() {
        assert_eq!(severity("compose.yaml", &format!("{FRONT}{APP}")), "none");
        assert_eq!(severity("compose.yaml", &format!("{FRONT}{APP}{DB}")), "none");
    }

    fn with_pool(pool: &str, volumes: &str) -> Vec<String> {
        let app = format!("  app:\n    build: .\n    environment: {{DB_HOST: db}}\n{volumes}");
        let compose = format!("services:\n{FRONT}{app}{DB}{ADMIN}");
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n"),
            ("pool.conf", pool),
            ("compose.yaml", compose.as_str()),
        ];
        findings(RULE, &files).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn the_pool_decides() {
        assert_eq!(with_pool("[www]\nlisten = 0.0.0.0:9000\n", ""), ["medium"]);
        assert_eq!(with_pool("[www]\nlisten = 127.0.0.1:9000\n", ""), Vec::<String>::new());
        assert_eq!(with_pool("[www]\nlisten = /run/php/fpm.sock\n", ""), Vec::<String>::new());
        let limited = "[www]\nlisten = 9000\nlisten.allowed_clients = 172.28.0.5\n";
        assert_eq!(with_pool(limited, ""), Vec::<String>::new());
    }

    #[test]
    fn a_socket_for_everybody() {
        let pool = |mode: &str| format!("[www]\nlisten = /run/php/fpm.sock\nlisten.mode = {mode}\n");
        assert_eq!(with_pool(&pool("0666"), "    volumes: [\"sock:/run/php\"]\n"), ["low"]);
        assert_eq!(with_pool(&pool("0660"), "    volumes: [\"sock:/run/php\"]\n"), Vec::<String>::new());
        assert_eq!(with_pool(&pool("0666"), ""), Vec::<String>::new());
    }

    #[test]
    fn other_networks_do_not_reach_it() {
        let text = format!(
            "{FRONT}    networks: [fpm]\n{APP}    networks: [fpm, data]\n{DB}    networks: [data, admin]\n{ADMIN}    networks: [admin]\n"
        );
        clean(RULE, &[("compose.yaml", &format!("services:\n{text}networks:\n  fpm:\n  data:\n  admin:\n"))]);
    }
}
