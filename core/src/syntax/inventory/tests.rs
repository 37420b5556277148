use super::*;

const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");

fn shapes(text: &str) -> Vec<Shape> {
    let read = parse(text);
    assert_eq!(read.errors, [], "{text}");
    let mut out: Vec<Shape> = Vec::new();
    for record in &read.records {
        if let Body::Object(shape, _) = &record.body {
            out.push(*shape);
        }
    }
    out.dedup();
    out
}

#[test]
fn every_listed_shape_is_recognised_by_its_keys() {
    for (text, want) in [
        (include_str!("../../../tests/data/inventory/ps.ndjson"), vec![Shape::Ps]),
        (include_str!("../../../tests/data/inventory/ps-old.ndjson"), vec![Shape::Ps]),
        (include_str!("../../../tests/data/inventory/compose-ps.ndjson"), vec![Shape::ComposePs]),
        (include_str!("../../../tests/data/inventory/podman-ps.json"), vec![Shape::PodmanPs]),
        (include_str!("../../../tests/data/inventory/inspect.json"), vec![Shape::Container]),
        (include_str!("../../../tests/data/inventory/images.ndjson"), vec![Shape::ImageTag]),
        (include_str!("../../../tests/data/inventory/image-inspect.json"), vec![Shape::Image]),
        (include_str!("../../../tests/data/inventory/volumes.ndjson"), vec![Shape::Volume]),
        (include_str!("../../../tests/data/inventory/volume-inspect.json"), vec![Shape::Volume]),
        (include_str!("../../../tests/data/inventory/networks.ndjson"), vec![Shape::NetworkLine]),
        (include_str!("../../../tests/data/inventory/network-inspect.json"), vec![Shape::Network]),
        (include_str!("../../../tests/data/inventory/podman-network.json"), vec![Shape::Network]),
        (include_str!("../../../tests/data/inventory/system-df-v.json"), vec![Shape::Usage]),
        (include_str!("../../../tests/data/inventory/system-df.ndjson"), vec![Shape::UsageRow]),
        (include_str!("../../../tests/data/inventory/system-df.txt"), vec![Shape::UsageRow]),
        (
            include_str!("../../../tests/data/inventory/system-df-v.txt"),
            vec![Shape::ImageTag, Shape::Ps, Shape::Volume, Shape::BuildCache],
        ),
        (include_str!("../../../tests/data/inventory/version.json"), vec![Shape::Version]),
        (include_str!("../../../tests/data/inventory/info.json"), vec![Shape::Info]),
        (include_str!("../../../tests/data/inventory/diff.txt"), vec![]),
        (include_str!("../../../tests/data/inventory/diff.json"), vec![]),
        (include_str!("../../../tests/data/inventory/config-hash.txt"), vec![]),
    ] {
        assert_eq!(shapes(text), want, "{text}");
        assert!(crate::detect::sniff(text), "{text}");
    }
}

#[test]
fn what_the_collector_writes_is_read_whole() {
    let read = parse(RUNNING);
    assert_eq!(read.errors, []);
    assert_eq!(
        read.taken.as_ref().map(|(text, span)| (text.as_str(), span.slice(RUNNING))),
        Some(("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"))
    );
    let of = |shape: Shape| {
        read.records.iter().filter(|record| matches!(record.body, Body::Object(known, _) if known == shape)).count()
    };
    assert_eq!((of(Shape::Ps), of(Shape::Container), of(Shape::Image), of(Shape::Usage)), (5, 4, 4, 1));
    assert!(read.sections.iter().any(|section| section.is("ps") && section.command.starts_with("ps -a")));
    assert!(read.sections.iter().any(|section| section.is("image inspect")) && !read.sections[0].is("ver"));
    let subjects: Vec<&str> = read
        .sections
        .iter()
        .filter_map(|section| section.subject.as_ref())
        .map(|(name, span)| {
            assert_eq!(span.slice(RUNNING), name);
            name.as_str()
        })
        .collect();
    assert_eq!(subjects.len(), 2);
    let changes: Vec<&Change> = read
        .records
        .iter()
        .filter_map(|record| match &record.body {
            Body::Change(change) => Some(change),
            _ => None,
        })
        .collect();
    assert_eq!(changes.len(), 21);
    assert!(changes.iter().all(|change| change.path_span.slice(RUNNING) == change.path));
    assert_eq!(changes.last().unwrap().path, "/srv/a file with spaces");
    assert_eq!((changes[1].kind.letter(), changes[0].kind), ('A', ChangeKind::Changed));
}

#[test]
fn headers_in_other_words() {
    let read =
        parse("### shop-app-1\nC /etc\n$ docker container diff \"shop-db-1\"\nD /x\n### Not a command\n# a comment\n");
    assert_eq!(read.errors, []);
    let subjects: Vec<&str> =
        read.sections.iter().filter_map(|section| Some(section.subject.as_ref()?.0.as_str())).collect();
    assert_eq!(subjects, ["shop-app-1", "shop-db-1"]);
    assert_eq!(read.comments.len(), 2);
    let sections: Vec<Option<usize>> = read.records.iter().map(|record| record.section).collect();
    assert_eq!(sections, [Some(0), Some(1)]);
}

#[test]
fn values_of_variables_are_hidden_and_nothing_moves() {
    let text = include_str!("../../../tests/data/inventory/inspect.json");
    let hidden = redacted(text);
    assert_eq!(hidden.len(), text.len());
    for secret in ["hunter2", "Wint", "2023", "c2VjcmV0", "production"] {
        assert!(text.contains(secret) && !hidden.contains(secret), "{secret}");
    }
    assert!(hidden.contains("\"DB_PASSWORD=***") && hidden.contains("\"APP_KEY=*"));
    let (before, after) = (parse(text), parse(&hidden));
    assert_eq!(before.values, after.values);
    assert_eq!(before.records.len(), after.records.len());
    assert!(
        redacted(r#"[{"Id":"a","State":{},"Config":{"Env":["A=\"x\\","B","C="]}}]"#)
            .contains(r#"["A=*****","B","C="]"#)
    );
}

#[test]
fn a_broken_document_does_not_take_the_next_one_along() {
    let line = |name: &str| {
        format!("{{\"ID\":\"{name}{name}{name}\",\"Names\":\"{name}\",\"Image\":\"x\",\"Status\":\"Up\"}}")
    };
    for broken in [
        "{\"ID\":\"bbbb\",\"Names\":\"b",
        "{\"ID\":\"bbbb\",",
        "{\"ID\":\"bbbb\",\"Labels\":{\"a\":\"b\"",
        "[{\"Id\": \"x\"",
        "{\"ID\":",
        "{\"ID\" \"b\"}",
    ] {
        let text = format!("{}\n{broken}\n{}\nC /etc\n### docker ps\n{}\n", line("aaaa"), line("cccc"), line("dddd"));
        let read = parse(&text);
        let names: Vec<&str> = read
            .records
            .iter()
            .filter_map(|record| match &record.body {
                Body::Object(Shape::Ps, value) => value.get("Names")?.str(),
                _ => None,
            })
            .collect();
        assert!(!read.errors.is_empty(), "{broken}");
        for name in ["aaaa", "cccc", "dddd"] {
            if broken != "{\"ID\":" || name != "cccc" {
                assert!(names.contains(&name), "{broken}: {names:?}");
            }
        }
        assert!(
            read.records.iter().any(|record| matches!(record.body, Body::Change(_))) || broken == "{\"ID\":",
            "{broken}"
        );
        for error in &read.errors {
            assert_eq!(error.span.clamp(&text), error.span);
        }
    }
}

#[test]
fn what_is_nothing_known_is_one_error() {
    let read = parse("Dear all,\nhere is what you asked for:\n\nC /etc\nbye\n[1, 2]\n{\"a\": 1}\n");
    let said: Vec<&str> = read.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(read.errors.len(), 5, "{said:?}");
    assert_eq!(read.records.len(), 1);
    assert!(read.errors[0].help.as_deref().unwrap().contains("json"));
}

#[test]
fn line_ends_marks_and_two_documents_on_a_line() {
    let text = "\u{feff}{\"ID\":\"a1\",\"Names\":\"é\",\"Image\":\"x\",\"Status\":\"Up\"}{\"ID\":\"b1\",\"Names\":\"y\",\"Image\":\"x\",\"Status\":\"Up\"}\r\nA /é\r\n";
    let read = parse(text);
    assert_eq!(read.errors, []);
    assert_eq!(read.records.len(), 3);
    for record in &read.records {
        match &record.body {
            Body::Object(_, value) => {
                assert!(value.span.slice(text).starts_with("{\"ID\"") && value.span.slice(text).ends_with('}'))
            }
            Body::Change(change) => assert_eq!(change.path_span.slice(text), "/é"),
            Body::Hash { .. } => {}
        }
    }
}

#[test]
fn every_prefix_and_every_hole_is_survived() {
    let mut text = String::new();
    for part in [
        include_str!("../../../tests/data/inventory/ps-old.ndjson"),
        include_str!("../../../tests/data/inventory/system-df-v.txt"),
        include_str!("../../../tests/data/inventory/diff.json"),
        include_str!("../../../tests/data/inventory/config-hash.txt"),
        include_str!("../../../tests/data/inventory/podman-ps.json"),
    ] {
        text.push_str(
            part.get(..900.min(part.len())).filter(|_| part.is_char_boundary(900.min(part.len()))).unwrap_or(part),
        );
        text.push('\n');
    }
    let mut seed = 7u32;
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        let prefix = &text[..end];
        if end % 7 == 0 {
            for error in parse(prefix).errors {
                assert_eq!(error.span.clamp(prefix), error.span);
            }
            assert_eq!(redacted(prefix).len(), prefix.len());
        }
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if seed.is_multiple_of(16) {
            let mut holed = text.clone();
            if let Some(c) = text[end..].chars().next() {
                holed.replace_range(end..end + c.len_utf8(), "");
                let _ = parse(&holed);
            }
        }
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    for text in [
        "{\n".repeat(200_000),
        "[".repeat(400_000),
        "{\"a\":\n".repeat(100_000),
        "{\"ID\":\"x\",\n".repeat(50_000),
        "\"".repeat(300_000),
        "C /a\n".repeat(100_000),
        "TYPE TOTAL\n".repeat(50_000),
        format!("TYPE  TOTAL  ACTIVE\n{}", "é ".repeat(200_000)),
        "x\n".repeat(200_000),
        "### docker diff a\n".repeat(50_000),
        "[{\"Id\":1,\"State\":{},\"Config\":{\"Env\":[\"".repeat(10_000),
    ] {
        let read = parse(&text);
        assert!(read.errors.len() <= MAX_ERRORS);
    }
}
