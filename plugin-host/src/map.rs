//! The map in the formats of the command line.

use plimsoll_core::report::map::{dot, matrix, mermaid, svg};
use plimsoll_core::report::stack::{StackV1, ViewV1};
use plimsoll_core::text::{shorten, visible};

/// The matrix of every deployment, one after another.
#[must_use]
pub fn text(document: &StackV1) -> String {
    document.views.iter().map(matrix::render).collect::<Vec<_>>().join("\n")
}

/// An image of one deployment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// SVG that stands alone.
    Svg,
    /// For Graphviz.
    Dot,
    /// For Markdown that draws Mermaid.
    Mermaid,
}

/// Draws a deployment.
#[must_use]
pub fn picture(view: &ViewV1, picture: Picture) -> String {
    match picture {
        Picture::Svg => svg::render(view),
        Picture::Dot => dot::render(view),
        Picture::Mermaid => mermaid::render(view),
    }
}

/// The only deployment of a document: what is drawn or patched is one.
///
/// # Errors
/// A sentence that names the deployments to choose from.
pub fn only(document: &StackV1) -> Result<&ViewV1, String> {
    match document.views.as_slice() {
        [view] => Ok(view),
        [] => Err("the files describe no deployment".to_owned()),
        views => Err(format!(
            "the files describe {} deployments; name one with --view: {}",
            views.len(),
            names(views.iter().map(|view| view.name.as_str()))
        )),
    }
}

/// Names to choose from, as many as can be read.
#[must_use]
pub fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = all.collect();
    let more = names.len().saturating_sub(30);
    names.truncate(30);
    let shown: Vec<String> = names.iter().map(|name| shorten(&visible(name), 60)).collect();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_to_choose_from() {
        assert_eq!(names(["a", "b\u{1b}"].into_iter()), "a, b␛");
        let many: Vec<String> = (0..32).map(|index| format!("v{index}")).collect();
        assert!(names(many.iter().map(String::as_str)).ends_with("v29 and 2 more"));
    }
}
