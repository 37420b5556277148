//! The score: its total and the lights at a glance, pillars and maturity when opened.

use crate::listing::Results;
use crate::words::counted;
use plimsoll_core::report::json::{LightV1, MaturityV1, PillarV1};
use std::rc::Rc;
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) results: Rc<Results>,
}

#[component]
pub(crate) fn Score(props: &Props) -> Html {
    let score = &props.results.report.score;
    let Some(total) = score.total else { return Html::default() };
    let cap = score.cap.as_ref().map_or_else(String::new, |cap| format!("; {cap}"));
    html! {
        <details class="score">
            <summary class="score__head">
                <span class="score__total">{ total.to_string() }<span class="score__of">{ "/100" }</span></span>
                <span class="score__text">
                    <span class="score__title">{ format!("Score, grade {}", score.grade) }</span>
                    <span class="score__detail">{ format!("Based on {} % of the model{cap}", score.coverage) }</span>
                </span>
                <ul class="lights" aria-label="Mistakes that are made again and again">
                    { for score.lights.iter().map(light) }
                </ul>
            </summary>
            <div class="score__body">
                <h3 class="score__heading">{ "Pillars" }</h3>
                <table class="score__table">
                    <tbody>{ for score.pillars.iter().map(pillar) }</tbody>
                </table>
                <h3 class="score__heading">{ "Maturity" }</h3>
                <table class="score__table">
                    <tbody>{ for score.maturity.iter().map(bullet) }</tbody>
                </table>
            </div>
        </details>
    }
}

fn light(light: &LightV1) -> Html {
    // The word stands beside the colour: a colour alone says nothing to some.
    let word = match light.colour.as_str() {
        "red" => "serious",
        "amber" => "to mend",
        "green" => "clean",
        _ => "not assessed",
    };
    html! {
        <li class={format!("light light--{}", light.colour)} title={format!("{}: {}", light.title, counted(light.findings, "finding"))}>
            { light.title.clone() }<span class="light__word">{ word }</span>
        </li>
    }
}

fn pillar(pillar: &PillarV1) -> Html {
    html! {
        <tr>
            <th scope="row">{ pillar.title.clone() }</th>
            if let Some(score) = pillar.score {
                <td class="score__number">{ score.to_string() }</td>
                <td><meter min="0" max="100" low="50" high="80" optimum="100" value={score.to_string()}>{ score.to_string() }</meter></td>
                <td>{ counted(pillar.findings, "finding") }</td>
            } else {
                <td class="score__number">{ "–" }</td>
                <td colspan="2">{ format!("Not assessed: supply {}", pillar.missing.as_deref().unwrap_or("more files")) }</td>
            }
        </tr>
    }
}

fn bullet(bullet: &MaturityV1) -> Html {
    let level = bullet.level.map_or_else(|| "–".to_owned(), |level| format!("{level} of 3"));
    let next = match (&bullet.next, bullet.level) {
        (Some(next), _) => format!("Next: {next}"),
        (None, Some(_)) => "Reached".to_owned(),
        (None, None) => "Not assessed".to_owned(),
    };
    html! { <tr><th scope="row">{ bullet.title.clone() }</th><td class="score__number">{ level }</td><td colspan="2">{ next }</td></tr> }
}
