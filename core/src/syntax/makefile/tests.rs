use super::*;
use crate::syntax::shell::Place;

const TEXT: &str = "# Executables (local)\nDOCKER_COMP = docker compose\nTAG ?= 1.2\nIMAGE := shop:$(TAG)\n-include .env\n\n.PHONY: build sh\nPHP = $(DOCKER_COMP) exec php # inside\n\nbuild: Dockerfile | vendor ## Builds\n\t@docker build -t $(IMAGE) \\\n\t\t--target prod .\n\t-@docker push $(IMAGE)\n\nsh: ; $(PHP) sh -c 'composer install'\n\ndeploy: export APP = prod\ndeploy:\n\tfor i in a b; do echo $$i; done\n\tssh root@shop 'docker run -d --name $@ $(UNKNOWN)'\n";

fn lines(text: &str) -> Vec<(String, String)> {
    let make = parse(text);
    make.commands()
        .map(|(rule, piece, command)| {
            let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
            (format!("{} {:?}", rule.targets[0].text, piece.place), words.join(" "))
        })
        .collect()
}

#[test]
fn recipes_as_a_shell_reads_them() {
    let found = lines(TEXT);
    let want = [
        ("build Here", "docker build -t shop:1.2 --target prod ."),
        ("build Here", "docker push shop:1.2"),
        ("sh Here", "docker compose exec php sh -c composer install"),
        ("sh Container(Some(\"php\"))", "composer install"),
        ("deploy Here", "for i in a b"),
        ("deploy Here", "echo $i"),
        ("deploy Here", "ssh root@shop docker run -d --name deploy ${UNKNOWN}"),
        ("deploy Remote(\"root@shop\")", "docker run -d --name deploy ${UNKNOWN}"),
    ];
    assert_eq!(found, want.map(|(rule, words)| (rule.to_owned(), words.to_owned())));
}

#[test]
fn variables_rules_comments_and_their_places() {
    let make = parse(TEXT);
    assert_eq!(make.errors, []);
    let tag = make.variable("TAG").unwrap();
    assert_eq!((tag.assign, tag.value_span.slice(TEXT), tag.name_span.slice(TEXT)), (Assign::Default, "1.2", "TAG"));
    assert_eq!(make.variables.last().unwrap().target.as_deref(), Some("deploy"));
    let build = &make.rules[1];
    assert_eq!(build.prerequisites.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(), ["Dockerfile", "vendor"]);
    assert!(build.recipe[0].silent && build.recipe[1].may_fail);
    assert_eq!(make.includes[0], Include { path: ".env".into(), span: make.includes[0].span, optional: true });
    let comments: Vec<&str> = make.comments.iter().map(|span| span.slice(TEXT)).collect();
    assert_eq!(comments, ["# Executables (local)", "# inside", "## Builds"]);
    let words: Vec<&str> = make.commands().next().unwrap().2.words.iter().map(|word| word.span.slice(TEXT)).collect();
    assert_eq!(words, ["docker", "build", "-t", "$(IMAGE)", "--target", "prod", "."]);
}

#[test]
fn what_is_set_twice_or_on_condition_stays_open() {
    for head in ["A = x\nA = y\n", "ifdef B\nA = x\nendif\n", "A != date\n", "A = $(A)\n"] {
        let found = lines(&format!("{head}all:\n\techo $(A)\n"));
        assert!(found[0].1.starts_with("echo ${"), "{head}: {found:?}");
    }
    assert_eq!(lines("A = x\nA += y\nall:\n\techo $(A) ${A}\n")[0].1, "echo x y x y");
}

#[test]
fn one_shell_prefix_and_definitions() {
    let text = ".ONESHELL:\n.RECIPEPREFIX = >\ndefine RUN\ndocker run -d redis\nendef\nall:\n>cd /x\n>$(RUN)\n";
    let make = parse(text);
    assert_eq!(make.errors, []);
    let all = make.rules.last().unwrap();
    assert_eq!(all.recipe.len(), 1);
    let commands: Vec<&str> =
        all.recipe[0].pieces[0].script.commands.iter().map(|command| command.span.slice(text)).collect();
    assert_eq!(commands, ["cd /x", "$(RUN)"]);
    assert_eq!(all.recipe[0].pieces[0].place, Place::Here);
}

#[test]
fn errors_and_what_is_read_all_the_same() {
    let text = "build docker\nall:\n\techo a\nifdef X\nendif\nendif\nifeq (a,b)\ndefine Y\n";
    let make = parse(text);
    let said: Vec<(&str, &str)> =
        make.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("build docker", "this line is no rule, no variable and no recipe"),
            ("endif", "no condition is open here"),
            ("Y", "this definition is never closed"),
            ("ifeq (a,b)", "this condition is never closed"),
        ]
    );
    assert_eq!(make.commands().count(), 1);
}

#[test]
fn line_ends_marks_prefixes_and_sizes() {
    let text = "\u{feff}# ä\r\nall: \\\r\n  b\r\n\tdocker run -d 'ü' \\\r\n\t\tx\r\n";
    let make = parse(text);
    assert_eq!(make.comments[0].slice(text), "# ä");
    assert_eq!(make.rules[0].prerequisites[0].span.slice(text), "b");
    let words: Vec<&str> = make.commands().next().unwrap().2.words.iter().map(|word| word.span.slice(text)).collect();
    assert_eq!(words, ["docker", "run", "-d", "'ü'", "x"]);
    for (at, _) in TEXT.char_indices() {
        let _ = parse(&TEXT[..at]);
        let mut gap = TEXT.to_owned();
        gap.remove(at);
        for (_, _, command) in parse(&gap).commands() {
            assert!(gap.get(command.span.range()).is_some());
        }
    }
    for unit in
        ["$(", "a:\n\t$(", "a:\n\t$(x", "a:\n\t", "define a\n", "ifdef\n", "\\\n", "a = $(a", "# \\\n", ": ", "\t@"]
    {
        let _ = parse(&unit.repeat(300_000 / unit.len()));
    }
    let _ = parse(&format!("a:\n\t{}", "$(".repeat(500_000)));
    let doubling: String =
        (0..2000).map(|n| format!("A{n} = $(A{m})$(A{m})\n", m = n + 1)).collect::<String>() + "A2000 = x\n";
    let _ = parse(&format!("{doubling}all:\n{}", "\t$(A0)\n".repeat(2000)));
}
