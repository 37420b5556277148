//! The output of `docker compose config --format json`.

use crate::{codes, notices, project, service, slice, view};
use plimsoll_core::detect::{Kind, kind};
use plimsoll_core::model::compose::mounts::MountKind;

const JSON: &str = r#"{
	"name": "shop",
	"services": {
		"app": {
			"build": {"context": "/home/me/shop/docker/app", "dockerfile": "Dockerfile", "target": "prod"},
			"command": null,
			"entrypoint": null,
			"environment": {"A": "x \u0026 y\/z", "PASSWORD": "p$$w", "EMPTY": ""},
			"networks": {"default": null},
			"ports": [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"}],
			"privileged": true,
			"volumes": [
				{"type": "bind", "source": "/home/me/shop/src", "target": "/app", "bind": {"create_host_path": true}},
				{"type": "bind", "source": "/var/run/docker.sock", "target": "/s"},
				{"type": "volume", "source": "data", "target": "/data", "volume": {}}
			]
		}
	},
	"networks": {"default": {"name": "shop_default", "ipam": {}}},
	"volumes": {"data": {"name": "shop_data"}},
	"secrets": {"s": {"name": "shop_s", "file": "/home/me/shop/secrets/s.txt"}}
}
"#;

const FILES: [(&str, &str); 2] = [("docker/app/Dockerfile", "FROM php:8.4 AS prod\nUSER app\n"), ("config.json", JSON)];

#[test]
fn it_is_recognised_by_its_content() {
    assert_eq!(kind("config.json", JSON), Kind::Compose);
    assert_eq!(kind("pasted", JSON), Kind::Compose);
    assert_eq!(kind("package.json", "{\"name\": \"x\", \"services\": {\"a\": {\"url\": \"b\"}}}"), Kind::Other);
    assert_eq!(kind("composer.json", JSON), Kind::ComposerJson);
}

#[test]
fn it_is_a_view_with_its_projects_name() {
    project(&FILES, |project| {
        let view = view(project, "shop");
        assert_eq!(view.project_name.as_ref().unwrap().text, "shop");
        assert_eq!(view.files.len(), 1);
        assert_eq!(project.views.len(), 1, "the Dockerfile is built by it");
    });
}

#[test]
fn json_is_read_like_yaml() {
    project(&FILES, |project| {
        let app = service(view(project, "shop"), "app");
        let value = |key: &str| app.variable(key).unwrap().value.as_ref().unwrap().text.clone();
        assert_eq!(value("A"), "x & y/z");
        assert_eq!(value("PASSWORD"), "p$w", "the output doubles dollar signs");
        assert_eq!(value("EMPTY"), "");
        assert!(app.command.is_none() && app.privileged.unwrap().value);
        assert_eq!((app.ports[0].published, app.ports[0].target), (Some((8080, 8080)), (80, 80)));
        assert_eq!(slice(project, app.privileged.unwrap().at), "true");
    });
    assert_eq!(codes(&FILES), Vec::<&str>::new());
}

#[test]
fn paths_below_the_projects_folder_become_relative() {
    project(&FILES, |project| {
        let view = view(project, "shop");
        let app = service(view, "app");
        assert_eq!(app.build.as_ref().unwrap().context, "./docker/app");
        assert_eq!(app.build_use.as_ref().unwrap().dockerfile_path.as_deref(), Some("docker/app/Dockerfile"));
        assert!(app.build_use.as_ref().unwrap().stage.is_some());
        let mounts: Vec<(MountKind, &str)> =
            app.mounts.iter().map(|mount| (mount.kind, mount.source.as_deref().unwrap())).collect();
        assert_eq!(
            mounts,
            [(MountKind::Bind, "./src"), (MountKind::Bind, "/var/run/docker.sock"), (MountKind::Volume, "data")]
        );
        assert_eq!(view.secrets[0].file.as_ref().unwrap().text, "./secrets/s.txt");
    });
}

#[test]
fn the_projects_folder_is_found_without_its_name() {
    let json = JSON.replace("\"name\": \"shop\"", "\"name\": \"other\"");
    let files = [("docker/app/Dockerfile", "FROM php:8.4\n"), ("config.json", json.as_str())];
    project(&files, |project| {
        assert_eq!(service(view(project, "other"), "app").build.as_ref().unwrap().context, "./docker/app");
    });
}

#[test]
fn a_build_from_the_projects_folder_itself() {
    let json = r#"{"name":"x","services":{"a":{"build":{"context":"/srv/x","dockerfile":"Dockerfile"},"volumes":[{"type":"bind","source":"C:\\other","target":"/o"}]}}}"#;
    let files = [("Dockerfile", "FROM php:8.4\n"), ("config.json", json)];
    project(&files, |project| {
        let a = service(view(project, "x"), "a");
        assert_eq!(a.build.as_ref().unwrap().context, ".");
        assert!(a.build_use.as_ref().unwrap().dockerfile.is_some());
        assert_eq!(a.mounts[0].source.as_deref(), Some("C:\\other"));
    });
}

#[test]
fn long_texts_deep_indentation_and_windows_lines() {
    let long = "x".repeat(5000);
    let json = format!(
        "{{\r\n\t\t\"services\": {{\r\n\t\t\t\"a\": {{\"image\":\"i\",\"command\":[\"{long}\"]}}\r\n\t}}\r\n}}\r\n"
    );
    project(&[("stack.json", &json)], |project| {
        let a = service(&project.views[0], "a");
        assert_eq!(a.command.as_ref().unwrap().words[0].len(), 5000);
        assert!(project.notices.is_empty(), "{:?}", project.notices);
    });
}

#[test]
fn it_is_kept_apart_from_the_files_it_was_made_of() {
    let files = [("compose.yaml", "services:\n  app: {image: x}\n"), ("config.json", JSON)];
    project(&files, |project| {
        let names: Vec<&str> = project.views.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["default", "shop"]);
    });
    assert!(notices(&files, "compose/undefined").is_empty());
}
