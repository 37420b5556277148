//! Plug-ins in C: zig's compiler or clang, with a libc for WebAssembly; what that libc may ask of a system is answered inside of
//! the component.

use super::interface::{Wit, said};
use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Answers to a libc's questions: see `preview1/deny.wat`.
const DENY: &[u8] = include_bytes!("preview1/deny.wasm");

/// What `preview1/deny.wat` stands for: the module that a libc imports from.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// One module that is called, not run; small; with a stack of a megabyte.
const FLAGS: [&str; 7] =
    ["-std=c11", "-Os", "-Wall", "-Wextra", "-mexec-model=reactor", "-Wl,--strip-all", "-Wl,-z,stack-size=1048576"];

/// For clang: its stack lies below everything else, so that a recursion without end is a trap. Zig does so by itself.
const CLANG: [&str; 2] = ["--target=wasm32-wasi", "-Wl,--stack-first"];

/// For zig.
const ZIG: [&str; 3] = ["cc", "-target", "wasm32-wasi"];

/// Builds a plug-in; its component.
pub(super) fn build(folder: &Path) -> Result<Vec<u8>> {
    let folder = std::fs::canonicalize(folder).with_context(|| format!("{} is not there", folder.display()))?;
    let sources = sources(&folder)?;
    let Some(compiler) = Compiler::find(&folder) else { bail!("{}", missing(&folder)) };
    let scratch = tempfile::tempdir().context("no temporary folder could be made")?;
    let wit = Wit::of(&folder, scratch.path())?;
    let out = scratch.path().join("plugin.wasm");
    let run = compiler
        .command()
        .args(FLAGS)
        .arg("-o")
        .arg(&out)
        .args(&sources)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} could not be started", compiler.program.display()))?;
    if !run.status.success() {
        bail!("{} does not compile:\n{}", folder.display(), said(&run));
    }
    let module = std::fs::read(&out).with_context(|| format!("the compiler wrote nothing:\n{}", said(&run)))?;
    component(module, &wit)
}

/// The folder's C files, in the order of names, so that the same files make the same module.
fn sources(folder: &Path) -> Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))? {
        let name = entry.with_context(|| format!("{} could not be read", folder.display()))?.file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "c") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A compiler for C that knows WebAssembly.
#[derive(PartialEq, Eq, Debug)]
struct Compiler {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Compiler {
    /// The plug-in's own, else what the machine has.
    fn find(folder: &Path) -> Option<Self> {
        let sdk = std::env::var_os("WASI_SDK_PATH").map(PathBuf::from);
        Self::candidates(folder, sdk.as_deref()).into_iter().find(Self::works)
    }

    fn candidates(folder: &Path, sdk: Option<&Path>) -> Vec<Self> {
        let mut all = Vec::new();
        for python in ["bin/python", "Scripts/python.exe"].map(|path| folder.join(".venv").join(path)) {
            if python.is_file() {
                all.push(Self::new(python, &[&["-m", "ziglang"], ZIG.as_slice()].concat()));
            }
        }
        if let Some(sdk) = sdk {
            all.push(Self::new(sdk.join("bin/clang"), &CLANG));
        }
        all.push(Self::new("zig".into(), &ZIG));
        all.push(Self::new("clang".into(), &CLANG));
        all
    }

    fn new(program: PathBuf, arguments: &[&str]) -> Self {
        Self { program, arguments: arguments.iter().map(OsString::from).collect() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }

    /// Whether it is there. That its libc is there shows only when it compiles, and it says so itself.
    fn works(&self) -> bool {
        let run =
            self.command().arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    }
}

fn missing(folder: &Path) -> String {
    format!(
        "{} has no compiler: run `python3 -m venv .venv` and `.venv/bin/pip install --require-hashes -r requirements.txt` there, which \
         installs zig's C compiler; or put zig or clang (with lld and wasi-libc) on PATH, or name a WASI SDK in WASI_SDK_PATH",
        folder.display()
    )
}

/// Wraps a module that exports the interface's functions.
fn component(mut module: Vec<u8>, wit: &Wit) -> Result<Vec<u8>> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(wit.path()).context("the interface in wit/ cannot be read")?;
    let world = resolve.select_world(&[package], Some("plugin")).context("wit/ has no world `plugin`")?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8)
        .context("the interface cannot be added to the module")?;
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.adapter(PREVIEW1, DENY))
        .and_then(|encoder| encoder.encode())
        .context("the module cannot be made a component: plimsoll.c has to be compiled with it, and no file, process or socket used")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;
    use plimsoll_plugin_abi as abi;

    #[test]
    fn the_adapter_is_its_text() {
        assert_eq!(
            wat::parse_bytes(include_bytes!("preview1/deny.wat")).unwrap(),
            DENY,
            "wasm-tools parse deny.wat -o deny.wasm"
        );
    }

    #[test]
    fn files_are_compiled_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["plugin.c", "plimsoll.c", "plimsoll.h", "README.md"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(sources(folder.path()).unwrap(), ["plimsoll.c", "plugin.c"]);
    }

    #[test]
    fn the_plug_in_s_own_compiler_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let programs = |sdk: Option<&Path>| -> Vec<PathBuf> {
            Compiler::candidates(folder.path(), sdk).into_iter().map(|compiler| compiler.program).collect()
        };
        assert_eq!(programs(None), [PathBuf::from("zig"), "clang".into()]);
        let python = folder.path().join(".venv/bin/python");
        std::fs::create_dir_all(python.parent().unwrap()).unwrap();
        std::fs::write(&python, "").unwrap();
        assert_eq!(programs(Some(Path::new("/sdk"))), [python, "/sdk/bin/clang".into(), "zig".into(), "clang".into()]);
        assert!(!Compiler::new("/no/such/compiler".into(), &[]).works());
    }

    /// A module that exports too little, and one that wants more than the adapter gives.
    #[test]
    fn a_module_that_is_no_plug_in_says_why() {
        let (plugin, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let wit = Wit::of(plugin.path(), scratch.path()).unwrap();
        let error = |text: &str| format!("{:#}", component(wat::parse_str(text).unwrap(), &wit).unwrap_err());
        assert!(error("(module)").contains("plimsoll:plugin/rules@0.1.0"), "{}", error("(module)"));
        let wants = error(r#"(module (import "env" "system" (func (param i32) (result i32))))"#);
        assert!(wants.contains("env"), "{wants}");
    }

    /// The template's header says how long each record is in memory. These lines are made here from the interface.
    #[test]
    fn the_header_has_the_interface_s_layout() {
        let mut resolve = wit_parser::Resolve::default();
        resolve.push_str("plimsoll-plugin.wit", abi::WIT).unwrap();
        let mut sizes = wit_parser::SizeAlign::default();
        sizes.fill(&resolve);
        let header = include_str!("../../../../plugins/templates/c/plimsoll.h");
        let mut records = 0;
        for (id, definition) in resolve.types.iter() {
            if let (wit_parser::TypeDefKind::Record(_), Some(name)) = (&definition.kind, &definition.name) {
                let size = sizes.size(&wit_parser::Type::Id(id)).size_wasm32();
                let line = format!("_Static_assert(sizeof(pl_{name}) == {size}, \"{name}\");");
                assert!(header.contains(&line), "plimsoll.h lacks: {line}");
                records += 1;
            }
        }
        assert_eq!(header.matches("_Static_assert(").count(), records);
    }
}
