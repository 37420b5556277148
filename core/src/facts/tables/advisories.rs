// generated from core/data/advisories.json by core/tests/facts_tables.rs; do not edit

use crate::date::Date;
use crate::facts::FactDate;

#[rustfmt::skip]
pub(crate) const META: FactDate = FactDate { table: "advisories", as_of: Date::new(2026, 8, 6), source: "https://github.com/FriendsOfPHP/security-advisories @ 73745a61e343b20f230f21a70b97ae77d65ae543", licence: "Unlicense (public domain)" };

pub(crate) const DIGEST: &str = "5891affd7753674a";
