//! Ways out to the internet: who has one, who needs one, and whether the cloud's metadata lies on it.

use super::{Project, ServiceRef, View};
use crate::facts::needed_paths::is_host_key;
use crate::source::Location;

/// Starts of variables that belong to services of others.
const SERVICES: [&str; 16] = [
    "STRIPE_",
    "PAYPAL_",
    "MOLLIE_",
    "ADYEN_",
    "BRAINTREE_",
    "KLARNA_",
    "SENTRY_",
    "TWILIO_",
    "SENDGRID_",
    "MAILGUN_",
    "POSTMARK_",
    "PUSHER_",
    "ALGOLIA_",
    "OPENAI_",
    "AWS_BUCKET",
    "S3_",
];

/// Ends of hosts that only machines of a cloud reach.
const CLOUD_HOSTS: [&str; 4] =
    [".rds.amazonaws.com", ".cache.amazonaws.com", ".database.azure.com", ".redis.cache.windows.net"];

impl ServiceRef<'_, '_> {
    /// Whether it reaches the internet by a network that is not made for that: not internal, not called `egress`. Of a
    /// network of others nothing is known.
    #[must_use]
    pub fn has_open_way_out(self) -> bool {
        let bridge = self.network_mode.as_ref().is_some_and(|mode| mode.is_known() && mode.text == "bridge");
        let open = |name: &&str| {
            let lower = name.to_ascii_lowercase();
            let meant = lower.contains("egress") || lower.contains("outbound");
            !meant && self.view().network(name).is_none_or(|network| !network.internal && !network.external)
        };
        bridge || self.host_network().is_some() || self.network_names().iter().any(open)
    }

    /// Whether it is told of a proxy for its requests.
    #[must_use]
    pub fn uses_egress_proxy(self) -> bool {
        let mut variables = self.service().variables.iter();
        variables.any(|variable| {
            let key = variable.key.to_ascii_uppercase();
            matches!(key.as_str(), "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY")
        })
    }

    /// The variable that tells of a service on the internet that it uses: payment, mail, objects, reports of errors.
    #[must_use]
    pub fn outside_service(self) -> Option<Location> {
        let found = self.told().into_iter().find(|(key, value, _)| {
            let upper = key.to_ascii_uppercase();
            let known = SERVICES.iter().any(|start| upper.starts_with(start));
            !value.is_empty() && (known || (is_outside_host(value) && is_host_key(key) && !is_own_address(&upper)))
        });
        found.map(|(.., at)| at)
    }

    /// What tells that it runs on a machine of a cloud: a host that only such machines reach, or a region of AWS
    /// without an access key, which leaves the credentials of the machine.
    #[must_use]
    pub fn cloud_hint(self) -> Option<Location> {
        let told = self.told();
        let set = |name: &str| told.iter().find(|(key, value, _)| key.as_str() == name && !value.is_empty());
        let host = told.iter().find(|(_, value, _)| CLOUD_HOSTS.iter().any(|end| value.contains(end)));
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID_FILE", "AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_PROFILE"];
        // A key that is passed through, or decided by a variable, is a key as well.
        let has_key = keys.iter().any(|key| self.variable(key).is_some() || set(key).is_some());
        let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).filter(|_| !has_key);
        host.or(region).map(|(.., at)| *at)
    }

    /// Variables with their values: of its container, and of the `.env` that its application reads.
    pub(super) fn told(self) -> Vec<(String, String, Location)> {
        let own = self.service().variables.iter().filter_map(|variable| {
            let value = variable.value.as_ref().filter(|value| value.is_known())?;
            Some((variable.key.clone(), value.text.clone(), value.at))
        });
        let mut found: Vec<(String, String, Location)> = own.collect();
        if let Some(folder) = self.application_folder().filter(|_| self.role.is_php()) {
            let read = self.project().application_environment(&folder).variables.into_values();
            let new = read.filter(|variable| self.variable(&variable.key).is_none());
            found.extend(new.filter_map(|variable| Some((variable.key, variable.value?, variable.at))));
        }
        found
    }
}

impl<'a> Project<'a> {
    /// Services of a view that run PHP, stay, and reach every address of the internet directly. What a file that was
    /// not supplied may tell of a proxy is left out.
    #[must_use]
    pub fn unrestricted_php<'p>(&'p self, view: &'p View) -> Vec<ServiceRef<'p, 'a>> {
        let stays = |service: &ServiceRef<'_, '_>| service.role.is_php() && !service.is_one_shot();
        let free = |service: &ServiceRef<'_, '_>| service.has_open_way_out() && !service.uses_egress_proxy();
        let known = |service: &ServiceRef<'_, '_>| service.environment_is_supplied() && !service.is_partly_known();
        self.services_of(view).filter(|service| stays(service) && free(service) && known(service)).collect()
    }

    /// Whether any file deals with the metadata that a cloud gives its machines.
    #[must_use]
    pub fn mentions_metadata(&self) -> bool {
        let words = ["169.254.169.254", "AWS_EC2_METADATA_DISABLED", "hop-limit", "hop_limit"];
        self.sources.iter().any(|(_, source)| words.iter().any(|word| source.text().contains(word)))
    }
}

/// Whether a value is, or has in it, the name of a machine on the internet.
fn is_outside_host(value: &str) -> bool {
    let value = value.split_once("://").map_or(value, |(_, rest)| rest);
    let value = value.split(['/', '?']).next().unwrap_or("");
    let host = value.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("");
    let Some((_, last)) = host.rsplit_once('.') else { return false };
    let private = matches!(last, "internal" | "local" | "lan" | "test" | "localhost" | "sock" | "php");
    last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !private
        && !CLOUD_HOSTS.iter().any(|end| host.ends_with(end))
}

/// Whether a variable names the application's own address.
fn is_own_address(key: &str) -> bool {
    let starts = ["APP_", "ASSET_", "VIRTUAL_", "LETSENCRYPT_", "SERVER_", "SITE_", "WP_", "DEFAULT_", "SESSION_"];
    starts.iter().any(|start| key.starts_with(start)) || key.starts_with("TRUSTED")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn ask<T>(body: &str, question: fn(ServiceRef<'_, '_>) -> T) -> T {
        let text = format!(
            "services:\n  app:\n    image: php:8.4-fpm\n{body}networks:\n  in: {{internal: true}}\n  front: {{}}\n  egress: {{}}\n  theirs: {{external: true}}\n"
        );
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        question(project.services().next().unwrap())
    }

    #[test]
    fn ways_out() {
        let open = |body: &str| ask(body, |service| service.has_open_way_out());
        assert!(open("") && open("    networks: [in, front]\n") && open("    network_mode: host\n"));
        assert!(!open("    networks: [in]\n") && !open("    networks: [in, egress]\n"));
        assert!(!open("    networks: [theirs]\n") && !open("    network_mode: none\n"));
    }

    #[test]
    fn services_outside() {
        let uses = |variables: &str| {
            ask(&format!("    environment: {{{variables}}}\n"), |service| service.outside_service().is_some())
        };
        assert!(uses("MAIL_HOST: smtp.example.net") && uses("STRIPE_SECRET_FILE: /run/secrets/stripe"));
        assert!(uses("MAILER_DSN: \"smtp://u:p@mail.example.net:587\""));
        assert!(
            !uses("MAIL_HOST: mailpit") && !uses("APP_URL: \"https://shop.example.net\"") && !uses("STRIPE_KEY: \"\"")
        );
        assert!(!uses("DB_HOST: db.abc.eu-west-1.rds.amazonaws.com") && !uses("DB_HOST: 10.0.0.5"));
    }

    #[test]
    fn machines_of_a_cloud() {
        let hint = |variables: &str| {
            ask(&format!("    environment: {{{variables}}}\n"), |service| service.cloud_hint().is_some())
        };
        assert!(hint("AWS_REGION: eu-west-1") && hint("DB_HOST: db.abc.eu-west-1.rds.amazonaws.com"));
        assert!(!hint("AWS_REGION: eu-west-1, AWS_ACCESS_KEY_ID: x") && !hint("DB_HOST: db"));
    }
}
