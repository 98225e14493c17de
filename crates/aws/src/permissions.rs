//! What has to be allowed for the calls of a kind. Each kind declares it beside the calls themselves; the policies of the
//! roles by which accounts are entered are put together from the declarations.

/// Actions on objects, under conditions: what one statement of a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Names of actions as policies write them, such as `ec2:CreateVpc`.
    pub actions: &'static [&'static str],
    /// ARNs, in which `{region}` and `{account}` stand for the entered account's, and `{fleet}` for the fleet's name.
    pub resources: &'static [&'static str],
    /// Condition operator, condition key and value; with the same placeholders as in `resources`.
    pub conditions: &'static [(&'static str, &'static str, &'static str)],
}

impl Grant {
    /// On every object: for actions that take no other resource, or whose objects have no names of ours.
    pub const fn everywhere(actions: &'static [&'static str]) -> Self {
        Self::on(&["*"], actions)
    }

    /// On certain objects.
    pub const fn on(resources: &'static [&'static str], actions: &'static [&'static str]) -> Self {
        Self { actions, resources, conditions: &[] }
    }

    /// Only under these conditions.
    #[must_use]
    pub const fn when(self, conditions: &'static [(&'static str, &'static str, &'static str)]) -> Self {
        Self { conditions, ..self }
    }
}

/// What the calls of a kind have to be allowed, in the account that is entered.
pub trait Permissions {
    /// For the calls of `find` and `owned`.
    const READS: &'static [Grant];
    /// For all others.
    const CHANGES: &'static [Grant];
}
