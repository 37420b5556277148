//! One value behind several credentials: two logins of a stack, or two deployments.
//!
//! Values are compared here and never handed out.

use super::secret_delivery::is_secret_key;
use super::{Context, Group, Project, ServiceRef, View, secret_in};
use crate::model::interpolate::Certainty;
use crate::source::Location;
use std::collections::BTreeMap;

/// A value that two deployments share.
#[derive(Clone, Debug)]
pub struct SharedValue {
    /// The variable.
    pub key: String,
    /// Where the deployment that serves users sets it.
    pub at: Location,
    /// Where the other one does.
    pub other_at: Location,
    /// The other deployment.
    pub other_view: String,
}

/// A value that two credentials of a stack share.
#[derive(Clone, Debug)]
pub struct ReusedSecret {
    /// The credential and its service.
    pub first: (String, String),
    /// The other one.
    pub second: (String, String),
    /// Where the second is set.
    pub at: Location,
    /// Where the first is set.
    pub first_at: Location,
}

impl<'a> Project<'a> {
    /// Secrets with the same value under different credentials of a deployment: root and user, database and queue.
    /// Server and client of one credential, and replicas, share theirs by nature.
    #[must_use]
    pub fn reused_secrets<'p>(&'p self, view: &'p View) -> Vec<ReusedSecret> {
        let mut seen: BTreeMap<String, (ServiceRef<'p, 'a>, &'p str, Location)> = BTreeMap::new();
        let mut found = Vec::new();
        for service in self.services_of(view).filter(|service| service.role.group() == Group::Data) {
            for variable in &service.service().variables {
                let Some(value) = variable.value.as_ref().filter(|value| !value.text.trim().is_empty()) else {
                    continue;
                };
                if !is_secret_key(&variable.key) {
                    continue;
                }
                // A variable without a value here has one on the server: the same for both.
                let text = match value.certainty {
                    Certainty::Known => match secret_in(&variable.key, &value.text) {
                        Some(secret) if !secret.weak => value.text.clone(),
                        _ => continue,
                    },
                    Certainty::Unknown => match value.variables.as_slice() {
                        [name] if value.text == format!("${{{name}}}") => value.text.clone(),
                        _ => continue,
                    },
                    Certainty::Defaulted => continue,
                };
                match seen.get(&text) {
                    None => {
                        seen.insert(text, (service, &variable.key, variable.key_at));
                    }
                    Some((other, key, at)) => {
                        let replica = other.name != service.name
                            && (other.data_product() == service.data_product() || *key == variable.key);
                        if !replica && *key != variable.key {
                            found.push(ReusedSecret {
                                first: ((*key).to_owned(), other.name.clone()),
                                second: (variable.key.clone(), service.name.clone()),
                                at: variable.key_at,
                                first_at: *at,
                            });
                        }
                    }
                }
            }
        }
        found
    }

    /// Secrets of a deployment that serves users which one for development or tests sets to the same value. Keys of
    /// frameworks are told apart.
    #[must_use]
    pub fn shared_secrets(&self) -> Vec<SharedValue> {
        self.shared_values(&|key, value| {
            is_secret_key(key)
                && !super::framework_keys::is_framework_key(key)
                && secret_in(key, value).is_some_and(|secret| !secret.weak)
        })
    }

    /// Values that a deployment that serves users shares with one for development or tests, set in different places.
    pub(super) fn shared_values(&self, wanted: &dyn Fn(&str, &str) -> bool) -> Vec<SharedValue> {
        let mut all: Vec<(&str, &str, Location, Context, &str)> = Vec::new();
        for service in self.services() {
            for variable in &service.service().variables {
                let value = variable.value.as_ref().filter(|value| value.certainty == Certainty::Known);
                if let Some(value) = value.filter(|value| wanted(&variable.key, &value.text)) {
                    let at = service.written_at(variable);
                    all.push((&variable.key, &value.text, at, service.context, &service.view().name));
                }
            }
        }
        all.sort_by_key(|(key, value, at, ..)| (*key, *value, *at));
        let mut found: Vec<SharedValue> = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
            let other = same.iter().find(|one| matches!(one.3, Context::Development | Context::Ci));
            let serving = same.iter().find(|one| matches!(one.3, Context::Production | Context::Staging));
            if let Some((serving, other)) = serving.zip(other)
                && serving.2 != other.2
            {
                let (key, other_view) = (serving.0.to_owned(), other.4.to_owned());
                found.push(SharedValue { key, at: serving.2, other_at: other.2, other_view });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn count(body: &str) -> usize {
        let text = format!("services:\n{body}");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        project.views.iter().map(|view| project.reused_secrets(view).len()).sum()
    }

    #[test]
    fn by_value_and_by_variable() {
        let db = |root: &str, user: &str| {
            format!(
                "  db:\n    image: mysql:8.4\n    environment:\n      MYSQL_ROOT_PASSWORD: {root}\n      MYSQL_PASSWORD: {user}\n"
            )
        };
        assert_eq!(count(&db("Zq81kdWinter77", "Zq81kdWinter77")), 1);
        assert_eq!(count(&db("${DB_PASSWORD}", "${DB_PASSWORD}")), 1);
        assert_eq!(count(&db("${DB_ROOT_PASSWORD}", "${DB_PASSWORD}")), 0);
        assert_eq!(count(&db("Zq81kdWinter77", "Zq81kdWinter78")), 0);
        assert_eq!(count(&db("root", "root")), 0);
        let replica = db("${P}", "${Q}").replace("  db:", "  replica:");
        assert_eq!(count(&format!("{}{replica}", db("${P}", "${Q}"))), 0);
    }
}
