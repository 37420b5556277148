use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

/// `from→to` of every need.
fn needs(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let view = &project.views[0];
    project
        .services_of(view)
        .flat_map(|service| service.needs())
        .map(|need| format!("{}→{}", need.from, need.to))
        .collect()
}

#[test]
fn a_shared_env_file_tells_the_application_only() {
    let files = [
        (
            "compose.yaml",
            "services:\n  web:\n    image: nginx:1.30.4\n    env_file: app.env\n  app:\n    image: php:8.4-fpm\n    env_file: app.env\n  db:\n    image: mysql:8.4.11\n    env_file: app.env\n  redis:\n    image: redis:8.2.9\n",
        ),
        ("app.env", "DB_HOST=db\nREDIS_HOST=redis\nDB_USERNAME=app\n"),
        ("docker/nginx/default.conf", "server {\n  location / {\n    fastcgi_pass app:9000;\n  }\n}\n"),
    ];
    assert_eq!(needs(&files), ["web→app", "app→db", "app→redis"]);
}

#[test]
fn php_reads_the_env_file_of_its_folder() {
    let compose = "services:\n  app:\n    build: .\n  db:\n    image: mysql:8.4.11\n";
    let files = [("compose.yaml", compose), ("Dockerfile", "FROM php:8.4-fpm\n"), (".env", "DB_HOST=db\n")];
    assert_eq!(needs(&files), ["app→db"]);
}

#[test]
fn a_caddyfile_names_its_backend() {
    let files = [
        ("compose.yaml", "services:\n  web:\n    image: caddy:2.11.4\n  app:\n    image: php:8.4-fpm\n"),
        ("docker/Caddyfile", "example.net {\n\tphp_fastcgi app:9000\n}\n"),
    ];
    assert_eq!(needs(&files), ["web→app"]);
}

#[test]
fn apache_names_its_backend() {
    let compose = "services:\n  web:\n    image: httpd:2.4\n    volumes: [\"./httpd.conf:/usr/local/apache2/conf/httpd.conf\"]\n  app:\n    image: php:8.4-fpm\n  api:\n    image: registry.example.net/api:1\n";
    let conf =
        "ProxyPass /api http://api:8080/\n<FilesMatch \\.php$>\nSetHandler \"proxy:fcgi://app:9000\"\n</FilesMatch>\n";
    assert_eq!(needs(&[("compose.yaml", compose), ("httpd.conf", conf)]), ["web→app", "web→api"]);
    let rule = "<Location />\nProxyPassMatch \"fcgi://app:9000/srv/$1\"\n</Location>\n";
    assert_eq!(needs(&[("compose.yaml", compose), ("httpd.conf", rule)]), ["web→app"]);
}

#[test]
fn an_upstream_is_followed() {
    let compose = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./web:/etc/nginx/conf.d\"]\n  app:\n    image: php:8.4-fpm\n  other:\n    image: php:8.4-fpm\n";
    let conf = "upstream php { server app:9000; }\nserver { location / { fastcgi_pass php; } }\n";
    let unused = "server { location / { fastcgi_pass other:9000; } }\n";
    let files = [("compose.yaml", compose), ("web/site.conf", conf), ("old/nginx/site.conf", unused)];
    assert_eq!(needs(&files), ["web→app"]);
}

#[test]
fn a_job_that_has_ended_is_not_needed() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    depends_on:\n      migrate: {condition: service_completed_successfully}\n      gone: {condition: service_started}\n  migrate:\n    image: php:8.4-cli\n";
    assert!(needs(&[("compose.yaml", text)]).is_empty());
}

/// `from→to kind weight` of what one of the three questions answers.
fn told(files: &[(&str, &str)], which: &str) -> Vec<String> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let all = project.services_of(&project.views[0]).flat_map(|service| match which {
        "sure" => service.needs(),
        "probable" => service.probable_needs(),
        _ => service.local_needs(),
    });
    all.map(|need| format!("{}→{} {:?} {}", need.from, need.to, need.evidence, need.weight)).collect()
}

#[test]
fn the_surest_evidence_stays() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {DB_CONNECTION: db, DB_HOST: db, CACHE_URL: \"redis://redis\"}\n    depends_on: [db]\n    links: [mail]\n  db:\n    image: mysql:8.4.11\n  redis:\n    image: redis:8\n  mail:\n    image: axllent/mailpit\n";
    let found = told(&[("compose.yaml", text)], "sure");
    assert_eq!(found, ["app→db EnvHost 95", "app→redis EnvUrl 95", "app→mail Link 70"]);
    let sources = sources(&[("compose.yaml", text)]);
    let project = Project::new(&sources, TODAY);
    let app = project.services().next().unwrap();
    assert_eq!(app.needs()[0].label(), "DB_HOST names db");
    assert_eq!(app.needs()[2].label(), "it is linked to mail");
}

#[test]
fn health_of_others() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    depends_on:\n      api: {condition: service_healthy}\n    healthcheck: {test: \"curl -f http://other:80/\"}\n  api:\n    image: node:22\n  other:\n    image: node:22\n";
    assert_eq!(told(&[("compose.yaml", text)], "sure"), ["app→api DependsOnHealthy 70"]);
    assert_eq!(told(&[("compose.yaml", text)], "probable"), ["app→other Healthcheck 50"]);
}

#[test]
fn configuration_of_wordpress() {
    let compose = "services:\n  wp:\n    image: wordpress:6\n    volumes: [\"./wp-config.php:/var/www/html/wp-config.php:ro\"]\n  db:\n    image: mariadb:11\n  two:\n    image: mariadb:11\n";
    let config = "<?php\ndefine('DB_HOST', 'db');\n";
    let files = [("compose.yaml", compose), ("wp-config.php", config)];
    assert_eq!(told(&files, "sure"), ["wp→db FrameworkConfig 80"]);
    let config = "<?php\ndefine('DB_HOST', getenv_docker('WORDPRESS_DB_HOST', 'db'));\n";
    let set = compose.replace("    volumes", "    environment: {WORDPRESS_DB_HOST: two}\n    volumes");
    assert_eq!(told(&[("compose.yaml", &set), ("wp-config.php", config)], "sure"), ["wp→two EnvHost 95"]);
    assert_eq!(told(&[("compose.yaml", compose), ("wp-config.php", config)], "sure"), ["wp→db FrameworkConfig 80"]);
}

#[test]
fn configuration_of_laravel() {
    let compose =
        "services:\n  app:\n    build: .\n  db:\n    image: mysql:8.4.11\n  other:\n    image: mysql:8.4.11\n";
    let config = "<?php\nreturn ['connections' => ['mysql' => ['host' => env('DB_HOST', 'db')]]];\n";
    let docker = ("Dockerfile", "FROM php:8.4-fpm\n");
    let files = [("compose.yaml", compose), docker, ("config/database.php", config)];
    assert_eq!(told(&files, "sure"), ["app→db FrameworkConfig 80"]);
    let files = [("compose.yaml", compose), docker, ("apps/two/config/database.php", config)];
    assert!(told(&files, "sure").is_empty(), "the configuration of another application");
}

#[test]
fn a_secret_that_is_a_url() {
    let compose = "services:\n  app:\n    image: php:8.4-fpm\n    secrets: [dsn]\n  web:\n    image: nginx:1.30.4\n    secrets: [dsn]\n  db:\n    image: mysql:8.4.11\n  other:\n    image: mysql:8.4.11\n  x:\n    image: php:8.4-fpm\nsecrets:\n  dsn: {file: ./secrets/dsn}\n";
    let files = [("compose.yaml", compose), ("secrets/dsn", "mysql://app:hunter2@db:3306/shop\n")];
    assert_eq!(told(&files, "sure"), ["app→db EnvUrl 95"]);
}

#[test]
fn what_a_start_script_waits_for() {
    let entry = "#!/bin/sh\nuntil nc -z db 3306; do sleep 1; done\nexec \"$@\"\n";
    let docker =
        "FROM php:8.4-fpm\nCOPY entrypoint.sh /entrypoint.sh\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"php-fpm\"]\n";
    let compose =
        "services:\n  app:\n    build: .\n  db:\n    image: mysql:8.4.11\n  other:\n    image: mysql:8.4.11\n";
    let files = [("compose.yaml", compose), ("Dockerfile", docker), ("entrypoint.sh", entry)];
    assert_eq!(told(&files, "sure"), ["app→db Command 80"]);
}

#[test]
fn proxies_that_discover() {
    let text = "services:\n  proxy:\n    image: traefik:v3\n  a:\n    image: nginx:1.30.4\n    labels: [\"traefik.http.routers.a.rule=Host(`x`)\"]\n  b:\n    image: node:22\n    labels: [\"traefik.enable=false\", \"traefik.http.routers.b.rule=Host(`y`)\"]\n";
    assert_eq!(told(&[("compose.yaml", text)], "sure"), ["proxy→a ProxyDiscovery 90"]);
}

#[test]
fn the_only_partner_is_probable() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n  db:\n    image: mysql:8.4.11\n";
    assert_eq!(told(&[("compose.yaml", text)], "probable"), ["app→db RoleDefault 40"]);
    assert!(told(&[("compose.yaml", text)], "sure").is_empty());
    let console = format!("{text}  pma:\n    image: phpmyadmin:5\n    environment: {{PMA_HOST: db}}\n");
    assert_eq!(told(&[("compose.yaml", &console)], "probable"), ["app→db RoleDefault 40"], "a console is no database");
    let two = format!("{text}  second:\n    image: mysql:8.4.11\n");
    assert!(told(&[("compose.yaml", &two)], "probable").is_empty(), "two candidates");
    let outside = text.replace("php:8.4-fpm\n", "php:8.4-fpm\n    environment: {DB_HOST: db.example.net}\n");
    assert!(told(&[("compose.yaml", &outside)], "probable").is_empty(), "its database is elsewhere");
    let apart = text.replace("mysql:8.4.11\n", "mysql:8.4.11\n    networks: [data]\n");
    assert!(told(&[("compose.yaml", &apart)], "probable").is_empty(), "they share no network");
}

#[test]
fn a_variable_without_a_value_is_assumed() {
    let text = "services:\n  app:\n    image: python:3\n    environment: {DB_HOST: \"${DB_HOST}\"}\n    secrets: [amqp_dsn]\n  db:\n    image: mysql:8.4.11\n  mq:\n    image: rabbitmq:4\nsecrets:\n  amqp_dsn: {environment: AMQP_DSN}\n";
    assert_eq!(told(&[("compose.yaml", text)], "probable"), ["app→db RoleDefault 40", "app→mq RoleDefault 40"]);
    let sources = sources(&[("compose.yaml", text)]);
    let project = Project::new(&sources, TODAY);
    let app = project.services().next().unwrap();
    assert_eq!(app.probable_needs()[0].label(), "DB_HOST is not known, and db is the only candidate");
}

#[test]
fn sockets_and_namespaces_need_no_network() {
    let text = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"sock:/run/php\"]\n    networks: [a]\n  app:\n    image: php:8.4-fpm\n    volumes: [\"sock:/run/php\"]\n    networks: [b]\n  side:\n    image: node:22\n    network_mode: service:app\nvolumes: {sock: {}}\n";
    let files = [("compose.yaml", text)];
    assert_eq!(told(&files, "local"), ["web→app SharedSocket 90", "side→app NetworkMode 100"]);
    assert!(told(&files, "sure").is_empty() && told(&files, "probable").is_empty());
}

#[test]
fn lists_of_hosts_are_no_needs() {
    let text = "services:\n  app:\n    image: python:3\n    environment: {NO_PROXY: \"localhost,db\", TRUSTED_PROXIES: web}\n  web:\n    image: nginx:1.30.4\n  db:\n    image: mysql:8.4.11\n";
    assert!(told(&[("compose.yaml", text)], "sure").is_empty());
}

#[test]
fn a_collector_needs_what_it_scrapes() {
    let text = "services:\n  prometheus:\n    image: prom/prometheus:v3.5.0\n    volumes: [\"./prometheus.yml:/etc/prometheus/prometheus.yml:ro\"]\n  app:\n    image: php:8.4-fpm\n";
    let config = "scrape_configs:\n  - static_configs:\n      - targets: [\"app:9253\"]\n";
    let files = [("compose.yaml", text), ("prometheus.yml", config)];
    assert_eq!(told(&files, "sure"), ["prometheus→app FrameworkConfig 80"]);
}

/// `from→to` of a stack of the gallery, in the order of their names.
macro_rules! gallery {
    ($folder:literal, $which:literal, $($file:literal),+) => {{
        let files = [$(($file, include_str!(concat!("../../../../web/gallery/", $folder, "/", $file)))),+];
        let mut pairs: Vec<String> =
            told(&files, $which).into_iter().filter_map(|need| Some(need.split_once(' ')?.0.to_owned())).collect();
        pairs.sort();
        pairs
    }};
}

#[test]
fn stacks_of_the_gallery() {
    let shop = gallery!(
        "larashop/vulnerable",
        "sure",
        "docker-compose.yml",
        ".env",
        "Dockerfile",
        "docker/nginx/default.conf",
        "composer.json"
    );
    let wanted = [
        "app→mailhog",
        "app→mysql",
        "app→redis",
        "nginx→app",
        "phpmyadmin→mysql",
        "scheduler→mailhog",
        "scheduler→mysql",
        "scheduler→redis",
        "worker→mailhog",
        "worker→mysql",
        "worker→redis",
    ];
    assert_eq!(shop, wanted);
    let shop = gallery!("larashop/hardened", "sure", "compose.yaml", "Dockerfile", "docker/nginx/default.conf");
    assert_eq!(shop, ["app→mysql", "app→redis", "nginx→app", "worker→mysql", "worker→redis"]);
    let hub = gallery!("invoice-hub/vulnerable", "sure", "compose.yaml", ".env", "Dockerfile", "docker/Caddyfile");
    let wanted = [
        "consumer→database",
        "consumer→gotenberg",
        "consumer→rabbitmq",
        "php→database",
        "php→elasticsearch",
        "php→gotenberg",
        "php→mailpit",
        "php→rabbitmq",
        "php→redis",
    ];
    assert_eq!(hub, wanted);
    let host = gallery!("agency-host/vulnerable", "sure", "docker-compose.yml", "Dockerfile", "wp-config.php");
    assert_eq!(host, ["phpmyadmin→db", "proxy→phpmyadmin", "proxy→wordpress", "wordpress→db", "wordpress→redis"]);
    let host = gallery!("agency-host/hardened", "sure", "compose.yaml");
    assert_eq!(host, ["proxy→wordpress", "wordpress→db", "wordpress→redis"]);
    let hub = gallery!("invoice-hub/hardened", "sure", "compose.yaml");
    let wanted = [
        "consumer→database",
        "consumer→gotenberg",
        "consumer→rabbitmq",
        "php→database",
        "php→gotenberg",
        "php→rabbitmq",
        "php→redis",
    ];
    assert_eq!(hub, wanted, "each has a network of its own with its server");
}

/// The usual partners are hints, and never more than that.
#[test]
fn hints_of_the_gallery() {
    let hub = gallery!("invoice-hub/hardened", "probable", "compose.yaml");
    assert!(hub.is_empty(), "{hub:?}");
    let cron = gallery!("agency-host/vulnerable", "probable", "docker-compose.yml", "Dockerfile", "wp-config.php");
    assert_eq!(cron, ["cron→db", "cron→redis"]);
}
