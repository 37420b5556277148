//! Versions and ranges of versions as Composer compares them: `1.0.0-beta2`, `v1.2.3`, `>=1.0,<1.2.3|>=2.0`.
//!
//! A version is brought into Composer's normal form and compared as PHP's `version_compare` does. A bound of `<` or `>=` without
//! a stability stands for the very first pre-release of its version: `<1.2.3` does not contain `1.2.3-RC1`, `>=1.2.3` does.

use std::cmp::Ordering;

/// A released version. A branch (`dev-main`) has no place in the order and is none.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Version {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Token {
    /// `dev`, `alpha`, `beta`, `RC`, `patch`: their rank around a release, which is [`RELEASE`].
    Stage(u8),
    Number(u64),
}

const DEV: u8 = 0;
const RELEASE: u8 = 4;
/// What `x` in `1.x-dev` stands for: newer than every release of the line.
const ANY: u64 = 9_999_999;
/// Longer texts are no version.
const MAX_BYTES: usize = 128;

impl Version {
    /// Reads a version. `None` for a branch and for what Composer would refuse.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_BYTES || !text.is_ascii() {
            return None;
        }
        // Build metadata does not count.
        let text = text.split('+').next().unwrap_or("").to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        if let Some(line) = text.strip_suffix("-dev").or_else(|| text.strip_suffix(".dev"))
            && line.split('.').any(|part| matches!(part, "x" | "*"))
        {
            return Self::line(line);
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, suffix) = text.split_at(end);
        // `1.0.beta2`: the point belongs to what follows.
        let (numbers, suffix) = match numbers.strip_suffix('.') {
            Some(numbers) if !suffix.is_empty() => (numbers, suffix),
            _ => (numbers, suffix),
        };
        let mut tokens = numbers_of(numbers)?;
        if tokens.len() > 4 {
            return None;
        }
        tokens.resize(4, Token::Number(0));
        tokens.extend(suffix_of(suffix)?);
        Some(Self { tokens })
    }

    /// The head of a line of releases.
    fn line(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        for part in text.split('.') {
            tokens.push(Token::Number(if matches!(part, "x" | "*") { ANY } else { part.parse().ok()? }));
        }
        if tokens.len() > 4 || !matches!(tokens.first(), Some(Token::Number(first)) if *first != ANY) {
            return None;
        }
        tokens.resize(4, Token::Number(ANY));
        tokens.push(Token::Stage(DEV));
        Some(Self { tokens })
    }

    /// The first and the last version that a shortened one may stand for: `7.2` is anything from `7.2.0` to the newest of the line.
    #[must_use]
    pub fn span_of(text: &str) -> Option<(Self, Self)> {
        let first = Self::parse(text)?;
        let text = text.trim();
        let given = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let count = given.split('.').count();
        if count >= 3 || !given.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Some((first.clone(), first));
        }
        let mut last = first.clone();
        for token in last.tokens.iter_mut().skip(count) {
            *token = Token::Number(ANY);
        }
        Some((first, last))
    }

    fn is_release(&self) -> bool {
        self.tokens.len() <= 4
    }

    /// The version before all its own pre-releases.
    fn before_all(mut self) -> Self {
        self.tokens.push(Token::Stage(DEV));
        self
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.tokens.len().max(other.tokens.len());
        for at in 0..length {
            let order = match (self.tokens.get(at), other.tokens.get(at)) {
                (Some(Token::Number(a)), Some(Token::Number(b))) => a.cmp(b),
                (Some(Token::Stage(a)), Some(Token::Stage(b))) => a.cmp(b),
                (Some(Token::Number(_)), Some(Token::Stage(b))) => RELEASE.cmp(b),
                (Some(Token::Stage(a)), Some(Token::Number(_))) => a.cmp(&RELEASE),
                // What goes on with a number is later, with a stage earlier or later than the release.
                (Some(Token::Number(_)), None) => Ordering::Greater,
                (None, Some(Token::Number(_))) => Ordering::Less,
                (Some(Token::Stage(a)), None) => a.cmp(&RELEASE),
                (None, Some(Token::Stage(b))) => RELEASE.cmp(b),
                (None, None) => Ordering::Equal,
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One to four numbers; the first has five digits at most, which leaves dates in one word out.
fn numbers_of(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for part in text.split('.') {
        if part.is_empty() || (tokens.is_empty() && part.len() > 5) {
            return None;
        }
        tokens.push(Token::Number(part.parse().unwrap_or(u64::MAX)));
    }
    Some(tokens)
}

/// `-beta.2`, `RC1`, `-p3`, `-dev`, `-alpha1-dev`; nothing of `-stable`.
fn suffix_of(text: &str) -> Option<Vec<Token>> {
    const STAGES: [(&str, u8); 9] = [
        ("stable", RELEASE),
        ("beta", 2),
        ("b", 2),
        ("rc", 3),
        ("alpha", 1),
        ("a", 1),
        ("patch", 5),
        ("pl", 5),
        ("p", 5),
    ];
    let mut tokens = Vec::new();
    let mut rest = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    if let Some((name, stage)) = STAGES.into_iter().find(|(name, _)| rest.starts_with(name)) {
        rest = rest.get(name.len()..)?;
        if stage == RELEASE {
            return rest.is_empty().then_some(tokens);
        }
        tokens.push(Token::Stage(stage));
        loop {
            let bare = rest.strip_prefix(['.', '-']).unwrap_or(rest);
            let digits = bare.find(|c: char| !c.is_ascii_digit()).unwrap_or(bare.len());
            if digits == 0 {
                break;
            }
            tokens.push(Token::Number(bare.get(..digits)?.parse().unwrap_or(u64::MAX)));
            rest = bare.get(digits..)?;
        }
        rest = rest.strip_prefix(['.', '-']).unwrap_or(rest);
    }
    match rest {
        "" => Some(tokens),
        "dev" => {
            tokens.push(Token::Stage(DEV));
            Some(tokens)
        }
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Operator {
    Less,
    AtMost,
    Equal,
    Not,
    AtLeast,
    Greater,
}

/// `>=1.0`: an operator, the version as it compares, and as it is written.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Bound {
    operator: Operator,
    version: Version,
    written: String,
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::Not => order.is_ne(),
            Operator::AtLeast => order.is_ge(),
            Operator::Greater => order.is_gt(),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        const OPERATORS: [(&str, Operator); 8] = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("<>", Operator::Not),
            ("!=", Operator::Not),
            ("==", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
            ("=", Operator::Equal),
        ];
        let (operator, written) = OPERATORS
            .into_iter()
            .find_map(|(sign, operator)| Some((operator, text.strip_prefix(sign)?)))
            .unwrap_or((Operator::Equal, text));
        let written = written.trim();
        let version =
            Version::parse(written).ok_or_else(|| format!("`{}` is no version", crate::text::shorten(written, 40)))?;
        // As Composer does: a bound without a stability means every pre-release too.
        let version = match operator {
            Operator::Less | Operator::AtLeast if version.is_release() => version.before_all(),
            _ => version,
        };
        Ok(Self { operator, version, written: written.to_owned() })
    }
}

/// A set of versions: alternatives at `|`, each of bounds that hold together.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ranges {
    alternatives: Vec<Vec<Bound>>,
}

impl Ranges {
    /// Reads `>=1.0,<1.2.3|>=2.0`; an empty text is an empty set.
    ///
    /// # Errors
    /// When a part is no bound.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut alternatives = Vec::new();
        for alternative in text.split('|').map(str::trim).filter(|text| !text.is_empty()) {
            let bounds: Result<Vec<Bound>, String> = if alternative == "*" {
                Ok(Vec::new())
            } else {
                alternative.split(',').map(|bound| Bound::parse(bound.trim())).collect()
            };
            alternatives.push(bounds?);
        }
        Ok(Self { alternatives })
    }

    /// Whether a version is in the set.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|bounds| bounds.iter().all(|bound| bound.holds(version)))
    }

    /// Whether some version between the two is in the set.
    #[must_use]
    pub fn touches(&self, first: &Version, last: &Version) -> bool {
        let inside = |version: &Version| first <= version && version <= last;
        self.contains(first)
            || self.contains(last)
            || self.alternatives.iter().flatten().any(|bound| inside(&bound.version) && self.contains(&bound.version))
    }

    /// Whether every version between the two is in the set, as far as one range says so.
    #[must_use]
    pub fn covers(&self, first: &Version, last: &Version) -> bool {
        let holds = |bounds: &[Bound], version: &Version| bounds.iter().all(|bound| bound.holds(version));
        self.alternatives.iter().any(|bounds| {
            holds(bounds, first) && holds(bounds, last) && !bounds.iter().any(|bound| bound.operator == Operator::Not)
        })
    }

    /// The first version above one of the set that is out of it, where the set names it: the bound of `<`.
    #[must_use]
    pub fn end_after(&self, version: &Version) -> Option<&str> {
        let mut end: Option<&Bound> = None;
        // Ranges may meet: `>=1,<2|>=2,<2.3` ends at 2.3. Each step goes up, so there are no more than there are ranges.
        for _ in 0..=self.alternatives.len() {
            let at = end.map_or(version, |bound| &bound.version);
            let Some(bounds) = self.alternatives.iter().find(|bounds| bounds.iter().all(|bound| bound.holds(at)))
            else {
                break;
            };
            end = Some(bounds.iter().find(|bound| bound.operator == Operator::Less)?);
        }
        end.map(|bound| bound.written.as_str())
    }
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
