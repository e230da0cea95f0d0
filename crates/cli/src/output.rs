//! Reading the files that were named.

use std::path::Path;

use signoff::Format;

use crate::exit::{Exit, Failure};

/// A file's text and format.
pub(crate) fn read(path: &Path) -> Result<(String, Format), Failure> {
    let name = path.display();
    let format = Format::from_path(path).ok_or_else(|| {
        Failure::failed(
            "unknown_format",
            format!("`{name}` is neither YAML nor JSON by its name"),
        )
        .exit(Exit::Usage)
    })?;
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::failed("file_not_found", format!("there is no file `{name}`"))
                .exit(Exit::NotFound)
        }
        _ => Failure::failed("file_unreadable", format!("cannot read `{name}`: {error}")),
    })?;
    Ok((text, format))
}
