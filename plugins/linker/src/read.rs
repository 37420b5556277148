//! Walks the sections of a component and writes the plan down.

use crate::items::{Definition, Exports, Item, Lifted, Outer, Space, at};
use crate::module::{Capped, PAGE_BYTES, cap};
use crate::plan::{Core, Imports, Step};
use crate::run::Stop;
use crate::scan::malformed;
use crate::types::{Type, TypeId, Types, resolve, size};
use crate::{Bounds, LinkError};
use plimsoll_plugin_abi::Limits;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use wasmparser::{
    CanonicalFunction, CanonicalOption, Chunk, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, Encoding, ExternalKind, Instance, Parser, Payload, TypeBounds,
    WasmFeatures,
};

/// The reading of one file.
pub(crate) struct Walk<'b> {
    bytes: &'b [u8],
    limits: &'b Limits,
    bounds: &'b Bounds,
    items: usize,
    /// Modules already capped, by where they start: a component that is instantiated twice holds them once.
    known: BTreeMap<usize, (usize, usize)>,
    pub(crate) modules: Vec<Vec<u8>>,
    /// What each module brings, without its bytes.
    parts: Vec<Capped>,
    /// What all instances bring.
    all: Capped,
    pub(crate) steps: Vec<Step>,
    pub(crate) types: Types<'b>,
    pub(crate) instances: Vec<Exports>,
    definitions: Vec<Rc<Definition>>,
    /// Stands for a type that only a host would know.
    unknown: TypeId,
}

impl<'b> Walk<'b> {
    pub(crate) fn new(bytes: &'b [u8], limits: &'b Limits, bounds: &'b Bounds) -> Result<Self, LinkError> {
        let mut types = Types::default();
        let unknown = types.push(Type::Other("a type from outside"))?;
        Ok(Self {
            bytes,
            limits,
            bounds,
            items: 0,
            known: BTreeMap::new(),
            modules: Vec::new(),
            parts: Vec::new(),
            all: Capped::default(),
            steps: Vec::new(),
            types,
            instances: Vec::new(),
            definitions: Vec::new(),
            unknown,
        })
    }

    /// The exports of the whole file.
    pub(crate) fn root(&mut self) -> Result<Exports, LinkError> {
        let bytes = 0..self.bytes.len();
        self.component(&Definition { bytes, around: Vec::new() }, &Exports::new(), 0)
    }

    /// Instantiates one component with what it is given.
    fn component(&mut self, definition: &Definition, given: &Exports, depth: usize) -> Result<Exports, LinkError> {
        if depth > self.bounds.depth {
            return Err(LinkError::TooMany("components inside of components", depth as u64, self.bounds.depth as u64));
        }
        let mut space = Space::default();
        let mut exports = Exports::new();
        let mut place = definition.bytes.start;
        let mut parser = Parser::new(place as u64);
        parser.set_features(WasmFeatures::all());
        loop {
            self.count(1)?;
            let rest = self.bytes.get(place..definition.bytes.end).unwrap_or(&[]);
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).map_err(malformed)? else {
                return Err(LinkError::Malformed("it ends too early".to_owned()));
            };
            place += consumed;
            match payload {
                Payload::Version { encoding: Encoding::Module, .. } => return Err(LinkError::CoreModule),
                Payload::ModuleSection { unchecked_range, .. } => {
                    let range = self.range(unchecked_range.start, unchecked_range.end, definition)?;
                    place = range.end;
                    let module = self.module(range)?;
                    space.modules.push(Item::Module(module));
                }
                Payload::ComponentSection { unchecked_range, .. } => {
                    let bytes = self.range(unchecked_range.start, unchecked_range.end, definition)?;
                    place = bytes.end;
                    // What it may name is what stands before it: a snapshot.
                    self.count(space.components.len() + space.modules.len() + space.types.len())?;
                    let mut around = definition.around.clone();
                    around.push(Rc::new(Outer {
                        components: space.components.clone(),
                        modules: space.modules.clone(),
                        types: space.types.clone(),
                    }));
                    space.components.push(Item::Component(self.definitions.len()));
                    self.definitions.push(Rc::new(Definition { bytes, around }));
                }
                Payload::InstanceSection(reader) => {
                    for instance in reader {
                        let imports = self.core_instance(&space, instance.map_err(malformed)?)?;
                        space.core_instances.push(imports);
                    }
                }
                Payload::ComponentTypeSection(reader) => {
                    for ty in reader {
                        let ty = ty.map_err(malformed)?;
                        self.count(1 + size(&ty))?;
                        let id = self.types.push(resolve(&ty, &space.types)?)?;
                        space.types.push(id);
                    }
                }
                Payload::ComponentAliasSection(reader) => {
                    for alias in reader {
                        self.count(1)?;
                        self.alias(&mut space, definition, alias.map_err(malformed)?)?;
                    }
                }
                Payload::ComponentCanonicalSection(reader) => {
                    for function in reader {
                        self.count(1)?;
                        canonical(&mut space, function.map_err(malformed)?)?;
                    }
                }
                Payload::ComponentInstanceSection(reader) => {
                    for instance in reader {
                        let exports = self.instance(&space, instance.map_err(malformed)?, depth)?;
                        space.instances.push(Item::Instance(self.instances.len()));
                        self.instances.push(exports);
                    }
                }
                Payload::ComponentImportSection(reader) => {
                    for import in reader {
                        self.count(1)?;
                        let import = import.map_err(malformed)?;
                        let name = import.name.name;
                        let given = given.get(name).cloned().unwrap_or(Item::Nothing);
                        self.import(&mut space, import.ty, given)?;
                    }
                }
                Payload::ComponentExportSection(reader) => {
                    for export in reader {
                        self.count(1)?;
                        let export = export.map_err(malformed)?;
                        let mut item = space.get(export.kind, export.index)?;
                        if let (Item::Function(Some(lifted)), Some(ComponentTypeRef::Func(ty))) = (&item, export.ty) {
                            let exported_as = Some(*at(&space.types, ty)?);
                            item = Item::Function(Some(Rc::new(Lifted { exported_as, ..lifted.as_ref().clone() })));
                        }
                        exports.insert(self.name(export.name.name)?, item.clone());
                        space.push(export.kind, item, self.unknown);
                    }
                }
                Payload::End(_) => return Ok(exports),
                _ => {}
            }
        }
    }

    /// Adds what an import stands for.
    fn import(&self, space: &mut Space, ty: ComponentTypeRef, given: Item) -> Result<(), LinkError> {
        let (kind, item) = match ty {
            ComponentTypeRef::Module(_) => (ComponentExternalKind::Module, given),
            ComponentTypeRef::Func(_) => (ComponentExternalKind::Func, given),
            ComponentTypeRef::Instance(_) => (ComponentExternalKind::Instance, given),
            ComponentTypeRef::Component(_) => (ComponentExternalKind::Component, given),
            ComponentTypeRef::Type(TypeBounds::Eq(index)) => {
                (ComponentExternalKind::Type, Item::Type(*at(&space.types, index)?))
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) => (ComponentExternalKind::Type, given),
            ComponentTypeRef::Value(_) => (ComponentExternalKind::Value, given),
        };
        space.push(kind, item, self.unknown);
        Ok(())
    }

    fn range(&self, start: u64, end: u64, within: &Definition) -> Result<Range<usize>, LinkError> {
        match (usize::try_from(start), usize::try_from(end)) {
            (Ok(start), Ok(end)) if start <= end && end <= within.bytes.end => Ok(start..end),
            _ => Err(LinkError::Malformed("a part of it ends too late".to_owned())),
        }
    }

    fn count(&mut self, items: usize) -> Result<(), LinkError> {
        self.items = self.items.saturating_add(items);
        if self.items > self.bounds.items {
            return Err(LinkError::TooMany("definitions", self.items as u64, self.bounds.items as u64));
        }
        Ok(())
    }

    /// A name of its own; a long one counts as several items, so that names cannot fill the memory either.
    fn name(&mut self, name: &str) -> Result<String, LinkError> {
        self.count(name.len() / 32)?;
        Ok(name.to_owned())
    }

    /// A copy of an import, counted by what it holds.
    fn imports(&mut self, imports: &Imports) -> Result<Imports, LinkError> {
        if let Imports::Items(items) = imports {
            self.count(items.iter().map(|(name, _)| 1 + name.len() / 32).sum())?;
        }
        Ok(imports.clone())
    }

    /// A core module, capped; its index.
    fn module(&mut self, range: Range<usize>) -> Result<usize, LinkError> {
        if let Some(&(index, end)) = self.known.get(&range.start)
            && end == range.end
        {
            return Ok(index);
        }
        let mut capped = cap(self.bytes.get(range.clone()).unwrap_or(&[]), self.limits)?;
        let index = self.modules.len();
        self.known.insert(range.start, (index, range.end));
        self.modules.push(std::mem::take(&mut capped.bytes));
        self.parts.push(capped);
        Ok(index)
    }

    /// Counts one more instance of a module.
    fn instantiated(&mut self, module: usize) -> Result<(), LinkError> {
        if let Some(parts) = self.parts.get(module) {
            self.all.memories += parts.memories;
            self.all.pages = self.all.pages.saturating_add(parts.pages);
            self.all.tables += parts.tables;
            self.all.elements = self.all.elements.saturating_add(parts.elements);
        }
        let counts = [
            ("instances", self.steps.len() as u64, self.limits.instances),
            ("memories", self.all.memories, self.bounds.memories.min(self.limits.stores)),
            ("tables", self.all.tables, self.limits.stores),
        ];
        if let Some((what, count, limit)) = counts.into_iter().find(|(_, count, limit)| count > limit) {
            return Err(LinkError::TooMany(what, count, limit));
        }
        if self.all.pages > self.limits.memory_bytes / PAGE_BYTES {
            return Err(LinkError::Start(Stop::Memory));
        }
        if self.all.elements > self.limits.table_elements {
            return Err(LinkError::Start(Stop::Table));
        }
        Ok(())
    }

    fn core_instance(&mut self, space: &Space, instance: Instance<'_>) -> Result<Imports, LinkError> {
        match instance {
            Instance::Instantiate { module_index, args } => {
                self.count(1 + args.len())?;
                let Item::Module(module) = at(&space.modules, module_index)? else {
                    return Err(LinkError::Feature("a core module from outside"));
                };
                let mut imports = Vec::with_capacity(args.len());
                for arg in args.iter() {
                    imports.push((self.name(arg.name)?, self.imports(at(&space.core_instances, arg.index)?)?));
                }
                self.steps.push(Step { module: *module, imports });
                self.instantiated(*module)?;
                Ok(Imports::Instance(self.steps.len() - 1))
            }
            Instance::FromExports(exports) => {
                self.count(1 + exports.len())?;
                let mut items = Vec::with_capacity(exports.len());
                for export in exports.iter() {
                    items.push((self.name(export.name)?, space.core(export.kind, export.index)?));
                }
                Ok(Imports::Items(items))
            }
        }
    }

    fn alias(
        &mut self,
        space: &mut Space,
        definition: &Definition,
        alias: ComponentAlias<'_>,
    ) -> Result<(), LinkError> {
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                let core = match at(&space.core_instances, instance_index)? {
                    Imports::Instance(instance) => Core::Export { instance: *instance, name: self.name(name)?.into() },
                    Imports::Items(items) => {
                        // Looking through a long list is work, too.
                        self.count(items.len() / 64)?;
                        let found = items.iter().find(|(known, _)| known == name);
                        let missing = || LinkError::Compile("it refers to an export that is not there".to_owned());
                        found.map(|(_, core)| core.clone()).ok_or_else(missing)?
                    }
                };
                space.push_core(kind, core);
            }
            ComponentAlias::InstanceExport { kind, instance_index, name } => {
                let exported = match at(&space.instances, instance_index)? {
                    Item::Instance(index) => self.instances.get(*index).and_then(|exports| exports.get(name)).cloned(),
                    _ => None,
                };
                space.push(kind, exported.unwrap_or(Item::Nothing), self.unknown);
            }
            ComponentAlias::Outer { kind, count, index } => outer(space, definition, kind, count, index)?,
        }
        Ok(())
    }

    fn instance(&mut self, space: &Space, instance: ComponentInstance<'_>, depth: usize) -> Result<Exports, LinkError> {
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                self.count(1 + args.len())?;
                let definition = match at(&space.components, component_index)? {
                    Item::Component(index) => self.definitions.get(*index).map(Rc::clone),
                    _ => None,
                };
                let definition = definition.ok_or(LinkError::Feature("a component from outside"))?;
                let mut given = Exports::new();
                for arg in args.iter() {
                    given.insert(self.name(arg.name)?, space.get(arg.kind, arg.index)?);
                }
                self.component(&definition, &given, depth + 1)
            }
            ComponentInstance::FromExports(all) => {
                self.count(1 + all.len())?;
                let mut exports = Exports::new();
                for export in all.iter() {
                    exports.insert(self.name(export.name.name)?, space.get(export.kind, export.index)?);
                }
                Ok(exports)
            }
        }
    }
}

/// Adds what a component takes from around it; with a count of 0, from itself.
fn outer(
    space: &mut Space,
    definition: &Definition,
    kind: ComponentOuterAliasKind,
    count: u32,
    index: u32,
) -> Result<(), LinkError> {
    let level = match count.checked_sub(1) {
        None => None,
        Some(up) => {
            let level = definition.around.iter().rev().nth(up as usize);
            Some(level.ok_or_else(|| LinkError::Compile("it refers too far out".to_owned()))?)
        }
    };
    match kind {
        ComponentOuterAliasKind::Component => {
            let item = at(level.map_or(&space.components, |level| &level.components), index)?.clone();
            space.components.push(item);
        }
        ComponentOuterAliasKind::CoreModule => {
            let item = at(level.map_or(&space.modules, |level| &level.modules), index)?.clone();
            space.modules.push(item);
        }
        ComponentOuterAliasKind::Type => {
            let id = *at(level.map_or(&space.types, |level| &level.types), index)?;
            space.types.push(id);
        }
        // Core types are not looked at: the browser compares them when it links.
        ComponentOuterAliasKind::CoreType => {}
    }
    Ok(())
}

/// A lift gives a function of the interface; a lowered function would leave its component and fails.
fn canonical(space: &mut Space, function: CanonicalFunction) -> Result<(), LinkError> {
    let (core_func_index, type_index, options) = match function {
        CanonicalFunction::Lift { core_func_index, type_index, options } => (core_func_index, type_index, options),
        CanonicalFunction::Lower { .. }
        | CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => {
            space.push_core(ExternalKind::Func, Core::Refused);
            return Ok(());
        }
        _ => return Err(LinkError::Feature("asynchronous functions")),
    };
    let mut lifted = Lifted {
        function: space.core(ExternalKind::Func, core_func_index)?,
        memory: None,
        realloc: None,
        post_return: None,
        ty: *at(&space.types, type_index)?,
        exported_as: None,
    };
    for option in options.iter() {
        let (slot, item) = match option {
            CanonicalOption::UTF8 => continue,
            CanonicalOption::Memory(index) => (&mut lifted.memory, space.core(ExternalKind::Memory, *index)?),
            CanonicalOption::Realloc(index) => (&mut lifted.realloc, space.core(ExternalKind::Func, *index)?),
            CanonicalOption::PostReturn(index) => (&mut lifted.post_return, space.core(ExternalKind::Func, *index)?),
            CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => {
                return Err(LinkError::Feature("strings in another encoding than UTF-8"));
            }
            CanonicalOption::Async | CanonicalOption::Callback(_) => {
                return Err(LinkError::Feature("asynchronous functions"));
            }
            CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                return Err(LinkError::Feature("garbage collection or typed references"));
            }
        };
        if slot.replace(item).is_some() {
            return Err(LinkError::Compile("a canonical option is given twice".to_owned()));
        }
    }
    space.functions.push(Item::Function(Some(Rc::new(lifted))));
    Ok(())
}
