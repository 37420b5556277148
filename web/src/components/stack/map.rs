//! The map: the drawing, what is known about what one points at, and the walk of a service that falls.

use super::drawing::{Drawing, Spot};
use super::{is_still, parts, steps};
use crate::app::Dispatch;
use crate::browser::Timeout;
use crate::stack::drawing::{self, Pair};
use crate::stack::walk::{Press, Walk};
use crate::stack::{Act, Shared, Tab};
use crate::state::Action;
use crate::words::counted;
use plimsoll_core::report::map::layout;
use plimsoll_core::report::stack::{StepV1, ViewV1};
use std::rc::Rc;
use yew::{
    Callback, Html, MouseEvent, Properties, component, html, use_callback, use_effect_with, use_memo, use_state,
    use_state_eq,
};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
    pub(crate) fallen: Option<Rc<str>>,
    pub(crate) walk: Option<Walk>,
    /// Whether the section takes the editor's place too.
    pub(crate) wide: bool,
    pub(crate) waiting: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Map(props: &Props) -> Html {
    let layout = (*use_memo(props.view.clone(), |view| Shared::new(layout::layout(view)))).clone();
    let steps = use_memo((props.view.clone(), props.fallen.clone()), |(view, fallen)| {
        Shared::new(told(view, fallen.as_deref()))
    });
    let steps = (*steps).clone();
    // What the pointer is over, unless something was clicked or has the focus: the way to its evidence leads over others.
    let pointed = use_state_eq(|| None::<Spot>);
    let pinned = use_state_eq(|| None::<Spot>);
    let fits = use_state(|| false);
    let on_point = {
        let pointed = pointed.setter();
        use_callback((), move |at: Spot, ()| pointed.set(Some(at)))
    };
    let on_pin = {
        let pinned = pinned.setter();
        use_callback((), move |at: Spot, ()| pinned.set(Some(at)))
    };
    let unpin = {
        let pinned = pinned.setter();
        Callback::from(move |_| pinned.set(None))
    };
    let on_fall = {
        let dispatch = props.dispatch.clone();
        use_callback((), move |service: Rc<str>, ()| {
            dispatch.dispatch(Action::Stack(Act::Fall { service, still: is_still() }));
        })
    };
    {
        let dispatch = props.dispatch.clone();
        use_effect_with(props.walk, move |walk| {
            let strike = move || dispatch.dispatch(Action::Stack(Act::Walk(Press::Tick)));
            let clock = walk.filter(|walk| walk.is_playing()).map(|_| Timeout::new(Walk::MILLIS, strike));
            move || drop(clock)
        });
    }
    let toggle = {
        let fits = fits.clone();
        Callback::from(move |_| fits.set(!*fits))
    };
    let shown = props.walk.map_or(0, Walk::shown);
    html! {
        <div class="map">
            <div class="map__top">
                <p class="map__summary">{ summary(&props.view) }</p>
                <button class="btn" type="button" aria-pressed={fits.to_string()} onclick={toggle}>{ "Fit to width" }</button>
                <button
                    class="btn map__wide"
                    type="button"
                    aria-pressed={props.wide.to_string()}
                    onclick={parts::press(&props.dispatch, Act::Wide(!props.wide))}
                >
                    { "Whole page" }
                </button>
                <button class="btn" type="button" id="map-as-text" onclick={parts::press(&props.dispatch, Act::Tab(Tab::Matrix))}>
                    { "The same as a table" }
                </button>
            </div>
            { legend() }
            <div class={if *fits { "map__frame map__frame--fit" } else { "map__frame" }}>
                <Drawing
                    view={props.view.clone()}
                    layout={layout.clone()}
                    fallen={props.fallen.clone()}
                    steps={steps.clone()}
                    {shown}
                    {on_point}
                    {on_pin}
                    {on_fall}
                />
            </div>
            if layout.hidden_excess > 0 {
                <p class="map__hint">
                    { format!("{} more unneeded connections are not drawn; the matrix has all of them.", layout.hidden_excess) }
                </p>
            }
            <div class="map__below">
                { fall(props, &steps, shown) }
                { about(props, (*pinned).as_ref().or((*pointed).as_ref()), pinned.is_some().then_some(unpin)) }
            </div>
        </div>
    }
}

fn told(view: &ViewV1, fallen: Option<&str>) -> Vec<StepV1> {
    let breach = view.breaches.iter().find(|breach| Some(breach.start.as_str()) == fallen);
    breach.map(|breach| drawing::steps(breach).into_iter().cloned().collect()).unwrap_or_default()
}

fn summary(view: &ViewV1) -> String {
    let pairs = &view.segmentation;
    let missing = if pairs.missing.is_empty() {
        String::new()
    } else {
        format!(", {} needed and not possible", pairs.missing.len())
    };
    // Where no file tells who has to talk, a number of unneeded connections would be a guess.
    let talk = match (pairs.possible.len(), pairs.needed.len()) {
        (0, 0) => "No two services can talk".to_owned(),
        (possible, 0) => {
            format!("{} possible; nothing tells which of them are needed", counted(possible, "connection"))
        }
        (_, needed) => format!(
            "{needed} needed and {} unneeded connections{missing}. Segmentation index {} of 100",
            pairs.excess.len(),
            pairs.index
        ),
    };
    format!("{talk}. Blast radius {} of 100, grade {}.", view.blast, view.grade)
}

fn legend() -> Html {
    let lines = [
        ("exposed", "from the internet"),
        ("needed", Pair::Needed.meaning()),
        ("excess", Pair::Excess.meaning()),
        ("missing", Pair::Missing.meaning()),
    ];
    html! {
        <ul class="legend" aria-label="Lines">
            for (kind, meaning) in lines {
                <li class="legend__item">
                    <svg class="legend__line" viewBox="0 0 32 10" aria-hidden="true">
                        <path class={format!("map__line map__line--{kind}")} d="M1 5h30" />
                    </svg>
                    { meaning }
                </li>
            }
        </ul>
    }
}

/// What happens when the chosen service falls.
fn fall(props: &Props, steps: &[StepV1], shown: usize) -> Html {
    let Some(fallen) = &props.fallen else {
        return html! { <p class="map__hint">{ "Choose a service on the map to see what happens when it falls." }</p> };
    };
    let stand = parts::press(&props.dispatch, Act::Stand);
    html! {
        <section class="fall" aria-labelledby="fall-title">
            <div class="fall__head">
                <h3 class="fall__title" id="fall-title">{ format!("{fallen} falls") }</h3>
                <button class="btn btn--quiet" type="button" onclick={stand}>{ "Let it stand" }</button>
            </div>
            if let Some(walk) = props.walk {
                if steps.is_empty() {
                    <p class="stack__note">{ "Nothing is reached from there that can be taken over." }</p>
                } else {
                    { controls(walk, &props.dispatch) }
                    <p class="visually-hidden" role="status">{ steps::spoken(steps, shown) }</p>
                    { steps::list(steps, shown, &props.dispatch) }
                }
            } else {
                { parts::note(if props.waiting { "Working out what it leads to" } else { "What it leads to is not known" }) }
            }
            <p><button class="btn" type="button" onclick={parts::press(&props.dispatch, Act::Tab(Tab::Breach))}>{ "All about this breach" }</button></p>
        </section>
    }
}

fn controls(walk: Walk, dispatch: &Dispatch) -> Html {
    let on = |press: Press| parts::press(dispatch, Act::Walk(press));
    let (word, press) = if walk.is_playing() { ("Pause", Press::Pause) } else { ("Play", Press::Play) };
    html! {
        <div class="fall__controls" role="group" aria-label="Steps of the breach">
            <button class="btn btn--primary" type="button" onclick={on(press)}>{ word }</button>
            <button class="btn" type="button" disabled={walk.shown() == 0} onclick={on(Press::Back)}>{ "Back" }</button>
            <button class="btn" type="button" disabled={walk.is_over()} onclick={on(Press::Step)}>{ "Step" }</button>
            <button class="btn" type="button" disabled={walk.is_over()} onclick={on(Press::All)}>{ "All" }</button>
            <span class="fall__count">{ format!("{} of {}", walk.shown(), walk.total()) }</span>
        </div>
    }
}

/// What is known about what one points at.
fn about(props: &Props, spot: Option<&Spot>, unpin: Option<Callback<MouseEvent>>) -> Html {
    let view = &*props.view;
    let is_there = |name: &str| name == "internet" || view.services.iter().any(|service| service.name == name);
    let (title, facts) = match spot {
        Some(Spot::Service(name)) if !is_there(name) => return Html::default(),
        Some(Spot::Line(from, to)) if !is_there(from) || !is_there(to) => return Html::default(),
        None => return Html::default(),
        Some(Spot::Service(name)) => (name.to_string(), drawing::service_facts(view, name)),
        Some(Spot::Line(from, to)) => {
            (format!("{} and {}", drawing::end(from), drawing::end(to)), drawing::line_facts(view, from, to))
        }
    };
    html! {
        <section class="about" aria-labelledby="about-title">
            <div class="fall__head">
                <h3 class="about__title" id="about-title">{ title }</h3>
                if let Some(onclick) = unpin {
                    <button class="btn btn--quiet" type="button" {onclick}>{ "Follow the pointer" }</button>
                }
            </div>
            if facts.is_empty() {
                <p class="stack__note">{ "Nothing is written about it" }</p>
            } else {
                { parts::facts(&facts, &props.dispatch) }
            }
        </section>
    }
}
