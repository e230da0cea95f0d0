//! What people search for, and what must be one of several words.

// Whether a part, in small letters of ASCII, is in the title of the instance `i` in any language, in its
// business key or in the id of its subject. No letter of the part has a meaning of its own.
macro_rules! is_found {
    (sqlite $part:literal) => {
        concat!(
            "(instr(lower(i.subject_id), ",
            $part,
            ") > 0 OR instr(lower(i.business_key), ",
            $part,
            ") > 0 OR EXISTS (
        SELECT 1 FROM json_tree(i.title) AS word
        WHERE word.type = 'text' AND instr(lower(word.value), ",
            $part,
            ") > 0
    ))"
        )
    };
    // U+0000, which a title may hold in its escaped form, is no text of PostgreSQL.
    (postgres $part:literal) => {
        concat!(
            "(strpos(lower(i.subject_id), ",
            $part,
            ") > 0 OR strpos(lower(i.business_key), ",
            $part,
            r#") > 0 OR EXISTS (
        SELECT 1 FROM (SELECT replace(i.title, '\u0000', '\u0001')::json) AS of(title)
        CROSS JOIN json_each_text(CASE json_typeof(title) WHEN 'object' THEN title
            ELSE json_build_object('', title) END) AS word
        WHERE strpos(lower(word.value COLLATE "C"), "#,
            $part,
            ") > 0
    ))"
        )
    };
    // Letters of ASCII alone have two cases in TIS-620, and every byte of UTF-8 is a letter of it.
    (mysql $part:literal) => {
        concat!(
            "(instr(lower(CONVERT(CAST(i.subject_id AS BINARY) USING tis620)),
        CONVERT(CAST(",
            $part,
            " AS BINARY) USING tis620)) > 0
    OR instr(lower(CONVERT(CAST(i.business_key AS BINARY) USING tis620)),
        CONVERT(CAST(",
            $part,
            " AS BINARY) USING tis620)) > 0
    OR EXISTS (
        SELECT 1 FROM JSON_TABLE(i.title, '$' COLUMNS (
            plain LONGTEXT CHARSET utf8mb4 PATH '$',
            NESTED PATH '$.*' COLUMNS (word LONGTEXT CHARSET utf8mb4 PATH '$')
        )) AS title
        WHERE instr(lower(CONVERT(CAST(coalesce(title.word, title.plain) AS BINARY) USING tis620)),
            CONVERT(CAST(",
            $part,
            " AS BINARY) USING tis620)) > 0
    ))"
        )
    };
}

// Whether a text is one of the first list and none of the second; each is JSON, or NULL for any.
macro_rules! is_chosen {
    (sqlite $text:literal, $one:literal, $none:literal) => {
        is_chosen!(of $text, " IN (SELECT value FROM json_each(", $one, "))",
            " NOT IN (SELECT value FROM json_each(", $none, "))")
    };
    (postgres $text:literal, $one:literal, $none:literal) => {
        is_chosen!(of $text, " = ANY (ARRAY(SELECT json_array_elements_text(", $one, "::json)))",
            " <> ALL (ARRAY(SELECT json_array_elements_text(", $none, "::json)))")
    };
    (mysql $text:literal, $one:literal, $none:literal) => {
        is_chosen!(of $text, " IN (SELECT one.word FROM JSON_TABLE(", $one,
            ", '$[*]' COLUMNS (word LONGTEXT CHARSET utf8mb4 PATH '$')) AS one)",
            " NOT IN (SELECT one.word FROM JSON_TABLE(", $none,
            ", '$[*]' COLUMNS (word LONGTEXT CHARSET utf8mb4 PATH '$')) AS one)")
    };
    (of $text:literal, $in:literal, $one:literal, $in_end:literal, $not:literal, $none:literal, $not_end:literal) => {
        concat!(
            " AND (",
            $one,
            " IS NULL OR ",
            $text,
            $in,
            $one,
            $in_end,
            ")\n    AND (",
            $none,
            " IS NULL OR ",
            $text,
            $not,
            $none,
            $not_end,
            ")"
        )
    };
}

pub(super) use is_chosen;
pub(super) use is_found;
