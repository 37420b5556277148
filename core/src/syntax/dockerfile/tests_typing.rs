//! An instruction that is half written costs nothing but itself.

use super::*;

/// A Dockerfile as people write them.
const REAL: &str = r#"# syntax=docker/dockerfile:1
ARG PHP_VERSION=8.4
FROM composer:2.8 AS vendor
WORKDIR /app
COPY composer.json composer.lock ./
RUN --mount=type=cache,target=/tmp/cache \
    composer install --no-dev --no-scripts --prefer-dist
FROM node:22-alpine AS assets
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build
FROM php:${PHP_VERSION}-fpm-alpine AS base
LABEL org.opencontainers.image.title="shop" maintainer='web'
ENV APP_ENV=prod \
    PATH="/app/bin:${PATH}"
RUN apk add --no-cache --virtual .build-deps $PHPIZE_DEPS icu-dev \
    # zip needs these
    libzip-dev \
    && docker-php-ext-install -j"$(nproc)" intl pdo_mysql zip \
    && pecl install redis-6.0.2 && docker-php-ext-enable redis \
    && apk del .build-deps
COPY <<EOF /usr/local/etc/php/conf.d/app.ini
expose_php = Off
EOF
RUN <<-SCRIPT
	set -e
	mkdir -p /app/var
	SCRIPT
SHELL ["/bin/sh", "-eo", "pipefail", "-c"]
WORKDIR /app
COPY --from=vendor --chown=www-data /app/vendor vendor
COPY --link --from=assets /app/public/build public/build
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/t /t
ONBUILD RUN composer dump-autoload
EXPOSE 9000
VOLUME ["/app/var"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=30s CMD ["php-fpm-healthcheck"]
USER www-data
ENTRYPOINT ["docker-php-entrypoint"]
CMD ["php-fpm"]
"#;

/// What an instruction says, without where.
fn said(instruction: &Instruction) -> (Keyword, Vec<String>, Vec<String>) {
    let args = instruction.effective().args.iter().map(|arg| arg.text.clone()).collect();
    let flags = instruction.flags.iter().map(|flag| format!("{}={:?}", flag.name, flag.value)).collect();
    (instruction.keyword, args, flags)
}

/// Cuts each instruction of a text at every byte of it, and makes sure that all others are read as before.
///
/// The one exception is meant so by the builder: a line that ends with the escape character takes the next one with it.
fn cut_everywhere(text: &str) -> usize {
    let whole = parse(text);
    let mut tried = 0;
    for (index, instruction) in whole.instructions.iter().enumerate() {
        let span = instruction.span.range();
        for at in span.start..span.end {
            let (Some(before), Some(after)) = (text.get(..at), text.get(span.end..)) else { continue };
            if joins(before, span.start, whole.escape) {
                continue;
            }
            let half = format!("{before}{after}");
            let read = parse(&half);
            let others = whole.instructions.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<_> = others.map(|(_, other)| said(other)).collect();
            let mut left: Vec<_> = read.instructions.iter().map(said).collect();
            // What is left of the one that was cut stands at its place, if anything is; a line of a here-document that is not ended
            // yet may look like an instruction.
            let extra = left.len().saturating_sub(others.len());
            assert!(extra <= 1 || !instruction.effective().heredocs.is_empty(), "{half}");
            left.drain(index..(index + extra).min(left.len()));
            assert_eq!(left, others, "instruction {index} cut at byte {at}:\n{half}");
            tried += 1;
        }
    }
    tried
}

/// Whether what is left of the instruction ends with an escape, so that the next line belongs to it; comments and blank lines between
/// do not end that.
fn joins(before: &str, start: usize, escape: char) -> bool {
    let own = before.get(start..).unwrap_or("");
    let mut lines = own.lines().rev();
    if own.ends_with('\n') {
        lines.next_back();
    }
    let ignored = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    own.lines().rev().find(|line| !ignored(line)).is_some_and(|line| line.trim_end().ends_with(escape))
}

#[test]
fn a_half_instruction_costs_only_itself() {
    assert_eq!(parse(REAL).errors, []);
    assert!(cut_everywhere(REAL) > 1_200);
}

#[test]
fn nor_does_it_in_the_golden_files() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let mut tried = 0;
    for case in golden.as_array().unwrap() {
        let source = case["source"].as_str().unwrap();
        let file = parse(source);
        // Errors that are there already may hide others; the recovery tests look at those.
        if file.errors.is_empty() && file.hints.is_empty() {
            tried += cut_everywhere(source);
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_here_document_that_is_being_written_ends_at_the_next_instruction() {
    for body in ["", "a", "a\nb", "EO", "\nEOF2"] {
        let file = parse(&format!("FROM a\nRUN <<EOF\n{body}\nCOPY a b\nUSER c\n"));
        let keywords: Vec<Keyword> = file.instructions.iter().map(|instruction| instruction.keyword).collect();
        assert_eq!(keywords, [Keyword::From, Keyword::Run, Keyword::Copy, Keyword::User], "{body}");
        assert!(file.instructions[2].tentative && !file.instructions[1].tentative);
    }
}
