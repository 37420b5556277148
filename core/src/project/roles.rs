//! What a service is for: from its image, its command, or what other services say of it.

use super::network::MAX_COMPARED;
use super::{Evidence, Parsed, Project, ServiceRef, View};
use crate::finding::Confidence;
use crate::model::web::{self, Value};
use crate::source::{Location, file_name, join};
use crate::syntax::directives::Item;
use crate::text::shorten;
use std::collections::{BTreeMap, BTreeSet};

/// What a service is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Role {
    /// `php-fpm`, `web`, `db`, `cache` …; `unknown` when nothing tells.
    pub name: &'static str,
    /// How sure.
    pub confidence: Confidence,
}

/// Zones of a PHP stack. Traffic runs edge → app → data; operations stand beside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Group {
    /// Web servers and proxies.
    Edge,
    /// PHP and what processes for it.
    App,
    /// Databases, caches, queues, search, objects.
    Data,
    /// Administration, monitoring, mail catchers, CI.
    Operations,
    /// Not known.
    Unknown,
}

impl Group {
    /// Its name in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::App => "app",
            Self::Data => "data",
            Self::Operations => "operations",
            Self::Unknown => "unknown",
        }
    }
}

impl Role {
    /// Nothing tells.
    pub const UNKNOWN: Self = Self { name: "unknown", confidence: Confidence::Low };

    /// The zone it belongs to.
    #[must_use]
    pub fn group(self) -> Group {
        match self.name {
            "web" | "proxy" => Group::Edge,
            "php-fpm" | "php-apache" | "php-app" | "php-cli" | "app" | "processor" => Group::App,
            "db" | "cache" | "queue" | "search" | "object" => Group::Data,
            "db-admin" | "docker-admin" | "socket-proxy" | "monitor" | "mail-dev" | "dev" | "ci" | "dind"
            | "registry" | "secrets" | "admin" => Group::Operations,
            _ => Group::Unknown,
        }
    }

    /// Whether it runs PHP code of the project.
    #[must_use]
    pub fn is_php(self) -> bool {
        self.name.starts_with("php")
    }

    /// Whether it answers HTTP requests from users: what is meant to be published.
    #[must_use]
    pub fn is_web_entry(self) -> bool {
        self.group() == Group::Edge || matches!(self.name, "php-apache" | "php-app")
    }
}

/// Gives every service its role.
pub(super) fn assign(project: &mut Project<'_>) {
    let fastcgi = fastcgi_hosts(project);
    let roles: Vec<Vec<(Role, Option<Evidence>)>> = project
        .views
        .iter()
        .map(|view| {
            let told = told_by_clients(view);
            project.services_of(view).map(|service| judge(service, &fastcgi, &told)).collect()
        })
        .collect();
    for (view, roles) in project.views.iter_mut().zip(roles) {
        for (service, (role, evidence)) in view.services.iter_mut().zip(roles) {
            service.role = role;
            service.role_evidence = evidence;
        }
    }
}

fn judge(
    service: ServiceRef<'_, '_>,
    fastcgi: &[(String, Option<u16>)],
    told_by: &BTreeMap<&str, Told<'_>>,
) -> (Role, Option<Evidence>) {
    let told = |name: &'static str, confidence: Confidence, what: String, at: Option<Location>| {
        (Role { name, confidence }, Some(Evidence::new(what, at)))
    };
    let image = &service.image_use;
    let by_image =
        || format!("{} {}", if image.is_base { "it is built on" } else { "it runs" }, shorten(&image.text, 60));
    let sure = if service.image_use.is_base { Confidence::Medium } else { Confidence::High };
    let command = service.main_command();
    let words = command.words.join(" ");
    if let Some(row) = service.image_use.row()
        && !matches!(row.role, "base-os" | "build" | "other")
    {
        // A PHP image that starts another program serves no requests. A script of the project may start anything.
        if row.role.starts_with("php")
            && command.at.is_some()
            && !starts_server(&words)
            && !is_script_alone(&command.words)
        {
            let what = format!("{}, and starts another program than its server", by_image());
            return told("php-cli", sure, what, command.at);
        }
        // Applications are published with FPM too: `wordpress:fpm` serves FastCGI, not HTTP.
        let tag = service.image_use.reference.as_ref().and_then(|image| image.tag.as_deref()).unwrap_or("");
        let fpm_only = row.role == "php-app"
            && row.serves(9000)
            && !row.serves(443)
            && !row.serves(8080)
            && tag.split('-').any(|part| part == "fpm");
        return told(if fpm_only { "php-fpm" } else { row.role }, sure, by_image(), image.at);
    }
    let by_command = [
        ("php-fpm", "php-fpm"),
        ("frankenphp", "php-app"),
        ("octane", "php-app"),
        ("apache2-foreground", "php-apache"),
        ("artisan", "php-cli"),
        ("bin/console", "php-cli"),
        ("redis-server", "cache"),
        ("valkey-server", "cache"),
        ("mysqld", "db"),
        ("mariadbd", "db"),
        ("nginx", "web"),
        ("caddy", "web"),
    ];
    if let Some((needle, name)) = by_command.into_iter().find(|(needle, _)| words.contains(needle)) {
        return told(name, Confidence::Medium, format!("it starts {needle}"), command.at);
    }
    if let Some(name) = service.image_use.reference.as_ref().and_then(|image| by_image_name(file_name(&image.path))) {
        return told(name, Confidence::Medium, by_image(), image.at);
    }
    if fastcgi.iter().any(|(host, _)| *host == service.name) {
        let what = "a web server hands it FastCGI requests".to_owned();
        return told("php-fpm", Confidence::Medium, what, None);
    }
    if let Some(&(name, client, at)) = told_by.get(service.name.as_str()) {
        return told(name, Confidence::Medium, format!("`{}` is told so", shorten(client, 40)), Some(at));
    }
    let php_code = service
        .build_use
        .as_ref()
        .and_then(|used| used.context.as_deref())
        .is_some_and(|context| service.project().sources.knows(&join(context, "composer.json")));
    if php_code {
        let at = service.build.as_ref().map(|build| build.at);
        return told("php-app", Confidence::Low, "it is built from a folder with a composer.json".to_owned(), at);
    }
    (Role::UNKNOWN, None)
}

/// Whether a command is nothing but a script, such as an entrypoint of the project's own.
fn is_script_alone(words: &[String]) -> bool {
    !words.is_empty() && words.iter().all(|word| word.ends_with(".sh") || file_name(word).contains("entrypoint"))
}

/// What an image that is no known one is for, when it has the name of a known product: `bitnami/redis`, a mirror of `postgres`.
fn by_image_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "redis" | "valkey" | "keydb" | "dragonfly" | "memcached" => "cache",
        "mysql" | "mariadb" | "postgres" | "postgresql" | "mongo" | "mongodb" | "percona" | "mariadb-galera" => "db",
        "rabbitmq" | "kafka" | "nats" => "queue",
        "elasticsearch" | "opensearch" | "solr" | "meilisearch" => "search",
        "minio" => "object",
        "nginx" | "apache" | "httpd" | "caddy" => "web",
        "traefik" | "haproxy" | "varnish" => "proxy",
        "php-fpm" => "php-fpm",
        "phpmyadmin" | "adminer" => "db-admin",
        _ => return None,
    })
}

fn starts_server(words: &str) -> bool {
    [
        "php-fpm",
        "apache2-foreground",
        "frankenphp",
        "octane",
        "rr serve",
        "artisan serve",
        "nginx",
        "caddy",
        "supervisord",
        "php -S",
    ]
    .iter()
    .any(|needle| words.contains(needle))
}

/// Hosts and ports that web servers hand FastCGI requests to.
#[must_use]
pub(super) fn fastcgi_hosts(project: &Project<'_>) -> Vec<(String, Option<u16>)> {
    let mut hosts = Vec::new();
    let mut add = |source, (text, span): &(String, crate::span::Span)| {
        let value = Value { text: text.clone(), variables: Vec::new(), at: Location::new(source, *span) };
        let found = web::target(&value, false).hosts;
        hosts.extend(
            found.into_iter().filter(|host| !host.name.contains(['$', '{'])).map(|host| (host.name, host.port)),
        );
    };
    for file in &project.files {
        match &file.parsed {
            Parsed::Nginx(nginx) => {
                let upstreams: BTreeMap<&str, &Item> =
                    nginx.find("upstream").into_iter().filter_map(|item| Some((item.arg(0)?, item))).collect();
                for target in nginx.find("fastcgi_pass").iter().filter_map(|item| item.args.first()) {
                    match upstreams.get(target.0.as_str()) {
                        Some(upstream) => {
                            let servers = upstream.items().iter().filter(|item| item.name == "server");
                            servers
                                .filter_map(|server| server.args.first())
                                .for_each(|server| add(file.source, server));
                        }
                        None => add(file.source, target),
                    }
                }
            }
            Parsed::Caddyfile(caddy) => {
                let targets = caddy.find("php_fastcgi").into_iter().flat_map(|item| &item.args);
                targets
                    .filter(|(text, _)| !text.starts_with(['@', '/', '*']))
                    .for_each(|target| add(file.source, target));
            }
            Parsed::Apache(apache) => {
                let all = apache.walk();
                let targets = all.iter().flat_map(|item| &item.args).filter(|(text, _)| text.contains("fcgi://"));
                for (text, span) in targets {
                    let inner = text.strip_prefix("proxy:").unwrap_or(text).to_owned();
                    add(file.source, &(inner, *span));
                }
            }
            _ => {}
        }
    }
    hosts
}

/// What the variables of other services call this one: `DB_HOST: mysql` makes `mysql` a database.
/// A role, the service that is told of it, and where.
type Told<'v> = (&'static str, &'v str, Location);

/// What the variables of services say of others: `DB_HOST: mysql` makes `mysql` a database. The first to say so counts.
fn told_by_clients(view: &View) -> BTreeMap<&str, Told<'_>> {
    let names: BTreeSet<&str> = view.services.iter().map(|service| service.name.as_str()).collect();
    let mut told = BTreeMap::new();
    for client in view.services.iter().take(MAX_COMPARED) {
        for variable in &client.variables {
            let Some(value) = &variable.value else { continue };
            for (host, role) in [by_key(&variable.key, &value.text), by_scheme(&value.text)].into_iter().flatten() {
                if let Some(&name) = names.get(host).filter(|name| **name != client.name) {
                    told.entry(name).or_insert((role, client.name.as_str(), value.at));
                }
            }
        }
    }
    told
}

/// `REDIS_HOST: cache`, `DB_HOST: mysql:3306`.
fn by_key<'v>(key: &str, value: &'v str) -> Option<(&'v str, &'static str)> {
    let key = key.to_ascii_uppercase();
    let role = match key.as_str() {
        key if key.contains("REDIS") || key.contains("CACHE") && key.ends_with("HOST") => "cache",
        key if ["DB_HOST", "DATABASE_HOST", "MYSQL_HOST", "POSTGRES_HOST"].iter().any(|host| key.contains(host)) => {
            "db"
        }
        key if key.contains("RABBITMQ") || key.contains("AMQP") => "queue",
        _ => return None,
    };
    Some((value.split(':').next()?, role))
}

/// `postgres://user@db:5432/x`.
fn by_scheme(value: &str) -> Option<(&str, &'static str)> {
    let (scheme, rest) = value.split_once("://")?;
    let role = match scheme {
        "mysql" | "mysqli" | "postgres" | "postgresql" | "pgsql" | "mongodb" | "mariadb" => "db",
        "redis" | "rediss" | "memcached" => "cache",
        "amqp" | "amqps" => "queue",
        _ => return None,
    };
    Some((rest.rsplit('@').next()?.split([':', '/', '?']).next()?, role))
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// The role of the service `it`.
    fn role(files: &[(&str, &str)]) -> &'static str {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        project.services().find(|service| service.name == "it").map_or("missing", |service| service.role.name)
    }

    #[test]
    fn roles_by_image_and_command() {
        for (body, want) in [
            ("image: php:8.4-fpm", "php-fpm"),
            ("image: php:8.4-apache", "php-apache"),
            ("image: php:8.4-fpm\n    command: php artisan queue:work", "php-cli"),
            ("image: php:8.4-fpm\n    entrypoint: [/entrypoint.sh]", "php-fpm"),
            ("image: php:8.4-cli\n    command: php artisan serve --host 0.0.0.0", "php-cli"),
            ("image: wordpress:7.1.0-php8.4-fpm", "php-fpm"),
            ("image: wordpress:7.1.0", "php-app"),
            ("image: wordpress:cli", "php-cli"),
            ("image: serversideup/php:8.4-fpm-nginx", "php-app"),
            ("image: redis:8.2.9", "cache"),
            ("image: bitnami/redis:8.2", "cache"),
            ("image: registry.example.net/mirror/postgres:17", "db"),
            ("image: oliver006/redis_exporter:v1.62.0", "monitor"),
            ("image: registry.example.net/app:1\n    command: php artisan horizon", "php-cli"),
            ("image: registry.example.net/app:1", "unknown"),
            ("image: ${IMAGE}", "unknown"),
        ] {
            assert_eq!(role(&[("compose.yaml", &format!("services:\n  it:\n    {body}\n"))]), want, "{body}");
        }
    }

    #[test]
    fn roles_by_what_others_say() {
        for (line, want) in [
            ("DB_HOST: it", "db"),
            ("DATABASE_URL: \"postgres://u:p@it:5432/x\"", "db"),
            ("REDIS_URL: redis://it:6379", "cache"),
            ("APP_NAME: it", "unknown"),
        ] {
            let text = format!(
                "services:\n  app:\n    image: php:8.4-fpm\n    environment:\n      {line}\n  it:\n    image: registry.example.net/x:1\n"
            );
            assert_eq!(role(&[("compose.yaml", &text)]), want, "{line}");
        }
        let files = [
            (
                "compose.yaml",
                "services:\n  web:\n    image: nginx:1.30.4\n  it:\n    image: registry.example.net/x:1\n",
            ),
            ("nginx/default.conf", "server {\n  location / { fastcgi_pass it:9000; }\n}\n"),
        ];
        assert_eq!(role(&files), "php-fpm");
    }

    #[test]
    fn a_built_stage_has_the_role_of_its_base() {
        let files = [
            ("compose.yaml", "services:\n  it:\n    build: {context: ., target: web}\n"),
            ("Dockerfile", "FROM php:8.4-fpm AS app\nFROM nginx:1.30.4 AS web\n"),
        ];
        assert_eq!(role(&files), "web");
    }
}
