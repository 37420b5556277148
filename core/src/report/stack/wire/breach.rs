//! What a breach leads to, and what would cut it, as wire structs.

use super::{Wire, map::rule};
use crate::graph::outcome::{Breach, Cut, Path, Step};
use crate::report::stack::{BlastItemV1, BreachV1, CutV1, EscapeV1, PathV1, ReachedV1, ReadSecretV1, SparedV1, StepV1};
use crate::text::visible;

impl Wire<'_> {
    pub(super) fn breach(&self, breach: &Breach) -> BreachV1 {
        BreachV1 {
            start: self.name(breach.start),
            level: breach.level.as_str().to_owned(),
            enumerated: breach.enumerated.iter().map(|name| visible(name)).collect(),
            paths: breach.paths.iter().map(|path| self.path(path)).collect(),
            reached: self.reached(breach),
            secrets: self.secrets(breach),
            externals: breach.externals.iter().map(|external| self.external(*external)).collect(),
            spared: self.spared(breach),
            tier: breach.tier.as_str().to_owned(),
            tier_meaning: breach.tier.meaning().to_owned(),
            escapes: self.escapes(breach),
            egress: breach.egress,
            metadata: breach.metadata,
            blast: breach.blast.score,
            grade: breach.blast.grade.to_string(),
            items: breach
                .blast
                .items
                .iter()
                .map(|item| BlastItemV1 { what: visible(&item.what), weight: per_cent(item.weight) })
                .collect(),
        }
    }

    fn path(&self, path: &Path) -> PathV1 {
        PathV1 {
            to: self.position(path.to),
            cost: path.cost,
            steps: path.steps.iter().map(|step| self.step(step)).collect(),
        }
    }

    fn step(&self, step: &Step) -> StepV1 {
        StepV1 {
            from: self.position(step.from),
            to: self.position(step.to),
            verb: step.verb.as_str().to_owned(),
            cost: step.cost,
            reason: visible(&step.reason),
            link: step.link.map(|link| link.as_str().to_owned()),
            networks: step.networks.iter().map(|name| visible(name)).collect(),
            evidence: self.evidence(&step.evidence),
            rule: rule(step.cause.as_ref()),
            shown_by: self.evidence(&step.shown_by),
        }
    }

    fn reached(&self, breach: &Breach) -> Vec<ReachedV1> {
        let reached = breach.reached.iter().map(|one| ReachedV1 {
            service: self.name(one.service),
            level: one.level.as_str().to_owned(),
            hold: one.hold.as_str().to_owned(),
            reason: visible(&one.reason),
        });
        reached.collect()
    }

    fn secrets(&self, breach: &Breach) -> Vec<ReadSecretV1> {
        let secrets = breach.secrets.iter().map(|one| ReadSecretV1 {
            name: visible(&one.name),
            services: self.names(&one.services),
            class: one.class.as_str().to_owned(),
        });
        secrets.collect()
    }

    fn spared(&self, breach: &Breach) -> Vec<SparedV1> {
        let spared = breach.spared.iter().map(|one| SparedV1 {
            service: self.name(one.service),
            why: visible(&one.why),
            evidence: self.evidence(&one.evidence),
        });
        spared.collect()
    }

    fn escapes(&self, breach: &Breach) -> Vec<EscapeV1> {
        let escapes = breach.escapes.iter().map(|(service, reason, evidence)| EscapeV1 {
            service: self.name(*service),
            reason: visible(reason),
            evidence: self.evidence(evidence),
        });
        escapes.collect()
    }

    pub(super) fn cut(&self, cut: &Cut) -> CutV1 {
        CutV1 {
            rule: cut.cause.rule.map(str::to_owned),
            change: visible(&cut.cause.change),
            location: self.places.location(cut.cause.at),
            paths_cut: cut.paths_cut,
            before: cut.before,
            after: cut.after,
        }
    }
}

/// A weight in per cent.
fn per_cent(weight: f64) -> u8 {
    let wanted = (weight * 100.0).round();
    (0..=100).find(|number| f64::from(*number) >= wanted).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn weights_in_per_cent() {
        assert_eq!([0.0, 0.04, 0.12, 0.3, 0.85, 1.0, 1.5, -1.0].map(per_cent), [0, 4, 12, 30, 85, 100, 100, 0]);
    }
}
