//! `mounts/writable-volume-across-trust-zones`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::mounts::Mount;
use crate::project::{Group, Project, ServiceRef, overlap};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Files that PHP runs as code in one service and that a service of another kind can write to: a web server, a
    /// proxy, a data store, an FTP server or file manager with the same volume, or a folder of which one is inside the
    /// other.
    ///
    /// The same for a volume that several Compose projects share.
    ///
    /// # Why it matters
    /// A shared volume is a way from one container into the next that no network rule closes. Whoever gets to write in
    /// the one, by a hole in nginx or a stolen FTP password, leaves a PHP file and lets the other run it.
    ///
    /// A web server or proxy that can write is *medium*, a service that takes in files or keeps data is *high*. Nothing
    /// is said where only PHP services write, for a service that fills the volume once and ends, for uploads and
    /// storage, and in a development view.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - code:/var/www/html
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     volumes:
    ///       - code:/var/www/html
    /// volumes:
    ///   code:
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - code:/var/www/html:ro
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     volumes:
    ///       - code:/var/www/html
    /// volumes:
    ///   code:
    /// ```
    ///
    /// # How to fix
    /// Mount it read-only everywhere but in the service that owns the files. Better, let the web server have its own
    /// copy of the public folder, built in the same Dockerfile, and share nothing.
    ///
    /// # References
    /// CIS Docker Benchmark 5.6, OWASP Docker Security Cheat Sheet rule 8, CWE-668, CWE-732.
    id: "mounts/writable-volume-across-trust-zones",
    title: "Another service can write the code that PHP runs",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Whoever gets to write in the one service plants a PHP file that the other runs; no network rule stops that.",
    help: "Mount the files read-only in every service but the one that owns them, or give the web server its own copy of the public folder.",
    references: ["CIS Docker Benchmark 5.6", "OWASP Docker Security Cheat Sheet rule 8", "NIST SP 800-190 3.3.4", "CWE-668", "CWE-732"],
}

/// Mounts of shared volumes that are compared with each other.
const MAX_SHARED: usize = 200;

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| view.is_comparable() && !view.context.is_development()) {
        let services: Vec<ServiceRef<'_, '_>> =
            project.services_of(view).filter(|service| !service.is_one_shot()).collect();
        for writer in &services {
            let Some(severity) = severity_of_writer(*writer) else { continue };
            let known: Vec<&Mount> = writer.code_mounts().into_iter().map(|found| found.mount).collect();
            for mount in writer.service().spec.mounts.iter().filter(|mount| mount.known && !mount.read_only) {
                // A mount of the project's own code is told as such.
                if severity == Severity::Medium && known.iter().any(|other| other.at == mount.at) {
                    continue;
                }
                if let Some((reader, read)) = runs_it(&services, *writer, mount) {
                    out.report(report(*writer, mount, reader, read).severity(severity));
                }
            }
        }
    }
    other_projects(project, out);
}

/// Volumes of the host that PHP of one project runs code from and that another project writes to.
fn other_projects(project: &Project<'_>, out: &mut Findings) {
    let shared: Vec<(ServiceRef<'_, '_>, String, &Mount)> = project
        .declared_services()
        .filter(|service| !service.context.is_development() && !service.is_one_shot())
        .flat_map(|service| service.external_mounts().into_iter().map(move |(name, mount)| (service, name, mount)))
        .take(MAX_SHARED)
        .collect();
    let runs =
        |service: &ServiceRef<'_, '_>, mount: &Mount| service.role.is_php() && service.is_code_path(&mount.target);
    for (reader, name, read) in shared.iter().filter(|(service, _, mount)| runs(service, mount)) {
        for (writer, _, mount) in shared.iter().filter(|(writer, volume, mount)| {
            volume == name && !mount.read_only && writer.view().folder != reader.view().folder
        }) {
            out.report(report(*writer, mount, *reader, read).severity(Severity::High));
        }
    }
}

/// How bad it is that a service can write code; `None` for those whose code it is, and for those nobody knows.
fn severity_of_writer(service: ServiceRef<'_, '_>) -> Option<Severity> {
    if service.takes_in_files() {
        return Some(Severity::High);
    }
    match service.role.group() {
        Group::Edge => Some(Severity::Medium),
        Group::Data => Some(Severity::High),
        _ => None,
    }
}

/// The PHP service that has the same files as its code.
fn runs_it<'p, 'a>(
    services: &[ServiceRef<'p, 'a>],
    writer: ServiceRef<'p, 'a>,
    mount: &Mount,
) -> Option<(ServiceRef<'p, 'a>, &'p Mount)> {
    services.iter().filter(|service| service.role.is_php() && service.name != writer.name).find_map(|service| {
        let mounts = &service.service().spec.mounts;
        let shared = mounts.iter().find(|own| service.is_code_path(&own.target) && overlap(own, mount))?;
        Some((*service, shared))
    })
}

fn report(writer: ServiceRef<'_, '_>, mount: &Mount, reader: ServiceRef<'_, '_>, read: &Mount) -> Draft {
    let source = shorten(mount.source.as_deref().unwrap_or_default(), 60);
    let message = format!("`{}` can write to {source}, which `{}` runs as code", writer.name, reader.name);
    let draft = Draft::new(mount.at, message)
        .confidence(Confidence::Medium)
        .because(read.at, format!("`{}` has it as its code", reader.name))
        .on(writer);
    match writer.role.group() {
        Group::Edge => draft.fix(writer.project().close_mount(Safety::Suggested, "Mount it read-only", mount)),
        _ => draft.help("Give it a folder of its own outside of the code, and let the application read from there."),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/writable-volume-across-trust-zones";

    fn stack(image: &str, volume: &str, more: &str) -> String {
        format!(
            "services:\n  a:\n    image: {image}\n    volumes: [\"{volume}\"]\n{more}  app:\n    image: php:8.4-fpm\n    volumes: [\"code:/var/www/html\", \"./html:/app\", \"up:/var/www/html/uploads\"]\nvolumes: {{code: , up: }}\n"
        )
    }

    fn severity(name: &str, image: &str, volume: &str) -> String {
        findings(RULE, &[(name, &stack(image, volume, ""))])
            .first()
            .map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_writer() {
        for (image, volume, want) in [
            ("nginx:1.28", "code:/var/www/html", "medium"),
            ("traefik:3", "code:/code", "medium"),
            ("atmoz/sftp:alpine", "code:/home/user", "high"),
            ("atmoz/sftp:alpine", "./html/wp-content/cache:/home/user", "high"),
            ("redis:8", "code:/data", "high"),
        ] {
            assert_eq!(severity("compose.yaml", image, volume), want, "{image} {volume}");
        }
    }

    #[test]
    fn guards() {
        for (image, volume) in [
            ("nginx:1.28", "code:/var/www/html:ro"),
            ("nginx:1.28", "up:/var/www/html/uploads"),
            ("nginx:1.28", "other:/var/www/html"),
            ("php:8.4-cli", "code:/var/www/html"),
            ("r.example.net/what:1", "code:/x"),
            ("nginx:1.28", "./html:/app"),
        ] {
            assert_eq!(severity("compose.yaml", image, volume), "none", "{image} {volume}");
        }
        assert_eq!(severity("compose.dev.yaml", "nginx:1.28", "code:/var/www/html"), "none");
        clean(RULE, &[("compose.yaml", &stack("nginx:1.28", "code:/var/www/html", "    profiles: [init]\n"))]);
    }

    #[test]
    fn a_volume_of_two_projects() {
        let project = |volume: &str| {
            format!(
                "services:\n  a:\n    image: php:8.4-fpm\n    volumes: [\"{volume}\"]\nvolumes:\n  v: {{external: true, name: code}}\n"
            )
        };
        let (open, closed) = (project("v:/var/www/html"), project("v:/var/www/html:ro"));
        let found = findings(RULE, &[("one/compose.yaml", &open), ("two/compose.yaml", &closed)]);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "high"));
        clean(RULE, &[("one/compose.yaml", &closed), ("two/compose.yaml", &closed)]);
    }
}
