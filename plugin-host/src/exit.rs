//! Exit codes: they tell findings from failure.

use plimsoll_core::{Report, Severity};

/// Clean below the threshold.
pub const CLEAN: u8 = 0;
/// Findings at or above the threshold.
pub const FINDINGS: u8 = 1;
/// Usage or configuration error.
pub const USAGE: u8 = 2;
/// A plug-in failed to load or broke its limits.
pub const PLUGIN: u8 = 3;
/// Input could not be read.
pub const INPUT: u8 = 4;
/// Analysis incomplete.
pub const INCOMPLETE: u8 = 5;

/// What a run came to, besides its findings.
#[derive(Clone, Copy, Default, Debug)]
pub struct Failures {
    /// A plug-in failed.
    pub plugin: bool,
    /// A path could not be read.
    pub input: bool,
}

/// Whether the score is lower than the policy asks for. A stack of which nothing is known does not reach it.
fn is_below_minimum(report: &Report) -> bool {
    report.minimum_score.is_some_and(|minimum| report.score.total.is_none_or(|total| total < minimum))
}

/// The code of a run: the highest that applies, but findings give way to failures.
#[must_use]
pub fn code(report: &Report, fail_on: Option<Severity>, failures: Failures) -> u8 {
    if report.is_incomplete() {
        INCOMPLETE
    } else if failures.input {
        INPUT
    } else if failures.plugin {
        PLUGIN
    } else if fail_on.is_some_and(|threshold| report.findings.iter().any(|finding| finding.severity >= threshold))
        || is_below_minimum(report)
    {
        FINDINGS
    } else {
        CLEAN
    }
}
