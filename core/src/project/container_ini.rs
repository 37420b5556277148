//! The settings that a container's ini file holds, one after the other, whatever its pieces are.

use super::container_files::{ContainerFile, Piece, UNKNOWN};
use super::{Project, ServiceRef, php_image};
use crate::image::ImageRef;
use crate::model::dockerfile::Expanded;
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::ini::{self, Ini};

/// What a reader of ini files comes across.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IniEvent {
    /// A section begins.
    Section {
        /// Its name as written.
        name: String,
        /// Where it is written.
        at: Option<Location>,
    },
    /// A setting.
    Setting {
        /// Its name.
        key: String,
        /// Its value as written, without quotes; `None` when only a build knows it.
        value: Option<String>,
        /// Whether variables in it are replaced.
        interpolates: bool,
        /// Where the value is written; `None` for what the image ships.
        at: Option<Location>,
        /// Where the name is written.
        key_at: Option<Location>,
    },
    /// Something edits a setting, or any.
    Edited {
        /// The setting.
        key: Option<String>,
        /// The command.
        at: Location,
    },
    /// A part that was not supplied: it may set anything.
    Unseen(Option<Location>),
}

/// What is known of an environment variable of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContainerVariable {
    /// This value, and where it is set; `None` when the image documents it.
    Value(String, Option<Location>),
    /// It is not set.
    Unset,
    /// The image or the shell may set it.
    Unknown,
}

/// The events of a file.
pub(super) fn events(project: &Project<'_>, file: &ContainerFile) -> Vec<IniEvent> {
    let mut events = Vec::new();
    for piece in &file.pieces {
        match piece {
            Piece::Project(id) => {
                let whole = |span| Some(Location::new(*id, span));
                match &project.file(*id).parsed {
                    super::Parsed::Ini(read) => push(&mut events, read, project.text(*id), &whole),
                    _ => push(&mut events, &ini::parse(project.text(*id)), project.text(*id), &whole),
                }
            }
            Piece::Written { text, at, verbatim } => {
                let place = |span: Span| {
                    let inside = Span { start: at.span.start + span.start, end: at.span.start + span.end };
                    Some(if *verbatim { Location::new(at.source, inside) } else { *at })
                };
                push(&mut events, &ini::parse(text), text, &place);
            }
            Piece::Shipped(text) => push(&mut events, &ini::parse(text), text, &|_| None),
            Piece::Edited { key, at } => events.push(IniEvent::Edited { key: key.clone(), at: *at }),
            Piece::Unknown(at) => events.push(IniEvent::Unseen(*at)),
        }
    }
    events
}

fn push(events: &mut Vec<IniEvent>, read: &Ini, text: &str, place: &dyn Fn(Span) -> Option<Location>) {
    for section in &read.sections {
        if let Some((name, span)) = &section.name {
            events.push(IniEvent::Section { name: name.clone(), at: place(*span) });
        }
        for entry in &section.entries {
            let unknown = entry.value.contains(UNKNOWN) || entry.key.contains(UNKNOWN);
            let interpolates = !entry.value_span.slice(text).starts_with('\'');
            let empty = entry.value_span.is_empty();
            events.push(IniEvent::Setting {
                key: entry.key.clone(),
                value: (!unknown).then(|| entry.value.clone()),
                interpolates,
                at: place(if empty { entry.key_span } else { entry.value_span }),
                key_at: place(entry.key_span),
            });
        }
    }
}

/// Replaces `${NAME}` and `${NAME:-default}` in a value as PHP does; `None` when a value is not known.
pub(super) fn interpolated(value: &str, lookup: &dyn Fn(&str) -> Option<Option<String>>) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(place) = rest.find("${") {
        out.push_str(rest.get(..place)?);
        let after = rest.get(place + 2..)?;
        let Some((inside, next)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
        match (lookup(name.trim())?, default) {
            (Some(value), None) => out.push_str(&value),
            (Some(value), Some(default)) => out.push_str(if value.is_empty() { default } else { &value }),
            (None, default) => out.push_str(default.unwrap_or("")),
        }
        rest = next;
    }
    out.push_str(rest);
    Some(out)
}

impl ServiceRef<'_, '_> {
    /// An environment variable of its container: the service's own, the image's, or what the image documents.
    #[must_use]
    pub fn container_variable(self, name: &str) -> ContainerVariable {
        if let Some(variable) = self.variable(name) {
            return match variable.value.as_ref().filter(|value| value.is_known()) {
                Some(value) => ContainerVariable::Value(value.text.clone(), Some(value.at)),
                None => ContainerVariable::Unknown,
            };
        }
        let builder = self.image_source();
        let built = builder.service.build_use.as_ref().and_then(|used| {
            let value = used.model.stages.get(used.stage?)?.env.get(name)?;
            Some((&value.value, Location::new(used.dockerfile?, value.span)))
        });
        let image = self.php_image();
        let shipped = |name: &str| image.as_ref().and_then(|image| php_image::environment(image, name));
        if let Some((Expanded { text, known }, at)) = built {
            // `ENV A=$B` where the base image sets B.
            let filled = if *known {
                Some(text.clone())
            } else {
                interpolated(text, &|name| Some(Some(shipped(name)?.to_owned())))
            };
            return filled.map_or(ContainerVariable::Unknown, |text| ContainerVariable::Value(text, Some(at)));
        }
        match shipped(name) {
            Some(value) => ContainerVariable::Value(value.to_owned(), None),
            None if image.is_some_and(|image| php_image::layout(&image).is_known()) => ContainerVariable::Unset,
            None => ContainerVariable::Unknown,
        }
    }

    /// The image that its PHP comes from, as far as its name is known.
    pub(super) fn php_image(self) -> Option<ImageRef> {
        let image = &self.image_source().service.image_use;
        image.reference.clone().or_else(|| php_image::reference(&image.text))
    }

    /// A value of an ini file with its variables replaced; `None` when one of them is not known.
    pub(super) fn ini_value(self, value: &str, interpolates: bool) -> Option<String> {
        if !interpolates || !value.contains("${") {
            return Some(value.to_owned());
        }
        interpolated(value, &|name| match self.container_variable(name) {
            ContainerVariable::Value(value, _) => Some(Some(value)),
            ContainerVariable::Unset => Some(None),
            ContainerVariable::Unknown => None,
        })
    }

    /// The project's file that a piece of a container's file is.
    #[must_use]
    pub fn container_source(self, path: &str) -> Option<SourceId> {
        let files = self.container_files();
        match files.files.get(path)?.pieces.as_slice() {
            [Piece::Project(id)] => Some(*id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_values() {
        let lookup = |name: &str| match name {
            "A" => Some(Some("1".to_owned())),
            "E" => Some(Some(String::new())),
            "U" => None,
            _ => Some(None),
        };
        for (value, want) in [
            ("${A}M", Some("1M")),
            ("x${N}y", Some("xy")),
            ("${N:-d}", Some("d")),
            ("${E:-d}", Some("d")),
            ("${U}", None),
            ("${A", Some("${A")),
            ("$A", Some("$A")),
        ] {
            assert_eq!(interpolated(value, &lookup).as_deref(), want, "{value}");
        }
    }
}
