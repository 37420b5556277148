//! PHP's settings file in an image: which one is put in place, by copy, move, link, redirection or mount.

use super::{BuildUse, Parsed, Project, ServiceRef};
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::{Instruction, Keyword};

/// Where the settings of a service's PHP come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IniSource {
    /// `php.ini-production`, or a file of the project.
    Production(Location),
    /// `php.ini-development`.
    Development(Location),
    /// Only a drop-in, which switches `display_errors` off.
    DropIn(Location),
    /// Nothing.
    None,
}

impl ServiceRef<'_, '_> {
    /// The image's name for a message: the service, or the Dockerfile when there is no service.
    #[must_use]
    pub fn image_name(self) -> String {
        self.name.clone()
    }

    /// Whether its image is one that ships without a php.ini and serves requests or jobs with PHP.
    #[must_use]
    pub fn needs_production_ini(self) -> bool {
        let Some(image) = &self.image_use.reference else { return false };
        let bare = image.registry.is_none() && matches!(image.path.as_str(), "php" | "dunglas/frankenphp");
        // Images built on `php` that say nothing of errors themselves; their own code decides, so they are reported when run as they are.
        let application = image.registry.is_none() && matches!(image.path.as_str(), "drupal" | "nextcloud" | "matomo") && !self.image_use.is_base;
        bare || application
    }

    /// The settings file that PHP reads.
    #[must_use]
    pub fn php_ini(self) -> IniSource {
        let mut found = IniSource::None;
        if let Some((used, file)) = self.build_use.as_ref().and_then(|used| Some((used, self.project().dockerfile(used.dockerfile?)?))) {
            for (_, instruction) in used.final_instructions(file) {
                if let Some(source) = instruction_ini(self.project(), used, instruction) {
                    found = better(found, source);
                }
            }
        }
        for mount in &self.mounts {
            let ini = mount.target.ends_with("/php.ini") || mount.target.trim_end_matches('/') == "/usr/local/etc/php";
            if ini {
                let development = mount.source.as_deref().is_some_and(|source| source.contains("development"));
                found = if development { IniSource::Development(mount.at) } else { IniSource::Production(mount.at) };
            } else if mount.target.contains("/conf.d/") && found == IniSource::None {
                let hides = mount.source.as_deref().and_then(|source| self.project().sources.id(&crate::source::join(&self.view().folder, source)));
                if hides.is_some_and(|id| hides_errors(self.project(), id)) {
                    found = IniSource::DropIn(mount.at);
                }
            }
        }
        found
    }
}

/// A later php.ini replaces an earlier one; a drop-in adds to what is there.
fn better(known: IniSource, new: IniSource) -> IniSource {
    match (known, new) {
        (IniSource::Production(_) | IniSource::Development(_), IniSource::DropIn(_)) => known,
        (_, new) => new,
    }
}

fn instruction_ini(project: &Project<'_>, used: &BuildUse, instruction: &Instruction) -> Option<IniSource> {
    let source = used.dockerfile?;
    let at = Location::new(source, instruction.header_span);
    match instruction.keyword {
        Keyword::Copy | Keyword::Add => {
            let (destination, sources) = instruction.args.split_last()?;
            let to_folder = |folder: &str| ["$PHP_INI_DIR", "${PHP_INI_DIR}", "/usr/local/etc/php"].iter().any(|base| destination.text.trim_matches('"').trim_end_matches('/') == format!("{base}{folder}"));
            let names: Vec<&str> = sources.iter().map(|arg| file_name(arg.text.trim_matches('"'))).collect();
            let ini = destination.text.trim_matches('"').ends_with("/php.ini") || to_folder("") && names.iter().any(|name| *name == "php.ini" || !name.contains('.'));
            if ini {
                let development = names.iter().any(|name| name.contains("development"));
                return Some(if development { IniSource::Development(at) } else { IniSource::Production(at) });
            }
            let drop_in = destination.text.contains("/conf.d");
            let hides = drop_in
                && used.context_files(project).into_iter().filter(|path| path.ends_with(".ini")).any(|path| {
                    let taken = sources.iter().any(|arg| {
                        let name = crate::source::normalise(arg.text.trim_matches('"'));
                        name == path || path.strip_prefix(&name).is_some_and(|rest| rest.starts_with('/'))
                    });
                    taken && used.context_source(project, path).is_some_and(|id| hides_errors(project, id))
                });
            hides.then_some(IniSource::DropIn(at))
        }
        Keyword::Run => {
            for script in instruction.scripts(project.text(source)) {
                for command in &script.script.commands {
                    let name = file_name(command.name().unwrap_or(""));
                    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
                    let place = Location::new(source, command.span);
                    let redirected = command.redirects.iter().any(|redirect| redirect.target.text.ends_with("/php.ini"));
                    let target = words.last().is_some_and(|last| last.ends_with("/php.ini") || last.trim_end_matches('/').ends_with("PHP_INI_DIR"));
                    if matches!(name, "mv" | "cp" | "ln" | "install") && target || redirected {
                        let development = words.iter().any(|word| word.contains("php.ini-development"));
                        return Some(if development { IniSource::Development(place) } else { IniSource::Production(place) });
                    }
                    let writes_drop_in = command.redirects.iter().any(|redirect| redirect.target.text.contains("/conf.d/"));
                    let text = words.join(" ").to_ascii_lowercase();
                    if writes_drop_in && text.contains("display_errors") && ["off", "=0", "= 0"].iter().any(|off| text.contains(off)) {
                        return Some(IniSource::DropIn(place));
                    }
                }
            }
            None
        }
        _ => None,
    }
}

fn hides_errors(project: &Project<'_>, id: crate::source::SourceId) -> bool {
    let Parsed::Ini(ini) = &project.file(id).parsed else { return false };
    ini.get("display_errors").and_then(|entry| Some(entry.value.as_str())).is_some_and(|value| crate::syntax::ini::truthy(value) == Some(false) || value.eq_ignore_ascii_case("stderr"))
}
