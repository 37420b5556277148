//! Known vulnerabilities of Composer packages: a pack of its own, which whoever runs the analysis hands in.
//!
//! The pack is `core/data/advisories.json`, after FriendsOfPHP's list. It is not part of the analysis itself, because most
//! projects that a page looks at have no `composer.lock`: the terminal carries it along, the page fetches it when it is needed.

use super::read::{FactsError, Reader};
use super::tables;
use super::versions::{Ranges, Version};
use super::{Basis, FactDate};
use crate::date::Date;
use crate::syntax::json::Value;
use std::collections::BTreeMap;

/// One advisory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advisory {
    /// `CVE-2024-52301`, or what its publisher calls it: another scheme's number, a date.
    pub id: String,
    /// What is wrong, in a few words of its publisher.
    pub title: String,
    /// The versions that are affected.
    pub affected: Ranges,
    /// Where to read on, when the number does not tell.
    url: Option<String>,
}

impl Advisory {
    /// Where to read on.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let number = || self.id.starts_with("CVE-").then(|| format!("https://nvd.nist.gov/vuln/detail/{}", self.id));
        self.url.clone().or_else(number)
    }

    /// The first version without it, on the way up from an affected one.
    #[must_use]
    pub fn fixed_in(&self, version: &str) -> Option<&str> {
        self.affected.end_after(&Version::parse(version)?)
    }
}

/// The advisories of all packages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pack {
    as_of: Date,
    packages: BTreeMap<String, Vec<Advisory>>,
}

impl Pack {
    /// Reads a pack.
    ///
    /// # Errors
    /// With the place of what cannot be read.
    pub fn parse(text: &str) -> Result<Self, FactsError> {
        let reader = Reader::new(text)?;
        let as_of = reader.as_of()?;
        let mut packages: BTreeMap<String, Vec<Advisory>> = BTreeMap::new();
        for member in reader.object(reader.root(), "packages")?.members() {
            let name = member.key.to_ascii_lowercase();
            if !name.contains('/') {
                let message = "this is no package name; write `vendor/package`";
                return Err(reader.error(member.key_span, message));
            }
            let mut advisories = Vec::new();
            for row in reader.items(&member.value)? {
                advisories.push(advisory(&reader, row)?);
            }
            packages.entry(name).or_default().extend(advisories);
        }
        Ok(Self { as_of, packages })
    }

    /// The day of its list.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// What a finding that leans on the pack is based on.
    #[must_use]
    pub fn basis(&self) -> Basis {
        Basis { table: BUILT_IN.table, as_of: self.as_of }
    }

    /// The advisories that a locked version of a package is affected by, in the order of their numbers. None for a branch: no order
    /// tells what it contains.
    pub fn affected(&self, package: &str, version: &str) -> impl Iterator<Item = &Advisory> + use<'_> {
        let advisories = self.packages.get(&package.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
        let version = Version::parse(version);
        advisories.iter().filter(move |one| version.as_ref().is_some_and(|version| one.affected.contains(version)))
    }

    /// How many packages it has advisories for, and how many advisories.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.packages.len(), self.packages.values().map(Vec::len).sum())
    }
}

fn advisory(reader: &Reader<'_>, row: &Value) -> Result<Advisory, FactsError> {
    let mut ranges = Vec::new();
    for range in reader.list(row, "affected")? {
        let text = reader.text(range)?;
        if let Err(reason) = Ranges::parse(text) {
            return Err(reader.error(range.span, format!("{reason}; write a range such as `>=1.0,<1.2.3`")));
        }
        ranges.push(text);
    }
    let affected = Ranges::parse(&ranges.join("|")).unwrap_or_default();
    Ok(Advisory {
        id: reader.field(row, "id")?.to_owned(),
        title: reader.field(row, "title")?.to_owned(),
        affected,
        url: reader.optional(row, "url")?.map(str::to_owned),
    })
}

/// Whether a file of this name is one that advisories are asked about: what Composer installs.
#[must_use]
pub fn is_wanted_for(path: &str) -> bool {
    matches!(crate::source::file_name(path), "composer.lock" | "installed.json")
}

/// Date and source of the pack that comes with this version.
pub const BUILT_IN: FactDate = tables::advisories::META;

/// Tells the pack that comes with this version from any other: the page fetches it under this name.
pub const BUILT_IN_DIGEST: &str = tables::advisories::DIGEST;

/// What [`BUILT_IN_DIGEST`] is of a text: FNV-1a with 64 bits. It guards against a stale copy, not against an attacker.
#[must_use]
pub fn digest(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"_meta": {"as_of": "2026-08-06"}, "packages": {
  "Acme/shop": [
    {"id": "CVE-2026-1", "title": "one", "affected": [">=1.0,<1.2.3", ">=2.0,<2.0.5"]},
    {"id": "2026-02-03", "title": "two", "affected": ["<=1.1"], "url": "https://example.org/two"}
  ]}}"#;

    #[test]
    fn locked_versions() {
        let pack = Pack::parse(TEXT).unwrap();
        assert_eq!((pack.as_of(), pack.size()), (Date::new(2026, 8, 6), (1, 2)));
        let of = |version: &str| pack.affected("acme/shop", version).map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(of("v1.1.0"), ["CVE-2026-1", "2026-02-03"]);
        assert_eq!(of("1.2.3-RC1"), Vec::<String>::new());
        assert_eq!(of("2.0.4"), ["CVE-2026-1"]);
        assert_eq!(of("dev-main"), Vec::<String>::new());
        assert_eq!(pack.affected("acme/other", "1.0").count(), 0);
        let first = pack.affected("acme/shop", "1.1").next().unwrap();
        assert_eq!(first.fixed_in("1.1"), Some("1.2.3"));
        assert_eq!(first.url().as_deref(), Some("https://nvd.nist.gov/vuln/detail/CVE-2026-1"));
    }

    #[test]
    fn faults_have_a_place() {
        let fault = |from: &str, to: &str| Pack::parse(&TEXT.replace(from, to)).unwrap_err().to_string();
        assert_eq!(fault("<1.2.3", "<1.x.3"), "3:55: `1.x.3` is no version; write a range such as `>=1.0,<1.2.3`");
        assert_eq!(fault("\"title\": \"one\", ", ""), "3:5: `title` is missing");
        assert_eq!(fault("\"Acme/shop\"", "\"shop\""), "2:3: this is no package name; write `vendor/package`");
        assert!(fault("2026-08-06", "soon").starts_with("1:21: "));
        assert!(fault("\"packages\"", "\"pakages\"").contains("`packages` is missing"));
        assert!(Pack::parse("[1, ").is_err() && Pack::parse("").is_err());
    }

    #[test]
    fn a_digest_tells_texts_apart() {
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_ne!(digest("a"), digest("b"));
    }
}
