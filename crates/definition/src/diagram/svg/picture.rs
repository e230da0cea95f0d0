//! The whole picture.

use super::{
    super::{
        frames::{self, Rect},
        layout::{Layout, Point},
        measure,
        options::SvgOptions,
        outline::Outline,
        plain,
        room::{LETTERS, LINES},
    },
    canvas::{Anchor, Canvas},
    style,
};

/// Writes the picture.
pub(in crate::diagram) fn write(
    outline: &Outline,
    layout: &Layout,
    options: &SvgOptions,
) -> String {
    let mut canvas = Canvas::new(layout.width, options);
    canvas.head(outline, layout);
    for (frame, rect) in frames::of(outline, layout) {
        canvas.frame(outline, frame, rect);
    }
    for (link, route) in outline.links.iter().zip(&layout.routes) {
        canvas.link(outline, link, route, &layout.anchors);
    }
    for (item, at) in outline.items.iter().zip(&layout.anchors) {
        canvas.item(item, *at);
    }
    canvas.xml.finish()
}

impl Canvas<'_> {
    fn head(&mut self, outline: &Outline, layout: &Layout) {
        let options = self.options;
        let id = id(&outline.key);
        let (title_id, description_id) = (format!("{id}-title"), format!("{id}-text"));
        let (width, height) = (layout.width, layout.height);
        self.xml.open(
            "svg",
            &[
                ("xmlns", &"http://www.w3.org/2000/svg"),
                ("class", &style::class(options.theme)),
                ("role", &"img"),
                ("aria-labelledby", &format!("{title_id} {description_id}")),
                ("lang", &options.locale),
                ("viewBox", &format!("0 0 {width} {height}")),
                ("width", &width),
                ("height", &height),
            ],
        );
        let title = plain::of(&outline.title, &options.locale);
        self.xml.leaf("title", &[("id", &title_id)], &title);
        let text = plain::describe(outline, options);
        self.xml.leaf("desc", &[("id", &description_id)], &text);
        self.xml.leaf("style", &[], &style::sheet(options.theme));
        self.xml.empty(
            "rect",
            &[("class", &"ground"), ("width", &width), ("height", &height)],
        );
    }

    fn frame(&mut self, outline: &Outline, frame: usize, rect: Rect) {
        let width = rect.right - rect.left;
        let left = self.left(rect.left, width);
        self.xml.open("g", &[("class", &"group")]);
        self.xml.empty(
            "rect",
            &[
                ("class", &"frame"),
                ("x", &left),
                ("y", &rect.top),
                ("width", &width),
                ("height", &(rect.bottom - rect.top)),
                ("rx", &14),
            ],
        );
        let frame = &outline.frames[frame];
        let title = measure::shorten(&self.words(&frame.title), width - 28, LETTERS.0);
        let at = Point {
            x: rect.left + 14,
            y: rect.top + 22,
        };
        self.text(at, Anchor::Start, "frame-title", &title);
        if let Some(note) = &frame.note {
            let note = measure::shorten(&self.words(note), width - 28, LETTERS.1);
            let at = Point {
                y: at.y + LINES.1,
                ..at
            };
            self.text(at, Anchor::Start, "note", &note);
        }
        self.xml.close();
    }
}

/// A part of the names of elements: the letters and digits of the key.
fn id(key: &str) -> String {
    let plain = key.replace(|char: char| !char.is_ascii_alphanumeric(), "-");
    format!("signoff-{plain}")
}
