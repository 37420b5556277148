//! `isolation/dangerous-capability`

use crate::declare_rule;
use crate::facts::Level;
use crate::facts::capabilities::{self, CapabilityRow};
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Project, ServiceRef, first_clause, raw_device, severity_of};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Capabilities added to a service that bring it near the host (`ALL`, `SYS_ADMIN`, `SYS_MODULE`, `DAC_READ_SEARCH`, `NET_ADMIN`,
    /// `SYS_PTRACE` and others), raw disks and memory handed in with `devices`, and device rules for whole classes of block devices.
    ///
    /// # Why it matters
    /// Some capabilities equal root on the host: with `SYS_ADMIN` a process mounts file systems and registers a cgroup release agent,
    /// with `SYS_MODULE` it loads code into the kernel, with `DAC_READ_SEARCH` it opens any file by its handle. A raw disk is the same
    /// without detours. PHP needs none of them.
    ///
    /// How bad each is comes from a table. `SYS_PTRACE` with `pid: host` is *critical*: it reaches into the host's processes. Where
    /// the image is known to need the capability (WireGuard and `NET_ADMIN`), it is *info*. Capabilities of Docker's default set, given
    /// back after `cap_drop: [ALL]`, are not reported; nor are single-purpose devices such as `/dev/net/tun` or `/dev/dri`.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/app:1.4.2
    ///     cap_add: [SYS_ADMIN, CHOWN]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/app:1.4.2
    ///     cap_drop: [ALL]
    ///     cap_add: [CHOWN, SETUID, SETGID]
    /// ```
    ///
    /// # How to fix
    /// Remove the entry and see what really fails. Mounting belongs on the host and comes in as a volume, limits are `ulimits:`, kernel
    /// settings `sysctls:`, a headless browser gets a seccomp profile, a debugger runs only while somebody debugs.
    ///
    /// # References
    /// CIS Docker Benchmark 5.4 and 5.18, CWE-250, CWE-269, `capabilities(7)`.
    id: "isolation/dangerous-capability",
    title: "A capability or device opens a way to the host",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "One capability can equal root on the host, and a raw disk is the host's files without their permissions.",
    help: "Remove the entry, and grant the narrower setting that the program really needs.",
    references: ["CIS Docker Benchmark 5.4", "CIS Docker Benchmark 5.18", "OWASP Docker Security Cheat Sheet rule 3", "NIST SP 800-190 4.4.3", "CWE-250", "CWE-269"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for added in service.cap_add.iter().filter(|added| added.is_known()) {
            if let Some(row) = capabilities::row(&added.text).filter(|row| row.level >= Level::Medium) {
                out.report(capability(service, added.at, row));
            }
        }
        for device in service.devices.iter().filter(|device| device.is_known()) {
            if let Some(severity) = raw_device(&device.text) {
                let message = format!("`{}` is given the host's device {}", service.name, shorten(&device.text, 60));
                out.report(offer(service, device.at, message, severity));
            }
        }
        for rule in
            service.device_cgroup_rules.iter().filter(|rule| rule.is_known() && allows_block_devices(&rule.text))
        {
            let message = format!(
                "`{}` may use every disk of the host (device rule `{}`)",
                service.name,
                shorten(&rule.text, 30)
            );
            out.report(offer(service, rule.at, message, Severity::High));
        }
    }
}

fn capability(service: ServiceRef<'_, '_>, at: Location, row: &CapabilityRow) -> Draft {
    let shares = |key: &str| {
        service.namespaces.iter().find(|(name, mode)| *name == key && mode.text == "host").map(|(_, mode)| mode.at)
    };
    let host_network = service.network_mode.as_ref().filter(|mode| mode.text == "host").map(|mode| mode.at);
    let mut severity = severity_of(row.level);
    let mut draft = Draft::new(at, format!("`{}` adds {}: {}", service.name, row.cap, first_clause(row.why)));
    if row.cap == "SYS_PTRACE"
        && let Some(pid) = shares("pid")
    {
        severity = Severity::Critical;
        draft = draft.because(pid, "and it sees the host's processes");
    } else if row.cap == "NET_ADMIN"
        && let Some(network) = host_network
    {
        draft = draft.because(network, "and this is the host's network: its firewall");
    } else if service.image_use.reference.as_ref().is_some_and(|image| row.suits(image)) {
        draft = Draft::new(at, format!("`{}` adds {}, which its image is known to need", service.name, row.cap));
        severity = Severity::Info;
    }
    draft.severity(severity).on(service).fix(service.project().remove(
        Safety::Suggested,
        format!("Do not add {}", row.cap),
        at,
    ))
}

fn offer(service: ServiceRef<'_, '_>, at: Location, message: String, severity: Severity) -> Draft {
    Draft::new(at, message).severity(severity).on(service).fix(service.project().remove(
        Safety::Suggested,
        "Remove the device",
        at,
    ))
}

/// `b *:* rwm` and `a *:* rwm`: every disk, or everything.
fn allows_block_devices(rule: &str) -> bool {
    let mut words = rule.split_whitespace();
    matches!(words.next(), Some("a" | "b")) && words.next().is_none_or(|numbers| numbers.starts_with('*'))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "isolation/dangerous-capability";

    fn severities(name: &str, lines: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: {lines}\n");
        findings(RULE, &[(name, &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    fn adds(cap: &str) -> Vec<String> {
        severities("compose.yaml", &format!("php:8.4-fpm\n    cap_add: [\"{cap}\"]"))
    }

    #[test]
    fn by_the_table() {
        for (cap, want) in [
            ("ALL", "critical"),
            ("CAP_SYS_ADMIN", "critical"),
            ("sys_module", "critical"),
            ("NET_ADMIN", "high"),
            ("SYS_PTRACE", "high"),
            ("SYS_TIME", "medium"),
        ] {
            assert_eq!(adds(cap), [want], "{cap}");
        }
        for cap in ["CHOWN", "NET_BIND_SERVICE", "SETUID", "SYS_NICE", "${CAP}", "NO_SUCH_CAP"] {
            assert_eq!(adds(cap), Vec::<String>::new(), "{cap}");
        }
        assert_eq!(severities("compose.dev.yaml", "php:8.4-fpm\n    cap_add: [SYS_ADMIN]"), ["medium"]);
    }

    #[test]
    fn images_that_need_it() {
        assert_eq!(severities("compose.yaml", "lscr.io/linuxserver/wireguard:1\n    cap_add: [NET_ADMIN]"), ["info"]);
        assert_eq!(
            severities(
                "compose.yaml",
                "lscr.io/linuxserver/wireguard:1\n    network_mode: host\n    cap_add: [NET_ADMIN]"
            ),
            ["high"]
        );
    }

    #[test]
    fn tracing_the_host() {
        assert_eq!(severities("compose.yaml", "x:1\n    pid: host\n    cap_add: [SYS_PTRACE]"), ["critical"]);
    }

    #[test]
    fn devices() {
        assert_eq!(
            severities(
                "compose.yaml",
                "x:1\n    devices: [\"/dev/sda:/dev/sda:r\", \"/dev/net/tun:/dev/net/tun\", \"/dev/kmsg\"]"
            ),
            ["critical", "medium"]
        );
        assert_eq!(
            severities("compose.yaml", "x:1\n    device_cgroup_rules: [\"b *:* rwm\", \"c 10:200 rwm\"]"),
            ["high"]
        );
    }
}
