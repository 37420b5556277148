//! What a service is for: from its image, its command, or what other services say of it.

use super::{Parsed, Project, ServiceRef};
use crate::finding::Confidence;
use crate::source::join;

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
            "db-admin" | "docker-admin" | "socket-proxy" | "monitor" | "mail-dev" | "dev" | "ci" | "dind" | "registry" | "secrets" | "admin" => Group::Operations,
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
    let roles: Vec<Vec<Role>> = project.views.iter().map(|view| project.services_of(view).map(|service| judge(service)).collect()).collect();
    for (view, roles) in project.views.iter_mut().zip(roles) {
        for (service, role) in view.services.iter_mut().zip(roles) {
            service.role = role;
        }
    }
}

fn judge(service: ServiceRef<'_, '_>) -> Role {
    let sure = if service.image_use.is_base { Confidence::Medium } else { Confidence::High };
    let command = service.main_command();
    let words = command.words.join(" ");
    if let Some(row) = service.image_use.row
        && !matches!(row.role, "base-os" | "build" | "other")
    {
        // A PHP image that starts another program serves no requests.
        if row.role.starts_with("php") && command.at.is_some() && !starts_server(&words) {
            return Role { name: "php-cli", confidence: sure };
        }
        return Role { name: row.role, confidence: sure };
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
    if let Some((_, name)) = by_command.into_iter().find(|(needle, _)| words.contains(needle)) {
        return Role { name, confidence: Confidence::Medium };
    }
    if fastcgi_hosts(service.project()).iter().any(|(host, _)| *host == service.name) {
        return Role { name: "php-fpm", confidence: Confidence::Medium };
    }
    if let Some(name) = role_by_clients(service) {
        return Role { name, confidence: Confidence::Medium };
    }
    let php_code = service.build_use.as_ref().and_then(|used| used.context.as_deref()).is_some_and(|context| service.project().sources.knows(&join(context, "composer.json")));
    if php_code {
        return Role { name: "php-app", confidence: Confidence::Low };
    }
    Role::UNKNOWN
}

fn starts_server(words: &str) -> bool {
    ["php-fpm", "apache2-foreground", "frankenphp", "octane", "rr serve", "nginx", "caddy", "supervisord", "php -S"].iter().any(|needle| words.contains(needle))
}

/// Hosts and ports that nginx hands FastCGI requests to.
#[must_use]
pub(super) fn fastcgi_hosts<'p>(project: &'p Project<'_>) -> Vec<(&'p str, Option<u16>)> {
    let mut hosts = Vec::new();
    for file in &project.files {
        let Parsed::Nginx(nginx) = &file.parsed else { continue };
        for item in nginx.find("fastcgi_pass") {
            let Some((target, _)) = item.args.first() else { continue };
            if !target.starts_with("unix:") && !target.contains('$') {
                let (host, port) = target.rsplit_once(':').map_or((target.as_str(), None), |(host, port)| (host, port.parse().ok()));
                hosts.push((host, port));
            }
        }
    }
    hosts
}

/// What the variables of other services call this one: `DB_HOST: mysql` makes `mysql` a database.
fn role_by_clients(service: ServiceRef<'_, '_>) -> Option<&'static str> {
    for client in service.others() {
        for variable in &client.variables {
            let Some(value) = &variable.value else { continue };
            let key = variable.key.to_ascii_uppercase();
            if value.text == service.name || value.text.starts_with(&format!("{}:", service.name)) {
                let role = match key.as_str() {
                    key if key.contains("REDIS") || key.contains("CACHE") && key.ends_with("HOST") => Some("cache"),
                    key if key.contains("DB_HOST") || key.contains("DATABASE_HOST") || key.contains("MYSQL_HOST") || key.contains("POSTGRES_HOST") => Some("db"),
                    key if key.contains("RABBITMQ") || key.contains("AMQP") => Some("queue"),
                    _ => None,
                };
                if role.is_some() {
                    return role;
                }
            }
            let host = value.text.split_once("://").map(|(scheme, rest)| (scheme, rest.rsplit('@').next().unwrap_or(rest)));
            if let Some((scheme, host)) = host
                && host.split([':', '/', '?']).next() == Some(service.name.as_str())
            {
                match scheme {
                    "mysql" | "mysqli" | "postgres" | "postgresql" | "pgsql" | "mongodb" | "mariadb" => return Some("db"),
                    "redis" | "rediss" | "memcached" => return Some("cache"),
                    "amqp" | "amqps" => return Some("queue"),
                    _ => {}
                }
            }
        }
    }
    None
}
