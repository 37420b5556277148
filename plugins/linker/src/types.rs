//! The types that a component declares, resolved to what they are made of.
//!
//! All types of a file are in one list and refer to each other by index, always to earlier ones: a file can nest its types as deep as it
//! likes without anything here following it down.

use crate::LinkError;
use wasmparser::{ComponentDefinedType, ComponentType, ComponentValType, PrimitiveValType};

/// Index of a type in [`Types`].
pub(crate) type TypeId = u32;

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Primitive(PrimitiveValType),
    Defined(TypeId),
}

/// A declared type.
#[derive(Debug)]
pub(crate) enum Type<'b> {
    Primitive(PrimitiveValType),
    Record(Vec<(&'b str, Value)>),
    Enum(Vec<&'b str>),
    List(Value),
    Option(Value),
    Result(Option<Value>, Option<Value>),
    Function {
        is_async: bool,
        parameters: Vec<Value>,
        result: Option<Value>,
    },
    /// None that the interface has; its name for messages.
    Other(&'static str),
}

/// Every type of one file.
#[derive(Default, Debug)]
pub(crate) struct Types<'b>(Vec<Type<'b>>);

impl<'b> Types<'b> {
    /// A type by its index.
    pub(crate) fn get(&self, id: TypeId) -> Option<&Type<'b>> {
        self.0.get(id as usize)
    }

    /// Adds a type.
    pub(crate) fn push(&mut self, ty: Type<'b>) -> Result<TypeId, LinkError> {
        let id =
            u32::try_from(self.0.len()).map_err(|_| LinkError::Malformed("it declares too many types".to_owned()))?;
        self.0.push(ty);
        Ok(id)
    }
}

/// How many items a type counts as: what it holds in lists.
pub(crate) fn size(ty: &ComponentType<'_>) -> usize {
    match ty {
        ComponentType::Defined(ComponentDefinedType::Record(fields)) => fields.len(),
        ComponentType::Defined(ComponentDefinedType::Variant(cases)) => cases.len(),
        ComponentType::Defined(ComponentDefinedType::Tuple(parts)) => parts.len(),
        ComponentType::Defined(ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names)) => names.len(),
        ComponentType::Func(function) => function.params.len(),
        ComponentType::Component(parts) => parts.len(),
        ComponentType::Instance(parts) => parts.len(),
        _ => 0,
    }
}

/// Resolves a declaration in the type space of its component.
pub(crate) fn resolve<'b>(ty: &ComponentType<'b>, space: &[TypeId]) -> Result<Type<'b>, LinkError> {
    let value = |ty: &ComponentValType| match ty {
        ComponentValType::Primitive(primitive) => Ok(Value::Primitive(*primitive)),
        ComponentValType::Type(index) => crate::items::at(space, *index).map(|id| Value::Defined(*id)),
    };
    let maybe = |ty: &Option<ComponentValType>| ty.as_ref().map(value).transpose();
    Ok(match ty {
        ComponentType::Defined(defined) => match defined {
            ComponentDefinedType::Primitive(primitive) => Type::Primitive(*primitive),
            ComponentDefinedType::Record(fields) => {
                Type::Record(fields.iter().map(|(name, ty)| Ok((*name, value(ty)?))).collect::<Result<_, LinkError>>()?)
            }
            ComponentDefinedType::Enum(names) => Type::Enum(names.to_vec()),
            ComponentDefinedType::List(element) => Type::List(value(element)?),
            ComponentDefinedType::Option(inner) => Type::Option(value(inner)?),
            ComponentDefinedType::Result { ok, err } => Type::Result(maybe(ok)?, maybe(err)?),
            ComponentDefinedType::Variant(_) => Type::Other("a variant"),
            ComponentDefinedType::Map(..) => Type::Other("a map"),
            ComponentDefinedType::FixedLengthList(..) => Type::Other("a list of fixed length"),
            ComponentDefinedType::Tuple(_) => Type::Other("a tuple"),
            ComponentDefinedType::Flags(_) => Type::Other("flags"),
            ComponentDefinedType::Own(_) | ComponentDefinedType::Borrow(_) => Type::Other("a resource"),
            ComponentDefinedType::Future(_) => Type::Other("a future"),
            ComponentDefinedType::Stream(_) => Type::Other("a stream"),
        },
        ComponentType::Func(function) => Type::Function {
            is_async: function.async_,
            parameters: function.params.iter().map(|(_, ty)| value(ty)).collect::<Result<_, LinkError>>()?,
            result: maybe(&function.result)?,
        },
        ComponentType::Component(_) => Type::Other("a component"),
        ComponentType::Instance(_) => Type::Other("an instance"),
        ComponentType::Resource { .. } => Type::Other("a resource"),
    })
}
