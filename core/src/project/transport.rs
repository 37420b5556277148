//! Whether users reach a view by HTTPS, as far as any supplied file hints at it.

use super::{Context, Parsed, Project, Reach, ServiceRef, View};
use crate::model::compose::ports::Port;
use crate::source::Location;

/// Words by which files of a view show that something else speaks TLS.
const HINTS: [&str; 12] = [
    "load balancer",
    "loadbalancer",
    "load-balancer",
    "letsencrypt",
    "lets-encrypt",
    "let's encrypt",
    "acme",
    "cloudflare",
    "certbot",
    "certresolver",
    "tls termination",
    "ssl termination",
];
/// Directives of web servers that speak TLS, or that know of a proxy in front which does.
const DIRECTIVES: [&str; 7] = [
    "ssl_certificate",
    "sslcertificatefile",
    "set_real_ip_from",
    "remoteipheader",
    "tls",
    "trusted_proxies",
    "http_x_forwarded_proto",
];
/// Variables that hold the address of the application.
const ADDRESSES: [&str; 5] = ["APP_URL", "DEFAULT_URI", "SERVER_NAME", "WP_HOME", "SITE_URL"];

/// Users reach a service by HTTP.
#[derive(Clone, Copy, Debug)]
pub struct PlainHttp<'p, 'a> {
    /// The service.
    pub service: ServiceRef<'p, 'a>,
    /// The published port.
    pub port: &'p Port,
    /// What says that it is meant so: `APP_URL=http://…`, `auto_https off`.
    pub said: Option<Location>,
}

impl<'a> Project<'a> {
    /// Services of a view that users reach by HTTP, when nothing in the files hints at HTTPS. A port other than 80
    /// counts only where the files say that it is production or that HTTP is meant.
    #[must_use]
    pub fn plain_http<'p>(&'p self, view: &'p View) -> Vec<PlainHttp<'p, 'a>> {
        let entries: Vec<_> = self
            .services_of(view)
            .filter(|service| service.role.is_web_entry())
            .filter_map(|service| Some((service, service.http_port()?)))
            .collect();
        if entries.is_empty() || view.hints_at_tls(self) {
            return Vec::new();
        }
        let address = self.services_of(view).find_map(ServiceRef::http_address);
        entries
            .into_iter()
            .map(|(service, port)| PlainHttp { service, port, said: address.or_else(|| service.https_off()) })
            .filter(|PlainHttp { service, port, said }| {
                said.is_some() || port.published == Some((80, 80)) || service.context == Context::Production
            })
            .collect()
    }
}

impl<'p> ServiceRef<'p, '_> {
    fn http_port(self) -> Option<&'p Port> {
        let mut ports = self.service.spec.ports.iter().filter(|port| port.protocol == "tcp");
        ports.find(|port| matches!(port.target.0, 80 | 8000 | 8080) && self.reach(port) == Reach::Everyone)
    }

    /// A variable that holds the address of the application, without HTTPS.
    fn http_address(self) -> Option<Location> {
        self.service.variables.iter().find_map(|variable| {
            let value = variable.value.as_ref().filter(|value| value.is_known())?;
            let address = ADDRESSES.contains(&variable.key.as_str());
            let host = value.text.strip_prefix("http://").filter(|host| !is_local(host));
            let bare = variable.key == "SERVER_NAME" && value.text == ":80";
            (address && (host.is_some() || bare)).then_some(value.at)
        })
    }

    /// Where Caddy's own HTTPS is switched off.
    fn https_off(self) -> Option<Location> {
        let directive = self.web_server()?.config.all("auto_https").next()?;
        directive.args.first().is_some_and(|value| value.text == "off").then_some(directive.at)
    }

    /// Old protocols that its nginx still speaks, each with its place.
    #[must_use]
    pub fn old_tls(self) -> Vec<(&'p str, Location)> {
        let Some(web) = self.web_server() else { return Vec::new() };
        let old = |text: &str| matches!(text, "SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.1");
        let directives = web.config.all("ssl_protocols");
        directives
            .filter_map(|line| Some((line.args.iter().find(|value| old(&value.text))?.text.as_str(), line.at)))
            .collect()
    }
}

fn is_local(host: &str) -> bool {
    let name = host.split([':', '/']).next().unwrap_or("");
    name == "localhost"
        || ["127.", "192.168.", "10."].iter().any(|start| name.starts_with(start))
        || [".localhost", ".test", ".local", ".internal"].iter().any(|ending| name.ends_with(ending))
}

impl View {
    /// Whether anything hints at HTTPS: a port, a certificate, an address, a label, a proxy in front, a remark.
    fn hints_at_tls(&self, project: &Project<'_>) -> bool {
        let ports = self.services.iter().flat_map(|service| &service.spec.ports);
        if ports.into_iter().any(|port| [443, 8443, 4443].into_iter().any(|tls| port.has_target(tls))) {
            return true;
        }
        let mut services = project.services_of(self);
        if services.any(says_https) {
            return true;
        }
        let hinted = |text: &str| {
            let text = text.to_ascii_lowercase();
            HINTS.iter().any(|hint| text.contains(hint))
        };
        self.files.iter().any(|file| hinted(project.text(*file))) || project.web_files_hint_at_tls()
    }
}

/// Whether a service's own settings speak of HTTPS, of a proxy in front, or of a name for which Caddy gets a
/// certificate by itself.
fn says_https(service: ServiceRef<'_, '_>) -> bool {
    let variables = service.service().variables.iter().any(|variable| {
        let value = variable.value.as_ref().map_or("", |value| value.text.as_str());
        let named = matches!(variable.key.as_str(), "FORCE_HTTPS" | "TRUSTED_PROXIES" | "TRUSTED_PROXY" | "HTTPS")
            && !matches!(value, "" | "0" | "false" | "off");
        let certified = variable.key == "SERVER_NAME" && value.contains('.') && !value.starts_with("http://");
        named || certified || value.starts_with("https://")
    });
    let labels = service.labels.iter().any(|label| label.key.starts_with("traefik.") || label.key.starts_with("caddy"));
    let image = service.image_use.text.to_ascii_lowercase();
    let ending = ["cloudflared", "nginx-proxy", "acme", "traefik", "swag"];
    let tunnel = ending.iter().any(|name| image.contains(name));
    let caddy = service.web_server().is_some_and(|web| {
        let names = web.config.servers.iter().flat_map(|server| &server.names);
        let is_caddy = web.config.software == crate::model::web::Software::Caddy;
        is_caddy && names.into_iter().any(|name| name.text.contains('.') && !name.text.starts_with("http://"))
    });
    variables || labels || tunnel || caddy || service.variable("VIRTUAL_HOST").is_some()
}

impl Project<'_> {
    /// Whether any configuration of a web server has a certificate, or knows of a proxy in front.
    fn web_files_hint_at_tls(&self) -> bool {
        self.files.iter().any(|file| {
            let web = matches!(file.parsed, Parsed::Nginx(_) | Parsed::Apache(_) | Parsed::Caddyfile(_));
            web && {
                let text = self.text(file.source).to_ascii_lowercase();
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| DIRECTIVES.contains(&word))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn plain(name: &str, lines: &str, others: &[(&str, &str)]) -> Option<bool> {
        let text = format!("services:\n  web:\n    image: nginx:1.28\n{lines}");
        let mut files = vec![(name, text.as_str())];
        files.extend_from_slice(others);
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        project.plain_http(&project.views[0]).first().map(|plain| plain.said.is_some())
    }

    const OPEN: &str = "    ports: [\"80:80\"]\n";

    #[test]
    fn http_alone() {
        assert_eq!(plain("compose.yaml", OPEN, &[]), Some(false));
        assert_eq!(plain("compose.yaml", "    ports: [\"8080:80\"]\n", &[]), None);
        assert_eq!(plain("compose.prod.yaml", "    ports: [\"8080:80\"]\n", &[]), Some(false));
        let said = format!("{OPEN}    environment: {{APP_URL: \"http://shop.example.org\"}}\n");
        assert_eq!(plain("compose.yaml", &said, &[]), Some(true));
    }

    #[test]
    fn hints_at_https() {
        for lines in [
            "    ports: [\"80:80\", \"443:443\"]\n".to_owned(),
            format!("{OPEN}    environment: {{APP_URL: \"https://shop.example.org\"}}\n"),
            format!("{OPEN}    environment: {{FORCE_HTTPS: \"true\"}}\n"),
            format!("{OPEN}    # TLS ends at the load balancer\n"),
            format!("{OPEN}    labels: [traefik.enable=true]\n"),
        ] {
            assert_eq!(plain("compose.yaml", &lines, &[]), None, "{lines}");
        }
        let conf = "server { listen 443 ssl; ssl_certificate /c.pem; }\n";
        assert_eq!(plain("compose.yaml", OPEN, &[("nginx.conf", conf)]), None);
        assert_eq!(plain("compose.yaml", "    ports: [\"127.0.0.1:80:80\"]\n", &[]), None);
    }
}
