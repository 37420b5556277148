//! The gallery's stacks, as the tests of the graph read them.

use plimsoll_core::graph::{self, model::Graph};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of a stack, such as `larashop/hardened`, named from its folder.
pub(crate) fn sources(stack: &str) -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/gallery").join(stack);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(&next).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut sources = Sources::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
        sources.add_bytes(&name, &fs::read(&path).unwrap());
    }
    sources
}

/// Asks the graph of a stack's deployment: `default`, or the first.
pub(crate) fn with_graph<T>(stack: &str, question: impl Fn(&Graph) -> T) -> T {
    let sources = sources(stack);
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let view = project.views.iter().find(|view| view.name == "default").or(project.views.first()).unwrap();
    question(&graph::of(&project, view))
}
