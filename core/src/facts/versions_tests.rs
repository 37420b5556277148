use super::*;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|| panic!("no version: {text}"))
}

#[test]
fn versions_in_order() {
    let order = [
        "0.9",
        "1.0.0-dev",
        "1.0.0-alpha",
        "1.0.0-alpha1-dev",
        "1.0.0-alpha1",
        "1.0.0-alpha2",
        "1.0.0-alpha10",
        "1.0.0-beta",
        "1.0.0-beta2",
        "1.0.0-RC1",
        "1.0.0-rc.2",
        "1.0.0",
        "1.0.0-p1",
        "1.0.0-p2",
        "1.0.0-patch10",
        "1.0.0.1",
        "1.0.9",
        "1.0.10",
        "1.0.x-dev",
        "1.1",
        "1.10.3",
        "1.x-dev",
        "2",
        "10.0",
    ];
    for pair in order.windows(2) {
        assert!(version(pair[0]) < version(pair[1]), "{} before {}", pair[0], pair[1]);
    }
}

#[test]
fn one_version_in_many_spellings() {
    for (a, b) in [
        ("v1.2.3", "1.2.3"),
        ("V1.2", "1.2.0.0"),
        ("1", "1.0.0"),
        ("1.2.3-stable", "1.2.3"),
        ("1.2.3RC1", "1.2.3-rc1"),
        ("1.2.3.RC1", "1.2.3-RC.1"),
        ("1.2.3_b2", "1.2.3-beta2"),
        ("1.2.3pl1", "1.2.3-p1"),
        ("1.2.3-a.1", "1.2.3-alpha1"),
        ("1.2.3+build.7", "1.2.3"),
        (" 1.2.3 ", "1.2.3"),
    ] {
        assert!(version(a).cmp(&version(b)).is_eq(), "{a} {b}");
    }
}

#[test]
fn branches_and_nonsense_have_no_order() {
    for text in [
        "dev-main",
        "dev-1.x",
        "main",
        "",
        "v",
        ".",
        "1..2",
        "1.",
        "20240131",
        "1.2.3.4.5",
        "1.2.3-foo",
        "1.2-ü",
        "x.1-dev",
        "1.2.3-beta2foo",
    ] {
        assert_eq!(Version::parse(text), None, "{text}");
    }
    assert_eq!(Version::parse(&"1".repeat(200)), None);
    assert!(version("1.99999999999999999999999") > version("1.5"));
}

#[test]
fn ranges_as_composer_reads_them() {
    let contains = |ranges: &str, text: &str| Ranges::parse(ranges).unwrap().contains(&version(text));
    for (ranges, text, want) in [
        (">=1.0,<1.2.3", "1.2.2", true),
        (">=1.0,<1.2.3", "1.2.3", false),
        // A bound without a stability means pre-releases too.
        (">=1.0,<1.2.3", "1.2.3-RC1", false),
        (">=1.0,<1.2.3", "1.0.0-alpha1", true),
        (">=1.0.0-rc2,<1.2", "1.0.0-rc1", false),
        (">=1.0.0-rc2,<1.2", "1.0.0-rc2", true),
        ("<2.4.6-p2", "2.4.6-p1", true),
        ("<2.4.6-p2", "2.4.6", true),
        ("<2.4.6-p2", "2.4.6-p2", false),
        ("<=1.7.2|>=2.0.0,<=2.1.0", "1.7.2", true),
        ("<=1.7.2|>=2.0.0,<=2.1.0", "1.8", false),
        ("<=1.7.2||>=2.0.0, <=2.1.0", "2.1.0", true),
        (">0.7.1,<1.0.4", "0.7.1", false),
        (">0.7.1,<1.0.4", "0.7.2", true),
        ("1.2", "1.2.0", true),
        ("==1.2", "1.2.1", false),
        (">=1,!=1.5,<2", "1.5.0", false),
        ("*", "3.1", true),
        ("", "3.1", false),
        (">=1.0,<2.0", "1.x-dev", true),
    ] {
        assert_eq!(contains(ranges, text), want, "{ranges} {text}");
    }
    for bad in [">=", "^1.2", "~1.2", "<x", ">=1.0 <2.0", "1.2 as 1.3"] {
        assert!(Ranges::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_fixes_it() {
    let fixed = |ranges: &str, text: &str| Ranges::parse(ranges).unwrap().end_after(&version(text)).map(str::to_owned);
    assert_eq!(fixed(">=1.0,<1.2.3|>=2.0,<2.1", "1.1").as_deref(), Some("1.2.3"));
    assert_eq!(fixed(">=1.0,<2.0|>=2.0,<2.1.4", "1.1").as_deref(), Some("2.1.4"), "ranges that meet");
    assert_eq!(fixed("<=1.7.2", "1.1"), None, "no version is named");
    assert_eq!(fixed(">=1.0,<2.0|>=2.0", "1.1"), None, "there is no end");
    assert_eq!(fixed("<1.0", "3.0"), None);
}

#[test]
fn shortened_versions() {
    let ranges = Ranges::parse("<6.2.20|>=7.0,<7.2.11|>=7.4,<7.4.6").unwrap();
    let judge = |text: &str| {
        let (first, last) = Version::span_of(text).unwrap();
        (ranges.covers(&first, &last), ranges.touches(&first, &last))
    };
    assert_eq!(judge("7.0"), (true, true));
    assert_eq!(judge("7.2"), (false, true));
    assert_eq!(judge("7.2.10"), (true, true));
    assert_eq!(judge("7.2.11"), (false, false));
    assert_eq!(judge("7"), (false, true));
    assert_eq!(judge("8"), (false, false));
    assert_eq!(judge("5"), (true, true));
}
