//! Compiling in a process of its own, which may be ended.
//!
//! No fuel bounds a compiler. What it costs is estimated before ([`super::inspect`]); what the estimate does not foresee ends with the
//! process: it takes a limit of memory and processor time upon itself before it reads the first byte of the file, and its parent ends
//! it at the deadline. The two speak over pipes: an order goes in, a reply comes out, both with their length in front.

mod child;
mod wire;

pub use child::child;

use super::engine;
use super::error::PluginError;
use plimsoll_plugin_abi::Limits;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{Scope, ScopedJoinHandle, scope};
use std::time::{Duration, Instant};
use wire::{Order, Reply};

/// Where plug-ins are compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Compiler {
    /// In this process: what takes too long cannot be ended.
    InProcess,
    /// In a process of its own, under limits of time and memory: the path of the `plimsoll` program, started with `__compile`.
    Child(PathBuf),
}

/// Bytes of the child's standard error that are kept.
const WORDS: u64 = 8 << 10;

/// How long a child that has closed its output may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// Threads of a compiler. More gain little, and each takes address space of the limit.
const THREADS: usize = 4;

impl Compiler {
    /// Compiles a component to what [`engine::Engine::adopt`] takes.
    pub(super) fn compile(
        &self,
        engine: &engine::Engine,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Vec<u8>, PluginError> {
        match self {
            Self::InProcess => engine.compile(bytes),
            Self::Child(program) => in_child(program, bytes, limits),
        }
    }
}

fn in_child(program: &Path, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, PluginError> {
    let deadline = Instant::now() + Duration::from_secs(limits.compile_seconds.min(1 << 20));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let order = Order {
        bytes: limits.compile_bytes,
        cpu_seconds: limits.compile_seconds.saturating_mul(u64::try_from(threads).unwrap_or(1)),
        length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    };
    let mut child = start(program, threads)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
        end(&mut child);
        return Err(PluginError::CompileCrashed("its pipes are missing".to_owned()));
    };
    scope(|scope| {
        // Each pipe has its own thread, so that none can fill up while another is waited for. They end with the child.
        let (done, finished) = mpsc::channel();
        on_thread(scope, move || {
            let _ = stdin.write_all(&order.encode()).and_then(|()| stdin.write_all(bytes));
        });
        on_thread(scope, move || {
            let _ = done.send(Reply::read(stdout, Reply::most(limits.compile_bytes)));
        });
        let words = on_thread(scope, move || said(stderr));
        let reply = finished.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        if matches!(reply, Ok(Some(_))) {
            // All is said: whether it also ends well changes nothing.
            end(&mut child);
        }
        let status = match reply {
            Err(mpsc::RecvTimeoutError::Timeout) => {
                end(&mut child);
                return Err(PluginError::CompileTime(limits.compile_seconds));
            }
            _ => ended(&mut child),
        };
        let words = words.and_then(|thread| thread.join().ok()).unwrap_or_default();
        match reply {
            Ok(Some(Reply::Compiled(artefact))) => Ok(artefact),
            Ok(Some(Reply::Refused(reason) | Reply::Crashed(reason))) if out_of_memory(&reason) => {
                Err(PluginError::CompileMemory(limits.compile_bytes))
            }
            Ok(Some(Reply::Refused(reason))) => Err(PluginError::Compile(reason)),
            Ok(Some(Reply::Crashed(reason))) => Err(PluginError::CompileCrashed(reason)),
            _ => Err(crashed(status, &words, limits)),
        }
    })
}

fn start(program: &Path, threads: usize) -> Result<Child, PluginError> {
    let mut command = Command::new(program);
    command.arg("__compile").env_clear();
    // Address space is limited, and both the pool and the allocator would take some for every processor of a large machine.
    command.env("RAYON_NUM_THREADS", threads.to_string()).env("MALLOC_ARENA_MAX", "2");
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
        .spawn()
        .map_err(|error| PluginError::CompileCrashed(format!("{} could not be started: {error}", program.display())))
}

fn on_thread<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Option<ScopedJoinHandle<'scope, T>> {
    // Without its thread the child gets or gives nothing, and ends at the deadline.
    std::thread::Builder::new().name("plug-in compiler".to_owned()).spawn_scoped(scope, work).ok()
}

/// The beginning of what the child says; the rest is read and dropped, or the child would wait.
fn said(mut stderr: impl Read) -> String {
    let mut words = Vec::new();
    let _ = stderr.by_ref().take(WORDS).read_to_end(&mut words);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    String::from_utf8_lossy(&words).into_owned()
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits for a child that closed its output.
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < GRACE {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    end(child);
    None
}

/// What a child that gave no reply ran into.
fn crashed(status: Option<ExitStatus>, words: &str, limits: &Limits) -> PluginError {
    if out_of_memory(words) {
        return PluginError::CompileMemory(limits.compile_bytes);
    }
    if status.is_some_and(out_of_time) {
        return PluginError::CompileTime(limits.compile_seconds);
    }
    let words = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note:"));
    let words = words.collect::<Vec<_>>().join(" ");
    let status = status.map_or_else(|| "it did not end".to_owned(), |status| status.to_string());
    PluginError::CompileCrashed(if words.is_empty() { status } else { format!("{status}: {words}") })
}

/// The allocator, the kernel and the pool, whose threads need stacks, each have their own words for it.
fn out_of_memory(words: &str) -> bool {
    ["memory allocation of", "os error 12", "Cannot allocate memory", "out of memory", "ThreadPoolBuildError"]
        .iter()
        .any(|said| words.contains(said))
}

#[cfg(unix)]
fn out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn out_of_time(_: ExitStatus) -> bool {
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_childs_last_words_are_understood() {
        let limits = Limits::default();
        let of = |words: &str| crashed(None, words, &limits);
        assert!(matches!(of("memory allocation of 4096 bytes failed"), PluginError::CompileMemory(_)));
        assert!(matches!(of("mmap: Cannot allocate memory (os error 12)"), PluginError::CompileMemory(_)));
        let PluginError::CompileCrashed(reason) = of("\nthread 'main' panicked:\nno\nnote: run with RUST_BACKTRACE\n")
        else {
            panic!("a panic is a crash")
        };
        assert_eq!(reason, "it did not end: thread 'main' panicked: no");
    }

    #[cfg(unix)]
    #[test]
    fn a_signal_tells_why() {
        use std::os::unix::process::ExitStatusExt as _;
        let limits = Limits::default();
        let of = |signal: i32| crashed(Some(ExitStatus::from_raw(signal)), "", &limits);
        assert!(matches!(of(rustix::process::Signal::XCPU.as_raw()), PluginError::CompileTime(120)));
        assert!(matches!(of(11), PluginError::CompileCrashed(reason) if reason.contains("11")));
    }

    #[test]
    fn only_the_beginning_of_what_it_says_is_kept() {
        let words = said(std::io::repeat(b'x').take(1 << 20));
        assert_eq!(words.len(), 8 << 10);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = in_child(Path::new("/does/not/exist"), b"", &Limits::default()).unwrap_err();
        assert!(
            matches!(&error, PluginError::CompileCrashed(reason) if reason.contains("/does/not/exist")),
            "{error:?}"
        );
    }
}
