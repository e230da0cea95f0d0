//! Style and icon, held by the program itself.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The place of an asset, with its hash, so that it can be kept for ever.
pub(crate) fn place(name: &str) -> String {
    let hash = Assets::get(name)
        .map(|file| hash(&file))
        .unwrap_or_default();
    format!("/assets/{name}?v={hash}")
}

/// One asset.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = Assets::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", hash(&file));
    let cache = [
        (
            header::CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
        (header::ETAG, etag.clone()),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| *value == etag);
    if known {
        return (StatusCode::NOT_MODIFIED, cache).into_response();
    }
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    (cache, [(header::CONTENT_TYPE, kind)], file.data).into_response()
}

fn hash(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
