//! `ci/no-continuous-image-scanning`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{ImageScan, Project, PushedImage};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// Pipelines that push images while nothing in the supplied files looks for known vulnerabilities in them: no Trivy, Grype,
    /// Docker Scout, Snyk, Clair, Sysdig, Wiz or Prisma, no scan by the cloud's registry, no container scanning of GitLab. Also scans
    /// that cannot fail the job, and workflows of GitHub that scan on a push and never on a schedule.
    ///
    /// Pipelines that only test are left out, and so is everything when the policy file says that the registry scans. When parts of
    /// the pipelines stand in files that were not supplied, it asks.
    ///
    /// # Why it matters
    /// An image without known holes today has some next month, without a single change. Without a scan nobody hears of them, and a
    /// scan at build time alone misses all that is published later.
    ///
    /// No scan is *medium*; a scan that stops nothing, and one that is never repeated, are *low*.
    ///
    /// # Bad
    /// ```yaml file:.github/workflows/build.yml
    /// on: { push: { branches: [main] } }
    /// permissions: { contents: read, packages: write }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - run: docker build -t ghcr.io/acme/shop:${{ github.sha }} .
    ///       - run: docker push ghcr.io/acme/shop:${{ github.sha }}
    /// ```
    ///
    /// # Good
    /// ```yaml file:.github/workflows/build.yml
    /// on: { push: { branches: [main] }, schedule: [{ cron: "0 4 * * 1" }] }
    /// permissions: { contents: read, packages: write }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - run: docker build --pull -t ghcr.io/acme/shop:${{ github.sha }} .
    ///       - run: trivy image --exit-code 1 --severity CRITICAL,HIGH --ignore-unfixed ghcr.io/acme/shop:${{ github.sha }}
    ///       - run: docker push ghcr.io/acme/shop:${{ github.sha }}
    /// ```
    ///
    /// # How to fix
    /// Scan between build and push with `trivy image --exit-code 1 --severity CRITICAL,HIGH --ignore-unfixed IMAGE`, run
    /// `composer audit --locked` beside it, and repeat both weekly with a fresh `docker build --pull`. In GitLab,
    /// `include: [{template: Jobs/Container-Scanning.gitlab-ci.yml}]` does it. If the registry scans, say so in plimsoll.toml.
    ///
    /// # References
    /// CIS Docker Benchmark 4.4, OWASP Docker Security Cheat Sheet rule 9, NIST SP 800-190 4.1.1, CWE-1395.
    id: "ci/no-continuous-image-scanning",
    title: "Images are pushed without a scan for vulnerabilities",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "New vulnerabilities are published every day for images that nobody changes; without a repeated scan nobody hears of those in yours.",
    help: "Scan between build and push so that findings fail the job, and repeat build and scan every week.",
    references: ["CIS Docker Benchmark 4.4", "OWASP Docker Security Cheat Sheet rule 9", "OWASP CI/CD Security Cheat Sheet", "NIST SP 800-190 4.1.1", "CWE-1395"],
}

/// Pushes that are shown in one finding.
const SHOWN: usize = 5;

fn check(project: &Project<'_>, out: &mut Findings) {
    let pushed = project.pushed_images();
    let Some(first) = pushed.first().filter(|_| !project.policy().registry_scanning) else { return };
    let scans = project.image_scans();
    if scans.is_empty() {
        let unread = project.unread_parts();
        if unread.is_empty() {
            out.report(none_at_all(first, &pushed));
        } else {
            let parts: Vec<String> = unread.iter().take(3).map(|part| shorten(part, 60)).collect();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            out.ask("Does anything scan the images that the pipelines push?", format!("supply {}", list(&parts)));
        }
        return;
    }
    if scans.iter().all(|scan| scan.blocks == Some(false)) {
        for scan in &scans {
            out.report(toothless(scan));
        }
    }
    never_repeated(project, first, &scans, out);
}

fn none_at_all(first: &PushedImage, pushed: &[PushedImage]) -> Draft {
    let name = first.image.as_ref().map_or("Images".to_owned(), |image| format!("`{}`", shorten(&image.text, 80)));
    let verb = if first.image.is_some() { "is" } else { "are" };
    let message = format!("{name} {verb} pushed, and no supplied pipeline scans images for vulnerabilities");
    let draft = Draft::new(first.at, message).confidence(Confidence::Medium);
    let others = pushed.iter().filter(|other| other.at != first.at).take(SHOWN);
    others.fold(draft, |draft, other| draft.because(other.at, "pushed here, too"))
}

/// A scan whose findings stop nothing.
fn toothless(scan: &ImageScan) -> Draft {
    let message = format!("What `{}` finds here does not fail the job", shorten(&scan.scanner, 60));
    Draft::new(scan.at, message).severity(Severity::Low).aspect("gate").help("Let critical and high findings that have a fix fail the job: `--exit-code 1 --severity CRITICAL,HIGH --ignore-unfixed`.")
}

/// Workflows that scan when something is pushed, and never again. Other systems keep schedules outside of their files.
fn never_repeated(project: &Project<'_>, first: &PushedImage, scans: &[ImageScan], out: &mut Findings) {
    let pipelines = project.pipelines();
    let told = pipelines.iter().all(|pipeline| pipeline.tells_triggers());
    let scheduled = pipelines.iter().any(|pipeline| pipeline.trigger("schedule").is_some());
    let elsewhere = scans.iter().any(|scan| !pipelines.iter().any(|pipeline| pipeline.source == scan.at.source));
    let own = pipelines.iter().find(|pipeline| pipeline.source == first.at.source);
    let Some(trigger) = own.and_then(|pipeline| pipeline.triggers.first()) else { return };
    if told && !scheduled && !elsewhere {
        let message = "Images are scanned when they are pushed, and no workflow scans them again later";
        let draft = Draft::new(trigger.at, message).severity(Severity::Low).confidence(Confidence::Medium);
        out.report(draft.aspect("schedule").help("Add a weekly `schedule` that builds with `--pull` and scans again."));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "ci/no-continuous-image-scanning";

    fn workflow(on: &str, steps: &str) -> String {
        format!(
            "on: {on}\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {{push: true, tags: acme/app:1}}\n{steps}"
        )
    }

    fn told(text: &str) -> Vec<String> {
        let found = findings(RULE, &[(".github/workflows/a.yml", text)]);
        found.iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn nothing_scans() {
        assert_eq!(told(&workflow("push", "")), ["medium"]);
        assert_eq!(told(&workflow("push", "      - run: composer audit --locked\n")), ["medium"]);
    }

    #[test]
    fn scans_of_many_kinds() {
        let on = "{push: , schedule: [{cron: '0 4 * * 1'}]}";
        for step in [
            "run: trivy image --exit-code 1 acme/app:1",
            "run: grype --fail-on high acme/app:1",
            "run: docker run --rm aquasec/trivy:0.67.2 image acme/app:1",
            "run: aws ecr start-image-scan --repository-name app",
            "uses: anchore/scan-action@v6",
            "{uses: aquasecurity/trivy-action@v0, with: {exit-code: '1'}}",
        ] {
            assert_eq!(told(&workflow(on, &format!("      - {step}\n"))), Vec::<String>::new(), "{step}");
        }
    }

    #[test]
    fn scans_that_stop_nothing() {
        let on = "{push: , schedule: [{cron: '0 4 * * 1'}]}";
        for step in [
            "run: trivy image acme/app:1",
            "uses: aquasecurity/trivy-action@v0",
            "{run: trivy image --exit-code 1 acme/app:1, continue-on-error: true}",
        ] {
            assert_eq!(told(&workflow(on, &format!("      - {step}\n"))), ["low"], "{step}");
        }
    }

    #[test]
    fn scans_that_are_never_repeated() {
        assert_eq!(told(&workflow("push", "      - uses: anchore/scan-action@v6\n")), ["low"]);
        let gitlab = "build:\n  script:\n    - docker build -t a/b:1 .\n    - trivy image --exit-code 1 a/b:1\n    - docker push a/b:1\n";
        clean(RULE, &[(".gitlab-ci.yml", gitlab)]);
    }

    #[test]
    fn pipelines_that_only_test() {
        clean(
            RULE,
            &[(".gitlab-ci.yml", "test:\n  script:\n    - docker build -t app .\n    - docker run --rm app phpunit\n")],
        );
    }

    #[test]
    fn parts_that_were_not_supplied_are_asked_for() {
        let text = "include:\n  - {project: acme/ci, file: /scan.yml}\nbuild:\n  script: [docker push a/b:1]\n";
        clean(RULE, &[(".gitlab-ci.yml", text)]);
        let text =
            "include:\n  - template: Jobs/Container-Scanning.gitlab-ci.yml\nbuild:\n  script: [docker push a/b:1]\n";
        clean(RULE, &[(".gitlab-ci.yml", text)]);
        assert_eq!(findings(RULE, &[(".gitlab-ci.yml", "build:\n  script: [docker push a/b:1]\n")]).len(), 1);
    }

    #[test]
    fn a_registry_that_scans() {
        let policy = "[policy]\nregistry-scanning = true\n";
        let text = workflow("push", "");
        let found = findings(RULE, &[(".github/workflows/a.yml", &text), ("plimsoll.toml", policy)]);
        assert!(found.is_empty(), "{policy}");
    }
}
