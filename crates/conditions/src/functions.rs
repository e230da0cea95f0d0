//! The environment that expressions run in: the standard library and our functions.
//!
//! Names that start with `@` cannot be written in a source; the rewriter puts them in.

use cel_interpreter::{
    DeclarationError, Env, ExecutionError,
    common::{
        ast::operators,
        types::{
            CelBool, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelString,
            CelTimestamp, DYN_TYPE, STRING_TYPE,
        },
        value::{CowVal, Val},
    },
};

use crate::{
    days::{self, BUSINESS_DAYS, DATE},
    decimal::{DECIMAL_TYPE, Decimal},
    duration,
    error::function,
    meter::{Meter, key_units},
    pattern::Pattern,
    people::{self, HAS_ROLE, MANAGER},
};

/// `@use(meter, value)`: the value, charged as a whole, because what follows copies or scans it.
pub(crate) const USE: &str = "@use";
/// `@scan(meter, container)`: the right side of `in`; a map is not scanned, it is looked up.
pub(crate) const SCAN: &str = "@scan";
/// `@within(meter, value, container)`: `in`. An element that is no match may be told so by a copy of
/// the value, so a large value is charged for every element.
pub(crate) const WITHIN: &str = "@within";
/// `@range(meter, container, weight)`: what a loop runs over, charged for every round. A map
/// becomes the list of its keys in order, because the library's order differs from run to run.
pub(crate) const RANGE: &str = "@range";
/// `@index(meter, key)`: a key; a fractional one is refused here, because the library's refusal
/// copies the whole list.
pub(crate) const INDEX: &str = "@index";
/// `@matches(meter, text, pattern)`, the pattern compiled or a string.
pub(crate) const MATCHES: &str = "@matches";
/// `@iso(text)`: an ISO 8601 duration in the library's form, anything else as it is.
pub(crate) const ISO: &str = "@iso";
/// `@millis(moment)`: the milliseconds within the second, of durations too, where the library gives
/// all of them.
pub(crate) const MILLIS: &str = "@millis";
/// `@decimal(value)`: a value that the schema declares a decimal; what is no text stays as it is.
pub(crate) const DECLARED: &str = "@decimal";
/// `decimal(number or text)`.
pub(crate) const DECIMAL: &str = "decimal";

/// The functions that a source may call besides the macros.
pub(crate) const CALLABLE: [&str; 30] = [
    "bool",
    BUSINESS_DAYS,
    "bytes",
    "contains",
    DATE,
    DECIMAL,
    "double",
    "duration",
    "dyn",
    "endsWith",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    HAS_ROLE,
    "int",
    MANAGER,
    "matches",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
];

/// The standard library without optional values, and our functions.
pub(crate) fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::default().with_optional_support(false).with_stdlib();
    let pair = || vec![DYN_TYPE, DYN_TYPE];
    let triple = || vec![DYN_TYPE, DYN_TYPE, DYN_TYPE];
    env.add_overload(USE, USE, pair(), charge_use)?;
    env.add_overload(SCAN, SCAN, pair(), charge_scan)?;
    env.add_overload(WITHIN, WITHIN, triple(), within)?;
    env.add_overload(RANGE, RANGE, triple(), charge_range)?;
    env.add_overload(INDEX, INDEX, pair(), charge_index)?;
    env.add_overload(MATCHES, MATCHES, triple(), matches)?;
    env.add_overload(ISO, ISO, vec![DYN_TYPE], iso)?;
    env.add_overload(DECIMAL, "string_to_decimal", vec![STRING_TYPE], decimal)?;
    env.add_overload(DECIMAL, "dyn_to_decimal", vec![DYN_TYPE], decimal)?;
    env.add_overload(DECLARED, DECLARED, vec![DYN_TYPE], declared)?;
    env.add_overload("string", "decimal_to_string", vec![DECIMAL_TYPE], text)?;
    env.add_overload("double", "decimal_to_double", vec![DECIMAL_TYPE], double)?;
    env.add_overload("@has_role", "@has_role", triple(), people::has_role)?;
    env.add_overload("@manager", "@manager", pair(), people::manager)?;
    env.add_overload(MILLIS, MILLIS, vec![DYN_TYPE], millis)?;
    env.add_overload(DATE, "date_of", vec![DYN_TYPE], days::date)?;
    env.add_overload(DATE, "date_in", pair(), days::date)?;
    for (id, n_args) in [("business_days", 2), ("holidays", 3), ("weekend", 4)] {
        let args = (0..n_args).map(|_| DYN_TYPE).collect();
        env.add_overload(BUSINESS_DAYS, id, args, days::business_days)?;
    }
    Ok(env)
}

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn charge_use<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, value] = arguments(args)?;
    metered(&meter)?.charge_value(value.as_ref())?;
    Ok(value)
}

fn charge_scan<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, container] = arguments(args)?;
    if container.downcast_ref::<CelMap<'_>>().is_none() {
        metered(&meter)?.charge_value(container.as_ref())?;
    }
    Ok(container)
}

fn within<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, value, container] = arguments(args)?;
    let overload = || {
        let names = [&value, &container].map(|arg| arg.get_type().name().to_owned());
        ExecutionError::no_such_overload(operators::IN, names.to_vec())
    };
    if let Some(list) = container.downcast_ref::<CelList<'_>>() {
        let n_items = u64::try_from(list.inner().len()).unwrap_or(u64::MAX);
        metered(&meter)?.charge_times(value.as_ref(), n_items)?;
        // Only a decimal knows decimals.
        if let Some(decimal) = value.downcast_ref::<Decimal>() {
            let found = list
                .inner()
                .iter()
                .any(|item| decimal.equals(item.as_ref()));
            return Ok(CowVal::owned(CelBool::from(found)));
        }
    }
    let found = container.as_container().ok_or_else(overload)?;
    let found = found.contains(value.as_ref()).map_err(|_| overload())?;
    Ok(CowVal::owned(CelBool::from(found)))
}

fn charge_range<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, range, weight] = arguments(args)?;
    let meter = metered(&meter)?;
    let weight = weight
        .downcast_ref::<CelInt>()
        .map_or(1, |weight| weight.inner().unsigned_abs());
    let rounds = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(weight);
    if let Some(map) = range.downcast_ref::<CelMap<'_>>() {
        meter.charge(rounds(map.inner().len()))?;
        return sorted_keys(map, meter);
    }
    if let Some(list) = range.downcast_ref::<CelList<'_>>() {
        meter.charge(rounds(list.inner().len()))?;
        meter.charge_value(range.as_ref())?;
    }
    Ok(range)
}

fn sorted_keys<'b, 'v>(map: &CelMap<'v>, meter: &Meter) -> Answer<'b, 'v> {
    let mut keys: Vec<&CelMapKey<'v>> = map.inner().keys().collect();
    keys.iter()
        .try_for_each(|key| meter.charge(key_units(key)))?;
    keys.sort_unstable();
    let keys: Vec<Box<dyn Val + 'v>> = keys
        .into_iter()
        .map(|key| -> Box<dyn Val + 'v> {
            match key.clone() {
                CelMapKey::Bool(key) => Box::new(key),
                CelMapKey::Int(key) => Box::new(key),
                CelMapKey::String(key) => Box::new(key),
                CelMapKey::UInt(key) => Box::new(key),
            }
        })
        .collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn charge_index<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, key] = arguments(args)?;
    metered(&meter)?.charge_value(key.as_ref())?;
    let fractional = key
        .downcast_ref::<CelDouble>()
        .is_some_and(|number| number.inner().fract() != 0.0 || !number.inner().is_finite());
    if fractional {
        return Err(function("[]", "an index is a whole number"));
    }
    Ok(key)
}

fn matches<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, text, pattern] = arguments(args)?;
    let meter = metered(&meter)?;
    let overload = || {
        let names = [&text, &pattern].map(|arg| arg.get_type().name().to_owned());
        ExecutionError::no_such_overload("matches", names.to_vec())
    };
    let subject = text.downcast_ref::<CelString<'_>>().ok_or_else(overload)?;
    let built;
    let pattern = match pattern.downcast_ref::<Pattern>() {
        Some(pattern) => pattern,
        None => {
            let source = pattern
                .downcast_ref::<CelString<'_>>()
                .ok_or_else(overload)?;
            built = Pattern::new(source.inner()).map_err(|why| function("matches", why))?;
            meter.charge(built.compile_units())?;
            &built
        }
    };
    meter.charge(pattern.search_units(subject.inner().len()))?;
    Ok(CowVal::owned(CelBool::from(
        pattern.occurs_in(subject.inner()),
    )))
}

fn iso<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [text] = arguments(args)?;
    let converted = text
        .downcast_ref::<CelString<'_>>()
        .and_then(|text| duration::to_cel(text.inner()));
    match converted {
        None => Ok(text),
        Some(Ok(converted)) => Ok(CowVal::owned(CelString::from(converted))),
        Some(Err(why)) => Err(function("duration", why)),
    }
}

fn millis<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [moment] = arguments(args)?;
    let millis = if let Some(length) = moment.downcast_ref::<CelDuration>() {
        i64::from(length.inner().subsec_nanos() / 1_000_000)
    } else if let Some(moment) = moment.downcast_ref::<CelTimestamp>() {
        i64::from(moment.inner().timestamp_subsec_millis())
    } else {
        let found = moment.get_type().name().to_owned();
        return Err(ExecutionError::no_such_overload(
            "getMilliseconds",
            vec![found],
        ));
    };
    Ok(CowVal::owned(CelInt::from(millis)))
}

fn declared<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = arguments(args)?;
    match value.downcast_ref::<CelString<'_>>() {
        Some(_) => decimal(vec![value]),
        None => Ok(value),
    }
}

fn double<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = arguments(args)?;
    let text = value.downcast_ref::<Decimal>().map(Decimal::to_string);
    let number: Option<f64> = text.and_then(|text| text.parse().ok());
    Ok(CowVal::owned(CelDouble::from(number.unwrap_or(f64::NAN))))
}

fn text<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = arguments(args)?;
    let text = value.downcast_ref::<Decimal>().map(Decimal::to_string);
    Ok(CowVal::owned(CelString::from(text.unwrap_or_default())))
}

fn decimal<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = arguments(args)?;
    let decimal = match value.downcast_ref::<CelString<'_>>() {
        Some(text) => Decimal::parse(text.inner()),
        None => Decimal::of(value.as_ref()),
    };
    decimal.map(CowVal::owned).ok_or_else(|| {
        function(
            DECIMAL,
            "expected digits such as `10.50`, or a finite number",
        )
    })
}

/// The arguments of a function: the overload has checked how many there are.
pub(crate) fn arguments<'b, 'v, const N: usize>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<[CowVal<'b, 'v>; N], ExecutionError> {
    args.try_into()
        .map_err(|args: Vec<_>| ExecutionError::InvalidArgumentCount {
            expected: N,
            actual: args.len(),
        })
}

pub(crate) fn metered<'a>(value: &'a CowVal<'_, '_>) -> Result<&'a Meter, ExecutionError> {
    value
        .downcast_ref::<Meter>()
        .ok_or_else(|| ExecutionError::InternalError("the meter is missing".to_owned()))
}
