//! PHP's settings file in an image: which one is put in place, by copy, move, link, redirection or mount.

use super::{BuildUse, Parsed, Project, ServiceRef};
use crate::model::dockerfile::LinkSource;
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword, ShellScript};

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
        // Of a container that was only listed, nobody knows what is mounted where.
        let Some(image) = self.image_use.reference.as_ref().filter(|_| !self.is_partly_known()) else { return false };
        let bare = image.registry.is_none() && matches!(image.path.as_str(), "php" | "dunglas/frankenphp");
        // Images built on `php` that say nothing of errors themselves; their own code decides, so they are reported when run as they are.
        let application = image.registry.is_none()
            && matches!(image.path.as_str(), "drupal" | "nextcloud" | "matomo")
            && !self.image_use.is_base;
        bare || application
    }

    /// The settings file that PHP reads.
    #[must_use]
    pub fn php_ini(self) -> IniSource {
        let mut found = IniSource::None;
        if let Some((used, file)) =
            self.build_use.as_ref().and_then(|used| Some((used, self.project().dockerfile(used.dockerfile?)?)))
        {
            for (_, instruction) in used.final_instructions(file) {
                if let Some(source) = instruction_ini(self.project(), used, instruction) {
                    found = better(found, source);
                }
            }
            found = ini_of_other_stages(self.project(), used, file).fold(found, better);
        }
        for mount in &self.mounts {
            let ini = mount.target.ends_with("/php.ini") || mount.target.trim_end_matches('/') == "/usr/local/etc/php";
            if ini {
                let development = mount.source.as_deref().is_some_and(|source| source.contains("development"));
                found = if development { IniSource::Development(mount.at) } else { IniSource::Production(mount.at) };
            } else if mount.target.contains("/conf.d/") && found == IniSource::None {
                let hides = mount
                    .source
                    .as_deref()
                    .and_then(|source| self.project().sources.id(&crate::source::join(&self.view().folder, source)));
                if hides.is_some_and(|id| hides_errors(self.project(), id)) {
                    found = IniSource::DropIn(mount.at);
                }
            }
        }
        found
    }
}

/// The settings files of stages that a `COPY --from` takes them from.
fn ini_of_other_stages<'d>(
    project: &'d Project<'_>,
    used: &'d BuildUse,
    file: &'d Dockerfile,
) -> impl Iterator<Item = IniSource> + 'd {
    const SETTINGS: &str = "/usr/local/etc/php/php.ini";
    let takes = |path: &str| {
        let path = path.trim_matches('"').replace("${PHP_INI_DIR}", "/usr/local/etc/php");
        let path = path.replace("$PHP_INI_DIR", "/usr/local/etc/php");
        let rest = SETTINGS.strip_prefix(path.trim_end_matches('/'));
        path.starts_with('/') && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let stages = used.final_chain().into_iter().filter_map(|index| used.model.stages.get(index));
    let links = stages.flat_map(|stage| &stage.links);
    let from = links.filter_map(move |link| {
        let LinkSource::Stage(from) = link.source else { return None };
        let instruction = file.instructions.get(link.instruction)?.effective();
        let sources = instruction.args.split_last().map(|(_, sources)| sources)?;
        sources.iter().any(|source| takes(&source.text)).then_some(from)
    });
    from.filter_map(move |from| {
        let chain = used.model.chain(from);
        let run = used.instructions(file).filter(|(stage, _)| chain.contains(stage));
        run.filter_map(|(_, instruction)| instruction_ini(project, used, instruction)).reduce(better)
    })
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
        Keyword::Copy | Keyword::Add => copied_ini(project, used, instruction, at),
        Keyword::Run => instruction.scripts(project.text(source)).iter().find_map(|script| run_ini(source, script)),
        _ => None,
    }
}

/// Where PHP of the official image looks for its settings.
const INI_FOLDERS: [&str; 3] = ["$PHP_INI_DIR", "${PHP_INI_DIR}", "/usr/local/etc/php"];

fn copied_ini(project: &Project<'_>, used: &BuildUse, instruction: &Instruction, at: Location) -> Option<IniSource> {
    let (destination, sources) = instruction.args.split_last()?;
    let destination = destination.text.trim_matches('"');
    let known = |path: &str| INI_FOLDERS.iter().find_map(|folder| path.strip_prefix(folder)).map(str::to_owned);
    let judge = |path: &str, from: &str| match known(path)?.as_str() {
        "/php.ini" if from.contains("development") => Some(IniSource::Development(at)),
        "/php.ini" => Some(IniSource::Production(at)),
        below if below.starts_with("/conf.d/") => {
            used.context_source(project, from).filter(|id| hides_errors(project, *id)).map(|_| IniSource::DropIn(at))
        }
        _ => None,
    };
    let mut found = None;
    for arg in sources {
        let from = crate::source::normalise(arg.text.trim_matches('"'));
        let into_folder = destination.ends_with('/')
            || known(destination).is_some_and(|below| matches!(below.as_str(), "" | "/conf.d"));
        let target = if into_folder {
            format!("{}/{}", destination.trim_end_matches('/'), file_name(&from))
        } else {
            destination.to_owned()
        };
        found = found.or_else(|| judge(&target, &from));
        if instruction.flag("from").is_none() {
            // A folder's content is copied, not the folder.
            let prefix = if from.is_empty() { String::new() } else { format!("{from}/") };
            let below = used.context_files(project).into_iter().filter(|path| path.ends_with(".ini"));
            let inside = below.filter_map(|path| {
                judge(&format!("{}/{}", destination.trim_end_matches('/'), path.strip_prefix(&prefix)?), path)
            });
            found = inside.fold(found, |best, source| Some(best.map_or(source, |best| better(best, source))));
        }
    }
    found
}

fn run_ini(source: crate::source::SourceId, script: &ShellScript) -> Option<IniSource> {
    let commands = &script.script.commands;
    for command in commands {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        let place = Location::new(source, command.span);
        let redirected = command.redirects.iter().any(|redirect| redirect.target.text.ends_with("/php.ini"));
        let target = words
            .last()
            .is_some_and(|last| last.ends_with("/php.ini") || last.trim_end_matches('/').ends_with("PHP_INI_DIR"));
        if matches!(command.name(), Some("mv" | "cp" | "ln" | "install")) && target || redirected {
            let development = words.iter().any(|word| word.contains("php.ini-development"));
            return Some(if development { IniSource::Development(place) } else { IniSource::Production(place) });
        }
    }
    // `{ echo 'display_errors = Off'; … } > conf.d/x.ini`: the redirection belongs to the group, the setting to a command in it.
    let off = commands.iter().find(|command| {
        let text =
            command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let value = text.split_once("display_errors").map(|(_, rest)| rest.trim_start_matches([' ', '=', '\t']));
        value.is_some_and(|value| value.starts_with("off") || value.starts_with('0') || value.starts_with("stderr"))
    })?;
    Some(IniSource::DropIn(Location::new(source, off.span)))
}

fn hides_errors(project: &Project<'_>, id: crate::source::SourceId) -> bool {
    let Parsed::Ini(ini) = &project.file(id).parsed else { return false };
    ini.get("display_errors").map(|entry| entry.value.as_str()).is_some_and(|value| {
        // `${PHP_DISPLAY_ERRORS}`: an image that makes it a switch has thought of it.
        crate::syntax::ini::truthy(value) == Some(false) || value.eq_ignore_ascii_case("stderr") || value.contains("${")
    })
}
