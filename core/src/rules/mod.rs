//! The rules, one file each, in one folder for each pillar.
//!
//! To add a rule, add its file. The lists below and the tables in the manuals are rewritten from the files by
//! `core/tests/registry.rs`, which then fails once: run it again and commit.

use crate::rule::Rule;

// <registry> rewritten by core/tests/registry.rs
pub mod datastores;
pub mod isolation;
pub mod php;

/// Every built-in rule, by pillar and name.
#[rustfmt::skip]
pub static RULES: &[&Rule] = &[
    &datastores::redis_published::RULE,
    &isolation::privileged_container::RULE,
    &php::no_production_php_ini::RULE,
];
// </registry>

#[cfg(test)]
pub(crate) mod testing;

/// The rule with an identity.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
