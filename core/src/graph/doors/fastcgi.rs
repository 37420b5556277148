//! PHP-FPM on a TCP port: whoever connects names the script and the settings, so it runs what they like.

use super::{is_root, name_of, request_level};
use crate::graph::model::{Door, DoorKind, Evidence, Level};
use crate::model::compose::Healthcheck;
use crate::project::{FpmListen, FpmPool, Group, ServiceRef};
use crate::source::{Location, file_name};

/// Port of FastCGI, as the official images have it.
const FASTCGI: u16 = 9000;

/// Where a pool takes connections.
enum Place {
    /// On a port, of every address of the container or of its loopback address only.
    Port(u16, bool),
    /// On a Unix socket: no way in over a network.
    Socket,
}

/// A door for each TCP port that its pools listen on. No change closes it that would not also shut its own web server out, so none
/// has a cause.
pub(super) fn doors(service: ServiceRef<'_, '_>) -> Vec<Door> {
    if !service.is_fpm() {
        return by_health(service).into_iter().collect();
    }
    if service.runs_php_jobs() {
        return Vec::new();
    }
    let pools = service.fpm_pools();
    let mut listening = pools.iter().filter(|pool| pool.directive("listen").is_some()).peekable();
    if listening.peek().is_some() {
        return listening.filter_map(|pool| of_pool(service, pool)).collect();
    }
    match service.fpm_listen() {
        FpmListen::Port(port, at) => vec![door(service, port, false, request_level(service), at)],
        FpmListen::Local(at) => match place(service.project().slice(at)) {
            Some(Place::Port(port, true)) => vec![door(service, port, true, request_level(service), Some(at))],
            _ => Vec::new(),
        },
    }
}

/// PHP-FPM in an image that nobody knows: its health check asks for it. Of such a server only the port of the official images is
/// assumed, and only where nothing says that it does something else.
fn by_health(service: ServiceRef<'_, '_>) -> Option<Door> {
    let Some(Healthcheck::Probe(at)) = &service.healthcheck else { return None };
    let asks = service
        .probe
        .as_ref()?
        .words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .any(|word| matches!(file_name(word), "php-fpm" | "php-fpm-healthcheck" | "cgi-fcgi"));
    let open = service.role.is_php() || service.role.group() == Group::Unknown;
    if !asks || !open || service.web_server().is_some() || service.runs_php_jobs() {
        return None;
    }
    let evidence = Evidence::new(*at, "its health check asks for PHP-FPM, whose port is 9000 unless told otherwise");
    Some(Door { evidence: vec![evidence], ..door(service, FASTCGI, false, request_level(service), Some(*at)) })
}

fn of_pool(service: ServiceRef<'_, '_>, pool: &FpmPool) -> Option<Door> {
    let Place::Port(port, loopback) = place(pool.value("listen")?)? else { return None };
    let allowed = pool.directive("listen.allowed_clients").and_then(|directive| directive.value.as_deref());
    let only_itself = allowed.is_some_and(|list| is_filled(list) && list.split(',').all(is_loopback));
    // Addresses of other containers: who has one of them is not known.
    if pool.limits_clients() != Some(false) && !only_itself {
        return None;
    }
    let gives = if is_root(pool.value("user")) { Level::Root } else { request_level(service) };
    Some(door(service, port, loopback || only_itself, gives, pool.directive("listen")?.at))
}

fn is_filled(list: &str) -> bool {
    !matches!(list.trim(), "" | "any")
}

fn is_loopback(address: &str) -> bool {
    let address = address.trim().trim_matches(['[', ']']);
    address.starts_with("127.") || matches!(address, "::1" | "localhost")
}

/// Where a value of `listen` takes connections; `None` when that is not known.
fn place(listen: &str) -> Option<Place> {
    let listen = listen.trim();
    if listen.starts_with('/') {
        return Some(Place::Socket);
    }
    match listen.rsplit_once(':') {
        Some((address, port)) => Some(Place::Port(port.parse().ok()?, is_loopback(address))),
        None => Some(Place::Port(listen.parse().ok()?, false)),
    }
}

fn door(service: ServiceRef<'_, '_>, port: u16, loopback_only: bool, gives: Level, at: Option<Location>) -> Door {
    let evidence = match at {
        Some(at) => Evidence::new(at, format!("PHP-FPM listens on port {port}")),
        None => {
            let image = service.image_use.at.unwrap_or(service.at);
            Evidence::new(image, format!("PHP-FPM of this image listens on port {port}"))
        }
    };
    Door {
        kind: DoorKind::FastCgi,
        gives,
        cost: 1,
        ports: vec![port],
        loopback_only,
        reason: format!("PHP-FPM of {} runs what anybody who connects names", name_of(service)),
        evidence: vec![evidence],
        cause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{of, one};
    use super::*;

    fn pool(text: &str) -> Vec<Door> {
        let compose = "services:\n  app:\n    build: .\n";
        let dockerfile = "FROM php:8.4-fpm\nCOPY zz.conf /usr/local/etc/php-fpm.d/zz.conf\n";
        of(compose, &[("Dockerfile", dockerfile), ("zz.conf", text)])
    }

    #[test]
    fn where_it_listens() {
        let image = one("php:8.4-fpm", "");
        assert_eq!((image.len(), image[0].kind, image[0].gives), (1, DoorKind::FastCgi, Level::User));
        assert_eq!((image[0].ports.as_slice(), image[0].loopback_only), (&[9000][..], false));
        assert!(image[0].cause.is_none());
        assert_eq!(pool("[www]\nlisten = 9100\n")[0].ports, [9100]);
        assert!(pool("[www]\nlisten = 127.0.0.1:9000\n")[0].loopback_only);
        assert!(pool("[www]\nlisten = /run/php/fpm.sock\n").is_empty());
    }

    #[test]
    fn who_it_answers() {
        assert!(pool("[www]\nlisten = 9000\nlisten.allowed_clients = 10.0.0.5\n").is_empty());
        assert!(pool("[www]\nlisten = 9000\nlisten.allowed_clients = 127.0.0.1\n")[0].loopback_only);
        assert!(!pool("[www]\nlisten = 9000\nlisten.allowed_clients = any\n")[0].loopback_only);
    }

    #[test]
    fn what_it_runs_as() {
        assert_eq!(pool("[www]\nuser = root\nlisten = 9000\n")[0].gives, Level::Root);
        assert_eq!(pool("[www]\nuser = app\nlisten = 9000\n")[0].gives, Level::User);
    }

    #[test]
    fn an_image_nobody_knows() {
        let with = |test: &str| one("registry.example.net/shop:1", &format!("    healthcheck: {{test: {test}}}\n"));
        assert_eq!(with("[CMD, php-fpm, -t]").first().map(|door| door.ports.as_slice()), Some(&[9000][..]));
        assert_eq!(with("SCRIPT_NAME=/ping cgi-fcgi -bind -connect 127.0.0.1:9000").len(), 1);
        assert!(with("[CMD, curl, -f, localhost]").is_empty());
    }

    #[test]
    fn no_fpm() {
        assert!(one("php:8.4-apache", "").is_empty());
        assert!(one("php:8.4-fpm", "    command: php artisan queue:work\n").is_empty());
    }
}
