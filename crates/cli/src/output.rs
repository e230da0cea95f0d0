//! Reading the files that were named, and writing data.

use std::{fmt::Arguments, io::Write as _, path::Path};

use signoff::{Format, Problem, definition};

use crate::exit::{Exit, Failure};

/// Writes data to standard output. A reader that has gone away is no failure.
macro_rules! out {
    ($($text:tt)*) => { $crate::output::write(format_args!($($text)*)) };
}

/// As `out!`, with the end of the line.
macro_rules! outln {
    ($($text:tt)*) => { $crate::output::write_line(format_args!($($text)*)) };
}

pub(crate) fn write(text: Arguments<'_>) {
    // Nobody is left to tell.
    let _ = std::io::stdout().lock().write_fmt(text);
}

pub(crate) fn write_line(text: Arguments<'_>) {
    write(format_args!("{text}\n"));
}

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
    Ok((read_text(path)?, format))
}

/// A file's text, whatever it is called.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::failed("file_not_found", format!("there is no file `{name}`"))
                .exit(Exit::NotFound)
        }
        _ => Failure::failed("file_unreadable", format!("cannot read `{name}`: {error}")),
    })
}

/// Tells the problems of a file on standard error, where standard output is for what it becomes.
pub(crate) fn tell(path: &Path, text: &str, problems: &[Problem]) -> Exit {
    let name = path.display().to_string();
    eprint!("{}", definition::render(&name, text, problems));
    Exit::Failed
}
