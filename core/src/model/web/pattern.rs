//! The regular expressions of web servers, tried on short paths.
//!
//! Rules that keep files back are written with look-ahead (`/\.(?!well-known)`), which the engines of this ecosystem do not have. This
//! one has what such rules use, never looks at the same place twice, and says that it does not know where an expression uses more.

use std::cell::Cell;
use std::collections::BTreeSet;

/// Longer expressions are not tried.
const MAX_PATTERN: usize = 1000;
/// Steps of a compiled expression, repetitions written out.
const MAX_PROGRAM: usize = 2000;
/// Longer texts are not tried.
const MAX_TEXT: usize = 300;
/// Groups inside groups.
const MAX_DEPTH: usize = 24;

/// Whether an expression matches somewhere in a text; `None` when that cannot be told, or when `fuel` runs out on the way.
#[must_use]
pub(super) fn matches(pattern: &str, text: &str, ignore_case: bool, fuel: &Cell<usize>) -> Option<bool> {
    let program = compile(pattern, ignore_case)?;
    let text: Vec<char> = text.chars().take(MAX_TEXT + 1).collect();
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut trial = Trial { program: &program, text: &text, fuel };
    let mut seen = BTreeSet::new();
    for start in 0..=text.len() {
        if trial.run(0, start, None, &mut seen)? {
            return Some(true);
        }
    }
    Some(false)
}

fn compile(pattern: &str, ignore_case: bool) -> Option<Vec<Step>> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    let mut parser = Parser { chars: pattern.chars().collect(), at: 0, ignore_case, depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < parser.chars.len() {
        return None;
    }
    let mut program = Vec::new();
    emit(&node, &mut program)?;
    program.push(Step::Match);
    Some(program)
}

/// What one character has to be.
#[derive(Clone, PartialEq, Debug)]
enum Class {
    /// Anything but a line feed.
    Any,
    /// One of the ranges, or none of them.
    Set { ranges: Vec<(char, char)>, negated: bool, ignore_case: bool },
}

impl Class {
    fn has(&self, c: char) -> bool {
        match self {
            Self::Any => c != '\n',
            Self::Set { ranges, negated, ignore_case } => {
                let within = |c: char| ranges.iter().any(|&(low, high)| low <= c && c <= high);
                let found =
                    within(c) || *ignore_case && (within(c.to_ascii_lowercase()) || within(c.to_ascii_uppercase()));
                found != *negated
            }
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Node {
    Empty,
    One(Class),
    Start,
    End,
    Border(bool),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { node: Box<Node>, least: usize, most: Option<usize> },
    Look { node: Box<Node>, behind: bool, negated: bool },
}

#[derive(Clone, PartialEq, Debug)]
enum Step {
    One(Class),
    Start,
    End,
    Border(bool),
    /// Goes on at both.
    Split(usize, usize),
    Jump(usize),
    /// What follows, up to its [`Step::Match`], has to match here, or must not; then it goes on at `after`.
    Look {
        behind: bool,
        negated: bool,
        after: usize,
    },
    Match,
}

fn emit(node: &Node, program: &mut Vec<Step>) -> Option<()> {
    if program.len() > MAX_PROGRAM {
        return None;
    }
    match node {
        Node::Empty => {}
        Node::One(class) => program.push(Step::One(class.clone())),
        Node::Start => program.push(Step::Start),
        Node::End => program.push(Step::End),
        Node::Border(negated) => program.push(Step::Border(*negated)),
        Node::Sequence(nodes) => {
            for node in nodes {
                emit(node, program)?;
            }
        }
        Node::Either(nodes) => {
            let mut jumps = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                let split = program.len();
                let last = index + 1 == nodes.len();
                if !last {
                    program.push(Step::Match);
                }
                emit(node, program)?;
                if !last {
                    jumps.push(program.len());
                    program.push(Step::Match);
                    let next = program.len();
                    set(program, split, Step::Split(split + 1, next));
                }
            }
            let end = program.len();
            for jump in jumps {
                set(program, jump, Step::Jump(end));
            }
        }
        Node::Repeat { node, least, most } => {
            for _ in 0..*least {
                emit(node, program)?;
            }
            match most {
                Some(most) => {
                    for _ in *least..*most {
                        let split = program.len();
                        program.push(Step::Match);
                        emit(node, program)?;
                        let next = program.len();
                        set(program, split, Step::Split(split + 1, next));
                    }
                }
                None => {
                    let split = program.len();
                    program.push(Step::Match);
                    emit(node, program)?;
                    program.push(Step::Jump(split));
                    let next = program.len();
                    set(program, split, Step::Split(split + 1, next));
                }
            }
        }
        Node::Look { node, behind, negated } => {
            let look = program.len();
            program.push(Step::Match);
            emit(node, program)?;
            program.push(Step::Match);
            let after = program.len();
            set(program, look, Step::Look { behind: *behind, negated: *negated, after });
        }
    }
    (program.len() <= MAX_PROGRAM).then_some(())
}

fn set(program: &mut [Step], at: usize, step: Step) {
    if let Some(place) = program.get_mut(at) {
        *place = step;
    }
}

/// One expression on one text.
struct Trial<'t> {
    program: &'t [Step],
    text: &'t [char],
    fuel: &'t Cell<usize>,
}

impl Trial<'_> {
    /// Tries the program from a step and a place; every pair of the two is looked at once. `end` is where the match has to end.
    fn run(&mut self, step: usize, at: usize, end: Option<usize>, seen: &mut BTreeSet<(usize, usize)>) -> Option<bool> {
        let mut pending = vec![(step, at)];
        while let Some((step, at)) = pending.pop() {
            if !seen.insert((step, at)) {
                continue;
            }
            self.fuel.set(self.fuel.get().checked_sub(1)?);
            let word = |at: usize| self.text.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_');
            match self.program.get(step) {
                None => {}
                Some(Step::Match) if end.is_none_or(|end| end == at) => return Some(true),
                Some(Step::Match) => {}
                Some(Step::One(class)) => {
                    let fits = self.text.get(at).is_some_and(|c| class.has(*c));
                    pending.extend(fits.then_some((step + 1, at + 1)));
                }
                Some(Step::Start) => pending.extend((at == 0).then_some((step + 1, at))),
                Some(Step::End) => pending.extend((at == self.text.len()).then_some((step + 1, at))),
                Some(Step::Border(negated)) => {
                    let border = (at > 0 && word(at - 1)) != word(at);
                    pending.extend((border != *negated).then_some((step + 1, at)));
                }
                Some(Step::Split(first, second)) => pending.extend([(*second, at), (*first, at)]),
                Some(Step::Jump(next)) => pending.push((*next, at)),
                Some(&Step::Look { behind, negated, after }) => {
                    let found = self.look(step + 1, at, behind)?;
                    pending.extend((found != negated).then_some((after, at)));
                }
            }
        }
        Some(false)
    }

    fn look(&mut self, step: usize, at: usize, behind: bool) -> Option<bool> {
        if !behind {
            return self.run(step, at, None, &mut BTreeSet::new());
        }
        for start in 0..=at {
            if self.run(step, start, Some(at), &mut BTreeSet::new())? {
                return Some(true);
            }
        }
        Some(false)
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    ignore_case: bool,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let wanted: Vec<char> = text.chars().collect();
        let found = self.chars.get(self.at..self.at + wanted.len()) == Some(wanted.as_slice());
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut nodes = vec![self.sequence()?];
        while self.eat("|") {
            nodes.push(self.sequence()?);
        }
        Some(if nodes.len() == 1 { nodes.remove(0) } else { Node::Either(nodes) })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            let node = match c {
                '(' => self.group()?,
                '[' => Node::One(self.set()?),
                '*' | '+' | '?' => return None,
                _ => {
                    self.at += 1;
                    match c {
                        '.' => Node::One(Class::Any),
                        '^' => Node::Start,
                        '$' => Node::End,
                        '\\' => self.escape()?,
                        c => Node::One(self.literal(c)),
                    }
                }
            };
            nodes.push(self.repeated(node)?);
        }
        Some(Node::Sequence(nodes))
    }

    fn literal(&self, c: char) -> Class {
        Class::Set { ranges: vec![(c, c)], negated: false, ignore_case: self.ignore_case }
    }

    fn group(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let before = self.ignore_case;
        let mut look = None;
        if self.eat("?") {
            if self.eat("=") {
                look = Some((false, false));
            } else if self.eat("!") {
                look = Some((false, true));
            } else if self.eat("<=") {
                look = Some((true, false));
            } else if self.eat("<!") {
                look = Some((true, true));
            } else if self.eat("P<") || self.eat("<") || self.eat("'") {
                while !matches!(self.next()?, '>' | '\'') {}
            } else if self.eat(":") {
                // Only groups.
            } else {
                // `(?i)` and `(?i:…)`; a group that never gives back (`(?>…)`) and further switches are not known.
                if !self.eat("i") {
                    return None;
                }
                self.ignore_case = true;
                if self.eat(")") {
                    self.depth -= 1;
                    return Some(Node::Empty);
                }
                if !self.eat(":") {
                    return None;
                }
            }
        }
        let node = self.alternatives()?;
        if !self.eat(")") {
            return None;
        }
        self.ignore_case = before;
        self.depth -= 1;
        Some(match look {
            Some((behind, negated)) => Node::Look { node: Box::new(node), behind, negated },
            None => node,
        })
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') if self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                let close = self.chars.get(self.at..)?.iter().position(|c| *c == '}')?;
                let inner: String = self.chars.get(self.at + 1..self.at + close)?.iter().collect();
                self.at += close;
                match inner.split_once(',') {
                    None => (inner.parse().ok()?, Some(inner.parse().ok()?)),
                    Some((least, "")) => (least.parse().ok()?, None),
                    Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
                }
            }
            _ => return Some(node),
        };
        self.at += 1;
        if self.eat("+") {
            // It never gives back what it took: that needs more than this engine has.
            return None;
        }
        // Whether it takes as little as it can makes no difference to whether it matches.
        self.eat("?");
        if least > 200 || most.is_some_and(|most| most > 200 || most < least) {
            return None;
        }
        Some(Node::Repeat { node: Box::new(node), least, most })
    }

    fn escape(&mut self) -> Option<Node> {
        let c = self.next()?;
        Some(match c {
            'b' => Node::Border(false),
            'B' => Node::Border(true),
            'A' => Node::Start,
            'z' | 'Z' => Node::End,
            _ => match shorthand(c) {
                Some((ranges, negated)) => Node::One(Class::Set { ranges, negated, ignore_case: false }),
                None => Node::One(self.literal(plain_escape(c)?)),
            },
        })
    }

    fn set(&mut self) -> Option<Class> {
        self.at += 1;
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let c = self.next()?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '[' && self.peek() == Some(':') {
                return None;
            }
            let low = if c == '\\' {
                let escaped = self.next()?;
                match shorthand(escaped) {
                    Some((more, false)) => {
                        ranges.extend(more);
                        continue;
                    }
                    Some((_, true)) => return None,
                    None => plain_escape(escaped)?,
                }
            } else {
                c
            };
            let range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if !range {
                ranges.push((low, low));
                continue;
            }
            self.at += 1;
            let high = match self.next()? {
                '\\' => plain_escape(self.next()?)?,
                c => c,
            };
            ranges.push((low, high));
        }
        Some(Class::Set { ranges, negated, ignore_case: self.ignore_case })
    }
}

fn shorthand(c: char) -> Option<(Vec<(char, char)>, bool)> {
    let ranges = match c.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        'w' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        's' => vec![(' ', ' '), ('\t', '\r')],
        _ => return None,
    };
    Some((ranges, c.is_ascii_uppercase()))
}

/// The character an escape stands for; references to groups and classes of Unicode are not known.
fn plain_escape(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        c if c.is_ascii_alphanumeric() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::matches as with_fuel;
    use std::cell::Cell;

    fn matches(pattern: &str, text: &str, ignore_case: bool) -> Option<bool> {
        with_fuel(pattern, text, ignore_case, &Cell::new(400_000))
    }

    #[test]
    fn what_web_servers_write() {
        for (pattern, yes, no) in [
            (r"/\.(?!well-known)", "/.env", "/.well-known/x"),
            (r"\.php$", "/a.php", "/a.php/x"),
            (r"\.php(?:$|/)", "/a.php/x", "/a.phpx"),
            (r"^/index\.php(/|$)", "/index.php/a", "/xindex.php"),
            (r"[^/]\.php(/|$)", "/a.php", "/.php"),
            (r"(?<!/)\.php$", "/a.php", "/.php"),
            (r"^/(?:\.|autotest|occ)", "/.git", "/x/.git"),
            (r"/(?:uploads|files)/.*\.php$", "/wp/uploads/a/b.php", "/uploads/a.jpg"),
            (r"^(.+?\.php)(/.*)?$", "/a.php/b", "/a.html"),
            (r"^\.(?:git|ht[a-z]{2,6})", ".htaccess", ".well"),
            (r"(?i)\.SQL\z", "/dump.sql", "/dump.sqlite"),
            (r"(^|/)\.(?!well-known(/|$))", "/a/.env", "/.well-known/"),
            (r"[\w\d._-]+\.(zip|bak)", "/a-b.zip", "/ä"),
            (r"(?<name>a)b?\b", "a", "ac"),
        ] {
            assert_eq!(matches(pattern, yes, false), Some(true), "{pattern} {yes}");
            assert_eq!(matches(pattern, no, false), Some(false), "{pattern} {no}");
        }
        assert_eq!(matches(r"\.PHP$", "/a.php", true), Some(true));
        assert_eq!(matches("^/A", "/a", false), Some(false));
        assert_eq!(matches("", "/a", false), Some(true));
        for pattern in [
            r"(a)\1",
            "(?>a+)b",
            "a++",
            "[[:alpha:]]",
            "(",
            "a)",
            "*",
            "[a",
            r"\p{L}",
            "a{999}",
            "((((((((((((((((((((((((((a",
        ] {
            assert_eq!(matches(pattern, "a", false), None, "{pattern}");
        }
    }

    #[test]
    fn hostile_expressions_cost_little() {
        assert_eq!(matches("^(a*)*(a*)*$", &format!("{}b", "a".repeat(250)), false), Some(false));
        assert_eq!(matches(&"(a|a)*".repeat(100), &"a".repeat(250), false), Some(true));
        assert_eq!(matches(&"(?=a".repeat(20), "a", false), None);
        assert_eq!(matches(&format!("{}{}", "(?!".repeat(20), ")".repeat(20)), &"a".repeat(250), false), Some(true));
        assert_eq!(matches("((((a{100}){100}){100}){100})", "a", false), None);
        assert_eq!(matches("a", &"b".repeat(301), false), None);
        assert_eq!(matches(&format!("{}x{}", "(?=.*".repeat(20), ")".repeat(20)), &"a".repeat(250), false), None);
    }
}
