//! Crontabs: schedules, users and commands.
//!
//! A user's own crontab has no user field, `/etc/crontab` and the files of `/etc/cron.d` have one; the text alone does not tell
//! which it is. [`Entry::rest`] is what stands behind the schedule, [`Entry::job`] reads it one way or the other, and
//! [`Crontab::seems_to_name_users`] judges by the words.

#[cfg(test)]
mod tests;

use super::SyntaxError;
use crate::span::Span;

/// Larger files are not read.
const MAX_BYTES: usize = 1 << 20;
/// Further lines are not read.
const MAX_LINES: usize = 20_000;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Crontab {
    /// Its jobs, in order.
    pub entries: Vec<Entry>,
    /// `NAME = value` lines. A variable counts for the jobs below it.
    pub variables: Vec<Variable>,
    /// Whole-line comments. Crontabs have no others.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// One job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When it runs.
    pub schedule: Schedule,
    /// Where the schedule is written.
    pub schedule_span: Span,
    /// Everything behind the schedule: the command, or a user and the command.
    pub rest: String,
    /// Where that is written.
    pub rest_span: Span,
    /// The whole line without the blanks around it.
    pub span: Span,
}

/// When a job runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// Minute, hour, day of the month, month, day of the week, as written, each with its place.
    Fields(Vec<(String, Span)>),
    /// `daily`, `reboot` and the like, without the `@`.
    Named(String),
    /// `@every 5m`, of supercronic and go-crond.
    Every(String),
}

/// A `NAME = value` line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// Its value without quotes.
    pub value: String,
    /// Where the value is written, quotes included.
    pub value_span: Span,
}

/// What a job runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The user it runs as, where the file names one.
    pub user: Option<(String, Span)>,
    /// The command up to the first `%` that is not escaped, `\%` being a plain `%`.
    pub command: String,
    /// Where the command is written, up to that `%`.
    pub command_span: Span,
    /// What the command gets on its standard input: the rest, each further `%` a line feed.
    pub input: Option<String>,
}

impl Entry {
    /// What it runs; `with_user` for `/etc/crontab` and the files of `/etc/cron.d`.
    #[must_use]
    pub fn job(&self, with_user: bool) -> Job {
        let start = self.rest_span.range().start;
        let mut user = None;
        let mut at = 0;
        if with_user {
            let length = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
            let name = self.rest.get(..length).unwrap_or("").to_owned();
            user = Some((name, Span::new(start, start + length)));
            let after = self.rest.get(length..).unwrap_or("");
            at = length + after.len() - after.trim_start().len();
        }
        let line = self.rest.get(at..).unwrap_or("");
        let end = percent(line).unwrap_or(line.len());
        let (command, input) = line.split_at_checked(end).unwrap_or((line, ""));
        let command = command.trim_end();
        Job {
            user,
            command: command.replace("\\%", "%"),
            command_span: Span::new(start + at, start + at + command.len()),
            input: input.strip_prefix('%').map(feeds),
        }
    }
}

impl Crontab {
    /// Whether the words behind the schedules look like users: every one is a bare name, and there is more behind it.
    #[must_use]
    pub fn seems_to_name_users(&self) -> bool {
        const PROGRAMS: [&str; 20] = [
            "php",
            "sh",
            "bash",
            "cd",
            "echo",
            "docker",
            "curl",
            "wget",
            "python",
            "python3",
            "composer",
            "wp",
            "test",
            "find",
            "run-parts",
            "env",
            "su",
            "sudo",
            "node",
            "artisan",
        ];
        const USERS: [&str; 8] = ["root", "www-data", "nginx", "apache", "nobody", "app", "laradock", "application"];
        let named = |entry: &Entry| {
            let mut words = entry.rest.split([' ', '\t']).filter(|word| !word.is_empty());
            let (first, second) = (words.next().unwrap_or(""), words.next());
            let bare = !first.is_empty()
                && !first.starts_with('-')
                && first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                && !first.ends_with(".sh");
            let path = second.is_some_and(|word| word.starts_with('/') || PROGRAMS.contains(&word));
            bare && second.is_some() && !PROGRAMS.contains(&first) && (USERS.contains(&first) || path)
        };
        !self.entries.is_empty() && self.entries.iter().all(named)
    }

    /// The value that a variable has for a job.
    #[must_use]
    pub fn variable_of(&self, entry: &Entry, name: &str) -> Option<&Variable> {
        let above = |variable: &&Variable| variable.name_span.start < entry.span.start && variable.name == name;
        self.variables.iter().rev().find(above)
    }
}

/// Where the first `%` stands that is not escaped.
fn percent(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    (0..bytes.len()).find(|&at| bytes.get(at) == Some(&b'%') && (at == 0 || bytes.get(at - 1) != Some(&b'\\')))
}

/// Standard input as cron hands it over.
fn feeds(input: &str) -> String {
    let mut out = String::with_capacity(input.len());
    let mut escaped = false;
    for c in input.chars() {
        match c {
            '%' if escaped => {
                out.pop();
                out.push('%');
            }
            '%' => out.push('\n'),
            c => out.push(c),
        }
        escaped = c == '\\';
    }
    out
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Crontab {
    let mut out = Crontab::default();
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let mut line_start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}');
        let start = line_start + (line.len() - line.trim_start_matches(blank).len());
        let content = line.trim_matches(blank);
        line_start += line.len();
        if content.is_empty() {
            continue;
        }
        if number >= MAX_LINES {
            let message = format!("there are more than {MAX_LINES} lines; the rest was not read");
            out.errors.push(SyntaxError::new(Span::at(start), message));
            break;
        }
        if content.starts_with('#') {
            out.comments.push(Span::new(start, start + content.len()));
        } else if let Some(variable) = variable(content, start) {
            out.variables.push(variable);
        } else {
            match entry(content, start) {
                Ok(entry) => out.entries.push(entry),
                Err(error) if out.errors.len() < MAX_ERRORS => out.errors.push(error),
                Err(_) => {}
            }
        }
    }
    out
}

/// `NAME = value`: no schedule begins with a letter and holds a `=` before its first blank field is over.
fn variable(line: &str, start: usize) -> Option<Variable> {
    let (left, right) = line.split_once('=')?;
    let name = left.trim_end().trim_matches(['"', '\'']);
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        return None;
    }
    let written = right.trim();
    let value_start = start + left.len() + 1 + (right.len() - right.trim_start().len());
    let unquoted =
        ['"', '\''].iter().find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(written);
    Some(Variable {
        name: name.to_owned(),
        name_span: Span::new(start, start + left.trim_end().len()),
        value: unquoted.to_owned(),
        value_span: Span::new(value_start, value_start + written.len()),
    })
}

/// Words of a line with their places.
fn words(line: &str, start: usize) -> impl Iterator<Item = (&str, Span)> {
    let mut at = 0;
    line.split([' ', '\t']).filter_map(move |word| {
        let from = at;
        at += word.len() + 1;
        (!word.is_empty()).then(|| (word, Span::new(start + from, start + from + word.len())))
    })
}

fn entry(line: &str, start: usize) -> Result<Entry, SyntaxError> {
    let mut fields = words(line, start);
    let first = fields.next().unwrap_or(("", Span::at(start)));
    let (schedule, last) = match first.0.strip_prefix('@') {
        Some("every") => match fields.next() {
            Some((step, span)) => (Schedule::Every(step.to_owned()), span),
            None => return Err(too_short(line, start)),
        },
        Some(name) => (Schedule::Named(named(name, first.1)?), first.1),
        None => {
            let mut all = vec![first];
            all.extend(fields.by_ref().take(4));
            for (index, (field, span)) in all.iter().enumerate() {
                check_field(index, field, *span)?;
            }
            let last = all.last().map_or(first.1, |field| field.1);
            if all.len() < 5 {
                return Err(too_short(line, start));
            }
            (Schedule::Fields(all.into_iter().map(|(field, span)| (field.to_owned(), span)).collect()), last)
        }
    };
    let behind = line.get(last.range().end.saturating_sub(start)..).unwrap_or("");
    let rest = behind.trim();
    if rest.is_empty() {
        return Err(too_short(line, start));
    }
    let rest_start = last.range().end + behind.len() - behind.trim_start().len();
    Ok(Entry {
        schedule,
        schedule_span: first.1.to(last),
        rest: rest.to_owned(),
        rest_span: Span::new(rest_start, rest_start + rest.len()),
        span: Span::new(start, start + line.len()),
    })
}

fn too_short(line: &str, start: usize) -> SyntaxError {
    SyntaxError::new(Span::new(start, start + line.len()), "this line is no schedule with a command")
        .with_help("write five fields and a command, as in `*/5 * * * * php artisan schedule:run`")
}

fn named(name: &str, span: Span) -> Result<String, SyntaxError> {
    const NAMES: [&str; 8] = ["reboot", "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
    let lower = name.to_ascii_lowercase();
    if NAMES.contains(&lower.as_str()) {
        return Ok(lower);
    }
    Err(SyntaxError::new(span, "cron knows no schedule of this name")
        .with_help("use @hourly, @daily, @weekly, @monthly, @yearly or @reboot"))
}

/// A field holds numbers, names, `*`, and what joins them. Jenkins' `H` and Quartz' `?` and `L` are taken, too.
fn check_field(index: usize, field: &str, span: Span) -> Result<(), SyntaxError> {
    let letters = index >= 3;
    let valid = field.bytes().all(|b| {
        b.is_ascii_digit()
            || matches!(b, b'*' | b'/' | b',' | b'-' | b'?' | b'L' | b'H' | b'~' | b'#')
            || (letters && b.is_ascii_alphabetic())
    });
    if valid {
        return Ok(());
    }
    const NAMES: [&str; 5] = ["minute", "hour", "day of the month", "month", "day of the week"];
    let name = NAMES.get(index).copied().unwrap_or("field");
    Err(SyntaxError::new(span, format!("this is no {name}"))
        .with_help("a schedule is minute, hour, day of the month, month and day of the week, then the command"))
}
