//! How near a container is to the machine it runs on: every setting that brings code in it closer, each with its own tier, and what
//! is left once all of them are taken away.
//!
//! Most ways out need root in the container. Where its processes are not root, such a way counts one tier less: becoming root comes
//! first. A rootless engine or one that remaps users takes another tier off, because root of a container is nobody on the host then;
//! not for the engine's own socket, which does not ask.

mod engine;
#[cfg(test)]
mod gallery;
mod host;
mod kernel;
mod posture;

use super::model::{Cause, EscapeReason, Evidence, Tier};
use crate::project::{EffectiveUser, Privilege, Project, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// Every reason why a service's container is as near to the host as it is, the nearest first; the last one says what is left without
/// the others.
pub(super) fn escapes(service: ServiceRef<'_, '_>) -> Vec<EscapeReason> {
    let mut ways = Ways::new(service);
    engine::add(&mut ways);
    host::add(&mut ways);
    kernel::add(&mut ways);
    let base = posture::base(service, &ways.user);
    let mut found = ways.found;
    found.sort_by_key(|reason| reason.tier);
    found.push(base);
    found
}

/// What code that an attacker runs in a container is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inside {
    /// Root, or somebody who becomes root with what the image holds.
    Root,
    /// Not root, or not known.
    Less,
}

/// The ways out of one container while they are collected.
struct Ways<'p, 'a> {
    service: ServiceRef<'p, 'a>,
    user: EffectiveUser,
    inside: Inside,
    /// What makes root of the container nobody on the host.
    remapped: Option<Evidence>,
    found: Vec<EscapeReason>,
}

/// One way out before it is weighed.
struct Way {
    tier: Tier,
    reason: String,
    evidence: Vec<Evidence>,
    cause: Option<Cause>,
}

impl<'p, 'a> Ways<'p, 'a> {
    fn new(service: ServiceRef<'p, 'a>) -> Self {
        let user = service.effective_user();
        let inside = inside(service, &user);
        Self { service, user, inside, remapped: remapped(service), found: Vec::new() }
    }

    /// A way that counts the same for every user, but less where root of the container is nobody on the host.
    fn add(&mut self, mut way: Way) {
        if let Some(remapped) = self.remapped.as_ref().filter(|_| way.tier <= Tier::T1) {
            way.tier = if way.tier == Tier::T0 { Tier::T1 } else { Tier::T2 };
            way.evidence.push(remapped.clone());
        }
        self.add_as_is(way);
    }

    /// A way that leads straight to the host for root only: for others it is one tier further.
    fn add_for_root(&mut self, mut way: Way) {
        way.evidence.push(posture::user_evidence(&self.user));
        if self.inside == Inside::Less && way.tier == Tier::T0 {
            way.tier = Tier::T1;
        }
        self.add(way);
    }

    /// A way that nothing about users changes.
    fn add_as_is(&mut self, way: Way) {
        let Way { tier, reason, evidence, cause } = way;
        self.found.push(EscapeReason { tier, reason, evidence, cause });
    }

    /// What takes a way away. The service is named where the place belongs to it alone: what several take over from one place goes
    /// with one change.
    fn cause(&self, rule: &'static str, what: &str, at: Location) -> Option<Cause> {
        let node = &self.service.spec.node;
        let own = node.source == at.source && node.span.start <= at.span.start && at.span.end <= node.span.end;
        let change = if own && self.service.settings_home() == self.service.at {
            format!("Remove {what} from {}", shorten(&self.service.name, 60))
        } else {
            format!("Remove {what}")
        };
        Some(Cause { rule: Some(rule), change, at })
    }

    /// Where a namespace is the host's.
    fn host_namespace(&self, name: &str) -> Option<Location> {
        let mut all = self.service.spec.namespaces.iter();
        all.find(|(key, mode)| *key == name && mode.is_known() && mode.text == "host").map(|(_, mode)| mode.at)
    }
}

/// Workers of a master that is root are not root themselves. Programs of the image that make root of anybody count, unless their
/// effect is switched off.
fn inside(service: ServiceRef<'_, '_>, user: &EffectiveUser) -> Inside {
    match user.privilege {
        Privilege::Root | Privilege::Sudo => Inside::Root,
        Privilege::Unknown => Inside::Less,
        Privilege::RootMaster | Privilege::Drops | Privilege::NonRoot => {
            let becomes = posture::no_new_privileges(service).is_none() && !service.privilege_gains().is_empty();
            if becomes { Inside::Root } else { Inside::Less }
        }
    }
}

/// What makes root of the container nobody on the host: a rootless engine, or users that are remapped for it.
fn remapped(service: ServiceRef<'_, '_>) -> Option<Evidence> {
    let project = service.project();
    if let Some(at) = rootless(project) {
        return Some(Evidence::new(at, "the engine is rootless: root of a container is no root of the host"));
    }
    let left_out = service.spec.namespaces.iter().any(|(key, mode)| *key == "userns_mode" && mode.text == "host");
    let at = remaps_users(project).filter(|_| !left_out)?;
    Some(Evidence::new(at, "users are remapped: root of a container is no root of the host"))
}

/// Where the engine says that it runs without root.
pub(super) fn rootless(project: &Project<'_>) -> Option<Location> {
    security(project, "rootless")
}

/// Where the engine says that it remaps users.
pub(super) fn remaps_users(project: &Project<'_>) -> Option<Location> {
    let setting = project.inventory.daemon.as_ref()?.setting("userns-remap");
    let setting = setting.filter(|setting| !setting.value.trim().is_empty()).map(|setting| setting.at);
    setting.or_else(|| security(project, "userns"))
}

/// A security option of the engine.
fn security(project: &Project<'_>, name: &str) -> Option<Location> {
    let options = project.inventory.daemon.as_ref()?.security.as_ref()?;
    options.iter().find(|option| option.value.split(',').next() == Some(name)).map(|option| option.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    /// Each reason of the service `a`, as `tier reason`.
    pub(super) fn reasons(files: &[(&str, &str)]) -> Vec<String> {
        all(files).into_iter().map(|reason| format!("{} {}", reason.tier.as_str(), reason.reason)).collect()
    }

    pub(super) fn all(files: &[(&str, &str)]) -> Vec<EscapeReason> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let service = project.services().find(|service| service.name == "a").unwrap();
        escapes(service)
    }

    /// The reasons of a service with these keys, each on a line of its own.
    pub(super) fn with(keys: &str) -> Vec<String> {
        reasons(&[("compose.yaml", &compose(keys))])
    }

    pub(super) fn compose(keys: &str) -> String {
        let lines: Vec<String> = keys.lines().map(|line| format!("    {line}")).collect();
        format!("services:\n  a:\n{}\n", lines.join("\n"))
    }

    #[test]
    fn the_nearest_comes_first_and_the_rest_last() {
        let keys = "image: php:8.4-cli\nipc: host\npid: host\nprivileged: true";
        assert_eq!(
            with(keys),
            [
                "T0 it runs privileged",
                "T2 it sees every process of the host (pid: host)",
                "T3 it shares memory with the host (ipc: host)",
                "T4 root with default capabilities",
            ]
        );
    }

    #[test]
    fn a_program_with_setuid_makes_root() {
        let files = |more: &str| {
            let compose = format!("services:\n  a:\n    build: .\n    privileged: true\n{more}");
            let dockerfile = "FROM php:8.4-cli\nRUN apt-get update && apt-get install -y sudo\nUSER www-data\n";
            reasons(&[("compose.yaml", &compose), ("Dockerfile", dockerfile)])
        };
        assert_eq!(files("")[0], "T0 it runs privileged");
        assert_eq!(files("    security_opt: [\"no-new-privileges:true\"]\n")[0], "T1 it runs privileged");
    }

    #[test]
    fn remapped_users_take_a_tier_off() {
        let daemon = ("daemon.json", "{\"userns-remap\": \"default\"}");
        let run = |keys: &str| reasons(&[("compose.yaml", &compose(keys)), daemon]);
        assert_eq!(
            run("image: php:8.4-cli\ncap_add: [SYS_ADMIN]")[0],
            "T1 it may mount file systems and more (SYS_ADMIN)"
        );
        assert_eq!(
            run("image: php:8.4-cli\nuserns_mode: host\ncap_add: [SYS_ADMIN]")[0],
            "T0 it may mount file systems and more (SYS_ADMIN)"
        );
        let socket = "image: php:8.4-cli\nvolumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]";
        assert_eq!(run(socket)[0], "T0 the engine's socket is mounted");
    }

    #[test]
    fn what_several_share_goes_with_one_change() {
        let compose = "x-base: &base\n  image: php:8.4-cli\n  privileged: true\nservices:\n  a:\n    <<: *base\n  b:\n    <<: *base\n";
        let files = sources(&[("compose.yaml", compose)]);
        let project = Project::new(&files, TODAY);
        let causes: Vec<Option<Cause>> = project.services().map(|service| escapes(service).remove(0).cause).collect();
        assert_eq!(causes[0], causes[1]);
        assert_eq!(causes[0].as_ref().unwrap().change, "Remove privileged: true");
        let own = all(&[("compose.yaml", &super::tests::compose("image: php:8.4-cli\nprivileged: true"))]);
        assert_eq!(own[0].cause.as_ref().unwrap().change, "Remove privileged: true from a");
    }
}
