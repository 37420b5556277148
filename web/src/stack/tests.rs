use super::drawing::{Pair, Pairs, arrow, cut, line_facts, service_facts, service_label, steps};
use super::*;
use plimsoll_core::report::json::{LocationV1, ToolV1};
use plimsoll_core::report::map::layout::Rect;
use plimsoll_core::report::stack::{
    EvidenceV1, LinkV1, MapServiceV1, NeedV1, PathV1, PositionV1, PublishedV1, SegmentationV1, StepV1,
};

fn location() -> LocationV1 {
    LocationV1 {
        path: "compose.yaml".to_owned(),
        start: 0,
        end: 1,
        start_utf16: 0,
        end_utf16: 1,
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 2,
    }
}

fn service(name: &str) -> MapServiceV1 {
    MapServiceV1 {
        name: name.to_owned(),
        role: "php".to_owned(),
        group: "app".to_owned(),
        image: String::new(),
        location: location(),
        exposed: name == "web",
        stays: true,
        networks: vec!["default".to_owned()],
        network_mode: None,
        published: Vec::new(),
        doors: Vec::new(),
        tier: "T4".to_owned(),
        blast: 7,
        grade: "A".to_owned(),
        duties: Vec::new(),
        entries: Vec::new(),
    }
}

fn position(place: &str) -> PositionV1 {
    PositionV1 { place: place.to_owned(), level: (place != "host").then(|| "user".to_owned()) }
}

fn step(from: &str, to: &str) -> StepV1 {
    StepV1 {
        from: position(from),
        to: position(to),
        verb: "execute".to_owned(),
        cost: 1,
        reason: format!("{to} asks nobody"),
        link: None,
        networks: Vec::new(),
        evidence: Vec::new(),
        rule: None,
        shown_by: Vec::new(),
    }
}

fn breach(start: &str, paths: &[&[(&str, &str)]]) -> BreachV1 {
    let path = |path: &&[(&str, &str)]| {
        let steps: Vec<StepV1> = path.iter().map(|(from, to)| step(from, to)).collect();
        PathV1 { to: position(path.last().unwrap().1), cost: 1, steps }
    };
    BreachV1 {
        start: start.to_owned(),
        level: "user".to_owned(),
        enumerated: Vec::new(),
        paths: paths.iter().map(path).collect(),
        reached: Vec::new(),
        secrets: Vec::new(),
        externals: Vec::new(),
        spared: Vec::new(),
        tier: "T4".to_owned(),
        tier_meaning: String::new(),
        escapes: Vec::new(),
        egress: false,
        metadata: false,
        blast: 7,
        grade: "A".to_owned(),
        items: Vec::new(),
    }
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

fn evidence(label: &str) -> EvidenceV1 {
    EvidenceV1 { label: label.to_owned(), location: Some(location()) }
}

fn view(name: &str) -> ViewV1 {
    ViewV1 {
        name: name.to_owned(),
        context: String::new(),
        running: false,
        services: ["web", "app", "db", "job"].into_iter().map(service).collect(),
        networks: Vec::new(),
        links: Vec::new(),
        needs: Vec::new(),
        externals: Vec::new(),
        segmentation: SegmentationV1 {
            possible: vec![pair("web", "app"), pair("web", "db")],
            needed: vec![pair("web", "app"), pair("app", "db")],
            excess: vec![pair("web", "db")],
            missing: vec![pair("app", "db")],
            index: 50,
        },
        blast: 7,
        grade: "A".to_owned(),
        starts: vec!["web".to_owned()],
        cuts: Vec::new(),
        breaches: Vec::new(),
        plans: Vec::new(),
        boundaries: Vec::new(),
    }
}

fn told(stack: &Stack, views: Vec<ViewV1>) -> Act {
    let tool = ToolV1 { name: "plimsoll".to_owned(), version: String::new() };
    let stack_v1 = StackV1 { version: 1, tool, today: String::new(), views };
    Act::Told { revision: 1, wants: stack.wants(1).unwrap_or_default(), stack: Some(stack_v1), answers: None }
}

fn open(tab: Tab) -> Stack {
    Stack { open: true, tab, ..Stack::default() }
}

fn after(stack: &Stack, act: Act) -> Stack {
    let mut next = stack.clone();
    let _ = next.act(act, 1);
    next
}

fn fall(service: &str, still: bool) -> Act {
    Act::Fall { service: service.into(), still }
}

#[test]
fn nothing_is_computed_while_it_is_closed_or_broken() {
    assert_eq!(Stack::default().wants(1), None);
    let mut stack = open(Tab::Map);
    assert_eq!(stack.wants(1), Some(Wants::default()));
    assert!(stack.is_waiting(1));
    stack.fail(1);
    assert_eq!(stack.wants(1), None, "findings come back without it");
    assert!(stack.is_broken(1) && !stack.is_waiting(1));
    assert!(stack.wants(2).is_some(), "another text, another try");
    let mut closed = Stack::default();
    closed.fail(1);
    assert!(!closed.is_broken(1));
}

#[test]
fn each_tab_asks_for_what_it_shows() {
    let of = |tab| {
        let stack = open(tab);
        after(&stack, told(&stack, vec![view("a"), view("b")])).wants(1).unwrap()
    };
    assert_eq!(of(Tab::Map), Wants::default());
    assert_eq!(of(Tab::Matrix), Wants::default());
    let a = Some("a".to_owned());
    let breach = Wants { view: a.clone(), breach: vec!["web".to_owned()], ..Wants::default() };
    assert_eq!(of(Tab::Breach), breach, "the first that anybody can knock at");
    assert_eq!(of(Tab::Plan), Wants { view: a.clone(), plan: true, ..Wants::default() });
    assert_eq!(of(Tab::Boundaries), Wants { view: a, boundaries: true, ..Wants::default() });
    assert_eq!(of(Tab::Inventory), Wants { inventory: true, ..Wants::default() });
    assert_eq!(open(Tab::Plan).wants(1), Some(Wants::default()), "before a deployment is known there is no plan of it");
}

#[test]
fn an_answer_settles_what_was_wanted() {
    let stack = open(Tab::Map);
    let map = after(&stack, told(&stack, vec![view("a")]));
    assert!(!map.is_waiting(1) && map.is_of(1) && !map.is_of(2) && map.is_waiting(2));
    let plan = after(&map, Act::Tab(Tab::Plan));
    assert!(plan.is_waiting(1));
    let old = Act::Told { revision: 0, wants: Wants::default(), stack: None, answers: None };
    assert_eq!(map.clone().act(old, 1), None, "older texts are of no interest");
    let same = after(&map, told(&map, vec![view("a")]));
    assert_eq!(same.views, map.views, "what is equal is not drawn again");
    let other = after(&map, told(&map, vec![view("b")]));
    assert_ne!(other.views, map.views);
}

#[test]
fn a_deployment_is_chosen_by_name_and_may_go() {
    let stack = open(Tab::Map);
    let stack = after(&stack, told(&stack, vec![view("a"), view("b")]));
    assert_eq!(stack.view().unwrap().name, "a");
    let chosen = after(&stack, Act::View("b".into()));
    assert_eq!(chosen.view().unwrap().name, "b");
    assert_eq!(stack.clone().act(Act::View("c".into()), 1), None);
    let gone = after(&chosen, told(&chosen, vec![view("a")]));
    assert_eq!(gone.view().unwrap().name, "a");
}

#[test]
fn a_service_falls_and_the_walk_is_told_once_it_is_known() {
    let stack = open(Tab::Map);
    let stack = after(&stack, told(&stack, vec![view("a")]));
    let fallen = after(&stack, fall("web", false));
    assert_eq!((fallen.fallen(), fallen.walk), (Some("web"), None));
    let wants = fallen.wants(1).unwrap();
    assert_eq!((wants.view.as_deref(), wants.breach), (Some("a"), vec!["web".to_owned()]));
    let with = |paths: &[&[(&str, &str)]]| ViewV1 { breaches: vec![breach("web", paths)], ..view("a") };
    let known = after(&fallen, told(&fallen, vec![with(&[&[("web", "app")], &[("web", "app"), ("app", "host")]])]));
    assert_eq!(known.walk, Some(Walk::new(2, false)), "the common step is told once");
    let stepped = after(&known, Act::Walk(Press::Step));
    let again = after(&stepped, told(&stepped, vec![with(&[&[("web", "app")], &[("web", "app"), ("app", "host")]])]));
    assert_eq!(again.walk, stepped.walk, "the same walk goes on");
    let other = after(&stepped, told(&stepped, vec![with(&[&[("web", "app")]])]));
    assert_eq!(other.walk, Some(Walk::whole(1)), "another one is there at once");
    let still = after(&after(&stack, fall("web", true)), told(&fallen, vec![with(&[&[("web", "app")]])]));
    assert_eq!(still.walk, Some(Walk::whole(1)));
    let stands = after(&known, Act::Stand);
    assert_eq!((stands.fallen(), stands.walk), (None, None));
    assert_eq!(stands.clone().act(Act::Stand, 1), None);
    let mut gone = view("a");
    gone.services.retain(|service| service.name != "web");
    let gone = after(&known, told(&known, vec![gone]));
    assert_eq!((gone.fallen(), gone.walk), (None, None), "it is not there any more");
}

#[test]
fn a_new_project_starts_anew() {
    let stack = open(Tab::Plan);
    let mut stack = after(&after(&stack, told(&stack, vec![view("a")])), fall("web", true));
    stack = after(&stack, Act::Preset("strict".into()));
    stack.forget();
    assert!(stack.open && stack.views.is_empty() && stack.fallen().is_none() && !stack.is_of(1));
    assert_eq!((stack.tab, stack.preset()), (Tab::Plan, "strict"));
    assert_eq!(Stack::default().preset(), "balanced");
}

#[test]
fn keys_go_round_the_tabs() {
    assert_eq!(Tab::Map.moved("ArrowRight"), Some(Tab::Matrix));
    assert_eq!(Tab::Map.moved("ArrowLeft"), Some(Tab::Inventory));
    assert_eq!(Tab::Inventory.moved("ArrowRight"), Some(Tab::Map));
    assert_eq!((Tab::Plan.moved("Home"), Tab::Plan.moved("End")), (Some(Tab::Map), Some(Tab::Inventory)));
    assert_eq!(Tab::Map.moved("x"), None);
}

#[test]
fn pairs_have_no_direction_and_cells_do() {
    let mut view = view("a");
    view.needs.push(NeedV1 {
        from: "web".to_owned(),
        to: "app".to_owned(),
        confidence: 100,
        needed: true,
        evidence: evidence("nginx hands requests on"),
    });
    let pairs = Pairs::new(&view);
    assert_eq!((pairs.of("web", "app"), pairs.of("app", "web")), (Pair::Needed, Pair::Needed));
    assert_eq!(pairs.of("db", "web"), Pair::Excess);
    assert_eq!(pairs.of("app", "db"), Pair::Missing);
    assert_eq!(pairs.of("web", "job"), Pair::Blocked);
    assert_eq!((pairs.cell("web", "app"), pairs.cell("app", "web")), (Pair::Needed, Pair::NeededBy));
    let label = service_label(&pairs, &view.services[0], "php · T4");
    assert_eq!(
        label,
        "web php · T4. Reachable from the internet. On default, 1 needed and 1 unneeded connections, blast radius 7"
    );
}

#[test]
fn steps_are_told_once_and_in_order() {
    let breach = breach("web", &[&[("web", "app")], &[("web", "app"), ("app", "db")], &[("web", "job")]]);
    let told: Vec<(&str, &str)> =
        steps(&breach).iter().map(|step| (step.from.place.as_str(), step.to.place.as_str())).collect();
    assert_eq!(told, [("web", "app"), ("app", "db"), ("web", "job")]);
}

#[test]
fn lines_and_boxes_have_something_to_show() {
    let mut view = view("a");
    view.links.push(LinkV1 {
        from: "app".to_owned(),
        to: "db".to_owned(),
        kind: "network".to_owned(),
        ports: vec![3306],
        networks: vec!["back".to_owned()],
        evidence: vec![evidence("both are on back")],
        rule: None,
    });
    view.needs.push(NeedV1 {
        from: "app".to_owned(),
        to: "db".to_owned(),
        confidence: 95,
        needed: true,
        evidence: evidence("DB_HOST"),
    });
    view.services[0].published.push(PublishedV1 {
        host: "0.0.0.0:80".to_owned(),
        target: Some(8080),
        reach: "everyone".to_owned(),
        location: location(),
    });
    let texts = |from, to| line_facts(&view, from, to).into_iter().map(|fact| fact.text).collect::<Vec<_>>();
    let both = ["app needs db (certainty 95 %)", "app can connect to db on 3306 over back"];
    assert_eq!(texts("app", "db"), both);
    assert_eq!(texts("db", "app"), both);
    assert_eq!(texts("internet", "web"), ["web publishes 0.0.0.0:80 to 8080: everyone can open it"]);
    assert!(texts("web", "db").is_empty());
    assert_eq!(service_facts(&view, "web").len(), 1);
    assert_eq!(service_facts(&view, "db").len(), 1);
    assert!(service_facts(&view, "gone").is_empty());
}

#[test]
fn arrows_go_from_border_to_border() {
    let rect = |x| Rect { x, y: 0.0, width: 100.0, height: 40.0 };
    let numbers = |path: &str| -> Vec<f64> {
        path.split(['M', 'Q', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
    };
    let there = numbers(&arrow(rect(0.0), rect(300.0)));
    let back = numbers(&arrow(rect(300.0), rect(0.0)));
    assert!((there[0] - 100.0).abs() < 1.0 && (there[4] - 295.0).abs() < 1.0, "{there:?}");
    assert!((there[3] - back[3]).abs() > 10.0, "the way back is another line");
    assert!(numbers(&arrow(rect(0.0), rect(0.0))).iter().all(|number| number.is_finite()));
}

#[test]
fn long_names_are_cut() {
    assert_eq!(cut("short", 5), "short");
    assert_eq!(cut("longer", 5), "long…");
}

#[test]
fn wants_cross_as_the_protocol_says() {
    let wants = Wants { view: Some("a".to_owned()), breach: vec!["web".to_owned()], plan: true, ..Wants::default() };
    let text = serde_json::to_string(&wants).unwrap();
    assert_eq!(text, r#"{"view":"a","breach":["web"],"plan":true,"boundaries":false,"inventory":false}"#);
    assert_eq!(serde_json::from_str::<Wants>(&text).unwrap(), wants);
    assert_eq!(serde_json::from_str::<Wants>("{}").unwrap(), Wants::default());
}

#[test]
fn the_worker_answers_what_is_wanted() {
    use plimsoll_core::facts::Facts;
    use plimsoll_core::report::answers;
    use plimsoll_core::{Date, Sources};
    let mut sources = Sources::new();
    for file in crate::gallery::STACKS[0].files(false) {
        sources.add(&file.path, file.shown().unwrap_or_default().to_string());
    }
    let facts = Facts::default();
    let project = Project::with_facts(&sources, Date::new(2026, 11, 24), &facts);
    let maps = answer(&project, &Wants::default());
    let view = maps.views.first().expect("a deployment");
    assert!(!view.services.is_empty() && !view.starts.is_empty());
    assert!(maps.views.iter().all(|view| view.breaches.is_empty() && view.plans.is_empty()));
    let wants = Wants {
        view: Some(view.name.clone()),
        breach: vec![view.starts[0].clone()],
        plan: true,
        boundaries: true,
        inventory: false,
    };
    let more = answer(&project, &wants);
    assert_eq!(more.views.len(), maps.views.len(), "the other maps stay");
    let view = more.views.iter().find(|one| one.name == view.name).unwrap();
    assert_eq!((view.breaches.len(), view.plans.len()), (1, 3));
    assert!(!steps(&view.breaches[0]).is_empty() && !view.boundaries.is_empty());
    let crossed: StackV1 = serde_json::from_str(&serde_json::to_string(&more).unwrap()).unwrap();
    assert_eq!(crossed, more);
    let inventory = serde_json::to_value(answers::answer(&project)).unwrap();
    let parts = super::answers::parts(&inventory);
    assert!(parts.len() >= 5 && parts.iter().any(|part| !part.rows.is_empty()));
}
