//! Findings, fixes, rules and metadata, built step by step.
//!
//! ```
//! use plimsoll_plugin_sdk::prelude::*;
//!
//! # let at = Location { document: 0, span: Span { start: 0, end: 4 } };
//! let found = finding("no-latest", at, "`php:latest` is another image tomorrow")
//!     .severity(Severity::Medium.lowered(1))
//!     .help("Name a version.")
//!     .fix(fix("Use 8.4").replace(part(at, 0, 4), "8.4"));
//! assert_eq!((found.severity, found.fixes.len()), (Some(Severity::Low), 1));
//! ```

mod fix;
mod lines;
mod yaml;

pub use fix::{BuildFix, fix};
pub use yaml::yaml_text;

use crate::abi::{Confidence, Finding, Fix, Location, Metadata, Property, Related, Rule, Severity, Span};
use crate::access::EntityRef;

/// A finding of a rule at a place.
#[must_use]
pub fn finding(rule: &str, location: Location, message: impl Into<String>) -> Finding {
    Finding {
        rule: rule.to_owned(),
        location,
        message: message.into(),
        severity: None,
        confidence: None,
        related: Vec::new(),
        fixes: Vec::new(),
        properties: Vec::new(),
    }
}

/// A rule.
#[must_use]
pub fn rule(id: &str, title: &str, severity: Severity, description: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        severity,
        kinds: Vec::new(),
        tags: Vec::new(),
        help_url: None,
        properties: Vec::new(),
    }
}

/// A part of a place, by bytes from its start; the place itself when the part does not fit.
#[must_use]
pub fn part(of: Location, start: usize, end: usize) -> Location {
    let offset =
        |by: usize| u32::try_from(by).ok().and_then(|by| of.span.start.checked_add(by)).filter(|at| *at <= of.span.end);
    match (offset(start), offset(end)) {
        (Some(start), Some(end)) if start <= end => Location { span: Span { start, end }, ..of },
        _ => of,
    }
}

fn property(key: &str, value: impl Into<String>) -> Property {
    Property { key: key.to_owned(), value: value.into(), origin: None }
}

/// Steps between severities.
pub trait SeveritySteps: Sized {
    /// This many steps less bad, never below info.
    #[must_use]
    fn lowered(self, steps: u8) -> Self;
    /// This many steps worse, never above critical.
    #[must_use]
    fn raised(self, steps: u8) -> Self;
}

impl SeveritySteps for Severity {
    fn lowered(self, steps: u8) -> Self {
        (0..steps).fold(self, |severity, _| match severity {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        })
    }

    fn raised(self, steps: u8) -> Self {
        (0..steps).fold(self, |severity, _| match severity {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        })
    }
}

/// Steps of a finding.
pub trait BuildFinding: Sized {
    /// Another severity than the rule's.
    #[must_use]
    fn severity(self, severity: Severity) -> Self;
    /// How sure; high unless said.
    #[must_use]
    fn confidence(self, confidence: Confidence) -> Self;
    /// Adds a link of evidence.
    #[must_use]
    fn because(self, at: Location, message: impl Into<String>) -> Self;
    /// What to do, here.
    #[must_use]
    fn help(self, text: impl Into<String>) -> Self;
    /// A service it affects.
    #[must_use]
    fn on<'p>(self, service: impl Into<EntityRef<'p>>) -> Self;
    /// Adds a way to mend it; a fix without edits is none.
    #[must_use]
    fn fix(self, fix: impl Into<Option<Fix>>) -> Self;
}

impl BuildFinding for Finding {
    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    fn because(mut self, location: Location, message: impl Into<String>) -> Self {
        self.related.push(Related { location, message: message.into() });
        self
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        self.properties.push(property("help", text));
        self
    }

    fn on<'p>(mut self, service: impl Into<EntityRef<'p>>) -> Self {
        let service = service.into();
        self.properties.push(property("service", service.name()));
        self.properties.extend(service.property("view").map(|view| property("view", view)));
        self
    }

    fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fixes.extend(fix.into().filter(|fix| !fix.edits.is_empty()));
        self
    }
}

/// Steps of a rule.
pub trait BuildRule: Sized {
    /// What to do, in one or two sentences.
    #[must_use]
    fn help(self, text: &str) -> Self;
    /// Where more is said.
    #[must_use]
    fn help_url(self, url: &str) -> Self;
    /// The document kinds it looks at.
    #[must_use]
    fn kinds(self, kinds: &[&str]) -> Self;
    /// Words to filter by.
    #[must_use]
    fn tags(self, tags: &[&str]) -> Self;
}

impl BuildRule for Rule {
    fn help(mut self, text: &str) -> Self {
        self.properties.push(property("help", text));
        self
    }

    fn help_url(mut self, url: &str) -> Self {
        self.help_url = Some(url.to_owned());
        self
    }

    fn kinds(mut self, kinds: &[&str]) -> Self {
        self.kinds.extend(kinds.iter().map(|&kind| kind.to_owned()));
        self
    }

    fn tags(mut self, tags: &[&str]) -> Self {
        self.tags.extend(tags.iter().map(|&tag| tag.to_owned()));
        self
    }
}

/// Steps of metadata.
pub trait BuildMetadata: Sized {
    /// Adds a rule.
    #[must_use]
    fn rule(self, rule: Rule) -> Self;
    /// Adds several rules.
    #[must_use]
    fn rules(self, rules: impl IntoIterator<Item = Rule>) -> Self;
    /// The JSON Schema of the settings.
    #[must_use]
    fn settings_schema(self, schema: &str) -> Self;
}

impl BuildMetadata for Metadata {
    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    fn settings_schema(mut self, schema: &str) -> Self {
        self.settings_schema = Some(schema.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_move_by_steps_and_stop_at_the_ends() {
        assert_eq!(Severity::High.lowered(1), Severity::Medium);
        assert_eq!(Severity::Low.lowered(9), Severity::Info);
        assert_eq!(Severity::Medium.raised(1), Severity::High);
        assert_eq!(Severity::High.raised(9), Severity::Critical);
        assert_eq!(Severity::High.raised(0), Severity::High);
    }

    #[test]
    fn a_part_stays_inside_its_place() {
        let of = Location { document: 3, span: Span { start: 10, end: 14 } };
        assert_eq!(part(of, 1, 3).span, Span { start: 11, end: 13 });
        assert_eq!([part(of, 1, 9), part(of, 3, 1), part(of, usize::MAX, usize::MAX)], [of; 3]);
    }

    #[test]
    fn a_fix_without_edits_is_none() {
        let at = Location { document: 0, span: Span { start: 0, end: 0 } };
        assert!(finding("a", at, "m").fix(fix("Do nothing")).fix(None).fixes.is_empty());
        assert_eq!(finding("a", at, "m").fix(fix("Write x").replace(at, "x")).fixes.len(), 1);
    }
}
