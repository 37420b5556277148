//! A headless Chromium over WebDriver: as much of the protocol as the tests use, on the standard library.
//!
//! WebDriver is a handful of JSON requests; the client crates bring an async runtime and eighty crates for them.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a page may take for what a test waits for. Generous: machines that run tests are busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page. Ends with its value.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// One browser at a time: the page stops an analysis that takes too long by the clock, and two on one machine slow each other.
static ALONE: Mutex<()> = Mutex::new(());

impl Browser {
    /// Starts a browser with a fresh profile.
    #[must_use]
    pub fn start() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; `cargo xtask test` installs it");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("on port ").nth(1)?.trim_end_matches('.').trim().parse().ok().filter(|port| *port != 0)
            })
            .expect("chromedriver names its port");
        // Its further output is read and dropped, so that it never blocks on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile, _alone: alone };
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let reply = browser.request(
            "POST",
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
                "goog:chromeOptions": { "args": args },
                "goog:loggingPrefs": { "browser": "ALL" },
                "timeouts": { "script": 60_000 },
            }}}),
        );
        browser.session = reply["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_request(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_request(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse::<usize>().ok();
            }
        }
        let mut text = vec![0; length.expect("a content length")];
        reader.read_exact(&mut text).unwrap();
        let reply: Value = serde_json::from_slice(&text).unwrap();
        let value = reply["value"].clone();
        if value["error"].is_string() { Err(value) } else { Ok(value) }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.request(method, &format!("/session/{}{path}", self.session), body)
    }

    /// Opens an address.
    pub fn open(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": url }));
    }

    /// Runs a script's body with arguments; what it returns.
    pub fn script(&self, body: &str, args: &[Value]) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": body, "args": args }))
    }

    /// Runs a script whose last argument is called with the result.
    pub fn script_async(&self, body: &str, args: &[Value]) -> Value {
        self.call("POST", "/execute/async", &json!({ "script": body, "args": args }))
    }

    /// A command of Chromium's own protocol.
    pub fn cdp(&self, command: &str, params: &Value) -> Value {
        self.call("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": params }))
    }

    /// Waits until a script's body returns something other than false and null.
    pub fn wait(&self, what: &str, body: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.script(body, &[]);
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {what}; the page: {}; its console: {:?}",
                self.text(),
                self.console()
            );
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// The visible text of the page.
    #[must_use]
    pub fn text(&self) -> String {
        self.script("return document.body.innerText", &[]).as_str().unwrap_or("").to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let value = self.call("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        value[ELEMENT].as_str().unwrap_or_else(|| panic!("no element {selector}")).to_owned()
    }

    /// Clicks an element.
    pub fn click(&self, selector: &str) {
        let id = self.element(selector);
        self.call("POST", &format!("/element/{id}/click"), &json!({}));
    }

    /// Types into an element.
    pub fn keys(&self, selector: &str, text: &str) {
        let id = self.element(selector);
        self.call("POST", &format!("/element/{id}/value"), &json!({ "text": text }));
    }

    /// Presses keys wherever the focus is.
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [
                    json!({ "type": "keyDown", "value": key.to_string() }),
                    json!({ "type": "keyUp", "value": key.to_string() }),
                ]
            })
            .collect();
        self.call("POST", "/actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }));
    }

    /// Drops files of the disk onto the middle of the page.
    pub fn drop_files(&self, files: &[&Path]) {
        let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.cdp(
                "Input.dispatchDragEvent",
                &json!({ "type": kind, "x": 400, "y": 300, "data": { "items": [], "files": files, "dragOperationsMask": 1 } }),
            );
        }
    }

    /// Sets the size of the view.
    pub fn resize(&self, width: u32, height: u32, mobile: bool) {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile }),
        );
    }

    /// Console messages since the last call that are errors. A breach of the content security policy is one.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", &json!({ "type": "browser" }));
        log.as_array()
            .map(|entries| {
                entries
                    .iter()
                    .filter(|entry| entry["level"] == "SEVERE")
                    .map(|entry| entry["message"].to_string())
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A picture of the view, written to a file.
    pub fn screenshot(&self, path: &Path) {
        let encoded = self.call("GET", "/screenshot", &Value::Null);
        std::fs::write(path, base64(encoded.as_str().unwrap_or(""))).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _gone_already = self.try_request("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ended_already = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

/// Decodes the standard alphabet; WebDriver sends pictures that way.
fn base64(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
        }
    }
    out
}
