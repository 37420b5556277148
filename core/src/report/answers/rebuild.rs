//! Could a container be made again from the supplied files? What was changed in it by hand would be lost, and what moves with a tag
//! would come out otherwise.

use crate::facts::Level;
use crate::facts::drift::DriftClass;
use crate::finding::Severity;
use crate::image::{ImageRef, Precision};
use crate::model::inventory::{Container, Image, same_id};
use crate::project::{Deployment, Drift, ImagePart, Project, ServiceRef, Standing, UsedImage};
use crate::text::{list, shorten};
use serde::{Deserialize, Serialize};

/// Whether a container could be made again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RebuildRow {
    /// The container.
    pub container: String,
    /// The service that declares it.
    pub service: Option<String>,
    /// `yes`, `no`, `unknown`.
    pub verdict: String,
    /// Why, as clauses: what speaks against it first, then what is not known, then what speaks for it.
    pub reasons: Vec<String>,
}

/// Reasons by what they say.
#[derive(Default)]
struct Reasons {
    against: Vec<String>,
    open: Vec<String>,
    favour: Vec<String>,
}

/// Containers that are active and meant to stay; those that could not be made again first.
pub(super) fn rows(project: &Project<'_>, deployments: &[Deployment<'_, '_>]) -> Vec<RebuildRow> {
    let stays = |deployment: &&Deployment<'_, '_>| {
        let container = deployment.container;
        container.is_active() != Some(false)
            && !matches!(deployment.standing, Standing::OneOff)
            && !container.is_of_cluster()
            && !container.is_of_tool()
    };
    let mut rows: Vec<(u8, RebuildRow)> =
        deployments.iter().filter(stays).map(|deployment| judged(project, deployment)).collect();
    rows.sort_by_key(|(rank, _)| *rank);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn judged(project: &Project<'_>, deployment: &Deployment<'_, '_>) -> (u8, RebuildRow) {
    let mut reasons = Reasons::default();
    declaration(deployment, &mut reasons);
    image(project, deployment, &mut reasons);
    content(project, deployment, &mut reasons);
    let (rank, verdict) = match (reasons.against.is_empty(), reasons.open.is_empty()) {
        (false, _) => (0, "no"),
        (true, false) => (1, "unknown"),
        (true, true) => (2, "yes"),
    };
    let Reasons { against, open, favour } = reasons;
    let row = RebuildRow {
        container: deployment.container.name().to_owned(),
        service: deployment.declared().map(|service| service.name.clone()),
        verdict: verdict.to_owned(),
        reasons: against.into_iter().chain(open).chain(favour).collect(),
    };
    (rank, row)
}

/// What declares it, and whether it still looks like that.
fn declaration(deployment: &Deployment<'_, '_>, reasons: &mut Reasons) {
    match &deployment.standing {
        Standing::Declared(_) => as_declared(deployment, reasons),
        Standing::Unmanaged => reasons.against.push("no file declares it".to_owned()),
        Standing::Orphan { certain: true, .. } => reasons.against.push("its service is no longer declared".to_owned()),
        Standing::Orphan { .. } => reasons.open.push("its service is in none of the supplied files".to_owned()),
        Standing::OtherProject => reasons.open.push("its Compose files were not supplied".to_owned()),
        Standing::OneOff | Standing::Unknown => reasons.open.push("what made it is not known".to_owned()),
    }
}

fn as_declared(deployment: &Deployment<'_, '_>, reasons: &mut Reasons) {
    if let Some(missing) = deployment.files_not_supplied().first() {
        reasons.open.push(format!("{} was not supplied", shorten(missing, 80)));
        return;
    }
    let mut fields: Vec<&str> = Vec::new();
    for difference in deployment.differences() {
        // What became of its tag is told with the image.
        let counts = difference.severity > Severity::Info && difference.field != "image id";
        if counts && !fields.contains(&difference.field) {
            fields.push(difference.field);
        }
    }
    if !fields.is_empty() {
        let named = list(fields.get(..4).unwrap_or(&fields));
        let more = fields.len().saturating_sub(4);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        reasons.against.push(format!("it differs from what is declared: {named}{more}"));
    } else if deployment.outdated_hash().is_some() {
        reasons.against.push("its Compose file was changed since it was made".to_owned());
    }
}

/// Where its image comes from.
fn image(project: &Project<'_>, deployment: &Deployment<'_, '_>, reasons: &mut Reasons) {
    let container = deployment.container;
    if project.inventory.image_of(container).is_some_and(|image| image.made_by_hand().is_some()) {
        reasons.against.push("its image was made from a container by hand".to_owned());
        return;
    }
    if has_moved_on(project, container) {
        reasons.against.push("the image id differs from the one of its tag".to_owned());
    }
    match deployment.declared() {
        Some(service) => declared_image(project, service, reasons),
        None => match container.image_name().and_then(|name| ImageRef::parse(&name.value).ok()) {
            Some(reference) => {
                let known = project.facts.image(&reference).is_some();
                by_precision(&reference, reference.precision(), known, reasons);
            }
            None => reasons.open.push("its image has no name".to_owned()),
        },
    }
}

fn declared_image(project: &Project<'_>, service: ServiceRef<'_, '_>, reasons: &mut Reasons) {
    let builder = service.image_source();
    if let Some(used) = &builder.service().build_use {
        match &used.dockerfile_path {
            _ if used.dockerfile.is_some() => {
                reasons.favour.push("its image is built from a Dockerfile here".to_owned());
            }
            Some(path) => reasons.open.push(format!("{} was not supplied", shorten(path, 80))),
            None => reasons.open.push("its Dockerfile was not supplied".to_owned()),
        }
        return;
    }
    let named = service.image.as_ref().filter(|image| image.is_known());
    if named.is_some_and(|image| project.line_that_builds(&image.text).is_some()) {
        reasons.favour.push("a script here builds its image".to_owned());
        return;
    }
    let images = service.images();
    match images.iter().find(|used| used.part == ImagePart::Runs) {
        Some(used) => by_precision(&used.reference, used.precision(), is_public(used), reasons),
        None => reasons.open.push("its image depends on a variable".to_owned()),
    }
}

fn is_public(used: &UsedImage) -> bool {
    used.row().is_some()
}

/// An image that is not built here: how tightly its name holds it.
fn by_precision(reference: &ImageRef, precision: Precision, public: bool, reasons: &mut Reasons) {
    let name = shorten(&reference.familiar(), 100);
    match precision {
        Precision::Digest => reasons.favour.push("its image is pinned by its digest".to_owned()),
        _ if !public => reasons.open.push(format!("no Dockerfile of {name} was supplied")),
        Precision::Patch => reasons.favour.push(format!("its image is pinned: {name}")),
        Precision::Major | Precision::Minor => reasons.favour.push(format!("{name} moves with patches only")),
        Precision::None | Precision::Floating => {
            reasons.against.push(format!("no Dockerfile, and the image is not pinned: {name}"));
        }
        Precision::Other => reasons.open.push(format!("whether the tag of {name} moves is not known")),
    }
}

/// Whether the tag that it was made from names another image now.
fn has_moved_on(project: &Project<'_>, container: &Container) -> bool {
    let inventory = &project.inventory;
    let (Some(named), Some(id)) = (container.image_name(), &container.image_id) else { return false };
    let (Some(old), Some(new)) = (inventory.image_of(container), inventory.image(&named.value)) else { return false };
    // In containerd's store an id may be the digest of an index: the same image, seen for another platform.
    let same = |image: &Image| {
        let mut digests = image.digests.iter().filter_map(|digest| digest.value.rsplit('@').next());
        same_id(&image.id.value, &id.value) || digests.any(|digest| same_id(digest, &id.value))
    };
    let shared = old.digests.iter().any(|digest| new.digests.iter().any(|other| other.value == digest.value));
    !same(new) && !shared
}

/// What was changed in it, and what of it no image brings.
fn content(project: &Project<'_>, deployment: &Deployment<'_, '_>, reasons: &mut Reasons) {
    let container = deployment.container;
    match project.drift(container) {
        Some(drift) => changed(&drift, reasons),
        None if is_read_only(container) => {}
        None => reasons.open.push("what was changed in it is not known: docker diff was not supplied".to_owned()),
    }
    let Some(service) = deployment.declared() else { return };
    if let Some(volume) = service.code_volumes().first() {
        let target = shorten(&volume.mount.target, 60);
        reasons.against.push(format!("its code in {target} is in a volume, which no build fills again"));
    }
}

fn is_read_only(container: &Container) -> bool {
    let details = container.details.as_ref();
    details.and_then(|details| details.read_only.as_ref()).is_some_and(|closed| closed.value)
}

fn changed(drift: &Drift<'_>, reasons: &mut Reasons) {
    const LOST: [(DriftClass, &str); 7] = [
        (DriftClass::MalwareLike, "it holds files that malware leaves behind"),
        (DriftClass::ExecutablePhpAdded, "PHP files were added inside the container"),
        (DriftClass::ApplicationCode, "code was changed inside the container"),
        (DriftClass::Packages, "packages were installed inside the container"),
        (DriftClass::Binaries, "programs were changed inside the container"),
        (DriftClass::RuntimeConfig, "settings were changed inside the container"),
        (DriftClass::StateOutsideVolume, "data is kept outside of a volume"),
    ];
    let before = reasons.against.len();
    for (class, what) in LOST {
        // An entrypoint that writes a setting at every start changes nothing that a new container would not have.
        if drift.of(class).any(|change| change.level >= Level::Medium) {
            reasons.against.push(what.to_owned());
        }
    }
    for mount in drift.unseen.iter().take(3) {
        let target = shorten(mount.target.as_deref().unwrap_or(""), 60);
        reasons.open.push(format!("its code in {target} is mounted, where docker diff does not look"));
    }
    if drift.cut {
        reasons.open.push("the output of docker diff was cut off".to_owned());
    } else if reasons.against.len() == before {
        reasons.favour.push("nothing that matters was changed inside the container".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RebuildRow, answer};
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    const LABELS: &str = "com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.project.working_dir=/srv/shop,com.docker.compose.project.config_files=/srv/shop/compose.yaml";

    fn ps(image: &str, labels: &str) -> String {
        format!(
            "{{\"ID\":\"0123456789ab\",\"Names\":\"shop-app-1\",\"Image\":\"{image}\",\"State\":\"running\",\"Labels\":\"{labels}\",\"Ports\":\"\"}}\n"
        )
    }

    fn rebuild(files: &[(&str, &str)]) -> RebuildRow {
        let files = sources(files);
        answer(&Project::new(&files, TODAY)).rebuild.remove(0)
    }

    const DIFF: (&str, &str) = ("docker-diff-shop-app-1.txt", "C /run\nA /run/php-fpm.pid\n");

    #[test]
    fn built_here_and_untouched() {
        let ps = ps("shop-app", LABELS);
        let compose = "services:\n  app:\n    build: .\n";
        let files =
            [("docker-ps.ndjson", ps.as_str()), ("compose.yaml", compose), ("Dockerfile", "FROM php:8.4-fpm\n"), DIFF];
        let row = rebuild(&files);
        assert_eq!((row.verdict.as_str(), row.service.as_deref()), ("yes", Some("app")), "{row:?}");
        assert!(row.reasons.contains(&"its image is built from a Dockerfile here".to_owned()));

        let without_diff = rebuild(&[files[0], files[1], files[2]]);
        assert_eq!(without_diff.verdict, "unknown");
        let without_dockerfile = rebuild(&[files[0], files[1], DIFF]);
        assert_eq!(
            (without_dockerfile.verdict.as_str(), without_dockerfile.reasons[0].as_str()),
            ("unknown", "Dockerfile was not supplied")
        );
    }

    #[test]
    fn changed_inside() {
        let ps = ps("shop-app", LABELS);
        let diff = (
            "docker-diff-shop-app-1.txt",
            "C /var/www/html/public/index.php\nC /var/lib/dpkg/status\nA /usr/bin/vim\n",
        );
        let compose = "services:\n  app:\n    build: .\n";
        let row = rebuild(&[
            ("docker-ps.ndjson", ps.as_str()),
            ("compose.yaml", compose),
            ("Dockerfile", "FROM php:8.4-fpm\n"),
            diff,
        ]);
        assert_eq!(row.verdict, "no");
        assert!(row.reasons.contains(&"code was changed inside the container".to_owned()), "{row:?}");
    }

    #[test]
    fn images_from_elsewhere() {
        let of = |image: &str| {
            let ps = ps(image, LABELS);
            let compose = format!("services:\n  app:\n    image: {image}\n");
            rebuild(&[("docker-ps.ndjson", ps.as_str()), ("compose.yaml", compose.as_str()), DIFF])
        };
        assert_eq!(of("redis").reasons[0], "no Dockerfile, and the image is not pinned: redis");
        assert_eq!(of("redis:8.2.9-alpine").verdict, "yes");
        let own = of("registry.example.net/shop/app:1.4.2");
        assert_eq!(own.verdict, "unknown");
        assert_eq!(own.reasons[0], "no Dockerfile of registry.example.net/shop/app:1.4.2 was supplied");
    }

    #[test]
    fn nobody_declares_it() {
        let ps = ps("redis:8.2.9", "");
        let row = rebuild(&[("docker-ps.ndjson", ps.as_str()), DIFF]);
        assert_eq!((row.verdict.as_str(), row.reasons[0].as_str()), ("no", "no file declares it"), "{row:?}");
    }
}
