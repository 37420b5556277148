//! Programs that run another program: `sudo`, `env`, `gosu user` and the like.

use super::Word;

/// How one such program is called.
struct Wrapper {
    name: &'static str,
    /// Short options whose value is the next word.
    valued: &'static str,
    /// Operands before the program to run: the user of `gosu`, the duration of `timeout`.
    operands: usize,
}

const fn wrapper(name: &'static str, valued: &'static str, operands: usize) -> Wrapper {
    Wrapper { name, valued, operands }
}

const WRAPPERS: [Wrapper; 30] = [
    wrapper("builtin", "", 0),
    wrapper("busybox", "", 0),
    wrapper("catatonit", "", 0),
    wrapper("chpst", "uUbenmdoptfcr/", 0),
    wrapper("chroot", "", 1),
    wrapper("chrt", "TPD", 1),
    wrapper("command", "", 0),
    wrapper("docker-php-entrypoint", "", 0),
    wrapper("doas", "uC", 0),
    wrapper("dumb-init", "r", 0),
    wrapper("eatmydata", "", 0),
    wrapper("env", "uCS", 0),
    wrapper("exec", "a", 0),
    wrapper("fakeroot", "lsib", 0),
    wrapper("gosu", "", 1),
    wrapper("ionice", "cnp", 0),
    wrapper("nice", "n", 0),
    wrapper("nohup", "", 0),
    wrapper("s6-setuidgid", "", 1),
    wrapper("setpriv", "", 0),
    wrapper("setsid", "", 0),
    wrapper("setuidgid", "", 1),
    wrapper("stdbuf", "ioe", 0),
    wrapper("su-exec", "", 1),
    wrapper("sudo", "ugpCTrth", 0),
    wrapper("time", "fo", 0),
    wrapper("timeout", "ks", 1),
    wrapper("tini", "pe", 0),
    wrapper("unbuffer", "", 0),
    wrapper("xargs", "aEIiLlnPsd", 0),
];

/// How many wrappers in a row are taken off.
const MAX_WRAPPERS: usize = 8;

/// The words from the program that is run in the end; all words if a wrapper runs nothing.
pub(super) fn unwrapped(words: &[Word]) -> &[Word] {
    let mut rest = words;
    for _ in 0..MAX_WRAPPERS {
        match unwrap_once(rest) {
            Some(inner) if !inner.is_empty() => rest = inner,
            _ => break,
        }
    }
    rest
}

fn unwrap_once(words: &[Word]) -> Option<&[Word]> {
    let (first, mut rest) = words.split_first()?;
    let name = first.text.rsplit('/').next().filter(|_| first.literal)?;
    let wrapper = WRAPPERS.iter().find(|wrapper| wrapper.name == name)?;
    let mut operands = wrapper.operands;
    let mut options = true;
    while let Some((word, after)) = rest.split_first() {
        let text = word.text.as_str();
        if options && text == "--" {
            options = false;
        } else if options && text.len() > 1 && text.starts_with('-') {
            let takes_value =
                !text.starts_with("--") && text.chars().last().is_some_and(|c| wrapper.valued.contains(c));
            rest = if takes_value { after.get(1..)? } else { after };
            continue;
        } else if sets_variable(name, text) {
        } else if operands > 0 {
            operands -= 1;
            // Options of the program come after it; those of the wrapper before its operands.
            options = false;
        } else {
            return Some(rest);
        }
        rest = after;
    }
    None
}

/// `env A=1 program` and `sudo A=1 program`.
fn sets_variable(wrapper: &str, word: &str) -> bool {
    matches!(wrapper, "env" | "sudo" | "doas")
        && word
            .split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
