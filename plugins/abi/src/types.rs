//! The records and enums of the interface. The WIT says what they mean in full.

use serde::{Deserialize, Serialize};

macro_rules! types {
    ($( $(#[$meta:meta])* $what:ident $name:ident { $( $(#[$inner:meta])* $field:ident $(: $ty:ty)? ),+ $(,)? } )+) => {
        $( types!(@ $(#[$meta])* $what $name { $( $(#[$inner])* $field $(: $ty)? ),+ }); )+
    };
    (@ $(#[$meta:meta])* record $name:ident { $( $(#[$inner:meta])* $field:ident : $ty:ty ),+ }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct $name { $( $(#[$inner])* pub $field: $ty ),+ }
    };
    // The smallest records are handed around by value.
    (@ $(#[$meta:meta])* place $($rest:tt)+) => {
        types!(@ $(#[$meta])* #[derive(Copy, Hash, PartialOrd, Ord)] record $($rest)+);
    };
    (@ $(#[$meta:meta])* enumeration $name:ident { $( $(#[$inner:meta])* $case:ident ),+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $( $(#[$inner])* $case ),+ }
    };
}

types! {
    /// How bad a finding is.
    enumeration Severity {
        /// Worth knowing.
        Info,
        /// Hardening that costs little.
        Low,
        /// Makes an attack easier or wider.
        Medium,
        /// One step from a breach.
        High,
        /// An open door.
        Critical,
    }
    /// How sure a finding is.
    enumeration Confidence {
        /// Two or more steps of inference.
        Low,
        /// One step of inference.
        Medium,
        /// Literal evidence.
        High,
    }
    /// What a plug-in thinks of its fix.
    enumeration FixSafety {
        /// May be applied without a look.
        Safe,
        /// Needs a look.
        Suggested,
    }
    /// The shape of a node.
    enumeration NodeKind {
        /// The document.
        Root,
        /// Keys and values.
        Mapping,
        /// A list.
        Sequence,
        /// A key with a value.
        Pair,
        /// A single value.
        Scalar,
        /// An instruction of a Dockerfile.
        Instruction,
        /// A flag of an instruction; a tag or anchor in YAML.
        Flag,
        /// An argument.
        Argument,
        /// A section of an ini file.
        Section,
        /// A directive.
        Directive,
        /// A directive with braces.
        Block,
        /// A here-document.
        Heredoc,
        /// A comment.
        Comment,
    }
    /// A half-open range of UTF-8 bytes.
    place Span {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    }
    /// A span in a document.
    place Location {
        /// Index of the document.
        document: u32,
        /// Where in it.
        span: Span,
    }
    /// A node of a document's tree.
    record Node {
        /// Index of its parent; the root is its own.
        parent: u32,
        /// Its shape.
        kind: NodeKind,
        /// Its name.
        key: String,
        /// Its value.
        value: String,
        /// All of it.
        span: Span,
        /// The value as written.
        value_span: Span,
    }
    /// A documented key with a value.
    record Property {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Where it is written.
        origin: Option<Location>,
    }
    /// A file.
    record Document {
        /// Its name.
        path: String,
        /// Its format: an open set.
        kind: String,
        /// Its text.
        text: String,
        /// Its tree.
        nodes: Vec<Node>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// Something of the resolved model.
    record Entity {
        /// What it is: an open set.
        kind: String,
        /// Its name.
        name: String,
        /// Where it is written.
        origin: Option<Location>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// From one entity to another.
    record Relation {
        /// What it is: an open set.
        kind: String,
        /// Index of the entity it starts from.
        source: u32,
        /// Index of the entity it leads to.
        target: u32,
        /// Where it is written.
        origin: Option<Location>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// Everything a plug-in sees.
    record Project {
        /// The files.
        documents: Vec<Document>,
        /// The resolved model.
        entities: Vec<Entity>,
        /// How its parts belong together.
        relations: Vec<Relation>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// Replace the text at a place.
    record Edit {
        /// What is replaced; empty to insert.
        location: Location,
        /// What stands there afterwards.
        replacement: String,
    }
    /// One way to mend a finding.
    record Fix {
        /// What it does, as an order.
        title: String,
        /// What the plug-in thinks of it.
        safety: FixSafety,
        /// All together or none.
        edits: Vec<Edit>,
    }
    /// A further place that belongs to a finding.
    record Related {
        /// Where.
        location: Location,
        /// What it contributes.
        message: String,
    }
    /// A fault.
    record Finding {
        /// The id of a declared rule.
        rule: String,
        /// The place to change.
        location: Location,
        /// What is so, here.
        message: String,
        /// How bad; the rule's own when absent.
        severity: Option<Severity>,
        /// How sure; high when absent.
        confidence: Option<Confidence>,
        /// The evidence.
        related: Vec<Related>,
        /// Ways to mend it, best first.
        fixes: Vec<Fix>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// A rule of a plug-in.
    record Rule {
        /// Its id, in kebab-case.
        id: String,
        /// The fault in a few words.
        title: String,
        /// Why it matters.
        description: String,
        /// How bad its findings are.
        severity: Severity,
        /// The document kinds it looks at.
        kinds: Vec<String>,
        /// Words to filter by.
        tags: Vec<String>,
        /// Where more is said.
        help_url: Option<String>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// What a plug-in says of itself.
    record Metadata {
        /// Its name, in kebab-case: the first part of its rules' names.
        name: String,
        /// Its version.
        version: String,
        /// What it is for.
        description: String,
        /// Its licence.
        license: String,
        /// Its rules.
        rules: Vec<Rule>,
        /// A JSON Schema of its settings.
        settings_schema: Option<String>,
        /// Documented keys.
        properties: Vec<Property>,
    }
    /// What went wrong in a plug-in.
    enumeration ErrorKind {
        /// The settings are not understood.
        Settings,
        /// The project is not understood.
        Input,
        /// A fault of the plug-in.
        Internal,
    }
    /// Why a plug-in gives no findings.
    record Error {
        /// What went wrong.
        kind: ErrorKind,
        /// In words.
        message: String,
    }
}
