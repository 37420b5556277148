//! Machines outside that the files name, and why a service has to reach any.

use super::told::{Told, hosts, is_elsewhere, is_own_address, of_variable, told};
use crate::graph::model::{Evidence, External};
use crate::model::web::Software;
use crate::project::{Group, ServiceRef};
use crate::source::Location;
use crate::text::shorten;
use std::collections::{BTreeMap, BTreeSet};

/// Services of a view that are looked at.
const MAX_COMPARED: usize = 200;

/// Starts of variables that belong to a system of somebody else, and its name.
const SYSTEMS: [(&str, &str); 45] = [
    ("ADYEN_", "adyen"),
    ("ALGOLIA_", "algolia"),
    ("ANTHROPIC_", "anthropic"),
    ("AWS_ACCESS_KEY", "aws"),
    ("AWS_BUCKET", "aws"),
    ("AWS_S3_", "aws"),
    ("AWS_SECRET", "aws"),
    ("AWS_SESSION_TOKEN", "aws"),
    ("AZURE_", "azure"),
    ("B2_", "backblaze"),
    ("BITBUCKET_", "bitbucket"),
    ("BRAINTREE_", "braintree"),
    ("BUGSNAG_", "bugsnag"),
    ("CF_API_", "cloudflare"),
    ("CLOUDFLARE_", "cloudflare"),
    ("DD_API_KEY", "datadog"),
    ("DIGITALOCEAN_", "digitalocean"),
    ("FLARE_KEY", "flare"),
    ("GCP_", "google-cloud"),
    ("GH_TOKEN", "github"),
    ("GITHUB_CLIENT", "github"),
    ("GITHUB_PAT", "github"),
    ("GITHUB_TOKEN", "github"),
    ("GITLAB_TOKEN", "gitlab"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "google-cloud"),
    ("HCLOUD_", "hetzner"),
    ("HONEYBADGER_", "honeybadger"),
    ("KLARNA_", "klarna"),
    ("MAILCHIMP_", "mailchimp"),
    ("MAILGUN_", "mailgun"),
    ("MAILJET_", "mailjet"),
    ("MOLLIE_", "mollie"),
    ("NEW_RELIC_", "new-relic"),
    ("OPENAI_", "openai"),
    ("PAYPAL_", "paypal"),
    ("POSTMARK_", "postmark"),
    ("PUSHER_APP_KEY", "pusher"),
    ("PUSHER_APP_SECRET", "pusher"),
    ("ROLLBAR_", "rollbar"),
    ("SENDGRID_", "sendgrid"),
    ("SES_", "aws"),
    ("SLACK_", "slack"),
    ("STRIPE_", "stripe"),
    ("TELEGRAM_", "telegram"),
    ("TWILIO_", "twilio"),
];

/// Words of images that work with machines outside, and what for.
const CALLERS: [(&str, &str); 16] = [
    ("acme", "it obtains certificates"),
    ("certbot", "it obtains certificates"),
    ("cloudflared", "it keeps a tunnel to the outside"),
    ("ddclient", "it reports the machine's address"),
    ("diun", "it asks registries for new images"),
    ("exim", "it delivers mail"),
    ("lego", "it obtains certificates"),
    ("letsencrypt", "it obtains certificates"),
    ("mailserver", "it delivers mail"),
    ("ngrok", "it keeps a tunnel to the outside"),
    ("ouroboros", "it pulls new images"),
    ("postfix", "it delivers mail"),
    ("renovate", "it asks registries for new versions"),
    ("swag", "it obtains certificates"),
    ("tailscale", "it keeps a tunnel to the outside"),
    ("watchtower", "it pulls new images"),
];

/// Machines outside of the deployment that the files name, each once, in the order of the services.
pub(in crate::graph) fn externals(services: &[ServiceRef<'_, '_>]) -> Vec<External> {
    let names: BTreeSet<String> = services.iter().flat_map(|service| lower(service.hostnames())).collect();
    let is_here = |host: &str| names.contains(host);
    let mut found: Vec<External> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for service in services {
        let args = service.service().build.iter().flat_map(|build| build.args.iter().map(of_variable));
        let args: Vec<Told> = args.collect();
        let named = outside(&told(*service), &is_here).into_iter().chain(outside(&args, &is_here));
        for (name, evidence) in named {
            if known.insert(name.clone()) {
                found.push(External { name, evidence });
            }
        }
    }
    found
}

/// Why a service has to reach machines outside of the deployment; empty when nothing says so.
pub(in crate::graph) fn egress_needed(service: ServiceRef<'_, '_>) -> Vec<Evidence> {
    let is = |service: ServiceRef<'_, '_>, host: &str| {
        service.hostnames().iter().any(|name| name.eq_ignore_ascii_case(host))
    };
    let is_here = |host: &str| is(service, host) || service.others().any(|other| is(other, host));
    let mut found = Vec::new();
    // What goes through a proxy of the deployment needs no way out of its own.
    let by_proxy = service.service().variables.iter().filter(|variable| is_proxy_key(&variable.key)).any(|variable| {
        let told = of_variable(variable);
        told.value.is_some_and(|value| hosts("PROXY_URL", &value).iter().any(|host| is_here(host)))
    });
    if !by_proxy && !matches!(service.role.group(), Group::Edge | Group::Data) {
        found.extend(outside(&told(service), &is_here).into_iter().map(|(_, evidence)| evidence));
    } else if !by_proxy {
        // A server that shares the application's file does not do what the application does.
        let own = service.service().environment.iter().map(of_variable).collect::<Vec<_>>();
        found.extend(outside(&own, &is_here).into_iter().map(|(_, evidence)| evidence));
    }
    found.extend(certificates(service).map(|(at, label)| Evidence::new(at, label)));
    if let Some(reference) = &service.image_use.reference {
        let words: Vec<&str> = reference.path.split(['/', '-', '_']).collect();
        let at = service.image_use.at.unwrap_or(service.at);
        let caller = CALLERS.iter().find(|(word, _)| words.iter().any(|part| part == word));
        found.extend(caller.map(|(_, label)| Evidence::new(at, *label)));
    }
    if let Some(command) = service.start_commands().into_iter().find(|command| command.installs().is_some()) {
        found.push(Evidence::new(command.at, "it installs packages when it starts"));
    }
    found.extend(way_out_of(service));
    found
}

fn lower(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_ascii_lowercase).collect()
}

/// Systems outside that variables name, each once. `is_here` tells whether a host is a service of the deployment.
fn outside(variables: &[Told], is_here: &dyn Fn(&str) -> bool) -> Vec<(String, Evidence)> {
    let mut found: BTreeMap<String, (usize, Evidence)> = BTreeMap::new();
    for (place, one) in variables.iter().enumerate() {
        let mut add = |name: String, label: String| {
            found.entry(name).or_insert_with(|| (place, Evidence::new(one.at, label)));
        };
        let key = one.key.to_ascii_uppercase();
        let shown = shorten(&one.key, 60);
        if is_own_address(&key) {
            continue;
        }
        if key == "COMPOSER_AUTH" {
            for host in one.value.as_deref().map(repositories).unwrap_or_default() {
                let label = format!("{shown} has a login for {}", shorten(&host, 80));
                add(host, label);
            }
            continue;
        }
        let named = one.value.as_deref().map(|value| hosts(&one.key, value)).unwrap_or_default();
        for host in named.iter().filter(|host| is_elsewhere(host) && !is_here(host)) {
            add(host.clone(), format!("{shown} names {}", shorten(host, 80)));
        }
        if let Some(system) = system_of(&key)
            && named.is_empty()
            && one.value.as_deref() != Some("")
            && !has_endpoint(&key, variables)
        {
            add(system.to_owned(), format!("{shown} is for {system}"));
        }
    }
    let mut found: Vec<(String, (usize, Evidence))> = found.into_iter().collect();
    found.sort_by_key(|(_, (place, _))| *place);
    found.into_iter().map(|(name, (_, evidence))| (name, evidence)).collect()
}

/// The system that a variable belongs to.
fn system_of(key: &str) -> Option<&'static str> {
    SYSTEMS.iter().find(|(start, _)| key.starts_with(start)).map(|(_, name)| *name)
}

/// Whether the system is not its provider's: another variable of the same name says where it is.
fn has_endpoint(key: &str, variables: &[Told]) -> bool {
    let first = key.split('_').next().unwrap_or("");
    variables.iter().any(|other| {
        let other_key = other.key.to_ascii_uppercase();
        let address = ["_ENDPOINT", "_ENDPOINT_URL", "_HOST", "_URL", "_BASE_URL", "_DSN", "_API_BASE"];
        let same = other_key.strip_prefix(first).is_some_and(|rest| {
            address.iter().any(|end| rest.ends_with(end)) && !rest.contains("WEBHOOK") && !rest.contains("PUBLIC")
        });
        same && other.value.as_deref().is_some_and(|value| !hosts("ANY_HOST", value).is_empty())
    })
}

/// Hosts that Composer logs in at: the keys of the JSON object that have a dot.
fn repositories(json: &str) -> Vec<String> {
    let pieces: Vec<&str> = json.split('"').collect();
    let keys = pieces.windows(2).skip(1).step_by(2).filter_map(|pair| match pair {
        [text, after] if after.trim_start().starts_with(':') => Some(text.to_ascii_lowercase()),
        _ => None,
    });
    keys.filter(|key| is_elsewhere(key) && hosts("A_HOST", key).contains(key)).collect()
}

fn is_proxy_key(key: &str) -> bool {
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// What shows that it obtains certificates itself.
fn certificates(service: ServiceRef<'_, '_>) -> Option<(Location, &'static str)> {
    const LABEL: &str = "it obtains certificates";
    if service.role.group() != Group::Edge && service.web_server().is_none_or(|web| web.software != Software::Caddy) {
        return None;
    }
    if let Some(command) = service.own_command() {
        let text = command.text().to_ascii_lowercase();
        if text.contains("certificatesresolvers.") || text.contains("--acme") {
            return Some((command.at, LABEL));
        }
    }
    let mut variables = service.service().variables.iter();
    if let Some(resolver) = variables.find(|variable| variable.key.starts_with("TRAEFIK_CERTIFICATESRESOLVERS_")) {
        return Some((resolver.key_at, LABEL));
    }
    let web = service.web_server().filter(|web| web.software == Software::Caddy)?;
    // Caddy does so for every site with a name, unless it is told otherwise.
    let own = web.all("auto_https").any(|directive| directive.arg(0) == Some("off"));
    let site = web.own_servers().find(|server| {
        let named = |text: &str| {
            let name = text.strip_prefix("https://").unwrap_or(text).split(':').next().unwrap_or("");
            !text.starts_with("http://") && is_elsewhere(name)
        };
        server.names.iter().any(|name| name.is_known() && named(&name.text))
    });
    site.filter(|_| !own).map(|server| (server.at, LABEL))
}

/// Whose way out it is: services that are told to send their requests through it.
fn way_out_of(service: ServiceRef<'_, '_>) -> Option<Evidence> {
    if matches!(service.role.group(), Group::App | Group::Data) {
        return None;
    }
    let own = lower(service.hostnames());
    service.others().take(MAX_COMPARED).find_map(|other| {
        let mut proxies = other.service().variables.iter().filter(|variable| is_proxy_key(&variable.key));
        let variable = proxies.find(|variable| {
            let value = of_variable(variable).value.unwrap_or_default();
            hosts("PROXY_URL", &value).iter().any(|host| own.contains(host))
        })?;
        let at = variable.value.as_ref().map_or(variable.key_at, |value| value.at);
        Some(Evidence::new(at, format!("{} sends its requests through it", shorten(&other.name, 60))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn named(body: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    image: php:8.4-fpm\n{body}  mail:\n    image: axllent/mailpit\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let services: Vec<ServiceRef<'_, '_>> = project.services().collect();
        externals(&services).into_iter().map(|external| external.name).collect()
    }

    #[test]
    fn machines_outside() {
        let env = |variables: &str| named(&format!("    environment: {{{variables}}}\n"));
        assert_eq!(env("DB_HOST: db.example.net, CACHE_URL: \"redis://u:p@10.0.0.5\""), ["db.example.net", "10.0.0.5"]);
        assert_eq!(env("MAIL_HOST: mail, REDIS_HOST: 127.0.0.1, X_URL: \"http://host.docker.internal\""), [""; 0]);
        assert_eq!(env("APP_URL: \"https://shop.example.net\", MAIL_FROM_ADDRESS: a@example.net"), [""; 0]);
        assert_eq!(env("STRIPE_SECRET: sk_live_x, STRIPE_KEY: pk"), ["stripe"]);
        assert_eq!(env("STRIPE_SECRET: \"\""), [""; 0]);
        assert_eq!(env("AWS_ACCESS_KEY_ID: x, AWS_SECRET_ACCESS_KEY: y"), ["aws"]);
        assert_eq!(env("AWS_ACCESS_KEY_ID: x, AWS_ENDPOINT: \"https://s3.example.net\""), ["s3.example.net"]);
        assert_eq!(env("AWS_ACCESS_KEY_ID: x, AWS_ENDPOINT: \"http://mail:9000\""), [""; 0]);
    }

    #[test]
    fn repositories_of_composer() {
        let auth = "{\"http-basic\": {\"repo.example.net\": {\"username\": \"john.doe\", \"password\": \"a.bc\"}}, \"github-oauth\": {\"github.com\": \"x.yz\"}}";
        assert_eq!(repositories(auth), ["repo.example.net", "github.com"]);
        let body = "    build:\n      context: .\n      args: {COMPOSER_AUTH: '{\"http-basic\":{\"repo.example.net\":{\"username\":\"d\",\"password\":\"h\"}}}'}\n";
        assert_eq!(named(body), ["repo.example.net"]);
    }

    fn egress(files: &[(&str, &str)], name: &str) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().find(|service| service.name == name).unwrap();
        egress_needed(service).into_iter().map(|evidence| evidence.label).collect()
    }

    #[test]
    fn reasons_to_call_out() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {MAIL_HOST: smtp.example.net}\n  db:\n    image: mysql:8.4.11\n  web:\n    image: caddy:2.11.4\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile\"]\n  up:\n    image: containrrr/watchtower\n  walled:\n    image: node:22\n    environment: {HTTP_PROXY: \"http://squid:3128\", STRIPE_KEY: x}\n  squid:\n    image: ubuntu/squid\n";
        let files = [("compose.yaml", text), ("Caddyfile", "shop.example.net {\n\tphp_fastcgi app:9000\n}\n")];
        assert_eq!(egress(&files, "app"), ["MAIL_HOST names smtp.example.net"]);
        assert!(egress(&files, "db").is_empty());
        assert_eq!(egress(&files, "web"), ["it obtains certificates"]);
        assert_eq!(egress(&files, "up"), ["it pulls new images"]);
        assert!(egress(&files, "walled").is_empty(), "a proxy calls out for it");
        assert_eq!(egress(&files, "squid"), ["walled sends its requests through it"]);
        let plain = [("compose.yaml", text), ("Caddyfile", ":80 {\n\tphp_fastcgi app:9000\n}\n")];
        assert!(egress(&plain, "web").is_empty());
    }
}
