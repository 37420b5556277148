//! The page: one state, its components, and what has to follow it outside of them.

use crate::analysis::{Analyst, Job};
use crate::browser;
use crate::components::coverage::Coverage;
use crate::components::dialog::FixDialog;
use crate::components::drop::DropZone;
use crate::components::files_pane::FilesPane;
use crate::components::findings_pane::FindingsPane;
use crate::components::header::Header;
use crate::components::stack::StackPane;
use crate::components::switch::Switch;
use crate::components::toasts::Toasts;
use crate::components::trouble::TroubleBar;
use crate::editor::Editor;
use crate::gallery::STACKS;
use crate::listing::Listing;
use crate::plugins::panel::PluginsPane;
use crate::plugins::runner::Runner;
use crate::plugins::store::Store;
use crate::state::{Action, Pane, State, Theme};
use std::rc::Rc;
use yew::{
    Callback, Html, Reducible, UseReducerDispatcher, component, hook, html, use_effect_with, use_memo, use_reducer,
    use_state,
};

/// How components say what happened.
pub(crate) type Dispatch = UseReducerDispatcher<State>;

const THEME_KEY: &str = "plimsoll.theme";

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        // The same pointer tells Yew that there is nothing to draw.
        self.after(action).map_or(self, Rc::new)
    }
}

/// Draws the page.
pub(crate) fn start() {
    yew::Renderer::<App>::new().render();
}

fn first_state() -> State {
    let theme = Theme::parse(&browser::kept(THEME_KEY).unwrap_or_default());
    let load = Action::Load { files: STACKS[0].files(false), example: true, title: None };
    [Action::Theme(theme), load]
        .into_iter()
        .fold(State::default(), |state, action| state.after(action).unwrap_or(state))
}

/// The whole page.
#[component]
fn App() -> Html {
    let handle = use_reducer(first_state);
    let state: Rc<State> = Rc::new((*handle).clone());
    let dispatch = handle.dispatcher();
    let editor = (*use_memo((), |()| Editor::default())).clone();
    let system_dark = use_state(browser::is_dark);

    let analyst = {
        let dispatch = dispatch.clone();
        use_memo((), move |()| Analyst::new(Callback::from(move |action| dispatch.dispatch(action))))
    };
    {
        let state = Rc::clone(&state);
        // The same text is analysed again when the stack section wants to know something else of it, or plug-ins have said more.
        let wants = state.stack.wants(state.revision);
        let key = (state.revision, wants, state.plugins.asks(state.revision), state.plugins.turn);
        use_effect_with(key, move |(revision, wants, describe, turn)| {
            if !state.is_empty() {
                analyst.request(Job {
                    revision: *revision,
                    files: Rc::clone(&state.files),
                    wants: wants.clone(),
                    describe: *describe,
                    plugins: state.plugins.inputs(*revision),
                    turn: *turn,
                });
            }
        });
    }
    use_plugins(&state, &dispatch);
    use_effect_with((state.is_analysing(), state.analysed), |(analysing, analysed)| {
        browser::mark_root("data-state", Some(if *analysing { "analysing" } else { "ready" }));
        browser::mark_root("data-analysed", Some(&analysed.to_string()));
    });
    use_effect_with(state.theme, |theme| {
        browser::mark_root("data-theme", (*theme != Theme::System).then(|| theme.name()));
        browser::keep(THEME_KEY, theme.name());
    });
    {
        let system_dark = system_dark.clone();
        use_effect_with((), move |()| {
            let listener = browser::on_dark_change(move |dark| system_dark.set(dark));
            move || drop(listener)
        });
    }
    let dark = match state.theme {
        Theme::System => *system_dark,
        Theme::Light => false,
        Theme::Dark => true,
    };
    let listing = use_memo((state.results.clone(), state.filter.clone()), |(results, filter)| {
        results.as_ref().map_or_else(Listing::default, |results| Listing::new(results, filter))
    });
    let view = match state.pane {
        Pane::Editor => "editor",
        Pane::Findings => "findings",
        Pane::Stack => "stack",
        Pane::Plugins => "plugins",
    };
    let side = match (state.stack.open, state.plugins.open) {
        (true, _) => "stack",
        (false, true) => "plugins",
        (false, false) => "findings",
    };
    let wide = (state.stack.open && state.stack.wide).then_some("true");
    let skip = match side {
        "stack" => "Skip to the stack",
        "plugins" => "Skip to the plug-ins",
        _ => "Skip to the findings",
    };
    let switch = |beside: bool| {
        html! {
            <Switch
                {beside}
                pane={state.pane}
                {side}
                plugins={state.plugins.plugins.len()}
                results={state.results.clone()}
                dispatch={dispatch.clone()}
            />
        }
    };

    html! {
        <div class="app" data-view={view} data-side={side} data-wide={wide}>
            <a class="skip-link" href={format!("#{side}")}>{ skip }</a>
            <div class="app__top">
                <Header theme={state.theme} dispatch={dispatch.clone()} />
                if let Some(trouble) = state.trouble {
                    <TroubleBar {trouble} earlier={state.results.is_some()} dispatch={dispatch.clone()} />
                }
            </div>
            { switch(false) }
            <main class="workspace">
                <FilesPane state={Rc::clone(&state)} {dark} editor={editor.clone()} dispatch={dispatch.clone()} />
                <div class="side">
                    { switch(true) }
                    if state.stack.open {
                        <StackPane
                            stack={state.stack.clone()}
                            revision={state.revision}
                            empty={state.is_empty()}
                            dispatch={dispatch.clone()}
                        />
                    } else if state.plugins.open {
                        <PluginsPane
                            shelf={state.plugins.clone()}
                            results={state.results.clone()}
                            revision={state.revision}
                            empty={state.is_empty()}
                            dispatch={dispatch.clone()}
                        />
                    } else {
                        <FindingsPane
                            empty={state.is_empty()}
                            waiting={state.is_analysing()}
                            results={state.results.clone()}
                            plugins={state.plugins.clone()}
                            {listing}
                            filter={state.filter.clone()}
                            dispatch={dispatch.clone()}
                        />
                    }
                </div>
            </main>
            <Coverage empty={state.is_empty()} results={state.results.clone()} millis={state.millis} />
            <Toasts toasts={state.toasts.clone()} dispatch={dispatch.clone()} />
            <DropZone dispatch={dispatch.clone()} />
            if let Some(preview) = &state.preview {
                <FixDialog preview={preview.clone()} {editor} {dispatch} />
            }
        </div>
    }
}

/// Runs the plug-ins that the state wants run, and keeps them for the next visit.
#[hook]
fn use_plugins(state: &Rc<State>, dispatch: &Dispatch) {
    let (runner, store) = {
        let dispatch = dispatch.clone();
        let made = use_memo((), move |()| {
            let tell = Callback::from(move |action| dispatch.dispatch(action));
            (Runner::new(tell.clone()), Store::open(tell))
        });
        (made.0.clone(), made.1.clone())
    };
    use_effect_with((state.plugins.clone(), state.revision, state.is_empty()), move |(shelf, revision, empty)| {
        runner.follow(shelf, *revision, *empty);
        store.follow(shelf);
    });
    let word = match (state.plugins.plugins.is_empty(), state.awaits_plugins()) {
        (true, _) => None,
        (false, true) => Some("running"),
        (false, false) => Some("ready"),
    };
    use_effect_with(word, |word| browser::mark_root("data-plugins", *word));
}
