//! The gallery: vulnerable stacks raise what their story promises, hardened ones are quiet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_core::{Date, Options, Report, Severity, check};
use plimsoll_tests::{files_below, gallery, sources};
use std::collections::BTreeSet;

/// The identities of rules, by their codes in the catalogue.
fn identities(codes: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(plimsoll_tests::root().join("core/tests/data/catalogue.json")).unwrap();
    let catalogue: serde_json::Value = serde_json::from_str(&text).unwrap();
    let identity =
        |code: &str| catalogue["rules"][code]["rule"].as_str().unwrap_or_else(|| panic!("{code}")).to_owned();
    codes.split_whitespace().map(identity).collect()
}

/// Asserts that a stack raises at least these rules, and these at these places: code, file, text of the place.
fn expect(name: &str, codes: &str, places: &[(&str, &str, &str)]) -> Report {
    let (_, folder) = gallery().into_iter().find(|(stack, _)| stack == name).unwrap();
    let sources = sources(&files_below(&folder));
    let report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
    let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule.as_ref()).collect();
    let mut missing: Vec<String> =
        identities(codes).into_iter().filter(|rule| !found.contains(rule.as_str())).collect();
    for (code, file, text) in places {
        let rule = identities(code).pop_first().unwrap();
        let there = report.findings.iter().filter(|finding| finding.rule == rule).any(|finding| {
            std::iter::once(finding.primary)
                .chain(finding.related.iter().map(|related| related.at))
                .any(|at| sources.get(at.source).path() == *file && line_of(&sources, at).contains(text))
        });
        if !there {
            missing.push(format!("{rule} at `{text}` in {file}"));
        }
    }
    assert!(missing.is_empty(), "{name} does not raise {missing:#?}");
    report
}

/// The whole lines of a place.
fn line_of(sources: &plimsoll_core::Sources, at: plimsoll_core::source::Location) -> &str {
    let text = sources.get(at.source).text();
    let start = text[..at.span.start as usize].rfind('\n').map_or(0, |feed| feed + 1);
    let end = text[at.span.end as usize..].find('\n').map_or(text.len(), |feed| at.span.end as usize + feed);
    &text[start..end]
}

#[test]
fn larashop() {
    expect(
        "larashop/vulnerable",
        "USR001 USR003 USR006 USR007 ISO001 ISO005 ISO006 SOC001 SOC005 MNT002 MNT003 MNT004 MNT005 MNT006 MNT007 \
         NET001 NET004 NET005 DAT001 DAT002 DAT006 DAT008 DAT009 APP007 SEC001 SEC002 SEC003 SEC004 SEC005 SEC011 \
         SEC013 SUP001 SUP003 SUP005 SUP007 SUP009 SUP010 SUP015 OBS001 OBS002 OBS003 OBS004 OBS006 PHP002 PHP003 \
         PHP006 PHP007 PHP009 PHP012 PHP016 WEB001 WEB002 WEB003 WEB005 WEB007 WEB008 APP001 CIC001 CIC002 CIC005 SEC014 \
         APP002 SUP012 PHP011 DRF001 DRF002 DRF003 DRF005 INV001 INV005 INV006",
        &[
            ("ISO001", "docker-compose.yml", "privileged: true"),
            ("SOC001", "docker-compose.yml", "/var/run/docker.sock"),
            ("NET004", "docker-compose.yml", "9000:9000"),
            ("DAT001", "docker-compose.yml", "6379:6379"),
            ("SEC001", "Dockerfile", "ENV APP_KEY"),
            ("SEC002", "Dockerfile", "COPY ."),
            ("PHP003", "docker/php/php.ini", "allow_url_include"),
            ("WEB005", "docker/nginx/default.conf", "autoindex on"),
            ("WEB007", "docker/nginx/default.conf", "location /fpm-status"),
            ("DRF003", "inventory/docker-diff-larashop-app-1.txt", "public/.x.php"),
            ("DRF005", "deploy.sh", "docker cp hotfix"),
            ("INV005", "inventory/docker-ps.ndjson", "larashop-horizon-1"),
            ("INV006", "inventory/docker-ps.ndjson", "redis-debug"),
            ("CIC001", ".gitlab-ci.yml", "docker"),
        ],
    );
}

#[test]
fn invoice_hub() {
    let report = expect(
        "invoice-hub/vulnerable",
        "USR001 USR003 ISO001 ISO002 ISO003 ISO008 MNT001 SOC001 NET001 NET005 DAT002 DAT004 DAT006 DAT007 DAT008 \
         DAT009 SEC001 SEC006 SEC007 SEC011 SUP001 SUP003 SUP008 SUP009 PHP001 PHP009 WEB001 WEB002 WEB005 WEB010 \
         WEB011 WEB012 APP001 APP002 SUP010 DRF009 CIC002 CIC003 CIC004 CIC005 CIC006",
        &[
            ("WEB010", "docker/Caddyfile", "admin"),
            ("SEC011", "compose.yaml", "COMPOSER_AUTH"),
            ("ISO003", "compose.yaml", "network_mode: host"),
            ("DRF009", "compose.yaml", "2019:2019"),
            ("CIC006", ".github/workflows/build.yml", "pull_request_target"),
        ],
    );
    let text = format!("{:?}", report.findings);
    assert!(!text.contains("AWS_ACCESS_KEY_ID"), "documentation keys are placeholders");
}

#[test]
fn agency_host() {
    expect(
        "agency-host/vulnerable",
        "SOC001 SOC005 NET001 NET005 NET009 DAT001 DAT002 DAT004 DAT006 DAT008 DAT009 MNT001 MNT002 MNT004 MNT006 USR001 \
         USR002 SUP001 SUP003 SUP004 SUP005 USR006 APP001 APP004 APP005 APP006 APP007 SEC003 SEC006 SEC012 SEC014 WEB004 \
         WEB013 PHP003 PHP007",
        &[
            ("APP005", "Dockerfile", "ssh"),
            ("SEC014", "docker-compose.yml", "client:client123"),
            ("SEC012", "wp-config.php", "AUTH_KEY"),
            ("DAT004", "docker-compose.yml", "wp-content/cache"),
            ("APP007", "docker-compose.yml", "PMA_ARBITRARY"),
        ],
    );
}

#[test]
fn hardened_stacks_are_quiet() {
    for (name, folder) in gallery().into_iter().filter(|(name, _)| name.ends_with("/hardened")) {
        let report = check(&sources(&files_below(&folder)), &Options::new(Date::new(2026, 11, 24)));
        let loud: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Low)
            .map(|finding| format!("{} {}: {}", finding.severity, finding.rule, finding.message))
            .collect();
        assert!(loud.is_empty(), "{name}: {loud:#?}");
        assert!(!report.is_incomplete() && report.notices.is_empty(), "{name}: {:?}", report.notices);
    }
}

#[test]
fn every_safe_fix_of_the_gallery_keeps_its_word() {
    for (name, folder) in gallery() {
        // What was recorded of running containers stays as it is, whatever an edit does to the files.
        let mut files = files_below(&folder);
        files.retain(|path, _| !path.starts_with("inventory/"));
        let mut sources = sources(&files);
        let options = Options::new(Date::new(2026, 11, 24));
        for _ in 0..60 {
            let before = check(&sources, &options);
            let next = before.findings.iter().find_map(|finding| {
                let fix = finding.fixes.iter().find(|fix| fix.safety == plimsoll_core::Safety::Safe)?;
                Some((finding.clone(), fix.clone()))
            });
            let Some((finding, fix)) = next else { break };
            let outcome = fix.outcome(&sources).unwrap_or_else(|| panic!("{name}: `{}` does not apply", fix.title));
            for (path, text) in outcome {
                sources.add(&path, text);
            }
            let after = check(&sources, &options);
            assert!(
                after.notices.len() <= before.notices.len(),
                "{name}: `{}` breaks a file: {:?}",
                fix.title,
                after.notices
            );
            let still = after.findings.iter().any(|one| {
                one.rule == finding.rule && one.fingerprint == finding.fingerprint && one.severity >= finding.severity
            });
            assert!(!still, "{name}: `{}` leaves {}", fix.title, finding.rule);
            let known: BTreeSet<&str> = before.findings.iter().map(|one| one.rule.as_ref()).collect();
            let new: Vec<&str> =
                after.findings.iter().map(|one| one.rule.as_ref()).filter(|rule| !known.contains(rule)).collect();
            assert!(new.is_empty(), "{name}: `{}` raises {new:?}", fix.title);
            assert!(after.score.total >= before.score.total, "{name}: `{}` lowers the score", fix.title);
        }
    }
}
