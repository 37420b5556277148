//! Trivy, Grype, SARIF, `composer audit`.

use super::{Format, Report, Vulnerability, moment, severity, spanned, text, texts};
use crate::model::Spanned;
use crate::source::{Location, SourceId};
use crate::syntax::json::Value;
use std::collections::BTreeMap;

/// `trivy image|fs --format json`.
pub(super) fn trivy(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::Trivy, root);
    report.tool = Some("trivy".to_owned());
    report.made = moment(source, root.get("CreatedAt"));
    let artifact = &mut report.artifact;
    artifact.name = spanned(source, root.get("ArtifactName"));
    artifact.is_files = !matches!(root.get("ArtifactType").and_then(Value::str), None | Some("container_image"));
    artifact.ids.extend(text(root, &["Metadata", "ImageID"]));
    artifact.tags = texts(root.at(&["Metadata", "RepoTags"]));
    artifact.digests = texts(root.at(&["Metadata", "RepoDigests"]));
    for result in root.get("Results").map(Value::items).unwrap_or_default() {
        let files = report.artifact.is_files;
        report.artifact.files.extend(text(result, &["Target"]).filter(|_| files));
        report.packages += result.get("Packages").map(Value::items).unwrap_or_default().len();
        for found in result.get("Vulnerabilities").map(Value::items).unwrap_or_default() {
            let (Some(id), Some(package)) = (text(found, &["VulnerabilityID"]), text(found, &["PkgName"])) else {
                continue;
            };
            report.push(Vulnerability {
                id,
                package,
                installed: text(found, &["InstalledVersion"]),
                fixed: text(found, &["FixedVersion"]),
                severity: found.get("Severity").and_then(Value::str).and_then(severity),
                title: text(found, &["Title"]),
                at: Location::new(source, found.span),
            });
        }
    }
    report
}

/// `grype … -o json`.
pub(super) fn grype(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::Grype, root);
    report.tool = text(root, &["descriptor", "name"]).or_else(|| Some("grype".to_owned()));
    report.made = moment(source, root.at(&["descriptor", "timestamp"]));
    let target = root.at(&["source", "target"]);
    let artifact = &mut report.artifact;
    artifact.is_files = root.at(&["source", "type"]).and_then(Value::str).is_some_and(|kind| kind != "image");
    match target {
        Some(target) if target.is_object() => {
            artifact.name = spanned(source, target.get("userInput"));
            artifact.ids.extend(text(target, &["imageID"]));
            artifact.tags = texts(target.get("tags"));
            artifact.digests = texts(target.get("repoDigests"));
            artifact.digests.extend(text(target, &["manifestDigest"]));
        }
        target => artifact.name = spanned(source, target),
    }
    for found in root.get("matches").map(Value::items).unwrap_or_default() {
        let (Some(id), Some(package)) = (text(found, &["vulnerability", "id"]), text(found, &["artifact", "name"]))
        else {
            continue;
        };
        let related = found.get("relatedVulnerabilities").map(Value::items).unwrap_or_default();
        let cve = related.iter().filter_map(|other| text(other, &["id"])).find(|other| other.starts_with("CVE-"));
        let fixed = texts(found.at(&["vulnerability", "fix", "versions"]));
        report.push(Vulnerability {
            id: cve.filter(|_| !id.starts_with("CVE-")).unwrap_or(id),
            package,
            installed: text(found, &["artifact", "version"]),
            fixed: (!fixed.is_empty()).then(|| fixed.join(", ")),
            severity: found.at(&["vulnerability", "severity"]).and_then(Value::str).and_then(severity),
            title: text(found, &["vulnerability", "description"]),
            at: Location::new(source, found.span),
        });
        if report.artifact.is_files {
            let paths = found.at(&["artifact", "locations"]).map(Value::items).unwrap_or_default();
            for path in paths.iter().filter_map(|place| text(place, &["path"])) {
                if !report.artifact.files.iter().rev().take(32).any(|known| *known == path) {
                    report.artifact.files.push(path);
                }
            }
        }
    }
    report
}

/// `composer audit --format=json`: advisories by package, as a list or, after gaps, as a mapping by number.
pub(super) fn composer_audit(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::ComposerAudit, root);
    report.tool = Some("composer".to_owned());
    report.artifact.is_files = true;
    for member in root.get("advisories").map(Value::members).unwrap_or_default() {
        let listed = member.value.items().iter();
        let numbered = member.value.members().iter().map(|member| &member.value);
        for found in listed.chain(numbered) {
            let id = text(found, &["cve"]).or_else(|| text(found, &["advisoryId"]));
            report.push(Vulnerability {
                id: id.unwrap_or_else(|| "an advisory without a number".to_owned()),
                package: text(found, &["packageName"]).unwrap_or_else(|| member.key.clone()),
                installed: None,
                // The ranges that are affected tell where the fix begins: `<1.2.3`.
                fixed: text(found, &["affectedVersions"]).and_then(|ranges| first_fixed(&ranges)),
                severity: found.get("severity").and_then(Value::str).and_then(severity),
                title: text(found, &["title"]),
                at: Location::new(source, found.span),
            });
        }
    }
    for member in root.get("abandoned").map(Value::members).unwrap_or_default() {
        let name = Spanned::new(member.key.clone(), Location::new(source, member.key_span));
        report.abandoned.push((name, member.value.str().map(str::to_owned)));
    }
    report
}

/// The upper ends of the affected ranges: `>=5.0,<5.4.31|>=6.0,<6.3.8` is mended in 5.4.31 and 6.3.8.
fn first_fixed(ranges: &str) -> Option<String> {
    let ends: Vec<&str> = ranges
        .split('|')
        .flat_map(|range| range.split([',', ' ']))
        .filter_map(|part| part.trim().strip_prefix('<'))
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    (!ends.is_empty()).then(|| ends.join(", "))
}

/// SARIF: rules describe, results point at them.
pub(super) fn sarif(source: SourceId, root: &Value) -> Report {
    let mut report = Report::new(source, Format::Sarif, root);
    for run in root.get("runs").map(Value::items).unwrap_or_default() {
        let driver = run.at(&["tool", "driver"]);
        report.tool = driver.and_then(|driver| text(driver, &["name"])).or(report.tool);
        let properties = run.get("properties");
        let artifact = &mut report.artifact;
        artifact.name = artifact.name.take().or_else(|| spanned(source, properties.and_then(|p| p.get("imageName"))));
        artifact.ids.extend(properties.and_then(|p| text(p, &["imageID"])));
        artifact.tags.extend(texts(properties.and_then(|p| p.get("repoTags"))));
        artifact.digests.extend(texts(properties.and_then(|p| p.get("repoDigests"))));
        let ended = run.get("invocations").map(Value::items).unwrap_or_default().first();
        report.made = report.made.or_else(|| moment(source, ended.and_then(|ended| ended.get("endTimeUtc"))));
        let rules: BTreeMap<&str, &Value> = driver
            .and_then(|driver| driver.get("rules"))
            .map(Value::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|rule| Some((rule.get("id")?.str()?, rule)))
            .collect();
        for result in run.get("results").map(Value::items).unwrap_or_default() {
            result_of(&mut report, source, result, &rules);
        }
    }
    report
}

fn result_of(report: &mut Report, source: SourceId, result: &Value, rules: &BTreeMap<&str, &Value>) {
    let Some(id) = result.get("ruleId").and_then(Value::str) else { return };
    let rule = rules.get(id).copied();
    let message = text(result, &["message", "text"]).unwrap_or_default();
    let told = told(&message);
    let field = |names: &[&str]| names.iter().find_map(|name| told.get(*name).cloned());
    let score = rule
        .and_then(|rule| text(rule, &["properties", "security-severity"]))
        .and_then(|score| score.parse::<f64>().ok());
    let by_score = score.filter(|score| *score > 0.0).map(|score| match score {
        score if score >= 9.0 => "critical",
        score if score >= 7.0 => "high",
        score if score >= 4.0 => "medium",
        _ => "low",
    });
    let found = field(&["severity"]);
    // Grype joins the package to the number: `CVE-2024-1-libssl3`.
    let number =
        if id.starts_with("CVE-") { id.splitn(4, '-').take(3).collect::<Vec<_>>().join("-") } else { id.to_owned() };
    let package = field(&["package", "package name"])
        .map(|package| purl_name(&package))
        .or_else(|| {
            message.split("package: ").nth(1).map(|rest| rest.split([',', ' ', '\n']).next().unwrap_or("").to_owned())
        })
        .filter(|package| !package.is_empty());
    report.push(Vulnerability {
        id: number,
        package: package.unwrap_or_else(|| "a package that the report does not name".to_owned()),
        installed: field(&["installed version", "version"]).or_else(|| {
            message.split(", version ").nth(1).map(|rest| rest.split([',', ' ']).next().unwrap_or("").to_owned())
        }),
        fixed: field(&["fixed version", "fix version"]).filter(|text| !text.is_empty() && text != "not fixed"),
        severity: found.as_deref().or(by_score).and_then(severity),
        title: rule.and_then(|rule| text(rule, &["shortDescription", "text"])),
        at: Location::new(source, result.span),
    });
    let uri = result.get("locations").map(Value::items).unwrap_or_default().first();
    let uri = uri.and_then(|place| text(place, &["physicalLocation", "artifactLocation", "uri"]));
    if report.artifact.name.is_none() && report.artifact.tags.is_empty() {
        let locks = uri.filter(|uri| uri.ends_with(".lock") || uri.ends_with("-lock.json"));
        if let Some(lock) = locks.filter(|lock| !report.artifact.files.iter().rev().take(32).any(|known| known == lock))
        {
            report.artifact.is_files = true;
            report.artifact.files.push(lock);
        }
    }
}

/// `Key: value` lines of a message, keys in lower case.
fn told(message: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (key, value) = line.split_once(':')?;
        Some((key.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    message.lines().take(20).filter_map(pair).collect()
}

/// `pkg:deb/debian/openssl@3.0.1?arch=x` is `openssl`.
pub(super) fn purl_name(text: &str) -> String {
    let Some(rest) = text.strip_prefix("pkg:") else { return text.to_owned() };
    let rest = rest.split(['@', '?', '#']).next().unwrap_or(rest);
    let (kind, name) = rest.split_once('/').unwrap_or(("", rest));
    let whole = matches!(kind, "composer" | "npm" | "golang" | "maven");
    if whole { name.replace("%40", "@") } else { name.rsplit('/').next().unwrap_or(name).to_owned() }
}
