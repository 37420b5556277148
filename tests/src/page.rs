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
