//! What a plug-in says, checked: only then it counts as a finding.
//!
//! A plug-in is not trusted to be right: it may be written against another file, or to mislead. What concerns all of it is a
//! [`Refusal`]; a finding that cannot be shown is left out and becomes a [`Problem`], and the others stand.

use super::describe::Documents;
use super::judge::{Refusal, judge};
use super::problem::Problem;
use super::words::{deceives, is_web, prose};
use crate::finding::{Confidence, Finding, Related, Severity};
use crate::fix::{Fix, Safety};
use crate::project::Project;
use crate::source::Location;
use crate::span::Span;
use crate::text::shorten;
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_abi::Limits;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What is taken of a plug-in's findings.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Findings for [`crate::engine::report`].
    pub findings: Vec<Finding>,
    /// Why others were left out, each reason once.
    pub problems: Vec<Problem>,
}

/// Takes over what a plug-in found.
///
/// # Errors
/// When the plug-in's description cannot be used, or it gave too many findings.
pub fn accept(
    project: &Project<'_>,
    metadata: &abi::Metadata,
    findings: Vec<abi::Finding>,
    limits: &Limits,
) -> Result<Accepted, Refusal> {
    judge(metadata, limits)?;
    if !Limits::holds(limits.findings, findings.len()) {
        return Err(Refusal::FindingCount { count: findings.len(), limit: limits.findings });
    }
    let judge = Judge::new(project, metadata, limits);
    let mut accepted = Accepted::default();
    let mut same: BTreeMap<(String, Location, String), usize> = BTreeMap::new();
    for finding in findings {
        let finding = match judge.finding(finding) {
            Ok(finding) => finding,
            Err(problem) => {
                let known = accepted.problems.contains(&problem);
                if !known && accepted.problems.len() < Limits::size(limits.parts) {
                    accepted.problems.push(problem);
                }
                continue;
            }
        };
        // The same fault seen by several services is one finding, as with built-in rules.
        let key = (finding.rule.to_string(), finding.primary, finding.message.clone());
        match same.get(&key).and_then(|&index| accepted.findings.get_mut(index)) {
            Some(known) => {
                merge(&mut known.services, finding.services);
                merge(&mut known.views, finding.views);
            }
            None => {
                same.insert(key, accepted.findings.len());
                accepted.findings.push(finding);
            }
        }
    }
    Ok(accepted)
}

fn merge(names: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

struct Judge<'j, 'a> {
    project: &'j Project<'a>,
    limits: &'j Limits,
    documents: Documents,
    name: &'j str,
    rules: BTreeMap<&'j str, &'j abi::Rule>,
    services: BTreeSet<&'j str>,
    views: BTreeSet<&'j str>,
}

impl<'j, 'a> Judge<'j, 'a> {
    fn new(project: &'j Project<'a>, metadata: &'j abi::Metadata, limits: &'j Limits) -> Self {
        let services = |view: &'j crate::project::View| view.services.iter().map(|service| service.spec.name.as_str());
        Self {
            project,
            limits,
            documents: Documents::of(project),
            name: &metadata.name,
            rules: metadata.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect(),
            services: project.views.iter().flat_map(services).collect(),
            views: project.views.iter().map(|view| view.name.as_str()).collect(),
        }
    }

    fn finding(&self, finding: abi::Finding) -> Result<Finding, Problem> {
        let rule =
            *self.rules.get(finding.rule.as_str()).ok_or_else(|| Problem::UndeclaredRule(finding.rule.clone()))?;
        let primary = self.location(finding.location)?;
        let message = self.text("a message", &finding.message)?;
        if message.trim().is_empty() {
            return Err(Problem::NoMessage);
        }
        self.few("related places", finding.related.len())?;
        self.few("fixes", finding.fixes.len())?;
        self.few("properties", finding.properties.len())?;
        let related: Result<Vec<Related>, Problem> = finding
            .related
            .iter()
            .map(|one| Ok(Related { at: self.location(one.location)?, label: self.text("a message", &one.message)? }))
            .collect();
        let fixes: Result<Vec<Option<Fix>>, Problem> = finding.fixes.iter().map(|fix| self.fix(fix)).collect();
        // What a command has recorded is no file that anybody changes.
        let mut fixes: Vec<Fix> = fixes?.into_iter().flatten().collect();
        fixes.retain(|fix| !self.project.is_recorded(primary) && self.project.is_editable(fix));
        let help = said(&finding.properties, "help").next().map(|help| self.shortened(help));
        Ok(Finding {
            based_on: Vec::new(),
            rule: Cow::Owned(format!("{}/{}", self.name, rule.id)),
            severity: severity(finding.severity.unwrap_or(rule.severity)),
            confidence: finding.confidence.map_or(Confidence::High, confidence),
            primary,
            message,
            why: Cow::Owned(self.shortened(&rule.description)),
            help: Cow::Owned(help.unwrap_or_else(|| self.help(rule))),
            related: related?,
            fixes,
            services: known(&finding.properties, "service", &self.services),
            views: known(&finding.properties, "view", &self.views),
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

    /// A fix as it may be offered; `None` when it changes nothing.
    fn fix(&self, fix: &abi::Fix) -> Result<Option<Fix>, Problem> {
        self.few("edits", fix.edits.len())?;
        // Whatever the plug-in says: an edit that was not written with the built-in rules' care needs a look.
        let mut out = Fix::new(Safety::Suggested, self.text("a title", &fix.title)?);
        for edit in &fix.edits {
            if !Limits::holds(self.limits.edit_bytes, edit.replacement.len()) {
                return Err(Problem::TooMuch("an edit", self.limits.edit_bytes));
            }
            if edit.replacement.chars().any(deceives) {
                return Err(Problem::Control(fix.title.clone()));
            }
            let at = self.location(edit.location)?;
            out = out.replace(at.source, at.span, edit.replacement.clone());
        }
        let mut places: Vec<Location> = out.edits.iter().map(|edit| Location::new(edit.source, edit.span)).collect();
        places.sort_unstable();
        let overlap = |pair: &[Location]| matches!(pair, [a, b] if a.source == b.source && b.span.start < a.span.end);
        if places.windows(2).any(overlap) {
            return Err(Problem::Overlap(fix.title.clone()));
        }
        let changes = out
            .edits
            .iter()
            .any(|edit| self.project.slice(Location::new(edit.source, edit.span)) != edit.replacement.as_str());
        Ok(changes.then_some(out))
    }

    /// What a rule says is to be done, or the nearest to it.
    fn help(&self, rule: &abi::Rule) -> String {
        match (said(&rule.properties, "help").next(), &rule.help_url) {
            (Some(help), _) => self.shortened(help),
            (None, Some(url)) if is_web(url) => format!("See {}", shorten(url, 300)),
            (None, _) => shorten(&prose(&rule.title), 300),
        }
    }

    fn shortened(&self, text: &str) -> String {
        shorten(&prose(text), Limits::size(self.limits.message_bytes))
    }

    /// A text of a size that can be shown, without what could steer a terminal.
    fn text(&self, what: &'static str, text: &str) -> Result<String, Problem> {
        let limit = self.limits.message_bytes;
        if Limits::holds(limit, text.len()) { Ok(prose(text)) } else { Err(Problem::TooMuch(what, limit)) }
    }

    fn few(&self, what: &'static str, count: usize) -> Result<(), Problem> {
        let limit = self.limits.parts;
        if Limits::holds(limit, count) { Ok(()) } else { Err(Problem::TooMuch(what, limit)) }
    }
}

/// The values of a key.
fn said<'p>(properties: &'p [abi::Property], key: &'static str) -> impl Iterator<Item = &'p str> {
    properties.iter().filter(move |property| property.key == key).map(|property| property.value.as_str())
}

/// The values of a key that name something of the project, each once. A report counts and filters by them, so that a plug-in must
/// not make up others.
fn known(properties: &[abi::Property], key: &'static str, names: &BTreeSet<&str>) -> Vec<String> {
    let mut out = Vec::new();
    merge(&mut out, said(properties, key).filter(|name| names.contains(name)).map(str::to_owned).collect());
    out
}

pub(super) fn severity(severity: abi::Severity) -> Severity {
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
