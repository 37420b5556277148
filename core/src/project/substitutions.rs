//! What Compose puts in the place of `${…}`: the values of the `.env` beside the Compose file.

use crate::model::interpolate::{Certainty, interpolate};
use crate::syntax::dotenv::DotEnv;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Bytes that values may add in one deployment. `B=$A$A`, `C=$B$B` doubles a value with every line, and a long value may be asked for
/// a thousand times; once the budget is spent, variables count as unknown.
const MAX_BYTES: usize = 8 << 20;

/// Values by name.
pub(super) struct Substitutions {
    values: BTreeMap<String, String>,
    left: Cell<usize>,
}

impl Substitutions {
    /// The values of an environment file, those it refers to put in.
    pub(super) fn of(file: Option<&DotEnv>) -> Self {
        let mut all = Self { values: BTreeMap::new(), left: Cell::new(MAX_BYTES) };
        for entry in file.map(|file| file.entries.as_slice()).unwrap_or_default() {
            if let Some(value) = entry.value.as_ref().filter(|_| !entry.interpolates()) {
                all.values.insert(entry.key.clone(), value.clone());
            } else if let Some(value) = &entry.value {
                let read = interpolate(value, &|name| all.get(name));
                if read.certainty != Certainty::Unknown {
                    all.values.insert(entry.key.clone(), read.text);
                }
            }
        }
        all
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = self.values.get(name)?;
        self.left.set(self.left.get().checked_sub(value.len())?);
        Some(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::dotenv;

    #[test]
    fn values_refer_to_earlier_ones() {
        let file = dotenv::parse("A=1\nB=${A}2\nC=${NO}\nD='${A}'\n");
        let all = Substitutions::of(Some(&file));
        assert_eq!(all.get("B").as_deref(), Some("12"));
        assert_eq!(all.get("D").as_deref(), Some("${A}"), "quoted, it is text");
        assert_eq!(all.get("C"), None, "nobody knows what NO is");
    }

    #[test]
    fn doubling_ends() {
        let lines: String = (1..200).map(|n| format!("A{n}=$A{}$A{}\n", n - 1, n - 1)).collect();
        let all = Substitutions::of(Some(&dotenv::parse(&format!("A0=aaaaaaaa\n{lines}"))));
        assert!(all.values.values().map(String::len).sum::<usize>() <= 2 * MAX_BYTES);
    }
}
