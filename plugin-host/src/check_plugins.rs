//! The plug-ins of `plimsoll check`: which ones a user asks for, and what is said about those that fail.

use crate::cli::Check;
use anyhow::{Context as _, bail, ensure};
use plimsoll::plugin::config::{self, Configuration, Environment};
use plimsoll::plugin::lock::{self, Lock};
use plimsoll::plugin::run::{self, Failed, Loaded, Outcome, Request, Trust};
use plimsoll::plugin::signature::Keys;
use plimsoll::plugin::source::Store;
use plimsoll::plugin::{Cache, Compiler, Host, Limits, Setup};
use plimsoll_core::Report;
use plimsoll_core::finding::Finding;
use plimsoll_core::policy::plugins::NOT_LOADED;
use plimsoll_core::project::Project;
use plimsoll_core::text::visible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The plug-ins of a run, and what runs them; no host when there is none to run.
#[derive(Default)]
pub(crate) struct Plugins {
    host: Option<Host>,
    loaded: Loaded,
}

/// The configuration that counts for a run.
pub(crate) fn configuration(options: &Check, paths: &[PathBuf]) -> anyhow::Result<Option<Arc<Configuration>>> {
    let found = config::find(options.config.as_deref(), &Environment::of_process(), paths)?;
    if let Some(own) = found.passed_over {
        let own = visible(&own.display().to_string());
        anstream::eprintln!("note: {own} is part of what is checked, so it loads no plug-ins; `--config {own}` does");
    }
    Ok(found.configuration.map(Arc::new))
}

impl Plugins {
    /// Gets and loads what the options and the configuration ask for. What must not be used ends the run here.
    pub(crate) fn load(
        options: &Check,
        configuration: Option<&Arc<Configuration>>,
        paths: &[PathBuf],
    ) -> anyhow::Result<Self> {
        let mends = options.fix || options.diff;
        ensure!(
            !mends || options.suggested || options.plugin.is_empty(),
            "the fixes of plug-ins are suggestions; add --suggested to use them"
        );
        // Safe fixes are those of the built-in rules alone.
        if mends && !options.suggested && !options.locked {
            return Ok(Self::default());
        }
        let lock = match configuration {
            Some(configuration) if options.locked || !configuration.plugins.list.is_empty() => {
                Lock::read(&configuration.path)?
            }
            _ => None,
        };
        let mut requests = configuration.map(|one| Request::of(one, lock.as_ref())).unwrap_or_default();
        requests.extend(of_flags(options)?);
        let limits = configuration.map_or_else(Limits::default, |one| one.plugins.limits());
        ensure!(
            Limits::holds(limits.plugins, requests.len()),
            "{} plug-ins are named; one run takes at most {}",
            requests.len(),
            limits.plugins
        );
        let plugins = if requests.is_empty() {
            Self::default()
        } else {
            let cache = cache(options, paths);
            Self::of(cache, configuration, requests, limits)?
        };
        let fatal: Vec<String> =
            plugins.loaded.failed.iter().filter(|failed| failed.ends_the_run()).flat_map(Failed::lines).collect();
        ensure!(fatal.is_empty(), "{}", fatal.join("\nerror: "));
        if options.locked {
            hold_to(configuration, lock, &plugins.loaded)?;
        }
        Ok(plugins)
    }

    fn of(
        cache: Option<Cache>,
        configuration: Option<&Arc<Configuration>>,
        requests: Vec<Request>,
        limits: Limits,
    ) -> anyhow::Result<Self> {
        let compiler = std::env::current_exe().map_or(Compiler::InProcess, Compiler::Child);
        let host = Host::new(Setup { limits, compiler, cache })
            .map_err(|error| anyhow::anyhow!("plug-ins cannot be run here: {error}"))?;
        let nobody = Keys::default();
        let keys = configuration.map_or(&nobody, |configuration| &configuration.keys);
        let store = Store::of_user(&Environment::of_process());
        let loaded = run::load(&host, requests, &Trust { keys, store: store.as_ref() });
        Ok(Self { host: Some(host), loaded })
    }

    /// Those that could not be loaded.
    pub(crate) fn failed(&self) -> &[Failed] {
        &self.loaded.failed
    }

    /// What they find.
    pub(crate) fn findings(&self, project: &Project<'_>) -> Vec<Finding> {
        self.host.as_ref().map(|host| self.loaded.findings(host, project)).unwrap_or_default()
    }

    /// What they find, and which of them fail.
    pub(crate) fn into_outcome(self, project: &Project<'_>) -> Outcome {
        self.host.map(|host| self.loaded.into_outcome(&host, project)).unwrap_or_default()
    }
}

/// Where compiled plug-ins are kept. What is kept there is run without a further look, so it must not come with what is checked.
fn cache(options: &Check, paths: &[PathBuf]) -> Option<Cache> {
    let folder = Environment::of_process().cache?;
    let checked = paths.iter().any(|path| config::is_within(&folder, path));
    (!options.no_plugin_cache && !checked).then(|| Cache::of_user(|name| std::env::var_os(name)))?
}

/// The plug-ins that options name, each with its settings. Settings that are no JSON are a slip of the user's, not a fault of the
/// plug-in.
fn of_flags(options: &Check) -> anyhow::Result<Vec<Request>> {
    let (given, wanted) = (options.plugin_settings.len(), options.plugin.len());
    ensure!(
        given <= wanted,
        "--plugin-settings is given {given} times, --plugin {wanted} times; each plug-in takes one"
    );
    let mut requests = Vec::new();
    for (index, file) in options.plugin.iter().enumerate() {
        let settings = match options.plugin_settings.get(index) {
            None => "{}".to_owned(),
            Some(text) if text.trim_start().starts_with('{') => text.clone(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("the plug-in settings {path} could not be read"))?,
        };
        let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(&settings);
        object.with_context(|| format!("the settings of {} are no JSON object", file.display()))?;
        requests.push(Request::file(file, settings));
    }
    Ok(requests)
}

/// Whether the plug-ins are those that are written down.
fn hold_to(configuration: Option<&Arc<Configuration>>, lock: Option<Lock>, loaded: &Loaded) -> anyhow::Result<()> {
    let Some(configuration) = configuration else {
        bail!("--locked holds the plug-ins of a configuration to its {}; pass --config FILE", lock::FILE_NAME)
    };
    let shown = |path: &Path| visible(&path.display().to_string());
    let file = shown(&Lock::path(&configuration.path));
    let update = format!("`plimsoll plugin update --config {}`", shown(&configuration.path));
    let Some(lock) = lock else { bail!("{file} is missing; {update} writes it") };
    let drift = lock.drift(configuration, loaded);
    ensure!(
        drift.is_empty(),
        "the plug-ins are not those of {file}:\n  {}\nif that is meant, run {update}",
        drift.join("\n  ")
    );
    Ok(())
}

/// Names the file as the user has to write it, where plug-ins of the checked tree were not loaded.
pub(crate) fn say_what_was_not_loaded(report: &mut Report, paths: &[PathBuf]) {
    let Some(root) = paths.first().filter(|path| path.is_dir() && path.as_os_str() != ".") else { return };
    for notice in report.notices.iter_mut().filter(|notice| notice.code == NOT_LOADED) {
        let file = visible(&root.join(&notice.path).display().to_string());
        notice.help = Some(format!("pass `--config {file}` to load them"));
    }
}

/// Says which plug-ins failed.
pub(crate) fn say_what_failed(failed: &[Failed]) {
    for line in failed.iter().flat_map(Failed::lines) {
        anstream::eprintln!("error: {line}");
    }
}
