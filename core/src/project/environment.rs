//! What a container finds in its environment, and the values that Compose fills in: `.env`, `environment`, `env_file`, `label_file`.

use super::Project;
use super::substitutions::Substitutions;
use crate::finding::Question;
use crate::model::compose::{EnvFile, EnvOrigin, EnvVar, ServiceSpec, Text};
use crate::model::interpolate::{Certainty, interpolate};
use crate::source::{Location, SourceId, join};
use crate::syntax::dotenv::{self, Dialect, Entry};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes that `${…}` may put into one file of variables; once they are spent, variables count as unknown.
const MAX_BYTES: usize = 4 << 20;

/// The values of the `.env` files of folders; an earlier folder wins.
pub(super) fn of_folders(project: &Project<'_>, folders: &[String]) -> Substitutions {
    let files = folders.iter().filter_map(|folder| {
        let id = project.sources.id(&join(folder, ".env"))?;
        Some((id, project.env_file(id)?))
    });
    Substitutions::of_files(files)
}

/// `environment` over the `env_file`s; a later file wins over an earlier one.
pub(super) fn of_service(
    project: &Project<'_>,
    spec: &ServiceSpec,
    folder: &str,
    values: &Substitutions,
    asked: &mut Vec<Question>,
) -> Vec<EnvVar> {
    let mut variables: Vec<EnvVar> = spec.environment.iter().map(|variable| passed_through(variable, values)).collect();
    let mut known: BTreeSet<String> = variables.iter().map(|variable| variable.key.clone()).collect();
    let own: BTreeMap<&str, &Text> = spec
        .environment
        .iter()
        .filter_map(|variable| Some((variable.key.as_str(), variable.value.as_ref()?)))
        .collect();
    for file in spec.env_files.iter().rev() {
        let path = join(folder, &file.path.text);
        match project.sources.id(&path) {
            Some(id) => {
                for variable in of_file(project, id, file, values, &own).into_iter().rev() {
                    if known.insert(variable.key.clone()) {
                        variables.push(variable);
                    }
                }
            }
            None if file.required && file.path.is_known() => asked.push(Question {
                rule: Cow::Borrowed("project/missing-file"),
                question: format!(
                    "What does {path} set? A service reads its environment from it, and it was not supplied"
                ),
                answer: format!("add the file {path}"),
            }),
            None => {}
        }
    }
    variables
}

/// A name without a value takes that of the shell or of the `.env`.
fn passed_through(variable: &EnvVar, values: &Substitutions) -> EnvVar {
    let mut variable = variable.clone();
    if variable.value.is_none()
        && let Some((text, at)) = values.written(&variable.key)
    {
        let variables = vec![variable.key.clone()];
        variable.value = Some(Text { text, certainty: Certainty::Known, variables, at });
    }
    variable
}

/// The variables of one `env_file`. `${…}` in it means the project's values, then the service's, then what stands above it.
fn of_file(
    project: &Project<'_>,
    id: SourceId,
    file: &EnvFile,
    values: &Substitutions,
    own: &BTreeMap<&str, &Text>,
) -> Vec<EnvVar> {
    if file.raw {
        let read = dotenv::parse_as(project.text(id), Dialect::Raw);
        return read.entries.into_iter().map(|entry| literal(id, entry)).collect();
    }
    let entries = project.env_file(id).map(|file| file.entries.as_slice()).unwrap_or_default();
    let mut above: BTreeMap<&str, String> = BTreeMap::new();
    let left = Cell::new(MAX_BYTES);
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        let at = Location::new(id, entry.value_span.unwrap_or(entry.key_span));
        let value = entry.value.as_ref().map(|value| {
            let literal = || Text { text: value.clone(), certainty: Certainty::Known, variables: Vec::new(), at };
            if !entry.interpolates() || !value.contains('$') {
                return literal();
            }
            let lookup = |name: &str| {
                let service = || own.get(name).filter(|text| text.is_known()).map(|text| text.text.as_str());
                let known = || service().or_else(|| above.get(name).map(String::as_str)).map(str::to_owned);
                let value = values.get(name).or_else(known)?;
                left.set(left.get().checked_sub(value.len())?);
                Some(value)
            };
            let read = interpolate(value, &lookup);
            Text { text: read.text, certainty: read.certainty, variables: read.variables, at }
        });
        if let Some(value) = value.as_ref().filter(|value| value.is_known()) {
            above.insert(&entry.key, value.text.clone());
        }
        found.push(EnvVar {
            key: entry.key.clone(),
            key_at: Location::new(id, entry.key_span),
            value,
            origin: EnvOrigin::EnvFile,
        });
    }
    found
}

/// Adds the labels of `label_file`s to those that the service does not set itself; a later file wins.
pub(super) fn add_labels(project: &Project<'_>, spec: &mut ServiceSpec, folder: &str) {
    if spec.label_files.is_empty() {
        return;
    }
    let mut known: BTreeSet<String> = spec.labels.iter().map(|label| label.key.clone()).collect();
    for file in spec.label_files.iter().rev() {
        let Some(id) = project.sources.id(&join(folder, &file.path.text)) else { continue };
        // Label files have any name, so they are read here; they are as small as an environment file.
        for entry in dotenv::parse(project.text(id)).entries.into_iter().rev() {
            if known.insert(entry.key.clone()) {
                spec.labels.push(literal(id, entry));
            }
        }
    }
}

/// An entry whose text is its value.
fn literal(id: SourceId, entry: Entry) -> EnvVar {
    let at = Location::new(id, entry.value_span.unwrap_or(entry.key_span));
    let value = entry.value.map(|text| Text { text, certainty: Certainty::Known, variables: Vec::new(), at });
    EnvVar { key: entry.key, key_at: Location::new(id, entry.key_span), value, origin: EnvOrigin::EnvFile }
}
