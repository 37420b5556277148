use super::*;
use crate::rules::testing::{TODAY, sources};
use crate::{Options, Report, check};

fn read_text(text: &str) -> (Policy, Vec<String>) {
    let (policy, notices) = read(SourceId(0), FILE_NAME, text);
    let shown = notices.iter().map(|notice| {
        let at = notice.at.expect("a place").span;
        format!("{}: {}", at.slice(text), notice.message)
    });
    (policy, shown.collect())
}

#[test]
fn everything_that_can_be_said() {
    let (policy, notices) = read_text(
        "[rules]\nignore = [\"network/flat-network\"]\n[rules.severity]\n\"php/no-production-php-ini\" = \"low\"\n\
         [policy]\nallowed-registries = [\"docker.io\", \"*.example.net\"]\nallowed-publishers = [\"acme\"]\n\
         require-digest = true\nexternal-observability = true\nregistry-scanning = true\n\
         not-suppressible = [\"isolation/privileged-container\"]\n\
         [thresholds]\nfail-on = \"medium\"\nminimum-score = 80\nstale-image-days = 30\n\
         [[exceptions]]\nrule = \"identity/runs-as-root\"\nservices = [\"app\"]\npath = \"shop/**\"\nowner = \"web\"\n\
         until = 2027-01-31\nreason = \"new image in January\"\n",
    );
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(policy.require_digest, Some(true));
    assert!(policy.external_observability && policy.registry_scanning);
    assert_eq!((policy.fail_on, policy.minimum_score), (Some(Severity::Medium), Some(80)));
    assert_eq!(policy.stale_image_days, Some(30));
    assert_eq!(policy.severities.get("php/no-production-php-ini"), Some(&Severity::Low));
    assert_eq!(policy.ignored_rules[0].0, "network/flat-network");
    assert_eq!(policy.not_suppressible, ["isolation/privileged-container"]);
    assert_eq!(policy.exceptions[0].until, Date::new(2027, 1, 31));
    let registry = |name: &str| policy.allows_registry(&ImageRef::parse(name).expect("an image"));
    assert_eq!(registry("php:8.4"), Some(true));
    assert_eq!(registry("registry.example.net/app:1"), Some(true));
    assert_eq!(registry("ghcr.io/a/b:1"), Some(false));
    assert!(policy.trusts_publisher("acme") && !policy.trusts_publisher("other"));
}

#[test]
fn a_slip_is_named_and_the_rest_counts() {
    let (policy, notices) = read_text(
        "[policy]\nrequire-digests = true\nregistry-scanning = \"yes\"\nallowed-registries = [\"a\", 1]\n\
         [thresholds]\nminimum-score = 101\nfail-on = \"bad\"\n[rules]\nignore = [\"network/flat\", \"acme/own\"]\n[other]\n",
    );
    assert_eq!(policy.allowed_registries, ["a"]);
    assert_eq!(policy.ignored_rules.len(), 2);
    let mut notices = notices;
    notices.sort();
    assert_eq!(
        notices,
        [
            "\"bad\": a severity is expected here",
            "\"network/flat\": there is no rule `network/flat`",
            "\"yes\": `true` or `false` is expected here",
            "101: a number from 0 to 100 is expected here",
            "1: a text is expected here",
            "other: `other` is no key of this table",
            "require-digests: `require-digests` is no key of this table",
        ]
    );
}

#[test]
fn broken_toml_keeps_what_can_be_read() {
    let (policy, notices) = read_text("[policy]\nrequire-digest = true\nallowed-registries = [\"a\"\n");
    assert_eq!(policy.require_digest, Some(true));
    assert!(!notices.is_empty());
    for end in 0..60 {
        let text = "[policy]\nrequire-digest = true\n[[exceptions]]\nrule = \"é\"\nuntil = 2027-01-31\n";
        let _ = read_text(text.get(..end).unwrap_or(text));
    }
}

#[test]
fn an_exception_needs_an_owner_and_an_end() {
    let (policy, notices) = read_text("[[exceptions]]\nrule = \"network/flat-network\"\nreason = \"x\"\n");
    assert!(policy.exceptions.is_empty());
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("`owner`"), "{notices:?}");
}

const STACK: &str = "services:\n  a:\n    image: registry.example.net/app:1\n    privileged: true\n";
const RULE: &str = "isolation/privileged-container";

fn analyse(policy: &str) -> Report {
    check(&sources(&[("compose.yaml", STACK), (FILE_NAME, policy)]), &Options::new(TODAY))
}

fn has(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.rule == RULE)
}

fn exception(until: &str) -> String {
    format!("[[exceptions]]\nrule = \"{RULE}\"\nowner = \"web\"\nuntil = {until}\nreason = \"kernel work\"\n")
}

#[test]
fn an_exception_holds_until_its_last_day() {
    let report = analyse(&exception("2026-11-24"));
    assert!(!has(&report));
    let off = report.suppressed.iter().find(|off| off.finding.rule == RULE).expect("it is listed");
    assert_eq!(off.reason, "kernel work (until 2026-11-24, web)");
    let report = analyse(&exception("2026-11-23"));
    assert!(has(&report));
    assert!(report.notices.iter().any(|notice| notice.code == "policy/expired"));
}

#[test]
fn an_exception_for_others_does_nothing_and_says_so() {
    for more in ["services = [\"b\"]\n", "path = \"other/**\"\n"] {
        let report = analyse(&(exception("2027-01-31") + more));
        assert!(has(&report), "{more}");
        assert!(report.notices.iter().any(|notice| notice.code == "policy/unused"), "{more}");
    }
}

#[test]
fn what_may_not_be_switched_off_stays() {
    let fixed = format!("[policy]\nnot-suppressible = [\"{RULE}\"]\n[rules]\nignore = [\"{RULE}\"]\n");
    assert!(has(&analyse(&(fixed + &exception("2027-01-31")))));
    assert!(!has(&analyse(&format!("[rules]\nignore = [\"{RULE}\"]\n"))));
    let commented = STACK.replace("privileged: true", &format!("privileged: true # plimsoll: ignore[{RULE}]: mine"));
    let policy = format!("[policy]\nnot-suppressible = [\"{RULE}\"]\n");
    let report = check(&sources(&[("compose.yaml", &commented), (FILE_NAME, &policy)]), &Options::new(TODAY));
    assert!(has(&report));
}

#[test]
fn a_severity_of_its_own() {
    let report = analyse(&format!("[rules.severity]\n\"{RULE}\" = \"low\"\n"));
    let found = report.findings.iter().find(|finding| finding.rule == RULE).expect("it stays");
    assert_eq!(found.severity, Severity::Low);
}

#[test]
fn the_policy_nearest_to_the_root_counts() {
    let report = check(
        &sources(&[
            ("compose.yaml", STACK),
            ("plimsoll.toml", "[rules]\n"),
            ("sub/plimsoll.toml", &format!("[rules]\nignore = [\"{RULE}\"]\n")),
        ]),
        &Options::new(TODAY),
    );
    assert!(has(&report));
    assert!(report.notices.iter().any(|notice| notice.code == "policy/second" && notice.path == "sub/plimsoll.toml"));
}
