//! What the settings of the Docker daemon leave open.

use super::Project;
use crate::source::Location;

/// One thing that the daemon leaves open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DaemonGap {
    /// What the daemon does, for a sentence that begins with its name: `logs for debugging`.
    pub what: &'static str,
    /// Where it is said, or where it would be.
    pub at: Location,
    /// Whether a text says it, not only the lack of one.
    pub is_written: bool,
}

impl Project<'_> {
    /// What the daemon leaves open; nothing without `daemon.json` and `docker info`, for Docker Desktop and for Podman.
    #[must_use]
    pub fn daemon_gaps(&self) -> Vec<DaemonGap> {
        let mut gaps = Vec::new();
        let Some(daemon) = self.inventory.daemon.as_ref() else { return gaps };
        let home = daemon.file.or_else(|| Some(daemon.security.as_ref()?.first()?.at));
        let Some(home) = home.filter(|_| !daemon.podman && daemon.is_desktop() != Some(true)) else { return gaps };
        let is = |key: &str, value: &str| daemon.setting(key).filter(|setting| setting.value == value);
        let secured = |name: &str| daemon.has_security(name) == Some(true);
        let remapped = daemon.setting("userns-remap").is_some_and(|setting| !setting.value.trim().is_empty());
        if !remapped && !secured("rootless") && !secured("userns") {
            let is_written = daemon.security.is_some() || daemon.setting("userns-remap").is_some();
            gaps.push(DaemonGap { what: "makes root of a container root of the host", at: home, is_written });
        }
        if daemon.file.is_some() && is("icc", "false").is_none() && self.uses_default_bridge() {
            let at = daemon.setting("icc").map_or(home, |setting| setting.at);
            let what = "lets containers on the default bridge talk to each other";
            gaps.push(DaemonGap { what, at, is_written: true });
        }
        if let Some(setting) = is("debug", "true").or_else(|| is("log-level", "debug")) {
            gaps.push(DaemonGap { what: "logs for debugging", at: setting.at, is_written: true });
        }
        if let Some(setting) = is("experimental", "true") {
            gaps.push(DaemonGap { what: "runs experimental features", at: setting.at, is_written: true });
        }
        gaps
    }

    /// Whether a service is on the engine's own bridge, where no other network is made for it.
    fn uses_default_bridge(&self) -> bool {
        self.services().any(|service| {
            service.network_mode.as_ref().is_some_and(|mode| mode.is_known() && mode.text == "bridge")
                || (service.is_running() && service.network_names().contains(&"bridge"))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn gaps(daemon: &str) -> usize {
        let sources = sources(&[("daemon.json", daemon)]);
        Project::new(&sources, TODAY).daemon_gaps().len()
    }

    #[test]
    fn what_is_open() {
        assert_eq!(gaps("{\"userns-remap\": \"default\"}\n"), 0);
        assert_eq!(gaps("{\"live-restore\": true}\n"), 1);
        assert_eq!(gaps("{\"debug\": true, \"experimental\": true, \"log-level\": \"debug\"}\n"), 3);
        assert_eq!(gaps("{\"userns-remap\": \"default\", \"debug\": false}\n"), 0);
    }
}
