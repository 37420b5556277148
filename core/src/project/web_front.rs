//! What stands between visitors and the application: which published port leads to it, what the web server passes on, and what it
//! tells.

use super::{ApplicationVariable, Reach, ServiceRef, Web};
use crate::detect::Kind;
use crate::model::web::{Directive, Software, Target, Value};
use crate::source::Location;

/// Packages of Composer that send the headers which defend a browser.
const HEADER_PACKAGES: [&str; 6] = [
    "nelmio/security-bundle",
    "spatie/laravel-csp",
    "bepsvpt/secure-headers",
    "paragonie/csp-builder",
    "treblle/security-headers",
    "aidantwoods/secureheaders",
];

/// A parameter of FastCGI that decides what PHP runs, with what a request puts into it.
#[derive(Clone, Debug)]
pub struct RequestParameter<'c> {
    /// The directive.
    pub directive: &'c Directive,
    /// Its name: `PHP_VALUE`, `SCRIPT_FILENAME`.
    pub name: &'c str,
    /// Its value.
    pub value: &'c Value,
    /// The variable that the request fills, without its `$`.
    pub variable: &'c str,
}

impl Web {
    /// Parameters of FastCGI that decide what PHP runs and how, and that a request may fill. What a `map` makes is an allow-list.
    #[must_use]
    pub fn request_parameters(&self) -> Vec<RequestParameter<'_>> {
        let mut found = Vec::new();
        for directive in self.config.all("fastcgi_param") {
            let (Some(name), Some(value)) = (directive.arg(0), directive.args.get(1)) else { continue };
            let settings = matches!(name, "PHP_VALUE" | "PHP_ADMIN_VALUE");
            if !settings && !matches!(name, "SCRIPT_FILENAME" | "DOCUMENT_ROOT") {
                continue;
            }
            // The path itself, and the host's name, are what a script is found by.
            let ordinary = |variable: &str| matches!(variable, "uri" | "document_uri" | "host" | "1" | "2");
            let variable = value.request_controlled().filter(|variable| settings || !ordinary(variable));
            if let Some(variable) = variable.filter(|variable| self.config.map_of(variable).is_none()) {
                found.push(RequestParameter { directive, name, value, variable });
            }
        }
        found
    }

    /// Targets whose host a request chooses, each with the variable that it fills.
    #[must_use]
    pub fn request_targets(&self) -> Vec<(Target, String)> {
        let mut found = Vec::new();
        for target in self.config.targets() {
            let variable = target.value.request_controlled().map(str::to_owned);
            let Some(variable) = variable.filter(|variable| self.config.map_of(variable).is_none()) else { continue };
            if target.hosts.iter().any(|host| host.name.contains(&variable)) {
                found.push((target, variable));
            }
        }
        found
    }

    /// Directives of nginx that write the decoded path into a header: a line feed in it begins a header of the visitor's own.
    #[must_use]
    pub fn split_headers(&self) -> Vec<(&Directive, &Value)> {
        let tree = &self.config.tree;
        let mut found = Vec::new();
        if self.config.software != Software::Nginx {
            return found;
        }
        for (index, directive) in tree.nodes.iter().enumerate() {
            let value = match directive.name.as_str() {
                "return" if directive.arg(0).is_some_and(|code| code.starts_with('3')) => directive.args.get(1),
                "return" if directive.args.len() == 1 => directive.args.first(),
                "add_header" => directive.args.get(1),
                _ => None,
            };
            let path = |name: &String| matches!(name.as_str(), "uri" | "document_uri");
            let decoded = |value: &&Value| value.variables.iter().any(path);
            let exact = || {
                tree.chain(index).any(|block| {
                    let block = tree.node(block);
                    block.name == "location" && block.arg(0).is_some_and(|first| first.starts_with('='))
                })
            };
            if let Some(value) = value.filter(decoded).filter(|_| !exact()) {
                found.push((directive, value));
            }
        }
        found
    }
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The published port by which other machines reach it, its own or that of a web server that hands requests to it.
    #[must_use]
    pub fn entrance(self) -> Option<(ServiceRef<'p, 'a>, Location)> {
        let open = |service: ServiceRef<'p, 'a>| {
            service.host_network().or_else(|| {
                let port = service.service().ports.iter().find(|port| service.reach(port) == Reach::Everyone);
                port.map(|port| port.at)
            })
        };
        if let Some(at) = open(self) {
            return Some((self, at));
        }
        let front = self.others().take(200).filter(|other| {
            let targets = other.web_server().map(|web| web.targets()).unwrap_or_default();
            targets.iter().flat_map(|target| &target.hosts).any(|host| host.name == self.name)
        });
        front.into_iter().find_map(|front| Some((front, open(front)?)))
    }

    /// Paths at which PHP-FPM behind its web server tells about itself: `pm.status_path`, and where each is set. Those with a listener
    /// of their own are none.
    #[must_use]
    pub fn fpm_status_paths(self) -> Vec<(String, Option<Location>)> {
        let mut found = Vec::new();
        for service in std::iter::once(self).chain(self.fastcgi_services()) {
            for pool in service.fpm_pools() {
                if pool.directive("pm.status_listen").is_some() {
                    continue;
                }
                if let Some(path) = pool.value("pm.status_path").filter(|path| path.starts_with('/')) {
                    let at = pool.directive("pm.status_path").and_then(|status| status.at);
                    found.push((path.to_owned(), at));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        found
    }

    /// Whether the application sends the headers that defend a browser by itself, as far as its packages tell.
    #[must_use]
    pub fn application_sends_headers(self) -> bool {
        let services = std::iter::once(self).chain(self.fastcgi_services());
        services.filter_map(|service| service.application_folder()).any(|folder| {
            let lock = self.project().composer_lock(&folder);
            let manifest = self.project().composer_manifest(&folder);
            HEADER_PACKAGES.iter().any(|package| {
                lock.as_ref().is_some_and(|lock| lock.package(package).is_some())
                    || manifest.as_ref().is_some_and(|manifest| manifest.requires(package).is_some())
            })
        })
    }

    /// Where an ini file of the project lets PHP tell its version in a header of every response.
    #[must_use]
    pub fn announces_php(self) -> Option<Location> {
        let settings = self.php_settings();
        if !settings.sapi.is_web() || settings.flag("expose_php") != Some(true) {
            return None;
        }
        settings.set_at("expose_php").filter(|at| self.project().file(at.source).kind == Kind::PhpIni)
    }

    /// The option of Traefik that lets every visitor set the headers a proxy sets: of the command, or of the environment.
    #[must_use]
    pub fn insecure_forwarded_headers(self) -> Option<Location> {
        const OPTION: &str = "forwardedheaders.insecure";
        let command = self.service().node.get("command").map(|command| command.one_or_many()).unwrap_or_default();
        let word = command.iter().find(|word| {
            let text = word.text().unwrap_or("").to_ascii_lowercase();
            text.split_once(OPTION).is_some_and(|(_, value)| !value.starts_with("=false"))
        });
        let variable = || {
            self.service().variables.iter().find(|variable| {
                let on = variable.value.as_ref().is_some_and(|value| value.is_known() && value.text != "false");
                on && variable.key.ends_with("_FORWARDEDHEADERS_INSECURE")
            })
        };
        word.map(|word| word.at()).or_else(|| variable().map(|variable| variable.key_at))
    }

    /// What names the proxies that the application trusts: `TRUSTED_PROXIES` of the container, else of the application's `.env`.
    #[must_use]
    pub fn trusted_proxies(self) -> Option<ApplicationVariable> {
        const NAME: &str = "TRUSTED_PROXIES";
        if let Some(variable) = self.service().variable(NAME) {
            let value = variable.value.as_ref()?;
            let text = value.is_known().then(|| value.text.clone());
            let (key, overridden) = (NAME.to_owned(), Vec::new());
            return Some(ApplicationVariable { key, value: text, at: value.at, overridden });
        }
        let folder = self.application_folder().filter(|_| self.role.is_php())?;
        self.project().application_environment(&folder).get(NAME).cloned()
    }
}

/// Whether a list of proxies names everybody: `*`, `0.0.0.0/0`, or the address that a request comes from.
#[must_use]
pub fn trusts_everybody(list: &str) -> bool {
    let everybody = ["*", "**", "0.0.0.0/0", "::/0", "REMOTE_ADDR"];
    list.split([',', ' ']).map(|entry| entry.trim().trim_matches(['\'', '"'])).any(|entry| everybody.contains(&entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.30.4\n    ports: [\"80:80\"]\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n    environment: {TRUSTED_PROXIES: \"10.0.0.0/8, 0.0.0.0/0\"}\n";
    const SITE: &str = "map $arg_x $chosen { default a; }\nserver {\n  root /srv;\n  return 301 https://$host$uri;\n  location = /a { return 302 /b$uri; }\n  \
location /b { proxy_pass http://$arg_host/; }\n  location ~ \\.php$ {\n    fastcgi_param PHP_VALUE \"a=$arg_boot\";\n    fastcgi_param PHP_ADMIN_VALUE $chosen;\n    \
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n    fastcgi_pass app:9000;\n  }\n}\n";

    #[test]
    fn what_a_request_decides() {
        let sources = sources(&[("compose.yaml", COMPOSE), ("site.conf", SITE)]);
        let project = Project::new(&sources, TODAY);
        let of = |name: &str| project.services().find(|service| service.name == name).expect("a service");
        let web = of("web").web_server().expect("a web server");
        let parameters: Vec<_> = web.request_parameters().into_iter().map(|it| (it.name, it.variable)).collect();
        assert_eq!(parameters, [("PHP_VALUE", "arg_boot")]);
        assert_eq!(web.request_targets().len(), 1);
        let split: Vec<_> = web.split_headers().into_iter().map(|(_, value)| value.text.as_str()).collect();
        assert_eq!(split, ["https://$host$uri"]);
        assert_eq!(of("app").entrance().map(|(front, _)| front.name.clone()).as_deref(), Some("web"));
        let trusted = of("app").trusted_proxies().and_then(|variable| variable.value).unwrap_or_default();
        assert!(trusts_everybody(&trusted) && !trusts_everybody("private_ranges") && !trusts_everybody("10.0.0.0/8"));
    }
}
