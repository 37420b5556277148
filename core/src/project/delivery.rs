//! How pipelines deliver images: what they push, what looks for vulnerabilities, what signs, and what they take from others.

use super::{DockerLine, ImagePart, Project, UsedImage};
use crate::facts::tags;
use crate::image::ImageRef;
use crate::model::ci::{Job, Permissions, Pipeline, System, Use};
use crate::model::compose::Text;
use crate::model::docker_cli::{Action, ComposeVerb};
use crate::source::{Location, SourceId};
use crate::syntax::shell::Place;
use std::collections::{BTreeMap, BTreeSet};

/// An image that a pipeline pushes.
#[derive(Clone, PartialEq, Debug)]
pub struct PushedImage {
    /// Its name; `None` when a file that is not read here says it.
    pub image: Option<Text>,
    /// What pushes it.
    pub at: Location,
}

impl PushedImage {
    /// Repository and tag, `latest` without one; `None` where a variable may hold both.
    #[must_use]
    pub fn parts(&self) -> Option<(&str, &str)> {
        let text = self.image.as_ref()?.text.as_str();
        let last = text.rfind('/').map_or(0, |slash| slash + 1);
        // `${VARIABLE:-…}` has a colon of its own.
        let colon = text
            .get(last..)?
            .rfind(':')
            .map(|colon| last + colon)
            .filter(|colon| text.get(*colon..).is_some_and(|rest| !rest.contains('}') || rest.contains("${")));
        match colon {
            Some(colon) => Some((text.get(..colon)?, text.get(colon + 1..)?)),
            // A variable may hold the tag, too.
            None => (!text.get(last..)?.contains('$')).then_some((text, "latest")),
        }
    }

    /// Whether the tag names a branch or nothing: the next push moves it. `None` when what it becomes is not known.
    #[must_use]
    pub fn is_floating(&self) -> Option<bool> {
        const BRANCHES: [&str; 6] = [
            "${github.ref_name}",
            "${CI_COMMIT_REF_NAME}",
            "${CI_COMMIT_REF_SLUG}",
            "${CI_COMMIT_BRANCH}",
            "${CI_DEFAULT_BRANCH}",
            "${BRANCH_NAME}",
        ];
        let (_, tag) = self.parts()?;
        if BRANCHES.contains(&tag) {
            return Some(true);
        }
        let named = matches!(tag, "main" | "master" | "develop" | "dev" | "staging" | "prod" | "production" | "live");
        (!tag.contains('$')).then(|| named || tags::is_floating(tag))
    }
}

/// Something that looks for known vulnerabilities in images.
#[derive(Clone, PartialEq, Debug)]
pub struct ImageScan {
    /// What looks: `trivy`, `aquasecurity/trivy-action`.
    pub scanner: String,
    /// Where it is called.
    pub at: Location,
    /// Whether what it finds stops the pipeline; `None` when the files do not tell.
    pub blocks: Option<bool>,
}

/// Stretches of text: where each starts, and where it ends.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Stretches(BTreeMap<(SourceId, u32), u32>);

impl Stretches {
    fn of(places: impl Iterator<Item = Location>) -> Self {
        Self(places.map(|at| ((at.source, at.span.start), at.span.end)).collect())
    }

    /// Whether a place stands in one of them.
    #[must_use]
    pub fn hold(&self, at: Location) -> bool {
        let before = self.0.range(..=(at.source, at.span.start)).next_back();
        before.is_some_and(|((source, _), end)| *source == at.source && *end >= at.span.end)
    }
}

/// Actions that scan images, with the input that makes findings fail the job, and whether they do so without it.
const SCANNING: [(&str, &str, Option<bool>); 10] = [
    ("aquasecurity/trivy-action", "exit-code", Some(false)),
    ("anchore/scan-action", "fail-build", Some(true)),
    ("docker/scout-action", "exit-code", Some(false)),
    ("snyk/actions/docker", "", Some(true)),
    ("snyk/actions/php", "", Some(true)),
    ("crazy-max/ghaction-container-scan", "severity_threshold", Some(false)),
    ("sysdiglabs/scan-action", "stop-on-failed-policy-eval", None),
    ("azure/container-scan", "", None),
    ("lacework/lw-scanner-action", "", None),
    ("jfrog/frogbot", "", None),
];

impl Project<'_> {
    /// Every image that a pipeline pushes, in the order of the files.
    #[must_use]
    pub fn pushed_images(&self) -> Vec<PushedImage> {
        let mut found = Vec::new();
        for build in self.pipeline_builds().into_iter().filter(|build| build.in_pipeline) {
            let Some(at) = build.push else { continue };
            let mut images: Vec<Option<Text>> = build.tags.into_iter().map(Some).collect();
            if images.is_empty() {
                images.push(None);
            }
            found.extend(images.into_iter().map(|image| PushedImage { image, at }));
        }
        for line in self.docker_lines().iter().filter(|line| line.in_pipeline) {
            let at = line.invocation.at;
            match &line.invocation.action {
                Action::Push(images) => {
                    found.extend(images.iter().map(|image| PushedImage { image: Some(image.clone()), at }));
                }
                Action::Compose(compose) if matches!(&compose.verb, ComposeVerb::Other(verb, _) if verb == "push") => {
                    found.push(PushedImage { image: None, at });
                }
                _ => {}
            }
        }
        for used in self.actions() {
            if used.is("docker/bake-action") && used.input("push").is_some_and(|push| push.text != "false") {
                found.push(PushedImage { image: None, at: used.at });
            }
        }
        found.sort_by(|a, b| (self.path(a.at.source), a.at.span).cmp(&(self.path(b.at.source), b.at.span)));
        found.dedup();
        found
    }

    /// Everything that scans images for vulnerabilities: in pipelines, and in scripts that a machine runs.
    #[must_use]
    pub fn image_scans(&self) -> Vec<ImageScan> {
        let mut found = Vec::new();
        let tolerant = self.tolerant_scripts();
        for line in self.docker_lines() {
            let at = line.invocation.at;
            match &line.invocation.action {
                // `trivy config` reads configuration only.
                Action::Scan(scan)
                    if looks_into_images(&scan.scanner)
                        && self.slice(at).split_whitespace().nth(1) != Some("config") =>
                {
                    let blocks = if tolerant.hold(at) { Some(false) } else { scan.fails };
                    found.push(ImageScan { scanner: scan.scanner.clone(), at, blocks });
                }
                Action::Run(run) => {
                    let image = run.image.as_ref().map_or("", |image| image.text.as_str());
                    if ["aquasec/trivy", "anchore/grype", "snyk/snyk"].iter().any(|name| image.contains(name)) {
                        found.push(ImageScan { scanner: image.to_owned(), at, blocks: None });
                    }
                }
                _ => {}
            }
        }
        for unit in self.shell_units() {
            for (_, command) in unit.commands() {
                let words: Vec<&str> = command.unwrapped().iter().take(4).map(|word| word.text.as_str()).collect();
                let cloud = matches!(words.as_slice(), ["aws", "ecr", verb, ..] if verb.contains("image-scan"))
                    || words.starts_with(&["gcloud", "artifacts", "docker", "images"]);
                if cloud {
                    let at = Location::new(unit.source, command.span);
                    let scanner = words.first().copied().unwrap_or("").to_owned();
                    found.push(ImageScan { scanner, at, blocks: None });
                }
            }
        }
        for pipeline in self.pipelines() {
            for job in &pipeline.jobs {
                found.extend(job.uses.iter().filter_map(|used| scan_by(used, job)));
            }
            let ready = |text: &str| {
                let text = text.to_ascii_lowercase();
                ["container-scanning", "container_scanning", "auto-devops"].iter().any(|name| text.contains(name))
            };
            found.extend(
                pipeline.includes.iter().filter(|include| ready(&include.what.text)).map(|include| ImageScan {
                    scanner: include.what.text.clone(),
                    at: include.what.at,
                    blocks: None,
                }),
            );
        }
        found
    }

    /// Lines of `docker` that work on another machine's engine: over `ssh`, by `DOCKER_HOST` or a context.
    #[must_use]
    pub fn lines_on_servers(&self) -> Stretches {
        let elsewhere = |line: &&DockerLine| {
            let engine = &line.invocation;
            matches!(line.place, Place::Remote(_)) || engine.host.is_some() || engine.context.is_some()
        };
        Stretches::of(self.docker_lines().iter().filter(elsewhere).map(|line| line.invocation.at))
    }

    /// Scripts of jobs that may fail.
    fn tolerant_scripts(&self) -> Stretches {
        let jobs = self.pipelines().iter().flat_map(|pipeline| &pipeline.jobs);
        let tolerant = |job: &Job| -> Vec<Location> {
            let scripts = job.scripts.iter().filter(|script| job.may_fail.or(script.may_fail).is_some());
            scripts.map(|script| script.at).collect()
        };
        Stretches::of(jobs.flat_map(tolerant))
    }

    /// Whether a pipeline or a script signs images or attests where they come from.
    #[must_use]
    pub fn signs_images(&self) -> bool {
        let mut lines = self.docker_lines().iter();
        lines.any(|line| matches!(&line.invocation.action, Action::Sign(sign) if !sign.verifies))
            || self.actions().any(|used| {
                let action = used.action.to_ascii_lowercase();
                ["actions/attest", "slsa-framework/slsa-github-generator", "notaryproject/notation-action/sign"]
                    .iter()
                    .any(|name| action.starts_with(name))
            })
    }

    /// Parts of pipelines that stand in files which are not read here: of other projects, or not supplied.
    #[must_use]
    pub fn unread_parts(&self) -> Vec<&str> {
        let included = self.pipelines().iter().flat_map(|pipeline| &pipeline.includes).filter(|include| match include
            .kind
            .as_str()
        {
            "template" => false,
            "local" => !self.sources.knows(include.what.text.trim_start_matches('/')),
            _ => true,
        });
        let called = self.actions().filter(|used| used.is_workflow && !used.is_local());
        included.map(|include| include.what.text.as_str()).chain(called.map(|used| used.action.as_str())).collect()
    }

    /// Every action and reusable workflow of every pipeline.
    pub fn actions(&self) -> impl Iterator<Item = &Use> {
        self.pipelines().iter().flat_map(|pipeline| &pipeline.jobs).flat_map(|job| &job.uses)
    }

    /// The images that jobs run in and beside, where their names are known, each place once.
    #[must_use]
    pub fn job_images(&self) -> Vec<UsedImage> {
        let mut seen = BTreeSet::new();
        let jobs = self.pipelines().iter().flat_map(|pipeline| &pipeline.jobs);
        let containers = jobs.flat_map(|job| job.image.iter().chain(&job.services));
        containers
            .filter(|container| container.image.is_known() && seen.insert(container.image.at))
            .filter_map(|container| {
                let reference = ImageRef::parse(&container.image.text).ok()?;
                Some(UsedImage::new(self.facts, reference, container.image.at, ImagePart::Runs))
            })
            .collect()
    }
}

fn looks_into_images(scanner: &str) -> bool {
    // Others read lock files, judge the image's build, or only list what is inside.
    !matches!(scanner, "composer audit" | "local-php-security-checker" | "dockle" | "syft" | "osv-scanner")
}

fn scan_by(used: &Use, job: &Job) -> Option<ImageScan> {
    let action = used.action.to_ascii_lowercase();
    let (_, input, default) = SCANNING.iter().find(|(name, ..)| action == *name)?;
    let asked = used.input(input).filter(|_| !input.is_empty());
    let blocks = match asked {
        Some(text) if !text.is_known() => None,
        Some(text) => Some(!matches!(text.text.as_str(), "0" | "false" | "")),
        None => *default,
    };
    let ignored = job.may_fail.or(used.may_fail).is_some();
    Some(ImageScan { scanner: used.action.clone(), at: used.at, blocks: if ignored { Some(false) } else { blocks } })
}

impl Job {
    /// Whether it runs on a machine of GitHub's that is thrown away afterwards; other runners stay.
    #[must_use]
    pub fn is_on_fresh_machine(&self) -> bool {
        let own = |label: &Text| label.text.eq_ignore_ascii_case("self-hosted");
        let hosted = |label: &Text| ["ubuntu-", "windows-", "macos-"].iter().any(|os| label.text.starts_with(os));
        self.runner.iter().any(hosted) && !self.runner.iter().any(own)
    }
}

impl Job {
    /// The step that checks out the change of a pull request instead of the repository's own code, and what says so.
    #[must_use]
    pub fn checkout_of_change(&self) -> Option<(usize, Location)> {
        let of_change = |name: &String| {
            name == "github.head_ref"
                || name.starts_with("github.event.pull_request.head.")
                || name.starts_with("github.event.workflow_run.head_")
                || name == "github.event.pull_request.merge_commit_sha"
        };
        self.uses.iter().filter(|used| used.is("actions/checkout")).find_map(|used| {
            let mut inputs = ["ref", "repository"].into_iter().filter_map(|name| used.input(name));
            let input = inputs.find(|text| {
                // `refs/pull/…/merge` is the change, merged.
                text.variables.iter().any(of_change) || text.text.starts_with("refs/pull/")
            })?;
            Some((used.step, input.at))
        })
    }

    /// The first step after another one that runs code of the folder: a script, a build.
    #[must_use]
    pub fn runs_after(&self, step: usize) -> Option<Location> {
        let builds = ["docker/build-push-action", "docker/bake-action", "ramsey/composer-install"];
        let scripts = self.scripts.iter().map(|script| (script.step, script.at));
        let actions = self.uses.iter().filter(|used| used.is_local() || builds.iter().any(|build| used.is(build)));
        scripts.chain(actions.map(|used| (used.step, used.at))).filter(|(own, _)| *own > step).min().map(|(_, at)| at)
    }

    /// Whether a condition makes sure that a change comes from the repository itself, not from a fork.
    #[must_use]
    pub fn compares_repositories(&self) -> bool {
        let names = ["head.repo.full_name", "head.repo.fork", "head_repository.full_name", "head.repo.owner"];
        let tells = |text: &str| names.iter().any(|name| text.contains(name));
        self.conditions
            .iter()
            .any(|condition| tells(&condition.text) || condition.variables.iter().any(|name| tells(name)))
    }

    /// The first stored secret that it uses, apart from the token that every job has.
    #[must_use]
    pub fn secret_in_use(&self) -> Option<Location> {
        let stored = |name: &String| name.starts_with("secrets.") && !name.eq_ignore_ascii_case("secrets.GITHUB_TOKEN");
        let steps = self.uses.iter().flat_map(|used| &used.variables);
        let own = self.variables.iter().chain(steps).chain(self.scripts.iter().flat_map(|script| &script.variables));
        let values = own.filter_map(|variable| variable.value.as_ref());
        let inputs = self.uses.iter().flat_map(|used| used.with.iter().map(|(_, text)| text));
        let text = values.chain(inputs).find(|text| text.variables.iter().any(stored)).map(|text| text.at);
        let mut expressions = self.scripts.iter().flat_map(|script| &script.expressions);
        text.or_else(|| expressions.find(|one| one.names.iter().any(stored)).map(|one| one.at))
            .or_else(|| self.secrets.first().map(|text| text.at))
    }
}

impl Permissions {
    /// The place of what allows to write anything.
    #[must_use]
    pub fn writes_any(&self) -> Option<Location> {
        let all = (self.all.as_deref() == Some("write-all")).then_some(self.at);
        all.or_else(|| self.scopes.iter().find(|(_, level)| level.text == "write").map(|(_, level)| level.at))
    }
}

impl Pipeline {
    /// The job that a place of its file belongs to: the last one that starts before it.
    #[must_use]
    pub fn job_at(&self, at: Location) -> Option<&Job> {
        let before = |job: &&Job| job.at.source == at.source && job.at.span.start <= at.span.start;
        self.jobs.iter().filter(before).max_by_key(|job| job.at.span.start)
    }

    /// Whether it says when it runs: workflows of GitHub do; schedules of GitLab and Jenkins may be set up elsewhere.
    #[must_use]
    pub fn tells_triggers(&self) -> bool {
        self.system == System::GitHub && !self.triggers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    const WORKFLOW: &str = "on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    services: {db: {image: mysql}}\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {push: true, tags: 'acme/app:latest,acme/app:${{ github.sha }}'}\n      - uses: aquasecurity/trivy-action@v0\n        with: {image-ref: acme/app}\n      - run: trivy config .\n      - run: docker push acme/web:1.2\n";

    #[test]
    fn what_is_pushed_and_scanned() {
        let sources = sources(&[(".github/workflows/a.yml", WORKFLOW)]);
        let project = Project::new(&sources, TODAY);
        let pushed = project.pushed_images();
        let told: Vec<_> = pushed.iter().map(|pushed| (pushed.parts().unwrap(), pushed.is_floating())).collect();
        assert_eq!(
            told,
            [
                (("acme/app", "latest"), Some(true)),
                (("acme/app", "${github.sha}"), None),
                (("acme/web", "1.2"), Some(false)),
            ]
        );
        let scans = project.image_scans();
        assert_eq!((scans.len(), scans[0].blocks), (1, Some(false)));
        assert!(!project.signs_images() && project.unread_parts().is_empty());
        assert_eq!(project.job_images().len(), 1);
        let job = project.pipelines()[0].job_at(pushed[0].at).unwrap();
        assert!(job.name == "image" && job.is_on_fresh_machine());
    }

    #[test]
    fn scans_that_may_fail_and_parts_of_others() {
        let text = "include:\n  - {project: a/b, file: /x.yml}\n  - template: Jobs/Container-Scanning.gitlab-ci.yml\n  - local: /ci/y.yml\nscan:\n  allow_failure: true\n  script:\n    - grype --fail-on high app:1\n    - cosign sign app:1\n    - aws ecr start-image-scan --repository-name x\n";
        let sources = sources(&[(".gitlab-ci.yml", text)]);
        let project = Project::new(&sources, TODAY);
        let blocks: Vec<Option<bool>> = project.image_scans().iter().map(|scan| scan.blocks).collect();
        assert_eq!(blocks, [Some(false), None, None]);
        assert!(project.signs_images());
        assert_eq!(project.unread_parts().len(), 2);
    }
}
