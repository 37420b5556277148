//! The parts of a run alone, for benchmarks: a run itself always does all of them.

use super::engine::Job;
use super::error::{During, PluginError};
use super::{Host, Input, Plugin};
use std::time::{Duration, Instant};

/// How long it takes until a plug-in could be called: a fresh store, and an instance in it.
///
/// # Errors
/// When it cannot be instantiated.
pub fn instantiate(host: &Host, plugin: &Plugin) -> Result<Duration, PluginError> {
    let limits = host.limits();
    let job = Job {
        plugin: plugin.prepared.as_ref(),
        limits,
        fuel: limits.fuel,
        result_bytes: limits.result_bytes,
        during: During::Start,
    };
    let begun = Instant::now();
    host.engine.call(&job, |_, _| Ok(()))?;
    Ok(begun.elapsed())
}

/// How long each of several calls of one instance takes. No run does this: what a plug-in keeps would reach the next project.
///
/// # Errors
/// When a call fails.
pub fn warm(
    host: &Host,
    plugin: &Plugin,
    input: &Input,
    settings: &str,
    rounds: usize,
) -> Result<Vec<Duration>, PluginError> {
    let limits = host.limits();
    let Some(foreign) = input.for_plugin(&plugin.chosen) else { return Err(PluginError::NoInterface) };
    let once = limits.fuel_for(input.bytes().saturating_add(settings.len()));
    let job = Job {
        plugin: plugin.prepared.as_ref(),
        limits,
        fuel: once.saturating_mul(u64::try_from(rounds).unwrap_or(u64::MAX)),
        result_bytes: limits.result_bytes,
        during: During::Check,
    };
    let (times, _) = host.engine.call(&job, |instance, store| {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let begun = Instant::now();
            let answer = instance.check(store, foreign, settings)?;
            times.push(begun.elapsed());
            drop(answer);
        }
        Ok(times)
    })?;
    Ok(times)
}
