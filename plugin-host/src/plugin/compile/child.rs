//! The side that compiles.

use super::wire::{Order, Reply};
use crate::plugin::engine;
use crate::plugin::error::PluginError;
use anyhow::Context as _;
use plimsoll_plugin_abi::Limits;
use std::io::Read as _;

/// Takes a component from standard input and gives machine code on standard output: `plimsoll __compile`.
///
/// # Errors
/// When nobody gave an order, or the limits cannot be set: then nothing is compiled.
pub fn child() -> anyhow::Result<u8> {
    // A thread has all of its stack from the beginning. The main thread's grows, and where the limit of memory does not let it, the
    // process would end without a word.
    let worker =
        std::thread::Builder::new().stack_size(STACK).spawn(work).context("there is no thread to compile on")?;
    worker.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the compiler panicked")))
}

/// Bytes of the compiling thread's stack.
const STACK: usize = 8 << 20;

fn work() -> anyhow::Result<u8> {
    let mut input = std::io::stdin().lock();
    let order = Order::read(&mut input).context("`plimsoll __compile` is started by plimsoll itself")?;
    confine(&order).context("the limits of the compiling process could not be set")?;
    let mut component = Vec::new();
    input.take(order.length).read_to_end(&mut component).context("the component could not be read")?;
    let reply = match engine::compile(&component) {
        // The parent has to hold it, too.
        Ok(artefact) if !Limits::holds(Reply::most(order.bytes), artefact.len()) => {
            Reply::Crashed(format!("out of memory: its machine code has {} bytes", artefact.len()))
        }
        Ok(artefact) => Reply::Compiled(artefact),
        Err(PluginError::Compile(reason)) => Reply::Refused(reason),
        Err(PluginError::CompileCrashed(reason)) => Reply::Crashed(reason),
        Err(error) => Reply::Crashed(error.to_string()),
    };
    reply.write(&mut std::io::stdout().lock()).context("the reply could not be written")?;
    Ok(crate::exit::CLEAN)
}

/// Takes the limits upon this process: memory, time, and neither files nor memory dumps.
#[cfg(unix)]
fn confine(order: &Order) -> std::io::Result<()> {
    use rustix::process::Resource;
    limit(Resource::As, order.bytes, order.bytes)?;
    // At the lower one a signal says why; at the higher one there is no more to say.
    limit(Resource::Cpu, order.cpu_seconds, order.cpu_seconds.saturating_add(5))?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)
}

/// Lowers a limit; one that is lower already stays.
#[cfg(unix)]
fn limit(resource: rustix::process::Resource, current: u64, most: u64) -> std::io::Result<()> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(resource).maximum.map_or(most, |now| now.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(current.min(maximum)), maximum: Some(maximum) })?)
}

/// Other systems have the deadline alone.
#[cfg(not(unix))]
fn confine(_: &Order) -> std::io::Result<()> {
    Ok(())
}
