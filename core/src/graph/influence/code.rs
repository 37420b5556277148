//! Files that one service writes and another executes: shared code, and a Redis that can be told to write among it.

use super::payload::answers_requests;
use crate::graph::doors::{cause, main_level, name_of, request_level};
use crate::graph::model::{Cause, Evidence, Influence, InfluenceKind, Level, ServiceId};
use crate::model::compose::mounts::{Mount, MountKind};
use crate::project::{Context, Group, ServiceRef, overlap};
use crate::source::normalise;
use crate::text::shorten;

/// A mount that PHP executes code from.
struct Code<'p, 'a> {
    to: ServiceId,
    service: ServiceRef<'p, 'a>,
    mount: &'p Mount,
    /// What the code runs as.
    level: Level,
    /// The rule that reports the mount as such.
    rule: Option<&'static str>,
}

/// Services that can write what others execute. Not looked at in deployments that are too large to compare pair by pair.
pub(super) fn volumes(services: &[ServiceRef<'_, '_>]) -> Vec<Influence> {
    if !services.first().is_some_and(|service| service.view().is_comparable()) {
        return Vec::new();
    }
    let executed = executed(services);
    let mut found = Vec::new();
    for (from, writer) in services.iter().enumerate().filter(|(_, writer)| !writer.is_one_shot()) {
        let mounts = shared(*writer).filter(|mount| !mount.read_only);
        let mut reached: Vec<ServiceId> = Vec::new();
        for mount in mounts {
            for code in executed.iter().filter(|code| code.to != from) {
                let new = !reached.contains(&code.to);
                if new && overlaps(mount, code.mount) && writes_code(*writer, mount, code) {
                    reached.push(code.to);
                    found.push(volume((from, *writer, mount), code));
                }
            }
        }
    }
    found
}

/// Mounts that PHP executes code from.
fn executed<'p, 'a>(services: &[ServiceRef<'p, 'a>]) -> Vec<Code<'p, 'a>> {
    let mut found = Vec::new();
    for (to, service) in services.iter().enumerate() {
        if !service.role.is_php() || service.is_one_shot() {
            continue;
        }
        let code: Vec<&Mount> = shared(*service).filter(|mount| service.is_code_path(&mount.target)).collect();
        if code.is_empty() {
            continue;
        }
        let level = code_level(*service);
        let deployed = !service.context.is_development() && service.context != Context::Ci;
        let bound = if deployed { service.code_mounts() } else { Vec::new() };
        let hidden = service.code_volumes();
        for mount in code {
            let rule = if bound.iter().any(|found| found.mount.at == mount.at) {
                Some("mounts/source-bind-mount-in-production")
            } else {
                hidden.iter().any(|found| found.mount.at == mount.at).then_some("drift/code-in-mutable-volume")
            };
            found.push(Code { to, service: *service, mount, level, rule });
        }
    }
    found
}

/// Mounts that other containers may have too.
pub(super) fn shared<'p>(service: ServiceRef<'p, '_>) -> impl Iterator<Item = &'p Mount> {
    service
        .service()
        .spec
        .mounts
        .iter()
        .filter(|mount| mount.known && matches!(mount.kind, MountKind::Bind | MountKind::Volume))
}

/// Whether two mounts show the same files. A path of the host and one beside the Compose file may: that depends on where the project
/// lies, which is not known.
pub(super) fn overlaps(a: &Mount, b: &Mount) -> bool {
    let beside = |mount: &Mount| mount.source.as_deref().is_some_and(|source| source.starts_with('.'));
    overlap(a, b) && (a.kind != MountKind::Bind || beside(a) == beside(b))
}

/// Whether what a service writes lies where the other has code. Data of a store in a folder of the project is not written under a
/// name that its clients choose; Redis has an influence of its own.
fn writes_code(writer: ServiceRef<'_, '_>, mount: &Mount, code: &Code<'_, '_>) -> bool {
    let (Some(inner), Some(outer)) = (mount.source.as_deref(), code.mount.source.as_deref()) else { return false };
    let (inner, outer) = (normalise(inner), normalise(outer));
    let below = if outer.is_empty() { Some(inner.as_str()) } else { inner.strip_prefix(&outer) };
    match below.map(|rest| rest.trim_start_matches('/')) {
        Some("") | None => true,
        Some(rest) => {
            let path = format!("{}/{rest}", code.mount.target.trim_end_matches('/'));
            writer.role.group() != Group::Data && code.service.is_code_path(&path)
        }
    }
}

fn volume((from, writer, mount): (ServiceId, ServiceRef<'_, '_>, &Mount), code: &Code<'_, '_>) -> Influence {
    let (writer_name, reader_name) = (name_of(writer), name_of(code.service));
    let source = shorten(mount.source.as_deref().unwrap_or("a volume"), 60);
    Influence {
        from,
        needs: writing_level(writer, code.service, mount),
        to: code.to,
        gives: code.level,
        kind: InfluenceKind::CodeVolume,
        cost: 1,
        reason: format!("{writer_name} can write to {source}, which {reader_name} runs as code"),
        evidence: vec![
            Evidence::new(mount.at, format!("{writer_name} can write here")),
            Evidence::new(code.mount.at, format!("{reader_name} has it as its code")),
        ],
        cause: Some(separation(writer, mount, code)),
    }
}

/// What somebody has to be in the writing container. Files that PHP of the same application keeps, or that come in over FTP, belong
/// to the user it runs as. Those of an image belong to root unless its build gives them away, and a web server only reads.
fn writing_level(writer: ServiceRef<'_, '_>, reader: ServiceRef<'_, '_>, mount: &Mount) -> Level {
    if writer.takes_in_files() {
        return Level::User;
    }
    let given_away = |service: ServiceRef<'_, '_>| {
        let packaged = service.packaged_application().is_some();
        packaged || !service.owned_code().is_empty() || !service.world_writable().is_empty()
    };
    let own = writer.role.is_php() && (mount.kind == MountKind::Bind || given_away(reader) || given_away(writer));
    if own { Level::User } else { Level::Root }
}

/// What PHP code of a service runs as: a request, or the job that its main process is.
fn code_level(service: ServiceRef<'_, '_>) -> Level {
    if matches!(service.role.name, "php-fpm" | "php-apache" | "php-app") {
        request_level(service)
    } else {
        main_level(service)
    }
}

/// The change that separates them: read-only where the writer has no code there, else code in the image.
fn separation(writer: ServiceRef<'_, '_>, mount: &Mount, code: &Code<'_, '_>) -> Cause {
    let crosses = writer.takes_in_files() || matches!(writer.role.group(), Group::Edge | Group::Data);
    let judged = !writer.view().context.is_development();
    if crosses || !writer.role.is_php() {
        let change = format!("Mount it read-only in {}", name_of(writer));
        return Cause {
            rule: (crosses && judged).then_some("mounts/writable-volume-across-trust-zones"),
            change,
            at: mount.at,
        };
    }
    let change = format!("Copy the code into the image of {}", name_of(code.service));
    Cause { rule: code.rule, change, at: code.mount.at }
}

/// Servers of the Redis family whose clients choose what is written where PHP executes it.
pub(super) fn redis_files(services: &[ServiceRef<'_, '_>]) -> Vec<Influence> {
    let mut found = Vec::new();
    for (from, redis) in services.iter().enumerate().filter(|(_, service)| service.is_redis()) {
        let data = redis.executable_data();
        if data.is_empty() || !writes_where_it_is_told(*redis) {
            continue;
        }
        for one in data {
            for (to, reader) in services.iter().enumerate() {
                // What runs jobs runs no file that lies around.
                if to == from || !answers_requests(*reader) {
                    continue;
                }
                let is_code = |mount: &&Mount| overlaps(one.mount, mount) && reader.is_code_path(&mount.target);
                let code = shared(*reader).find(is_code);
                let served = shared(*reader).find(|mount| one.at == Some(mount.at));
                let Some(code) = code.or(served) else { continue };
                found.push(redis_file((from, *redis, one.mount), (to, *reader, code)));
            }
        }
    }
    found
}

fn redis_file(
    (from, redis, mount): (ServiceId, ServiceRef<'_, '_>, &Mount),
    (to, reader, code): (ServiceId, ServiceRef<'_, '_>, &Mount),
) -> Influence {
    let (redis_name, reader_name) = (name_of(redis), name_of(reader));
    let change = format!("Give {redis_name} a volume of its own for its data");
    Influence {
        from,
        needs: Level::Data,
        to,
        gives: request_level(reader),
        kind: InfluenceKind::RedisFile,
        cost: 2,
        reason: format!("{redis_name} writes its data where {reader_name} executes PHP"),
        evidence: vec![
            Evidence::new(mount.at, format!("{redis_name} keeps its data here")),
            Evidence::new(code.at, format!("{reader_name} has the same files")),
        ],
        cause: Some(cause("datastores/redis-data-dir-in-executable-path", mount.at, change)),
    }
}

/// Whether clients may change the name of the file that it writes. Since version 7 Redis refuses that unless told otherwise, and so
/// does every Valkey. Without a version the image is a newer one.
fn writes_where_it_is_told(redis: ServiceRef<'_, '_>) -> bool {
    let commands = redis.redis_commands();
    if commands.renames {
        return false;
    }
    let told = commands.switches.iter().any(|switch| switch.name == "enable-protected-configs");
    let versions = redis.images().into_iter().filter_map(|image| image.own_version());
    let old = versions.filter(|version| version.product == "redis").any(|version| {
        let major = version.cycle_hint.split('.').next().and_then(|major| major.parse::<u32>().ok());
        major.is_some_and(|major| major < 7)
    });
    told || old
}

#[cfg(test)]
mod tests {
    use super::super::tests::{names, of};
    use super::*;

    fn first(compose: &str) -> Influence {
        of(&[("compose.yaml", compose), ("index.php", "<?php\n")]).remove(0).1
    }

    #[test]
    fn code_that_both_have() {
        let text = "services:\n  wordpress:\n    image: wordpress:6\n    volumes: [\"./html:/var/www/html\"]\n  cron:\n    image: wordpress:cli\n    user: root\n    entrypoint: wp cron event run --allow-root\n    volumes: [\"./html:/var/www/html\"]\n";
        assert_eq!(names(text), ["wordpress→cron code-volume", "cron→wordpress code-volume"]);
        let one = first(text);
        assert_eq!((one.needs, one.gives, one.cost), (Level::User, Level::Root, 1));
        assert_eq!(one.cause.unwrap().rule, Some("mounts/source-bind-mount-in-production"));
        assert!(names(&text.replace("./html:/var/www/html", "./html:/var/www/html:ro")).is_empty());
    }

    #[test]
    fn a_web_server_only_reads() {
        let text = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\".:/var/www/html\"]\n  app:\n    image: php:8.4-fpm\n    volumes: [\".:/var/www/html:ro\"]\n";
        let one = first(text);
        assert_eq!((one.needs, one.gives), (Level::Root, Level::User));
        assert_eq!(one.cause.unwrap().rule, Some("mounts/writable-volume-across-trust-zones"));
    }

    #[test]
    fn files_from_outside() {
        let text = "services:\n  app:\n    image: php:8.4-apache\n    volumes: [\"code:/var/www/html:ro\"]\n  sftp:\n    image: atmoz/sftp\n    volumes: [\"code:/home/u/site\"]\nvolumes: {code: {}}\n";
        assert_eq!(names(text), ["sftp→app code-volume"]);
        assert_eq!(first(text).needs, Level::User);
    }

    #[test]
    fn state_is_no_code() {
        let app = "services:\n  app:\n    image: php:8.4-apache\n    volumes: [\"./:/var/www/html:ro\"]\n";
        let with =
            |image: &str, volume: &str| names(&format!("{app}  b:\n    image: {image}\n    volumes: [\"{volume}\"]\n"));
        assert!(with("mysql:8.4", "./dbdata:/var/lib/mysql").is_empty());
        assert!(with("x/y:1", "./storage:/s").is_empty());
        assert!(with("x/y:1", "/srv/other:/s").is_empty());
        assert_eq!(with("x/y:1", "./src:/s"), ["b→app code-volume"]);
    }

    #[test]
    fn a_redis_that_writes_files() {
        let with = |image: &str, command: &str| {
            names(&format!(
                "services:\n  wp:\n    image: wordpress:6\n    volumes: [\"./html:/var/www/html:ro\"]\n  redis:\n    image: {image}\n    command: redis-server {command}\n    volumes: [\"./html/wp-content/cache:/data\"]\n"
            ))
        };
        assert_eq!(with("redis:5", ""), ["redis→wp redis-file"]);
        assert_eq!(with("redis:8", "--enable-protected-configs yes"), ["redis→wp redis-file"]);
        assert!(with("redis:8", "").is_empty());
        assert!(with("redis", "").is_empty(), "a newer one");
        assert!(with("redis:5", "--rename-command CONFIG ''").is_empty());
    }
}
