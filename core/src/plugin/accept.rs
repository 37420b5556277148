//! What a plug-in says, checked: only then it counts as a finding.
//!
//! A plug-in is not trusted to be right: it may be written against another file, or to mislead. What concerns all of it is a
//! [`Refusal`]; a finding that cannot be shown is left out and becomes a [`Problem`], and the others stand.

use super::describe::Documents;
use super::{MAX_EDIT, MAX_FINDINGS, MAX_MESSAGE, MAX_PARTS, MAX_RULES};
use crate::finding::{Confidence, Finding, Related, Severity};
use crate::fix::{Fix, Safety};
use crate::project::Project;
use crate::rules::RULES;
use crate::source::Location;
use crate::span::Span;
use crate::text::{shorten, visible};
use plimsoll_plugin_abi as abi;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Why nothing of a plug-in is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Its name is not kebab-case.
    Name(String),
    /// Its name is a pillar of the built-in rules.
    NameTaken(String),
    /// A rule's id is not kebab-case.
    RuleId(String),
    /// Two rules have the same id.
    RuleTwice(String),
    /// It declares no rules, or too many.
    RuleCount(usize),
    /// It gave more findings than one plug-in may.
    FindingCount(usize),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => {
                write!(f, "its name `{}` is not kebab-case (lower-case letters, digits and hyphens)", shorten(name, 60))
            }
            Self::NameTaken(name) => {
                write!(f, "its name `{name}` is that of built-in rules; a plug-in needs a name of its own")
            }
            Self::RuleId(id) => write!(
                f,
                "the id `{}` of a rule is not kebab-case (lower-case letters, digits and hyphens)",
                shorten(id, 60)
            ),
            Self::RuleTwice(id) => write!(f, "it declares the rule `{id}` twice"),
            Self::RuleCount(0) => write!(f, "it declares no rules"),
            Self::RuleCount(count) => write!(f, "it declares {count} rules; the limit is {MAX_RULES}"),
            Self::FindingCount(count) => write!(f, "it gave {count} findings; the limit is {MAX_FINDINGS}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why one finding is left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// Its rule is not declared.
    UndeclaredRule(String),
    /// It names a document that does not exist.
    Document(u32),
    /// A span does not fit its text, or cuts a character.
    Span {
        /// The document's name.
        path: String,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Two edits of a fix overlap.
    Overlap(String),
    /// A text is too long, or a list has too many entries: what, and the limit.
    TooMuch(&'static str, usize),
    /// An edit inserts control characters.
    Control(String),
    /// It says nothing.
    NoMessage,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UndeclaredRule(id) => {
                write!(f, "a finding names the rule `{}`, which the plug-in does not declare", shorten(id, 60))
            }
            Self::Document(index) => write!(f, "a finding points into document {index}, which does not exist"),
            Self::Span { path, start, end } => write!(
                f,
                "a finding points at bytes {start} to {end} of {}, which is no stretch of its text",
                visible(path)
            ),
            Self::Overlap(title) => write!(f, "the edits of the fix `{}` overlap", shorten(title, 60)),
            Self::TooMuch(what, limit) => write!(f, "a finding has {what} beyond the limit of {limit}"),
            Self::Control(title) => write!(f, "the fix `{}` would insert control characters", shorten(title, 60)),
            Self::NoMessage => write!(f, "a finding has no message"),
        }
    }
}

impl std::error::Error for Problem {}

/// What is taken of a plug-in's findings.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Findings for [`crate::engine::report`].
    pub findings: Vec<Finding>,
    /// Why others were left out, each reason once.
    pub problems: Vec<Problem>,
}

/// Whether a plug-in's own description can be used.
///
/// # Errors
/// When its name or a rule's id cannot stand in a rule's name, or is taken.
pub fn judge(metadata: &abi::Metadata) -> Result<(), Refusal> {
    if !is_kebab(&metadata.name) {
        return Err(Refusal::Name(metadata.name.clone()));
    }
    if RULES.iter().any(|rule| rule.pillar() == metadata.name) || RESERVED.contains(&metadata.name.as_str()) {
        return Err(Refusal::NameTaken(metadata.name.clone()));
    }
    if metadata.rules.is_empty() || metadata.rules.len() > MAX_RULES {
        return Err(Refusal::RuleCount(metadata.rules.len()));
    }
    let mut ids = std::collections::BTreeSet::new();
    for rule in &metadata.rules {
        if !is_kebab(&rule.id) {
            return Err(Refusal::RuleId(rule.id.clone()));
        }
        if !ids.insert(rule.id.as_str()) {
            return Err(Refusal::RuleTwice(rule.id.clone()));
        }
    }
    Ok(())
}

/// Takes over what a plug-in found.
///
/// # Errors
/// When the plug-in's description cannot be used, or it gave too many findings.
pub fn accept(
    project: &Project<'_>,
    metadata: &abi::Metadata,
    findings: Vec<abi::Finding>,
) -> Result<Accepted, Refusal> {
    judge(metadata)?;
    if findings.len() > MAX_FINDINGS {
        return Err(Refusal::FindingCount(findings.len()));
    }
    let documents = Documents::of(project);
    let rules = metadata.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let judge = Judge { project, documents, name: &metadata.name, rules };
    let mut accepted = Accepted::default();
    let mut same: BTreeMap<(String, Location, String), usize> = BTreeMap::new();
    for finding in findings {
        match judge.finding(finding) {
            // The same fault seen by several services is one finding, as with built-in rules.
            Ok(finding) => match same.get(&(finding.rule.to_string(), finding.primary, finding.message.clone())) {
                Some(&index) => {
                    if let Some(known) = accepted.findings.get_mut(index) {
                        merge(&mut known.services, finding.services);
                        merge(&mut known.views, finding.views);
                    }
                }
                None => {
                    same.insert(
                        (finding.rule.to_string(), finding.primary, finding.message.clone()),
                        accepted.findings.len(),
                    );
                    accepted.findings.push(finding);
                }
            },
            Err(problem) if accepted.problems.contains(&problem) || accepted.problems.len() >= MAX_PARTS => {}
            Err(problem) => accepted.problems.push(problem),
        }
    }
    Ok(accepted)
}

/// Names of pillars without rules today, and of what the tool itself says: a plug-in must not take them either.
const RESERVED: [&str; 10] =
    ["application", "ci", "drift", "file", "images", "input", "plimsoll", "plugin", "syntax", "web"];

fn merge(names: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

struct Judge<'j, 'a> {
    project: &'j Project<'a>,
    documents: Documents,
    name: &'j str,
    rules: BTreeMap<&'j str, &'j abi::Rule>,
}

impl Judge<'_, '_> {
    fn finding(&self, finding: abi::Finding) -> Result<Finding, Problem> {
        let rule =
            *self.rules.get(finding.rule.as_str()).ok_or_else(|| Problem::UndeclaredRule(finding.rule.clone()))?;
        let primary = self.location(finding.location)?;
        let message = text("a message", &finding.message)?;
        if message.trim().is_empty() {
            return Err(Problem::NoMessage);
        }
        within("related places", finding.related.len())?;
        within("fixes", finding.fixes.len())?;
        within("properties", finding.properties.len())?;
        let related: Result<Vec<Related>, Problem> = finding
            .related
            .iter()
            .map(|one| Ok(Related { at: self.location(one.location)?, label: text("a message", &one.message)? }))
            .collect();
        let fixes: Result<Vec<Fix>, Problem> = finding.fixes.iter().map(|fix| self.fix(fix)).collect();
        let said = |key: &str| {
            finding
                .properties
                .iter()
                .filter(|property| property.key == key)
                .map(|property| shorten(&property.value, MAX_MESSAGE))
                .collect::<Vec<_>>()
        };
        let help = said("help").into_iter().next().unwrap_or_else(|| help(rule));
        Ok(Finding {
            based_on: Vec::new(),
            rule: Cow::Owned(format!("{}/{}", self.name, rule.id)),
            severity: severity(finding.severity.unwrap_or(rule.severity)),
            confidence: finding.confidence.map_or(Confidence::High, confidence),
            primary,
            message,
            why: Cow::Owned(shorten(&rule.description, MAX_MESSAGE)),
            help: Cow::Owned(help),
            related: related?,
            fixes: fixes?,
            services: said("service"),
            views: said("view"),
            fingerprint: String::new(),
        })
    }

    fn location(&self, at: abi::Location) -> Result<Location, Problem> {
        let source = self.documents.source(at.document).ok_or(Problem::Document(at.document))?;
        let abi::Span { start, end } = at.span;
        // `get` refuses a reversed range, one past the end and one that cuts a character.
        match self.project.text(source).get(start as usize..end as usize) {
            Some(_) => Ok(Location::new(source, Span { start, end })),
            None => Err(Problem::Span { path: self.project.path(source).to_owned(), start, end }),
        }
    }

    fn fix(&self, fix: &abi::Fix) -> Result<Fix, Problem> {
        within("edits", fix.edits.len())?;
        // Whatever the plug-in says: an edit that was not written with the built-in rules' care needs a look.
        let mut out = Fix::new(Safety::Suggested, text("a title", &fix.title)?);
        for edit in &fix.edits {
            if edit.replacement.len() > MAX_EDIT {
                return Err(Problem::TooMuch("an edit", MAX_EDIT));
            }
            if edit.replacement.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                return Err(Problem::Control(fix.title.clone()));
            }
            let at = self.location(edit.location)?;
            out = out.replace(at.source, at.span, edit.replacement.clone());
        }
        let mut places: Vec<Location> = out.edits.iter().map(|edit| Location::new(edit.source, edit.span)).collect();
        places.sort_unstable();
        let overlap = |pair: &[Location]| matches!(pair, [a, b] if a.source == b.source && b.span.start < a.span.end);
        if places.windows(2).any(overlap) { Err(Problem::Overlap(fix.title.clone())) } else { Ok(out) }
    }
}

/// What a rule says is to be done, or the nearest to it.
fn help(rule: &abi::Rule) -> String {
    let own = rule
        .properties
        .iter()
        .find(|property| property.key == "help")
        .map(|property| shorten(&property.value, MAX_MESSAGE));
    own.unwrap_or_else(|| match &rule.help_url {
        Some(url) => format!("See {}", shorten(url, 300)),
        None => shorten(&rule.title, 300),
    })
}

fn within(what: &'static str, count: usize) -> Result<(), Problem> {
    if count > MAX_PARTS { Err(Problem::TooMuch(what, MAX_PARTS)) } else { Ok(()) }
}

/// A text of a plug-in, of a size that can be shown, without what could steer a terminal.
fn text(what: &'static str, text: &str) -> Result<String, Problem> {
    if text.len() > MAX_MESSAGE { Err(Problem::TooMuch(what, MAX_MESSAGE)) } else { Ok(visible(text)) }
}

/// Lower-case letters, digits and single hyphens, starting with a letter.
fn is_kebab(name: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(part)
}

fn severity(severity: abi::Severity) -> Severity {
    match severity {
        abi::Severity::Info => Severity::Info,
        abi::Severity::Low => Severity::Low,
        abi::Severity::Medium => Severity::Medium,
        abi::Severity::High => Severity::High,
        abi::Severity::Critical => Severity::Critical,
    }
}

fn confidence(confidence: abi::Confidence) -> Confidence {
    match confidence {
        abi::Confidence::Low => Confidence::Low,
        abi::Confidence::Medium => Confidence::Medium,
        abi::Confidence::High => Confidence::High,
    }
}
