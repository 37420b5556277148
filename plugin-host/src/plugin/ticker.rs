//! The clock below the fuel: moves an engine's epoch on, for as long as there is the engine.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use wasmtime::EngineWeak;

/// How often the clock of [`Limits::ticks`](plimsoll_plugin_abi::Limits::ticks) moves on.
const TICK: Duration = Duration::from_millis(10);

/// A running clock; it ends when this is dropped.
pub(super) struct Ticker {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts a clock. Without a thread for it there is still the fuel.
    pub(super) fn start(engine: EngineWeak) -> Self {
        let (end, ended) = channel::<()>();
        let thread = Builder::new().name("plug-in clock".to_owned()).spawn(move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => break,
                }
            }
        });
        Self { end: Some(end), thread: thread.ok() }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // The other end of a dropped channel wakes at once.
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn the_thread_ends_with_the_engine() {
        let engine = wasmtime::Engine::default();
        let ticker = Ticker::start(engine.weak());
        assert!(ticker.thread.as_ref().is_some_and(|thread| !thread.is_finished()));
        let begun = Instant::now();
        drop(ticker);
        assert!(begun.elapsed() < Duration::from_secs(5));
        // Alone it ends, too, once its engine is gone.
        let engine = wasmtime::Engine::default();
        let ticker = Ticker::start(engine.weak());
        drop(engine);
        let thread = ticker.thread.as_ref().unwrap();
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(TICK);
        }
        assert!(thread.is_finished());
    }
}
