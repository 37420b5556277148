//! The page: one state, its components, and what has to follow it outside of them.

use crate::analysis::Analyst;
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
use crate::plugins;
use crate::state::{Action, Pane, State, Theme};
use std::rc::Rc;
use yew::{
    Callback, ContextProvider, Html, Reducible, UseReducerDispatcher, component, html, use_effect_with, use_memo,
    use_reducer, use_state,
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
        let files = Rc::clone(&state.files);
        use_effect_with(state.revision, move |_| plugins::files_changed(&files));
    }
    {
        let files = Rc::clone(&state.files);
        let empty = state.is_empty();
        // The same text is analysed again when the stack section wants to know something else of it.
        use_effect_with((state.revision, state.stack.wants(state.revision)), move |(revision, wants)| {
            if !empty {
                analyst.request(*revision, files, wants.clone());
            }
        });
    }
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
    };
    let side = if state.stack.open { "stack" } else { "findings" };
    let wide = (state.stack.open && state.stack.wide).then_some("true");
    let skip = if state.stack.open { "Skip to the stack" } else { "Skip to the findings" };
    let switch = |beside: bool| {
        html! {
            <Switch
                {beside}
                pane={state.pane}
                stack={state.stack.open}
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
                    } else {
                        // The plug-ins section is deep inside and takes the dispatcher from here.
                        <ContextProvider<Dispatch> context={dispatch.clone()}>
                            <FindingsPane
                                empty={state.is_empty()}
                                waiting={state.is_analysing()}
                                results={state.results.clone()}
                                {listing}
                                filter={state.filter.clone()}
                                dispatch={dispatch.clone()}
                            />
                        </ContextProvider<Dispatch>>
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
