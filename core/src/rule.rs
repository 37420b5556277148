//! What a rule is, how it is declared, and where it puts what it finds.
//!
//! A rule is one file under `rules/<pillar>/`. Its doc comment is its manual; [`declare_rule!`] keeps that text beside the
//! typed metadata and the check, so that rustdoc, `plimsoll explain`, the page and the example tests read one source.

use crate::facts::Basis;
use crate::finding::{Confidence, Question, Related, Severity};
use crate::fix::Fix;
use crate::project::{Context, Project, ServiceRef};
use crate::source::Location;
use std::borrow::Cow;
use std::fmt;

/// What kind of mending a rule offers. Tests hold every rule to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fixes {
    /// Edits that may be applied without a look.
    Safe,
    /// Edits that need a look.
    Suggested,
    /// A description only.
    Described,
}

impl Fixes {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Suggested => "suggested",
            Self::Described => "described",
        }
    }
}

/// A rule: its identity, what it says in general, and its check.
pub struct Rule {
    /// `<pillar>/<name>`; the name states the fault.
    pub id: &'static str,
    /// The fault in a few words.
    pub title: &'static str,
    /// Severity in production or an unknown context; a check may raise or lower it by what it sees.
    pub severity: Severity,
    /// How many steps lower the severity is in a development view. In CI it is one step, in production none.
    pub lowered_in_development: u8,
    /// What mending it offers.
    pub fixes: Fixes,
    /// Why it matters, in two or three sentences.
    pub why: &'static str,
    /// What to do, in one or two sentences; a finding may say it more exactly.
    pub help: &'static str,
    /// Where the knowledge comes from: benchmark items, weakness numbers, documentation.
    pub references: &'static [&'static str],
    /// The doc comment: Markdown with runnable examples. Empty without the feature `manuals`.
    pub manual: &'static str,
    /// Looks at the project and reports.
    pub check: fn(&Project<'_>, &mut Findings),
}

impl Rule {
    /// The part before the slash.
    #[must_use]
    pub fn pillar(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(pillar, _)| pillar)
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(_, name)| name)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Declares the one rule of a file: its doc comment becomes the manual.
///
/// ```text
/// declare_rule! {
///     /// # What it finds
///     /// …
///     id: "isolation/privileged-container",
///     title: "Container runs privileged",
///     severity: Critical,
///     lowered_in_development: 1,
///     fixes: Suggested,
///     why: "…",
///     help: "…",
///     references: ["CIS Docker Benchmark 5.5", "CWE-250"],
/// }
///
/// fn check(project: &Project<'_>, out: &mut Findings) { … }
/// ```
#[macro_export]
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        id: $id:literal,
        title: $title:literal,
        severity: $severity:ident,
        lowered_in_development: $lowered:literal,
        fixes: $fixes:ident,
        why: $why:literal,
        help: $help:literal,
        references: [$($reference:literal),* $(,)?],
    ) => {
        $(#[doc = $doc])+
        pub static RULE: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            title: $title,
            severity: $crate::finding::Severity::$severity,
            lowered_in_development: $lowered,
            fixes: $crate::rule::Fixes::$fixes,
            why: $why,
            help: $help,
            references: &[$($reference),*],
            manual: if cfg!(feature = "manuals") { concat!($($doc, "\n"),+) } else { "" },
            check,
        };
    };
}

/// A finding as a check states it. The engine adds what belongs to the rule, lowers it by context, and joins equal causes.
#[derive(Clone, Debug)]
#[must_use = "a draft does nothing until it is reported"]
pub struct Draft {
    pub(crate) primary: Location,
    pub(crate) message: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Confidence,
    pub(crate) related: Vec<Related>,
    pub(crate) based_on: Vec<Basis>,
    pub(crate) help: Option<Cow<'static, str>>,
    pub(crate) fixes: Vec<Fix>,
    pub(crate) aspect: String,
    pub(crate) service: Option<String>,
    pub(crate) view: Option<String>,
    pub(crate) context: Context,
    pub(crate) context_judged: bool,
}

impl Draft {
    /// Something is so at a place.
    pub fn new(primary: Location, message: impl Into<String>) -> Self {
        Self {
            primary,
            message: message.into(),
            severity: None,
            confidence: Confidence::High,
            related: Vec::new(),
            based_on: Vec::new(),
            help: None,
            fixes: Vec::new(),
            aspect: String::new(),
            service: None,
            view: None,
            context: Context::Unknown,
            context_judged: false,
        }
    }

    /// Another severity than the rule's own, before the context lowers it.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A severity that already takes the context into account: it is not lowered again.
    pub fn severity_in_context(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self.context_judged = true;
        self
    }

    /// How sure; high unless said.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Says that it leans on a table, so that the report names the day of the data and old data lowers the confidence. For tables
    /// whose facts change: ends of life, users of images, reputation, vulnerabilities.
    pub fn based_on(mut self, basis: impl Into<Option<Basis>>) -> Self {
        self.based_on.extend(basis.into());
        self
    }

    /// Adds a link of evidence.
    pub fn because(mut self, at: Location, label: impl Into<String>) -> Self {
        self.related.push(Related { at, label: label.into() });
        self
    }

    /// Adds a link of evidence when there is one.
    pub fn because_of(self, at: Option<Location>, label: impl Into<String>) -> Self {
        match at {
            Some(at) => self.because(at, label),
            None => self,
        }
    }

    /// What to do here, more exactly than the rule says.
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a way to mend it; nothing when the edit could not be written.
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fixes.extend(fix.into());
        self
    }

    /// Tells two faults of one rule at one place apart. Without it, equal places are one finding.
    pub fn aspect(mut self, aspect: impl Into<String>) -> Self {
        self.aspect = aspect.into();
        self
    }

    /// The service it affects: its name, view and context are taken from there.
    pub fn on(mut self, service: ServiceRef<'_, '_>) -> Self {
        // A Dockerfile on its own stands for a service, but is none.
        self.service = Some(service.name.clone()).filter(|_| !service.view().standalone);
        self.view = Some(service.view().name.clone());
        self.context = service.context;
        self
    }
}

/// Where a check puts what it finds.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) questions: Vec<(String, String)>,
}

impl Findings {
    /// Reports a fault.
    pub fn report(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Says what could not be decided, and the file or command that would decide it.
    pub fn ask(&mut self, question: impl Into<String>, answer: impl Into<String>) {
        self.questions.push((question.into(), answer.into()));
    }
}

pub(crate) fn questions_of(rule: &'static str, findings: &mut Findings) -> Vec<Question> {
    findings
        .questions
        .drain(..)
        .map(|(question, answer)| Question { rule: Cow::Borrowed(rule), question, answer })
        .collect()
}
