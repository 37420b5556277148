//! The table itself, in the order of the specification.

use super::{ANY, BOOL, Key, LIST, MAP, NULL, NUMBER, TEXT, key};

/// One text or a list of them.
const TEXTS: u8 = TEXT | LIST | NULL;
/// `K: v` or `- K=v`.
const PAIRS: u8 = MAP | LIST | NULL;
/// A size: `512m`, or bytes.
const SIZE: u8 = TEXT | NUMBER;
/// A number, or a text that is one.
const COUNT: u8 = NUMBER | TEXT;
/// A switch.
const FLAG: u8 = BOOL;

/// The top of a file.
pub(super) const ROOT: &[Key] = &[
    key("version", TEXT | NUMBER).instead("Compose ignores it; leave it out"),
    key("name", TEXT),
    key("include", LIST | NULL).items(INCLUDE),
    key("services", MAP | NULL).named(SERVICE),
    key("networks", MAP | NULL).named(NETWORK),
    key("volumes", MAP | NULL).named(VOLUME),
    key("secrets", MAP | NULL).named(SECRET),
    key("configs", MAP | NULL).named(CONFIG),
    key("models", MAP | NULL).named(MODEL),
];

const INCLUDE: &[Key] = &[key("path", TEXTS), key("env_file", TEXTS), key("project_directory", TEXT)];

/// A service.
pub(super) const SERVICE: &[Key] = &[
    key("annotations", PAIRS),
    key("attach", FLAG),
    key("blkio_config", MAP).holds(BLKIO),
    key("build", TEXT | MAP).holds(BUILD),
    key("cap_add", LIST | NULL),
    key("cap_drop", LIST | NULL),
    key("cgroup", TEXT).one_of(&["host", "private"]),
    key("cgroup_parent", TEXT),
    key("command", TEXTS),
    key("configs", LIST | NULL).items(GRANT),
    key("container_name", TEXT),
    key("cpu_count", COUNT),
    key("cpu_percent", COUNT),
    key("cpu_period", COUNT),
    key("cpu_quota", COUNT),
    key("cpu_rt_period", COUNT),
    key("cpu_rt_runtime", COUNT),
    key("cpu_shares", COUNT),
    key("cpus", COUNT),
    key("cpuset", TEXT),
    key("credential_spec", MAP).holds(&[key("config", TEXT), key("file", TEXT), key("registry", TEXT)]),
    key("depends_on", LIST | MAP | NULL).named(DEPENDENCY),
    key("deploy", MAP | NULL).holds(DEPLOY),
    key("develop", MAP | NULL).holds(&[key("watch", LIST).items(WATCH)]),
    key("device_cgroup_rules", LIST | NULL),
    key("devices", LIST | NULL).items(&[key("source", TEXT), key("target", TEXT), key("permissions", TEXT)]),
    key("dns", TEXTS),
    key("dns_opt", LIST | NULL),
    key("dns_search", TEXTS),
    key("domainname", TEXT),
    key("entrypoint", TEXTS),
    key("env_file", TEXTS | MAP).items(ENV_FILE).holds(ENV_FILE),
    key("environment", PAIRS),
    key("expose", LIST | NULL),
    key("extends", TEXT | MAP).holds(&[key("service", TEXT), key("file", TEXT)]),
    key("external_links", LIST | NULL),
    key("extra_hosts", PAIRS),
    key("gpus", TEXT | LIST).items(GPU),
    key("group_add", LIST | NULL),
    key("healthcheck", MAP | NULL).holds(HEALTHCHECK),
    key("hostname", TEXT),
    key("image", TEXT),
    key("init", FLAG),
    key("ipc", TEXT),
    key("isolation", TEXT),
    key("label_file", TEXTS),
    key("labels", PAIRS),
    key("links", LIST | NULL),
    key("logging", MAP | NULL).holds(&[key("driver", TEXT), key("options", MAP | NULL)]),
    key("mac_address", TEXT),
    key("mem_limit", SIZE),
    key("mem_reservation", SIZE),
    key("mem_swappiness", COUNT),
    key("memswap_limit", SIZE),
    key("models", LIST | MAP | NULL).named(&[key("endpoint_var", TEXT), key("model_var", TEXT)]),
    key("network_mode", TEXT),
    key("networks", LIST | MAP | NULL).named(MEMBERSHIP),
    key("oom_kill_disable", FLAG),
    key("oom_score_adj", COUNT),
    key("pid", TEXT),
    key("pids_limit", COUNT),
    key("platform", TEXT),
    key("ports", LIST | NULL).items(PORT),
    key("post_start", LIST | NULL).items(HOOK),
    key("pre_start", LIST | NULL).items(HOOK),
    key("pre_stop", LIST | NULL).items(HOOK),
    key("privileged", FLAG),
    key("profiles", LIST | NULL),
    key("provider", MAP).holds(&[key("type", TEXT), key("options", MAP | NULL), key("configs", ANY)]),
    key("pull_policy", TEXT),
    key("pull_refresh_after", TEXT),
    key("read_only", FLAG),
    key("restart", TEXT),
    key("runtime", TEXT),
    key("scale", COUNT),
    key("secrets", LIST | NULL).items(GRANT),
    key("security_opt", LIST | NULL),
    key("shm_size", SIZE),
    key("stdin_open", FLAG),
    key("stop_grace_period", TEXT),
    key("stop_signal", TEXT),
    key("storage_opt", MAP | NULL),
    key("sysctls", PAIRS),
    key("tmpfs", TEXTS),
    key("tty", FLAG),
    key("ulimits", MAP | NULL),
    key("use_api_socket", FLAG),
    key("user", TEXT),
    key("userns_mode", TEXT),
    key("uts", TEXT),
    key("volumes", LIST | NULL).items(MOUNT),
    key("volumes_from", LIST | NULL),
    key("working_dir", TEXT),
];

const BLKIO: &[Key] = &[
    key("weight", COUNT),
    key("weight_device", LIST).items(&[key("path", TEXT), key("weight", COUNT)]),
    key("device_read_bps", LIST).items(RATE),
    key("device_read_iops", LIST).items(RATE),
    key("device_write_bps", LIST).items(RATE),
    key("device_write_iops", LIST).items(RATE),
];

const RATE: &[Key] = &[key("path", TEXT), key("rate", SIZE)];

/// `build`.
pub(super) const BUILD: &[Key] = &[
    key("additional_contexts", PAIRS),
    key("args", PAIRS),
    key("cache_from", LIST | NULL),
    key("cache_to", LIST | NULL),
    key("context", TEXT),
    key("dockerfile", TEXT),
    key("dockerfile_inline", TEXT),
    key("entitlements", LIST | NULL),
    key("extra_hosts", PAIRS),
    key("isolation", TEXT),
    key("labels", PAIRS),
    key("network", TEXT),
    key("no_cache", FLAG),
    key("no_cache_filter", TEXTS),
    key("platforms", LIST | NULL),
    key("privileged", FLAG),
    key("provenance", TEXT | BOOL),
    key("pull", FLAG),
    key("sbom", TEXT | BOOL),
    key("secrets", LIST | NULL).items(GRANT),
    key("shm_size", SIZE),
    key("ssh", PAIRS | TEXT),
    key("tags", LIST | NULL),
    key("target", TEXT),
    key("ulimits", MAP | NULL),
];

const GRANT: &[Key] =
    &[key("source", TEXT), key("target", TEXT), key("uid", TEXT), key("gid", TEXT), key("mode", COUNT)];

const DEPENDENCY: &[Key] = &[
    key("condition", TEXT).one_of(&["service_started", "service_healthy", "service_completed_successfully"]),
    key("restart", FLAG),
    key("required", FLAG),
];

/// `deploy`.
pub(super) const DEPLOY: &[Key] = &[
    key("endpoint_mode", TEXT),
    key("labels", PAIRS),
    key("mode", TEXT).one_of(&["replicated", "global", "replicated-job", "global-job"]),
    key("placement", MAP | NULL).holds(&[
        key("constraints", LIST | NULL),
        key("preferences", LIST | NULL).items(&[key("spread", TEXT)]),
        key("max_replicas_per_node", COUNT),
    ]),
    key("replicas", COUNT),
    key("resources", MAP | NULL).holds(&[
        key("limits", MAP | NULL).holds(&[key("cpus", COUNT), key("memory", SIZE), key("pids", COUNT)]),
        key("reservations", MAP | NULL).holds(&[
            key("cpus", COUNT),
            key("memory", SIZE),
            key("generic_resources", LIST | NULL),
            key("devices", LIST | NULL).items(GPU),
        ]),
    ]),
    key("restart_policy", MAP | NULL).holds(&[
        key("condition", TEXT).one_of(&["none", "on-failure", "any", "unless-stopped"]),
        key("delay", TEXT),
        key("max_attempts", COUNT),
        key("window", TEXT),
    ]),
    key("rollback_config", MAP | NULL).holds(UPDATE),
    key("update_config", MAP | NULL).holds(UPDATE),
];

const UPDATE: &[Key] = &[
    key("parallelism", COUNT),
    key("delay", TEXT),
    key("failure_action", TEXT),
    key("monitor", TEXT),
    key("max_failure_ratio", COUNT),
    key("order", TEXT).one_of(&["start-first", "stop-first"]),
];

const GPU: &[Key] = &[
    key("capabilities", LIST | NULL),
    key("count", TEXT | NUMBER),
    key("device_ids", LIST | NULL),
    key("driver", TEXT),
    key("options", PAIRS),
];

const WATCH: &[Key] = &[
    key("action", TEXT).one_of(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
    key("exec", MAP).holds(HOOK),
    key("ignore", TEXTS),
    key("include", TEXTS),
    key("initial_sync", FLAG),
    key("path", TEXT),
    key("target", TEXT),
];

const HOOK: &[Key] = &[
    key("command", TEXTS),
    key("environment", PAIRS),
    key("image", TEXT),
    key("per_replica", FLAG),
    key("privileged", FLAG),
    key("user", TEXT),
    key("working_dir", TEXT),
];

const ENV_FILE: &[Key] = &[key("path", TEXT), key("required", FLAG), key("format", TEXT).one_of(&["raw"])];

/// `healthcheck`.
pub(super) const HEALTHCHECK: &[Key] = &[
    key("disable", FLAG),
    key("interval", TEXT),
    key("retries", COUNT),
    key("start_interval", TEXT),
    key("start_period", TEXT),
    key("test", TEXTS),
    key("timeout", TEXT),
];

const MEMBERSHIP: &[Key] = &[
    key("aliases", LIST | NULL),
    key("driver_opts", MAP | NULL),
    key("gw_priority", COUNT),
    key("interface_name", TEXT),
    key("ipv4_address", TEXT),
    key("ipv6_address", TEXT),
    key("link_local_ips", LIST | NULL),
    key("mac_address", TEXT),
    key("priority", COUNT),
];

const PORT: &[Key] = &[
    key("app_protocol", TEXT),
    key("host_ip", TEXT),
    key("mode", TEXT).one_of(&["host", "ingress"]),
    key("name", TEXT),
    key("protocol", TEXT),
    key("published", COUNT),
    key("target", COUNT),
];

const MOUNT: &[Key] = &[
    key("bind", MAP | NULL).holds(&[
        key("create_host_path", FLAG),
        key("propagation", TEXT),
        key("recursive", TEXT).one_of(&["enabled", "disabled", "writable", "readonly"]),
        key("selinux", TEXT).one_of(&["z", "Z"]),
    ]),
    key("consistency", TEXT),
    key("image", MAP | NULL).holds(&[key("subpath", TEXT)]),
    key("read_only", FLAG),
    key("source", TEXT),
    key("target", TEXT),
    key("tmpfs", MAP | NULL).holds(&[key("mode", COUNT), key("size", SIZE)]),
    key("type", TEXT).one_of(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
    key("volume", MAP | NULL).holds(&[key("labels", PAIRS), key("nocopy", FLAG), key("subpath", TEXT)]),
];

const NETWORK: &[Key] = &[
    key("attachable", FLAG),
    key("driver", TEXT),
    key("driver_opts", MAP | NULL),
    key("enable_ipv4", FLAG),
    key("enable_ipv6", FLAG),
    key("external", BOOL | MAP).holds(&[key("name", TEXT).instead("set `name` beside `external: true`")]),
    key("internal", FLAG),
    key("ipam", MAP | NULL).holds(&[
        key("config", LIST | NULL).items(&[
            key("aux_addresses", MAP | NULL),
            key("gateway", TEXT),
            key("ip_range", TEXT),
            key("subnet", TEXT),
        ]),
        key("driver", TEXT),
        key("options", MAP | NULL),
    ]),
    key("labels", PAIRS),
    key("name", TEXT),
];

const VOLUME: &[Key] = &[
    key("driver", TEXT),
    key("driver_opts", MAP | NULL),
    key("external", BOOL | MAP).holds(&[key("name", TEXT).instead("set `name` beside `external: true`")]),
    key("labels", PAIRS),
    key("name", TEXT),
];

const SECRET: &[Key] = &[
    key("driver", TEXT),
    key("driver_opts", MAP | NULL),
    key("environment", TEXT),
    key("external", BOOL | MAP).holds(&[key("name", TEXT).instead("set `name` beside `external: true`")]),
    key("file", TEXT),
    key("labels", PAIRS),
    key("name", TEXT),
    key("template_driver", TEXT),
];

const CONFIG: &[Key] = &[
    key("content", TEXT),
    key("environment", TEXT),
    key("external", BOOL | MAP).holds(&[key("name", TEXT).instead("set `name` beside `external: true`")]),
    key("file", TEXT),
    key("labels", PAIRS),
    key("name", TEXT),
    key("template_driver", TEXT),
];

const MODEL: &[Key] =
    &[key("context_size", COUNT), key("model", TEXT), key("name", TEXT), key("runtime_flags", LIST | NULL)];
