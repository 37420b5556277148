//! The generated side of the boundary, and its conversion to the plain types.

#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    reason = "generated: reads and writes a component's memory as the canonical ABI asks"
)]
#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
mod generated {
    wasmtime::component::bindgen!({ path: "../plugins/abi/wit", world: "plugin" });
}

pub(super) use generated::Plugin;

plimsoll_plugin_abi::conversions!(crate::plugin::bindings::generated::exports::plimsoll::plugin::rules);
