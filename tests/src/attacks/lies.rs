//! What says one thing and is another.

use super::{
    Attack,
    Expect::{Partly, Refused, Taken},
    Group, attack,
};
use crate::guests::{Guest, Place, fix, place, property, related, rule};
use plimsoll_plugin_abi::{Error, ErrorKind};

/// The right name, another shape.
pub(super) fn interfaces() -> Group {
    let shape = |name, what, bytes| attack(name, what, Refused("interface-shape"), bytes);
    let feature = |name, what, bytes| attack(name, what, Refused("feature"), bytes);
    Group {
        title: "Another interface under the same name, or a machine that plug-ins do not have",
        promise: "Every record, enum and function is compared with the interface before anything runs.",
        attacks: vec![
            shape("field-more", "has a field more in `metadata`", || {
                Guest::new("field-more").interface("license: string,", "license: string, more: u32,").component()
            }),
            shape("field-type", "has a number where `message` is a text", || {
                Guest::new("field-type")
                    .interface(
                        "record related { location: location, message: string }",
                        "record related { location: location, message: u32 }",
                    )
                    .component()
            }),
            shape("field-order", "has the fields of `span` in another order", || {
                Guest::new("field-order")
                    .interface("record span { start: u32, end: u32 }", "record span { end: u32, start: u32 }")
                    .component()
            }),
            shape("case-less", "has a severity less", || {
                Guest::new("case-less")
                    .interface("{ info, low, medium, high, critical }", "{ info, low, medium, high }")
                    .component()
            }),
            shape("function-result", "gives findings without the possibility of an error", || {
                Guest::new("function-result")
                    .interface("-> result<list<finding>, error>;", "-> list<finding>;")
                    .component()
            }),
            shape("function-parameter", "takes another order of parameters", || {
                Guest::new("function-parameter")
                    .interface(
                        "check: func(project: project, settings: string)",
                        "check: func(settings: string, project: project)",
                    )
                    .component()
            }),
            shape("function-missing", "exports an interface without functions", || {
                wat::parse_str("(component (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))")
                    .unwrap()
            }),
            feature("shared-memory", "has a shared memory", || core_with("(memory 1 2 shared)")),
            feature("memory64", "has a memory of 64 bits", || core_with("(memory i64 1)")),
            feature("two-memories", "has two memories", || core_with("(memory 1) (memory 1)")),
            feature("relaxed-simd", "uses instructions that differ between processors", || {
                core_with(
                    "(func (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))",
                )
            }),
            feature("garbage-collection", "has types of the garbage collector", || {
                core_with("(type $s (struct (field i32))) (func (result (ref $s)) (struct.new $s (i32.const 1)))")
            }),
        ],
    }
}

/// A component around a module of these fields.
fn core_with(fields: &str) -> Vec<u8> {
    wat::parse_str(format!(
        "(component (core module $m {fields}) (core instance (instantiate $m)) (instance $i) \
         (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))"
    ))
    .unwrap()
}

/// Findings and descriptions that cannot be.
pub(super) fn findings() -> Group {
    Group {
        title: "What is said and is not so",
        promise: "A finding that cannot be shown is left out and told; the plug-in's others stand. What concerns all of it is refused.",
        attacks: [names(), places(), values()].into_iter().flatten().collect(),
    }
}

fn names() -> Vec<Attack> {
    vec![
        attack("secrets", "takes the name of built-in rules", Refused("refused"), || Guest::new("secrets").component()),
        attack("no-kebab", "has a name that is none", Refused("refused"), || {
            Guest::new("no-kebab").being(|metadata| metadata.name = "../No Kebab".to_owned()).component()
        }),
        attack("rule-twice", "declares a rule twice", Refused("refused"), || {
            Guest::new("rule-twice").being(|metadata| metadata.rules = vec![rule("same"), rule("same")]).component()
        }),
        attack("no-rules", "declares no rule", Refused("refused"), || {
            Guest::new("no-rules").being(|metadata| metadata.rules.clear()).component()
        }),
        attack("undeclared-rule", "names a rule that it does not declare", Partly(0), || {
            Guest::new("undeclared-rule").saying(|finding| finding.rule = "other".to_owned()).component()
        }),
        attack("foreign-rule", "names a built-in rule", Partly(0), || {
            Guest::new("foreign-rule")
                .saying(|finding| finding.rule = "isolation/privileged-container".to_owned())
                .component()
        }),
        Attack {
            settings: r#"{"level": "eleven"}"#,
            ..attack("settings", "is given settings that do not match its schema", Refused("settings"), || {
                Guest::new("settings")
                    .being(|metadata| {
                        metadata.settings_schema =
                            Some(r#"{"type": "object", "properties": {"level": {"type": "integer"}}}"#.to_owned());
                    })
                    .component()
            })
        },
        attack("schema", "has a settings schema that is none", Refused("refused"), || {
            Guest::new("schema")
                .being(|metadata| metadata.settings_schema = Some("{\"type\": 7".to_owned()))
                .component()
        })
        // The worker meets it first, when it holds the settings against it.
        .in_page(Refused("settings")),
        attack("schema-elsewhere", "has a settings schema that refers to the network", Refused("settings"), || {
            Guest::new("schema-elsewhere")
                .being(|metadata| {
                    metadata.settings_schema = Some(r#"{"$ref": "https://schemas.example/s.json"}"#.to_owned())
                })
                .component()
        }),
    ]
}

fn places() -> Vec<Attack> {
    vec![
        attack("no-document", "points into document 99", Partly(0), || {
            Guest::new("no-document").saying(|finding| finding.location = place(99, 0, 0)).component()
        }),
        attack("beyond-the-end", "points behind the end of a file", Partly(0), || {
            Guest::new("beyond-the-end").saying(|finding| finding.location = place(0, 0, 4_000_000)).component()
        }),
        attack("reversed", "points at a range that ends before it starts", Partly(0), || {
            Guest::new("reversed").saying(|finding| finding.location = place(0, 4, 0)).component()
        }),
        attack("half-a-character", "points into the middle of a character", Partly(0), || {
            // The first file of the suite starts with `# ü`.
            Guest::new("half-a-character").saying(|finding| finding.location = place(0, 0, 3)).component()
        }),
        attack("overlapping-edits", "has a fix whose edits overlap", Partly(0), || {
            Guest::new("overlapping-edits")
                .saying(|finding| finding.fixes = vec![fix(&[(0, 3, "a"), (2, 4, "b")])])
                .component()
        }),
        attack("edit-elsewhere", "has a fix that changes what is no file of the project", Partly(0), || {
            Guest::new("edit-elsewhere")
                .saying(|finding| {
                    let mut fix = fix(&[(0, 1, "a")]);
                    fix.edits[0].location.document = 7;
                    finding.fixes = vec![fix];
                })
                .component()
        }),
        attack("many-parts", "has a finding of a hundred and one fixes", Partly(0), || {
            Guest::new("many-parts").saying(|finding| finding.fixes = vec![fix(&[(0, 1, "a")]); 101]).component()
        }),
        attack("long-message", "has a message of 5 KB", Partly(0), || {
            Guest::new("long-message").saying(|finding| finding.message = "x".repeat(5_000)).component()
        }),
        attack("long-edit", "has an edit of 65 KB", Partly(0), || {
            Guest::new("long-edit")
                .saying(|finding| finding.fixes = vec![fix(&[(0, 1, &"x".repeat(66_000))])])
                .component()
        }),
        attack("no-message", "has a finding that says nothing", Partly(0), || {
            Guest::new("no-message").saying(|finding| finding.message = " ".to_owned()).component()
        }),
        attack("strangers", "says that its finding affects services that are not there", Taken(1), || {
            Guest::new("strangers")
                .saying(|finding| {
                    finding.properties = vec![property("service", "not-there"), property("view", "neither")];
                    finding.related = vec![related("and a place that is")];
                })
                .component()
        }),
    ]
}

fn values() -> Vec<Attack> {
    vec![
        attack("no-text", "gives a message that is not UTF-8", Refused("text"), || {
            Guest::new("no-text")
                .with("(data (i32.const 8) \"\\ff\\fe\")")
                .poke(Place::Finding, 20, &[8, 0, 0, 0, 2, 0, 0, 0])
                .component()
        }),
        attack("address", "gives a message that lies outside of its memory", Refused("value"), || {
            Guest::new("address").poke(Place::Finding, 20, &[0xf0, 0xff, 0xff, 0xff, 32, 0, 0, 0]).component()
        }),
        attack("odd-address", "gives a list at an address that is not aligned", Refused("value"), || {
            Guest::new("odd-address")
                .checking("(i32.store (i32.add (i32.const @answer) (i32.const 4)) (i32.const 1025))")
                .component()
        }),
        attack("severity", "gives a severity that there is not", Refused("value"), || {
            Guest::new("severity").poke(Place::Finding, 28, &[1, 77]).component()
        }),
        attack("neither", "gives neither findings nor an error", Refused("value"), || {
            Guest::new("neither").poke(Place::Answer, 0, &[9]).component()
        }),
        attack("room-elsewhere", "gives room for the project outside of its memory", Refused("value"), || {
            Guest::new("room-elsewhere").allocating("(return (i32.const -8))").component()
        }),
        attack("gives-up", "gives an error instead of findings", Refused("gave-up"), || {
            Guest::new("gives-up")
                .failing(Error { kind: ErrorKind::Internal, message: "\u{1b}[2Jnot today".to_owned() })
                .component()
        }),
        attack("blames-settings", "refuses settings that nobody gave", Refused("settings-refused"), || {
            Guest::new("blames-settings")
                .failing(Error { kind: ErrorKind::Settings, message: "`colour` is missing".to_owned() })
                .component()
        }),
        attack("doubles", "gives the same finding twice", Taken(1), || Guest::new("doubles").repeated(2).component()),
    ]
}
