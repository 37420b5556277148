//! What Composer's files say of versions: the PHP that `composer.json` allows, the frameworks that `composer.lock` installs.

use super::ServiceRef;
use crate::facts::eol::compare_versions;
use crate::source::Location;
use crate::span::Span;

/// Packages that stand for a product of the table of ends of life.
const FRAMEWORKS: [(&str, &str); 13] = [
    ("laravel/framework", "laravel"),
    ("symfony/http-kernel", "symfony"),
    ("symfony/framework-bundle", "symfony"),
    ("drupal/core", "drupal"),
    ("roots/wordpress", "wordpress"),
    ("johnpbloch/wordpress-core", "wordpress"),
    ("craftcms/cms", "craft-cms"),
    ("typo3/cms-core", "typo3"),
    ("magento/product-community-edition", "magento"),
    ("shopware/core", "shopware"),
    ("statamic/cms", "statamic"),
    ("cakephp/cakephp", "cakephp"),
    ("contao/core-bundle", "contao"),
];

/// A framework that `composer.lock` installs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locked {
    /// Product in [`crate::facts::eol`].
    pub product: &'static str,
    /// Its version.
    pub version: String,
    /// Where the version is written.
    pub at: Location,
}

/// A version constraint as Composer writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constraint(String);

impl Constraint {
    /// Whether some release of a line (`8.3`) fits. What cannot be read allows everything.
    #[must_use]
    pub fn allows(&self, line: &str) -> bool {
        let mut text = self.0.replace(',', " ");
        for operator in [">=", "<=", ">", "<", "^", "~", "="] {
            text = text.replace(&format!("{operator} "), operator);
        }
        text.split('|')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .any(|all| all.split_whitespace().all(|one| fits(one, line)))
    }
}

fn fits(one: &str, line: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches('v').chars().all(|c| c.is_ascii_digit() || c == '.');
    let first = |text: &str, count: usize| text.split('.').take(count).collect::<Vec<_>>().join(".");
    // Lines have two numbers: `8.3.4` and `8.3` ask for the same line.
    let at_least = |version: &str| compare_versions(line, &first(version, 2)).is_ge();
    let end = one.find(|c: char| c.is_ascii_digit()).unwrap_or(one.len());
    let (operator, version) = one.split_at(end);
    let version = version.trim_end_matches(".*");
    if version.is_empty() || !digits(version) {
        return true;
    }
    match operator.trim() {
        "^" => at_least(version) && first(line, 1) == first(version, 1),
        "~" if version.matches('.').count() >= 2 => first(line, 2) == first(version, 2),
        "~" => at_least(version) && first(line, 1) == first(version, 1),
        ">=" | ">" => at_least(version),
        "<" => compare_versions(line, version).is_lt(),
        "<=" => compare_versions(line, &first(version, 2)).is_le(),
        "" | "=" | "==" => first(line, version.split('.').count().min(2)) == first(version, 2),
        _ => true,
    }
}

impl ServiceRef<'_, '_> {
    /// The PHP versions that the `composer.json` of its build context allows, and where it says so.
    #[must_use]
    pub fn composer_php(self) -> Option<(Constraint, Location)> {
        let manifest = self.project.composer_manifest(self.composer_folder()?)?;
        let required = manifest.requires("php")?;
        Some((Constraint(required.constraint.value.clone()), inside(required.constraint.at)))
    }

    /// The frameworks that the `composer.lock` of its build context installs for production.
    #[must_use]
    pub fn locked_frameworks(self) -> Vec<Locked> {
        let lock = self.composer_folder().and_then(|folder| self.project.composer_lock(folder));
        let Some(lock) = lock else { return Vec::new() };
        let mut found: Vec<Locked> = Vec::new();
        for (package, product) in FRAMEWORKS {
            let package = lock.package(package).filter(|package| !package.dev && !package.version.is_empty());
            if let Some(package) = package.filter(|_| found.iter().all(|locked| locked.product != product)) {
                found.push(Locked { product, version: package.version.clone(), at: inside(package.at) });
            }
        }
        found
    }

    fn composer_folder(&self) -> Option<&str> {
        self.build_use.as_ref()?.context.as_deref()
    }
}

/// The text of a string without its quotes.
fn inside(at: Location) -> Location {
    Location::new(
        at.source,
        Span { start: at.span.start + 1, end: at.span.end.saturating_sub(1).max(at.span.start + 1) },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints() {
        for (constraint, line, want) in [
            ("^8.1", "8.3", true),
            ("^8.1", "9.0", false),
            ("^8.4", "8.3", false),
            ("^7.4 || ^8.0", "8.4", true),
            ("~8.2.0", "8.3", false),
            ("~8.2", "8.4", true),
            ("8.1.*", "8.2", false),
            ("8.*", "8.2", true),
            (">=8.1 <8.4", "8.4", false),
            (">=8.1,<8.4", "8.3", true),
            (">= 8.1", "8.3", true),
            ("8.3.4", "8.3", true),
            ("*", "8.3", true),
            ("dev-main", "8.3", true),
        ] {
            assert_eq!(Constraint(constraint.to_owned()).allows(line), want, "{constraint} {line}");
        }
    }
}
