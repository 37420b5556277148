//! The page and the terminal say the same of the same file, as far as a file is judged before it runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll::plugin::PluginError;
use plimsoll::plugin::inspect::inspect;
use plimsoll_plugin_linker::{Bounds, During, Limits, LinkError, Stop, plan};
use plimsoll_tests::attacks::{self, Expect};

/// Every attack that the host refuses for what the file is, the linker refuses with the same code, and in the same words.
#[test]
fn attacks_end_the_same_way() {
    let limits = Limits::default();
    let mut compared = 0;
    for attack in attacks::all().into_iter().flat_map(|group| group.attacks) {
        let bytes = (attack.bytes)();
        let host = inspect(&bytes, &limits).and_then(|found| found.fits());
        let ours = plan(&bytes, &limits, &Bounds::default());
        match (host, ours) {
            (Err(host), Err(ours)) => {
                assert_eq!((ours.code(), ours.to_string()), (host.code(), host.to_string()), "{}", attack.name);
                assert_eq!(ours.help(), host.help(), "{}", attack.name);
                compared += 1;
            }
            (Err(host), Ok(_)) => panic!("{}: only the host refuses it: {host}", attack.name),
            // What the host's compiler refuses, and what it refuses at the start.
            (Ok(()), Err(ours)) => assert_eq!(attack.terminal, Expect::Refused(ours.code()), "{}: {ours}", attack.name),
            (Ok(()), Ok(_)) => {}
        }
    }
    assert!(compared >= 15, "{compared}");
}

#[test]
fn every_error_has_the_hosts_code_words_and_help() {
    let text = "x\u{1b}[31m".repeat(200);
    let pairs = [
        (LinkError::TooLarge { bytes: 3, limit: 2 }, PluginError::TooLarge { bytes: 3, limit: 2 }),
        (LinkError::NotWasm, PluginError::NotWasm),
        (LinkError::CoreModule, PluginError::CoreModule),
        (LinkError::Malformed(text.clone()), PluginError::Malformed(text.clone())),
        (LinkError::Imports(vec![text.clone(); 7]), PluginError::Imports(vec![text.clone(); 7])),
        (LinkError::NoInterface, PluginError::NoInterface),
        (
            LinkError::Version("0.0.1".to_owned()),
            PluginError::Version { found: "0.0.1".to_owned(), plugin_is_older: true },
        ),
        (
            LinkError::Version("9.0.1".to_owned()),
            PluginError::Version { found: "9.0.1".to_owned(), plugin_is_older: false },
        ),
        (LinkError::CompileCost { cost: 3, limit: 2 }, PluginError::CompileCost { cost: 3, limit: 2 }),
        (LinkError::TooMany("functions", 3, 2), PluginError::TooMany("functions", 3, 2)),
        (LinkError::Feature("threads"), PluginError::Feature("threads")),
        (LinkError::Compile(text.clone()), PluginError::Compile(text.clone())),
        (LinkError::Shape(text.clone()), PluginError::Shape(text.clone())),
        (LinkError::Start(Stop::Memory), run(During::Start, Stop::Memory)),
    ];
    for (ours, hosts) in pairs {
        assert_eq!((ours.code(), ours.to_string(), ours.help()), (hosts.code(), hosts.to_string(), hosts.help()));
    }
    for during in [During::Start, During::Describe, During::Check] {
        let stops = [
            Stop::Memory,
            Stop::Table,
            Stop::Stack,
            Stop::Result,
            Stop::Panic,
            Stop::Text,
            Stop::Value(text.clone()),
            Stop::Trap(text.clone()),
        ];
        for stop in stops {
            let hosts = run(during, stop.clone());
            assert_eq!((stop.code(), format!("{stop} {during}")), (hosts.code(), hosts.to_string()));
        }
    }
}

fn run(during: During, stop: Stop) -> PluginError {
    use plimsoll::plugin::{During as HostDuring, Stop as HostStop};
    PluginError::Run {
        during: match during {
            During::Start => HostDuring::Start,
            During::Describe => HostDuring::Describe,
            During::Check => HostDuring::Check,
        },
        stop: match stop {
            Stop::Memory => HostStop::Memory,
            Stop::Table => HostStop::Table,
            Stop::Stack => HostStop::Stack,
            Stop::Result => HostStop::Result,
            Stop::Panic => HostStop::Panic,
            Stop::Text => HostStop::Text,
            Stop::Value(reason) => HostStop::Value(reason),
            Stop::Trap(reason) => HostStop::Trap(reason),
        },
    }
}
