//! What a plug-in's memories and tables may grow to, and why a call ended early.

use super::error::Stop;
use plimsoll_plugin_abi::Limits;
use wasmtime::{ResourceLimiter, Trap};

/// Counts what a plug-in's memories and tables grow to, and remembers what it was denied.
pub(super) struct Guard {
    memory: usize,
    memory_limit: usize,
    elements: usize,
    element_limit: usize,
    instances: usize,
    stores: usize,
    denied: Option<Stop>,
}

impl Guard {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: 0,
            memory_limit: Limits::size(limits.memory_bytes),
            elements: 0,
            element_limit: Limits::size(limits.table_elements),
            instances: Limits::size(limits.instances),
            stores: Limits::size(limits.stores),
            denied: None,
        }
    }

    /// Bytes of all memories. They never shrink, so at the end of a call this is the most it had.
    pub(super) fn memory_bytes(&self) -> u64 {
        u64::try_from(self.memory).unwrap_or(u64::MAX)
    }

    /// What an instance that could not be made, or a call that failed, came to; `None` when the limits and the plug-in's own code
    /// have nothing to do with it.
    pub(super) fn stopped(&self, error: &wasmtime::Error) -> Option<Stop> {
        if let Some(denied) = &self.denied {
            return Some(denied.clone());
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Some(match trap {
                Trap::OutOfFuel => Stop::Fuel,
                Trap::Interrupt => Stop::Time,
                Trap::StackOverflow => Stop::Stack,
                Trap::UnreachableCodeReached => Stop::Panic,
                trap => Stop::Trap(trap.to_string()),
            });
        }
        let text = format!("{error:#}");
        // These have no types of their own.
        if text.contains("fuel allocated for hostcalls") {
            return Some(Stop::Result);
        }
        if text.contains("resource limit exceeded") {
            return Some(Stop::Instances);
        }
        text.contains("os error").then_some(Stop::Trap(text))
    }
}

/// Why a call failed.
pub(super) fn stop(error: &wasmtime::Error, guard: &Guard) -> Stop {
    if let Some(stop) = guard.stopped(error) {
        return stop;
    }
    if error.downcast_ref::<std::str::Utf8Error>().is_some() {
        return Stop::Text;
    }
    // What is left is the canonical ABI: a value that its type does not have.
    Stop::Value(format!("{error:#}"))
}

impl ResourceLimiter for Guard {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > self.memory_limit {
            self.denied = Some(Stop::Memory);
            // A trap, not a refusal: the plug-in's own out-of-memory message would say less.
            return Err(wasmtime::Error::msg("memory limit"));
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.elements.saturating_add(desired.saturating_sub(current));
        if total > self.element_limit {
            self.denied = Some(Stop::Table);
            return Err(wasmtime::Error::msg("table limit"));
        }
        self.elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.stores
    }

    fn memories(&self) -> usize {
        self.stores
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together_and_the_first_denial_is_remembered() {
        let mut guard = Guard::new(&Limits { memory_bytes: 100, table_elements: 10, ..Limits::default() });
        assert!(guard.memory_growing(0, 60, None).unwrap() && guard.memory_growing(0, 40, None).unwrap());
        assert_eq!(guard.memory_bytes(), 100);
        let error = guard.memory_growing(40, 41, None).unwrap_err();
        assert_eq!((stop(&error, &guard), guard.memory_bytes()), (Stop::Memory, 100));
        let mut guard = Guard::new(&Limits { table_elements: 10, ..Limits::default() });
        assert!(guard.table_growing(0, 10, None).unwrap());
        let error = guard.table_growing(10, usize::MAX, None).unwrap_err();
        assert_eq!(stop(&error, &guard), Stop::Table);
    }

    #[test]
    fn errors_without_a_type_are_told_apart() {
        let guard = Guard::new(&Limits::default());
        let of = |text: &str| stop(&wasmtime::Error::msg(text.to_owned()), &guard);
        assert_eq!(of("too much data: fuel allocated for hostcalls has been exhausted"), Stop::Result);
        assert_eq!(of("resource limit exceeded: instance count too high at 201"), Stop::Instances);
        assert_eq!(of("unexpected discriminant: 9"), Stop::Value("unexpected discriminant: 9".to_owned()));
        assert!(matches!(of("mmap failed: Cannot allocate memory (os error 12)"), Stop::Trap(_)));
        let bytes = vec![0xffu8];
        let text = wasmtime::Error::from(std::str::from_utf8(&bytes).unwrap_err());
        assert_eq!(stop(&text, &guard), Stop::Text);
    }
}
