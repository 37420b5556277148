//! Properties of the project, and of what a plug-in says.

use super::Value::Text;
use super::{Key, many, one, optional};

/// Keys of `project.properties`.
pub const PROJECT: &[Key] = &[one(
    "today",
    Text,
    "the day the analysis is made for, `YYYY-MM-DD`; there is no clock, and this is the only date",
)];

/// Keys of `finding.properties` that the host reads; others are ignored.
pub const FINDING: &[Key] = &[
    optional("help", Text, "what to do here, when it is not what the rule says"),
    many("service", Text, "name of a service that it affects; a name that the project does not have is dropped"),
    many("view", Text, "name of a view that it affects; a name that the project does not have is dropped"),
];

/// Keys of `rule.properties` that the host reads; others are ignored.
pub const RULE: &[Key] = &[optional("help", Text, "what to do, in one or two sentences")];

/// Keys of `metadata.properties` that the host reads: none today.
pub const METADATA: &[Key] = &[];
