//! The place for plug-ins in the page. Whoever fills it needs two things only: [`dropped`] gets every `.wasm` file that is dropped,
//! opened or pasted, and [`Section`] is drawn below the findings.

use std::rc::Rc;
use yew::{Callback, Html, component, html};

/// Takes a dropped module. `say` shows a short message.
pub(crate) fn dropped(name: &str, _bytes: Vec<u8>, say: &Callback<Rc<str>>) {
    say.emit(format!("{name} is a plug-in; this page cannot load plug-ins yet").into());
}

/// What the findings pane shows about plug-ins: nothing while none can be loaded.
#[component]
pub(crate) fn Section() -> Html {
    html! {}
}
