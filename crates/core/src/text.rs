//! Text in several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A title or description: one text for all readers, or one per locale.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Value", into = "Value")]
pub enum Text {
    /// The same for every reader.
    Plain(String),
    /// By locale, such as `en` and `ar`.
    Localized(BTreeMap<String, String>),
}

impl Text {
    /// The text for a reader of `locale`: that locale, else its language, else `en`, else any.
    #[must_use]
    pub fn for_locale(&self, locale: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Localized(texts) => {
                let language = locale.split(['-', '_']).next().unwrap_or(locale);
                [locale, language, "en"]
                    .iter()
                    .find_map(|wanted| texts.get(*wanted))
                    .or_else(|| texts.values().next())
                    .map_or("", String::as_str)
            }
        }
    }

    /// A title made from a key: `budget_approval` becomes `Budget approval`.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        let words = key.replace('_', " ");
        let mut chars = words.chars();
        Self::Plain(match chars.next() {
            Some(first) => first.to_uppercase().chain(chars).collect(),
            None => words,
        })
    }
}

impl Text {
    /// Both texts with a dash between them, in every locale that either has.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        self.with(other, |_, a, b| format!("{a} – {b}"))
    }

    /// What `join` makes of the locale and both texts in it, in every locale that either has; in
    /// English when neither has any.
    #[must_use]
    pub fn with(&self, other: &Self, join: impl Fn(&str, &str, &str) -> String) -> Self {
        let locales = |text: &Self| match text {
            Self::Plain(_) => Vec::new(),
            Self::Localized(texts) => texts.keys().cloned().collect(),
        };
        let known = locales(self).into_iter().chain(locales(other));
        let joined: BTreeMap<String, String> = known
            .map(|locale| {
                let text = join(&locale, self.for_locale(&locale), other.for_locale(&locale));
                (locale, text)
            })
            .collect();
        match joined.is_empty() {
            true => Self::Plain(join("en", self.for_locale("en"), other.for_locale("en"))),
            false => Self::Localized(joined),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<Value> for Text {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Plain(text),
            Value::Object(texts) => Self::Localized(
                texts
                    .into_iter()
                    .filter_map(|(locale, text)| Some((locale, text.as_str()?.to_owned())))
                    .collect(),
            ),
            other => Self::Plain(other.to_string()),
        }
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        match text {
            Text::Plain(text) => Self::String(text),
            Text::Localized(texts) => Self::Object(
                texts
                    .into_iter()
                    .map(|(locale, text)| (locale, Self::String(text)))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn locale_falls_back_to_language_then_english_then_any() {
        let text = Text::from(json!({"ar": "طلب", "en": "Request"}));
        let found = ["ar", "ar-EG", "de"].map(|locale| text.for_locale(locale));
        assert_eq!(found, ["طلب", "طلب", "Request"]);
        assert_eq!(Text::from(json!({"ar": "طلب"})).for_locale("de"), "طلب");
        assert_eq!(
            Text::from_key("budget_approval").for_locale("en"),
            "Budget approval"
        );
    }
}
