//! The bill of trust: everybody whose work ends up in the stack, what is taken from them, and what holds it in place. Images,
//! downloads of builds, actions and files of pipelines, and the places that Composer installs from.

use crate::facts::tags::Precision;
use crate::model::ci::RefKind;
use crate::project::{Project, UsedImage};
use crate::source::Location;
use crate::text::shorten;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows that are kept of one kind: a monorepo's lock files name thousands of packages, but few places they come from.
const MAX_ROWS: usize = 200;
/// Places that are named for one row.
const MAX_PLACES: usize = 8;

/// Something that is taken from somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustRow {
    /// `image`, `download`, `action`, `pipeline-file`, `composer-repository`.
    pub kind: String,
    /// Who answers for it: a registry with its publisher, a host, an account.
    pub publisher: String,
    /// What is taken, as written.
    pub what: String,
    /// What holds it: `digest`, `commit`, `checksum`, `version`, `tag`, `branch`, `lock file`, `nothing`.
    pub held_by: String,
    /// Whether what is taken cannot change unseen: a digest, a commit or a checksum holds it.
    pub pinned: bool,
    /// Where, as `file:line`.
    pub places: Vec<String>,
}

/// Everything that is taken, what nothing holds first.
#[must_use]
pub fn bill(project: &Project<'_>) -> Vec<TrustRow> {
    let mut rows = Rows { project, rows: BTreeMap::new() };
    images(&mut rows);
    downloads(&mut rows);
    pipelines(&mut rows);
    composer(&mut rows);
    let mut rows: Vec<TrustRow> = rows.rows.into_values().collect();
    rows.sort_by(|a, b| {
        let key = |row: &TrustRow| (row.pinned, strength(&row.held_by));
        (key(a), &a.kind, &a.publisher, &a.what).cmp(&(key(b), &b.kind, &b.publisher, &b.what))
    });
    rows
}

/// How firmly something holds, loosest first.
fn strength(held_by: &str) -> usize {
    ["nothing", "branch", "tag", "version", "lock file"].iter().position(|word| *word == held_by).unwrap_or(usize::MAX)
}

/// The rows so far: one for each thing that is taken, however often.
struct Rows<'p, 'a> {
    project: &'p Project<'a>,
    rows: BTreeMap<(&'static str, String), TrustRow>,
}

impl Rows<'_, '_> {
    fn add(&mut self, kind: &'static str, publisher: &str, what: &str, held_by: &str, at: Location) {
        if self.rows.keys().filter(|(known, _)| *known == kind).count() >= MAX_ROWS {
            return;
        }
        let what = shorten(what, 120);
        let row = self.rows.entry((kind, what.clone())).or_insert_with(|| TrustRow {
            kind: kind.to_owned(),
            publisher: shorten(publisher, 80),
            what,
            held_by: held_by.to_owned(),
            pinned: matches!(held_by, "digest" | "commit" | "checksum"),
            places: Vec::new(),
        });
        let at = self.project.sources.origin(at);
        let source = self.project.sources.get(at.source);
        let place = format!("{}:{}", source.path(), source.line_column(at.span.start).line);
        if row.places.len() < MAX_PLACES && !row.places.contains(&place) {
            row.places.push(place);
        }
    }

    fn image(&mut self, image: &UsedImage) {
        let reference = &image.reference;
        let registry = reference.registry.as_deref().unwrap_or("docker.io");
        let publisher = match reference.path.rsplit_once('/') {
            Some((owner, _)) => format!("{registry}/{owner}"),
            None if reference.registry.is_none() => "Docker Official Images".to_owned(),
            None => registry.to_owned(),
        };
        let held_by = match image.precision() {
            Precision::Digest => "digest",
            Precision::Patch | Precision::Minor | Precision::Major => "version",
            Precision::Other | Precision::Floating => "tag",
            Precision::None => "nothing",
        };
        self.add("image", &publisher, &reference.familiar(), held_by, image.at);
    }
}

fn images(rows: &mut Rows<'_, '_>) {
    let project = rows.project;
    for service in project.services() {
        for image in service.images() {
            // What the project builds itself is nobody else's.
            if !service.view().builds(&image.reference.familiar()) {
                rows.image(&image);
            }
        }
    }
    for image in project.job_images() {
        rows.image(&image);
    }
}

fn downloads(rows: &mut Rows<'_, '_>) {
    let project = rows.project;
    for service in project.services() {
        let Some(used) = &service.service().build_use else { continue };
        for download in used.downloads(project) {
            let url = download.public_url();
            let host = host_of(&url).to_owned();
            let held_by = if download.verified { "checksum" } else { "nothing" };
            rows.add("download", &host, &url, held_by, download.at);
        }
    }
}

fn pipelines(rows: &mut Rows<'_, '_>) {
    let project = rows.project;
    for used in project.actions().filter(|used| !used.is_local()) {
        let held_by = match used.kind {
            RefKind::Commit => "commit",
            RefKind::Tag => "tag",
            RefKind::Branch => "branch",
            RefKind::None => "nothing",
        };
        let owner = used.action.trim_start_matches("docker://").split('/').next().unwrap_or("");
        let what = match &used.reference {
            Some(reference) => format!("{}@{reference}", used.action),
            None => used.action.clone(),
        };
        rows.add("action", owner, &what, held_by, used.at);
    }
    for include in project.pipelines().iter().flat_map(|pipeline| &pipeline.includes) {
        if include.kind == "local" {
            continue;
        }
        let held_by = match include.reference.as_ref().map(|reference| reference.text.as_str()) {
            Some(text) if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => "commit",
            Some(_) => "branch",
            None => "nothing",
        };
        let what = include.what.text.as_str();
        let publisher = if what.contains("://") { host_of(what) } else { what.split('/').next().unwrap_or("") };
        rows.add("pipeline-file", publisher, what, held_by, include.what.at);
    }
}

fn composer(rows: &mut Rows<'_, '_>) {
    let project = rows.project;
    let folders: Vec<String> = project
        .files_of(crate::detect::Kind::ComposerJson)
        .map(|file| crate::source::folder(project.path(file.source)).to_owned())
        .collect();
    for folder in folders {
        let Some(manifest) = project.composer_manifest(&folder) else { continue };
        let held_by = if project.composer_lock(&folder).is_some() { "lock file" } else { "version" };
        let mut packagist = true;
        for repository in &manifest.repositories {
            packagist &= !repository.disables_packagist;
            let Some(url) =
                repository.url.as_ref().filter(|_| !matches!(repository.kind.as_str(), "path" | "artifact"))
            else {
                continue;
            };
            rows.add("composer-repository", host_of(&url.value), &without_login(&url.value), held_by, repository.at);
        }
        let first = manifest.require.iter().find(|requirement| !requirement.is_platform());
        if let Some(requirement) = first.filter(|_| packagist) {
            rows.add("composer-repository", "packagist.org", "packagist.org", held_by, requirement.package_at);
        }
    }
}

/// The host of a URL, or of `user@host:path`.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split([':', '?', '#']).next().unwrap_or(host)
}

/// A URL without a login in it.
fn without_login(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn rows(files: &[(&str, &str)]) -> Vec<(String, String, String)> {
        let sources = sources(files);
        let rows = bill(&Project::new(&sources, TODAY));
        rows.into_iter().map(|row| (row.kind, row.publisher, row.held_by)).collect()
    }

    fn row(kind: &str, publisher: &str, held_by: &str) -> (String, String, String) {
        (kind.to_owned(), publisher.to_owned(), held_by.to_owned())
    }

    #[test]
    fn everybody_is_named_the_loosest_first() {
        let compose = "services:\n  app:\n    build: .\n  redis:\n    image: redis:8.2.9\n  tool:\n    image: ghcr.io/acme/tool\n";
        let dockerfile = "FROM php:8.4-fpm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nRUN curl -sSL https://get.example.net/x.tar.gz?key=1 | tar xz\n";
        let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: acme/deploy@main\n      - uses: ./local\n";
        let composer = "{\"repositories\": [{\"type\": \"vcs\", \"url\": \"https://u:p@git.example.net/a.git\"}], \"require\": {\"a/b\": \"^1\"}}";
        let found = rows(&[
            ("compose.yaml", compose),
            ("Dockerfile", dockerfile),
            (".github/workflows/x.yml", workflow),
            ("composer.json", composer),
        ]);
        assert_eq!(
            found,
            [
                row("download", "get.example.net", "nothing"),
                row("image", "ghcr.io/acme", "nothing"),
                row("action", "acme", "branch"),
                row("composer-repository", "git.example.net", "version"),
                row("composer-repository", "packagist.org", "version"),
                row("image", "Docker Official Images", "version"),
                row("image", "Docker Official Images", "digest"),
            ]
        );
    }

    #[test]
    fn no_login_is_shown() {
        assert_eq!(without_login("https://user:token@git.example.net/a.git"), "https://git.example.net/a.git");
        assert_eq!(host_of("git@git.example.net:a/b.git"), "git.example.net");
    }

    #[test]
    fn what_the_project_builds_itself_is_not_there() {
        let compose = "services:\n  app:\n    build: .\n    image: acme/app:1\n  worker:\n    image: acme/app:1\n";
        assert_eq!(
            rows(&[("compose.yaml", compose), ("Dockerfile", "FROM php:8.4-fpm\n")]),
            [row("image", "Docker Official Images", "version")]
        );
    }
}
