//! What a container's processes may ask of the kernel, and who they are.

use super::{Container, Stand};
use crate::facts::Level;
use crate::facts::capabilities;
use crate::graph::outcome::{Boundary, Standing};
use crate::model::compose::{SecurityOpt, Text};
use crate::project::{DecidedBy, Dropped, Privilege};
use crate::text::{list, shorten};

/// How many capabilities Docker grants without being asked.
const GRANTED: usize = 14;

pub(super) fn rows(container: &Container<'_, '_>) -> Vec<Boundary> {
    vec![
        capability_set(container).named("capabilities", "Capabilities"),
        seccomp(container).named("seccomp", "Seccomp profile"),
        security_module(container).named("security-module", "AppArmor or SELinux"),
        masked(container).named("masked-paths", "Masked kernel paths"),
        user(container).named("user", "User"),
        no_new_privileges(container).named("no-new-privileges", "No new privileges"),
    ]
}

fn option<'p>(container: &Container<'p, '_>, name: &str) -> Option<&'p SecurityOpt> {
    container.service.service().spec.security_opt.iter().rfind(|option| option.name == name)
}

fn capability_set(container: &Container<'_, '_>) -> Stand {
    if let Some(stand) = container.by_privilege("all of them") {
        return stand;
    }
    let spec = &container.service.service().spec;
    let dropped = container.service.dropped_capabilities();
    if dropped == Dropped::Unknown || spec.cap_add.iter().any(|added| !added.is_known()) {
        let open = spec.cap_drop.iter().chain(&spec.cap_add).find(|text| !text.is_known());
        let stand = Stand::new(Standing::Unknown, "a variable decides");
        return match open {
            Some(text) => stand.with(text.at, shorten(&text.text, 60)),
            None => stand,
        };
    }
    let all = dropped == Dropped::All;
    let added = names(&spec.cap_add);
    let mut stand = if added.iter().any(|name| name == "ALL") {
        Stand::new(Standing::Weakened, "all of them")
    } else {
        Stand::new(standing(dropped, &added), said(all, &names(&spec.cap_drop), &added))
    };
    for text in &spec.cap_drop {
        stand = stand.with(text.at, format!("{} is dropped", capabilities::normalise(&text.text)));
    }
    for text in &spec.cap_add {
        stand = stand.with(text.at, format!("{} is added", capabilities::normalise(&text.text)));
    }
    stand
}

/// What Docker does not grant weakens; after everything was dropped, only what is dangerous does.
fn standing(dropped: Dropped, added: &[String]) -> Standing {
    let foreign = |name: &String| {
        let dangerous = capabilities::row(name).is_some_and(|row| row.level >= Level::Medium);
        dangerous || (dropped != Dropped::All && !capabilities::is_default(name))
    };
    match dropped {
        _ if added.iter().any(foreign) => Standing::Weakened,
        Dropped::Nothing | Dropped::Unknown => Standing::OnByDefault,
        Dropped::All | Dropped::Part(_) => Standing::Strengthened,
    }
}

fn said(all: bool, dropped: &[String], added: &[String]) -> String {
    let few = |names: &[String]| {
        let shown: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
        if names.len() > shown.len() { format!("{} more", names.len()) } else { shorten(&list(&shown), 160) }
    };
    match (all, added.is_empty()) {
        (true, true) => "none".to_owned(),
        (true, false) => format!("none but {}", few(added)),
        (false, _) => {
            let mut said = format!("{GRANTED} by default");
            if !dropped.is_empty() {
                said += &format!(", {} dropped", few(dropped));
            }
            if !added.is_empty() {
                said += &format!(", {} added", few(added));
            }
            said
        }
    }
}

fn names(texts: &[Text]) -> Vec<String> {
    let mut names: Vec<String> = texts.iter().map(|text| capabilities::normalise(&text.text)).collect();
    names.dedup();
    names
}

fn seccomp(container: &Container<'_, '_>) -> Stand {
    if let Some(stand) = container.by_privilege("none: every system call is allowed") {
        return stand;
    }
    if let Some(option) = option(container, "seccomp") {
        let text = shorten(&option.text.text, 60);
        let stand = if !option.text.is_known() {
            Stand::new(Standing::Unknown, "a variable decides")
        } else if option.is_unconfined() {
            Stand::new(Standing::Weakened, "none: every system call is allowed")
        } else if matches!(option.value.as_deref(), Some("builtin" | "default")) {
            Stand::on("Docker's profile")
        } else {
            Stand::new(Standing::Unknown, "a profile of its own")
        };
        return stand.with(option.text.at, text);
    }
    let daemon = container.service.project().inventory.daemon.as_ref();
    match daemon.and_then(|daemon| daemon.setting("seccomp-profile")).filter(|profile| !profile.value.is_empty()) {
        Some(profile) if profile.value == "unconfined" => {
            Stand::new(Standing::Weakened, "none: every system call is allowed")
                .with(profile.at, "the engine's seccomp-profile is unconfined")
        }
        Some(profile) if profile.value != "builtin" => {
            Stand::new(Standing::Unknown, "a profile of the engine's own").with(profile.at, "seccomp-profile")
        }
        _ => Stand::on("Docker's profile"),
    }
}

fn security_module(container: &Container<'_, '_>) -> Stand {
    if let Some(stand) = container.by_privilege("no profile, no label") {
        return stand;
    }
    let written = option(container, "apparmor").or_else(|| option(container, "label"));
    if let Some(option) = written {
        let value = option.value.as_deref().unwrap_or_default();
        let stand = if !option.text.is_known() {
            Stand::new(Standing::Unknown, "a variable decides")
        } else if option.is_unconfined() || value.ends_with("spc_t") {
            let what = if option.name == "label" { "without SELinux's separation" } else { "no AppArmor profile" };
            Stand::new(Standing::Weakened, what)
        } else if value == "docker-default" {
            Stand::on("docker-default of AppArmor")
        } else {
            Stand::new(Standing::Unknown, format!("{} of its own, {}", noun(option), shorten(value, 60)))
        };
        return stand.with(option.text.at, shorten(&option.text.text, 60));
    }
    let daemon = container.service.project().inventory.daemon.as_ref();
    let has = |name: &str| daemon.and_then(|daemon| daemon.has_security(name));
    let running = container.service.container().and_then(|found| found.details.as_ref()?.apparmor.as_ref());
    if let Some(profile) = running.filter(|profile| !profile.value.is_empty() && has("apparmor") == Some(true)) {
        let stand = if profile.value == "unconfined" {
            Stand::new(Standing::Weakened, "no AppArmor profile")
        } else {
            Stand::on(&format!("{} of AppArmor", shorten(&profile.value, 60)))
        };
        return stand.with(profile.at, "the container's profile");
    }
    match (has("apparmor"), has("selinux")) {
        (Some(true), _) => Stand::on("docker-default of AppArmor"),
        (_, Some(true)) => Stand::on("a label of its own of SELinux"),
        (Some(false), Some(false)) => {
            let at = daemon.and_then(|daemon| daemon.security.as_ref()?.first().map(|option| option.at));
            let stand = Stand::off("none: the host has neither");
            match at {
                Some(at) => stand.with(at, "the engine's security options"),
                None => stand,
            }
        }
        _ => Stand::on("docker-default of AppArmor or a label of SELinux, where the host has one"),
    }
}

fn noun(option: &SecurityOpt) -> &'static str {
    if option.name == "label" { "a label" } else { "a profile" }
}

fn masked(container: &Container<'_, '_>) -> Stand {
    if let Some(stand) = container.by_privilege("all of /proc and /sys is visible and writable") {
        return stand;
    }
    match option(container, "systempaths").filter(|option| option.is_unconfined()) {
        Some(option) => Stand::new(Standing::Weakened, "all of /proc and /sys is visible and writable")
            .with(option.text.at, shorten(&option.text.text, 60)),
        None => Stand::on("parts of /proc and /sys are hidden or read-only"),
    }
}

fn user(container: &Container<'_, '_>) -> Stand {
    let service = container.service;
    let user = service.effective_user();
    let name = shorten(user.name.as_deref().unwrap_or("another user"), 60);
    let stand = match user.privilege {
        Privilege::Root if user.decided_by == DecidedBy::Assumed => {
            return Stand::off("root, as nothing names a user");
        }
        Privilege::Root | Privilege::RootMaster if service.root_override().is_some() => {
            Stand::new(Standing::Weakened, "root, although its image has another user")
        }
        Privilege::Root => Stand::off("root"),
        Privilege::RootMaster => Stand::off("root; its workers are not"),
        Privilege::Sudo => Stand::new(Standing::Weakened, format!("{name}, who becomes root with sudo")),
        Privilege::Drops => Stand::new(Standing::Strengthened, "starts as root and gives it up"),
        Privilege::NonRoot => Stand::new(Standing::Strengthened, name),
        Privilege::Unknown => Stand::new(Standing::Unknown, "not known"),
    };
    let label = match user.decided_by {
        DecidedBy::Compose => "its user",
        DecidedBy::Dockerfile => "the last USER of its stage",
        DecidedBy::Image => "the user of its image",
        DecidedBy::Assumed => "nothing names a user",
    };
    // What is not known of an image is written nowhere, and root of an image that nobody changed is a default.
    let by_default = stand.standing == Standing::OffByDefault && user.decided_by == DecidedBy::Image;
    if by_default { stand } else { stand.with(user.at, label) }
}

fn no_new_privileges(container: &Container<'_, '_>) -> Stand {
    let daemon = container.service.project().daemon_switch("no-new-privileges");
    match (option(container, "no-new-privileges"), daemon) {
        (Some(option), _) if !option.text.is_known() => {
            Stand::new(Standing::Unknown, "a variable decides").with(option.text.at, "no-new-privileges")
        }
        (Some(option), _) if option.is_no_new_privileges() => {
            Stand::new(Standing::Strengthened, "processes cannot gain privileges")
                .with(option.text.at, shorten(&option.text.text, 60))
        }
        (Some(option), Some(at)) => Stand::new(Standing::Weakened, "processes may gain privileges")
            .with(option.text.at, shorten(&option.text.text, 60))
            .with(at, "the engine sets it for the others"),
        (None, Some(at)) => Stand::new(Standing::Strengthened, "processes cannot gain privileges")
            .with(at, "the engine sets it for all"),
        (_, None) => Stand::off("processes may gain privileges"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compose, row, row_of};

    #[test]
    fn capabilities() {
        for (keys, said) in [
            ("", "on-by-default: 14 by default"),
            ("cap_drop: [ALL]", "strengthened: none"),
            ("cap_drop: [all]\ncap_add: [CHOWN, SETUID]", "strengthened: none but CHOWN and SETUID"),
            ("cap_drop: [ALL]\ncap_add: [SYS_ADMIN]", "weakened: none but SYS_ADMIN"),
            ("cap_drop: [NET_RAW]", "strengthened: 14 by default, NET_RAW dropped"),
            ("cap_add: [CAP_NET_ADMIN]", "weakened: 14 by default, NET_ADMIN added"),
            ("cap_add: [CHOWN]", "on-by-default: 14 by default, CHOWN added"),
            ("cap_add: [ALL]", "weakened: all of them"),
            ("cap_add: [\"${CAP}\"]", "unknown: a variable decides"),
        ] {
            assert_eq!(row("capabilities", keys), said, "{keys}");
        }
    }

    #[test]
    fn profiles() {
        assert_eq!(row("seccomp", ""), "on-by-default: Docker's profile");
        assert_eq!(
            row("seccomp", "security_opt: [\"seccomp:unconfined\"]"),
            "weakened: none: every system call is allowed"
        );
        assert_eq!(row("seccomp", "security_opt: [\"seccomp=./chrome.json\"]"), "unknown: a profile of its own");
        assert_eq!(row("security-module", "security_opt: [\"apparmor=unconfined\"]"), "weakened: no AppArmor profile");
        assert_eq!(
            row("security-module", "security_opt: [\"label=disable\"]"),
            "weakened: without SELinux's separation"
        );
        assert!(row("masked-paths", "security_opt: [\"systempaths=unconfined\"]").starts_with("weakened: "));
        let daemon = ("daemon.json", "{\"seccomp-profile\": \"unconfined\"}");
        let text = compose("image: redis:8");
        assert!(row_of("seccomp", &[("compose.yaml", &text), daemon]).starts_with("weakened: "));
    }

    #[test]
    fn users() {
        assert_eq!(row("user", ""), "off-by-default: root");
        assert_eq!(row("user", "user: www-data"), "strengthened: www-data");
        assert_eq!(row("user", "user: \"${U}\""), "unknown: not known");
        let image = |image: &str| row_of("user", &[("compose.yaml", &compose(&format!("image: {image}")))]);
        assert_eq!(image("nginx:1.29"), "off-by-default: root; its workers are not");
        assert_eq!(image("mysql:8.4"), "strengthened: starts as root and gives it up");
    }

    #[test]
    fn gaining_privileges() {
        assert_eq!(row("no-new-privileges", ""), "off-by-default: processes may gain privileges");
        let on = "security_opt: [\"no-new-privileges:true\"]";
        assert_eq!(row("no-new-privileges", on), "strengthened: processes cannot gain privileges");
        let daemon = ("daemon.json", "{\"no-new-privileges\": true}");
        let run = |keys: &str| row_of("no-new-privileges", &[("compose.yaml", &compose(keys)), daemon]);
        assert_eq!(run("image: redis:8"), "strengthened: processes cannot gain privileges");
        assert_eq!(
            run("image: redis:8\nsecurity_opt: [\"no-new-privileges:false\"]"),
            "weakened: processes may gain privileges"
        );
    }
}
