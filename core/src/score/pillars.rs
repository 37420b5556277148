//! Points for each pillar.

use super::inputs::{Assessed, missing};
use super::is_grave;
use crate::finding::{Confidence, Finding, Severity};
use std::collections::BTreeMap;

/// The score of a pillar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PillarScore {
    /// Its identity, the first part of its rules' names.
    pub pillar: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// How much it weighs in the total.
    pub weight: u8,
    /// 0 to 100; `None` when it was not assessed.
    pub score: Option<u8>,
    /// Whether a critical finding holds it down to 49.
    pub capped: bool,
    /// How many findings it has.
    pub findings: usize,
    /// What to supply when it was not assessed.
    pub missing: Option<&'static str>,
}

/// Identity, name and weight of each pillar.
const PILLARS: [(&str, &str, u8); 15] = [
    ("identity", "Non-root identity", 9),
    ("isolation", "Isolation and kernel boundary", 11),
    ("mounts", "Mounts and file permissions", 6),
    ("control-plane", "Docker socket and control plane", 9),
    ("network", "Network segmentation and exposure", 12),
    ("datastores", "Redis and data services", 8),
    ("secrets", "Secrets", 12),
    ("inventory", "Inventory and sprawl", 4),
    ("drift", "Immutability and drift", 6),
    ("supply-chain", "Supply chain and provenance", 11),
    ("observability", "Observability and resilience", 5),
    ("php", "PHP configuration", 4),
    ("web-server", "Web server configuration", 4),
    ("application", "Application mode and tooling", 4),
    ("ci", "Pipelines", 5),
];

/// A critical finding caps its pillar at this.
const CAP: u8 = 49;

/// Thousandths of a point that the first finding of a rule costs.
fn cost(finding: &Finding) -> u32 {
    let weight = match finding.severity {
        Severity::Critical => 30_000,
        Severity::High => 15_000,
        Severity::Medium => 6_000,
        Severity::Low => 2_000,
        Severity::Info => 0,
    };
    let tenths = match finding.confidence {
        Confidence::High => 10,
        Confidence::Medium => 7,
        Confidence::Low => 4,
    };
    weight * tenths / 10
}

/// Every pillar's score. Findings of plug-ins count in the pillar they name, when it is one of these.
pub(super) fn of(assessed: &Assessed, findings: &[Finding]) -> Vec<PillarScore> {
    PILLARS.iter().map(|&(pillar, title, weight)| one(pillar, title, weight, assessed, findings)).collect()
}

fn one(
    pillar: &'static str,
    title: &'static str,
    weight: u8,
    assessed: &Assessed,
    findings: &[Finding],
) -> PillarScore {
    let own = || findings.iter().filter(|finding| finding.rule.split('/').next() == Some(pillar));
    let count = own().count();
    // What was found was assessed.
    if count == 0 && !assessed.pillar(pillar) {
        return PillarScore {
            pillar,
            title,
            weight,
            score: None,
            capped: false,
            findings: 0,
            missing: Some(missing(pillar)),
        };
    }
    let mut costs: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for finding in own() {
        costs.entry(finding.rule.as_ref()).or_default().push(cost(finding));
    }
    let mut lost = 0_u32;
    for costs in costs.values_mut() {
        // Dearest first, so that mending one never costs points.
        costs.sort_unstable_by(|a, b| b.cmp(a));
        for (index, cost) in (1_u32..).zip(costs.iter()) {
            lost = lost.saturating_add(cost / index);
        }
    }
    let score = u8::try_from(100_000_u32.saturating_sub(lost) / 1000).unwrap_or(100);
    let capped = own().any(is_grave) && score > CAP;
    PillarScore {
        pillar,
        title,
        weight,
        score: Some(if capped { CAP } else { score }),
        capped,
        findings: count,
        missing: None,
    }
}

#[cfg(test)]
pub(super) fn identities() -> impl Iterator<Item = &'static str> {
    PILLARS.iter().map(|(pillar, ..)| *pillar)
}
