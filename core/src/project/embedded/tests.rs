use crate::engine::{self, Options};
use crate::finding::NoticeLevel;
use crate::project::Project;
use crate::report::{json, sarif};
use crate::rules::testing::{TODAY, findings, sources};
use crate::source::Location;
use crate::span::Span;

const BLOCK: &str = "services:
  app:
    build:
      context: .
      dockerfile_inline: |
        FROM php:8.4-fpm
        # plimsoll: ignore[mounts/world-writable-permissions] owner=web: a cache
        RUN chmod 777 /cache
        RUN chmod -R 777 /var/www \\
            && echo $$PATH ${NAME:-x}
        COPY <<EOF /etc/x
        key = \"value\"
        EOF
        USER root
    ports: [\"8080:80\"]
";

/// The text of the embedded Dockerfile, and each of its instructions as it is written in the Compose file.
fn read(files: &[(&str, &str)]) -> (String, Vec<String>) {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let Some((id, source)) = project.sources.embedded().next() else { return (String::new(), Vec::new()) };
    let file = project.dockerfile(id).unwrap();
    let spans = file
        .instructions
        .iter()
        .map(|instruction| project.slice(project.sources.origin(Location::new(id, instruction.span))).to_owned());
    (source.text().to_owned(), spans.collect())
}

#[test]
fn a_block_is_read_without_its_indentation() {
    let (text, spans) = read(&[("compose.yaml", BLOCK)]);
    assert_eq!(
        text,
        "FROM php:8.4-fpm\n# plimsoll: ignore[mounts/world-writable-permissions] owner=web: a cache\nRUN chmod 777 /cache\nRUN chmod -R 777 /var/www \\\n    && echo $PATH x\nCOPY <<EOF /etc/x\nkey = \"value\"\nEOF\nUSER root\n"
    );
    assert_eq!(spans.len(), 5);
    assert_eq!(spans[0], "FROM php:8.4-fpm");
    assert_eq!(spans[2], "RUN chmod -R 777 /var/www \\\n            && echo $$PATH ${NAME:-x}");
    assert_eq!(spans[3], "COPY <<EOF /etc/x\n        key = \"value\"\n        EOF");
    assert_eq!(spans[4], "USER root");
}

#[test]
fn every_style_has_its_places() {
    for (value, want, last) in [
        ("|-\n      FROM a\n      USER é\n", "FROM a\nUSER é", "USER é"),
        (">\n      FROM a\n\n      RUN x &&\n      y\n", "FROM a\nRUN x && y\n", "RUN x &&\n      y"),
        ("\"FROM a\\nUSER \\\"b\\\"\\n\"\n", "FROM a\nUSER \"b\"\n", "USER \\\"b\\\""),
        (
            "'FROM a


      USER b'\n",
            "FROM a\n\nUSER b",
            "USER b",
        ),
        ("FROM a\n", "FROM a", "FROM a"),
        ("&x |\r\n      FROM a\r\n      USER b\r\n", "FROM a\nUSER b\n", "USER b"),
    ] {
        let compose = format!("services:\n  a:\n    build:\n     dockerfile_inline: {value}    image: b\n");
        let (text, spans) = read(&[("compose.yaml", &compose)]);
        assert_eq!(text, want, "{value}");
        assert_eq!(spans.last().unwrap(), last, "{value}");
    }
}

#[test]
fn what_cannot_be_followed_is_said_to_be_missing() {
    let compose = "services:\n  a:\n    build:\n      dockerfile_inline: |1\n         FROM a\n";
    let sources = sources(&[("compose.yaml", compose)]);
    let project = Project::new(&sources, TODAY);
    let notice = project.notices.iter().find(|notice| notice.code == "compose/inline-dockerfile").unwrap();
    assert_eq!(notice.level, NoticeLevel::Incomplete);
    assert!(project.slice(notice.at.unwrap()).starts_with("|1"));
}

#[test]
fn findings_and_comments_stand_in_the_compose_file() {
    let sources = sources(&[("compose.yaml", BLOCK), (".dockerignore", "vendor\n")]);
    let report = engine::check(&sources, &Options::new(TODAY));
    assert!(!report.is_incomplete(), "{:?}", report.notices);
    let line = |at: Location| {
        assert_eq!(sources.get(at.source).path(), "compose.yaml");
        sources.get(at.source).line_column(at.span.start).line
    };
    let found: Vec<(&str, u32)> =
        report.findings.iter().map(|finding| (finding.rule.as_ref(), line(finding.primary))).collect();
    assert!(found.contains(&("mounts/world-writable-permissions", 9)), "{found:?}");
    assert!(found.contains(&("php/no-production-php-ini", 6)), "{found:?}");
    assert!(report.suppressed.iter().any(|one| line(one.finding.primary) == 8 && line(one.at) == 7));
    assert!(report.notices.iter().all(|notice| !notice.code.starts_with("suppress/")), "{:?}", report.notices);
    assert_eq!(report.files.len(), 2, "what is inside a file is no file");
    assert_eq!(report.coverage.instructions, 5);
    let wire = json::wire(&report, &sources);
    let places = wire.findings.iter().flat_map(|finding| {
        let related = finding.related.iter().map(|related| &related.location);
        let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.location);
        related.chain(edits).chain([&finding.location])
    });
    assert!(places.clone().count() > 5);
    for place in places {
        let text = sources.get(sources.id(&place.path).unwrap()).text();
        assert!(place.start <= place.end && text.get(place.start as usize..place.end as usize).is_some());
    }
    let sarif = sarif::render(&wire);
    assert!(sarif.contains("compose.yaml") && !sarif.contains("Dockerfile\""));
}

#[test]
fn a_file_wide_comment_counts_for_the_dockerfile_inside() {
    let text = format!("# plimsoll: ignore-file[mounts/world-writable-permissions]: known\n{BLOCK}");
    let report = engine::check(&sources(&[("compose.yaml", &text)]), &Options::new(TODAY));
    assert!(report.findings.iter().all(|finding| finding.rule != "mounts/world-writable-permissions"));
}

#[test]
fn syntax_errors_are_located_in_the_compose_file() {
    let compose = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM a\n        RUNN x\n";
    let sources = sources(&[("compose.yaml", compose)]);
    let project = Project::new(&sources, TODAY);
    let notice = project.notices.iter().find(|notice| notice.code == "syntax/dockerfile").unwrap();
    assert_eq!((notice.path.as_str(), project.slice(notice.at.unwrap())), ("compose.yaml", "RUNN"));
}

#[test]
fn values_of_the_environment_file_are_put_in() {
    let compose =
        "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM php:${VERSION}\n        USER $$U\n";
    let (text, spans) = read(&[("compose.yaml", compose), (".env", "VERSION=8.4-fpm\n")]);
    assert_eq!(text, "FROM php:8.4-fpm\nUSER $U\n");
    assert_eq!(spans, ["FROM php:${VERSION}", "USER $$U"]);
}

#[test]
fn fixes_are_written_with_the_indentation_of_the_block() {
    let compose = "services:\n  app:\n    build:\n      dockerfile_inline: |\n        FROM php:8.4-fpm\n        COPY . /srv\n        CMD [\"php\", \"/srv/worker.php\"]\n    restart: always\n";
    let sources = sources(&[("compose.yaml", compose)]);
    let project = Project::new(&sources, TODAY);
    let (id, source) = project.sources.embedded().next().unwrap();
    let place = |text: &str| {
        let start = source.text().find(text).unwrap();
        Location::new(id, Span::new(start, start + text.len()))
    };
    let safe = crate::fix::Safety::Safe;
    let after = |fix: Option<crate::fix::Fix>| fix.unwrap().outcome(&sources).unwrap()["compose.yaml"].clone();
    assert_eq!(
        after(project.insert_instruction(safe, "x", place("COPY . /srv"), "USER $U")),
        compose.replace("        CMD", "        USER $$U\n        CMD")
    );
    let cmd = place("CMD [\"php\", \"/srv/worker.php\"]");
    assert_eq!(
        after(project.insert_instruction(safe, "x", cmd, "USER app")),
        compose.replace("    restart", "        USER app\n    restart")
    );
    assert_eq!(
        after(project.remove_instruction(safe, "x", cmd)),
        compose.replace("        CMD [\"php\", \"/srv/worker.php\"]\n", "")
    );
    assert_eq!(
        after(project.remove_instruction(safe, "x", place("COPY . /srv"))),
        compose.replace("        COPY . /srv\n", "")
    );
    assert_eq!(after(project.replace_text(safe, "x", place("/srv"), "/app")), compose.replacen("/srv", "/app", 1));
    assert!(project.replace_text(safe, "x", place("FROM php:8.4-fpm"), "FROMM").is_none(), "a new syntax error");
}

#[test]
fn no_fix_is_offered_where_the_style_does_not_take_it() {
    let compose =
        "services:\n  app:\n    build:\n      dockerfile_inline: \"FROM php:8.4-fpm\\nRUN chmod 777 /srv\\n\"\n";
    let found = findings("mounts/world-writable-permissions", &[("compose.yaml", compose)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].fixes.is_empty());
}

#[test]
fn rules_mend_what_stands_inside() {
    let found = findings("mounts/world-writable-permissions", &[("compose.yaml", BLOCK)]);
    assert!(found.iter().any(|finding| !finding.fixes.is_empty()), "{found:?}");
    let found = findings("identity/runs-as-root", &[("compose.yaml", &BLOCK.replace("        USER root\n", ""))]);
    assert!(found.len() <= 1);
}

#[test]
fn every_prefix_is_read() {
    for at in (0..=BLOCK.len()).filter(|at| BLOCK.is_char_boundary(*at)) {
        let report = engine::check(&sources(&[("compose.yaml", &BLOCK[..at])]), &Options::new(TODAY));
        assert_eq!(report.files.len(), 1);
    }
}
