//! Load order: each step sees what the ones before it made.

use crate::{default, it, notices, service, show, slice};
use plimsoll_core::model::interpolate::Certainty;

#[test]
fn values_are_interpolated_and_keys_are_not() {
    it("image: x\nenvironment:\n  ${KEY:-A}: ${VALUE:-b}", |it| {
        let variable = &it.environment[0];
        assert_eq!(variable.key, "${KEY:-A}");
        assert_eq!(variable.value.as_ref().unwrap().text, "b");
    });
}

#[test]
fn single_quotes_do_not_protect() {
    it("image: '${IMAGE:-php}'", |it| assert_eq!(it.image.as_ref().unwrap().text, "php"));
}

#[test]
fn block_scalars_are_interpolated() {
    it("image: x\ncommand: |\n  serve ${PORT:-80}\n  $$HOME", |it| {
        let command = it.command.as_ref().unwrap().text();
        assert!(command.contains("serve 80"), "{command}");
    });
    it("image: >-\n  ${IMAGE:-php}", |it| assert_eq!(it.image.as_ref().unwrap().text, "php"));
}

#[test]
fn a_list_item_is_a_value_so_its_key_is_interpolated() {
    it("image: x\nenvironment: [\"${KEY:-A}=b\"]", |it| assert_eq!(it.environment[0].key, "A"));
}

#[test]
fn interpolation_comes_before_include() {
    let files = [
        ("compose.yaml", "include: [\"${WHERE:-sub}/compose.yaml\"]\nservices: {}\n"),
        ("sub/compose.yaml", "services:\n  it: {image: x}\n"),
    ];
    default(&files, |_, view| assert_eq!(view.services.len(), 1));
}

#[test]
fn include_comes_before_extends() {
    let files = [
        ("compose.yaml", "include: [sub/compose.yaml]\nservices:\n  it:\n    extends: base\n    user: u\n"),
        ("sub/compose.yaml", "services:\n  base: {image: x}\n"),
    ];
    default(&files, |_, view| assert_eq!(service(view, "it").image.as_ref().unwrap().text, "x"));
}

#[test]
fn reset_takes_effect_before_the_merge_and_stays_for_later_files() {
    let files = [(
        "compose.yaml",
        "services:\n  it: {image: x, ports: [\"80:80\"]}\n---\nservices:\n  it:\n    ports: !reset []\n---\nservices:\n  it:\n    ports: [\"81:81\"]\n",
    )];
    default(&files, |_, view| {
        assert_eq!(show(service(view, "it").node.get("ports").unwrap()), "[81:81]");
    });
}

#[test]
fn reset_on_a_scalar_and_on_a_key_of_a_mapping() {
    let files = [
        ("compose.yaml", "services:\n  it: {image: x, privileged: true, environment: {A: \"1\", B: \"2\"}}\n"),
        (
            "compose.override.yaml",
            "services:\n  it:\n    privileged: !reset false\n    environment:\n      A: !reset null\n",
        ),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert!(it.privileged.is_none());
        assert_eq!(it.environment.iter().map(|variable| variable.key.as_str()).collect::<Vec<_>>(), ["B"]);
    });
}

#[test]
fn anchors_and_merge_keys_are_followed_and_point_where_they_are_written() {
    let text = "x-base: &base\n  image: x\n  environment: {A: \"1\"}\nservices:\n  it:\n    <<: *base\n    user: u\n";
    default(&[("compose.yaml", text)], |project, view| {
        let it = service(view, "it");
        let image = it.image.as_ref().unwrap();
        assert_eq!((image.text.as_str(), slice(project, image.at).as_str()), ("x", "x"));
        assert_eq!(image.at.span.range().start, text.find("image: x").unwrap() + 7);
        assert_eq!(it.environment[0].key, "A");
    });
}

#[test]
fn own_keys_win_over_merge_keys_and_earlier_sources_over_later_ones() {
    let text = "x-a: &a {image: a, user: a}\nx-b: &b {image: b, hostname: b}\nservices:\n  it:\n    <<: [*a, *b]\n    user: own\n";
    default(&[("compose.yaml", text)], |_, view| {
        let it = service(view, "it");
        assert_eq!(it.image.as_ref().unwrap().text, "a");
        assert_eq!(it.user.as_ref().unwrap().text, "own");
        assert_eq!(it.hostname.as_ref().unwrap().text, "b");
    });
}

#[test]
fn a_text_that_a_variable_decides_is_cast_where_a_boolean_is_asked_for() {
    for (value, want) in [
        ("\"${P:-yes}\"", Some(true)),
        ("${P:-true}", Some(true)),
        ("'${P-off}'", Some(false)),
        ("yes", Some(true)),
        ("${P}", None),
    ] {
        it(&format!("image: x\nprivileged: {value}"), |it| {
            assert_eq!(it.privileged.map(|flag| flag.value), want, "{value}");
        });
    }
}

#[test]
fn numbers_are_cast_after_substitution() {
    it("image: x\npids_limit: \"${PIDS:-100}\"\nscale: ${N:-2}\nmem_limit: ${M:-64m}", |it| {
        assert_eq!(it.limits.pids.as_ref().unwrap().value, Some(100.0));
        assert_eq!(it.replicas(), Some(2));
        assert_eq!(it.limits.memory.as_ref().unwrap().value, Some(67_108_864.0));
    });
}

#[test]
fn what_cannot_be_cast_is_noted_at_the_value() {
    let files = [("compose.yaml", "services:\n  it:\n    image: x\n    privileged: \"${P:-maybe}\"\n")];
    let found = notices(&files, "compose/value");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, "\"${P:-maybe}\"");
}

#[test]
fn an_unknown_value_is_neither_true_nor_false_nor_absent() {
    it("image: ${IMAGE}\nprivileged: ${P}\nread_only: true", |it| {
        assert_eq!(it.image.as_ref().unwrap().certainty, Certainty::Unknown);
        assert!(it.privileged.is_none());
        assert!(it.unknown("privileged").is_some());
        assert!(it.unknown("read_only").is_none());
        assert!(it.unknown("tty").is_none());
    });
}

#[test]
fn documents_of_one_file_merge_in_their_order() {
    let text = "services:\n  it: {image: a, cap_add: [X]}\n---\nservices:\n  it: {image: b, cap_add: [Y]}\n";
    default(&[("compose.yaml", text)], |_, view| {
        let it = service(view, "it");
        assert_eq!(it.image.as_ref().unwrap().text, "b");
        assert_eq!(show(it.node.get("cap_add").unwrap()), "[X,Y]");
    });
}

#[test]
fn short_forms_become_long_ones() {
    it("image: x\nbuild: ./app\ndepends_on: [db]\nenv_file: a.env", |it| {
        assert_eq!(it.build.as_ref().unwrap().context, "./app");
        assert_eq!(it.depends_on[0].condition, "service_started");
        assert!(it.env_files[0].required);
    });
}

#[test]
fn defaults_are_filled_in() {
    it("build: {target: prod}", |it| {
        let build = it.build.as_ref().unwrap();
        assert_eq!(build.context, ".");
        assert_eq!(it.network_names(), ["default"]);
        assert_eq!(it.replicas(), Some(1));
    });
}
