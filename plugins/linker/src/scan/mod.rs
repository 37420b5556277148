//! A look at a component's bytes before any of it is compiled: what it is made of, what it wants and offers, what compiling it would
//! cost, and whether it needs what is off for plug-ins.
//!
//! A compiler takes time and memory that no fuel counts, so what a stranger's file may ask of it is bounded first. A browser compiles
//! quickly and has more of WebAssembly turned on than the terminal's host; it is held to the same bounds all the same, so that the same
//! file gives the same findings.
//!
//! One pass; nothing is kept but counts, names of the outermost level, and the types of the module at hand.

mod cost;
mod features;
mod producers;
#[cfg(test)]
mod tests;

pub use producers::Producer;

use crate::LinkError;
use plimsoll_plugin_abi::Limits;
use producers::Producers;
use wasmparser::{ComponentTypeRef, ElementItems, Encoding, Instance, KnownCustom, Parser, Payload, WasmFeatures};

/// How far to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Functions too.
    Everything,
    /// All but what functions do: for a file that was looked at before.
    Outline,
}

/// What a file says without being run.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Scan {
    /// Names of what it imports. A type that is only named is none: it gives nothing to call.
    pub imports: Vec<String>,
    /// Names of what it exports.
    pub exports: Vec<String>,
    /// Core modules in it.
    pub modules: usize,
    /// Components inside it.
    pub components: usize,
    /// Functions in all its modules.
    pub functions: usize,
    /// Largest cost of one function: locals and parameters × control operators.
    pub function_cost: u64,
    /// The sum of these costs.
    pub file_cost: u64,
    /// What it was made with, as its tools wrote it down.
    pub producers: Vec<Producer>,
}

/// What the parser says of a file it cannot read.
pub(crate) fn malformed(error: wasmparser::BinaryReaderError) -> LinkError {
    LinkError::Malformed(format!("{} (at byte {})", error.message(), error.offset()))
}

/// What takes a host's memory before or beside the code: what is counted over the whole file, and the most of it. The largest files
/// measured (Python, QuickJS) stay below a tenth of each.
#[derive(Clone, Copy)]
enum Part {
    Functions,
    Types,
    Names,
    Globals,
    Segments,
    Elements,
    Items,
    Modules,
}

const PARTS: [(&str, u64); 8] = [
    ("functions", 200_000),
    ("types", 100_000),
    ("imports and exports", 200_000),
    ("globals and tables", 200_000),
    ("data and element segments", 100_000),
    ("elements of tables", 2_000_000),
    ("parts of components", 200_000),
    ("modules and components", 1_000),
];

/// Components inside components.
const LEVELS: usize = 8;

/// Instances × what each of them holds: functions, globals and so on, some 32 bytes each.
const HELD: u64 = 8_000_000;

/// What is open at a place of the file.
enum Frame {
    Component,
    Module(Module),
}

#[derive(Default)]
struct Module {
    /// Values that each type takes and gives.
    values: Vec<u32>,
    /// The type of each function with a body.
    functions: Vec<u32>,
    bodies: usize,
    memories: u32,
    held: u64,
}

struct Walk<'a> {
    limits: &'a Limits,
    depth: Depth,
    found: Scan,
    frames: Vec<Frame>,
    counts: [u64; PARTS.len()],
    core_instances: u64,
    /// Of these, those inside of a component in the component.
    nested_instances: u64,
    largest: u64,
    producers: Producers,
}

/// Looks at a whole file, its size and its first bytes included.
///
/// # Errors
/// When it is no component, is damaged, is beyond a limit, or uses a feature that is off.
pub fn scan(bytes: &[u8], limits: &Limits, depth: Depth) -> Result<Scan, LinkError> {
    if !Limits::holds(limits.file_bytes, bytes.len()) {
        return Err(LinkError::TooLarge { bytes: whole(bytes.len()), limit: limits.file_bytes });
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(LinkError::NotWasm);
    }
    let mut walk = Walk {
        limits,
        depth,
        found: Scan::default(),
        frames: Vec::new(),
        counts: [0; PARTS.len()],
        core_instances: 0,
        nested_instances: 0,
        largest: 0,
        producers: Producers::default(),
    };
    let mut parser = Parser::new(0);
    // What is off is refused by its name, not as damage.
    parser.set_features(WasmFeatures::all());
    for payload in parser.parse_all(bytes) {
        walk.payload(payload.map_err(malformed)?)?;
    }
    walk.end()
}

impl Walk<'_> {
    fn end(mut self) -> Result<Scan, LinkError> {
        // A component inside may be instantiated more than once, so then the limit of instances is what bounds them.
        let most = self.limits.instances;
        if self.core_instances > most {
            return Err(LinkError::TooMany("instances of modules", self.core_instances, most));
        }
        let instances = if self.nested_instances > 0 { most } else { self.core_instances };
        let held = self.largest.saturating_mul(instances);
        if held > HELD {
            return Err(LinkError::TooMany("functions and globals in all its instances", held, HELD));
        }
        self.found.producers = self.producers.sorted();
        Ok(self.found)
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), LinkError> {
        match payload {
            Payload::Version { encoding, .. } => self.open(encoding),
            Payload::End(_) => {
                if let Some(Frame::Module(module)) = self.frames.pop() {
                    self.largest = self.largest.max(module.held);
                }
                Ok(())
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(reader) = section.as_known() {
                    self.producers.read(reader);
                }
                Ok(())
            }
            Payload::UnknownSection { .. } => {
                Err(LinkError::Malformed("it has a section of an unknown kind".to_owned()))
            }
            payload => match self.frames.last() {
                Some(Frame::Module(_)) => self.module(payload),
                _ => self.component(payload),
            },
        }
    }

    fn open(&mut self, encoding: Encoding) -> Result<(), LinkError> {
        let outermost = self.frames.is_empty();
        match encoding {
            Encoding::Module if outermost => return Err(LinkError::CoreModule),
            Encoding::Module => {
                self.found.modules += 1;
                self.frames.push(Frame::Module(Module::default()));
            }
            Encoding::Component => {
                self.found.components += usize::from(!outermost);
                self.frames.push(Frame::Component);
            }
        }
        self.count(Part::Modules, 1)?;
        if self.frames.len() > LEVELS {
            let (found, most) = (self.frames.len(), LEVELS);
            return Err(LinkError::TooMany("levels of components", whole(found), whole(most)));
        }
        Ok(())
    }

    fn component(&mut self, payload: Payload<'_>) -> Result<(), LinkError> {
        let outermost = self.frames.len() == 1;
        match payload {
            Payload::ComponentImportSection(reader) => {
                self.count(Part::Names, u64::from(reader.count()))?;
                for import in reader {
                    let import = import.map_err(malformed)?;
                    // A type that is only named gives nothing to call.
                    if outermost && !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        self.found.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                self.count(Part::Names, u64::from(reader.count()))?;
                for export in reader {
                    let export = export.map_err(malformed)?;
                    if outermost {
                        self.found.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::InstanceSection(reader) => {
                self.count(Part::Items, u64::from(reader.count()))?;
                for instance in reader {
                    let made = matches!(instance.map_err(malformed)?, Instance::Instantiate { .. });
                    self.core_instances += u64::from(made);
                    self.nested_instances += u64::from(made && !outermost);
                }
            }
            Payload::ComponentInstanceSection(reader) => self.count(Part::Items, u64::from(reader.count()))?,
            Payload::ComponentCanonicalSection(reader) => {
                self.count(Part::Items, u64::from(reader.count()))?;
                features::canonical(reader)?;
            }
            Payload::ComponentAliasSection(reader) => self.count(Part::Items, u64::from(reader.count()))?,
            Payload::ComponentTypeSection(reader) => self.count(Part::Types, u64::from(reader.count()))?,
            Payload::CoreTypeSection(reader) => self.count(Part::Types, u64::from(reader.count()))?,
            Payload::ComponentStartSection { .. } => return Err(LinkError::Feature("start functions of components")),
            _ => {}
        }
        Ok(())
    }

    fn module(&mut self, payload: Payload<'_>) -> Result<(), LinkError> {
        match payload {
            Payload::TypeSection(reader) => {
                self.count(Part::Types, u64::from(reader.count()))?;
                for group in reader {
                    let values = features::function_type(&group.map_err(malformed)?)?;
                    self.with(|module| module.values.extend(values));
                }
            }
            Payload::ImportSection(reader) => self.imports(reader)?,
            Payload::FunctionSection(reader) => {
                self.held(Part::Functions, reader.count())?;
                for ty in reader {
                    let ty = ty.map_err(malformed)?;
                    self.with(|module| module.functions.push(ty));
                }
            }
            Payload::TableSection(reader) => {
                self.held(Part::Globals, reader.count())?;
                for table in reader {
                    features::table(&table.map_err(malformed)?.ty)?;
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.memory(&memory.map_err(malformed)?)?;
                }
            }
            Payload::TagSection(reader) => features::tags(reader.count())?,
            Payload::GlobalSection(reader) => {
                self.held(Part::Globals, reader.count())?;
                for global in reader {
                    features::global(&global.map_err(malformed)?.ty)?;
                }
            }
            Payload::ExportSection(reader) => self.count(Part::Names, u64::from(reader.count()))?,
            Payload::ElementSection(reader) => self.elements(reader)?,
            Payload::DataSection(reader) => self.held(Part::Segments, reader.count())?,
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            _ => {}
        }
        Ok(())
    }

    fn imports(&mut self, reader: wasmparser::ImportSectionReader<'_>) -> Result<(), LinkError> {
        for import in reader.into_imports() {
            let import = import.map_err(malformed)?;
            self.held(Part::Names, 1)?;
            let memories = self.with(|module| module.memories).unwrap_or(0);
            if features::import(&import.ty, memories)? {
                self.with(|module| module.memories += 1);
            }
        }
        Ok(())
    }

    fn memory(&mut self, ty: &wasmparser::MemoryType) -> Result<(), LinkError> {
        features::memory(ty, self.with(|module| module.memories).unwrap_or(0))?;
        self.with(|module| module.memories += 1);
        Ok(())
    }

    fn elements(&mut self, reader: wasmparser::ElementSectionReader<'_>) -> Result<(), LinkError> {
        self.held(Part::Segments, reader.count())?;
        for element in reader {
            let count = match element.map_err(malformed)?.items {
                ElementItems::Functions(items) => items.count(),
                ElementItems::Expressions(_, items) => items.count(),
            };
            self.held(Part::Elements, count)?;
        }
        Ok(())
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'_>) -> Result<(), LinkError> {
        self.found.functions += 1;
        if self.depth == Depth::Outline {
            return Ok(());
        }
        let Some(Frame::Module(module)) = self.frames.last_mut() else { return Ok(()) };
        let ty = module.functions.get(module.bodies).copied().unwrap_or(0);
        module.bodies += 1;
        let own = usize::try_from(ty).ok().and_then(|ty| module.values.get(ty)).copied().unwrap_or(0);
        let cost = cost::of(body, own, &module.values)?;
        self.found.function_cost = self.found.function_cost.max(cost);
        self.found.file_cost = self.found.file_cost.saturating_add(cost);
        for (cost, limit) in [(cost, self.limits.function_cost), (self.found.file_cost, self.limits.file_cost)] {
            if cost > limit {
                return Err(LinkError::CompileCost { cost, limit });
            }
        }
        Ok(())
    }

    fn with<T>(&mut self, change: impl FnOnce(&mut Module) -> T) -> Option<T> {
        match self.frames.last_mut() {
            Some(Frame::Module(module)) => Some(change(module)),
            _ => None,
        }
    }

    /// Counts what every instance of the module holds for itself.
    fn held(&mut self, part: Part, more: u32) -> Result<(), LinkError> {
        self.with(|module| module.held = module.held.saturating_add(u64::from(more)));
        self.count(part, u64::from(more))
    }

    fn count(&mut self, part: Part, more: u64) -> Result<(), LinkError> {
        let index = part as usize;
        let (Some(count), Some((what, limit))) = (self.counts.get_mut(index), PARTS.get(index)) else { return Ok(()) };
        *count = count.saturating_add(more);
        if *count > *limit { Err(LinkError::TooMany(what, *count, *limit)) } else { Ok(()) }
    }
}

fn whole(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
