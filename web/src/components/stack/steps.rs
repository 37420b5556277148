//! The steps of a breach as a list.

use super::parts::evidence;
use crate::app::Dispatch;
use crate::components::text::sentence;
use crate::stack::drawing::place;
use crate::words::capital;
use plimsoll_core::report::stack::StepV1;
use yew::{Html, html};

/// The steps, of which the first so many are told.
pub(super) fn list(steps: &[StepV1], shown: usize, dispatch: &Dispatch) -> Html {
    html! {
        <ol class="walk">
            for (index, step) in steps.iter().enumerate() {
                { item(index, step, shown, dispatch) }
            }
        </ol>
    }
}

fn item(index: usize, step: &StepV1, shown: usize, dispatch: &Dispatch) -> Html {
    let class = if index + 1 == shown { "walk__step walk__step--last" } else { "walk__step" };
    html! {
        <li {class} key={index} hidden={index >= shown}>
            <p class="walk__what">
                <span class={format!("verb verb--{}", step.verb)}>{ capital(&step.verb) }</span>
                { format!(" {} → {}", place(&step.from), place(&step.to)) }
            </p>
            <p class="walk__why">{ sentence(&step.reason) }{ over(step) }</p>
            { evidence(&step.evidence, dispatch) }
            if step.shown_by.is_empty() {
                <p class="walk__quiet">{ "Nothing in this stack would show it" }</p>
            } else {
                <p class="walk__quiet">{ "It would show in:" }</p>
                { evidence(&step.shown_by, dispatch) }
            }
        </li>
    }
}

fn over(step: &StepV1) -> String {
    if step.networks.is_empty() { String::new() } else { format!(", over {}", step.networks.join(", ")) }
}

/// What a reader who does not see the map hears of the last step.
pub(super) fn spoken(steps: &[StepV1], shown: usize) -> String {
    let Some(step) = shown.checked_sub(1).and_then(|last| steps.get(last)) else { return String::new() };
    format!("Step {shown} of {}: {} to {}, {}", steps.len(), place(&step.from), place(&step.to), step.reason)
}
