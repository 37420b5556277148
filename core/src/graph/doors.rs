//! Ways into a service for whoever can open a connection to it: a data store that asks nobody, a password that anybody guesses,
//! FastCGI, an administration interface, the API of a container engine, a console that is open.
//!
//! Every door is what a rule reports, in the words of that rule, or what a protocol is: FastCGI has no login at all. Nothing here
//! looks at who can open the connection; that is for the links of the graph.

mod engine;
mod fastcgi;
mod interfaces;
mod stores;

use super::model::{Cause, Door, DoorKind, Evidence, Level};
use crate::project::{OpenBy, OpenConsole, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// Every way into a service, in a fixed order: stores, FastCGI, administration, engine, consoles.
pub(super) fn doors(service: ServiceRef<'_, '_>) -> Vec<Door> {
    let mut found = stores::doors(service);
    found.extend(fastcgi::doors(service));
    found.extend(interfaces::doors(service));
    found.extend(engine::doors(service));
    found.extend(service.open_console().and_then(|console| open_console(service, &console)));
    found
}

/// What code of a web request runs as in a service: the pool's user behind PHP-FPM, else the workers of the main process.
pub(super) fn request_level(service: ServiceRef<'_, '_>) -> Level {
    let root = service.role.name == "php-fpm" && service.fpm_pools().iter().any(|pool| is_root(pool.value("user")));
    if root { Level::Root } else { main_level(service) }
}

/// What the main process of a service runs as, which is what its jobs and commands run as.
pub(super) fn main_level(service: ServiceRef<'_, '_>) -> Level {
    if service.effective_user().privilege.is_root() { Level::Root } else { Level::User }
}

/// Whether a user that a file names is root.
fn is_root(user: Option<&str>) -> bool {
    matches!(user.map(str::trim), Some("root" | "0"))
}

/// The service's name for a sentence.
pub(super) fn name_of(service: ServiceRef<'_, '_>) -> String {
    shorten(&service.name, 60)
}

/// A text of a rule's message without its marks for code: reasons have their names bare.
fn bare(text: &str) -> String {
    shorten(&text.replace('`', ""), 120)
}

/// What a rule reports at a place, and the change that takes it away.
pub(super) fn cause(rule: &'static str, at: Location, change: impl Into<String>) -> Cause {
    Cause { rule: Some(rule), change: change.into(), at }
}

/// The ports that its image serves; empty when nobody knows.
fn known_ports(service: ServiceRef<'_, '_>) -> Vec<u16> {
    service.image_use.row().map(|row| row.ports.to_vec()).unwrap_or_default()
}

/// A console that lets everybody in. One that only connects to whatever server a visitor names opens nothing by itself.
fn open_console(service: ServiceRef<'_, '_>, open: &OpenConsole<'_>) -> Option<Door> {
    let name = name_of(service);
    let (what, change) = match open.by {
        OpenBy::AnyServer => return None,
        OpenBy::NoLogin if open.second.is_none() => return None,
        OpenBy::StoredLogin => {
            ("logs everybody in with a stored user", format!("Take the stored login away from {name}"))
        }
        OpenBy::LoginOff => ("has its login switched off", format!("Switch the login of {name} on")),
        OpenBy::DefaultLogin => {
            ("is guarded by the login of its documentation only", format!("Give {name} a password of its own"))
        }
        OpenBy::NoLogin => ("asks for no login", format!("Give {name} a login")),
    };
    let mut evidence = vec![Evidence::new(open.at, format!("{} {what}", open.console))];
    evidence.extend(open.second.map(|second| Evidence::new(second.key_at, "this belongs to it")));
    Some(Door {
        kind: DoorKind::Console,
        gives: Level::Data,
        cost: 1,
        ports: known_ports(service),
        loopback_only: false,
        reason: format!("{} of {name} {what}", open.console),
        evidence,
        cause: Some(cause("application/database-console-autologin", open.at, change)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// The doors of the first service of a Compose file and more files.
    pub(super) fn of(compose: &str, more: &[(&str, &str)]) -> Vec<Door> {
        let mut files = vec![("compose.yaml", compose)];
        files.extend(more);
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let found = doors(service);
        for door in &found {
            assert!(!door.reason.contains('`') && !door.reason.ends_with('.'), "{}", door.reason);
            assert!(!door.evidence.is_empty(), "{}", door.reason);
        }
        found
    }

    /// The doors of one service with this image and these further lines.
    pub(super) fn one(image: &str, lines: &str) -> Vec<Door> {
        of(&format!("services:\n  a:\n    image: {image}\n{lines}"), &[])
    }

    #[test]
    fn consoles() {
        let stored = one("phpmyadmin:5", "    environment: {PMA_HOST: db, PMA_USER: root, PMA_PASSWORD: x}\n");
        assert_eq!((stored.len(), stored[0].kind, stored[0].gives), (1, DoorKind::Console, Level::Data));
        assert_eq!(stored[0].ports, [80]);
        assert_eq!(stored[0].reason, "phpMyAdmin of a logs everybody in with a stored user");
        assert_eq!(stored[0].cause.as_ref().unwrap().rule, Some("application/database-console-autologin"));
        assert!(one("phpmyadmin:5", "    environment: {PMA_ARBITRARY: 1}\n").is_empty());
        assert!(one("phpmyadmin:5", "    environment: {PMA_HOST: db}\n").is_empty());
        assert!(one("redis/redisinsight:2", "").is_empty(), "it knows no server");
        assert_eq!(one("rediscommander/redis-commander", "    environment: {REDIS_HOSTS: local:redis}\n").len(), 1);
        assert!(one("axllent/mailpit:v1", "").is_empty(), "a mail catcher is seen and not controlled");
    }

    #[test]
    fn levels() {
        let level = |lines: &str, pool: &str| {
            let files = [
                ("compose.yaml", format!("services:\n  app:\n    build: .\n{lines}")),
                ("Dockerfile", "FROM php:8.4-fpm\nCOPY zz.conf /usr/local/etc/php-fpm.d/zz.conf\n".to_owned()),
                ("zz.conf", pool.to_owned()),
            ];
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let sources = sources(&files);
            let project = Project::new(&sources, TODAY);
            let service = project.services().next().unwrap();
            (request_level(service), main_level(service))
        };
        assert_eq!(level("", "[www]\nuser = www-data\n"), (Level::User, Level::User));
        assert_eq!(level("", "[www]\nuser = root\n").0, Level::Root);
        assert_eq!(level("    command: php artisan queue:work\n", "[www]\n").1, Level::Root);
        assert_eq!(level("    command: php artisan queue:work\n    user: www-data\n", "[www]\n").1, Level::User);
    }
}
