//! Walks the sections of a component and writes the plan down.

use crate::items::{Definition, Exports, Item, Lifted, Space, at};
use crate::memory::cap_memories;
use crate::plan::{Core, Imports, Step};
use crate::{Limits, LinkError};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use wasmparser::{
    CanonicalFunction, CanonicalOption, Chunk, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, Encoding, ExternalKind, Instance, Parser, Payload, WasmFeatures,
};

/// The reading of one file.
pub(crate) struct Walk<'b> {
    bytes: &'b [u8],
    limits: &'b Limits,
    items: usize,
    memories: usize,
    /// Modules already capped, by where they start: a component that is instantiated twice holds them once.
    known: HashMap<usize, (usize, usize)>,
    pub(crate) modules: Vec<Vec<u8>>,
    pub(crate) steps: Vec<Step>,
    memories_of: Vec<usize>,
}

fn malformed(error: wasmparser::BinaryReaderError) -> LinkError {
    LinkError::Malformed(error.message().to_owned())
}

impl<'b> Walk<'b> {
    pub(crate) fn new(bytes: &'b [u8], limits: &'b Limits) -> Self {
        Self {
            bytes,
            limits,
            items: 0,
            memories: 0,
            known: HashMap::new(),
            modules: Vec::new(),
            steps: Vec::new(),
            memories_of: Vec::new(),
        }
    }

    /// The exports of the whole file.
    pub(crate) fn root(&mut self) -> Result<Exports, LinkError> {
        let bytes = 0..self.bytes.len();
        self.component(&Definition { bytes, around: Vec::new() }, &Exports::new(), 0)
    }

    /// Instantiates one component with what it is given.
    fn component(&mut self, definition: &Definition, given: &Exports, depth: usize) -> Result<Exports, LinkError> {
        if depth > self.limits.depth {
            return Err(LinkError::TooMuch("components inside components"));
        }
        let mut space = Space::default();
        let mut exports = Exports::new();
        let mut refused = Vec::new();
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
                    self.count(space.components.len())?;
                    let mut around = definition.around.clone();
                    around.push(Rc::new(space.components.clone()));
                    space.components.push(Item::Component(Rc::new(Definition { bytes, around })));
                }
                Payload::InstanceSection(reader) => {
                    for instance in reader {
                        let imports = self.core_instance(&space, instance.map_err(malformed)?)?;
                        space.core_instances.push(imports);
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
                        space.instances.push(Item::Instance(Rc::new(exports)));
                    }
                }
                Payload::ComponentImportSection(reader) => {
                    for import in reader {
                        self.count(1)?;
                        let import = import.map_err(malformed)?;
                        let kind = match import.ty {
                            ComponentTypeRef::Module(_) => ComponentExternalKind::Module,
                            ComponentTypeRef::Func(_) => ComponentExternalKind::Func,
                            ComponentTypeRef::Instance(_) => ComponentExternalKind::Instance,
                            ComponentTypeRef::Component(_) => ComponentExternalKind::Component,
                            ComponentTypeRef::Type(_) | ComponentTypeRef::Value(_) => ComponentExternalKind::Type,
                        };
                        let name = import.name.name;
                        self.name(name)?;
                        // Only the outermost component's imports are asked of the host; it has none to give.
                        if depth == 0 && kind != ComponentExternalKind::Type {
                            refused.push(name.chars().take(100).collect());
                        }
                        space.push(kind, given.get(name).cloned().unwrap_or(Item::Nothing));
                    }
                }
                Payload::ComponentExportSection(reader) => {
                    for export in reader {
                        self.count(1)?;
                        let export = export.map_err(malformed)?;
                        let item = space.get(export.kind, export.index)?;
                        exports.insert(self.name(export.name.name)?, item.clone());
                        space.push(export.kind, item);
                    }
                }
                Payload::ComponentStartSection { .. } => return Err(LinkError::Unsupported("a start function")),
                Payload::End(_) if refused.is_empty() => return Ok(exports),
                Payload::End(_) => return Err(LinkError::Imports(refused)),
                _ => {}
            }
        }
    }

    fn range(&self, start: u64, end: u64, within: &Definition) -> Result<Range<usize>, LinkError> {
        match (usize::try_from(start), usize::try_from(end)) {
            (Ok(start), Ok(end)) if start <= end && end <= within.bytes.end => Ok(start..end),
            _ => Err(LinkError::Malformed("a part of it ends too late".to_owned())),
        }
    }

    fn count(&mut self, items: usize) -> Result<(), LinkError> {
        self.items += items;
        if self.items > self.limits.items { Err(LinkError::TooMuch("definitions")) } else { Ok(()) }
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
        let (capped, memories) = cap_memories(self.bytes.get(range.clone()).unwrap_or(&[]), self.limits.memory_pages)?;
        let index = self.modules.len();
        self.known.insert(range.start, (index, range.end));
        self.modules.push(capped);
        self.memories_of.push(memories);
        Ok(index)
    }

    fn core_instance(&mut self, space: &Space, instance: Instance<'_>) -> Result<Imports, LinkError> {
        match instance {
            Instance::Instantiate { module_index, args } => {
                self.count(1 + args.len())?;
                let Item::Module(module) = at(&space.modules, module_index)? else {
                    return Err(LinkError::Unsupported("a core module from outside"));
                };
                let mut imports = Vec::with_capacity(args.len());
                for arg in args.iter() {
                    imports.push((self.name(arg.name)?, self.imports(at(&space.core_instances, arg.index)?)?));
                }
                self.memories += self.memories_of.get(*module).copied().unwrap_or(0);
                self.steps.push(Step { module: *module, imports });
                if self.steps.len() > self.limits.instances {
                    return Err(LinkError::TooMuch("instances"));
                }
                if self.memories > self.limits.memories {
                    return Err(LinkError::TooMuch("memories"));
                }
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
                    Imports::Instance(instance) => Core::Export { instance: *instance, name: self.name(name)? },
                    Imports::Items(items) => match items.iter().find(|(known, _)| known == name) {
                        Some((_, core)) => core.clone(),
                        None => {
                            return Err(LinkError::Malformed("it refers to an export that is not there".to_owned()));
                        }
                    },
                };
                space.push_core(kind, core);
            }
            ComponentAlias::InstanceExport { kind, instance_index, name } => {
                let item = match at(&space.instances, instance_index)? {
                    Item::Instance(exports) => exports.get(name).cloned().unwrap_or(Item::Nothing),
                    _ => Item::Nothing,
                };
                space.push(kind, item);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                let outer = match count.checked_sub(1) {
                    // 0 is the component itself.
                    None => at(&space.components, index)?.clone(),
                    Some(up) => {
                        let level = definition.around.iter().rev().nth(up as usize);
                        level.map_or_else(
                            || Err(LinkError::Malformed("it refers too far out".to_owned())),
                            |level| at(level, index).cloned(),
                        )?
                    }
                };
                space.components.push(outer);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => {
                return Err(LinkError::Unsupported("a core module from around it"));
            }
            ComponentAlias::Outer { .. } => {}
        }
        Ok(())
    }

    fn instance(&mut self, space: &Space, instance: ComponentInstance<'_>, depth: usize) -> Result<Exports, LinkError> {
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                self.count(1 + args.len())?;
                let Item::Component(definition) = at(&space.components, component_index)?.clone() else {
                    return Err(LinkError::Unsupported("a component from outside"));
                };
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

/// A lift gives a function of the interface; anything else would leave the plug-in and fails.
fn canonical(space: &mut Space, function: CanonicalFunction) -> Result<(), LinkError> {
    let CanonicalFunction::Lift { core_func_index, options, .. } = function else {
        space.push_core(ExternalKind::Func, Core::Refused);
        return Ok(());
    };
    let mut lifted = Lifted {
        function: space.core(ExternalKind::Func, core_func_index)?,
        memory: None,
        realloc: None,
        post_return: None,
    };
    for option in options.iter() {
        match option {
            CanonicalOption::UTF8 => {}
            CanonicalOption::Memory(index) => lifted.memory = Some(space.core(ExternalKind::Memory, *index)?),
            CanonicalOption::Realloc(index) => lifted.realloc = Some(space.core(ExternalKind::Func, *index)?),
            CanonicalOption::PostReturn(index) => lifted.post_return = Some(space.core(ExternalKind::Func, *index)?),
            _ => return Err(LinkError::Unsupported("another canonical option than UTF-8 strings in one memory")),
        }
    }
    space.functions.push(Item::Function(Some(Rc::new(lifted))));
    Ok(())
}
