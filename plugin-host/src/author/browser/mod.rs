//! `plimsoll plugin test --browser`: the cases once more in Chromium, in the page's own worker. The page has another linker than the
//! terminal, so that what both say is the same is worth a test of its own.

mod driver;
mod server;

use super::fixtures::{self, Case, Expect, ExpectedError, Outcome};
use crate::plugin::{Limits, Plugin};
use anyhow::{Context as _, Result, bail};
use driver::Browser;
use plimsoll_core::Sources;
use plimsoll_core::plugin::{accept, describe};
use plimsoll_core::project::Project;
use plimsoll_core::text::shorten;
use plimsoll_plugin_abi as abi;
use serde_json::{Value, json};
use similar::TextDiff;
use std::path::Path;

/// The page's worker for plug-ins.
const WORKER: &str = "plugin-worker.js";

/// Asks the worker as the page does; a worker that says nothing is ended.
const SCRIPT: &str = r"
const [plugin, project, settings, done] = arguments;
const bytes = Uint8Array.from(atob(plugin), c => c.charCodeAt(0));
const worker = new Worker('plugin-worker.js', { type: 'module' });
const end = answer => { clearTimeout(timer); worker.terminate(); done(answer); };
const timer = setTimeout(() => end({ broken: 'it says nothing for 90 seconds' }), 90000);
worker.onerror = event => end({ broken: event.message || 'it cannot be loaded' });
worker.onmessage = ({ data }) => {
  if (data.error) end({ error: data.error });
  else if (data.ready) worker.postMessage({ id: 1, bytes, project, settings });
  else if (data.findings !== undefined) end({ findings: data.findings });
};
";

/// Runs the cases of an outcome in the page that was built into a folder; what differs becomes a fault of the case.
///
/// # Errors
/// When there is no page or no browser.
pub fn compare(
    page: &Path,
    component: &[u8],
    plugin: &Plugin,
    limits: &Limits,
    cases: &[Case],
    outcome: &mut Outcome,
) -> Result<()> {
    if !page.join(WORKER).is_file() {
        bail!("{} holds no {WORKER}: --page names the folder that the page was built into", page.display());
    }
    let port = server::serve(page.to_path_buf())?;
    let browser = Browser::start()?;
    browser.open(&format!("http://127.0.0.1:{port}/"))?;
    let component = Value::String(base64(component));
    for judged in &mut outcome.cases {
        let Some(case) = cases.iter().find(|case| case.name == judged.name) else { continue };
        // A case that cannot be read has its fault already.
        let Ok(sources) = fixtures::read(&case.project) else { continue };
        let said = ask(&browser, &component, plugin, limits, case, &sources)?;
        if said != judged.found {
            let diff =
                TextDiff::from_lines(&judged.found, &said).unified_diff().header("terminal", "Chromium").to_string();
            judged.faults.push(format!("Chromium says something else:\n{diff}"));
        }
    }
    outcome.browser = true;
    Ok(())
}

/// What the worker says of a case, as `expect.json` has it.
fn ask(
    browser: &Browser,
    component: &Value,
    plugin: &Plugin,
    limits: &Limits,
    case: &Case,
    sources: &Sources,
) -> Result<String> {
    let project = Project::new(sources, fixtures::day());
    let seen = serde_json::to_string(&describe(&project))?;
    let answer = browser.script(SCRIPT, &[component.clone(), json!(seen), json!(case.settings)])?;
    if let Some(reason) = answer.get("broken").and_then(Value::as_str) {
        bail!("the page's worker fails: {}", shorten(reason, 200));
    }
    if let Some(error) = answer.get("error") {
        let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        return Ok(Expect::Error(ExpectedError { code: text("code"), message: text("message") }).text());
    }
    let findings = answer.get("findings").and_then(Value::as_str).context("the page's worker gives no findings")?;
    let findings: Vec<abi::Finding> = serde_json::from_str(findings).context("the page's worker gives no findings")?;
    Ok(match accept(&project, &plugin.metadata, findings, limits) {
        Ok(accepted) => fixtures::findings(&accepted.findings, sources).text(),
        Err(refusal) => {
            Expect::Error(ExpectedError { code: "refused".to_owned(), message: refusal.to_string() }).text()
        }
    })
}

/// Bytes in the standard alphabet, as a script's argument carries them.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET.get((word >> (18 - 6 * place) & 63) as usize);
            out.push(if place <= chunk.len() { letter.map_or('=', |letter| char::from(*letter)) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_become_letters() {
        for (bytes, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), want);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
