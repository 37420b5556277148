//! Drawings. They are decoration: the words beside them carry the meaning.

use yew::{Classes, Html, classes, html};

/// A line drawing of 16 units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    Lock,
    Gallery,
    Running,
    Caret,
    Folder,
    Theme,
    Plus,
    Pencil,
    Cross,
    Check,
    Warning,
    Question,
    Alert,
}

/// An icon.
pub(crate) fn icon(icon: Icon) -> Html {
    with_class(icon, Classes::new())
}

/// An icon with another class beside its own.
pub(crate) fn with_class(icon: Icon, class: impl Into<Classes>) -> Html {
    let path = |d: &'static str| html! { <path {d} /> };
    let drawing = match icon {
        Icon::Lock => {
            html! { <><rect x="3" y="7" width="10" height="7" rx="1.5" /><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" /></> }
        }
        Icon::Gallery => html! {
            <>
                <rect x="2" y="2" width="5" height="5" rx="1" /><rect x="9" y="2" width="5" height="5" rx="1" />
                <rect x="2" y="9" width="5" height="5" rx="1" /><rect x="9" y="9" width="5" height="5" rx="1" />
            </>
        },
        Icon::Running => {
            html! { <><rect x="2" y="3" width="12" height="10" rx="1.5" /><path d="M4.500 6.500l2 1.500-2 1.500M8.500 10h3" /></> }
        }
        Icon::Theme => {
            html! { <><circle cx="8" cy="8" r="6" /><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" /></> }
        }
        Icon::Question => html! {
            <><circle cx="8" cy="8" r="6.3" /><path d="M6.2 6.3a1.8 1.8 0 1 1 2.7 1.6c-.6.3-.9.7-.9 1.3M8 11.4v.1" /></>
        },
        Icon::Caret => path("M4 6l4 4 4-4"),
        Icon::Folder => path("M2 13V4a1 1 0 0 1 1-1h3l1.5 2H13a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z"),
        Icon::Plus => path("M8 3v10M3 8h10"),
        Icon::Pencil => path("M3 13l.7-3L10.5 3.2a1.4 1.4 0 0 1 2.3 2.3L6 12.3z"),
        Icon::Cross => path("M4 4l8 8M12 4l-8 8"),
        Icon::Check => path("M3 8.5l3.3 3.3L13 5"),
        Icon::Warning => path("M8 2.5l6 11H2zM8 6.5v3M8 11.6v.1"),
        Icon::Alert => path("M8 2l6.300 11.500H1.700zM8 6v3.500M8 11.500v.1"),
    };
    html! { <svg class={classes!("icon", class.into())} viewBox="0 0 16 16" aria-hidden="true">{ drawing }</svg> }
}

/// A severity's own shape: octagon, triangle, diamond, disc, ring.
pub(crate) fn severity(level: usize) -> Html {
    let drawing = match level {
        0 => html! {
            <>
                <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
                <path class="sev__glyph" d="M8 4v5M8 11.6v.4" fill="none" stroke-width="2" stroke-linecap="round" />
            </>
        },
        1 => html! { <path d="M8 1.2l7.2 13.3H.8z" /> },
        2 => html! { <path d="M8 .8L15.2 8 8 15.2.8 8z" /> },
        3 => html! { <circle cx="8" cy="8" r="6" /> },
        _ => {
            html! { <path fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z" /> }
        }
    };
    html! { <svg class="sev__icon" viewBox="0 0 16 16" aria-hidden="true">{ drawing }</svg> }
}

/// The Plimsoll line in the water: how deep the ship lies.
pub(crate) fn gauge(worst: Option<usize>) -> Html {
    let level = match worst {
        Some(0) => 12,
        Some(1) => 17,
        Some(2) => 22,
        Some(_) => 30,
        None => 36,
    };
    html! {
        <svg class="gauge" viewBox="0 0 44 44" aria-hidden="true">
            <path
                class="gauge__sea"
                transform={format!("translate(0 {level})")}
                d="M-4 0c4 0 4 2.5 8 2.5S8 0 12 0s4 2.5 8 2.5S24 0 28 0s4 2.5 8 2.5S40 0 44 0v60H-4z"
            />
            <g class="gauge__mark"><circle cx="22" cy="22" r="10" /><path d="M6 22h32" /></g>
        </svg>
    }
}

/// The mark in the header.
pub(crate) fn brand() -> Html {
    html! { <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="9" /><path d="M2 16h28" /></svg> }
}

/// The mark over the sea, for panes with nothing to list.
pub(crate) fn sea(good: bool) -> Html {
    let line = if good {
        html! { <g class="empty__line empty__line--good"><circle cx="88" cy="40" r="26" /><path d="M44 40h88" /></g> }
    } else {
        html! { <g class="empty__line"><circle cx="88" cy="46" r="26" /><path d="M44 46h88" /></g> }
    };
    html! {
        <svg class="empty__mark" viewBox="0 0 176 104" aria-hidden="true">
            { line }
            <path class="empty__sea" d="M0 84c11 0 11 6 22 6s11-6 22-6 11 6 22 6 11-6 22-6 11 6 22 6 11-6 22-6 11 6 22 6 11-6 22-6v20H0z" />
            <path class="empty__sea--deep" d="M0 92c11 0 11 5 22 5s11-5 22-5 11 5 22 5 11-5 22-5 11 5 22 5 11-5 22-5 11 5 22 5 11-5 22-5v12H0z" />
        </svg>
    }
}
