//! What the answers come to in a report, and what is told of those that fail.

use super::{Plugin, Shelf, Told};
use crate::listing::{Item, Results};
use crate::plugins::about::Failure;
use crate::stack::Shared;
use std::collections::{BTreeMap, BTreeSet};

impl Shelf {
    /// Why a plug-in gives no findings.
    pub(crate) fn failure(&self, plugin: &Plugin) -> Option<Shared<Failure>> {
        if let Some(broken) = &plugin.broken {
            return Some(broken.clone());
        }
        if let Some(other) = self.named_before(plugin).filter(|_| plugin.on) {
            let name = plugin.name().unwrap_or_default();
            return Some(Shared::new(Failure::new(
                "name",
                &format!("its name `{name}` belongs to {}, which is loaded already", other.file),
                "Switch one of the two off, or remove it.",
            )));
        }
        let answered = plugin.answered.as_ref().filter(|one| one.wish == plugin.wish && plugin.on)?;
        answered.outcome.as_ref().err().cloned()
    }

    /// Plug-ins that are on and failed, or gave findings that were left out.
    pub(crate) fn troubled(&self) -> Vec<&Plugin> {
        let troubled = |plugin: &&Plugin| plugin.on && (self.failure(plugin).is_some() || !plugin.problems.is_empty());
        self.plugins.iter().filter(troubled).collect()
    }

    /// What a report said of the answers it was made with.
    pub(crate) fn hear(&mut self, told: &[Told]) {
        for one in told {
            if let Some(plugin) = self.find(one.id) {
                plugin.problems.clone_from(&one.problems);
            }
            if let Some(text) = &one.refused {
                self.refuse(one.id, text);
            }
        }
    }

    /// Makes an answer a failure.
    pub(super) fn refuse(&mut self, id: u32, text: &str) {
        if let Some(answered) = self.find(id).and_then(|plugin| plugin.answered.as_mut()) {
            answered.outcome = Err(Shared::new(Failure::new("refused", text, "Tell whoever wrote it.")));
        }
    }

    /// Adds to a report the findings of plug-ins whose answer for it is still to come, as they were in the report before.
    pub(crate) fn complete(&self, results: &mut Results, before: Option<&Results>, revision: u64) {
        self.keep_awaited(results, before, revision);
        let rules: BTreeSet<&str> = results.items.iter().map(|item| item.finding.rule.as_str()).collect();
        let title = |whole: &str| {
            let (name, id) = whole.split_once('/')?;
            let about = self.plugins.iter().find(|plugin| plugin.name() == Some(name))?.about.as_ref()?;
            let rule = about.metadata.rules.iter().find(|rule| rule.id == id)?;
            Some((whole.to_owned(), plimsoll_core::text::shorten(&rule.title, 200).into()))
        };
        results.titles = rules.into_iter().filter_map(title).collect();
    }

    fn keep_awaited(&self, results: &mut Results, before: Option<&Results>, revision: u64) {
        let Some(before) = before else { return };
        let awaited: BTreeMap<&str, &BTreeSet<String>> = self
            .plugins
            .iter()
            .filter(|plugin| self.runs(plugin) && !results.told.iter().any(|told| told.id == plugin.id))
            .filter(|plugin| self.needs(plugin, revision) || self.failure(plugin).is_none())
            .filter_map(|plugin| Some((plugin.name()?, &plugin.off)))
            .collect();
        if awaited.is_empty() {
            return;
        }
        let is_awaited = |item: &&Item| {
            let (name, rule) = item.finding.rule.split_once('/').unwrap_or_default();
            awaited.get(name).is_some_and(|off| !off.contains(rule))
        };
        results.items.extend(before.items.iter().filter(is_awaited).map(|item| Item { stale: true, ..item.clone() }));
        // The order of a report: what comes again keeps its place.
        results.items.sort_by(|a, b| {
            let place = |item: &Item| (item.finding.location.start, item.finding.location.end);
            a.level()
                .cmp(&b.level())
                .then_with(|| a.finding.location.path.cmp(&b.finding.location.path))
                .then_with(|| (place(a), &a.finding.rule).cmp(&(place(b), &b.finding.rule)))
        });
    }
}
