//! Who can talk to whom and who has to, as a table: what the map shows, in words and signs.

use crate::stack::Shared;
use crate::stack::drawing::{Pair, Pairs};
use plimsoll_core::report::stack::{MapServiceV1, ViewV1};
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
}

#[component]
pub(crate) fn Matrix(props: &Props) -> Html {
    let view = &*props.view;
    let pairs = Pairs::new(view);
    let services: Vec<&MapServiceV1> = view.services.iter().filter(|service| service.stays).collect();
    html! {
        <div class="matrix">
            <ul class="legend" aria-label="Signs">
                for pair in Pair::ALL {
                    <li class="legend__item">
                        <span class={format!("matrix__sign matrix__sign--{}", pair.name())} aria-hidden="true">{ pair.sign() }</span>
                        { pair.meaning() }
                    </li>
                }
            </ul>
            <div class="table" role="group" tabindex="0" aria-label="Matrix of connections">
                <table class="matrix__table">
                    <caption class="table__caption">{ format!("Connections of {}", view.name) }</caption>
                    <thead>
                        <tr>
                            <td class="matrix__corner" />
                            <th class="matrix__head" scope="col"><span class="matrix__turned">{ "Internet" }</span></th>
                            for service in &services {
                                <th class="matrix__head" scope="col"><span class="matrix__turned">{ service.name.clone() }</span></th>
                            }
                        </tr>
                    </thead>
                    <tbody>
                        for service in &services {
                            { row(service, &services, &pairs) }
                        }
                    </tbody>
                </table>
            </div>
        </div>
    }
}

fn row(service: &MapServiceV1, services: &[&MapServiceV1], pairs: &Pairs<'_>) -> Html {
    html! {
        <tr key={service.name.clone()}>
            <th class="matrix__name" scope="row">{ service.name.clone() }</th>
            if service.exposed {
                <td class="matrix__cell matrix__cell--exposed" aria-label="reachable from the internet" title={format!("{} is reachable from the internet", service.name)}>{ "⊕" }</td>
            } else {
                <td class="matrix__cell matrix__cell--blocked" aria-label="not reachable from the internet">{ Pair::Blocked.sign() }</td>
            }
            for other in services {
                { cell(service, other, pairs) }
            }
        </tr>
    }
}

fn cell(service: &MapServiceV1, other: &MapServiceV1, pairs: &Pairs<'_>) -> Html {
    if service.name == other.name {
        return html! { <td class="matrix__cell matrix__cell--self" aria-label="itself" /> };
    }
    let pair = pairs.cell(&service.name, &other.name);
    html! {
        <td
            class={format!("matrix__cell matrix__cell--{}", pair.name())}
            aria-label={pair.meaning()}
            title={format!("{} → {}: {}", service.name, other.name, pair.meaning())}
        >
            { pair.sign() }
        </td>
    }
}
