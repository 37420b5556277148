//! `inventory/unused-networks`

use crate::declare_rule;
use crate::finding::Severity;
use crate::model::compose;
use crate::model::inventory::{Moment, Network};
use crate::project::{Project, is_kept};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};
use std::collections::BTreeSet;

declare_rule! {
    /// # What it finds
    /// Networks of a recorded machine that no container is on, stopped ones counted; one finding names them all. More than 25 bridge
    /// networks are a finding of their own.
    ///
    /// Docker's own networks, networks made within the last day, those with the label `keep=true`, those of a supplied Compose
    /// project that is down, and external ones that a supplied file names are left out.
    ///
    /// # Why it matters
    /// Every bridge network takes a range of addresses; Docker's default pools end after about 30, and the next `docker compose up`
    /// fails. A forgotten network also keeps its old rules: what is attached to it again can talk as before.
    ///
    /// Unused networks are *low*, pools that are nearly used up *medium*.
    ///
    /// # Bad
    /// ```json file:inventory.txt
    /// ### docker ps -a --format json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-web-1","Image":"nginx:1.28","State":"running","Status":"Up 3 days",
    ///  "Networks":"shop_default"}
    /// ### docker network inspect
    /// [{"Name":"shop_default","Id":"a1b2c3d4e5f6","Driver":"bridge","Scope":"local","IPAM":{}},
    ///  {"Name":"oldshop_default","Id":"b1b2c3d4e5f6","Driver":"bridge","Scope":"local","IPAM":{}}]
    /// ```
    ///
    /// # Good
    /// ```json file:inventory.txt
    /// ### docker ps -a --format json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-web-1","Image":"nginx:1.28","State":"running","Status":"Up 3 days",
    ///  "Networks":"shop_default"}
    /// ### docker network inspect
    /// [{"Name":"shop_default","Id":"a1b2c3d4e5f6","Driver":"bridge","Scope":"local","IPAM":{}}]
    /// ```
    ///
    /// # How to fix
    /// `docker network prune --filter "until=168h"` removes what no container uses. Stop stacks with `docker compose down`, which
    /// removes their networks. Smaller ranges in `default-address-pools` of daemon.json give room for more networks.
    ///
    /// # References
    /// CIS Docker Benchmark 6.2, NIST SP 800-190 3.4.5.
    id: "inventory/unused-networks",
    title: "Networks without containers are kept",
    severity: Low,
    lowered_in_development: 2,
    fixes: Described,
    why: "Forgotten networks use up Docker's address ranges until no new stack starts, and keep old paths open for what is attached to them again.",
    help: "Remove them with `docker network prune --filter \"until=168h\"`.",
    references: ["CIS Docker Benchmark 6.2", "NIST SP 800-190 3.4.5"],
}

/// Networks that are named in one finding.
const SHOWN: usize = 20;
/// Docker's default pools hold about 30.
const MANY: usize = 25;

fn check(project: &Project<'_>, out: &mut Findings) {
    let mut unused = project.unused_networks();
    let meant = Meant::of(project);
    unused.retain(|network| !meant.contains(network));
    if let Some(first) = unused.first() {
        let name = shorten(&first.name.value, 60);
        let message = match unused.len() - 1 {
            0 => format!("No container is on the network `{name}`"),
            others => format!("No container is on the network `{name}` and {}", count(others, "other one")),
        };
        let mut draft = Draft::new(first.name.at, message);
        for network in unused.iter().skip(1).take(SHOWN) {
            draft = draft.because(network.name.at, format!("`{}`", shorten(&network.name.value, 60)));
        }
        out.report(draft.severity_in_context(project.on_this_machine(Severity::Low)));
    }
    let is_bridge = |network: &&Network| network.driver.as_ref().is_some_and(|driver| driver.value == "bridge");
    let bridges: Vec<&Network> = project.inventory.networks.iter().filter(is_bridge).collect();
    let daemon = project.inventory.daemon.as_ref();
    let pools = daemon.is_some_and(|daemon| daemon.setting("default-address-pools").is_some());
    if let Some(first) = bridges.first().filter(|_| bridges.len() > MANY && !pools) {
        let many = bridges.len();
        let message = format!("There are {many} bridge networks, and Docker's default address ranges end at about 30");
        let draft = Draft::new(first.name.at, message).aspect("pools");
        out.report(draft.severity_in_context(project.on_this_machine(Severity::Medium)));
    }
}

/// What is wanted although no container is on it.
struct Meant {
    /// When the machine was recorded.
    now: Moment,
    /// Compose projects that are supplied and down.
    down: BTreeSet<String>,
    /// Networks of their own, made by hand for several stacks.
    external: BTreeSet<String>,
}

impl Meant {
    fn of(project: &Project<'_>) -> Self {
        let up = project.projects_with_containers();
        let down = project.declared_projects().into_keys().filter(|name| !up.contains(name.as_str())).collect();
        let declared = project.views.iter().filter(|view| !project.is_running(view));
        let external = declared.flat_map(|view| &view.networks).filter(|network| network.external);
        let name = |network: &compose::Network| {
            network.own_name.as_ref().map_or_else(|| network.name.clone(), |name| name.text.clone())
        };
        Self { now: project.inventory_time(), down, external: external.map(name).collect() }
    }

    fn contains(&self, network: &Network) -> bool {
        let is_new = network.created.as_ref().is_some_and(|made| made.value.hours_until(self.now) < 24);
        let owner = network.label("com.docker.compose.project");
        is_new
            || owner.is_some_and(|owner| self.down.contains(&owner.value))
            || self.external.contains(&network.name.value)
            || is_kept(network.labels.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/unused-networks";

    fn ps(command: &str, network: &str) -> String {
        format!(
            "### docker {command} --format json\n{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"shop-web-1\",\"Image\":\"nginx:1.28\",\"State\":\"exited\",\"Status\":\"Exited (0) 1 day ago\",\"Networks\":\"{network}\"}}\n### docker network inspect\n"
        )
    }

    fn network(name: &str, more: &str) -> String {
        format!(
            "[{{\"Name\":\"{name}\",\"Id\":\"x{name}\",\"Driver\":\"bridge\",\"Scope\":\"local\",\"IPAM\":{{}}{more}}}]\n"
        )
    }

    fn count(text: &str) -> usize {
        findings(RULE, &[("running.txt", text)]).len()
    }

    #[test]
    fn what_no_container_is_on() {
        assert_eq!(count(&(ps("ps -a", "other") + &network("old", ""))), 1);
        assert_eq!(count(&(ps("ps -a", "old") + &network("old", ""))), 0, "a stopped container is on it");
        assert_eq!(count(&(ps("ps", "other") + &network("old", ""))), 0, "not all containers are listed");
        for name in ["bridge", "host", "none", "ingress", "docker_gwbridge"] {
            assert_eq!(count(&(ps("ps -a", "other") + &network(name, ""))), 0, "{name}");
        }
        let members = ",\"Containers\":{\"0a\":{\"Name\":\"b\"}}";
        assert_eq!(count(&(ps("ps -a", "other") + &network("old", members))), 0, "a container runs on it");
    }

    #[test]
    fn new_ones_and_those_to_keep() {
        let of = |more: &str| count(&(ps("ps -a", "other") + &network("old", more)));
        assert_eq!(of(",\"Created\":\"2026-11-23T22:00:00Z\""), 0);
        assert_eq!(of(",\"Created\":\"2026-10-23T22:00:00Z\""), 1);
        assert_eq!(of(",\"Labels\":{\"keep\":\"true\"}"), 0);
    }

    #[test]
    fn networks_of_supplied_files() {
        let labels = ",\"Labels\":{\"com.docker.compose.project\":\"shop\",\"com.docker.compose.network\":\"default\"}";
        let text = ps("ps -a", "other") + &network("shop_default", labels);
        let compose = "name: shop\nservices:\n  web:\n    image: nginx:1.28\n";
        clean(RULE, &[("running.txt", &text), ("compose.yaml", compose)]);
        assert_eq!(findings(RULE, &[("running.txt", &text)]).len(), 1);
        let compose = "services:\n  web:\n    image: nginx:1.28\n    networks: [edge]\nnetworks:\n  edge: { external: true, name: proxy }\n";
        let text = ps("ps -a", "other") + &network("proxy", "");
        clean(RULE, &[("running.txt", &text), ("compose.yaml", compose)]);
    }

    #[test]
    fn pools_that_are_nearly_used_up() {
        let many = |most: usize| -> String { (0..most).map(|nth| network(&format!("n{nth}"), "")).collect() };
        let found = findings(RULE, &[("running.txt", &(ps("ps", "n1") + &many(26)))]);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "medium"));
        assert_eq!(count(&(ps("ps", "n1") + &many(25))), 0);
        let daemon = "{\"default-address-pools\": [{\"base\": \"10.0.0.0/8\", \"size\": 24}]}";
        clean(RULE, &[("running.txt", &(ps("ps", "n1") + &many(26))), ("daemon.json", daemon)]);
    }
}
