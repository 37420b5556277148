//! The secrets that code in a service can read, and what they open.
//!
//! Only names are kept, never a value. A secret that comes to a service in several ways is listed once if the service needs it in
//! any of them, and else once for each change that closes a way: only all of them together take it away.

mod classes;
mod files;
mod image;
mod logins;
mod variables;

use super::influence::told::{Told, told};
use super::model::{Cause, Evidence, External, HeldSecret, SecretClass};
use crate::project::ServiceRef;
use logins::Setting;

/// A secret on its way to a service, before anything says what it is good for.
struct Held {
    /// The variable, or the path in the container.
    name: String,
    /// The name by which it is judged: of a file, that of the variable or the grant that names it.
    key: String,
    /// Its value, where it is known. Goes no further than here.
    value: Option<String>,
    /// Whether only root can read it.
    root_only: bool,
    /// The top-level secret that it is granted from.
    granted: Option<String>,
    /// Where it comes from.
    evidence: Evidence,
    /// What would take it away, where the service does not need it.
    cause: Option<Cause>,
}

/// The secrets of a service, by name.
pub(super) fn secrets(
    service: ServiceRef<'_, '_>,
    services: &[ServiceRef<'_, '_>],
    externals: &[External],
) -> Vec<HeldSecret> {
    let told = told(service);
    let held = held(service, &told);
    if held.is_empty() {
        return Vec::new();
    }
    let own = services.iter().position(|other| other.name == service.name);
    let setting = Setting { services, own, externals, told: &told };
    let mut found: Vec<HeldSecret> = Vec::new();
    for one in held {
        let one = judged(&setting, one);
        match found.iter_mut().find(|known| is_same(known, &one)) {
            Some(known) => join(known, one),
            None => found.push(one),
        }
    }
    found.sort_by(|a, b| (&a.name, &a.cause).cmp(&(&b.name, &b.cause)));
    // What is needed first makes every other way to it needless to look at.
    found.dedup_by(|later, first| {
        let needed = first.name == later.name && first.cause.is_none();
        if needed {
            join(first, later.clone());
        }
        needed
    });
    found
}

/// Whether two ways lead to the same secret and one change closes both, or none does.
fn is_same(a: &HeldSecret, b: &HeldSecret) -> bool {
    a.name == b.name && a.cause == b.cause
}

/// Every way by which a secret comes to a service.
fn held(service: ServiceRef<'_, '_>, told: &[Told]) -> Vec<Held> {
    let exposed = service.over_exposed();
    let mut held = variables::of_container(service, &exposed);
    held.extend(files::grants(service, &exposed));
    held.extend(files::mounts(service));
    held.extend(image::baked(service));
    held.extend(image::copied(service, told));
    held.extend(files::wordpress(service));
    held
}

/// A second way to the same secret.
fn join(known: &mut HeldSecret, second: HeldSecret) {
    known.root_only &= second.root_only;
    let is_new = |one: &Evidence| known.evidence.iter().all(|other| other.at != one.at);
    let more: Vec<Evidence> = second.evidence.into_iter().filter(is_new).collect();
    known.evidence.extend(more);
}

fn judged(setting: &Setting<'_, '_, '_>, held: Held) -> HeldSecret {
    let opened = logins::opened(setting, &held);
    let class = match classes::class_of(&held.key, held.value.as_deref()) {
        // What opens a store of the deployment is no key to a cloud: an object store speaks the language of one.
        _ if !opened.services.is_empty() => SecretClass::Credential,
        SecretClass::Other if classes::store_of(&held.key).is_some() => SecretClass::Credential,
        class => class,
    };
    HeldSecret {
        name: held.name,
        class,
        root_only: held.root_only,
        opens: opened.services,
        opens_external: opened.externals,
        superuser: opened.superuser,
        evidence: vec![held.evidence],
        cause: held.cause,
    }
}

#[cfg(test)]
#[path = "holdings/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "holdings/gallery.rs"]
mod gallery;
