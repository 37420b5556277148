//! index.html + the web crate → a folder that any web server can hand out.

use crate::{html, root, say, sizes::Sizes, tools};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const TARGET: &str = "wasm32-unknown-unknown";

/// What the page may do: run its own scripts and modules, talk to nobody. It is written here and not in index.html because Trunk
/// starts the page with an inline script, which this policy refuses.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

/// What to build, and where to.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Small and slow to build (profile `web`), or quick to build.
    pub release: bool,
    /// The folder that is written.
    pub out: PathBuf,
    /// Say what is being done.
    pub progress: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { release: false, out: root().join("dist"), progress: true }
    }
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct Built {
    /// Where the page is.
    pub out: PathBuf,
    /// How large its parts are.
    pub sizes: Sizes,
}

/// Builds the page.
///
/// # Errors
/// When the crate does not compile, the glue cannot be made, or a file cannot be written.
pub fn build(options: &BuildOptions) -> Result<Built> {
    let tell = |line: String| options.progress.then(|| say(line));
    let start = Instant::now();
    let profile = if options.release { "web" } else { "dev" };
    let source = fs::read_to_string(root().join("index.html")).context("index.html could not be read")?;
    tell(format!("compiling the page ({profile} profile)"));
    // Facts that are fetched when a file needs them, and the rules' files, whose manuals are read when somebody asks.
    let mut modules = Modules { folder: PathBuf::new(), lazy: vec!["facts/".to_owned(), "rules/".to_owned()] };
    let mut programs = Vec::new();
    html::replace_links(&source, |link| {
        if link.need("rel")? == "rust" {
            programs.push(Program::of(link)?);
            if link.get("data-type") == Some("worker") {
                modules.lazy.push(link.need("data-bin")?.to_owned());
            }
        }
        Ok(String::new())
    })?;
    modules.folder = compile(&programs, profile)?;
    let compiled = start.elapsed();

    // Everything is made beside the old page and then put in its place: a server never hands out half of each, and nothing
    // stale is left over.
    let staging = Staging::new(&options.out)?;
    tell("making the browser glue".to_owned());
    let page = html::replace_links(&source, |link| place(link, &modules, &staging.folder, options.release))?;
    fs::write(staging.folder.join("index.html"), html::insert_policy(&page, POLICY)?)?;
    let sizes = Sizes::of(&staging.folder, &modules.lazy)?;
    staging.commit(&options.out)?;
    tell(format!("built in {:.1} s (compiling {:.1} s)", start.elapsed().as_secs_f64(), compiled.as_secs_f64()));
    Ok(Built { out: options.out.clone(), sizes })
}

/// The compiled modules.
struct Modules {
    folder: PathBuf,
    /// How the names of those start that the page fetches only when they are needed.
    lazy: Vec<String>,
}

/// A program of the page: its package and its name.
struct Program {
    package: String,
    name: String,
}

impl Program {
    fn of(link: &html::Link) -> Result<Self> {
        let manifest = root().join(link.need("href")?);
        let text =
            fs::read_to_string(&manifest).with_context(|| format!("{} could not be read", manifest.display()))?;
        let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let package = name.with_context(|| format!("{} names no package", manifest.display()))?.to_owned();
        Ok(Self { package, name: link.need("data-bin")?.to_owned() })
    }
}

/// Compiles the programs of the page; the folder with their modules. All at once: apart, each would compile what they share with
/// features of its own.
fn compile(programs: &[Program], profile: &str) -> Result<PathBuf> {
    // The folder is passed on, not guessed: a test that builds the page runs with its own CARGO_TARGET_DIR or none.
    let target =
        std::path::absolute(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from))?;
    let mut cargo = tools::cargo();
    cargo.args(["build", "--quiet", "--target", TARGET, "--profile", profile]);
    cargo.arg("--manifest-path").arg(root().join("Cargo.toml"));
    for program in programs {
        cargo.args(["--package", &program.package, "--bin", &program.name]);
    }
    if profile == "dev" {
        // Without any optimisation the analysis is ten times slower in the page, and typing feels like it.
        for package in ["plimsoll-core", "granit-parser"] {
            cargo.args(["--config", &format!("profile.dev.package.{package}.opt-level=1")]);
        }
    }
    let status = cargo.arg("--target-dir").arg(&target).status().context("cargo could not be started")?;
    if !status.success() {
        bail!("the page does not compile (see above)");
    }
    Ok(target.join(TARGET).join(if profile == "dev" { "debug" } else { profile }))
}

/// Puts what one link asks for into the folder; the tags that stand for it.
fn place(link: &html::Link, modules: &Modules, out: &Path, release: bool) -> Result<String> {
    match link.need("rel")? {
        "css" => Ok(format!("<link rel=\"stylesheet\" href=\"{}\">", copy(link, out)?)),
        "icon" => Ok(format!("<link rel=\"icon\" type=\"image/svg+xml\" href=\"{}\">", copy(link, out)?)),
        "copy-file" => copy(link, out).map(|_| String::new()),
        "copy-dir" => copy_folder(&root().join(link.need("href")?), out).map(|()| String::new()),
        "rust" => {
            let name = link.need("data-bin")?;
            glue(name, &modules.folder, out, release)?;
            // A worker's module is started by a script of its own, which the page fetches when it needs it.
            if link.get("data-type") == Some("worker") { Ok(String::new()) } else { starters(name, out) }
        }
        other => bail!("index.html: xtask does not know rel=\"{other}\""),
    }
}

/// Copies a folder with everything in it, under its own name.
fn copy_folder(from: &Path, into: &Path) -> Result<()> {
    let out = into.join(from.file_name().context("index.html: a link names no folder")?);
    fs::create_dir_all(&out)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} could not be read", from.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            copy_folder(&path, &out)?;
        } else if let Some(name) = path.file_name() {
            fs::copy(&path, out.join(name))?;
        }
    }
    Ok(())
}

fn copy(link: &html::Link, out: &Path) -> Result<String> {
    let from = root().join(link.need("href")?);
    let name = from.file_name().and_then(|name| name.to_str()).context("index.html: a link names no file")?.to_owned();
    let name = match link.get("data-target-path") {
        Some(folder) => {
            fs::create_dir_all(out.join(folder))?;
            format!("{folder}/{name}")
        }
        None => name,
    };
    fs::copy(&from, out.join(&name)).with_context(|| format!("{} could not be copied", from.display()))?;
    Ok(name)
}

/// Makes the browser glue of a module.
fn glue(name: &str, modules: &Path, out: &Path, release: bool) -> Result<()> {
    let module = modules.join(format!("{name}.wasm"));
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(false)
        // The library leaves out the module's own address by default; a worker that calls `init()` would find nothing.
        .omit_default_module_path(false)
        .out_name(name)
        // Reading line tables takes longer than the rest; names stay in for panics of a dev build.
        .keep_debug(false)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(out)
        .with_context(|| format!("no browser glue could be made of {}", module.display()))
}

/// Writes the script that starts the page and the one that starts its module as a worker; the tags that go with them.
fn starters(name: &str, out: &Path) -> Result<String> {
    let start = format!(
        "import init from \"./{name}.js\";\n\
         init({{ module_or_path: \"./{name}_bg.wasm\" }}).catch((error) => {{\n  \
         console.error(error);\n  \
         const message = document.createElement(\"p\");\n  \
         message.className = \"notice-bar\";\n  \
         message.textContent = \"Plimsoll could not start in this browser. It needs WebAssembly and a browser of 2024 or later.\";\n  \
         document.body.replaceChildren(message);\n\
         }});\n"
    );
    fs::write(out.join("boot.js"), start)?;
    fs::write(
        out.join("worker.js"),
        format!("import init from \"./{name}.js\";\nawait init({{ module_or_path: \"./{name}_bg.wasm\" }});\n"),
    )?;
    // Without these the browser learns of the module, and of the editor, only when the glue has come.
    let mut tags = format!(
        "<link rel=\"modulepreload\" href=\"{name}.js\">\n    \
         <link rel=\"preload\" href=\"{name}_bg.wasm\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n    "
    );
    for snippet in snippets(out)? {
        tags.push_str(&format!("<link rel=\"modulepreload\" href=\"{snippet}\">\n    "));
    }
    tags.push_str("<script type=\"module\" src=\"boot.js\"></script>");
    Ok(tags)
}

/// Scripts that came with the crate (the editor), as addresses from the page.
fn snippets(out: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![out.join("snippets")];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "js") {
                let parts: Vec<_> = path.strip_prefix(out)?.iter().map(|part| part.to_string_lossy()).collect();
                found.push(parts.join("/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The folder in the making; gone when the build fails.
struct Staging {
    folder: PathBuf,
}

impl Staging {
    fn new(out: &Path) -> Result<Self> {
        let foreign = out.is_dir() && !out.join("boot.js").is_file() && fs::read_dir(out)?.next().is_some();
        if foreign {
            bail!("{} holds something else than a page; name an empty folder", out.display());
        }
        let folder = beside(out, "new");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
        Ok(Self { folder })
    }

    fn commit(&self, out: &Path) -> Result<()> {
        let old = beside(out, "old");
        if out.is_dir() {
            fs::rename(out, &old)?;
        }
        fs::rename(&self.folder, out).with_context(|| format!("{} could not be put in place", out.display()))?;
        if old.is_dir() {
            fs::remove_dir_all(&old)?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a commit there is nothing here any more; after a failure the next build clears what could not be removed now.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A sibling of the folder that no other process uses.
fn beside(out: &Path, what: &str) -> PathBuf {
    let name = out.file_name().map_or_else(|| "dist".to_owned(), |name| name.to_string_lossy().into_owned());
    out.with_file_name(format!(".{name}.{what}.{}", std::process::id()))
}

/// Makes sure that the compiler can build for the browser.
///
/// # Errors
/// When the target is missing and cannot be added.
pub fn ensure_target() -> Result<()> {
    let rustup = || Command::new("rustup");
    // Without rustup (a distribution's compiler) the build itself will tell whether the target is there.
    let Ok(listed) = rustup().args(["target", "list", "--installed"]).current_dir(root()).output() else {
        return Ok(());
    };
    if String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.trim() == TARGET) {
        return Ok(());
    }
    say(format!("adding the {TARGET} target to the compiler"));
    let added = rustup().args(["target", "add", TARGET]).current_dir(root()).status();
    if !added.is_ok_and(|status| status.success()) {
        bail!(
            "the compiler lacks the {TARGET} target: run `rustup target add {TARGET}` where the network is reachable"
        );
    }
    Ok(())
}
