#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use crate::PhpImagePolicy;
use plimsoll_plugin_sdk::testing::{Outcome, check};

const COMPOSE: &str = "services:\n  app:\n    build: .\n";

fn run(dockerfile: &str, settings: &str) -> Outcome {
    check::<PhpImagePolicy>(&[("Dockerfile", dockerfile), ("compose.yaml", COMPOSE)], settings)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// `line name` of everything found.
fn found(dockerfile: &str) -> Vec<String> {
    let short = |line: String| {
        let (place, message) = line.split_once(" php-image-policy/").unwrap();
        let name = message.split('`').nth(3).unwrap();
        format!("{} {name}", place.rsplit(':').next().unwrap())
    };
    run(dockerfile, "{}").lines().into_iter().map(short).collect()
}

fn silent(dockerfile: &str) {
    let found = found(dockerfile);
    assert!(found.is_empty(), "{found:?}\n{dockerfile}");
}

fn fixed(dockerfile: &str) -> Option<String> {
    Some(run(dockerfile, "{}").fixed(0)?["Dockerfile"].clone())
}

#[test]
fn every_way_to_install_is_read() {
    for (command, want) in [
        ("apt-get update && apt-get install -y --no-install-recommends -t bookworm sudo=1.9.13p3-1 libzip-dev", "sudo"),
        ("apt-get -o Dpkg::Use-Pty=0 -y install 'gdb:amd64'", "gdb"),
        ("apt install netcat-openbsd/stable", "netcat-openbsd"),
        ("apk --no-cache add strace~=6", "strace"),
        ("apk add --repository=https://mirror.example.net/edge openssh@edge", "openssh"),
        ("pecl install -f xdebug-3.4.0 && docker-php-ext-enable xdebug", "xdebug"),
        ("yes '' | pecl install channel://pecl.php.net/pcov-1.0.12", "pcov"),
        (
            "docker-php-ext-install -j\"$(nproc)\" pdo_mysql && docker-php-ext-enable --ini-name 99-x.ini xdebug",
            "xdebug",
        ),
        ("install-php-extensions gd xdebug-^3.4 @composer", "xdebug"),
        ("pie install xdebug/xdebug:3.4.0", "xdebug"),
        ("apt-get install -y php8.3-xdebug", "xdebug"),
        ("apk add php84-pecl-pcov", "pcov"),
        ("--mount=type=cache,target=/var/cache/apt set -eux; /usr/bin/apt-get install -y nmap", "nmap"),
        ("[\"apt-get\", \"install\", \"-y\", \"telnet\"]", "telnet"),
    ] {
        assert_eq!(found(&format!("FROM php:8.4-fpm\nRUN {command}\n")), [format!("2 {want}")], "{command}");
    }
    assert_eq!(
        found("FROM php:8.4-fpm\nRUN <<EOF\nset -e\napt-get update\napt-get install -y \\\n  sudo\nEOF\n"),
        ["6 sudo"]
    );
}

#[test]
fn what_does_not_stay_is_no_fault() {
    for command in [
        "apt-get install -y gdb && make && apt-get purge -y --auto-remove gdb",
        "apk add --no-cache --virtual .build-deps strace gcc && make && apk del .build-deps",
        "apk add --virtual=.tools gdb && apk del --no-network .tools",
        "apt-get install -y gdb && apt-get purge -y $TOOLS",
        "pecl install xdebug && docker-php-ext-enable xdebug && rm /usr/local/etc/php/conf.d/docker-php-ext-xdebug.ini",
        "apt-get install -y gdb-",
    ] {
        silent(&format!("FROM php:8.4-fpm\nRUN {command}\n"));
    }
    silent("FROM php:8.4-fpm\nRUN apk add gdb\nRUN apk del gdb\n");
}

#[test]
fn what_may_not_run_or_is_not_known_says_nothing() {
    for command in [
        "if [ \"$XDEBUG\" = 1 ]; then pecl install xdebug; fi",
        "[ -z \"$DEBUG\" ] || pecl install xdebug",
        "[ -n \"$DEBUG\" ] && pecl install xdebug",
        "apt-get install -y $PACKAGES",
        "echo apt-get install sudo",
        "apt-get install -y ./sudo.deb",
        "apt-get install -y libsudo-dev sudo-doc",
        "apk add -t sudo curl",
        "# apk add sudo",
        "cat > /x <<EOF\napk add sudo\nEOF",
        "docker-php-ext-install xml # xdebug",
    ] {
        silent(&format!("FROM php:8.4-fpm\nRUN {command}\n"));
    }
    silent("# escape=`\nFROM php:8.4-fpm\nRUN apk add sudo\n");
    silent("FROM php:8.4-fpm\nSHELL [\"powershell\", \"-command\"]\nRUN apk add sudo\n");
}

#[test]
fn only_stages_that_are_deployed_count() {
    let stages = "FROM php:8.4-fpm AS base\nRUN apk add sudo\nFROM php:8.4-cli AS build\nRUN apk add gdb\nFROM base AS app\nCOPY --from=build /a /a\nFROM app AS dev\nRUN pecl install xdebug\n";
    let run = |compose: &str| {
        let files = [("Dockerfile", stages), ("compose.yaml", compose)];
        check::<PhpImagePolicy>(&files, "{}").unwrap().lines()
    };
    let app = run("services:\n  app:\n    build: {context: ., target: app}\n");
    assert_eq!(
        app,
        [
            "Dockerfile:2 php-image-policy/forbidden-package: `apk` puts the package `sudo` into an image that is deployed"
        ]
    );
    assert!(run("services:\n  app:\n    build: {context: ., target: dev}\n").is_empty());
}

#[test]
fn contexts_may_be_left_out() {
    let files = [("Dockerfile", "FROM php:8.4-fpm\nRUN apk add sudo\n"), ("compose.dev.yaml", COMPOSE)];
    let count = |settings: &str| {
        let outcome = check::<PhpImagePolicy>(&files, settings).unwrap();
        outcome.findings.iter().filter(|finding| finding.views.iter().any(|view| view.contains("dev"))).count()
    };
    assert_eq!(count("{}"), 0);
    assert_eq!(count(r#"{ "contexts": ["development"] }"#), 1);
}

#[test]
fn a_word_is_taken_out_when_others_are_left() {
    let dockerfile = "FROM php:8.4-fpm\nRUN apt-get update \\\n && apt-get install -y \\\n    git=1:2.39.5 \\\n    sudo=1.9 \\\n    unzip \\\n && rm -rf /var/lib/apt/lists/*\n";
    assert_eq!(fixed(dockerfile).unwrap(), dockerfile.replace("    sudo=1.9 \\\n", ""));
    let last = "FROM php:8.4-fpm\nRUN apk add git sudo\n";
    assert_eq!(fixed(last).unwrap(), "FROM php:8.4-fpm\nRUN apk add git\n");
    for alone in [
        "FROM php:8.4-fpm\nRUN apk add sudo\n",
        "FROM php:8.4-fpm\nRUN apk add sudo gdb\n",
        "FROM php:8.4-fpm\nRUN apk add git \\\n  # for the deploy script\n  sudo\n",
        "FROM php:8.4-fpm\nRUN apk add git >/dev/null sudo\n",
    ] {
        assert_eq!(fixed(alone), None, "{alone}");
        assert!(!found(alone).is_empty(), "{alone}");
    }
}

#[test]
fn base_images_are_replaced() {
    let settings =
        r#"{ "base_images": { "docker.io/library/php:*-apache*": "php:*-fpm*", "docker.io/library/php:5*": "" } }"#;
    let outcome = run("FROM php:8.4-apache-bookworm\n", settings);
    assert_eq!(
        outcome.lines(),
        [
            "Dockerfile:1 php-image-policy/forbidden-base-image: `php:8.4-apache-bookworm` is one of the images that are not to be used (`docker.io/library/php:*-apache*`); use `php:8.4-fpm-bookworm`"
        ]
    );
    assert_eq!(outcome.fixed(0).unwrap()["Dockerfile"], "FROM php:8.4-fpm-bookworm\n");
    let old = run("FROM php:5.6-fpm\n", settings);
    assert_eq!((old.findings.len(), old.findings[0].fixes.len()), (1, 0));
    let variable = run("ARG V=8.4\nFROM php:${V}-apache\n", settings);
    assert_eq!((variable.findings.len(), variable.findings[0].fixes.len()), (1, 0));
    assert!(run("ARG V\nFROM php:${V}-apache\n", settings).findings.is_empty());
    let run_as_it_is = [("compose.yaml", "services:\n  app:\n    image: php:8.4-apache\n")];
    let outcome = check::<PhpImagePolicy>(&run_as_it_is, settings).unwrap();
    assert_eq!(outcome.fixed(0).unwrap()["compose.yaml"], "services:\n  app:\n    image: php:8.4-fpm\n");
}

#[test]
fn settings_are_held_to_their_shape() {
    for (settings, want) in [
        (
            r#"{ "base_images": { "php": "" } }"#,
            "base_images: `php` is no full name with a tag, such as docker.io/library/php:*-apache",
        ),
        (
            r#"{ "base_images": { "docker.io/library/php:8": "php:*" } }"#,
            "base_images: `php:*` cannot be made from what `docker.io/library/php:8` matches",
        ),
    ] {
        assert_eq!(check::<PhpImagePolicy>(&[], settings).unwrap_err(), want);
    }
}
