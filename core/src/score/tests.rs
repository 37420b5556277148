use super::*;
use crate::rules::testing::{TODAY, sources};
use crate::{Options, check};

fn card(files: &[(&str, &str)]) -> Scorecard {
    check(&sources(files), &Options::new(TODAY)).score
}

fn pillar<'c>(card: &'c Scorecard, name: &str) -> &'c PillarScore {
    card.pillars.iter().find(|pillar| pillar.pillar == name).expect("a pillar")
}

const PRIVILEGED: &str = "services:\n  app:\n    image: registry.example.net/app:1.2.3\n    privileged: true\n";

#[test]
fn nothing_is_not_a_hundred() {
    let card = card(&[]);
    assert_eq!((card.total, card.coverage, card.grade()), (None, 0, '-'));
    assert!(card.pillars.iter().all(|pillar| pillar.score.is_none() && pillar.missing.is_some()));
    assert!(card.lights.iter().all(|light| light.colour == Colour::NotAssessed));
    assert!(card.maturity.iter().all(|bullet| bullet.level.is_none()));
}

#[test]
fn a_critical_finding_caps_its_pillar_and_the_total() {
    let card = card(&[("compose.yaml", PRIVILEGED)]);
    let isolation = pillar(&card, "isolation");
    assert!(isolation.capped);
    assert_eq!(isolation.score, Some(49));
    assert!(card.total.is_some_and(|total| total <= 69), "{card:?}");
    assert!(pillar(&card, "web-server").score.is_none());
    assert!(card.coverage < 100);
    let light = card.lights.iter().find(|light| light.name == "privileged").expect("a light");
    assert_eq!(light.colour, Colour::Red);
}

#[test]
fn root_on_the_host_behind_a_port_caps_lower() {
    let open = format!("{PRIVILEGED}    user: root\n    ports: [\"8080:8080\"]\n");
    let card_open = card(&[("compose.yaml", &open)]);
    assert!(card_open.total.is_some_and(|total| total <= 39), "{card_open:?}");
    let local = open.replace("8080:8080", "127.0.0.1:8080:8080");
    assert!(card(&[("compose.yaml", &local)]).total.is_some_and(|total| total > 39));
}

#[test]
fn repeats_cost_less_and_mending_one_never_costs() {
    let finding = |severity, confidence| {
        let mut finding = check(&sources(&[("compose.yaml", PRIVILEGED)]), &Options::new(TODAY))
            .findings
            .into_iter()
            .find(|finding| finding.rule == "isolation/privileged-container")
            .expect("it is found");
        (finding.severity, finding.confidence) = (severity, confidence);
        finding
    };
    let empty = sources(&[]);
    let project = Project::new(&empty, TODAY);
    let score = |findings: &[Finding]| {
        pillar(&score(&project, &[], findings), "isolation").score.expect("what was found was assessed")
    };
    let medium = || finding(Severity::Medium, Confidence::High);
    assert_eq!(score(&[medium()]), 94);
    assert_eq!(score(&[medium(), medium()]), 91);
    assert_eq!(score(&[medium(), medium(), medium()]), 89);
    assert_eq!(score(&[finding(Severity::High, Confidence::Medium)]), 89, "15 × 0.7 = 10.5");
    assert_eq!(score(&[finding(Severity::Critical, Confidence::Low)]), 88, "too unsure to cap");
    assert!(score(&[medium(), finding(Severity::High, Confidence::High)]) < score(&[medium()]));
}

#[test]
fn names_are_those_of_rules() {
    let known = |name: &str| crate::rules::find(name).is_some() || pillars::identities().any(|pillar| pillar == name);
    for name in maturity::names() {
        assert!(known(name), "the maturity card speaks of `{name}`");
    }
    for (light, _, pillar, rules) in lights::LIGHTS {
        assert!(known(pillar), "{light}: {pillar}");
        for rule in rules {
            assert!(known(rule), "{light}: {rule}");
        }
    }
    for rule in crate::rules::RULES {
        assert!(pillars::identities().any(|pillar| pillar == rule.pillar()), "{} is in no pillar", rule.id);
    }
}

#[test]
fn levels_build_on_each_other() {
    let level = |files: &[(&str, &str)], name: &str| {
        card(files).maturity.iter().find(|bullet| bullet.name == name).expect("a bullet").level
    };
    assert_eq!(level(&[("compose.yaml", PRIVILEGED)], "runtime-restrictions"), Some(0));
    let plain = PRIVILEGED.replace("    privileged: true\n", "");
    assert!(level(&[("compose.yaml", &plain)], "runtime-restrictions").is_some_and(|level| level >= 1));
    assert_eq!(level(&[("compose.yaml", &plain)], "vulnerability-scanning"), None, "no pipeline was supplied");
}
