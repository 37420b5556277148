//! What a plain scalar is to Compose: go-yaml's reading, which is neither YAML 1.1 nor 1.2.

/// Longest plain scalar that can be a number; go-yaml's own numbers are far shorter.
const LONGEST_NUMBER: usize = 64;

/// The type of a scalar.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Type {
    /// Absent, `~` or `null`.
    Null,
    /// `true` or `false`; not `yes`, `no`, `on`, `off`, which are strings (a Compose field of type boolean still takes them).
    Bool(bool),
    /// A whole number, `0644` being octal.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Everything else. Dates are strings here; go-yaml makes timestamps of them.
    Str,
}

/// The type of a plain scalar with this text.
#[must_use]
pub fn resolve_plain(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Type::Null,
        "true" | "True" | "TRUE" => return Type::Bool(true),
        "false" | "False" | "FALSE" => return Type::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Type::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Type::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Type::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let may_be_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !may_be_number || text.len() > LONGEST_NUMBER {
        return Type::Str;
    }
    // Go drops underscores before it reads a number, wherever they stand.
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let (negative, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    if let Some(number) = integer(negative, unsigned) {
        return Type::Int(number);
    }
    if looks_like_float(unsigned) {
        // `1.` and `.5` are floats to Go and to Rust alike.
        if let Ok(number) = digits.parse() {
            return Type::Float(number);
        }
    }
    Type::Str
}

/// Reads a whole number the way Go's `ParseInt(text, 0, 64)` does: `0x`, `0o`, `0b`, and octal for a leading zero.
fn integer(negative: bool, unsigned: &str) -> Option<i64> {
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, unsigned.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, unsigned.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, unsigned.get(2..)?),
        [b'0', _, ..] => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    // `from_str_radix` would accept a second sign.
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// go-yaml's float pattern: digits with at most one dot, then at most one exponent.
fn looks_like_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let dots = mantissa.bytes().filter(|&b| b == b'.').count();
    let exponent_is_number = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
    });
    digits > 0 && dots <= 1 && digits + dots == mantissa.len() && exponent_is_number
}
