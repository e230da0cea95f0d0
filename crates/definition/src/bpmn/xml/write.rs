//! From tree to text.

use quick_xml::{
    Writer,
    escape::partial_escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::element::{Element, Ns};

/// The document whose root is `root`, indented, with all namespaces declared.
pub(in crate::bpmn) fn write(mut root: Element) -> String {
    let mut names: Vec<(String, String)> = Ns::WRITTEN
        .iter()
        .map(|ns| (format!("xmlns:{}", ns.prefix()), ns.uri().to_owned()))
        .collect();
    let xsi = "http://www.w3.org/2001/XMLSchema-instance";
    names.push(("xmlns:xsi".to_owned(), xsi.to_owned()));
    root.attributes.splice(0..0, names);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
    // Memory takes every write.
    let _infallible = writer.write_event(Event::Decl(declaration));
    element(&mut writer, &root);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

fn element(writer: &mut Writer<Vec<u8>>, element: &Element) {
    let name = format!("{}:{}", element.ns.prefix(), element.name);
    let mut start = BytesStart::new(name.as_str());
    for (key, value) in &element.attributes {
        start.push_attribute((key.as_str(), value.as_str()));
    }
    if element.children.is_empty() && element.text.is_empty() {
        let _infallible = writer.write_event(Event::Empty(start));
        return;
    }
    let _infallible = writer.write_event(Event::Start(start));
    if !element.text.is_empty() {
        let text = BytesText::from_escaped(partial_escape(element.text.as_str()));
        let _infallible = writer.write_event(Event::Text(text));
    }
    for child in &element.children {
        self::element(writer, child);
    }
    let _infallible = writer.write_event(Event::End(BytesEnd::new(name.as_str())));
}
