//! The line that says how much was looked at.

use super::icons::{Icon, icon};
use crate::listing::Results;
use std::rc::Rc;
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Whether there are no files.
    pub(crate) empty: bool,
    pub(crate) results: Option<Rc<Results>>,
    pub(crate) millis: f64,
}

#[component]
pub(crate) fn Coverage(props: &Props) -> Html {
    let Some(results) = &props.results else {
        return html! { <footer class="coverage" aria-label="Coverage"><span>{ if props.empty { "No files yet" } else { "Not analysed yet" } }</span></footer> };
    };
    let coverage = &results.report.coverage;
    let (class, drawing, word) = if coverage.complete {
        ("coverage", Icon::Check, "Complete")
    } else {
        ("coverage coverage--incomplete", Icon::Warning, "Incomplete")
    };
    html! {
        <footer {class} aria-label="Coverage">
            <span class="coverage__state">{ icon(drawing) }{ word }</span>
            <span>{ format!("{} of {} files analysed", coverage.files_analysed, coverage.files) }</span>
            if coverage.instructions > 0 {
                <span>{ format!("{} of {} instructions", coverage.instructions_analysed, coverage.instructions) }</span>
            }
            if coverage.recovered > 0 {
                <span>{ format!("{} recovered", coverage.recovered) }</span>
            }
            <span class="coverage__time">{ format!("{:.1} ms", props.millis) }</span>
        </footer>
    }
}
