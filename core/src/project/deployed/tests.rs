use super::*;
use crate::finding::Severity;
use crate::rules::testing::{TODAY, sources};

const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");
const PS: &str = include_str!("../../../tests/data/inventory/ps.ndjson");

const BASE: &str = "services:
  nginx:
    image: nginx:1.27-alpine
    ports: [\"80:80\", \"127.0.0.1:443:443\"]
    restart: unless-stopped
    depends_on: [app]
    volumes: [\"./docker/nginx/default.conf:/etc/nginx/conf.d/default.conf:ro\"]
  app:
    build: .
    image: larashop-app
    networks: [default, backend]
    restart: unless-stopped
    cap_drop: [ALL]
    security_opt: [\"no-new-privileges=true\"]
    read_only: true
    mem_limit: 512m
    cpus: 1.5
    pids_limit: 200
    tmpfs: [/tmp]
    volumes: [\"./:/var/www/html:ro\"]
    environment: {APP_ENV: production, DB_HOST: db, DB_PASSWORD: other, MISSING: x, APP_KEY: \"${APP_KEY}\"}
    healthcheck: {test: [CMD-SHELL, php-fpm-healthcheck || exit 1]}
  db:
    image: mysql:8.4.11
    ports: [\"127.0.0.1:3306:3306\"]
    networks: [backend]
    restart: unless-stopped
    volumes: [\"dbdata:/var/lib/mysql\"]
    environment: {MYSQL_ROOT_PASSWORD: root, MYSQL_DATABASE: shop}
    healthcheck: {test: [CMD, mysqladmin, ping]}
networks: {backend: {internal: true}}
volumes: {dbdata: {}}
";

const PROD: &str = "services:\n  app:\n    environment: {APP_ENV: production}\n";

fn differences(files: &[(&str, &str)], service: &str) -> Vec<String> {
    let files = sources(files);
    let project = Project::new(&files, TODAY);
    let deployments = project.deployments();
    let deployment =
        deployments.iter().find(|d| d.container.service().is_some_and(|label| label.value == service)).unwrap();
    deployment
        .differences()
        .iter()
        .map(|d| {
            format!(
                "{} {} {:?} {} -> {}",
                d.severity,
                d.field,
                d.direction,
                d.declared.as_deref().unwrap_or("-"),
                d.running.as_deref().unwrap_or("-")
            )
        })
        .collect()
}

#[test]
fn field_by_field() {
    let files = [("compose.yaml", BASE), ("compose.prod.yaml", PROD), ("running.txt", RUNNING)];
    assert_eq!(
        differences(&files, "app"),
        [
            "high user Weaker - -> root",
            "medium environment Other DB_PASSWORD -> DB_PASSWORD with another value",
            "medium environment Other MISSING -> -",
            "medium environment Other - -> DATABASE_URL",
            "high pid Weaker - -> host",
            "high volumes Weaker - -> /var/run/docker.sock:/var/run/docker.sock",
            "high volumes Weaker ./:/var/www/html:ro -> /srv/larashop:/var/www/html",
            "high privileged Weaker - -> true",
            "high cap_add Weaker - -> NET_ADMIN",
            "high cap_add Weaker - -> SYS_ADMIN",
            "high security_opt Weaker - -> seccomp=unconfined",
            "high devices Weaker - -> /dev/fuse:/dev/fuse:rwm",
            "medium read_only Weaker true -> false",
            "medium pids_limit Weaker 200 -> no limit",
            "low extra_hosts Other - -> host.docker.internal:host-gateway",
        ]
    );
    assert_eq!(differences(&files, "nginx"), ["high ports Weaker 127.0.0.1:443:443 -> 443:443"]);
    assert_eq!(differences(&files, "db"), Vec::<String>::new());
}

#[test]
fn a_list_alone_tells_of_images_ports_and_networks() {
    let base = BASE
        .replace("image: mysql:8.4.11", "image: mysql:8.0")
        .replace("networks: [backend]", "networks: [backend, admin]");
    let files = [("compose.yaml", base.as_str()), ("compose.prod.yaml", PROD), ("ps.ndjson", PS)];
    assert_eq!(
        differences(&files, "db"),
        ["high image Other mysql:8.0 -> mysql:8.4.11", "medium networks Other admin -> -"]
    );
    assert_eq!(differences(&files, "app"), Vec::<String>::new());
    let without = BASE.replace("    ports: [\"80:80\", \"127.0.0.1:443:443\"]\n", "");
    let files = [("compose.yaml", without.as_str()), ("compose.prod.yaml", PROD), ("ps.ndjson", PS)];
    assert_eq!(differences(&files, "nginx"), ["high ports Weaker - -> 80:80", "high ports Weaker - -> 443:443"]);
}

#[test]
fn who_belongs_to_whom() {
    let standing = |files: &[(&str, &str)]| -> Vec<String> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let said = |deployment: &Deployment<'_, '_>| {
            let how = match &deployment.standing {
                Standing::Declared(service) => format!("declared in {}", service.view().name),
                Standing::Orphan { certain, .. } => format!("orphan {certain}"),
                Standing::OneOff => "one-off".to_owned(),
                Standing::OtherProject => "other project".to_owned(),
                Standing::Unmanaged => "unmanaged".to_owned(),
                Standing::Unknown => "unknown".to_owned(),
            };
            format!("{}: {how}", deployment.container.name())
        };
        project.deployments().iter().map(said).collect()
    };
    assert_eq!(
        standing(&[("compose.yaml", BASE), ("compose.prod.yaml", PROD), ("ps.ndjson", PS)]),
        [
            "larashop-nginx-1: declared in prod",
            "larashop-app-1: declared in prod",
            "larashop-db-1: declared in prod",
            "redis-debug: unmanaged",
            "larashop-horizon-1: orphan true",
        ]
    );
    let all = standing(&[("compose.yaml", BASE), ("ps.ndjson", PS)]);
    assert_eq!(all[4], "larashop-horizon-1: orphan false", "not every file was supplied");
    assert_eq!(standing(&[("other/stack.yaml", BASE), ("ps.ndjson", PS)])[0], "larashop-nginx-1: other project");
    let labels = PS.replace("com.docker.compose.oneoff=False", "com.docker.compose.oneoff=True");
    assert_eq!(standing(&[("compose.yaml", BASE), ("ps.ndjson", &labels)])[0], "larashop-nginx-1: one-off");
    let table = include_str!("../../../tests/data/inventory/system-df-v.txt");
    assert_eq!(
        standing(&[("larashop/compose.yaml", BASE), ("df.txt", table)]),
        ["larashop-nginx-1: declared in default", "larashop-horizon-1: unknown"]
    );
    let debug = BASE.replace("  db:\n", "  debug:\n    image: redis\n    container_name: redis-debug\n  db:\n");
    assert_eq!(standing(&[("compose.yaml", &debug), ("ps.ndjson", PS)])[3], "redis-debug: declared in default");
}

#[test]
fn files_hashes_and_what_is_missing() {
    let hashes = include_str!("../../../tests/data/inventory/config-hash.txt");
    let extra = BASE.replace("  db:\n", "  worker:\n    image: larashop-app\n  db:\n");
    let files = sources(&[
        ("compose.yaml", &extra),
        ("compose.override.yaml", PROD),
        ("running.txt", RUNNING),
        ("hash.txt", hashes),
    ]);
    let project = Project::new(&files, TODAY);
    let deployments = project.deployments();
    let of = |name: &str| deployments.iter().find(|d| d.container.name() == name).unwrap();
    assert_eq!(of("larashop-app-1").files_not_supplied(), ["/srv/larashop/compose.prod.yaml"]);
    assert_eq!(of("larashop-app-1").development_files(), Vec::<&str>::new());
    assert!(of("larashop-app-1").outdated_hash().is_none() && of("larashop-nginx-1").outdated_hash().is_some());
    let base = project.views.iter().find(|view| view.name == "base").unwrap();
    let missing: Vec<String> = project.declared_but_missing(base).iter().map(|service| service.name.clone()).collect();
    assert_eq!(missing, ["worker"]);
    assert_eq!(project.project_name(base), None, "the folder's name is not known");
}

#[test]
fn names_of_projects() {
    for (files, want) in [
        (vec![("Shop App/compose.yaml", "services: {a: {image: b}}\n")], Some("shopapp")),
        (vec![("x/compose.yaml", "name: shop\nservices: {a: {image: b}}\n")], Some("shop")),
        (
            vec![("x/compose.yaml", "services: {a: {image: b}}\n"), ("x/.env", "COMPOSE_PROJECT_NAME=other\n")],
            Some("other"),
        ),
        (vec![("compose.yaml", "services: {a: {image: b}}\n")], None),
    ] {
        let files = sources(&files);
        let project = Project::new(&files, TODAY);
        assert_eq!(project.project_name(&project.views[0]).as_deref(), want);
    }
    assert!(
        is_end_of("docker/compose.yaml", "/srv/shop/docker/compose.yaml")
            && !is_end_of("compose.yaml", "/srv/xcompose.yaml")
    );
    assert_eq!(absolute("/srv/shop", "./a/../b"), "/srv/shop/b");
}

#[test]
fn sizes_and_processors() {
    for (text, want) in [("512m", Some(536_870_912)), ("1.5g", Some(1_610_612_736)), ("100", Some(100)), ("x", None)] {
        assert_eq!(compare::number(text), want, "{text}");
    }
    assert_eq!(compare::cpus("0.5"), Some(500_000_000));
    assert!(Severity::High > Severity::Info);
}
