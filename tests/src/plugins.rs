//! Plug-ins in the tests: built by the tool itself, run in the page's workers.

use crate::browser::Browser;
use crate::page::base64;
use crate::{TODAY, binary, root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The example plug-ins written in Rust.
pub const EXAMPLES: [&str; 5] =
    ["base-image-allowlist", "compose-conventions", "data-residency", "php-image-policy", "required-labels"];

/// An example plug-in, built once for each test program.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<Mutex<BTreeMap<String, PathBuf>>> = OnceLock::new();
    let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = built.get(name) {
        return file.clone();
    }
    let folder = root().join(format!("target/test-plugins/{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.wasm"));
    build(&root().join("plugins/examples").join(name), &file);
    built.insert(name.to_owned(), file.clone());
    file
}

/// Builds a plug-in with the caller's environment: it starts cargo.
pub fn build(folder: &Path, out: &Path) {
    let output = Command::new(binary()).args(["plugin", "build"]).arg(folder).arg("-o").arg(out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The cases of a plug-in's own fixtures: the project's folder and the settings.
#[must_use]
pub fn cases(plugin: &Path) -> Vec<(PathBuf, String)> {
    let mut cases = Vec::new();
    for case in fs::read_dir(plugin.join("tests")).unwrap().flatten() {
        let project = case.path().join("project");
        if project.is_dir() {
            let settings = fs::read_to_string(case.path().join("settings.json")).unwrap_or_else(|_| "{}".to_owned());
            cases.push((project, settings));
        }
    }
    cases.sort();
    cases
}

/// What the page's worker for plug-ins says: `about`, `digest`, `interface`, then `findings` or `error`. Ended after `millis`, as
/// the page does.
#[must_use]
pub fn in_worker(browser: &Browser, plugin: &[u8], settings: &str, project: &str, millis: u32) -> Value {
    browser.script_async(
        "const [plugin, settings, project, millis, done] = arguments;
         const bytes = Uint8Array.from(atob(plugin), c => c.charCodeAt(0));
         const worker = new Worker('plugin-worker.js', { type: 'module' });
         const out = {};
         let timer;
         const end = more => { clearTimeout(timer); worker.terminate(); done(Object.assign(out, more)); };
         worker.onerror = event => end({ error: { code: 'worker', message: event.message } });
         worker.onmessage = ({ data }) => {
           if (data.ready) {
             timer = setTimeout(() => end({ error: { code: 'time' } }), millis);
             worker.postMessage({ id: 7, bytes, settings, project });
           } else if (data.error) {
             end({ error: data.error });
           } else if (data.findings !== undefined) {
             end({ findings: data.findings });
           } else {
             Object.assign(out, data);
           }
         };",
        &[json!(base64(plugin)), json!(settings), json!(project), json!(millis)],
    )
}

/// What the page's analysis says of files: `describe` gives the project as plug-ins see it, `plugins` is what they said.
#[must_use]
pub fn in_analysis(
    browser: &Browser,
    files: &BTreeMap<String, Vec<u8>>,
    describe: bool,
    plugins: &[Value],
    advisories: Option<&str>,
) -> Value {
    let files: Vec<Value> =
        files.iter().map(|(path, bytes)| json!({ "path": path, "base64": base64(bytes) })).collect();
    browser.script_async(
        "const [files, today, describe, plugins, advisories, done] = arguments;
         const decode = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
         const worker = new Worker('worker.js', { type: 'module' });
         worker.onerror = event => done({ error: 'worker: ' + event.message });
         worker.onmessage = ({ data }) => {
           if (data.ready) {
             const request = { id: 7, today, describe, plugins, files: files.map(f => ({ path: f.path, bytes: decode(f.base64) })) };
             if (advisories !== null) request.advisories = advisories;
             worker.postMessage(request);
           } else { worker.terminate(); done(data); }
         };",
        &[json!(files), json!(TODAY), json!(describe), json!(plugins), json!(advisories)],
    )
}
