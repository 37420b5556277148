use super::*;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

fn with<T>(files: &[(&str, &str)], ask: impl FnOnce(ServiceRef<'_, '_>) -> T) -> T {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let service = project.services().next().unwrap();
    ask(service)
}

fn listen(from: &str, name: &str) -> Option<String> {
    let text = format!("FROM {from}\nCOPY own.conf /usr/local/etc/php-fpm.d/{name}\n");
    with(&[("Dockerfile", &text), ("own.conf", "[www]\nlisten = 127.0.0.1:9000\n")], |service| {
        service.fpm_pools()[0].value("listen").map(str::to_owned)
    })
}

#[test]
fn the_image_alone() {
    with(&[("Dockerfile", "FROM php:8.4-fpm\n")], |service| {
        let configuration = service.fpm_configuration();
        assert_eq!(configuration.pools.len(), 1);
        let pool = &configuration.pools[0];
        assert_eq!((pool.name.as_deref(), pool.open_port(), pool.at), (Some("www"), Some(9000), None));
        assert_eq!(pool.clears_environment(), Some(false));
        assert_eq!(pool.limit_extensions().unwrap(), [".php", ".phar"]);
        assert_eq!((pool.number("pm.max_children"), pool.number("pm.max_requests")), (Some(5), Some(0)));
        assert_eq!(pool.value("listen.allowed_clients"), Some(""));
        assert_eq!(configuration.global["daemonize"].value.as_deref(), Some("no"));
        assert_eq!(service.fpm_listen(), FpmListen::Port(9000, None));
    });
}

#[test]
fn the_order_of_the_image_decides() {
    for (from, name, want) in [
        ("php:8.4-fpm", "www.conf", Some("127.0.0.1:9000")),
        ("php:8.4.20-fpm-alpine", "www.conf", Some("127.0.0.1:9000")),
        ("php:8.4.10-fpm", "www.conf", Some("9000")),
        ("php:8.1-fpm", "www.conf", Some("9000")),
        ("php:8.4.10-fpm", "zzz-own.conf", Some("127.0.0.1:9000")),
        ("php:8.4-fpm", "app.conf", Some("9000")),
        // Published in both ways.
        ("php:8.4.16-fpm", "www.conf", None),
        ("php:8.4.16-fpm", "zzz-own.conf", Some("127.0.0.1:9000")),
        ("serversideup/php:8.4-fpm", "zz.conf", Some("127.0.0.1:9000")),
    ] {
        assert_eq!(listen(from, name).as_deref(), want, "{from} {name}");
    }
}

#[test]
fn what_has_no_effect_is_told() {
    let files = [
        (
            "Dockerfile",
            "FROM php:8.3.10-fpm\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\nCOPY late.conf /etc/php/8.3/fpm/pool.d/x.conf\n",
        ),
        (
            "www.conf",
            "[www]\nlisten = 127.0.0.1:9000\nclear_env = yes\nphp_admin_value[memory_limit] = 64M\nenv[A] = $B\n",
        ),
        ("late.conf", "[www]\npm = static\n"),
    ];
    with(&files, |service| {
        let configuration = service.fpm_configuration();
        let pool = &configuration.pools[0];
        let ineffective: Vec<(&str, String)> = pool
            .ineffective()
            .into_iter()
            .map(|(name, at, _)| (name, service.project().slice(at).to_owned()))
            .collect();
        assert_eq!(ineffective, [("listen", "127.0.0.1:9000".to_owned())]);
        assert_eq!(pool.clears_environment(), Some(true));
        let setting = &pool.php[0];
        assert_eq!(
            (setting.name.as_str(), setting.value.as_deref(), setting.admin),
            ("memory_limit", Some("64M"), true)
        );
        assert_eq!(pool.environment[0].name, "A");
        assert_eq!(configuration.unread[0].0, "/etc/php/8.3/fpm/pool.d/x.conf");
    });
}

#[test]
fn several_pools_and_variables() {
    let files = [
        (
            "compose.yaml",
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {CHILDREN: \"7\"}\n    volumes: [\"./pools:/usr/local/etc/php-fpm.d:ro\"]\n",
        ),
        (
            "pools/a.conf",
            "[www]\nlisten = /run/a.sock\nlisten.mode = 0666\npm.max_children = ${CHILDREN}\nsecurity.limit_extensions =\n",
        ),
        ("pools/b.conf", "[${NAME}]\nlisten = 9001\n[global]\nerror_log = /dev/null\n"),
    ];
    with(&files, |service| {
        let configuration = service.fpm_configuration();
        assert_eq!(configuration.pools.len(), 2);
        let first = &configuration.pools[0];
        assert_eq!((first.number("pm.max_children"), first.open_port()), (Some(7), None));
        assert_eq!(first.limit_extensions().unwrap(), Vec::<&str>::new());
        assert_eq!(service.project().slice(first.directive("listen.mode").unwrap().at.unwrap()), "0666");
        assert!(configuration.global.contains_key("error_log"));
        assert!(matches!(service.fpm_listen(), FpmListen::Port(9001, Some(_))));
    });
}

#[test]
fn packages_of_distributions() {
    let debian =
        "FROM debian:13\nRUN apt-get install -y php8.4-fpm\nCOPY app.conf /etc/php/8.4/fpm/pool.d/zz-app.conf\n";
    with(&[("Dockerfile", debian), ("app.conf", "[www]\npm = static\n")], |service| {
        let pool = &service.fpm_pools()[0];
        assert!(pool.value("listen").unwrap().starts_with("/run/php/"));
        assert_eq!((pool.value("pm"), pool.clears_environment()), (Some("static"), Some(true)));
    });
    with(&[("Dockerfile", "FROM alpine:3.22\nRUN apk add php84-fpm\n")], |service| {
        let pool = &service.fpm_pools()[0];
        assert_eq!((pool.value("user"), pool.value("listen")), (Some("nobody"), Some("127.0.0.1:9000")));
    });
}

#[test]
fn of_an_unknown_image_only_the_project_s_part_is_known() {
    let text = "FROM registry.example.net/base:1\nCOPY p.conf /usr/local/etc/php-fpm.d/p.conf\nCMD [\"php-fpm\"]\n";
    with(&[("Dockerfile", text), ("p.conf", "[www]\nlisten = 9000\n")], |service| {
        let pool = &service.fpm_pools()[0];
        assert_eq!((pool.open_port(), pool.clears_environment(), pool.limit_extensions()), (Some(9000), None, None));
    });
    with(&[("Dockerfile", "ARG V\nFROM php:${V}-fpm\n")], |service| {
        assert_eq!(
            (service.fpm_pools()[0].value("listen"), service.fpm_pools()[0].value("user")),
            (None, Some("www-data"))
        );
    });
}

#[test]
fn edits_and_missing_files_stay_unknown() {
    let text =
        "FROM php:8.3.10-fpm\nRUN sed -i 's/listen = 9000/listen = 9001/' /usr/local/etc/php-fpm.d/zz-docker.conf\n";
    with(&[("Dockerfile", text)], |service| assert_eq!(service.fpm_pools()[0].value("listen"), None));
    let text = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zz-pool.conf\n";
    with(&[("Dockerfile", text)], |service| assert!(service.fpm_configuration().unseen.is_some()));
    let removed = "FROM php:8.3.10-fpm\nRUN rm /usr/local/etc/php-fpm.d/zz-docker.conf\n";
    with(&[("Dockerfile", removed)], |service| {
        assert_eq!(service.fpm_pools()[0].value("listen"), Some("127.0.0.1:9000"));
    });
}
