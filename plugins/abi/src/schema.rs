//! The list of all types with their fields in order, for code that must be written once for each of them.

/// Calls a macro with every type of the interface: `enumeration Name { Case, … }` and `record Name { field: Type, … }`, each behind
/// the types it uses.
///
/// Tokens behind the macro's name and a comma are passed on in front, in brackets.
#[macro_export]
macro_rules! for_every_type {
    ($callback:path $(, $($extra:tt)*)?) => {
        $callback! {
            [$($($extra)*)?]
            enumeration Severity { Info, Low, Medium, High, Critical }
            enumeration Confidence { Low, Medium, High }
            enumeration FixSafety { Safe, Suggested }
            enumeration NodeKind { Root, Mapping, Sequence, Pair, Scalar, Instruction, Flag, Argument, Section, Directive, Block, Heredoc, Comment }
            record Span { start: u32, end: u32 }
            record Location { document: u32, span: Span }
            record Node { parent: u32, kind: NodeKind, key: String, value: String, span: Span, value_span: Span }
            record Property { key: String, value: String, origin: Option<Location> }
            record Document { path: String, kind: String, text: String, nodes: Vec<Node>, properties: Vec<Property> }
            record Entity { kind: String, name: String, origin: Option<Location>, properties: Vec<Property> }
            record Relation { kind: String, source: u32, target: u32, origin: Option<Location>, properties: Vec<Property> }
            record Project { documents: Vec<Document>, entities: Vec<Entity>, relations: Vec<Relation>, properties: Vec<Property> }
            record Edit { location: Location, replacement: String }
            record Fix { title: String, safety: FixSafety, edits: Vec<Edit> }
            record Related { location: Location, message: String }
            record Finding {
                rule: String, location: Location, message: String, severity: Option<Severity>, confidence: Option<Confidence>,
                related: Vec<Related>, fixes: Vec<Fix>, properties: Vec<Property>
            }
            record Rule {
                id: String, title: String, description: String, severity: Severity, kinds: Vec<String>, tags: Vec<String>,
                help_url: Option<String>, properties: Vec<Property>
            }
            record Metadata {
                name: String, version: String, description: String, license: String, rules: Vec<Rule>,
                settings_schema: Option<String>, properties: Vec<Property>
            }
            enumeration ErrorKind { Settings, Input, Internal }
            record Error { kind: ErrorKind, message: String }
        }
    };
}

/// Writes a trait `Cross` and its implementations between this crate's types and those that a binding generator made in a module.
///
/// `conversions!(some::module)` in a module gives `value.cross()` in both directions; only moves, nothing is copied.
#[macro_export]
macro_rules! conversions {
    ($($bindings:tt)+) => {
        /// From one side of the boundary to the other.
        pub(crate) trait Cross<T> {
            /// The same value as the other side's type.
            fn cross(self) -> T;
        }
        impl Cross<u32> for u32 {
            fn cross(self) -> u32 { self }
        }
        impl Cross<String> for String {
            fn cross(self) -> String { self }
        }
        impl<A: Cross<B>, B> Cross<Vec<B>> for Vec<A> {
            fn cross(self) -> Vec<B> { self.into_iter().map(Cross::cross).collect() }
        }
        impl<A: Cross<B>, B> Cross<Option<B>> for Option<A> {
            fn cross(self) -> Option<B> { self.map(Cross::cross) }
        }
        $crate::for_every_type! { $crate::conversion, $($bindings)+ }
    };
}

/// Used by [`conversions!`].
#[doc(hidden)]
#[macro_export]
macro_rules! conversion {
    ($bindings:tt $( $what:ident $name:ident { $($body:tt)* } )+) => {
        $( $crate::conversion!(@ $what $bindings $name { $($body)* }); )+
    };
    (@ record [$($bindings:tt)+] $name:ident { $( $field:ident : $ty:ty ),* }) => {
        const _: () = {
            type Other = $($bindings)+ :: $name;
            impl Cross<Other> for $crate::$name {
                fn cross(self) -> Other {
                    let Self { $($field),* } = self;
                    Other { $( $field: $field.cross() ),* }
                }
            }
            impl Cross<$crate::$name> for Other {
                fn cross(self) -> $crate::$name {
                    let Self { $($field),* } = self;
                    $crate::$name { $( $field: $field.cross() ),* }
                }
            }
        };
    };
    (@ enumeration [$($bindings:tt)+] $name:ident { $( $case:ident ),* }) => {
        const _: () = {
            type Other = $($bindings)+ :: $name;
            impl Cross<Other> for $crate::$name {
                fn cross(self) -> Other {
                    match self { $( Self::$case => Other::$case ),* }
                }
            }
            impl Cross<$crate::$name> for Other {
                fn cross(self) -> $crate::$name {
                    match self { $( Self::$case => $crate::$name::$case ),* }
                }
            }
        };
    };
}
