//! What a rule asks a command: which program, which options, which operands.

use super::wrappers::unwrapped;
use super::{Command, Word};

impl Command {
    /// The first word without its directory, if it is literal: `apt-get` for `/usr/bin/apt-get`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.words.first().and_then(file_name)
    }

    /// The words after the first.
    #[must_use]
    pub fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or(&[])
    }

    /// The words of the command that is run in the end: without `sudo`, `env`, `exec`, `gosu user` and the like, their options, and
    /// the variables they set.
    #[must_use]
    pub fn unwrapped(&self) -> &[Word] {
        unwrapped(&self.words)
    }

    /// The name of the program that is run in the end, without its directory.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.unwrapped().first().and_then(file_name)
    }

    /// The words after [`Command::program`].
    #[must_use]
    pub fn program_args(&self) -> &[Word] {
        self.unwrapped().get(1..).unwrap_or(&[])
    }

    /// Whether the program is given an option: `-y` also as part of `-qy`, `--yes` also as `--yes=…`.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flag(flag).is_some()
    }

    /// Whether the program is given any of these options.
    #[must_use]
    pub fn has_any_flag(&self, flags: &[&str]) -> bool {
        flags.iter().any(|flag| self.has_flag(flag))
    }

    /// The word that gives an option.
    #[must_use]
    pub fn flag(&self, flag: &str) -> Option<&Word> {
        self.options().find(|word| gives(&word.text, flag))
    }

    /// The value of an option: after `=`, glued to a short option, or the next word. The value's text, and the word it is in.
    #[must_use]
    pub fn flag_value(&self, flag: &str) -> Option<(&str, &Word)> {
        let args = self.program_args();
        let at = args.iter().take_while(|word| word.text != "--").position(|word| gives(&word.text, flag))?;
        let word = args.get(at)?;
        if flag.starts_with("--") {
            if let Some((_, value)) = word.text.split_once('=') {
                return Some((value, word));
            }
        } else if let Some(value) = word.text.strip_prefix(flag).filter(|value| !value.is_empty()) {
            return Some((value.strip_prefix('=').unwrap_or(value), word));
        }
        let next = args.get(at + 1)?;
        Some((&next.text, next))
    }

    /// Arguments of the program that are not options. A value that follows an option as its own word counts as an operand, because
    /// only the program knows which options take one.
    pub fn operands(&self) -> impl Iterator<Item = &Word> {
        let mut ended = false;
        self.program_args().iter().filter(move |word| {
            let separator = !ended && word.text == "--";
            let option = !ended && word.text.len() > 1 && word.text.starts_with('-');
            ended |= separator;
            !option
        })
    }

    /// Arguments of the program that are neither options nor the values of the options named here: `["-t", "--virtual"]`.
    #[must_use]
    pub fn operands_besides(&self, valued: &[&str]) -> Vec<&Word> {
        let mut operands = Vec::new();
        let mut words = self.program_args().iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if text == "--" {
                operands.extend(words);
                break;
            }
            if text.len() < 2 || !text.starts_with('-') {
                operands.push(word);
            } else if takes_next(text, valued) {
                words.next();
            }
        }
        operands
    }

    /// Option words, up to `--`.
    fn options(&self) -> impl Iterator<Item = &Word> {
        let args = self.program_args().iter();
        args.take_while(|word| word.text != "--").filter(|word| word.text.starts_with('-'))
    }
}

/// A literal word's last path component.
fn file_name(word: &Word) -> Option<&str> {
    if !word.literal {
        return None;
    }
    word.text.rsplit('/').next()
}

/// Whether the value of an option word is the next word: `--virtual x`, `-t x`, `-qt x`, but not `--virtual=x` and `-tx`.
fn takes_next(word: &str, valued: &[&str]) -> bool {
    if word.starts_with("--") {
        return valued.contains(&word);
    }
    let Some(last) = word.chars().next_back() else { return false };
    let letters = word.get(1..).unwrap_or("").chars().all(|c| c.is_ascii_alphanumeric());
    letters && valued.iter().any(|flag| flag.len() == 2 && flag.starts_with('-') && flag.ends_with(last))
}

/// Whether a word gives an option.
fn gives(word: &str, flag: &str) -> bool {
    if word == flag {
        return true;
    }
    if flag.starts_with("--") {
        return word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='));
    }
    let (Some(letter), None) = (flag.strip_prefix('-'), flag.get(2..).filter(|rest| !rest.is_empty())) else {
        return false;
    };
    // Letters after one that is no letter belong to a value, as in `-o=yes`.
    word.strip_prefix('-').is_some_and(|cluster| {
        !cluster.starts_with('-')
            && cluster.chars().take_while(|c| c.is_ascii_alphanumeric()).any(|c| letter.starts_with(c))
    })
}
