// generated from core/data/capabilities.json by core/tests/facts_tables.rs; do not edit

use crate::date::Date;
use crate::facts::FactDate;
use crate::facts::Level::{Critical, High, Info, Low, Medium};
use crate::facts::capabilities::CapabilityRow;

#[rustfmt::skip]
pub(crate) const META: FactDate = FactDate { table: "capabilities", as_of: Date::new(2026, 8, 23), source: "default set: moby daemon/pkg/oci/caps/defaults.go (Apache-2.0); ranking: own, after docker-bench-security C.5.3", licence: "facts; own ranking" };

#[rustfmt::skip]
pub(crate) static ROWS: &[CapabilityRow] = &[
    CapabilityRow { cap: "ALL", escape_tier: "T0", level: Critical, default: false, why: "nearly all of what --privileged gives", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_CONTROL", escape_tier: "T3", level: High, default: false, why: "it can switch off the kernel's audit log", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_READ", escape_tier: "T3", level: Medium, default: false, why: "it reads the kernel's audit log", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_WRITE", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "BLOCK_SUSPEND", escape_tier: "T5", level: Low, default: false, why: "it can keep the machine awake", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "BPF", escape_tier: "T1", level: High, default: false, why: "it loads BPF programs, which read network traffic and enlarge what of the kernel can be attacked", legitimate_for: Some("observability agents"), images: &["datadog/agent", "grafana/alloy", "grafana/beyla"] },
    CapabilityRow { cap: "CHECKPOINT_RESTORE", escape_tier: "T2", level: Medium, default: false, why: "it can set process numbers and restore processes", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "CHOWN", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default; entrypoints need it to give data folders to their user", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "DAC_OVERRIDE", escape_tier: "T4", level: Low, default: true, why: "Docker grants it by default; it passes over file permissions inside the container", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "DAC_READ_SEARCH", escape_tier: "T1", level: Critical, default: false, why: "it opens files of the host by their number, past the container's root", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "FOWNER", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "FSETID", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "IPC_LOCK", escape_tier: "T5", level: Low, default: false, why: "it locks memory", legitimate_for: Some("Vault, Elasticsearch memlock, Varnish"), images: &["hashicorp/vault", "vault", "elasticsearch", "docker.elastic.co/elasticsearch/*", "opensearchproject/opensearch", "varnish"] },
    CapabilityRow { cap: "IPC_OWNER", escape_tier: "T3", level: Medium, default: false, why: "it reads shared memory of other processes where that is shared", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "KILL", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "LEASE", escape_tier: "T5", level: Low, default: false, why: "it takes leases on files", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "LINUX_IMMUTABLE", escape_tier: "T3", level: Medium, default: false, why: "it sets and clears the immutable mark of files", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MAC_ADMIN", escape_tier: "T1", level: High, default: false, why: "it changes the policies of AppArmor and SELinux", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MAC_OVERRIDE", escape_tier: "T1", level: High, default: false, why: "it passes over the policies of AppArmor and SELinux", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MKNOD", escape_tier: "T4", level: Low, default: true, why: "Docker grants it by default; it makes device files, which the device cgroup limits", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "NET_ADMIN", escape_tier: "T2", level: High, default: false, why: "it changes addresses, routes and firewall rules of its network, of the host with the host's network; it can impersonate neighbours", legitimate_for: Some("VPN, ipvs"), images: &["*wireguard*", "*openvpn*", "qmcgaw/gluetun", "tailscale/tailscale"] },
    CapabilityRow { cap: "NET_BIND_SERVICE", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default; ports below 1024 have not needed it since Docker 20.10, except on the host's network and in programs that carry the capability in their file, such as frankenphp and caddy", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "NET_RAW", escape_tier: "T4", level: Low, default: true, why: "Docker grants it by default; it impersonates neighbours on the shared network and reads the packets of its own interface", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "PERFMON", escape_tier: "T2", level: Medium, default: false, why: "it measures other processes, which gives away secrets through side channels", legitimate_for: Some("profilers"), images: &["datadog/agent"] },
    CapabilityRow { cap: "SETFCAP", escape_tier: "T4", level: Low, default: true, why: "Docker grants it by default; it writes capabilities into files", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETGID", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default; servers need it to give up root", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETPCAP", escape_tier: "T4", level: Low, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETUID", escape_tier: "T5", level: Info, default: true, why: "Docker grants it by default; php-fpm, nginx, apache and gosu need it to give up root", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYSLOG", escape_tier: "T3", level: Medium, default: false, why: "it reads the kernel's log and addresses", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_ADMIN", escape_tier: "T0", level: Critical, default: false, why: "it mounts file systems and makes namespaces, the classic way out of a container", legitimate_for: Some("FUSE, systemd-in-container (avoid)"), images: &[] },
    CapabilityRow { cap: "SYS_BOOT", escape_tier: "T1", level: High, default: false, why: "it restarts the host or boots another kernel", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_CHROOT", escape_tier: "T4", level: Info, default: true, why: "Docker grants it by default", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_MODULE", escape_tier: "T0", level: Critical, default: false, why: "it loads kernel modules, which run with every right on the host", legitimate_for: Some("none for PHP"), images: &[] },
    CapabilityRow { cap: "SYS_NICE", escape_tier: "T5", level: Low, default: false, why: "it changes priorities", legitimate_for: Some("MySQL 8 (suppresses mbind warnings)"), images: &["mysql", "percona", "percona/*"] },
    CapabilityRow { cap: "SYS_PACCT", escape_tier: "T4", level: Low, default: false, why: "it switches process accounting", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_PTRACE", escape_tier: "T1", level: High, default: false, why: "it changes the memory of other processes, of the host's where those are visible", legitimate_for: Some("debuggers, strace sidecar, blackfire/datadog profilers (rare)"), images: &["datadog/agent", "blackfire/*"] },
    CapabilityRow { cap: "SYS_RAWIO", escape_tier: "T0", level: Critical, default: false, why: "it reads and writes physical memory, ports and raw disks", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_RESOURCE", escape_tier: "T3", level: Medium, default: false, why: "it passes over resource limits", legitimate_for: Some("Elasticsearch ulimits (prefer ulimits:)"), images: &["elasticsearch", "docker.elastic.co/elasticsearch/*"] },
    CapabilityRow { cap: "SYS_TIME", escape_tier: "T3", level: Medium, default: false, why: "it sets the host's clock, on which certificates, tokens and logs rely", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_TTY_CONFIG", escape_tier: "T4", level: Low, default: false, why: "it configures terminals", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "WAKE_ALARM", escape_tier: "T5", level: Low, default: false, why: "it sets timers that wake the machine", legitimate_for: None, images: &[] },
];
