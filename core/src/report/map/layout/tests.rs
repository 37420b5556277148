use super::*;
use crate::report::map::testing::view;

fn shop() -> ViewV1 {
    view(
        &[
            ("nginx", "edge"),
            ("app", "app"),
            ("worker", "app"),
            ("redis", "data"),
            ("mysql", "data"),
            ("mail", "unknown"),
        ],
        &[("front", &["nginx", "app"]), ("back", &["app", "worker", "redis", "mysql", "mail"])],
        &[("nginx", "app"), ("app", "mysql"), ("app", "redis"), ("worker", "redis"), ("mail", "nginx")],
        &["nginx"],
    )
}

fn many(services: usize, networks: usize) -> ViewV1 {
    let names: Vec<String> = (0..services).map(|index| format!("service-{index}")).collect();
    let groups = ["edge", "app", "app", "app", "data", "operations"];
    let list: Vec<(&str, &str)> =
        names.iter().enumerate().map(|(index, name)| (name.as_str(), groups[index % groups.len()])).collect();
    let members: Vec<Vec<&str>> = (0..networks)
        .map(|network| names.iter().enumerate().filter(move |(index, _)| index % networks == network || index % 7 == 0))
        .map(|members| members.map(|(_, name)| name.as_str()).collect())
        .collect();
    let nets: Vec<String> = (0..networks).map(|index| format!("net-{index}")).collect();
    let nets: Vec<(&str, &[&str])> =
        nets.iter().zip(&members).map(|(name, members)| (name.as_str(), members.as_slice())).collect();
    let needs: Vec<(&str, &str)> =
        (1..services).map(|index| (names[index].as_str(), names[index / 2].as_str())).collect();
    view(&list, &nets, &needs, &["service-0", "service-6"])
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

fn sound(layout: &Layout) {
    for (index, a) in layout.boxes.iter().enumerate() {
        assert!(
            a.rect.x >= 0.0 && a.rect.y >= 0.0 && a.rect.right() <= layout.width && a.rect.bottom() <= layout.height
        );
        for b in &layout.boxes[index + 1..] {
            assert!(!overlap(a.rect, b.rect), "{} and {}", a.name, b.name);
        }
    }
}

fn line<'a>(layout: &'a Layout, from: &str, to: &str) -> &'a PlacedLine {
    layout.lines.iter().find(|line| (line.from.as_str(), line.to.as_str()) == (from, to)).unwrap()
}

#[test]
fn columns_by_what_services_are_for() {
    let layout = layout(&shop());
    sound(&layout);
    let titles: Vec<&str> = layout.columns.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(titles, ["Internet", "Edge", "Application", "Data"]);
    let x = |name: &str| layout.boxes.iter().find(|one| one.name == name).unwrap().rect.x;
    assert!(x("internet") < x("nginx") && x("nginx") < x("app") && x("app") < x("redis"));
    assert_eq!(x("mail"), x("app"), "what nothing is known of stands with the application");
}

#[test]
fn lines_say_what_they_are() {
    let layout = layout(&shop());
    assert_eq!(line(&layout, "internet", "nginx").kind, LineKind::Exposed);
    assert_eq!(line(&layout, "nginx", "app").kind, LineKind::Needed);
    assert_eq!(line(&layout, "mail", "nginx").kind, LineKind::Missing);
    assert_eq!(line(&layout, "redis", "mysql").kind, LineKind::Excess);
    let kinds: Vec<LineKind> = layout.lines.iter().map(|line| line.kind).collect();
    assert!(kinds.is_sorted(), "what matters lies on top");
    assert!(layout.lines.iter().all(|line| line.d.starts_with('M') && !line.d.contains("NaN")));
}

#[test]
fn a_line_that_passes_a_column_goes_between_its_boxes() {
    let view = view(
        &[("web", "edge"), ("a", "app"), ("b", "app"), ("db", "data")],
        &[("one", &["web", "a", "b", "db"])],
        &[("web", "db")],
        &[],
    );
    let layout = layout(&view);
    let d = &line(&layout, "web", "db").d;
    assert_eq!((d.matches('C').count(), d.matches('H').count()), (2, 1), "{d}");
    let y: f64 = d.split('H').next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(
        layout.boxes.iter().all(|one| y < one.rect.y || y > one.rect.bottom() || !["a", "b"].contains(&&*one.name))
    );
}

#[test]
fn networks_are_hulls_with_a_track_each() {
    let layout = layout(&shop());
    let names: Vec<&str> = layout.networks.iter().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["back", "front"], "the largest first");
    assert!(layout.networks.iter().all(|network| network.d.ends_with('Z') && network.spine.starts_with('M')));
    assert!(layout.tabs.is_empty());
    let labels: Vec<f64> = layout.networks.iter().map(|network| network.label.1).collect();
    let top = layout.boxes.iter().map(|one| one.rect.y).fold(f64::MAX, f64::min);
    assert!(labels[1] - labels[0] >= 14.0 && labels[1] < top);
}

#[test]
fn many_networks_become_tabs_with_a_key() {
    let view = many(60, 11);
    let layout = layout(&view);
    sound(&layout);
    assert_eq!(layout.networks.len(), 11);
    assert!(layout.networks.iter().all(|network| network.d.is_empty() && network.spine.is_empty()));
    assert_eq!(layout.tabs.iter().filter(|tab| tab.service.is_none()).count(), 11);
    let all: usize = view.networks.iter().map(|network| network.members.len()).sum();
    assert_eq!(layout.tabs.iter().filter(|tab| tab.service.is_some()).count(), all);
    assert!(layout.tabs.iter().all(|tab| tab.rect.bottom() <= layout.height && tab.rect.right() <= layout.width));
}

#[test]
fn sixty_services_on_one_network_wrap_and_hide_what_is_too_much() {
    let view = many(60, 1);
    let layout = layout(&view);
    sound(&layout);
    let drawn = layout.lines.iter().filter(|line| line.kind == LineKind::Excess).count();
    assert_eq!((drawn, drawn + layout.hidden_excess), (MOST_EXCESS, view.segmentation.excess.len()));
    assert!(layout.height < 1200.0, "{}", layout.height);
    assert_eq!(layout, super::layout(&view));
}

#[test]
fn nothing_and_little() {
    assert_eq!(layout(&view(&[], &[], &[], &[])), Layout::default());
    let alone = layout(&view(&[("app", "app")], &[], &[], &[]));
    sound(&alone);
    assert_eq!((alone.boxes.len(), alone.networks.len(), alone.columns.len()), (1, 0, 1));
}

#[test]
fn columns_wrap_evenly() {
    assert_eq!([rows(0), rows(1), rows(12), rows(13), rows(30)], [1, 1, 12, 7, 10]);
}

#[test]
fn five_hundred_services_are_laid_out() {
    let layout = layout(&many(500, 20));
    sound(&layout);
    assert_eq!(layout.boxes.len(), 501);
}

#[test]
fn coordinates_are_short() {
    assert_eq!([0.0, -0.01, 12.0, 12.34, -3.5].map(coordinate), ["0", "0", "12", "12.3", "-3.5"]);
}
