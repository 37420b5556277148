// generated from core/data/secret_files.json by core/tests/facts_tables.rs; do not edit

use crate::date::Date;
use crate::facts::FactDate;
use crate::facts::secret_files::SecretFileSupport;

#[rustfmt::skip]
pub(crate) const META: FactDate = FactDate { table: "secret_files", as_of: Date::new(2026, 8, 21), source: "docker-library/docs content.md for mysql, mariadb, postgres, mongo, rabbitmq, wordpress, phpmyadmin; the others from their vendors' documentation", licence: "facts" };

#[rustfmt::skip]
pub(crate) static ROWS: &[SecretFileSupport] = &[
    SecretFileSupport { name: "craft", framework: true, images: &[], vars: &[], how: "file_get_contents('/run/secrets/x') in settings.php / env.php / additional.php / config/app.php" },
    SecretFileSupport { name: "drupal", framework: true, images: &[], vars: &[], how: "file_get_contents('/run/secrets/x') in settings.php / env.php / additional.php / config/app.php" },
    SecretFileSupport { name: "dunglas/mercure", framework: false, images: &["dunglas/mercure", "dunglas/frankenphp"], vars: &[], how: "Caddyfile {file./run/secrets/x} placeholder" },
    SecretFileSupport { name: "elasticsearch", framework: false, images: &["elasticsearch", "docker.elastic.co/elasticsearch/*"], vars: &["ELASTIC_PASSWORD_FILE"], how: "" },
    SecretFileSupport { name: "getmeili/meilisearch", framework: false, images: &["getmeili/meilisearch"], vars: &[], how: "MEILI_CONFIG_FILE_PATH pointing to a secret file" },
    SecretFileSupport { name: "grafana/grafana", framework: false, images: &["grafana/grafana"], vars: &["GF_*__FILE"], how: "double underscore before FILE" },
    SecretFileSupport { name: "laravel", framework: true, images: &[], vars: &[], how: "no built-in _FILE: entrypoint exporting files before exec, or a helper in config/*.php: env('DB_PASSWORD_FILE') ? trim(file_get_contents(...)) : env('DB_PASSWORD'); never with config:cache at build time; alternatively php artisan env:encrypt" },
    SecretFileSupport { name: "magento", framework: true, images: &[], vars: &[], how: "file_get_contents('/run/secrets/x') in settings.php / env.php / additional.php / config/app.php" },
    SecretFileSupport { name: "mariadb", framework: false, images: &["mariadb"], vars: &["MARIADB_*_FILE", "MYSQL_*_FILE"], how: "MARIADB_ROOT_PASSWORD_HASH keeps even the hash out" },
    SecretFileSupport { name: "minio/minio", framework: false, images: &["minio/minio"], vars: &["MINIO_ROOT_USER_FILE", "MINIO_ROOT_PASSWORD_FILE"], how: "" },
    SecretFileSupport { name: "mongo", framework: false, images: &["mongo"], vars: &["MONGO_INITDB_ROOT_USERNAME_FILE", "MONGO_INITDB_ROOT_PASSWORD_FILE"], how: "" },
    SecretFileSupport { name: "mysql", framework: false, images: &["mysql"], vars: &["MYSQL_ROOT_PASSWORD_FILE", "MYSQL_ROOT_HOST_FILE", "MYSQL_DATABASE_FILE", "MYSQL_USER_FILE", "MYSQL_PASSWORD_FILE"], how: "" },
    SecretFileSupport { name: "nextcloud", framework: false, images: &["nextcloud"], vars: &["MYSQL_PASSWORD_FILE", "POSTGRES_PASSWORD_FILE", "NEXTCLOUD_ADMIN_PASSWORD_FILE", "REDIS_HOST_PASSWORD_FILE"], how: "" },
    SecretFileSupport { name: "phpmyadmin", framework: false, images: &["phpmyadmin", "phpmyadmin/phpmyadmin"], vars: &["PMA_PASSWORD_FILE", "PMA_HOST_FILE", "MYSQL_*_FILE"], how: "" },
    SecretFileSupport { name: "postgres", framework: false, images: &["postgres"], vars: &["POSTGRES_PASSWORD_FILE", "POSTGRES_USER_FILE", "POSTGRES_DB_FILE", "POSTGRES_INITDB_ARGS_FILE"], how: "" },
    SecretFileSupport { name: "rabbitmq", framework: false, images: &["rabbitmq"], vars: &["RABBITMQ_DEFAULT_PASS_FILE", "RABBITMQ_DEFAULT_USER_FILE"], how: "" },
    SecretFileSupport { name: "redis", framework: false, images: &["redis", "valkey/valkey"], vars: &[], how: "no _FILE: use aclfile or `include` in redis.conf mounted as secret" },
    SecretFileSupport { name: "serversideup/php", framework: false, images: &["serversideup/php"], vars: &[], how: "standard env; use entrypoint.d script to read /run/secrets" },
    SecretFileSupport { name: "symfony", framework: true, images: &[], vars: &[], how: "%env(file:DB_PASSWORD_FILE)% / %env(trim:file:...)% processors, or the encrypted secrets vault with SYMFONY_DECRYPTION_SECRET" },
    SecretFileSupport { name: "typo3", framework: true, images: &[], vars: &[], how: "file_get_contents('/run/secrets/x') in settings.php / env.php / additional.php / config/app.php" },
    SecretFileSupport { name: "wordpress", framework: false, images: &["wordpress"], vars: &["WORDPRESS_DB_*_FILE", "WORDPRESS_*_KEY_FILE", "WORDPRESS_*_SALT_FILE"], how: "" },
];
