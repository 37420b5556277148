//! The map as SVG. Everything on it is said in words elsewhere; boxes are buttons. One listener serves all of them, and nothing here
//! is drawn again because somebody points at something.

use crate::stack::Shared;
use crate::stack::drawing::{Pairs, arrow, cut, service_label};
use plimsoll_core::report::map::layout::{BoxKind, Layout, LineKind, PlacedBox, PlacedLine, PlacedNetwork, Rect};
use plimsoll_core::report::stack::{MapServiceV1, PositionV1, StepV1, ViewV1};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::Element;
use yew::{
    Callback, FocusEvent, Html, KeyboardEvent, MouseEvent, Properties, TargetCast as _, classes, component, html,
};

/// Letters of a name that fit a box, and of the line below it.
const MOST_NAME: usize = 22;
const MOST_LINE: usize = 27;
/// Letters of a network's name that fit the column left of the map.
const MOST_NETWORK: usize = 20;
/// How much room the host takes below the map when somebody gets there.
const HOST_ROOM: f64 = 66.0;

/// What one points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Spot {
    Service(Rc<str>),
    Line(Rc<str>, Rc<str>),
}

/// What an event on the map is about.
fn spot_of(target: Option<Element>) -> Option<Spot> {
    let element = target?.closest("[data-service], [data-from]").ok()??;
    let text = |name: &str| element.get_attribute(name).map(|value| Rc::<str>::from(value.as_str()));
    text("data-service").map(Spot::Service).or_else(|| Some(Spot::Line(text("data-from")?, text("data-to")?)))
}

/// The service an event on the map is about, when it is one that can fall.
fn service_of(target: Option<Element>) -> Option<Rc<str>> {
    let element = target?.closest("[data-service][role=button]").ok()??;
    element.get_attribute("data-service").map(|name| name.as_str().into())
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
    pub(crate) layout: Shared<Layout>,
    pub(crate) fallen: Option<Rc<str>>,
    pub(crate) steps: Shared<Vec<StepV1>>,
    /// How many of the steps are told.
    pub(crate) shown: usize,
    /// The pointer is over something.
    pub(crate) on_point: Callback<Spot>,
    /// Something was clicked, or has the focus.
    pub(crate) on_pin: Callback<Spot>,
    pub(crate) on_fall: Callback<Rc<str>>,
}

#[component]
pub(crate) fn Drawing(props: &Props) -> Html {
    let layout = &*props.layout;
    let walk = Told::new(props);
    let height = layout.height + if walk.host.is_some() { HOST_ROOM } else { 0.0 };
    let pairs = Pairs::new(&props.view);
    let services: BTreeMap<&str, &MapServiceV1> =
        props.view.services.iter().map(|service| (service.name.as_str(), service)).collect();
    let onmouseover = {
        let on_point = props.on_point.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(spot) = spot_of(event.target_dyn_into()) {
                on_point.emit(spot);
            }
        })
    };
    let onfocusin = {
        let on_pin = props.on_pin.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(spot) = spot_of(event.target_dyn_into()) {
                on_pin.emit(spot);
            }
        })
    };
    let onclick = {
        let (on_pin, on_fall) = (props.on_pin.clone(), props.on_fall.clone());
        Callback::from(move |event: MouseEvent| {
            let target: Option<Element> = event.target_dyn_into();
            if let Some(spot) = spot_of(target.clone()) {
                on_pin.emit(spot);
            }
            if let Some(service) = service_of(target) {
                on_fall.emit(service);
            }
        })
    };
    let onkeydown = {
        let on_fall = props.on_fall.clone();
        Callback::from(move |event: KeyboardEvent| {
            if !matches!(event.key().as_str(), "Enter" | " ") {
                return;
            }
            if let Some(service) = service_of(event.target_dyn_into()) {
                // The space bar would scroll.
                event.prevent_default();
                on_fall.emit(service);
            }
        })
    };
    html! {
        <svg
            class="map__drawing"
            width={size(layout.width)}
            height={size(height)}
            viewBox={format!("0 0 {} {}", size(layout.width), size(height))}
            role="group"
            aria-label={format!("Map of {}", props.view.name)}
            aria-describedby="map-as-text"
            {onmouseover}
            {onfocusin}
            {onclick}
            {onkeydown}
        >
            <defs>
                for head in ["step", "needed", "exposed", "missing"] {
                    { arrow_head(head) }
                }
            </defs>
            <g class="map__networks" aria-hidden="true">
                for (index, network) in layout.networks.iter().enumerate() {
                    { hull(index, network) }
                }
                { keys(layout) }
            </g>
            <g class="map__columns" aria-hidden="true">
                for (title, x) in &layout.columns {
                    <text class="map__column" x={size(*x)} y={size(layout.title_y)} text-anchor="middle">{ title.clone() }</text>
                }
            </g>
            <g class="map__lines" aria-hidden="true">
                for line in &layout.lines {
                    { drawn_line(line) }
                }
            </g>
            <g class="map__boxes">
                for placed in &layout.boxes {
                    { drawn_box(placed, services.get(placed.name.as_str()).copied(), &pairs, &walk, props) }
                }
                { host(&walk) }
            </g>
            <g class="map__tabs" aria-hidden="true">{ tabs(layout) }</g>
            <g class="map__steps" aria-hidden="true">
                for (index, step) in props.steps.iter().take(props.shown).enumerate() {
                    { drawn_step(index, step, &walk, props.shown) }
                }
            </g>
        </svg>
    }
}

/// A length as an attribute: whole tenths are enough.
fn size(length: f64) -> String {
    format!("{length:.1}")
}

fn arrow_head(kind: &'static str) -> Html {
    let size = if kind == "step" { "11" } else { "7" };
    html! {
        <marker
            key={kind}
            id={format!("map-{kind}")}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth={size}
            markerHeight={size}
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
        >
            <path class={format!("map__head map__head--{kind}")} d="M0 0l8 4-8 4z" />
        </marker>
    }
}

/// What of a breach is on the map so far.
struct Told<'a> {
    /// Where everything stands.
    places: BTreeMap<&'a str, Rect>,
    /// What has been got to.
    taken: BTreeMap<&'a str, &'static str>,
    /// Where the host is drawn, when a step leads there.
    host: Option<Rect>,
    is_host_taken: bool,
}

impl<'a> Told<'a> {
    fn new(props: &'a Props) -> Self {
        let layout = &*props.layout;
        let places: BTreeMap<&str, Rect> = layout.boxes.iter().map(|one| (one.name.as_str(), one.rect)).collect();
        let leads_to_host = props.steps.iter().any(|step| step.to.place == "host");
        let host = leads_to_host.then(|| Rect {
            x: (layout.width / 2.0 - 92.0).max(4.0),
            y: layout.height + 8.0,
            width: 184.0,
            height: 46.0,
        });
        let mut told = Self { places, taken: BTreeMap::new(), host, is_host_taken: false };
        if let Some(start) = props.fallen.as_deref() {
            told.taken.insert(start, "start");
        }
        for step in props.steps.iter().take(props.shown) {
            told.take(&step.to);
        }
        told
    }

    fn take(&mut self, to: &'a PositionV1) {
        if to.place == "host" {
            self.is_host_taken = true;
            return;
        }
        let state = match to.level.as_deref() {
            Some("user" | "root") => "taken",
            Some("data") => "data",
            _ => return,
        };
        let known = self.taken.entry(&to.place).or_insert(state);
        if *known == "data" {
            *known = state;
        }
    }

    fn rect(&self, position: &PositionV1) -> Option<Rect> {
        if position.place == "host" { self.host } else { self.places.get(position.place.as_str()).copied() }
    }
}

fn hull(index: usize, network: &PlacedNetwork) -> Html {
    // With more networks than colours, tabs on the boxes take the place of hulls.
    let way_out = if network.internal { "" } else { " map__network--open" };
    let name = cut(&network.name, MOST_NETWORK) + if network.internal { " (internal)" } else { "" };
    html! {
        <g class={format!("map__network map__network--{}{way_out}", network.colour)} key={index}>
            if !network.d.is_empty() {
                <path class="map__hull" d={network.d.clone()} />
            }
            if !network.spine.is_empty() {
                <path class="map__spine" d={network.spine.clone()} />
            }
            <text class="map__label" x={size(network.label.0)} y={size(network.label.1)}>{ name }</text>
        </g>
    }
}

/// Tabs in the key below the map.
fn keys(layout: &Layout) -> Html {
    layout
        .tabs
        .iter()
        .filter(|tab| tab.service.is_none())
        .map(|tab| one_tab(tab.number, tab.colour, tab.rect))
        .collect()
}

/// Tabs on the boxes.
fn tabs(layout: &Layout) -> Html {
    layout
        .tabs
        .iter()
        .filter(|tab| tab.service.is_some())
        .map(|tab| one_tab(tab.number, tab.colour, tab.rect))
        .collect()
}

fn one_tab(number: usize, colour: u8, rect: Rect) -> Html {
    html! {
        <g class={format!("map__network map__network--{colour}")}>
            <rect class="map__tab" x={size(rect.x)} y={size(rect.y)} width={size(rect.width)} height={size(rect.height)} rx="2" />
            <text class="map__number" x={size(rect.x + rect.width / 2.0)} y={size(rect.y + rect.height - 3.0)} text-anchor="middle">{ number }</text>
        </g>
    }
}

fn drawn_line(line: &PlacedLine) -> Html {
    // An unneeded pair has no direction.
    let head = (line.kind != LineKind::Excess).then(|| format!("url(#map-{})", line.kind.as_str()));
    html! {
        <g class="map__pair" data-from={line.from.clone()} data-to={line.to.clone()} key={format!("{} {} {}", line.kind.as_str(), line.from, line.to)}>
            <path class="map__hit" d={line.d.clone()} />
            <path class={format!("map__line map__line--{}", line.kind.as_str())} d={line.d.clone()} marker-end={head} />
        </g>
    }
}

fn drawn_box(
    placed: &PlacedBox,
    service: Option<&MapServiceV1>,
    pairs: &Pairs<'_>,
    walk: &Told<'_>,
    props: &Props,
) -> Html {
    let transform = format!("translate({} {})", size(placed.rect.x), size(placed.rect.y));
    let rect =
        html! { <rect class="map__rect" width={size(placed.rect.width)} height={size(placed.rect.height)} rx="7" /> };
    let (BoxKind::Service, Some(service)) = (placed.kind, service) else {
        return html! {
            <g class="map__box map__box--internet" key="internet:" {transform} aria-hidden="true">
                { rect }
                { globe(18.0, 23.0) }
                <text class="map__name" x="36" y="27">{ "Internet" }</text>
            </g>
        };
    };
    let state = walk.taken.get(service.name.as_str()).copied();
    let class = classes!(
        "map__box",
        service.exposed.then_some("map__box--exposed"),
        (!service.stays).then_some("map__box--job"),
        state.map(|state| format!("map__box--{state}")),
    );
    let word = match state {
        Some("start") => "falls · ",
        Some("taken") => "taken over · ",
        Some("data") => "data taken · ",
        _ if service.exposed => "exposed · ",
        _ => "",
    };
    let line = format!("{word}{} · {}", service.role, service.tier);
    let label = service_label(pairs, service, &line);
    let fallen = props.fallen.as_deref() == Some(service.name.as_str());
    html! {
        <g
            {class}
            key={service.name.clone()}
            {transform}
            data-service={service.name.clone()}
            tabindex="0"
            role={if service.stays { "button" } else { "img" }}
            aria-pressed={service.stays.then(|| fallen.to_string())}
            aria-label={if service.stays { format!("{label}. What happens when it falls") } else { format!("{label}. A job that ends") }}
        >
            { rect }
            <text class="map__name" x="10" y="19">{ cut(&service.name, MOST_NAME) }</text>
            { " " }
            <text class="map__role" x="10" y="36">{ cut(&line, MOST_LINE) }</text>
            if service.exposed {
                { globe(placed.rect.width - 14.0, 14.0) }
            }
        </g>
    }
}

/// The sign of the internet.
fn globe(x: f64, y: f64) -> Html {
    html! {
        <g class="map__globe" transform={format!("translate({} {})", size(x), size(y))}>
            <circle r="7" /><path d="M-7 0h14M0-7c-4 4-4 10 0 14M0-7c4 4 4 10 0 14" />
        </g>
    }
}

fn host(walk: &Told<'_>) -> Html {
    let Some(rect) = walk.host else { return Html::default() };
    let class = classes!("map__box", "map__box--host", walk.is_host_taken.then_some("map__box--taken"));
    let word = if walk.is_host_taken { "taken over" } else { "the machine below" };
    html! {
        <g {class} key="host:" transform={format!("translate({} {})", size(rect.x), size(rect.y))} aria-hidden="true">
            <rect class="map__rect" width={size(rect.width)} height={size(rect.height)} rx="7" />
            <text class="map__name" x="10" y="19">{ "Host" }</text>
            <text class="map__role" x="10" y="36">{ word }</text>
        </g>
    }
}

fn drawn_step(index: usize, step: &StepV1, walk: &Told<'_>, shown: usize) -> Html {
    let (Some(from), Some(to)) = (walk.rect(&step.from), walk.rect(&step.to)) else { return Html::default() };
    // More of the same service is said in the list; an arrow would lead nowhere.
    if step.from.place == step.to.place {
        return Html::default();
    }
    let class = classes!("map__step", (index + 1 == shown).then_some("map__step--new"));
    html! { <path {class} key={index} d={arrow(from, to)} pathLength="1" marker-end="url(#map-step)" /> }
}
