use super::*;
use crate::source::{SourceId, Sources};
use crate::syntax::{inventory, json};

const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");
const PS: &str = include_str!("../../../tests/data/inventory/ps.ndjson");
const INSPECT: &str = include_str!("../../../tests/data/inventory/inspect.json");

fn read(texts: &[(&str, &str)]) -> Snapshot {
    let parsed: Vec<inventory::Inventory> = texts.iter().map(|(_, text)| inventory::parse(text)).collect();
    let inputs: Vec<(SourceId, &str, &str, Input<'_>)> = texts
        .iter()
        .zip(&parsed)
        .zip(0u32..)
        .map(|(((path, text), parsed), id)| (SourceId(id), *path, *text, Input::Recorded(parsed)))
        .collect();
    snapshot(&inputs)
}

fn one(text: &str) -> Snapshot {
    read(&[("x", text)])
}

#[test]
fn a_list_of_containers() {
    let snapshot = one(PS);
    assert_eq!(snapshot.containers.len(), 5);
    assert!(snapshot.lists.containers, "a stopped one is listed");
    let nginx = snapshot.container("larashop-nginx-1").unwrap();
    assert_eq!(nginx.state.as_ref().unwrap().value, State::Running);
    assert_eq!(nginx.service().unwrap().value, "nginx");
    assert_eq!(nginx.config_files(), ["/srv/larashop/compose.yaml", "/srv/larashop/compose.prod.yaml"]);
    assert_eq!(
        nginx.label("com.docker.compose.depends_on").unwrap().value,
        "app:service_started:false,db:service_healthy:true"
    );
    let maintainer = nginx.label("maintainer").unwrap();
    assert_eq!(maintainer.value, "NGINX Docker Maintainers <docker-maint@nginx.com>");
    assert_eq!(maintainer.value_at.span.slice(PS), "NGINX Docker Maintainers \\u003cdocker-maint@nginx.com\\u003e");
    assert_eq!(nginx.service().unwrap().value_at.span.slice(PS), "nginx");
    let ports: Vec<String> =
        nginx.ports.iter().flatten().map(|port| format!("{} {}", port.host_side(), port.at.span.slice(PS))).collect();
    assert_eq!(ports, ["80 0.0.0.0:80->80/tcp", "443 0.0.0.0:443->443/tcp"].map(|text| text.replace('>', "\\u003e")));
    assert!(nginx.details.is_none() && nginx.health.is_none());
    let app = snapshot.container("77aa12dd90ef").unwrap();
    assert_eq!((app.ports.as_deref(), app.exposed[0].ports), (Some(&[][..]), (9000, 9000)));
    assert_eq!(app.health.as_ref().unwrap().value, Health::Healthy);
    assert_eq!(app.networks.as_ref().unwrap().len(), 2);
    let db = snapshot.container("larashop-db-1").unwrap();
    assert!(db.ports.as_ref().unwrap()[0].is_loopback());
    let debug = snapshot.container("redis-debug").unwrap();
    assert_eq!((debug.is_managed(), nginx.is_managed()), (Some(false), Some(true)));
    let ports: Vec<String> = debug.ports.iter().flatten().map(|port| port.host_side()).collect();
    assert_eq!(ports, ["6380", "9090-9091"]);
    assert_eq!(debug.uptime_hours(Moment(0)), Some(24 * 90));
    let horizon = snapshot.container("larashop-horizon-1").unwrap();
    assert_eq!((horizon.exit_code.as_ref().map(|code| code.value), horizon.is_active()), (Some(137), Some(false)));
    assert!(horizon.image_name().is_none() && nginx.image_name().is_some());
}

#[test]
fn older_versions_say_it_in_words() {
    let text = include_str!("../../../tests/data/inventory/ps-old.ndjson");
    let (old, new) = (one(text), one(PS));
    for (old, new) in old.containers.iter().zip(&new.containers) {
        let value = |state: &Option<Spanned<State>>| state.as_ref().map(|state| state.value);
        assert_eq!(value(&old.state), value(&new.state), "{}", new.name());
        let keys = |c: &Container| c.ports.iter().flatten().map(|port| port.key()).collect::<Vec<_>>();
        assert_eq!(keys(old), keys(new));
        assert_eq!(old.health.as_ref().map(|h| h.value), new.health.as_ref().map(|h| h.value));
        assert!(old.command_line.is_none());
    }
    let mounts = old.container("larashop-nginx-1").unwrap().mounts.clone().unwrap();
    assert_eq!(
        (mounts[0].kind.as_deref(), mounts[0].source.as_deref()),
        (Some("bind"), None),
        "a path that is cut off is not known"
    );
}

#[test]
fn inspection_in_full() {
    let snapshot = one(INSPECT);
    let app = snapshot.container("larashop-app-1").unwrap();
    let details = app.details.as_ref().unwrap();
    let texts = |list: &[Spanned<String>]| list.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
    assert_eq!(details.privileged.as_ref().map(|flag| flag.value), Some(true));
    assert_eq!(texts(&details.cap_add), ["SYS_ADMIN", "NET_ADMIN"]);
    assert_eq!(details.cap_add[0].at.span.slice(INSPECT), "\"CAP_SYS_ADMIN\"");
    assert_eq!(texts(&details.cap_drop), ["ALL"]);
    assert_eq!(texts(&details.security_opt), ["no-new-privileges:true", "seccomp=unconfined"]);
    assert_eq!(details.mode("pid").unwrap().value, "host");
    assert_eq!(texts(&details.devices), ["/dev/fuse:/dev/fuse:rwm"]);
    assert_eq!(details.memory.as_ref().unwrap().value, 536_870_912);
    assert_eq!(details.nano_cpus.as_ref().unwrap().value, 1_500_000_000);
    assert!(details.pids.is_none(), "-1 is no limit");
    assert_eq!(details.tmpfs[0].key, "/tmp");
    assert_eq!(details.ulimits[0].value, "1024:2048");
    assert_eq!(details.healthcheck.as_ref().unwrap().interval, 30_000_000_000);
    assert_eq!(details.runs_as_root(), Some(true));
    assert_eq!((app.name(), details.exec_ids.len(), app.restarts.as_ref().unwrap().value), ("larashop-app-1", 1, 2));
    let mounts = app.mounts.as_ref().unwrap();
    assert_eq!(mounts[1].source.as_deref(), Some("/var/run/docker.sock"));
    assert_eq!((mounts[0].writable, mounts[0].target.as_deref()), (Some(true), Some("/var/www/html")));
    let nginx = snapshot.container("larashop-nginx-1").unwrap();
    assert_eq!(nginx.ports.as_ref().unwrap().len(), 2, "both address families are one");
    assert_eq!(nginx.exposed.iter().map(|port| port.ports.0).collect::<Vec<_>>(), [8080]);
    assert_eq!(nginx.networks.as_ref().unwrap()[0].aliases, ["larashop-nginx-1", "nginx"]);
    let horizon = snapshot.container("larashop-horizon-1").unwrap();
    assert_eq!(horizon.out_of_memory.as_ref().map(|flag| flag.value), Some(true));
    assert_eq!(horizon.stopped_hours(Moment::parse("2026-04-13T04:00:00Z").unwrap()), Some(25));
}

#[test]
fn values_of_variables_are_not_kept() {
    let snapshot = one(INSPECT);
    let shown = format!("{snapshot:?}");
    for secret in ["hunter2", "Wint", "c2VjcmV0", "root\""] {
        assert!(secret == "root\"" || !shown.contains(secret), "{secret}");
    }
    let details = snapshot.container("larashop-app-1").unwrap().details.clone().unwrap();
    let told = |key: &str| details.env(key).unwrap().told.clone();
    assert_eq!(told("APP_ENV").as_deref(), Some("production"));
    assert_eq!(told("DB_HOST").as_deref(), Some("db"));
    assert_eq!(told("DATABASE_URL").as_deref(), Some("mysql://db:3306"));
    assert_eq!((told("DB_PASSWORD"), told("APP_KEY"), told("PHP_VERSION")), (None, None, None));
    let secret = |key: &str| details.env(key).unwrap().looks_secret;
    assert!(secret("DB_PASSWORD") && secret("APP_KEY") && secret("DATABASE_URL") && !secret("DB_HOST"));
    assert_eq!(details.env("DB_HOST").unwrap().token, Some(token("db")));
    let hidden = one(&inventory::redacted(INSPECT));
    let details = hidden.container("larashop-app-1").unwrap().details.clone().unwrap();
    assert!(details.env.iter().all(|variable| variable.token.is_none() && variable.told.is_none()));
    assert!(details.env("APP_KEY").unwrap().looks_secret);
}

#[test]
fn several_outputs_about_one_object_are_joined() {
    let snapshot = one(RUNNING);
    assert_eq!(
        (snapshot.containers.len(), snapshot.images.len(), snapshot.volumes.len(), snapshot.networks.len()),
        (5, 6, 3, 4)
    );
    assert_eq!(snapshot.lists, Lists { containers: true, images: true, volumes: true, networks: true });
    assert_eq!(snapshot.taken.as_ref().map(|taken| taken.value), Moment::parse("2026-11-24T10:00:00Z"));
    let app = snapshot.container("larashop-app-1").unwrap();
    assert!(app.details.is_some() && app.evidence.len() == 3);
    assert_eq!(app.layer_bytes.as_ref().map(|bytes| bytes.value), Some(214_000_000));
    let image = snapshot.image_of(app).unwrap();
    let tags: Vec<&str> = image.tags.iter().map(|tag| tag.value.as_str()).collect();
    assert_eq!(tags, ["larashop-app:latest", "registry.example.net/larashop/app:1.4.2"]);
    assert_eq!(image.oci("revision").unwrap().value, "4f1c2d");
    assert_eq!((image.containers.as_ref().map(|count| count.value), image.made_by_hand()), (Some(1), None));
    assert_eq!(image.age_days(crate::Date::new(2026, 11, 24)), Some(22));
    let redis = snapshot.image("redis").unwrap();
    assert!(redis.created.is_none(), "1970 is the date of a reproducible build");
    let old = snapshot.image_of(snapshot.container("larashop-horizon-1").unwrap()).unwrap();
    assert!(old.is_dangling() && old.made_by_hand().is_some() && old.digests.is_empty());
    let unused: Vec<&str> =
        snapshot.images.iter().filter(|image| snapshot.users_of(image).next().is_none()).map(Image::name).collect();
    assert_eq!(unused, ["php:7.4-fpm"]);
    let volume = |name: &str| snapshot.volumes.iter().find(|volume| volume.name.value.starts_with(name)).unwrap();
    assert_eq!(volume("oldshop").links.as_ref().map(|links| links.value), Some(0));
    assert_eq!(volume("oldshop").created.as_ref().unwrap().value.date().year, 2024);
    assert_eq!(volume("oldshop").options.len(), 3);
    assert!(volume("7b2d").is_anonymous() && !volume("larashop").is_anonymous());
    assert_eq!(snapshot.volume_users(volume("larashop")).unwrap().len(), 1);
    assert_eq!(snapshot.volume_users(volume("oldshop")).unwrap().len(), 0);
    let network = |name: &str| snapshot.networks.iter().find(|network| network.name.value == name).unwrap();
    assert_eq!(network("larashop_backend").internal.as_ref().map(|flag| flag.value), Some(true));
    assert_eq!(network("larashop_backend").subnets.len(), 2);
    assert_eq!(network("larashop_default").members.as_ref().unwrap()[0].value, "larashop-nginx-1");
    let users = snapshot.network_users(network("larashop_default")).unwrap();
    assert!(users.iter().any(|container| container.is_active() == Some(false)), "stopped containers count");
    assert!(snapshot.network_users(network("oldshop_default")).unwrap().is_empty() && network("host").is_built_in());
    assert_eq!(snapshot.diff_of(app).unwrap().changes.len(), 21);
    assert_eq!(snapshot.diff_of(snapshot.container("larashop-nginx-1").unwrap()).unwrap().changes.len(), 0);
    let daemon = snapshot.daemon.as_ref().unwrap();
    assert_eq!(daemon.version.as_ref().unwrap().value, "29.0.1");
    assert_eq!(daemon.components.len(), 3);
    assert_eq!(
        (daemon.has_security("apparmor"), daemon.has_security("rootless"), daemon.is_desktop()),
        (Some(true), Some(false), Some(false))
    );
    let registries: Vec<&str> = daemon.insecure_registries.iter().map(|name| name.value.as_str()).collect();
    assert_eq!(registries, ["10.0.0.0/8", "registry.lan:5000"]);
    assert!(daemon.live_restore.as_ref().unwrap().value);
}

#[test]
fn what_only_a_part_of_the_outputs_tells_stays_open() {
    let snapshot = one(include_str!("../../../tests/data/inventory/system-df-v.txt"));
    let nginx = snapshot.container("larashop-nginx-1").unwrap();
    assert!(nginx.labels.is_none() && nginx.ports.is_none() && nginx.mounts.is_none() && nginx.is_managed().is_none());
    assert_eq!(nginx.is_active(), Some(true));
    let volume = &snapshot.volumes[1];
    assert_eq!(
        (volume.name.value.as_str(), volume.bytes.as_ref().unwrap().value),
        ("oldshop_mysql-backup", 4_100_000_000)
    );
    assert_eq!(snapshot.volume_users(volume), None);
    assert!(snapshot.images.iter().any(Image::is_dangling));
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let (a, b) = (read(&[("a", PS), ("b", INSPECT)]), read(&[("a", INSPECT), ("b", PS)]));
    let facts = |snapshot: &Snapshot| {
        let mut all: Vec<String> = snapshot
            .containers
            .iter()
            .map(|c| {
                format!(
                    "{} {:?} {:?}",
                    c.name(),
                    c.image.as_ref().map(|i| &i.value),
                    c.details.as_ref().map(|d| d.cap_add.len())
                )
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(facts(&a), facts(&b));
    assert_eq!(a.containers.len(), 5);
}

#[test]
fn podman_and_compose_list_in_their_own_ways() {
    let snapshot = one(include_str!("../../../tests/data/inventory/podman-ps.json"));
    let php = snapshot.container("blog_php_1").unwrap();
    assert_eq!((php.project().unwrap().value.as_str(), php.is_active()), ("blog", Some(true)));
    let ports: Vec<String> =
        php.ports.iter().flatten().map(|port| format!("{}->{:?}", port.host_side(), port.target)).collect();
    assert_eq!(ports, ["9001-9002->(9000, 9001)", "127.0.0.1:8443->(443, 443)"]);
    let made_up = snapshot.container("quirky_hopper").unwrap();
    assert!(made_up.has_made_up_name() && !php.has_made_up_name());
    assert_eq!((made_up.is_managed(), made_up.is_active()), (Some(false), Some(false)));
    assert_eq!(snapshot.image_of(php), None);
    let snapshot = one(include_str!("../../../tests/data/inventory/podman-network.json"));
    assert_eq!(snapshot.networks[0].subnets[0].value, "10.89.0.0/24");
    let snapshot = one(include_str!("../../../tests/data/inventory/compose-ps.ndjson"));
    let nginx = snapshot.container("larashop-nginx-1").unwrap();
    assert_eq!(
        (nginx.service().unwrap().value.as_str(), nginx.project().unwrap().value.as_str()),
        ("nginx", "larashop")
    );
    assert_eq!(nginx.ports.as_ref().unwrap().len(), 1);
    assert_eq!(snapshot.container("larashop-app-1").unwrap().exposed.len(), 1);
}

#[test]
fn usage_hashes_and_file_names() {
    for text in [
        include_str!("../../../tests/data/inventory/system-df.ndjson"),
        include_str!("../../../tests/data/inventory/system-df.txt"),
    ] {
        let rows = one(text).usage;
        assert_eq!((rows.len(), rows[0].total, rows[0].reclaimable), (4, Some(12), Some(2_498_000_000)));
        assert_eq!(rows[2].kind, "Local Volumes");
    }
    let hashes = one(include_str!("../../../tests/data/inventory/config-hash.txt"));
    assert!(hashes.hash_of("app").is_some() && hashes.hash_of("db").is_none());
    let diff = include_str!("../../../tests/data/inventory/diff.txt");
    let named = |path: &str| read(&[(path, diff)]).diffs[0].container.as_ref().map(|name| name.value.clone());
    assert_eq!(named("inventory/docker-diff-shop-app-1.txt").as_deref(), Some("shop-app-1"));
    assert_eq!(named("shop-app-1.diff").as_deref(), Some("shop-app-1"));
    assert_eq!(named("changes.txt"), None);
    let text = include_str!("../../../tests/data/inventory/diff.json");
    assert_eq!(one(text).diffs[0].changes.len(), 3);
}

#[test]
fn the_daemon_by_its_file() {
    let text = "{\"live-restore\": false, \"insecure-registries\": [\"registry.lan:5000\", \"127.0.0.1:5000\"], \"log-driver\": \"local\", \"userns-remap\": \"default\", \"icc\": false}";
    let mut sources = Sources::new();
    sources.add("daemon.json", text);
    let parsed = json::parse(text);
    let snapshot = snapshot(&[(SourceId(0), "daemon.json", text, Input::DaemonJson(parsed.root().unwrap()))]);
    let daemon = snapshot.daemon.unwrap();
    assert_eq!(daemon.setting("userns-remap").unwrap().value, "default");
    assert_eq!(daemon.setting("icc").unwrap().value, "false");
    assert_eq!((daemon.insecure_registries.len(), daemon.has_security("userns")), (1, None));
    assert_eq!((daemon.live_restore.unwrap().value, daemon.log_driver.unwrap().value.as_str()), (false, "local"));
}

#[test]
fn ids_and_names_of_images() {
    assert!(same_id("sha256:abcdef012345", "abcdef0123456789") && !same_id("abc", "abc") && !same_id("abcd", "abce"));
    assert_eq!(with_tag("docker.io/library/php"), "php:latest");
    assert_eq!(with_tag("registry.lan:5000/a"), "registry.lan:5000/a:latest");
    assert_eq!(with_tag("a@sha256:1"), "a@sha256:1");
    assert!(is_id("sha256:4be2d0") && is_id("4be2d0c1a9f8") && !is_id("cafe") && !is_id("php:8"));
}
