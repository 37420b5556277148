use super::super::model::{Graph, Published};
use super::super::outcome::{Plan, Preset};
use super::super::plan::plan;
use super::super::testing::{graph, service};
use super::patch;
use crate::fix::Safety;
use crate::project::{Project, Reach, View};
use crate::rules::testing::{TODAY, sources};

/// The graph of a view, as far as plans ask for it.
fn graph_of(project: &Project<'_>, view: &View) -> Graph {
    let mut nodes = Vec::new();
    for service_ref in project.services_of(view) {
        let mut node = service(&service_ref.name, service_ref.role.name, service_ref.role.group().as_str());
        node.build = service_ref.image_use.text.clone();
        node.stays = !service_ref.is_one_shot();
        node.network_mode = service_ref.network_mode.as_ref().map(|mode| mode.text.clone());
        for port in &service_ref.ports {
            let reach = match service_ref.reach(port) {
                Reach::Everyone => "everyone",
                Reach::Loopback => "loopback",
                _ => "nobody",
            };
            node.published.push(Published { host: "a port".to_owned(), target: None, reach, at: port.at });
        }
        nodes.push(node);
    }
    let used = view.used_networks();
    let members: Vec<Vec<&str>> = used
        .iter()
        .map(|network| {
            project.members(view, network).iter().map(|member| member.service().spec.name.as_str()).collect()
        })
        .collect();
    let networks: Vec<(&str, bool, &[&str])> = used
        .iter()
        .zip(&members)
        .map(|(name, members)| (name.as_str(), view.network(name).is_some_and(|n| n.internal), members.as_slice()))
        .collect();
    let pairs: Vec<(String, String)> = project
        .services_of(view)
        .flat_map(|s| s.needs().iter().map(|need| (need.from.clone(), need.to.clone())))
        .collect();
    let needs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let mut result = graph(nodes, &networks, &needs);
    for network in &mut result.networks {
        network.external = view.network(&network.name).is_some_and(|known| known.external);
    }
    result
}

fn planned(files: &[(&str, &str)], view: &str, preset: Preset) -> (Plan, Graph, Result<Vec<String>, String>) {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let view = project.views.iter().find(|known| known.name == view).unwrap();
    let graph = graph_of(&project, view);
    let plan = plan(&graph, preset).unwrap();
    let fix = patch(&project, view, &graph, &plan);
    let texts = fix.map(|fix| {
        assert_eq!(fix.safety, Safety::Suggested);
        let mut outcome = fix.outcome(&sources).unwrap();
        files.iter().map(|(path, text)| outcome.remove(*path).unwrap_or_else(|| (*text).to_owned())).collect()
    });
    (plan, graph, texts)
}

/// The text of a single file with the balanced plan.
fn written(text: &str) -> Result<String, String> {
    planned(&[("compose.yaml", text)], "default", Preset::Balanced).2.map(|mut texts| texts.remove(0))
}

const SHOP: &str = "# The shop.
services:
  web:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app] # starts later
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db}
  db:
    image: mysql:8.4.11
    ports:
      - \"3306:3306\" # for the tools
    volumes: [data:/var/lib/mysql]
  backup:
    image: registry.example.net/backup:1
volumes:
  data: {}
";

#[test]
fn a_file_without_networks() {
    let after = written(SHOP).unwrap();
    assert_eq!(
        after,
        "# The shop.
services:
  web:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app] # starts later
    networks: [app_web, edge]
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db}
    networks: [app_web, db]
  db:
    image: mysql:8.4.11
    volumes: [data:/var/lib/mysql]
    networks: [db]
  backup:
    image: registry.example.net/backup:1
    network_mode: none
volumes:
  data: {}
networks:
  app_web: {internal: true}
  db: {internal: true}
  edge: {}
"
    );
    assert_eq!(written(&after), Err("the files say this already".to_owned()));
}

#[test]
fn line_endings_stay() {
    let after = written(&SHOP.replace('\n', "\r\n")).unwrap();
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert!(after.contains("    networks: [db]\r\n"));
}

#[test]
fn networks_that_are_there_are_changed() {
    let after = written(
        "services:
  web:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app]
    networks:
      - shared # with everybody
      - front
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: database.internal}
    networks:
      front:
      shared:
        ipv4_address: 10.5.0.4
  db:
    image: mysql:8.4.11
    networks:
      shared:
        aliases: [database.internal]
  tool:
    image: registry.example.net/tool:1
    networks: [shared]
networks:
  front:
    # keep this
    driver: bridge
  shared: {}
",
    )
    .unwrap();
    assert_eq!(
        after,
        "services:
  web:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app]
    networks:
      - front
      - edge
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: database.internal}
    networks:
      front:
      db: {}
  db:
    image: mysql:8.4.11
    networks:
      db: {aliases: [database.internal]}
  tool:
    image: registry.example.net/tool:1
    network_mode: none
networks:
  front:
    # keep this
    driver: bridge
    internal: true
  db: {internal: true}
  edge: {}
"
    );
}

#[test]
fn brackets_are_written_anew() {
    let after = written(
        "services: {web: {image: \"nginx:1.30.4\", depends_on: [app], networks: [a, b]}, app: {image: \"php:8.4-fpm\", environment: {DB_HOST: db}, networks: [a]}, db: {image: \"mysql:8.4.11\", networks: {a: {aliases: [sql]}}}}\nnetworks: {a: {}, b: {internal: true}}\n",
    )
    .unwrap();
    assert!(after.contains("networks: [app_web]}"), "{after}");
    assert!(after.contains("networks: {db: {aliases: [sql]}}"), "{after}");
    assert!(after.contains("\nnetworks: {app_web: {internal: true}, db: {internal: true}}"), "{after}");
}

#[test]
fn services_that_merge_another_get_networks_of_their_own() {
    let text = "services:
  web:
    image: nginx:1.30.4
    depends_on: [app]
  app: &app
    image: php:8.4-fpm
    environment: {DB_HOST: db}
  worker:
    <<: *app
    command: php artisan queue:work
  db:
    image: mysql:8.4.11
";
    let after = written(text).unwrap();
    assert!(after.contains("    command: php artisan queue:work\n    networks: ["), "{after}");
    let alias = text.replace("  worker:\n    <<: *app\n    command: php artisan queue:work\n", "  worker: *app\n");
    let refused = written(&alias).unwrap_err();
    assert!(refused.contains("worker shares its whole mapping"), "{refused}");
}

#[test]
fn an_override_that_joins_again_is_named() {
    let base = "services:
  web:
    image: nginx:1.30.4
    depends_on: [app]
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db}
  db:
    image: mysql:8.4.11
";
    let over = "services:
  db:
    networks: [tools]
networks:
  tools: {}
";
    let files = [("compose.yaml", base), ("compose.override.yaml", over)];
    let refused = planned(&files, "default", Preset::Balanced).2.unwrap_err();
    assert!(refused.contains("db would stay on tools, as compose.override.yaml says"), "{refused}");
    let harmless = "services:\n  db:\n    environment: {MYSQL_DATABASE: shop}\n";
    let files = [("compose.yaml", base), ("compose.override.yaml", harmless)];
    let texts = planned(&files, "default", Preset::Balanced).2.unwrap();
    assert!(texts[0].contains("networks: [db]") && texts[1] == harmless, "{texts:?}");
}

#[test]
fn a_base_that_is_extended_is_followed() {
    let text = "services:
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db}
    networks: [all]
  worker:
    extends: {service: app}
    command: php artisan queue:work
  db:
    image: mysql:8.4.11
    networks: [all]
networks:
  all: {}
";
    let refused = planned(&[("compose.yaml", text)], "default", Preset::Strict).2;
    // Each has networks of its own, and those of the base come on top.
    assert!(refused.is_err() || refused.is_ok_and(|texts| texts[0].contains("internal: true")));
}

#[test]
fn only_open_ports_go() {
    let text = SHOP.replace(
        "      - \"3306:3306\" # for the tools\n",
        "      - \"3306:3306\" # for the tools\n      - \"127.0.0.1:33060:33060\" # for me\n",
    );
    let after = written(&text).unwrap();
    assert!(after.contains("    ports:\n      - \"127.0.0.1:33060:33060\" # for me\n"), "{after}");
    assert!(!after.contains("3306:3306\""), "{after}");
    assert!(after.contains("networks: [db, egress_db]"), "{after}");
}

#[test]
fn networks_of_others_keep_their_members() {
    let after = written(
        "services:
  web:
    image: nginx:1.30.4
    depends_on: [app]
    networks: [proxy, default]
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db}
  db:
    image: mysql:8.4.11
networks:
  proxy:
    external: true
",
    )
    .unwrap();
    assert!(after.contains("networks: [proxy, app_web]"), "{after}");
    assert!(after.contains("  proxy:\n    external: true\n"), "{after}");
}

#[test]
fn nobody_is_cut_off() {
    let text = format!("{SHOP}networks: {{}}\n")
        .replace("  backup:\n    image: registry.example.net/backup:1\n", "  redis:\n    image: redis:8.2.9\n");
    let refused = written(&text).unwrap_err();
    assert_eq!(refused, "nothing says whom redis talks to: the plan would cut it off");
}

#[test]
fn what_is_not_written_here_is_left_to_people() {
    let main = "include: [data.yaml]\nservices:\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db}\n";
    let data = "services:\n  db:\n    image: mysql:8.4.11\n";
    let refused = planned(&[("compose.yaml", main), ("data.yaml", data)], "default", Preset::Balanced).2.unwrap_err();
    assert_eq!(refused, "db is declared in a file that is included: put its networks there by hand");
}

#[test]
fn networks_that_are_finer_stay() {
    let text = "services:
  app:
    image: php:8.4-fpm
    environment: {DB_HOST: db, REDIS_HOST: redis}
    networks: [db, cache]
  db:
    image: mysql:8.4.11
    networks: [db]
  redis:
    image: redis:8.2.9
    networks: [cache]
networks:
  db: {internal: true}
  cache: {internal: true}
";
    let refused = written(text).unwrap_err();
    assert_eq!(refused, "today's networks keep more services apart (100 against 0): leave them");
    let strict = planned(&[("compose.yaml", text)], "default", Preset::Strict).2;
    assert_eq!(strict, Err("the files say this already".to_owned()));
}
