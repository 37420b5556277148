// generated from core/data/capabilities.json by core/tests/facts_tables.rs; do not edit

use crate::date::Date;
use crate::facts::FactDate;
use crate::facts::Level::{Critical, High, Info, Low, Medium};
use crate::facts::capabilities::CapabilityRow;

#[rustfmt::skip]
pub(crate) const META: FactDate = FactDate { table: "capabilities", as_of: Date::new(2026, 8, 23), source: "default set: moby daemon/pkg/oci/caps/defaults.go (Apache-2.0); ranking: own, after docker-bench-security C.5.3", licence: "facts; own ranking" };

#[rustfmt::skip]
pub(crate) static ROWS: &[CapabilityRow] = &[
    CapabilityRow { cap: "ALL", escape_tier: "T0", level: Critical, default: false, why: "equivalent to most of --privileged", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_CONTROL", escape_tier: "T3", level: High, default: false, why: "switch off kernel audit", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_READ", escape_tier: "T3", level: Medium, default: false, why: "read audit log", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "AUDIT_WRITE", escape_tier: "T5", level: Info, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "BLOCK_SUSPEND", escape_tier: "T5", level: Low, default: false, why: "suspend", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "BPF", escape_tier: "T1", level: High, default: false, why: "load BPF programs; kernel attack surface and traffic sniffing", legitimate_for: Some("observability agents"), images: &["datadog/agent", "grafana/alloy", "grafana/beyla"] },
    CapabilityRow { cap: "CHECKPOINT_RESTORE", escape_tier: "T2", level: Medium, default: false, why: "pid/ns manipulation", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "CHOWN", escape_tier: "T5", level: Info, default: true, why: "default capability; entrypoints that chown data dirs", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "DAC_OVERRIDE", escape_tier: "T4", level: Low, default: true, why: "default capability; ignores file permissions inside the container", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "DAC_READ_SEARCH", escape_tier: "T1", level: Critical, default: false, why: "open_by_handle_at 'shocker' read of host files", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "FOWNER", escape_tier: "T5", level: Info, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "FSETID", escape_tier: "T5", level: Info, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "IPC_LOCK", escape_tier: "T5", level: Low, default: false, why: "mlock", legitimate_for: Some("Vault, Elasticsearch memlock, Varnish"), images: &["hashicorp/vault", "vault", "elasticsearch", "docker.elastic.co/elasticsearch/*", "opensearchproject/opensearch", "varnish"] },
    CapabilityRow { cap: "IPC_OWNER", escape_tier: "T3", level: Medium, default: false, why: "IPC of others with shared ipc", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "KILL", escape_tier: "T5", level: Info, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "LEASE", escape_tier: "T5", level: Low, default: false, why: "file leases", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "LINUX_IMMUTABLE", escape_tier: "T3", level: Medium, default: false, why: "chattr +i", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MAC_ADMIN", escape_tier: "T1", level: High, default: false, why: "change LSM policy", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MAC_OVERRIDE", escape_tier: "T1", level: High, default: false, why: "ignore LSM policy", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "MKNOD", escape_tier: "T4", level: Low, default: true, why: "default capability; device nodes, limited by the device cgroup", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "NET_ADMIN", escape_tier: "T2", level: High, default: false, why: "reconfigure interfaces/iptables in its netns; with host network = the host's firewall; ARP spoof neighbours", legitimate_for: Some("VPN, ipvs"), images: &["*wireguard*", "*openvpn*", "qmcgaw/gluetun", "tailscale/tailscale"] },
    CapabilityRow { cap: "NET_BIND_SERVICE", escape_tier: "T5", level: Info, default: true, why: "default capability; not needed since Docker 20.10 (ip_unprivileged_port_start=0) except with host network or file-capability binaries such as frankenphp/caddy", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "NET_RAW", escape_tier: "T4", level: Low, default: true, why: "default capability; ARP/DNS spoofing on the shared bridge, packet sniffing of own interface", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "PERFMON", escape_tier: "T2", level: Medium, default: false, why: "perf events, side channels", legitimate_for: Some("profilers"), images: &["datadog/agent"] },
    CapabilityRow { cap: "SETFCAP", escape_tier: "T4", level: Low, default: true, why: "default capability; set file capabilities", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETGID", escape_tier: "T5", level: Info, default: true, why: "default capability; same", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETPCAP", escape_tier: "T4", level: Low, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SETUID", escape_tier: "T5", level: Info, default: true, why: "default capability; needed by php-fpm/nginx/apache/gosu to drop privileges", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYSLOG", escape_tier: "T3", level: Medium, default: false, why: "read kernel addresses, dmesg", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_ADMIN", escape_tier: "T0", level: Critical, default: false, why: "mount(), cgroup release_agent, namespaces: classic escape", legitimate_for: Some("FUSE, systemd-in-container (avoid)"), images: &[] },
    CapabilityRow { cap: "SYS_BOOT", escape_tier: "T1", level: High, default: false, why: "reboot / kexec the host", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_CHROOT", escape_tier: "T4", level: Info, default: true, why: "default capability", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_MODULE", escape_tier: "T0", level: Critical, default: false, why: "load a kernel module = kernel code execution", legitimate_for: Some("none for PHP"), images: &[] },
    CapabilityRow { cap: "SYS_NICE", escape_tier: "T5", level: Low, default: false, why: "scheduling", legitimate_for: Some("MySQL 8 (suppresses mbind warnings)"), images: &["mysql", "percona", "percona/*"] },
    CapabilityRow { cap: "SYS_PACCT", escape_tier: "T4", level: Low, default: false, why: "process accounting", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_PTRACE", escape_tier: "T1", level: High, default: false, why: "inject into processes; with pid: host = host root; also defeats seccomp on old kernels", legitimate_for: Some("debuggers, strace sidecar, blackfire/datadog profilers (rare)"), images: &["datadog/agent", "blackfire/*"] },
    CapabilityRow { cap: "SYS_RAWIO", escape_tier: "T0", level: Critical, default: false, why: "/dev/mem, iopl, raw disk I/O", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_RESOURCE", escape_tier: "T3", level: Medium, default: false, why: "override limits", legitimate_for: Some("Elasticsearch ulimits (prefer ulimits:)"), images: &["elasticsearch", "docker.elastic.co/elasticsearch/*"] },
    CapabilityRow { cap: "SYS_TIME", escape_tier: "T3", level: Medium, default: false, why: "change host clock (TLS, tokens, logs)", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "SYS_TTY_CONFIG", escape_tier: "T4", level: Low, default: false, why: "tty", legitimate_for: None, images: &[] },
    CapabilityRow { cap: "WAKE_ALARM", escape_tier: "T5", level: Low, default: false, why: "timers", legitimate_for: None, images: &[] },
];
