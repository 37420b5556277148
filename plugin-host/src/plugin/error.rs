//! Why a plug-in gives no findings, or not all of them.

use plimsoll_core::plugin::{Problem, Refusal};
use plimsoll_core::text::{count, shorten};
use std::fmt;

/// Everything that can go wrong with a plug-in. Each kind has its own next step.
#[derive(Debug)]
pub enum PluginError {
    /// The file could not be read.
    Unreadable(std::io::Error),
    /// The file is larger than a plug-in may be.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
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
    /// The compiler refuses it.
    Compile(String),
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
    /// It called itself too deep.
    Stack,
    /// What it returned is larger than is read.
    Result,
    /// It gave up: a panic, or an abort of its language's runtime.
    Panic,
    /// Any other trap, or a value that is none.
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
            Self::Compile(reason) => write!(f, "it cannot be compiled: {}", shorten(reason, 300)),
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

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel => write!(f, "it used up its fuel"),
            Self::Time => write!(f, "it took too long"),
            Self::Memory => write!(f, "it asked for more memory than it may have"),
            Self::Table => write!(f, "it asked for larger tables than it may have"),
            Self::Stack => write!(f, "it called itself too deep"),
            Self::Result => write!(f, "it returned more than is read"),
            Self::Panic => write!(f, "it panicked"),
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
            Self::TooLarge { .. } | Self::CompileCost { .. } => {
                "build it smaller: with optimisation for size, without debug information"
            }
            Self::CoreModule => "make a component of it with `plimsoll plugin build`",
            Self::Malformed(_) => "get the file again, or build it again",
            Self::Imports(_) => "build it for wasm32-unknown-unknown, or with its toolchain's option to leave WASI out",
            Self::NoInterface | Self::Shape(_) => "build it against plimsoll-plugin.wit of this version of Plimsoll",
            Self::Version { plugin_is_older: true, .. } => "the plug-in is too old: get or build a newer one",
            Self::Version { plugin_is_older: false, .. } => "this Plimsoll is too old: get a newer one",
            Self::Compile(_) | Self::Run { .. } | Self::Refused(_) | Self::Problems(_) => {
                "tell the plug-in's author; the other results are complete"
            }
            Self::NameTwice(_) => "name each plug-in once",
            Self::Said { settings: true, .. } => "correct --plugin-settings",
            Self::Said { settings: false, .. } => "see the plug-in's documentation",
        }
    }
}
