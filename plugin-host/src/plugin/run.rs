//! All plug-ins of one run: what they found, and which failed.
//!
//! First all of them are got and loaded, and what the user says of each is held against what it says of itself; then they look at the
//! project, one after another. None changes what another gives.

use super::config::Configuration;
use super::signature::Keys;
use super::source::{self, Origin, Store};
use super::{Host, Plugin, PluginError};
use plimsoll_core::Report;
use plimsoll_core::finding::{Finding, Notice, NoticeLevel};
use plimsoll_core::plugin::PluginInfo;
use plimsoll_core::policy::plugins::{Entry, Override};
use plimsoll_core::project::Project;
use plimsoll_core::source::{Location, Sources};
use plimsoll_core::text::{list, shorten};
use plimsoll_plugin_settings::{Fault, validate};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plug-in to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it is called in messages until it says its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its settings, as JSON text; `{}` when none are given.
    pub settings: String,
    /// What asks for it, when that is a configuration.
    pub configured: Option<Configured>,
}

/// The entry of a configuration that asks for a plug-in.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The configuration.
    pub configuration: Arc<Configuration>,
    /// Which of its plug-ins.
    pub index: usize,
    /// The digest that the file must have: what the entry says, else what the lock file says of one from a registry.
    pub pin: Option<String>,
}

impl Configured {
    fn entry(&self) -> Option<&Entry> {
        self.configuration.plugins.list.get(self.index)
    }
}

impl Request {
    /// A file that was named by itself.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>, settings: impl Into<String>) -> Self {
        let path = path.into();
        Self { name: name(&path), origin: Origin::File(path), settings: settings.into(), configured: None }
    }

    /// The plug-ins of a configuration, in its order. The pins of a lock file hold for those from registries.
    #[must_use]
    pub fn of(configuration: &Arc<Configuration>, lock: Option<&super::lock::Lock>) -> Vec<Self> {
        let request = |(index, entry): (usize, &Entry)| {
            // What is no source is said when the configuration is read.
            let origin = configuration.origin(entry).ok()?;
            let own = entry.sha256.as_ref().map(|(digest, _)| digest.clone());
            let locked = || match origin {
                Origin::Registry(_) => Some(lock?.of_source(&entry.source)?.sha256.clone()),
                Origin::File(_) => None,
            };
            let pin = own.or_else(locked);
            Some(Self {
                name: shorten(&entry.source, 200),
                origin,
                settings: entry.settings.to_string(),
                configured: Some(Configured { configuration: configuration.clone(), index, pin }),
            })
        };
        configuration.plugins.list.iter().enumerate().filter_map(request).collect()
    }

    fn entry(&self) -> Option<&Entry> {
        self.configured.as_ref()?.entry()
    }

    /// Its source as a configuration writes it; `None` of a file that was named by itself.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.entry().map(|entry| entry.source.as_str())
    }

    /// Gets its file, the one that the user means.
    fn fetch(&self, host: &Host, trust: &Trust<'_>) -> Result<source::Fetched, PluginError> {
        let pin = self.configured.as_ref().and_then(|configured| configured.pin.as_deref());
        if pin.is_none() && matches!(self.origin, Origin::Registry(_)) {
            return Err(PluginError::Source(source::SourceError::NotPinned));
        }
        let fetched = source::fetch(&self.origin, pin, trust.store, host.limits())?;
        trust.keys.verify(&fetched.bytes, fetched.signature.as_deref()).map_err(PluginError::Source)?;
        Ok(fetched)
    }
}

/// What files are taken, and where those from registries are kept.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'t> {
    /// Whose plug-ins are taken.
    pub keys: &'t Keys,
    /// What was got before.
    pub store: Option<&'t Store>,
}

/// A plug-in that gave no findings, or not all of them.
#[derive(Debug)]
pub struct Failed {
    /// What it is called: its file or source.
    pub name: String,
    /// Why.
    pub error: PluginError,
    /// Which lines of the configuration are at fault, if any.
    pub spots: Vec<Spot>,
    /// Its source as a configuration writes it.
    pub source: Option<String>,
    /// The digest of its file, when that could be had.
    pub digest: Option<String>,
    index: usize,
}

/// A place in a configuration where something is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// `FILE:LINE:COLUMN`.
    pub place: String,
    /// The place in the file's text.
    pub at: Location,
    /// What is wrong.
    pub message: String,
}

impl Failed {
    /// Lines for a terminal.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let help = self.error.help();
        if self.spots.is_empty() {
            return vec![format!("{}: {}; {help}", plimsoll_core::text::visible(&self.name), self.error)];
        }
        let of = plimsoll_core::text::visible(&self.name);
        self.spots.iter().map(|spot| format!("{}: {} ({of}); {help}", spot.place, spot.message)).collect()
    }

    /// Whether the run must not go on: see [`source::SourceError::ends_the_run`].
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        matches!(&self.error, PluginError::Source(error) if error.ends_the_run())
    }
}

/// A plug-in that is ready, and what the user asks of it.
#[derive(Debug)]
pub struct Ready {
    /// It.
    pub plugin: Plugin,
    /// What asked for it.
    pub request: Request,
    /// The digest of its file.
    pub digest: String,
    index: usize,
}

/// The plug-ins of a run, loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Those that can run, in the order they were asked for.
    pub ready: Vec<Ready>,
    /// Those that cannot.
    pub failed: Vec<Failed>,
}

/// What the plug-ins of one run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What they found.
    pub findings: Vec<Finding>,
    /// Those that took part.
    pub plugins: Vec<PluginInfo>,
    /// Those that failed.
    pub failed: Vec<Failed>,
}

/// Gets and loads plug-ins.
#[must_use]
pub fn load(host: &Host, requests: Vec<Request>, trust: &Trust<'_>) -> Loaded {
    let mut loaded = Loaded::default();
    let mut names = BTreeSet::new();
    for (index, request) in requests.into_iter().enumerate() {
        let (digest, outcome) = match request.fetch(host, trust) {
            Ok(fetched) => (Some(fetched.digest), one(host, &request, &fetched.bytes, &mut names)),
            Err(error) => (None, Err((pinned_at(&request, &error), error))),
        };
        match outcome {
            Ok(plugin) => loaded.ready.push(Ready { plugin, request, digest: digest.unwrap_or_default(), index }),
            Err((spots, error)) => {
                let source = request.source().map(str::to_owned);
                loaded.failed.push(Failed { name: request.name, error, spots, source, digest, index });
            }
        }
    }
    loaded
}

/// Loads plug-ins of files and runs them on a project: what `plimsoll check --plugin` does.
#[must_use]
pub fn all(requests: &[Request], project: &Project<'_>, host: &Host) -> Outcome {
    let trust = Trust { keys: &Keys::default(), store: None };
    load(host, requests.to_vec(), &trust).into_outcome(host, project)
}

fn one(
    host: &Host,
    request: &Request,
    bytes: &[u8],
    names: &mut BTreeSet<String>,
) -> Result<Plugin, (Vec<Spot>, PluginError)> {
    let plain = |error: PluginError| (Vec::new(), error);
    let plugin = host.load(bytes).map_err(plain)?;
    if !names.insert(plugin.metadata.name.clone()) {
        return Err(plain(PluginError::NameTwice(plugin.metadata.name)));
    }
    let mut faults = Vec::new();
    let mut spots = Vec::new();
    for (fault, at) in settings_faults(request, &plugin).into_iter().chain(rule_faults(request, &plugin)) {
        spots.extend(at.and_then(|at| spot(request, at, &fault.message)));
        faults.push(fault);
    }
    if faults.is_empty() { Ok(plugin) } else { Err((spots, PluginError::Settings(faults))) }
}

/// Settings that do not match the schema. A plug-in without a schema judges them itself.
fn settings_faults(request: &Request, plugin: &Plugin) -> Vec<(Fault, Option<Location>)> {
    let Some(schema) = &plugin.metadata.settings_schema else { return Vec::new() };
    let faults = validate(schema, &request.settings).err().unwrap_or_default();
    let placed = |fault: Fault| {
        let at = request.entry().map(|entry| entry.place(&fault.pointer));
        (fault, at)
    };
    faults.into_iter().map(placed).collect()
}

/// Rules that the user speaks of and the plug-in does not have.
fn rule_faults(request: &Request, plugin: &Plugin) -> Vec<(Fault, Option<Location>)> {
    let Some(entry) = request.entry() else { return Vec::new() };
    let known = |id: &str| plugin.metadata.rules.iter().any(|rule| rule.id == id);
    let unknown = entry.rules.iter().filter(|(id, _)| !known(id));
    let fault = |(id, (_, at)): (&String, &(Override, Location))| {
        let names: Vec<String> =
            plugin.metadata.rules.iter().take(12).map(|rule| format!("`{}`", shorten(&rule.id, 64))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let name = shorten(&plugin.metadata.name, 64);
        let message = format!("`{}` is no rule of {name}; there are {}", shorten(id, 64), list(&names));
        (Fault { pointer: String::new(), message }, Some(*at))
    };
    unknown.map(fault).collect()
}

fn spot(request: &Request, at: Location, message: &str) -> Option<Spot> {
    let place = request.configured.as_ref()?.configuration.place(at);
    Some(Spot { place, at, message: message.to_owned() })
}

/// Where the configuration speaks of a file that cannot be had, or is not the one that is meant.
fn pinned_at(request: &Request, error: &PluginError) -> Vec<Spot> {
    let Some(entry) = request.entry() else { return Vec::new() };
    let at = match (error, &entry.sha256) {
        (PluginError::Source(source::SourceError::Digest { .. }), Some((_, at))) => *at,
        _ => entry.source_at,
    };
    spot(request, at, &error.to_string()).into_iter().collect()
}

impl Ready {
    fn check(&self, host: &Host, project: &Project<'_>) -> Result<(Vec<Finding>, Option<PluginError>), PluginError> {
        let accepted = host.run(&self.plugin, project, &self.request.settings)?.accepted;
        let problems = (!accepted.problems.is_empty()).then_some(PluginError::Problems(accepted.problems));
        Ok((self.as_asked(accepted.findings), problems))
    }

    /// Findings as the user wants them: rules that are off, severities of their own.
    fn as_asked(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let Some(entry) = self.request.entry().filter(|entry| !entry.rules.is_empty()) else { return findings };
        let wanted = |finding: &Finding| {
            let id = finding.rule.strip_prefix(self.plugin.metadata.name.as_str())?.strip_prefix('/')?;
            entry.rules.get(id).map(|(wanted, _)| *wanted)
        };
        let judged = findings.into_iter().filter_map(|mut finding| match wanted(&finding) {
            Some(Override::Off) => None,
            Some(Override::Severity(severity)) => {
                finding.severity = severity;
                Some(finding)
            }
            None => Some(finding),
        });
        judged.collect()
    }
}

impl Loaded {
    /// Whether no plug-in was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.failed.is_empty()
    }

    /// What those that are ready find, without a word about those that fail on the way.
    #[must_use]
    pub fn findings(&self, host: &Host, project: &Project<'_>) -> Vec<Finding> {
        self.ready
            .iter()
            .filter_map(|ready| ready.check(host, project).ok())
            .flat_map(|(findings, _)| findings)
            .collect()
    }

    /// Runs them on a project.
    #[must_use]
    pub fn into_outcome(self, host: &Host, project: &Project<'_>) -> Outcome {
        let mut outcome = Outcome { failed: self.failed, ..Outcome::default() };
        for ready in self.ready {
            outcome.plugins.push(PluginInfo::new(&ready.plugin.metadata, &ready.plugin.digest));
            let error = match ready.check(host, project) {
                Ok((findings, problems)) => {
                    outcome.findings.extend(findings);
                    problems
                }
                Err(error) => Some(error),
            };
            let Ready { request, digest, index, .. } = ready;
            let source = request.source().map(str::to_owned);
            let failed =
                |error| Failed { name: request.name, error, spots: Vec::new(), source, digest: Some(digest), index };
            outcome.failed.extend(error.map(failed));
        }
        outcome.failed.sort_by_key(|failed| failed.index);
        outcome
    }
}

impl Outcome {
    /// Puts into a report which plug-ins took part, and which failed.
    pub fn tell(&self, report: &mut Report, sources: &Sources) {
        report.plugins.clone_from(&self.plugins);
        report.notices.extend(self.failed.iter().flat_map(|failed| failed.notices(sources)));
        // The order every report has.
        report.notices.sort_by(|a, b| (&a.path, a.at, a.code, &a.message).cmp(&(&b.path, b.at, b.code, &b.message)));
    }
}

impl Failed {
    fn notices(&self, sources: &Sources) -> Vec<Notice> {
        let what = match &self.error {
            PluginError::Problems(_) => "the plug-in gave findings that cannot be used",
            _ => "the plug-in gave no findings",
        };
        let notice = |path: &str, at: Option<Location>, message: String| Notice {
            level: NoticeLevel::Recovered,
            code: "plugin/failed",
            path: path.to_owned(),
            at,
            message,
            help: Some(self.error.help().to_owned()),
        };
        if self.spots.is_empty() {
            return vec![notice(&self.name, None, format!("{what}: {}", self.error))];
        }
        let named = sources.named_policy();
        let of = |spot: &Spot| match named {
            // It is the file that `--config` named: the only one whose plug-ins run while it is one of the files.
            Some(id) => notice(
                sources.get(id).path(),
                Some(Location::new(id, spot.at.span)),
                format!("{} gave no findings: {}", self.name, spot.message),
            ),
            None => notice(&self.name, None, format!("{what}: {}: {}", spot.place, spot.message)),
        };
        self.spots.iter().map(of).collect()
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}
