//! Which service has to reach which: what the files say themselves, nothing guessed from names.

use super::network::MAX_COMPARED;
use super::{Group, Parsed, Project, ServiceRef, View};
use crate::model::compose::EnvOrigin;
use crate::model::web::Target;
use crate::source::{Location, file_name, join};
use crate::span::Span;

/// Finds every service's needs. Once: several rules ask, and finding them looks at every pair.
pub(super) fn assign(project: &mut Project<'_>) {
    let needs: Vec<Vec<Vec<Need>>> = project
        .views
        .iter()
        .map(|view| project.services_of(view).map(|service| service.find_needs()).collect())
        .collect();
    for (view, needs) in project.views.iter_mut().zip(needs) {
        for (service, needs) in view.services.iter_mut().zip(needs) {
            service.needs = needs;
        }
    }
}

/// One needed conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Who opens the connection.
    pub from: String,
    /// Who answers.
    pub to: String,
    /// What tells.
    pub at: Location,
}

impl<'p> ServiceRef<'p, '_> {
    /// The services this one has to reach, each with the text that tells.
    #[must_use]
    pub fn needs(self) -> &'p [Need] {
        &self.service.needs
    }

    fn find_needs(self) -> Vec<Need> {
        let mut needs: Vec<Need> = Vec::new();
        let mut add = |to: &str, at: Location| {
            let known = to != self.name && self.view.has_service(to);
            if known && !needs.iter().any(|need| need.to == to) {
                needs.push(Need { from: self.name.clone(), to: to.to_owned(), at });
            }
        };
        let values = self.told_values();
        let targets = self.web_server().map(|web| web.targets()).unwrap_or_default();
        for other in self.others().take(MAX_COMPARED) {
            let hosts = other.hostnames();
            for (key, value, at) in &values {
                if hosts.iter().any(|host| names_host(value, host) && !(value == host && names_no_host(key))) {
                    add(&other.name, *at);
                }
            }
            if let Some(command) = self.own_command()
                && hosts.iter().any(|host| command_names(&command.words, host))
            {
                add(&other.name, command.at);
            }
            if let Some(at) = self.proxies_to(&targets, &hosts) {
                add(&other.name, at);
            }
            // A proxy that finds its backends by label or variable needs each service that asks for it.
            if self.role.name == "proxy" && other.asks_for_proxy() {
                add(&other.name, other.at);
            }
        }
        for dependency in &self.depends_on {
            if dependency.condition != "service_completed_successfully" {
                add(&dependency.service, dependency.at);
            }
        }
        for link in &self.links {
            add(link.text.split(':').next().unwrap_or(""), link.at);
        }
        needs
    }

    /// Names under which other services find it.
    #[must_use]
    pub fn hostnames(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        names.extend(
            self.service.spec.networks.iter().flat_map(|membership| membership.aliases.iter().map(String::as_str)),
        );
        if let Some(name) = self.node.get("container_name").and_then(crate::model::node::Node::text) {
            names.push(name);
        }
        names
    }

    /// What it is told about other services: its environment, and the `.env` that PHP frameworks read themselves.
    ///
    /// A web server or a database that shares the application's `env_file` does not need what the application needs: of such a
    /// service only its own `environment` counts.
    fn told_values(self) -> Vec<(&'p str, &'p str, Location)> {
        let service = self.service;
        let own_only = matches!(self.role.group(), Group::Edge | Group::Data);
        let mut values: Vec<(&str, &str, Location)> = service
            .variables
            .iter()
            .filter(|variable| !own_only || variable.origin == EnvOrigin::Compose)
            .filter_map(|variable| {
                let value = variable.value.as_ref()?;
                Some((variable.key.as_str(), value.text.as_str(), value.at))
            })
            .collect();
        if self.role.is_php() && service.spec.env_files.is_empty() {
            let context =
                service.build_use.as_ref().and_then(|used| used.context.as_deref()).unwrap_or(&self.view.folder);
            let file =
                self.project.sources.id(&join(context, ".env")).and_then(|id| Some((id, self.project.env_file(id)?)));
            for (id, entry) in file.iter().flat_map(|(id, file)| file.entries.iter().map(move |entry| (*id, entry))) {
                let shadowed = service.variables.iter().any(|variable| variable.key == entry.key);
                if let (false, Some(value)) = (shadowed, entry.value.as_deref()) {
                    values.push((
                        entry.key.as_str(),
                        value,
                        Location::new(id, entry.value_span.unwrap_or(entry.key_span)),
                    ));
                }
            }
        }
        values
    }

    /// Where the configuration of a web server or proxy hands requests to a host.
    fn proxies_to(self, targets: &[Target], hosts: &[&str]) -> Option<Location> {
        let to = targets.iter().find(|target| target.hosts.iter().any(|host| hosts.contains(&host.name.as_str())));
        if let Some(target) = to {
            return Some(target.value.at);
        }
        // HAProxy's configuration is not read, but its backends stand on lines of their own.
        if self.role.group() != Group::Edge {
            return None;
        }
        let named = |target: &str| hosts.iter().any(|host| names_host(target, host));
        let files = self.project.files.iter().filter(|file| matches!(file.parsed, Parsed::Nothing));
        files.filter_map(|file| Some(Location::new(file.source, self.backend_line(file.source, &named)?))).next()
    }

    /// The line of HAProxy's configuration that names a backend.
    fn backend_line(self, source: crate::source::SourceId, named: &dyn Fn(&str) -> bool) -> Option<Span> {
        let name = file_name(self.project.path(source));
        if !(name.ends_with(".cfg") || name.starts_with("haproxy")) {
            return None;
        }
        let mut at = 0;
        for line in self.project.text(source).split_inclusive('\n') {
            let text = line.trim();
            let directive = text.split_whitespace().next().unwrap_or("");
            if matches!(directive, "server" | "server-template")
                && named(text.get(directive.len()..).unwrap_or("").trim())
            {
                let start = at + line.len() - line.trim_start().len();
                return Some(Span::new(start, start + text.len()));
            }
            at += line.len();
        }
        None
    }

    fn asks_for_proxy(&self) -> bool {
        self.variable("VIRTUAL_HOST").is_some()
            || self
                .labels
                .iter()
                .any(|label| label.key.starts_with("traefik.http.routers") || label.key == "traefik.enable")
    }
}

/// Whether a variable holds a name of something else: `REDIS_USERNAME: app` does not mean the service `app`.
fn names_no_host(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let last = key.rsplit('_').next().unwrap_or("");
    matches!(
        last,
        "USER"
            | "USERNAME"
            | "NAME"
            | "DATABASE"
            | "DB"
            | "PASSWORD"
            | "PASS"
            | "ENV"
            | "MODE"
            | "LEVEL"
            | "PREFIX"
            | "SCHEMA"
            | "BUCKET"
            | "TAG"
            | "VHOST"
    )
}

/// Whether a command line names a host: with a port, in a URL, or behind an option. A bare word may be a program: `php artisan`.
fn command_names(words: &[String], host: &str) -> bool {
    let parts: Vec<&str> =
        words.iter().flat_map(|word| word.split_whitespace()).map(|part| part.trim_matches(['"', '\''])).collect();
    let option = |word: &str| matches!(word, "-h" | "--host" | "--hostname" | "-H");
    let attached = |part: &str| {
        ["//", "@", "="].iter().any(|before| part.contains(&format!("{before}{host}")))
            || part.starts_with(&format!("{host}:"))
    };
    parts.iter().any(|part| attached(part) && names_host(part, host))
        || parts.windows(2).any(|pair| matches!(pair, [first, second] if option(first) && *second == host))
}

/// Whether a value names a host: alone, with a port, inside a URL, quoted, or behind `host=`.
pub(super) fn names_host(value: &str, host: &str) -> bool {
    if host.is_empty() {
        return false;
    }
    let mut from = 0;
    while let Some(found) = value.get(from..).and_then(|rest| rest.find(host)) {
        let at = from + found;
        let (before, after) = (value.get(..at).unwrap_or(""), value.get(at + host.len()..).unwrap_or(""));
        let starts = match before.chars().next_back() {
            None => true,
            // `/mysql/` inside a path is no host: a slash before must be the second of `//`.
            Some('/') => before.ends_with("//"),
            Some('=') => ["host=", "server=", "hostname="].iter().any(|key| before.to_ascii_lowercase().ends_with(key)),
            Some(c) => matches!(c, '@' | ',' | ';' | '(' | '\'' | '"') || c.is_whitespace(),
        };
        let ends = after
            .chars()
            .next()
            .is_none_or(|c| matches!(c, ':' | '/' | ',' | '?' | ';' | ')' | '\'' | '"') || c.is_whitespace());
        if starts && ends {
            return true;
        }
        from = at + host.len();
    }
    false
}

impl View {
    /// Whether a service of the view has this name.
    #[must_use]
    pub fn has_service(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{command_names, names_host, names_no_host};
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn hosts_in_values() {
        for value in [
            "redis",
            "redis:6379",
            "redis://redis:6379/0",
            "tcp://redis:6379?x=1",
            "mysql://u:p@redis/db",
            "a:1,redis:2",
            "mysql:host=redis;dbname=x",
            "define('WP_REDIS_HOST', 'redis');",
            "--host=redis",
            "u:p@tcp(redis:3306)/x",
        ] {
            assert!(names_host(value, "redis"), "{value}");
        }
        for value in ["redis-cluster", "myredis", "/var/lib/redis/x", "predis", "", "dbname=redis", "http://x/redis"] {
            assert!(!names_host(value, "redis"), "{value}");
        }
        assert!(names_no_host("REDIS_USERNAME") && names_no_host("DB_DATABASE") && !names_no_host("DB_HOST"));
    }

    #[test]
    fn hosts_in_commands() {
        let names =
            |line: &str, host: &str| command_names(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), host);
        for line in
            ["wait-for-it redis:6379 -- php x", "redis-cli -h redis ping", "tool --host=redis", "run redis://redis/0"]
        {
            assert!(names(line, "redis"), "{line}");
        }
        assert!(!names("php bin/console messenger:consume", "php") && !names("sh -c 'php artisan'", "php"));
    }

    /// `from→to` of every need.
    fn needs(files: &[(&str, &str)]) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let view = &project.views[0];
        project
            .services_of(view)
            .flat_map(|service| service.needs())
            .map(|need| format!("{}→{}", need.from, need.to))
            .collect()
    }

    #[test]
    fn a_shared_env_file_tells_the_application_only() {
        let files = [
            (
                "compose.yaml",
                "services:\n  web:\n    image: nginx:1.30.4\n    env_file: app.env\n  app:\n    image: php:8.4-fpm\n    env_file: app.env\n  db:\n    image: mysql:8.4.11\n    env_file: app.env\n  redis:\n    image: redis:8.2.9\n",
            ),
            ("app.env", "DB_HOST=db\nREDIS_HOST=redis\nDB_USERNAME=app\n"),
            ("docker/nginx/default.conf", "server {\n  location / {\n    fastcgi_pass app:9000;\n  }\n}\n"),
        ];
        assert_eq!(needs(&files), ["web→app", "app→db", "app→redis"]);
    }

    #[test]
    fn php_reads_the_env_file_of_its_folder() {
        let compose = "services:\n  app:\n    build: .\n  db:\n    image: mysql:8.4.11\n";
        let files = [("compose.yaml", compose), ("Dockerfile", "FROM php:8.4-fpm\n"), (".env", "DB_HOST=db\n")];
        assert_eq!(needs(&files), ["app→db"]);
    }

    #[test]
    fn a_caddyfile_names_its_backend() {
        let files = [
            ("compose.yaml", "services:\n  web:\n    image: caddy:2.11.4\n  app:\n    image: php:8.4-fpm\n"),
            ("docker/Caddyfile", "example.net {\n\tphp_fastcgi app:9000\n}\n"),
        ];
        assert_eq!(needs(&files), ["web→app"]);
    }

    #[test]
    fn apache_names_its_backend() {
        let compose = "services:\n  web:\n    image: httpd:2.4\n    volumes: [\"./httpd.conf:/usr/local/apache2/conf/httpd.conf\"]\n  app:\n    image: php:8.4-fpm\n  api:\n    image: registry.example.net/api:1\n";
        let conf = "ProxyPass /api http://api:8080/\n<FilesMatch \\.php$>\nSetHandler \"proxy:fcgi://app:9000\"\n</FilesMatch>\n";
        assert_eq!(needs(&[("compose.yaml", compose), ("httpd.conf", conf)]), ["web→app", "web→api"]);
        let rule = "<Location />\nProxyPassMatch \"fcgi://app:9000/srv/$1\"\n</Location>\n";
        assert_eq!(needs(&[("compose.yaml", compose), ("httpd.conf", rule)]), ["web→app"]);
    }

    #[test]
    fn an_upstream_is_followed() {
        let compose = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./web:/etc/nginx/conf.d\"]\n  app:\n    image: php:8.4-fpm\n  other:\n    image: php:8.4-fpm\n";
        let conf = "upstream php { server app:9000; }\nserver { location / { fastcgi_pass php; } }\n";
        let unused = "server { location / { fastcgi_pass other:9000; } }\n";
        let files = [("compose.yaml", compose), ("web/site.conf", conf), ("old/nginx/site.conf", unused)];
        assert_eq!(needs(&files), ["web→app"]);
    }

    #[test]
    fn a_job_that_has_ended_is_not_needed() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    depends_on:\n      migrate: {condition: service_completed_successfully}\n      gone: {condition: service_started}\n  migrate:\n    image: php:8.4-cli\n";
        assert!(needs(&[("compose.yaml", text)]).is_empty());
    }
}
