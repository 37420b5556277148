//! What the analysis says: findings, notices about files it could not read well, and questions it could not answer.

use crate::facts::Basis;
use crate::fix::Fix;
use crate::source::Location;
use std::borrow::Cow;
use std::fmt;

/// How bad it is when it is so, in a deployment of the kind the finding was made in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Info,
    /// Hardening that costs little.
    Low,
    /// Makes an attack easier or wider.
    Medium,
    /// One step from a breach or from root in a container.
    High,
    /// Open door: host root, data or secrets without another obstacle.
    Critical,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Severity; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }

    /// `steps` lower, never below info.
    #[must_use]
    pub fn lowered(self, steps: u8) -> Self {
        let mut severity = self;
        for _ in 0..steps {
            severity = match severity {
                Self::Critical => Self::High,
                Self::High => Self::Medium,
                Self::Medium => Self::Low,
                Self::Low | Self::Info => Self::Info,
            };
        }
        severity
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure the analysis is: literal evidence, one step of inference, or more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// Two or more steps of inference, or old facts.
    Low,
    /// One step of inference: a table row, a role, a file that usually exists.
    Medium,
    /// Literal evidence in the supplied text.
    High,
}

impl Confidence {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// One level lower, never below low.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A further place that belongs to a finding: one link of its evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// Where.
    pub at: Location,
    /// What this place contributes.
    pub label: String,
}

/// One fault, at one root cause, for every service it affects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// `<pillar>/<name>`; a plug-in's pillar is its own name.
    pub rule: Cow<'static, str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The place to change.
    pub primary: Location,
    /// What is so, here.
    pub message: String,
    /// Why it matters.
    pub why: Cow<'static, str>,
    /// What to do.
    pub help: Cow<'static, str>,
    /// The evidence, in the order it should be read.
    pub related: Vec<Related>,
    /// The tables it leans on, and of which day what it took from there is. Old data has lowered the confidence already.
    pub based_on: Vec<Basis>,
    /// Edits that mend it, best first.
    pub fixes: Vec<Fix>,
    /// Services it affects, in order.
    pub services: Vec<String>,
    /// Deployment views it was seen in, in order.
    pub views: Vec<String>,
    /// Survives lines moved above it: rule, file, the text found, and its how-manieth.
    pub fingerprint: String,
}

/// How far a notice says the analysis is from complete.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoticeLevel {
    /// Nothing was lost.
    Note,
    /// Something could not be read; the rest of the file was.
    Recovered,
    /// A file, or a part of the model, was not analysed: exit code 5.
    Incomplete,
}

impl NoticeLevel {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Recovered => "recovered",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Something about the input itself: a syntax error, a file too large, an include that was not supplied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// How much was lost.
    pub level: NoticeLevel,
    /// Stable name, such as `syntax/dockerfile` or `file/too-large`.
    pub code: &'static str,
    /// The file's name.
    pub path: String,
    /// Where in it, when its text is known.
    pub at: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

/// What a rule could not decide, and the one thing that would decide it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Question {
    /// The rule that asks.
    pub rule: Cow<'static, str>,
    /// What is not known.
    pub question: String,
    /// The file to supply or the command to run.
    pub answer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_step_down_to_info() {
        assert_eq!(Severity::Critical.lowered(2), Severity::Medium);
        assert_eq!(Severity::Low.lowered(9), Severity::Info);
        assert_eq!(Severity::parse("high"), Some(Severity::High));
        assert!(Severity::Critical > Severity::High);
    }
}
