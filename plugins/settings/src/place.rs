//! Places in settings, and what is said of them.

use crate::{Fault, MAX_FAULTS, escape, shown};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Names that one message lists.
pub(crate) const MAX_NAMES: usize = 12;

/// Where in the settings: as a pointer, and as people write it.
#[derive(Clone, Default)]
pub(crate) struct Place {
    pub(crate) pointer: String,
    name: String,
}

impl Place {
    pub(crate) fn key(&self, key: &str) -> Self {
        let dot = if self.name.is_empty() { "" } else { "." };
        Self {
            pointer: format!("{}/{}", self.pointer, escape(key)),
            name: format!("{}{dot}{}", self.name, shown(key, 60)),
        }
    }

    pub(crate) fn item(&self, index: usize) -> Self {
        Self { pointer: format!("{}/{index}", self.pointer), name: format!("{}[{index}]", self.name) }
    }

    pub(crate) fn fault(&self, faults: &mut Vec<Fault>, message: &str) {
        if faults.len() < MAX_FAULTS {
            let name = if self.name.is_empty() { String::new() } else { format!("{}: ", shown(&self.name, 120)) };
            faults.push(Fault { pointer: self.pointer.clone(), message: format!("{name}{message}") });
        }
    }

    /// A key that the schema does not know: most often a slip.
    pub(crate) fn stranger(
        &self,
        faults: &mut Vec<Fault>,
        key: &str,
        around: &Self,
        declared: Option<&Map<String, Value>>,
    ) {
        let names: Vec<String> =
            declared.into_iter().flatten().take(MAX_NAMES).map(|(name, _)| format!("`{}`", shown(name, 40))).collect();
        let more = if declared.is_some_and(|all| all.len() > MAX_NAMES) { ", …" } else { "" };
        let known = if names.is_empty() {
            "there are none".to_owned()
        } else {
            format!("there are {}{more}", names.join(", "))
        };
        let of = if around.name.is_empty() { String::new() } else { format!(" of `{}`", shown(&around.name, 80)) };
        if faults.len() < MAX_FAULTS {
            let message = format!("`{}` is not a setting{of}; {known}", shown(key, 60));
            faults.push(Fault { pointer: self.pointer.clone(), message });
        }
    }
}

/// No form fits: when the value itself is of a wrong type for all of them, the types are said; else what the nearest one asks for.
pub(crate) fn none_fits(tried: &[Vec<Fault>], at: &Place, faults: &mut Vec<Fault>) {
    let deep = |why: &Vec<Fault>| why.iter().any(|fault| fault.pointer.len() > at.pointer.len());
    let near: Vec<&Vec<Fault>> = tried.iter().filter(|why| deep(why)).collect();
    if let [only] = near.as_slice() {
        let room = MAX_FAULTS.saturating_sub(faults.len());
        faults.extend(only.iter().take(room).cloned());
        return;
    }
    let words: BTreeSet<&str> = tried
        .iter()
        .flatten()
        .filter_map(|fault| fault.message.split_once("expected ")?.1.split(", found").next())
        .take(MAX_NAMES)
        .collect();
    let all_said = !words.is_empty()
        && near.is_empty()
        && tried.iter().all(|why| why.iter().all(|one| one.message.contains("expected ")));
    if all_said {
        at.fault(faults, &format!("expected {}", words.into_iter().collect::<Vec<_>>().join(" or ")));
    } else {
        at.fault(faults, &format!("fits none of the {} allowed forms", tried.len()));
    }
}
