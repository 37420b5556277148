//! What a hostile plug-in may try, and what becomes of it: each attack is run in the terminal's host and in the page's worker, and
//! `plugins/HOSTILE.md` is made of this list.

mod compile;
mod endless;
mod files;
mod greed;
mod lies;
mod words;

/// One attack.
pub struct Attack {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What the plug-in does.
    pub what: &'static str,
    /// What becomes of it in the terminal.
    pub terminal: Expect,
    /// What becomes of it in the page.
    pub page: Expect,
    /// The settings it is run with.
    pub settings: &'static str,
    /// The file.
    pub bytes: fn() -> Vec<u8>,
}

/// What becomes of an attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Nothing of the plug-in counts; the stable code of the error.
    Refused(&'static str),
    /// Findings that cannot be shown are left out, and that is an error; so many others stand.
    Partly(usize),
    /// So many findings stand, what they say made harmless.
    Taken(usize),
}

/// Attacks of one kind.
pub struct Group {
    /// The kind.
    pub title: &'static str,
    /// What is promised about all of them.
    pub promise: &'static str,
    /// The attacks.
    pub attacks: Vec<Attack>,
}

/// Every attack.
#[must_use]
pub fn all() -> Vec<Group> {
    vec![
        files::group(),
        lies::interfaces(),
        compile::group(),
        endless::group(),
        greed::group(),
        lies::findings(),
        words::group(),
    ]
}

/// An attack that ends the same way in the terminal and in the page.
fn attack(name: &'static str, what: &'static str, end: Expect, bytes: fn() -> Vec<u8>) -> Attack {
    Attack { name, what, terminal: end, page: end, settings: "{}", bytes }
}

impl Attack {
    /// It ends in another way in the page.
    fn in_page(mut self, end: Expect) -> Self {
        self.page = end;
        self
    }
}

impl Expect {
    fn told(self) -> String {
        match self {
            Self::Refused(code) => format!("`{code}`"),
            Self::Partly(0) => "`findings`: left out".to_owned(),
            Self::Partly(count) => format!("`findings`: left out, {count} stand"),
            Self::Taken(1) => "harmless: 1 finding".to_owned(),
            Self::Taken(count) => format!("harmless: {count} findings"),
        }
    }
}

const OPENING: &str = "\
# What a plug-in cannot do

A plug-in is a file from somebody else. This page lists what hostile ones try and what becomes of it. Every line is run by
`cargo xtask test`: in the terminal's host (wasmtime) and in the page's worker (Chromium). This file is written by that test.

Whatever a plug-in does:

- it ends as a **named error** (the code below), the report says so, and the terminal's exit code is 3;
- the built-in rules' findings and the **next plug-in's findings stay as they are**, byte for byte;
- **memory and time are bounded** by [`Limits`](abi/src/limits.rs): in the terminal by fuel, which stops the same input at the same
  place on every machine; in the page by a worker of its own that is ended;
- it **reads no file, sends nothing, and calls nobody**: it imports nothing, so there is nothing to call.

Where the page differs: a browser has no fuel, so what does not end is ended by the clock (`time`).
";

/// The list as a page of the documentation.
#[must_use]
pub fn document() -> String {
    let mut out = OPENING.to_owned();
    for group in all() {
        out += &format!(
            "\n## {}\n\n{}\n\n| Attack | What it does | Terminal | Page |\n|---|---|---|---|\n",
            group.title, group.promise
        );
        for one in &group.attacks {
            out += &format!("| {} | {} | {} | {} |\n", one.name, one.what, one.terminal.told(), one.page.told());
        }
    }
    out
}
