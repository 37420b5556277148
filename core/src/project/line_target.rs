//! Where a line of a script or a pipeline works: on what serves users, on a developer's machine, or on something that the job throws
//! away.

use super::{Context, DockerLine, Project, ShellUnit};
use crate::detect::Kind;
use crate::model::docker_cli::Action;
use crate::source::file_name;
use crate::syntax::shell::Place;

/// What a line works on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineTarget {
    /// What serves users, and what tells so.
    Deployment(&'static str),
    /// Nothing tells.
    Unknown,
    /// A developer's machine.
    Development,
    /// A container that lives as long as the job.
    Throwaway,
}

/// Words in the name of a script or target that runs on servers.
const ON_SERVERS: [&str; 10] =
    ["deploy", "deployment", "release", "prod", "production", "live", "rollout", "hotfix", "upgrade", "rollback"];

/// Words in the name of a script or target that sets a developer's machine up.
const AT_HOME: [&str; 22] = [
    "dev",
    "develop",
    "install",
    "setup",
    "init",
    "bootstrap",
    "test",
    "tests",
    "phpunit",
    "lint",
    "build",
    "start",
    "up",
    "local",
    "composer",
    "npm",
    "vendor",
    "assets",
    "shell",
    "sh",
    "bash",
    "reset",
];

impl Project<'_> {
    /// What a line works on.
    #[must_use]
    pub fn line_target(&self, line: &DockerLine) -> LineTarget {
        let Some(unit) = self.unit_of(line) else { return LineTarget::Unknown };
        let by_daemon = self.remote_daemon(line);
        if matches!(line.place, Place::Remote(_)) {
            return LineTarget::Deployment("it runs over SSH");
        }
        if by_daemon {
            return LineTarget::Deployment("it is sent to the engine of another machine");
        }
        if line.in_pipeline {
            return LineTarget::Throwaway;
        }
        let files = match &line.invocation.action {
            Action::Compose(compose) => compose.files.as_slice(),
            _ => &[],
        };
        let of_files = files.iter().rev().find_map(|file| Context::of_name(file_name(&file.text)));
        match (self.unit_target(unit), of_files) {
            (LineTarget::Development, _) if unit.context.is_development() => LineTarget::Development,
            (_, Some(context)) if context.is_development() => LineTarget::Development,
            (LineTarget::Deployment(why), _) => LineTarget::Deployment(why),
            (_, Some(_)) => LineTarget::Deployment("it names the Compose file of a deployment"),
            (target, None) => target,
        }
    }

    /// What the name of a script, of its folder or of a target tells.
    #[must_use]
    pub fn unit_target(&self, unit: &ShellUnit) -> LineTarget {
        let path = self.path(unit.source);
        let named = |words: &[&str], name: &str| {
            name.split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| words.contains(&word.to_ascii_lowercase().as_str()))
        };
        let kind = self.file(unit.source).kind;
        if unit.in_pipeline {
            return LineTarget::Throwaway;
        }
        if unit.context.is_development() {
            return LineTarget::Development;
        }
        if matches!(unit.context, Context::Production | Context::Staging) {
            return LineTarget::Deployment("its file is named for a deployment");
        }
        if kind == Kind::Crontab {
            return LineTarget::Deployment("a crontab runs it");
        }
        if named(&ON_SERVERS, unit.name.as_deref().unwrap_or("")) || named(&ON_SERVERS, path) {
            return LineTarget::Deployment("its name says that it deploys");
        }
        // A Makefile is the developer's own tool unless it says otherwise.
        if kind == Kind::Makefile || named(&AT_HOME, file_name(path.trim_end_matches(".sh"))) {
            return LineTarget::Development;
        }
        LineTarget::Unknown
    }

    /// Whether a line is sent to an engine elsewhere: over SSH, or by a context. The engine beside a job is none.
    fn remote_daemon(&self, line: &DockerLine) -> bool {
        let elsewhere = |address: &str| address.starts_with("ssh://");
        let by_line = line.invocation.host.as_ref().is_some_and(|host| elsewhere(&host.text));
        let by_context = line.invocation.context.as_ref().is_some_and(|context| context.text != "default");
        let by_variable = self
            .unit_of(line)
            .and_then(|unit| unit.scope.get("DOCKER_HOST"))
            .is_some_and(|(address, _)| elsewhere(&address));
        by_line || by_context || by_variable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn target(path: &str, text: &str) -> LineTarget {
        let files = sources(&[(path, text)]);
        let project = Project::new(&files, TODAY);
        let line = project.docker_lines().last().unwrap();
        project.line_target(line)
    }

    #[test]
    fn scripts() {
        let line = "#!/bin/sh\ndocker exec app ls\n";
        assert!(matches!(target("deploy.sh", line), LineTarget::Deployment(_)));
        assert!(matches!(target("bin/prod/x.sh", line), LineTarget::Deployment(_)));
        assert_eq!(target("bin/setup.sh", line), LineTarget::Development);
        assert_eq!(target("bin/dev.sh", line), LineTarget::Development);
        assert_eq!(target("bin/x.sh", line), LineTarget::Unknown);
        let remote = "#!/bin/sh\nssh root@host 'docker exec app ls'\n";
        assert!(matches!(target("bin/setup.sh", remote), LineTarget::Deployment(_)));
        let files = "#!/bin/sh\ndocker compose -f compose.yaml -f compose.prod.yaml exec app ls\n";
        assert!(matches!(target("bin/x.sh", files), LineTarget::Deployment(_)));
        let host = "#!/bin/sh\ndocker -H ssh://root@host exec app ls\n";
        assert!(matches!(target("bin/x.sh", host), LineTarget::Deployment(_)));
    }

    #[test]
    fn makefiles_are_for_developers_unless_they_say_otherwise() {
        assert_eq!(target("Makefile", "fix:\n\tdocker exec app ls\n"), LineTarget::Development);
        assert!(matches!(target("Makefile", "deploy:\n\tdocker exec app ls\n"), LineTarget::Deployment(_)));
    }

    #[test]
    fn jobs_throw_their_containers_away() {
        let job = "test:\n  script:\n    - docker exec app ls\n";
        assert_eq!(target(".gitlab-ci.yml", job), LineTarget::Throwaway);
        let remote = "deploy:\n  script:\n    - ssh deploy@host 'docker exec app ls'\n";
        assert!(matches!(target(".gitlab-ci.yml", remote), LineTarget::Deployment(_)));
    }
}
