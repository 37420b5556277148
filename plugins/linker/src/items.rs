//! What a component's definitions stand for while the plan is made.

use crate::LinkError;
use crate::plan::{Core, Imports};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use wasmparser::{ComponentExternalKind, ExternalKind};

/// Exports by name.
pub(crate) type Exports = BTreeMap<String, Item>;

/// A lifted function.
#[derive(Clone, Debug)]
pub(crate) struct Lifted {
    pub(crate) function: Core,
    pub(crate) memory: Option<Core>,
    pub(crate) realloc: Option<Core>,
    pub(crate) post_return: Option<Core>,
}

/// A component inside of the component: its bytes, and the components around it, which it may name.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) bytes: Range<usize>,
    pub(crate) around: Vec<Rc<Vec<Item>>>,
}

/// A definition at component level.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A function; `None` when it comes from outside and so fails.
    Function(Option<Rc<Lifted>>),
    /// An instance.
    Instance(Rc<Exports>),
    /// A component.
    Component(Rc<Definition>),
    /// A core module.
    Module(usize),
    /// A type or a value, of which the plan needs nothing.
    Nothing,
}

/// The index spaces of one component.
#[derive(Default)]
pub(crate) struct Space {
    pub(crate) modules: Vec<Item>,
    pub(crate) functions: Vec<Item>,
    pub(crate) instances: Vec<Item>,
    pub(crate) components: Vec<Item>,
    pub(crate) core_instances: Vec<Imports>,
    core: [Vec<Core>; 5],
}

impl Space {
    /// A definition by kind and index.
    pub(crate) fn get(&self, kind: ComponentExternalKind, index: u32) -> Result<Item, LinkError> {
        let space = match kind {
            ComponentExternalKind::Module => &self.modules,
            ComponentExternalKind::Func => &self.functions,
            ComponentExternalKind::Instance => &self.instances,
            ComponentExternalKind::Component => &self.components,
            _ => return Ok(Item::Nothing),
        };
        at(space, index).cloned()
    }

    /// Adds a definition under the next index of its kind.
    pub(crate) fn push(&mut self, kind: ComponentExternalKind, item: Item) {
        match kind {
            ComponentExternalKind::Module => self.modules.push(item),
            // Whatever is not a function of ours comes from outside.
            ComponentExternalKind::Func => {
                self.functions.push(if matches!(item, Item::Function(_)) { item } else { Item::Function(None) })
            }
            ComponentExternalKind::Instance => self.instances.push(item),
            ComponentExternalKind::Component => self.components.push(item),
            _ => {}
        }
    }

    /// A core definition by kind and index.
    pub(crate) fn core(&self, kind: ExternalKind, index: u32) -> Result<Core, LinkError> {
        self.core.get(slot(kind)).map_or_else(|| Err(unknown()), |space| at(space, index).cloned())
    }

    /// Adds a core definition under the next index of its kind.
    pub(crate) fn push_core(&mut self, kind: ExternalKind, core: Core) {
        if let Some(space) = self.core.get_mut(slot(kind)) {
            space.push(core);
        }
    }
}

fn slot(kind: ExternalKind) -> usize {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => 0,
        ExternalKind::Table => 1,
        ExternalKind::Memory => 2,
        ExternalKind::Global => 3,
        ExternalKind::Tag => 4,
    }
}

/// An entry of an index space.
pub(crate) fn at<T>(space: &[T], index: u32) -> Result<&T, LinkError> {
    space.get(index as usize).ok_or_else(unknown)
}

fn unknown() -> LinkError {
    LinkError::Malformed("it refers to something that is not defined".to_owned())
}
