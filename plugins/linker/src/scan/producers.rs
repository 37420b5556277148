//! What a file was made with.

use crate::text::shorten;
use std::collections::BTreeSet;
use wasmparser::ProducersSectionReader;

/// Entries that are kept.
const MOST: usize = 50;

/// A language, compiler or kit that took part in making a file. Nobody checks what is said here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Those of all modules and components of a file, each once.
#[derive(Default)]
pub(super) struct Producers(BTreeSet<Producer>);

impl Producers {
    /// A section that is damaged is no reason to refuse the file: it changes nothing.
    pub(super) fn read(&mut self, reader: ProducersSectionReader<'_>) {
        for field in reader.into_iter().map_while(Result::ok).take(MOST) {
            for value in field.values.into_iter().map_while(Result::ok).take(MOST) {
                if self.0.len() < MOST {
                    self.0.insert(Producer {
                        role: shorten(field.name, 40),
                        name: shorten(value.name, 80),
                        version: shorten(value.version, 80),
                    });
                }
            }
        }
    }

    pub(super) fn sorted(self) -> Vec<Producer> {
        self.0.into_iter().collect()
    }
}
