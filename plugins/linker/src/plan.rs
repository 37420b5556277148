//! The plan: what to instantiate in which order, and which functions the plug-in offers.

use crate::items::{Item, Lifted};
use crate::read::Walk;
use crate::{Limits, LinkError};
use plimsoll_plugin_abi::{INTERFACE_NAME, INTERFACE_VERSION};

/// How to put a plug-in together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Core modules, their memories capped.
    pub modules: Vec<Vec<u8>>,
    /// Instances to make, in order; a step refers to earlier ones by index.
    pub steps: Vec<Step>,
    /// `describe`.
    pub describe: LiftedFunction,
    /// `check`.
    pub check: LiftedFunction,
}

/// One instance to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Index of the module.
    pub module: usize,
    /// What it imports, by module name.
    pub imports: Vec<(String, Imports)>,
}

/// What stands under one module name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Imports {
    /// Everything that an instance exports.
    Instance(usize),
    /// Things by name.
    Items(Vec<(String, Core)>),
}

/// A function, memory, table or global.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Core {
    /// An export of an instance.
    Export {
        /// Index of the instance.
        instance: usize,
        /// The export's name.
        name: String,
    },
    /// A call out of the plug-in: a function that fails.
    Refused,
}

/// A function of the interface, as the canonical ABI calls it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiftedFunction {
    /// The function itself.
    pub function: Core,
    /// Where its values are.
    pub memory: Option<Core>,
    /// Makes room for arguments.
    pub realloc: Option<Core>,
    /// Is called when the result has been read.
    pub post_return: Option<Core>,
}

pub(crate) fn plan(bytes: &[u8], limits: &Limits) -> Result<Plan, LinkError> {
    if bytes.len() > limits.file_bytes {
        return Err(LinkError::TooLarge(bytes.len()));
    }
    match bytes.get(..8) {
        Some([0, b'a', b's', b'm', _, _, 1, 0]) => {}
        Some([0, b'a', b's', b'm', _, _, 0, 0]) => return Err(LinkError::CoreModule),
        _ => return Err(LinkError::NotWasm),
    }
    let mut walk = Walk::new(bytes, limits);
    let exports = walk.root()?;
    let versions: Vec<&str> =
        exports.keys().filter_map(|name| name.strip_prefix(INTERFACE_NAME)?.strip_prefix('@')).collect();
    // While the major number is 0, the minor number breaks.
    let version = versions.iter().find(|version| numbers(version).get(..2) == numbers(INTERFACE_VERSION).get(..2));
    let version = match (version, versions.first()) {
        (Some(version), _) => version,
        (None, Some(other)) => return Err(LinkError::Version((*other).to_owned())),
        (None, None) => return Err(LinkError::NoInterface),
    };
    let Some(Item::Instance(interface)) = exports.get(&format!("{INTERFACE_NAME}@{version}")) else {
        return Err(LinkError::NoInterface);
    };
    let function = |name: &str| match interface.get(name) {
        Some(Item::Function(Some(lifted))) => Ok(lifted.as_ref().clone().into()),
        _ => Err(LinkError::NoInterface),
    };
    let (describe, check) = (function("describe")?, function("check")?);
    Ok(Plan { describe, check, modules: walk.modules, steps: walk.steps })
}

pub(crate) fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

impl From<Lifted> for LiftedFunction {
    fn from(lifted: Lifted) -> Self {
        let Lifted { function, memory, realloc, post_return } = lifted;
        Self { function, memory, realloc, post_return }
    }
}
