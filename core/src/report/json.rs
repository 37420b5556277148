//! JSON, version 1. The schema is `core/schemas/report-v1.json`; within version 1 keys are only added.

use crate::engine::Report;
use crate::finding::{Finding, Notice};
use crate::fix::Fix;
use crate::plugin::{PluginInfo, RuleInfo};
use crate::score::Scorecard;
use crate::source::{Location, Sources};
use crate::text::visible;
use serde::{Deserialize, Serialize};

/// The whole report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ReportV1 {
    pub version: u32,
    pub tool: ToolV1,
    pub today: String,
    pub summary: SummaryV1,
    pub findings: Vec<FindingV1>,
    pub suppressed: Vec<SuppressedV1>,
    pub notices: Vec<NoticeV1>,
    pub questions: Vec<QuestionV1>,
    pub coverage: CoverageV1,
    pub files: Vec<FileV1>,
    #[serde(default)]
    pub score: ScoreV1,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginV1>,
}

/// A plug-in that took part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PluginV1 {
    pub name: String,
    pub version: String,
    pub digest: String,
    pub rules: Vec<PluginRuleV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PluginRuleV1 {
    pub id: String,
    pub title: String,
    pub description: String,
    pub severity: String,
    pub tags: Vec<String>,
    pub help: Option<String>,
    pub help_url: Option<String>,
}

/// How well the stack holds.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ScoreV1 {
    pub total: Option<u8>,
    pub grade: String,
    pub coverage: u8,
    pub cap: Option<String>,
    pub pillars: Vec<PillarV1>,
    pub maturity: Vec<MaturityV1>,
    pub lights: Vec<LightV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PillarV1 {
    pub pillar: String,
    pub title: String,
    pub weight: u8,
    pub score: Option<u8>,
    pub capped: bool,
    pub findings: usize,
    pub missing: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct MaturityV1 {
    pub name: String,
    pub title: String,
    pub level: Option<u8>,
    pub next: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct LightV1 {
    pub name: String,
    pub title: String,
    pub colour: String,
    pub findings: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ToolV1 {
    pub name: String,
    pub version: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct SummaryV1 {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
    pub suppressed: usize,
    pub questions: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct FindingV1 {
    pub rule: String,
    pub severity: String,
    pub confidence: String,
    pub message: String,
    pub location: LocationV1,
    pub related: Vec<RelatedV1>,
    pub why: String,
    pub help: String,
    pub fixes: Vec<FixV1>,
    pub services: Vec<String>,
    pub views: Vec<String>,
    pub fingerprint: String,
    #[serde(default)]
    pub based_on: Vec<BasisV1>,
}

/// A table that a finding leans on, and the day of its data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct BasisV1 {
    pub table: String,
    pub as_of: String,
}

/// A place, for machines (`start`, `end`: UTF-8 bytes), for editors in a browser (`start_utf16`, `end_utf16`) and for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct LocationV1 {
    pub path: String,
    pub start: u32,
    pub end: u32,
    pub start_utf16: u32,
    pub end_utf16: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct RelatedV1 {
    pub location: LocationV1,
    pub label: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct FixV1 {
    pub title: String,
    pub safety: String,
    pub edits: Vec<EditV1>,
    pub creates: Vec<NewFileV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct EditV1 {
    pub location: LocationV1,
    pub replacement: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct NewFileV1 {
    pub path: String,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct SuppressedV1 {
    pub finding: FindingV1,
    pub comment: LocationV1,
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct NoticeV1 {
    pub level: String,
    pub code: String,
    pub path: String,
    pub location: Option<LocationV1>,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct QuestionV1 {
    pub rule: String,
    pub question: String,
    pub answer: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct CoverageV1 {
    pub files: usize,
    pub files_analysed: usize,
    pub instructions: usize,
    pub instructions_analysed: usize,
    pub services: usize,
    pub recovered: usize,
    pub views: Vec<String>,
    pub complete: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct FileV1 {
    pub path: String,
    pub kind: String,
    pub analysed: bool,
}

/// A report as wire structs. Scanned text in messages and labels is made visible, so that no reader has to.
#[must_use]
pub fn wire(report: &Report, sources: &Sources) -> ReportV1 {
    let places = Places::new(sources);
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    use crate::finding::Severity::{Critical, High, Info, Low, Medium};
    ReportV1 {
        version: 1,
        tool: ToolV1 { name: "plimsoll".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        today: report.today.to_string(),
        summary: SummaryV1 {
            critical: count(Critical),
            high: count(High),
            medium: count(Medium),
            low: count(Low),
            info: count(Info),
            suppressed: report.suppressed.len(),
            questions: report.questions.len(),
        },
        findings: report.findings.iter().map(|finding| places.finding(finding)).collect(),
        suppressed: report
            .suppressed
            .iter()
            .map(|one| SuppressedV1 {
                finding: places.finding(&one.finding),
                comment: places.location(one.at),
                reason: visible(&one.reason),
            })
            .collect(),
        notices: report.notices.iter().map(|notice| places.notice(notice)).collect(),
        questions: report
            .questions
            .iter()
            .map(|one| QuestionV1 {
                rule: one.rule.to_string(),
                question: visible(&one.question),
                answer: visible(&one.answer),
            })
            .collect(),
        coverage: CoverageV1 {
            files: report.coverage.files,
            files_analysed: report.coverage.files_analysed,
            instructions: report.coverage.instructions,
            instructions_analysed: report.coverage.instructions_analysed,
            services: report.coverage.services,
            recovered: report.coverage.recovered,
            views: report.coverage.views.clone(),
            complete: !report.is_incomplete(),
        },
        files: report
            .files
            .iter()
            .map(|file| FileV1 {
                path: file.path.clone(),
                kind: file.kind.as_str().to_owned(),
                analysed: file.analysed,
            })
            .collect(),
        score: score(&report.score),
        plugins: report.plugins.iter().map(plugin).collect(),
    }
}

fn plugin(plugin: &PluginInfo) -> PluginV1 {
    let rule = |rule: &RuleInfo| PluginRuleV1 {
        id: rule.id.clone(),
        title: rule.title.clone(),
        description: rule.description.clone(),
        severity: rule.severity.to_string(),
        tags: rule.tags.clone(),
        help: rule.help.clone(),
        help_url: rule.help_url.clone(),
    };
    PluginV1 {
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        digest: plugin.digest.clone(),
        rules: plugin.rules.iter().map(rule).collect(),
    }
}

/// A scorecard as wire structs.
#[must_use]
pub fn score(card: &Scorecard) -> ScoreV1 {
    ScoreV1 {
        total: card.total,
        grade: card.grade().to_string(),
        coverage: card.coverage,
        cap: card.cap.map(|cap| cap.reason().to_owned()),
        pillars: card
            .pillars
            .iter()
            .map(|one| PillarV1 {
                pillar: one.pillar.to_owned(),
                title: one.title.to_owned(),
                weight: one.weight,
                score: one.score,
                capped: one.capped,
                findings: one.findings,
                missing: one.missing.map(str::to_owned),
            })
            .collect(),
        maturity: card
            .maturity
            .iter()
            .map(|one| MaturityV1 {
                name: one.name.to_owned(),
                title: one.title.to_owned(),
                level: one.level,
                next: one.next.map(str::to_owned),
            })
            .collect(),
        lights: card
            .lights
            .iter()
            .map(|one| LightV1 {
                name: one.name.to_owned(),
                title: one.title.to_owned(),
                colour: one.colour.as_str().to_owned(),
                findings: one.findings,
            })
            .collect(),
    }
}

/// A report as JSON text with a final line feed.
#[must_use]
pub fn render(report: &Report, sources: &Sources) -> String {
    // Wire structs hold only strings, numbers and lists of them: serialising them cannot fail.
    let mut text = serde_json::to_string_pretty(&wire(report, sources)).unwrap_or_default();
    text.push('\n');
    text
}

/// The editor's offsets of every text, computed once.
pub(super) struct Places<'a> {
    sources: &'a Sources,
    utf16: std::collections::BTreeMap<crate::source::SourceId, crate::span::Utf16Index>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, utf16: sources.iter().map(|(id, source)| (id, source.utf16())).collect() }
    }

    pub(super) fn location(&self, at: Location) -> LocationV1 {
        let source = self.sources.get(at.source);
        let utf16 = |byte| self.utf16.get(&at.source).map_or(byte, |index| index.offset(byte));
        let (start, end) = (source.line_column(at.span.start), source.line_column(at.span.end));
        LocationV1 {
            path: source.path().to_owned(),
            start: at.span.start,
            end: at.span.end,
            start_utf16: utf16(at.span.start),
            end_utf16: utf16(at.span.end),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    fn finding(&self, finding: &Finding) -> FindingV1 {
        FindingV1 {
            rule: finding.rule.to_string(),
            severity: finding.severity.to_string(),
            confidence: finding.confidence.to_string(),
            message: visible(&finding.message),
            location: self.location(finding.primary),
            related: finding
                .related
                .iter()
                .map(|related| RelatedV1 { location: self.location(related.at), label: visible(&related.label) })
                .collect(),
            why: finding.why.to_string(),
            help: visible(&finding.help),
            fixes: finding.fixes.iter().map(|fix| self.fix(fix)).collect(),
            services: finding.services.iter().map(|name| visible(name)).collect(),
            views: finding.views.clone(),
            fingerprint: finding.fingerprint.clone(),
            based_on: finding
                .based_on
                .iter()
                .map(|basis| BasisV1 { table: basis.table.to_owned(), as_of: basis.as_of.to_string() })
                .collect(),
        }
    }

    pub(super) fn fix(&self, fix: &Fix) -> FixV1 {
        FixV1 {
            title: visible(&fix.title),
            safety: fix.safety.as_str().to_owned(),
            edits: fix
                .edits
                .iter()
                .map(|edit| EditV1 {
                    location: self.location(Location::new(edit.source, edit.span)),
                    replacement: edit.replacement.clone(),
                })
                .collect(),
            creates: fix
                .creates
                .iter()
                .map(|file| NewFileV1 { path: file.path.clone(), text: file.text.clone() })
                .collect(),
        }
    }

    fn notice(&self, notice: &Notice) -> NoticeV1 {
        NoticeV1 {
            level: notice.level.as_str().to_owned(),
            code: notice.code.to_owned(),
            path: notice.path.clone(),
            location: notice.at.map(|at| self.location(at)),
            message: visible(&notice.message),
            help: notice.help.as_deref().map(visible),
        }
    }
}
