//! How the time of the map, of breaches and of plans grows with the number of services: `cargo bench -p plimsoll-core --bench graph`.
//!
//! A stack of one size and of eight times that size is analysed in one run on one machine; the ratio is what counts. Pairs of services
//! grow with the square, so 64 is what the work itself asks for. A ratio far above ends the run with a failure.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "a benchmark measures and prints; no result of the analysis depends on it"
)]

use plimsoll_core::graph::outcome::Preset;
use plimsoll_core::graph::{self, plan, segment, walk};
use plimsoll_core::project::Project;
use plimsoll_core::report::map;
use plimsoll_core::report::stack::{Wanted, wire};
use plimsoll_core::{Date, Sources};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TODAY: Date = Date::new(2026, 11, 24);
/// Ratios above this are worse than the square, whatever else the machine is doing.
const MOST: f64 = 128.0;
/// Times below this say nothing.
const LEAST: Duration = Duration::from_millis(2);

/// Groups of a web server, PHP, a worker, a database, a cache and a console, all on one network.
fn stack(services: usize) -> String {
    let mut text = String::from("services:\n");
    for group in 0..services.div_ceil(6) {
        text += &format!(
            "  web{group}:\n    image: nginx:1.30.4\n    ports: [\"{port}:80\"]\n    depends_on: [app{group}]\n  app{group}:\n    image: acme/app:1\n    command: php-fpm\n    environment: {{DB_HOST: db{group}, DB_PASSWORD: hunter22, REDIS_HOST: redis{group}, QUEUE_CONNECTION: redis}}\n  worker{group}:\n    image: acme/app:1\n    command: php artisan queue:work\n    environment: {{DB_HOST: db{group}, REDIS_HOST: redis{group}, QUEUE_CONNECTION: redis}}\n  db{group}:\n    image: mysql:8.4.11\n    environment: {{MYSQL_ROOT_PASSWORD: root}}\n  redis{group}:\n    image: redis:8.2.9\n  pma{group}:\n    image: phpmyadmin:5.2.3\n    environment: {{PMA_HOST: db{group}}}\n",
            port = 8000 + group
        );
    }
    text
}

type Measured = (&'static str, fn(&Project<'_>));

const PARTS: [Measured; 6] = [
    ("graph", |project| {
        std::hint::black_box(graph::of(project, &project.views[0]));
    }),
    ("segmentation", |project| {
        std::hint::black_box(segment::segmentation(&graph::of(project, &project.views[0])));
    }),
    ("one breach", |project| {
        std::hint::black_box(walk::breach(&graph::of(project, &project.views[0]), 0));
    }),
    ("breaches and the best changes", |project| {
        std::hint::black_box(walk::stack(&graph::of(project, &project.views[0])));
    }),
    ("balanced plan", |project| {
        std::hint::black_box(plan::plan(&graph::of(project, &project.views[0]), Preset::Balanced));
    }),
    ("the page's map with its layout", |project| {
        let document = wire(project, &Wanted::default());
        std::hint::black_box(document.views.first().map(map::layout::layout));
    }),
];

/// The shortest of three runs.
fn time(part: fn(&Project<'_>), project: &Project<'_>) -> Duration {
    let run = |_| {
        let start = Instant::now();
        part(project);
        start.elapsed()
    };
    (0..3).map(run).min().unwrap_or_default()
}

fn main() -> ExitCode {
    let mut failed = false;
    let sizes = [60, 480].map(stack);
    let sources = sizes.each_ref().map(|text| {
        let mut sources = Sources::new();
        sources.add("compose.yaml", text.as_str());
        sources
    });
    let [small, large] = sources.each_ref().map(|sources| Project::new(sources, TODAY));
    println!("{:<34} {:>12} {:>12} {:>7}", "", "60 services", "480 services", "ratio");
    for (name, part) in PARTS {
        let (a, b) = (time(part, &small), time(part, &large));
        let ratio = b.as_secs_f64() / a.max(Duration::from_micros(1)).as_secs_f64();
        let bad = ratio > MOST && b > LEAST;
        failed |= bad;
        println!(
            "{name:<34} {:>9.2} ms {:>9.2} ms {ratio:>7.1}{}",
            a.as_secs_f64() * 1000.0,
            b.as_secs_f64() * 1000.0,
            if bad { "  too much" } else { "" }
        );
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
