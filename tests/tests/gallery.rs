//! The gallery: vulnerable stacks raise what their story promises, hardened ones are quiet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_core::{Date, Options, Report, Severity, check};
use plimsoll_tests::{files_below, gallery, sources};
use std::collections::BTreeSet;

fn report(name: &str) -> Report {
    let (_, folder) = gallery().into_iter().find(|(stack, _)| stack == name).unwrap();
    check(&sources(&files_below(&folder)), &Options::new(Date::new(2026, 11, 24)))
}

fn expect(name: &str, rules: &[&str]) {
    let report = report(name);
    let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule.as_ref()).collect();
    let missing: Vec<&&str> = rules.iter().filter(|rule| !found.contains(**rule)).collect();
    assert!(missing.is_empty(), "{name} does not raise {missing:?}; it raises {found:?}");
}

#[test]
fn larashop() {
    expect(
        "larashop/vulnerable",
        &[
            "identity/runs-as-root",
            "identity/cli-worker-root",
            "isolation/privileged-container",
            "control-plane/docker-socket-mounted",
            "mounts/world-writable-permissions",
            "network/flat-network",
            "network/fpm-port-published",
            "datastores/redis-published",
            "datastores/redis-without-authentication",
            "secrets/secret-in-dockerfile",
            "secrets/env-file-in-image",
            "secrets/sensitive-files-in-build-context",
            "supply-chain/unpinned-image-tag",
            "supply-chain/end-of-life-image",
            "supply-chain/composer-binary-unverified",
            "observability/healthcheck-missing",
        ],
    );
}

#[test]
fn invoice_hub() {
    expect(
        "invoice-hub/vulnerable",
        &[
            "identity/runs-as-root",
            "identity/cli-worker-root",
            "isolation/privileged-container",
            "isolation/host-namespace-shared",
            "mounts/sensitive-host-path-mounted",
            "control-plane/docker-socket-mounted",
            "network/flat-network",
            "datastores/redis-without-authentication",
            "secrets/secret-in-dockerfile",
            "secrets/literal-secret-in-compose",
            "supply-chain/unpinned-image-tag",
            "supply-chain/end-of-life-image",
            "php/no-production-php-ini",
        ],
    );
    let report = report("invoice-hub/vulnerable");
    let text = format!("{:?}", report.findings);
    assert!(!text.contains("AWS_ACCESS_KEY_ID"), "documentation keys are placeholders");
}

#[test]
fn agency_host() {
    expect(
        "agency-host/vulnerable",
        &[
            "identity/runs-as-root",
            "identity/root-override",
            "control-plane/docker-socket-mounted",
            "mounts/sensitive-host-path-mounted",
            "mounts/world-writable-permissions",
            "network/flat-network",
            "datastores/redis-published",
            "datastores/redis-without-authentication",
            "secrets/sensitive-files-in-build-context",
            "secrets/literal-secret-in-compose",
            "supply-chain/unpinned-image-tag",
            "supply-chain/end-of-life-image",
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
        let mut sources = sources(&files_below(&folder));
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
        }
    }
}
