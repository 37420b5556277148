//! The playground as the browser tests meet it: built and served once for each test program, opened at desktop size.

use crate::browser::Browser;
use crate::root;
use std::sync::OnceLock;

/// Where the page is served.
fn address() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = root().join("target/test-page");
        xtask::build(&xtask::BuildOptions { release: false, out: folder.clone(), progress: false })
            .expect("the page builds");
        let port = xtask::server::spawn(folder).expect("the page is served");
        format!("http://127.0.0.1:{port}/")
    })
}

/// A browser with the page open, its first stack analysed.
#[must_use]
pub fn open() -> Browser {
    let browser = Browser::start();
    browser.resize(1440, 900, false);
    browser.open(address());
    settled(&browser, 1);
    browser
}

/// How many times the page has analysed its files.
#[must_use]
pub fn analysed(browser: &Browser) -> u64 {
    browser.script("return Number(document.documentElement.dataset.analysed)", &[]).as_u64().unwrap()
}

/// Waits until the page has analysed at least so many times and rests.
pub fn settled(browser: &Browser, analyses: u64) {
    browser.wait(
        "the analysis",
        &format!(
            "const d = document.documentElement.dataset; return d.state === 'ready' && Number(d.analysed) >= {analyses}"
        ),
    );
}

/// Asserts that the console holds no error. A breach of the content security policy is one.
pub fn no_errors(browser: &Browser) {
    let errors = browser.console();
    assert!(errors.is_empty(), "the console says: {errors:#?}");
}

/// Bytes in the standard alphabet, as a script's argument carries them.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (word >> (18 - 6 * place) & 63) as usize;
            out.push(if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    out
}
