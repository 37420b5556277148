//! Secrets that fall back to a value which stands in a file when nobody sets them.

use super::secret_delivery::is_secret_key;
use super::{Group, Project, ServiceRef};
use crate::facts::secrets::{is_guarded_path, redact};
use crate::fix::{Fix, Safety};
use crate::model::compose::EnvVar;
use crate::model::interpolate::Certainty;
use crate::model::node::{Node, Scalar};
use crate::source::{Location, join};
use std::ops::Range;

/// A secret with a fallback.
#[derive(Clone, Debug)]
pub struct Fallback<'p> {
    /// The variable that is not set.
    pub name: String,
    /// The fallback, as far as it may be shown.
    pub shown: String,
    /// Where to change it.
    pub at: Location,
    /// The scalar of a Compose file that holds it, and its text with the variables required.
    pub required: Option<(Location, String)>,
    /// The variable of the service's environment.
    pub variable: Option<&'p EnvVar>,
}

impl Fallback<'_> {
    /// Makes Compose refuse to start without the variable.
    #[must_use]
    pub fn require(&self, project: &Project<'_>) -> Option<Fix> {
        let (at, text) = self.required.as_ref()?;
        let title = format!("Ask for `{}` instead", crate::text::shorten(&self.name, 60));
        project.replace(Safety::Safe, title, *at, text)
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// Variables of its `environment` that take a secret from a default, because the project's `.env` does not set it.
    #[must_use]
    pub fn secret_fallbacks(self) -> Vec<Fallback<'p>> {
        let mut found = Vec::new();
        for variable in &self.service.spec.environment {
            let Some(value) = variable.value.as_ref().filter(|value| value.certainty == Certainty::Defaulted) else {
                continue;
            };
            let Some((scalar_at, scalar, offset)) = self.scalar_of(variable) else { continue };
            let raw = scalar.raw.as_str();
            let written = raw.get(offset..).unwrap_or(raw);
            let mut required = raw.to_owned();
            let mut first: Option<(String, String)> = None;
            for piece in pieces(raw).into_iter().rev() {
                let whole = written.len() == piece.range.len();
                let named = is_secret_key(&piece.name) || whole && is_secret_key(&variable.key);
                if named
                    && is_value(piece.default)
                    && value.text.contains(piece.default)
                    && !self.dot_env_sets(&piece.name)
                {
                    required.replace_range(piece.range.clone(), &format!("${{{0}:?set {0}}}", piece.name));
                    first = Some((piece.name.clone(), redact(piece.default)));
                }
            }
            if let Some((name, shown)) = first {
                let required = Some((scalar_at, required));
                found.push(Fallback { name, shown, at: variable.key_at, required, variable: Some(variable) });
            }
        }
        found
    }

    /// The scalar that sets a variable, and where its value begins in it.
    fn scalar_of(self, variable: &EnvVar) -> Option<(Location, &'p Scalar, usize)> {
        let node = self.service.spec.node.get("environment")?;
        let item = node.items().iter().find(|item| item.span.contains(variable.key_at.span));
        match item {
            Some(item) => Some((Node::at(item), item.scalar()?, variable.key.len() + 1)),
            None => {
                let value = node.get(&variable.key)?;
                Some((Node::at(value), value.scalar()?, 0))
            }
        }
    }

    fn dot_env_sets(self, name: &str) -> bool {
        let id = self.project.sources.id(&join(&self.view.folder, ".env"));
        id.and_then(|id| self.project.env_file(id)).is_some_and(|file| file.get(name).is_some())
    }

    /// Variables whose value is a placeholder that takes effect: `!ChangeMe!`. Those of data services and the keys of
    /// frameworks are judged as passwords and as keys.
    #[must_use]
    pub fn placeholder_secrets(self) -> Vec<&'p EnvVar> {
        if self.role.group() == Group::Data || self.data_product().is_some() {
            return Vec::new();
        }
        let marks = ["changeme", "change_me", "change-me", "changethis", "change_this", "notsosecret"];
        let mut found: Vec<&'p EnvVar> = self.service.variables.iter().collect();
        found.retain(|variable| {
            let value = variable.value.as_ref().filter(|value| value.certainty == Certainty::Known);
            let text = value.map(|value| value.text.to_ascii_lowercase()).unwrap_or_default();
            is_secret_key(&variable.key)
                && !super::framework_keys::is_framework_key(&variable.key)
                && marks.iter().any(|mark| text.contains(mark))
                && !text.contains("${")
        });
        found
    }
}

impl Project<'_> {
    /// Fallbacks that the application's own configuration has: `env('JWT_SECRET', '…')`.
    #[must_use]
    pub fn configured_fallbacks(&self) -> Vec<Fallback<'_>> {
        let mut found = Vec::new();
        for (_, config) in self.php_configs().filter(|(path, _)| !is_guarded_path(path)) {
            for used in &config.php.environment {
                let Some(default) = used.default.as_ref().and_then(|default| default.text()) else { continue };
                if is_secret_key(&used.key) && is_value(default) {
                    found.push(Fallback {
                        name: used.key.clone(),
                        shown: redact(default),
                        at: Location::new(config.source, used.key_span),
                        required: None,
                        variable: None,
                    });
                }
            }
        }
        found
    }
}

/// Whether a default would be used as a secret, and is no switch, path or further variable.
fn is_value(default: &str) -> bool {
    let switch = ["null", "true", "false", "yes", "none", "off"].iter().any(|word| default.eq_ignore_ascii_case(word));
    default.chars().count() >= 3 && !switch && !default.starts_with(['$', '/', '.']) && !default.contains("://")
}

struct Piece<'t> {
    name: String,
    default: &'t str,
    range: Range<usize>,
}

/// Every `${NAME:-default}` of a text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at) {
        let inner = at + 2;
        from = inner;
        // `$${` is no variable.
        if text.get(..at).is_some_and(|before| before.ends_with('$')) {
            continue;
        }
        let Some(rest) = text.get(inner..) else { break };
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let after = rest.get(name.len()..).unwrap_or("");
        let Some(default) = after.strip_prefix(":-").or_else(|| after.strip_prefix('-')) else { continue };
        let mut depth = 1usize;
        let end = default.char_indices().find_map(|(index, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(index)
        });
        let Some(end) = end else { break };
        let begin = text.len() - default.len();
        found.push(Piece { name, default: default.get(..end).unwrap_or(""), range: at..begin + end + 1 });
        from = begin + end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_value, pieces};

    #[test]
    fn defaults_in_a_text() {
        let text = "pgsql://${U:-app}:${P-x${Q:-y}}@db/$${Z:-z}${R}";
        let read: Vec<(String, &str)> = pieces(text).into_iter().map(|piece| (piece.name, piece.default)).collect();
        assert_eq!(read, [("U".to_owned(), "app"), ("P".to_owned(), "x${Q:-y}")]);
        assert_eq!(
            pieces("a${X:-b}").into_iter().map(|piece| (piece.range.start, piece.range.end)).collect::<Vec<_>>(),
            [(1, 8)]
        );
        assert!(pieces("${X:-").is_empty());
    }

    #[test]
    fn switches_are_no_secrets() {
        assert!(is_value("!ChangeMe!"));
        assert!(!is_value("null") && !is_value("/run/secrets/x") && !is_value("${OTHER}") && !is_value(""));
    }
}
