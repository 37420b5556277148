//! Volumes with data: their drivers, devices and regions.

use crate::holdings::Holdings;
use crate::listed;
use crate::rules::{DEVICE, DRIVER, REGION};
use crate::settings::{Residency, any};
use plimsoll_plugin_sdk::prelude::*;

/// Judges every volume with data.
pub(crate) fn check(project: &Project, residency: &Residency, holdings: &Holdings<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for &volume in &holdings.volumes {
        // The same volume may be written in a file that only another view has; which one is deployed is not ours to say.
        let folder = |volume: Volume<'_>| volume.in_view().map(|view| view.folder().to_owned());
        let same =
            |other: &Volume<'_>| *other != volume && other.name() == volume.name() && folder(*other) == folder(volume);
        let elsewhere: Vec<Volume<'_>> = project.volumes().filter(same).collect();
        let judged = [
            driver(residency, volume, &elsewhere),
            device(residency, volume),
            region(residency, volume),
            no_region(residency, volume, &elsewhere),
        ];
        found.extend(judged.into_iter().flatten().map(|finding| on_services(finding, volume)));
    }
    found
}

fn on_services(finding: Finding, volume: Volume<'_>) -> Finding {
    volume.mounts().filter_map(Mount::service).fold(finding, |finding, service| finding.on(service))
}

fn driver(residency: &Residency, volume: Volume<'_>, elsewhere: &[Volume<'_>]) -> Option<Finding> {
    // What is made elsewhere has a driver that nobody here can see.
    if residency.drivers.is_empty() || volume.external() {
        return None;
    }
    let driver = match volume.driver() {
        Some(driver) if driver.contains('$') => return None,
        Some(driver) => driver,
        None if volume.node().is_some_and(|node| node.get("driver").is_some()) => return None,
        None if elsewhere.iter().any(|other| other.driver().is_some()) => return None,
        None => "local",
    };
    if residency.drivers.iter().any(|allowed| allowed == driver) {
        return None;
    }
    let at = volume.property_origin("driver").or(volume.origin())?;
    let allowed = listed(&residency.drivers);
    let message =
        format!("The volume `{}` holds data and has the driver `{driver}`; allowed are {allowed}", volume.name());
    Some(finding(DRIVER, at, message))
}

fn device(residency: &Residency, volume: Volume<'_>) -> Option<Finding> {
    let option = |name: &str| volume.driver_options().find(|option| option.name == name);
    let device = option("device").and_then(Variable::known).or(volume.device())?;
    let at = option_at(volume, "device").or(volume.property_origin("device")).or(volume.origin())?;
    let says = |what: &str, allowed: &[String]| {
        let message =
            format!("The volume `{}` holds data and lies {what}; allowed are {}", volume.name(), listed(allowed));
        Some(finding(DEVICE, at, message))
    };
    if let Some(server) = server(device, option("o").and_then(Variable::known)) {
        if residency.file_servers.is_empty() || any(&residency.file_servers, server) {
            return None;
        }
        return says(&format!("on the server `{server}`"), &residency.file_servers);
    }
    let remote = |kind: &str| matches!(kind, "nfs" | "nfs4" | "cifs" | "smb3");
    let is_local = !option("type").and_then(|option| option.value).is_some_and(remote);
    if is_local && residency.allows_path(device) == Some(false) {
        return says(&format!("in `{device}`"), &residency.host_paths);
    }
    None
}

/// Where the value of a driver's option is written: the model has its value alone.
fn option_at(volume: Volume<'_>, name: &str) -> Option<Location> {
    Some(volume.node()?.get("driver_opts")?.get(name)?.value_location())
}

/// The server of a volume of NFS or CIFS: `addr=` of the options, `//SERVER/SHARE`, `SERVER:/PATH`.
fn server<'v>(device: &'v str, options: Option<&'v str>) -> Option<&'v str> {
    let mut all = options.into_iter().flat_map(|text| text.split(','));
    let by_option = all.find_map(|one| one.trim().strip_prefix("addr="));
    let by_share = || device.strip_prefix("//").and_then(|rest| rest.split('/').next());
    let by_path = || device.split_once(":/").map(|(server, _)| server);
    by_option.or_else(by_share).or_else(by_path).filter(|server| !server.is_empty())
}

/// What says where a volume is.
fn written_region<'v>(residency: &Residency, volume: Volume<'v>) -> Option<Variable<'v>> {
    let label = volume.labels().find(|label| label.name == residency.region_label);
    let is_region = |option: &Variable<'_>| residency.region_options.iter().any(|one| one == option.name);
    label.or_else(|| volume.driver_options().find(is_region))
}

fn region(residency: &Residency, volume: Volume<'_>) -> Option<Finding> {
    let written = written_region(residency, volume)?;
    let region = written.known().filter(|region| !residency.allows_region(region))?;
    let allowed = listed(&residency.regions);
    let message =
        format!("The volume `{}` holds data and is in the region `{region}`; allowed are {allowed}", volume.name());
    let at = written.origin.or_else(|| option_at(volume, written.name)).or(volume.origin())?;
    Some(finding(REGION, at, message))
}

fn no_region(residency: &Residency, volume: Volume<'_>, elsewhere: &[Volume<'_>]) -> Option<Finding> {
    let told = |volume: &Volume<'_>| written_region(residency, *volume).is_some();
    if !residency.require_region || volume.external() || told(&volume) || elsewhere.iter().any(told) {
        return None;
    }
    let label = &residency.region_label;
    let message = format!("The volume `{}` holds data and no label `{label}` says where", volume.name());
    Some(finding(REGION, volume.origin()?, message).fix(add_region(residency, volume)))
}

/// Writes the one region there is.
fn add_region(residency: &Residency, volume: Volume<'_>) -> Option<Fix> {
    let [region] = residency.regions.as_slice() else { return None };
    let node = volume.node().filter(|_| !region.contains('*'))?;
    let label = &residency.region_label;
    let line = format!("{}: {}", yaml_text(label), yaml_text(region));
    let fix = fix(format!("Say that {} is in {region}", volume.name()));
    match node.get("labels") {
        Some(labels) if labels.mapping().is_some() => fix.add_key(labels, &line),
        Some(labels) => fix.add_items(labels, &[yaml_text(&format!("{label}={region}"))]),
        None => fix.add_key(node, &format!("labels:\n  {line}")),
    }
}
