//! What a deployment says about itself that does not fit together: names that nothing defines, settings that exclude each other.
//! Compose refuses most of it when it starts; that is for the reader to know, and no finding.

use super::View;
use crate::model::compose::mounts::MountKind;
use crate::model::compose::{Amount, Dependency, Healthcheck, Resource, ServiceSpec};
use crate::model::node::Node;
use crate::source::Location;
use crate::text::{list, shorten};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that does not fit.
pub(super) struct Misfit {
    pub(super) code: &'static str,
    pub(super) at: Location,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// What does not fit in a view. `open` views miss files, so what they do not define may be defined there.
pub(super) fn check(view: &View, open: bool) -> Vec<Misfit> {
    let mut checker = Checker { view, found: Vec::new() };
    let names: BTreeSet<&str> = view.services.iter().map(|service| service.name.as_str()).collect();
    if !open {
        checker.undefined(&names);
        checker.sources();
        checker.incomplete();
    }
    checker.exclusive();
    checker.mounts();
    checker.names();
    checker.limits();
    checker.health();
    checker.cycles();
    checker.found
}

struct Checker<'v> {
    view: &'v View,
    found: Vec<Misfit>,
}

impl<'v> Checker<'v> {
    fn add(&mut self, code: &'static str, at: Location, message: String, help: &'static str) {
        self.found.push(Misfit { code, at, message, help });
    }

    fn specs(&self) -> impl Iterator<Item = &'v ServiceSpec> + use<'v> {
        self.view.services.iter().map(|service| &service.spec)
    }

    fn undefined(&mut self, services: &BTreeSet<&str>) {
        let names = |all: &'v [Resource]| all.iter().map(|one| one.name.as_str()).collect::<BTreeSet<&str>>();
        let (volumes, secrets, configs) =
            (names(&self.view.volumes), names(&self.view.secrets), names(&self.view.configs));
        let networks: BTreeSet<&str> = self.view.networks.iter().map(|network| network.name.as_str()).collect();
        for spec in self.specs() {
            for membership in &spec.networks {
                if membership.network != "default" && !networks.contains(membership.network.as_str()) {
                    self.nothing(membership.at, "network", &membership.network, "networks");
                }
            }
            for mount in spec.mounts.iter().filter(|mount| mount.kind == MountKind::Volume && mount.known) {
                let Some(source) = mount.source.as_deref().filter(|source| !source.contains('/')) else { continue };
                if !volumes.contains(source) {
                    self.nothing(mount.at, "volume", source, "volumes");
                }
            }
            let build_secrets = spec.build.iter().flat_map(|build| &build.options.secrets);
            for grant in spec.secrets.iter().chain(build_secrets) {
                if !secrets.contains(grant.source.as_str()) && !grant.source.contains("${") {
                    self.nothing(grant.at, "secret", &grant.source, "secrets");
                }
            }
            for grant in &spec.configs {
                if !configs.contains(grant.source.as_str()) && !grant.source.contains("${") {
                    self.nothing(grant.at, "config", &grant.source, "configs");
                }
            }
            let implied = spec.implied_dependencies();
            for dependency in spec.depends_on.iter().filter(|dependency| dependency.required).chain(&implied) {
                let name = dependency.service.as_str();
                if !services.contains(name) && !name.contains("${") {
                    self.nothing(dependency.at, "service", name, "services");
                }
            }
        }
    }

    fn nothing(&mut self, at: Location, what: &str, name: &str, section: &str) {
        let message = format!("there is no {what} `{}` under `{section}`", shorten(name, 40));
        self.add("compose/undefined", at, message, "declare it there, or correct the name");
    }

    /// A secret or config comes from exactly one place.
    fn sources(&mut self) {
        let all = self.view.secrets.iter().map(|secret| ("secret", secret));
        for (what, resource) in all.chain(self.view.configs.iter().map(|config| ("config", config))) {
            let count = resource.sources().len();
            if count != 1 {
                let name = shorten(&resource.name, 40);
                let message = if count == 0 {
                    format!("the {what} `{name}` comes from nowhere")
                } else {
                    format!("the {what} `{name}` comes from {count} places; Compose takes one")
                };
                let help = if what == "secret" {
                    "give it a `file` or an `environment` variable, or say `external: true`"
                } else {
                    "give it a `file`, an `environment` variable or `content`, or say `external: true`"
                };
                self.add("compose/source", resource.at, message, help);
            }
        }
    }

    fn incomplete(&mut self) {
        for spec in self.specs() {
            if spec.image.is_none() && spec.build.is_none() && spec.node.get("provider").is_none() {
                let message = format!("`{}` has neither `image` nor `build`", shorten(&spec.name, 40));
                self.add("compose/no-image", spec.at, message, "say what it runs, or add the file that does");
            }
        }
    }

    fn exclusive(&mut self) {
        for spec in self.specs() {
            if let Some(mode) = &spec.network_mode {
                if let Some(membership) = spec.networks.first() {
                    let message =
                        format!("`networks` and `network_mode: {}` exclude each other", shorten(&mode.text, 40));
                    self.add("compose/conflict", membership.at, message, "keep one of the two");
                }
                if let (Some(port), "host") = (spec.ports.first(), mode.text.as_str()) {
                    let message =
                        "`ports` has no effect with `network_mode: host`: what listens is open as it is".to_owned();
                    self.add("compose/no-effect", port.at, message, "remove the ports, or the network mode");
                }
            }
            let build = spec.node.get("build");
            let key = |name: &str| build.and_then(|build| build.get(name));
            if let (Some(_), Some(inline)) = (key("dockerfile"), key("dockerfile_inline")) {
                let message = "`dockerfile` and `dockerfile_inline` exclude each other".to_owned();
                self.add("compose/conflict", inline.at(), message, "keep one of the two");
            }
            if let (Some(platform), Some(build)) = (&spec.platform, &spec.build) {
                let platforms = &build.options.platforms;
                if !platforms.is_empty() && !platforms.iter().any(|known| known.text == platform.text) {
                    let message =
                        format!("`build.platforms` does not hold the platform {}", shorten(&platform.text, 40));
                    self.add("compose/conflict", platform.at, message, "add it there");
                }
            }
            if let (Some(replicas), Some(scale)) = (spec.deploy.as_ref().and_then(|deploy| deploy.replicas), spec.scale)
                && replicas.value != scale.value
            {
                let message = "`scale` and `deploy.replicas` say different numbers".to_owned();
                self.add("compose/conflict", scale.at, message, "keep one of the two");
            }
            for watch in &spec.watch {
                let syncs = watch.action.as_ref().is_some_and(|action| action.text.contains("sync"));
                if syncs && watch.target.is_none() {
                    let message = "this watch does not say where changes go".to_owned();
                    self.add("compose/conflict", watch.at, message, "add a `target`");
                }
            }
        }
    }

    /// Two things mounted at one path: a volume and a tmpfs. Two volumes replace one another.
    fn mounts(&mut self) {
        for spec in self.specs() {
            let mut known: BTreeSet<&str> = BTreeSet::new();
            for mount in &spec.mounts {
                if !known.insert(mount.target.as_str()) {
                    let message = format!("something else is mounted at {} already", shorten(&mount.target, 60));
                    self.add("compose/conflict", mount.at, message, "keep one of the two");
                }
            }
        }
    }

    fn names(&mut self) {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for spec in self.specs() {
            let Some(name) = spec.container_name.as_ref().filter(|name| name.is_known()) else { continue };
            if let Some(replicas) = spec.replicas().filter(|replicas| *replicas > 1) {
                let message = format!("{replicas} containers cannot share the name {}", shorten(&name.text, 40));
                self.add("compose/conflict", name.at, message, "remove `container_name`, or run one container");
            }
            if let Some(other) = known.insert(&name.text, &spec.name) {
                let message =
                    format!("`{}` has the container name {} too", shorten(other, 40), shorten(&name.text, 40));
                self.add("compose/conflict", name.at, message, "give each service its own");
            }
        }
    }

    /// A limit that is set in both places has to be the same in both.
    fn limits(&mut self) {
        for spec in self.specs() {
            let resources = spec.node.get("deploy").and_then(|deploy| deploy.get("resources"));
            let below = |group: &str, key: &str| resources?.get(group)?.get(key);
            for (own, group, key) in [
                ("mem_limit", "limits", "memory"),
                ("cpus", "limits", "cpus"),
                ("pids_limit", "limits", "pids"),
                ("mem_reservation", "reservations", "memory"),
            ] {
                let (Some(mine), Some(other)) = (spec.node.get(own), below(group, key)) else { continue };
                if !same_amount(spec, own, mine, other) {
                    let message = format!("`{own}` and `deploy.resources.{group}.{key}` differ; Compose refuses that");
                    self.add("compose/conflict", other.at(), message, "keep one of the two");
                }
            }
        }
    }

    fn health(&mut self) {
        let off: BTreeSet<&str> = self
            .specs()
            .filter(|spec| matches!(spec.healthcheck, Some(Healthcheck::Disabled(_))))
            .map(|spec| spec.name.as_str())
            .collect();
        for spec in self.specs() {
            for dependency in &spec.depends_on {
                if dependency.condition == "service_healthy" && off.contains(dependency.service.as_str()) {
                    let name = shorten(&dependency.service, 40);
                    let message = format!("`{name}` never becomes healthy: its health check is switched off");
                    self.add(
                        "compose/conflict",
                        dependency.at,
                        message,
                        "give it a health check, or wait for its start",
                    );
                }
            }
        }
    }

    /// Services that wait for each other.
    fn cycles(&mut self) {
        let edges: BTreeMap<&str, Vec<Dependency>> = self
            .specs()
            .map(|spec| {
                let mut all = spec.depends_on.clone();
                all.extend(spec.implied_dependencies());
                (spec.name.as_str(), all)
            })
            .collect();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for &start in edges.keys() {
            let mut path: Vec<(&str, usize)> = vec![(start, 0)];
            let mut on_path: BTreeSet<&str> = BTreeSet::from([start]);
            while let Some((name, next)) = path.last_mut() {
                let edge = if done.contains(*name) { None } else { edges.get(*name).and_then(|all| all.get(*next)) };
                *next += 1;
                let Some(edge) = edge else {
                    done.insert(name);
                    on_path.remove(*name);
                    path.pop();
                    continue;
                };
                let Some((&to, _)) = edges.get_key_value(edge.service.as_str()) else { continue };
                if on_path.contains(to) {
                    let around: Vec<&str> =
                        path.iter().map(|(name, _)| *name).skip_while(|name| *name != to).take(8).collect();
                    let message = match around.as_slice() {
                        [one] => format!("`{}` waits for itself", shorten(one, 40)),
                        all => format!("{} wait for each other", shorten(&list(all), 120)),
                    };
                    self.add("compose/cycle", edge.at, message, "remove one of these dependencies");
                } else if !done.contains(to) {
                    on_path.insert(to);
                    path.push((to, 0));
                }
            }
        }
    }
}

fn same_amount(spec: &ServiceSpec, own: &str, mine: &Node, other: &Node) -> bool {
    let texts = mine.text() == other.text();
    let unknown = [mine, other].iter().any(|node| node.scalar().is_none_or(|scalar| !scalar.is_known()));
    let number = |text: Option<&str>| match own {
        "mem_limit" | "mem_reservation" => crate::model::compose::bytes(text?),
        _ => text?.trim().parse().ok(),
    };
    let amount: Option<&Amount> = match own {
        "mem_limit" => spec.limits.memory.as_ref(),
        "cpus" => spec.limits.cpus.as_ref(),
        "pids_limit" => spec.limits.pids.as_ref(),
        _ => spec.limits.memory_reservation.as_ref(),
    };
    texts || unknown || amount.and_then(|amount| amount.value) == number(other.text())
}
