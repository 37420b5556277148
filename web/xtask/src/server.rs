//! A server for one folder on the loopback address.
//!
//! Written here because the crates for it are either whole frameworks or no longer kept up, and what is needed is small: GET and
//! HEAD of static files. It believes nothing it is told: bounded requests, a time limit, a bounded number of connections, and
//! only names that stay in the folder.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const MOST_HEAD_BYTES: usize = 8 * 1024;
const MOST_CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes a port of the loopback address; 0 means any.
///
/// # Errors
/// When the port is taken.
pub fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} is taken; name another with --port"))
}

/// Serves a folder on any free port, on a thread of its own; the port.
///
/// # Errors
/// When there is no port.
pub fn spawn(folder: impl Into<PathBuf>) -> Result<u16> {
    spawn_on(listen(0)?, folder.into())
}

/// Serves a folder on a port that was taken before.
///
/// # Errors
/// When the port's number cannot be read.
pub fn spawn_on(listener: TcpListener, folder: PathBuf) -> Result<u16> {
    let port = listener.local_addr()?.port();
    let folder = Arc::new(folder);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Each connection holds one reference; more than the limit are turned away, so that nobody can exhaust the threads.
            if Arc::strong_count(&folder) <= MOST_CONNECTIONS {
                let folder = Arc::clone(&folder);
                std::thread::spawn(move || answer(&stream, &folder));
            }
        }
    });
    Ok(port)
}

fn answer(mut stream: &TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(stream)?;
    let reply = respond(&head, folder);
    write!(
        stream,
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        reply.status,
        reply.kind,
        reply.body.len()
    )?;
    if !reply.head_only {
        stream.write_all(&reply.body)?;
    }
    stream.flush()
}

/// Everything up to the blank line, or as much as is allowed; `respond` refuses what is not a whole request.
fn read_head(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0_u8; 1024];
    while head.len() < MOST_HEAD_BYTES && !ends(&head) {
        match stream.read(&mut part)? {
            0 => break,
            count => head.extend_from_slice(part.get(..count).unwrap_or_default()),
        }
    }
    Ok(head)
}

fn ends(head: &[u8]) -> bool {
    head.windows(4).any(|four| four == b"\r\n\r\n")
}

struct Reply {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
    head_only: bool,
}

fn respond(head: &[u8], folder: &Path) -> Reply {
    let refuse = |status| Reply {
        status,
        kind: "text/plain; charset=utf-8",
        body: format!("{status}\n").into_bytes(),
        head_only: false,
    };
    let Some(line) = std::str::from_utf8(head).ok().filter(|_| ends(head)).and_then(|text| text.lines().next()) else {
        return refuse("400 Bad Request");
    };
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if method != "GET" && method != "HEAD" {
        return refuse("405 Method Not Allowed");
    }
    let Some(path) = file(target, folder) else { return refuse("404 Not Found") };
    match fs::read(&path) {
        Ok(body) => Reply { status: "200 OK", kind: mime(&path), body, head_only: method == "HEAD" },
        Err(_) => refuse("404 Not Found"),
    }
}

/// The file that is asked for, when its name has only plain parts. A percent sign is refused with the rest: no file of the page
/// needs one, and it is how dots are smuggled.
fn file(target: &str, folder: &Path) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = if path.is_empty() { "index.html" } else { path };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    path.split('/').all(plain).then(|| folder.join(path))
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_are_handed_out_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("plimsoll xtask {}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("index.html"), "page").unwrap();
        fs::write(folder.join("a/b.wasm"), "module").unwrap();
        fs::write(folder.join(".secret"), "no").unwrap();
        let port = spawn(folder.clone()).unwrap();
        let get = |target: &str| ask(port, &format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(get("/?x=1").ends_with("\r\n\r\npage"));
        assert!(get("/a/b.wasm").contains("Content-Type: application/wasm\r\n"));
        for target in [
            "/.secret",
            "/../index.html",
            "/a/../index.html",
            "/%2e%2e/x",
            "//etc/passwd",
            "/a",
            "x",
            "/a\\b",
            "/nothing",
        ] {
            assert!(get(target).starts_with("HTTP/1.1 404"), "{target}");
        }
        let head = ask(port, "HEAD / HTTP/1.1\r\n\r\n");
        assert!(head.contains("Content-Length: 4") && head.ends_with("\r\n\r\n"));
        assert!(ask(port, "POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        assert!(ask(port, "GET / HTTP/1.1\r\n").starts_with("HTTP/1.1 400"));
        fs::remove_dir_all(folder).unwrap();
    }
}
