mod edits;
mod errors;
pub(crate) mod fuzz;
mod hostile;
mod read;
mod spans;

use super::*;

fn read(text: &str) -> Tree {
    parse(text, &Limits::default())
}

/// The value under a dotted path of keys and indices.
fn at(tree: &Tree, path: &str) -> Id {
    path.split('.').filter(|step| !step.is_empty()).fold(tree.documents[0], |id, step| match step.parse::<usize>() {
        Ok(index) if !tree.items(id).is_empty() => tree.items(id)[index],
        _ => tree.get(id, step).unwrap_or_else(|| panic!("no {step} in {path}")).1,
    })
}
