//! What Compose puts in the place of `${…}`: the values of the `.env` beside the Compose file.

use crate::model::interpolate::{Certainty, interpolate};
use crate::source::{Location, SourceId};
use crate::syntax::dotenv::DotEnv;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Bytes that values may add in one deployment. `B=$A$A`, `C=$B$B` doubles a value with every line, and a long value may be asked for
/// a thousand times; once the budget is spent, variables count as unknown.
const MAX_BYTES: usize = 8 << 20;

/// Values by name.
pub(super) struct Substitutions {
    values: BTreeMap<String, (String, Option<Location>)>,
    left: Cell<usize>,
}

impl Substitutions {
    /// The values of an environment file, those it refers to put in.
    pub(super) fn of(file: Option<&DotEnv>) -> Self {
        let mut all = Self { values: BTreeMap::new(), left: Cell::new(MAX_BYTES) };
        if let Some(file) = file {
            all.read(file, None);
        }
        all
    }

    /// The values of several files; an earlier one wins.
    pub(super) fn of_files<'f>(files: impl Iterator<Item = (SourceId, &'f DotEnv)>) -> Self {
        files.fold(Self::of(None), |all, (id, file)| all.over(Some((id, file))))
    }

    /// These values, with those of a file where there are none.
    pub(super) fn over(&self, file: Option<(SourceId, &DotEnv)>) -> Self {
        let mut all = Self { values: self.values.clone(), left: Cell::new(self.left.get()) };
        if let Some((id, file)) = file {
            all.read(file, Some(id));
            all.values.extend(self.values.clone());
        }
        all
    }

    fn read(&mut self, file: &DotEnv, source: Option<SourceId>) {
        for entry in &file.entries {
            let Some(value) = &entry.value else { continue };
            let at = source.map(|id| Location::new(id, entry.value_span.unwrap_or(entry.key_span)));
            if !entry.interpolates() {
                self.values.insert(entry.key.clone(), (value.clone(), at));
                continue;
            }
            let read = interpolate(value, &|name| self.get(name));
            if read.certainty == Certainty::Unknown {
                self.values.remove(&entry.key);
            } else {
                self.values.insert(entry.key.clone(), (read.text, at));
            }
        }
    }

    /// Adds a value that Compose knows by itself.
    pub(super) fn set(&mut self, name: &str, value: String, at: Option<Location>) {
        self.values.insert(name.to_owned(), (value, at));
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (value, _) = self.values.get(name)?;
        self.left.set(self.left.get().checked_sub(value.len())?);
        Some(value.clone())
    }

    /// The value of a variable and where it is written.
    pub(super) fn written(&self, name: &str) -> Option<(String, Location)> {
        let at = self.values.get(name)?.1?;
        Some((self.get(name)?, at))
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
    fn an_earlier_file_wins() {
        let (first, second) = (dotenv::parse("A=1\n"), dotenv::parse("A=2\nB=${A}\n"));
        let all = Substitutions::of_files([(SourceId(0), &first), (SourceId(1), &second)].into_iter());
        assert_eq!(all.get("A").as_deref(), Some("1"));
        assert_eq!(all.written("B").map(|(_, at)| at.source), Some(SourceId(1)));
    }

    #[test]
    fn doubling_ends() {
        let lines: String = (1..200).map(|n| format!("A{n}=$A{}$A{}\n", n - 1, n - 1)).collect();
        let all = Substitutions::of(Some(&dotenv::parse(&format!("A0=aaaaaaaa\n{lines}"))));
        assert!(all.values.values().map(|(value, _)| value.len()).sum::<usize>() <= 2 * MAX_BYTES);
    }
}
