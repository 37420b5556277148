//! The map, breaches, plans and boundary sheets as JSON, version 1: what `plimsoll map`, `breach` and `plan` print with
//! `--format json` and what the page draws. The schema is `core/schemas/stack-v1.json`; within version 1 keys are only added.
//! Services are named by their name: it is unique in a view.

mod wire;

pub use wire::wire;

use super::json::{FixV1, LocationV1, ToolV1};
use serde::{Deserialize, Serialize};

/// What is wanted besides the map: each costs time.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// Only the view of this name; all views without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Breaches of these services; the name `*` stands for the usual starts.
    #[serde(default)]
    pub breach: Vec<String>,
    /// Plans, all presets.
    #[serde(default)]
    pub plan: bool,
    /// Boundary sheets.
    #[serde(default)]
    pub boundaries: bool,
}

/// The whole document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct StackV1 {
    pub version: u32,
    pub tool: ToolV1,
    pub today: String,
    pub views: Vec<ViewV1>,
}

/// One deployment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ViewV1 {
    pub name: String,
    pub context: String,
    pub running: bool,
    pub services: Vec<MapServiceV1>,
    pub networks: Vec<MapNetworkV1>,
    pub links: Vec<LinkV1>,
    pub needs: Vec<NeedV1>,
    pub externals: Vec<ExternalV1>,
    pub segmentation: SegmentationV1,
    /// The stack's blast radius, 0 to 100.
    pub blast: u8,
    pub grade: String,
    /// Where breaches start unless somebody says otherwise.
    pub starts: Vec<String>,
    pub cuts: Vec<CutV1>,
    pub breaches: Vec<BreachV1>,
    pub plans: Vec<PlanV1>,
    pub boundaries: Vec<BoundarySheetV1>,
}

/// A text that shows something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct EvidenceV1 {
    pub label: String,
    pub location: Option<LocationV1>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct MapServiceV1 {
    pub name: String,
    pub role: String,
    pub group: String,
    pub image: String,
    pub location: LocationV1,
    pub exposed: bool,
    /// Whether it stays: a job that ends is no neighbour.
    pub stays: bool,
    pub networks: Vec<String>,
    pub network_mode: Option<String>,
    pub published: Vec<PublishedV1>,
    pub doors: Vec<DoorV1>,
    pub tier: String,
    /// Its own blast radius, 0 to 100.
    pub blast: u8,
    pub grade: String,
    pub duties: Vec<String>,
    pub entries: Vec<EvidenceV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PublishedV1 {
    pub host: String,
    pub target: Option<u16>,
    pub reach: String,
    pub location: LocationV1,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct DoorV1 {
    pub kind: String,
    pub gives: String,
    pub reason: String,
    pub evidence: Vec<EvidenceV1>,
    pub rule: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct MapNetworkV1 {
    pub name: String,
    pub internal: bool,
    pub external: bool,
    pub isolated: bool,
    pub location: Option<LocationV1>,
    pub members: Vec<String>,
}

/// A connection that can be opened. `from` and `to` are a service's name, or `internet`, `host`, `host-loopback`, `metadata`, or
/// `external:` and a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct LinkV1 {
    pub from: String,
    pub to: String,
    pub kind: String,
    pub ports: Vec<u16>,
    pub networks: Vec<String>,
    pub evidence: Vec<EvidenceV1>,
    pub rule: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct NeedV1 {
    pub from: String,
    pub to: String,
    pub confidence: u8,
    pub needed: bool,
    pub evidence: EvidenceV1,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ExternalV1 {
    pub name: String,
    pub evidence: EvidenceV1,
}

/// Unordered pairs, by name.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct SegmentationV1 {
    pub possible: Vec<(String, String)>,
    pub needed: Vec<(String, String)>,
    pub excess: Vec<(String, String)>,
    pub missing: Vec<(String, String)>,
    pub index: u8,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct CutV1 {
    pub rule: Option<String>,
    pub change: String,
    pub location: LocationV1,
    pub paths_cut: usize,
    pub before: u8,
    pub after: u8,
}

/// What happens when a service falls.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct BreachV1 {
    pub start: String,
    pub level: String,
    pub enumerated: Vec<String>,
    pub paths: Vec<PathV1>,
    pub reached: Vec<ReachedV1>,
    pub secrets: Vec<ReadSecretV1>,
    pub externals: Vec<String>,
    pub spared: Vec<SparedV1>,
    pub tier: String,
    pub tier_meaning: String,
    pub escapes: Vec<EscapeV1>,
    pub egress: bool,
    pub metadata: bool,
    pub blast: u8,
    pub grade: String,
    pub items: Vec<BlastItemV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PathV1 {
    pub to: PositionV1,
    pub cost: u32,
    pub steps: Vec<StepV1>,
}

/// `place` is a service's name, `host`, or `external:` and a name; `level` is there for services.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PositionV1 {
    pub place: String,
    pub level: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct StepV1 {
    pub from: PositionV1,
    pub to: PositionV1,
    pub verb: String,
    pub cost: u8,
    pub reason: String,
    pub link: Option<String>,
    pub networks: Vec<String>,
    pub evidence: Vec<EvidenceV1>,
    pub rule: Option<String>,
    pub shown_by: Vec<EvidenceV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ReachedV1 {
    pub service: String,
    pub level: String,
    pub hold: String,
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct ReadSecretV1 {
    pub name: String,
    pub services: Vec<String>,
    pub class: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct SparedV1 {
    pub service: String,
    pub why: String,
    pub evidence: Vec<EvidenceV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct EscapeV1 {
    pub service: String,
    pub reason: String,
    pub evidence: Vec<EvidenceV1>,
}

/// `weight` in per cent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct BlastItemV1 {
    pub what: String,
    pub weight: u8,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PlanV1 {
    pub preset: String,
    pub exact: bool,
    pub networks: Vec<PlannedNetworkV1>,
    pub excess: Vec<(String, String)>,
    pub index_before: u8,
    pub index_after: u8,
    pub blast_before: u8,
    /// `None` when the patch cannot be written, so that nothing could be analysed again.
    pub blast_after: Option<u8>,
    pub alone: Vec<String>,
    pub unpublished: Vec<EvidenceV1>,
    pub remarks: Vec<String>,
    /// The patch; `None` when it cannot be written, `refused` says why.
    pub fix: Option<FixV1>,
    pub refused: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct PlannedNetworkV1 {
    pub name: String,
    pub members: Vec<String>,
    pub internal: bool,
    pub why: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct BoundarySheetV1 {
    pub service: String,
    pub boundaries: Vec<BoundaryV1>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the published schema documents every key")]
pub struct BoundaryV1 {
    pub name: String,
    pub title: String,
    pub standing: String,
    pub state: String,
    pub evidence: Vec<EvidenceV1>,
}
