//! Plug-ins written by hand in the text format, to do what no compiler makes: most of them are hostile.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// A guest in the making. Its name is also the id of its one rule and the text of all it says.
#[derive(Clone)]
pub struct Guest {
    name: &'static str,
    wit: String,
    describe: String,
    check: String,
    finding: [u32; 3],
    rule: (u32, u32),
    count: u32,
    fields: String,
    imports: String,
}

const NAME_AT: u32 = 100;
const METADATA_AT: u32 = 1024;
const RULE_AT: u32 = 1200;
const RESULT_AT: u32 = 1400;
const FINDING_AT: u32 = 1500;

impl Guest {
    /// A well-behaved guest: one finding at the first four bytes of the first document.
    pub fn new(name: &'static str) -> Self {
        let length = u32::try_from(name.len()).unwrap();
        Self {
            name,
            wit: plimsoll_plugin_abi::WIT.to_owned(),
            describe: format!("(i32.const {METADATA_AT})"),
            check: format!("(i32.const {RESULT_AT})"),
            finding: [0, 0, 4],
            rule: (NAME_AT, length),
            count: 1,
            fields: String::new(),
            imports: String::new(),
        }
    }

    /// What `check` does before it would answer.
    pub fn checking(mut self, body: &str) -> Self {
        self.check = format!("{body} (i32.const {RESULT_AT})");
        self
    }

    /// What `describe` does before it would answer.
    pub fn describing(mut self, body: &str) -> Self {
        self.describe = format!("{body} (i32.const {METADATA_AT})");
        self
    }

    /// Where its finding points: document, start, end.
    pub fn at(mut self, place: [u32; 3]) -> Self {
        self.finding = place;
        self
    }

    /// The text that names its finding's rule: address and length.
    pub fn rule(mut self, at: u32, length: u32) -> Self {
        self.rule = (at, length);
        self
    }

    /// How many findings it claims to give.
    pub fn count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Further fields of the module.
    pub fn with(mut self, fields: &str) -> Self {
        self.fields.push_str(fields);
        self
    }

    /// What it asks of the outside: imports stand before everything else.
    pub fn importing(mut self, imports: &str) -> Self {
        self.imports.push_str(imports);
        self
    }

    /// Another interface than the host's.
    pub fn interface(mut self, from: &str, to: &str) -> Self {
        assert!(self.wit.contains(from), "{from}");
        self.wit = self.wit.replace(from, to);
        self
    }

    /// The core module, as a compiler would leave it.
    pub fn module(&self) -> Vec<u8> {
        let length = u32::try_from(self.name.len()).unwrap();
        let version = self.wit.split_once("plimsoll:plugin@").and_then(|(_, rest)| rest.split_once(';')).unwrap().0;
        let name = [NAME_AT, length];
        let metadata: Vec<u32> =
            [name, name, name, name, [RULE_AT, 1]].concat().into_iter().chain([0, 0, 0, 0, 0]).collect();
        let rule: Vec<u32> = [name, name, name].concat().into_iter().chain([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]).collect();
        let result = [0, FINDING_AT, self.count];
        let finding: Vec<u32> =
            [self.rule.0, self.rule.1].into_iter().chain(self.finding).chain(name).chain([0; 7]).collect();
        let words = |words: &[u32]| {
            words.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("\\{byte:02x}")).collect::<String>()
        };
        let text = format!(
            "(module
              {imports}
              (memory $m (export \"memory\") 1)
              (global $next (mut i32) (i32.const 8192))
              (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (global.get $next))
                (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
                (loop $more
                  (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
                    (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br $more))))
                (local.get $at))
              (func (export \"plimsoll:plugin/rules@{version}#describe\") (result i32) {describe})
              (func (export \"plimsoll:plugin/rules@{version}#check\")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {check})
              (data (i32.const {NAME_AT}) \"{name}\")
              (data (i32.const {METADATA_AT}) \"{metadata}\")
              (data (i32.const {RULE_AT}) \"{rule}\")
              (data (i32.const {RESULT_AT}) \"{result}\")
              (data (i32.const {FINDING_AT}) \"{finding}\")
              {fields})",
            describe = self.describe,
            check = self.check,
            name = self.name,
            metadata = words(&metadata),
            rule = words(&rule),
            result = words(&result),
            finding = words(&finding),
            fields = self.fields,
            imports = self.imports,
        );
        let mut module = wat::parse_str(text).unwrap();
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_str("plimsoll-plugin.wit", &self.wit).unwrap();
        let world = resolve.select_world(&[package], Some(plimsoll_plugin_abi::WORLD)).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        module
    }

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        ComponentEncoder::default().validate(true).module(&self.module()).unwrap().encode().unwrap()
    }
}
