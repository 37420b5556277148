//! Plug-ins written by hand in the text format, to do what no compiler makes: most of them are hostile.
//!
//! [`Guest`] is a well-behaved plug-in in the making, each part of which can be replaced by something worse. What it says lies in
//! its memory from the start, laid out by the linker's own canonical ABI, so that a lie can be put at any byte of it.

mod image;

use image::Image;
use plimsoll_plugin_abi::{
    Edit, Error, Finding, Fix, FixSafety, Location, Metadata, Property, Related, Rule, Severity, Span, WIT, WORLD,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// A guest in the making.
#[derive(Clone)]
pub struct Guest {
    wit: String,
    metadata: Metadata,
    answer: Result<Vec<Finding>, Error>,
    describe: String,
    check: String,
    allocate: String,
    fields: String,
    imports: String,
    memory: String,
    pokes: Vec<(Place, u32, Vec<u8>)>,
}

/// A place in what a guest says.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The record that `describe` returns.
    Metadata,
    /// What `check` returns: which of the two it is, then address and length of the findings.
    Answer,
    /// The first finding.
    Finding,
}

impl Guest {
    /// A well-behaved guest: one rule of its own name, one finding at the first four bytes of the first document.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            wit: WIT.to_owned(),
            metadata: Metadata {
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                description: "A guest".to_owned(),
                license: "MIT".to_owned(),
                rules: vec![rule(name)],
                settings_schema: None,
                properties: Vec::new(),
            },
            answer: Ok(vec![finding(name)]),
            describe: String::new(),
            check: String::new(),
            allocate: String::new(),
            fields: String::new(),
            imports: String::new(),
            memory: "(memory $m (export \"memory\") @pages)".to_owned(),
            pokes: Vec::new(),
        }
    }

    /// What `check` does before it answers. `@answer`, `@finding` and `@free` stand for addresses.
    #[must_use]
    pub fn checking(mut self, body: &str) -> Self {
        self.check.push_str(body);
        self
    }

    /// What `describe` does before it answers.
    #[must_use]
    pub fn describing(mut self, body: &str) -> Self {
        self.describe.push_str(body);
        self
    }

    /// What it does when it is asked for room, before it gives some.
    #[must_use]
    pub fn allocating(mut self, body: &str) -> Self {
        self.allocate.push_str(body);
        self
    }

    /// What it says of itself.
    #[must_use]
    pub fn being(mut self, change: impl FnOnce(&mut Metadata)) -> Self {
        change(&mut self.metadata);
        self
    }

    /// What its finding says.
    #[must_use]
    pub fn saying(mut self, change: impl FnOnce(&mut Finding)) -> Self {
        if let Ok(findings) = &mut self.answer {
            change(&mut findings[0]);
        }
        self
    }

    /// So many findings, each at a place of its own.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        if let Ok(findings) = &mut self.answer {
            let one = findings[0].clone();
            *findings = (0..count)
                .map(|index| Finding { message: format!("{} {index}", one.message), ..one.clone() })
                .collect();
        }
        self
    }

    /// The same finding so many times.
    #[must_use]
    pub fn repeated(mut self, count: usize) -> Self {
        if let Ok(findings) = &mut self.answer {
            *findings = vec![findings[0].clone(); count];
        }
        self
    }

    /// An error instead of findings.
    #[must_use]
    pub fn failing(mut self, error: Error) -> Self {
        self.answer = Err(error);
        self
    }

    /// Bytes in the place of what it says.
    #[must_use]
    pub fn poke(mut self, place: Place, offset: u32, bytes: &[u8]) -> Self {
        self.pokes.push((place, offset, bytes.to_vec()));
        self
    }

    /// Further fields of the module.
    #[must_use]
    pub fn with(mut self, fields: &str) -> Self {
        self.fields.push_str(fields);
        self
    }

    /// Another memory.
    #[must_use]
    pub fn memory(mut self, field: &str) -> Self {
        field.clone_into(&mut self.memory);
        self
    }

    /// What it asks of the outside: imports stand before everything else.
    #[must_use]
    pub fn importing(mut self, imports: &str) -> Self {
        self.imports.push_str(imports);
        self
    }

    /// Another interface than the host's.
    #[must_use]
    pub fn interface(mut self, from: &str, to: &str) -> Self {
        assert!(self.wit.contains(from), "{from}");
        self.wit = self.wit.replace(from, to);
        self
    }

    /// The core module, as a compiler would leave it.
    #[must_use]
    pub fn module(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_str("plimsoll-plugin.wit", &self.wit).unwrap();
        let world = resolve.select_world(&[package], Some(WORLD)).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        module
    }

    /// The component.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        ComponentEncoder::default().validate(true).module(&self.module()).unwrap().encode().unwrap()
    }

    fn text(&self) -> String {
        let mut image = Image::default();
        let metadata = image.put(&self.metadata);
        let (answer, finding) = image.answer(&self.answer);
        for (place, offset, bytes) in &self.pokes {
            let at = match place {
                Place::Metadata => metadata,
                Place::Answer => answer,
                Place::Finding => finding,
            };
            image.overwrite(at + offset, bytes);
        }
        let version = self.wit.split_once("plimsoll:plugin@").and_then(|(_, rest)| rest.split_once(';')).unwrap().0;
        let text = format!(
            "(module
              {imports}
              {memory}
              (global $next (mut i32) (i32.const @free))
              (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                {allocate}
                (local.set $at (global.get $next))
                (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
                (loop $more
                  (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
                    (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br $more))))
                (local.get $at))
              (func (export \"plimsoll:plugin/rules@{version}#describe\") (result i32) {describe} (i32.const {metadata}))
              (func (export \"plimsoll:plugin/rules@{version}#check\")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {check} (i32.const @answer))
              (data (i32.const {base}) \"{data}\")
              {fields})",
            imports = self.imports,
            memory = self.memory,
            allocate = self.allocate,
            describe = self.describe,
            check = self.check,
            base = Image::BASE,
            data = image.escaped(),
            fields = self.fields,
        );
        text.replace("@answer", &answer.to_string())
            .replace("@finding", &finding.to_string())
            .replace("@free", &image.end().to_string())
            .replace("@pages", &(image.end() / 65_536 + 1).to_string())
    }
}

/// A rule of no further interest.
#[must_use]
pub fn rule(id: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        title: "A rule of a guest".to_owned(),
        description: "It shows what a host makes of it.".to_owned(),
        severity: Severity::High,
        kinds: Vec::new(),
        tags: Vec::new(),
        help_url: None,
        properties: Vec::new(),
    }
}

/// A finding at the first four bytes of the first document.
#[must_use]
pub fn finding(rule: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        location: place(0, 0, 4),
        message: format!("{rule} was here"),
        severity: None,
        confidence: None,
        related: Vec::new(),
        fixes: Vec::new(),
        properties: Vec::new(),
    }
}

/// A place.
#[must_use]
pub fn place(document: u32, start: u32, end: u32) -> Location {
    Location { document, span: Span { start, end } }
}

/// A fix of these replacements: start, end, text.
#[must_use]
pub fn fix(edits: &[(u32, u32, &str)]) -> Fix {
    let edit = |(start, end, text): &(u32, u32, &str)| Edit {
        location: place(0, *start, *end),
        replacement: (*text).to_owned(),
    };
    Fix { title: "Change it".to_owned(), safety: FixSafety::Safe, edits: edits.iter().map(edit).collect() }
}

/// A further place with a text.
#[must_use]
pub fn related(message: &str) -> Related {
    Related { location: place(0, 0, 4), message: message.to_owned() }
}

/// A property.
#[must_use]
pub fn property(key: &str, value: &str) -> Property {
    Property { key: key.to_owned(), value: value.to_owned(), origin: None }
}
