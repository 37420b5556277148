use super::*;

fn image(text: &str) -> ImageRef {
    ImageRef::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn named(text: &str) -> String {
    let image = image(text);
    let tag = image.tag.clone().unwrap_or_default();
    let mut out: Vec<String> = Vec::new();
    for version in versions(&image) {
        assert!(tag.get(version.span.clone()).is_some_and(|part| !part.is_empty()), "{text}: {version:?}");
        assert!(crate::facts::eol::product(version.product).is_some(), "{text}: {}", version.product);
        out.push(format!("{}{} {}", if version.implied { "~" } else { "" }, version.product, version.cycle_hint));
    }
    out.join(", ")
}

#[test]
fn tags_name_versions() {
    for (text, want) in [
        ("php:8.1-fpm-buster", "php 8.1, debian 10"),
        ("php:8.2-fpm-alpine3.19", "php 8.2, alpine-linux 3.19"),
        ("php:8.1.27-cli", "php 8.1.27, ~debian 13"),
        ("php:8.4-fpm-alpine", "php 8.4"),
        ("php:7.4-apache", "php 7.4"),
        ("php:8.5.0RC1-cli-trixie", "php 8.5.0, debian 13"),
        ("php:fpm-alpine", ""),
        ("php", ""),
        ("wordpress:5.9-php7.4-apache", "wordpress 5.9, php 7.4"),
        ("wordpress:php8.3", "php 8.3"),
        ("wordpress:cli-2.12-php8.3", "php 8.3"),
        ("drupal:10.3-php8.2-fpm-alpine3.20", "drupal 10.3, php 8.2, alpine-linux 3.20"),
        ("dunglas/frankenphp:1.4-php8.3-bookworm", "php 8.3, debian 12"),
        ("dunglas/frankenphp:1.4", ""),
        ("dunglas/frankenphp:php8.4-alpine", "php 8.4"),
        ("serversideup/php:8.3-fpm-nginx-bookworm-v3.1.0", "php 8.3, debian 12"),
        ("serversideup/php:beta-8.4-fpm", "php 8.4"),
        ("webdevops/php-nginx:8.2-alpine", "php 8.2"),
        ("webdevops/base:2.0", ""),
        ("trafex/php-nginx:3.6.0", ""),
        ("thecodingmachine/php:8.3-v4-apache", "php 8.3"),
        ("hyperf/hyperf:8.2-alpine-v3.19-swoole-v5", "php 8.2, alpine-linux 3.19"),
        ("phpswoole/swoole:5.1.2-php8.2-alpine", "php 8.2"),
        ("composer:2.7", "composer 2.7"),
        ("redis:7.2-alpine3.19", "redis 7.2"),
        ("postgres:13-bullseye", "postgresql 13"),
        ("timescale/timescaledb:2.17.2-pg14", "postgresql 14"),
        ("mysql:5.7-debian", "mysql 5.7"),
        ("mariadb:11-ubi", "mariadb 11"),
        ("node:18-buster-slim", "nodejs 18, debian 10"),
        ("node:lts-alpine3.19", "alpine-linux 3.19"),
        ("nginx:1.25-alpine3.18-slim", "nginx 1.25, alpine-linux 3.18"),
        ("nginxproxy/nginx-proxy:1.6", ""),
        ("alpine:3.19", "alpine-linux 3.19"),
        ("alpine", ""),
        ("alpine:latest", ""),
        ("debian:bookworm-slim", "debian 12"),
        ("debian:10", "debian 10"),
        ("ubuntu:20.04", "ubuntu 20.04"),
        ("ubuntu:jammy-20240808", "ubuntu 22.04"),
        ("buildpack-deps:buster-scm", "debian 10"),
        ("bitnami/php-fpm:8.1.2-debian-11-r3", "php 8.1.2, debian 11"),
        ("bitnamilegacy/redis:7.0.15-debian-12-r2", "redis 7.0.15"),
        ("gitlab/gitlab-runner:alpine-v17.1.0", "gitlab-runner 17.1.0"),
        ("varnish:7.4", "vinyl-cache 7.4"),
        ("jenkins/jenkins:2.440.1-lts-jdk17", "jenkins 2.440.1"),
        ("ghcr.io/acme/php:8.1-fpm-buster", "~php 8.1, ~debian 10"),
        ("ghcr.io/acme/php:1.4.2", ""),
        ("acme/shop:1.0-buster", ""),
    ] {
        assert_eq!(named(text), want, "{text}");
    }
    let digest = format!("php:8.4-fpm@sha256:{}", "a".repeat(64));
    assert_eq!(named(&digest), "php 8.4");
}

#[test]
fn tags_pin_more_or_less() {
    use Precision::{Digest, Floating, Major, Minor, None, Other, Patch};
    let digest = format!("php@sha256:{}", "a".repeat(64));
    for (text, want) in [
        (digest.as_str(), Digest),
        ("php:8.4.24-fpm", Patch),
        ("php:8.4-fpm-alpine3.22", Minor),
        ("php:8-fpm", Major),
        ("php:fpm-alpine3.19", Floating),
        ("php", None),
        ("redis:7", Major),
        ("composer:2", Major),
        ("composer:latest", Floating),
        ("node:lts-jdk17", Floating),
        ("postgres:16.3", Patch),
        ("postgres:9.6", Minor),
        ("debian:bookworm-slim", Major),
        ("php:bookworm", Floating),
        ("debian:bookworm-20260803-slim", Patch),
        ("minio/minio:RELEASE.2024-01-31T20-20-33Z", Patch),
        ("acme/app:sha-1a2b3c4", Patch),
        ("acme/app:2026-08-01", Patch),
        ("acme/app:v2", Major),
        ("acme/app:build_12", Other),
        ("acme/app:prod", Floating),
        ("wordpress:php8.3", Floating),
        ("dunglas/frankenphp:php8.3", Major),
        ("dunglas/frankenphp:1.4-php8.3", Minor),
        ("php:8.5.0RC1", Patch),
    ] {
        assert_eq!(precision(&image(text)), want, "{text}");
    }
    assert!(Floating < Major && Patch < Digest);
    for tag in ["latest", "fpm-alpine", "lts", "edge", "main", "Stable", "feature", "alpine"] {
        assert!(is_floating(tag), "{tag}");
    }
    for tag in ["8", "8.4-fpm", "1a2b3c4d", "php8.3", ""] {
        assert!(!is_floating(tag), "{tag}");
    }
}
