//! What usually listens on a port. Own table (`core/data/ports.json`, 2026-08-23), ranked after the CIS Docker Benchmark.
//!
//! Ask the image first ([`super::images`]): a port alone is a guess, and [`PortRow::ambiguous_with`] says what else it may be.

use super::{Basis, Level, tables};
use crate::date::Date;

/// Date of the table.
pub const AS_OF: Date = tables::ports::META.as_of;

/// What a finding that leans on the table is based on.
pub const BASIS: Basis = tables::ports::META.basis();

/// One port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortRow {
    /// Number.
    pub port: u16,
    /// UDP instead of TCP.
    pub udp: bool,
    /// What listens there by default.
    pub service: &'static str,
    /// Kind of service: `datastore`, `control-plane`, `php-fpm` …
    pub class: &'static str,
    /// How bad it is to publish it beyond loopback.
    pub level: Level,
    /// What protects it without configuration.
    pub default_auth: Option<&'static str>,
    /// Other services that use the same port.
    pub ambiguous_with: &'static [&'static str],
    /// What else to know.
    pub note: Option<&'static str>,
}

/// The rows of a port; empty when nothing is known.
#[must_use]
pub fn by_port(port: u16, udp: bool) -> &'static [PortRow] {
    let rows = tables::ports::ROWS;
    let start = rows.partition_point(|row| (row.udp, row.port) < (udp, port));
    let end = rows.partition_point(|row| (row.udp, row.port) <= (udp, port));
    &rows[start..end]
}

/// All rows: TCP before UDP, by number.
#[must_use]
pub fn rows() -> &'static [PortRow] {
    tables::ports::ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_by_protocol() {
        let fpm = by_port(9000, false);
        assert_eq!((fpm.len(), fpm[0].class, fpm[0].level), (1, "php-fpm", Level::Critical));
        for other in ["MinIO S3 API", "Portainer HTTP", "SonarQube", "ClickHouse native"] {
            assert!(fpm[0].ambiguous_with.contains(&other), "{other}");
        }
        assert!(by_port(9000, true).is_empty() && by_port(1, false).is_empty() && by_port(65_535, true).is_empty());
        assert_eq!(by_port(11_211, true)[0].service, "Memcached");
        assert_eq!(by_port(11_211, false).len(), 1);
        assert_eq!(by_port(4789, true)[0].level, Level::High);
    }
}
