//! One pattern, matched in time proportional to pattern times path: all possible positions in the pattern advance together.

/// A compiled pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Glob {
    /// A pattern that could not be read.
    Nothing,
    /// Without special characters.
    Exact(String),
    /// `foo/**` and `foo**`: whatever starts so.
    Prefix(String),
    /// `**/foo` and `**foo`: whatever ends so.
    Suffix(String),
    /// Anything else.
    Steps(Vec<Step>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// This character.
    Literal(char),
    /// `?`: any character but a slash.
    NotSlash,
    /// `*`: any number of them.
    Star,
    /// `**` with something behind it: nothing, or anything that ends with a slash.
    Directories,
    /// The rest of `Directories` once it has begun: anything up to and including a slash.
    InDirectories,
    /// `**` at the end: anything.
    Rest,
    /// `[…]`
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Compiles a cleaned pattern; `None` where Go's `filepath.Match` reports a bad pattern.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut special = false;
        let mut suffix = None;
        let mut chars = pattern.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '*' if chars.next_if(|&(_, next)| next == '*').is_some() => {
                    // The slash of `**/` belongs to the stars.
                    chars.next_if(|&(_, next)| next == '/');
                    let last = chars.peek().is_none();
                    if last && !special && suffix.is_none() && at > 0 {
                        return Some(Self::Prefix(pattern.get(..pattern.len().checked_sub(2)?)?.to_owned()));
                    }
                    if last {
                        steps.push(Step::Rest);
                    } else {
                        steps.extend([Step::Directories, Step::InDirectories]);
                    }
                    if at == 0 {
                        suffix = Some(pattern.get(2..)?);
                    } else {
                        special = true;
                    }
                }
                '*' => {
                    // A third star in a row adds nothing but work.
                    if steps.last() != Some(&Step::Star) {
                        steps.push(Step::Star);
                    }
                    special = true;
                }
                '?' => {
                    steps.push(Step::NotSlash);
                    special = true;
                }
                '[' => {
                    steps.push(class(&mut chars)?);
                    special = true;
                }
                '\\' => {
                    steps.push(Step::Literal(chars.next()?.1));
                    special = true;
                }
                c => steps.push(Step::Literal(c)),
            }
        }
        Some(match suffix {
            _ if special => Self::Steps(steps),
            Some(suffix) => Self::Suffix(suffix.to_owned()),
            None => Self::Exact(pattern.to_owned()),
        })
    }

    /// Whether the path, or a directory above it, matches.
    pub(super) fn matches_or_parent(&self, path: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Exact(whole) => {
                path.strip_prefix(whole.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            // A directory above that starts with the prefix means that the path does, too.
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Steps(_) | Self::Suffix(_) => self.hits(path).contains(&true),
        }
    }

    /// For each directory above the path, and for the path itself, whether the pattern matches it alone.
    pub(super) fn hits(&self, path: &str) -> Vec<bool> {
        match self {
            Self::Nothing => ends(path).map(|_| false).collect(),
            Self::Steps(steps) => run(steps, path),
            Self::Exact(whole) => ends(path).map(|part| part == whole).collect(),
            Self::Prefix(prefix) => ends(path).map(|part| part.starts_with(prefix.as_str())).collect(),
            Self::Suffix(suffix) => ends(path)
                .map(|part| {
                    part.ends_with(suffix.as_str()) || suffix.strip_prefix('/').is_some_and(|whole| whole == part)
                })
                .collect(),
        }
    }
}

/// The directories above a path, and the path.
pub(super) fn ends(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').map(|(at, _)| at);
    slashes.chain([path.len()]).filter_map(|end| path.get(..end))
}

/// Reads a class after its `[`. Go wants every `]` and `-` in it escaped unless they have their special meaning.
fn class(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<Step> {
    let negated = chars.next_if(|&(_, c)| c == '^').is_some();
    let mut ranges = Vec::new();
    loop {
        let (_, c) = chars.next()?;
        if c == ']' && !ranges.is_empty() {
            return Some(Step::Class { negated, ranges });
        }
        let low = class_character(c, chars)?;
        let high = match chars.next_if(|&(_, c)| c == '-') {
            Some(_) => {
                let (_, c) = chars.next()?;
                class_character(c, chars)?
            }
            None => low,
        };
        // The regular expression that Docker builds from the pattern refuses a range that runs backwards.
        if high < low {
            return None;
        }
        ranges.push((low, high));
    }
}

fn class_character(c: char, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<char> {
    match c {
        '\\' => chars.next().map(|(_, escaped)| escaped),
        ']' | '-' => None,
        c => Some(c),
    }
}

/// Runs all positions at once, and tells at every slash and at the end whether all steps are done. Position `n` is "the first `n`
/// steps are done".
fn run(steps: &[Step], path: &str) -> Vec<bool> {
    let mut hits = Vec::new();
    let whole = path.matches('/').count() + 1;
    let mut now = vec![false; steps.len() + 1];
    let mut next = now.clone();
    enter(steps, &mut now, 0);
    for c in path.chars() {
        // What has matched up to a slash is a directory above the path.
        if c == '/' {
            hits.push(now.last() == Some(&true));
        }
        next.fill(false);
        let mut alive = false;
        for (at, step) in steps.iter().enumerate() {
            if now.get(at) != Some(&true) {
                continue;
            }
            let (stay, advance) = match step {
                Step::Literal(literal) => (false, *literal == c),
                Step::NotSlash => (false, c != '/'),
                Step::Star => (c != '/', false),
                Step::Directories => (false, false),
                Step::InDirectories => (true, c == '/'),
                Step::Rest => (true, false),
                Step::Class { negated, ranges } => {
                    let inside = ranges.iter().any(|&(low, high)| low <= c && c <= high);
                    (false, inside != *negated)
                }
            };
            if stay {
                // `Directories` leads to `InDirectories` only at its start, so staying is no new start.
                mark(&mut next, at);
                if matches!(step, Step::Star | Step::Rest) {
                    enter(steps, &mut next, at + 1);
                }
            }
            if advance {
                enter(steps, &mut next, at + 1);
            }
            alive |= stay || advance;
        }
        if !alive {
            hits.resize(whole, false);
            return hits;
        }
        std::mem::swap(&mut now, &mut next);
    }
    hits.push(now.last() == Some(&true));
    hits
}

fn mark(positions: &mut [bool], at: usize) -> bool {
    match positions.get_mut(at) {
        Some(position) => !std::mem::replace(position, true),
        None => false,
    }
}

/// Marks a position and those that can be reached from it without a character.
fn enter(steps: &[Step], positions: &mut [bool], at: usize) {
    let mut at = at;
    while mark(positions, at) {
        at = match steps.get(at) {
            Some(Step::Star | Step::Rest) => at + 1,
            Some(Step::Directories) => {
                mark(positions, at + 1);
                at + 2
            }
            _ => return,
        };
    }
}
