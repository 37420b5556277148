//! What the gallery's stacks hold, which doors stand open in them, and how one service gets into another, checked by hand against
//! their files.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

use crate::graph::model::{Door, Influence};
use crate::graph::{doors, entries, holdings, influence};
use crate::project::{Project, ServiceRef};
use crate::{Date, Sources};
use std::fs;
use std::path::{Path, PathBuf};

/// What the first view of each stack holds.
#[rustfmt::skip]
const EXPECTED: [(&str, &[&str]); 6] = [
    (
        "larashop/vulnerable",
        &[
            "nginx: secret /var/www/html/deploy_key critical needless",
            "nginx: secret APP_KEY application-key needless",
            "nginx: secret APP_KEY application-key needless",
            "nginx: secret DB_PASSWORD credential opens mysql superuser needless",
            "nginx: secret DB_PASSWORD credential opens mysql superuser needless",
            "nginx: secret STRIPE_SECRET critical outside stripe needless",
            "nginx: secret STRIPE_SECRET critical outside stripe needless",
            "app: door fastcgi user [9000]",
            "app: secret /var/www/html/deploy_key critical needless",
            "app: secret APP_KEY application-key",
            "app: secret DB_PASSWORD credential opens mysql superuser",
            "app: secret STRIPE_SECRET critical outside stripe",
            "worker: secret /var/www/html/deploy_key critical needless",
            "worker: secret APP_KEY application-key",
            "worker: secret DB_PASSWORD credential opens mysql superuser",
            "worker: secret STRIPE_SECRET critical outside stripe",
            "scheduler: secret APP_KEY application-key",
            "scheduler: secret DB_PASSWORD credential opens mysql superuser",
            "scheduler: secret STRIPE_SECRET critical outside stripe",
            "redis: door open-store data [6379]",
            "mysql: door weak-password data [3306, 33060]",
            "mysql: secret MYSQL_ROOT_PASSWORD credential",
            "phpmyadmin: door console data [80]",
            "phpmyadmin: secret PMA_PASSWORD credential opens mysql superuser",
            "redis→worker queue data/root",
            "redis→app session data/user",
            "nginx→app code-volume root/user",
            "nginx→worker code-volume root/root",
            "app→worker code-volume user/root",
            "worker→app code-volume user/user",
        ],
    ),
    (
        "larashop/hardened",
        &[
            "app: door fastcgi user [9000]",
            "app: secret /run/secrets/app_key application-key",
            "app: secret /run/secrets/db_password credential opens mysql",
            "app: secret /run/secrets/redis_app_password credential opens redis",
            "worker: secret /run/secrets/app_key application-key",
            "worker: secret /run/secrets/db_password credential opens mysql",
            "worker: secret /run/secrets/redis_app_password credential opens redis",
            "redis: secret /run/secrets/redis_users_acl credential",
            "mysql: secret /run/secrets/db_password credential",
        ],
    ),
    (
        "invoice-hub/vulnerable",
        &[
            "php: door admin-api root [2019]",
            "php: secret APP_SECRET application-key",
            "php: secret COMPOSER_AUTH critical needless",
            "php: secret DATABASE_URL credential opens database superuser",
            "php: secret MERCURE_PUBLISHER_JWT_KEY application-key",
            "php: secret MERCURE_SUBSCRIBER_JWT_KEY application-key",
            "php: secret MESSENGER_TRANSPORT_DSN credential opens rabbitmq superuser",
            "consumer: secret APP_SECRET application-key",
            "consumer: secret COMPOSER_AUTH critical needless",
            "consumer: secret DATABASE_URL credential opens database superuser",
            "consumer: secret MESSENGER_TRANSPORT_DSN credential opens rabbitmq superuser",
            "database: door open-store data [5432]",
            "rabbitmq: door weak-password data [5672, 15672, 25672, 4369]",
            "redis: door open-store data [6379]",
            "elasticsearch: door open-store data [9200, 9300]",
            "backup: secret /root/.ssh critical needless",
            "backup: secret AWS_SECRET_ACCESS_KEY critical outside aws",
            "rabbitmq→consumer queue data/root",
            "database→database database-command data/user",
            "database→database database-command data/user",
            "database→database database-command data/user",
        ],
    ),
    (
        "invoice-hub/hardened",
        &[
            "php: secret /run/secrets/amqp_dsn credential opens rabbitmq",
            "php: secret /run/secrets/app_secret application-key",
            "php: secret /run/secrets/database_url credential opens database",
            "consumer: secret /run/secrets/amqp_dsn credential opens rabbitmq",
            "consumer: secret /run/secrets/app_secret application-key",
            "consumer: secret /run/secrets/database_url credential opens database",
            "database: secret /run/secrets/db_owner_password credential",
            "rabbitmq: secret /run/secrets/rabbit_password credential",
            "redis: secret /run/secrets/redis_acl credential",
            "rabbitmq→consumer queue data/user",
        ],
    ),
    (
        "agency-host/vulnerable",
        &[
            "wordpress: secret WORDPRESS_DB_PASSWORD credential opens db superuser",
            "db: door weak-password data [3306, 33060]",
            "db: secret MYSQL_ROOT_PASSWORD credential",
            "redis: door open-store data [6379]",
            "backup: secret AWS_SECRET_ACCESS_KEY critical outside aws",
            "wordpress→cron code-volume user/root",
            "cron→wordpress code-volume user/user",
            "redis→wordpress redis-file data/user",
        ],
    ),
    (
        "agency-host/hardened",
        &[
            "proxy: door admin-api data [2019] loopback",
            "wordpress: door fastcgi user [9000]",
            "wordpress: secret /run/secrets/wp_db_password credential opens db",
            "wordpress: secret /run/secrets/wp_salts application-key",
            "db: secret /run/secrets/wp_db_password credential",
            "redis: secret /run/secrets/redis_acl credential",
        ],
    ),
];

fn read(folder: &Path) -> Sources {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(&next).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut sources = Sources::new();
    for path in files {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        sources.add_bytes(&name, &fs::read(&path).unwrap());
    }
    sources
}

/// Asks the services of a stack's first view.
fn with<T>(stack: &str, question: impl Fn(&[ServiceRef<'_, '_>]) -> T) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/gallery").join(stack);
    let sources = read(&folder);
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let view = project.views.iter().find(|view| view.name == "default").or(project.views.first()).unwrap();
    let services: Vec<ServiceRef<'_, '_>> = project.services_of(view).collect();
    question(&services)
}

/// Lines that say everything of a stack: `app: door fastcgi user [9000]`, `app: secret DB_PASSWORD credential opens mysql`,
/// `redis→worker queue data/root`.
fn lines(services: &[ServiceRef<'_, '_>]) -> Vec<String> {
    let externals = entries::externals(services);
    let name = |id: usize| services[id].name.clone();
    let mut found = Vec::new();
    for service in services {
        for door in doors::doors(*service) {
            found.push(format!("{}: door {}", service.name, of_door(&door)));
        }
        for secret in holdings::secrets(*service, services, &externals) {
            let opens: Vec<String> = secret.opens.iter().map(|id| name(*id)).collect();
            let outside: Vec<&str> = secret.opens_external.iter().map(|id| externals[*id].name.as_str()).collect();
            found.push(format!(
                "{}: secret {} {}{}{}{}{}",
                service.name,
                secret.name,
                secret.class.as_str(),
                if opens.is_empty() { String::new() } else { format!(" opens {}", opens.join(",")) },
                if outside.is_empty() { String::new() } else { format!(" outside {}", outside.join(",")) },
                if secret.superuser { " superuser" } else { "" },
                if secret.cause.is_some() { " needless" } else { "" },
            ));
        }
    }
    let of = |one: Influence| {
        let (needs, gives) = (one.needs.as_str(), one.gives.as_str());
        format!("{}→{} {} {needs}/{gives}", name(one.from), name(one.to), one.kind.as_str())
    };
    found.extend(influence::influences(services).into_iter().map(of));
    found
}

fn of_door(door: &Door) -> String {
    let local = if door.loopback_only { " loopback" } else { "" };
    format!("{} {} {:?}{local}", door.kind.as_str(), door.gives.as_str(), door.ports)
}

#[test]
fn everything() {
    for (stack, expected) in EXPECTED {
        assert_eq!(with(stack, lines), expected, "{stack}");
    }
}

#[test]
fn no_value_gets_out() {
    for (stack, _) in EXPECTED {
        let text = with(stack, |services| {
            let externals = entries::externals(services);
            let held = services.iter().map(|service| holdings::secrets(*service, services, &externals));
            let open = services.iter().map(|service| doors::doors(*service));
            let (held, open): (Vec<_>, Vec<_>) = (held.collect(), open.collect());
            format!("{held:?}{open:?}{:?}", influence::influences(services))
        });
        for value in ["q3Zr0vXb", "sk_live_", "wJalrXUt", "h7Kq2mVx", "9f2c1b7a", "guest:guest", "postgres:postgres"] {
            assert!(!text.contains(value), "{stack}: {value}");
        }
    }
}
