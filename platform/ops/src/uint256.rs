//! 256-bit integers in rule expressions: amounts on a chain do not fit in CEL's 64 bits.
//!
//! CEL's own operators do not take them, so there are functions: `uint256(x)`, `more(a, b)`, `less(a, b)`,
//! `plus(a, b)`, `minus(a, b)` (zero where it would be negative) and `share(a, percent)`. Each takes amounts, plain
//! integers and decimal text alike.

use std::sync::Arc;

use alloy_primitives::U256;
use cel::objects::Opaque;
use cel::{Context, ExecutionError, Value};

/// An amount as an expression sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Amount(U256);

impl Opaque for Amount {
    fn runtime_type_name(&self) -> &'static str {
        "guildhall.uint256"
    }
}

/// An amount as a value of CEL.
pub(crate) fn value(amount: U256) -> Value {
    Value::Opaque(Arc::new(Amount(amount)))
}

fn read(value: &Value) -> Result<U256, ExecutionError> {
    let refuse =
        || ExecutionError::function_error("uint256", "not an amount: give a whole number that is not negative");
    match value {
        Value::Opaque(opaque) => opaque.downcast_ref::<Amount>().map(|amount| amount.0).ok_or_else(refuse),
        Value::Int(number) => U256::try_from(*number).map_err(|_| refuse()),
        Value::UInt(number) => Ok(U256::from(*number)),
        Value::String(text) => U256::from_str_radix(text, 10).map_err(|_| refuse()),
        _ => Err(refuse()),
    }
}

/// Gives an expression the functions of this module.
pub(crate) fn install(context: &mut Context<'_, '_>) {
    type Answer = Result<Value, ExecutionError>;
    let functions = [
        context.add_function("uint256", |a: Value| -> Answer { Ok(value(read(&a)?)) }),
        context.add_function("more", |a: Value, b: Value| -> Answer { Ok(Value::Bool(read(&a)? > read(&b)?)) }),
        context.add_function("less", |a: Value, b: Value| -> Answer { Ok(Value::Bool(read(&a)? < read(&b)?)) }),
        context.add_function("plus", |a: Value, b: Value| -> Answer { Ok(value(read(&a)?.saturating_add(read(&b)?))) }),
        context
            .add_function("minus", |a: Value, b: Value| -> Answer { Ok(value(read(&a)?.saturating_sub(read(&b)?))) }),
        context.add_function("share", |a: Value, percent: i64| -> Answer {
            let percent = U256::try_from(percent).unwrap_or_default();
            let (amount, hundred) = (read(&a)?, U256::from(100));
            // First the whole hundreds, so that nothing overflows.
            Ok(value((amount / hundred).saturating_mul(percent).saturating_add(amount % hundred * percent / hundred)))
        }),
    ];
    debug_assert!(functions.iter().all(Result::is_ok), "no function of the standard library has one of these names");
}
