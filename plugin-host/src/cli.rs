//! What the command line accepts.

use crate::plugin_cli::PluginCommand;
use clap::{Args, Parser, Subcommand, ValueEnum};
use plimsoll_core::{Date, Severity};
use std::path::PathBuf;

/// Exit codes of the commands about connections: what they find is no failure.
const GRAPH_CODES: &str = "Exit codes: 0 done · 2 usage error, or no such deployment or service · 4 input could not be read · \
                           5 analysis incomplete";

/// Checks the files of a containerised PHP stack: what someone who breaks into one container could reach, why, and what to change.
#[derive(Parser, Debug)]
#[command(name = "plimsoll", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Analyse Dockerfiles, Compose files and what belongs to them
    Check(Check),
    /// Say what is running: active containers, outdated images, open ports, known vulnerabilities
    Inventory(Inventory),
    /// Score the stack: each pillar, the total, maturity, and the mistakes that are made again and again
    Score(Score),
    /// Draw who can reach whom, who has to, and what is open to the outside
    Map(Map),
    /// Say what is reached when a service falls: the easiest paths, what would show them, and what cuts the most
    Breach(Breach),
    /// Say how each container is kept apart: what is on, off, strengthened or weakened, and where that is written
    Boundaries(Boundaries),
    /// Plan networks on which only those can talk who have to, and write them into the Compose files
    Plan(Plan),
    /// List the rules
    Rules,
    /// Print a rule's manual
    Explain {
        /// The rule, such as `isolation/privileged-container`
        rule: String,
    },
    /// Make, test, look at and keep plug-ins: rules of your own
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Compiles the plug-in on standard input: started by the tool itself, in a process that may be ended
    #[command(name = "__compile", hide = true)]
    Compile,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 clean below the threshold · 1 findings at or above it · 2 usage or configuration error · 3 a plug-in failed · \
                        4 input could not be read · 5 analysis incomplete"
)]
pub(crate) struct Check {
    /// Folders and files; `-` reads standard input
    pub(crate) paths: Vec<PathBuf>,
    /// Output format, `FORMAT` or `FORMAT=FILE`; may be given several times
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]", value_parser = Format::parse)]
    pub(crate) format: Vec<Format>,
    /// Lowest severity that makes the exit code 1; what plimsoll.toml says, or low, unless given
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Name of what standard input holds: decides its format
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_name: String,
    /// Show what the safe fixes would change
    #[arg(long, conflicts_with = "fix")]
    pub(crate) diff: bool,
    /// Apply the safe fixes
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix or --diff: the suggested fixes too
    #[arg(long)]
    pub(crate) suggested: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) colour: Colour,
    /// A plug-in to run, a component file; may be given several times. Its fixes are suggestions: --fix and --diff use them with
    /// --suggested
    #[arg(long, value_name = "FILE")]
    pub(crate) plugin: Vec<PathBuf>,
    /// Settings of the plug-ins, in their order: a JSON file, or JSON text that starts with `{`
    #[arg(long, value_name = "FILE|JSON", requires = "plugin")]
    pub(crate) plugin_settings: Vec<String>,
    /// The policy of this run, and the plug-ins it names; without it, those of plimsoll/plimsoll.toml in the user's configuration
    /// folder run. A plimsoll.toml beside what is checked loads none by itself
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Take only the plug-ins that plimsoll.lock has written down, beside the configuration
    #[arg(long, conflicts_with = "plugin")]
    pub(crate) locked: bool,
    /// Compile plug-ins anew, and keep nothing of it
    #[arg(long)]
    pub(crate) no_plugin_cache: bool,
    /// Facts that replace or add to the built-in ones: a folder with eol.json, images.json or advisories.json, or one of these files;
    /// may be given several times
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) facts: Vec<PathBuf>,
    /// Newer ends of life: a file like the built-in eol.json, or what endoflife.date hands out for a product, such as php.json;
    /// may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) eol_file: Vec<PathBuf>,
    /// The day to judge ends of life and expiries by; today unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub(crate) today: Option<Date>,
}

#[derive(Args, Debug)]
pub(crate) struct Inventory {
    /// Folders and files: output of `docker` commands, scan reports, and the files of the stack; `-` reads standard input
    pub(crate) paths: Vec<PathBuf>,
    /// Print a shell script that records what is running, for another machine
    #[arg(long, conflicts_with_all = ["paths", "format"])]
    pub(crate) collector: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: InventoryFormat,
    /// The day to judge ages and ends of life by; today unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub(crate) today: Option<Date>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 scored · 1 below the minimum · 2 usage error · 4 input could not be read · 5 analysis incomplete"
)]
pub(crate) struct Score {
    /// Folders and files; `-` reads standard input
    pub(crate) paths: Vec<PathBuf>,
    /// Name of what standard input holds: decides its format
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_name: String,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: InventoryFormat,
    /// The exit code is 1 below this total, 0 to 100; what plimsoll.toml says unless given
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) minimum: Option<u8>,
    /// The day to judge ends of life and expiries by; today unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub(crate) today: Option<Date>,
}

/// What the commands about connections have in common.
#[derive(Args, Debug)]
pub(crate) struct Stack {
    /// Folders and files; `-` reads standard input
    pub(crate) paths: Vec<PathBuf>,
    /// Name of what standard input holds: decides its format
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_name: String,
    /// Only the deployment of this name; all of them unless given
    #[arg(long, value_name = "VIEW")]
    pub(crate) view: Option<String>,
    /// The day to judge by; today unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub(crate) today: Option<Date>,
}

#[derive(Args, Debug)]
#[command(after_help = GRAPH_CODES)]
pub(crate) struct Map {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// Output format; svg, dot and mermaid draw one deployment
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: MapFormat,
    /// The file to write instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum MapFormat {
    /// A matrix of who can reach whom and who has to
    Text,
    /// An image that stands alone
    Svg,
    /// For Graphviz
    Dot,
    /// For Markdown that draws Mermaid
    Mermaid,
    /// JSON, version 1
    Json,
}

#[derive(Args, Debug)]
#[command(after_help = GRAPH_CODES)]
pub(crate) struct Breach {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// The service that falls; unless given, each that is reached from outside, runs PHP or works on what users hand in
    #[arg(long, value_name = "SERVICE")]
    pub(crate) from: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: InventoryFormat,
}

#[derive(Args, Debug)]
#[command(after_help = GRAPH_CODES)]
pub(crate) struct Boundaries {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// Only this service; all of them unless given
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: InventoryFormat,
}

#[derive(Args, Debug)]
#[command(after_help = GRAPH_CODES)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// How services are put onto networks; balanced unless given
    #[arg(long, value_name = "PRESET")]
    pub(crate) preset: Option<Preset>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlanFormat,
    /// Write the plan into the files
    #[arg(long, conflicts_with = "format")]
    pub(crate) write: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Preset {
    /// No pair too many, however many networks it takes
    Strict,
    /// A network less is worth a harmless pair
    Balanced,
    /// edge, app, data and operations
    Tiered,
}

impl Preset {
    /// Its name in the document.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Balanced => "balanced",
            Self::Tiered => "tiered",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Human,
    /// JSON, version 1
    Json,
    /// The patch alone, as `git apply` takes it
    Diff,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// Tables for people
    Human,
    /// JSON
    Json,
}

impl Check {
    /// The formats asked for; human text when none is.
    pub(crate) fn formats(&self) -> Vec<Format> {
        if self.format.is_empty() { vec![Format { name: FormatName::Human, file: None }] } else { self.format.clone() }
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write it as YYYY-MM-DD".to_owned())
}

/// A format and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    pub(crate) name: FormatName,
    pub(crate) file: Option<PathBuf>,
}

impl Format {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let name = FormatName::from_str(name, false)
            .map_err(|_| format!("`{name}` is no format; there are human, json and sarif"))?;
        match file {
            Some("") => Err("a file name is missing after `=`".to_owned()),
            file => Ok(Self { name, file: file.map(PathBuf::from) }),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum FormatName {
    /// For people
    Human,
    /// JSON, version 1
    Json,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
    /// Findings never fail the run
    Never,
}

impl FailOn {
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    /// Whether to make colours at all; with `auto` the stream takes them away where they are not wanted.
    pub(crate) fn wanted(self) -> bool {
        !matches!(self, Self::Never)
    }

    pub(crate) fn apply(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}
