//! Bills of materials: CycloneDX and SPDX, with vulnerabilities where CycloneDX lists them.

use super::scanners::purl_name;
use super::{Format, Report, Vulnerability, moment, severity, spanned, text};
use crate::source::{Location, SourceId};
use crate::syntax::json::Value;
use std::collections::BTreeMap;

/// CycloneDX as JSON.
pub(super) fn cyclonedx(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::CycloneDx, root);
    let metadata = root.get("metadata");
    report.made = moment(source, metadata.and_then(|metadata| metadata.get("timestamp")));
    report.tool = metadata.and_then(tool);
    if let Some(component) = metadata.and_then(|metadata| metadata.get("component")) {
        report.artifact.name = spanned(source, component.get("name"));
        report.artifact.is_files = component.get("type").and_then(Value::str).is_some_and(|kind| kind != "container");
        for property in component.get("properties").map(Value::items).unwrap_or_default() {
            let (Some(name), Some(value)) = (text(property, &["name"]), text(property, &["value"])) else { continue };
            match name.rsplit(':').next() {
                Some("ImageID") => report.artifact.ids.push(value),
                Some("RepoDigest") => report.artifact.digests.push(value),
                Some("RepoTag") => report.artifact.tags.push(value),
                _ => {}
            }
        }
        let digest = text(component, &["version"]).filter(|version| version.starts_with("sha256:"));
        report.artifact.digests.extend(digest);
    }
    let components = root.get("components").map(Value::items).unwrap_or_default();
    report.packages = components.len();
    let by_ref: BTreeMap<&str, &Value> =
        components.iter().filter_map(|c| Some((c.get("bom-ref")?.str()?, c))).collect();
    for found in root.get("vulnerabilities").map(Value::items).unwrap_or_default() {
        let Some(id) = text(found, &["id"]) else { continue };
        let ratings = found.get("ratings").map(Value::items).unwrap_or_default();
        let worst = ratings.iter().filter_map(|rating| severity(rating.get("severity")?.str()?)).max();
        let refs = found.get("affects").map(Value::items).unwrap_or_default();
        for affected in refs.iter().filter_map(|affected| affected.get("ref")?.str()) {
            let component = by_ref.get(affected);
            let package =
                component.and_then(|component| text(component, &["name"])).unwrap_or_else(|| purl_name(affected));
            report.push(Vulnerability {
                id: id.clone(),
                package,
                installed: component.and_then(|component| text(component, &["version"])),
                fixed: text(found, &["recommendation"]),
                severity: worst,
                title: text(found, &["description"]),
                at: Location::new(source, found.span),
            });
        }
    }
    report
}

/// The tool: a list of old, an object with components since version 1.5.
fn tool(metadata: &Value) -> Option<String> {
    let tools = metadata.get("tools")?;
    let listed = tools.items().first().or_else(|| tools.get("components").and_then(|list| list.items().first()))?;
    text(listed, &["name"])
}

/// SPDX as JSON: version 2 with `packages`, version 3 as a graph.
pub(super) fn spdx(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::Spdx, root);
    let info = root.get("creationInfo");
    report.made = moment(source, info.and_then(|info| info.get("created")));
    let creators = info.and_then(|info| info.get("creators")).map(Value::items).unwrap_or_default();
    report.tool =
        creators.iter().filter_map(Value::str).find_map(|creator| creator.strip_prefix("Tool: ")).map(str::to_owned);
    report.artifact.name = spanned(source, root.get("name"));
    let packages = root.get("packages").map(Value::items).unwrap_or_default();
    report.packages = packages.len();
    let described = root.get("documentDescribes").map(Value::items).unwrap_or_default().first().and_then(Value::str);
    let is_image = |package: &&Value| {
        let purpose = package.get("primaryPackagePurpose").and_then(Value::str) == Some("CONTAINER");
        purpose || described.is_some_and(|id| package.get("SPDXID").and_then(Value::str) == Some(id))
    };
    if let Some(image) = packages.iter().find(is_image) {
        report.artifact.name = spanned(source, image.get("name")).or(report.artifact.name);
        let version = text(image, &["versionInfo"]);
        match version {
            Some(version) if version.starts_with("sha256:") => report.artifact.digests.push(version),
            Some(version) => {
                report.artifact.tags.extend(text(image, &["name"]).map(|name| format!("{name}:{version}")))
            }
            None => {}
        }
    }
    let graph = root.get("@graph").map(Value::items).unwrap_or_default();
    let package = |item: &&Value| {
        item.get("type")
            .and_then(Value::str)
            .is_some_and(|kind| kind.ends_with("software_Package") || kind.ends_with("Package"))
    };
    report.packages += graph.iter().filter(package).count();
    report
}
