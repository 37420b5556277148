//! Plug-ins in a registry: a real one, `docker-registry`, started here on the loopback address. `cargo xtask oci` installs it and
//! runs this; the feature `oci` is not part of the ordinary build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll::plugin::Limits;
use plimsoll::plugin::oci::{OciError, pull, push};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A registry that ends with the test.
struct Registry {
    process: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    /// Starts one on a free port.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let config = folder.path().join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdir: {}}}\nhttp: {{addr: '{address}'}}\n",
            folder.path().join("data").display()
        );
        std::fs::File::create(&config).unwrap().write_all(text.as_bytes()).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed (Debian: apt-get install -y docker-registry)");
        let registry = Self { process, address, _folder: folder };
        let started = Instant::now();
        while TcpStream::connect(&registry.address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "the registry did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        registry
    }

    fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }
}

/// The golden plug-in of the interface's first version.
fn component() -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rules-0.1.0");
    let file = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|ending| ending == "wasm"));
    std::fs::read(file.expect("a golden plug-in")).unwrap()
}

#[test]
fn what_is_pushed_is_pulled() {
    let registry = Registry::start();
    let (limits, component) = (Limits::default(), component());
    let place = registry.place("team/rules:1.0");
    let manifest = push(&place, &component, Some("untrusted comment: x\nRUQ…\n"), &limits).unwrap();
    assert!(manifest.starts_with("sha256:"), "{manifest}");
    let pulled = pull(&place, &limits).unwrap();
    assert_eq!(pulled.bytes, component);
    assert_eq!(pulled.manifest, manifest);
    assert_eq!(pulled.signature.as_deref(), Some("untrusted comment: x\nRUQ…\n"));
    // The digest never changes, whatever the tag says afterwards.
    push(&place, &component, None, &limits).unwrap();
    assert_eq!(pull(&place, &limits).unwrap().signature, None);
    let pinned = registry.place(&format!("team/rules@{manifest}"));
    assert!(pull(&pinned, &limits).unwrap().signature.is_some());
}

#[test]
fn what_is_not_there_and_what_is_too_large() {
    let registry = Registry::start();
    let limits = Limits::default();
    let missing = pull(&registry.place("team/other:1.0"), &limits).unwrap_err();
    assert!(matches!(missing, OciError::Missing(_)), "{missing:?}");
    let place = registry.place("team/rules:2.0");
    assert!(matches!(push(&place, b"not wasm at all", None, &limits), Err(OciError::NoPlugin(_))));
    push(&place, &component(), None, &limits).unwrap();
    let small = Limits { file_bytes: 1_000, ..Limits::default() };
    assert!(matches!(pull(&place, &small), Err(OciError::TooLarge { limit: 1_000, .. })));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = pull(&format!("127.0.0.1:{free}/x:1"), &limits).unwrap_err();
    assert!(matches!(nobody, OciError::Registry(_)), "{nobody:?}");
}
