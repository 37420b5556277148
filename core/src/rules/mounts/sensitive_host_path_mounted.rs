//! `mounts/sensitive-host-path-mounted`

use crate::declare_rule;
use crate::facts::host_paths::{HostPathRow, PathCategory};
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{HostMount, Project, ServiceRef, severity_of};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Binds of host paths that should stay on the host: `/`, `/etc`, `/root`, `/proc`, `/var/lib/docker`, cron folders, other sites,
    /// and personal credentials such as `~/.ssh` or `~/.aws`. Named volumes that bind a path with `driver_opts`, and mounts taken over
    /// with `volumes_from`, count as well; so does a mount that passes the host's mounts on (`shared`, `rshared`).
    ///
    /// # Why it matters
    /// Who can write to `/etc/cron.d`, `/root/.ssh` or the engine's own folder is root on the host. Reading is enough for private keys
    /// and for the environment and files of every other container.
    ///
    /// How bad a path is comes from a table, writable and read-only apart. Monitoring agents are one step lower, and so is a development
    /// view, except for credentials: those are real there. Time zone files and CA certificates are not reported; paths of the
    /// project are not either. The engine's socket is another rule.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   backup:
    ///     image: registry.example.net/backup:2.1.0
    ///     volumes:
    ///       - /:/backup
    ///       - ~/.ssh:/root/.ssh
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   backup:
    ///     image: registry.example.net/backup:2.1.0
    ///     volumes:
    ///       - uploads:/backup/uploads:ro
    /// volumes:
    ///   uploads:
    /// ```
    ///
    /// # How to fix
    /// Mount the one folder that is needed, read-only. Keys and certificates belong in a secret, data in a named volume; an SSH agent
    /// can be forwarded with `RUN --mount=type=ssh` instead of its keys.
    ///
    /// # References
    /// CIS Docker Benchmark 5.6 and 5.20, CWE-668, CWE-552, Docker documentation "Bind mounts".
    id: "mounts/sensitive-host-path-mounted",
    title: "A sensitive path of the host is mounted",
    severity: Critical,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "A bind mount is a hole in the container's wall: writing to such a path is root on the host, reading it gives away keys and other containers' secrets.",
    help: "Mount only the folder that is needed, read-only; use a secret for keys and a named volume for data.",
    references: ["CIS Docker Benchmark 5.6", "CIS Docker Benchmark 5.20", "OWASP Docker Security Cheat Sheet rule 8", "NIST SP 800-190 3.4.3", "NIST SP 800-190 4.5.5", "CWE-668", "CWE-552"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for mount in service.host_mounts() {
            if let Some(row) = mount.sensitive()
                && let Some(draft) = sensitive(service, &mount, row)
            {
                out.report(draft);
            }
            if mount.is_shared_both_ways() {
                let message = format!(
                    "`{}` passes mounts on to the host: what it mounts below {} appears there",
                    service.name,
                    shorten(&mount.path, 60)
                );
                out.report(
                    Draft::new(mount.at, message)
                        .severity(Severity::Medium)
                        .aspect("propagation")
                        .help("Leave `propagation` at its default, `rprivate`.")
                        .on(service),
                );
            }
        }
    }
}

fn sensitive(service: ServiceRef<'_, '_>, mount: &HostMount<'_>, row: &HostPathRow) -> Option<Draft> {
    let project = service.project();
    let level = if mount.read_only { row.read_only } else { row.read_write };
    let mut severity = severity_of(level?);
    if service.role.name == "monitor" {
        severity = severity.lowered(1);
    }
    let how = if mount.read_only { "read-only" } else { "writable" };
    let mut draft = Draft::new(
        mount.at,
        format!(
            "`{}` sees {} of the host, {how}: {}",
            service.name,
            shorten(&mount.path, 60),
            HostMount::gives_away(row)
        ),
    )
    .on(service);
    // Personal keys are as real on a developer's machine as anywhere.
    draft = if row.category == PathCategory::Credentials {
        draft.severity_in_context(severity)
    } else {
        draft.severity(severity)
    };
    if let Some((at, label)) = mount.through {
        draft = draft.because(at, label);
    }
    if mount.at != mount.mount.at {
        return Some(draft); // a named volume: what else uses it has to be looked at
    }
    let tightens = !mount.read_only && row.read_only < row.read_write;
    let read_only =
        tightens.then(|| project.mount_read_only(Safety::Suggested, "Mount it read-only", mount.mount)).flatten();
    Some(draft.fix(read_only).fix(project.remove(Safety::Suggested, "Remove the mount", mount.at)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/sensitive-host-path-mounted";

    fn severity(name: &str, image: &str, volume: &str) -> String {
        let text = format!("services:\n  a:\n    image: {image}\n    volumes: [{volume}]\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn paths_writable_and_not() {
        for (volume, want) in [
            ("/:/backup", "critical"),
            ("\"/etc:/etc:ro\"", "high"),
            ("\"/var/lib/docker/volumes:/backup\"", "critical"),
            ("\"/sys:/sys:ro\"", "medium"),
            ("\"/var/www:/sites\"", "medium"),
            ("\"~/.ssh:/root/.ssh:ro\"", "high"),
            ("\"${HOME}/.aws:/root/.aws\"", "high"),
            ("{type: bind, source: /root, target: /x, read_only: true}", "high"),
        ] {
            assert_eq!(severity("compose.yaml", "x:1", volume), want, "{volume}");
        }
    }

    #[test]
    fn harmless_mounts() {
        for volume in [
            "/etc/localtime:/etc/localtime",
            "./:/app",
            "../shared:/shared",
            "/srv/mysql:/var/lib/mysql",
            "/dev/dri:/dev/dri",
            "/etc/ssl/certs:/etc/ssl/certs",
            "data:/var/lib",
            "~/.ssh/known_hosts:/k",
        ] {
            assert_eq!(severity("compose.yaml", "x:1", volume), "none", "{volume}");
        }
    }

    #[test]
    fn the_socket_is_another_rule() {
        assert_eq!(severity("compose.yaml", "x:1", "/var/run/docker.sock:/var/run/docker.sock"), "none");
        assert_eq!(severity("compose.yaml", "x:1", "/var/run:/var/run"), "none");
    }

    #[test]
    fn monitoring_agents_are_one_step_lower() {
        assert_eq!(severity("compose.yaml", "gcr.io/cadvisor/cadvisor:v0.52.0", "\"/:/rootfs:ro\""), "high");
    }

    #[test]
    fn development_lowers_all_but_credentials() {
        assert_eq!(severity("compose.dev.yaml", "x:1", "/:/host"), "high");
        assert_eq!(severity("compose.dev.yaml", "x:1", "~/.ssh:/root/.ssh"), "high");
    }

    #[test]
    fn volumes_that_bind_and_mounts_taken_over() {
        let text = "services:\n  a:\n    image: x:1\n    volumes: [\"v:/v\"]\n  b:\n    image: x:1\n    volumes_from: [a]\nvolumes:\n  v:\n    driver_opts: {type: none, o: bind, device: /etc}\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!((found.len(), found[0].services.join(" ").as_str()), (1, "a b"));
    }

    #[test]
    fn mounts_passed_on() {
        assert_eq!(severity("compose.yaml", "x:1", "\"./data:/data:rshared\""), "none", "a folder of the project");
        assert_eq!(severity("compose.yaml", "x:1", "\"/srv/data:/data:rshared\""), "medium");
        assert_eq!(severity("compose.yaml", "x:1", "\"/srv/data:/data:rslave\""), "none");
    }

    #[test]
    fn read_only_is_offered_first_where_it_helps() {
        let titles = |volume: &str| -> Vec<String> {
            let text = format!("services:\n  a:\n    image: x:1\n    volumes:\n      - \"{volume}\"\n");
            findings(RULE, &[("compose.yaml", &text)])[0].fixes.iter().map(|fix| fix.title.clone()).collect()
        };
        assert_eq!(titles("/var/log:/logs"), ["Mount it read-only", "Remove the mount"]);
        assert_eq!(titles("/:/host"), ["Remove the mount"]);
        clean(
            RULE,
            &[("compose.yaml", "services:\n  a:\n    image: x:1\n    volumes: [\"/usr/share/zoneinfo:/z\"]\n")],
        );
    }
}
