//! Tests of [`super`]: the traps of telling whom a container runs as.

use super::*;
use crate::date::Date;
use crate::project::Project;
use crate::source::Sources;

fn ask<T>(files: &[(&str, &str)], view: &str, service: &str, question: impl Fn(ServiceRef<'_, '_>) -> T) -> T {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, *text);
    }
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let view =
        project.views.iter().find(|candidate| candidate.name == view).unwrap_or_else(|| panic!("no view {view}"));
    question(project.service(view, service).unwrap_or_else(|| panic!("no service {service}")))
}

/// What a service with these Compose lines runs as.
fn privilege(lines: &str) -> Privilege {
    let text = format!("services:\n  a:\n{}", lines.lines().map(|line| format!("    {line}\n")).collect::<String>());
    ask(&[("compose.yaml", &text)], "default", "a", |service| service.effective_user().privilege)
}

/// What an image built from this Dockerfile runs as.
fn built(dockerfile: &str, others: &[(&str, &str)]) -> Privilege {
    let mut files = vec![("Dockerfile", dockerfile), ("compose.yaml", "services:\n  a:\n    build: .\n")];
    files.extend(others);
    ask(&files, "default", "a", |service| service.effective_user().privilege)
}

#[test]
fn root_by_any_spelling() {
    for user in ["root", "0", "0:0", "root:root", ":0", "00", ""] {
        assert!(is_root_name(user), "{user}");
    }
    for user in ["www-data", "1001:0", "33:33", "10"] {
        assert!(!is_root_name(user), "{user}");
    }
}

#[test]
fn the_stage_that_a_view_builds_is_judged() {
    let files = [
        ("Dockerfile", "FROM php:8.4-fpm AS base\nFROM base AS prod\nUSER www-data\nFROM base AS dev\n"),
        ("compose.yaml", "services:\n  a:\n    build: {context: ., target: dev}\n"),
        ("compose.prod.yaml", "services:\n  a:\n    build: {target: prod}\n"),
    ];
    let of = |view: &str| ask(&files, view, "a", |service| service.effective_user().privilege);
    assert_eq!((of("default"), of("prod")), (Privilege::RootMaster, Privilege::NonRoot));
}

#[test]
fn a_stage_nobody_can_name_is_unknown() {
    let of = |target: &str| {
        let compose = format!("services:\n  a:\n    build: {{context: ., target: \"{target}\"}}\n");
        ask(&[("Dockerfile", "FROM php:8.4-fpm AS prod\n"), ("compose.yaml", &compose)], "default", "a", |service| {
            service.effective_user().privilege
        })
    };
    assert_eq!(
        (of("prod"), of("other"), of("${TARGET}")),
        (Privilege::RootMaster, Privilege::Unknown, Privilege::Unknown)
    );
}

#[test]
fn build_arguments_decide_the_user() {
    let of = |args: &str| {
        let compose = format!("services:\n  a:\n    build: {{context: ., args: {args}}}\n");
        let files = [
            ("Dockerfile", "FROM php:8.4-cli\nARG UID=1000\nUSER ${UID}\nCMD [\"php\", \"x.php\"]\n"),
            ("compose.yaml", compose.as_str()),
        ];
        ask(&files, "default", "a", |service| service.effective_user().privilege)
    };
    assert_eq!((of("{}"), of("{UID: \"0\"}")), (Privilege::NonRoot, Privilege::Root));
    assert_eq!(built("FROM php:8.4-cli\nARG UID\nUSER ${UID}\n", &[]), Privilege::Unknown);
}

#[test]
fn images_go_by_tag() {
    for (image, want) in [
        ("php:8.4-apache", Privilege::RootMaster),
        ("php:8.4-fpm", Privilege::RootMaster),
        ("php:8.4-cli", Privilege::Root),
        ("gcr.io/distroless/base:nonroot", Privilege::NonRoot),
        ("gcr.io/distroless/base:latest", Privilege::Root),
        ("mariadb:11-ubi", Privilege::NonRoot),
        ("mariadb:11", Privilege::Drops),
        ("registry.example.net/app:1", Privilege::Unknown),
    ] {
        assert_eq!(privilege(&format!("image: {image}")), want, "{image}");
    }
}

#[test]
fn what_a_table_decided_says_so() {
    let mut sources = Sources::new();
    sources.add("compose.yaml", "services:\n  a:\n    image: php:8.4-fpm\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let user = project.services().next().map(ServiceRef::effective_user).unwrap();
    assert_eq!(user.based_on.map(|basis| basis.table), Some("images"));
    sources.add("compose.yaml", "services:\n  a:\n    image: x\n    user: root\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    assert_eq!(project.services().next().map(ServiceRef::effective_user).unwrap().based_on, None);
}

#[test]
fn sudo_is_root_in_disguise() {
    assert_eq!(privilege("image: wodby/php:8.3"), Privilege::Sudo);
    assert_eq!(privilege("image: wodby/php:8.3\nuser: wodby"), Privilege::Sudo);
    assert_eq!(privilege("image: wodby/php:8.3\nuser: www-data"), Privilege::NonRoot);
    assert_eq!(built("FROM debian:13\nUSER app\nCMD [\"sudo\", \"-E\", \"php-fpm\"]\n", &[]), Privilege::Sudo);
    assert_eq!(built("FROM debian:13\nCMD [\"sudo\", \"-u\", \"www-data\", \"php\", \"x\"]\n", &[]), Privilege::Drops);
}

#[test]
fn compose_decides_over_the_image() {
    assert_eq!(privilege("image: bitnami/redis:8\nuser: \"0:0\"\ncommand: sh"), Privilege::Root);
    assert_eq!(privilege("image: php:8.4-cli\nuser: \"1001:0\""), Privilege::NonRoot);
    assert_eq!(privilege("image: php:8.4-cli\nuser: \"${APP_USER}\""), Privilege::Unknown);
    assert_eq!(privilege("image: php:8.4-cli\nuser: \"${APP_USER:-root}\""), Privilege::Root);
    assert_eq!(privilege("image: bitnami/redis:8\nuser: \"\""), Privilege::NonRoot);
}

#[test]
fn data_stores_give_up_root_for_their_server_only() {
    for command in ["redis-server --requirepass x", "--appendonly yes", "[redis-server, /etc/redis.conf]"] {
        assert_eq!(privilege(&format!("image: redis:8\ncommand: {command}")), Privilege::Drops, "{command}");
    }
    assert_eq!(privilege("image: redis:8\ncommand: sh -c \"redis-server --requirepass x\""), Privilege::Root);
    assert_eq!(privilege("image: mysql:8.4\ncommand: --character-set-server=utf8mb4"), Privilege::Drops);
    assert_eq!(privilege("image: hashicorp/vault:1\ncommand: server"), Privilege::Drops);
    assert_eq!(privilege("image: postgres:17\ncommand: something-new"), Privilege::Unknown);
}

#[test]
fn entrypoint_scripts_are_read() {
    let dockerfile = "FROM php:8.4-fpm\nCOPY docker/entrypoint.sh /usr/local/bin/\nENTRYPOINT [\"entrypoint.sh\"]\nCMD [\"php-fpm\"]\n";
    let script = |text: &str| built(dockerfile, &[("docker/entrypoint.sh", text)]);
    assert_eq!(script("#!/bin/sh\nset -e\nexec gosu www-data \"$@\"\n"), Privilege::Drops);
    assert_eq!(script("#!/bin/sh\nset -e\nexec docker-php-entrypoint \"$@\"\n"), Privilege::RootMaster);
    assert_eq!(script("#!/bin/sh\ngosu www-data php artisan migrate\nexec \"$@\"\n"), Privilege::RootMaster);
    assert_eq!(script("#!/bin/sh\nservice cron start\nexec php-fpm\n"), Privilege::Root);
    assert_eq!(built(dockerfile, &[]), Privilege::Unknown);
}

#[test]
fn an_image_built_by_a_neighbour() {
    let files = [
        ("Dockerfile", "FROM php:8.4-fpm\nUSER www-data\n"),
        (
            "compose.yaml",
            "services:\n  app:\n    image: r.example.net/shop:1\n    build: .\n  a:\n    image: r.example.net/shop:1\n    command: php artisan queue:work\n",
        ),
    ];
    assert_eq!(ask(&files, "default", "a", |service| service.effective_user().privilege), Privilege::NonRoot);
    assert_eq!(ask(&files, "default", "a", |service| service.effective_user().decided_by), DecidedBy::Dockerfile);
}

#[test]
fn a_base_nobody_knows_is_assumed() {
    let files = [
        ("Dockerfile", "FROM registry.example.net/base:1\nCMD [\"php\", \"x\"]\n"),
        ("compose.yaml", "services:\n  a:\n    build: .\n"),
    ];
    let user = ask(&files, "default", "a", |service| service.effective_user());
    assert_eq!(
        (user.privilege, user.decided_by, user.confidence),
        (Privilege::Root, DecidedBy::Assumed, Confidence::Low)
    );
    assert!(!user.is_known_root());
}
