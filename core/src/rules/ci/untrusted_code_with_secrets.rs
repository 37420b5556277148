//! `ci/untrusted-code-with-secrets`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::model::ci::{Job, Pipeline, System};
use crate::project::{Project, PushedImage};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Workflows of GitHub in which strangers reach what the pipeline may do: `pull_request_target` or `workflow_run` that checks
    /// out the proposed change and then runs anything of it; texts of strangers (a title, a branch's name, a comment) put into a shell
    /// script with `${{ … }}`; and a token that may write everything in a workflow that pushes images.
    ///
    /// `pull_request` is left out for the first: it has no secrets. So is a job whose condition compares the repository of the
    /// change with its own. A job that waits for an environment is asked about: its approval decides.
    ///
    /// # Why it matters
    /// `pull_request_target` runs with the secrets and the token of the repository. Whoever opens a pull request writes the
    /// Dockerfile, the Composer scripts or the Makefile that then run with them.
    ///
    /// A checkout that is run is *critical* with secrets or a token that may write, else *high*. A text in a script is *high*, and
    /// *medium* under `pull_request` alone. A token that may write everything is *medium*; one whose rights nothing limits *low*.
    ///
    /// # Bad
    /// ```yaml file:.github/workflows/build.yml
    /// on: pull_request_target
    /// permissions: { contents: read, packages: write }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///         with: { ref: "${{ github.event.pull_request.head.sha }}" }
    ///       - uses: docker/build-push-action@v6
    ///         with: { push: true, tags: "ghcr.io/acme/shop:pr" }
    /// ```
    ///
    /// # Good
    /// ```yaml file:.github/workflows/build.yml
    /// on: pull_request
    /// permissions: { contents: read }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - uses: docker/build-push-action@v6
    ///         with: { push: false, tags: "ghcr.io/acme/shop:pr" }
    /// ```
    ///
    /// # How to fix
    /// Build and test under `pull_request`, without secrets. Publish in a workflow of its own that starts on a push to a protected
    /// branch. Hand texts to scripts through `env:` and write `"$TITLE"`. Start each workflow with `permissions: {contents: read}`.
    ///
    /// # References
    /// OWASP Top 10 CI/CD Security Risks CICD-SEC-4, CWE-829, CWE-94, GitHub documentation "Secure use reference".
    id: "ci/untrusted-code-with-secrets",
    title: "Strangers reach the secrets of a pipeline",
    severity: High,
    lowered_in_development: 1,
    fixes: Described,
    why: "Such a workflow runs with the repository's secrets and token, while what it runs is written by whoever opens a pull request.",
    help: "Build changes under `pull_request` without secrets, publish from protected branches only, and hand texts to scripts through `env:`.",
    references: ["OWASP Top 10 CI/CD Security Risks CICD-SEC-4", "CWE-829", "CWE-94"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let pushes = project.pushed_images();
    for pipeline in project.pipelines().iter().filter(|pipeline| pipeline.system == System::GitHub) {
        for job in &pipeline.jobs {
            checked_out(pipeline, job, out);
            injected(pipeline, job, out);
        }
        if pushes.iter().any(|pushed| pushed.at.source == pipeline.source) {
            may_write_all(pipeline, &pushes, out);
        }
    }
}

/// A proposed change that is checked out and run beside secrets.
fn checked_out(pipeline: &Pipeline, job: &Job, out: &mut Findings) {
    let privileged = ["pull_request_target", "workflow_run"].iter().find_map(|name| pipeline.trigger(name));
    let (Some(trigger), Some((step, at))) = (privileged, job.checkout_of_change()) else { return };
    let Some(run_at) = job.runs_after(step).filter(|_| !job.compares_repositories()) else { return };
    let name = shorten(&job.name, 60);
    if let Some(environment) = &job.environment {
        let environment = shorten(&environment.text, 60);
        out.ask(
            format!("Does somebody approve each run of `{name}`, which checks out changes of strangers?"),
            format!("look at the protection rules of the environment `{environment}`"),
        );
        return;
    }
    let secret = job.secret_in_use();
    let writes = pipeline.permissions_of(job).and_then(|permissions| permissions.writes_any());
    let severity = if secret.or(writes).is_some() { Severity::Critical } else { Severity::High };
    let message = format!("`{name}` checks out the change that started it under `{}` and runs it", trigger.name);
    let draft = Draft::new(at, message).severity(severity).because(trigger.at, "runs with the repository's own rights");
    let draft = draft.because(run_at, "what the change brings runs here");
    out.report(draft.because_of(secret, "a secret beside it").because_of(writes, "a token that may write"));
}

/// Texts of strangers that become part of a script.
fn injected(pipeline: &Pipeline, job: &Job, out: &mut Findings) {
    let own = |name: &str| matches!(name, "push" | "pull_request" | "workflow_dispatch" | "schedule" | "merge_group");
    let harmless = pipeline.triggers.iter().all(|trigger| own(&trigger.name));
    for script in &job.scripts {
        for expression in &script.expressions {
            let Some(name) = expression.names.iter().find(|name| is_of_strangers(name)) else { continue };
            let message = format!("`{}` puts `{}` into a shell script", shorten(&job.name, 60), shorten(name, 80));
            let severity = if harmless { Severity::Medium } else { Severity::High };
            out.report(Draft::new(expression.at, message).severity(severity).help(
                "Hand the text over in `env:` and write it as a quoted variable of the shell, so that nothing of it is run.",
            ));
        }
    }
}

/// Whether strangers decide what a value of the event says.
fn is_of_strangers(name: &str) -> bool {
    const ENDS: [&str; 10] = [
        ".title",
        ".body",
        ".head.ref",
        ".head.label",
        ".head_ref",
        ".head_branch",
        ".message",
        ".page_name",
        ".author.email",
        ".author.name",
    ];
    name == "github.head_ref" || name.starts_with("github.event.") && ENDS.iter().any(|end| name.ends_with(end))
}

/// A token that is not limited, in a workflow that pushes.
fn may_write_all(pipeline: &Pipeline, pushes: &[PushedImage], out: &mut Findings) {
    let own = pipeline.permissions.iter().chain(pipeline.jobs.iter().filter_map(|job| job.permissions.as_ref()));
    for permissions in own.filter(|permissions| permissions.all.as_deref() == Some("write-all")) {
        let message = "The token of a workflow that pushes images may write everything";
        out.report(Draft::new(permissions.at, message).severity(Severity::Medium).aspect("token"));
    }
    let to_github = |pushed: &&PushedImage| {
        pushed.at.source == pipeline.source
            && pushed.image.as_ref().is_some_and(|image| image.text.starts_with("ghcr.io/"))
    };
    let unlimited = |at: Location| pipeline.job_at(at).is_some_and(|job| pipeline.permissions_of(job).is_none());
    if let Some(pushed) = pushes.iter().filter(to_github).find(|pushed| unlimited(pushed.at)) {
        let message = "This job pushes to GitHub's registry, and nothing limits what its token may do";
        let draft = Draft::new(pushed.at, message).severity(Severity::Low).confidence(Confidence::Medium);
        out.report(draft.aspect("token").help("Write `permissions: {contents: read, packages: write}` into the job."));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "ci/untrusted-code-with-secrets";
    const CHECKOUT: &str =
        "      - uses: actions/checkout@v5\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n";

    fn told(on: &str, top: &str, job: &str, steps: &str) -> Vec<String> {
        let text = format!("on: {on}\n{top}jobs:\n  a:\n    runs-on: ubuntu-24.04\n{job}    steps:\n{steps}");
        let found = findings(RULE, &[(".github/workflows/a.yml", &text)]);
        found.iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn a_change_that_is_checked_out_and_run() {
        let read = "permissions: {contents: read}\n";
        let run = format!("{CHECKOUT}      - run: composer install\n");
        assert_eq!(told("pull_request_target", read, "", &run), ["high"]);
        assert_eq!(told("pull_request_target", "permissions: {packages: write}\n", "", &run), ["critical"]);
        let secret = format!("{CHECKOUT}      - run: make\n        env: {{T: '${{{{ secrets.TOKEN }}}}'}}\n");
        assert_eq!(told("pull_request_target", read, "", &secret), ["critical"]);
        assert_eq!(told("pull_request", read, "", &run), Vec::<String>::new());
        assert_eq!(told("pull_request_target", read, "", CHECKOUT), Vec::<String>::new(), "nothing of it runs");
        let base = "      - uses: actions/checkout@v5\n      - run: composer install\n";
        assert_eq!(told("pull_request_target", read, "", base), Vec::<String>::new(), "the base is checked out");
    }

    #[test]
    fn gates() {
        let run = format!("{CHECKOUT}      - run: composer install\n");
        let own = "    if: github.event.pull_request.head.repo.full_name == github.repository\n";
        assert_eq!(told("pull_request_target", "", own, &run), Vec::<String>::new());
        assert_eq!(told("pull_request_target", "", "    environment: review\n", &run), Vec::<String>::new());
    }

    #[test]
    fn texts_in_scripts() {
        let step = |name: &str| format!("      - run: echo \"${{{{ {name} }}}}\"\n");
        assert_eq!(told("issues", "", "", &step("github.event.issue.title")), ["high"]);
        assert_eq!(told("pull_request", "", "", &step("github.head_ref")), ["medium"]);
        assert_eq!(told("issues", "", "", &step("github.event.issue.number")), Vec::<String>::new());
        assert_eq!(told("push", "", "", &step("github.sha")), Vec::<String>::new());
    }

    #[test]
    fn tokens() {
        let push = "      - run: docker push ghcr.io/acme/app:1\n";
        assert_eq!(told("push", "permissions: write-all\n", "", push), ["medium"]);
        assert_eq!(told("push", "", "", push), ["low"]);
        assert_eq!(told("push", "permissions: {packages: write}\n", "", push), Vec::<String>::new());
        assert_eq!(told("push", "permissions: write-all\n", "", "      - run: make\n"), Vec::<String>::new());
    }
}
