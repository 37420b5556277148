//! What comes in from outside: names cleaned, bytes made text where they are text, and limits, because a dropped home folder must
//! not take the page down.

use plimsoll_core::detect;
use plimsoll_core::source::{file_name, normalise};
use std::rc::Rc;

/// Most files one project holds.
pub(crate) const MOST_FILES: usize = 400;
/// Most bytes of one file.
pub(crate) const MOST_BYTES: u64 = 4 << 20;
/// Most bytes of all files together.
pub(crate) const MOST_TOTAL: u64 = 16 << 20;
/// Most bytes of a file of no known format: it is read only to look for credentials in it.
const MOST_OTHER: u64 = 64 << 10;

/// What is known of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// Text, line breaks as `\n`: what the editor holds, so that offsets agree.
    Text(Rc<str>),
    /// No UTF-8; the analysis decides what to make of it.
    Bytes(Rc<[u8]>),
    /// Only that it exists.
    Name,
}

/// A file of the project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct File {
    pub(crate) path: Rc<str>,
    pub(crate) content: Content,
}

impl File {
    /// A file with a text.
    pub(crate) fn text(path: &str, text: &str) -> Self {
        let text =
            if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() };
        Self { path: normalise(path).into(), content: Content::Text(text) }
    }

    /// A file as it was read.
    pub(crate) fn read(path: &str, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Self::text(path, &text),
            Ok(text) => Self { path: normalise(path).into(), content: Content::Bytes(text.into_bytes().into()) },
            Err(error) => Self {
                path: normalise(path).into(),
                content: Content::Bytes(without_returns(error.into_bytes()).into()),
            },
        }
    }

    /// A file that is known by name.
    pub(crate) fn name(path: &str) -> Self {
        Self { path: normalise(path).into(), content: Content::Name }
    }

    /// Its text as the editor shows it; `None` for what is no text.
    pub(crate) fn shown(&self) -> Option<Rc<str>> {
        match &self.content {
            Content::Text(text) => Some(Rc::clone(text)),
            Content::Bytes(bytes) if !bytes.iter().take(8192).any(|&byte| byte == 0) => {
                Some(String::from_utf8_lossy(bytes).into())
            }
            Content::Bytes(_) | Content::Name => None,
        }
    }

    /// How many bytes it takes.
    pub(crate) fn size(&self) -> u64 {
        match &self.content {
            Content::Text(text) => text.len() as u64,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Name => 0,
        }
    }

    /// Whether it has a tab.
    pub(crate) fn has_tab(&self) -> bool {
        self.content != Content::Name
    }
}

fn without_returns(bytes: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' if rest.peek() == Some(&b'\n') => {}
            b'\r' => out.push(b'\n'),
            byte => out.push(byte),
        }
    }
    out
}

/// The order of tabs: what a deployment starts from comes first.
pub(crate) fn sort(files: &mut [File]) {
    files.sort_by_cached_key(|file| order(&file.path));
}

/// Sorts names by how likely they say something about the deployment.
pub(crate) fn order(path: &str) -> (u8, usize, String) {
    (rank(path), depth(path), path.to_owned())
}

fn rank(path: &str) -> u8 {
    match detect::by_name(path) {
        Some(detect::Kind::Compose) => 0,
        Some(detect::Kind::Dockerfile) => 1,
        Some(detect::Kind::Other) | None => 3,
        Some(_) => 2,
    }
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// What to do with a file before any of it is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Read it.
    Read,
    /// Keep its name.
    Name,
    /// Leave it out, and say so.
    LeaveOut,
}

/// Counts what has been taken.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    files: usize,
    bytes: u64,
    /// How many files were left out.
    pub(crate) left_out: usize,
}

impl Quota {
    /// A quota of which a project already takes a part.
    pub(crate) fn after(files: &[File]) -> Self {
        Self { files: files.len(), bytes: files.iter().map(File::size).sum(), left_out: 0 }
    }

    /// Decides about a file. `chosen` files were picked one by one; those of a folder came along.
    pub(crate) fn admit(&mut self, path: &str, size: u64, chosen: bool) -> Verdict {
        if self.files >= MOST_FILES || size > MOST_BYTES || self.bytes + size > MOST_TOTAL {
            self.left_out += 1;
            return Verdict::LeaveOut;
        }
        self.files += 1;
        // Application code deep in a folder is no part of the stack's description; that it is there may still matter.
        let small = size <= MOST_OTHER || may_be_large(path);
        let of_interest = chosen || is_known(path) || (small && depth(path) <= 2 && !is_code(path));
        if !of_interest {
            return Verdict::Name;
        }
        self.bytes += size;
        Verdict::Read
    }
}

/// Whether the name alone says that it is a file to analyse.
fn is_known(path: &str) -> bool {
    !matches!(detect::by_name(path), None | Some(detect::Kind::Other))
}

/// Whether it may be configuration, the output of a `docker` command or a scan report: those may be large, and any name will do.
fn may_be_large(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let lock = matches!(name.as_str(), "package-lock.json" | "npm-shrinkwrap.json" | "pnpm-lock.yaml");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !lock
        && matches!(
            ending,
            "json" | "ndjson" | "jsonl" | "sarif" | "ini" | "conf" | "cnf" | "yaml" | "yml" | "template"
        )
}

fn is_code(path: &str) -> bool {
    let code = [
        "php", "js", "ts", "vue", "css", "scss", "twig", "html", "svg", "png", "jpg", "gif", "ico", "woff", "woff2",
        "map", "md",
    ];
    depth(path) > 0 && file_name(path).rsplit_once('.').is_some_and(|(_, ending)| code.contains(&ending))
}

/// Folders whose content is not the project's own.
pub(crate) fn is_foreign_folder(name: &str) -> bool {
    matches!(name, ".git" | "node_modules" | "vendor" | "target" | ".idea" | ".vscode")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_where_they_are_text() {
        assert_eq!(
            File::read("./a", b"x\r\ny\rz".to_vec()),
            File { path: "a".into(), content: Content::Text("x\ny\nz".into()) }
        );
        let latin = File::read("a", b"caf\xe9\r\n".to_vec());
        assert_eq!(latin.content, Content::Bytes(b"caf\xe9\n".as_slice().into()));
        assert_eq!(latin.shown().as_deref(), Some("caf\u{fffd}\n"));
        assert_eq!(File::read("a", b"\x89PNG\0".to_vec()).shown(), None);
        assert_eq!(File::read("a", b"a\0b".to_vec()).shown(), None);
        assert!(!File::name("a").has_tab());
    }

    #[test]
    fn limits_hold() {
        let mut quota = Quota::default();
        assert_eq!(quota.admit("compose.yaml", MOST_BYTES, true), Verdict::Read);
        assert_eq!(quota.admit("compose.yaml", MOST_BYTES + 1, true), Verdict::LeaveOut);
        for _ in 0..3 {
            assert_eq!(quota.admit("b", MOST_BYTES, true), Verdict::Read);
        }
        assert_eq!(quota.admit("c", 1, true), Verdict::LeaveOut);
        assert_eq!(quota.left_out, 2);
        let mut quota = Quota::after(&vec![File::name("a"); MOST_FILES]);
        assert_eq!(quota.admit("a", 1, true), Verdict::LeaveOut);
    }

    #[test]
    fn code_of_a_folder_is_known_by_name() {
        let mut quota = Quota::default();
        assert_eq!(quota.admit("app/Http/Kernel.php", 900, false), Verdict::Name);
        assert_eq!(quota.admit("wp-config.php", 900, false), Verdict::Read);
        assert_eq!(quota.admit("docker/nginx/conf.d/sites/a/nginx.conf", 900, false), Verdict::Read);
        assert_eq!(quota.admit("app/Http/Kernel.php", 900, true), Verdict::Read);
        assert_eq!(quota.admit("inventory/inspect.json", MOST_OTHER + 1, false), Verdict::Read);
        assert_eq!(quota.admit("docker/php/app.ini", MOST_OTHER + 1, false), Verdict::Read);
        assert_eq!(quota.admit("package-lock.json", MOST_OTHER + 1, false), Verdict::Name);
    }

    #[test]
    fn a_deployment_starts_with_its_compose_file() {
        let mut files = ["z", ".env", "sub/compose.yaml", "Dockerfile", "compose.yaml"].map(File::name);
        sort(&mut files);
        assert_eq!(
            files.map(|file| file.path.to_string()),
            ["compose.yaml", "sub/compose.yaml", "Dockerfile", ".env", "z"]
        );
    }
}
