//! Programs that parse files of strangers, and how a service that runs one is shut in.

use super::{Dropped, ServiceRef};
use crate::model::commands::PackageAction;
use crate::source::Location;
use crate::syntax::dockerfile::Keyword;

/// Packages whose programs parse what strangers upload. Those in the first list read their limits from `policy.xml`.
const WITH_POLICY: [&str; 6] =
    ["imagemagick", "ImageMagick", "ghostscript", "graphicsmagick", "imagemagick-6", "imagemagick-7"];
const WITHOUT_POLICY: [&str; 8] = [
    "libreoffice",
    "libreoffice-writer",
    "libreoffice-nogui",
    "wkhtmltopdf",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "ffmpeg",
];

/// A program in an image that parses files of strangers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parser {
    /// The package.
    pub name: String,
    /// Where it is installed.
    pub at: Location,
}

impl ServiceRef<'_, '_> {
    /// Programs in its image that parse files of strangers. With a `policy.xml` of the project, those that obey it are
    /// left out.
    #[must_use]
    pub fn parsers_in_image(self) -> Vec<Parser> {
        let project = self.project();
        let builder = self.image_source().service();
        let Some((used, id)) = builder.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            return Vec::new();
        };
        let Some(file) = project.dockerfile(id) else { return Vec::new() };
        let mut found: Vec<Parser> = Vec::new();
        let mut policy = self.mounts.iter().any(|mount| mount.target.ends_with("policy.xml"));
        for (_, instruction) in used.final_instructions(file) {
            policy |= matches!(instruction.keyword, Keyword::Copy | Keyword::Add)
                && instruction.args.iter().any(|arg| arg.text.trim_matches('"').ends_with("policy.xml"));
            if instruction.keyword != Keyword::Run {
                continue;
            }
            let scripts = instruction.scripts(project.text(id));
            for command in scripts.iter().flat_map(|script| &script.script.commands) {
                policy |= command.words.iter().any(|word| word.text.ends_with("policy.xml"));
                let Some(package) = command.package_command() else { continue };
                for named in &package.packages {
                    match package.action {
                        PackageAction::Install if is_parser(named.name) => {
                            found.push(Parser { name: named.name.to_owned(), at: Location::new(id, named.word.span) });
                        }
                        PackageAction::Remove => found.retain(|parser| parser.name != named.name),
                        _ => {}
                    }
                }
            }
        }
        found.retain(|parser| !policy || !WITH_POLICY.contains(&parser.name.as_str()));
        found
    }

    /// Whether it is shut in: read-only, without capabilities, and without a way out of its networks.
    #[must_use]
    pub fn is_locked_up(self) -> bool {
        self.read_only.is_some_and(|closed| closed.value)
            && self.dropped_capabilities() == Dropped::All
            && self.only_internal_networks()
    }
}

fn is_parser(package: &str) -> bool {
    WITH_POLICY.contains(&package) || WITHOUT_POLICY.contains(&package)
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn parsers(lines: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        let sources = sources(&[("Dockerfile", &text)]);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().parsers_in_image().into_iter().map(|parser| parser.name).collect()
    }

    #[test]
    fn what_is_installed() {
        assert_eq!(parsers("RUN apt-get install -y git imagemagick ffmpeg"), ["imagemagick", "ffmpeg"]);
        assert_eq!(parsers("RUN apk add chromium && apk del chromium"), Vec::<String>::new());
        assert_eq!(parsers("RUN apk add imagemagick ffmpeg\nCOPY policy.xml /etc/ImageMagick-7/"), ["ffmpeg"]);
        let edited = "RUN apt-get install -y imagemagick && sed -i s/a/b/ /etc/ImageMagick-6/policy.xml";
        assert_eq!(parsers(edited), Vec::<String>::new());
    }
}
