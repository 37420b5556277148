//! Which configuration counts for plug-ins, and what it asks for.
//!
//! A plug-in is loaded because its user says so: with `--plugin`, in the file that `--config` names, or in the user's own file in
//! their home. A `plimsoll.toml` that is only found beside what is checked never loads one, nor does a home that is part of it.

use super::PluginError;
use super::signature::Keys;
use super::source::{self, Origin};
use plimsoll_core::policy::{
    self,
    plugins::{Entry, NOT_LOADED, Plugins},
};
use plimsoll_core::source::{Location, Sources};
use plimsoll_core::span::LineIndex;
use plimsoll_core::text::visible;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Bytes of a configuration; a real one is a kilobyte.
const MAX_BYTES: u64 = 1 << 20;

/// Mistakes that are listed.
const MAX_MISTAKES: usize = 20;

/// The folders of a user, as the environment names them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Environment {
    /// For configuration: `$XDG_CONFIG_HOME/plimsoll`, or `~/.config/plimsoll`.
    pub config: Option<PathBuf>,
    /// For what can be made again: `$XDG_CACHE_HOME/plimsoll`, or `~/.cache/plimsoll`.
    pub cache: Option<PathBuf>,
}

impl Environment {
    /// The folders that these variables name. Relative ones do not count: they would lead into what is checked.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = |own: &str, below: &str| {
            let folder = absolute(own).or_else(|| Some(absolute("HOME")?.join(below)))?;
            Some(folder.join("plimsoll"))
        };
        Self { config: folder("XDG_CONFIG_HOME", ".config"), cache: folder("XDG_CACHE_HOME", ".cache") }
    }

    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    /// The user's own configuration, whether it is there or not.
    #[must_use]
    pub fn own_file(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|folder| folder.join(policy::FILE_NAME))
    }
}

/// What is wrong with a configuration, each with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\nerror: "))
    }
}

impl std::error::Error for ConfigError {}

/// A configuration that counts.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What it says of plug-ins.
    pub plugins: Plugins,
    /// The keys that it trusts.
    pub keys: Keys,
    text: String,
    lines: LineIndex,
}

/// Which configuration counts.
#[derive(Debug, Default)]
pub struct Found {
    /// It.
    pub configuration: Option<Configuration>,
    /// The user's own file, when it does not count because it is part of what is checked.
    pub passed_over: Option<PathBuf>,
}

/// Finds the configuration of a run: the file that is named, else the user's own unless it lies in one of the checked folders.
///
/// # Errors
/// When it cannot be read, or anything in it is wrong: a plug-in that does not run for a slip would look like a clean stack.
pub fn find(named: Option<&Path>, environment: &Environment, checked: &[PathBuf]) -> Result<Found, ConfigError> {
    if let Some(path) = named {
        return Ok(Found { configuration: Some(Configuration::read(path)?), passed_over: None });
    }
    let Some(own) = environment.own_file().filter(|path| path.is_file()) else { return Ok(Found::default()) };
    if checked.iter().any(|folder| is_within(&own, folder)) {
        return Ok(Found { configuration: None, passed_over: Some(own) });
    }
    Ok(Found { configuration: Some(Configuration::read(&own)?), passed_over: None })
}

/// Whether a file lies in a folder, by its name or behind its links. It need not be there.
#[must_use]
pub fn is_within(file: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let real = |path: &Path| path.ancestors().find_map(|above| above.canonicalize().ok());
    real(file).is_some_and(|file| file.starts_with(&folder))
        || file.parent().and_then(real).is_some_and(|parent| parent.starts_with(&folder))
}

impl Configuration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// When it cannot be read, or anything in it is wrong.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let shown = visible(&path.display().to_string());
        let fail = |message: String| ConfigError(vec![format!("{shown}: {message}")]);
        let bytes = source::read(path, MAX_BYTES).map_err(|error| match error {
            PluginError::TooLarge { bytes, limit } => {
                fail(format!("this configuration has {bytes} bytes; the limit is {limit}"))
            }
            error => fail(error.to_string()),
        })?;
        let text = String::from_utf8(bytes).map_err(|_| fail("this configuration is not UTF-8".to_owned()))?;
        Self::parse(path, &text)
    }

    /// A configuration that says nothing.
    #[must_use]
    pub fn empty(path: &Path) -> Self {
        Self::with(path, "", Plugins::default())
    }

    fn with(path: &Path, text: &str, plugins: Plugins) -> Self {
        Self {
            path: path.to_path_buf(),
            plugins,
            keys: Keys::default(),
            text: text.to_owned(),
            lines: LineIndex::new(text),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut sources = Sources::new();
        sources.add(policy::FILE_NAME, text);
        let Some(id) = sources.id(policy::FILE_NAME) else {
            return Err(ConfigError(vec![format!("{}: it could not be read", visible(&path.display().to_string()))]));
        };
        let (read, notices) = policy::read(id, policy::FILE_NAME, text);
        let mut this = Self::with(path, text, read.plugins);
        let mut mistakes = Vec::new();
        for notice in notices.into_iter().filter(|notice| notice.code != NOT_LOADED) {
            let place = notice.at.map_or_else(|| visible(&path.display().to_string()), |at| this.place(at));
            let help = notice.help.map(|help| format!("; {help}")).unwrap_or_default();
            mistakes.push(format!("{place}: {}{help}", notice.message));
        }
        for (key, at) in &this.plugins.trusted_keys {
            if let Err(message) = this.keys.add(key) {
                let place = this.place(*at);
                mistakes
                    .push(format!("{place}: {message}; write the second line of the .pub file that minisign makes"));
            }
        }
        for entry in &this.plugins.list {
            if let Err(error) = this.origin(entry) {
                mistakes.push(format!("{}: {error}; {}", this.place(entry.source_at), error.help()));
            }
        }
        mistakes.truncate(MAX_MISTAKES);
        if mistakes.is_empty() { Ok(this) } else { Err(ConfigError(mistakes)) }
    }

    /// `FILE:LINE:COLUMN` of a place in it.
    #[must_use]
    pub fn place(&self, at: Location) -> String {
        let point = self.lines.line_column(&self.text, at.span.start);
        format!("{}:{}:{}", visible(&self.path.display().to_string()), point.line, point.column)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The folder that its sources are relative to.
    #[must_use]
    pub fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Where a plug-in of it comes from.
    ///
    /// # Errors
    /// When its source is none.
    pub fn origin(&self, entry: &Entry) -> Result<Origin, source::SourceError> {
        Origin::of(&entry.source, self.folder())
    }
}

/// The folder of a file; the current one for a bare name.
#[must_use]
pub fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Puts the configuration that `--config` names among the files of a run, as its policy. One that lies elsewhere gets the name that
/// leads to it from the first folder, so that it is never taken for a file of the tree.
pub fn make_policy(sources: &mut Sources, configuration: &Configuration, roots: &[PathBuf]) {
    let real = configuration.path.canonicalize().unwrap_or_else(|_| configuration.path.clone());
    let inside = roots.iter().find_map(|root| {
        if root.is_dir() {
            real.strip_prefix(root.canonicalize().ok()?).ok().map(|name| name.to_string_lossy().into_owned())
        } else {
            (root.canonicalize().ok()? == real).then(|| root.to_string_lossy().into_owned())
        }
    });
    let from = roots.iter().find(|root| root.is_dir()).cloned().unwrap_or_else(|| ".".into());
    let name = inside.unwrap_or_else(|| relative(&real, &from.canonicalize().unwrap_or(from)));
    if sources.id(&name).is_none() {
        sources.add(&name, configuration.text());
    }
    sources.name_policy(&name);
}

/// A path as seen from a folder; both absolute.
#[must_use]
pub fn relative(path: &Path, folder: &Path) -> String {
    let common = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;
    use std::fs;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::of(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_users_folders() {
        assert_eq!(environment(&[]), Environment::default());
        assert_eq!(
            environment(&[("HOME", "/home/a")]).own_file(),
            Some("/home/a/.config/plimsoll/plimsoll.toml".into())
        );
        let both = environment(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/c"), ("XDG_CACHE_HOME", "/k")]);
        assert_eq!((both.config, both.cache), (Some("/c/plimsoll".into()), Some("/k/plimsoll".into())));
        let relative = environment(&[("HOME", "home"), ("XDG_CONFIG_HOME", "c")]);
        assert_eq!(relative, Environment::default(), "a relative folder leads into what is checked");
    }

    #[test]
    fn the_users_own_file_counts_unless_it_is_checked_itself() {
        let home = tempfile::tempdir().unwrap();
        let environment = environment(&[("HOME", home.path().to_str().unwrap())]);
        assert!(find(None, &environment, &[]).unwrap().configuration.is_none());
        let own = environment.own_file().unwrap();
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        fs::write(&own, "[[plugin]]\nsource = \"a.wasm\"\n").unwrap();
        let project = home.path().join("project");
        fs::create_dir_all(&project).unwrap();
        let found = find(None, &environment, &[project]).unwrap();
        assert_eq!(found.configuration.unwrap().plugins.list.len(), 1);
        let found = find(None, &environment, &[home.path().to_path_buf()]).unwrap();
        assert!(found.configuration.is_none() && found.passed_over == Some(own.clone()));
        // A link to a file of the tree is a file of the tree.
        let elsewhere = tempfile::tempdir().unwrap();
        fs::rename(&own, elsewhere.path().join("mine.toml")).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(elsewhere.path().join("mine.toml"), &own).unwrap();
            let found = find(None, &environment, &[elsewhere.path().to_path_buf()]).unwrap();
            assert!(found.configuration.is_none() && found.passed_over.is_some());
        }
        assert!(is_within(&home.path().join("not/there/yet"), home.path()));
        assert!(!is_within(&home.path().join("not/there/yet"), elsewhere.path()));
    }

    #[test]
    fn every_mistake_has_its_place() {
        let text = "[plugins]\ntrusted-keys = [\"RWQnonsense\"]\n[[plugin]]\nsource = \"https://example.net/a.wasm\"\nsha = \"x\"\n";
        let error = Configuration::parse(Path::new("conf/p.toml"), text).unwrap_err();
        let mut lines = error.0.clone();
        lines.sort();
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(lines[0].starts_with("conf/p.toml:2:17: this is no minisign public key; "), "{lines:#?}");
        assert!(lines[1].starts_with("conf/p.toml:4:10: `https://` is no source of plug-ins; "), "{lines:#?}");
        assert!(lines[2].starts_with("conf/p.toml:5:1: `sha` is no key of this table; "), "{lines:#?}");
        assert!(error.to_string().contains('\n'));
        let broken = Configuration::parse(Path::new("p.toml"), "[[plugin]\n").unwrap_err();
        assert!(broken.0[0].starts_with("p.toml:1:"), "{broken:?}");
        let missing = Configuration::read(Path::new("/no/such.toml")).unwrap_err();
        assert!(missing.0[0].starts_with("/no/such.toml: it could not be read"), "{missing:?}");
    }

    #[test]
    fn the_named_file_is_the_policy_of_the_run() {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("project")).unwrap();
        let inside = tree.path().join("project/plimsoll.toml");
        let outside = tree.path().join("org.toml");
        fs::write(&inside, "[plugins]\n").unwrap();
        fs::write(&outside, "[thresholds]\n").unwrap();
        let roots = [tree.path().join("project")];
        for (file, name) in [(&inside, "plimsoll.toml"), (&outside, "../org.toml")] {
            let mut sources = Sources::new();
            sources.add("plimsoll.toml", "[plugins]\n");
            make_policy(&mut sources, &Configuration::read(file).unwrap(), &roots);
            let id = sources.named_policy().unwrap();
            assert_eq!(sources.get(id).path(), name);
        }
        let mut sources = Sources::new();
        make_policy(&mut sources, &Configuration::read(&outside).unwrap(), std::slice::from_ref(&outside));
        assert!(sources.named_policy().is_some() && sources.len() == 1);
    }

    #[test]
    fn a_way_from_a_folder_to_a_file() {
        assert_eq!(relative(Path::new("/a/b/c.toml"), Path::new("/a/b")), "c.toml");
        assert_eq!(relative(Path::new("/a/c.toml"), Path::new("/a/b/d")), "../../c.toml");
        assert_eq!(folder_of(Path::new("a.toml")), Path::new("."));
        assert_eq!(folder_of(Path::new("x/a.toml")), Path::new("x"));
    }
}
