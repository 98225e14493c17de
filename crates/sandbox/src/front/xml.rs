//! What the front does with XML.

use xmltree::{Element, XMLNode};

/// The elements right below.
pub(super) fn children(element: &Element) -> impl Iterator<Item = &Element> {
    element.children.iter().filter_map(XMLNode::as_element)
}

/// The same, to be changed.
pub(super) fn children_mut(element: &mut Element) -> impl Iterator<Item = &mut Element> {
    element.children.iter_mut().filter_map(XMLNode::as_mut_element)
}

/// The first element of a name, at any depth.
pub(super) fn descendant<'x>(element: &'x Element, name: &str) -> Option<&'x Element> {
    let here = children(element).find(|child| child.name == name);
    here.or_else(|| children(element).find_map(|child| descendant(child, name)))
}

/// The text of a child.
pub(super) fn text(element: &Element, name: &str) -> Option<String> {
    let text = element.get_child(name)?.get_text()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether some element below has this name and text.
pub(super) fn says(element: &Element, name: &str, wanted: &str) -> bool {
    children(element).any(|child| {
        let is_it = child.name == name && child.get_text().is_some_and(|text| text.trim() == wanted);
        is_it || says(child, name, wanted)
    })
}

/// Sets the text of a child, if there is that child.
pub(super) fn set(element: &mut Element, name: &str, value: &str) {
    if let Some(child) = element.get_mut_child(name) {
        child.children = vec![XMLNode::Text(value.to_owned())];
    }
}

/// Does something to every element, at any depth, that has an id in a child of this name.
pub(super) fn each(element: &mut Element, id: &str, act: &mut dyn FnMut(&str, &mut Element)) {
    if let Some(id) = text(element, id) {
        act(&id, element);
    }
    for child in children_mut(element) {
        each(child, id, act);
    }
}
