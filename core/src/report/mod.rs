//! A report as text. Renderers are pure; their wire structs are their own, so that internals may change without breaking readers.

pub mod answers;
pub mod json;
pub mod map;
pub mod sarif;
pub mod stack;
pub mod trust;
