//! Which crontab runs in which service, and as whom its jobs run.

use super::{Project, ServiceRef};
use crate::source::{Location, SourceId, file_name, join};
use crate::syntax::crontab::{self, Schedule};
use crate::syntax::dockerfile::Keyword;

/// A job that a service runs at set times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledJob {
    /// When.
    pub schedule: Schedule,
    /// The command.
    pub command: String,
    /// Where the command is written.
    pub at: Location,
    /// The user it runs as: named in its line, or the owner of the crontab. `None` where the process that reads it decides.
    pub user: Option<String>,
    /// Where the user is named, when it is.
    pub user_at: Option<Location>,
    /// Where the crontab stands in the container.
    pub path: String,
}

/// What kind of crontab stands at a path of a container.
enum Place {
    /// `/etc/crontab`, `/etc/cron.d`: lines name a user.
    System,
    /// A user's own: the file has the user's name.
    OfUser(String),
    /// Wherever a program such as supercronic reads it.
    Elsewhere,
}

impl ServiceRef<'_, '_> {
    /// The jobs of every crontab that is mounted or copied into it, or that its command names.
    #[must_use]
    pub fn scheduled_jobs(self) -> Vec<ScheduledJob> {
        let mut found = Vec::new();
        let mut seen: Vec<(SourceId, String)> = Vec::new();
        for (id, path) in self.placed_files() {
            let Some(place) = place(&path).or_else(|| self.is_named(&path).then_some(Place::Elsewhere)) else {
                continue;
            };
            if seen.iter().any(|(known, at)| *known == id && *at == path) {
                continue;
            }
            seen.push((id, path.clone()));
            found.extend(jobs(self.project(), id, &path, &place));
        }
        found
    }

    /// Files of the project that stand in the container, with their paths there.
    fn placed_files(self) -> Vec<(SourceId, String)> {
        let project = self.project();
        let mut found = Vec::new();
        let mut add = |source: &str, target: &str| {
            if let Some(id) = project.sources.id(source) {
                found.push((id, target.to_owned()));
                return;
            }
            // A folder: each file in it. Cron reads no folders below its own.
            let below = format!("{source}/");
            for (id, file) in project.sources.iter() {
                if let Some(rest) = file.path().strip_prefix(&below).filter(|rest| !rest.contains('/')) {
                    found.push((id, format!("{}/{rest}", target.trim_end_matches('/'))));
                }
            }
        };
        for mount in &self.mounts {
            let may = mount.target.contains("cron") || self.is_named(&mount.target);
            if let Some(source) = mount.source.as_deref().filter(|source| may && source.starts_with('.')) {
                add(&join(&self.view().folder, source), &mount.target);
            }
        }
        if let Some(used) = &self.build_use {
            for copy in used.copies(project).into_iter().filter(|copy| used.is_final(copy.stage)) {
                if !(copy.destination.contains("cron") || self.is_named(&copy.destination)) {
                    continue;
                }
                for source in &copy.sources {
                    let Some(context) = used.context.as_deref() else { continue };
                    let path = join(context, &source.path);
                    let into_folder = copy.destination.ends_with('/') && project.sources.id(&path).is_some();
                    let target = if into_folder {
                        format!("{}{}", copy.destination, file_name(&source.path))
                    } else {
                        copy.destination.clone()
                    };
                    add(&path, &target);
                }
            }
        }
        found
    }

    /// Whether its command, or a `RUN crontab FILE` of its image, names a path.
    fn is_named(self, path: &str) -> bool {
        let tools = ["supercronic", "crontab", "go-crond", "crond"];
        let names = |words: &[String]| {
            words.iter().any(|word| tools.contains(&file_name(word))) && words.iter().any(|word| word == path)
        };
        let command = self.main_command().words;
        let split: Vec<String> = command.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
        names(&split) || self.installs_crontab(path)
    }

    /// `RUN crontab /path`: the file becomes the crontab of the user that runs the line.
    fn installs_crontab(self, path: &str) -> bool {
        let Some(used) = &self.build_use else { return false };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project().dockerfile(id)?))) else {
            return false;
        };
        let text = self.project().text(id);
        used.final_instructions(file).filter(|(_, instruction)| instruction.keyword == Keyword::Run).any(|(_, run)| {
            run.scripts(text)
                .iter()
                .flat_map(|script| &script.script.commands)
                .any(|command| command.program() == Some("crontab") && command.operands().any(|word| word.text == path))
        })
    }
}

fn place(path: &str) -> Option<Place> {
    let name = file_name(path);
    let within =
        |folder: &str| path.strip_prefix(folder).is_some_and(|rest| !rest.trim_start_matches('/').contains('/'));
    if path == "/etc/crontab" || within("/etc/cron.d/") {
        return Some(Place::System);
    }
    let own = ["/etc/crontabs/", "/var/spool/cron/crontabs/", "/var/spool/cron/"].iter().any(|folder| within(folder));
    own.then(|| Place::OfUser(name.to_owned()))
}

fn jobs(project: &Project<'_>, id: SourceId, path: &str, place: &Place) -> Vec<ScheduledJob> {
    let cron = crontab::parse(project.text(id));
    let with_user = matches!(place, Place::System);
    cron.entries
        .iter()
        .map(|entry| {
            let job = entry.job(with_user);
            let user = match place {
                Place::OfUser(name) => Some(name.clone()),
                _ => job.user.as_ref().map(|(name, _)| name.clone()),
            };
            ScheduledJob {
                schedule: entry.schedule.clone(),
                command: job.command,
                at: Location::new(id, job.command_span),
                user,
                user_at: job.user.map(|(_, span)| Location::new(id, span)),
                path: path.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn jobs(files: &[(&str, &str)]) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let jobs: Vec<_> = project.services().flat_map(|service| service.scheduled_jobs()).collect();
        jobs.iter()
            .map(|job| format!("{} {} {}", job.path, job.user.as_deref().unwrap_or("?"), project.slice(job.at)))
            .collect()
    }

    #[test]
    fn whose_crontab_it_is() {
        let cron = "* * * * * www-data php artisan schedule:run\n";
        let own = "0 3 * * * php backup.php\n";
        let compose = "services:\n  cron:\n    build: .\n    volumes: [\"./docker/crond:/etc/cron.d\"]\n";
        let dockerfile = "FROM php:8.4-cli\nCOPY docker/root.cron /etc/crontabs/root\nCOPY docker/app.txt /app.cron\nRUN crontab /app.cron\n";
        let found = jobs(&[
            ("compose.yaml", compose),
            ("Dockerfile", dockerfile),
            ("docker/crond/app", cron),
            ("docker/root.cron", own),
            ("docker/app.txt", own),
        ]);
        assert_eq!(
            found,
            [
                "/etc/cron.d/app www-data php artisan schedule:run",
                "/etc/crontabs/root root php backup.php",
                "/app.cron ? php backup.php",
            ]
        );
    }

    #[test]
    fn supercronic_is_told_a_path() {
        let compose = "services:\n  cron:\n    image: x:1\n    command: supercronic /etc/app.tab\n    volumes: [\"./app.tab:/etc/app.tab:ro\"]\n";
        assert_eq!(jobs(&[("compose.yaml", compose), ("app.tab", "@daily php x\n")]), ["/etc/app.tab ? php x"]);
    }
}
