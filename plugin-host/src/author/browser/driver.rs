//! Chromium over WebDriver: as much of the protocol as one page with one script needs, on the standard library.

use anyhow::{Context as _, Result, anyhow, bail};
use plimsoll_core::text::shorten;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long one request may take: a script waits for a plug-in.
const PATIENCE: Duration = Duration::from_secs(120);

/// The largest answer that is read.
const MOST_BYTES: usize = 64 << 20;

/// A browser without a window. Ends with its value.
pub(super) struct Browser {
    driver: Child,
    port: u16,
    session: Option<String>,
}

impl Browser {
    /// Starts a browser with a profile that it throws away.
    pub(super) fn start() -> Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver could not be started; --browser needs it and Chromium on the PATH")?;
        let output = driver.stdout.take();
        let mut browser = Self { driver, port: 0, session: None };
        let mut lines = BufReader::new(output.context("chromedriver says nothing")?).lines();
        let port = lines.by_ref().map_while(std::io::Result::ok).find_map(|line| port_in(&line));
        browser.port = port.context("chromedriver does not name its port")?;
        // Its further output is read and dropped, so that it never blocks on a full pipe.
        std::thread::spawn(move || lines.map_while(std::io::Result::ok).for_each(drop));
        let mut args = vec![
            "--headless=new",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ];
        if rustix::process::geteuid().is_root() {
            // Chromium refuses to sandbox itself as root, as in most containers.
            args.push("--no-sandbox");
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": args },
            "timeouts": { "script": 100_000 },
        }}});
        let reply = browser.request("POST", "/session", &wanted)?;
        let session = reply.get("sessionId").and_then(Value::as_str).context("chromedriver opens no session")?;
        browser.session = Some(session.to_owned());
        Ok(browser)
    }

    /// Opens an address.
    pub(super) fn open(&self, url: &str) -> Result<()> {
        self.call("/url", &json!({ "url": url })).map(drop)
    }

    /// Runs a script whose last argument is called with the result.
    pub(super) fn script(&self, body: &str, args: &[Value]) -> Result<Value> {
        self.call("/execute/async", &json!({ "script": body, "args": args }))
    }

    fn call(&self, path: &str, body: &Value) -> Result<Value> {
        let session = self.session.as_deref().context("the browser has no session")?;
        self.request("POST", &format!("/session/{session}{path}"), body)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).context("chromedriver is gone")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.to_string();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )?;
        let reply: Value = serde_json::from_slice(&read(stream)?).context("chromedriver answers no JSON")?;
        let value = reply.get("value").cloned().unwrap_or_default();
        match value.get("error").and_then(Value::as_str) {
            Some(error) => {
                let message = value.get("message").and_then(Value::as_str).unwrap_or("");
                Err(anyhow!("the browser says {}: {}", shorten(error, 60), shorten(message, 300)))
            }
            None => Ok(value),
        }
    }
}

/// The body of an answer.
fn read(stream: TcpStream) -> Result<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).context("chromedriver does not answer")?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    match length {
        Some(length) if length <= MOST_BYTES => {
            let mut body = vec![0; length];
            reader.read_exact(&mut body).context("chromedriver breaks off")?;
            Ok(body)
        }
        _ => bail!("chromedriver's answer has no usable length"),
    }
}

fn port_in(line: &str) -> Option<u16> {
    line.split("on port ").nth(1)?.trim().trim_end_matches('.').parse().ok().filter(|port| *port != 0)
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let _gone_already = self.request("DELETE", &format!("/session/{session}"), &json!({}));
        }
        let _ended_already = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn the_driver_names_its_port() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 35681."), Some(35681));
        assert_eq!(port_in("Starting ChromeDriver 156 on port 0"), None);
        assert_eq!(port_in("Only local connections are allowed."), None);
    }
}
