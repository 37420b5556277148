//! Secrets in files of a container: granted by Compose, mounted, or lying in a mounted folder of the project.

use super::Held;
use super::classes::is_secret;
use super::variables::EXPOSED;
use crate::facts::host_paths::PathCategory;
use crate::facts::secrets::{KeyStrength, key_is_secret, secret_file};
use crate::graph::doors::{cause, name_of};
use crate::graph::model::{Cause, Evidence, SecretClass};
use crate::model::compose::Grant;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::project::{CodeMount, Context, Exposed, Exposure, Group, ServiceRef, WordpressConfig, secret_in};
use crate::source::{Location, SourceId, file_name, join};
use crate::syntax::php::ValueKind;
use crate::text::shorten;

/// Environment files of applications.
const ENVIRONMENTS: [&str; 4] = [".env", ".env.local", ".env.prod", ".env.production"];
/// Files with a key or a login that lie beside code.
const KEYS: [&str; 5] = ["auth.json", "deploy_key", "id_rsa", "id_ed25519", "storage/oauth-private.key"];
/// Longer files are no login.
const MAX_LOGIN: usize = 64 << 10;
/// Constants of WordPress that are secret.
const WORDPRESS: [&str; 5] = ["DB_PASSWORD", "AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY"];

/// Secrets that Compose grants, and configs that are secret by their name.
pub(super) fn grants(service: ServiceRef<'_, '_>, exposed: &[Exposure]) -> Vec<Held> {
    let needless = |grant: &Grant| {
        let found = exposed.iter().find(|exposure| match &exposure.how {
            Exposed::ForeignGrant { secret, .. } | Exposed::Unused(secret) => *secret == grant.source,
            _ => false,
        })?;
        let change = format!("Do not grant {} to {}", shorten(&grant.source, 60), name_of(service));
        Some(cause(EXPOSED, found.at, change))
    };
    let spec = &service.service().spec;
    let secrets = spec.secrets.iter().map(|grant| granted(service, grant, needless(grant)));
    let configs = spec.configs.iter().filter(|grant| is_secret_name(&grant.source) || is_secret_file(&grant.target));
    secrets.chain(configs.map(|grant| granted(service, grant, None))).collect()
}

fn granted(service: ServiceRef<'_, '_>, grant: &Grant, cause: Option<Cause>) -> Held {
    // The variable that names the file says more than the name that somebody gave the secret.
    let named = service.service().variables.iter().find_map(|variable| {
        let path = variable.value.as_ref()?.text.trim();
        variable.key.strip_suffix("_FILE").filter(|_| path == grant.target)
    });
    let key = named.map_or(grant.source.as_str(), |key| key.trim_end_matches('_'));
    Held {
        name: shorten(&grant.target, 120),
        key: key.to_owned(),
        value: None,
        root_only: is_for_root(service, grant),
        granted: Some(grant.source.clone()),
        evidence: Evidence::new(grant.at, format!("{} is granted here", shorten(&grant.source, 60))),
        cause,
    }
}

/// Whether the file belongs to root and is closed to others. Compose mounts a file of the host as it is, whatever the grant says.
fn is_for_root(service: ServiceRef<'_, '_>, grant: &Grant) -> bool {
    let of_host = service.view().secrets.iter().any(|secret| secret.name == grant.source && secret.file.is_some());
    let root = |owner: &Option<crate::model::compose::Text>| {
        owner.as_ref().is_none_or(|owner| owner.is_known() && matches!(owner.text.as_str(), "0" | "root"))
    };
    let closed = grant.mode.is_some_and(|mode| mode & 0o007 == 0 && (mode & 0o070 == 0 || root(&grant.owner.1)));
    closed && !of_host && root(&grant.owner.0)
}

/// Whether a name announces a secret.
fn is_secret_name(name: &str) -> bool {
    key_is_secret(name).is_some_and(|strength| strength >= KeyStrength::Pattern)
}

fn is_secret_file(path: &str) -> bool {
    secret_file(path.trim_start_matches('/')).is_some() && class_of_file(path).is_some()
}

/// What a file is good for by its name; `None` for what is no key and no login.
pub(super) fn class_of_file(path: &str) -> Option<SecretClass> {
    let name = file_name(path);
    let keys = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "deploy_key", "auth.json", ".netrc", ".git-credentials"];
    if name.ends_with("oauth-private.key") || path.contains("jwt/") {
        return Some(SecretClass::ApplicationKey);
    }
    let cloud = path.contains("/.aws/") || path.contains(".docker/config.json") || name.starts_with("kubeconfig");
    if keys.contains(&name) || cloud {
        return Some(SecretClass::Critical);
    }
    let named = is_secret_name(name.split('.').next().unwrap_or(name)) || path.contains("/secrets/");
    named.then_some(SecretClass::Other)
}

/// Secrets that mounts bring: credentials of the host, files, and what lies in a mounted folder of the project.
pub(super) fn mounts(service: ServiceRef<'_, '_>) -> Vec<Held> {
    let mut found = of_host(service);
    for mount in service.service().spec.mounts.iter().filter(|mount| mount.kind == MountKind::Bind && mount.known) {
        found.extend(single(service, mount));
    }
    for code in service.code_mounts() {
        found.extend(in_folder(service, &code));
    }
    found
}

/// Keys and tokens of a person, mounted from the host.
fn of_host(service: ServiceRef<'_, '_>) -> Vec<Held> {
    let mounts = service.host_mounts();
    let credentials =
        mounts.iter().filter(|mount| mount.sensitive().is_some_and(|row| row.category == PathCategory::Credentials));
    credentials
        .map(|host| {
            let target = shorten(&host.mount.target, 120);
            let change = format!("Take {} away from {}", shorten(&host.path, 60), name_of(service));
            Held {
                // Of all files in it, those of the person count.
                key: "SSH_KEY".to_owned(),
                value: None,
                root_only: target.starts_with("/root/"),
                granted: None,
                evidence: Evidence::new(host.at, format!("{} of the host is mounted", shorten(&host.path, 60))),
                cause: Some(cause("mounts/sensitive-host-path-mounted", host.at, change)),
                name: target,
            }
        })
        .collect()
}

/// A file of the project that is mounted by itself: the variables of an environment file, else the file.
fn single(service: ServiceRef<'_, '_>, mount: &Mount) -> Vec<Held> {
    let Some(path) = service.project_folder(mount) else { return Vec::new() };
    let name = file_name(&path);
    if let Some(id) = service.project().sources.id(&path).filter(|_| name.starts_with(".env")) {
        return of_environment(service, id, &format!("{} is mounted", shorten(&path, 60)), None);
    }
    let secret = secret_file(&path).is_some() && name.contains(|c: char| c.is_alphanumeric());
    if !secret || class_of_file(&path).is_none() || mount.target.ends_with('/') {
        return Vec::new();
    }
    vec![of_file(&mount.target, mount.at, &format!("{} is mounted", shorten(&path, 60)), None)]
}

/// What lies in a folder of the project that is mounted as code. Who only serves files needs none of it.
fn in_folder(service: ServiceRef<'_, '_>, code: &CodeMount<'_>) -> Vec<Held> {
    let project = service.project();
    let deployed = !service.context.is_development()
        && service.context != Context::Ci
        && matches!(service.role.group(), Group::Edge | Group::App | Group::Unknown);
    let change = format!("Copy the code into the image of {}", name_of(service));
    let rule = deployed.then_some("mounts/source-bind-mount-in-production");
    let away = || Some(Cause { rule, change: change.clone(), at: code.mount.at });
    let mut found = Vec::new();
    for name in ENVIRONMENTS {
        let Some(id) = project.sources.id(&join(&code.folder, name)) else { continue };
        let needless = if service.role.is_php() { None } else { away() };
        found.extend(of_environment(service, id, "it lies in the folder that is mounted", needless));
    }
    for name in KEYS {
        let Some(id) = project.sources.id(&join(&code.folder, name)) else { continue };
        if holds_key(project.text(id)) {
            let target = format!("{}/{name}", code.mount.target.trim_end_matches('/'));
            let label = format!("{name} lies in the folder that is mounted");
            found.push(of_file(&target, code.mount.at, &label, away()));
        }
    }
    found
}

/// Whether a text is a private key, or a login in JSON.
fn holds_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || (text.len() <= MAX_LOGIN && secret_in("", text).is_some())
}

/// The secrets in an environment file.
pub(super) fn of_environment(service: ServiceRef<'_, '_>, id: SourceId, how: &str, cause: Option<Cause>) -> Vec<Held> {
    let entries = service.project().env_file(id).map(|file| file.entries.as_slice()).unwrap_or_default();
    let secret = entries.iter().filter_map(|entry| Some((entry, entry.value.as_deref()?)));
    secret
        .filter(|(entry, value)| is_secret(&entry.key, value))
        .map(|(entry, value)| Held {
            name: shorten(&entry.key, 80),
            key: entry.key.clone(),
            value: Some(value.to_owned()),
            root_only: false,
            granted: None,
            evidence: Evidence::new(Location::new(id, entry.key_span), how),
            cause: cause.clone(),
        })
        .collect()
}

/// A file that is a secret as a whole.
pub(super) fn of_file(target: &str, at: Location, label: &str, cause: Option<Cause>) -> Held {
    let key = match class_of_file(target) {
        Some(SecretClass::Critical) if file_name(target) == "auth.json" => "COMPOSER_AUTH".to_owned(),
        Some(SecretClass::Critical) => "SSH_KEY".to_owned(),
        Some(SecretClass::ApplicationKey) => "APP_KEY".to_owned(),
        _ => file_name(target).split('.').next().unwrap_or("").to_owned(),
    };
    Held {
        name: shorten(target, 120),
        key,
        value: None,
        root_only: target.starts_with("/root/"),
        granted: None,
        evidence: Evidence::new(at, label),
        cause,
    }
}

/// Secret constants of a `wp-config.php` of the project.
pub(super) fn wordpress(service: ServiceRef<'_, '_>) -> Vec<Held> {
    if !service.role.is_php() || !matches!(service.wordpress_config(), Some(WordpressConfig::File(_))) {
        return Vec::new();
    }
    let constants = WORDPRESS.iter().filter_map(|name| Some((*name, service.wordpress_constant(name)?)));
    constants
        .filter_map(|(name, constant)| match constant.value {
            ValueKind::String(text) if is_secret(name, &text) || (name != "DB_PASSWORD" && !text.is_empty()) => {
                Some(Held {
                    name: name.to_owned(),
                    key: name.to_owned(),
                    value: Some(text),
                    root_only: false,
                    granted: None,
                    evidence: Evidence::new(constant.at, format!("wp-config.php defines {name}")),
                    cause: None,
                })
            }
            _ => None,
        })
        .collect()
}
