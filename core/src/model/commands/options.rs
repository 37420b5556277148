//! Options of the shell, as they are when a command runs: `set -e`, `set -o pipefail`.

use crate::syntax::shell::{Command, Operator, Script};

/// Options that decide what a failing command does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShellOptions {
    /// `-e`: a failing command ends the script.
    pub errexit: bool,
    /// `-o pipefail`: a pipeline fails when any of its commands does.
    pub pipefail: bool,
    /// `-u`: a variable without a value is an error.
    pub nounset: bool,
    /// `-x`: commands are printed before they run, secrets among their words too.
    pub xtrace: bool,
}

impl ShellOptions {
    /// The options a shell is started with: the words of SHELL, of a `#!` line, or of `bash -euo pipefail -c …`.
    #[must_use]
    pub fn of_words<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut options = Self::default();
        options.apply(words.into_iter().skip(1));
        options
    }

    /// Options as `set` and the shells themselves take them.
    fn apply<'w>(&mut self, words: impl Iterator<Item = &'w str>) {
        let mut words = words;
        while let Some(word) = words.next() {
            let on = word.starts_with('-');
            if word.len() < 2 || word == "--" || !(on || word.starts_with('+')) {
                return;
            }
            if word.starts_with("--") {
                continue;
            }
            for letter in word.chars().skip(1) {
                match letter {
                    'e' => self.errexit = on,
                    'u' => self.nounset = on,
                    'x' => self.xtrace = on,
                    'o' => match words.next() {
                        Some("errexit") => self.errexit = on,
                        Some("pipefail") => self.pipefail = on,
                        Some("nounset") => self.nounset = on,
                        Some("xtrace") => self.xtrace = on,
                        _ => {}
                    },
                    _ => {}
                }
            }
        }
    }

    /// The options after a command.
    fn after(mut self, command: &Command) -> Self {
        if command.name() == Some("set") {
            self.apply(command.args().iter().map(|word| word.text.as_str()));
        }
        self
    }
}

/// The options in force at each command of a script, in the order of [`Script::commands`]. What a subshell or substitution sets ends
/// with it; a branch that may not run is taken to run.
#[must_use]
pub fn options_of(script: &Script, start: ShellOptions) -> Vec<ShellOptions> {
    // One entry for each level of subshells.
    let mut levels = vec![start];
    let mut out = Vec::with_capacity(script.commands.len());
    for command in &script.commands {
        let depth = usize::from(command.depth);
        if command.before == Operator::Open && depth > 0 {
            levels.truncate(depth);
        }
        levels.truncate(depth + 1);
        while levels.len() <= depth {
            levels.push(levels.last().copied().unwrap_or(start));
        }
        let Some(level) = levels.last_mut() else { continue };
        out.push(*level);
        *level = level.after(command);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::shell;

    fn errexit(text: &str) -> Vec<bool> {
        options_of(&shell::parse(text), ShellOptions::default()).iter().map(|options| options.errexit).collect()
    }

    #[test]
    fn options_last_until_they_are_changed() {
        assert_eq!(errexit("a; set -eux; b && c\nset +e\nd"), [false, false, true, true, true, false]);
        assert_eq!(errexit("(set -e; a); b; (c)"), [false, true, false, false]);
        assert_eq!(errexit("set -o errexit; x \"$(set +e; y)\" ; z"), [false, true, true, false, true]);
        assert_eq!(errexit("set -- -e; a"), [false, false]);
    }

    #[test]
    fn names_and_letters() {
        let words = ["/bin/bash", "-euo", "pipefail", "-c"];
        let options = ShellOptions::of_words(words);
        assert_eq!(options, ShellOptions { errexit: true, pipefail: true, nounset: true, xtrace: false });
        assert_eq!(ShellOptions::of_words(["sh", "-c", "set -e"]), ShellOptions::default());
        let last = options_of(&shell::parse("set -eo pipefail -x; a | b"), ShellOptions::default());
        assert!(last[2].pipefail && last[2].xtrace && last[2].errexit);
        assert!(!options_of(&shell::parse("set +o pipefail; a"), options)[1].pipefail);
    }
}
