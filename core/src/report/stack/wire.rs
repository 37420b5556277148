//! From a project to the document: the graph of each deployment and what is computed from it, with places as people and editors
//! count them. Scanned text is made visible here, so that no reader has to.

mod breach;
mod map;
mod plan;

use super::{BoundarySheetV1, BoundaryV1, EvidenceV1, PositionV1, StackV1, ViewV1, Wanted};
use crate::graph::model::{End, Evidence, Graph, ServiceId};
use crate::graph::outcome::{Position, StackBreach};
use crate::graph::{self, boundary, segment, walk};
use crate::project::{Project, View};
use crate::report::json::{Places, ToolV1};
use crate::text::visible;

/// The name that stands for the usual starts of breaches.
const USUAL: &str = "*";

/// The document. Deployments that are no more than a Dockerfile are left out unless there is nothing else, or one is asked for by
/// name.
#[must_use]
pub fn wire(project: &Project<'_>, wanted: &Wanted) -> StackV1 {
    let places = Places::new(project.sources);
    let views = chosen(project, wanted.view.as_deref());
    StackV1 {
        version: 1,
        tool: ToolV1 { name: "plimsoll".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        today: project.today.to_string(),
        views: views.into_iter().map(|one| view(project, one, wanted, &places)).collect(),
    }
}

fn chosen<'p>(project: &'p Project<'_>, name: Option<&str>) -> Vec<&'p View> {
    let inhabited = || project.views.iter().filter(|view| !view.services.is_empty());
    if let Some(name) = name {
        return inhabited().filter(|view| visible(&view.name) == name).collect();
    }
    let whole: Vec<&View> = inhabited().filter(|view| !view.standalone).collect();
    if whole.is_empty() { inhabited().collect() } else { whole }
}

fn view(project: &Project<'_>, view: &View, wanted: &Wanted, places: &Places<'_>) -> ViewV1 {
    let graph = graph::of(project, view);
    let stack = walk::stack(&graph);
    let wire = Wire { graph: &graph, places };
    ViewV1 {
        name: visible(&graph.view),
        context: graph.context.to_owned(),
        running: graph.is_running,
        services: wire.services(&stack),
        networks: wire.networks(),
        links: wire.links(),
        needs: wire.needs(),
        externals: wire.externals(),
        segmentation: wire.segmentation(&segment::segmentation(&graph)),
        blast: stack.blast,
        grade: stack.grade.to_string(),
        starts: wire.names(&stack.starts),
        cuts: stack.cuts.iter().map(|cut| wire.cut(cut)).collect(),
        breaches: breaches(&wire, &stack, wanted),
        plans: if wanted.plan { wire.plans(project, view, stack.blast) } else { Vec::new() },
        boundaries: if wanted.boundaries { sheets(project, view, &wire) } else { Vec::new() },
    }
}

fn breaches(wire: &Wire<'_>, stack: &StackBreach, wanted: &Wanted) -> Vec<super::BreachV1> {
    let asked = |id: ServiceId| {
        let name = wire.name(id);
        wanted.breach.iter().any(|one| *one == name || (one == USUAL && stack.starts.contains(&id)))
    };
    let known = |id: ServiceId| stack.breaches.iter().find(|breach| breach.start == id);
    (0..wire.graph.services.len())
        .filter(|id| asked(*id))
        .map(|id| known(id).map_or_else(|| wire.breach(&walk::breach(wire.graph, id)), |breach| wire.breach(breach)))
        .collect()
}

fn sheets(project: &Project<'_>, view: &View, wire: &Wire<'_>) -> Vec<BoundarySheetV1> {
    let sheet = |service| {
        let sheet = boundary::sheet(service);
        BoundarySheetV1 {
            service: visible(&sheet.service),
            boundaries: sheet
                .boundaries
                .iter()
                .map(|one| BoundaryV1 {
                    name: one.name.to_owned(),
                    title: one.title.to_owned(),
                    standing: one.standing.as_str().to_owned(),
                    state: visible(&one.state),
                    evidence: wire.evidence(&one.evidence),
                })
                .collect(),
        }
    };
    project.services_of(view).map(sheet).collect()
}

/// A graph with what turns its places into lines and columns.
struct Wire<'a> {
    graph: &'a Graph,
    places: &'a Places<'a>,
}

impl Wire<'_> {
    fn name(&self, service: ServiceId) -> String {
        self.graph.services.get(service).map(|service| visible(&service.name)).unwrap_or_default()
    }

    fn names(&self, services: &[ServiceId]) -> Vec<String> {
        services.iter().map(|service| self.name(*service)).collect()
    }

    fn pairs(&self, pairs: &[(ServiceId, ServiceId)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| (self.name(*a), self.name(*b))).collect()
    }

    fn external(&self, external: usize) -> String {
        self.graph.externals.get(external).map(|one| visible(&one.name)).unwrap_or_default()
    }

    fn end(&self, end: End) -> String {
        match end {
            End::Internet => "internet".to_owned(),
            End::HostLoopback => "host-loopback".to_owned(),
            End::Host => "host".to_owned(),
            End::Metadata => "metadata".to_owned(),
            End::Service(service) => self.name(service),
            End::External(external) => format!("external:{}", self.external(external)),
        }
    }

    fn position(&self, position: Position) -> PositionV1 {
        let place = |place| PositionV1 { place, level: None };
        match position {
            Position::At(service, level) => {
                PositionV1 { place: self.name(service), level: Some(level.as_str().to_owned()) }
            }
            Position::Host => place(self.end(End::Host)),
            Position::External(external) => place(self.end(End::External(external))),
        }
    }

    fn one(&self, evidence: &Evidence) -> EvidenceV1 {
        EvidenceV1 { label: visible(&evidence.label), location: evidence.at.map(|at| self.places.location(at)) }
    }

    fn evidence(&self, evidence: &[Evidence]) -> Vec<EvidenceV1> {
        evidence.iter().map(|one| self.one(one)).collect()
    }
}

#[cfg(test)]
mod tests;
