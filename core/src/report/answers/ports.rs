//! Which services expose ports?

use crate::graph::model::Graph;
use crate::project::ServiceRef;
use serde::{Deserialize, Serialize};

/// A published port.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortRow {
    /// The service or container.
    pub service: String,
    /// Its view.
    pub view: String,
    /// What it is for.
    pub role: String,
    /// Address and port of the host.
    pub host: String,
    /// Port of the container, with its protocol unless that is TCP.
    pub target: String,
    /// `everyone`, `a private network`, `this machine`.
    pub reach: String,
    /// What lets in everybody who gets there, as clauses: `redis has no password`. Empty where nothing does, as far as is known.
    #[serde(default)]
    pub open: Vec<String>,
}

pub(super) fn rows<'p, 'a: 'p>(services: impl Iterator<Item = ServiceRef<'p, 'a>>, graphs: &[Graph]) -> Vec<PortRow> {
    let mut rows: Vec<(u8, PortRow)> = Vec::new();
    for service in services {
        for port in &service.ports {
            let (rank, reach) = match (port.is_loopback(), port.is_private()) {
                (true, _) => (2, "this machine"),
                (false, true) => (1, "a private network"),
                (false, false) => (0, "everyone"),
            };
            let range = |(from, to): (u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
            let protocol = if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
            rows.push((
                rank,
                PortRow {
                    service: service.name.clone(),
                    view: service.view().name.clone(),
                    role: service.role.name.to_owned(),
                    host: port.host_side(),
                    target: format!("{}{protocol}", range(port.target)),
                    reach: reach.to_owned(),
                    open: open(graphs, service, port.target),
                },
            ));
        }
    }
    rows.sort_by(|(a, first), (b, second)| (a, &first.view, &first.service).cmp(&(b, &second.view, &second.service)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What lets everybody in behind some ports of a service.
fn open(graphs: &[Graph], service: ServiceRef<'_, '_>, (first, last): (u16, u16)) -> Vec<String> {
    let graph = graphs.iter().find(|graph| graph.view == service.view().name);
    let nodes = graph.into_iter().flat_map(|graph| &graph.services);
    let doors = nodes.filter(|node| node.name == service.name).flat_map(|node| &node.doors);
    let behind = |port: &u16| (first..=last).contains(port);
    doors
        .filter(|door| !door.loopback_only && (door.ports.is_empty() || door.ports.iter().any(behind)))
        .map(|door| door.reason.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn what_lets_everybody_in() {
        let compose = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"80:80\"]\n  redis:\n    image: redis:8.2.9\n    ports: [\"6379:6379\"]\n    command: [\"redis-server\", \"--protected-mode\", \"no\"]\n";
        let files = sources(&[("compose.yaml", compose)]);
        let answers = answer(&Project::new(&files, TODAY));
        let of = |name: &str| answers.ports.iter().find(|row| row.service == name).unwrap().open.clone();
        assert!(of("web").is_empty());
        assert_eq!(of("redis").len(), 1, "{:?}", of("redis"));
    }
}
