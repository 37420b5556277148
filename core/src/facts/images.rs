//! What known images do: whom they run as, what they serve. Source: their Dockerfiles (`core/data/images.json`), read 2026-08-23.

use std::borrow::Cow;

use super::{Basis, glob, tables};
use crate::date::Date;
use crate::image::ImageRef;

/// Day on which the Dockerfiles were read.
pub const AS_OF: Date = tables::images::META.as_of;

/// What becomes of root when the image starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Exec {
    /// The main process is root.
    Root,
    /// The master is root, the workers that serve requests are not.
    RootMaster,
    /// The entrypoint is root and hands over to another user.
    Drops,
    /// The image's user is not root.
    NonRoot,
    /// The user is not root but may become it with `sudo`: judge as root.
    Sudo,
}

/// One row: an image, or a family of images.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageRow {
    /// Name as [`ImageRef::name`] gives it; `*` stands for anything.
    pub pattern: Cow<'static, str>,
    /// Tags that the row is for, `*` as above; empty for all.
    pub tag: Cow<'static, str>,
    /// The published image's last `USER`, `root` when it has none.
    pub default_user: Cow<'static, str>,
    /// What the start command makes of it.
    pub exec: Exec,
    /// What the image is for: `php-fpm`, `db`, `proxy` …
    pub role: &'static str,
    /// User of the workers or of the main process, when it is not `default_user`.
    pub runtime_user: Option<Cow<'static, str>>,
    /// Ports that it serves.
    pub ports: Cow<'static, [u16]>,
    /// Product in [`super::eol`] that the tag's version belongs to.
    pub eol_product: Option<&'static str>,
    /// Whether the image has a `HEALTHCHECK`.
    pub ships_healthcheck: bool,
    /// Capabilities that its start needs after `cap_drop: [ALL]`.
    pub cap_add: Cow<'static, [&'static str]>,
    /// Whether its documentation mounts the Docker socket.
    pub mounts_socket: bool,
    /// Whether its Dockerfile was read; otherwise the row is from documentation.
    pub verified: bool,
    /// The repository and commit that were read, or `doc`.
    pub source: Cow<'static, str>,
    /// What else to know.
    pub notes: Cow<'static, str>,
    /// The day of the row, when it is not the built-in table's: the user handed it in.
    pub own: Option<Date>,
}

impl ImageRow {
    /// What a finding that leans on the row is based on.
    #[must_use]
    pub fn basis(&self) -> Basis {
        Basis { table: tables::images::META.table, as_of: self.own.unwrap_or(AS_OF) }
    }

    /// Whether the row is for an image of this name and tag, and how exactly: more is more specific.
    pub(super) fn fit(&self, name: &str, tag: &str) -> Option<(bool, usize, usize)> {
        let fits = glob::name(&self.pattern, name) && (self.tag.is_empty() || glob::name(&self.tag, tag));
        fits.then_some((!self.pattern.contains('*'), self.pattern.len(), self.tag.len()))
    }

    /// Whether the row's own ports contain the port: decides what an ambiguous port such as 9000 is.
    #[must_use]
    pub fn serves(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }
}

/// The most specific row for an image: exact names before patterns, longer before shorter, rows for its tag before rows for all.
///
/// Mirrors of the official images count as the official images. Without a tag, Docker takes `latest`, and so does this. A rule
/// asks [`super::Facts::image`] instead, which knows what the user handed in.
#[must_use]
pub fn row(image: &ImageRef) -> Option<&'static ImageRow> {
    let name = name(image);
    let tag = image.tag_or_latest();
    best(tables::images::ROWS, &name, tag)
}

/// The most specific of some rows.
pub(super) fn best<'r>(rows: &'r [ImageRow], name: &str, tag: &str) -> Option<&'r ImageRow> {
    let fitting = rows.iter().filter_map(|row| Some((row.fit(name, tag)?, row)));
    fitting.max_by_key(|(fit, _)| *fit).map(|(_, row)| row)
}

/// All rows, by pattern.
#[must_use]
pub fn rows() -> &'static [ImageRow] {
    tables::images::ROWS
}

/// The name to look up: mirrors of Docker Hub's official images lose their registry.
pub(crate) fn name(image: &ImageRef) -> String {
    let official = match image.registry.as_deref() {
        Some("public.ecr.aws") => image.path.strip_prefix("docker/library/"),
        Some("mirror.gcr.io") => image.path.strip_prefix("library/"),
        _ => None,
    };
    official.map_or_else(|| image.name(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> &'static ImageRow {
        row(&ImageRef::parse(text).unwrap()).unwrap_or_else(|| panic!("no row for {text}"))
    }

    #[test]
    fn rows_go_by_tag() {
        assert_eq!(of("php:8.4-fpm").role, "php-fpm");
        assert_eq!(of("php:8.4-apache").role, "php-apache");
        assert_eq!(of("php:8.4-cli").role, "php-cli");
        assert_eq!((of("php").role, of("php").exec), ("php-cli", Exec::Root));
        assert_eq!(of("gcr.io/distroless/base:nonroot").exec, Exec::NonRoot);
        assert_eq!(of("gcr.io/distroless/base:debug-nonroot").exec, Exec::NonRoot);
        assert_eq!(of("gcr.io/distroless/base:latest").exec, Exec::Root);
        assert_eq!(of("mariadb:11-ubi").exec, Exec::NonRoot);
        assert_eq!(of("mariadb:11").exec, Exec::Drops);
        assert_eq!(of("docker:27-dind").exec, Exec::Root);
        assert_eq!(of("docker:27-dind-rootless").exec, Exec::NonRoot);
        assert_eq!(of("docker:27-cli").role, "ci");
        assert_eq!(of("wordpress:cli-2.12").exec, Exec::NonRoot);
        assert_eq!(of("serversideup/php:8.3-fpm-nginx").exec, Exec::NonRoot);
        assert_eq!(of("serversideup/php:8.3-fpm-nginx-v2.2.1").exec, Exec::RootMaster);
    }

    #[test]
    fn sudo_images_are_root_in_disguise() {
        let wodby = of("wodby/php:8.3");
        assert_eq!((wodby.default_user.as_ref(), wodby.exec), ("wodby", Exec::Sudo));
        assert_eq!(of("thecodingmachine/php:8.3-v4-apache").exec, Exec::Sudo);
    }

    #[test]
    fn port_9000_is_whose_image_it_is() {
        for (image, role) in [
            ("php:8-fpm", "php-fpm"),
            ("minio/minio", "object"),
            ("portainer/portainer-ce", "docker-admin"),
            ("sonarqube", "ci"),
            ("clickhouse/clickhouse-server", "db"),
        ] {
            assert!(of(image).serves(9000), "{image}");
            assert_eq!(of(image).role, role);
        }
    }

    #[test]
    fn names_and_mirrors() {
        for text in [
            "docker.io/library/php:8-fpm",
            "public.ecr.aws/docker/library/php:8-fpm",
            "mirror.gcr.io/library/php:8-fpm",
        ] {
            assert_eq!(of(text).role, "php-fpm", "{text}");
        }
        assert_eq!(of("bitnami/redis").default_user, "1001");
        assert_eq!(of("redis/redis-stack-server:7.2.0-v9").role, "cache");
        assert!(row(&ImageRef::parse("ghcr.io/bitnami/redis").unwrap()).is_none());
        assert!(row(&ImageRef::parse("registry.example.net/php:8-fpm").unwrap()).is_none());
        assert!(of("nginx").verified && !of("debian").verified);
    }
}
