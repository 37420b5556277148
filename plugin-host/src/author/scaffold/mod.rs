//! `plimsoll plugin new`: a plug-in that works, to be changed into the one that is wanted.
//!
//! Everything it needs is written with it: the interface as WIT for every language, and for Rust the SDK itself, since it is on no
//! registry. Such a folder builds wherever it lies.

mod vendor;

#[cfg(test)]
mod tests;

use plimsoll_core::text::shorten;
use plimsoll_plugin_abi as abi;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Files of this repository, by their path from its root.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// What a plug-in can be written in with a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Rust, with the SDK.
    Rust,
    /// JavaScript.
    JavaScript,
    /// Python.
    Python,
    /// C.
    C,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rust, Self::JavaScript, Self::Python, Self::C];

    /// Its short name, as the command line and the folder of its template have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "js",
            Self::Python => "python",
            Self::C => "c",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::C => "C",
        })
    }
}

/// Why nothing was written, or not everything.
#[derive(Debug)]
pub enum ScaffoldError {
    /// The name cannot be a plug-in's.
    Name(plimsoll_core::plugin::Refusal),
    /// The name means something else to a compiler.
    Reserved(String),
    /// There is something already.
    Exists(PathBuf),
    /// The template is not whole: a fault of this build.
    Template(String),
    /// A file could not be written.
    Write(PathBuf, io::Error),
}

impl fmt::Display for ScaffoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(refusal) => write!(f, "no plug-in can be called that: {refusal}"),
            Self::Reserved(name) => {
                write!(
                    f,
                    "no plug-in can be called `{name}`: the word has a meaning of its own; add one, such as {name}-rules"
                )
            }
            Self::Exists(path) => write!(
                f,
                "{} exists and is not empty; name another folder with --into, or remove it first",
                path.display()
            ),
            Self::Template(reason) => write!(f, "this build of Plimsoll lacks a part of the template: {reason}"),
            Self::Write(path, error) => write!(f, "{} could not be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for ScaffoldError {}

/// Names that compilers and file systems keep for themselves.
const RESERVED: [&str; 62] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "auto",
    "await",
    "become",
    "box",
    "break",
    "build",
    "case",
    "class",
    "con",
    "const",
    "continue",
    "core",
    "crate",
    "def",
    "default",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "import",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "nul",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "type",
    "typeof",
    "unsafe",
    "use",
    "while",
    "yield",
];

/// The files of a new plug-in, by their path in its folder.
///
/// # Errors
/// When the name cannot be a plug-in's.
pub fn files(language: Language, name: &str) -> Result<BTreeMap<String, String>, ScaffoldError> {
    judge_name(name)?;
    let prefix = format!("plugins/templates/{}/", language.as_str());
    let mut files = BTreeMap::new();
    for (path, text) in EMBEDDED {
        if let Some(path) = path.strip_prefix(prefix.as_str()) {
            files.insert(written_name(path), fill(text, name));
        }
    }
    if files.is_empty() {
        return Err(ScaffoldError::Template(format!("there is none for {language}")));
    }
    files.insert("wit/plimsoll-plugin.wit".to_owned(), abi::WIT.to_owned());
    if language == Language::Rust {
        files.extend(vendor::files().map_err(ScaffoldError::Template)?);
        files.insert("Cargo.lock".to_owned(), vendor::lock(name).map_err(ScaffoldError::Template)?);
    }
    Ok(files)
}

/// Writes a new plug-in; the paths of its files in the folder.
///
/// # Errors
/// When the name cannot be a plug-in's, something is there already, or a file cannot be written.
pub fn write(language: Language, name: &str, folder: &Path) -> Result<Vec<String>, ScaffoldError> {
    let files = files(language, name)?;
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error: io::Error| ScaffoldError::Write(path, error)
    };
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(ScaffoldError::Exists(folder.to_path_buf()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(ScaffoldError::Exists(folder.to_path_buf()));
        }
        Err(error) => return Err(ScaffoldError::Write(folder.to_path_buf(), error)),
    }
    for (name, text) in &files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at(parent))?;
        }
        std::fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(files.into_keys().collect())
}

/// The host's own judgement, so that a name that is taken here is a name that loads.
fn judge_name(name: &str) -> Result<(), ScaffoldError> {
    let rule = abi::Rule {
        id: "rule".to_owned(),
        title: String::new(),
        description: String::new(),
        severity: abi::Severity::Low,
        kinds: Vec::new(),
        tags: Vec::new(),
        help_url: None,
        properties: Vec::new(),
    };
    let metadata = abi::Metadata {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        description: String::new(),
        license: String::new(),
        rules: vec![rule],
        settings_schema: None,
        properties: Vec::new(),
    };
    plimsoll_core::plugin::judge(&metadata, &abi::Limits::default()).map_err(ScaffoldError::Name)?;
    if RESERVED.contains(&name) { Err(ScaffoldError::Reserved(shorten(name, 60))) } else { Ok(()) }
}

/// A file that would count in this repository has another name here.
fn written_name(path: &str) -> String {
    match path.strip_suffix("gitignore") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}.gitignore"),
        _ => path.to_owned(),
    }
}

/// Puts what is known only now in the places that wait for it.
fn fill(text: &str, name: &str) -> String {
    text.replace("{{name}}", name)
        .replace("{{module}}", &name.replace('-', "_"))
        .replace("{{interface}}", abi::INTERFACE)
        .replace("{{plimsoll}}", env!("CARGO_PKG_VERSION"))
}
