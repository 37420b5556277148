//! What is left of a container's way to the host once every fault is taken away: its user, what it drops, whether it may gain
//! privileges.

use crate::graph::model::{EscapeReason, Evidence, Tier};
use crate::project::{DecidedBy, Dropped, EffectiveUser, Privilege, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// The reason that every container has: hardened, or as Docker leaves it.
pub(super) fn base(service: ServiceRef<'_, '_>, user: &EffectiveUser) -> EscapeReason {
    if service.is_partly_known() {
        let evidence = vec![Evidence::new(service.at, "the container was listed, not inspected")];
        let reason = "Docker's defaults are assumed, as it was not inspected".to_owned();
        return EscapeReason { tier: Tier::T4, reason, evidence, cause: None };
    }
    let dropped = service.dropped_capabilities();
    let guard = no_new_privileges(service);
    let unprivileged = matches!(user.privilege, Privilege::NonRoot | Privilege::Drops);
    let mut evidence = vec![user_evidence(user)];
    if dropped == Dropped::All {
        let first = service.spec.cap_drop.first();
        evidence.extend(first.map(|text| Evidence::new(text.at, "every capability is dropped")));
    }
    if let Some(at) = guard {
        evidence.push(Evidence::new(at, "processes cannot gain privileges"));
    }
    if unprivileged && dropped == Dropped::All && guard.is_some() {
        return EscapeReason { tier: Tier::T5, reason: "hardened".to_owned(), evidence, cause: None };
    }
    let reason = if unprivileged {
        let mut left: Vec<&str> = kept(dropped, service.spec.cap_add.is_empty()).into_iter().collect();
        left.extend(guard.is_none().then_some("no-new-privileges is off"));
        left.join(", ")
    } else {
        let who = if user.privilege == Privilege::Unknown { "a user that is not known" } else { "root" };
        match kept(dropped, service.spec.cap_add.is_empty()) {
            Some(kept) => format!("{who} with {kept}"),
            None if service.spec.cap_add.is_empty() => format!("{who} without capabilities"),
            None => format!("{who} with few capabilities"),
        }
    };
    EscapeReason { tier: Tier::T4, reason, evidence, cause: None }
}

/// The capabilities that stay, unless all are dropped.
fn kept(dropped: Dropped, adds_none: bool) -> Option<&'static str> {
    match dropped {
        Dropped::Nothing if adds_none => Some("default capabilities"),
        Dropped::Nothing => Some("default capabilities and more"),
        Dropped::Part(_) => Some("most of the default capabilities"),
        Dropped::Unknown => Some("capabilities that a variable decides"),
        Dropped::All => None,
    }
}

/// What keeps processes from gaining privileges: the service's own option, else the engine's.
pub(super) fn no_new_privileges(service: ServiceRef<'_, '_>) -> Option<Location> {
    let mut options = service.spec.security_opt.iter().filter(|option| option.name == "no-new-privileges");
    match options.next_back() {
        Some(option) => option.is_no_new_privileges().then_some(option.text.at),
        None => service.project().daemon_switch("no-new-privileges"),
    }
}

/// Who its processes are, and what tells.
pub(super) fn user_evidence(user: &EffectiveUser) -> Evidence {
    let name = |text: &str| user.name.as_deref().map_or_else(|| text.to_owned(), |name| shorten(name, 40));
    let label = match user.privilege {
        Privilege::Root if user.decided_by == DecidedBy::Assumed => {
            "nothing names a user, so that it is root".to_owned()
        }
        Privilege::Root => "its processes are root".to_owned(),
        Privilege::RootMaster => "its master process is root, its workers are not".to_owned(),
        Privilege::Sudo => "it becomes root with sudo".to_owned(),
        Privilege::Drops => "it gives root up when it starts".to_owned(),
        Privilege::NonRoot => format!("its processes are {}", name("not root")),
        Privilege::Unknown => "its user is not known".to_owned(),
    };
    Evidence::new(user.at, label)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, compose, reasons, with};
    use crate::graph::model::Tier;

    fn base(keys: &str) -> String {
        with(keys).pop().unwrap()
    }

    #[test]
    fn as_docker_leaves_it() {
        assert_eq!(base("image: php:8.4-cli"), "T4 root with default capabilities");
        assert_eq!(base("image: nginx:1.29"), "T4 root with default capabilities");
        assert_eq!(base("image: php:8.4-cli\nuser: www-data"), "T4 default capabilities, no-new-privileges is off");
        assert_eq!(base("image: php:8.4-cli\nuser: www-data\ncap_drop: [ALL]"), "T4 no-new-privileges is off");
        assert_eq!(
            base("image: php:8.4-cli\ncap_drop: [ALL]\nsecurity_opt: [\"no-new-privileges:true\"]"),
            "T4 root without capabilities"
        );
        assert_eq!(base("image: php:8.4-cli\ncap_drop: [NET_RAW]"), "T4 root with most of the default capabilities");
        assert_eq!(base("image: php:8.4-cli\nuser: \"${U}\""), "T4 a user that is not known with default capabilities");
    }

    #[test]
    fn hardened() {
        let keys = "image: php:8.4-cli\nuser: \"33:33\"\ncap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE]\nsecurity_opt: [\"no-new-privileges:true\"]";
        let found = all(&[("compose.yaml", &compose(keys))]);
        assert_eq!((found.len(), found[0].tier, found[0].reason.as_str()), (1, Tier::T5, "hardened"));
        assert!(found[0].cause.is_none() && found[0].evidence.len() == 3);
        let daemon = ("daemon.json", "{\"no-new-privileges\": true}");
        let keys = "image: php:8.4-cli\nuser: \"33:33\"\ncap_drop: [ALL]";
        assert_eq!(reasons(&[("compose.yaml", &compose(keys)), daemon]), ["T5 hardened"]);
        let off = format!("{keys}\nsecurity_opt: [\"no-new-privileges:false\"]");
        assert_eq!(reasons(&[("compose.yaml", &compose(&off)), daemon]), ["T4 no-new-privileges is off"]);
    }

    #[test]
    fn a_server_that_gives_root_up_is_hardened_too() {
        let keys = "image: mysql:8.4\ncap_drop: [ALL]\ncap_add: [CHOWN, SETUID, SETGID]\nsecurity_opt: [\"no-new-privileges:true\"]";
        assert_eq!(base(keys), "T5 hardened");
    }

    #[test]
    fn a_fault_does_not_change_what_is_left() {
        let keys = "image: php:8.4-cli\nuser: \"33:33\"\ncap_drop: [ALL]\nsecurity_opt: [\"no-new-privileges:true\", \"seccomp=unconfined\"]";
        assert_eq!(with(keys), ["T3 it may make every system call (seccomp=unconfined)", "T5 hardened"]);
    }
}
