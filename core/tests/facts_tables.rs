//! Generates `core/src/facts/tables/*.rs` from `core/data/*.json`, and checks the data.
//!
//! A stale table is rewritten and the test fails once: the next run compiles what it wrote.
#![allow(clippy::disallowed_methods, reason = "this test is the generator: it reads the data and writes the tables")]
#![allow(clippy::panic, reason = "a generator that cannot read its data stops the test run, in helpers too")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use plimsoll_core::date::Date;
use plimsoll_core::facts;
use serde_json::Value;

const TABLES: [&str; 12] = [
    "advisories",
    "capabilities",
    "eol",
    "host_paths",
    "images",
    "known_exploited",
    "needed_paths",
    "ports",
    "reputation",
    "secret_files",
    "secrets",
    "tags",
];

fn path_of(table: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(format!("{table}.json"))
}

fn load(table: &str) -> Value {
    let path = path_of(table);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{table}.json: {error}"))
}

/// A list of objects or strings.
fn list<'a>(data: &'a Value, name: &str) -> &'a [Value] {
    data[name].as_array().unwrap_or_else(|| panic!("no list {name}"))
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("no text {key} in {row}"))
}

/// A string literal: Rust's own escapes are what `Debug` prints.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A slice of strings or numbers; a missing list is empty.
fn slice(value: &Value) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let items: Vec<String> = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), quoted)).collect();
    format!("&[{}]", items.join(", "))
}

/// `root-master` as `RootMaster`; `nonroot` has no seam to see.
fn variant(text: &str) -> String {
    if text == "nonroot" {
        return "NonRoot".to_owned();
    }
    text.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

fn date(text: &str) -> String {
    let date = Date::parse(text).unwrap_or_else(|| panic!("no date: {text}"));
    format!("d({}, {}, {})", date.year, date.month, date.day)
}

fn full_date(text: &str) -> String {
    date(text).replace("d(", "Date::new(")
}

/// A constant that a user's own row may replace.
fn cow(code: &str) -> String {
    format!("Cow::Borrowed({code})")
}

fn end(value: &Value) -> String {
    match value {
        Value::String(text) => format!("On({})", date(text)),
        Value::Bool(true) => "Ended".to_owned(),
        Value::Bool(false) => "NotAnnounced".to_owned(),
        other => panic!("no end: {other}"),
    }
}

fn optional_end(value: &Value) -> String {
    if value.is_null() { "None".to_owned() } else { format!("Some({})", end(value)) }
}

/// A struct literal of `kind`, field by field: `name:type`, or `name=key:type` where the data's key has another name.
fn literal(kind: &str, row: &Value, fields: &str) -> String {
    let fields = fields.split(' ').map(|field| {
        let (name, as_type) = field.split_once(':').unwrap_or_else(|| panic!("no type: {field}"));
        let (name, key) = name.split_once('=').unwrap_or((name, name));
        let value = &row[key];
        let code = match as_type {
            "str" => quoted(text(row, key)),
            "str-or-empty" => quoted(value.as_str().unwrap_or_default()),
            "option" => value.as_str().map_or("None".to_owned(), |text| format!("Some({})", quoted(text))),
            "bool" => value.as_bool().unwrap_or(false).to_string(),
            "number" => value.to_string(),
            "float" => format!("{:?}", value.as_f64().unwrap_or(0.0)),
            "slice" => slice(value),
            "cow" => cow(&quoted(text(row, key))),
            "cow-or-empty" => cow(&quoted(value.as_str().unwrap_or_default())),
            "cow-option" => value.as_str().map_or("None".to_owned(), |text| format!("Some({})", cow(&quoted(text)))),
            "cow-slice" => cow(&slice(value)),
            "none" => "None".to_owned(),
            "date-or-none" => value.as_str().map_or("None".to_owned(), |text| format!("Some({})", full_date(text))),
            "level" => variant(text(row, key)),
            "level-or-none" if text(row, key) == "none" => "None".to_owned(),
            "level-or-none" => format!("Some({})", variant(text(row, key))),
            "lines" => value.as_u64().unwrap_or(1).to_string(),
            "udp" => (text(row, key) == "udp").to_string(),
            "verified" => (text(row, key) != "doc").to_string(),
            path if value.is_null() && path.starts_with('?') => "None".to_owned(),
            path if path.starts_with('?') => format!("Some({}::{})", &path[1..], variant(text(row, key))),
            path => format!("{path}::{}", variant(text(row, key))), // an enum's name
        };
        format!("{name}: {code}")
    });
    format!("{kind} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

/// A table of struct literals.
fn structs(out: &mut String, name: &str, kind: &str, data: &Value, key: &str, fields: &str) {
    table(out, name, kind, list(data, key).iter().map(|row| literal(kind, row, fields)));
}

/// A table of pairs.
fn pairs(out: &mut String, name: &str, data: &Value, key: &str, first: &str) {
    let pair = |row: &Value| format!("({}, {})", quoted(text(row, first)), quoted(text(row, "product")));
    table(out, name, "(&str, &str)", list(data, key).iter().map(pair));
}

/// `#[rustfmt::skip] pub(crate) static NAME: &[TYPE] = &[one row a line];`
fn table(out: &mut String, name: &str, kind: &str, rows: impl Iterator<Item = String>) {
    let rows = rows.fold(String::new(), |all, row| all + "    " + &row + ",\n");
    let _ = write!(out, "\n#[rustfmt::skip]\npub(crate) static {name}: &[{kind}] = &[\n{rows}];\n");
}

/// Tables of strings, named as in the data.
fn strings(out: &mut String, data: &Value, keys: &[&str]) {
    for key in keys {
        let item = |item: &Value| quoted(item.as_str().unwrap_or_else(|| panic!("{key}: no text in {item}")));
        table(out, &key.to_ascii_uppercase(), "&str", list(data, key).iter().map(item));
    }
}

fn generate(name: &str, data: &Value) -> String {
    let mut out = String::new();
    let imports = body(name, data, &mut out);
    let meta = &data["_meta"];
    let as_of = full_date(text(meta, "as_of"));
    let (source, licence) = (quoted(text(meta, "source")), quoted(text(meta, "licence")));
    format!(
        "// generated from core/data/{name}.json by core/tests/facts_tables.rs; do not edit\n\n\
         use crate::date::Date;\nuse crate::facts::FactDate;\n{imports}\n\
         #[rustfmt::skip]\n\
         pub(crate) const META: FactDate = FactDate {{ table: {name:?}, as_of: {as_of}, source: {source}, licence: {licence} }};\n{out}"
    )
}

/// Writes the statics of one table, and returns what they import.
fn body(name: &str, data: &Value, o: &mut String) -> &'static str {
    match name {
        "advisories" => {
            let text = std::fs::read_to_string(path_of(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let _ = write!(o, "\npub(crate) const DIGEST: &str = {:?};\n", facts::advisories::digest(&text));
            ""
        }
        "capabilities" => {
            let fields = "cap:str escape_tier:str level:level default:bool why:str legitimate_for:option images:slice";
            structs(o, "ROWS", "CapabilityRow", data, "rows", fields);
            "use crate::facts::Level::{Critical, High, Info, Low, Medium};\nuse crate::facts::capabilities::CapabilityRow;\n"
        }
        "eol" => {
            eol(data, o);
            "use crate::facts::eol::End::{self, Ended, NotAnnounced, On};\nuse crate::facts::eol::{Cycle, Product};\nuse std::borrow::Cow;\n"
        }
        "host_paths" => {
            let fields = "path:str matching=match:PathMatch category:PathCategory read_write=severity_rw:level-or-none \
                          read_only=severity_ro:level-or-none why:str";
            structs(o, "ROWS", "HostPathRow", data, "rows", fields);
            "use crate::facts::Level::{Critical, High, Low, Medium};\nuse crate::facts::host_paths::{HostPathRow, PathCategory, PathMatch};\n"
        }
        "images" => {
            let fields = "pattern:cow tag:cow-or-empty default_user:cow exec:Exec role:str runtime_user:cow-option \
                          ports:cow-slice eol_product:option ships_healthcheck:bool cap_add:cow-slice mounts_socket:bool \
                          verified=source:verified source:cow notes:cow-or-empty own:none";
            structs(o, "ROWS", "ImageRow", data, "rows", fields);
            "use crate::facts::images::{Exec, ImageRow};\nuse std::borrow::Cow;\n"
        }
        "known_exploited" => {
            let fields = "component:str kind:Kind ids:slice title:str affected:slice built_before:date-or-none level:level \
                          needs:?Condition note:option";
            structs(o, "ROWS", "KnownExploited", data, "rows", fields);
            "use crate::facts::Level::{Critical, High, Medium};\nuse crate::facts::known_exploited::{Condition, Kind, KnownExploited};\n"
        }
        "needed_paths" => {
            for key in ["needed", "probable", "shared_env_file"] {
                let _ = write!(o, "\npub(crate) const {}: u8 = {};\n", key.to_ascii_uppercase(), data[key]);
            }
            structs(o, "EVIDENCE", "EvidenceRow", data, "evidence", "kind:Evidence weight:number directives:slice");
            strings(o, data, &["host_words", "replica_keys"]);
            structs(o, "DUTIES", "DutyRow", data, "duties", "duty:str keys:slice settings:slice");
            let pair = |row: &Value| format!("({}, {})", quoted(text(row, "from")), quoted(text(row, "to")));
            table(o, "ROLE_DEFAULTS", "(&str, &str)", list(data, "role_defaults").iter().map(pair));
            "use crate::facts::needed_paths::{DutyRow, Evidence, EvidenceRow};\n"
        }
        "ports" => {
            let fields = "port:number udp=proto:udp service:str class:str level:level default_auth:option ambiguous_with:slice note:option";
            structs(o, "ROWS", "PortRow", data, "rows", fields);
            "use crate::facts::Level::{Critical, High, Info, Low, Medium};\nuse crate::facts::ports::PortRow;\n"
        }
        "reputation" => {
            let fields =
                "pattern:str tag:str-or-empty since:option source:option replace:option level:level note:option";
            structs(o, "UNMAINTAINED", "Unmaintained", data, "unmaintained", fields);
            strings(o, data, &["publishers", "official_names"]);
            "use crate::facts::Level::{Info, Low, Medium};\nuse crate::facts::reputation::Unmaintained;\n"
        }
        "secret_files" => {
            let fields = "name:str framework:bool images:slice vars:slice how:str-or-empty";
            structs(o, "ROWS", "SecretFileSupport", data, "rows", fields);
            "use crate::facts::secret_files::SecretFileSupport;\n"
        }
        "secrets" => {
            let fields = "id:str provider:str regex:str group:number level:level min_entropy:float keywords:slice lines:lines generic:bool note:option";
            structs(o, "TOKEN_FORMATS", "TokenFormat", data, "token_formats", fields);
            strings(o, data, &["key_exact", "key_patterns", "key_weak", "key_dsn", "key_not_secret"]);
            strings(o, data, &["placeholders", "placeholder_patterns", "weak_passwords"]);
            structs(o, "DEFAULT_PAIRS", "DefaultPair", data, "default_pairs", "user:str password:str product:str");
            structs(
                o,
                "SECRET_FILES",
                "SecretFile",
                data,
                "secret_files",
                "glob:str level:level except:slice note:option",
            );
            strings(o, data, &["path_guards", "dockerignore_baseline"]);
            "use crate::facts::Level::{Critical, High, Low, Medium};\nuse crate::facts::secrets::{DefaultPair, SecretFile};\nuse crate::facts::tokens::TokenFormat;\n"
        }
        "tags" => {
            structs(o, "OS_SUFFIXES", "OsSuffix", data, "os_suffixes", "suffix:str product:str cycle:str");
            pairs(o, "OS_PREFIXES", data, "os_prefixes", "prefix");
            pairs(o, "REPACKAGED", data, "repackaged", "name");
            strings(o, data, &["floating", "product_only"]);
            "use crate::facts::tags::OsSuffix;\n"
        }
        other => panic!("no generator for {other}"),
    }
}

/// Products with their cycles below them; 1,600 rows deserve a short constructor.
fn eol(data: &Value, out: &mut String) {
    out.push_str(
        "\nconst fn d(year: i32, month: u8, day: u8) -> Date {\n    Date::new(year, month, day)\n}\n\n\
         #[rustfmt::skip]\n\
         const fn c(cycle: &'static str, released: Date, eol: End, active_until: Option<End>, extended_until: Option<End>, latest: Option<&'static str>, estimated: bool) -> Cycle {\n    \
         let latest = match latest { Some(latest) => Some(Cow::Borrowed(latest)), None => None };\n    \
         Cycle { cycle: Cow::Borrowed(cycle), released, eol, active_until, extended_until, latest, estimated }\n}\n",
    );
    let cycle = |r: &Value| {
        let ends = [end(&r["eol"]), optional_end(&r["eoas"]), optional_end(&r["eoes"])].join(", ");
        let latest = r["latest"].as_str().map_or("None".to_owned(), |latest| format!("Some({})", quoted(latest)));
        let estimated = r["estimated"].as_bool().unwrap_or(false);
        format!(
            "        c({}, {}, {ends}, {latest}, {estimated}),\n",
            quoted(text(r, "cycle")),
            date(text(r, "released"))
        )
    };
    let product = |p: &Value| {
        let cycles: String = list(data, "rows").iter().filter(|r| r["product"] == p["product"]).map(cycle).collect();
        let named = literal("Product", p, "name=product:str title:str url:str");
        format!("{}, cycles: Cow::Borrowed(&[\n{cycles}    ]), own: None }}", named.trim_end_matches(" }"))
    };
    table(out, "PRODUCTS", "Product", list(data, "products").iter().map(product));
}

fn index() -> String {
    let mut out = "// generated by core/tests/facts_tables.rs; do not edit\n\n".to_owned();
    for name in TABLES {
        let _ = writeln!(out, "pub(crate) mod {name};");
    }
    let _ = writeln!(
        out,
        "\nuse crate::facts::FactDate;\n\n#[rustfmt::skip]\npub(crate) static META: [FactDate; {}] = [",
        TABLES.len()
    );
    for name in TABLES {
        let _ = writeln!(out, "    {name}::META,");
    }
    out + "];\n"
}

#[test]
fn tables_are_what_the_data_says() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/facts/tables");
    let files = TABLES.iter().map(|name| (*name, generate(name, &load(name)))).chain([("mod", index())]);
    let mut regenerated = Vec::new();
    for (name, want) in files {
        let path = dir.join(format!("{name}.rs"));
        if std::fs::read_to_string(&path).ok().as_deref() != Some(want.as_str()) {
            std::fs::write(&path, want).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            regenerated.push(name);
        }
    }
    assert!(regenerated.is_empty(), "regenerated {}, run again", regenerated.join(", "));
}

#[test]
fn data_has_its_sources() {
    for name in TABLES {
        let data = load(name);
        for key in ["as_of", "source", "licence"] {
            assert!(!text(&data["_meta"], key).is_empty(), "{name}: {key}");
        }
    }
    let dates: Vec<&str> = facts::dates().iter().map(|table| table.table).collect();
    assert_eq!(dates, TABLES);
    assert!(facts::dates().iter().all(|table| table.as_of.is_valid()));
}

/// Binary searches lean on this: strictly rising keys, which are unique thereby.
fn rising<K: PartialOrd + std::fmt::Debug>(what: &str, keys: impl Iterator<Item = K>) {
    let keys: Vec<K> = keys.collect();
    for pair in keys.windows(2) {
        assert!(pair[0] < pair[1], "{what}: {:?} before {:?}", pair[0], pair[1]);
    }
}

#[test]
fn rows_are_sorted_and_unique() {
    use std::cmp::Reverse;
    let images = load("images");
    rising(
        "images",
        list(&images, "rows").iter().map(|r| {
            let tag = r["tag"].as_str().unwrap_or_default();
            (text(r, "pattern"), Reverse(tag.len()), tag)
        }),
    );
    for (file, key, field) in [
        ("capabilities", "rows", "cap"),
        ("eol", "products", "product"),
        ("needed_paths", "evidence", "kind"),
        ("needed_paths", "duties", "duty"),
        ("host_paths", "rows", "path"),
        ("reputation", "unmaintained", "pattern"),
        ("secret_files", "rows", "name"),
        ("secrets", "token_formats", "id"),
        ("secrets", "secret_files", "glob"),
        ("tags", "os_suffixes", "suffix"),
        ("tags", "repackaged", "name"),
    ] {
        rising(&format!("{file}.{key}"), list(&load(file), key).iter().map(|r| text(r, field)));
    }
    for (file, key) in [
        ("needed_paths", "host_words"),
        ("needed_paths", "replica_keys"),
        ("reputation", "publishers"),
        ("reputation", "official_names"),
        ("secrets", "key_exact"),
        ("secrets", "key_dsn"),
        ("secrets", "placeholders"),
        ("secrets", "weak_passwords"),
        ("tags", "floating"),
        ("tags", "product_only"),
    ] {
        rising(&format!("{file}.{key}"), list(&load(file), key).iter().map(Value::as_str));
    }
    let known = load("known_exploited");
    let ids = |r: &Value| r["ids"].as_array().into_iter().flatten().map(Value::to_string).collect::<Vec<_>>();
    let key = |r: &Value| (text(r, "component").to_owned(), ids(r), text(r, "kind").to_owned());
    rising("known_exploited", list(&known, "rows").iter().map(key));
    rising("ports", list(&load("ports"), "rows").iter().map(|r| (text(r, "proto") == "udp", r["port"].as_u64())));
}

#[test]
fn products_hang_together() {
    let known: BTreeSet<&str> = facts::eol::products().iter().map(|product| product.name).collect();
    for row in facts::images::rows() {
        assert!(
            row.eol_product.is_none_or(|product| known.contains(product)),
            "{}: {:?}",
            row.pattern,
            row.eol_product
        );
        assert!(!row.role.is_empty() && !row.default_user.is_empty(), "{}", row.pattern);
    }
    let eol = load("eol");
    for row in list(&eol, "rows") {
        assert!(known.contains(text(row, "product")), "{row}");
    }
    for product in facts::eol::products() {
        assert!(!product.cycles.is_empty() && product.url.starts_with("https://"), "{}", product.name);
        for cycle in product.cycles.iter() {
            assert!(cycle.released.is_valid(), "{} {}", product.name, cycle.cycle);
            let ends = [Some(cycle.eol), cycle.active_until, cycle.extended_until];
            assert!(
                ends.into_iter().flatten().filter_map(facts::eol::End::date).all(Date::is_valid),
                "{} {}",
                product.name,
                cycle.cycle
            );
            let found = product.cycle(&cycle.cycle).map(|found| &found.cycle);
            assert_eq!(found, Some(&cycle.cycle), "{}", product.name);
        }
        for pair in product.cycles.windows(2) {
            assert!(
                facts::eol::compare_versions(&pair[0].cycle, &pair[1].cycle).is_gt(),
                "{}: {} before {}",
                product.name,
                pair[0].cycle,
                pair[1].cycle
            );
        }
    }
    let tags = load("tags");
    for row in ["os_suffixes", "os_prefixes", "repackaged"].into_iter().flat_map(|key| list(&tags, key)) {
        assert!(known.contains(text(row, "product")), "{row}");
    }
}

/// The pack as terminal and page hand it in: sorted, every range read, none of two that meet.
#[test]
fn advisories_can_be_read() {
    use facts::versions::{Ranges, Version};
    let file = std::fs::read_to_string(path_of("advisories")).unwrap_or_default();
    let pack = facts::advisories::Pack::parse(&file).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pack.as_of(), facts::advisories::BUILT_IN.as_of);
    assert_eq!(facts::advisories::digest(&file), facts::advisories::BUILT_IN_DIGEST);
    assert!(pack.size().0 >= 300 && pack.size().1 >= 1500, "{:?}", pack.size());
    let data = load("advisories");
    let packages = data["packages"].as_object().unwrap_or_else(|| panic!("no packages"));
    // serde_json sorts keys itself; the text shows the order.
    let names: Vec<&str> =
        file.lines().filter_map(|line| line.strip_suffix(":[")).filter(|line| line.contains('/')).collect();
    assert_eq!(names.len(), packages.len());
    rising("advisories", names.into_iter());
    for (package, rows) in packages {
        let rows = rows.as_array().unwrap_or_else(|| panic!("{package}"));
        rising(package, rows.iter().map(|row| (text(row, "id"), text(row, "title"))));
        for row in rows {
            let ranges: Vec<&str> = list(row, "affected").iter().filter_map(Value::as_str).collect();
            assert!(!ranges.is_empty() && !text(row, "title").is_empty(), "{package} {row}");
            for pair in ranges.windows(2) {
                let end = pair[0].rsplit(',').next().and_then(|end| end.strip_prefix('<'));
                let start = pair[1].split(',').next().and_then(|start| start.strip_prefix(">="));
                let meets = end.and_then(Version::parse).is_some_and(|end| Some(end) == start.and_then(Version::parse));
                assert!(!meets, "{package} {}: {} and {} are one range", text(row, "id"), pair[0], pair[1]);
                assert!(Ranges::parse(&pair.join("|")).is_ok(), "{package} {}", text(row, "id"));
            }
        }
    }
}

/// What is on both lists says the same on both.
#[test]
fn exploited_packages_agree_with_the_advisories() {
    let file = std::fs::read_to_string(path_of("advisories")).unwrap_or_default();
    let data: Value = serde_json::from_str(&file).unwrap_or_else(|error| panic!("{error}"));
    let rows = facts::known_exploited::rows().iter();
    for row in rows.filter(|row| row.kind == facts::known_exploited::Kind::Composer) {
        let listed = data["packages"][row.component].as_array().into_iter().flatten();
        for advisory in listed.filter(|advisory| row.ids.contains(&text(advisory, "id"))) {
            for range in list(advisory, "affected").iter().filter_map(Value::as_str) {
                let end = range.rsplit(',').next().and_then(|end| end.strip_prefix('<')).unwrap_or("0");
                let own = row.affected.iter().any(|own| own.ends_with(&format!("<{end}")));
                assert!(own, "{} {:?}: {range} is missing", row.component, row.ids);
            }
        }
    }
}
