use super::*;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

/// The secrets of a service, and the names of all services.
fn of(files: &[(&str, &str)], name: &str) -> Vec<HeldSecret> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let services: Vec<ServiceRef<'_, '_>> = project.services_of(&project.views[0]).collect();
    let service = services.iter().find(|service| service.name == name).unwrap();
    let externals = [
        External { name: "aws".to_owned(), evidence: Evidence::known("a variable names it") },
        External { name: "db.example.net".to_owned(), evidence: Evidence::known("a variable names it") },
    ];
    secrets(*service, &services, &externals)
}

fn one(compose: &str, name: &str) -> Vec<HeldSecret> {
    of(&[("compose.yaml", compose)], name)
}

fn names(held: &[HeldSecret]) -> Vec<&str> {
    held.iter().map(|one| one.name.as_str()).collect()
}

/// An application with these variables, then MySQL (1), Redis (2) and RabbitMQ (3).
fn stack(environment: &str) -> Vec<HeldSecret> {
    let text = format!(
        "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{{environment}}}\n  mysql:\n    image: mysql:8.4\n    environment: {{MYSQL_ROOT_PASSWORD: Zq81kdWinter77x}}\n  redis:\n    image: redis:8\n    command: redis-server --requirepass Zq81kdWinter78x\n  rabbitmq:\n    image: rabbitmq:4\n"
    );
    one(&text, "app")
}

#[test]
fn variables_and_what_they_open() {
    let held = stack(
        "APP_KEY: \"base64:q3Zr0vXb1mJ8sTn5uKcYwEo7dHfL2gPiA4xNzRtV6Bk=\", DB_HOST: mysql, DB_USERNAME: shop, DB_PASSWORD: Zq81kdWinter79x, REDIS_HOST: redis, REDIS_PASSWORD: Zq81kdWinter78x, STRIPE_SECRET: Zq81kdWinter80x",
    );
    assert_eq!(names(&held), ["APP_KEY", "DB_PASSWORD", "REDIS_PASSWORD", "STRIPE_SECRET"]);
    let classes: Vec<SecretClass> = held.iter().map(|one| one.class).collect();
    assert_eq!(
        classes,
        [SecretClass::ApplicationKey, SecretClass::Credential, SecretClass::Credential, SecretClass::Critical]
    );
    assert_eq!((held[1].opens.as_slice(), held[1].superuser), (&[1][..], false));
    assert_eq!((held[2].opens.as_slice(), held[2].superuser), (&[2][..], true));
    assert!(held.iter().all(|one| one.cause.is_none() && !one.root_only && one.evidence.len() == 1));
}

#[test]
fn connection_strings() {
    let held = stack(
        "DATABASE_URL: \"mysql://root:Zq81kdWinter77x@mysql/x\", MESSENGER_TRANSPORT_DSN: \"amqp://guest:guest@rabbitmq:5672/%2f\"",
    );
    let opens: Vec<(&str, &[usize], bool)> =
        held.iter().map(|one| (one.name.as_str(), one.opens.as_slice(), one.superuser)).collect();
    assert_eq!(opens, [("DATABASE_URL", &[1][..], true), ("MESSENGER_TRANSPORT_DSN", &[3][..], true)]);
    let outside = stack("DB_HOST: db.example.net, DB_PASSWORD: Zq81kdWinter79x");
    assert_eq!((outside[0].opens.len(), outside[0].opens_external.as_slice()), (0, &[1][..]));
}

#[test]
fn without_a_host_the_only_store_of_its_kind() {
    assert_eq!(stack("MYSQL_PASSWORD: Zq81kdWinter79x")[0].opens, [1]);
    assert_eq!(stack("DATABASE_URL: \"${DATABASE_URL}\"")[0].opens, [1]);
    let elsewhere = stack("MYSQL_HOST: other, MYSQL_PASSWORD: Zq81kdWinter79x");
    assert!(elsewhere[0].opens.is_empty());
    assert_eq!(elsewhere[0].class, SecretClass::Credential);
    let two = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {MYSQL_PASSWORD: Zq81kdWinter79x}\n  a:\n    image: mysql:8.4\n  b:\n    image: mysql:8.4\n";
    assert!(one(two, "app")[0].opens.is_empty());
}

#[test]
fn a_store_does_not_open_itself() {
    let text = "services:\n  db:\n    image: mysql:8.4\n    environment: {MYSQL_ROOT_PASSWORD: Zq81kdWinter77x}\n";
    let held = one(text, "db");
    assert_eq!((names(&held), held[0].class), (vec!["MYSQL_ROOT_PASSWORD"], SecretClass::Credential));
    assert!(held[0].opens.is_empty());
}

#[test]
fn an_object_store_is_no_cloud() {
    let minio = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {AWS_ENDPOINT: \"http://minio:9000\", AWS_ACCESS_KEY_ID: shop, AWS_SECRET_ACCESS_KEY: Zq81kdWinter79x}\n  minio:\n    image: minio/minio:latest\n";
    let held = one(minio, "app");
    assert_eq!(
        (names(&held), held[0].class, held[0].opens.as_slice()),
        (vec!["AWS_SECRET_ACCESS_KEY"], SecretClass::Credential, &[1][..])
    );
    let cloud = stack("AWS_SECRET_ACCESS_KEY: Zq81kdWinter79x");
    assert_eq!((cloud[0].class, cloud[0].opens_external.as_slice()), (SecretClass::Critical, &[0][..]));
}

const GRANTS: &str = "services:\n  app:\n    image: registry.example.net/shop:1\n    environment: {DB_HOST: db, DB_PASSWORD_FILE: /run/secrets/a, REDIS_HOST: cache, REDIS_USERNAME: app, REDIS_PASSWORD_FILE: /run/secrets/redis_app_password}\n    secrets: [a, app_key, redis_app_password, owner]\n  db:\n    image: mariadb:11.8\n    environment: {MARIADB_PASSWORD_FILE: /run/secrets/a}\n    secrets: [a, owner]\n  cache:\n    image: valkey/valkey:8\n    command: valkey-server --aclfile /run/secrets/acl\n    secrets: [acl]\nsecrets:\n  a: {file: ./a}\n  app_key: {file: ./b}\n  redis_app_password: {file: ./c}\n  acl: {file: ./d}\n  owner: {file: ./e}\n";

#[test]
fn secret_files() {
    let held = one(GRANTS, "app");
    assert_eq!(
        names(&held),
        ["/run/secrets/a", "/run/secrets/app_key", "/run/secrets/owner", "/run/secrets/redis_app_password"]
    );
    assert_eq!((held[0].opens.as_slice(), held[0].class), (&[1][..], SecretClass::Credential));
    assert_eq!((held[1].opens.len(), held[1].class), (0, SecretClass::ApplicationKey));
    assert_eq!(held[2].opens, [1], "the database is granted it too");
    assert_eq!((held[3].opens.as_slice(), held[3].superuser), (&[2][..], false));
    assert!(one(GRANTS, "db").iter().all(|one| one.opens.is_empty()));
}

#[test]
fn who_may_read_a_file() {
    let with = |grant: &str, source: &str| {
        let text = format!(
            "services:\n  app:\n    image: x/y:1\n    secrets:\n      - {{source: key, target: key{grant}}}\nsecrets:\n  key: {{{source}}}\n"
        );
        one(&text, "app")[0].root_only
    };
    assert!(with(", mode: 0400", "environment: KEY"));
    assert!(!with("", "environment: KEY"));
    assert!(!with(", mode: 0444", "environment: KEY"));
    assert!(!with(", mode: 0400, uid: \"33\"", "environment: KEY"));
    assert!(!with(", mode: 0400", "file: ./key"), "Compose mounts the host's file as it is");
}

#[test]
fn a_shared_environment_file() {
    let compose = "services:\n  app:\n    image: php:8.4-fpm\n    env_file: .env\n  web:\n    image: nginx:1.28\n    env_file: .env\n";
    let files = [("compose.yaml", compose), (".env", "APP_ENV=production\nDB_PASSWORD=Zq81kdWinter79x\n")];
    let web = of(&files, "web");
    assert_eq!(names(&web), ["DB_PASSWORD"]);
    let cause = web[0].cause.as_ref().unwrap();
    assert_eq!(
        (cause.rule, cause.change.as_str()),
        (Some("secrets/secret-over-exposed"), "Do not read the environment file of app in web")
    );
    assert!(of(&files, "app")[0].cause.is_none());
}

#[test]
fn a_mounted_folder() {
    let compose = "services:\n  app:\n    image: php:8.4-fpm\n    volumes: [\".:/var/www/html\"]\n  web:\n    image: nginx:1.28\n    volumes: [\".:/var/www/html:ro\"]\n";
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n";
    let files = [
        ("compose.yaml", compose),
        ("index.php", "<?php\n"),
        (".env", "DB_PASSWORD=Zq81kdWinter79x\n"),
        ("deploy_key", key),
    ];
    let app = of(&files, "app");
    assert_eq!(names(&app), ["/var/www/html/deploy_key", "DB_PASSWORD"]);
    assert_eq!((app[0].class, app[0].cause.is_some()), (SecretClass::Critical, true));
    assert!(app[1].cause.is_none());
    let web = of(&files, "web");
    assert_eq!(web[1].cause.as_ref().unwrap().rule, Some("mounts/source-bind-mount-in-production"));
}

#[test]
fn credentials_of_the_host() {
    let text = "services:\n  backup:\n    image: alpine:3\n    volumes: [\"~/.ssh:/root/.ssh:ro\"]\n";
    let held = one(text, "backup");
    assert_eq!((names(&held), held[0].class, held[0].root_only), (vec!["/root/.ssh"], SecretClass::Critical, true));
    assert_eq!(held[0].cause.as_ref().unwrap().rule, Some("mounts/sensitive-host-path-mounted"));
}

#[test]
fn what_an_image_brings() {
    let compose = "services:\n  app:\n    build: .\n    environment: {DB_HOST: db}\n  worker:\n    build: .\n    command: php artisan queue:work\n    environment: {DB_PASSWORD: Zq81kdWinter79x}\n  db:\n    image: mysql:8.4\n";
    let dockerfile = "FROM php:8.4-fpm\nWORKDIR /app\nARG COMPOSER_AUTH\nENV COMPOSER_AUTH=$COMPOSER_AUTH\nENV DB_PASSWORD=Zq81kdWinter79x\nCOPY deploy_key /root/.ssh/id_rsa\nCOPY . .\n";
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n";
    let files = [("compose.yaml", compose), ("Dockerfile", dockerfile), ("deploy_key", key)];
    let app = of(&files, "app");
    let found = |name: &str| app.iter().find(|one| one.name == name);
    let auth = found("COMPOSER_AUTH").unwrap();
    assert_eq!(
        (auth.class, auth.cause.as_ref().unwrap().rule),
        (SecretClass::Critical, Some("secrets/secret-in-dockerfile"))
    );
    let password = found("DB_PASSWORD").unwrap();
    assert_eq!((password.opens.as_slice(), password.cause.is_none()), (&[2][..], true));
    let ssh = found("/root/.ssh/id_rsa").unwrap();
    assert_eq!((ssh.class, ssh.root_only), (SecretClass::Critical, true));
    assert_eq!(ssh.cause.as_ref().unwrap().rule, Some("secrets/sensitive-files-in-build-context"));
    let worker = of(&files, "worker");
    let passwords = worker.iter().filter(|one| one.name == "DB_PASSWORD").count();
    assert_eq!(passwords, 1, "the container's own hides the image's");
}

#[test]
fn two_ways_are_no_single_change() {
    let compose = "services:\n  app:\n    image: php:8.4-fpm\n    env_file: .env\n  web:\n    image: nginx:1.28\n    env_file: .env\n    volumes: [\".:/var/www/html:ro\"]\n";
    let files = [("compose.yaml", compose), ("index.php", "<?php\n"), (".env", "DB_PASSWORD=Zq81kdWinter79x\n")];
    let web = of(&files, "web");
    assert_eq!(names(&web), ["DB_PASSWORD", "DB_PASSWORD"]);
    let rules: Vec<_> = web.iter().filter_map(|one| one.cause.as_ref()?.rule).collect();
    assert_eq!(rules, ["mounts/source-bind-mount-in-production", "secrets/secret-over-exposed"]);
    let app = of(&[files[0], files[1], files[2]], "app");
    assert_eq!((app.len(), app[0].cause.is_none()), (1, true));
}

#[test]
fn no_value_gets_out() {
    let held =
        stack("DB_HOST: mysql, DB_PASSWORD: Zq81kdWinter79x, DATABASE_URL: \"mysql://shop:Zq81kdWinter79x@mysql/x\"");
    assert!(!format!("{held:?}").contains("Zq81kd"));
}

#[test]
fn constants_of_wordpress() {
    let compose = "services:\n  wp:\n    image: wordpress:6\n    volumes: [\"./wp-config.php:/var/www/html/wp-config.php:ro\"]\n  db:\n    image: mariadb:11.8\n";
    let config =
        "<?php\ndefine('DB_PASSWORD', 'Zq81kdWinter79x');\ndefine('AUTH_KEY', 'Zq81kdWinter80xZq81kdWinter81x');\n";
    let held = of(&[("compose.yaml", compose), ("wp-config.php", config)], "wp");
    assert_eq!(names(&held), ["AUTH_KEY", "DB_PASSWORD"]);
    assert_eq!((held[0].class, held[1].opens.as_slice()), (SecretClass::ApplicationKey, &[1][..]));
}

#[test]
fn an_environment_file_in_the_image() {
    let compose = "services:\n  app:\n    build: .\n    environment: {DB_HOST: db}\n  db:\n    image: mysql:8.4\n";
    let files = [
        ("compose.yaml", compose),
        ("Dockerfile", "FROM php:8.4-fpm\nWORKDIR /app\nCOPY . .\n"),
        ("composer.json", "{\"require\": {\"laravel/framework\": \"^12.0\"}}\n"),
        ("artisan", "#!/usr/bin/env php\n<?php\n"),
        (".env", "DB_PASSWORD=Zq81kdWinter79x\n"),
    ];
    let held = of(&files, "app");
    assert_eq!((names(&held), held[0].opens.as_slice()), (vec!["DB_PASSWORD"], &[1][..]));
    assert!(held[0].cause.is_none(), "it is needed, wherever it comes from");
    let mut ignored = files.to_vec();
    ignored.push((".dockerignore", ".env\n"));
    assert!(of(&ignored, "app").is_empty());
}

#[test]
fn a_mounted_environment_file() {
    let compose = "services:\n  job:\n    image: x/y:1\n    volumes: [\"./.env:/app/.env:ro\"]\n";
    let held = of(&[("compose.yaml", compose), (".env", "DB_PASSWORD=Zq81kdWinter79x\nAPP_ENV=prod\n")], "job");
    assert_eq!((names(&held), held[0].class), (vec!["DB_PASSWORD"], SecretClass::Credential));
}

#[test]
fn a_grant_that_nothing_needs() {
    let text = "services:\n  db:\n    image: mysql:8.4\n    environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}\n    secrets: [root]\n  web:\n    image: nginx:1.28\n    secrets: [root]\nsecrets:\n  root: {file: ./root}\n";
    let web = one(text, "web");
    let cause = web[0].cause.as_ref().unwrap();
    assert_eq!((cause.rule, cause.change.as_str()), (Some("secrets/secret-over-exposed"), "Do not grant root to web"));
    assert_eq!((web[0].opens.as_slice(), web[0].superuser), (&[0][..], true));
    assert!(one(text, "db")[0].cause.is_none());
}
