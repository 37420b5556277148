//! The plan: what to instantiate in which order, and which functions the plug-in offers.

use crate::error::series;
use crate::items::{Item, Lifted};
use crate::read::Walk;
use crate::scan::{Depth, scan};
use crate::shape::{self, CHECK, DESCRIBE, compare};
use crate::{Bounds, LinkError};
use plimsoll_plugin_abi::{INTERFACE_NAME, INTERFACE_VERSION, Limits};
use std::rc::Rc;

/// How to put a plug-in together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The interface it exports, with its version.
    pub interface: String,
    /// Core modules, their memories and tables capped.
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
        name: Rc<str>,
    },
    /// A call out of the plug-in, or between its components: a function that fails.
    Refused,
}

/// A function of the interface, as the canonical ABI calls it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiftedFunction {
    /// The function itself.
    pub function: Core,
    /// How many parameters it has.
    pub parameters: u32,
    /// Where its values are.
    pub memory: Core,
    /// Makes room for arguments.
    pub realloc: Option<Core>,
    /// Is called when the result has been read.
    pub post_return: Option<Core>,
}

pub(crate) fn plan(bytes: &[u8], limits: &Limits, bounds: &Bounds) -> Result<Plan, LinkError> {
    let outside = scan(bytes, limits, Depth::Everything)?;
    if !outside.imports.is_empty() {
        return Err(LinkError::Imports(outside.imports));
    }
    let name = interface(&outside.exports)?;
    let mut walk = Walk::new(bytes, limits, bounds)?;
    let exports = walk.root()?;
    let instance = match exports.get(name) {
        Some(Item::Instance(index)) => walk.instances.get(*index),
        _ => None,
    };
    let instance = instance.ok_or_else(|| LinkError::Shape("it is no instance".to_owned()))?;
    let function = |wanted: &shape::Function| match instance.get(wanted.name) {
        Some(Item::Function(Some(lifted))) => {
            for ty in [Some(lifted.ty), lifted.exported_as].into_iter().flatten() {
                compare(&walk.types, ty, wanted).map_err(LinkError::Shape)?;
            }
            lifted_function(lifted, wanted)
        }
        Some(_) => Err(LinkError::Shape(format!("{}: expected a function", wanted.name))),
        None => Err(LinkError::Shape(format!("{} is missing", wanted.name))),
    };
    let (describe, check) = (function(&DESCRIBE)?, function(&CHECK)?);
    if check.realloc.is_none() {
        return Err(LinkError::Compile("the canonical option `realloc` of check is missing".to_owned()));
    }
    Ok(Plan { interface: name.to_owned(), describe, check, modules: walk.modules, steps: walk.steps })
}

/// The exported interface that is used: the first whose version fits, as in the host. Whatever else is exported does not matter.
fn interface(exports: &[String]) -> Result<&str, LinkError> {
    let mut other = None;
    for name in exports {
        let Some(version) = name.strip_prefix(INTERFACE_NAME).and_then(|rest| rest.strip_prefix('@')) else { continue };
        if series(version).is_some() && series(version) == series(INTERFACE_VERSION) {
            return Ok(name);
        }
        other = other.or(Some(version));
    }
    Err(other.map_or(LinkError::NoInterface, |version| LinkError::Version(version.to_owned())))
}

fn lifted_function(lifted: &Lifted, wanted: &shape::Function) -> Result<LiftedFunction, LinkError> {
    let Lifted { function, memory, realloc, post_return, .. } = lifted.clone();
    let missing = || LinkError::Compile(format!("the canonical option `memory` of {} is missing", wanted.name));
    let (memory, parameters) = (memory.ok_or_else(missing)?, wanted.flat);
    Ok(LiftedFunction { function, parameters, memory, realloc, post_return })
}
