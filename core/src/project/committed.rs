//! Files with secrets that the repository takes in, and tokens that stand where no secret belongs.

use super::leaks::{SAMPLES, is_encrypted};
use super::{Parsed, Project, secret_in};
use crate::detect::Kind;
use crate::facts::Level;
use crate::facts::secrets::{TokenFormat, is_guarded_path, is_weak, redact, secret_file, tokens_in};
use crate::finding::Severity;
use crate::source::{Location, SourceId, file_name, folder, join};
use crate::span::Span;

/// Larger texts hold data, no configuration.
const MAX_TEXT: usize = 256 << 10;
/// So many tokens of one file are told.
const MAX_TOKENS: usize = 20;
/// Shapes that are keys of frameworks; they are judged with the application.
const FRAMEWORK_SHAPES: [&str; 6] =
    ["laravel-app-key", "laravel-app-key-128", "symfony-app-secret", "wp-salt", "drupal-hash-salt", "magento-crypt"];

/// A file with secrets that nothing keeps out of the repository.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The file.
    pub source: SourceId,
    /// Where the first secret in it stands.
    pub at: Location,
    /// Keys in it that hold secrets; empty where the whole file is one.
    pub keys: Vec<String>,
    /// How bad the worst of them is.
    pub severity: Severity,
    /// The ignore file that does not name it; `None` when there is none.
    pub ignore: Option<Location>,
}

/// A token of a provider, or a private key, in a file that is no place for it.
#[derive(Clone, Debug)]
pub struct LooseToken {
    /// Where.
    pub at: Location,
    /// Its shape.
    pub format: &'static TokenFormat,
    /// What may be shown of it.
    pub shown: String,
}

impl Project<'_> {
    /// Files with secrets that no `.gitignore` keeps out of the repository. Nothing is known of files without a
    /// repository.
    #[must_use]
    pub fn committed_secrets(&self) -> Vec<Committed> {
        let mut found = Vec::new();
        for (id, source) in self.sources.iter() {
            let (path, text) = (source.path(), source.text());
            let environment = self.file(id).kind == Kind::DotEnv;
            let development = file_name(path).split('.').skip(2).any(|part| matches!(part, "dev" | "development"));
            if text.len() > MAX_TEXT
                || is_guarded_path(path)
                || SAMPLES.iter().any(|ending| path.ends_with(ending))
                || development
                || path.split('/').any(|part| part == ".git")
                || !environment && secret_file(path).is_none()
                || is_encrypted(text)
            {
                continue;
            }
            let Some((at, keys, severity)) = self.secrets_of(id, path, text) else { continue };
            if let Some(ignore) = self.would_commit(path) {
                found.push(Committed { source: id, at, keys, severity, ignore });
            }
        }
        found
    }

    fn secrets_of(&self, id: SourceId, path: &str, text: &str) -> Option<(Location, Vec<String>, Severity)> {
        if let Some(file) = self.env_file(id) {
            let mut secrets = file.entries.iter().filter_map(|entry| {
                let secret = secret_in(&entry.key, entry.value.as_deref()?)?;
                (!secret.weak && secret.severity >= Severity::High).then_some((entry, secret))
            });
            let (first, secret) = secrets.next()?;
            let at = Location::new(id, first.key_span);
            let (mut keys, mut worst) = (vec![first.key.clone()], secret.severity);
            for (entry, secret) in secrets {
                keys.push(entry.key.clone());
                worst = worst.max(secret.severity);
            }
            return Some((at, keys, worst));
        }
        let strong = |range: &std::ops::Range<usize>| text.get(range.clone()).is_some_and(|found| !is_weak(found));
        let mut hits = tokens_in(text).into_iter().filter(|hit| hit.format.level >= Level::High && strong(&hit.range));
        if let Some(hit) = hits.next() {
            let severity = if hit.format.level == Level::Critical { Severity::Critical } else { Severity::High };
            return Some((Location::new(id, Span::new(hit.range.start, hit.range.end)), Vec::new(), severity));
        }
        // A PHP file is more than its value.
        if path.ends_with(".php") {
            return None;
        }
        let line = text.trim();
        let alone = path.split('/').rev().nth(1).is_some_and(|folder| folder == "secrets") && !line.contains('\n');
        let whole = secret_in("", line).or_else(|| alone.then(|| secret_in("password", line)).flatten());
        let secret = whole.filter(|secret| !secret.weak && secret.severity >= Severity::High)?;
        Some((Location::new(id, Span::at(0)), Vec::new(), secret.severity))
    }

    /// Whether the repository takes a file in, as far as its ignore files tell: the one that should name it. `None`
    /// when it is ignored, or when nothing tells of a repository.
    fn would_commit(&self, path: &str) -> Option<Option<Location>> {
        let ignoring = self.git_ignoring(path)?;
        let repository = ignoring.nearest.is_some() || self.sources.knows(".git/HEAD");
        (repository && ignoring.by.is_none()).then_some(ignoring.nearest)
    }

    /// The `.gitignore` of a Laravel application that does not keep its `.env` out of the repository.
    #[must_use]
    pub fn forgotten_dot_env(&self) -> Vec<Location> {
        let mut found = Vec::new();
        for path in self.sources.paths().filter(|path| file_name(path) == "artisan" && !is_guarded_path(path)) {
            let env = join(folder(path), ".env");
            if let Some(Some(at)) = self.would_commit(&env)
                && !self.sources.knows(&env)
            {
                found.push(at);
            }
        }
        found
    }

    /// Tokens and private keys in scripts, pipelines and configuration files. Files that are made for secrets, and
    /// places that are judged with a service, are left out.
    #[must_use]
    pub fn loose_tokens(&self) -> Vec<LooseToken> {
        let judged = self.judged_places();
        let mut found = Vec::new();
        for (id, source) in self.sources.iter() {
            let (path, text) = (source.path(), source.text());
            let elsewhere = matches!(
                self.file(id).kind,
                Kind::Inventory | Kind::ScanReport | Kind::ComposerLock | Kind::ComposerJson | Kind::Policy
            );
            let foreign = path.split('/').any(|part| matches!(part, "vendor" | "node_modules" | ".git"));
            let lock = path.ends_with(".lock") || path.ends_with("-lock.json");
            if elsewhere
                || foreign
                || lock
                || text.len() > MAX_TEXT
                || secret_file(path).is_some()
                || is_encrypted(text)
            {
                continue;
            }
            let environment = matches!(self.file(id).parsed, Parsed::DotEnv(_));
            let hits = tokens_in(text).into_iter().filter(|hit| {
                let at = Location::new(id, Span::new(hit.range.start, hit.range.end));
                !hit.format.generic
                    && hit.format.level >= Level::Medium
                    && !FRAMEWORK_SHAPES.contains(&hit.format.id)
                    && !judged.iter().any(|place| place.source == id && place.span.contains(at.span))
            });
            // An environment file is where secrets are kept, unless it is one that is shown around.
            let hits = hits.filter(|_| !environment || is_guarded_path(path));
            for hit in hits.take(MAX_TOKENS) {
                let at = Location::new(id, Span::new(hit.range.start, hit.range.end));
                found.push(LooseToken { at, format: hit.format, shown: redact(self.slice(at)) });
            }
        }
        found
    }

    /// Places that the rules for secrets of services report.
    fn judged_places(&self) -> Vec<Location> {
        let mut places = Vec::new();
        for service in self.services() {
            for secret in service.literal_secrets() {
                places.push(secret.at);
                places.extend(secret.variable.and_then(|variable| variable.value.as_ref()).map(|value| value.at));
            }
            places.extend(service.labels.iter().filter_map(|label| Some(label.value.as_ref()?.at)));
            places.extend(service.view().configs.iter().filter_map(|config| Some(config.content.as_ref()?.at)));
            for secret in service.baked_secrets() {
                places.push(Location::new(secret.at.source, secret.instruction.span));
            }
            for argument in service.build.iter().flat_map(|build| &build.args) {
                places.extend(argument.value.as_ref().map(|value| value.at));
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}
