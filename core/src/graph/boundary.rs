//! The boundaries of a container, one by one: how Docker draws them, and which a stack has moved. Always the same rows, so that two
//! services or two states of one can be compared.

mod confinement;
mod namespaces;
mod resources;

use super::model::Evidence;
use super::outcome::{Boundary, BoundarySheet, Standing};
use crate::project::ServiceRef;
use crate::source::Location;

/// The sheet of a service.
#[must_use]
pub fn sheet(service: ServiceRef<'_, '_>) -> BoundarySheet {
    let container = Container::of(service);
    let mut boundaries = namespaces::rows(&container);
    boundaries.extend(confinement::rows(&container));
    boundaries.extend(resources::rows(&container));
    if service.is_partly_known() {
        boundaries.iter_mut().for_each(not_inspected);
    }
    BoundarySheet { service: service.name.clone(), boundaries }
}

/// A service, and whether it runs privileged: that moves many boundaries at once.
struct Container<'p, 'a> {
    service: ServiceRef<'p, 'a>,
    privileged: Option<Location>,
    /// Where a variable decides whether it runs privileged.
    maybe_privileged: Option<Location>,
}

impl<'p, 'a> Container<'p, 'a> {
    fn of(service: ServiceRef<'p, 'a>) -> Self {
        let privileged = service.privileged.as_ref().filter(|privileged| privileged.value).map(|written| written.at);
        Self { service, privileged, maybe_privileged: service.spec.unknown("privileged") }
    }

    /// The state of a boundary that `privileged` decides, where it is written.
    fn by_privilege(&self, state: &str) -> Option<Stand> {
        if let Some(at) = self.privileged {
            return Some(Stand::new(Standing::Weakened, state).with(at, "privileged: true"));
        }
        let at = self.maybe_privileged?;
        Some(Stand::new(Standing::Unknown, "a variable decides whether it runs privileged").with(at, "privileged"))
    }
}

/// How a boundary stands, before it has a name.
struct Stand {
    standing: Standing,
    state: String,
    evidence: Vec<Evidence>,
}

impl Stand {
    fn new(standing: Standing, state: impl Into<String>) -> Self {
        Self { standing, state: state.into(), evidence: Vec::new() }
    }

    /// As Docker does without being asked.
    fn on(state: &str) -> Self {
        Self::new(Standing::OnByDefault, state)
    }

    /// As Docker leaves it without being asked.
    fn off(state: &str) -> Self {
        Self::new(Standing::OffByDefault, state)
    }

    fn with(mut self, at: Location, label: impl Into<String>) -> Self {
        self.evidence.push(Evidence::new(at, label));
        self
    }

    fn named(self, name: &'static str, title: &'static str) -> Boundary {
        let Self { standing, state, evidence } = self;
        Boundary { name, title, standing, state, evidence }
    }
}

/// What `docker ps` alone does not tell is neither Docker's default nor a variable's doing.
fn not_inspected(boundary: &mut Boundary) {
    let by_default = matches!(boundary.standing, Standing::OnByDefault | Standing::OffByDefault);
    if boundary.standing == Standing::Unknown || (by_default && boundary.evidence.is_empty()) {
        boundary.standing = Standing::Unknown;
        "docker inspect would tell".clone_into(&mut boundary.state);
        boundary.evidence.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// The rows of the service `a`.
    pub(super) fn all(files: &[(&str, &str)]) -> Vec<Boundary> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let service = project.services().find(|service| service.name == "a").unwrap();
        sheet(service).boundaries
    }

    pub(super) fn compose(keys: &str) -> String {
        let lines: Vec<String> = keys.lines().map(|line| format!("    {line}")).collect();
        format!("services:\n  a:\n{}\n", lines.join("\n"))
    }

    /// One row of a service with these keys, as `standing: state`.
    pub(super) fn row(name: &str, keys: &str) -> String {
        row_of(name, &[("compose.yaml", &compose(&format!("image: php:8.4-cli\n{keys}")))])
    }

    pub(super) fn row_of(name: &str, files: &[(&str, &str)]) -> String {
        let row = all(files).into_iter().find(|row| row.name == name).unwrap();
        format!("{}: {}", row.standing.as_str(), row.state)
    }

    #[test]
    fn always_the_same_rows() {
        let names = |keys: &str| -> Vec<&'static str> {
            all(&[("compose.yaml", &compose(keys))]).iter().map(|row| row.name).collect()
        };
        let plain = names("image: php:8.4-cli");
        assert_eq!(plain, names("image: x\nprivileged: true\nnetwork_mode: host\nread_only: true\nmem_limit: 1g"));
        assert_eq!(
            plain,
            [
                "pid-namespace",
                "ipc-namespace",
                "network-namespace",
                "uts-namespace",
                "user-namespace",
                "cgroup-namespace",
                "capabilities",
                "seccomp",
                "security-module",
                "masked-paths",
                "user",
                "no-new-privileges",
                "root-filesystem",
                "memory",
                "processors",
                "processes",
                "devices",
            ]
        );
    }

    #[test]
    fn nothing_is_weakened_where_nothing_is_said() {
        for row in all(&[("compose.yaml", &compose("image: php:8.4-cli"))]) {
            assert!(matches!(row.standing, Standing::OnByDefault | Standing::OffByDefault), "{row:?}");
        }
    }

    #[test]
    fn privileged_moves_many_at_once() {
        let rows = all(&[("compose.yaml", &compose("image: php:8.4-cli\nprivileged: true\ncap_drop: [ALL]"))]);
        let weakened: Vec<&str> =
            rows.iter().filter(|row| row.standing == Standing::Weakened).map(|row| row.name).collect();
        assert_eq!(weakened, ["capabilities", "seccomp", "security-module", "masked-paths", "devices"]);
        assert!(rows.iter().filter(|row| row.standing == Standing::Weakened).all(|row| row.evidence.len() == 1));
        let unknown = row("seccomp", "privileged: \"${P}\"");
        assert_eq!(unknown, "unknown: a variable decides whether it runs privileged");
    }

    #[test]
    fn a_container_that_was_only_listed() {
        let line = "{\"ID\":\"0123456789ab\",\"Names\":\"a\",\"Image\":\"php:8.4-cli\",\"State\":\"running\",\"Labels\":\"\",\"Ports\":\"\"}\n";
        let files = sources(&[("docker-ps.ndjson", line)]);
        let project = Project::new(&files, TODAY);
        let Some(service) = project.running_services().next() else { panic!("no container is read") };
        let sheet = sheet(service);
        let seccomp = sheet.boundaries.iter().find(|row| row.name == "seccomp").unwrap();
        assert_eq!((seccomp.standing, seccomp.state.as_str()), (Standing::Unknown, "docker inspect would tell"));
    }
}
