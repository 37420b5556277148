//! Builds, hands out, and builds again on every change.

use crate::{BuildOptions, build, build::ensure_target, root, say, server};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The port that is tried first.
pub const FIRST_PORT: u16 = 4173;

/// Serves the page until the process is ended.
///
/// # Errors
/// When the first build fails, or no port can be had.
#[allow(clippy::print_stdout, reason = "the address is this command's result")]
pub fn serve(options: &BuildOptions, port: Option<u16>) -> Result<()> {
    ensure_target()?;
    build(options)?;
    let listener = match port {
        Some(port) => server::listen(port)?,
        None => (FIRST_PORT..FIRST_PORT + 20)
            .find_map(|port| server::listen(port).ok())
            .map_or_else(|| server::listen(0), Ok)?,
    };
    let port = server::spawn_on(listener, options.out.clone())?;
    println!("http://127.0.0.1:{port}/");
    say("watching for changes; Ctrl-C ends it");
    let mut seen = newest();
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = newest();
        if now > seen {
            seen = now;
            match build(options) {
                Ok(_) => say("rebuilt: reload the page"),
                Err(error) => say(format!("{error:#}")),
            }
        }
    }
}

/// When the sources changed last. Asking the file system every 300 ms costs about a millisecond and needs no crate, which a
/// notification from the system would.
fn newest() -> SystemTime {
    let root = root();
    let mut latest = SystemTime::UNIX_EPOCH;
    let mut pending: Vec<PathBuf> =
        ["core", "plugins", "web", "index.html"].iter().map(|name| root.join(name)).collect();
    while let Some(path) = pending.pop() {
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if let Ok(modified) = about.modified() {
            // A folder's own time changes when a file in it is added or removed.
            latest = latest.max(modified);
        }
        if about.is_dir() && !path.file_name().is_some_and(|name| name == "node_modules" || name == "target") {
            pending.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
    }
    latest
}
