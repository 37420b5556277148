use super::*;
use crate::finding::Severity;
use crate::rules::testing::{TODAY, sources};

const RUNNING: &str = include_str!("../../tests/data/inventory/running.txt");

fn service<'p, 'a>(project: &'p Project<'a>, view: &str, name: &str) -> ServiceRef<'p, 'a> {
    project.services().find(|service| service.view().name == view && service.name == name).unwrap()
}

#[test]
fn reports_find_their_services() {
    let files = sources(&[
        (
            "compose.yaml",
            "services:\n  app:\n    build: .\n    image: larashop-app\n  db:\n    image: mysql:8.4.11\n  web:\n    image: nginx:1.27-alpine\n  cache:\n    image: redis:8.2.9\n",
        ),
        ("composer.lock", "{}"),
        ("running.txt", RUNNING),
        ("scans/trivy.json", include_str!("../../tests/data/scans/trivy-image.json")),
        ("scans/fs.json", include_str!("../../tests/data/scans/trivy-fs.json")),
        ("scans/grype.json", include_str!("../../tests/data/scans/grype.json")),
        ("scans/trivy.sarif", include_str!("../../tests/data/scans/trivy.sarif")),
        ("scans/audit.json", include_str!("../../tests/data/scans/composer-audit.json")),
        ("scans/app.cdx.json", include_str!("../../tests/data/scans/app.cdx.json")),
        ("scans/nginx.spdx.json", include_str!("../../tests/data/scans/nginx.spdx.json")),
    ]);
    let project = Project::new(&files, TODAY);
    assert_eq!(project.scans.len(), 7);
    let ids = |view: &str, name: &str| -> Vec<String> {
        service(&project, view, name)
            .vulnerabilities()
            .iter()
            .map(|found| format!("{} {}", found.id, found.severity.map_or("unknown", Severity::as_str)))
            .collect()
    };
    // By name for what is declared, by id for what runs; equal ones once, the worst first.
    assert_eq!(ids("default", "db"), ["CVE-2026-1111 critical", "CVE-2026-2222 unknown"]);
    assert_eq!(ids("running:larashop", "db"), ["CVE-2026-1111 critical", "CVE-2026-2222 unknown"]);
    assert_eq!(ids("default", "web"), ["CVE-2026-5555 critical", "CVE-2026-6666 medium"]);
    // The lock file belongs to what is built from its folder; the image has names of its own.
    let app = ids("default", "app");
    for id in
        ["CVE-2024-52301 high", "PKSA-2 high", "CVE-2026-3333 high", "CVE-2026-7777 high", "CVE-2024-50345 medium"]
    {
        assert!(app.contains(&id.to_owned()), "{id}: {app:?}");
    }
    assert_eq!(ids("running:larashop", "app"), ["CVE-2026-7777 high", "CVE-2026-3333 high", "CVE-2026-4444 info"]);
    let cache = service(&project, "default", "cache");
    assert!(!cache.is_scanned() && cache.scan_age_days().is_none() && cache.vulnerabilities().is_empty());
    let db = service(&project, "default", "db");
    assert_eq!((db.is_scanned(), db.scan_age_days(), db.has_bill_of_materials()), (true, Some(4), false));
    assert!(service(&project, "default", "web").has_bill_of_materials());
    assert!(project.unmatched_reports().is_empty());
}

#[test]
fn another_build_of_the_same_name_is_another_image() {
    let report = include_str!("../../tests/data/scans/trivy-image.json")
        .replace("dd00ee11ff22", "0123456789ab")
        .replace("mysql@sha256", "other@sha512");
    let files = sources(&[("running.txt", RUNNING), ("scan.json", &report)]);
    let project = Project::new(&files, TODAY);
    assert!(service(&project, "running:larashop", "db").scan_reports().is_empty());
    assert_eq!(project.unmatched_reports().len(), 1);
}
