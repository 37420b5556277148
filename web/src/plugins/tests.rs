use super::about::{About, Failure};
use super::record;
use super::shelf::{Act, Keeping, Kept, MOST_PLUGINS, MOST_TOTAL, Said, Shelf, Told};
use crate::listing::{Filter, Listing, Results};
use crate::stack::Shared;
use plimsoll_core::{Date, Options, Sources, check, report::json};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The revision everything here is about.
const NOW: u64 = 7;

fn about(name: &str) -> Shared<About> {
    let rule = |id: &str| {
        format!(
            r#"{{"id":"{id}","title":"Title of {id}","description":"","severity":"low","kinds":[],"tags":[],"help-url":null,"properties":[]}}"#
        )
    };
    let text = format!(
        r#"{{"name":"{name}","version":"1","description":"","license":"","rules":[{},{}],"settings-schema":null,"properties":[]}}"#,
        rule("a"),
        rule("b")
    );
    Shared::new(About::read(&text, "ab", "0.1.0").unwrap())
}

fn file(name: &str, size: usize) -> Act {
    Act::Dropped { file: name.into(), bytes: Some(Shared::new(vec![0; size])) }
}

fn after(shelf: &Shelf, acts: impl IntoIterator<Item = Act>) -> Shelf {
    let mut shelf = shelf.clone();
    for act in acts {
        shelf.act(act);
    }
    shelf
}

fn said(shelf: &mut Shelf, act: Act) -> Said {
    shelf.act(act).expect("something changed")
}

/// A plug-in that has said what it is.
fn loaded(names: &[&str]) -> Shelf {
    let mut shelf = after(&Shelf::default(), names.iter().map(|name| file(&format!("{name}.wasm"), 1)));
    for (id, name) in (1..).zip(names) {
        shelf.act(Act::About { id, wish: 0, about: about(name) });
    }
    shelf
}

fn described(shelf: &Shelf) -> Shelf {
    after(shelf, [Act::Quiet(NOW), Act::Described { revision: NOW, project: Shared::new("{}".to_owned()) }])
}

fn found(id: u32, wish: u64) -> Act {
    Act::Answered { id, wish, revision: NOW, outcome: Ok(Shared::new("[]".to_owned())) }
}

fn failed(id: u32, wish: u64, code: &str) -> Act {
    let failure = Shared::new(Failure::new(code, "it fell over", "Mend it."));
    Act::Answered { id, wish, revision: NOW, outcome: Err(failure) }
}

fn ids(shelf: &Shelf) -> Vec<u32> {
    shelf.jobs(NOW, false).iter().map(|job| job.id).collect()
}

fn used(shelf: &Shelf) -> Vec<u32> {
    shelf.inputs(NOW).iter().map(|input| input.id).collect()
}

#[test]
fn a_plug_in_runs_on_a_text_that_rests() {
    let shelf = loaded(&["one", "two"]);
    assert!(shelf.is_waiting(NOW) && shelf.is_busy(NOW) && !shelf.asks(NOW));
    assert!(ids(&shelf).is_empty(), "there is no project yet");
    let shelf = after(&shelf, [Act::Quiet(NOW)]);
    assert!(shelf.asks(NOW) && !shelf.asks(NOW + 1) && !shelf.is_waiting(NOW));
    let shelf = described(&shelf);
    assert_eq!(ids(&shelf), [1, 2]);
    assert!(shelf.jobs(NOW + 1, false).is_empty(), "it is another text's");
    let shelf = after(&shelf, [found(1, 0)]);
    assert_eq!((ids(&shelf), used(&shelf)), (vec![2], vec![1]));
    let shelf = after(&shelf, [found(2, 0)]);
    assert!(!shelf.is_busy(NOW) && shelf.is_busy(NOW + 1));
    assert_eq!(used(&shelf), [1, 2]);
    assert!(shelf.inputs(NOW + 1).is_empty(), "an answer is good for one text");
}

#[test]
fn without_files_a_plug_in_is_only_asked_what_it_is() {
    let shelf = after(&loaded(&["one"]), [file("new.wasm", 1)]);
    let jobs = shelf.jobs(NOW, true);
    assert_eq!(jobs.iter().map(|job| (job.id, job.project.is_some())).collect::<Vec<_>>(), [(2, false)]);
    assert!(described(&shelf).jobs(NOW, true).iter().all(|job| job.project.is_none()));
}

#[test]
fn other_settings_make_an_answer_worthless() {
    let shelf = after(&described(&loaded(&["one"])), [found(1, 0)]);
    let told = after(&shelf, [Act::Configure { id: 1, settings: r#"{"a":1}"#.into() }]);
    assert_eq!((ids(&told), used(&told)), (vec![1], vec![]));
    assert_eq!(&*told.jobs(NOW, false)[0].settings, r#"{"a":1}"#);
    let late = after(&told, [found(1, 0)]);
    assert_eq!(used(&late), Vec::<u32>::new(), "the answer to the old settings comes too late");
    assert_eq!(used(&after(&told, [found(1, 1)])), [1]);
    let mut same = told.clone();
    assert_eq!(same.act(Act::Configure { id: 1, settings: r#"{"a":1}"#.into() }), None);
    assert_eq!(same.act(Act::Configure { id: 9, settings: "{}".into() }), None);
}

#[test]
fn what_is_switched_off_does_not_run_and_does_not_count() {
    let shelf = after(&described(&loaded(&["one", "two"])), [found(1, 0), found(2, 0)]);
    let off = after(&shelf, [Act::Switch { id: 1, on: false }]);
    assert_eq!(used(&off), [2]);
    assert!(off.turn > shelf.turn, "the report is made again");
    assert_eq!(used(&after(&off, [Act::Switch { id: 1, on: true }])), [1, 2], "its answer is still good");
    let rule = |on| Act::SwitchRule { id: 2, rule: "b".to_owned(), on };
    let mut less = after(&shelf, [rule(false)]);
    assert_eq!(less.inputs(NOW)[1].off, BTreeSet::from(["b".to_owned()]));
    assert_eq!(less.act(rule(false)), None);
    assert!(after(&less, [rule(true)]).inputs(NOW)[1].off.is_empty());
    assert!(ids(&less).is_empty(), "nothing has to run for it");
    let gone = after(&shelf, [Act::Remove(2)]);
    assert_eq!((gone.plugins.len(), used(&gone)), (1, vec![1]));
    assert_eq!(gone.clone().act(Act::Remove(2)), None);
}

#[test]
fn the_same_file_is_a_newer_build_and_keeps_what_it_was_told() {
    let told = [
        Act::Configure { id: 1, settings: r#"{"a":1}"#.into() },
        Act::SwitchRule { id: 1, rule: "a".to_owned(), on: false },
        file("one.wasm", 2),
    ];
    let shelf = after(&loaded(&["one", "two"]), told);
    let plugin = &shelf.plugins[0];
    assert_eq!((shelf.plugins.len(), plugin.id, plugin.bytes.len()), (2, 3, 2));
    assert_eq!((&*plugin.settings, plugin.off.len(), plugin.about.is_none()), (r#"{"a":1}"#, 1, true));
}

#[test]
fn a_name_belongs_to_the_first_that_took_it() {
    let shelf = after(&described(&loaded(&["one"])), [file("twin.wasm", 1)]);
    let shelf = after(&shelf, [Act::About { id: 2, wish: 0, about: about("one") }, found(1, 0), found(2, 0)]);
    assert_eq!(used(&shelf), [1]);
    let failure = shelf.failure(&shelf.plugins[1]).unwrap();
    assert_eq!(failure.code, "name");
    assert!(failure.message.contains("one.wasm"), "{failure:?}");
    assert!(shelf.failure(&shelf.plugins[0]).is_none());
    let freed = after(&shelf, [Act::Switch { id: 1, on: false }]);
    assert!(freed.failure(&freed.plugins[1]).is_none() && freed.turn > shelf.turn);
    assert_eq!(used(&freed), [2]);
}

#[test]
fn what_never_says_what_it_is_does_not_run_again_by_itself() {
    let shelf = described(&after(&loaded(&["one"]), [file("junk.wasm", 1)]));
    let shelf = after(&shelf, [failed(2, 0, "not-wasm"), failed(1, 0, "time")]);
    assert_eq!(shelf.troubled().iter().map(|plugin| plugin.id).collect::<Vec<_>>(), [1, 2]);
    let next = NOW + 1;
    let later = after(&shelf, [Act::Described { revision: next, project: Shared::new("{}".to_owned()) }]);
    assert_eq!(later.jobs(next, false).iter().map(|job| job.id).collect::<Vec<_>>(), [1], "another text may do");
    assert_eq!(later.failure(&later.plugins[1]).unwrap().code, "not-wasm");
    let again = after(&later, [Act::Retry(2)]);
    assert_eq!(again.jobs(next, false).len(), 2);
    let off = after(&shelf, [Act::Switch { id: 1, on: false }, Act::Switch { id: 2, on: false }]);
    assert!(off.troubled().is_empty());
}

#[test]
fn there_is_room_for_so_many_and_so_much() {
    let mut shelf = Shelf::default();
    let text = said(&mut shelf, file("one.wasm", 1)).unwrap();
    assert_eq!(text, "one.wasm runs in this page; nothing of it or of your files is sent anywhere");
    for text in [
        said(&mut shelf, file("huge.wasm", (32 << 20) + 1)),
        said(&mut shelf, Act::Dropped { file: "unread.wasm".into(), bytes: None }),
    ] {
        assert!(text.unwrap().ends_with("was not loaded: a plug-in may have 32 MiB at most"));
    }
    assert_eq!(shelf.plugins.len(), 1);
    said(&mut shelf, file("big.wasm", 32 << 20));
    let text = said(&mut shelf, file("more.wasm", MOST_TOTAL / 2)).unwrap();
    assert!(text.contains("all plug-ins together may have 64 MiB"), "{text}");
    said(&mut shelf, file("one.wasm", MOST_TOTAL / 2));
    assert_eq!(shelf.plugins.iter().map(|plugin| plugin.bytes.len()).sum::<usize>(), MOST_TOTAL);

    let mut shelf = after(&Shelf::default(), (0..MOST_PLUGINS).map(|number| file(&format!("{number}.wasm"), 1)));
    let text = said(&mut shelf, file("more.wasm", 1)).unwrap();
    assert!(text.contains("there are 16 plug-ins"), "{text}");
    said(&mut shelf, file("3.wasm", 2));
    assert_eq!(shelf.plugins.len(), MOST_PLUGINS);
}

#[test]
fn what_was_kept_comes_back() {
    let told = [
        Act::Configure { id: 1, settings: r#"{"a":1}"#.into() },
        Act::Switch { id: 1, on: false },
        Act::SwitchRule { id: 1, rule: "b".to_owned(), on: false },
    ];
    let shelf = after(&loaded(&["one"]), told);
    let text = record::write(&shelf.plugins[0], 4);
    let (place, kept) = record::read("one.wasm", &text, vec![0]).unwrap();
    assert_eq!((place, kept.on, &*kept.settings), (4, false, r#"{"a":1}"#));
    let one = |file: &str| Kept { file: file.into(), ..kept.clone() };
    let restored = Act::Restored { kept: vec![kept.clone(), one("two.wasm")], keeping: Keeping::Kept };
    // Dropped before the store was read: it is newer.
    let back = after(&Shelf::default(), [file("two.wasm", 5), restored]);
    let files: Vec<&str> = back.plugins.iter().map(|plugin| &*plugin.file).collect();
    assert_eq!((files, back.plugins[1].bytes.len()), (vec!["one.wasm", "two.wasm"], 5));
    let plugin = &back.plugins[0];
    assert_eq!((plugin.name(), plugin.on, plugin.off.len()), (Some("one"), false, 1));
    assert_eq!(record::write(plugin, 4), text);

    let many = (0..40).map(|number| one(&number.to_string())).collect();
    let full = after(&Shelf::default(), [Act::Restored { kept: many, keeping: Keeping::Kept }]);
    assert_eq!(full.plugins.len(), MOST_PLUGINS);
    let mut nothing = Shelf::default();
    nothing.act(Act::Restored { kept: Vec::new(), keeping: Keeping::VisitOnly });
    assert_eq!((nothing.turn, &nothing.keeping), (0, &Keeping::VisitOnly));
    assert_eq!(nothing.act(Act::Keeping(Keeping::VisitOnly)), None);
}

#[test]
fn a_damaged_record_does_no_harm() {
    assert!(record::read("a", "no json", Vec::new()).is_none());
    let (_, kept) = record::read("a", r#"{"settings":"[1]","on":true,"about":"{"}"#, Vec::new()).unwrap();
    assert_eq!((&*kept.settings, kept.about.is_none()), ("{}", true));
}

/// A report in which some findings are a plug-in's.
fn results(rules: &[&str]) -> Results {
    let mut sources = Sources::new();
    sources.add("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n    privileged: true\n");
    let mut report = json::wire(&check(&sources, &Options::new(Date::new(2026, 11, 24))), &sources);
    let sample = report.findings[0].clone();
    for (index, rule) in rules.iter().enumerate() {
        let mut finding = sample.clone();
        finding.rule = (*rule).to_owned();
        finding.severity = "low".to_owned();
        finding.fingerprint = format!("plug-in-{index}");
        report.findings.push(finding);
    }
    Results::new(report)
}

fn own(results: &Results) -> Vec<(&str, bool)> {
    let own = results.items.iter().filter(|item| item.key.starts_with("plug-in"));
    own.map(|item| (item.finding.rule.as_str(), item.stale)).collect()
}

#[test]
fn findings_stay_as_old_ones_until_the_answer_comes() {
    let shelf = after(&loaded(&["one", "two"]), [Act::SwitchRule { id: 1, rule: "b".to_owned(), on: false }]);
    let before = results(&["one/a", "one/b", "two/a", "three/a"]);
    let mut next = results(&[]);
    let built_in = next.items.len();
    shelf.complete(&mut next, Some(&before), NOW);
    assert_eq!(own(&next), [("one/a", true), ("two/a", true)]);
    assert_eq!(next.items.len(), built_in + 2);
    assert_eq!(next.titles.keys().collect::<Vec<_>>(), ["one/a", "two/a"]);
    assert_eq!(&*next.titles["one/a"], "Title of a");
    let listing = Listing::new(&next, &Filter::default());
    assert!(listing.groups.iter().any(|group| &*group.title == "Title of a"));
    let levels: Vec<usize> = next.items.iter().map(crate::listing::Item::level).collect();
    assert!(levels.is_sorted(), "they stand among the others");
    let keys: BTreeSet<Rc<str>> = next.items.iter().map(|item| item.key.clone()).collect();
    assert_eq!(keys.len(), next.items.len());

    // What the report was made with counts, and what failed has nothing to keep.
    let mut told = results(&["one/a"]);
    told.told.push(Told { id: 1, refused: None, problems: Vec::new() });
    let answered = after(&described(&shelf), [found(1, 0), failed(2, 0, "trap")]);
    answered.complete(&mut told, Some(&next), NOW);
    assert_eq!(own(&told), [("one/a", false)]);

    let off = after(&shelf, [Act::Switch { id: 2, on: false }]);
    let mut without = results(&[]);
    off.complete(&mut without, Some(&before), NOW);
    assert_eq!(own(&without), [("one/a", true)]);
    let mut first = results(&[]);
    shelf.complete(&mut first, None, NOW);
    assert_eq!(own(&first), []);
}

#[test]
fn an_analysis_that_fails_is_made_again_without_the_answers() {
    let shelf = after(&described(&loaded(&["one", "two"])), [found(1, 0), found(2, 0)]);
    let spoiled = after(&shelf, [Act::Spoiled(vec![1, 9])]);
    assert_eq!((used(&spoiled), ids(&spoiled)), (vec![2], vec![]));
    assert!(spoiled.turn > shelf.turn && spoiled.failure(&spoiled.plugins[0]).is_some());
}

#[test]
fn a_report_says_what_it_did_not_take() {
    let mut shelf = after(&described(&loaded(&["one", "two"])), [found(1, 0), found(2, 0)]);
    shelf.hear(&[
        Told { id: 1, refused: None, problems: vec!["too long".to_owned()] },
        Told { id: 2, refused: Some("it gave too much".to_owned()), problems: Vec::new() },
        Told { id: 9, refused: None, problems: Vec::new() },
    ]);
    assert_eq!(shelf.plugins[0].problems, ["too long"]);
    assert_eq!(shelf.failure(&shelf.plugins[1]).unwrap().message, "it gave too much");
    assert_eq!(shelf.troubled().len(), 2);
    shelf.hear(&[Told { id: 1, refused: None, problems: Vec::new() }]);
    assert_eq!(shelf.troubled().len(), 1);
}
