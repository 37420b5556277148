//! Plans of networks with their patches as wire structs.

use super::Wire;
use crate::fix::Fix;
use crate::graph::outcome::{Plan, Preset};
use crate::graph::{patch, plan};
use crate::project::{Project, View};
use crate::report::stack::{EvidenceV1, PlanV1, PlannedNetworkV1};
use crate::text::visible;

impl Wire<'_> {
    /// The plan of every preset, as far as there is one.
    pub(super) fn plans(&self, project: &Project<'_>, view: &View, before: u8) -> Vec<PlanV1> {
        let plan = |preset: &Preset| {
            let plan = plan::plan(self.graph, *preset)?;
            let fix = patch::patch(project, view, self.graph, &plan);
            let after = fix.as_ref().ok().and_then(|fix| patch::after(project, view, fix));
            Some(self.plan(&plan, fix, (before, after)))
        };
        Preset::ALL.iter().filter_map(plan).collect()
    }

    /// What the analysis of the patched files says goes before what the plan promised.
    fn plan(&self, plan: &Plan, fix: Result<Fix, String>, (before, after): (u8, Option<(u8, u8)>)) -> PlanV1 {
        let (fix, refused) = match fix {
            Ok(fix) => (Some(self.places.fix(&fix)), None),
            Err(why) => (None, Some(visible(&why))),
        };
        PlanV1 {
            preset: plan.preset.as_str().to_owned(),
            exact: plan.exact,
            networks: self.planned(plan),
            excess: self.pairs(&plan.excess),
            index_before: plan.index.0,
            index_after: after.map_or(plan.index.1, |(index, _)| index),
            blast_before: before,
            blast_after: after.map(|(_, blast)| blast),
            alone: self.names(&plan.alone),
            unpublished: self.unpublished(plan),
            remarks: plan.remarks.iter().map(|remark| visible(remark)).collect(),
            fix,
            refused,
        }
    }

    fn planned(&self, plan: &Plan) -> Vec<PlannedNetworkV1> {
        let networks = plan.networks.iter().map(|network| PlannedNetworkV1 {
            name: visible(&network.name),
            members: self.names(&network.members),
            internal: network.internal,
            why: visible(&network.why),
        });
        networks.collect()
    }

    /// Each port with its service: the evidence alone says only which port.
    fn unpublished(&self, plan: &Plan) -> Vec<EvidenceV1> {
        let one = |(service, evidence): &(usize, crate::graph::model::Evidence)| {
            let mut wire = self.one(evidence);
            let name = self.name(*service);
            if !wire.label.contains(&name) {
                wire.label = format!("{name}: {}", wire.label);
            }
            wire
        };
        plan.unpublished.iter().map(one).collect()
    }
}
