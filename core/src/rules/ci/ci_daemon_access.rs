//! `ci/ci-daemon-access`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::ci::{CiContainer, Job, Pipeline};
use crate::model::compose::Text;
use crate::project::{EngineUse, Project, ServiceRef, Stretches};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A pipeline that hands a container engine to its jobs: Docker in Docker without TLS, a job or a step that gets the engine's
    /// socket, and one that runs privileged.
    ///
    /// A Docker in Docker that is rootless, and builds with BuildKit without root, Buildah or Kaniko are left out. So are socket and
    /// privileged containers on GitHub's own runners: such a machine is thrown away after the job.
    ///
    /// # Why it matters
    /// Jobs run code of others: Composer plugins, npm scripts, the branch of a merge request. With the engine they have root on the
    /// runner, and the secrets of every other job that runs there.
    ///
    /// Socket and privileged are *high*. Docker in Docker without TLS is *medium*: every container of the job may use it; with TLS it
    /// is *info*, since the runner still has to be privileged.
    ///
    /// # Bad
    /// ```yaml file:.gitlab-ci.yml
    /// build:
    ///   image: docker:29.1.2
    ///   services: ["docker:29.1.2-dind"]
    ///   variables:
    ///     DOCKER_HOST: tcp://docker:2375
    ///     DOCKER_TLS_CERTDIR: ""
    ///   script:
    ///     - docker build -t registry.example.net/shop:$CI_COMMIT_SHORT_SHA .
    /// ```
    ///
    /// # Good
    /// ```yaml file:.gitlab-ci.yml
    /// build:
    ///   image: docker:29.1.2
    ///   services: ["docker:29.1.2-dind-rootless"]
    ///   variables:
    ///     DOCKER_TLS_CERTDIR: /certs
    ///   script:
    ///     - docker build -t registry.example.net/shop:$CI_COMMIT_SHORT_SHA .
    /// ```
    ///
    /// # How to fix
    /// Build with rootless BuildKit (`moby/buildkit:rootless` with `buildctl-daemonless.sh`), Buildah, or a remote builder of
    /// `docker buildx`. Where Docker in Docker stays: rootless, with TLS, on a runner of its own that serves protected branches
    /// only. The edit switches TLS on; the runner has to share `/certs/client` with the job.
    ///
    /// # References
    /// CIS Docker Benchmark 5.5 and 5.32, OWASP CI/CD Security Cheat Sheet, GitLab documentation "Use Docker to build Docker
    /// images", CWE-250, CWE-653.
    id: "ci/ci-daemon-access",
    title: "Jobs of a pipeline control a container engine",
    severity: High,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "Jobs run code of others; with a container engine at hand that code is root on the runner and reads the secrets of every other job there.",
    help: "Build with rootless BuildKit or Buildah; where Docker in Docker stays, run it rootless, with TLS and on a runner of its own.",
    references: ["CIS Docker Benchmark 5.5", "CIS Docker Benchmark 5.32", "OWASP CI/CD Security Cheat Sheet", "NIST SP 800-190 3.3.1", "CWE-250", "CWE-653"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let servers = project.lines_on_servers();
    for pipeline in project.pipelines() {
        for job in &pipeline.jobs {
            if let Some(engine) = job.services.iter().find(|service| service.is_dind() && !service.is_rootless()) {
                out.report(docker_in_docker(project, pipeline, job, engine));
            }
        }
        let files = project.views.iter().filter(|view| view.files.first() == Some(&pipeline.source));
        for service in files.flat_map(|view| project.services_of(view)) {
            given(pipeline, service, &servers, out);
        }
    }
}

/// Docker in Docker: with TLS, or open to every container of the job.
fn docker_in_docker(project: &Project<'_>, pipeline: &Pipeline, job: &Job, engine: &CiContainer) -> Draft {
    let value = |name: &str| pipeline.variable(job, name).and_then(|variable| variable.value.as_ref());
    let no_certificates = engine
        .variables
        .iter()
        .find(|variable| variable.name == "DOCKER_TLS_CERTDIR")
        .and_then(|variable| variable.value.as_ref())
        .or_else(|| value("DOCKER_TLS_CERTDIR"))
        .filter(|text| text.is_known() && text.text.is_empty());
    let plain = value("DOCKER_HOST").filter(|text| EngineUse::read(&text.text, text.at).is_some());
    let name = shorten(&job.name, 60);
    let (at, sure) = match (no_certificates, plain) {
        (Some(text), _) => (text.at, Confidence::High),
        (None, Some(text)) => (text.at, Confidence::Medium),
        (None, None) => {
            let message = format!("The job `{name}` runs Docker in Docker, which needs a privileged runner");
            return Draft::new(engine.image.at, message).severity(Severity::Info);
        }
    };
    let message = format!("The job `{name}` runs Docker in Docker without TLS");
    let draft = Draft::new(at, message).severity(Severity::Medium).confidence(sure);
    draft.because(engine.image.at, "the engine").fix(with_tls(project, no_certificates, plain))
}

/// Certificates, and the port that goes with them, as one edit.
fn with_tls(project: &Project<'_>, folder: Option<&Text>, host: Option<&Text>) -> Option<Fix> {
    // Where only the port is written, what the engine listens on is decided elsewhere.
    let mut fix = project.replace(Safety::Suggested, "Switch TLS on", folder?.at, "/certs")?;
    if let Some(host) = host {
        let address = format!("{}:2376", host.text.strip_suffix(":2375")?);
        fix.edits.extend(project.replace(Safety::Suggested, "", host.at, &address)?.edits);
    }
    Some(fix)
}

/// A container of a job that gets the runner's engine or every right.
fn given(pipeline: &Pipeline, service: ServiceRef<'_, '_>, servers: &Stretches, out: &mut Findings) {
    let socket = service.host_mounts().iter().find(|mount| mount.control_socket().is_some()).map(|mount| mount.at);
    let privileged = service.privileged.as_ref().filter(|flag| flag.value).map(|flag| flag.at);
    let found = [(socket, "gets the socket of the runner's engine"), (privileged, "runs privileged on the runner")];
    for (at, what) in found {
        // What a job starts on a server has nothing of the runner.
        let Some(at) = at.filter(|at| !servers.hold(*at)) else { continue };
        let job = pipeline.job_at(at);
        let name = job.map_or("a job", |job| job.name.as_str());
        if !job.is_some_and(Job::is_on_fresh_machine) {
            let message = format!("A container of `{}` {what}", shorten(name, 60));
            out.report(Draft::new(at, message).on(service).severity_in_context(Severity::High));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "ci/ci-daemon-access";

    fn gitlab(job: &str) -> String {
        let text = format!("build:\n  image: docker:29\n{job}  script: [docker build .]\n");
        let found = findings(RULE, &[(".gitlab-ci.yml", &text)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn docker_in_docker() {
        let dind = "  services: ['docker:29-dind']\n";
        assert_eq!(gitlab(&format!("{dind}  variables: {{DOCKER_TLS_CERTDIR: ''}}\n")), "medium");
        assert_eq!(gitlab(&format!("{dind}  variables: {{DOCKER_HOST: 'tcp://docker:2375'}}\n")), "medium");
        assert_eq!(gitlab(&format!("{dind}  variables: {{DOCKER_HOST: 'tcp://docker:2376'}}\n")), "info");
        assert_eq!(gitlab(&format!("{dind}  variables: {{DOCKER_TLS_CERTDIR: /certs}}\n")), "info");
        assert_eq!(gitlab("  services: ['docker:29-dind-rootless']\n  variables: {DOCKER_TLS_CERTDIR: ''}\n"), "none");
        assert_eq!(gitlab(""), "none");
    }

    #[test]
    fn one_finding_for_the_variable_of_all_jobs() {
        let text = "variables: {DOCKER_TLS_CERTDIR: ''}\nservices: ['docker:dind']\na:\n  script: [docker info]\nb:\n  script: [docker info]\n";
        assert_eq!(findings(RULE, &[(".gitlab-ci.yml", text)]).len(), 1);
    }

    #[test]
    fn socket_and_privileged() {
        let workflow = |runner: &str, options: &str| {
            let text = format!(
                "on: push\njobs:\n  a:\n    runs-on: {runner}\n    container:\n      image: php:8.4\n      options: {options}\n    steps:\n      - run: make\n"
            );
            let found = findings(RULE, &[(".github/workflows/a.yml", &text)]);
            found.first().map_or("none".into(), |finding| finding.severity.to_string())
        };
        for options in ["--privileged", "-v /var/run/docker.sock:/var/run/docker.sock"] {
            assert_eq!(workflow("self-hosted", options), "high", "{options}");
            assert_eq!(workflow("ubuntu-24.04", options), "none", "{options}");
        }
        assert_eq!(workflow("self-hosted", "--user 33:33"), "none");
    }

    #[test]
    fn a_step_that_hands_the_socket_on() {
        let step = "    - docker run --rm -v /var/run/docker.sock:/var/run/docker.sock tool:1\n";
        let text = format!("build:\n  image: docker:29\n  script:\n{step}");
        assert_eq!(findings(RULE, &[(".gitlab-ci.yml", &text)])[0].severity.as_str(), "high");
        let remote = "deploy:\n  script:\n    - ssh root@shop 'docker run -d --privileged app:1'\n";
        clean(RULE, &[(".gitlab-ci.yml", remote)]);
        clean(RULE, &[("build.sh", "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock tool:1\n")]);
    }
}
