//! Which plug-ins run, on what, and whose answers are good.

use super::{Input, Job, Plugin, Shelf};
use std::rc::Rc;

impl Shelf {
    /// Whether the project of a revision is to be told together with its analysis.
    pub(crate) fn asks(&self, revision: u64) -> bool {
        self.asked == Some(revision)
    }

    /// Whether a plug-in waits for the project of a revision to be asked for.
    pub(crate) fn is_waiting(&self, revision: u64) -> bool {
        !self.asks(revision) && self.is_busy(revision)
    }

    /// Whether an answer about a revision is still to come.
    pub(crate) fn is_busy(&self, revision: u64) -> bool {
        self.plugins.iter().any(|plugin| self.needs(plugin, revision))
    }

    /// Whether a plug-in still has to say what it thinks of a revision.
    pub(crate) fn needs(&self, plugin: &Plugin, revision: u64) -> bool {
        let answered = plugin.answered.as_ref().filter(|one| one.wish == plugin.wish);
        self.runs(plugin) && answered.is_none_or(|one| one.revision != revision)
    }

    /// Whether it takes part at all.
    pub(super) fn runs(&self, plugin: &Plugin) -> bool {
        plugin.on && plugin.broken.is_none() && self.named_before(plugin).is_none()
    }

    /// The plug-in that has its name already: a rule's name says whose it is.
    pub(super) fn named_before(&self, plugin: &Plugin) -> Option<&Plugin> {
        let name = plugin.name()?;
        let before = self.plugins.iter().take_while(|other| other.id != plugin.id);
        before.filter(|other| other.on && other.broken.is_none()).find(|other| other.name() == Some(name))
    }

    /// The runs that are wanted, in order; `empty` when there are no files.
    pub(crate) fn jobs(&self, revision: u64, empty: bool) -> Vec<Job> {
        let project = self.project.as_ref().filter(|(of, _)| *of == revision && !empty).map(|(_, text)| text.clone());
        let wanted = self.plugins.iter().filter(|plugin| self.needs(plugin, revision));
        // Without files there is nothing to find, but what it is can be asked.
        let wanted = wanted.filter(|plugin| project.is_some() || (empty && plugin.about.is_none()));
        let job = |plugin: &Plugin| Job {
            id: plugin.id,
            wish: plugin.wish,
            revision,
            bytes: plugin.bytes.clone(),
            settings: Rc::clone(&plugin.settings),
            project: project.clone(),
        };
        wanted.map(job).collect()
    }

    /// The answers that are good for a revision.
    pub(crate) fn inputs(&self, revision: u64) -> Vec<Input> {
        let good = |plugin: &Plugin| {
            let answered =
                plugin.answered.as_ref().filter(|one| one.wish == plugin.wish && one.revision == revision)?;
            let (about, findings) = (plugin.about.clone()?, answered.outcome.clone().ok()?);
            Some(Input { id: plugin.id, about, findings, off: plugin.off.clone() })
        };
        self.plugins.iter().filter(|plugin| self.runs(plugin)).filter_map(good).collect()
    }
}
