// generated from core/data/drift.json by core/tests/drift_table.rs; do not edit

use super::{ClassRow, DriftClass, StartRow};
use crate::date::Date;
use crate::facts::{FactDate, Level};

#[rustfmt::skip]
pub(super) const META: FactDate = FactDate { table: "drift", as_of: Date::new(2026, 8, 23), source: "own table; kinds of change from moby api/swagger.yaml FilesystemChange; start-up files from the entrypoints of the official images", licence: "own work" };

#[rustfmt::skip]
pub(super) static NOISE: &[&str] = &[
    "**/__pycache__/**",
    ".dockerenv",
    "config/caddy/**",
    "data/*.rdb",
    "data/appendonlydir/**",
    "data/caddy/**",
    "dev",
    "dev/**",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
    "home/*/.cache/**",
    "proc",
    "proc/**",
    "root/.cache/**",
    "root/.composer/cache/**",
    "root/.config/psysh/**",
    "root/.npm/**",
    "run",
    "run/**",
    "sys",
    "sys/**",
    "tmp",
    "var/cache/**",
    "var/lib/mysql/**",
    "var/lib/nginx/**",
    "var/lib/php*/sess_*",
    "var/lib/php/sessions/**",
    "var/lib/postgresql/**",
    "var/log/**",
    "var/run",
    "var/run/**",
    "var/spool/postfix/**",
    "var/tmp",
    "var/tmp/**",
];

#[rustfmt::skip]
pub(super) static FRAMEWORK_NOISE: &[&str] = &[
    "**/.phpunit.result.cache",
    "**/bootstrap/cache/*.php",
    "**/generated/code/**",
    "**/pub/static/**",
    "**/runtime/**",
    "**/storage/debugbar/**",
    "**/storage/framework/**",
    "**/storage/logs/**",
    "**/storage/runtime/**",
    "**/templates_c/**",
    "**/typo3temp/**",
    "**/var/cache/**",
    "**/var/log/**",
    "**/var/page_cache/**",
    "**/var/share/**",
    "**/wp-content/cache/**",
];

#[rustfmt::skip]
pub(super) static DATA_NOISE: &[&str] = &[
    "**/sites/*/files/**",
    "**/wp-content/uploads/**",
];

#[rustfmt::skip]
pub(super) static EXECUTABLE_ENDINGS: &[&str] = &[
    "inc",
    "phar",
    "php",
    "php3",
    "php4",
    "php5",
    "php7",
    "php8",
    "pht",
    "phtml",
];

#[rustfmt::skip]
pub(super) static CODE_ENDINGS: &[&str] = &[
    "js",
    "json",
    "php",
    "phtml",
    "sql",
    "tpl",
    "twig",
    "xml",
    "yaml",
    "yml",
];

#[rustfmt::skip]
pub(super) static CODE_ROOTS: &[&str] = &[
    "app",
    "application",
    "code",
    "srv/app",
    "srv/www",
    "usr/src/app",
    "usr/src/wordpress",
    "var/www",
    "var/www/html",
];

#[rustfmt::skip]
pub(super) static IMAGE_START: &[StartRow] = &[
    StartRow { image: "grafana/grafana", change: 'C', path: "var/lib/grafana/**" },
    StartRow { image: "jwilder/nginx-proxy", change: 'C', path: "etc/nginx/conf.d/default.conf" },
    StartRow { image: "jwilder/nginx-proxy", change: 'A', path: "etc/nginx/dhparam/**" },
    StartRow { image: "mariadb", change: 'C', path: "etc/mysql/**" },
    StartRow { image: "mariadb", change: 'C', path: "run/mysqld/**" },
    StartRow { image: "mysql", change: 'C', path: "etc/my.cnf" },
    StartRow { image: "mysql", change: 'C', path: "var/lib/mysql-files" },
    StartRow { image: "mysql", change: 'C', path: "var/run/mysqld/**" },
    StartRow { image: "nginx", change: 'C', path: "etc/nginx/conf.d" },
    StartRow { image: "nginx", change: 'C', path: "etc/nginx/conf.d/default.conf" },
    StartRow { image: "nginxinc/nginx-unprivileged", change: 'C', path: "etc/nginx/conf.d/default.conf" },
    StartRow { image: "nginxproxy/nginx-proxy", change: 'C', path: "etc/nginx/conf.d/default.conf" },
    StartRow { image: "nginxproxy/nginx-proxy", change: 'A', path: "etc/nginx/dhparam/**" },
    StartRow { image: "php", change: 'C', path: "etc/apache2" },
    StartRow { image: "php", change: 'A', path: "run/apache2/apache2.pid" },
    StartRow { image: "phpmyadmin", change: 'C', path: "etc/phpmyadmin/**" },
    StartRow { image: "phpmyadmin", change: 'A', path: "etc/phpmyadmin/config.secret.inc.php" },
    StartRow { image: "postgres", change: 'C', path: "var/run/postgresql/**" },
    StartRow { image: "rabbitmq", change: 'C', path: "etc/rabbitmq/**" },
    StartRow { image: "rabbitmq", change: 'A', path: "var/lib/rabbitmq/.erlang.cookie" },
    StartRow { image: "wordpress", change: 'A', path: "var/www/html/**" },
];

#[rustfmt::skip]
pub(super) static CLASSES: &[ClassRow] = &[
    ClassRow { class: DriftClass::MalwareLike, level: Level::Critical, first: true, added_only: false, in_code: false, globs: &["etc/ld.so.preload", "root/.ssh/authorized_keys", "home/*/.ssh/authorized_keys", "etc/cron*/**", "var/spool/cron/**", "etc/crontabs/**", "**/kinsing*", "**/kdevtmpfsi*", "**/xmrig*", "**/.x.php", "dev/shm/**", "tmp/**/*.php", "tmp/**/*.phtml", "tmp/**/*.phar", "tmp/**/*.so", "tmp/**/*.elf", "tmp/**/*.sh", "tmp/**/*.py", "tmp/**/*.pl", "usr/bin/.*", "etc/sudoers.d/**"] },
    ClassRow { class: DriftClass::ExecutablePhpAdded, level: Level::Critical, first: false, added_only: true, in_code: true, globs: &["**/.user.ini", "**/.htaccess", "**/uploads/**/*.php", "**/uploads/**/*.phtml", "**/uploads/**/*.phar"] },
    ClassRow { class: DriftClass::Packages, level: Level::High, first: false, added_only: false, in_code: false, globs: &["var/lib/dpkg/status", "var/lib/dpkg/info/*.list", "lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/rpm/**", "usr/local/lib/php/extensions/**/*.so", "usr/local/etc/php/conf.d/docker-php-ext-*.ini", "**/vendor/composer/installed.json", "**/vendor/autoload.php", "**/node_modules/.package-lock.json", "**/site-packages/**"] },
    ClassRow { class: DriftClass::PackageLists, level: Level::Low, first: false, added_only: false, in_code: false, globs: &["var/lib/apt/lists/**"] },
    ClassRow { class: DriftClass::RuntimeConfig, level: Level::High, first: false, added_only: false, in_code: false, globs: &["etc/**", "usr/local/etc/**", "usr/local/apache2/conf/**", "**/.env", "**/.env.*", "**/wp-config.php", "**/settings.php", "**/config/*.php", "**/Caddyfile"] },
    ClassRow { class: DriftClass::Binaries, level: Level::High, first: false, added_only: false, in_code: false, globs: &["bin/**", "sbin/**", "usr/bin/**", "usr/sbin/**", "usr/local/bin/**", "usr/local/sbin/**", "lib/**", "usr/lib/**", "opt/**"] },
    ClassRow { class: DriftClass::ApplicationCode, level: Level::High, first: false, added_only: false, in_code: true, globs: &[] },
    ClassRow { class: DriftClass::InteractiveSession, level: Level::High, first: false, added_only: false, in_code: false, globs: &["root/.bash_history", "root/.ash_history", "home/*/.bash_history", "root/.viminfo", "root/.lesshst", "root/.mysql_history", "root/.psql_history", "root/.rediscli_history", "root/.wget-hsts", "root/.ssh/known_hosts"] },
    ClassRow { class: DriftClass::StateOutsideVolume, level: Level::Low, first: false, added_only: false, in_code: false, globs: &["**/uploads/**", "**/sites/*/files/**", "var/lib/**", "data/**"] },
];
