//! What a reader asks of a list: the query of an address, the JSON of a search and the words of a command
//! say the same.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use signoff_core::problem::{nearest, shown};
use signoff_store::{Choice, Cursor, FieldFilter, FieldTest, PageRequest, Period};

use super::{Field, Part};
use crate::error::{Error, ErrorKind};

/// The most values of one `in`.
const MOST_VALUES: usize = 500;
/// What stands beside the filter.
const BESIDE: &[&str] = &["sort", "limit", "cursor", "total"];

/// How a field is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Eq,
    Ne,
    In,
    Lt,
    Lte,
    Gt,
    Gte,
    Like,
    Exists,
}

impl Operator {
    const ALL: &[Self] = &[
        Self::Eq,
        Self::Ne,
        Self::In,
        Self::Lt,
        Self::Lte,
        Self::Gt,
        Self::Gte,
        Self::Like,
        Self::Exists,
    ];
    /// Of a word that may be one of several.
    pub(super) const CHOICE: &[Self] = &[Self::Eq, Self::Ne, Self::In];
    /// Of a moment.
    pub(super) const MOMENT: &[Self] = &[Self::Lt, Self::Lte, Self::Gt, Self::Gte];
    /// Of a text that is one.
    pub(super) const ONE: &[Self] = &[Self::Eq];
    /// Of what is there or not.
    pub(super) const THERE: &[Self] = &[Self::Exists];

    const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Like => "like",
            Self::Exists => "exists",
        }
    }
}

/// What is asked of one field.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Condition {
    field: String,
    operator: Operator,
    /// One, or those of `in`.
    values: Vec<String>,
}

/// What is asked of a list.
///
/// `status[in]=running,completed&started_at[gte]=2026-01-01T00:00:00Z&data.sum[gte]=10` is
/// `{"filter": {"status": {"in": ["running", "completed"]}, "started_at": {"gte": "…"}, "data.sum": {"gte": 10}}}`.
/// Beside the filter stand `sort`, `limit`, `cursor` and `total`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asked {
    conditions: Vec<Condition>,
    pub(super) sort: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    total: bool,
}

impl Asked {
    /// What a query asks: each pair is a condition, or stands beside the filter.
    ///
    /// # Errors
    /// `Request` when a list with these fields is not asked so.
    pub fn of_query(
        pairs: impl IntoIterator<Item = (String, String)>,
        fields: &[&[Field]],
    ) -> Result<Self, Error> {
        let mut asked = Self::default();
        for (key, value) in pairs {
            if BESIDE.contains(&key.as_str()) {
                let value = match key.as_str() {
                    "limit" => Value::from(whole(&value)?),
                    "total" => Value::from(truth("total", &value)?),
                    _ => Value::String(value),
                };
                asked.set(&key, &value)?;
            } else {
                asked.add_pair(&key, value, fields, BESIDE)?;
            }
        }
        Ok(asked)
    }

    /// What a list is narrowed by, and nothing beside it.
    ///
    /// # Errors
    /// `Request` when a list with these fields is not narrowed so.
    pub fn of_conditions(
        pairs: impl IntoIterator<Item = (String, String)>,
        fields: &[&[Field]],
    ) -> Result<Self, Error> {
        let mut asked = Self::default();
        for (key, value) in pairs {
            asked.add_pair(&key, value, fields, &[])?;
        }
        Ok(asked)
    }

    /// What the body of a search asks.
    ///
    /// # Errors
    /// `Request` when a list with these fields is not asked so.
    pub fn of_body(body: &Map<String, Value>, fields: &[&[Field]]) -> Result<Self, Error> {
        let mut asked = Self::default();
        for (key, value) in body {
            match (key.as_str(), value) {
                ("filter", Value::Object(filter)) => {
                    for (field, wanted) in filter {
                        asked.add_json(field, wanted, fields)?;
                    }
                }
                ("filter", _) => return Err(malformed("expected an object for `filter`")),
                (key, value) if BESIDE.contains(&key) => asked.set(key, value)?,
                (key, _) => {
                    let known = ["filter"].into_iter().chain(BESIDE.iter().copied());
                    return Err(unknown("key", key, known));
                }
            }
        }
        Ok(asked)
    }

    /// The same in another order.
    #[must_use]
    pub fn sorted_by(self, sort: Option<String>) -> Self {
        Self { sort, ..self }
    }

    fn add_pair(
        &mut self,
        key: &str,
        value: String,
        fields: &[&[Field]],
        beside: &[&'static str],
    ) -> Result<(), Error> {
        let inner = key.strip_suffix(']').and_then(|key| key.split_once('['));
        let (field, word) = inner.unwrap_or((key, "eq"));
        let operator = operator_of(field, word, fields, beside)?;
        let values = match operator {
            Operator::In => value.split(',').map(str::to_owned).collect(),
            _ => vec![value],
        };
        self.add(field, operator, values)
    }

    fn add_json(&mut self, field: &str, wanted: &Value, fields: &[&[Field]]) -> Result<(), Error> {
        let Value::Object(wanted) = wanted else {
            let operator = operator_of(field, "eq", fields, &[])?;
            return self.add(field, operator, vec![scalar(field, wanted)?]);
        };
        for (word, value) in wanted {
            let operator = operator_of(field, word, fields, &[])?;
            let values = match (operator, value) {
                (Operator::In, Value::Array(values)) => values
                    .iter()
                    .map(|value| scalar(field, value))
                    .collect::<Result<_, _>>()?,
                (Operator::In, _) => {
                    let message = format!("expected a list for `{field}` with `in`");
                    return Err(malformed(message));
                }
                (_, value) => vec![scalar(field, value)?],
            };
            self.add(field, operator, values)?;
        }
        Ok(())
    }

    fn add(&mut self, field: &str, operator: Operator, values: Vec<String>) -> Result<(), Error> {
        let same = |one: &Condition| one.field == field && one.operator == operator;
        // What is asked of the data may be asked twice.
        if !field.starts_with("data.") && self.conditions.iter().any(same) {
            let word = operator.name();
            let message = format!("`{field}` is given twice with `{word}`");
            return Err(malformed(message));
        }
        if values.len() > MOST_VALUES {
            let found = values.len();
            let message =
                format!("expected at most {MOST_VALUES} values for `{field}`, found {found}");
            return Err(malformed(message));
        }
        self.conditions.push(Condition {
            field: field.to_owned(),
            operator,
            values,
        });
        Ok(())
    }

    /// Takes what stands beside the filter.
    fn set(&mut self, key: &str, value: &Value) -> Result<(), Error> {
        let expected = |what: &str| malformed(format!("expected {what} for `{key}`"));
        let text = || value.as_str().map(str::to_owned);
        match key {
            "sort" => self.sort = Some(text().ok_or_else(|| expected("a text"))?),
            "cursor" if value.is_null() => self.cursor = None,
            "cursor" => self.cursor = Some(text().ok_or_else(|| expected("a text"))?),
            "limit" => {
                let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
                self.limit = Some(limit.ok_or_else(|| expected("a number from 1 to 500"))?);
            }
            _ => {
                self.total = value
                    .as_bool()
                    .ok_or_else(|| expected("`true` or `false`"))?
            }
        }
        Ok(())
    }

    /// Which part.
    ///
    /// # Errors
    /// `Request` when the limit is not from 1 to 500.
    pub fn part(&self) -> Result<Part, Error> {
        Ok(Part {
            page: page(self.limit, self.cursor.clone())?,
            total: self.total,
        })
    }

    /// The order that is asked for.
    #[must_use]
    pub fn sort(&self) -> Option<&str> {
        self.sort.as_deref()
    }

    /// Whether anything is asked of the field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.of(field).next().is_some()
    }

    fn of(&self, field: &str) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |one| one.field == field)
    }

    /// The one text that a field must be.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        let mut conditions = self.conditions.iter();
        let asked = conditions.find(|one| one.field == field)?;
        asked.values.first().map(String::as_str)
    }

    /// A word that no row has would find nothing, or leave nothing out, and nobody would know why.
    pub(super) fn check_words(&self, field: &str, known: &[&str]) -> Result<(), Error> {
        let mut words = self.of(field).flat_map(|condition| &condition.values);
        match words.find(|word| !known.contains(&word.as_str())) {
            None => Ok(()),
            Some(word) => {
                let (known, found) = (known.join("`, `"), shown(word));
                Err(malformed(format!(
                    "expected some of `{known}` for `{field}`, found `{found}`"
                )))
            }
        }
    }

    /// The words that a field may be.
    pub(super) fn choice(&self, field: &str) -> Choice {
        let mut one: Option<Vec<String>> = None;
        let mut none = Vec::new();
        for condition in self.of(field) {
            let values = condition.values.clone();
            match (condition.operator, &mut one) {
                (Operator::Ne, _) => none.extend(values),
                (_, Some(one)) => one.retain(|word| values.contains(word)),
                (_, None) => one = Some(values),
            }
        }
        match one {
            Some(mut words) => {
                words.retain(|word| !none.contains(word));
                Choice::OneOf(words)
            }
            None if none.is_empty() => Choice::Any,
            None => Choice::NoneOf(none),
        }
    }

    /// The moments that a field may be.
    pub(super) fn period(&self, field: &str) -> Result<Period, Error> {
        let mut period = Period::default();
        for condition in self.of(field) {
            let text = condition.values.first().map_or("", String::as_str);
            let moment = moment(field, text)?;
            // Moments are kept in nanoseconds.
            let next = || moment.checked_add(SignedDuration::from_nanos(1));
            let next = next().unwrap_or(Timestamp::MAX);
            let (from, before) = match condition.operator {
                Operator::Gt => (Some(next), None),
                Operator::Gte => (Some(moment), None),
                Operator::Lte => (None, Some(next)),
                _ => (None, Some(moment)),
            };
            period.from = period.from.max(from);
            period.before = [period.before, before].into_iter().flatten().min();
        }
        Ok(period)
    }

    /// `true` or `false`.
    pub(super) fn truth(&self, field: &str) -> Result<Option<bool>, Error> {
        self.text(field).map(|text| truth(field, text)).transpose()
    }

    /// What is asked of the data.
    pub(super) fn data(&self) -> Result<Vec<FieldFilter>, Error> {
        let conditions = self.conditions.iter();
        let asked = conditions.filter_map(|one| Some((one.field.strip_prefix("data.")?, one)));
        asked
            .map(|(name, condition)| {
                Ok(FieldFilter {
                    name: name.to_owned(),
                    test: test(condition)?,
                })
            })
            .collect()
    }
}

/// Which part: 50 items when no limit is given, at most 500.
///
/// # Errors
/// `Request` when the limit is not from 1 to 500.
pub fn page(limit: Option<u32>, cursor: Option<String>) -> Result<PageRequest, Error> {
    let limit = limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(malformed(format!(
            "expected a limit from 1 to 500, found {limit}"
        )));
    }
    Ok(PageRequest {
        limit,
        after: cursor.map(Cursor),
    })
}

/// The reader asked for what there is not.
pub(super) fn malformed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Request, message)
}

/// A moment, as people and programs write it.
pub(super) fn moment(field: &str, text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| {
        let found = shown(text);
        malformed(format!(
            "expected a moment such as `2026-01-31T09:00:00Z` for `{field}`, found `{found}`"
        ))
    })
}

fn test(condition: &Condition) -> Result<FieldTest, Error> {
    let values = condition.values.clone();
    let one = || values.first().cloned().unwrap_or_default();
    Ok(match condition.operator {
        Operator::Eq | Operator::In => FieldTest::AnyOf(values),
        Operator::Ne => FieldTest::NoneOf(values),
        Operator::Lt => FieldTest::Less(one()),
        Operator::Lte => FieldTest::AtMost(one()),
        Operator::Gt => FieldTest::Greater(one()),
        Operator::Gte => FieldTest::AtLeast(one()),
        Operator::Like => FieldTest::Contains(one()),
        Operator::Exists => FieldTest::Exists(truth(&condition.field, &one())?),
    })
}

fn whole(text: &str) -> Result<u64, Error> {
    text.parse().map_err(|_| {
        let found = shown(text);
        malformed(format!("expected a limit from 1 to 500, found `{found}`"))
    })
}

fn truth(field: &str, text: &str) -> Result<bool, Error> {
    text.parse()
        .map_err(|_| malformed(format!("expected `true` or `false` for `{field}`")))
}

/// A text, number or truth as a text.
fn scalar(field: &str, value: &Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            let message = format!("expected a text, a number or a truth for `{field}`");
            Err(malformed(message))
        }
    }
}

/// The operator of a field, if the list can be narrowed so.
fn operator_of(
    field: &str,
    word: &str,
    fields: &[&[Field]],
    beside: &[&'static str],
) -> Result<Operator, Error> {
    let possible = if field
        .strip_prefix("data.")
        .is_some_and(|name| !name.is_empty())
    {
        Operator::ALL
    } else {
        let mut known = fields.iter().copied().flatten();
        let names = fields.iter().copied().flatten().map(|known| known.name);
        let names = names.chain(beside.iter().copied());
        known
            .find(|known| known.name == field)
            .map(|known| known.operators)
            .ok_or_else(|| unknown("parameter", field, names))?
    };
    let found = possible.iter().find(|operator| operator.name() == word);
    found.copied().ok_or_else(|| {
        let names: Vec<String> = possible
            .iter()
            .map(|operator| format!("`{}`", operator.name()))
            .collect();
        let (found, names) = (shown(word), names.join(", "));
        malformed(format!(
            "`{field}` is not compared with `{found}` but with: {names}"
        ))
    })
}

/// A parameter or key that nobody knows, with the nearest that is known.
fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let found = shown(word);
    malformed(match nearest(word, known.iter().copied()) {
        Some(near) => format!("unknown {what} `{found}`; did you mean `{near}`?"),
        None => format!(
            "unknown {what} `{found}`; known are `{}` and `data.…`",
            known.join("`, `")
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[&[Field]] = &[
        &[Field::choice("status"), Field::moment("started_at")],
        &[Field::one("search"), Field::there("incidents")],
    ];

    fn query(text: &str) -> Result<Asked, String> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Asked::of_query(pairs, FIELDS).map_err(|error| error.to_string())
    }

    fn body(value: Value) -> Result<Asked, String> {
        let Value::Object(map) = value else {
            panic!("{value} is no object")
        };
        Asked::of_body(&map, FIELDS).map_err(|error| error.to_string())
    }

    #[test]
    fn a_query_and_a_body_ask_the_same() {
        for (text, value) in [
            ("", json!({})),
            ("status=running", json!({"filter": {"status": "running"}})),
            (
                "status[in]=running,completed",
                json!({"filter": {"status": {"in": ["running", "completed"]}}}),
            ),
            (
                "started_at[gte]=2026-01-01T00:00:00Z&started_at[lt]=2027-01-01T00:00:00Z",
                json!({"filter": {"started_at": {"gte": "2026-01-01T00:00:00Z", "lt": "2027-01-01T00:00:00Z"}}}),
            ),
            (
                "data.sum[gte]=10&data.paid=true&limit=7&cursor=x&total=true&sort=-started_at",
                json!({
                    "filter": {"data.sum": {"gte": 10}, "data.paid": true},
                    "limit": 7, "cursor": "x", "total": true, "sort": "-started_at",
                }),
            ),
            (
                "search=طلب&incidents[exists]=true",
                json!({"filter": {"search": "طلب", "incidents": {"exists": true}}}),
            ),
        ] {
            assert_eq!(query(text).unwrap(), body(value).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, told) in [
            ("statsu=running", "did you mean `status`?"),
            ("limt=1", "did you mean `limit`?"),
            ("zzzzzzzzzz=1", "known are `status`"),
            (
                "status[gte]=a",
                "`status` is not compared with `gte` but with: `eq`, `ne`, `in`",
            ),
            (
                "started_at=2026-01-01T00:00:00Z",
                "`started_at` is not compared with `eq`",
            ),
            ("data.x[about]=1", "`data.x` is not compared with `about`"),
            ("data.=1", "unknown parameter `data.`"),
            ("status=a&status=b", "`status` is given twice"),
            ("limit=many", "expected a limit"),
            ("total=1", "for `total`"),
            ("status[=1", "unknown parameter `status[`"),
        ] {
            let found = query(text).unwrap_err();
            assert!(found.contains(told), "{text}: {found}");
        }
        for (value, told) in [
            (json!({"filtre": {}}), "did you mean `filter`?"),
            (json!({"filter": []}), "an object for `filter`"),
            (json!({"filter": {"status": null}}), "for `status`"),
            (
                json!({"filter": {"status": {"in": "a"}}}),
                "a list for `status`",
            ),
            (json!({"filter": {"status": {"in": [{}]}}}), "for `status`"),
            (json!({"filter": {"limit": 1}}), "unknown parameter `limit`"),
            (json!({"limit": "1"}), "for `limit`"),
            (json!({"total": "true"}), "for `total`"),
            (json!({"sort": 1}), "for `sort`"),
        ] {
            let found = body(value.clone()).unwrap_err();
            assert!(found.contains(told), "{value}: {found}");
        }
    }

    #[test]
    fn conditions_have_nothing_beside_them() {
        let asked = |key: &str| {
            let pairs = [(key.to_owned(), "1".to_owned())];
            Asked::of_conditions(pairs, FIELDS).map_err(|error| error.to_string())
        };
        assert_eq!(asked("data.sum[gte]"), query("data.sum[gte]=1"));
        let found = asked("limit").unwrap_err();
        assert!(found.contains("unknown parameter `limit`"), "{found}");
    }

    #[test]
    fn words_and_moments_are_joined() {
        let words = |text: &str| query(text).unwrap().choice("status");
        assert_eq!(words(""), Choice::Any);
        assert_eq!(words("status[ne]=a"), Choice::NoneOf(vec!["a".to_owned()]));
        assert_eq!(words("status[in]=a,b&status[ne]=a"), Choice::of("b"));
        assert_eq!(words("status=c&status[in]=a,b"), Choice::OneOf(vec![]));
        let period = |text: &str| query(text).unwrap().period("started_at").unwrap();
        let at = |nanos: i64| Timestamp::from_nanosecond(nanos.into()).ok();
        let (from, before) = (
            "1970-01-01T00:00:00.000000005Z",
            "1970-01-01T00:00:00.000000009Z",
        );
        let found = period(&format!("started_at[gt]={from}&started_at[lte]={before}"));
        assert_eq!((found.from, found.before), (at(6), at(10)));
        let found = period(&format!("started_at[gte]={from}&started_at[lt]={before}"));
        assert_eq!((found.from, found.before), (at(5), at(9)));
    }
}
