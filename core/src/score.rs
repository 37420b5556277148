//! How well a stack holds: a score for each pillar and in total, eight bullets of maturity, and eight lights.
//!
//! A pillar starts at 100 and loses points for each finding, by severity and confidence; the second finding of one rule costs half
//! of the first, the third a third. What no supplied file shows is not assessed: it is no 100, and the coverage says how much of
//! the model the total rests on.

mod inputs;
mod lights;
mod maturity;
mod pillars;
#[cfg(test)]
mod tests;

pub use lights::{Colour, Light};
pub use maturity::Bullet;
pub use pillars::PillarScore;

use crate::finding::{Confidence, Finding, Severity};
use crate::graph::model::{Cause, Graph};
use crate::graph::walk;
use crate::project::Project;

/// A critical finding caps the total at this.
const CAP_CRITICAL: u8 = 69;
/// Root on the host behind a published port caps the total at this.
const CAP_HOST: u8 = 39;

/// Why a total is lower than its pillars say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cap {
    /// A critical finding that is at least fairly sure.
    Critical,
    /// From a service that can be reached from outside a way leads to root on the host.
    Host,
}

impl Cap {
    /// Why, as a sentence without its full stop.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Critical => "at most 69 with a critical finding",
            Self::Host => {
                "at most 39 while a way leads from a service that can be reached from outside to root on the host"
            }
        }
    }
}

/// The scores of a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scorecard {
    /// 0 to 100; `None` when nothing was assessed.
    pub total: Option<u8>,
    /// What holds the total down.
    pub cap: Option<Cap>,
    /// Per cent of the model, by weight, that was assessed.
    pub coverage: u8,
    /// Every pillar, in the order of the catalogue.
    pub pillars: Vec<PillarScore>,
    /// The eight bullets of a mature setup.
    pub maturity: Vec<Bullet>,
    /// The seven predictable mistakes, and observability.
    pub lights: Vec<Light>,
}

impl Scorecard {
    /// The total as a letter: A from 90, B from 80, C from 70, D from 60, E from 40, F below; `-` when nothing was assessed.
    #[must_use]
    pub fn grade(&self) -> char {
        match self.total {
            None => '-',
            Some(90..) => 'A',
            Some(80..) => 'B',
            Some(70..) => 'C',
            Some(60..) => 'D',
            Some(40..) => 'E',
            Some(_) => 'F',
        }
    }
}

/// Scores what a project was found to be. Findings that are switched off do not count; who switches them off answers for them.
#[must_use]
pub fn score(project: &Project<'_>, graphs: &[Graph], findings: &[Finding]) -> Scorecard {
    let assessed = inputs::Assessed::of(project);
    let pillars = pillars::of(&assessed, findings);
    let weight: u32 = pillars.iter().map(|pillar| u32::from(pillar.weight)).sum();
    let known = || pillars.iter().filter_map(|pillar| Some((u32::from(pillar.weight), u32::from(pillar.score?))));
    let known_weight: u32 = known().map(|(weight, _)| weight).sum();
    let points: u32 = known().map(|(weight, score)| weight * score).sum();
    let mut total = points.checked_div(known_weight).and_then(|total| u8::try_from(total).ok());
    let cap = cap(graphs, findings);
    let most = cap.map_or(100, |cap| match cap {
        Cap::Critical => CAP_CRITICAL,
        Cap::Host => CAP_HOST,
    });
    let capped = total.is_some_and(|total| total > most);
    total = total.map(|total| total.min(most));
    Scorecard {
        total,
        cap: cap.filter(|_| capped),
        coverage: u8::try_from((known_weight * 100).checked_div(weight).unwrap_or(0)).unwrap_or(100),
        maturity: maturity::of(project, graphs, &assessed, findings),
        lights: lights::of(&assessed, findings),
        pillars,
    }
}

/// Whether a finding is critical and at least fairly sure.
fn is_grave(finding: &Finding) -> bool {
    finding.severity == Severity::Critical && finding.confidence >= Confidence::Medium
}

fn cap(graphs: &[Graph], findings: &[Finding]) -> Option<Cap> {
    if graphs.iter().any(|graph| host_falls(graph, findings)) {
        return Some(Cap::Host);
    }
    findings.iter().any(is_grave).then_some(Cap::Critical)
}

/// Whether a way leads from a service that is reached from outside to root on the host by design (T0). A way that leans on a fault whose
/// findings are all switched off does not count: who switches them off answers for them.
fn host_falls(graph: &Graph, findings: &[Finding]) -> bool {
    let stands = |cause: &Cause| {
        cause.rule.is_none_or(|rule| {
            findings.iter().any(|finding| finding.rule == rule && finding.views.contains(&graph.view))
        })
    };
    !matches!(graph.context, "development" | "ci")
        && walk::ways_to_host(graph).iter().any(|causes| causes.iter().all(stands))
}
