//! A diagram in words: for those who cannot see it, and for labels.

use signoff_core::text::Text;

use super::{
    mark::Mark,
    measure,
    options::SvgOptions,
    outline::{Frame, Item, Outline},
    room::{LABEL, LETTERS},
    words::Words,
};

/// The words of a text for a reader, on one line.
pub(super) fn of(text: &Text, locale: &str) -> String {
    measure::one_line(text.for_locale(locale))
}

/// What an item is called: its title, else its key.
pub(super) fn name(item: &Item, locale: &str) -> String {
    let title = of(&item.title, locale);
    match &item.node {
        Some(key) if title.is_empty() => measure::one_line(key.as_str()),
        _ => title,
    }
}

/// The label of a shape where nothing but text is drawn: the title, then the notes.
pub(super) fn label(item: &Item, locale: &str) -> Vec<String> {
    let notes = item.notes.iter().map(|note| of(note, locale));
    [name(item, locale)]
        .into_iter()
        .chain(notes)
        .filter(|line| !line.is_empty())
        .collect()
}

/// The label of a frame where nothing but text is drawn: nobody makes room for a long one.
pub(super) fn frame_label(frame: &Frame, locale: &str) -> Vec<String> {
    let lines = [Some(&frame.title), frame.note.as_ref()];
    let lines = lines.into_iter().flatten().map(|line| of(line, locale));
    lines
        .map(|line| measure::shorten(&line, LABEL, LETTERS.1))
        .collect()
}

/// The title of a frame, with the condition.
pub(super) fn frame(outline: &Outline, frame: usize, locale: &str) -> String {
    let frame = &outline.frames[frame];
    let title = of(&frame.title, locale);
    match &frame.note {
        Some(note) => format!("{title} ({})", of(note, locale)),
        None => title,
    }
}

/// The item, what it is, and its mark: `Approve (task, role: clerk): Open`.
pub(super) fn item(item: &Item, mark: Option<Mark>, locale: &str) -> String {
    let kind = of(&item.kind, locale);
    let notes = item.notes.iter().map(|note| of(note, locale));
    let small_print: Vec<String> = [kind].into_iter().chain(notes).collect();
    let text = format!("{} ({})", name(item, locale), small_print.join(", "));
    match mark {
        Some(mark) => format!("{text}: {}", mark.word(Words::of(locale))),
        None => text,
    }
}

/// Every shape and every way, a line for each shape, then one for each group.
pub(super) fn describe(outline: &Outline, options: &SvgOptions) -> String {
    let locale = options.locale.as_str();
    let words = Words::of(locale);
    let mut ways: Vec<Vec<String>> = vec![Vec::new(); outline.items.len()];
    for link in &outline.links {
        let to = name(&outline.items[link.to], locale);
        ways[link.from].push(match &link.label {
            Some(label) => format!("{to} ({})", of(label, locale)),
            None => to,
        });
    }
    let mut lines = Vec::new();
    for (shown, ways) in outline.items.iter().zip(ways) {
        let mark = shown.node.as_ref().and_then(|node| options.marks.get(node));
        let mut line = item(shown, mark.copied(), locale);
        if !ways.is_empty() {
            line = format!("{line}; {} {}", words.goes_to, ways.join(", "));
        }
        if !shown.cancels.is_empty() {
            let names = shown
                .cancels
                .iter()
                .map(|at| name(&outline.items[*at], locale));
            let names: Vec<String> = names.collect();
            line = format!("{line}; {} {}", words.cancels, names.join(", "));
        }
        lines.push(format!("{line}."));
    }
    let mut members: Vec<Vec<String>> = vec![Vec::new(); outline.frames.len()];
    for shown in &outline.items {
        if let Some(frame) = shown.frame {
            members[frame].push(name(shown, locale));
        }
    }
    for (index, members) in members
        .iter()
        .enumerate()
        .filter(|(_, members)| !members.is_empty())
    {
        let title = frame(outline, index, locale);
        lines.push(format!("{} {title}: {}.", words.group, members.join(", ")));
    }
    lines.join("\n")
}
