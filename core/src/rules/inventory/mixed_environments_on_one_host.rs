//! `inventory/mixed-environments-on-one-host`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Danger, HostEnvironment, Project};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Production and something else on one Docker engine: a staging, preview or development stack, or a runner of
    /// pipelines. The name of the Compose project tells, else its files and `APP_ENV`; a project without such a word
    /// counts as production when `…-staging` or the like runs beside it.
    ///
    /// # Why it matters
    /// All containers of an engine share one kernel and one daemon. Staging has debug pages, weak passwords and code
    /// that nobody has reviewed yet; a runner executes whatever a branch tells it. Whoever gets out of such a container
    /// is in production, and what eats the memory there stops production, too.
    ///
    /// It is *high* when the other environment runs a privileged container or has the engine's socket. Docker Desktop
    /// is not judged.
    ///
    /// # Bad
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-prod-app-1","Image":"shop:1.4.2","State":"running","Status":"Up 3 days",
    ///  "Ports":"","Labels":"com.docker.compose.project=shop-prod,com.docker.compose.service=app"}
    /// {"ID":"1b2c3d4e5f60","Names":"shop-staging-app-1","Image":"shop:1.5.0","State":"running","Status":"Up 2 days",
    ///  "Ports":"","Labels":"com.docker.compose.project=shop-staging,com.docker.compose.service=app"}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-prod-app-1","Image":"shop:1.4.2","State":"running","Status":"Up 3 days",
    ///  "Ports":"","Labels":"com.docker.compose.project=shop-prod,com.docker.compose.service=app"}
    /// ```
    ///
    /// # How to fix
    /// Give each level of trust a virtual machine of its own: production, staging, runners. Where that has to wait, put
    /// limits on memory and processes of the other environments, and take the engine's socket and `privileged` from
    /// them.
    ///
    /// # References
    /// NIST SP 800-190 3.3.4 and 4.3.4, CWE-653.
    id: "inventory/mixed-environments-on-one-host",
    title: "Production shares its engine with other environments",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "All containers of an engine share one kernel; whoever gets out of the weakest environment is in production.",
    help: "Give production, staging and runners of pipelines virtual machines of their own.",
    references: ["NIST SP 800-190 3.3.4", "NIST SP 800-190 4.3.4", "CWE-653"],
}

/// Environments that are shown beside the first.
const SHOWN: usize = 5;

fn check(project: &Project<'_>, out: &mut Findings) {
    if project.is_development_machine() {
        return;
    }
    let (others, rest): (Vec<_>, Vec<_>) =
        project.host_environments().into_iter().partition(HostEnvironment::is_beside_production);
    let (Some(production), Some(first)) = (rest.first(), others.first()) else { return };
    let Some(at) = place(first) else { return };
    let more = match others.len() - 1 {
        0 => String::new(),
        1 => ", and so does another environment".to_owned(),
        count => format!(", and so do {count} other environments"),
    };
    let message = format!(
        "`{}` ({}) runs on the engine of `{}` (production){more}",
        shorten(&first.name, 60),
        first.what(),
        shorten(&production.name, 60)
    );
    let danger = others.iter().find_map(danger);
    let severity = if danger.is_some() { Severity::High } else { Severity::Medium };
    let mut draft = Draft::new(at, message)
        .severity_in_context(severity)
        .confidence(Confidence::Medium)
        .because_of(place(production), "production");
    for other in others.iter().skip(1).take(SHOWN) {
        draft = draft.because_of(place(other), format!("`{}` ({})", shorten(&other.name, 60), other.what()));
    }
    if let Some((danger, at)) = danger {
        draft = draft.because(at, danger.as_str());
    }
    out.report(draft);
}

fn place(environment: &HostEnvironment<'_, '_>) -> Option<Location> {
    environment.services.iter().find_map(|service| Some(service.container()?.at()))
}

/// What lets it out of its container.
fn danger(environment: &HostEnvironment<'_, '_>) -> Option<(Danger, Location)> {
    let mut dangers = environment.services.iter().flat_map(|service| service.dangers());
    dangers.find(|(danger, _)| matches!(danger, Danger::Socket | Danger::Privileged))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/mixed-environments-on-one-host";

    fn row(nth: usize, project: &str, image: &str, state: &str) -> String {
        format!(
            "{{\"ID\":\"{nth:012x}\",\"Names\":\"{project}-app-1\",\"Image\":\"{image}\",\"State\":\"{state}\",\"Status\":\"Up 3 days\",\"Labels\":\"com.docker.compose.project={project},com.docker.compose.service=app\"}}\n"
        )
    }

    fn rows(projects: &[&str]) -> String {
        projects.iter().enumerate().map(|(nth, project)| row(nth + 1, project, "shop:1", "running")).collect()
    }

    #[test]
    fn two_environments() {
        for projects in [["shop-prod", "shop-staging"], ["shop", "shop-staging"], ["shop-live", "blog-pr-12"]] {
            let found = findings(RULE, &[("ps.ndjson", &rows(&projects))]);
            assert_eq!((found.len(), found[0].severity.as_str()), (1, "medium"), "{projects:?}");
        }
        let found = findings(RULE, &[("ps.ndjson", &rows(&["shop-prod", "shop-dev", "shop-staging", "blog-test"]))]);
        assert_eq!((found.len(), found[0].related.len()), (1, 3));
    }

    #[test]
    fn a_runner_beside_production() {
        let runner = row(9, "tools", "gitlab/gitlab-runner:v18.0.0", "running");
        let both = format!("{}{runner}", row(1, "shop-prod", "shop:1", "running"));
        assert_eq!(findings(RULE, &[("ps.ndjson", &both)]).len(), 1);
        clean(RULE, &[("ps.ndjson", &runner)]);
    }

    #[test]
    fn privileged_is_high() {
        let container = |id: &str, project: &str, privileged: bool| {
            format!(
                "{{\"Id\":\"{id}\",\"Created\":\"2026-11-02T09:14:20Z\",\"Path\":\"php-fpm\",\"Args\":[],\"State\":{{\"Status\":\"running\",\"Running\":true}},\"Name\":\"/{project}-app-1\",\"Config\":{{\"Image\":\"shop:1\",\"Labels\":{{\"com.docker.compose.project\":\"{project}\",\"com.docker.compose.service\":\"app\"}}}},\"HostConfig\":{{\"Privileged\":{privileged}}}}}"
            )
        };
        let text = |privileged: bool| {
            let first = container("0a1b2c3d4e5f0a1b", "shop-prod", !privileged);
            format!("[{first},{}]\n", container("1b2c3d4e5f600a1b", "shop-staging", privileged))
        };
        assert_eq!(findings(RULE, &[("inspect.json", &text(true))])[0].severity.as_str(), "high");
        assert_eq!(findings(RULE, &[("inspect.json", &text(false))])[0].severity.as_str(), "medium");
    }

    #[test]
    fn one_environment() {
        clean(RULE, &[("ps.ndjson", &rows(&["shop-prod"]))]);
        clean(RULE, &[("ps.ndjson", &rows(&["shop-prod", "blog-prod", "proxy"]))]);
        clean(RULE, &[("ps.ndjson", &rows(&["shop-dev", "blog-staging"]))]);
        clean(RULE, &[("ps.ndjson", &rows(&["shop", "blog-staging"]))]);
    }

    #[test]
    fn what_does_not_run() {
        let stopped = row(2, "shop-staging", "shop:1", "exited").replace("Up 3 days", "Exited (0) 2 days ago");
        clean(RULE, &[("ps.ndjson", &format!("{}{stopped}", row(1, "shop-prod", "shop:1", "running")))]);
    }

    #[test]
    fn a_developers_machine() {
        let info = "{\"ID\":\"x\",\"ContainersRunning\":2,\"Images\":1,\"Driver\":\"overlay2\",\"ServerVersion\":\"29.0.1\",\"OperatingSystem\":\"Docker Desktop\"}\n";
        clean(RULE, &[("ps.ndjson", &rows(&["shop-prod", "shop-staging"])), ("info.json", info)]);
    }
}
