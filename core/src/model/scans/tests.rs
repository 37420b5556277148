use super::*;
use crate::syntax::json;

fn one(text: &str) -> Report {
    assert!(crate::detect::sniff(text), "{text}");
    let mut reports = read(SourceId(0), &json::parse(text));
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

fn said(report: &Report) -> Vec<String> {
    report
        .vulnerabilities
        .iter()
        .map(|found| {
            format!(
                "{} {} {} -> {} {}",
                found.id,
                found.package,
                found.installed.as_deref().unwrap_or("?"),
                found.fixed.as_deref().unwrap_or("none"),
                found.severity.map_or("unknown", Severity::as_str)
            )
        })
        .collect()
}

#[test]
fn trivy() {
    let text = include_str!("../../../tests/data/scans/trivy-image.json");
    let report = one(text);
    assert_eq!(
        said(&report),
        [
            "CVE-2026-1111 openssl-libs 1:3.2.2-6 -> 1:3.2.2-7 critical",
            "CVE-2026-2222 zlib 1.2.11 -> none unknown",
            "CVE-2026-1111 openssl-libs 1:3.2.2-6 -> none critical"
        ]
    );
    assert_eq!(report.count(Severity::Critical), (2, 1));
    assert_eq!((report.artifact.ids.len(), report.artifact.digests.len(), report.artifact.is_files), (1, 1, false));
    assert_eq!(report.made.as_ref().unwrap().value.date().to_string(), "2026-11-20");
    assert!(report.vulnerabilities[0].at.span.slice(text).contains("CVE-2026-1111"));
    let files = one(include_str!("../../../tests/data/scans/trivy-fs.json"));
    assert_eq!((files.artifact.files.as_slice(), files.artifact.is_files), (&["composer.lock".to_owned()][..], true));
}

#[test]
fn grype() {
    let report = one(include_str!("../../../tests/data/scans/grype.json"));
    assert_eq!(
        said(&report),
        ["CVE-2026-3333 symfony/http-foundation 7.4.0 -> 7.4.1 high", "CVE-2026-4444 libc6 2.41 -> none info"]
    );
    assert_eq!(report.artifact.tags, ["registry.example.net/larashop/app:1.4.2"]);
    let folder = one(
        r#"{"matches": [], "source": {"type": "directory", "target": "/srv/shop"}, "descriptor": {"name": "grype"}}"#,
    );
    assert_eq!((folder.artifact.name.unwrap().value.as_str(), folder.artifact.is_files), ("/srv/shop", true));
}

#[test]
fn sarif() {
    let report = one(include_str!("../../../tests/data/scans/trivy.sarif"));
    assert_eq!(
        said(&report),
        ["CVE-2026-5555 curl 8.14.1 -> 8.14.2 critical", "CVE-2026-6666 libxml2 2.9 -> none medium"]
    );
    assert_eq!(
        (report.tool.as_deref(), report.artifact.name.unwrap().value.as_str()),
        (Some("Trivy"), "nginx:1.27-alpine")
    );
    let scout = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"docker scout","rules":[]}},"results":[{"ruleId":"CVE-2026-8888","message":{"text":"  Vulnerability   : CVE-2026-8888\n  Severity        : HIGH\n  Package         : pkg:deb/debian/openssl@3.0.1?os_name=debian\n  Affected range  : <3.0.2\n  Fixed version   : 3.0.2\n"}}]}]}"#;
    assert_eq!(said(&one(scout)), ["CVE-2026-8888 openssl ? -> 3.0.2 high"]);
}

#[test]
fn composer_audit() {
    let report = one(include_str!("../../../tests/data/scans/composer-audit.json"));
    assert_eq!(
        said(&report),
        ["CVE-2024-50345 symfony/http-foundation ? -> 5.4.46, 6.4.14 medium", "PKSA-2 twig/twig ? -> 3.14.0 high"]
    );
    let abandoned: Vec<_> =
        report.abandoned.iter().map(|(name, with)| (name.value.as_str(), with.as_deref())).collect();
    assert_eq!(abandoned, [("swiftmailer/swiftmailer", Some("symfony/mailer")), ("old/thing", None)]);
    assert!(one(include_str!("../../../tests/data/scans/composer-audit-clean.json")).vulnerabilities.is_empty());
}

#[test]
fn bills_of_materials() {
    let report = one(include_str!("../../../tests/data/scans/app.cdx.json"));
    assert_eq!(said(&report), ["CVE-2026-7777 monolog/monolog 3.0.0 -> none high"]);
    assert_eq!((report.packages, report.tool.as_deref(), report.artifact.ids.len()), (1, Some("trivy"), 1));
    let report = one(include_str!("../../../tests/data/scans/nginx.spdx.json"));
    assert_eq!(
        (report.packages, report.tool.as_deref(), report.artifact.tags[0].as_str()),
        (2, Some("syft-1.36.0"), "nginx:1.27-alpine")
    );
    assert!(report.format.is_bill_of_materials() && report.vulnerabilities.is_empty());
}

#[test]
fn fragments_are_survived() {
    for text in [
        include_str!("../../../tests/data/scans/trivy.sarif"),
        include_str!("../../../tests/data/scans/grype.json"),
        include_str!("../../../tests/data/scans/app.cdx.json"),
        include_str!("../../../tests/data/scans/composer-audit.json"),
    ] {
        for end in (0..text.len()).step_by(5).filter(|&end| text.is_char_boundary(end)) {
            let _ = read(SourceId(0), &json::parse(&text[..end]));
        }
    }
    assert!(read(SourceId(0), &json::parse("{\"a\": 1}\n[1]")).is_empty());
    let many = format!(
        "{{\"ArtifactName\":\"x\",\"Results\":[{{\"Vulnerabilities\":[{}]}}]}}",
        vec![r#"{"VulnerabilityID":"C","PkgName":"p"}"#; MAX_LISTED + 1].join(",")
    );
    assert!(read(SourceId(0), &json::parse(&many))[0].truncated);
}
