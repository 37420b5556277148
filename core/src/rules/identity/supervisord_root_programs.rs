//! `identity/supervisord-root-programs`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Project, ServiceRef, SupervisorUse};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Programs that supervisord runs as root because neither they nor it name another user, and a control server of
    /// supervisord that is open to the network or asks for no password.
    ///
    /// # Why it matters
    /// supervisord keeps the container's user for everything that it starts. nginx, Apache and PHP-FPM hand their work
    /// to workers of their own; a queue worker or a scheduler does not, and unserializes jobs as uid 0. The control
    /// server starts and stops programs and hands out their logs.
    ///
    /// Programs as root are *medium*. A control server that listens on every address is *high*, *medium* with a
    /// password; one on loopback without a password is *low*. Nothing is said where the container does not run as root.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY supervisord.conf /etc/supervisord.conf
    /// CMD ["supervisord", "-c", "/etc/supervisord.conf"]
    /// ```
    /// ```ini file:supervisord.conf
    /// [supervisord]
    /// nodaemon=true
    /// [program:fpm]
    /// command=php-fpm -F
    /// [program:queue]
    /// command=php /var/www/html/artisan queue:work
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY supervisord.conf /etc/supervisord.conf
    /// CMD ["supervisord", "-c", "/etc/supervisord.conf"]
    /// ```
    /// ```ini file:supervisord.conf
    /// [supervisord]
    /// nodaemon=true
    /// [program:fpm]
    /// command=php-fpm -F
    /// [program:queue]
    /// user=www-data
    /// command=php /var/www/html/artisan queue:work
    /// ```
    ///
    /// # How to fix
    /// Give every program a `user`, or run the container as `www-data` with `USER`. Better, run one process in each
    /// container: the worker is a service of its own with the same image. Leave `[inet_http_server]` out;
    /// `supervisorctl` works over the Unix socket.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, OWASP Docker Security Cheat Sheet rule 2, CWE-250, CWE-306, Docker documentation "Run
    /// multiple processes in a container".
    id: "identity/supervisord-root-programs",
    title: "supervisord runs programs as root or lets others control it",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "supervisord keeps the container's user for what it starts, so a worker without a `user` of its own runs the application's code as uid 0.",
    help: "Give every program in supervisord's configuration a `user`, or run the container as an unprivileged user.",
    references: ["CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 2", "CWE-250", "CWE-306"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(used) = service.supervisor() else { continue };
        programs(service, &used, out);
        servers(service, &used, out);
    }
}

fn programs(service: ServiceRef<'_, '_>, used: &SupervisorUse, out: &mut Findings) {
    let user = service.effective_user();
    for process in service.root_programs() {
        // A user that is only assumed makes nobody root.
        if process.user_at.is_none() && !user.starts_as_root() {
            continue;
        }
        let name = shorten(&process.name, 40);
        let message = format!("supervisord of `{}` runs the program {name} as root", service.name);
        let mut draft = Draft::new(process.at, message).confidence(Confidence::Medium).on(service);
        if used.unseen.is_some() {
            draft = draft.confidence(Confidence::Low);
        }
        draft = match process.user_at {
            Some(at) => draft.because(at, "this names root"),
            None => draft.because(user.at, "the container starts as root").based_on(user.based_on),
        };
        let fix = service.php_user().and_then(|php| service.project().run_program_as(&process, php));
        out.report(draft.fix(fix));
    }
}

fn servers(service: ServiceRef<'_, '_>, used: &SupervisorUse, out: &mut Findings) {
    for server in used.parts.iter().flat_map(|part| &part.servers).filter(|server| server.inet) {
        let (severity, what) = match (server.is_open(), server.is_unguarded()) {
            (true, true) => (Severity::High, "to everybody on its networks, without a password"),
            (true, false) => (Severity::Medium, "to everybody on its networks who has the password"),
            (false, true) => (Severity::Low, "to every process in the container, without a password"),
            (false, false) => continue,
        };
        let at = server.address.as_ref().map_or(server.at, |address| address.at);
        out.report(
            Draft::new(at, format!("supervisord of `{}` opens its control server {what}", service.name))
                .severity(severity)
                .help("Remove `[inet_http_server]`: `supervisorctl` works over the Unix socket.")
                .on(service),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/supervisord-root-programs";

    fn said(more: &str, configuration: &str) -> Vec<(String, String)> {
        let dockerfile = format!(
            "FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisord.conf\n{more}CMD [\"supervisord\", \"-c\", \"/etc/supervisord.conf\"]\n"
        );
        findings(RULE, &[("Dockerfile", &dockerfile), ("supervisord.conf", configuration)])
            .into_iter()
            .map(|finding| (finding.severity.to_string(), finding.confidence.as_str().to_owned()))
            .collect()
    }

    fn pair(a: &str, b: &str) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }

    const WORKER: &str = "command=php /app/artisan queue:work\n";

    #[test]
    fn programs_as_root() {
        assert_eq!(said("", &format!("[program:q]\n{WORKER}")), [pair("medium", "medium")]);
        assert_eq!(said("", &format!("[program:q]\n{WORKER}user=root\n")), [pair("medium", "medium")]);
        assert_eq!(said("", &format!("[supervisord]\nuser=root\n[program:q]\n{WORKER}")), [pair("medium", "medium")]);
    }

    #[test]
    fn a_part_that_was_not_supplied() {
        let configuration = format!("[include]\nfiles=/etc/supervisor/more/*.conf\n[program:q]\n{WORKER}");
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY s.conf /etc/supervisord.conf\nCMD [\"supervisord\", \"-n\"]\n"),
            ("s.conf", configuration.as_str()),
            ("compose.yaml", "services:\n  a:\n    build: .\n    volumes: [\"./more:/etc/supervisor/more\"]\n"),
        ];
        assert_eq!(findings(RULE, &files)[0].confidence.as_str(), "low");
    }

    #[test]
    fn control_servers() {
        for (server, want) in [
            ("port=*:9001", "high"),
            ("port=0.0.0.0:9001\nusername=a\npassword=b", "medium"),
            ("port=127.0.0.1:9001", "low"),
        ] {
            let text = format!("[inet_http_server]\n{server}\n[program:fpm]\ncommand=php-fpm -F\n");
            assert_eq!(said("", &text)[0].0, want, "{server}");
        }
        assert!(said("", "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=b\n").is_empty());
        assert!(said("", "[unix_http_server]\nfile=/run/supervisor.sock\n").is_empty());
    }

    #[test]
    fn guards() {
        assert!(said("", &format!("[program:q]\nuser=www-data\n{WORKER}")).is_empty());
        let masters = "[program:fpm]\ncommand=php-fpm -F\n[program:web]\ncommand=nginx -g 'daemon off;'\n";
        assert!(said("", masters).is_empty());
        assert!(said("USER www-data\n", &format!("[program:q]\n{WORKER}")).is_empty());
        assert!(said("", "[program:q]\ncommand=su-exec www-data php /app/artisan queue:work\n").is_empty());
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }
}
