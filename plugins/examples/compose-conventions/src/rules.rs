//! The rules and what they say of themselves.

use plimsoll_plugin_sdk::prelude::*;

pub(crate) const SERVICE_NAME: &str = "service-name";
pub(crate) const NETWORK_NAME: &str = "network-name";
pub(crate) const VOLUME_NAME: &str = "volume-name";
pub(crate) const VARIABLE_NAME: &str = "variable-name";
pub(crate) const VARIABLE_MISSING: &str = "variable-missing";
pub(crate) const ENV_FILE: &str = "env-file";
pub(crate) const CONTAINER_NAME: &str = "container-name";
pub(crate) const RESTART: &str = "restart-policy";

const NAMES: &str = "Names that follow one pattern can be found, sorted and matched by scripts, dashboards and firewall rules; one that \
                     does not is overlooked by all of them.";

/// All rules.
pub(crate) fn all() -> Vec<Rule> {
    let naming = |id, title, help| rule(id, title, Severity::Low, NAMES).help(help);
    let rules = [
        naming(SERVICE_NAME, "Service has another name than agreed", "Rename the service and whatever calls it by its name."),
        naming(NETWORK_NAME, "Network has another name than agreed", "Rename the network and its uses."),
        naming(
            VOLUME_NAME,
            "Volume has another name than agreed",
            "Rename the volume and its uses, and copy what is in it: under another name Compose makes a new, empty one.",
        ),
        naming(VARIABLE_NAME, "Variable has another name than agreed", "Rename the variable and whatever reads it."),
        rule(
            VARIABLE_MISSING,
            "Required variable is missing",
            Severity::Medium,
            "What every service of a kind is told, tools and colleagues rely on: without it a service falls back to something \
             nobody chose.",
        )
        .help("Add the variable to `environment`."),
        rule(
            ENV_FILE,
            "Variables come from a file",
            Severity::Low,
            "What a service is told does not stand beside it: the file is often not in version control, and the whole of it is handed \
             to whoever names it.",
        )
        .help("List the variables in `environment`, and give secrets as `secrets`."),
        rule(
            CONTAINER_NAME,
            "Name of the container is fixed",
            Severity::Low,
            "A fixed name can be taken once on a machine: the service cannot be scaled, and two copies of the project cannot run \
             beside each other.",
        )
        .help("Remove `container_name`; services reach each other by their own names."),
        rule(
            RESTART,
            "Restart policy is not one that is agreed on",
            Severity::Medium,
            "After a crash or a restart of the machine, a service without the right policy stays down until somebody notices.",
        )
        .help("Set `restart` to a policy that is allowed here."),
    ];
    rules.into_iter().map(|rule| rule.kinds(&["compose"]).tags(&["conventions"])).collect()
}
