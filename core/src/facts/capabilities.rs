//! Linux capabilities. Default set: moby's `defaults.go`; ranking: own, after docker-bench-security (`core/data/capabilities.json`, 2026-08-23).

use super::{Level, glob, images, tables};
use crate::date::Date;
use crate::image::ImageRef;

/// Date of the table.
pub const AS_OF: Date = tables::capabilities::META.as_of;

/// One capability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CapabilityRow {
    /// Name without `CAP_`, upper case; `ALL` is a row.
    pub cap: &'static str,
    /// How near it brings a container to the host: `T0` (there) to `T5` (no nearer).
    pub escape_tier: &'static str,
    /// How bad it is to add it.
    pub level: Level,
    /// Whether Docker grants it without being asked.
    pub default: bool,
    /// What it allows.
    pub why: &'static str,
    /// What may need it, for people.
    pub legitimate_for: Option<&'static str>,
    /// Images (patterns) that may need it.
    pub images: &'static [&'static str],
}

impl CapabilityRow {
    /// Whether the image is one of those that may need the capability.
    #[must_use]
    pub fn suits(&self, image: &ImageRef) -> bool {
        let name = images::name(image);
        self.images.iter().any(|pattern| glob::name(pattern, &name))
    }
}

/// The name as the kernel lists it, without its prefix: `cap_sys_admin` becomes `SYS_ADMIN`.
#[must_use]
pub fn normalise(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// The row of a capability, however its name is written.
#[must_use]
pub fn row(name: &str) -> Option<&'static CapabilityRow> {
    let name = normalise(name);
    let rows = tables::capabilities::ROWS;
    rows.binary_search_by(|row| row.cap.cmp(name.as_str())).ok().map(|at| &rows[at])
}

/// Whether Docker grants the capability by default.
#[must_use]
pub fn is_default(name: &str) -> bool {
    row(name).is_some_and(|row| row.default)
}

/// All rows, by name.
#[must_use]
pub fn rows() -> &'static [CapabilityRow] {
    tables::capabilities::ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_spelling() {
        for name in ["SYS_ADMIN", "cap_sys_admin", "CAP_SYS_ADMIN", " Sys_Admin "] {
            assert_eq!(row(name).map(|row| row.level), Some(Level::Critical), "{name}");
        }
        assert_eq!(row("ALL").map(|row| row.escape_tier), Some("T0"));
        assert!(row("NOT_A_CAP").is_none());
        assert_eq!(rows().iter().filter(|row| row.default).count(), 14);
        assert!(is_default("cap_net_raw") && !is_default("NET_ADMIN") && !is_default("ALL"));
    }

    #[test]
    fn some_images_need_some() {
        let suits = |cap: &str, image: &str| row(cap).unwrap().suits(&ImageRef::parse(image).unwrap());
        assert!(suits("IPC_LOCK", "hashicorp/vault:1.17") && suits("SYS_NICE", "mysql:8.4"));
        assert!(suits("NET_ADMIN", "lscr.io/linuxserver/wireguard"));
        assert!(!suits("SYS_ADMIN", "mysql:8.4") && !suits("IPC_LOCK", "php:8.4-fpm"));
    }
}
