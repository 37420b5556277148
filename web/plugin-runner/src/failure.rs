//! Why a request has no findings, as the page shows it.

use plimsoll_plugin_abi::{Error, ErrorKind};
use plimsoll_plugin_linker::{During, LinkError, Stop, shorten};
use plimsoll_plugin_settings::Fault;

/// What is told instead of an answer. Codes, messages and help are those of `PluginError` in the terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// Where settings are wrong, for a form to show.
    pub(crate) faults: Vec<Fault>,
}

/// What to do when a plug-in fails for a reason of its own.
const AUTHOR: &str = "tell the plug-in's author; the other results are complete";

impl Failure {
    /// A plug-in that ran into a limit or failed.
    pub(crate) fn run(during: During, stop: &Stop) -> Self {
        Self { code: stop.code(), message: format!("{stop} {during}"), help: AUTHOR, faults: Vec::new() }
    }

    /// A plug-in whose modules the browser refuses.
    pub(crate) fn compile(reason: &str) -> Self {
        LinkError::Compile(reason.to_owned()).into()
    }

    /// Settings that do not match the schema.
    pub(crate) fn settings(faults: &[Fault]) -> Self {
        // Each names its setting.
        let shown: Vec<String> = faults.iter().take(3).map(|fault| shorten(&fault.message, 200)).collect();
        let more = match faults.len().saturating_sub(3) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        Self {
            code: "settings",
            message: format!("its settings do not match its schema: {}{more}", shown.join("; ")),
            help: "correct the plug-in's settings; `plimsoll plugin inspect` prints their schema",
            faults: faults.to_vec(),
        }
    }

    /// What a plug-in says instead of findings.
    pub(crate) fn said(error: &Error) -> Self {
        let message = shorten(&error.message, 500);
        let (code, message, help) = if error.kind == ErrorKind::Settings {
            (
                "settings-refused",
                format!("it does not understand its settings: {message}"),
                "correct the plug-in's settings",
            )
        } else {
            ("gave-up", format!("it gave up: {message}"), "see the plug-in's documentation")
        };
        Self { code, message, help, faults: Vec::new() }
    }

    /// A request that is none: the page's fault.
    pub(crate) fn request(message: &str) -> Self {
        Self { code: "request", message: message.to_owned(), help: "load the page again", faults: Vec::new() }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self { code: error.code(), message: error.to_string(), help: error.help(), faults: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_terminal() {
        let stopped = Failure::run(During::Check, &Stop::Panic);
        assert_eq!((stopped.code, stopped.message.as_str()), ("panic", "it panicked while it looked at the project"));
        let said = |kind, message: &str| Failure::said(&Error { kind, message: message.to_owned() });
        assert_eq!(said(ErrorKind::Settings, "no").message, "it does not understand its settings: no");
        let gave_up = said(ErrorKind::Internal, &format!("\u{1b}[31m{}", "x".repeat(1000)));
        assert_eq!(gave_up.code, "gave-up");
        assert!(gave_up.message.starts_with("it gave up: \u{241b}[31mxx") && gave_up.message.chars().count() == 512);
        assert_eq!(Failure::from(LinkError::NotWasm).code, "not-wasm");
        assert_eq!(Failure::compile("x").message, "it cannot be compiled: x");
    }

    #[test]
    fn the_first_faults_are_told() {
        let fault = |n: usize| Fault { pointer: format!("/{n}"), message: format!("m{n}") };
        let faults: Vec<Fault> = (0..5).map(fault).collect();
        let failure = Failure::settings(&faults);
        assert_eq!((failure.code, failure.faults.len()), ("settings", 5));
        assert_eq!(failure.message, "its settings do not match its schema: m0; m1; m2; and 2 more");
        assert!(!Failure::settings(&faults[..1]).message.contains("more"));
    }
}
