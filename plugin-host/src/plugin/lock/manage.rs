//! `plimsoll plugin add`, `update` and `verify`: the configuration and its lock file, changed together.

use super::{Lock, Locked};
use crate::plugin::config::{Configuration, folder_of, relative};
use crate::plugin::run::{self, Request, Trust};
use crate::plugin::source::{self, Origin, Store};
use crate::plugin::{Host, Plugin};
use anyhow::{Context as _, Result, bail};
use plimsoll_core::policy::plugins::Entry;
use plimsoll_core::text::{count, shorten, visible};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value, value};

/// What the plug-ins of a configuration are managed with.
#[derive(Debug)]
pub struct Manage<'a> {
    /// The configuration.
    pub config: PathBuf,
    /// What loads plug-ins, so that they say their names and rules.
    pub host: &'a Host,
    /// Where those from registries are kept.
    pub store: Option<Store>,
}

/// What a verification came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Lines to print.
    pub text: String,
    /// Whether everything is as it should be.
    pub ok: bool,
}

/// A plug-in that was got and loaded.
struct Got {
    plugin: Plugin,
    digest: String,
}

impl Manage<'_> {
    fn shown(&self) -> String {
        visible(&self.config.display().to_string())
    }

    fn configuration(&self) -> Result<Configuration> {
        Ok(Configuration::read(&self.config)?)
    }

    /// Gets a plug-in that the user asks for by its source: whatever is there now, when a trusted key signed it.
    fn get(&self, configuration: &Configuration, source: &str) -> Result<Got> {
        let shown = shorten(source, 200);
        let wrong = |error: &dyn std::fmt::Display, help: &str| anyhow::anyhow!("{shown}: {error}; {help}");
        let origin = Origin::of(source, configuration.folder()).map_err(|error| wrong(&error, error.help()))?;
        let fetched = source::fetch(&origin, None, self.store.as_ref(), self.host.limits())
            .map_err(|error| wrong(&error, error.help()))?;
        let signed = configuration.keys.verify(&fetched.bytes, fetched.signature.as_deref());
        signed.map_err(|error| wrong(&error, error.help()))?;
        let plugin = self.host.load(&fetched.bytes).map_err(|error| wrong(&error, error.help()))?;
        Ok(Got { plugin, digest: fetched.digest })
    }

    fn write_lock(&self, lock: &Lock) -> Result<()> {
        let path = Lock::path(&self.config);
        source::write(&path, lock.render().as_bytes())
            .with_context(|| format!("{} could not be written", path.display()))
    }

    fn write_config(&self, document: &DocumentMut) -> Result<()> {
        source::write(&self.config, document.to_string().as_bytes())
            .with_context(|| format!("{} could not be written", self.shown()))
    }
}

/// Adds a plug-in to a configuration, which is made when it is not there, and to its lock file. A file is named as seen from the
/// current folder. What is to be printed.
///
/// # Errors
/// When it is no plug-in, is there already, or a file cannot be written. Nothing is changed then.
pub fn add(manage: &Manage<'_>, source: &str) -> Result<String> {
    let configuration =
        if manage.config.exists() { manage.configuration()? } else { Configuration::empty(&manage.config) };
    let source = as_seen_from(folder_of(&manage.config), source)?;
    if configuration.plugins.list.iter().any(|entry| entry.source == source) {
        bail!(
            "{} names {} already; `plimsoll plugin update` takes what is there now",
            manage.shown(),
            shorten(&source, 200)
        );
    }
    let mut lock = Lock::read(&manage.config)?.unwrap_or_default();
    let got = manage.get(&configuration, &source)?;
    let locked = Locked::of(&got.plugin, &got.digest, &source);
    if let Some(other) = lock.list.iter().find(|other| other.name == locked.name) {
        bail!(
            "{} comes from {} already; two plug-ins of one name cannot run together",
            other.name,
            shorten(&other.source, 200)
        );
    }
    let mut document: DocumentMut = configuration.text().parse().context("the configuration could not be read")?;
    append(&mut document, &source, source.starts_with("oci://").then_some(got.digest.as_str()))?;
    manage.write_config(&document)?;
    let mut text = format!(
        "added {} {} ({}, sha256 {}) to {}\n",
        locked.name,
        locked.version,
        shorten(&source, 200),
        locked.sha256,
        manage.shown()
    );
    text += &rules_of(&locked);
    text += &settings_asked_for(&got.plugin);
    lock.list.push(locked);
    manage.write_lock(&lock)?;
    Ok(text)
}

/// Takes what the sources of a configuration give now: all of them, or the one of this name or source. What is to be printed.
///
/// # Errors
/// When there is none of this name, or one cannot be had. Nothing is changed then.
pub fn update(manage: &Manage<'_>, name: Option<&str>) -> Result<String> {
    let configuration = manage.configuration()?;
    let old = Lock::read(&manage.config)?.unwrap_or_default();
    let named = |entry: &Entry| {
        let known = old.of_source(&entry.source).map(|locked| locked.name.as_str());
        name.is_none_or(|name| entry.source == name || known == Some(name))
    };
    let mut document: DocumentMut = configuration.text().parse().context("the configuration could not be read")?;
    let mut lock = Lock::default();
    let (mut text, mut repinned, mut found) = (String::new(), false, false);
    for (index, entry) in configuration.plugins.list.iter().enumerate() {
        let before = old.of_source(&entry.source);
        if !named(entry) {
            lock.list.extend(before.cloned());
            continue;
        }
        found = true;
        let got = manage.get(&configuration, &entry.source)?;
        let now = Locked::of(&got.plugin, &got.digest, &entry.source);
        if let Some(other) = lock.list.iter().find(|other| other.name == now.name) {
            bail!("{} and {} are both named {}", shorten(&other.source, 200), shorten(&now.source, 200), now.name);
        }
        if entry.sha256.as_ref().is_some_and(|(pin, _)| *pin != got.digest) {
            repin(&mut document, index, &got.digest)?;
            repinned = true;
        }
        text += &told(before, &now);
        lock.list.push(now);
    }
    if !found {
        let known: Vec<&str> = old.list.iter().map(|locked| locked.name.as_str()).collect();
        match name {
            Some(name) => bail!(
                "{} has no plug-in `{}`; it has {}",
                manage.shown(),
                shorten(name, 100),
                if known.is_empty() { "none that is written down".to_owned() } else { known.join(", ") }
            ),
            None => text = format!("{} names no plug-ins\n", manage.shown()),
        }
    }
    for gone in old.list.iter().filter(|one| configuration.plugins.list.iter().all(|entry| entry.source != one.source))
    {
        text += &format!("{} is no longer in the configuration\n", shorten(&gone.name, 64));
    }
    lock.list.sort();
    if repinned {
        manage.write_config(&document)?;
    }
    if lock != old || !Lock::path(&manage.config).exists() {
        manage.write_lock(&lock)?;
    }
    Ok(text)
}

/// Holds the plug-ins of a configuration against its pins, its keys and its lock file, and loads each.
///
/// # Errors
/// When the configuration or the lock file cannot be read.
pub fn verify(manage: &Manage<'_>) -> Result<Verified> {
    let configuration = Arc::new(manage.configuration()?);
    let lock = Lock::read(&manage.config)?;
    let trust = Trust { keys: &configuration.keys, store: manage.store.as_ref() };
    let loaded = run::load(manage.host, Request::of(&configuration, lock.as_ref()), &trust);
    let mut text = String::new();
    for ready in &loaded.ready {
        let signed = if configuration.keys.are_asked_for() { ", signed by a trusted key" } else { "" };
        text += &format!(
            "{} {} ({}, sha256 {}{signed})\n",
            ready.plugin.metadata.name,
            shorten(&ready.plugin.metadata.version, 100),
            ready.request.name,
            ready.digest
        );
    }
    let mut wrong: Vec<String> = loaded.failed.iter().flat_map(run::Failed::lines).collect();
    match &lock {
        Some(lock) => wrong.extend(lock.drift(&configuration, &loaded)),
        None if configuration.plugins.list.is_empty() => {}
        None => wrong.push(format!("{} is missing; `plimsoll plugin update` writes it", super::FILE_NAME)),
    }
    for line in &wrong {
        // What belongs to the line above is indented.
        let wrong = if line.starts_with(' ') { "" } else { "wrong: " };
        text += &format!("{wrong}{line}\n");
    }
    if wrong.is_empty() {
        text += &format!("{} as written down\n", count(loaded.ready.len(), "plug-in"));
    }
    Ok(Verified { text, ok: wrong.is_empty() })
}

/// A source as the configuration writes it: a file relative to the configuration's folder, with `/` between its parts.
fn as_seen_from(folder: &Path, source: &str) -> Result<String> {
    if source.contains("://") {
        return Ok(source.to_owned());
    }
    let real = |path: &Path| {
        path.canonicalize().with_context(|| format!("{} could not be found", visible(&path.display().to_string())))
    };
    Ok(relative(&real(Path::new(source))?, &real(folder)?))
}

/// Adds an entry behind the others, in the way that the configuration writes them.
fn append(document: &mut DocumentMut, source: &str, digest: Option<&str>) -> Result<()> {
    if let Some(list) = document.get_mut("plugin").and_then(Item::as_array_mut) {
        let mut entry = InlineTable::new();
        entry.insert("source", source.into());
        if let Some(digest) = digest {
            entry.insert("sha256", digest.into());
        }
        list.push(Value::InlineTable(entry));
        return Ok(());
    }
    let mut entry = Table::new();
    entry.insert("source", value(source));
    if let Some(digest) = digest {
        entry.insert("sha256", value(digest));
    }
    if !document.as_table().is_empty() {
        entry.decor_mut().set_prefix("\n");
    }
    let list = document.entry("plugin").or_insert(Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    let list = list.as_array_of_tables_mut().context("`plugin` is no list in the configuration")?;
    list.push(entry);
    Ok(())
}

/// Sets the digest of an entry, and leaves the rest of its line.
fn repin(document: &mut DocumentMut, index: usize, digest: &str) -> Result<()> {
    let list = document.get_mut("plugin");
    let found = match list {
        Some(Item::ArrayOfTables(list)) => {
            list.get_mut(index).and_then(|entry| entry.get_mut("sha256")?.as_value_mut())
        }
        Some(Item::Value(Value::Array(list))) => {
            list.get_mut(index).and_then(|entry| entry.as_inline_table_mut()?.get_mut("sha256"))
        }
        _ => None,
    };
    let pin = found.context("the digest was not found in the configuration")?;
    let decor = pin.decor().clone();
    *pin = digest.into();
    *pin.decor_mut() = decor;
    Ok(())
}

fn told(before: Option<&Locked>, now: &Locked) -> String {
    let title = format!("{} ({})", now.name, shorten(&now.source, 200));
    match before.map(|before| before.changes(now)) {
        None => format!("{title}: written down, version {}, sha256 {}\n{}", now.version, now.sha256, rules_of(now)),
        Some(changes) if changes.is_empty() => format!("{title}: unchanged\n"),
        Some(changes) => {
            let lines: String = changes.iter().map(|change| format!("  {change}\n")).collect();
            format!("{title}:\n{lines}")
        }
    }
}

fn rules_of(locked: &Locked) -> String {
    locked.rules.iter().map(|(id, severity)| format!("  rule {}/{id} ({severity})\n", locked.name)).collect()
}

/// What has to be set before the plug-in runs.
fn settings_asked_for(plugin: &Plugin) -> String {
    let Some(schema) = &plugin.metadata.settings_schema else { return String::new() };
    let faults = plimsoll_plugin_settings::validate(schema, "{}").err().unwrap_or_default();
    if faults.is_empty() {
        return String::new();
    }
    let said: Vec<String> = faults.iter().take(5).map(|fault| fault.message.clone()).collect();
    format!("  it needs `settings` before it runs: {}\n", said.join("; "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use super::*;

    fn appended(text: &str, digest: Option<&str>) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        append(&mut document, "rules/a.wasm", digest).unwrap();
        document.to_string()
    }

    #[test]
    fn the_rest_of_the_configuration_stays_as_it_is() {
        let text = "# ours\n[policy]   # strict\nrequire-digest = true\n\n[[plugin]]\nsource = 'b.wasm' # first\n";
        let after = appended(text, None);
        assert!(after.starts_with(text), "{after}");
        assert!(after.ends_with("[[plugin]]\nsource = \"rules/a.wasm\"\n"), "{after}");
        assert_eq!(appended("", Some("ab")), "[[plugin]]\nsource = \"rules/a.wasm\"\nsha256 = \"ab\"\n");
        let inline = appended("plugin = [{ source = \"b.wasm\" }] # all\n", Some("ab"));
        assert_eq!(
            inline,
            "plugin = [{ source = \"b.wasm\" }, { source = \"rules/a.wasm\", sha256 = \"ab\" }] # all\n"
        );
        let alone = appended("[policy]\nrequire-digest = true\n", None);
        assert_eq!(alone, "[policy]\nrequire-digest = true\n\n[[plugin]]\nsource = \"rules/a.wasm\"\n");
    }

    #[test]
    fn a_new_pin_takes_the_place_of_the_old_one() {
        for (text, after) in [
            (
                "[[plugin]]\nsha256 = \"a\"  # why\nsource = \"x\"\n",
                "[[plugin]]\nsha256 = \"b\"  # why\nsource = \"x\"\n",
            ),
            ("plugin = [{ source = \"x\", sha256 = \"a\" }]\n", "plugin = [{ source = \"x\", sha256 = \"b\" }]\n"),
        ] {
            let mut document: DocumentMut = text.parse().unwrap();
            repin(&mut document, 0, "b").unwrap();
            assert_eq!(document.to_string(), after);
        }
        assert!(repin(&mut DocumentMut::new(), 0, "b").is_err());
    }

    #[test]
    fn a_file_is_written_as_the_configuration_sees_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("rules")).unwrap();
        let file = folder.path().join("rules/a.wasm");
        std::fs::write(&file, "").unwrap();
        assert_eq!(as_seen_from(folder.path(), file.to_str().unwrap()).unwrap(), "rules/a.wasm");
        assert_eq!(as_seen_from(&folder.path().join("rules"), file.to_str().unwrap()).unwrap(), "a.wasm");
        assert_eq!(as_seen_from(folder.path(), "oci://r/a:1").unwrap(), "oci://r/a:1");
        assert!(as_seen_from(folder.path(), "no-such.wasm").is_err());
    }
}
