//! Comma-separated values as RFC 4180 has them, safe to open as a sheet.

use csv::{Terminator, WriterBuilder};

use crate::fault::Fault;

/// Rows of cells, as many in each.
///
/// What a sheet would take for a formula gets an apostrophe before it: what people wrote is shown, and
/// never computed.
pub(super) fn text<R, C>(rows: impl IntoIterator<Item = R>) -> Result<String, Fault>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut sheet = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let cells = row.into_iter().map(|cell| shown(cell.as_ref()));
        sheet.write_record(cells).map_err(cannot)?;
    }
    String::from_utf8(sheet.into_inner().map_err(cannot)?).map_err(cannot)
}

/// A cell that is no formula.
fn shown(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let mark = if is_formula { "'" } else { "" };
    format!("{mark}{cell}")
}

fn cannot(error: impl std::fmt::Display) -> Fault {
    Fault::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[&str]) -> String {
        text([cells]).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (cell, expected) in [
            ("plain text", "plain text"),
            ("طلب", "طلب"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
        ] {
            assert_eq!(line(&[cell]), format!("{expected}\r\n"));
        }
        assert_eq!(line(&["1", "", "b"]), "1,,b\r\n");
        assert_eq!(text([["a", "b"], ["", "طلب"]]).unwrap(), "a,b\r\n,طلب\r\n");
    }

    #[test]
    fn a_formula_is_shown_and_not_computed() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(line(&[cell]), format!("'{cell}\r\n"));
        }
        let link = "=HYPERLINK(\"http://x\",\"y\")";
        let expected = "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n";
        assert_eq!(line(&[link]), expected);
        assert_eq!(line(&["\r=1"]), "\"'\r=1\"\r\n");
        assert_eq!(line(&["a=1"]), "a=1\r\n");
    }
}
