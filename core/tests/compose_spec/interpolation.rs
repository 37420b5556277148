//! Variables in values.

use crate::{default, it, notices, service};
use plimsoll_core::model::interpolate::{Certainty, interpolate};

fn read(text: &str) -> (String, Certainty) {
    let out = interpolate(text, &|name| match name {
        "SET" => Some("v".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    });
    (out.text, out.certainty)
}

#[test]
fn names_with_and_without_braces() {
    for text in ["$SET", "${SET}"] {
        assert_eq!(read(text), ("v".to_owned(), Certainty::Known));
    }
    assert_eq!(read("$SET-x$SETx").0, "v-x${SETx}", "a name is as long as it can be");
}

#[test]
fn names_are_letters_digits_and_underscores() {
    let out = interpolate("$_a1-$a.b", &|name| Some(format!("<{name}>")));
    assert_eq!(out.text, "<_a1>-<a>.b");
}

#[test]
fn default_when_unset_or_empty() {
    assert_eq!(read("${NO:-d}").0, "d");
    assert_eq!(read("${EMPTY:-d}").0, "d");
    assert_eq!(read("${SET:-d}").0, "v");
}

#[test]
fn default_when_unset() {
    assert_eq!(read("${NO-d}").0, "d");
    assert_eq!(read("${EMPTY-d}").0, "");
}

#[test]
fn required_variables() {
    for text in ["${NO:?set it}", "${NO?set it}", "${EMPTY:?set it}"] {
        let out = interpolate(text, &|name| (name == "EMPTY").then(String::new));
        assert_eq!(out.certainty, Certainty::Unknown, "{text}");
        assert_eq!(out.required.len(), 1, "{text}");
        assert!(out.refused.is_none(), "the shell may set it");
    }
    assert_eq!(read("${EMPTY?set it}"), (String::new(), Certainty::Known));
    assert_eq!(read("${SET:?set it}"), ("v".to_owned(), Certainty::Known));
}

#[test]
fn a_service_tells_which_variables_it_cannot_start_without() {
    it("image: x\nenvironment:\n  A: ${NO:?set it}", |it| {
        let scalar = it.node.get("environment").unwrap().get("A").unwrap().scalar().unwrap().clone();
        assert_eq!(scalar.required, ["NO"]);
    });
}

#[test]
fn alternative_values() {
    assert_eq!(read("${SET:+alt}").0, "alt");
    assert_eq!(read("${EMPTY:+alt}").0, "");
    assert_eq!(read("${EMPTY+alt}").0, "alt");
    assert_eq!(read("${NO+alt}").0, "");
}

#[test]
fn defaults_and_messages_nest() {
    assert_eq!(read("${NO:-${NO2:-${SET}}}").0, "v");
    assert_eq!(read("${NO:-a-${SET}-b}").0, "a-v-b");
    assert_eq!(read("${NO:?${SET} is missing}").1, Certainty::Unknown);
    assert_eq!(read("${SET:+${NO:-x}}").0, "x");
}

#[test]
fn two_dollars_are_one() {
    assert_eq!(read("$$SET $${SET} $$$SET"), ("$SET ${SET} $v".to_owned(), Certainty::Known));
}

#[test]
fn dollars_that_begin_no_name_are_text() {
    for text in ["$1", "$ x", "x$", "$-", "a$.b"] {
        assert_eq!(read(text), (text.to_owned(), Certainty::Known), "{text}");
    }
}

#[test]
fn malformed_references_are_errors_at_their_place() {
    for (value, shown) in [
        ("\"a ${ b\"", "${ b"),
        ("\"x ${} y\"", "${}"),
        ("\"${A B}\"", "${A B}"),
        ("\"é ${A:=b} z\"", "${A:=b}"),
        ("\"${OK:-${A B}}\"", "${A B}"),
    ] {
        let text = format!("services:\n  it:\n    image: {value}\n");
        let found = notices(&[("compose.yaml", &text)], "compose/interpolation");
        assert_eq!(found.len(), 1, "{value}");
        assert_eq!(found[0].1, shown, "{value}");
    }
}

#[test]
fn an_unset_variable_is_unknown_because_the_shell_may_set_it() {
    it("image: x:${TAG}", |it| {
        let image = it.image.as_ref().unwrap();
        assert_eq!((image.text.as_str(), image.certainty), ("x:${TAG}", Certainty::Unknown));
        assert_eq!(image.variables, ["TAG"]);
    });
}

#[test]
fn the_env_file_of_the_project_gives_values() {
    let files = [
        (".env", "TAG=1.2\nFULL=\"v${TAG}\"\nRAW='${TAG}'\n"),
        ("compose.yaml", "services:\n  it:\n    image: x:${TAG}\n    hostname: ${FULL}\n    user: ${RAW}\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert_eq!(it.image.as_ref().unwrap().text, "x:1.2");
        assert_eq!(it.image.as_ref().unwrap().certainty, Certainty::Known);
        assert_eq!(it.hostname.as_ref().unwrap().text, "v1.2");
        assert_eq!(it.user.as_ref().unwrap().text, "${TAG}", "single quotes hold in a .env");
    });
}

#[test]
fn the_env_file_feeds_interpolation_and_not_the_container() {
    let files = [(".env", "SECRET=1\n"), ("compose.yaml", "services:\n  it: {image: x}\n")];
    default(&files, |_, view| assert!(service(view, "it").variables.is_empty()));
}

#[test]
fn an_env_file_of_a_service_does_not_feed_interpolation() {
    let files = [("a.env", "TAG=1\n"), ("compose.yaml", "services:\n  it: {image: \"x:${TAG}\", env_file: a.env}\n")];
    default(&files, |_, view| assert!(!service(view, "it").image.as_ref().unwrap().is_known()));
}
