//! PHP-FPM on a Unix socket in a volume that other containers have too: the socket is as good as the port, for whoever sees it.

use super::code::{overlaps, shared};
use crate::graph::doors::{name_of, request_level};
use crate::graph::model::{Evidence, Influence, InfluenceKind, Level, ServiceId};
use crate::model::compose::mounts::Mount;
use crate::project::{FpmPool, Group, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// A socket in a mount that may be shared.
struct Socket<'p> {
    path: String,
    /// Where its path is written.
    at: Option<Location>,
    mount: &'p Mount,
    /// Whether everybody who sees it may use it.
    is_open: bool,
}

/// Web servers that talk to PHP over a socket, and everybody else where the socket is open to all.
pub(super) fn shared_sockets(services: &[ServiceRef<'_, '_>]) -> Vec<Influence> {
    if !services.first().is_some_and(|service| service.view().is_comparable()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (to, php) in services.iter().enumerate().filter(|(_, service)| service.role.name == "php-fpm") {
        for socket in sockets(*php) {
            for (from, other) in services.iter().enumerate().filter(|(from, _)| *from != to) {
                let allowed = socket.is_open || other.role.group() == Group::Edge;
                let sees = shared(*other).find(|mount| overlaps(mount, socket.mount));
                if let Some(mount) = sees.filter(|_| allowed && !other.is_one_shot()) {
                    found.push(influence((from, *other, mount), (to, *php, &socket)));
                }
            }
        }
    }
    found
}

fn sockets<'p>(service: ServiceRef<'p, '_>) -> Vec<Socket<'p>> {
    let pools = service.fpm_pools();
    pools.iter().filter_map(|pool| socket(service, pool)).collect()
}

fn socket<'p>(service: ServiceRef<'p, '_>, pool: &FpmPool) -> Option<Socket<'p>> {
    let path = pool.value("listen")?.trim();
    let below = |mount: &&Mount| {
        let target = mount.target.trim_end_matches('/');
        path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'))
    };
    let mount = shared(service).find(|mount| path.starts_with('/') && below(mount))?;
    let is_open = pool.socket_mode().is_some_and(|mode| mode & 0o002 != 0);
    Some(Socket { path: shorten(path, 60), at: pool.directive("listen")?.at, mount, is_open })
}

fn influence(
    (from, other, mount): (ServiceId, ServiceRef<'_, '_>, &Mount),
    (to, php, socket): (ServiceId, ServiceRef<'_, '_>, &Socket<'_>),
) -> Influence {
    let (from_name, to_name) = (name_of(other), name_of(php));
    let mut evidence = vec![
        Evidence::new(socket.mount.at, format!("{} of {to_name} lies in this volume", socket.path)),
        Evidence::new(mount.at, format!("{from_name} has the same volume")),
    ];
    evidence.extend(socket.at.map(|at| Evidence::new(at, format!("PHP-FPM listens on {}", socket.path))));
    Influence {
        from,
        needs: Level::User,
        to,
        gives: request_level(php),
        kind: InfluenceKind::CodeVolume,
        cost: 1,
        reason: format!("PHP-FPM of {to_name} runs what {from_name} names on their common socket"),
        evidence,
        cause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::of;
    use super::*;

    fn with(more: &str, volume: &str) -> Vec<(String, Influence)> {
        let compose = format!(
            "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"{volume}\"]\n  app:\n    build: .\n    volumes: [\"sock:/run/php\"]\n  db:\n    image: mysql:8.4\n    volumes: [\"{volume}\"]\nvolumes: {{sock: {{}}, other: {{}}}}\n"
        );
        let dockerfile = "FROM php:8.4-fpm\nCOPY zz.conf /usr/local/etc/php-fpm.d/zz.conf\n";
        let pool = format!("[www]\nlisten = /run/php/fpm.sock\n{more}");
        of(&[("compose.yaml", &compose), ("Dockerfile", dockerfile), ("zz.conf", &pool)])
    }

    #[test]
    fn who_has_the_volume() {
        let found = with("", "sock:/run/php");
        assert_eq!(found.len(), 1, "only the web server is let in");
        let (name, one) = &found[0];
        assert_eq!(name, "web→app code-volume");
        assert_eq!((one.needs, one.gives, one.cost, one.cause.is_none()), (Level::User, Level::User, 1, true));
        assert_eq!(with("listen.mode = 0666\n", "sock:/run/php").len(), 2);
        assert!(with("", "other:/run/php").is_empty());
    }
}
