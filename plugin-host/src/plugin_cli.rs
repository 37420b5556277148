//! What `plimsoll plugin` accepts.

use clap::{Args, Subcommand, ValueEnum};
use plimsoll::author::scaffold::Language;
use plimsoll_core::Date;
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum PluginCommand {
    /// Start a plug-in: a folder that builds and passes its own tests
    New(New),
    /// Build a plug-in: one file that imports nothing
    Build(Build),
    /// Run a plug-in on the projects its author keeps in tests/ and compare what it says
    Test(Test),
    /// Show everything a plug-in says: interface, imports, tools, rules, settings, what compiling it costs
    Inspect(Inspect),
    /// Measure a plug-in: compiling, loading, checking, with the analysis without it beside it
    Bench(Bench),
    /// Print what a plug-in sees of files, as JSON
    Project(Seen),
    /// Put a plug-in into plimsoll.toml and pin it in plimsoll.lock
    Add(Add),
    /// Pin what the plug-ins of plimsoll.toml are now
    Update(Update),
    /// Compare the plug-ins of plimsoll.toml with what is pinned
    Verify(Verify),
    /// Put a plug-in into a registry
    Push(Push),
    /// Get a plug-in from a registry
    Pull(Pull),
}

#[derive(Args, Debug)]
pub(crate) struct New {
    /// The plug-in's name, in kebab-case: the first part of its rules' names
    pub(crate) name: String,
    /// What it is written in
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Lang,
    /// The folder to write; one of the plug-in's name unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Lang {
    Rust,
    Js,
    Python,
    C,
}

impl Lang {
    pub(crate) fn language(self) -> Language {
        match self {
            Self::Rust => Language::Rust,
            Self::Js => Language::JavaScript,
            Self::Python => Language::Python,
            Self::C => Language::C,
        }
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 built · 2 it does not build · 3 what is built is no plug-in")]
pub(crate) struct Build {
    /// The plug-in's folder: Cargo.toml, package.json, pyproject.toml or plugin.c tells the language
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The file to write; NAME.wasm in the folder unless given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print what was built as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 all passed · 1 a case failed · 2 usage error, or it does not build · 3 it is no plug-in"
)]
pub(crate) struct Test {
    /// The plug-in's folder, which is built first, or a finished file
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    pub(crate) plugin: PathBuf,
    /// The folder of the cases; tests/ beside the plug-in unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) tests: Option<PathBuf>,
    /// Only this case
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Write what is found as what is expected
    #[arg(long)]
    pub(crate) bless: bool,
    /// Fail when a rule is raised by no case, or every case has findings
    #[arg(long)]
    pub(crate) strict: bool,
    /// Run the cases in Chromium too, in the page's own worker; needs chromedriver and --page
    #[arg(long, requires = "page")]
    pub(crate) browser: bool,
    /// The folder that the page was built into, for --browser
    #[arg(long, value_name = "DIR", requires = "browser")]
    pub(crate) page: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 it can be loaded · 2 usage error, or it does not build · 3 it is no plug-in")]
pub(crate) struct Inspect {
    /// A finished file, or a plug-in's folder, which is built first
    #[arg(value_name = "FILE|DIR")]
    pub(crate) plugin: PathBuf,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// A finished file, or a plug-in's folder, which is built first
    #[arg(value_name = "FILE|DIR")]
    pub(crate) plugin: PathBuf,
    /// Projects to check; the plug-in's own cases unless given
    #[arg(value_name = "PROJECT")]
    pub(crate) projects: Vec<PathBuf>,
    /// The plug-in's settings on these projects: a JSON file, or JSON text that starts with `{`
    #[arg(long, value_name = "FILE|JSON", requires = "projects")]
    pub(crate) settings: Option<String>,
    /// How often each project is checked
    #[arg(long, value_name = "NUMBER", default_value = "20", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) rounds: u16,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The configuration a command works on.
#[derive(Args, Debug)]
pub(crate) struct Config {
    /// The configuration; plimsoll.lock lies beside it
    #[arg(long, value_name = "FILE", default_value = "plimsoll.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Add {
    /// The plug-in: a file, relative to the configuration, or oci://REGISTRY/REPOSITORY:TAG
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The plug-in's name; all of them unless given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 everything is as it is pinned · 2 something differs, or a usage error")]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Args, Debug)]
#[cfg_attr(not(feature = "oci"), allow(dead_code, reason = "only a build with registries reads them"))]
pub(crate) struct Push {
    /// The component
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to: REGISTRY/REPOSITORY:TAG
    #[arg(value_name = "REFERENCE")]
    pub(crate) reference: String,
    /// Its signature; FILE.minisig where there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[cfg_attr(not(feature = "oci"), allow(dead_code, reason = "only a build with registries reads them"))]
pub(crate) struct Pull {
    /// Where from: REGISTRY/REPOSITORY:TAG, or REGISTRY/REPOSITORY@DIGEST
    #[arg(value_name = "REFERENCE")]
    pub(crate) reference: String,
    /// The file to write; its signature goes to FILE.minisig
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Seen {
    /// Folders and files
    pub(crate) paths: Vec<PathBuf>,
    /// The day the analysis is made for; 2026-11-24, the day of all fixtures, unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub(crate) today: Option<Date>,
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write it as YYYY-MM-DD".to_owned())
}
