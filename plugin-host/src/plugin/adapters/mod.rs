//! One adapter for each published version of the interface.
//!
//! Nothing within a version ever changes: a record is matched exactly, so a plug-in of that version runs for as long as its adapter
//! is here. A new version is a new file beside this one:
//!
//! 1. keep the old version's text as `plugins/abi/wit-0.1/`, and let `v0_1.rs` generate its bindings from there;
//! 2. the types of [`plimsoll_plugin_abi`] follow the new version, so `v0_1.rs` now writes out how its own differ (a field that is
//!    new gets the value it would have had before), instead of `conversions!`;
//! 3. `v0_2.rs` is what `v0_1.rs` was, with its own number; it is put in front in [`ALL`].
//!
//! A plug-in may export several versions, and interfaces that are not known here: the newest known one is used, the rest ignored.

mod v0_1;

use super::engine::Guard;
use super::error::PluginError;
use plimsoll_plugin_abi::{self as abi, INTERFACE_NAME};
use std::any::Any;
use std::sync::OnceLock;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

/// What talks to plug-ins of one version.
pub(super) trait Adapter: Sync {
    /// Its version, as far as it decides: the major number, and the minor one while that is 0.
    fn series(&self) -> (u64, u64);

    /// Finds the interface in a component.
    fn prepare(&self, linker: &Linker<Guard>, component: &Component) -> wasmtime::Result<Box<dyn Prepared>>;

    /// A project as this version's plug-ins take it.
    fn input(&self, project: &abi::Project) -> Foreign;
}

/// A component that exports the interface.
pub(super) trait Prepared: Send + Sync {
    /// Instantiates it; types are compared here.
    fn start(&self, store: &mut Store<Guard>) -> wasmtime::Result<Box<dyn Instance>>;
}

/// A running plug-in.
pub(super) trait Instance {
    /// What it says of itself.
    fn describe(&self, store: &mut Store<Guard>) -> wasmtime::Result<abi::Metadata>;

    /// What it finds.
    fn check(&self, store: &mut Store<Guard>, input: &Foreign, settings: &str) -> wasmtime::Result<Answer>;
}

/// What a plug-in answers.
pub(super) type Answer = Result<Vec<abi::Finding>, abi::Error>;

/// A project in the types of one version.
pub(super) type Foreign = Box<dyn Any + Send + Sync>;

/// All versions, the newest first.
const ALL: [&dyn Adapter; 1] = [&v0_1::V0_1];

/// The adapter for a plug-in.
pub(super) struct Chosen {
    /// The name of the export it uses.
    pub(super) export: String,
    pub(super) adapter: &'static dyn Adapter,
    place: usize,
}

/// Chooses by what a component exports.
pub(super) fn of(exports: &[String]) -> Result<Chosen, PluginError> {
    let offered: Vec<(&String, &str)> =
        exports.iter().filter_map(|name| Some((name, name.strip_prefix(INTERFACE_NAME)?.strip_prefix('@')?))).collect();
    for (place, adapter) in ALL.into_iter().enumerate() {
        if let Some((export, _)) = offered.iter().find(|(_, version)| series(version) == Some(adapter.series())) {
            return Ok(Chosen { export: (*export).clone(), adapter, place });
        }
    }
    let oldest = ALL.last().map(|adapter| adapter.series());
    match offered.first() {
        None => Err(PluginError::NoInterface),
        Some((_, version)) => {
            Err(PluginError::Version { found: (*version).to_owned(), plugin_is_older: series(version) < oldest })
        }
    }
}

/// While the major number is 0, the minor number breaks.
fn series(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse::<u64>().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, if major == 0 { minor } else { 0 }))
}

/// A project as plug-ins see it, described once for all plug-ins of a run.
pub struct Input {
    project: abi::Project,
    foreign: [OnceLock<Foreign>; ALL.len()],
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("documents", &self.project.documents.len()).finish_non_exhaustive()
    }
}

impl Input {
    /// Describes a project.
    #[must_use]
    pub fn of(project: &plimsoll_core::project::Project<'_>) -> Self {
        Self { project: plimsoll_core::plugin::describe(project), foreign: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// The description.
    #[must_use]
    pub fn project(&self) -> &abi::Project {
        &self.project
    }

    /// Bytes of its documents: what fuel is given for.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.project.documents.iter().map(|document| document.text.len()).fold(0, usize::saturating_add)
    }

    pub(super) fn for_plugin(&self, chosen: &Chosen) -> Option<&Foreign> {
        let foreign = self.foreign.get(chosen.place)?;
        Some(foreign.get_or_init(|| chosen.adapter.input(&self.project)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn chosen(exports: &[&str]) -> Result<String, PluginError> {
        let exports: Vec<String> = exports.iter().map(|name| (*name).to_owned()).collect();
        of(&exports).map(|chosen| chosen.export)
    }

    #[test]
    fn every_published_version_has_its_adapter_and_the_newest_is_the_own_one() {
        assert_eq!(chosen(&[abi::INTERFACE]).unwrap(), abi::INTERFACE);
        assert_eq!(Some(ALL[0].series()), series(abi::INTERFACE_VERSION));
        let mut sorted: Vec<_> = ALL.iter().map(|adapter| adapter.series()).collect();
        sorted.sort_unstable();
        sorted.reverse();
        sorted.dedup();
        assert_eq!(sorted, ALL.iter().map(|adapter| adapter.series()).collect::<Vec<_>>());
    }

    #[test]
    fn versions_tell_who_is_old() {
        let of = |version: &str| chosen(&[&format!("{INTERFACE_NAME}@{version}")]);
        assert!(of("0.1.0").is_ok() && of("0.1.7").is_ok() && of("0.1.0-rc.1").is_ok());
        assert!(matches!(of("0.0.9"), Err(PluginError::Version { plugin_is_older: true, .. })));
        assert!(matches!(of("0.2.0"), Err(PluginError::Version { plugin_is_older: false, .. })));
        assert!(matches!(of("1.0.0"), Err(PluginError::Version { plugin_is_older: false, .. })));
        assert!(matches!(of("x"), Err(PluginError::Version { .. })));
        assert!(matches!(chosen(&[]), Err(PluginError::NoInterface)));
        assert!(matches!(chosen(&["plimsoll:plugin/rulesets@0.1.0", "check"]), Err(PluginError::NoInterface)));
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let exports = [
            "plimsoll:plugin/fixes@1.0.0",
            "plimsoll:plugin/rules@9.0.0",
            "plimsoll:plugin/rules@0.1.3",
            "other:kit/api@2.0.0",
        ];
        assert_eq!(chosen(&exports).unwrap(), "plimsoll:plugin/rules@0.1.3");
    }

    #[test]
    fn from_1_on_only_the_major_number_breaks() {
        assert_eq!(series("1.4.2"), Some((1, 0)));
        assert_eq!(series("0.4.2"), Some((0, 4)));
        assert_eq!(series("1"), None);
    }
}
