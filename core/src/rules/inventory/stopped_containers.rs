//! `inventory/stopped-containers`

use crate::declare_rule;
use crate::finding::Severity;
use crate::model::inventory::{Container, State};
use crate::project::{Deployment, Project, Standing, is_kept};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};

declare_rule! {
    /// # What it finds
    /// Containers of a recorded machine that ended, died or never started more than a week ago, and containers that have been paused
    /// for more than a day. One finding names them all.
    ///
    /// Left out are services that run once and end, `docker compose run` within its first day, what Swarm, Kubernetes or Nomad
    /// clean up, and containers with the label `keep=true`.
    ///
    /// # Why it matters
    /// A stopped container keeps its volumes, its environment with every secret in it and its writable layer, and `docker start`
    /// brings the old code back. During an incident it costs time to find out which of them belongs to anything.
    ///
    /// It is *low*; *medium* when there are more than five, or when two of them were killed (exit code 137 or 139).
    ///
    /// # Bad
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-horizon-1","Image":"shop-app:1.2","State":"exited",
    ///  "Status":"Exited (137) 7 months ago","Labels":""}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-horizon-1","Image":"shop-app:1.4","State":"running",
    ///  "Status":"Up 3 days (healthy)","Labels":""}
    /// {"ID":"1b2c3d4e5f60","Names":"shop-migrate-1","Image":"shop-app:1.4","State":"exited",
    ///  "Status":"Exited (0) 3 days ago","Labels":""}
    /// ```
    ///
    /// # How to fix
    /// Look through the list, save logs and data that are still needed, then
    /// `docker container prune --filter "until=168h"`. Deploy with `docker compose up -d --remove-orphans` and run one-off commands
    /// with `docker compose run --rm`.
    ///
    /// # References
    /// CIS Docker Benchmark 6.2, NIST SP 800-190 3.4.5, CWE-1059.
    id: "inventory/stopped-containers",
    title: "Containers that ended long ago are still there",
    severity: Low,
    lowered_in_development: 2,
    fixes: Described,
    why: "A stopped container keeps its volumes, its secrets and its old code, ready to be started again, and hides among those that matter.",
    help: "Look through them, then run `docker container prune --filter \"until=168h\"`.",
    references: ["CIS Docker Benchmark 6.2", "NIST SP 800-190 3.4.5", "CWE-1059"],
}

/// Containers that are named in one finding.
const SHOWN: usize = 20;

fn check(project: &Project<'_>, out: &mut Findings) {
    let mut stopped: Vec<(i64, &Container)> = project
        .deployments()
        .iter()
        .filter(|deployment| !is_meant(deployment))
        .filter_map(|deployment| Some((hours(project, deployment.container)?, deployment.container)))
        .collect();
    stopped.sort_by_key(|(hours, _)| std::cmp::Reverse(*hours));
    let Some((oldest, first)) = stopped.first() else { return };
    let name = shorten(first.name(), 60);
    let age = count(usize::try_from(oldest / 24).unwrap_or(0), "day");
    let said = format!("`{name}` has been {} for {age}", what(first));
    let message = match stopped.len() - 1 {
        0 => said,
        1 => format!("{said}, and so has another container for a while"),
        others => format!("{said}, and so have {others} other containers for a while"),
    };
    let killed = stopped.iter().filter(|(_, container)| was_killed(container)).count();
    let severity = if stopped.len() > 5 || killed > 1 { Severity::Medium } else { Severity::Low };
    let mut draft = Draft::new(first.at(), message).severity_in_context(project.on_this_machine(severity));
    for (hours, container) in stopped.iter().skip(1).take(SHOWN) {
        let age = count(usize::try_from(hours / 24).unwrap_or(0), "day");
        draft = draft.because(container.at(), format!("`{}` for {age}", shorten(container.name(), 60)));
    }
    out.report(draft);
}

/// Hours since it ended, where that is too long.
fn hours(project: &Project<'_>, container: &Container) -> Option<i64> {
    let now = project.inventory_time();
    match container.state.as_ref()?.value {
        State::Paused => container.uptime_hours(now).filter(|hours| *hours > 24),
        State::Created | State::Exited | State::Dead => container.stopped_hours(now).filter(|hours| *hours > 7 * 24),
        State::Running | State::Restarting | State::Removing => None,
    }
}

/// Whether it is meant to be there. What `compose run` made is looked at like any other: a week is long enough for it.
fn is_meant(deployment: &Deployment<'_, '_>) -> bool {
    let once = matches!(&deployment.standing, Standing::Declared(service) if service.is_one_shot());
    once || deployment.container.is_of_cluster() || is_kept(deployment.container.labels.as_deref())
}

fn what(container: &Container) -> &'static str {
    match container.state.as_ref().map(|state| state.value) {
        Some(State::Paused) => "paused",
        Some(State::Created) => "created and not started",
        Some(State::Dead) => "dead",
        _ => "stopped",
    }
}

fn was_killed(container: &Container) -> bool {
    container.exit_code.as_ref().is_some_and(|code| matches!(code.value, 137 | 139))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/stopped-containers";

    fn row(nth: usize, state: &str, status: &str, labels: &str) -> String {
        format!(
            "{{\"ID\":\"{nth:012x}\",\"Names\":\"c{nth}\",\"Image\":\"shop:1\",\"State\":\"{state}\",\"Status\":\"{status}\",\"Labels\":\"{labels}\"}}\n"
        )
    }

    fn severity(rows: &str) -> String {
        let found = findings(RULE, &[("ps.ndjson", rows)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_state_and_age() {
        for (state, status, want) in [
            ("exited", "Exited (0) 2 weeks ago", "low"),
            ("exited", "Exited (0) 5 days ago", "none"),
            ("dead", "Dead 3 weeks ago", "low"),
            ("paused", "Up 3 days (Paused)", "low"),
            ("paused", "Up 3 hours (Paused)", "none"),
            ("running", "Up 3 months", "none"),
        ] {
            assert_eq!(severity(&row(1, state, status, "")), want, "{status}");
        }
        let created = "{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"c\",\"Image\":\"a:1\",\"State\":\"created\",\"Status\":\"Created\",\"CreatedAt\":\"2026-11-01 09:00:00 +0000 UTC\"}";
        assert_eq!(severity(created), "low");
    }

    #[test]
    fn many_or_killed_are_medium() {
        let many: String = (1..=6).map(|nth| row(nth, "exited", "Exited (0) 2 weeks ago", "")).collect();
        let found = findings(RULE, &[("ps.ndjson", &many)]);
        assert_eq!((found.len(), found[0].related.len(), found[0].severity.as_str()), (1, 5, "medium"));
        let killed: String = (1..=2).map(|nth| row(nth, "exited", "Exited (137) 2 weeks ago", "")).collect();
        assert_eq!(severity(&killed), "medium");
        assert_eq!(severity(&row(1, "exited", "Exited (137) 2 weeks ago", "")), "low");
    }

    #[test]
    fn what_is_meant_to_be_there() {
        let old = "Exited (0) 2 weeks ago";
        clean(RULE, &[("ps.ndjson", &row(1, "exited", old, "org.example.keep=true"))]);
        clean(RULE, &[("ps.ndjson", &row(1, "exited", old, "com.docker.swarm.service.name=web"))]);
        let labels = "com.docker.compose.project=shop,com.docker.compose.service=migrate";
        let compose = "name: shop\nservices:\n  migrate:\n    image: shop:1\n    restart: \"no\"\n  app:\n    image: shop:1\n    depends_on:\n      migrate: { condition: service_completed_successfully }\n";
        clean(RULE, &[("ps.ndjson", &row(1, "exited", old, labels)), ("compose.yaml", compose)]);
        let kept = compose.replace("service_completed_successfully", "service_started");
        let kept = kept.replace("restart: \"no\"", "restart: always");
        assert_eq!(findings(RULE, &[("ps.ndjson", &row(1, "exited", old, labels)), ("compose.yaml", &kept)]).len(), 1);
    }

    #[test]
    fn one_off_within_a_day() {
        let labels = "com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.oneoff=True";
        clean(RULE, &[("ps.ndjson", &row(1, "exited", "Exited (0) 20 hours ago", labels))]);
        assert_eq!(severity(&row(1, "exited", "Exited (0) 3 weeks ago", labels)), "low");
    }

    #[test]
    fn on_a_developers_machine() {
        let row = row(1, "exited", "Exited (0) 2 weeks ago", "");
        let info = "{\"ID\":\"x\",\"ContainersRunning\":0,\"Images\":1,\"Driver\":\"overlay2\",\"ServerVersion\":\"29.0.1\",\"OperatingSystem\":\"Docker Desktop\"}\n";
        assert_eq!(findings(RULE, &[("ps.ndjson", &row), ("info.json", info)])[0].severity.as_str(), "info");
    }
}
