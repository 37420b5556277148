use super::*;
use plimsoll_core::{Date, Options, Sources, check, report::json};

const PRIVILEGED: &str = "services:\n  app:\n    image: php:8.4-fpm\n    privileged: true\n";

fn after(state: &State, actions: impl IntoIterator<Item = Action>) -> State {
    actions.into_iter().fold(state.clone(), |state, action| state.after(action).unwrap_or(state))
}

fn load(names: &[&str]) -> State {
    let files = names.iter().map(|name| File::text(name, PRIVILEGED)).collect();
    after(&State::default(), [Action::Load { files, example: false, title: None }])
}

/// What the worker would answer.
fn reported(state: &State) -> State {
    let mut sources = Sources::new();
    for file in state.files.iter() {
        sources.add(&file.path, file.shown().unwrap().to_string());
    }
    let report = json::wire(&check(&sources, &Options::new(Date::new(2026, 11, 24))), &sources);
    after(state, [Action::Reported { revision: state.revision, results: Rc::new(Results::new(report)), millis: 1.0 }])
}

fn paths(state: &State) -> Vec<&str> {
    state.files.iter().map(|file| &*file.path).collect()
}

fn key_of_fixable(state: &State) -> Rc<str> {
    let results = state.results.as_ref().unwrap();
    Rc::clone(&results.items.iter().find(|item| item.finding.rule == "isolation/privileged-container").unwrap().key)
}

#[test]
fn a_project_starts_with_its_first_file_and_waits_for_a_report() {
    let state = load(&["z.txt", "compose.yaml"]);
    assert_eq!(paths(&state), ["compose.yaml", "z.txt"]);
    assert_eq!(state.active.as_deref(), Some("compose.yaml"));
    assert!(state.is_analysing() && !state.is_fresh());
    let state = reported(&state);
    assert!(!state.is_analysing() && state.is_fresh());
    assert_eq!(state.analysed, 1);
}

#[test]
fn reports_of_older_texts_are_dropped() {
    let state = reported(&load(&["compose.yaml"]));
    let results = state.results.clone().unwrap();
    let state = after(&state, [Action::Edit { path: "compose.yaml".into(), text: "x".into() }]);
    assert!(state.is_analysing() && !state.is_fresh());
    assert_eq!(state.after(Action::Reported { revision: state.revision - 1, results, millis: 0.0 }), None);
    assert_eq!(
        state.after(Action::Edit { path: "compose.yaml".into(), text: "x".into() }),
        None,
        "the same text is no change"
    );
    assert_eq!(state.after(Action::Edit { path: "gone".into(), text: "x".into() }), None);
}

#[test]
fn trouble_is_shown_until_the_next_report() {
    let state = load(&["compose.yaml"]);
    let state = after(&state, [Action::Failed { revision: state.revision, trouble: Trouble::Stopped }]);
    assert!(!state.is_analysing());
    assert_eq!(state.trouble, Some(Trouble::Stopped));
    let state = after(&state, [Action::Retry]);
    assert!(state.is_analysing());
    assert_eq!(reported(&state).trouble, None);
}

#[test]
fn tabs_open_close_and_take_names() {
    let state = load(&["a", "b", "c"]);
    let state = after(&state, [Action::Activate { path: "b".into() }, Action::Close { path: "b".into() }]);
    assert_eq!(state.active.as_deref(), Some("c"));
    let state = after(&state, [Action::Close { path: "c".into() }]);
    assert_eq!(state.active.as_deref(), Some("a"));
    assert_eq!(state.toasts.len(), 1, "only the last closing can be taken back");
    let undo = state.toasts[0].id;
    assert_eq!(paths(&after(&state, [Action::Undo { toast: undo }])), ["a", "c"]);
    let edited = after(&state, [Action::Edit { path: "a".into(), text: "x".into() }]);
    assert_eq!(edited.after(Action::Undo { toast: undo }), None, "it would lose the edit");
    let state = after(&state, [Action::Rename { from: "a".into(), to: " ./x//y ".to_owned() }]);
    assert_eq!((paths(&state), state.active.as_deref()), (vec!["x/y"], Some("x/y")));
    let state = after(&state, [Action::Create]);
    assert_eq!((state.active.as_deref(), state.naming), (Some("compose.yaml"), true));
    let state = after(&state, [Action::Rename { from: "compose.yaml".into(), to: "x/y".to_owned() }]);
    assert_eq!(paths(&state), ["x/y", "compose.yaml"], "a name that is taken is refused");
    let state = after(&state, [Action::Close { path: "x/y".into() }, Action::Close { path: "compose.yaml".into() }]);
    assert!(state.is_empty() && state.active.is_none() && !state.is_analysing());
    assert_eq!(state.after(Action::Activate { path: "gone".into() }), None);
}

#[test]
fn dropped_files_take_the_place_of_an_example_and_join_a_project() {
    let example =
        after(&State::default(), [Action::Load { files: vec![File::text("a", "")], example: true, title: None }]);
    let add =
        |names: &[&str]| Action::Add { files: names.iter().map(|name| File::text(name, "new")).collect(), left_out: 0 };
    let own = after(&example, [add(&["b"])]);
    assert_eq!((paths(&own), own.example), (vec!["b"], false));
    let more = after(&own, [add(&["b", "c"])]);
    assert_eq!(paths(&more), ["b", "c"]);
    assert_eq!(more.pushed, own.pushed + 1);
    assert_eq!(own.after(add(&[])), None);
    let full = after(&own, [Action::Add { files: vec![], left_out: 2 }]);
    assert!(full.toasts.last().unwrap().text.starts_with("2 files left out"));
}

#[test]
fn a_fix_is_looked_at_applied_and_taken_back() {
    let state = reported(&load(&["compose.yaml"]));
    let key = key_of_fixable(&state);
    let looked = after(&state, [Action::Preview { key: Rc::clone(&key), fix: 0 }]);
    assert_eq!(looked.preview.as_ref().unwrap().changes.len(), 1);
    assert_eq!(after(&looked, [Action::ClosePreview]).preview, None);
    let applied = after(&looked, [Action::Apply]);
    assert!(!applied.file("compose.yaml").unwrap().shown().unwrap().contains("privileged"));
    assert_eq!((applied.preview.is_none(), applied.pushed), (true, state.pushed + 1));
    assert!(applied.is_analysing() && applied.reveal.is_some());
    let undo = applied.toasts.last().unwrap().id;
    let back = after(&applied, [Action::Undo { toast: undo }]);
    assert_eq!(back.file("compose.yaml").unwrap().shown().as_deref(), Some(PRIVILEGED));

    let edited =
        after(&applied, [Action::Edit { path: "compose.yaml".into(), text: "x".into() }, Action::Undo { toast: undo }]);
    assert_eq!(edited.file("compose.yaml").unwrap().shown().as_deref(), Some("x"), "later work is not overwritten");

    let stale = after(
        &state,
        [Action::Edit { path: "compose.yaml".into(), text: "x".into() }, Action::Preview { key, fix: 0 }],
    );
    assert_eq!(stale.preview, None);
    let late = after(&looked, [Action::Edit { path: "compose.yaml".into(), text: "x".into() }, Action::Apply]);
    assert_eq!(late.file("compose.yaml").unwrap().shown().as_deref(), Some("x"));
}

#[test]
fn going_to_a_place_opens_its_file_also_twice() {
    let state = load(&["a", "b"]);
    let go = Action::Reveal { path: "b".into(), from: 1, to: 2 };
    let once = after(&state, [Action::Show(Pane::Findings), go.clone()]);
    assert_eq!((once.active.as_deref(), once.pane), (Some("b"), Pane::Editor));
    assert_ne!(once.reveal, after(&once, [go]).reveal);
    assert_eq!(state.after(Action::Reveal { path: "gone".into(), from: 0, to: 0 }), None);
}

#[test]
fn filters_and_messages() {
    let state = after(
        &load(&["a"]),
        [
            Action::ToggleSeverity(0),
            Action::FilterText("x".to_owned()),
            Action::GroupBy(Grouping::File),
            Action::ShowAll,
        ],
    );
    assert!(!state.filter.shown[0] && state.filter.all);
    let cleared = after(&state, [Action::ClearFilter]);
    assert_eq!(cleared.filter, Filter { grouping: Grouping::File, ..Filter::default() });
    assert_eq!(state.after(Action::ToggleSeverity(9)), None);
    let chatty = after(&state, ["1", "2", "3", "4"].map(|text| Action::Say(text.into())));
    assert_eq!(chatty.toasts.iter().map(|toast| &*toast.text).collect::<Vec<_>>(), ["2", "3", "4"]);
    let quiet = after(&chatty, [Action::Dismiss { toast: chatty.toasts[0].id }]);
    assert_eq!(quiet.toasts.len(), 2);
    assert_eq!(
        [Theme::System, Theme::Light, Theme::Dark].map(|theme| Theme::parse(theme.name())),
        [Theme::System, Theme::Light, Theme::Dark]
    );
    assert_eq!(Theme::System.next().next().next(), Theme::System);
}

#[test]
fn the_stack_opens_beside_the_editor_and_stays() {
    let state = load(&["compose.yaml"]);
    assert_eq!(state.stack.wants(state.revision), None);
    let open = after(&state, [Action::Show(Pane::Stack)]);
    assert!(open.stack.open && open.stack.wants(open.revision).is_some());
    let edited = after(&open, [Action::Show(Pane::Editor)]);
    assert!(edited.stack.open, "going to the editor does not close it");
    assert!(!after(&edited, [Action::Show(Pane::Findings)]).stack.open);
    let wide = after(&open, [Action::Stack(crate::stack::Act::Wide(true))]);
    let shown = after(&wide, [Action::Reveal { path: "compose.yaml".into(), from: 0, to: 1 }]);
    assert!(wide.stack.wide && !shown.stack.wide, "the editor comes back for a place in a file");
    let failed = after(&open, [Action::Failed { revision: open.revision, trouble: Trouble::Crashed }]);
    assert_eq!(failed.stack.wants(failed.revision), None, "findings come back without it");
    let retried = after(&failed, [Action::Retry]);
    assert!(retried.stack.wants(retried.revision).is_some());
    let other = after(&open, [Action::Load { files: vec![File::text("a", "")], example: false, title: None }]);
    assert!(other.stack.open && other.stack.views.is_empty());
}

#[test]
fn the_patch_of_a_plan_is_looked_at_and_applied() {
    use crate::stack::Act;
    use plimsoll_core::report::json::{FixV1, NewFileV1, ToolV1};
    use plimsoll_core::report::stack::{PlanV1, StackV1, ViewV1};
    let state = reported(&load(&["compose.yaml"]));
    let creates = vec![NewFileV1 { path: "compose.override.yaml".to_owned(), text: "services: {}\n".to_owned() }];
    let fix = FixV1 { title: "Plan".to_owned(), safety: "suggested".to_owned(), edits: Vec::new(), creates };
    let plan = PlanV1 {
        preset: "strict".to_owned(),
        exact: true,
        networks: Vec::new(),
        excess: Vec::new(),
        index_before: 0,
        index_after: 100,
        blast_before: 90,
        blast_after: Some(40),
        alone: Vec::new(),
        unpublished: Vec::new(),
        remarks: Vec::new(),
        fix: Some(fix),
        refused: None,
    };
    let view = ViewV1 {
        name: "a".to_owned(),
        context: String::new(),
        running: false,
        services: Vec::new(),
        networks: Vec::new(),
        links: Vec::new(),
        needs: Vec::new(),
        externals: Vec::new(),
        segmentation: plimsoll_core::report::stack::SegmentationV1::default(),
        blast: 90,
        grade: "F".to_owned(),
        starts: Vec::new(),
        cuts: Vec::new(),
        breaches: Vec::new(),
        plans: vec![plan],
        boundaries: Vec::new(),
    };
    let tool = ToolV1 { name: String::new(), version: String::new() };
    let stack = Some(StackV1 { version: 1, tool, today: String::new(), views: vec![view] });
    let wants = crate::stack::Wants { plan: true, ..Default::default() };
    let told = Action::Stack(Act::Told { revision: state.revision, wants, stack, answers: None });
    let state = after(&state, [Action::Show(Pane::Stack), told]);
    let unknown = after(&state, [Action::PreviewPlan("tiered".into())]);
    assert_eq!(unknown.preview, None);
    let looked = after(&state, [Action::PreviewPlan("strict".into())]);
    assert_eq!(looked.preview.as_ref().unwrap().rule, "plimsoll plan --preset strict");
    let applied = after(&looked, [Action::Apply]);
    assert_eq!(applied.file("compose.override.yaml").unwrap().shown().as_deref(), Some("services: {}\n"));
    let edit = Action::Edit { path: "compose.yaml".into(), text: "x".into() };
    let stale = after(&state, [edit, Action::PreviewPlan("strict".into())]);
    assert_eq!(stale.preview, None, "it was made for another text");
}

#[test]
fn old_findings_of_a_plug_in_are_listed_but_not_applied() {
    use crate::plugins::Act;
    use crate::plugins::about::About;
    use crate::stack::Shared;
    let text = r#"{"name":"mine","version":"1","description":"","license":"","rules":[{"id":"a","title":"t","description":"","severity":"low","kinds":[],"tags":[],"help-url":null,"properties":[]}],"settings-schema":null,"properties":[]}"#;
    let about = Shared::new(About::read(text, "", "").unwrap());
    let mut state = reported(&load(&["compose.yaml"]));
    // As if a plug-in had found what a built-in rule found.
    let mut results = (**state.results.as_ref().unwrap()).clone();
    let index = results.items.iter().position(|item| item.finding.rule == "isolation/privileged-container").unwrap();
    let key: Rc<str> = "mine-1".into();
    results.items[index].key = Rc::clone(&key);
    let mut finding = (*results.items[index].finding).clone();
    finding.rule = "mine/a".to_owned();
    results.items[index].finding = Rc::new(finding);
    state.results = Some(Rc::new(results));
    let dropped = Act::Dropped { file: "mine.wasm".into(), bytes: Some(Shared::new(vec![1])) };
    let state = after(&state, [dropped, Act::About { id: 1, wish: 0, about }].map(Action::Plugin));
    assert!(state.toasts.last().unwrap().text.starts_with("mine.wasm runs in this page"));
    assert!(state.awaits_plugins());
    let fresh = after(&state, [Action::Preview { key: Rc::clone(&key), fix: 0 }]);
    assert!(fresh.preview.is_some(), "a fix of a plug-in is applied like any other");

    let edit = Action::Edit { path: "compose.yaml".into(), text: format!("# more\n{PRIVILEGED}").into() };
    let state = reported(&after(&state, [edit]));
    let results = state.results.as_ref().unwrap();
    let old: Vec<bool> =
        results.items.iter().filter(|item| item.finding.rule == "mine/a").map(|item| item.stale).collect();
    assert_eq!(old, [true]);
    let stale = results.items.iter().find(|item| item.stale).unwrap();
    let looked = after(&state, [Action::Preview { key: Rc::clone(&stale.key), fix: 0 }]);
    assert_eq!(looked.preview, None);

    let open = after(&state, [Action::Show(Pane::Plugins), Action::Show(Pane::Editor)]);
    assert!(open.plugins.open && !open.stack.open, "going to the editor does not close the panel");
    assert!(after(&open, [Action::Show(Pane::Stack)]).stack.open);
    assert!(!after(&open, [Action::Show(Pane::Stack)]).plugins.open);
    assert!(!after(&state, [Action::Plugin(Act::Remove(1))]).plugins.plugins.iter().any(|plugin| plugin.id == 1));
}
