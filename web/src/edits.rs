//! A fix of the report → the new text of every file it touches. All of it or nothing.

use crate::intake::{Content, File};
use plimsoll_core::report::json::{EditV1, FixV1};
use std::rc::Rc;

/// One file before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    pub(crate) path: Rc<str>,
    /// `None` when the file is new.
    pub(crate) before: Option<Rc<str>>,
    pub(crate) after: Rc<str>,
    /// Where the change begins, in the editor's units.
    pub(crate) at: u32,
}

/// What a fix changes; `None` when it does not fit the files.
pub(crate) fn plan(fix: &FixV1, files: &[File]) -> Option<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    for edit in &fix.edits {
        let path = edit.location.path.as_str();
        if changes.iter().any(|change| &*change.path == path) {
            continue;
        }
        let file = files.iter().find(|file| &*file.path == path)?;
        let before = file.shown()?;
        let edits: Vec<&EditV1> = fix.edits.iter().filter(|edit| edit.location.path == path).collect();
        let at = edits.iter().map(|edit| edit.location.start_utf16).min().unwrap_or(0);
        let after = apply(&before, edits)?.into();
        changes.push(Change { path: Rc::clone(&file.path), before: Some(before), after, at });
    }
    for new in &fix.creates {
        let known = files.iter().any(|file| *file.path == *new.path && file.content != Content::Name);
        if known || changes.iter().any(|change| *change.path == *new.path) {
            return None;
        }
        changes.push(Change { path: new.path.as_str().into(), before: None, after: new.text.as_str().into(), at: 0 });
    }
    (!changes.is_empty()).then_some(changes)
}

/// Applies edits of one text from its end, so that each one's place still holds; `None` when two overlap or one does not fit.
fn apply(text: &str, mut edits: Vec<&EditV1>) -> Option<String> {
    // The replacement takes part so that insertions at one place end up in the order in which the terminal puts them.
    let order = |edit: &EditV1| (edit.location.start_utf16, edit.location.end_utf16);
    edits.sort_by(|a, b| (order(b), &b.replacement).cmp(&(order(a), &a.replacement)));
    let mut out: Vec<u16> = text.encode_utf16().collect();
    let mut limit = out.len();
    for edit in edits {
        let (start, end) = (edit.location.start_utf16 as usize, edit.location.end_utf16 as usize);
        if start > end || end > limit {
            return None;
        }
        out.splice(start..end, edit.replacement.encode_utf16());
        limit = start;
    }
    String::from_utf16(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_core::report::json::{LocationV1, NewFileV1};

    fn edit(path: &str, start: u32, end: u32, replacement: &str) -> EditV1 {
        let location = LocationV1 {
            path: path.to_owned(),
            start: 0,
            end: 0,
            start_utf16: start,
            end_utf16: end,
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
        };
        EditV1 { location, replacement: replacement.to_owned() }
    }

    fn fix(edits: Vec<EditV1>, creates: &[&str]) -> FixV1 {
        let creates =
            creates.iter().map(|path| NewFileV1 { path: (*path).to_owned(), text: "new\n".to_owned() }).collect();
        FixV1 { title: String::new(), safety: "safe".to_owned(), edits, creates }
    }

    #[test]
    fn edits_count_as_the_editor_does_and_apply_together() {
        let files = [File::text("a", "é𝄞 one two"), File::text("b", "x"), File::name("c")];
        let changes =
            plan(&fix(vec![edit("a", 4, 7, "1"), edit("b", 1, 1, "y"), edit("a", 8, 11, "2")], &["c", "d"]), &files)
                .unwrap();
        let shown: Vec<(&str, bool, &str)> =
            changes.iter().map(|change| (&*change.path, change.before.is_some(), &*change.after)).collect();
        assert_eq!(shown, [("a", true, "é𝄞 1 2"), ("b", true, "xy"), ("c", false, "new\n"), ("d", false, "new\n")]);
        assert_eq!(changes[0].at, 4);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let files = [File::text("a", "one"), File::read("p", b"\0".to_vec())];
        assert!(plan(&fix(vec![edit("a", 0, 2, ""), edit("a", 1, 3, "")], &[]), &files).is_none(), "overlap");
        assert!(plan(&fix(vec![edit("a", 0, 4, "")], &[]), &files).is_none(), "beyond the end");
        assert!(plan(&fix(vec![edit("x", 0, 0, "")], &[]), &files).is_none(), "unknown file");
        assert!(plan(&fix(vec![edit("p", 0, 0, "")], &[]), &files).is_none(), "no text");
        assert!(plan(&fix(vec![], &["a"]), &files).is_none(), "exists");
        assert!(plan(&fix(vec![], &[]), &files).is_none(), "nothing to do");
    }

    #[test]
    fn two_insertions_at_one_place_keep_their_order() {
        let files = [File::text("a", "x")];
        let changes = plan(&fix(vec![edit("a", 0, 0, "1"), edit("a", 0, 0, "2")], &[]), &files).unwrap();
        assert_eq!(&*changes[0].after, "12x");
    }
}
