use super::*;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};
use crate::source::Sources;

struct Read {
    sources: Sources,
}

impl Read {
    fn new(files: &[(&str, &str)]) -> Self {
        Self { sources: sources(files) }
    }

    fn dockerfile(text: &str, others: &[(&str, &str)]) -> Self {
        let mut files = vec![("Dockerfile", text)];
        files.extend_from_slice(others);
        Self::new(&files)
    }

    /// Value, text under its place, texts under the places that it overrides.
    fn setting(&self, name: &str) -> (Option<String>, String, Vec<String>) {
        let project = Project::new(&self.sources, TODAY);
        let setting = project.services().next().unwrap().php_settings().setting(name);
        let slice = |at: Location| project.slice(at).to_owned();
        (setting.text, setting.at.map(slice).unwrap_or_default(), setting.overridden.into_iter().map(slice).collect())
    }

    fn value(&self, name: &str) -> Option<String> {
        self.setting(name).0
    }

    fn flag(&self, name: &str) -> Option<bool> {
        let project = Project::new(&self.sources, TODAY);
        project.services().next().unwrap().php_settings().flag(name)
    }
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[test]
fn php_itself_decides_without_a_php_ini() {
    let bare = Read::dockerfile("FROM php:8.4-fpm\n", &[]);
    for (name, want) in
        [("display_errors", true), ("expose_php", true), ("register_argc_argv", true), ("allow_url_include", false)]
    {
        assert_eq!(bare.flag(name), Some(want), "{name}");
    }
    assert_eq!(bare.setting("memory_limit"), (text("128M"), String::new(), vec![]));
    assert_eq!(bare.value("no.such.setting"), None);
    let worker = Read::dockerfile("FROM php:8.4-cli\nCMD [\"php\", \"artisan\", \"queue:work\"]\n", &[]);
    assert_eq!(worker.value("max_execution_time"), text("0"));
    assert_eq!(Read::dockerfile("FROM php:7.4-fpm\n", &[]).flag("display_startup_errors"), Some(false));
    // Of an image nobody knows, nothing is known.
    assert_eq!(
        Read::dockerfile("FROM registry.example.net/php-base:1\nCMD [\"php-fpm\"]\n", &[]).flag("display_errors"),
        None
    );
}

#[test]
fn php_ini_and_drop_ins_in_order() {
    let read = Read::dockerfile(
        "FROM php:8.4-fpm\nRUN mv $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini\nCOPY conf/ $PHP_INI_DIR/conf.d/\n",
        &[("conf/20-b.ini", "expose_php = Off\nmemory_limit = 1G\n"), ("conf/10-a.ini", "memory_limit = 256M ; a\n")],
    );
    assert_eq!(read.flag("display_errors"), Some(false));
    assert_eq!(read.setting("memory_limit"), (text("1G"), "1G".to_owned(), vec!["256M".to_owned()]));
    assert_eq!(read.setting("expose_php"), (text("Off"), "Off".to_owned(), vec![]));
    let development =
        Read::dockerfile("FROM php:8.4-fpm\nRUN cp $PHP_INI_DIR/php.ini-development $PHP_INI_DIR/php.ini\n", &[]);
    assert_eq!((development.flag("display_errors"), development.flag("register_argc_argv")), (Some(true), Some(false)));
    let project = Project::new(&read.sources, TODAY);
    let settings = project.services().next().unwrap().php_settings();
    assert_eq!(settings.main_ini.unwrap().0, "/usr/local/etc/php/php.ini");
    let names: Vec<&str> = settings.drop_ins.iter().map(|path| file_name(path)).collect();
    assert_eq!(names, ["10-a.ini", "20-b.ini", "docker-fpm.ini"]);
}

#[test]
fn scan_folders_and_misplaced_files() {
    let own = [("app.ini", "memory_limit = 64M\n")];
    for (dir, want) in [(":/app/ini", "64M"), ("/app/ini:", "64M"), ("/app/ini", "64M"), ("/elsewhere", "128M")] {
        let text = format!("FROM php:8.4-cli\nENV PHP_INI_SCAN_DIR=\"{dir}\"\nCOPY app.ini /app/ini/\n");
        assert_eq!(Read::dockerfile(&text, &own).value("memory_limit").as_deref(), Some(want), "{dir}");
    }
    let file =
        "FROM php:8.4-cli\nENV PHP_INI_SCAN_DIR=\":$PHP_INI_DIR/app.conf.d\"\nCOPY app.ini $PHP_INI_DIR/app.conf.d/\n";
    assert_eq!(Read::dockerfile(file, &own).value("memory_limit").as_deref(), Some("64M"));
    let file = "FROM php:8.4-cli\nARG WHERE\nENV PHP_INI_SCAN_DIR=$WHERE\n";
    assert_eq!(Read::dockerfile(file, &own).value("memory_limit"), None);
    let read = Read::dockerfile("FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/app.ini\n", &own);
    assert_eq!(read.value("memory_limit"), text("128M"));
    let project = Project::new(&read.sources, TODAY);
    let unread = project.services().next().unwrap().php_settings().unread;
    assert_eq!(unread.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/usr/local/etc/php/app.ini"]);
}

#[test]
fn distributions_have_folders_of_their_own() {
    let debian = "FROM debian:12\nRUN apt-get update && apt-get install -y php8.2-fpm php-xdebug\nCOPY a.ini /etc/php/8.2/fpm/conf.d/99-a.ini\nCMD [\"php-fpm8.2\", \"-F\"]\n";
    let read = Read::dockerfile(debian, &[("a.ini", "memory_limit = 1G\n")]);
    assert_eq!((read.value("memory_limit"), read.flag("display_errors")), (text("1G"), Some(false)));
    let project = Project::new(&read.sources, TODAY);
    assert!(project.services().next().unwrap().php_settings().extension("xdebug").is_some());
    let alpine = "FROM alpine:3.22\nRUN apk add --no-cache php84 php84-fpm\nCOPY a.ini /etc/php84/conf.d/a.ini\nCMD [\"php-fpm84\", \"-F\"]\n";
    let read = Read::dockerfile(alpine, &[("a.ini", "expose_php = 0\n")]);
    assert_eq!((read.flag("expose_php"), read.flag("display_errors")), (Some(false), Some(false)));
}

#[test]
fn variables_of_the_environment() {
    let compose = |environment: &str| {
        format!("services:\n  app:\n    image: serversideup/php:8.4-fpm-nginx\n    environment:\n      {environment}\n")
    };
    let read = |environment: &str| Read::new(&[("compose.yaml", &compose(environment))]);
    assert_eq!(read("A: b").value("memory_limit"), text("256M"));
    assert_eq!(read("PHP_MEMORY_LIMIT: 1G").setting("memory_limit").0, text("1G"));
    assert_eq!(read("PHP_DISPLAY_ERRORS: \"On\"").flag("display_errors"), Some(true));
    assert_eq!(read("PHP_DISPLAY_ERRORS: ${SHOW}").flag("display_errors"), None);
    let nextcloud = Read::new(&[(
        "compose.yaml",
        "services:\n  app:\n    image: nextcloud:32-fpm\n    environment: {PHP_UPLOAD_LIMIT: 2G}\n",
    )]);
    assert_eq!(nextcloud.value("upload_max_filesize"), text("2G"));
    let own = Read::dockerfile(
        "FROM php:8.4-cli\nENV LIMIT=32M\nRUN echo 'memory_limit=${LIMIT}' > $PHP_INI_DIR/conf.d/a.ini && echo 'post_max_size=${memory_limit}' > $PHP_INI_DIR/conf.d/b.ini\n",
        &[],
    );
    assert_eq!((own.value("memory_limit"), own.value("post_max_size")), (text("32M"), text("32M")));
}

#[test]
fn what_is_edited_or_not_supplied_stays_unknown() {
    let edited = Read::dockerfile(
        "FROM php:8.4-fpm\nRUN cp $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini && sed -i 's/memory_limit = .*/memory_limit = 1G/' $PHP_INI_DIR/php.ini\n",
        &[],
    );
    assert_eq!((edited.value("memory_limit"), edited.flag("display_errors")), (None, Some(false)));
    // An edit of the project's own file reaches what is in it.
    let own = Read::dockerfile(
        "FROM php:8.4-fpm\nCOPY app.ini $PHP_INI_DIR/conf.d/\nRUN sed -i 's/.*=x/y/' $PHP_INI_DIR/conf.d/app.ini\n",
        &[("app.ini", "expose_php = Off\n;memory_limit = 1G\n")],
    );
    assert_eq!(
        (own.flag("expose_php"), own.value("memory_limit"), own.flag("display_errors")),
        (None, None, Some(true))
    );
    let partly = Read::dockerfile(
        "ARG V\nFROM php:${V}-fpm\nRUN cp $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini\n",
        &[],
    );
    assert_eq!(partly.flag("display_errors"), Some(false));
    let missing = Read::dockerfile("FROM php:8.4-fpm\nCOPY app.ini $PHP_INI_DIR/conf.d/app.ini\n", &[]);
    assert_eq!(missing.flag("display_errors"), None);
    let mounted = Read::new(&[(
        "compose.yaml",
        "services:\n  app:\n    image: php:8.4-fpm\n    volumes: [\"./php.ini:/usr/local/etc/php/php.ini\"]\n",
    )]);
    assert_eq!(mounted.flag("display_errors"), None);
    let unplaced = Read::dockerfile("FROM php:8.4-fpm\nRUN echo display_errors=Off > $WHERE/x.ini\n", &[]);
    assert_eq!((unplaced.flag("display_errors"), unplaced.flag("expose_php")), (None, Some(true)));
}

#[test]
fn pool_command_and_application_in_order() {
    let pool = "[www]\nphp_value[memory_limit] = 2M\nphp_admin_value[memory_limit] = 4M\nphp_flag[display_errors] = on\n\
        php_admin_value[disable_functions] = exec, system\n";
    let read = Read::dockerfile(
        "FROM php:8.4-fpm\nRUN echo 'memory_limit=1M' > $PHP_INI_DIR/conf.d/a.ini && echo 'disable_functions=dl,exec' > $PHP_INI_DIR/conf.d/b.ini\n\
         COPY zz-pool.conf /usr/local/etc/php-fpm.d/zzz.conf\nCOPY .user.ini /var/www/html/public/.user.ini\nCMD [\"php-fpm\", \"-d\", \"post_max_size=9M\", \"-dhtml_errors=0\"]\n",
        &[("zz-pool.conf", pool), (".user.ini", "memory_limit = 3M\nallow_url_include = On\npost_max_size = 10M\n")],
    );
    let (value, at, overridden) = read.setting("memory_limit");
    assert_eq!((value, at.as_str()), (text("4M"), "4M"));
    assert_eq!(overridden, ["'memory_limit=1M'", "2M", "3M"]);
    assert_eq!(read.flag("display_errors"), Some(true));
    // Only php.ini may do that.
    assert_eq!(read.flag("allow_url_include"), Some(false));
    assert_eq!((read.value("post_max_size"), read.value("html_errors")), (text("10M"), text("0")));
    let project = Project::new(&read.sources, TODAY);
    let settings = project.services().next().unwrap().php_settings();
    assert_eq!(settings.list("disable_functions").unwrap(), ["exec", "system", "dl"]);
    assert_eq!(settings.setting("memory_limit").origin, SettingOrigin::Admin);
    let worker = Read::dockerfile(
        "FROM php:8.4-cli\nCMD [\"php\", \"-d\", \"memory_limit=-1\", \"worker.php\", \"-d\", \"expose_php=0\"]\n",
        &[],
    );
    assert_eq!((worker.value("memory_limit"), worker.value("expose_php")), (text("-1"), text("1")));
}

#[test]
fn apache_sets_values_too() {
    let read = Read::dockerfile(
        "FROM php:8.4-apache\nCOPY site.conf /etc/apache2/sites-enabled/site.conf\nCOPY public/ /var/www/html/\n",
        &[
            ("site.conf", "<VirtualHost *:80>\n  php_admin_value open_basedir /var/www\n</VirtualHost>\n"),
            ("public/.htaccess", "php_value memory_limit 512M\nphp_flag expose_php on\nphp_value open_basedir /\n"),
        ],
    );
    assert_eq!(read.setting("memory_limit"), (text("512M"), "php_value memory_limit 512M".to_owned(), vec![]));
    assert_eq!(read.value("open_basedir"), text("/var/www"));
}

#[test]
fn sapis() {
    for (body, want) in [
        ("image: php:8.4-fpm", Sapi::Fpm),
        ("image: php:8.4-apache", Sapi::Apache),
        ("image: php:8.4-fpm\n    command: php artisan queue:work", Sapi::Cli),
        ("image: wordpress:7.1.0", Sapi::Apache),
        ("image: wordpress:7.1.0-fpm-alpine", Sapi::Fpm),
        ("image: dunglas/frankenphp:1-php8.4", Sapi::FrankenPhp),
        ("image: serversideup/php:8.4-fpm-nginx", Sapi::Fpm),
        ("image: serversideup/php:8.4-frankenphp", Sapi::FrankenPhp),
        ("image: nginx:1.30", Sapi::Unknown),
    ] {
        let read = Read::new(&[("compose.yaml", &format!("services:\n  app:\n    {body}\n"))]);
        let project = Project::new(&read.sources, TODAY);
        assert_eq!(project.services().next().unwrap().php_sapi(), want, "{body}");
    }
}

#[test]
fn booleans_and_bytes_as_php_reads_them() {
    for (text, want) in [
        ("On", true),
        ("TRUE", true),
        ("yes", true),
        ("2", true),
        ("-1", true),
        ("off", false),
        ("", false),
        ("0", false),
        ("stderr", false),
        ("1x", true),
    ] {
        assert_eq!(php_bool(text), want, "{text}");
    }
    for (text, want) in [
        ("128M", Some(128 << 20)),
        ("1g", Some(1 << 30)),
        ("512", Some(512)),
        ("-1", Some(-1)),
        ("2 K", Some(2048)),
        ("", Some(0)),
        ("x", None),
    ] {
        assert_eq!(php_bytes(text), want, "{text}");
    }
    assert_eq!(php_bytes("99999999999999999999G"), Some(i64::MAX));
}
