//! Findings, fixes, rules and metadata, built step by step.

use crate::abi::{
    Confidence, Edit, Finding, Fix, FixSafety, Location, Metadata, Property, Related, Rule, Severity, Span,
};
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

/// A fix without edits; its title is an order.
#[must_use]
pub fn fix(title: impl Into<String>) -> Fix {
    Fix { title: title.into(), safety: FixSafety::Suggested, edits: Vec::new() }
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
    fn on(self, service: EntityRef<'_>) -> Self;
    /// Adds a way to mend it.
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

    fn on(mut self, service: EntityRef<'_>) -> Self {
        self.properties.push(property("service", service.name()));
        self.properties.extend(service.property("view").map(|view| property("view", view)));
        self
    }

    fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fixes.extend(fix.into());
        self
    }
}

/// Steps of a fix.
pub trait BuildFix: Sized {
    /// Replaces what stands at a place.
    #[must_use]
    fn replace(self, at: Location, replacement: impl Into<String>) -> Self;
}

impl BuildFix for Fix {
    fn replace(mut self, location: Location, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { location, replacement: replacement.into() });
        self
    }
}

/// Steps of a rule.
pub trait BuildRule: Sized {
    /// What to do, in one or two sentences.
    #[must_use]
    fn help(self, text: &str) -> Self;
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
    /// The JSON Schema of the settings.
    #[must_use]
    fn settings_schema(self, schema: &str) -> Self;
}

impl BuildMetadata for Metadata {
    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    fn settings_schema(mut self, schema: &str) -> Self {
        self.settings_schema = Some(schema.to_owned());
        self
    }
}
