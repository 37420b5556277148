//! `inventory/unhealthy-or-restarting`

use crate::declare_rule;
use crate::finding::Severity;
use crate::model::inventory::{Container, Health, State};
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A container whose health check fails, that restarts over and over, or that was ended for want of memory; one finding for each
    /// container, with everything that is so.
    ///
    /// The first minutes after a start, in which the health check is still waiting, are left out.
    ///
    /// # Why it matters
    /// A service in such a loop serves nobody, and what makes it crash is often worth knowing: a broken deployment, a leak, or
    /// somebody who tries an exploit until it works. When nobody looks at it for days, nobody will look at an attack either.
    ///
    /// # Bad
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-worker-1","Image":"shop-app:1.4","State":"restarting",
    ///  "Status":"Restarting (1) 20 seconds ago"}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-worker-1","Image":"shop-app:1.4","State":"running",
    ///  "Status":"Up 3 days (healthy)"}
    /// ```
    ///
    /// # How to fix
    /// Read `docker logs` and, for the health check, `docker inspect --format '{{json .State.Health}}'`. Give workers a memory limit
    /// that fits (and `--memory` or `--max-time` of the queue worker below it), and send such events to where somebody is paged.
    ///
    /// # References
    /// CIS Docker Benchmark 5.15 and 5.27, NIST SP 800-190 4.4.4, CWE-778.
    id: "inventory/unhealthy-or-restarting",
    title: "Container is unhealthy or keeps restarting",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "A crash loop hides broken deployments, exhausted memory and attempts at exploitation as long as nobody looks at it.",
    help: "Look at the logs and the health check's output, and let somebody be told when this happens.",
    references: ["CIS Docker Benchmark 5.15", "CIS Docker Benchmark 5.27", "NIST SP 800-190 4.4.4", "CWE-778"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let running = project.running_by_id();
    for container in &project.inventory.containers {
        let wrong = troubles(project, container);
        let Some((at, _)) = wrong.first() else { continue };
        let said: Vec<&str> = wrong.iter().map(|(_, what)| what.as_str()).collect();
        let message = format!("`{}` {}", shorten(container.name(), 60), list(&said));
        let mut draft = Draft::new(*at, message);
        for (at, what) in wrong.iter().skip(1) {
            draft = draft.because(*at, what.as_str());
        }
        out.report(match running.get(container.id.value.as_str()) {
            Some(service) => draft.on(*service),
            None => draft.severity_in_context(project.on_this_machine(Severity::Medium)),
        });
    }
}

/// What is wrong with it, each with its place.
fn troubles(project: &Project<'_>, container: &Container) -> Vec<(Location, String)> {
    let mut found = Vec::new();
    let state = container.state.as_ref();
    found.extend(
        state
            .filter(|state| state.value == State::Restarting)
            .map(|state| (state.at, "restarts over and over".to_owned())),
    );
    let running = container.is_active() == Some(true);
    let unhealthy = container.health.as_ref().filter(|health| running && health.value == Health::Unhealthy);
    found.extend(unhealthy.map(|health| (health.at, "fails its health check".to_owned())));
    // Without the time of the recording, how long it has been up is not known.
    let hours = container.uptime_hours(project.inventory_time()).filter(|_| project.inventory.taken.is_some());
    let again = container.restarts.as_ref().filter(|count| count.value > 5 && hours.is_some_and(|hours| hours < 1));
    found.extend(again.map(|count| (count.at, format!("was restarted {} times", count.value))));
    let memory = container.out_of_memory.as_ref().filter(|flag| flag.value);
    let limit = container.details.as_ref().and_then(|details| details.memory.as_ref());
    let killed = container.exit_code.as_ref().filter(|code| !running && code.value == 137 && limit.is_some());
    let at = memory.map(|flag| flag.at).or(killed.map(|code| code.at));
    let what = if memory.is_some() { "was ended for want of memory" } else { "was killed below a memory limit" };
    found.extend(at.map(|at| (at, what.to_owned())));
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "inventory/unhealthy-or-restarting";

    fn told(text: &str) -> Vec<String> {
        findings(RULE, &[("running.txt", text)]).iter().map(|finding| finding.message.clone()).collect()
    }

    fn row(state: &str, status: &str) -> String {
        format!(
            "# taken: 2026-11-24T10:00:00Z\n### docker ps -a\n{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"a\",\"Image\":\"shop:1\",\"State\":\"{state}\",\"Status\":\"{status}\"}}\n"
        )
    }

    fn inspected(state: &str, more: &str, memory: u64) -> String {
        format!(
            "# taken: 2026-11-24T10:00:00Z\n### docker inspect a\n[{{\"Id\":\"0a1b2c3d4e5f0a1b\",\"Created\":\"2026-11-02T09:14:20Z\",\"Path\":\"php-fpm\",\"Args\":[],\"State\":{{{state}}},\"Image\":\"sha256:4be2d0c1a9f84be2\",\"Name\":\"/a\",\"Config\":{{\"Image\":\"shop:1\"}},\"HostConfig\":{{\"Memory\":{memory}}}{more}}}]\n"
        )
    }

    #[test]
    fn by_state_and_health() {
        assert_eq!(told(&row("restarting", "Restarting (1) 20 seconds ago")), ["`a` restarts over and over"]);
        assert_eq!(told(&row("running", "Up 3 days (unhealthy)")), ["`a` fails its health check"]);
        assert_eq!(told(&row("running", "Up 3 days (healthy)")), Vec::<String>::new());
        assert_eq!(told(&row("running", "Up 20 seconds (health: starting)")), Vec::<String>::new());
    }

    #[test]
    fn restarts_within_the_hour() {
        let state = |started: &str| format!("\"Status\":\"running\",\"Running\":true,\"StartedAt\":\"{started}\"");
        let recent = state("2026-11-24T09:50:00Z");
        assert_eq!(told(&inspected(&recent, ",\"RestartCount\":12", 0)), ["`a` was restarted 12 times"]);
        assert_eq!(told(&inspected(&recent, ",\"RestartCount\":5", 0)), Vec::<String>::new());
        let long = state("2026-11-21T09:50:00Z");
        assert_eq!(told(&inspected(&long, ",\"RestartCount\":12", 0)), Vec::<String>::new(), "it has settled");
        let undated = inspected(&recent, ",\"RestartCount\":12", 0).replace("# taken", "# made");
        assert_eq!(told(&undated), Vec::<String>::new());
    }

    #[test]
    fn out_of_memory() {
        let state = |oom: bool| format!("\"Status\":\"exited\",\"Running\":false,\"OOMKilled\":{oom},\"ExitCode\":137");
        assert_eq!(told(&inspected(&state(true), "", 0)), ["`a` was ended for want of memory"]);
        assert_eq!(told(&inspected(&state(false), "", 268_435_456)), ["`a` was killed below a memory limit"]);
        assert_eq!(told(&inspected(&state(false), "", 0)), Vec::<String>::new(), "nothing limits it");
    }
}
