//! `cargo xtask`: the project's own commands.

use anyhow::{Context as _, Result, bail};
use std::process::ExitCode;
use xtask::{BuildOptions, build, checks, fuzz, languages, watch};

const USAGE: &str = "\
cargo xtask serve [--port N] [--release]      build the playground, serve it, rebuild on change
cargo xtask build [--release] [--out DIR]     build it into a folder (dist)
cargo xtask test [ARGUMENTS OF CARGO TEST]    every test, the browser's included
cargo xtask lint                              formatting and clippy, as CI runs them
cargo xtask fuzz [--seconds N] [TARGET…]      fuzz the parsers and the analysis (60 seconds, all targets)
cargo xtask languages [js|python|c]           plug-ins in other languages: compilers installed, examples built and run
cargo xtask oci                               plug-ins in registries, against a registry started for it
cargo xtask deny                              licences, sources and known faults of the dependencies
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            xtask::say(format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "what was asked for goes to standard output")]
fn run(arguments: Vec<String>) -> Result<()> {
    let mut arguments = arguments.into_iter();
    let command = arguments.next().unwrap_or_default();
    match command.as_str() {
        "build" => {
            let options = Options::read(arguments, &["--release", "--out"])?.build;
            build::ensure_target()?;
            let built = build::build(&options)?;
            print!("{}", built.sizes.table());
            // A quick build is large on purpose.
            if options.release { built.sizes.check() } else { Ok(()) }
        }
        "serve" => {
            let options = Options::read(arguments, &["--release", "--port"])?;
            watch::serve(&options.build, options.port)
        }
        "test" => checks::test(&arguments.collect::<Vec<_>>()),
        "lint" => checks::lint(),
        "deny" => checks::deny(),
        "languages" => languages::languages(arguments),
        "oci" => checks::oci(),
        "fuzz" => fuzz::fuzz(arguments),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no command `{other}`\n{USAGE}"),
    }
}

#[derive(Default)]
struct Options {
    build: BuildOptions,
    port: Option<u16>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>, known: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            if !known.contains(&argument.as_str()) {
                bail!("`{argument}` is not understood here; there are {}", known.join(" and "));
            }
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--release" => options.build.release = true,
                "--out" => options.build.out = std::path::absolute(value()?)?,
                _ => options.port = Some(value()?.parse().context("--port needs a number")?),
            }
        }
        Ok(options)
    }
}
