//! The guide for authors, followed literally: its files are written, its commands run, and they print what it says they print.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use minisign::{KeyPair, SecretKeyBox};
use plimsoll_tests::{binary, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A fenced block of the guide.
#[derive(Debug)]
struct Block {
    /// What stands behind the fence: `sh`, `text`, or a language and `file:PATH`.
    info: String,
    text: String,
    line: usize,
}

fn guide() -> String {
    fs::read_to_string(root().join("plugins/GUIDE.md")).unwrap()
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in guide.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block { info: info.trim().to_owned(), text: String::new(), line: index + 1 });
            }
            (Some(_), Some(rest)) => {
                assert!(rest.is_empty(), "line {}: a fence ends with nothing behind it", index + 1);
                blocks.extend(open.take());
            }
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "the last block is not closed");
    blocks
}

/// Whether a text is as the guide shows it: `…` stands for anything in a line, a line of nothing else for any lines.
fn shows(shown: &[&str], found: &[&str]) -> bool {
    match (shown.split_first(), found.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((&"…", more)), rest) => shows(more, found) || rest.is_some_and(|(_, rest)| shows(shown, rest)),
        (Some((line, more)), Some((first, rest))) => line_shows(line, first) && shows(more, rest),
        (Some(_), None) => false,
    }
}

fn line_shows(shown: &str, found: &str) -> bool {
    let Some((before, behind)) = shown.split_once('…') else { return shown == found };
    let Some(rest) = found.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| line_shows(behind, &rest[at..]))
}

/// The world of someone who follows the guide: a folder, the binary on the path, caches of their own.
struct Reader {
    world: tempfile::TempDir,
    here: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let world = tempfile::Builder::new().prefix("plimsoll guide ").tempdir().unwrap();
        let here = world.path().join("work");
        fs::create_dir_all(&here).unwrap();
        let tools = world.path().join("bin");
        fs::create_dir_all(&tools).unwrap();
        if !has("minisign") {
            stand_in(&tools.join("minisign"));
        }
        Self { world, here }
    }

    /// Runs commands as a shell does that stops at the first failure; what they print.
    fn run(&mut self, block: &Block) -> String {
        let tools = [binary().parent().unwrap().to_path_buf(), self.world.path().join("bin")];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(tools.into_iter().chain(std::env::split_paths(&path)));
        let left_in = self.world.path().join("left-in");
        let output = Command::new("bash")
            .args(["-eu", "-c", &format!("{}pwd > \"$LEFT_IN\"\n", block.text)])
            .current_dir(&self.here)
            .env("PATH", path.unwrap())
            .env("LEFT_IN", &left_in)
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", self.world.path().join("cache"))
            .env("XDG_CONFIG_HOME", self.world.path().join("config"))
            // What the plug-in depends on is compiled once, not for each run of this test.
            .env("CARGO_TARGET_DIR", root().join("target/plugin-guide"))
            .stdin(Stdio::null())
            .output()
            .expect("bash runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "line {}:\n{}\n{out}{err}", block.line, block.text);
        self.here = PathBuf::from(fs::read_to_string(left_in).unwrap().trim_end());
        out.into_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.here.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A program in the place of minisign, for machines without it: this test program, which calls the library of the same name.
fn stand_in(program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let this = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\nMINISIGN_ARGS=\"$*\" exec '{}' --exact --ignored --quiet in_the_place_of_minisign\n",
        this.display()
    );
    fs::write(program, script).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[ignore = "the guide's shell runs it"]
fn in_the_place_of_minisign() {
    let given = std::env::var("MINISIGN_ARGS").expect("it runs inside of the guide");
    let words: Vec<&str> = given.split(' ').collect();
    match words.as_slice() {
        ["-G", "-W", "-p", public, "-s", secret] => {
            let pair = KeyPair::generate_unencrypted_keypair().unwrap();
            fs::write(public, pair.pk.to_box().unwrap().into_string()).unwrap();
            fs::write(secret, pair.sk.to_box(None).unwrap().into_string()).unwrap();
        }
        ["-S", "-s", secret, "-m", file] => {
            let secret = SecretKeyBox::from_string(&fs::read_to_string(secret).unwrap()).unwrap();
            let secret = secret.into_unencrypted_secret_key().unwrap();
            let signed = minisign::sign(None, &secret, fs::File::open(file).unwrap(), None, None).unwrap();
            fs::write(format!("{file}.minisig"), signed.into_string()).unwrap();
        }
        other => panic!("the guide calls minisign with {other:?}"),
    }
}

fn has(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

#[test]
fn every_step_does_what_it_says() {
    let mut reader = Reader::new();
    let mut printed = String::new();
    for block in blocks(&guide()) {
        let words: Vec<&str> = block.info.split(' ').collect();
        match words.as_slice() {
            ["sh"] => printed = reader.run(&block),
            ["text"] => {
                let (shown, found): (Vec<&str>, Vec<&str>) = (block.text.lines().collect(), printed.lines().collect());
                assert!(
                    shows(&shown, &found),
                    "line {}: the guide shows\n{}\nand this is printed:\n{printed}",
                    block.line,
                    block.text
                );
            }
            [_, file] => {
                let name = file.strip_prefix("file:").unwrap_or_else(|| panic!("line {}: {file}", block.line));
                reader.write(name, &block.text);
            }
            _ => panic!("line {}: nobody can follow a block of the kind {:?}", block.line, block.info),
        }
    }
}

/// The pipeline at the end runs what was run by hand before.
#[test]
fn the_pipeline_runs_known_commands() {
    let blocks = blocks(&guide());
    let by_hand: Vec<&str> =
        blocks.iter().filter(|block| block.info == "sh").flat_map(|block| block.text.lines()).collect();
    let pipeline = blocks.iter().find(|block| block.info.contains(".github/workflows/")).expect("a pipeline");
    let mut steps = 0;
    for line in pipeline.text.lines() {
        let command = line.trim().trim_start_matches("- ").trim_start_matches("run: ");
        if command.starts_with("plimsoll ") {
            steps += 1;
            let tried =
                by_hand.iter().any(|line| line.strip_suffix(" || echo \"exit code $?\"").unwrap_or(line) == command);
            assert!(tried, "`{command}` is not tried in the guide");
        }
    }
    assert!(steps >= 2, "{}", pipeline.text);
}

#[test]
fn what_it_links_to_exists() {
    let folder = root().join("plugins");
    for target in guide().split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let local = !target.contains("://") && !target.starts_with('#');
        assert!(!local || Path::new(&folder).join(target).exists(), "{target} is not there");
    }
}

#[test]
fn an_ellipsis_stands_for_anything() {
    let same = |shown: &str, found: &str| shows(&shown.lines().collect::<Vec<_>>(), &found.lines().collect::<Vec<_>>());
    assert!(same("a\nb", "a\nb") && !same("a\nb", "a\nc") && !same("a", "a\nb") && !same("a\nb", "a"));
    assert!(same("ok … fuel, …", "ok 12 fuel, 1 MB") && !same("ok … fuel", "ok 12 MB"));
    assert!(same("a\n…\nz", "a\nz") && same("a\n…\nz", "a\nb\nc\nz") && !same("a\n…\nz", "a\nb"));
}
