//! What a compiler's time grows with.

use super::{features, malformed};
use crate::LinkError;
use wasmparser::{BlockType, FunctionBody, Operator};

/// The cost of a function: its locals and parameters × its control operators, and the values that its blocks take and give.
/// Ordinary functions have few of the one or few of the other.
///
/// `values` are those of its type, and of each type of its module.
pub(super) fn of(body: &FunctionBody<'_>, own: u32, values: &[u32]) -> Result<u64, LinkError> {
    let mut locals = u64::from(own);
    for group in body.get_locals_reader().map_err(malformed)? {
        let (count, ty) = group.map_err(malformed)?;
        features::value(ty)?;
        locals = locals.saturating_add(u64::from(count));
    }
    let (mut control, mut carried) = (1u64, 0u64);
    let mut operators = body.get_operators_reader().map_err(malformed)?;
    while !operators.eof() {
        let operator = operators.read().map_err(malformed)?;
        match &operator {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                control = control.saturating_add(1);
                if let BlockType::FuncType(index) = blockty {
                    let carries = usize::try_from(*index).ok().and_then(|index| values.get(index));
                    carried = carried.saturating_add(u64::from(carries.copied().unwrap_or(0)));
                }
            }
            Operator::BrIf { .. } => control = control.saturating_add(1),
            Operator::BrTable { targets } => control = control.saturating_add(u64::from(targets.len())),
            other => {
                if let Some(feature) = features::operator(other) {
                    return Err(LinkError::Feature(feature));
                }
            }
        }
    }
    Ok(locals.saturating_mul(control).saturating_add(carried))
}
