//! Pictures of the playground, to be looked at: `cargo run -p plimsoll-tests --bin screenshots [FOLDER]`.
//!
//! Desktop and phone width, light and dark, with the vulnerable Larashop open. The README shows `desktop-light.png`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool of the developers that says what it wrote, or panics"
)]

use plimsoll_tests::browser::Browser;
use plimsoll_tests::root;
use serde_json::json;
use std::path::PathBuf;

fn main() {
    let folder = std::env::args().nth(1).map_or_else(|| root().join("target/screenshots"), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let page = root().join("target/screenshot-page");
    xtask::build(&xtask::BuildOptions { release: false, out: page.clone(), progress: true }).expect("the page builds");
    let port = xtask::server::spawn(page).expect("the page is served");
    let browser = Browser::start();
    for (shape, width, height) in [("desktop", 1440, 900), ("phone", 390, 844)] {
        for theme in ["light", "dark"] {
            browser.resize(width, height, width < 500);
            browser.open(&format!("http://127.0.0.1:{port}/"));
            browser.wait("the analysis", "return document.documentElement.dataset.state === 'ready'");
            browser.script("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)]);
            std::thread::sleep(std::time::Duration::from_millis(600));
            let path = folder.join(format!("{shape}-{theme}.png"));
            browser.screenshot(&path);
            println!("{}", path.display());
        }
    }
}
