//! `web-server/caddy-admin-exposed`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::compose::ports::Port;
use crate::project::{AdminEndpoint, Project, Reach, ServiceRef, Web};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Caddy or FrankenPHP whose admin interface listens on more than the container's loopback address (`admin :2019`,
    /// `CADDY_ADMIN=0.0.0.0:2019`), whose port 2019 is published, or that lets requests from every origin in.
    ///
    /// # Why it matters
    /// The interface asks for no password. One `POST /load` replaces the configuration: serve `/`, run PHP from any folder, hand
    /// requests on to other containers, turn TLS off. Every container on a common network reaches it: *high*. Published to other
    /// machines, everybody does: *critical*. `origins *` lets a page in somebody's browser do it: *medium*.
    ///
    /// While the interface listens on loopback, a published port leads nowhere; it is *low*, because it becomes an open door with
    /// the next change.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     volumes: ["./Caddyfile:/etc/frankenphp/Caddyfile:ro"]
    ///     ports: ["443:443"]
    /// ```
    /// ```caddyfile file:Caddyfile
    /// {
    /// 	admin 0.0.0.0:2019
    /// 	frankenphp
    /// }
    ///
    /// shop.example.net {
    /// 	root * /app/public
    /// 	php_server
    /// }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     volumes: ["./Caddyfile:/etc/frankenphp/Caddyfile:ro"]
    ///     ports: ["443:443"]
    /// ```
    /// ```caddyfile file:Caddyfile
    /// {
    /// 	admin localhost:2019
    /// 	frankenphp
    /// }
    ///
    /// shop.example.net {
    /// 	root * /app/public
    /// 	php_server
    /// }
    /// ```
    ///
    /// # How to fix
    /// Remove the option, since `localhost:2019` is Caddy's default, or write `admin off`. Remove the published port. For metrics,
    /// give a site of its own the `metrics` directive.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-306, CWE-749, Caddy documentation "API".
    id: "web-server/caddy-admin-exposed",
    title: "Caddy's admin interface is open to others",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "The admin interface asks for no password, and one request replaces the whole configuration: what is served, what PHP runs, where requests go.",
    help: "Bind it to localhost:2019 or switch it off, and do not publish its port.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "CWE-306", "CWE-749", "Caddy documentation, API"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some(web) = service.web_server() else { continue };
        let Some(admin) = web.admin_endpoint().filter(|admin| !admin.off) else { continue };
        let number = admin.port.unwrap_or(2019);
        let port = service.ports.iter().find(|port| port.has_target(number));
        match (admin.reachable, port) {
            (Some(true), _) => out.report(open(service, web, admin, port)),
            (None, Some(port)) if is_reached(service, port) => {
                out.report(published(service, port).severity(Severity::High).confidence(Confidence::Medium))
            }
            (Some(false), Some(port)) if is_reached(service, port) => {
                let draft = published(service, port).severity(Severity::Low);
                out.report(draft.because(admin.address.at, "the interface is on loopback"));
            }
            _ => {}
        }
        if let Some(origins) = admin.any_origin {
            let message =
                format!("the admin interface of Caddy in `{}` answers requests from every origin", service.name);
            out.report(Draft::new(origins, message).on(service).severity(Severity::Medium));
        }
    }
}

fn is_reached(service: ServiceRef<'_, '_>, port: &Port) -> bool {
    matches!(service.reach(port), Reach::Everyone | Reach::Private)
}

fn published(service: ServiceRef<'_, '_>, port: &Port) -> Draft {
    let message = format!("`{}` publishes the port of Caddy's admin interface on {}", service.name, port.host_side());
    let fix = service.project().remove(Safety::Safe, "Remove the published port", port.at);
    Draft::new(port.at, message).on(service).fix(fix)
}

fn open(service: ServiceRef<'_, '_>, web: &Web, admin: &AdminEndpoint, port: Option<&Port>) -> Draft {
    let reached = port.filter(|port| service.reach(port) == Reach::Everyone);
    let host = service.host_network();
    let to = match (reached, host) {
        (Some(_), _) | (None, Some(_)) => "for every machine that reaches this host",
        _ => "for every container on its networks",
    };
    let severity = if reached.is_some() || host.is_some() { Severity::Critical } else { Severity::High };
    let address = crate::text::shorten(&admin.address.text, 40);
    let message = format!("Caddy's admin interface in `{}` listens on {address}, {to}", service.name);
    let mut draft = Draft::new(admin.address.at, message)
        .on(service)
        .severity(severity)
        .because_of(host, "the container uses the host's network")
        .fix(on_loopback(service, web, admin, port));
    if let Some(port) = port {
        draft = draft.because(port.at, "its port is published here");
    }
    draft
}

/// Both edits at once: an address on loopback, and no published port that leads there.
fn on_loopback(service: ServiceRef<'_, '_>, web: &Web, admin: &AdminEndpoint, port: Option<&Port>) -> Option<Fix> {
    let project = service.project();
    let address = format!("localhost:{}", admin.port.unwrap_or(2019));
    let title = "Bind the admin interface to loopback";
    let mut fix = project
        .replace_in_web(Safety::Safe, title, web, admin.address.at, &address)
        .or_else(|| project.replace(Safety::Safe, title, admin.address.at, &address))?;
    if let Some(port) = port {
        fix.edits.extend(project.remove(Safety::Safe, title, port.at)?.edits);
    }
    Some(fix)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/caddy-admin-exposed";

    fn severities(option: &str, service: &str) -> Vec<String> {
        let compose = format!(
            "services:\n  app:\n    image: caddy:2.11\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile:ro\"]\n{service}"
        );
        let caddy = format!("{{\n\t{option}\n\temail a@example.net\n}}\n:80 {{\n\troot * /srv\n\tfile_server\n}}\n");
        findings(RULE, &[("compose.yaml", &compose), ("Caddyfile", &caddy)])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn where_it_listens() {
        assert_eq!(severities("admin :2019", ""), ["high"]);
        assert_eq!(severities("admin 0.0.0.0:2020", ""), ["high"]);
        for option in ["admin off", "admin localhost:2019", "admin unix//run/caddy.sock", "grace_period 5s"] {
            assert!(severities(option, "").is_empty(), "{option}");
        }
    }

    #[test]
    fn published() {
        assert_eq!(severities("admin :2019", "    ports: [\"80:80\", \"2019:2019\"]\n"), ["critical"]);
        assert_eq!(severities("admin :2019", "    ports: [\"127.0.0.1:2019:2019\"]\n"), ["high"]);
        assert_eq!(severities("admin :2019", "    network_mode: host\n"), ["critical"]);
        assert_eq!(severities("grace_period 5s", "    ports: [\"2019:2019\"]\n"), ["low"]);
        assert!(severities("admin off", "    ports: [\"2019:2019\"]\n").is_empty());
    }

    #[test]
    fn by_the_environment() {
        let service = "    environment:\n      CADDY_ADMIN: 0.0.0.0:2019\n";
        assert_eq!(severities("grace_period 5s", service), ["high"]);
        assert!(severities("grace_period 5s", "    environment: {CADDY_ADMIN: \"off\"}\n").is_empty());
        assert!(severities("grace_period 5s", "    environment: {CADDY_ADMIN: \"${ADMIN}\"}\n").is_empty());
    }

    #[test]
    fn every_origin() {
        assert_eq!(severities("admin localhost:2019 {\n\t\torigins *\n\t}", ""), ["medium"]);
    }
}
