//! Comma-separated values as RFC 4180 has them, safe to open as a sheet.

/// A line of cells.
///
/// What a sheet would take for a formula gets an apostrophe before it: what people wrote is shown, and
/// never computed.
pub(super) fn line(cells: &[&str]) -> String {
    let mut line = String::new();
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            line.push(',');
        }
        write(&mut line, cell);
    }
    line + "\r\n"
}

fn write(line: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let is_quoted = cell.contains([',', '"', '\r', '\n']);
    if is_quoted {
        line.push('"');
    }
    if is_formula {
        line.push('\'');
    }
    if is_quoted {
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (cell, expected) in [
            ("", ""),
            ("plain text", "plain text"),
            ("طلب", "طلب"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
        ] {
            assert_eq!(line(&[cell]), format!("{expected}\r\n"));
        }
        assert_eq!(line(&["1", "", "b"]), "1,,b\r\n");
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
