//! Ways in by what a web server executes and gives away. The service that runs the PHP has them, not the server in front.

use super::way;
use crate::finding::Severity;
use crate::graph::model::{EntryWay, Evidence};
use crate::model::web::Server;
use crate::project::{Group, PlacedFile, ServiceRef, UploadFolder, Web};
use crate::text::shorten;

/// Servers of one configuration that are looked at.
const MAX_SERVERS: usize = 32;
/// Web servers in front of one PHP that are looked at.
const MAX_FRONTS: usize = 2;
/// A server in front of more services than this is a gateway of many applications.
const MAX_BEHIND: usize = 20;

/// Adds what the web server of a service, or the one in front of its PHP, lets in.
pub(super) fn add(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    if service.web_server().is_some() {
        let hands_on = service.role.group() == Group::Edge && !service.fastcgi_services().is_empty();
        if !hands_on {
            faults(service, found);
        }
    }
    if service.role.is_php() {
        for front in fronts(service) {
            faults(front, found);
        }
    }
}

/// Web servers that hand PHP to a service.
fn fronts<'p, 'a>(service: ServiceRef<'p, 'a>) -> Vec<ServiceRef<'p, 'a>> {
    let is_front = |other: &ServiceRef<'p, 'a>| {
        let behind = || other.needs().iter().chain(other.local_needs());
        other.role.group() == Group::Edge
            && other.needs().len() <= MAX_BEHIND
            && behind().any(|need| need.to == service.name)
            && other.web_server().is_some_and(|web| web.targets().iter().any(|target| target.fastcgi))
    };
    service.others().filter(is_front).take(MAX_FRONTS).collect()
}

fn faults(server: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let Some(web) = server.web_server() else { return };
    for one in web.own_servers().take(MAX_SERVERS) {
        if web.is_whole() {
            uploads(server, web, one, found);
            dotfiles(server, web, one, found);
        }
        whole_application(server, web, one, found);
    }
    let bad: Vec<_> = server.exposed_files().into_iter().filter(|file| file.severity >= Severity::High).collect();
    if let Some(first) = bad.first() {
        let more = if bad.len() > 1 { format!(" and {} more", bad.len() - 1) } else { String::new() };
        let reason = format!("visitors may have {} ({}){more}", shorten(&first.file.below, 60), first.what);
        let evidence = vec![
            Evidence::new(first.file.at, "this puts it into the folder that is served"),
            Evidence::new(first.served_by, "this answers requests for it"),
        ];
        found.push(way("web-server/sensitive-files-in-document-root", reason, evidence));
    }
    for flaw in server.server_flaws().into_iter().filter(|flaw| flaw.severity >= Severity::High) {
        let evidence = vec![Evidence::new(flaw.at, "this is set here")];
        found.push(way("web-server/app-server-misconfigured", format!("it {}", flaw.what), evidence));
    }
}

fn uploads(service: ServiceRef<'_, '_>, web: &Web, server: &Server, found: &mut Vec<EntryWay>) {
    let Some(root) = server.root.as_ref().filter(|root| root.is_known()) else { return };
    let runs = |folder: &UploadFolder| {
        let script = format!("{}/x.php", folder.path);
        web.answer(server, &script).runs_script(&script) == Some(true)
    };
    let Some(folder) = service.upload_folders(&root.text).into_iter().find(runs) else { return };
    let answer = web.answer(server, &format!("{}/x.php", folder.path));
    let reason = format!("uploads below {} are executed as PHP", shorten(&folder.path, 60));
    let evidence = vec![
        Evidence::new(web.block_of(&answer).at, "this runs scripts there"),
        Evidence::new(folder.at, shorten(&folder.label, 120)),
    ];
    found.push(way("web-server/php-executes-in-upload-directory", reason, evidence));
}

fn whole_application(service: ServiceRef<'_, '_>, web: &Web, server: &Server, found: &mut Vec<EntryWay>) {
    let Some(served) = service.served_application(server).filter(|served| served.beside_server) else { return };
    let sends = web.answer(server, "/zz.css").sends_file("/zz.css") != Some(false);
    if !sends && web.answer(server, "/index.php").runs_script("/index.php") != Some(true) {
        return;
    }
    let evidence = vec![
        Evidence::new(server.root.as_ref().map_or(server.at, |root| root.at), "this is the folder that is served"),
        Evidence::new(served.at, "the application is there"),
    ];
    let reason = "the application's whole folder is served, with its configuration and scripts";
    found.push(way("web-server/document-root-not-public", reason, evidence));
}

fn dotfiles(service: ServiceRef<'_, '_>, web: &Web, server: &Server, found: &mut Vec<EntryWay>) {
    let Some(root) = server.root.as_ref().filter(|root| root.is_known() && root.text.starts_with('/')) else { return };
    if web.answer(server, "/.env").sends_file("/.env") != Some(true) {
        return;
    }
    let sent = |file: &PlacedFile| {
        let path = format!("/{}", file.below);
        is_private(&file.below) && web.answer(server, &path).sends_file(&path) == Some(true)
    };
    let Some(file) = service.files_in_container(&root.text).into_iter().find(sent) else { return };
    let reason = format!("visitors may have /{}", shorten(&file.below, 60));
    let evidence = vec![
        Evidence::new(file.at, "this puts it into the folder that is served"),
        Evidence::new(server.at, "this server keeps back no names with a dot"),
    ];
    found.push(way("web-server/dotfiles-served", reason, evidence));
}

/// What holds secrets or the source with its history.
fn is_private(below: &str) -> bool {
    let template = [".env.example", ".env.dist", ".env.sample", ".env.template"];
    below.split('/').any(|part| {
        matches!(part, ".git" | ".svn" | ".hg" | ".ssh" | ".aws" | ".docker")
            || part.starts_with(".env") && !template.contains(&part)
    })
}
