//! The run itself: project, rules, then findings joined by root cause, sorted and fingerprinted.

use crate::date::Date;
use crate::detect::Kind;
use crate::facts::{Basis, Facts};
use crate::finding::{Finding, Notice, NoticeLevel, Question, Severity};
use crate::fix::Safety;
use crate::graph;
use crate::plugin::PluginInfo;
use crate::policy;
use crate::project::{Parsed, Project};
use crate::rule::{Draft, Findings, Rule, questions_of};
use crate::rules::RULES;
use crate::score::{self, Scorecard};
use crate::source::{Location, Sources};
use crate::suppress::{self, Suppressed};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What an analysis depends on besides the texts.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The day it is made for: ends of life and expiries are judged by it.
    pub today: Date,
    /// What is known of the world outside: the built-in tables, and what the user handed in.
    pub facts: &'a Facts,
}

impl Options<'static> {
    /// An analysis for a day, with the built-in tables.
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self { today, facts: Facts::built_in() }
    }
}

/// How much of the input was analysed.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Coverage {
    /// Files whose format is known.
    pub files: usize,
    /// Those of them that were analysed.
    pub files_analysed: usize,
    /// Dockerfile instructions.
    pub instructions: usize,
    /// Those of them that were analysed.
    pub instructions_analysed: usize,
    /// Compose services, each once.
    pub services: usize,
    /// Places that were read in spite of a syntax error.
    pub recovered: usize,
    /// Deployment views.
    pub views: Vec<String>,
}

/// A file of the analysis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileReport {
    /// Its name.
    pub path: String,
    /// Its format.
    pub kind: Kind,
    /// Whether it was analysed.
    pub analysed: bool,
}

/// Everything an analysis says. Plain data; renderers turn it into text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Worst first, then by place.
    pub findings: Vec<Finding>,
    /// Findings that a comment in the files switches off, with the reason it gives.
    pub suppressed: Vec<Suppressed>,
    /// About the input.
    pub notices: Vec<Notice>,
    /// What no supplied file answers.
    pub questions: Vec<Question>,
    /// How much was analysed.
    pub coverage: Coverage,
    /// The files, in order.
    pub files: Vec<FileReport>,
    /// How well the stack holds.
    pub score: Scorecard,
    /// From which severity on findings fail a run, as the policy says.
    pub fail_on: Option<Severity>,
    /// Below which score a run fails, as the policy says.
    pub minimum_score: Option<u8>,
    /// The day it was made for.
    pub today: Date,
    /// The plug-ins that took part; whoever ran them adds them.
    pub plugins: Vec<PluginInfo>,
}

impl Report {
    /// Whether a file or a part of the model was not analysed.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.level == NoticeLevel::Incomplete)
    }
}

/// Analyses the texts with the built-in rules.
#[must_use]
pub fn check(sources: &Sources, options: &Options<'_>) -> Report {
    let project = Project::with_facts(sources, options.today, options.facts);
    report(&project, Vec::new())
}

/// Analyses a project with the built-in rules and adds findings made elsewhere: those of plug-ins.
#[must_use]
pub fn report(project: &Project<'_>, others: Vec<Finding>) -> Report {
    let mut questions: BTreeSet<Question> = project.questions.iter().cloned().collect();
    let mut findings = others;
    for rule in RULES {
        let (found, asked) = run(rule, project);
        findings.extend(found);
        questions.extend(asked);
    }
    sort(project, &mut findings);
    fingerprint(project, &mut findings);
    let (findings, mut suppressed, about_comments) = suppress::apply(project, findings);
    let (mut findings, excepted, about_policy) = policy::apply(project, findings);
    suppressed.extend(excepted);
    sort(project, &mut findings);
    let mut notices: Vec<Notice> = project.notices.iter().cloned().chain(about_comments).chain(about_policy).collect();
    notices.sort_by(|a, b| (&a.path, a.at, a.code, &a.message).cmp(&(&b.path, b.at, b.code, &b.message)));
    notices.dedup();
    let coverage = coverage(project, &notices);
    Report {
        score: score::score(project, &graph::all(project), &findings),
        fail_on: project.policy().fail_on,
        minimum_score: project.policy().minimum_score,
        findings,
        suppressed,
        notices,
        questions: questions.into_iter().collect(),
        coverage,
        files: files(project),
        today: project.today,
        plugins: Vec::new(),
    }
}

/// Runs one rule: its findings joined, not yet fingerprinted.
#[must_use]
pub fn run(rule: &'static Rule, project: &Project<'_>) -> (Vec<Finding>, Vec<Question>) {
    let mut out = Findings::default();
    (rule.check)(project, &mut out);
    let asked = questions_of(rule.id, &mut out);
    let drafts = out.drafts.into_iter().map(|draft| at_origin(project.sources, draft)).collect();
    let mut findings = join(rule, drafts, project.today);
    for finding in &mut findings {
        let recorded = project.is_recorded(finding.primary);
        finding.fixes.retain(|fix| !recorded && project.is_editable(fix));
        // In a file that does not parse whole, what an edit leads to is for a person to judge.
        for fix in &mut finding.fixes {
            if fix.edits.iter().any(|edit| project.is_broken(edit.source)) {
                fix.safety = Safety::Suggested;
            }
        }
    }
    sort(project, &mut findings);
    (findings, asked)
}

/// A draft whose places are places of files: what stands in a text inside a file is said of that file.
fn at_origin(sources: &Sources, mut draft: Draft) -> Draft {
    draft.primary = sources.origin(draft.primary);
    for related in &mut draft.related {
        related.at = sources.origin(related.at);
    }
    // Edits are written for the file around it where that can be done; one that is not cannot be applied.
    draft.fixes.retain(|fix| fix.edits.iter().all(|edit| sources.embedded_text(edit.source).is_none()));
    draft
}

/// One finding for each cause: drafts at the same place about the same thing are one fault seen by several services and views.
fn join(rule: &'static Rule, drafts: Vec<Draft>, today: Date) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    let mut by_cause: BTreeMap<(Location, String), usize> = BTreeMap::new();
    for draft in drafts {
        let base = draft.severity.unwrap_or(rule.severity);
        let severity = if draft.context_judged { base } else { draft.context.lower(base, rule.lowered_in_development) };
        let stale = draft.based_on.iter().any(|basis| basis.is_stale(today));
        let confidence = if stale { draft.confidence.lowered() } else { draft.confidence };
        let cause = (draft.primary, draft.aspect.clone());
        let Some(&index) = by_cause.get(&cause) else {
            by_cause.insert(cause, joined.len());
            joined.push(Finding {
                rule: Cow::Borrowed(rule.id),
                severity,
                confidence,
                primary: draft.primary,
                message: draft.message,
                why: Cow::Borrowed(rule.why),
                help: draft.help.unwrap_or(Cow::Borrowed(rule.help)),
                related: draft.related,
                based_on: bases(Vec::new(), draft.based_on),
                fixes: draft.fixes,
                services: draft.service.into_iter().collect(),
                views: draft.view.into_iter().collect(),
                fingerprint: String::new(),
            });
            continue;
        };
        let Some(finding) = joined.get_mut(index) else { continue };
        // The worst view speaks for the finding; the others are named.
        if (severity, confidence) > (finding.severity, finding.confidence) {
            finding.severity = severity;
            finding.confidence = confidence;
            finding.message = draft.message;
            if let Some(help) = draft.help {
                finding.help = help;
            }
            if !draft.fixes.is_empty() {
                finding.fixes = draft.fixes;
            }
        }
        finding.based_on = bases(std::mem::take(&mut finding.based_on), draft.based_on);
        for related in draft.related {
            if !finding.related.iter().any(|known| known.at == related.at) {
                finding.related.push(related);
            }
        }
        add_name(&mut finding.services, draft.service);
        add_name(&mut finding.views, draft.view);
    }
    joined
}

/// Each table and day once, in order.
fn bases(mut known: Vec<Basis>, further: Vec<Basis>) -> Vec<Basis> {
    known.extend(further);
    known.sort_unstable();
    known.dedup();
    known
}

fn add_name(names: &mut Vec<String>, name: Option<String>) {
    if let Some(name) = name
        && !names.contains(&name)
    {
        names.push(name);
    }
}

fn sort(project: &Project<'_>, findings: &mut [Finding]) {
    let path = |at: Location| project.path(at.source);
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| path(a.primary).cmp(path(b.primary)))
            .then_with(|| (a.primary.span, &a.rule, &a.message).cmp(&(b.primary.span, &b.rule, &b.message)))
    });
}

/// Rule, file, the text found without its white space, and the how-manieth of the same: moving lines changes nothing.
fn fingerprint(project: &Project<'_>, findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|&index| findings.get(index).map(|finding| (finding.primary, finding.message.clone())));
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    for index in order {
        let Some(finding) = findings.get_mut(index) else { continue };
        let mut hash = Fnv::new();
        hash.add(finding.rule.as_bytes());
        hash.add(project.path(finding.primary.source).as_bytes());
        for word in project.slice(finding.primary).split_whitespace() {
            hash.add(word.as_bytes());
        }
        let nth = seen.entry(hash.0).or_default();
        hash.add(&nth.to_le_bytes());
        *nth += 1;
        finding.fingerprint = format!("{:016x}", hash.0);
    }
}

/// FNV-1a: a fingerprint has to be stable and short, not secret.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&[0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn coverage(project: &Project<'_>, notices: &[Notice]) -> Coverage {
    let mut coverage = Coverage::default();
    for (id, _) in project.texts() {
        let file = project.file(id);
        if file.kind == Kind::Other {
            continue;
        }
        if project.sources.embedded_text(id).is_none() {
            coverage.files += 1;
            coverage.files_analysed += 1;
        }
        if let Parsed::Dockerfile(parsed) = &file.parsed {
            coverage.instructions += parsed.instructions.len();
            coverage.instructions_analysed += parsed
                .instructions
                .iter()
                .filter(|instruction| instruction.keyword != crate::syntax::dockerfile::Keyword::Unknown)
                .count();
        }
    }
    let unread: BTreeSet<&str> = notices
        .iter()
        .filter(|notice| notice.level == NoticeLevel::Incomplete && notice.at.is_none())
        .map(|notice| notice.path.as_str())
        .collect();
    coverage.files += unread.len();
    coverage.recovered = notices.iter().filter(|notice| notice.level == NoticeLevel::Recovered).count();
    let services: BTreeSet<(&str, &str)> = project
        .views
        .iter()
        .filter(|view| !view.standalone && !project.is_running(view))
        .flat_map(|view| view.services.iter().map(|service| (view.folder.as_str(), service.name.as_str())))
        .collect();
    coverage.services = services.len();
    coverage.views = project.views.iter().map(|view| view.name.clone()).collect();
    coverage
}

fn files(project: &Project<'_>) -> Vec<FileReport> {
    let mut files: Vec<FileReport> = project
        .sources
        .iter()
        .map(|(id, source)| FileReport {
            path: source.path().to_owned(),
            kind: project.file(id).kind,
            analysed: project.file(id).kind != Kind::Other,
        })
        .collect();
    for (path, _) in project.sources.unread() {
        if let Some(kind) = crate::detect::by_name(path) {
            files.push(FileReport { path: path.to_owned(), kind, analysed: false });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
