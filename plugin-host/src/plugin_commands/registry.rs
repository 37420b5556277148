//! `plimsoll plugin push` and `pull`: only in a build that can talk to registries.

use crate::plugin_cli::{Pull, Push};

#[cfg(feature = "oci")]
pub(super) use with::{pull, push};

#[cfg(feature = "oci")]
mod with {
    use super::{Pull, Push};
    use anyhow::Context as _;
    use plimsoll::author::subject::{SubjectError, subject};
    use plimsoll::exit;
    use plimsoll::plugin::source::signature_file;
    use plimsoll::plugin::{Limits, oci};
    use std::path::Path;

    /// Puts a file into a registry, with its signature when it has one.
    pub(in super::super) fn push(options: &Push) -> anyhow::Result<u8> {
        let file = &options.file;
        anyhow::ensure!(
            !file.is_dir(),
            "{} is a folder; name the file that `plimsoll plugin build` wrote",
            file.display()
        );
        let bytes = match subject(file) {
            Ok(subject) => subject.bytes,
            Err(SubjectError::File(error)) => return Ok(super::super::refuse(file, &error)),
            Err(SubjectError::Build(error)) => return Err(error),
        };
        let reference = bare(&options.reference);
        let signature = signature(file, options.signature.as_deref())?;
        let manifest = oci::push(reference, &bytes, signature.as_deref(), &Limits::default())
            .map_err(|error| anyhow::anyhow!("{error}; {}", error.help()))?;
        let signed = if signature.is_some() { "signed" } else { "not signed" };
        super::super::print(&format!("oci://{reference}, {signed}\nmanifest {manifest}\n"))?;
        Ok(exit::CLEAN)
    }

    /// Gets a file from a registry. Nothing of it is run.
    pub(in super::super) fn pull(options: &Pull) -> anyhow::Result<u8> {
        let pulled = oci::pull(bare(&options.reference), &Limits::default())
            .map_err(|error| anyhow::anyhow!("{error}; {}", error.help()))?;
        let write = |path: &Path, bytes: &[u8]| {
            std::fs::write(path, bytes).with_context(|| format!("{} could not be written", path.display()))
        };
        write(&options.out, &pulled.bytes)?;
        let mut text = format!("{}\n", options.out.display());
        if let Some(signature) = &pulled.signature {
            let path = signature_file(&options.out);
            write(&path, signature.as_bytes())?;
            text.push_str(&format!("{}\n", path.display()));
        }
        super::super::print(&format!("{text}manifest {}\n", pulled.manifest))?;
        Ok(exit::CLEAN)
    }

    fn bare(reference: &str) -> &str {
        reference.strip_prefix("oci://").unwrap_or(reference)
    }

    /// The signature that is named, or the one beside the file.
    fn signature(file: &Path, named: Option<&Path>) -> anyhow::Result<Option<String>> {
        let path = named.map_or_else(|| signature_file(file), Path::to_path_buf);
        if named.is_none() && !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} could not be read", path.display()))?;
        Ok(Some(text))
    }
}

#[cfg(not(feature = "oci"))]
pub(super) fn push(options: &Push) -> anyhow::Result<u8> {
    missing(&options.reference)
}

#[cfg(not(feature = "oci"))]
pub(super) fn pull(options: &Pull) -> anyhow::Result<u8> {
    missing(&options.reference)
}

#[cfg(not(feature = "oci"))]
fn missing(reference: &str) -> anyhow::Result<u8> {
    anyhow::bail!(
        "{}: this build of Plimsoll cannot talk to registries; build it with `--features oci`, or use wkg or oras",
        plimsoll_core::text::shorten(reference, 200)
    )
}
