//! `[budget]`.

use std::collections::BTreeSet;

use crate::desk::{Desk, Sound};
use crate::hardening::Budget;
use crate::raw::BudgetSection;
use crate::words;
use policy::KeyPath;

pub(super) fn budget(desk: &mut Desk, raw: BudgetSection) -> Sound<Budget> {
    let path = KeyPath::of(["budget"]);
    let monthly = desk.need(&path.key("monthly"), raw.monthly, "500");
    let here = path.key("emails");
    let emails = desk.need(&here, raw.emails, "[\"aws-billing@company.example\"]").and_then(|emails| {
        let mut sound = Ok(());
        for (index, email) in emails.iter().enumerate() {
            sound = sound.and(desk.check(&here.index(index), words::email(email)));
        }
        sound.map(|()| emails.into_iter().collect::<BTreeSet<_>>())
    });
    Ok(Budget { monthly: monthly?, emails: emails? })
}
