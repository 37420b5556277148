//! The container's environment.

use crate::{codes, default, it, project, service, slice};
use plimsoll_core::model::compose::EnvOrigin;

#[test]
fn a_mapping_and_a_list() {
    for body in ["environment: {A: \"1\", B: two words}", "environment: [A=1, B=two words]"] {
        it(&format!("image: x\n{body}"), |it| {
            let shown: Vec<(&str, &str)> = it
                .environment
                .iter()
                .map(|variable| (variable.key.as_str(), variable.value.as_ref().unwrap().text.as_str()))
                .collect();
            assert_eq!(shown, [("A", "1"), ("B", "two words")]);
        });
    }
}

#[test]
fn names_without_a_value_are_passed_through() {
    for body in ["environment: {A: }", "environment: {A: null}", "environment: [A]"] {
        it(&format!("image: x\n{body}"), |it| assert!(it.environment[0].value.is_none(), "{body}"));
    }
    it("image: x\nenvironment: [\"A=\"]", |it| assert_eq!(it.environment[0].value.as_ref().unwrap().text, ""));
}

#[test]
fn a_passed_through_name_takes_the_value_of_the_env_file_of_the_project() {
    let files = [(".env", "A=from env\n"), ("compose.yaml", "services:\n  it: {image: x, environment: [A, B]}\n")];
    default(&files, |project, view| {
        let it = service(view, "it");
        let value = it.variable("A").unwrap().value.as_ref().unwrap();
        assert_eq!((value.text.as_str(), slice(project, value.at).as_str()), ("from env", "from env"));
        assert_eq!(value.variables, ["A"]);
        assert!(it.variable("B").unwrap().value.is_none());
    });
}

#[test]
fn numbers_and_booleans_become_text() {
    it("image: x\nenvironment: {A: 1, B: true, C: 1.5}", |it| {
        let shown: Vec<&str> = it.environment.iter().map(|v| v.value.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(shown, ["1", "true", "1.5"]);
    });
}

const FILES: [(&str, &str); 3] = [
    ("one.env", "A=one\nB=one\nC=one\n"),
    ("two.env", "B=two\nC=two\n"),
    ("compose.yaml", "services:\n  it:\n    image: x\n    env_file: [one.env, two.env]\n    environment: {C: own}\n"),
];

#[test]
fn environment_over_the_last_file_over_the_first() {
    default(&FILES, |project, view| {
        let it = service(view, "it");
        let value = |key: &str| it.variable(key).unwrap().value.as_ref().unwrap();
        assert_eq!(value("A").text, "one");
        assert_eq!(value("B").text, "two");
        assert_eq!(value("C").text, "own");
        assert_eq!(it.variable("C").unwrap().origin, EnvOrigin::Compose);
        assert_eq!(it.variable("B").unwrap().origin, EnvOrigin::EnvFile);
        assert_eq!(project.path(value("B").at.source), "two.env");
    });
}

#[test]
fn env_file_forms() {
    for (form, required, raw) in [
        ("a.env", true, false),
        ("[a.env]", true, false),
        ("[{path: a.env}]", true, false),
        ("[{path: a.env, required: false}]", false, false),
        ("[{path: a.env, format: raw}]", true, true),
    ] {
        it(&format!("image: x\nenv_file: {form}"), |it| {
            let file = &it.env_files[0];
            assert_eq!((file.path.text.as_str(), file.required, file.raw), ("a.env", required, raw), "{form}");
        });
    }
}

#[test]
fn a_required_file_that_is_missing_is_asked_for() {
    let asked = |body: &str| {
        let text = format!("services:\n  it: {{image: x, env_file: {body}}}\n");
        project(&[("compose.yaml", &text)], |project| project.questions.len())
    };
    assert_eq!(asked("a.env"), 1);
    assert_eq!(asked("[{path: a.env, required: false}]"), 0);
}

#[test]
fn raw_files_are_taken_as_they_are() {
    let files = [
        ("a.env", "A='x' # y\nB=${A}\n"),
        ("compose.yaml", "services:\n  it: {image: x, env_file: [{path: a.env, format: raw}]}\n"),
    ];
    default(&files, |project, view| {
        let it = service(view, "it");
        let value = |key: &str| it.variable(key).unwrap().value.as_ref().unwrap();
        assert_eq!(value("A").text, "'x' # y");
        assert_eq!((value("B").text.as_str(), value("B").is_known()), ("${A}", true));
        assert_eq!(slice(project, value("B").at), "${A}");
    });
}

#[test]
fn files_of_a_service_are_interpolated() {
    let files = [
        (".env", "TOP=top\n"),
        ("a.env", "A=${TOP}\nB=${A}-b\nC=${OWN}\nD=${NO}\nE='${TOP}'\n"),
        ("compose.yaml", "services:\n  it: {image: x, env_file: a.env, environment: {OWN: own}}\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        let value = |key: &str| it.variable(key).unwrap().value.as_ref().unwrap();
        assert_eq!(value("A").text, "top");
        assert_eq!(value("B").text, "top-b");
        assert_eq!(value("C").text, "own");
        assert!(!value("D").is_known());
        assert_eq!(value("E").text, "${TOP}");
    });
}

#[test]
fn many_variables_are_read_in_linear_time() {
    let env: String = (0..50_000).map(|n| format!("A{n}={n}\n")).collect();
    let files = [("a.env", env.as_str()), ("compose.yaml", "services:\n  it: {image: x, env_file: a.env}\n")];
    default(&files, |_, view| assert_eq!(service(view, "it").variables.len(), 50_000));
    assert!(codes(&files).is_empty());
}
