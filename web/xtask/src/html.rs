//! The `data-trunk` links of index.html, read as Trunk reads them, so that either tool builds the page.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

/// One `<link data-trunk …>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    attributes: BTreeMap<String, String>,
}

impl Link {
    /// An attribute, when it is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// An attribute that has to be there.
    ///
    /// # Errors
    /// When it is missing.
    pub fn need(&self, name: &str) -> Result<&str> {
        self.get(name).with_context(|| format!("index.html: a data-trunk link has no `{name}`"))
    }
}

/// Replaces every `data-trunk` link by what `with` makes of it.
///
/// # Errors
/// When a link is not closed, or `with` refuses one.
pub fn replace_links(html: &str, mut with: impl FnMut(&Link) -> Result<String>) -> Result<String> {
    const OPENING: &str = "<link data-trunk";
    let mut page = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(OPENING) {
        let length = rest[start..].find('>').context("index.html: a data-trunk link is not closed")? + 1;
        page.push_str(&rest[..start]);
        page.push_str(&with(&Link { attributes: attributes(&rest[start + OPENING.len()..start + length]) })?);
        rest = &rest[start + length..];
    }
    page.push_str(rest);
    Ok(page)
}

/// `name="value"` pairs of a tag; a name without a value is left out, since none is needed.
fn attributes(tag: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let Some((value, next)) = after.split_once('"') else { break };
        if let Some(name) = before.split_whitespace().next_back() {
            found.insert(name.to_owned(), value.to_owned());
        }
        rest = next;
    }
    found
}

/// Puts a line in front of the first `data-trunk` link's place: right behind the character set, where a policy has to stand to
/// cover everything that follows.
///
/// # Errors
/// When the page does not declare its character set as `<meta charset="utf-8">`.
pub fn insert_policy(html: &str, policy: &str) -> Result<String> {
    const CHARSET: &str = "<meta charset=\"utf-8\">";
    let (before, after) = html.split_once(CHARSET).context("index.html: no <meta charset=\"utf-8\">")?;
    Ok(format!("{before}{CHARSET}\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">{after}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn links_are_replaced_in_place() {
        let html = "<head><link data-trunk rel=\"css\" href=\"a b.css\"><link rel=\"x\"><link data-trunk rel=\"rust\" href=\"c\"></head>";
        let out = replace_links(html, |link| Ok(format!("[{} {}]", link.need("rel")?, link.need("href")?))).unwrap();
        assert_eq!(out, "<head>[css a b.css]<link rel=\"x\">[rust c]</head>");
        assert!(replace_links("<link data-trunk rel=\"css\"", |_| Ok(String::new())).is_err());
        assert!(replace_links("<link data-trunk rel=\"css\">", |link| Ok(link.need("href")?.to_owned())).is_err());
    }

    #[test]
    fn the_policy_stands_behind_the_character_set() {
        assert!(insert_policy("<meta charset=\"utf-8\"><title>", "p").unwrap().contains("content=\"p\"><title>"));
        assert!(insert_policy("<title>", "p").is_err());
    }
}
