//! The SDK that a plug-in in Rust takes along: the very sources of this repository, with manifests that stand alone.

use super::EMBEDDED;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

/// Says of a manifest where it comes from.
const HEAD: &str = "# Written by `plimsoll plugin new` from Plimsoll's own sources.\n\n";

/// The crates a plug-in needs, by their path in the repository and in a plug-in. Beside each other, as their sources expect it.
const CRATES: [(&str, &str); 2] = [("plugins/abi/", "vendor/abi/"), ("plugins/sdk/", "vendor/sdk/")];

/// The files of both crates, by their path in the plug-in's folder.
pub(super) fn files() -> Result<BTreeMap<String, String>, String> {
    let workspace = embedded("Cargo.toml")?;
    let mut files = BTreeMap::new();
    for (path, text) in EMBEDDED {
        for (from, to) in CRATES {
            let Some(name) = path.strip_prefix(from) else { continue };
            let text = match name {
                "Cargo.toml" => standalone(text, workspace).map_err(|reason| format!("{path}: {reason}"))?,
                _ => (*text).to_owned(),
            };
            files.insert(format!("{to}{name}"), text);
        }
    }
    Ok(files)
}

fn embedded(name: &str) -> Result<&'static str, String> {
    let found = EMBEDDED.iter().find(|(path, _)| *path == name);
    found.map(|(_, text)| *text).ok_or_else(|| format!("{name} is missing"))
}

/// A manifest without its workspace: what it inherits is written out. Dependencies that are optional are left out with the features
/// that switch them on: what they are for needs the whole of Plimsoll.
fn standalone(manifest: &str, workspace: &str) -> Result<String, String> {
    let mut document: DocumentMut = manifest.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let workspace: DocumentMut = workspace.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let shared = |table: &str| workspace.get("workspace").and_then(|all| all.get(table)).and_then(Item::as_table_like);
    inherit(&mut document, "package", shared("package").ok_or("the workspace has no package table")?)?;
    let mut dropped = BTreeSet::new();
    if let Some(dependencies) = document.get_mut("dependencies").and_then(Item::as_table_like_mut) {
        dropped = drop_optional(dependencies);
    }
    inherit(&mut document, "dependencies", shared("dependencies").ok_or("the workspace has no dependencies")?)?;
    let gone = drop_features(&mut document, &dropped);
    document.remove("dev-dependencies");
    document.insert("lints", lints(&gone));
    Ok(format!("{HEAD}{}", document.to_string().trim_start()))
}

/// Puts the workspace's word in the place of each `workspace = true`.
fn inherit(document: &mut DocumentMut, table: &str, shared: &dyn TableLike) -> Result<(), String> {
    let Some(entries) = document.get_mut(table).and_then(Item::as_table_like_mut) else { return Ok(()) };
    for (key, item) in entries.iter_mut() {
        let own = item.as_table_like();
        if own.and_then(|own| own.get("workspace")).and_then(Item::as_bool) != Some(true) {
            continue;
        }
        let inherited = shared.get(key.get()).ok_or_else(|| format!("the workspace has no {}", key.get()))?;
        let path = inherited.as_table_like().and_then(|one| one.get("path")).and_then(Item::as_str);
        *item = match path {
            Some(path) => value(beside(path)),
            None => inherited.as_value().map_or_else(|| inherited.clone(), |plain| value(plain.clone())),
        };
    }
    Ok(())
}

/// A crate of this repository lies beside the one that needs it.
fn beside(path: &str) -> InlineTable {
    let mut table = InlineTable::new();
    let name = path.rsplit('/').next().unwrap_or(path);
    table.insert("path", Value::from(format!("../{name}")));
    table
}

fn drop_optional(dependencies: &mut dyn TableLike) -> BTreeSet<String> {
    let optional =
        |item: &Item| item.as_table_like().and_then(|one| one.get("optional")).and_then(Item::as_bool).unwrap_or(false);
    let names: BTreeSet<String> =
        dependencies.iter().filter(|(_, item)| optional(item)).map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        dependencies.remove(name);
    }
    names
}

/// Removes the features that switch on one of these dependencies; their names.
fn drop_features(document: &mut DocumentMut, dropped: &BTreeSet<String>) -> Vec<String> {
    let Some(features) = document.get_mut("features").and_then(Item::as_table_like_mut) else { return Vec::new() };
    let needs = |item: &Item| {
        let mut parts = item.as_array().into_iter().flatten().filter_map(Value::as_str);
        parts.any(|part| part.strip_prefix("dep:").is_some_and(|name| dropped.contains(name)))
    };
    let gone: Vec<String> = features.iter().filter(|(_, item)| needs(item)).map(|(name, _)| name.to_owned()).collect();
    for name in &gone {
        features.remove(name);
    }
    if features.is_empty() {
        document.remove("features");
    }
    gone
}

/// The sources still ask for the features that are gone; that is no mistake.
fn lints(gone: &[String]) -> Item {
    let mut rust = Table::new();
    if !gone.is_empty() {
        let values: Vec<String> = gone.iter().map(|name| format!("{name:?}")).collect();
        let mut known = toml_edit::Array::new();
        known.push(format!("cfg(feature, values({}))", values.join(", ")));
        let mut lint = InlineTable::new();
        lint.insert("level", Value::from("warn"));
        lint.insert("check-cfg", Value::Array(known));
        rust.insert("unexpected_cfgs", value(lint));
    }
    let mut lints = Table::new();
    lints.set_implicit(true);
    lints.insert("rust", Item::Table(rust));
    Item::Table(lints)
}

/// A lock file with the versions that Plimsoll itself is tested with. Cargo takes out what is not needed.
pub(super) fn lock(name: &str) -> Result<String, String> {
    let document: DocumentMut =
        embedded("Cargo.lock")?.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let packages = document.get("package").and_then(Item::as_array_of_tables).ok_or("Cargo.lock names no package")?;
    let all: Vec<&Table> = packages.iter().collect();
    let text = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    let mut wanted: Vec<String> = vec!["plimsoll-plugin-sdk".to_owned(), "serde".to_owned()];
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    while let Some(dependency) = wanted.pop() {
        let mut words = dependency.split(' ');
        let (package, version) = (words.next().unwrap_or_default(), words.next());
        let is =
            |table: &&&Table| text(table, "name") == package && version.is_none_or(|one| text(table, "version") == one);
        // What only the whole of Plimsoll needs stays there.
        if package == "plimsoll-core" {
            continue;
        }
        let table = *all.iter().find(is).ok_or_else(|| format!("Cargo.lock has no {dependency}"))?;
        let names: Vec<String> = table.get("dependencies").and_then(Item::as_array).map_or_else(Vec::new, |names| {
            names.iter().filter_map(Value::as_str).filter(|name| *name != "plimsoll-core").map(str::to_owned).collect()
        });
        let entry = package_entry(table, &names);
        if taken.insert((package.to_owned(), text(table, "version")), entry).is_none() {
            wanted.extend(names);
        }
    }
    let own = format!(
        "[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n \"plimsoll-plugin-sdk\",\n \"serde\",\n]\n"
    );
    taken.insert((name.to_owned(), "0.1.0".to_owned()), own);
    let entries: Vec<String> = taken.into_values().collect();
    Ok(format!("version = 4\n\n{}", entries.join("\n")))
}

/// One package, as cargo writes it.
fn package_entry(table: &Table, dependencies: &[String]) -> String {
    let mut entry = String::from("[[package]]\n");
    for key in ["name", "version", "source", "checksum"] {
        if let Some(text) = table.get(key).and_then(Item::as_str) {
            entry.push_str(&format!("{key} = \"{text}\"\n"));
        }
    }
    if !dependencies.is_empty() {
        let lines: Vec<String> = dependencies.iter().map(|name| format!(" \"{name}\",\n")).collect();
        entry.push_str(&format!("dependencies = [\n{}]\n", lines.concat()));
    }
    entry
}
