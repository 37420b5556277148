//! Services, networks, connections and needs as wire structs.

use super::Wire;
use crate::graph::model::{Cause, Door, Link, NeededPath, Published, ServiceNode};
use crate::graph::outcome::{Segmentation, StackBreach};
use crate::report::stack::{
    DoorV1, EvidenceV1, ExternalV1, LinkV1, MapNetworkV1, MapServiceV1, NeedV1, PublishedV1, SegmentationV1,
};
use crate::text::visible;

/// The rule that reports a fault.
pub(super) fn rule(cause: Option<&Cause>) -> Option<String> {
    cause.and_then(|cause| cause.rule).map(str::to_owned)
}

impl Wire<'_> {
    pub(super) fn services(&self, stack: &StackBreach) -> Vec<MapServiceV1> {
        let blast = |id: usize| stack.breaches.iter().find(|breach| breach.start == id).map(|breach| &breach.blast);
        self.graph.services.iter().enumerate().map(|(id, service)| self.service(service, blast(id))).collect()
    }

    fn service(&self, service: &ServiceNode, blast: Option<&crate::graph::outcome::Blast>) -> MapServiceV1 {
        let mut duties: Vec<String> = service.duties.iter().map(|(duty, _)| (*duty).to_owned()).collect();
        duties.dedup();
        MapServiceV1 {
            name: visible(&service.name),
            role: service.role.to_owned(),
            group: service.group.to_owned(),
            image: visible(&service.image),
            location: self.places.location(service.at),
            exposed: service.is_exposed,
            stays: service.stays,
            networks: service.networks.iter().map(|name| visible(name)).collect(),
            network_mode: service.network_mode.as_deref().map(visible),
            published: service.published.iter().map(|one| self.published(one)).collect(),
            doors: service.doors.iter().map(|door| self.door(door)).collect(),
            tier: service.tier().as_str().to_owned(),
            blast: blast.map_or(0, |blast| blast.score),
            grade: blast.map_or('A', |blast| blast.grade).to_string(),
            duties,
            entries: service.entries.iter().map(|way| self.entry(way)).collect(),
        }
    }

    fn published(&self, one: &Published) -> PublishedV1 {
        PublishedV1 {
            host: visible(&one.host),
            target: one.target,
            reach: one.reach.to_owned(),
            location: self.places.location(one.at),
        }
    }

    fn door(&self, door: &Door) -> DoorV1 {
        DoorV1 {
            kind: door.kind.as_str().to_owned(),
            gives: door.gives.as_str().to_owned(),
            reason: visible(&door.reason),
            evidence: self.evidence(&door.evidence),
            rule: rule(door.cause.as_ref()),
        }
    }

    /// A way in, at the first place that shows it.
    fn entry(&self, way: &crate::graph::model::EntryWay) -> EvidenceV1 {
        let at = way.evidence.iter().find_map(|one| one.at);
        EvidenceV1 { label: visible(&way.reason), location: at.map(|at| self.places.location(at)) }
    }

    pub(super) fn networks(&self) -> Vec<MapNetworkV1> {
        let network = |network: &crate::graph::model::NetworkNode| MapNetworkV1 {
            name: visible(&network.name),
            internal: network.internal,
            external: network.external,
            isolated: network.isolated,
            location: network.at.map(|at| self.places.location(at)),
            members: self.names(&network.members),
        };
        self.graph.networks.iter().map(network).collect()
    }

    pub(super) fn links(&self) -> Vec<LinkV1> {
        let link = |link: &Link| LinkV1 {
            from: self.end(link.from),
            to: self.end(link.to),
            kind: link.kind.as_str().to_owned(),
            ports: link.ports.clone(),
            networks: link.networks.iter().map(|name| visible(name)).collect(),
            evidence: self.evidence(&link.evidence),
            rule: rule(link.cause.as_ref()),
        };
        self.graph.links.iter().map(link).collect()
    }

    pub(super) fn needs(&self) -> Vec<NeedV1> {
        let need = |need: &NeededPath| NeedV1 {
            from: self.name(need.from),
            to: self.name(need.to),
            confidence: need.confidence,
            needed: need.is_needed(),
            evidence: self.one(&need.evidence),
        };
        self.graph.needs.iter().map(need).collect()
    }

    pub(super) fn externals(&self) -> Vec<ExternalV1> {
        let externals = self.graph.externals.iter();
        externals.map(|one| ExternalV1 { name: visible(&one.name), evidence: self.one(&one.evidence) }).collect()
    }

    pub(super) fn segmentation(&self, all: &Segmentation) -> SegmentationV1 {
        SegmentationV1 {
            possible: self.pairs(&all.possible),
            needed: self.pairs(&all.needed),
            excess: self.pairs(&all.excess),
            missing: self.pairs(&all.missing),
            index: all.index,
        }
    }
}
