//! Image references, by the grammar of `distribution/reference`: what `docker pull` accepts, what it makes of it, and where each part stands.

use std::fmt;
use std::ops::Range;

pub use crate::facts::tags::{Precision, ProductVersion, TagParts};

/// A parsed image reference. `docker.io/library/php`, `index.docker.io/library/php` and `php` give the same names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageRef {
    /// Registry host and port, lower case; `None` for Docker Hub.
    pub registry: Option<String>,
    /// Repository without the registry; `library/` is dropped on Docker Hub.
    pub path: String,
    /// Tag as written.
    pub tag: Option<String>,
    /// Digest with its algorithm, `sha256:…`.
    pub digest: Option<String>,
    /// Bytes of the repository as written, without the registry.
    pub path_span: Range<usize>,
    /// Bytes of the tag, without its colon.
    pub tag_span: Option<Range<usize>>,
    /// Bytes of the digest, without its `@`.
    pub digest_span: Option<Range<usize>>,
}

/// Why a text is no image reference, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageRefError {
    /// What is wrong.
    pub kind: ImageRefErrorKind,
    /// The offending bytes of the given text.
    pub at: Range<usize>,
}

/// What can be wrong with an image reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageRefErrorKind {
    /// Nothing there.
    Empty,
    /// A variable that nobody resolved; not an error of the author's.
    Unresolved,
    /// An image id (`sha256:` and 64 hex digits, or the digits alone), which names no repository.
    ImageId,
    /// A tag or a digest without a name before it.
    MissingName,
    /// Upper-case letters in the repository.
    UpperCase,
    /// The registry is no host name.
    BadRegistry,
    /// The repository has characters or separators that the grammar refuses.
    BadPath,
    /// The name is longer than 255 characters.
    TooLong,
    /// The tag is empty, too long (128) or has characters that the grammar refuses.
    BadTag,
    /// The digest is not `algorithm:hex` of the right length.
    BadDigest,
}

impl fmt::Display for ImageRefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ImageRefErrorKind::Empty => "the image reference is empty",
            ImageRefErrorKind::Unresolved => "the image reference contains a variable without a value",
            ImageRefErrorKind::ImageId => "this is an image id, not an image name",
            ImageRefErrorKind::MissingName => "the image reference has no name",
            ImageRefErrorKind::UpperCase => "the repository name must be lower case",
            ImageRefErrorKind::BadRegistry => "the registry is not a host name",
            ImageRefErrorKind::BadPath => "the repository name is invalid",
            ImageRefErrorKind::TooLong => "the repository name is longer than 255 characters",
            ImageRefErrorKind::BadTag => "the tag is invalid",
            ImageRefErrorKind::BadDigest => "the digest is invalid",
        };
        write!(f, "{what} (byte {})", self.at.start)
    }
}

impl std::error::Error for ImageRefError {}

/// Hosts that are Docker Hub under another name.
const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

impl ImageRef {
    /// Reads a reference. Variables must be resolved before; surrounding space is not accepted.
    ///
    /// # Errors
    ///
    /// The first thing that the grammar refuses, with its place.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        let fail = |kind, at: Range<usize>| Err(ImageRefError { kind, at });
        if text.is_empty() {
            return fail(ImageRefErrorKind::Empty, 0..0);
        }
        if let Some(at) = text.find('$') {
            return fail(ImageRefErrorKind::Unresolved, at..text.len());
        }
        if is_hex(text.strip_prefix("sha256:").unwrap_or(text), 64) {
            return fail(ImageRefErrorKind::ImageId, 0..text.len());
        }

        let (named, digest_span) = match text.find('@') {
            Some(at) => (&text[..at], Some(at + 1..text.len())),
            None => (text, None),
        };
        if let Some(span) = &digest_span
            && !is_digest(&text[span.clone()])
        {
            return fail(ImageRefErrorKind::BadDigest, span.clone());
        }
        // A colon after the last slash starts a tag; one before it belongs to the registry's port.
        let last = named.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag_span) = match named[last..].find(':') {
            Some(at) => (&named[..last + at], Some(last + at + 1..named.len())),
            None => (named, None),
        };
        if repository.is_empty() {
            return fail(ImageRefErrorKind::MissingName, 0..1);
        }
        if let Some(span) = &tag_span
            && !is_tag(&text[span.clone()])
        {
            return fail(ImageRefErrorKind::BadTag, span.clone());
        }
        if repository.len() > 255 {
            return fail(ImageRefErrorKind::TooLong, 0..repository.len());
        }

        let (host, path_start) = split_registry(repository);
        if let Some(host) = host
            && !is_host(host)
        {
            return fail(ImageRefErrorKind::BadRegistry, 0..host.len());
        }
        check_path(repository, path_start)?;
        let mut path = &repository[path_start..];
        // A capital letter alone makes a registry of a first part: without it the part would be a folder of Docker Hub.
        let plain = |host: &str| host.contains(['.', ':']) || host.eq_ignore_ascii_case("localhost");
        let registry = host
            .map(|host| if plain(host) { host.to_ascii_lowercase() } else { host.to_owned() })
            .filter(|host| !HUB.contains(&host.as_str()));
        if registry.is_none()
            && let Some(official) = path.strip_prefix("library/")
            && !official.contains('/')
        {
            path = official;
        }
        Ok(Self {
            registry,
            path: path.to_owned(),
            tag: tag_span.clone().map(|span| text[span].to_owned()),
            digest: digest_span.clone().map(|span| text[span].to_owned()),
            path_span: path_start..repository.len(),
            tag_span,
            digest_span,
        })
    }

    /// The name without tag and digest: `php`, `bitnami/redis`, `ghcr.io/php/frankenphp`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.registry {
            Some(registry) => format!("{registry}/{}", self.path),
            None => self.path.clone(),
        }
    }

    /// The whole reference as people write it: Docker Hub and `library/` left out.
    #[must_use]
    pub fn familiar(&self) -> String {
        let mut text = self.name();
        for (mark, part) in [(':', &self.tag), ('@', &self.digest)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }

    /// The tag, or what Docker assumes without one.
    #[must_use]
    pub fn tag_or_latest(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }

    /// Whether it is one of Docker Hub's official images.
    #[must_use]
    pub fn is_official(&self) -> bool {
        self.registry.is_none() && !self.path.contains('/')
    }

    /// How tightly the reference holds one image; see [`crate::facts::tags::precision`].
    #[must_use]
    pub fn precision(&self) -> Precision {
        crate::facts::tags::precision(self)
    }

    /// Product versions that the tag names; see [`crate::facts::tags::versions`].
    #[must_use]
    pub fn versions(&self) -> Vec<ProductVersion> {
        crate::facts::tags::versions(self)
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.familiar())
    }
}

/// The registry, when the first component looks like one, and where the path starts.
fn split_registry(repository: &str) -> (Option<&str>, usize) {
    let Some(slash) = repository.find('/') else { return (None, 0) };
    let first = &repository[..slash];
    // Upper case is refused in a path, so Docker takes such a first component for a host.
    let host =
        first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|byte| byte.is_ascii_uppercase());
    if host { (Some(first), slash + 1) } else { (None, 0) }
}

fn check_path(repository: &str, start: usize) -> Result<(), ImageRefError> {
    let mut at = start;
    for component in repository[start..].split('/') {
        let span = at..at + component.len();
        if !is_component(component) {
            let upper = component.bytes().any(|byte| byte.is_ascii_uppercase())
                && is_component(&component.to_ascii_lowercase());
            let kind = if upper { ImageRefErrorKind::UpperCase } else { ImageRefErrorKind::BadPath };
            return Err(ImageRefError { kind, at: span });
        }
        at = span.end + 1;
    }
    Ok(())
}

/// `[a-z0-9]+` joined by `.`, `_`, `__` or any number of `-`.
fn is_component(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let mut run = 0; // start of the current run of separators
    for (at, &byte) in bytes.iter().enumerate() {
        if alphanumeric(byte) {
            let separator = &text[run..at];
            let allowed = matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
            if !allowed || (run == 0 && at > 0) {
                return false;
            }
            run = at + 1;
        } else if !matches!(byte, b'.' | b'_' | b'-') {
            return false;
        }
    }
    !bytes.is_empty() && run == bytes.len()
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rfind(':') {
        Some(at) if !text.ends_with(']') => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    };
    let port_fits = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let name_fits = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => !v6.is_empty() && v6.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        None => host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }),
    };
    port_fits && name_fits
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    match algorithm {
        "sha256" => is_hex(hex, 64),
        "sha384" => is_hex(hex, 96),
        "sha512" => is_hex(hex, 128),
        other => {
            other.split(['+', '.', '_', '-']).all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphabetic())
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }) && hex.len() >= 32
                && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn parse(text: &str) -> ImageRef {
        ImageRef::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn hub_names_are_one() {
        for text in [
            "php:8.4",
            "library/php:8.4",
            "docker.io/php:8.4",
            "docker.io/library/php:8.4",
            "index.docker.io/library/php:8.4",
            "Docker.IO/library/php:8.4",
        ] {
            let image = parse(text);
            assert_eq!(image.familiar(), "php:8.4", "{text}");
            assert!(image.is_official());
            assert_eq!(&text[image.tag_span.clone().unwrap()], "8.4");
            assert!(text[image.path_span.clone()].ends_with("php"));
        }
        assert_eq!(parse("ghcr.io/library/php").familiar(), "ghcr.io/library/php");
        assert_eq!(parse("docker.io/bitnami/redis").familiar(), "bitnami/redis");
    }

    #[test]
    fn ports_are_not_tags() {
        let text = format!("localhost:5000/x:y@{DIGEST}");
        let image = parse(&text);
        assert_eq!(image.registry.as_deref(), Some("localhost:5000"));
        assert_eq!((image.path.as_str(), image.tag.as_deref()), ("x", Some("y")));
        assert_eq!(&text[image.digest_span.clone().unwrap()], DIGEST);
        assert_eq!(image.familiar(), text);
        let bare = parse("localhost:5000");
        assert_eq!((bare.path.as_str(), bare.tag.as_deref()), ("localhost", Some("5000")));
        let untagged = parse("registry.example.net:5000/team/app");
        assert_eq!((untagged.path.as_str(), untagged.tag), ("team/app", None));
        assert_eq!(parse("[::1]:5000/app").registry.as_deref(), Some("[::1]:5000"));
        assert_eq!(parse("localhost/app").registry.as_deref(), Some("localhost"));
        assert_eq!(parse("libRary/app:1").familiar(), "libRary/app:1");
        assert_eq!(parse("GHCR.io/a/b").registry.as_deref(), Some("ghcr.io"));
        assert_eq!(parse("a/b/c").registry, None);
    }

    #[test]
    fn errors_say_where() {
        let cases = [
            ("", ImageRefErrorKind::Empty, 0..0),
            ("php:${TAG}", ImageRefErrorKind::Unresolved, 4..10),
            (DIGEST, ImageRefErrorKind::ImageId, 0..71),
            (":8.4", ImageRefErrorKind::MissingName, 0..1),
            ("PHP:8.4", ImageRefErrorKind::UpperCase, 0..3),
            ("team/App", ImageRefErrorKind::UpperCase, 5..8),
            ("php:", ImageRefErrorKind::BadTag, 4..4),
            ("php:8.4 ", ImageRefErrorKind::BadTag, 4..8),
            ("php:-x", ImageRefErrorKind::BadTag, 4..6),
            ("a..b", ImageRefErrorKind::BadPath, 0..4),
            ("-a", ImageRefErrorKind::BadPath, 0..2),
            ("a-", ImageRefErrorKind::BadPath, 0..2),
            ("a//b", ImageRefErrorKind::BadPath, 2..2),
            ("php/", ImageRefErrorKind::BadPath, 4..4),
            ("a___b", ImageRefErrorKind::BadPath, 0..5),
            ("phé", ImageRefErrorKind::BadPath, 0..4),
            ("ex_ample.net/a", ImageRefErrorKind::BadRegistry, 0..12),
            ("host:x/a", ImageRefErrorKind::BadRegistry, 0..6),
            ("php@sha256:12", ImageRefErrorKind::BadDigest, 4..13),
            ("php@", ImageRefErrorKind::BadDigest, 4..4),
        ];
        for (text, kind, at) in cases {
            assert_eq!(ImageRef::parse(text), Err(ImageRefError { kind, at }), "{text}");
        }
        assert_eq!(ImageRef::parse(&"a".repeat(256)).unwrap_err().kind, ImageRefErrorKind::TooLong);
        assert!(parse(&format!("a:{}", "t".repeat(128))).tag.is_some());
        assert!(ImageRef::parse(&format!("a:{}", "t".repeat(129))).is_err());
        for fine in ["a-b", "a--b", "a__b", "a.b", "0"] {
            parse(fine);
        }
    }
}
