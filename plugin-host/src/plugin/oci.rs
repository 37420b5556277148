//! Plug-ins in registries: pulled and pushed in the layout of the CNCF's wasm working group, so that `wkg` and `oras` read them too.
//!
//! One layer `application/wasm` holds the component, the configuration `application/vnd.wasm.config.v0+json` says what it exports. A
//! minisign signature travels in Base64 as an annotation of the manifest, whose JSON must not hold line ends. What comes out of a registry is trusted no more than any other file:
//! its digest and its signature are checked by whoever uses it.

use super::{Limits, inspect};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::client::{Client, ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OciDescriptor, OciImageManifest, OciManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use plimsoll_core::text::{shorten, visible};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWrite;

/// The layer's media type.
pub const LAYER: &str = "application/wasm";
/// The configuration's media type.
pub const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The annotation that holds the signature as `minisign` writes it, in Base64.
pub const SIGNATURE: &str = "io.plimsoll.plugin.minisign";

/// Bytes of a signature's annotation: four lines.
const MAX_SIGNATURE: usize = 4 << 10;
/// How long a registry may take for everything.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it may be silent.
const SILENCE: Duration = Duration::from_secs(20);

/// A plug-in out of a registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pulled {
    /// The component.
    pub bytes: Vec<u8>,
    /// Its signature, when there is one.
    pub signature: Option<String>,
    /// The digest of the manifest: the reference that never changes.
    pub manifest: String,
}

/// Why a registry did not help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OciError {
    /// The reference is none.
    Reference(String),
    /// The registry's credentials cannot be read.
    Credentials(String),
    /// What the registry, or the way to it, said.
    Registry(String),
    /// There is nothing of this name, or it may not be seen.
    Missing(String),
    /// It may not be read or written with these credentials.
    Denied(String),
    /// What is there is no plug-in.
    NoPlugin(String),
    /// It is larger than a plug-in may be.
    TooLarge {
        /// Its size as the registry tells it.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The registry takes too long.
    Slow,
}

impl fmt::Display for OciError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reason) => write!(f, "it is no reference into a registry: {}", shorten(reason, 200)),
            Self::Credentials(reason) => {
                write!(f, "the registry's credentials could not be read: {}", shorten(reason, 200))
            }
            Self::Registry(reason) => write!(f, "the registry could not be used: {}", shorten(reason, 300)),
            Self::Missing(reference) => write!(f, "the registry has no `{}`", visible(reference)),
            Self::Denied(reference) => write!(f, "the registry refuses `{}`", visible(reference)),
            Self::NoPlugin(reason) => write!(f, "what the registry has is no plug-in: {}", shorten(reason, 200)),
            Self::TooLarge { bytes, limit } => write!(f, "it has {bytes} bytes; the limit is {limit}"),
            Self::Slow => write!(f, "the registry took longer than {} seconds", PATIENCE.as_secs()),
        }
    }
}

impl std::error::Error for OciError {}

impl OciError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Reference(_) => "write it as `registry.example/team/rules:1.0`, or with `@sha256:…`",
            Self::Credentials(_) | Self::Denied(_) => "log in with `docker login REGISTRY`; its credentials are used",
            Self::Registry(_) | Self::Slow => "check the registry's name and the way to it, then try again",
            Self::Missing(_) => "check the name and the tag",
            Self::NoPlugin(_) => {
                "push it with `plimsoll plugin push`, `wkg` or `oras`, as one layer of application/wasm"
            }
            Self::TooLarge { .. } => "build it smaller, or raise `file-bytes` under [plugins.limits]",
        }
    }
}

/// Gets a plug-in.
///
/// # Errors
/// When the registry does not give it, or what it gives is no plug-in.
pub fn pull(reference: &str, limits: &Limits) -> Result<Pulled, OciError> {
    let place = parse(reference)?;
    let auth = credentials(&place)?;
    wait(pull_from(&place, &auth, limits.file_bytes))
}

/// Puts a plug-in there; the digest of its manifest.
///
/// # Errors
/// When it is no plug-in, or the registry does not take it.
pub fn push(reference: &str, component: &[u8], signature: Option<&str>, limits: &Limits) -> Result<String, OciError> {
    let place = parse(reference)?;
    let inspection = inspect::inspect(component, limits).map_err(|error| OciError::NoPlugin(error.to_string()))?;
    inspection.fits().map_err(|error| OciError::NoPlugin(error.to_string()))?;
    let auth = credentials(&place)?;
    let layer = ImageLayer::new(component.to_vec(), LAYER.to_owned(), None);
    let config = Config::new(configuration(component, &inspection.exports), CONFIG.to_owned(), None);
    let annotations = signature.map(|text| BTreeMap::from([(SIGNATURE.to_owned(), BASE64_STANDARD.encode(text))]));
    let manifest = OciImageManifest::build(std::slice::from_ref(&layer), &config, annotations);
    wait(push_to(&place, &auth, layer, config, manifest))
}

fn parse(reference: &str) -> Result<Reference, OciError> {
    reference.parse().map_err(|error| OciError::Reference(format!("{error}")))
}

/// The credentials that `docker login` left, helpers included.
fn credentials(place: &Reference) -> Result<RegistryAuth, OciError> {
    let server = place.resolve_registry().trim_end_matches('/');
    match docker_credential::get_credential(server) {
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(RegistryAuth::Basic(user, password)),
        Ok(DockerCredential::IdentityToken(_)) => {
            Err(OciError::Credentials(format!("{server} has an identity token, which is not understood here")))
        }
        Err(
            CredentialRetrievalError::ConfigNotFound
            | CredentialRetrievalError::ConfigReadError
            | CredentialRetrievalError::NoCredentialConfigured,
        ) => Ok(RegistryAuth::Anonymous),
        Err(error) => Err(OciError::Credentials(error.to_string())),
    }
}

/// Runs a conversation to its end.
fn wait<T>(conversation: impl Future<Output = Result<T, OciError>>) -> Result<T, OciError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| OciError::Registry(error.to_string()))?;
    runtime.block_on(async { tokio::time::timeout(PATIENCE, conversation).await.unwrap_or(Err(OciError::Slow)) })
}

/// A client that speaks plain HTTP to this machine only.
fn client(place: &Reference) -> Client {
    // The first one that is installed counts; a second try changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let registry = place.resolve_registry().to_owned();
    let protocol =
        if is_this_machine(&registry) { ClientProtocol::HttpsExcept(vec![registry]) } else { ClientProtocol::Https };
    Client::new(ClientConfig {
        protocol,
        // A plug-in is the same for every machine: a list of images for several is none.
        platform_resolver: None,
        read_timeout: Some(SILENCE),
        connect_timeout: Some(SILENCE),
        user_agent: concat!("plimsoll/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    })
}

fn is_this_machine(registry: &str) -> bool {
    let host = match registry.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => registry.rsplit_once(':').map_or(registry, |(host, _)| host),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn pull_from(place: &Reference, auth: &RegistryAuth, limit: u64) -> Result<Pulled, OciError> {
    let client = client(place);
    let told = |error| told(error, place);
    let (manifest, digest) = client.pull_manifest(place, auth).await.map_err(told)?;
    let OciManifest::Image(manifest) = manifest else {
        return Err(OciError::NoPlugin("it is a list of images".to_owned()));
    };
    let layer = the_layer(&manifest)?;
    let size = u64::try_from(layer.size).unwrap_or(0);
    if size > limit {
        return Err(OciError::TooLarge { bytes: size, limit });
    }
    // The registry may send more than it says.
    let mut out = Bounded { bytes: Vec::new(), limit };
    client.pull_blob(place, layer, &mut out).await.map_err(told)?;
    let signature = manifest.annotations.as_ref().and_then(|all| signature(all.get(SIGNATURE)?));
    Ok(Pulled { bytes: out.bytes, signature, manifest: digest })
}

/// A signature out of its annotation; what is none counts as none, and whoever asks for one misses it.
fn signature(annotation: &str) -> Option<String> {
    let bytes = (annotation.len() <= MAX_SIGNATURE).then(|| BASE64_STANDARD.decode(annotation).ok()).flatten()?;
    String::from_utf8(bytes).ok()
}

fn the_layer(manifest: &OciImageManifest) -> Result<&OciDescriptor, OciError> {
    match manifest.layers.as_slice() {
        [layer] if layer.media_type == LAYER => Ok(layer),
        [layer] => Err(OciError::NoPlugin(format!("its layer is {}", layer.media_type))),
        layers => Err(OciError::NoPlugin(format!("it has {} layers", layers.len()))),
    }
}

async fn push_to(
    place: &Reference,
    auth: &RegistryAuth,
    layer: ImageLayer,
    config: Config,
    manifest: OciImageManifest,
) -> Result<String, OciError> {
    let client = client(place);
    let told = |error| told(error, place);
    client.auth(place, auth, RegistryOperation::Push).await.map_err(told)?;
    client.push(place, &[layer], config, auth, Some(manifest)).await.map_err(told)?;
    client.fetch_manifest_digest(place, auth).await.map_err(told)
}

/// What `wkg` writes: the target, the layer, and what the component offers.
fn configuration(component: &[u8], exports: &[String]) -> Vec<u8> {
    let config = serde_json::json!({
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [format!("sha256:{:x}", Sha256::digest(component))],
        "component": { "exports": exports, "imports": [] },
    });
    config.to_string().into_bytes()
}

fn told(error: OciDistributionError, place: &Reference) -> OciError {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => OciError::Missing(place.whole()),
        OciDistributionError::AuthenticationFailure(_) | OciDistributionError::UnauthorizedError { .. } => {
            OciError::Denied(place.whole())
        }
        OciDistributionError::RegistryError { envelope, .. } => {
            let codes: Vec<String> = envelope.errors.iter().map(|error| format!("{:?}", error.code)).collect();
            match codes
                .iter()
                .map(String::as_str)
                .find(|code| matches!(*code, "ManifestUnknown" | "NameUnknown" | "Denied" | "Unauthorized"))
            {
                Some("Denied" | "Unauthorized") => OciError::Denied(place.whole()),
                Some(_) => OciError::Missing(place.whole()),
                None => OciError::Registry(codes.join(", ")),
            }
        }
        OciDistributionError::ServerError { code: 404, .. } => OciError::Missing(place.whole()),
        OciDistributionError::ServerError { code: 401 | 403, .. } => OciError::Denied(place.whole()),
        other => OciError::Registry(chain(&other)),
    }
}

/// An error with its causes: what is wrong with a connection stands at the end.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}

/// Bytes up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: u64,
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, more: &[u8]) -> Poll<std::io::Result<usize>> {
        if !Limits::holds(self.limit, self.bytes.len().saturating_add(more.len())) {
            return Poll::Ready(Err(std::io::Error::other("the registry sends more than a plug-in may have")));
        }
        self.bytes.extend_from_slice(more);
        Poll::Ready(Ok(more.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for (registry, want) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("[::1]:5000", true),
            ("localhost", true),
            ("localhost.example.net:5000", false),
            ("10.0.0.1:5000", false),
            ("registry.example.net", false),
        ] {
            assert_eq!(is_this_machine(registry), want, "{registry}");
        }
    }

    #[test]
    fn one_layer_of_the_right_kind() {
        let layer = |kind: &str| OciDescriptor { media_type: kind.to_owned(), ..OciDescriptor::default() };
        let manifest = |layers| OciImageManifest { layers, ..OciImageManifest::default() };
        assert!(the_layer(&manifest(vec![layer(LAYER)])).is_ok());
        for wrong in [vec![], vec![layer(LAYER), layer(LAYER)], vec![layer("application/vnd.oci.image.layer.v1.tar")]] {
            assert!(matches!(the_layer(&manifest(wrong)), Err(OciError::NoPlugin(_))));
        }
    }

    #[test]
    fn no_more_than_was_said() {
        let mut out = Bounded { bytes: Vec::new(), limit: 3 };
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(matches!(Pin::new(&mut out).poll_write(&mut context, b"ab"), Poll::Ready(Ok(2))));
        assert!(matches!(Pin::new(&mut out).poll_write(&mut context, b"cd"), Poll::Ready(Err(_))));
    }

    #[test]
    fn what_is_no_reference() {
        let error = pull("Not A Reference", &Limits::default()).err();
        assert!(matches!(error, Some(OciError::Reference(_))), "{error:?}");
    }
}
