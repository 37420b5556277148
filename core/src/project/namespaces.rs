//! Which services of a view are tied together: by a namespace, or by a proxy in front.

use super::{Group, ServiceRef};
use crate::model::compose::Text;

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The service whose namespace a mode such as `service:app` or `container:app-1` joins, when it is one of this view.
    #[must_use]
    pub fn joins(self, mode: &Text) -> Option<ServiceRef<'p, 'a>> {
        let (kind, name) = mode.text.split_once(':').filter(|_| mode.is_known())?;
        self.others().find(|other| match kind {
            "service" => other.name == name,
            "container" => other.container_name() == Some(name),
            _ => false,
        })
    }

    /// Whether a web server or proxy of its view hands requests to it.
    #[must_use]
    pub fn is_behind_edge(self) -> bool {
        self.others()
            .filter(|other| other.role.group() == Group::Edge)
            .any(|edge| edge.needs().iter().any(|need| need.to == self.name))
    }

    /// `container_name`, where one is set.
    #[must_use]
    pub fn container_name(&self) -> Option<&str> {
        self.node.get("container_name").and_then(crate::model::node::Node::text)
    }
}
