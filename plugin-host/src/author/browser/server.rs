//! A server for the page's files on the loopback address, for one browser that this program started.
//!
//! GET of plain names in one folder, and an empty page to start from; everything else is refused.

use anyhow::{Context as _, Result};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const MOST_HEAD_BYTES: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The page's own rules: nothing from elsewhere, no scripts but its files.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'";

const EMPTY_PAGE: &[u8] = b"<!doctype html><html lang=\"en\"><title>Plug-in tests</title></html>\n";

/// Serves a folder on any free port until the program ends; the port.
pub(super) fn serve(folder: PathBuf) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free on the loopback address")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A connection that breaks is the browser's to repeat.
            std::thread::spawn(move || answer(&stream, &folder));
        }
    });
    Ok(port)
}

fn answer(mut stream: &TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(stream)?;
    let (status, kind, body) = respond(&head, folder);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nContent-Security-Policy: {POLICY}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)?;
    stream.flush()
}

fn read_head(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0_u8; 1024];
    while head.len() < MOST_HEAD_BYTES && !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => break,
            count => head.extend_from_slice(part.get(..count).unwrap_or_default()),
        }
    }
    Ok(head)
}

fn respond(head: &[u8], folder: &Path) -> (&'static str, &'static str, Vec<u8>) {
    let refuse = |status| (status, "text/plain; charset=utf-8", Vec::new());
    let line = std::str::from_utf8(head).ok().and_then(|text| text.lines().next()).unwrap_or("");
    let Some(target) = line.strip_prefix("GET /").and_then(|rest| rest.split(' ').next()) else {
        return refuse("405 Method Not Allowed");
    };
    let name = target.split(['?', '#']).next().unwrap_or("");
    if name.is_empty() {
        return ("200 OK", "text/html; charset=utf-8", EMPTY_PAGE.to_vec());
    }
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    if !name.split('/').all(plain) {
        return refuse("404 Not Found");
    }
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    match std::fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", kind, body),
        Err(_) => refuse("404 Not Found"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_folder_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.js"), "1").unwrap();
        std::fs::write(folder.path().join(".secret"), "no").unwrap();
        let port = serve(folder.path().to_path_buf()).unwrap();
        let ask = |line: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            write!(stream, "{line} HTTP/1.1\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let script = ask("GET /a.js?x");
        assert!(
            script.starts_with("HTTP/1.1 200") && script.contains("text/javascript") && script.ends_with("\r\n\r\n1")
        );
        assert!(ask("GET /").contains("Content-Security-Policy: default-src 'self'"));
        for line in ["GET /.secret", "GET /../a.js", "GET /a/", "GET //a.js", "GET /%2e", "GET /nothing.js"] {
            assert!(ask(line).starts_with("HTTP/1.1 404"), "{line}");
        }
        assert!(ask("POST /a.js").starts_with("HTTP/1.1 405"));
    }
}
