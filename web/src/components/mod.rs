//! What is drawn. Class names and structure belong to web/style.css; every text of a scanned file is a text node.

pub(crate) mod collector;
pub(crate) mod coverage;
pub(crate) mod dialog;
pub(crate) mod drop;
pub(crate) mod files_pane;
pub(crate) mod filters;
pub(crate) mod finding;
pub(crate) mod findings_pane;
pub(crate) mod header;
pub(crate) mod icons;
pub(crate) mod manual;
pub(crate) mod menu;
pub(crate) mod notices;
pub(crate) mod score;
pub(crate) mod stack;
pub(crate) mod switch;
pub(crate) mod tabs;
pub(crate) mod text;
pub(crate) mod toasts;
pub(crate) mod trouble;
