//! XML 1.0 for both formats of graphs. Escaping is the library's; characters that XML cannot hold become U+FFFD.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// Where a format is written to.
pub(super) type Xml<'a> = Writer<&'a mut dyn Write>;

/// Attributes of an element, in order.
pub(super) type Attributes<'a> = Vec<(&'static str, Cow<'a, str>)>;

/// A document with one element.
pub(super) fn document(
    out: &mut dyn Write,
    root: &str,
    attributes: &Attributes<'_>,
    content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut xml: Xml<'_> = Writer::new_with_indent(out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    element(&mut xml, root, attributes, content)?;
    writeln!(xml.get_mut())
}

/// An element with others in it.
pub(super) fn element<'a>(
    xml: &mut Xml<'a>,
    name: &str,
    attributes: &Attributes<'_>,
    content: impl FnOnce(&mut Xml<'a>) -> io::Result<()>,
) -> io::Result<()> {
    let texts = attributes.iter().map(|(name, value)| (*name, sound(value)));
    let texts: Vec<(&str, Cow<'_, str>)> = texts.collect();
    let pairs = texts.iter().map(|(name, value)| (*name, value.as_ref()));
    xml.create_element(name).with_attributes(pairs).write_inner_content(content).map(drop)
}

/// An element without content.
pub(super) fn empty(xml: &mut Xml<'_>, name: &str, attributes: &Attributes<'_>) -> io::Result<()> {
    let texts = attributes.iter().map(|(name, value)| (*name, sound(value)));
    let texts: Vec<(&str, Cow<'_, str>)> = texts.collect();
    let pairs = texts.iter().map(|(name, value)| (*name, value.as_ref()));
    xml.create_element(name).with_attributes(pairs).write_empty().map(drop)
}

/// An element with text in it.
pub(super) fn text(xml: &mut Xml<'_>, name: &str, attributes: &Attributes<'_>, text: &str) -> io::Result<()> {
    let pairs = attributes.iter().map(|(name, value)| (*name, value.as_ref()));
    let text = sound(text);
    xml.create_element(name).with_attributes(pairs).write_text_content(BytesText::new(&text)).map(drop)
}

/// Only what the production `Char` of XML 1.0 allows.
fn sound(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(allowed) {
        return text.into();
    }
    text.chars().map(|c| if allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}
