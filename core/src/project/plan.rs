//! The plan of networks that rules propose: made from the graph of a view, and written into its files.

use super::{Project, View};
use crate::fix::{Fix, Safety};
use crate::graph::model::Graph;
use crate::graph::outcome::{Plan, Preset};
use crate::graph::{self, patch, plan};
use crate::source::{Location, SourceId};
use crate::syntax::yaml::edit::TextEdit;
use std::rc::Rc;

/// Views with more services get no plan from a rule: nobody would read it.
const MAX_SERVICES: usize = 24;

/// A plan of networks for a view.
#[derive(Debug)]
pub struct NetworkPlan {
    /// What it is made from.
    pub graph: Graph,
    /// The plan.
    pub plan: Plan,
    /// It as edits; `None` where the files cannot be changed safely.
    pub fix: Option<Fix>,
}

impl<'a> Project<'a> {
    /// Networks for the services of a view; `None` when there are too many services, or nothing tells which ones talk.
    #[must_use]
    pub fn plan_networks(&self, view: &View) -> Option<Rc<NetworkPlan>> {
        if view.services.len() > MAX_SERVICES {
            return None;
        }
        let index = self.views.iter().position(|known| std::ptr::eq(known, view))?;
        if let Some(known) = self.network_plans.borrow().get(&index) {
            return known.clone();
        }
        let graph = graph::of(self, view);
        let made = plan::plan(&graph, Preset::Balanced).map(|plan| {
            let fix = patch::patch(self, view, &graph, &plan).ok();
            Rc::new(NetworkPlan { graph, plan, fix })
        });
        self.network_plans.borrow_mut().insert(index, made.clone());
        made
    }

    /// Edits of a Compose file as a fix that needs a look; `None` where they would change more than they say.
    pub(crate) fn compose_fix(&self, title: &str, file: SourceId, edits: Vec<TextEdit>) -> Option<Fix> {
        self.yaml_fix(Safety::Suggested, title, file, edits)
    }

    /// Where a view's default network comes from: the `services` key of its first file.
    #[must_use]
    pub fn services_key(&self, view: &View) -> Option<Location> {
        view.files.iter().find_map(|&file| {
            let tree = self.tree(file)?;
            let (key, _) = tree.documents.iter().find_map(|document| tree.get(*document, "services"))?;
            Some(Location::new(file, tree.node(key).span))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Group;
    use crate::rules::testing::{TODAY, sources};

    const STACK: &str = "services:
  nginx:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app]
  app:
    image: registry.example.net/shop:1.0
    command: php-fpm
    environment: {DB_HOST: mysql, REDIS_HOST: redis, MAIL_HOST: mail}
  worker:
    image: registry.example.net/shop:1.0
    command: php artisan queue:work
    environment: {DB_HOST: mysql, REDIS_HOST: redis, MAIL_HOST: mail}
  redis:
    image: redis:8.2.9
  mysql:
    image: mysql:8.4.11
  mail:
    image: axllent/mailpit:v1.30.0
  pma:
    image: phpmyadmin:5.2.3
    environment: {PMA_HOST: mysql}
";

    #[test]
    fn every_needed_pair_and_little_else() {
        let sources = sources(&[("compose.yaml", STACK)]);
        let project = Project::new(&sources, TODAY);
        let made = project.plan_networks(&project.views[0]).unwrap();
        let find = |name: &str| made.graph.service(name).unwrap();
        let shares = |a: &str, b: &str| made.plan.joins(find(a), find(b));
        for (a, b) in project.needed_pairs(&project.views[0]) {
            assert!(shares(&a, &b), "{a} and {b}: {:?}", made.plan);
        }
        assert!(!shares("nginx", "redis") && !shares("pma", "redis") && !shares("mail", "mysql"), "{:?}", made.plan);
        let edge = made.plan.networks.iter().find(|network| network.name == "edge").unwrap();
        assert!(!edge.internal && edge.members == [find("nginx")]);
    }

    #[test]
    fn the_plan_is_written() {
        let files = sources(&[("compose.yaml", STACK)]);
        let project = Project::new(&files, TODAY);
        let made = project.plan_networks(&project.views[0]).unwrap();
        let after = made.fix.as_ref().unwrap().outcome(&files).unwrap().remove("compose.yaml").unwrap();
        let files = sources(&[("compose.yaml", &after)]);
        let project = Project::new(&files, TODAY);
        assert!(project.notices.is_empty(), "{after}");
        let redis = project.service(&project.views[0], "redis").unwrap();
        assert!(redis.unneeded_neighbours().iter().all(|other| other.role.group() == Group::Data), "{after}");
    }
}
