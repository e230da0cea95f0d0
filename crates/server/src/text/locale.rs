//! The languages of the pages.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use axum_extra::extract::CookieJar;
use signoff::core::text::Text;

use crate::text::words::{AR, EN, Words};

/// The name of the cookie that keeps a reader's choice.
pub(crate) const LANGUAGE_COOKIE: &str = "signoff_lang";

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Locale {
    Ar,
    #[default]
    En,
}

impl Locale {
    /// The language of a request: `?lang=`, the reader's earlier choice, the person's own, the browser's.
    pub(crate) fn of(parts: &Parts, own: Option<&str>) -> Self {
        let cookies = CookieJar::from_headers(&parts.headers);
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE);
        Self::asked(parts)
            .or_else(|| Self::parse(cookies.get(LANGUAGE_COOKIE)?.value()))
            .or_else(|| Self::parse(own?))
            .or_else(|| accepted?.to_str().ok()?.split(',').find_map(Self::parse))
            .unwrap_or_default()
    }

    /// The language that the address asks for.
    pub(crate) fn asked(parts: &Parts) -> Option<Self> {
        let pairs = parts.uri.query()?.split('&');
        pairs
            .filter_map(|pair| pair.strip_prefix("lang="))
            .find_map(Self::parse)
    }

    /// `ar`, `ar-EG`, `en;q=0.5` …
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_', ';']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "ar" => Some(Self::Ar),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::En => "en",
        }
    }

    pub(crate) const fn direction(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En => "ltr",
        }
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::Ar => &AR,
            Self::En => &EN,
        }
    }

    /// A localised text.
    pub(crate) fn of_text(self, text: &Text) -> String {
        text.for_locale(self.tag()).to_owned()
    }

    /// A localised text that a row holds as JSON.
    pub(crate) fn of_json(self, text: &str) -> String {
        let text = serde_json::from_str(text).unwrap_or_else(|_| Text::Plain(text.to_owned()));
        self.of_text(&text)
    }

    /// A key as people read it: `budget_manager` becomes `Budget manager`.
    pub(crate) fn of_key(self, key: &str) -> String {
        self.of_text(&Text::from_key(key))
    }

    /// Names joined: `Ann, Bob and Eve`.
    pub(crate) fn list(self, names: &[String]) -> String {
        let Some((last, rest)) = names.split_last() else {
            return String::new();
        };
        if rest.is_empty() {
            return last.clone();
        }
        let comma = match self {
            Self::Ar => "، ",
            Self::En => ", ",
        };
        format!("{} {} {last}", rest.join(comma), self.words().and)
    }

    /// A title inside a sentence, set off from the words around it.
    pub(crate) fn quoted(self, title: &str) -> String {
        match self {
            Self::Ar => format!("«\u{2068}{title}\u{2069}»"),
            Self::En => format!("“{title}”"),
        }
    }

    /// A name inside a sentence: in a right-to-left one its own direction must not disturb the rest.
    pub(crate) fn name(self, name: &str) -> String {
        match self {
            Self::Ar => format!("\u{2068}{name}\u{2069}"),
            Self::En => name.to_owned(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn the_language_is_asked_for_then_remembered_then_the_persons_then_the_browsers() {
        for (uri, cookie, own, browser, expected) in [
            ("/?lang=ar", "signoff_lang=en", Some("en"), "en", Locale::Ar),
            ("/", "signoff_lang=ar", Some("en"), "en", Locale::Ar),
            ("/?lang=xx", "", Some("ar-EG"), "en", Locale::Ar),
            ("/", "", None, "de-DE, ar;q=0.8, en;q=0.5", Locale::Ar),
            ("/", "", None, "de", Locale::En),
        ] {
            let request = Request::get(uri)
                .header("cookie", cookie)
                .header("accept-language", browser);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(
                Locale::of(&parts, own),
                expected,
                "{uri} {cookie} {own:?} {browser}"
            );
        }
    }

    #[test]
    fn names_are_joined() {
        let names = ["Ann", "Bob", "Eve"].map(ToOwned::to_owned);
        assert_eq!(Locale::En.list(&names), "Ann, Bob and Eve");
        assert_eq!(Locale::En.list(&names[..1]), "Ann");
        assert_eq!(Locale::En.list(&[]), "");
    }
}
