//! Whether a URL asks for an encrypted connection, which is not made here.

use signoff_store::sql::{Cause, Failed};

/// What of its own accord goes on without encryption.
const PLAIN: [&str; 9] = [
    "allow",
    "disable",
    "disabled",
    "false",
    "no",
    "0",
    "prefer",
    "preferred",
    "",
];

/// The URL without what it says of encryption; an error when it demands that. The drivers would pass
/// over some of those words, and go on in plain text.
pub(crate) fn without(url: &str) -> Result<String, Failed> {
    let Some((place, query)) = url.split_once('?') else {
        return words(url);
    };
    let mut others = Vec::new();
    for pair in query.split('&') {
        if !is_plain(pair)? {
            others.push(pair);
        }
    }
    Ok(match others.is_empty() {
        true => place.to_owned(),
        false => format!("{place}?{}", others.join("&")),
    })
}

/// The same of a list of words, `host=… sslmode=…`, as PostgreSQL takes it too.
fn words(text: &str) -> Result<String, Failed> {
    if text.contains("://") {
        return Ok(text.to_owned());
    }
    let mut others = Vec::new();
    for word in text.split_whitespace() {
        if !is_plain(word)? {
            others.push(word);
        }
    }
    Ok(others.join(" "))
}

/// Whether a setting is about encryption, and does not demand it.
fn is_plain(pair: &str) -> Result<bool, Failed> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
    let name = name.to_ascii_lowercase().replace('-', "_");
    let value = value.trim_matches('\'').to_ascii_lowercase();
    let about = ["ssl", "tls", "verify_ca", "verify_identity"];
    if !about.iter().any(|word| name.contains(word)) {
        return Ok(false);
    }
    match PLAIN.contains(&value.as_str()) {
        true => Ok(true),
        false => Err(Failed::new(Cause::NoTls)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_refused_and_a_wish_is_left_out() {
        for (url, expected) in [
            ("postgres://a@h/d", Some("postgres://a@h/d")),
            ("postgres://a@h/d?sslmode=prefer", Some("postgres://a@h/d")),
            (
                "postgres://a@h/d?sslmode=allow&connect_timeout=3",
                Some("postgres://a@h/d?connect_timeout=3"),
            ),
            ("postgres://a@h/d?sslmode=disable", Some("postgres://a@h/d")),
            ("postgres://a@h/d?sslmode=require", None),
            (
                "postgres://a@h/d?connect_timeout=3&SSLMODE=Verify-Full",
                None,
            ),
            ("postgres://a@h/d?sslmode=verify-ca", None),
            ("postgres://a@h/d?sslrootcert=/ca.pem", None),
            ("host=h sslmode=require user=a", None),
            ("host=h sslmode='require'", None),
            ("host=h sslmode=disable user=a", Some("host=h user=a")),
            ("mysql://a@h/d?ssl-mode=DISABLED", Some("mysql://a@h/d")),
            (
                "mysql://a@h/d?ssl-mode=PREFERRED&tcp_keepalive=5",
                Some("mysql://a@h/d?tcp_keepalive=5"),
            ),
            ("mysql://a@h/d?ssl-mode=REQUIRED", None),
            ("mysql://a@h/d?ssl_mode=VERIFY_IDENTITY", None),
            ("mysql://a@h/d?require_ssl=true", None),
            ("mysql://a@h/d?require_ssl", None),
            ("mysql://a@h/d?require_ssl=false", Some("mysql://a@h/d")),
            ("mysql://a@h/d?verify_ca=true", None),
        ] {
            let found = without(url);
            match (&found, expected) {
                (Ok(found), Some(expected)) => assert_eq!(found, expected),
                (Err(failed), None) => assert_eq!(failed.cause(), Cause::NoTls, "{url}"),
                _ => panic!("{url}: {found:?}"),
            }
        }
    }
}
