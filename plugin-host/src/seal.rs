//! From a core module to a component that imports nothing, in this process: no further tool is needed to write a plug-in.

use crate::plugin::inspect::{self, Inspection};
use crate::plugin::{Limits, PluginError};
use std::fmt;

/// Why a module cannot be made a plug-in.
#[derive(Debug)]
pub enum SealError {
    /// It is a component already.
    Component,
    /// It cannot be wrapped: the reason as the encoder gives it.
    Encode(String),
    /// What came of it is no plug-in.
    Plugin(PluginError),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component => write!(f, "it is a component already"),
            Self::Encode(reason) => write!(f, "it cannot be made a component: {reason}"),
            Self::Plugin(error) => write!(f, "{error}; {}", error.help()),
        }
    }
}

impl std::error::Error for SealError {}

/// Wraps a core module that carries the description of its interface, as `wit-bindgen` puts it there.
///
/// # Errors
/// When it carries none, wants an import, or is beyond what the host takes.
pub fn seal(module: &[u8]) -> Result<(Vec<u8>, Inspection), SealError> {
    // Version 1 in the first half, layer 1 in the second: a component. A module has layer 0.
    if module.get(..8) == Some(b"\0asm\x0d\0\x01\0") {
        return Err(SealError::Component);
    }
    let mut encoder = wit_component::ComponentEncoder::default();
    encoder.validate(true);
    let component = encoder
        .module(module)
        .and_then(|encoder| encoder.encode())
        .map_err(|error| SealError::Encode(format!("{error:#}")))?;
    let inspection = inspect::inspect(&component, &Limits::default()).map_err(SealError::Plugin)?;
    inspection.fits().map_err(SealError::Plugin)?;
    Ok((component, inspection))
}
