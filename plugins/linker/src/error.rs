//! Why a file cannot be run, in the words of the terminal: the same mistake has the same code, text and help in the page.

use crate::run::Stop;
use crate::text::shorten;
use plimsoll_plugin_abi::{INTERFACE, INTERFACE_NAME, INTERFACE_VERSION};
use std::fmt;

/// Why a file cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// It is larger than a plug-in may be.
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
    Version(String),
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
    /// Its parts do not fit together.
    Compile(String),
    /// Its interface has the right name and another shape.
    Shape(String),
    /// It asks for more from the start than it may have.
    Start(Stop),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::NoInterface => write!(f, "it does not export {INTERFACE}"),
            Self::Version(found) => write!(
                f,
                "it exports version {} of {INTERFACE_NAME}; this version of Plimsoll reads {INTERFACE_VERSION}",
                shorten(found, 40)
            ),
            Self::CompileCost { cost, limit } => {
                write!(f, "compiling it would take too long: its cost is {cost}, the limit {limit}")
            }
            Self::TooMany(what, found, limit) => {
                write!(f, "it has {found} {what}, more than a plug-in needs; the limit is {limit}")
            }
            Self::Feature(feature) => write!(f, "it uses {feature}, which is off for plug-ins"),
            Self::Compile(reason) => write!(f, "it cannot be compiled: {}", shorten(reason, 300)),
            Self::Shape(reason) => write!(f, "its interface differs from {INTERFACE}: {}", shorten(reason, 300)),
            Self::Start(stop) => write!(f, "{stop} while it was set up"),
        }
    }
}

impl std::error::Error for LinkError {}

impl LinkError {
    /// The kind of mistake, in a word that does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "file-too-large",
            Self::NotWasm => "not-wasm",
            Self::CoreModule => "core-module",
            Self::Malformed(_) => "malformed",
            Self::Imports(_) => "imports",
            Self::NoInterface => "no-interface",
            Self::Version(_) => "interface-version",
            Self::CompileCost { .. } => "compile-cost",
            Self::TooMany(..) => "too-many-parts",
            Self::Feature(_) => "feature",
            Self::Compile(_) => "compile",
            Self::Shape(_) => "interface-shape",
            Self::Start(stop) => stop.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotWasm => "name a plug-in component, as `plimsoll plugin build` makes it",
            Self::TooLarge { .. } | Self::CompileCost { .. } | Self::TooMany(..) => {
                "build it smaller: with optimisation for size, without debug information"
            }
            Self::CoreModule => "make a component of it with `plimsoll plugin build`",
            Self::Malformed(_) => "get the file again, or build it again",
            Self::Imports(_) => "build it for wasm32-unknown-unknown, or with its toolchain's option to leave WASI out",
            Self::NoInterface | Self::Shape(_) => "build it against plimsoll-plugin.wit of this version of Plimsoll",
            Self::Version(found) if series(found) < series(INTERFACE_VERSION) => {
                "the plug-in is too old: get or build a newer one"
            }
            Self::Version(_) => "this Plimsoll is too old: get a newer one",
            Self::Feature(_) => "build it with its toolchain's option that turns the feature off",
            Self::Compile(_) | Self::Start(_) => "tell the plug-in's author; the other results are complete",
        }
    }
}

/// What of a version decides: the major number, and the minor one while that is 0.
pub(crate) fn series(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse::<u64>().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, if major == 0 { minor } else { 0 }))
}
