//! `[contacts]`.

use std::collections::BTreeMap;

use crate::desk::{Desk, Sound};
use crate::hardening::{Contact, ContactType};
use crate::raw::{ContactSection, ContactsSection};
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

pub(super) fn contacts(desk: &mut Desk, raw: ContactsSection) -> Sound<BTreeMap<ContactType, Contact>> {
    let given = [
        (ContactType::Billing, raw.billing),
        (ContactType::Operations, raw.operations),
        (ContactType::Security, raw.security),
    ];
    let (mut contacts, mut sound) = (BTreeMap::new(), Ok(()));
    for (kind, raw) in given {
        let Some(raw) = raw else { continue };
        match contact(desk, &KeyPath::of(["contacts", kind.name()]), raw) {
            Ok(contact) => drop(contacts.insert(kind, contact)),
            Err(reported) => sound = Err(reported),
        }
    }
    sound.map(|()| contacts)
}

/// Lengths and characters: Account Management API reference, `PutAlternateContact`.
fn contact(desk: &mut Desk, path: &KeyPath, raw: ContactSection) -> Sound<Contact> {
    let name = desk.need_text(&path.key("name"), raw.name, "\"Security team\"", |text| length(text, 64));
    let title = desk.need_text(&path.key("title"), raw.title, "\"On call\"", |text| length(text, 50));
    let email = desk.need_text(&path.key("email"), raw.email, "\"security@company.example\"", words::email);
    let phone = desk.need_text(&path.key("phone"), raw.phone, "\"+1 555 0100\"", words::phone);
    Ok(Contact { name: name?, title: title?, email: email?, phone: phone? })
}

fn length(text: &str, most: usize) -> Checked {
    let length = text.chars().count();
    if text.trim().is_empty() || length > most {
        return Err(Wrong::new(format!("the text has {length} characters"), format!("write 1 to {most} characters")));
    }
    Ok(())
}
