//! What images with PHP ship: where PHP looks for its settings, the files that are there, the variables those files use. Read from
//! the images' Dockerfiles: docker-library/php@445bf414 (2026-07-30), docker-library/wordpress, nextcloud/docker, joomla-docker,
//! serversideup/docker-php@6d9a54f6 (2026-04-13), Debian's `php-defaults`, Alpine's `php8x` packages.

use crate::facts::eol::compare_versions;
use crate::facts::tags::ProductVersion;
use crate::image::ImageRef;

/// How PHP is laid out in an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Layout {
    /// The official image and those built on it: `/usr/local/etc/php`.
    Official,
    /// `serversideup/php`: the official image with settings and pools of its own.
    ServersideUp,
    /// Bitnami: `/opt/bitnami/php/etc`.
    Bitnami,
    /// Debian's and Ubuntu's packages of a version: `/etc/php/8.4`.
    Debian(String),
    /// Alpine's packages of a version: `/etc/php84`.
    Alpine(String),
    /// Not known.
    Unknown,
}

impl Layout {
    /// Whether what the image itself sets is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown | Self::Bitnami)
    }
}

/// Applications whose official image is built on the official PHP image.
const ON_PHP: [&str; 18] = [
    "backdrop",
    "drupal",
    "espocrm",
    "friendica",
    "joomla",
    "matomo",
    "mediawiki",
    "monica",
    "nextcloud",
    "phpmyadmin",
    "postfixadmin",
    "wordpress",
    "yourls",
    "php",
    "known",
    "silverstripe",
    "kanboard",
    "composer",
];

/// The layout of an image.
#[must_use]
pub fn layout(image: &ImageRef) -> Layout {
    let path = image.path.as_str();
    if image.registry.is_none() && (ON_PHP.contains(&path) || path == "dunglas/frankenphp") {
        return Layout::Official;
    }
    match path {
        "serversideup/php" => Layout::ServersideUp,
        "bitnami/php-fpm" | "bitnamilegacy/php-fpm" => Layout::Bitnami,
        _ => Layout::Unknown,
    }
}

/// Stands in a tag for what a variable without a known value decides.
const UNKNOWN_PART: &str = "unknown";

/// An image whose name is known and whose tag may be so in part: `php:${VERSION}-fpm`.
pub(super) fn reference(text: &str) -> Option<ImageRef> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push_str(UNKNOWN_PART);
        rest = after.split_once('}')?.1;
    }
    out.push_str(rest);
    let image = ImageRef::parse(&out).ok()?;
    (!image.path.contains(UNKNOWN_PART)).then_some(image)
}

/// The working directory that an image sets.
pub(super) fn workdir(image: &ImageRef) -> &'static str {
    match (layout(image), image.path.as_str()) {
        (Layout::Official, "dunglas/frankenphp" | "composer") => "/app",
        (Layout::Official | Layout::ServersideUp, _) => "/var/www/html",
        _ => "/",
    }
}

/// Whether an official FPM image has its `listen = 9000` in `docker.conf`, before `www.conf`, and no longer in `zz-docker.conf`,
/// which comes last: so since 2026-01-09 (f26909cd). `None` for a version that was published in both ways.
fn listens_first(image: &ImageRef) -> Option<bool> {
    if image.digest.is_some() {
        return None;
    }
    let versions = image.versions();
    let Some(version) = php_version(&versions) else {
        return (!image.tag_or_latest().contains(UNKNOWN_PART)).then_some(true);
    };
    // Without a patch the tag moves, and so do the applications' own tags.
    if image.path != "php" || version.matches('.').count() < 2 {
        return Some(compare_versions(version, "8.2").is_ge());
    }
    let line: String = version.split('.').take(2).collect::<Vec<_>>().join(".");
    // The patch that was current when the image changed.
    let turning = match line.as_str() {
        "8.2" => "8.2.30",
        "8.3" => "8.3.29",
        "8.4" => "8.4.16",
        "8.5" => "8.5.1",
        _ => return Some(compare_versions(version, "8.5").is_ge()),
    };
    match compare_versions(version, turning) {
        std::cmp::Ordering::Less => Some(false),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(true),
    }
}

/// The version of PHP among those that a tag names.
pub(super) fn php_version(versions: &[ProductVersion]) -> Option<&str> {
    versions.iter().find(|version| version.product == "php").map(|version| version.cycle_hint.as_str())
}

fn is_fpm(image: &ImageRef) -> bool {
    image.tag_or_latest().split('-').any(|part| part == "fpm")
}

/// The files that an image ships: path and text. Only what decides something.
pub(super) fn shipped(image: &ImageRef) -> Vec<(String, &'static str)> {
    let mut files: Vec<(&str, &'static str)> = Vec::new();
    match layout(image) {
        Layout::Official => {
            files.push(("/usr/local/etc/php/php.ini-production", INI_PRODUCTION));
            files.push(("/usr/local/etc/php/php.ini-development", INI_DEVELOPMENT));
            if is_fpm(image) {
                files.push(("/usr/local/etc/php-fpm.conf", FPM_GLOBAL));
                match listens_first(image) {
                    Some(true) => files.extend([
                        ("/usr/local/etc/php-fpm.d/docker.conf", DOCKER_CONF),
                        ("/usr/local/etc/php-fpm.d/www.conf", WWW_CONF),
                        ("/usr/local/etc/php-fpm.d/zz-docker.conf", ZZ_DOCKER_CONF),
                    ]),
                    other => files.extend([
                        ("/usr/local/etc/php-fpm.d/docker.conf", DOCKER_CONF_BEFORE),
                        ("/usr/local/etc/php-fpm.d/www.conf", WWW_CONF_BEFORE),
                        (
                            "/usr/local/etc/php-fpm.d/zz-docker.conf",
                            if other.is_some() { ZZ_DOCKER_CONF_BEFORE } else { ZZ_DOCKER_CONF_EITHER },
                        ),
                    ]),
                }
                files.push(("/usr/local/etc/php/conf.d/docker-fpm.ini", "fastcgi.logging = Off\n"));
            }
            files.extend(application(&image.path));
        }
        Layout::ServersideUp => {
            files.push(("/usr/local/etc/php/php.ini-production", INI_PRODUCTION));
            files.push(("/usr/local/etc/php/php.ini-development", INI_DEVELOPMENT));
            files.push(("/usr/local/etc/php/conf.d/serversideup-docker-php.ini", SERVERSIDEUP_INI));
            if image.tag_or_latest().split('-').any(|part| part == "fpm") {
                files.push(("/usr/local/etc/php-fpm.conf", FPM_GLOBAL));
                files.push(("/usr/local/etc/php-fpm.d/docker-php-serversideup-pool.conf", SERVERSIDEUP_POOL));
            }
        }
        Layout::Bitnami => {
            files.push(("/opt/bitnami/php/etc/php-fpm.conf", BITNAMI_FPM_GLOBAL));
            files.push(("/opt/bitnami/php/etc/php-fpm.d/www.conf", BITNAMI_POOL));
        }
        Layout::Debian(_) | Layout::Alpine(_) | Layout::Unknown => {}
    }
    files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect()
}

/// Drop-ins of the applications' own images.
fn application(path: &str) -> Vec<(&'static str, &'static str)> {
    const OPCACHE: &str = "/usr/local/etc/php/conf.d/opcache-recommended.ini";
    match path {
        "wordpress" | "joomla" => {
            vec![(OPCACHE, OPCACHE_RECOMMENDED), ("/usr/local/etc/php/conf.d/error-logging.ini", ERROR_LOGGING)]
        }
        "drupal" => vec![(OPCACHE, OPCACHE_DRUPAL)],
        "nextcloud" => vec![(OPCACHE, OPCACHE_NEXTCLOUD), ("/usr/local/etc/php/conf.d/nextcloud.ini", NEXTCLOUD_INI)],
        _ => Vec::new(),
    }
}

/// The value an image documents for one of its environment variables.
pub(super) fn environment(image: &ImageRef, name: &str) -> Option<&'static str> {
    let find = |rows: &[(&str, &'static str)]| rows.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    match layout(image) {
        Layout::Official | Layout::ServersideUp if name == "PHP_INI_DIR" => Some("/usr/local/etc/php"),
        Layout::Official if image.path == "nextcloud" => find(&NEXTCLOUD_ENVIRONMENT),
        Layout::ServersideUp => {
            // The tags with a web server start workers on demand.
            let on_demand = ["nginx", "apache"].iter().any(|part| image.tag_or_latest().contains(part));
            match name {
                "PHP_FPM_PM_CONTROL" if on_demand => Some("ondemand"),
                _ => find(&SERVERSIDEUP_ENVIRONMENT),
            }
        }
        _ => None,
    }
}

/// The version and part of PHP that a package installs: `php8.3-fpm`, `php83-pecl-xdebug`, and `php-fpm` by the distribution.
pub(super) fn package<'n>(name: &'n str, image: Option<&ImageRef>) -> Option<(String, &'n str)> {
    let rest = name.strip_prefix("php")?;
    let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (version, part) = rest.split_at_checked(length)?;
    let part = match part.strip_prefix('-') {
        Some(part) => part,
        None if part.is_empty() => "cli",
        None => return None,
    };
    let version = if version.is_empty() { distribution_php(image?)?.to_owned() } else { version.to_owned() };
    Some((version, part))
}

/// The PHP that a distribution brings along.
fn distribution_php(image: &ImageRef) -> Option<&'static str> {
    let versions = image.versions();
    let found = versions.iter().find(|version| matches!(version.product, "debian" | "ubuntu"))?;
    Some(match (found.product, found.cycle_hint.as_str()) {
        ("debian", "13") => "8.4",
        ("debian", "12") => "8.2",
        ("debian", "11") => "7.4",
        ("ubuntu", "22.04") => "8.1",
        ("ubuntu", "24.04") => "8.3",
        ("ubuntu", "26.04") => "8.5",
        _ => return None,
    })
}

/// The files that a package puts in place.
pub(super) fn packaged(alpine: bool, version: &str, part: &str) -> Vec<(String, &'static str)> {
    if alpine {
        let base = format!("/etc/php{}", version.replace('.', ""));
        let mut files = vec![(format!("{base}/php.ini"), INI_PRODUCTION)];
        if part == "fpm" {
            files.push((format!("{base}/php-fpm.conf"), ALPINE_FPM_GLOBAL));
            files.push((format!("{base}/php-fpm.d/www.conf"), ALPINE_POOL));
        }
        return files;
    }
    let base = format!("/etc/php/{version}");
    match part {
        "fpm" => vec![
            (format!("{base}/fpm/php.ini"), INI_PRODUCTION),
            (format!("{base}/fpm/php-fpm.conf"), DEBIAN_FPM_GLOBAL),
            (format!("{base}/fpm/pool.d/www.conf"), DEBIAN_POOL),
        ],
        "cli" => vec![(format!("{base}/cli/php.ini"), INI_DEBIAN_CLI)],
        _ => Vec::new(),
    }
}

/// `listen` of a Unix socket below `/run/php`: the name holds the version, which does not matter here.
const DEBIAN_POOL: &str = "[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php/php-fpm.sock\nlisten.owner = www-data\n\
    listen.group = www-data\npm = dynamic\npm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\n\
    pm.max_spare_servers = 3\n";
const DEBIAN_FPM_GLOBAL: &str =
    "[global]\npid = /run/php/php-fpm.pid\nerror_log = /var/log/php-fpm.log\ninclude = pool.d/*.conf\n";
const ALPINE_FPM_GLOBAL: &str = "[global]\ninclude = php-fpm.d/*.conf\n";
const ALPINE_POOL: &str = "[www]\nuser = nobody\ngroup = nobody\nlisten = 127.0.0.1:9000\npm = dynamic\npm.max_children = 5\n\
    pm.start_servers = 2\npm.min_spare_servers = 1\npm.max_spare_servers = 3\n";
const BITNAMI_FPM_GLOBAL: &str = "[global]\ndaemonize = no\ninclude = /opt/bitnami/php/etc/php-fpm.d/*.conf\n";
const BITNAMI_POOL: &str = "[www]\nuser = daemon\ngroup = daemon\nlisten = 9000\npm = dynamic\npm.max_children = 5\n\
    pm.start_servers = 2\npm.min_spare_servers = 1\npm.max_spare_servers = 3\nclear_env = no\n";
const FPM_GLOBAL: &str = "[global]\ninclude = /usr/local/etc/php-fpm.d/*.conf\n";
const WWW_CONF: &str = "[www]\nuser = www-data\ngroup = www-data\npm = dynamic\npm.max_children = 5\npm.start_servers = 2\n\
    pm.min_spare_servers = 1\npm.max_spare_servers = 3\n";
const WWW_CONF_BEFORE: &str = "[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:9000\npm = dynamic\n\
    pm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\npm.max_spare_servers = 3\n";
const DOCKER_CONF: &str = "[global]\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n[www]\naccess.log = /proc/self/fd/2\n\
    clear_env = no\ncatch_workers_output = yes\ndecorate_workers_output = no\nlisten = 9000\n";
const DOCKER_CONF_BEFORE: &str = "[global]\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n[www]\n\
    access.log = /proc/self/fd/2\nclear_env = no\ncatch_workers_output = yes\ndecorate_workers_output = no\n";
const ZZ_DOCKER_CONF: &str = "[global]\ndaemonize = no\n[www]\n";
const ZZ_DOCKER_CONF_BEFORE: &str = "[global]\ndaemonize = no\n[www]\nlisten = 9000\n";
/// For a version that was published both with and without its `listen` here.
const ZZ_DOCKER_CONF_EITHER: &str = "[global]\ndaemonize = no\n[www]\nlisten = \u{f8ff}\n";
const SERVERSIDEUP_POOL: &str = "[global]\ndaemonize = no\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n\
    process_control_timeout = ${PHP_FPM_PROCESS_CONTROL_TIMEOUT}\n[${PHP_FPM_POOL_NAME}]\nlisten = 9000\n\
    catch_workers_output = yes\ndecorate_workers_output = no\nclear_env = no\npm = ${PHP_FPM_PM_CONTROL}\n\
    pm.max_children = ${PHP_FPM_PM_MAX_CHILDREN}\npm.start_servers = ${PHP_FPM_PM_START_SERVERS}\n\
    pm.min_spare_servers = ${PHP_FPM_PM_MIN_SPARE_SERVERS}\npm.max_spare_servers = ${PHP_FPM_PM_MAX_SPARE_SERVERS}\n\
    pm.max_requests = ${PHP_FPM_PM_MAX_REQUESTS}\npm.status_path = ${PHP_FPM_PM_STATUS_PATH}\n\
    ping.path = /healthcheck\nping.response = OK\n";

/// php.ini-production of PHP 7.4 to 8.5 where it sets what someone asks for.
const INI_PRODUCTION: &str = "engine = On\nshort_open_tag = Off\noutput_buffering = 4096\nzend.exception_ignore_args = On\n\
    zend.exception_string_param_max_len = 0\nexpose_php = On\nmax_execution_time = 30\nmax_input_time = 60\n\
    memory_limit = 128M\nerror_reporting = E_ALL & ~E_DEPRECATED & ~E_STRICT\ndisplay_errors = Off\n\
    display_startup_errors = Off\nlog_errors = On\nvariables_order = \"GPCS\"\nrequest_order = \"GP\"\n\
    register_argc_argv = Off\npost_max_size = 8M\nauto_prepend_file =\nauto_append_file =\ndisable_functions =\n\
    enable_dl = Off\nfile_uploads = On\nupload_max_filesize = 2M\nmax_file_uploads = 20\nallow_url_fopen = On\n\
    allow_url_include = Off\ndefault_socket_timeout = 60\nmail.add_x_header = Off\nsession.save_handler = files\n\
    session.use_strict_mode = 0\nsession.use_cookies = 1\nsession.use_only_cookies = 1\nsession.cookie_lifetime = 0\n\
    session.cookie_httponly =\nsession.cookie_samesite =\nsession.use_trans_sid = 0\nzend.assertions = -1\n";
/// php.ini-development likewise.
const INI_DEVELOPMENT: &str = "engine = On\nshort_open_tag = Off\noutput_buffering = 4096\nzend.exception_ignore_args = Off\n\
    zend.exception_string_param_max_len = 15\nexpose_php = On\nmax_execution_time = 30\nmax_input_time = 60\n\
    memory_limit = 128M\nerror_reporting = E_ALL\ndisplay_errors = On\n\
    display_startup_errors = On\nlog_errors = On\nvariables_order = \"GPCS\"\nrequest_order = \"GP\"\n\
    register_argc_argv = Off\npost_max_size = 8M\nauto_prepend_file =\nauto_append_file =\ndisable_functions =\n\
    enable_dl = Off\nfile_uploads = On\nupload_max_filesize = 2M\nmax_file_uploads = 20\nallow_url_fopen = On\n\
    allow_url_include = Off\ndefault_socket_timeout = 60\nmail.add_x_header = Off\nsession.save_handler = files\n\
    session.use_strict_mode = 0\nsession.use_cookies = 1\nsession.use_only_cookies = 1\nsession.cookie_lifetime = 0\n\
    session.cookie_httponly =\nsession.cookie_samesite =\nsession.use_trans_sid = 0\nzend.assertions = 1\n";
/// Debian's php.ini for the command line is php.ini-production without a memory limit.
const INI_DEBIAN_CLI: &str = "zend.exception_ignore_args = On\nexpose_php = On\nmemory_limit = -1\ndisplay_errors = Off\n\
    display_startup_errors = Off\nlog_errors = On\nvariables_order = \"GPCS\"\npost_max_size = 8M\nenable_dl = Off\n\
    upload_max_filesize = 2M\nallow_url_fopen = On\nallow_url_include = Off\ndisable_functions =\n\
    session.use_strict_mode = 0\nsession.cookie_httponly =\nsession.use_only_cookies = 1\nsession.use_trans_sid = 0\n\
    zend.assertions = -1\n";
const ERROR_LOGGING: &str = "error_reporting = E_ERROR | E_WARNING | E_PARSE | E_CORE_ERROR | E_CORE_WARNING | \
    E_COMPILE_ERROR | E_COMPILE_WARNING | E_RECOVERABLE_ERROR\ndisplay_errors = Off\ndisplay_startup_errors = Off\n\
    log_errors = On\nerror_log = /dev/stderr\nlog_errors_max_len = 1024\nignore_repeated_errors = On\n\
    ignore_repeated_source = Off\nhtml_errors = Off\n";
const OPCACHE_RECOMMENDED: &str = "zend_extension=opcache\nopcache.memory_consumption=128\nopcache.interned_strings_buffer=8\n\
    opcache.max_accelerated_files=4000\nopcache.revalidate_freq=2\n";
const OPCACHE_DRUPAL: &str = "zend_extension=opcache\nopcache.memory_consumption=128\nopcache.interned_strings_buffer=8\n\
    opcache.max_accelerated_files=4000\nopcache.revalidate_freq=60\n";
const OPCACHE_NEXTCLOUD: &str = "zend_extension=opcache\nopcache.enable=1\nopcache.interned_strings_buffer=32\n\
    opcache.max_accelerated_files=10000\nopcache.memory_consumption=${PHP_OPCACHE_MEMORY_CONSUMPTION}\n\
    opcache.save_comments=1\nopcache.revalidate_freq=60\n";
const NEXTCLOUD_INI: &str =
    "memory_limit=${PHP_MEMORY_LIMIT}\nupload_max_filesize=${PHP_UPLOAD_LIMIT}\npost_max_size=${PHP_UPLOAD_LIMIT}\n";
const NEXTCLOUD_ENVIRONMENT: [(&str, &str); 3] =
    [("PHP_MEMORY_LIMIT", "512M"), ("PHP_UPLOAD_LIMIT", "512M"), ("PHP_OPCACHE_MEMORY_CONSUMPTION", "128")];
const SERVERSIDEUP_INI: &str = "short_open_tag = Off\noutput_buffering = 4096\nopen_basedir = ${PHP_OPEN_BASEDIR}\n\
    disable_functions =\nzend.exception_ignore_args = On\nexpose_php = Off\nmax_execution_time = ${PHP_MAX_EXECUTION_TIME}\n\
    max_input_time = ${PHP_MAX_INPUT_TIME}\nmemory_limit = ${PHP_MEMORY_LIMIT}\ndisplay_errors = ${PHP_DISPLAY_ERRORS}\n\
    display_startup_errors = ${PHP_DISPLAY_STARTUP_ERRORS}\nlog_errors = On\nerror_log = ${PHP_ERROR_LOG}\n\
    variables_order = \"GPCS\"\nrequest_order = \"GP\"\nregister_argc_argv = Off\npost_max_size = ${PHP_POST_MAX_SIZE}\n\
    auto_prepend_file =\nauto_append_file =\nenable_dl = Off\nfile_uploads = On\n\
    upload_max_filesize = ${PHP_UPLOAD_MAX_FILE_SIZE}\nmax_file_uploads = 20\nallow_url_fopen = On\nallow_url_include = Off\n\
    mail.add_x_header = Off\nsession.use_strict_mode = 0\nsession.use_cookies = 1\n\
    session.cookie_secure = ${PHP_SESSION_COOKIE_SECURE}\nsession.use_only_cookies = 1\nsession.cookie_httponly =\n\
    session.cookie_samesite =\nsession.use_trans_sid = 0\nzend.assertions = -1\nopcache.enable=${PHP_OPCACHE_ENABLE}\n\
    opcache.enable_cli=${PHP_OPCACHE_ENABLE}\nopcache.memory_consumption=${PHP_OPCACHE_MEMORY_CONSUMPTION}\n\
    opcache.validate_timestamps=${PHP_OPCACHE_VALIDATE_TIMESTAMPS}\nopcache.revalidate_freq=${PHP_OPCACHE_REVALIDATE_FREQ}\n";
const SERVERSIDEUP_ENVIRONMENT: [(&str, &str); 26] = [
    ("APP_BASE_DIR", "/var/www/html"),
    ("PHP_DISPLAY_ERRORS", "Off"),
    ("PHP_DISPLAY_STARTUP_ERRORS", "Off"),
    ("PHP_ERROR_LOG", "/dev/stderr"),
    ("PHP_FPM_PM_CONTROL", "dynamic"),
    ("PHP_FPM_PM_MAX_CHILDREN", "20"),
    ("PHP_FPM_PM_MAX_REQUESTS", "0"),
    ("PHP_FPM_PM_MAX_SPARE_SERVERS", "3"),
    ("PHP_FPM_PM_MIN_SPARE_SERVERS", "1"),
    ("PHP_FPM_PM_START_SERVERS", "2"),
    ("PHP_FPM_PM_STATUS_PATH", "/status"),
    ("PHP_FPM_POOL_NAME", "www"),
    ("PHP_FPM_PROCESS_CONTROL_TIMEOUT", "10s"),
    ("PHP_MAX_EXECUTION_TIME", "99"),
    ("PHP_MAX_INPUT_TIME", "-1"),
    ("PHP_MEMORY_LIMIT", "256M"),
    ("PHP_OPCACHE_ENABLE", "0"),
    ("PHP_OPCACHE_MEMORY_CONSUMPTION", "128"),
    ("PHP_OPCACHE_REVALIDATE_FREQ", "2"),
    ("PHP_OPCACHE_VALIDATE_TIMESTAMPS", "1"),
    ("PHP_OPEN_BASEDIR", ""),
    ("PHP_POST_MAX_SIZE", "100M"),
    ("PHP_REALPATH_CACHE_TTL", "120"),
    ("PHP_SESSION_COOKIE_SECURE", "false"),
    ("PHP_UPLOAD_MAX_FILE_SIZE", "100M"),
    ("NGINX_CLIENT_MAX_BODY_SIZE", "100M"),
];

/// What PHP itself sets: `main/main.c`, `Zend/zend.c`, `ext/session`, `ext/opcache`, `ext/ffi`, `ext/phar`, `sapi/cgi` of PHP 8,
/// and Xdebug 3 for its own.
pub(super) const DEFAULTS: [(&str, &str); 62] = [
    ("allow_url_fopen", "1"),
    ("allow_url_include", "0"),
    ("assert.active", "1"),
    ("auto_append_file", ""),
    ("auto_prepend_file", ""),
    ("cgi.fix_pathinfo", "1"),
    ("cgi.force_redirect", "1"),
    ("default_socket_timeout", "60"),
    ("disable_functions", ""),
    ("display_errors", "1"),
    ("display_startup_errors", "1"),
    ("enable_dl", "1"),
    ("error_log", ""),
    ("expose_php", "1"),
    ("ffi.enable", "preload"),
    ("ffi.preload", ""),
    ("file_uploads", "1"),
    ("html_errors", "1"),
    ("log_errors", "1"),
    ("mail.add_x_header", "0"),
    ("max_execution_time", "30"),
    ("max_file_uploads", "20"),
    ("max_input_time", "-1"),
    ("max_input_vars", "1000"),
    ("memory_limit", "128M"),
    ("opcache.enable", "1"),
    ("opcache.enable_cli", "0"),
    ("opcache.memory_consumption", "128"),
    ("opcache.preload", ""),
    ("opcache.preload_user", ""),
    ("opcache.revalidate_freq", "2"),
    ("opcache.validate_timestamps", "1"),
    ("open_basedir", ""),
    ("output_buffering", "0"),
    ("phar.readonly", "1"),
    ("post_max_size", "8M"),
    ("register_argc_argv", "1"),
    ("request_order", ""),
    ("sendmail_path", "/usr/sbin/sendmail -t -i"),
    ("session.auto_start", "0"),
    ("session.cookie_httponly", "0"),
    ("session.cookie_lifetime", "0"),
    ("session.cookie_samesite", ""),
    ("session.cookie_secure", "0"),
    ("session.save_handler", "files"),
    ("session.use_cookies", "1"),
    ("session.use_only_cookies", "1"),
    ("session.use_strict_mode", "0"),
    ("session.use_trans_sid", "0"),
    ("short_open_tag", "1"),
    ("sys_temp_dir", ""),
    ("upload_max_filesize", "2M"),
    ("upload_tmp_dir", ""),
    ("user_ini.cache_ttl", "300"),
    ("user_ini.filename", ".user.ini"),
    ("variables_order", "EGPCS"),
    ("xdebug.discover_client_host", "0"),
    ("xdebug.mode", "develop"),
    ("xdebug.start_with_request", "default"),
    ("zend.assertions", "1"),
    ("zend.exception_ignore_args", "0"),
    ("zend.exception_string_param_max_len", "15"),
];

/// What the command line sets instead.
pub(super) const CLI_DEFAULTS: [(&str, &str); 6] = [
    ("display_errors", "1"),
    ("html_errors", "0"),
    ("max_execution_time", "0"),
    ("max_input_time", "-1"),
    ("output_buffering", "0"),
    ("register_argc_argv", "1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_known_in_part() {
        let read = |text: &str| reference(text).map(|image| (image.path.clone(), image.tag_or_latest().to_owned()));
        assert_eq!(read("php:${V}-fpm"), Some(("php".to_owned(), "unknown-fpm".to_owned())));
        assert_eq!(read("php:8.4"), Some(("php".to_owned(), "8.4".to_owned())));
        assert_eq!(read("${IMAGE}:8.4"), None);
        assert_eq!(read("php:${V"), None);
        assert_eq!(listens_first(&reference("php:${V}-fpm").unwrap()), None);
        assert_eq!(listens_first(&reference("php:fpm").unwrap()), Some(true));
    }

    #[test]
    fn packages_by_name() {
        let debian = ImageRef::parse("debian:12").unwrap();
        for (name, want) in [
            ("php8.3-fpm", Some(("8.3", "fpm"))),
            ("php83-pecl-xdebug", Some(("83", "pecl-xdebug"))),
            ("php83", Some(("83", "cli"))),
            ("php-fpm", Some(("8.2", "fpm"))),
            ("phpunit", None),
            ("nginx", None),
        ] {
            let found = package(name, Some(&debian));
            assert_eq!(found.as_ref().map(|(version, part)| (version.as_str(), *part)), want, "{name}");
        }
    }
}
