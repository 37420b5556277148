use super::*;
use crate::rules::testing::{TODAY, sources};

/// The configuration files of the first service: path and what it consists of.
fn gathered(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let service = project.services().next().unwrap();
    let found = service.container_files();
    let shown = |piece: &Piece| match piece {
        Piece::Project(id) => project.path(*id).to_owned(),
        Piece::Written { text, .. } => format!("{text:?}"),
        Piece::Shipped(_) => "image".to_owned(),
        Piece::Edited { key, .. } => format!("edit {}", key.as_deref().unwrap_or("*")),
        Piece::Unknown(_) => "?".to_owned(),
    };
    let each = found.files.values().filter(|file| file.at.is_some());
    each.map(|file| (file.path.clone(), file.pieces.iter().map(shown).collect::<Vec<_>>().join(" + "))).collect()
}

fn built(dockerfile: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut files = vec![("Dockerfile", dockerfile)];
    files.extend_from_slice(others);
    gathered(&files)
}

fn one(path: &str, content: &str) -> (String, String) {
    (path.to_owned(), content.to_owned())
}

#[test]
fn copies_moves_and_links() {
    let main = "/usr/local/etc/php/php.ini";
    for line in [
        "RUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"",
        "RUN cp ${PHP_INI_DIR}/php.ini-production ${PHP_INI_DIR}/php.ini",
        "RUN ln -s php.ini-production /usr/local/etc/php/php.ini && true",
        "RUN cd /usr/local/etc/php && cp php.ini-production php.ini",
        "RUN cp -t /usr/local/etc/php /usr/local/etc/php/php.ini-production && mv $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini",
        "WORKDIR /usr/local/etc/php\nRUN install -m 644 php.ini-production php.ini",
    ] {
        let found = built(&format!("FROM php:8.4-fpm\n{line}\n"), &[]);
        let known = found.iter().find(|(path, _)| path == main);
        assert_eq!(known.map(|(_, content)| content.as_str()), Some("image"), "{line}");
    }
    let others = [("docker/a.ini", "x=1\n"), ("docker/b.ini", "y=1\n"), ("docker/skip.txt", "")];
    for (line, want) in [
        ("COPY docker/a.ini $PHP_INI_DIR/conf.d/", vec![one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini")]),
        ("COPY docker/a.ini /usr/local/etc/php/conf.d", vec![one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini")]),
        ("COPY docker/a.ini $PHP_INI_DIR/php.ini", vec![one(main, "docker/a.ini")]),
        (
            "COPY docker/*.ini $PHP_INI_DIR/conf.d/",
            vec![
                one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini"),
                one("/usr/local/etc/php/conf.d/b.ini", "docker/b.ini"),
            ],
        ),
        (
            "COPY --exclude=docker/b.ini docker/ $PHP_INI_DIR/conf.d/",
            vec![one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini")],
        ),
        ("COPY missing.ini $PHP_INI_DIR/conf.d/z.ini", vec![one("/usr/local/etc/php/conf.d/z.ini", "?")]),
        (
            "COPY docker/a.ini /tmp/a.ini\nRUN mv /tmp/a.ini $PHP_INI_DIR/conf.d/ && rm -f /tmp/*.ini",
            vec![one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini")],
        ),
        ("COPY docker/a.ini $PHP_INI_DIR/conf.d/a.ini\nRUN rm $PHP_INI_DIR/conf.d/a.ini", vec![]),
        (
            "ARG F=a.ini\nCOPY docker/$F /usr/local/etc/php/conf.d/$F",
            vec![one("/usr/local/etc/php/conf.d/a.ini", "docker/a.ini")],
        ),
    ] {
        assert_eq!(built(&format!("FROM php:8.4-cli\n{line}\n"), &others), want, "{line}");
    }
}

#[test]
fn what_build_steps_write() {
    let path = "/usr/local/etc/php/conf.d/x.ini";
    for (line, want) in [
        ("RUN echo 'a=1' > $PHP_INI_DIR/conf.d/x.ini", "\"a=1\\n\""),
        (
            "RUN echo a=1 >> $PHP_INI_DIR/conf.d/x.ini && echo b=2 >> $PHP_INI_DIR/conf.d/x.ini",
            "\"a=1\\n\" + \"b=2\\n\"",
        ),
        ("RUN set -eux; { echo 'a=1'; echo 'b=${C}'; } > \"$PHP_INI_DIR/conf.d/x.ini\"", "\"a=1\\n\" + \"b=${C}\\n\""),
        ("RUN { echo a=1; echo b=2; } | tee $PHP_INI_DIR/conf.d/x.ini", "\"a=1\\n\" + \"b=2\\n\""),
        ("RUN echo a=1 | tee -a $PHP_INI_DIR/conf.d/x.ini", "\"a=1\\n\""),
        ("RUN printf 'a=%s\\n' 1 > $PHP_INI_DIR/conf.d/x.ini", "\"a=1\\n\\n\""),
        ("ENV L=5\nRUN echo \"a=${L}M\" > $PHP_INI_DIR/conf.d/x.ini", "\"a=5M\\n\""),
        ("RUN echo \"a=$(id)\" > $PHP_INI_DIR/conf.d/x.ini", "\"a=\\u{f8ff}\\n\""),
        ("COPY <<EOF $PHP_INI_DIR/conf.d/x.ini\na=1\nEOF", "\"a=1\\n\""),
        ("RUN cat <<'EOF' > $PHP_INI_DIR/conf.d/x.ini\na=1\nEOF", "\"a=1\\n\""),
        ("RUN <<EOF\necho a=1 > $PHP_INI_DIR/conf.d/x.ini\nEOF", "\"a=1\\n\""),
        ("RUN sh -c 'echo a=1 > /usr/local/etc/php/conf.d/x.ini'", "\"a=1\\n\""),
        ("RUN generate > $PHP_INI_DIR/conf.d/x.ini", "?"),
        (
            "RUN echo a=1 > $PHP_INI_DIR/conf.d/x.ini && sed -i 's/^a=.*/a=2/' $PHP_INI_DIR/conf.d/x.ini",
            "\"a=1\\n\" + edit *",
        ),
        (
            "RUN echo limit=1 > $PHP_INI_DIR/conf.d/x.ini && sed -i -e 's/^limit=.*/limit=2/' $PHP_INI_DIR/conf.d/*.ini",
            "\"limit=1\\n\" + edit limit",
        ),
    ] {
        let found = built(&format!("FROM php:8.4-cli\n{line}\n"), &[]);
        assert_eq!(
            found.iter().find(|(known, _)| known == path).map(|(_, content)| content.as_str()),
            Some(want),
            "{line}"
        );
    }
}

#[test]
fn stages_mounts_and_configs() {
    let text = "FROM php:8.4-cli AS base\nCOPY a.ini $PHP_INI_DIR/conf.d/\nFROM base AS extra\nRUN echo b=1 > $PHP_INI_DIR/conf.d/b.ini\n\
        FROM debian:13-slim\nENV D=/usr/local/etc/php/conf.d\nCOPY --from=extra $D $D\nCOPY --from=php:8.4-cli /usr/local/etc/php/php.ini-production /usr/local/etc/php/php.ini\n";
    let found = built(text, &[("a.ini", "a=1\n")]);
    assert_eq!(
        found,
        [
            one("/usr/local/etc/php/conf.d/a.ini", "a.ini"),
            one("/usr/local/etc/php/conf.d/b.ini", "\"b=1\\n\""),
            one("/usr/local/etc/php/php.ini", "image"),
        ]
    );
    let compose = "services:\n  app:\n    image: php:8.4-fpm\n    volumes:\n      - ./php/app.ini:/usr/local/etc/php/conf.d/zz.ini:ro\n\
        \x20     - ./pools:/usr/local/etc/php-fpm.d\n      - /srv/x.ini:/usr/local/etc/php/conf.d/host.ini\n\
        \x20   configs:\n      - {source: own, target: /usr/local/etc/php/conf.d/own.ini}\n\
        configs:\n  own:\n    content: \"c=1\"\n";
    let found =
        gathered(&[("compose.yaml", compose), ("php/app.ini", "a=1\n"), ("pools/www.conf", "[www]\nlisten=1\n")]);
    assert_eq!(
        found,
        [
            one("/usr/local/etc/php-fpm.d/www.conf", "pools/www.conf"),
            one("/usr/local/etc/php/conf.d/own.ini", "\"c=1\""),
            one("/usr/local/etc/php/conf.d/zz.ini", "php/app.ini"),
        ]
    );
    let sources = sources(&[("compose.yaml", compose)]);
    let project = Project::new(&sources, TODAY);
    let files = project.services().next().unwrap().container_files();
    assert!(files.unseen_at("/usr/local/etc/php/conf.d/host.ini").is_some());
    assert!(files.unseen_at("/usr/local/etc/php-fpm.d/www.conf").is_some(), "the folder was not supplied");
}

#[test]
fn written_text_keeps_its_place() {
    let text = "FROM php:8.4-cli\nCOPY <<EOF $PHP_INI_DIR/conf.d/x.ini\nmemory_limit = 64M\nEOF\n";
    let sources = sources(&[("Dockerfile", text)]);
    let project = Project::new(&sources, TODAY);
    let settings = project.services().next().unwrap().php_settings();
    assert_eq!(project.slice(settings.setting("memory_limit").at.unwrap()), "64M");
}

#[test]
fn very_many_stages_and_files_end() {
    let mut text = String::from("FROM php:8.4-cli AS s0\n");
    for stage in 1..1500 {
        text.push_str(&format!(
            "FROM s{} AS s{stage}\nRUN echo a={stage} > $PHP_INI_DIR/conf.d/{stage}.ini\n",
            stage - 1
        ));
    }
    let sources = sources(&[("Dockerfile", text.as_str())]);
    let project = Project::new(&sources, TODAY);
    let files = project.services().next().unwrap().container_files();
    assert!(files.incomplete || files.files.len() > 1000);
}
