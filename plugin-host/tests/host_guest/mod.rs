//! A small well-behaved plug-in, written by hand: it finds its own name at the first four bytes of the first document.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// What differs from it.
#[derive(Default)]
pub struct Changes {
    /// Further fields of the module.
    pub fields: String,
    /// What `check` does first.
    pub checking: String,
    /// Further interfaces: their text, and their names.
    pub interfaces: Vec<(String, String)>,
    /// The version it says it is made for.
    pub version: Option<String>,
}

/// The plug-in of this name.
pub fn component(name: &str, changes: &Changes) -> Vec<u8> {
    let version = changes.version.as_deref().unwrap_or(plimsoll_plugin_abi::INTERFACE_VERSION);
    let mut wit = plimsoll_plugin_abi::WIT
        .replace(&format!("plugin@{};", plimsoll_plugin_abi::INTERFACE_VERSION), &format!("plugin@{version};"));
    for (text, interface) in &changes.interfaces {
        let world = format!("world {} {{", plimsoll_plugin_abi::WORLD);
        assert!(wit.contains(&world), "{wit}");
        wit = wit.replace(&world, &format!("{text}\n{world}\n  export {interface};"));
    }
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("plimsoll-plugin.wit", &wit).unwrap();
    let world = resolve.select_world(&[package], Some(plimsoll_plugin_abi::WORLD)).unwrap();
    let mut module = wat::parse_str(module(name, version, changes)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

fn module(name: &str, version: &str, changes: &Changes) -> String {
    let words = |words: &[u32]| {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes());
        bytes.map(|byte| format!("\\{byte:02x}")).collect::<String>()
    };
    // The name stands at 100; it is also the rule's id and the text of all it says.
    let said = [100, u32::try_from(name.len()).unwrap()];
    let metadata = [said, said, said, said, [1200, 1]].concat().into_iter().chain([0; 5]).collect::<Vec<_>>();
    let rule = [said, said, said].concat().into_iter().chain([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]).collect::<Vec<_>>();
    let finding = said.into_iter().chain([0, 0, 4]).chain(said).chain([0; 7]).collect::<Vec<_>>();
    format!(
        "(module
          (memory (export \"memory\") 1)
          (global $next (mut i32) (i32.const 8192))
          (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32)
            (local $at i32)
            (local.set $at (global.get $next))
            (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
            (loop $more
              (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
                (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br $more))))
            (local.get $at))
          (func (export \"plimsoll:plugin/rules@{version}#describe\") (result i32) (i32.const 1024))
          (func (export \"plimsoll:plugin/rules@{version}#check\")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {checking} (i32.const 1400))
          (data (i32.const 100) \"{name}\")
          (data (i32.const 1024) \"{metadata}\")
          (data (i32.const 1200) \"{rule}\")
          (data (i32.const 1400) \"{result}\")
          (data (i32.const 1500) \"{finding}\")
          {fields})",
        checking = changes.checking,
        metadata = words(&metadata),
        rule = words(&rule),
        result = words(&[0, 1500, 1]),
        finding = words(&finding),
        fields = changes.fields,
    )
}
