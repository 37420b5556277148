//! The boundaries of each container: what the kernel keeps apart, and how it stands.

use super::parts::{evidence, note, table, text};
use crate::app::Dispatch;
use crate::components::text::sentence;
use crate::stack::Shared;
use crate::words::capital;
use plimsoll_core::report::stack::{BoundarySheetV1, BoundaryV1, ViewV1};
use yew::{Callback, Html, Properties, component, html, use_state};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
    pub(crate) waiting: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Boundaries(props: &Props) -> Html {
    let sheets = &props.view.boundaries;
    if sheets.is_empty() {
        return note(if props.waiting { "Looking at the containers" } else { "There are no containers here" });
    }
    html! {
        <div class="boundaries">
            for (index, sheet) in sheets.iter().enumerate() {
                <Sheet
                    key={sheet.service.clone()}
                    {index}
                    view={props.view.clone()}
                    open={sheets.len() <= 3 || index == 0}
                    dispatch={props.dispatch.clone()}
                />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SheetProps {
    view: Shared<ViewV1>,
    /// Its place in the view's list.
    index: usize,
    /// Whether it starts unfolded.
    open: bool,
    dispatch: Dispatch,
}

/// One service's boundaries; drawn when somebody unfolds it.
#[component]
fn Sheet(props: &SheetProps) -> Html {
    let open = use_state(|| props.open);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let Some(sheet) = props.view.boundaries.get(props.index) else { return Html::default() };
    let id = format!("boundaries-{}", props.index);
    html! {
        <section class="sheet">
            <h3 class="sheet__head">
                <button class="sheet__toggle" type="button" aria-expanded={open.to_string()} aria-controls={id.clone()} onclick={toggle}>
                    <span class="sheet__name">{ sheet.service.clone() }</span>
                    <span class="sheet__counts">{ counts(sheet) }</span>
                </button>
            </h3>
            <div {id} hidden={!*open}>
                if *open {
                    { rows(sheet, &props.dispatch) }
                }
            </div>
        </section>
    }
}

fn counts(sheet: &BoundarySheetV1) -> String {
    let of = |standing: &str| sheet.boundaries.iter().filter(|boundary| boundary.standing == standing).count();
    format!("{} weakened, {} strengthened, {} unknown", of("weakened"), of("strengthened"), of("unknown"))
}

fn rows(sheet: &BoundarySheetV1, dispatch: &Dispatch) -> Html {
    let row = |boundary: &BoundaryV1| {
        let (sign, word) = standing(&boundary.standing);
        let standing = html! {
            <span class={format!("standing standing--{}", boundary.standing)}>
                <span class="standing__sign" aria-hidden="true">{ sign }</span>{ word }
            </span>
        };
        let state = html! { <>{ sentence(&boundary.state) }{ evidence(&boundary.evidence, dispatch) }</> };
        vec![text(capital(&boundary.title)), standing, state]
    };
    let title = html! { <span class="visually-hidden">{ format!("Boundaries of {}", sheet.service) }</span> };
    table(title, &["Boundary", "Standing", "State"], sheet.boundaries.iter().map(row).collect())
}

/// A standing's sign, and the standing in words.
fn standing(standing: &str) -> (&'static str, &'static str) {
    match standing {
        "on-by-default" => ("●", "on by default"),
        "off-by-default" => ("○", "off by default"),
        "strengthened" => ("▲", "strengthened"),
        "weakened" => ("▼", "weakened"),
        _ => ("?", "not known"),
    }
}
