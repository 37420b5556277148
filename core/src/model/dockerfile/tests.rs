use std::collections::BTreeMap;

use super::*;
use crate::syntax::dockerfile::parse;

fn built(text: &str) -> BuildModel {
    built_with(text, &[])
}

fn built_with(text: &str, args: &[(&str, &str)]) -> BuildModel {
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    model(&parse(text), &args)
}

fn image(model: &BuildModel, stage: usize) -> (&str, bool) {
    match &model.stages[stage].base {
        Base::Image(image) => (&image.text, image.known),
        Base::Stage(_) | Base::Scratch => panic!("stage {stage} has no image"),
    }
}

fn expanded(text: &str) -> (String, bool) {
    let empty = Expanded::known("");
    let value = Expanded::known("foo/bar.tar.gz");
    let partly = Expanded::unknown("a${B}");
    let budget = Budget::default();
    let result = expand(text, '\\', &budget, &|name| match name {
        "v" => Variable::Value(&value),
        "empty" => Variable::Value(&empty),
        "partly" => Variable::Value(&partly),
        "given" => Variable::Unknown,
        _ => Variable::Unset,
    });
    (result.text, result.known)
}

#[test]
fn operators() {
    let known = [
        ("a$v", "afoo/bar.tar.gz"),
        ("${v}b", "foo/bar.tar.gzb"),
        ("${none:-w}", "w"),
        ("${none-w}", "w"),
        ("${empty:-w}", "w"),
        ("${empty-w}", ""),
        ("${v:-w}", "foo/bar.tar.gz"),
        ("${v:+w}", "w"),
        ("${v+w}", "w"),
        ("${empty:+w}", ""),
        ("${empty+w}", "w"),
        ("${none:+w}", ""),
        ("${none:-${v}}", "foo/bar.tar.gz"),
        ("${none:-\"a b\"}", "a b"),
        ("${v?needed}", "foo/bar.tar.gz"),
        ("${v#*.}", "tar.gz"),
        ("${v##*.}", "gz"),
        ("${v%.*}", "foo/bar.tar"),
        ("${v%%.*}", "foo/bar"),
        ("${v#f?o/}", "bar.tar.gz"),
        ("${v#x}", "foo/bar.tar.gz"),
        ("${v#\\*}", "foo/bar.tar.gz"),
        ("${v/o/0}", "f0o/bar.tar.gz"),
        ("${v//o/0}", "f00/bar.tar.gz"),
        ("${v//.*/}", "foo/bar"),
        ("${v/z/${empty}}", "foo/bar.tar.g"),
        ("\\$v", "$v"),
        ("'$v'", "$v"),
        ("\"$v\"", "foo/bar.tar.gz"),
        ("\"\\$v \\d\"", "$v \\d"),
        ("a\\ b", "a b"),
        ("$", "$"),
        ("5$.", "5$."),
    ];
    for (text, value) in known {
        assert_eq!(expanded(text), (value.to_owned(), true), "{text}");
    }
    let unknown = [
        ("a$none", "a${none}"),
        ("${none}", "${none}"),
        ("${given:-w}", "${given:-w}"),
        ("${given#w}", "${given#w}"),
        ("${partly}", "a${B}"),
        ("${none?needed}", "${none?needed}"),
        ("${none:-$given}", "${given}"),
        ("\"unclosed", "\"unclosed"),
        ("${unclosed", "${unclosed"),
        ("${}", "${}"),
        ("${v!x}", "${v!x}"),
    ];
    for (text, value) in unknown {
        assert_eq!(expanded(text), (value.to_owned(), false), "{text}");
    }
}

#[test]
fn global_arguments_reach_from() {
    let text = "ARG V=8.3\nARG R=docker.io/$V\nFROM ${R}:${V}\nFROM php:${W:-8}\nFROM php:$W\nFROM --platform=$BUILDPLATFORM \"php:$V\"\n";
    let model = built(text);
    assert_eq!(image(&model, 0), ("docker.io/8.3:8.3", true));
    assert_eq!(image(&model, 1), ("php:8", true));
    assert_eq!(image(&model, 2), ("php:${W}", false));
    assert_eq!(image(&model, 3), ("php:8.3", true));
    assert_eq!(model.stages[3].platform, Some(Expanded::unknown("${BUILDPLATFORM}")));
    assert_eq!(image(&built_with(text, &[("V", "8.4")]), 3), ("php:8.4", true));
}

#[test]
fn arguments_are_scoped_to_their_stage() {
    let model = built("ARG V=1\nFROM a\nUSER u$V\nFROM a\nARG V\nUSER u$V\nFROM a\nARG V=2\nUSER u$V\nFROM php:$V\n");
    let user = |stage: usize| model.user(stage).unwrap().value;
    assert_eq!(user(0), Expanded::unknown("u${V}"));
    assert_eq!(user(1), Expanded::known("u1"));
    assert_eq!(user(2), Expanded::known("u2"));
    assert_eq!(image(&model, 3), ("php:1", true));
}

#[test]
fn user_from_argument_and_build_argument() {
    let text = "FROM a\nARG UID=1000\nUSER ${UID}:${GID:-33}\n";
    assert_eq!(built(text).user(0).unwrap().value, Expanded::known("1000:33"));
    let model = built_with(text, &[("UID", "0"), ("GID", "7")]);
    assert_eq!(model.user(0).unwrap().value, Expanded::known("0:33"), "GID is not declared");
    assert_eq!(model.user(0).unwrap().span.slice(text), "${UID}:${GID:-33}");
}

#[test]
fn environment_hides_arguments_and_is_inherited() {
    let text = "FROM a AS b\nARG X=arg\nENV X=env Y=$X\nENV Z=$Y\nFROM b\nENV W=${X}-${Z} Y=changed\nUSER $Y\n";
    let model = built(text);
    let env = |stage: usize, name: &str| model.stages[stage].env[name].value.clone();
    assert_eq!(env(0, "Y"), Expanded::known("arg"), "an ENV sees what was before it");
    assert_eq!(env(0, "Z"), Expanded::known("arg"));
    assert_eq!(env(1, "W"), Expanded::known("env-arg"));
    assert_eq!(env(1, "X"), Expanded::known("env"));
    assert_eq!(model.stages[1].env["X"].span.slice(text), "X=env");
    assert_eq!(model.user(1).unwrap().value.text, "changed");
}

#[test]
fn predefined_arguments_are_there_but_unknown() {
    let model = built("FROM a\nARG TARGETARCH\nENV A=${TARGETARCH:-amd64}\n");
    assert!(!model.stages[0].env["A"].value.known);
    let model = built_with("FROM a\nARG TARGETARCH\nENV A=$TARGETARCH\n", &[("TARGETARCH", "arm64")]);
    assert_eq!(model.stages[0].env["A"].value, Expanded::known("arm64"));
}

#[test]
fn images_may_bring_their_environment() {
    let file = parse("FROM php:8 AS b\nWORKDIR $PHP_INI_DIR\nFROM b\nENV A=$PHP_INI_DIR/conf.d\n");
    let images = |image: &Expanded| {
        assert_eq!(image.text, "php:8");
        BTreeMap::from([("PHP_INI_DIR".to_owned(), "/usr/local/etc/php".to_owned())])
    };
    let model = model_with_images(&file, &BTreeMap::new(), &images);
    assert_eq!(model.workdir(1), Expanded::known("/usr/local/etc/php"));
    assert_eq!(model.stages[1].env["A"].value, Expanded::known("/usr/local/etc/php/conf.d"));
    assert_eq!(model.stages[1].env.len(), 1);
}

#[test]
fn stages_and_targets() {
    let text = "FROM php:8 AS Base\nFROM base AS php:8\nFROM base AS dev\nFROM scratch\nCOPY --from=dev /a /b\nCOPY --from=0 /c /d\nRUN --mount=type=bind,from=tool,target=/t x\nFROM dev\nCOPY --from=nginx /e /f\n";
    let model = built(text);
    assert_eq!(model.stages[1].base, Base::Stage(0));
    assert_eq!(model.stages[3].base, Base::Scratch);
    assert_eq!(model.stage(None), Some(4));
    assert_eq!(model.stage(Some("DEV")), Some(2));
    assert_eq!(model.stage(Some("3")), Some(3));
    assert_eq!(model.stage(Some("9")), None);
    assert_eq!(model.stage(Some("none")), None);
    assert_eq!(model.chain(4), [4, 2, 0]);
    assert_eq!(model.chain(9), Vec::<usize>::new());
    assert_eq!(model.used_by(3), [0, 2, 3].into());
    assert_eq!(model.used_by(4), [0, 2, 4].into());
    let (base, span) = model.external_base(4).unwrap();
    assert_eq!((base.text.as_str(), span.slice(text)), ("php:8", "php:8"));
    assert_eq!(model.external_base(3), None);
    let sources: Vec<&LinkSource> = model.stages[3].links.iter().map(|link| &link.source).collect();
    assert_eq!(sources, [&LinkSource::Stage(2), &LinkSource::Stage(0), &LinkSource::Image(Expanded::known("tool"))]);
    assert_eq!(model.stages[3].instructions, 4..7);
    assert_eq!(model.stages[4].alias, None);
}

#[test]
fn a_name_hides_an_image_only_after_it() {
    let model = built("FROM php AS php\nFROM php AS php\nFROM php\n");
    assert_eq!(image(&model, 0).0, "php");
    assert_eq!(model.stages[1].base, Base::Stage(0));
    assert_eq!(model.stages[2].base, Base::Stage(1));
    assert_eq!(built("").stage(None), None);
}

#[test]
fn what_a_container_starts_with() {
    let model = built(
        "FROM a AS b\nSHELL [\"bash\", \"-c\"]\nENTRYPOINT [\"e\"]\nCMD [\"c\"]\nHEALTHCHECK CMD x\nEXPOSE 80 $P\nUSER u\nFROM b AS same\nRUN y\nFROM b AS reset\nENTRYPOINT [\"f\"]\nSHELL [\"powershell\"]\nRUN z\nEXPOSE 443\nHEALTHCHECK NONE\nFROM a AS order\nCMD c\nENTRYPOINT e\n",
    );
    assert_eq!(model.entrypoint(1), Some((2, 0)));
    assert_eq!(model.cmd(1), Some((3, 0)));
    assert_eq!(model.entrypoint(2), Some((10, 2)));
    assert_eq!(model.cmd(2), None, "a new ENTRYPOINT drops the inherited CMD");
    assert_eq!(model.cmd(3), Some((16, 3)));
    assert_eq!(model.healthcheck(1), Some((4, 0)));
    assert_eq!(model.healthcheck(2), Some((14, 2)));
    assert_eq!(model.shell(2), Some((11, 2)));
    assert_eq!(model.shell_at(8), Some(1));
    assert_eq!(model.shell_at(12), Some(11));
    let ports: Vec<&str> = model.exposed(2).into_iter().map(|port| port.value.text.as_str()).collect();
    assert_eq!(ports, ["443", "80", "${P}"]);
    assert_eq!(model.user(2).unwrap().stage, 0);
    assert_eq!(model.user(3), None);
}

#[test]
fn only_a_posix_shell_reads_shell_text() {
    let file = parse("FROM a\nRUN x\nSHELL [\"/bin/bash\", \"-c\"]\nRUN y\nSHELL [\"powershell\"]\nRUN z\n");
    let model = model(&file, &BTreeMap::new());
    let posix: Vec<bool> = [1, 3, 5].map(|index| model.runs_posix_shell(&file, index)).into();
    assert_eq!(posix, [true, true, false]);
}

#[test]
fn working_directories() {
    let workdir = |text: &str| {
        let model = built(text);
        model.workdir(model.stage(None).unwrap())
    };
    assert_eq!(workdir("FROM a\n"), Expanded::unknown(""));
    assert_eq!(workdir("FROM a\nWORKDIR b\n"), Expanded::unknown("b"));
    assert_eq!(workdir("FROM a\nWORKDIR /b\nWORKDIR ../c/./d/\n"), Expanded::known("/c/d"));
    assert_eq!(workdir("FROM scratch\nWORKDIR b\n"), Expanded::known("/b"));
    assert_eq!(workdir("FROM a AS b\nWORKDIR /c\nFROM b\nWORKDIR d\n"), Expanded::known("/c/d"));
    assert_eq!(workdir("FROM a\nWORKDIR /c\nWORKDIR $D/e\n"), Expanded::unknown("${D}/e"));
}

#[test]
fn texts_of_instructions_are_expanded() {
    let model = built("FROM a\nARG U=u\nENV D=/d\nCOPY --chown=$U [\"$D/a\", \"b\"]\n");
    let copy = &model.instructions[3];
    assert_eq!(copy.args, [Expanded::known("/d/a"), Expanded::known("b")]);
    assert_eq!(copy.flags, [Some(Expanded::known("u"))]);
    assert_eq!(copy.stage, Some(0));
}

#[test]
fn hostile_files_stay_small() {
    let doubling = format!("FROM a\nENV A=aaaaaaaa\n{}", "ENV A=$A$A\n".repeat(20_000));
    let spread: String = (0..20_000).map(|n| format!("ENV A{n}=$A\n")).collect();
    let wide = format!("FROM a\nENV A={}\n{spread}", "a".repeat(30_000));
    let chain: String = (0..3_000).map(|n| format!("FROM s{n} AS s{}\nENV A{n}=1\n", n + 1)).collect();
    let nested = format!("FROM a\nENV A={}{}\n", "${a:-".repeat(50_000), "}".repeat(50_000));
    let patterns = format!("FROM a\nENV A={}\n{}", "a".repeat(2_000), "ENV B=${A//a*a*a*b/c}\n".repeat(2_000));
    for text in [doubling, wide, chain, nested, patterns] {
        let model = built(&text);
        let size: usize =
            model.stages.iter().flat_map(|stage| stage.env.values()).map(|env| env.value.text.len()).sum();
        assert!(size < 32 * 1024 * 1024);
        assert!(model.chain(model.stages.len() - 1).len() <= model.stages.len());
    }
}

#[test]
fn every_prefix_has_a_model() {
    let text = "ARG V=8\nFROM php:${V%.*} AS a\nENV A='x' B=\"${A:-y}\" C=\\$D\nFROM a\nCOPY --from=a [\"$A\", \"b\"]\nRUN --mount=from=0 x\nWORKDIR é/$B\nUSER ${U:-1}\n";
    for at in 0..=text.len() {
        if let Some(prefix) = text.get(..at) {
            let model = built(prefix);
            assert_eq!(model.instructions.len(), parse(prefix).instructions.len());
        }
    }
}

#[test]
fn an_argument_at_the_end_belongs_to_its_stage() {
    let file = crate::syntax::dockerfile::parse("FROM a AS one\nRUN x\nARG TOKEN=1\nFROM b\nARG LAST\n");
    let model = super::model(&file, &std::collections::BTreeMap::new());
    let ranges: Vec<_> = model.stages.iter().map(|stage| stage.instructions.clone()).collect();
    assert_eq!(ranges, [1..3, 4..5]);
}

#[test]
fn triggers_run_in_the_stages_based_on_theirs() {
    let text = "FROM php:8.4-fpm AS base\nARG V=1\nONBUILD ARG V=2\nONBUILD ENV A=$V\nONBUILD WORKDIR /srv/$A\nONBUILD COPY --from=tool /x /y\nONBUILD RUN chmod 777 /x\nONBUILD USER app\nONBUILD SHELL [\"bash\", \"-c\"]\nONBUILD ENTRYPOINT [\"e\"]\nUSER root\nFROM busybox AS tool\nFROM base AS app\nRUN x\nONBUILD USER late\nFROM app\n";
    let file = parse(text);
    let model = model(&file, &BTreeMap::new());
    let base = model.user(0).unwrap();
    assert_eq!((base.value.text.as_str(), base.stage), ("root", 0), "nothing is triggered where it is declared");
    let user = model.user(2).unwrap();
    assert_eq!((user.value.text.as_str(), user.span.slice(text), user.stage), ("app", "app", 2));
    assert_eq!(model.stages[2].env["A"].value, Expanded::known("2"));
    assert_eq!(model.workdir(2), Expanded::known("/srv/2"));
    assert_eq!(model.entrypoint(2), Some((9, 2)));
    assert_eq!(file.instructions[9].effective().args[0].text, "e");
    assert_eq!(model.used_by(2), [0, 1, 2].into());
    let steps: Vec<(&str, bool)> =
        model.steps(&file, 2).map(|step| (step.instruction.keyword.as_str(), step.triggered)).collect();
    let want = [("ARG", true), ("ENV", true), ("WORKDIR", true), ("COPY", true), ("RUN", true), ("USER", true)];
    assert_eq!(steps[..6], want);
    assert_eq!(steps[6..], [("SHELL", true), ("ENTRYPOINT", true), ("RUN", false), ("ONBUILD", false)]);
    assert!(model.runs_posix_shell(&file, 13));
    assert_eq!(model.shell_at(13), Some(8));
    // A trigger runs once: what `app` is based on is not triggered again, only what `app` itself leaves.
    assert_eq!(model.user(3).unwrap().value.text, "late");
    assert_eq!(model.stages[3].triggered.len(), 1);
}

#[test]
fn many_triggers_cost_no_more_than_many_variables() {
    let text = format!("FROM a AS b\n{}{}", "ONBUILD RUN x\n".repeat(4_000), "FROM b\n".repeat(4_000));
    let model = built(&text);
    let run: usize = model.stages.iter().map(|stage| stage.triggered.len()).sum();
    assert!(run <= 200_000 && model.stages[1].triggered.len() == 4_000);
}
