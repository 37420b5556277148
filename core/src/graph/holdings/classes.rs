//! What a secret is good for, by its name and by the shape of its value.

use crate::facts::secrets::{KeyStrength, is_weak, key_is_secret};
use crate::graph::model::SecretClass;
use crate::project::{DataProduct, Group, SecretKind, ServiceRef, secret_in};

/// Starts of names that belong to systems outside, what they are called among the graph's externals, and whether they are what an
/// attacker goes for: clouds, payment, registries, source repositories.
const SYSTEMS: [(&str, &str, bool); 47] = [
    ("ADYEN_", "adyen", true),
    ("ALGOLIA_", "algolia", false),
    ("ANTHROPIC_", "anthropic", false),
    ("AWS_", "aws", true),
    ("AZURE_", "azure", true),
    ("B2_", "backblaze", true),
    ("BITBUCKET_", "bitbucket", true),
    ("BRAINTREE_", "braintree", true),
    ("CF_API_", "cloudflare", true),
    ("CLOUDFLARE_", "cloudflare", true),
    ("COMPOSER_AUTH", "composer", true),
    ("DIGITALOCEAN_", "digitalocean", true),
    ("DO_AUTH_TOKEN", "digitalocean", true),
    ("DOCKER_AUTH", "registry", true),
    ("DOCKERHUB_", "registry", true),
    ("GCP_", "google-cloud", true),
    ("GH_TOKEN", "github", true),
    ("GITHUB_", "github", true),
    ("GITLAB_", "gitlab", true),
    ("GOOGLE_APPLICATION_CREDENTIALS", "google-cloud", true),
    ("HCLOUD_", "hetzner", true),
    ("HEROKU_", "heroku", true),
    ("KLARNA_", "klarna", true),
    ("KUBECONFIG", "kubernetes", true),
    ("MAILCHIMP_", "mailchimp", false),
    ("MAILGUN_", "mailgun", false),
    ("MAILJET_", "mailjet", false),
    ("MOLLIE_", "mollie", true),
    ("NEW_RELIC_", "new-relic", false),
    ("NPM_TOKEN", "npm", true),
    ("OPENAI_", "openai", false),
    ("PADDLE_", "paddle", true),
    ("PAYPAL_", "paypal", true),
    ("POSTMARK_", "postmark", false),
    ("PUSHER_", "pusher", false),
    ("REGISTRY_", "registry", true),
    ("SENDGRID_", "sendgrid", false),
    ("SES_", "aws", true),
    ("SLACK_", "slack", false),
    ("SQUARE_", "square", true),
    ("SSH_", "ssh", true),
    ("STRIPE_", "stripe", true),
    ("TELEGRAM_", "telegram", false),
    ("TWILIO_", "twilio", false),
    ("VAULT_", "vault", true),
    ("DEPLOY_KEY", "ssh", true),
    ("ID_RSA", "ssh", true),
];
/// Who issues tokens that open a cloud, a payment provider, a registry or a source repository.
const CRITICAL: [&str; 22] = [
    "AWS",
    "Azure",
    "Braintree",
    "Cloudflare",
    "DigitalOcean",
    "Docker Hub",
    "GitHub",
    "GitLab",
    "Google",
    "HashiCorp Vault",
    "Heroku",
    "Magento",
    "PEM",
    "PuTTY",
    "Private Packagist",
    "PyPI",
    "Shopify",
    "Square",
    "Stripe",
    "age",
    "npm",
    "registry",
];
/// Ends of names of keys that an application signs and encrypts with.
const APPLICATION: [&str; 16] = [
    "APP_KEY",
    "APP_SECRET",
    "AUTH_KEY",
    "COOKIE_SECRET",
    "ENCRYPTION_KEY",
    "ENCRYPTION.KEY",
    "HASH_SALT",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "PASSPORT_PRIVATE_KEY",
    "SALT",
    "SALTS",
    "SECRET_KEY_BASE",
    "SECURITY_KEY",
    "SESSION_SECRET",
    "SIGNING_KEY",
];

/// A kind of store that a login is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Store {
    /// A database of these products; of any for none.
    Database(&'static [DataProduct]),
    /// The Redis family.
    Redis,
    /// A message queue.
    Queue,
    /// A search index.
    Search,
    /// An object store.
    Objects,
}

/// Words of names and the stores that they are for, the particular before the general.
const STORES: [(&str, Store); 19] = [
    ("MYSQL", Store::Database(&[DataProduct::MySql, DataProduct::MariaDb])),
    ("MARIADB", Store::Database(&[DataProduct::MySql, DataProduct::MariaDb])),
    ("PMA", Store::Database(&[DataProduct::MySql, DataProduct::MariaDb])),
    ("POSTGRES", Store::Database(&[DataProduct::Postgres])),
    ("POSTGRESQL", Store::Database(&[DataProduct::Postgres])),
    ("PGPASSWORD", Store::Database(&[DataProduct::Postgres])),
    ("MONGO", Store::Database(&[DataProduct::MongoDb])),
    ("MONGODB", Store::Database(&[DataProduct::MongoDb])),
    ("REDIS", Store::Redis),
    ("VALKEY", Store::Redis),
    ("RABBITMQ", Store::Queue),
    ("AMQP", Store::Queue),
    ("MESSENGER", Store::Queue),
    ("MEILI", Store::Search),
    ("MEILISEARCH", Store::Search),
    ("ELASTIC", Store::Search),
    ("MINIO", Store::Objects),
    ("DATABASE", Store::Database(&[])),
    ("DB", Store::Database(&[])),
];

impl Store {
    /// Whether a service is such a store.
    pub(super) fn is(self, service: ServiceRef<'_, '_>) -> bool {
        match self {
            Self::Database([]) => service.role.name == "db",
            Self::Database(products) => service.data_product().is_some_and(|product| products.contains(&product)),
            // The role is known already; what its command says has to be read.
            Self::Redis => service.role.group() == Group::Data && service.is_redis(),
            Self::Queue => service.role.name == "queue",
            Self::Search => service.role.name == "search",
            Self::Objects => service.role.name == "object",
        }
    }
}

/// Whether a service is any store, or not known not to be one.
pub(super) fn is_store(service: ServiceRef<'_, '_>) -> bool {
    service.role.group() == Group::Data || service.data_product().is_some() || service.is_redis()
}

/// The kind of store that a name says its login is for.
pub(super) fn store_of(key: &str) -> Option<Store> {
    let key = key.to_ascii_uppercase();
    let words: Vec<&str> = key.split(['_', '-', '.', '/']).collect();
    let logins = ["PASS", "PWD", "DSN", "URL", "URI", "KEY", "SECRET", "TOKEN", "ACL"];
    let login = logins.iter().any(|word| key.contains(word));
    STORES.iter().find(|(word, _)| login && words.contains(word)).map(|(_, store)| *store)
}

/// The system outside that a name belongs to, as the graph's externals call it.
pub(super) fn system_of(key: &str) -> Option<&'static str> {
    system(&key.to_ascii_uppercase()).map(|(name, _)| name)
}

/// The name of the system, and whether it is what an attacker goes for.
fn system(upper: &str) -> Option<(&'static str, bool)> {
    SYSTEMS.iter().find(|(start, ..)| upper.starts_with(start)).map(|(_, name, critical)| (*name, *critical))
}

/// What a secret is good for, as long as it opens no store of the deployment.
pub(super) fn class_of(key: &str, value: Option<&str>) -> SecretClass {
    let upper = key.to_ascii_uppercase();
    if upper.contains("JWT") || APPLICATION.iter().any(|end| upper.ends_with(end)) {
        return SecretClass::ApplicationKey;
    }
    let issuer = value.and_then(|value| secret_in(key, value)).and_then(|secret| match secret.kind {
        SecretKind::Token(provider) => Some(provider),
        _ => None,
    });
    if issuer.is_some_and(|issuer| matches!(issuer, "Laravel" | "Symfony" | "WordPress" | "Drupal" | "JWT")) {
        return SecretClass::ApplicationKey;
    }
    let critical =
        issuer.is_some_and(|issuer| CRITICAL.contains(&issuer)) || system(&upper).is_some_and(|(_, critical)| critical);
    if critical { SecretClass::Critical } else { SecretClass::Other }
}

/// Whether a credential is for building and deploying, which the running application has no use for.
pub(super) fn is_for_builds(key: &str) -> bool {
    let names = ["composer", "github", "gitlab", "bitbucket", "npm", "registry", "ssh"];
    system_of(key).is_some_and(|system| names.contains(&system))
}

/// Whether a variable with a known value holds a secret. A password that anybody guesses is one too, and so is a placeholder behind
/// a name that is documented as secret: either takes effect as it stands.
pub(super) fn is_secret(key: &str, value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let nothing = ["", "null", "none", "false", "true", "0", "1", "no", "yes"];
    if nothing.iter().any(|word| value.eq_ignore_ascii_case(word)) || key.to_ascii_uppercase().ends_with("_ID") {
        return false;
    }
    if secret_in(key, value).is_some() {
        return true;
    }
    let plain = !value.contains("${") && !value.starts_with(['/', '.', '~']) && !value.contains("://");
    match key_is_secret(key) {
        Some(KeyStrength::Exact) => plain,
        Some(KeyStrength::Pattern) => is_weak(value),
        _ => false,
    }
}

/// Whether the name of a variable whose value no file tells announces a login in a connection string.
pub(super) fn is_connection(key: &str) -> bool {
    key_is_secret(key) == Some(KeyStrength::Dsn)
        && ["DATABASE_URL", "DB_URL", "MONGODB", "AMQP", "RABBITMQ"].iter().any(|start| key.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        for (key, class) in [
            ("STRIPE_SECRET", SecretClass::Critical),
            ("AWS_SECRET_ACCESS_KEY", SecretClass::Critical),
            ("COMPOSER_AUTH", SecretClass::Critical),
            ("stripe_secret", SecretClass::Critical),
            ("APP_KEY", SecretClass::ApplicationKey),
            ("APP_SECRET", SecretClass::ApplicationKey),
            ("MERCURE_PUBLISHER_JWT_KEY", SecretClass::ApplicationKey),
            ("wp_salts", SecretClass::ApplicationKey),
            ("WORDPRESS_AUTH_KEY", SecretClass::ApplicationKey),
            ("MAIL_PASSWORD", SecretClass::Other),
            ("MAILGUN_SECRET", SecretClass::Other),
        ] {
            assert_eq!(class_of(key, None), class, "{key}");
        }
        let token = format!("gh{}_{}", "p", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        assert_eq!(class_of("TOKEN", Some(&token)), SecretClass::Critical);
    }

    #[test]
    fn stores_by_name() {
        assert_eq!(store_of("REDIS_PASSWORD"), Some(Store::Redis));
        assert_eq!(store_of("database_url"), Some(Store::Database(&[])));
        assert_eq!(store_of("WORDPRESS_DB_PASSWORD"), Some(Store::Database(&[])));
        assert_eq!(store_of("amqp_dsn"), Some(Store::Queue));
        assert_eq!(store_of("REDIS_HOST"), None);
        assert_eq!(store_of("APP_KEY"), None);
    }

    #[test]
    fn what_is_a_secret() {
        for (key, value) in [
            ("DB_PASSWORD", "root"),
            ("DB_PASSWORD", "changeme"),
            ("APP_SECRET", "ThisTokenIsNotSoSecretChangeIt"),
            ("DATABASE_URL", "mysql://a:b7Kd0sLq@db/x"),
            ("MESSENGER_TRANSPORT_DSN", "amqp://guest:guest@rabbitmq"),
        ] {
            assert!(is_secret(key, value), "{key}={value}");
        }
        for (key, value) in [
            ("REDIS_PASSWORD", "null"),
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD_FILE", "/run/secrets/x"),
            ("REDIS_URL", "redis://redis"),
            ("APP_KEY", "${KEY}"),
            ("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP"),
            ("APP_NAME", "shop"),
        ] {
            assert!(!is_secret(key, value), "{key}={value}");
        }
    }
}
