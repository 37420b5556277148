//! `drift/image-from-commit`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::model::docker_cli::Action;
use crate::project::{Change, LineTarget, ManualChange, Project};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A script that makes an image of a container (`docker commit`, `docker export` with `docker import`), or an image on the machine
    /// whose record says that it was made so.
    ///
    /// # Why it matters
    /// Such an image has no Dockerfile: nobody can review it, rebuild it with a fixed base, or say what is in it. It freezes
    /// whatever the container held at that moment, with its shell history, caches and secret files.
    ///
    /// Images and tags that are called `quarantine`, `forensics` or `evidence` are left out: to keep a container for analysis,
    /// `commit` is right.
    ///
    /// # Bad
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// docker exec app php artisan optimize
    /// docker commit app registry.example.net/shop:fixed
    /// docker push registry.example.net/shop:fixed
    /// ```
    ///
    /// # Good
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// docker build -t registry.example.net/shop:1.4.2 .
    /// docker push registry.example.net/shop:1.4.2
    /// ```
    ///
    /// # How to fix
    /// Write down as a Dockerfile what was done in the container, and build the image from it. `docker diff` and `docker history` show
    /// what has to be in it.
    ///
    /// # References
    /// NIST SP 800-190 3.1.5, CIS Docker Benchmark 4.1.
    id: "drift/image-from-commit",
    title: "An image is made from a container by hand",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "An image that was committed from a container has no source: nobody can review or rebuild it, and it holds whatever the container held, secrets and histories too.",
    help: "Write a Dockerfile for it, and build the image from that.",
    references: ["NIST SP 800-190 3.1.5", "CIS Docker Benchmark 4.1"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for change in project.manual_changes().iter().filter(|change| change.change == Change::Commit) {
        out.drafts.extend(in_script(project, change));
    }
    for image in &project.inventory.images {
        let name = shorten(image.name(), 80);
        let Some(at) = image.made_by_hand().filter(|_| !is_kept_for_analysis(image.name())) else { continue };
        let user = project.inventory.users_of(image).find(|container| container.is_active() != Some(false));
        let mut draft = Draft::new(at, format!("the image {name} was made from a container by hand"))
            .confidence(Confidence::Medium)
            .severity(if user.is_some() { Severity::High } else { Severity::Medium });
        if let Some(container) = user {
            draft = draft.because(container.at(), "this container runs it");
        }
        out.report(draft);
    }
}

fn in_script(project: &Project<'_>, change: &ManualChange<'_>) -> Option<Draft> {
    let line = change.line;
    let target = match &line.invocation.action {
        Action::Commit { image, .. } => image.as_ref().map_or("", |image| image.text.as_str()),
        // A copy of the files alone is a backup.
        Action::Archive(..) if !imports(project, change) => return None,
        _ => "",
    };
    if is_kept_for_analysis(target) || is_kept_for_analysis(project.path(change.at.source)) {
        return None;
    }
    let severity = match project.line_target(line) {
        LineTarget::Development => Severity::Low,
        LineTarget::Deployment(_) | LineTarget::Unknown | LineTarget::Throwaway => Severity::High,
    };
    let what = if target.is_empty() { "an image".to_owned() } else { format!("the image {}", shorten(target, 60)) };
    let message = format!("`{}` makes {what} of a container", change.program);
    Some(Draft::new(change.at, message).severity_in_context(severity))
}

/// Whether the same script makes an image of what it exports.
fn imports(project: &Project<'_>, change: &ManualChange<'_>) -> bool {
    project
        .docker_lines()
        .iter()
        .filter(|line| line.unit == change.line.unit)
        .any(|line| matches!(&line.invocation.action, Action::Archive(verb, _) if verb == "import"))
}

fn is_kept_for_analysis(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["quarantine", "forensic", "evidence", "incident"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/image-from-commit";

    fn severities(path: &str, line: &str) -> Vec<String> {
        let text = format!("#!/bin/sh\n{line}\n");
        findings(RULE, &[(path, &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn scripts() {
        assert_eq!(severities("deploy.sh", "docker commit app shop:2"), ["high"]);
        assert_eq!(severities("deploy.sh", "docker export app | docker import - shop:2"), ["high"]);
        assert_eq!(severities("bin/dev.sh", "docker commit app shop:2"), ["low"]);
    }

    #[test]
    fn backups_and_analysis_are_none() {
        assert!(severities("deploy.sh", "docker export app > app.tar").is_empty());
        assert!(severities("deploy.sh", "docker commit app quarantine:2026-11-24").is_empty());
        assert!(severities("incident.sh", "docker commit app x:1").is_empty());
    }

    #[test]
    fn images_on_the_machine() {
        let image = |comment: &str| {
            format!(
                "### docker image inspect shop:2\n[{{\"Id\": \"sha256:{}\", \"RepoTags\": [\"shop:2\"], \"Comment\": \"{comment}\", \"Created\": \"2026-11-01T10:00:00Z\", \"Config\": {{}}}}]\n",
                "a".repeat(64)
            )
        };
        let found = findings(RULE, &[("images.txt", &image("hotfix by hand"))]);
        assert_eq!(found[0].severity.as_str(), "medium");
        clean(RULE, &[("images.txt", &image("buildkit.dockerfile.v0"))]);
    }
}
