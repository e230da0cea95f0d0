//! What is asked of the fields of an instance's data.

use serde_json::Value;

use crate::contract::FieldFilter;

// Whether all that is asked of fields holds: of which instance, and the parameter of `wanted`.
macro_rules! fields_hold {
    (sqlite $instance:literal, $wanted:literal) => {
        concat!(
            "NOT EXISTS (
        SELECT 1 FROM json_each(",
            $wanted,
            ") AS want
        WHERE (want.value ->> 1) = EXISTS (
            SELECT 1 FROM signoff_field AS has CROSS JOIN json_each(want.value -> 2) AS part
            WHERE has.tenant = ?1 AND has.instance = ",
            $instance,
            " AND has.name = want.value ->> 0
                AND has.sort_key >= part.value ->> 0 AND has.sort_key < part.value ->> 1
                AND (want.value ->> 3 IS NULL OR instr(lower(substr(has.sort_key, 2)), want.value ->> 3) > 0)
        )
    )"
        )
    };
    // Letters of ASCII alone have two cases in TIS-620, and every byte of UTF-8 is a letter of it.
    (mysql $instance:literal, $wanted:literal) => {
        concat!(
            "NOT EXISTS (
        SELECT 1 FROM JSON_TABLE(",
            $wanted,
            ", '$[*]' COLUMNS (place FOR ORDINALITY, absent BIGINT PATH '$[1]')) AS want
        WHERE want.absent = EXISTS (
            SELECT 1 FROM JSON_TABLE(",
            $wanted,
            ", '$[*]' COLUMNS (
                place FOR ORDINALITY, name LONGTEXT CHARSET utf8mb4 PATH '$[0]', part LONGTEXT CHARSET utf8mb4 PATH '$[3]',
                NESTED PATH '$[2][*]' COLUMNS (low LONGTEXT CHARSET utf8mb4 PATH '$[0]', top LONGTEXT CHARSET utf8mb4 PATH '$[1]')
            )) AS part
            STRAIGHT_JOIN signoff_field AS has ON has.tenant = ?1 AND has.instance = ",
            $instance,
            " AND has.name = part.name AND has.sort_key >= part.low AND has.sort_key < part.top
            WHERE part.place = want.place AND (part.part IS NULL
                OR instr(lower(CONVERT(CAST(substr(has.sort_key, 2) AS BINARY) USING tis620)),
                    CONVERT(CAST(part.part AS BINARY) USING tis620)) > 0)
        )
    )"
        )
    };
    // `OFFSET 0` keeps the planner from making a join of it: the rows of one instance are few.
    (postgres $instance:literal, $wanted:literal) => {
        concat!(
            "NOT EXISTS (
        SELECT 1 FROM json_array_elements(",
            $wanted,
            "::json) AS want(value)
        WHERE (want.value ->> 1)::boolean = EXISTS (
            SELECT 1 FROM signoff_field AS has CROSS JOIN json_array_elements(want.value -> 2) AS part(value)
            WHERE has.tenant = ?1 AND has.instance = ",
            $instance,
            " AND has.name = want.value ->> 0
                AND has.sort_key >= part.value ->> 0 AND has.sort_key < part.value ->> 1
                AND (want.value ->> 3 IS NULL OR strpos(lower(substr(has.sort_key, 2)), want.value ->> 3) > 0)
            OFFSET 0
        )
        OFFSET 0
    )"
        )
    };
}
pub(super) use fields_hold;

/// What is asked of fields, as JSON.
pub(super) fn wanted(fields: &[FieldFilter]) -> String {
    let wanted = fields
        .iter()
        .map(|field| field.wanted().to_json(&field.stored_name()));
    Value::from_iter(wanted).to_string()
}
