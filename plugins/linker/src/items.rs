//! What a component's definitions stand for while the plan is made.

use crate::LinkError;
use crate::plan::{Core, Imports};
use crate::types::TypeId;
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
    /// What it is lifted as.
    pub(crate) ty: TypeId,
    /// What its last export calls it.
    pub(crate) exported_as: Option<TypeId>,
}

/// What a component inside of another may name of it.
#[derive(Debug)]
pub(crate) struct Outer {
    pub(crate) components: Vec<Item>,
    pub(crate) modules: Vec<Item>,
    pub(crate) types: Vec<TypeId>,
}

/// A component inside of the component: its bytes, and what is around it.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) bytes: Range<usize>,
    pub(crate) around: Vec<Rc<Outer>>,
}

/// A definition at component level.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A function; `None` when it comes from outside and so fails.
    Function(Option<Rc<Lifted>>),
    /// An instance, by its index among all of the file: one may hold another, as deep as the file likes.
    Instance(usize),
    /// A component, by its index among all of the file.
    Component(usize),
    /// A core module.
    Module(usize),
    /// A type.
    Type(TypeId),
    /// A value, of which the plan needs nothing.
    Nothing,
}

/// The index spaces of one component.
#[derive(Default)]
pub(crate) struct Space {
    pub(crate) modules: Vec<Item>,
    pub(crate) functions: Vec<Item>,
    pub(crate) instances: Vec<Item>,
    pub(crate) components: Vec<Item>,
    pub(crate) types: Vec<TypeId>,
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
            ComponentExternalKind::Type => return at(&self.types, index).copied().map(Item::Type),
            ComponentExternalKind::Value => return Ok(Item::Nothing),
        };
        at(space, index).cloned()
    }

    /// Adds a definition under the next index of its kind. For a type that nobody knows there is `unknown`.
    pub(crate) fn push(&mut self, kind: ComponentExternalKind, item: Item, unknown: TypeId) {
        match kind {
            ComponentExternalKind::Module => self.modules.push(item),
            // Whatever is not a function of ours comes from outside.
            ComponentExternalKind::Func => {
                self.functions.push(if matches!(item, Item::Function(_)) { item } else { Item::Function(None) })
            }
            ComponentExternalKind::Instance => self.instances.push(item),
            ComponentExternalKind::Component => self.components.push(item),
            ComponentExternalKind::Type => self.types.push(if let Item::Type(id) = item { id } else { unknown }),
            ComponentExternalKind::Value => {}
        }
    }

    /// A core definition by kind and index.
    pub(crate) fn core(&self, kind: ExternalKind, index: u32) -> Result<Core, LinkError> {
        self.core.get(slot(kind)).map_or_else(|| Err(undefined()), |space| at(space, index).cloned())
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
    space.get(index as usize).ok_or_else(undefined)
}

fn undefined() -> LinkError {
    LinkError::Compile("it refers to something that is not defined".to_owned())
}
