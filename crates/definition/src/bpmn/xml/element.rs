//! An element of XML.

/// The namespaces that matter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::bpmn) enum Ns {
    /// BPMN's own.
    Bpmn,
    /// Diagrams of BPMN.
    BpmnDi,
    /// Bounds of shapes.
    Dc,
    /// Points of edges.
    Di,
    /// Anybody's.
    Other,
    /// What BPMN has no place for.
    Signoff,
}

impl Ns {
    /// Those that are written, in the order of their declarations.
    pub(super) const WRITTEN: [Self; 5] =
        [Self::Bpmn, Self::BpmnDi, Self::Dc, Self::Di, Self::Signoff];

    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Bpmn => "bpmn",
            Self::BpmnDi => "bpmndi",
            Self::Dc => "dc",
            Self::Di => "di",
            Self::Other => "other",
            Self::Signoff => "signoff",
        }
    }

    pub(in crate::bpmn) const fn uri(self) -> &'static str {
        match self {
            Self::Bpmn => "http://www.omg.org/spec/BPMN/20100524/MODEL",
            Self::BpmnDi => "http://www.omg.org/spec/BPMN/20100524/DI",
            Self::Dc => "http://www.omg.org/spec/DD/20100524/DC",
            Self::Di => "http://www.omg.org/spec/DD/20100524/DI",
            Self::Other => "",
            Self::Signoff => "https://github.com/signoff-rs/signoff/bpmn/v1",
        }
    }

    pub(super) fn of_uri(uri: &str) -> Self {
        let known = Self::WRITTEN.into_iter().find(|ns| ns.uri() == uri);
        known.unwrap_or(Self::Other)
    }
}

/// An element with what is in it. Text beside elements is kept, but not its place among them.
#[derive(Clone, Debug)]
pub(in crate::bpmn) struct Element {
    pub(in crate::bpmn) ns: Ns,
    pub(in crate::bpmn) name: String,
    /// Attributes without a namespace; those that are written may have a prefix.
    pub(in crate::bpmn) attributes: Vec<(String, String)>,
    pub(in crate::bpmn) children: Vec<Self>,
    pub(in crate::bpmn) text: String,
    /// Where it starts, in bytes.
    pub(in crate::bpmn) at: usize,
}

impl Element {
    pub(in crate::bpmn) fn new(ns: Ns, name: impl Into<String>) -> Self {
        Self {
            ns,
            name: name.into(),
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
            at: 0,
        }
    }

    pub(in crate::bpmn) fn bpmn(name: impl Into<String>) -> Self {
        Self::new(Ns::Bpmn, name)
    }

    pub(in crate::bpmn) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    pub(in crate::bpmn) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(in crate::bpmn) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    pub(in crate::bpmn) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(in crate::bpmn) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it is the element of BPMN called `name`.
    pub(in crate::bpmn) fn is(&self, name: &str) -> bool {
        self.ns == Ns::Bpmn && self.name == name
    }

    /// The elements of BPMN called `name` in it.
    pub(in crate::bpmn) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// The first element of BPMN called `name` in it.
    pub(in crate::bpmn) fn first(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }
}
