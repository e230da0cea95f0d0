//! The style sheet within the picture. Every rule is below the picture's own class, so that it
//! changes nothing else of a page that holds the picture.

use super::super::options::Theme;

const LIGHT: &str = "--ground:#ffffff;--text:#172033;--quiet:#55607a;--line:#66708a;--box:#ffffff;\
--edge:#8b95ab;--tile:#eef1f7;--frame:#f6f8fb;--frame-edge:#cdd4e0;--gate:#fff8e6;--gate-edge:#a16207;\
--begin:#15803d;--begin-box:#eefaf1;--end:#b42318;--end-box:#fff1f0;--open:#1d4ed8;--open-box:#eaf1ff;\
--completed:#15803d;--failed:#b42318;--cancelled:#5b6478;--rejected:#a21463;--skipped:#7a5c00;--on-mark:#ffffff;";

const DARK: &str = "--ground:#10141d;--text:#eef1f8;--quiet:#a9b3c9;--line:#8f9ab3;--box:#1a2130;\
--edge:#65718c;--tile:#273147;--frame:#151b27;--frame-edge:#36415a;--gate:#2d2510;--gate-edge:#e0a93b;\
--begin:#4cc97a;--begin-box:#12281b;--end:#ff8a80;--end-box:#321917;--open:#86b0ff;--open-box:#16264a;\
--completed:#4cc97a;--failed:#ff8a80;--cancelled:#a5aec2;--rejected:#f58cc4;--skipped:#dfbe55;--on-mark:#10141d;";

const RULES: &str = "\
.signoff-diagram{background:var(--ground)}
.signoff-diagram text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans Arabic',sans-serif;font-size:11px;fill:var(--text)}
.signoff-diagram .ground{fill:var(--ground)}
.signoff-diagram .title{font-size:13px;font-weight:600}
.signoff-diagram .name{font-size:13px}
.signoff-diagram .note{fill:var(--quiet)}
.signoff-diagram .frame{fill:var(--frame);stroke:var(--frame-edge)}
.signoff-diagram .frame-title{font-size:13px;font-weight:600;fill:var(--quiet)}
.signoff-diagram .line{fill:none;stroke:var(--line);stroke-width:1.5}
.signoff-diagram .dashed .line{stroke-dasharray:5 4}
.signoff-diagram .head{fill:var(--line)}
.signoff-diagram .label{paint-order:stroke;stroke:var(--ground);stroke-width:3px;stroke-linejoin:round}
.signoff-diagram .shape,.signoff-diagram .ring{fill:var(--box);stroke:var(--edge);stroke-width:1.5}
.signoff-diagram .ring{fill:none}
.signoff-diagram .gateway{fill:var(--gate);stroke:var(--gate-edge)}
.signoff-diagram .start{fill:var(--begin-box);stroke:var(--begin);stroke-width:2}
.signoff-diagram .end{fill:var(--end-box);stroke:var(--end);stroke-width:3.5}
.signoff-diagram .tile{fill:var(--tile)}
.signoff-diagram .glyph{fill:none;stroke:var(--text);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.signoff-diagram .heavy{stroke:var(--gate-edge);stroke-width:3}
.signoff-diagram .solid{fill:var(--text)}
.signoff-diagram .boundary{fill:var(--ground);stroke:var(--gate-edge);stroke-width:1.5}
.signoff-diagram .beside{stroke-dasharray:4 2.5}
.signoff-diagram .mark{fill:var(--mark);stroke:var(--ground);stroke-width:1.5}
.signoff-diagram .mark-icon{fill:none;stroke:var(--on-mark);stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.signoff-diagram .mark-word{font-weight:600;fill:var(--on-mark)}
.signoff-diagram .marked .shape{stroke:var(--mark);stroke-width:2.5}
.signoff-diagram .marked.open .shape{fill:var(--open-box)}
.signoff-diagram .marked.skipped .shape,.signoff-diagram .marked.cancelled .shape{stroke-dasharray:6 4}
.signoff-diagram .open{--mark:var(--open)}
.signoff-diagram .completed{--mark:var(--completed)}
.signoff-diagram .failed{--mark:var(--failed)}
.signoff-diagram .cancelled{--mark:var(--cancelled)}
.signoff-diagram .rejected{--mark:var(--rejected)}
.signoff-diagram .skipped{--mark:var(--skipped)}
";

/// The style sheet of a theme.
pub(super) fn sheet(theme: Theme) -> String {
    let colors = match theme {
        Theme::Light => format!(".signoff-diagram.light{{{LIGHT}}}\n"),
        Theme::Dark => format!(".signoff-diagram.dark{{{DARK}}}\n"),
        Theme::Auto => format!(
            ".signoff-diagram.auto{{{LIGHT}}}\n\
             @media (prefers-color-scheme:dark){{.signoff-diagram.auto{{{DARK}}}}}\n"
        ),
    };
    format!("\n{colors}{RULES}")
}

/// The class of a theme.
pub(super) const fn class(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "signoff-diagram auto",
        Theme::Dark => "signoff-diagram dark",
        Theme::Light => "signoff-diagram light",
    }
}
