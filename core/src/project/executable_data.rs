//! Data that a server writes where others execute files: a folder or a volume that is also part of a document root or
//! of the code.

use super::ServiceRef;
use super::network::MAX_COMPARED;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::source::{Location, join};

/// Folders of images that hold code or are served.
const CODE: [&str; 5] = ["/var/www", "/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/app/public", "/srv/http"];
/// Folders of which the host or a container executes what lies in them.
const EXECUTED: [&str; 4] = ["/etc/cron", "/var/spool/cron", "/root/.ssh", "/etc/profile.d"];
/// Folders of a project that web servers serve.
const SERVED: [&str; 5] = ["public", "public_html", "htdocs", "docroot", "wp-content"];

/// A folder that a service writes and that is executed elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExecutableData<'p> {
    /// The service's own mount.
    pub mount: &'p Mount,
    /// What is so: "`web` serves it as /var/www/html/cache".
    pub what: String,
    /// Where that is written; `None` when the folder's own name tells.
    pub at: Option<Location>,
}

impl<'p> ServiceRef<'p, '_> {
    /// What it may write that is executed elsewhere.
    #[must_use]
    pub fn executable_data(self) -> Vec<ExecutableData<'p>> {
        let written = self.service.spec.mounts.iter().filter(|mount| {
            !mount.read_only && mount.known && matches!(mount.kind, MountKind::Bind | MountKind::Volume)
        });
        written.filter_map(|mount| self.executed(mount)).collect()
    }

    fn executed(self, mount: &'p Mount) -> Option<ExecutableData<'p>> {
        let source = mount.source.as_deref()?;
        for other in self.others().take(MAX_COMPARED) {
            for theirs in other.service.spec.mounts.iter().filter(|theirs| theirs.known && theirs.kind == mount.kind) {
                let outer = theirs.source.as_deref();
                let Some(rest) = outer.and_then(|outer| self.below(mount.kind, outer, source)) else { continue };
                let path = format!("{}{}", theirs.target.trim_end_matches('/'), rest);
                if other.executes(&path, rest.is_empty()) {
                    let what = format!("`{}` has it as {}", other.name, crate::text::shorten(&path, 60));
                    return Some(ExecutableData { mount, what, at: Some(theirs.at) });
                }
            }
        }
        let named = mount.kind == MountKind::Bind
            && source.starts_with('.')
            && source.split('/').any(|part| SERVED.contains(&part));
        let what = "its name is that of a folder which web servers serve".to_owned();
        named.then_some(ExecutableData { mount, what, at: None })
    }

    /// What follows `outer` in `source`, with a `/` at the front; empty when both are the same, `None` when it lies
    /// elsewhere.
    fn below(self, kind: MountKind, outer: &str, source: &str) -> Option<String> {
        if kind == MountKind::Volume || !(outer.starts_with('.') && source.starts_with('.')) {
            return (outer == source).then(String::new);
        }
        let (outer, source) = (join(&self.view.folder, outer), join(&self.view.folder, source));
        if outer.is_empty() {
            return Some(format!("/{source}"));
        }
        let rest = source.strip_prefix(&outer)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
    }

    /// Whether it executes or serves what lies at a path. A folder somewhere below the code counts only when it is
    /// served.
    fn executes(self, path: &str, whole: bool) -> bool {
        let within =
            |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        match self.docroot().filter(|root| root.is_known() && root.text.starts_with('/')) {
            Some(root) if within(root.text.trim_end_matches('/')) => true,
            _ => {
                EXECUTED.iter().any(|folder| path.starts_with(folder))
                    || whole && CODE.iter().any(|folder| within(folder))
                    || path.split('/').any(|part| SERVED.contains(&part)) && CODE.iter().any(|folder| within(folder))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn executed(volume: &str, others: &str) -> bool {
        let text = format!("services:\n  redis:\n    image: redis:8\n    volumes: [\"{volume}\"]\n{others}");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let redis = project.services().find(|service| service.name == "redis").unwrap();
        !redis.executable_data().is_empty()
    }

    #[test]
    fn what_is_executed_elsewhere() {
        let app = |volume: &str| format!("  app:\n    image: php:8.4-apache\n    volumes: [\"{volume}\"]\n");
        assert!(executed("./public/cache:/data", ""));
        assert!(executed("shared:/data", &app("shared:/var/www/html/cache")));
        assert!(executed("./src/cache:/data", &app("./src:/var/www/html")));
        assert!(executed("jobs:/data", &app("jobs:/etc/cron.d")));
        assert!(!executed("redis_data:/data", ""));
        assert!(!executed("redis_data:/data", "  backup:\n    image: x\n    volumes: [\"redis_data:/backup:ro\"]\n"));
        assert!(!executed("./redis.conf:/redis.conf:ro", &app(".:/var/www/html")));
        assert!(!executed("./public/cache:/data:ro", ""));
    }

    #[test]
    fn beside_the_document_root() {
        let web = "  web:\n    image: php:8.4-fpm\n    volumes: [\".:/var/www/html\"]\n";
        assert!(!executed("./docker/redis:/data", web), "nothing there is served");
        assert!(executed("./public/x:/data", web));
    }
}
