//! A mistake costs nothing but itself.

use super::super::parse;
use super::keywords;

const PHP: &str = r#"# syntax=docker/dockerfile:1
ARG PHP_VERSION=8.3
FROM composer:2 AS vendor
WORKDIR /app
COPY composer.json composer.lock ./
RUN --mount=type=cache,target=/tmp/cache \
    composer install --no-dev \
    # scripts need the application
    --no-scripts

FROM php:${PHP_VERSION}-fpm-alpine AS base
ENV APP_ENV=prod \
    APP_DEBUG=0
RUN set -eux; \
    apk add --no-cache icu-dev; \
    docker-php-ext-install intl
COPY --from=vendor --link /app/vendor /srv/vendor
LABEL org.opencontainers.image.title="shop" maintainer='a b'
EXPOSE 9000/tcp
HEALTHCHECK --interval=10s CMD ["php-fpm", "-t"]
USER www-data
ENTRYPOINT ["docker-php-entrypoint"]
CMD ["php-fpm"]
"#;

const BROKEN: [&str; 14] = [
    "R",
    "COPY ",
    "RUNN foo",
    "@@@",
    "FROM",
    "FROM x AS",
    "ENV A",
    "ENV A=1 B",
    "CMD [\"a\", ",
    "LABEL a=\"b",
    "HEALTHCHECK --interval=",
    "COPY --from= x",
    "ENV A=\"\\d\"",
    "RUN --mount=",
];

/// Line numbers at which an instruction may be inserted: not inside a continued one.
fn seams() -> Vec<usize> {
    let lines: Vec<&str> = PHP.lines().collect();
    let inside =
        |at: usize| at > 0 && (lines[at - 1].ends_with('\\') || lines[at - 1].trim_start().starts_with("# scr"));
    (1..lines.len()).filter(|&at| !inside(at)).collect()
}

#[test]
fn a_broken_line_loses_no_other_instruction() {
    let whole = parse(PHP);
    assert_eq!(whole.errors, []);
    let expected: Vec<(&str, String)> =
        whole.instructions.iter().map(|found| (found.keyword.as_str(), found.span.slice(PHP).to_owned())).collect();
    for broken in BROKEN {
        for seam in seams() {
            let mut lines: Vec<&str> = PHP.lines().collect();
            lines.insert(seam, broken);
            let source = lines.join("\n");
            let offset = lines[..seam].iter().map(|line| line.len() + 1).sum::<usize>();
            let file = parse(&source);
            let others: Vec<(&str, String)> = file
                .instructions
                .iter()
                .filter(|found| found.span.range().start != offset)
                .map(|found| (found.keyword.as_str(), found.span.slice(&source).to_owned()))
                .collect();
            assert_eq!(others, expected, "{broken:?} at line {seam}");
            assert!(file.instructions.iter().all(|found| !found.tentative));
        }
    }
}

#[test]
fn an_unterminated_here_document_ends_at_the_next_instruction() {
    for seam in seams() {
        let mut lines: Vec<&str> = PHP.lines().collect();
        lines.insert(seam, "RUN <<EOF");
        let source = lines.join("\n");
        let file = parse(&source);
        assert_eq!(file.instructions.len(), parse(PHP).instructions.len() + 1, "at line {seam}");
        assert_eq!(file.errors.iter().filter(|error| error.span.slice(&source) == "<<EOF").count(), 1);
        let at = file.instructions.iter().position(|found| !found.heredocs.is_empty()).unwrap();
        assert!(!file.instructions[at].tentative && !file.instructions[at].heredocs[0].terminated);
        assert!(file.instructions[at + 1..].iter().all(|found| found.tentative));
    }
}

#[test]
fn guessing_follows_the_case_of_the_file() {
    let file = parse("FROM a\nRUN <<EOF python3\nfrom os import path\nUSER b\n");
    assert_eq!(keywords(&file), ["FROM", "RUN", "USER"]);
    let file = parse("from a\nrun <<EOF\necho\nuser b\n");
    assert_eq!(keywords(&file), ["FROM", "RUN", "USER"]);
    let source = "FROM a\nRUN <<EOF\necho\nmore";
    let file = parse(source);
    assert_eq!(file.instructions[1].heredocs[0].body.slice(source), "echo\nmore");
}

#[test]
fn a_pair_before_a_mistake_is_kept() {
    let file = parse("FROM a\nENV A=1 B C=2\n");
    let keys: Vec<&str> = file.instructions[1].pairs.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["A", "C"]);
}
