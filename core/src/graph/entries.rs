//! How a service could fall in the first place, what it does for others, and why it has to reach machines outside.
//!
//! A way in is a fault that a rule reports and that lets somebody run code in the service, or use it, without having another one
//! first. What only makes things worse afterwards is none.

mod code;
mod duties;
mod network;
mod outside;
mod told;
mod web;

pub(super) use duties::duties;
pub(super) use outside::{egress_needed, externals};

use super::model::{EntryWay, Evidence};
use crate::project::ServiceRef;
use crate::source::Location;

/// How a service could fall in the first place, those first that need the least.
pub(super) fn entries(service: ServiceRef<'_, '_>) -> Vec<EntryWay> {
    if service.is_short_lived() {
        return Vec::new();
    }
    let mut found = Vec::new();
    network::add(service, &mut found);
    web::add(service, &mut found);
    code::add(service, &mut found);
    let mut seen: Vec<(Option<&'static str>, String)> = Vec::new();
    found.retain(|way| {
        let key = (way.rule, way.reason.clone());
        let new = !seen.contains(&key);
        if new {
            seen.push(key);
        }
        new
    });
    found
}

/// Whether anything of the project gets into its container, or changes what it starts: else its image's own settings hold, and the
/// files need not be looked through.
pub(super) fn is_customised(service: ServiceRef<'_, '_>) -> bool {
    let spec = &service.service().spec;
    let given = !spec.mounts.is_empty() || !spec.configs.is_empty() || !spec.volumes_from.is_empty();
    given || service.own_command().is_some() || service.image_source().service().build_use.is_some()
}

fn way(rule: &'static str, reason: impl Into<String>, evidence: Vec<Evidence>) -> EntryWay {
    EntryWay { reason: reason.into(), evidence, rule: Some(rule) }
}

/// A place, and what it shows, where there is one.
fn shown(at: Option<Location>, label: &str) -> impl Iterator<Item = Evidence> {
    at.map(|at| Evidence::new(at, label)).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// Rule and reason of every way into a service.
    fn ways(files: &[(&str, &str)], name: &str) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().find(|service| service.name == name).unwrap();
        entries(service).into_iter().map(|way| format!("{} {}", way.rule.unwrap_or("-"), way.reason)).collect()
    }

    fn has(found: &[String], rule: &str) -> bool {
        found.iter().any(|way| way.starts_with(rule))
    }

    #[test]
    fn uploads_that_are_executed() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes:\n      - ./site.conf:/etc/nginx/conf.d/default.conf:ro\n      - uploads:/srv/public/uploads:ro\n  app:\n    image: php:8.4-fpm\n    volumes: [\"uploads:/srv/public/uploads\"]\n  worker:\n    image: php:8.4-cli\n    command: php artisan queue:work\nvolumes:\n  uploads:\n";
        let site =
            "server {\n  root /srv/public;\n  location ~ \\.php$ { try_files $uri =404; fastcgi_pass app:9000; }\n}\n";
        let files = [("compose.yaml", compose), ("site.conf", site)];
        let rule = "web-server/php-executes-in-upload-directory";
        assert!(has(&ways(&files, "app"), rule), "the code runs in PHP-FPM");
        assert!(!has(&ways(&files, "web"), rule) && !has(&ways(&files, "worker"), rule));
        let safe = "server {\n  root /srv/public;\n  location ^~ /uploads/ { }\n  location ~ \\.php$ { try_files $uri =404; fastcgi_pass app:9000; }\n}\n";
        assert!(!has(&ways(&[("compose.yaml", compose), ("site.conf", safe)], "app"), rule));
    }

    #[test]
    fn modes_keys_and_servers() {
        let compose = "services:\n  app:\n    image: php:8.4-apache\n    environment: {APP_DEBUG: \"true\", APP_SECRET: ThisTokenIsNotSoSecretChangeIt}\n  worker:\n    image: php:8.4-cli\n    command: php bin/console messenger:consume\n    environment: {APP_DEBUG: \"true\", APP_SECRET: ThisTokenIsNotSoSecretChangeIt}\n  dev:\n    image: php:8.4-cli\n    command: php -S 0.0.0.0:80 -t public\n";
        let files = [("compose.yaml", compose)];
        let app = ways(&files, "app");
        assert!(has(&app, "application/debug-or-nonprod-mode"), "{app:?}");
        assert!(has(&app, "secrets/framework-key-weak-or-leaked"), "{app:?}");
        assert!(app.iter().all(|way| !way.contains("ThisToken")), "{app:?}");
        let fallback = compose.replace("APP_SECRET: This", "APP_SECRET: \"${APP_SECRET:-This");
        let fallback = fallback.replace("ChangeIt}", "ChangeIt}\"}");
        assert!(has(&ways(&[("compose.yaml", &fallback)], "app"), "secrets/default-secret-fallback"));
        assert!(ways(&files, "worker").is_empty(), "it answers no requests");
        assert!(has(&ways(&files, "dev"), "php/development-server-in-production"));
    }

    #[test]
    fn what_is_published() {
        let compose = "services:\n  pma:\n    image: phpmyadmin:5\n    environment: {PMA_HOST: db, PMA_USER: root, PMA_PASSWORD: x9}\n    ports: [\"8080:80\"]\n  redis:\n    image: redis:8.2.9\n    command: redis-server --protected-mode no\n    ports: [\"6379:6379\"]\n  db:\n    image: mysql:8.4.11\n    environment: {MYSQL_ROOT_PASSWORD: root}\n    ports: [\"127.0.0.1:3306:3306\"]\n  fpm:\n    image: php:8.4-fpm\n    ports: [\"9000:9000\"]\n  portainer:\n    image: portainer/portainer-ce:2\n    ports: [\"9443:9443\"]\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n  sftp:\n    image: atmoz/sftp\n    command: client:client123:33\n    ports: [\"2222:22\"]\n";
        let files = [("compose.yaml", compose)];
        assert!(has(&ways(&files, "pma"), "application/database-console-autologin"));
        assert!(has(&ways(&files, "redis"), "datastores/redis-without-authentication"));
        assert!(ways(&files, "db").is_empty(), "loopback is no way from outside: {:?}", ways(&files, "db"));
        assert!(has(&ways(&files, "fpm"), "network/fpm-port-published"));
        assert!(has(&ways(&files, "portainer"), "control-plane/socket-holder-exposed"));
        assert!(has(&ways(&files, "sftp"), "application/sshd-in-container"));
    }

    #[test]
    fn packages_with_known_vulnerabilities() {
        let compose = "services:\n  app:\n    build: .\n";
        let lock = "{\"packages\": [{\"name\": \"livewire/livewire\", \"version\": \"v3.5.0\"}], \"packages-dev\": []}";
        let json = "{\"require\": {\"laravel/framework\": \"^12.0\", \"livewire/livewire\": \"^3\"}}";
        let files = [
            ("compose.yaml", compose),
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY . /var/www/html\n"),
            ("composer.json", json),
            ("composer.lock", lock),
        ];
        let found = ways(&files, "app");
        assert!(has(&found, "supply-chain/vulnerable-composer-package livewire/livewire"), "{found:?}");
    }

    #[test]
    fn a_sound_service_has_no_way_in() {
        let compose = "services:\n  web:\n    image: nginx:1.30.4\n    ports: [\"443:443\"]\n  app:\n    image: php:8.4.24-fpm\n    environment: {APP_ENV: production, APP_DEBUG: \"false\"}\n";
        let files = [("compose.yaml", compose)];
        assert!(ways(&files, "app").is_empty(), "{:?}", ways(&files, "app"));
    }
}
