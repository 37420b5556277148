//! Puts what `plimsoll plugin new` writes into the binary: the templates, and the sources of the SDK that a plug-in in Rust takes
//! along. A table of `include_str!` made here, so that a file that comes or goes is noticed without a list to keep.
#![allow(clippy::print_stdout, reason = "cargo reads it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Whole folders, from the workspace's root.
const FOLDERS: [&str; 4] = ["plugins/templates", "plugins/abi/src", "plugins/abi/wit", "plugins/sdk/src"];

/// Single files: manifests, manuals, and the versions of dependencies that are tested with.
const FILES: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "plugins/abi/Cargo.toml",
    "plugins/abi/VERSIONING.md",
    "plugins/abi/VOCABULARY.md",
    "plugins/sdk/Cargo.toml",
    "plugins/sdk/README.md",
];

/// Folders that a build leaves behind in a template.
const LEFT_BEHIND: [&str; 3] = ["target", "node_modules", "__pycache__"];

fn main() -> io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let root = here.parent().unwrap_or(&here).to_path_buf();
    let mut files: Vec<String> = FILES.iter().map(|&file| file.to_owned()).collect();
    for folder in FOLDERS {
        gather(&root, folder, &mut files)?;
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let path = root.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(table, "    ({file:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    table.push(']');
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("embedded.rs"), table)
}

fn gather(root: &Path, folder: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if !entry.file_type()?.is_dir() {
            files.push(path);
        } else if !LEFT_BEHIND.contains(&name.as_str()) {
            gather(root, &path, files)?;
        }
    }
    Ok(())
}
