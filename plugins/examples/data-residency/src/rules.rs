//! The rules and what they say of themselves.

use plimsoll_plugin_sdk::prelude::*;

pub(crate) const DRIVER: &str = "volume-driver";
pub(crate) const DEVICE: &str = "volume-device";
pub(crate) const REGION: &str = "volume-region";
pub(crate) const BIND: &str = "bind-path";
pub(crate) const SHARED: &str = "shared-network";
pub(crate) const OPEN: &str = "open-network";

/// All rules.
pub(crate) fn all() -> Vec<Rule> {
    let rules = [
        rule(
            DRIVER,
            "Data on a volume of another driver",
            Severity::High,
            "The driver decides on whose machines the data lies. Contracts and the law name the places where it may be; a driver that \
             nobody looked at may keep it anywhere.",
        )
        .help("Use one of the allowed drivers, and move the data."),
        rule(
            DEVICE,
            "Data on a device outside of the allowed places",
            Severity::High,
            "Backups, encryption and deletion are set up for the folders and servers that are meant for data; elsewhere it has none of \
             them.",
        )
        .help("Point the volume at an allowed folder or server, and move the data."),
        rule(
            REGION,
            "Data in a region where it may not be",
            Severity::High,
            "Data of some classes must not leave its region, nor may a copy of it.",
        )
        .help("Move the volume to an allowed region; give it a label that says where it is."),
        rule(
            BIND,
            "Data in a folder of the host outside of the allowed places",
            Severity::High,
            "Backups, encryption and deletion are set up for the folders that are meant for data; elsewhere it has none of them.",
        )
        .help("Mount an allowed folder or a volume, and move the data."),
        rule(
            SHARED,
            "Data within reach of another region",
            Severity::Medium,
            "A service that can open a connection to a database can copy what is in it to where it runs.",
        )
        .help("Take the service off the network, or make a network for those that need the data."),
        rule(
            OPEN,
            "Service with data on a network with a way out",
            Severity::Medium,
            "From a network that is not internal, a service can send what it holds anywhere.",
        )
        .help("Set `internal: true` for the network; what must go out or be published needs another one."),
    ];
    rules.into_iter().map(|rule| rule.kinds(&["compose"]).tags(&["data-protection"])).collect()
}
