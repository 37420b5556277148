//! Why a plug-in gives no findings, or not all of them.

use super::source::SourceError;
use plimsoll_core::plugin::{Problem, Refusal};
use plimsoll_core::text::{count, shorten};
use plimsoll_plugin_abi::Limits;
use std::fmt;

/// Everything that can go wrong with a plug-in. Each kind has its own next step.
#[derive(Debug)]
pub enum PluginError {
    /// The file could not be read.
    Unreadable(std::io::Error),
    /// The file is larger than a plug-in may be.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// It is no WebAssembly.
    NotWasm,
    /// It is a core module, not a component.
    CoreModule,
    /// It is cut short or damaged.
    Malformed(String),
    /// It wants something from the host.
    Imports(Vec<String>),
    /// It exports no interface of this tool.
    NoInterface,
    /// It is made for another version of the interface.
    Version {
        /// The version it exports.
        found: String,
        /// Whether the plug-in is the older side.
        plugin_is_older: bool,
    },
    /// Compiling it would take too long.
    CompileCost {
        /// Its cost.
        cost: u64,
        /// The limit.
        limit: u64,
    },
    /// It has more of something than a plug-in needs: what, how many, and the limit.
    TooMany(&'static str, u64, u64),
    /// It uses a feature of WebAssembly that is off for plug-ins.
    Feature(&'static str),
    /// The compiler refuses it.
    Compile(String),
    /// Compiling it took longer than the limit, in seconds.
    CompileTime(u64),
    /// Compiling it took more memory than the limit, in bytes.
    CompileMemory(u64),
    /// The compiler itself failed on it.
    CompileCrashed(String),
    /// Its interface has the right name and another shape.
    Shape(String),
    /// It ran into a limit or failed.
    Run {
        /// What it was doing.
        during: During,
        /// What happened.
        stop: Stop,
    },
    /// What it says of itself cannot be used.
    Refused(Refusal),
    /// Its settings do not match its schema.
    Settings(Vec<plimsoll_plugin_settings::Fault>),
    /// Its file is not the one that is meant, or cannot be had.
    Source(SourceError),
    /// Another plug-in of this run has the same name.
    NameTwice(String),
    /// It gave an error instead of findings.
    Said {
        /// Whether it blames its settings.
        settings: bool,
        /// Its words.
        message: String,
    },
    /// Some of its findings cannot be used; the others stand.
    Problems(Vec<Problem>),
}

/// What a plug-in was doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum During {
    /// Being set up.
    Start,
    /// Saying what it is.
    Describe,
    /// Looking at a project.
    Check,
}

/// How a run ended early.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It used up its fuel.
    Fuel,
    /// It took too long by the clock.
    Time,
    /// It asked for more memory than it may have.
    Memory,
    /// It asked for more table elements than it may have.
    Table,
    /// It has more instances, memories or tables than it may have.
    Instances,
    /// It called itself too deep.
    Stack,
    /// What it returned is larger than is read.
    Result,
    /// It gave up: a panic, or an abort of its language's runtime.
    Panic,
    /// A text of it is not UTF-8.
    Text,
    /// A value of it is none of its type: an enum case or a discriminant that does not exist, or an address outside its memory.
    Value(String),
    /// Any other trap.
    Trap(String),
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "it could not be read: {error}"),
            Self::TooLarge { bytes, limit } => write!(f, "it has {bytes} bytes; the limit is {limit}"),
            Self::NotWasm => write!(f, "it is not a WebAssembly file"),
            Self::CoreModule => write!(f, "it is a core module, not a component"),
            Self::Malformed(reason) => write!(f, "it is damaged: {}", shorten(reason, 200)),
            Self::Imports(names) => {
                let shown: Vec<String> = names.iter().take(5).map(|name| format!("`{}`", shorten(name, 80))).collect();
                let more = names.len().saturating_sub(shown.len());
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                write!(f, "it wants {}{more}; a plug-in may import nothing", shown.join(", "))
            }
            Self::NoInterface => write!(f, "it does not export {}", plimsoll_plugin_abi::INTERFACE),
            Self::Version { found, .. } => {
                write!(
                    f,
                    "it exports version {} of {}; this version of Plimsoll reads {}",
                    shorten(found, 40),
                    plimsoll_plugin_abi::INTERFACE_NAME,
                    plimsoll_plugin_abi::INTERFACE_VERSION
                )
            }
            Self::CompileCost { cost, limit } => {
                write!(f, "compiling it would take too long: its cost is {cost}, the limit {limit}")
            }
            Self::TooMany(what, found, limit) => {
                write!(f, "it has {found} {what}, more than a plug-in needs; the limit is {limit}")
            }
            Self::Feature(feature) => write!(f, "it uses {feature}, which is off for plug-ins"),
            Self::Compile(reason) => write!(f, "it cannot be compiled: {}", shorten(reason, 300)),
            Self::CompileTime(seconds) => {
                write!(f, "compiling it took longer than {}", count(Limits::size(*seconds), "second"))
            }
            Self::CompileMemory(bytes) => {
                write!(f, "compiling it took more memory than {} MiB", bytes.div_ceil(1 << 20))
            }
            Self::CompileCrashed(reason) => write!(f, "the compiler failed on it: {}", shorten(reason, 300)),
            Self::Shape(reason) => {
                write!(f, "its interface differs from {}: {}", plimsoll_plugin_abi::INTERFACE, shorten(reason, 300))
            }
            Self::Run { during, stop } => {
                let during = match during {
                    During::Start => "while it was set up",
                    During::Describe => "while it described itself",
                    During::Check => "while it looked at the project",
                };
                write!(f, "{stop} {during}")
            }
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Settings(faults) => settings(faults, f),
            Self::Source(error) => write!(f, "{error}"),
            Self::NameTwice(name) => write!(f, "its name `{name}` is that of another plug-in of this run"),
            Self::Said { settings: true, message } => {
                write!(f, "it does not understand its settings: {}", shorten(message, 500))
            }
            Self::Said { settings: false, message } => write!(f, "it gave up: {}", shorten(message, 500)),
            Self::Problems(problems) => {
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                match problems.len() {
                    0 | 1 => write!(f, "{first}; such findings are left out"),
                    more => write!(f, "{first}, and {} more; such findings are left out", count(more - 1, "problem")),
                }
            }
        }
    }
}

impl std::error::Error for PluginError {}

/// The first faults; each names its place itself.
fn settings(faults: &[plimsoll_plugin_settings::Fault], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shown: Vec<String> = faults.iter().take(3).map(|fault| shorten(&fault.message, 200)).collect();
    write!(f, "its settings do not match its schema: {}", shown.join("; "))?;
    match faults.len().saturating_sub(3) {
        0 => Ok(()),
        more => write!(f, "; and {more} more"),
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel => write!(f, "it used up its fuel"),
            Self::Time => write!(f, "it took too long"),
            Self::Memory => write!(f, "it asked for more memory than it may have"),
            Self::Table => write!(f, "it asked for larger tables than it may have"),
            Self::Instances => write!(f, "it has more instances, memories or tables than it may have"),
            Self::Stack => write!(f, "it called itself too deep"),
            Self::Result => write!(f, "it returned more than is read"),
            Self::Panic => write!(f, "it panicked"),
            Self::Text => write!(f, "it returned a text that is not UTF-8"),
            Self::Value(reason) => {
                write!(f, "it returned what is no value of its interface ({})", shorten(reason, 200))
            }
            Self::Trap(reason) => write!(f, "it failed ({})", shorten(reason, 200)),
        }
    }
}

impl PluginError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::NotWasm => "name a plug-in component, as `plimsoll plugin build` makes it",
            Self::TooLarge { .. }
            | Self::CompileCost { .. }
            | Self::TooMany(..)
            | Self::CompileTime(_)
            | Self::CompileMemory(_) => "build it smaller: with optimisation for size, without debug information",
            Self::CoreModule => "make a component of it with `plimsoll plugin build`",
            Self::Malformed(_) => "get the file again, or build it again",
            Self::Imports(_) => "build it for wasm32-unknown-unknown, or with its toolchain's option to leave WASI out",
            Self::NoInterface | Self::Shape(_) => "build it against plimsoll-plugin.wit of this version of Plimsoll",
            Self::Version { plugin_is_older: true, .. } => "the plug-in is too old: get or build a newer one",
            Self::Version { plugin_is_older: false, .. } => "this Plimsoll is too old: get a newer one",
            Self::Feature(_) => "build it with its toolchain's option that turns the feature off",
            Self::Compile(_) | Self::CompileCrashed(_) | Self::Run { .. } | Self::Refused(_) | Self::Problems(_) => {
                "tell the plug-in's author; the other results are complete"
            }
            Self::Settings(_) => "correct the plug-in's settings; `plimsoll plugin inspect` prints their schema",
            Self::Source(error) => error.help(),
            Self::NameTwice(_) => "name each plug-in once",
            Self::Said { settings: true, .. } => "correct the plug-in's settings",
            Self::Said { settings: false, .. } => "see the plug-in's documentation",
        }
    }

    /// The kind of mistake, in a word that does not change: for scripts, fixtures and the page.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge { .. } => "file-too-large",
            Self::NotWasm => "not-wasm",
            Self::CoreModule => "core-module",
            Self::Malformed(_) => "malformed",
            Self::Imports(_) => "imports",
            Self::NoInterface => "no-interface",
            Self::Version { .. } => "interface-version",
            Self::CompileCost { .. } => "compile-cost",
            Self::TooMany(..) => "too-many-parts",
            Self::Feature(_) => "feature",
            Self::Compile(_) => "compile",
            Self::CompileTime(_) => "compile-time",
            Self::CompileMemory(_) => "compile-memory",
            Self::CompileCrashed(_) => "compile-crashed",
            Self::Shape(_) => "interface-shape",
            Self::Run { stop, .. } => stop.code(),
            Self::Refused(_) => "refused",
            Self::Settings(_) => "settings",
            Self::Source(error) => error.code(),
            Self::NameTwice(_) => "name-twice",
            Self::Said { settings: true, .. } => "settings-refused",
            Self::Said { settings: false, .. } => "gave-up",
            Self::Problems(_) => "findings",
        }
    }
}

impl Stop {
    /// See [`PluginError::code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Instances => "too-many-parts",
            Self::Stack => "stack",
            Self::Result => "result-size",
            Self::Panic => "panic",
            Self::Text => "text",
            Self::Value(_) => "value",
            Self::Trap(_) => "trap",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn all() -> Vec<PluginError> {
        let fault = |pointer: &str, message: &str| plimsoll_plugin_settings::Fault {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
        };
        let run = |stop| PluginError::Run { during: During::Check, stop };
        let text = || "a reason".to_owned();
        vec![
            PluginError::Unreadable(std::io::Error::other("no")),
            PluginError::TooLarge { bytes: 2, limit: 1 },
            PluginError::NotWasm,
            PluginError::CoreModule,
            PluginError::Malformed(text()),
            PluginError::Imports(vec!["f".to_owned(); 7]),
            PluginError::NoInterface,
            PluginError::Version { found: "9.0.0".to_owned(), plugin_is_older: false },
            PluginError::CompileCost { cost: 2, limit: 1 },
            PluginError::TooMany("functions", 2, 1),
            PluginError::Feature("threads"),
            PluginError::Compile(text()),
            PluginError::CompileTime(120),
            PluginError::CompileMemory(1 << 30),
            PluginError::CompileCrashed(text()),
            PluginError::Shape(text()),
            PluginError::Refused(Refusal::Name("A".to_owned())),
            PluginError::Settings(vec![
                fault("/allowed", "allowed: expected a list"),
                fault("", "b"),
                fault("", "c"),
                fault("", "d"),
            ]),
            PluginError::NameTwice("a".to_owned()),
            PluginError::Said { settings: true, message: text() },
            PluginError::Said { settings: false, message: text() },
            PluginError::Problems(vec![Problem::Document(9), Problem::NoMessage]),
            run(Stop::Fuel),
            run(Stop::Time),
            run(Stop::Memory),
            run(Stop::Table),
            run(Stop::Stack),
            run(Stop::Result),
            run(Stop::Panic),
            run(Stop::Text),
            run(Stop::Value(text())),
            run(Stop::Trap(text())),
        ]
    }

    #[test]
    fn every_error_has_a_code_of_its_own_and_a_next_step() {
        let codes: BTreeSet<&str> = all().iter().map(PluginError::code).collect();
        assert_eq!(codes.len(), all().len());
        for error in all() {
            assert!(error.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", error.code());
            assert!(!error.to_string().is_empty() && !error.help().is_empty(), "{}", error.code());
        }
        // Too many instances, whether they are counted before or while they are made.
        let late = PluginError::Run { during: During::Start, stop: Stop::Instances };
        assert_eq!((late.code(), PluginError::TooMany("x", 2, 1).code()), ("too-many-parts", "too-many-parts"));
    }

    #[test]
    fn a_strangers_text_is_short_and_visible() {
        let said = PluginError::Said { settings: false, message: format!("\u{1b}[31m{}", "x".repeat(10_000)) };
        let text = said.to_string();
        assert!(text.len() < 600 && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn faults_of_settings_name_their_places() {
        let text = all().into_iter().find(|error| error.code() == "settings").unwrap().to_string();
        assert_eq!(text, "its settings do not match its schema: allowed: expected a list; b; c; and 1 more");
    }
}
