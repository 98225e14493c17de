//! Whether a statement matches a request.

use crate::caller::Caller;
use crate::document::{Condition, Effect, Selection, Statement};
use crate::operator::{Quantifier, Test};
use crate::principal::{Principal, Reach, is_exempt};
use crate::request::Request;
use crate::value::Matcher;

impl Statement {
    /// Whether the statement, of a policy of an identity or of an organization, matches. What it says of principals is
    /// not looked at.
    pub(crate) fn matches_identity(&self, request: &Request) -> bool {
        self.actions.as_ref().is_some_and(|actions| matches_action(actions, request))
            && self.resources.as_ref().is_some_and(|resources| {
                resources.selects(|resource| resource.pattern().matches_in(request.resource(), request.context()))
            })
            && self.resources_resolved(request)
            && self.holds(request)
    }

    /// How the statement, of a resource's policy, reaches the caller, if it matches. With a boundary, `NotPrincipal` with
    /// `Deny` has no exceptions.
    pub(crate) fn matches_resource(&self, request: &Request, has_boundary: bool) -> Option<Reach> {
        let actions = self.actions.as_ref()?;
        let principals = self.principals.as_ref()?;
        if !matches_action(actions, request) {
            return None;
        }
        let reach = reach(principals, self.effect, request, has_boundary)?;
        let resource_matches = match &self.resources {
            // A policy of a repository or a role has no `Resource`: it is about what it is attached to. A key's policy
            // may be stored without, and then has no effect (KMS developer guide, "Key policies in AWS KMS").
            None => !request.is_for_key(),
            Some(resources) => {
                resources.selects(|resource| resource.pattern().matches_in(request.resource(), request.context()))
                    && self.resources_resolved(request)
            }
        };
        (resource_matches && self.holds(request)).then_some(reach)
    }

    /// A variable without a value makes `NotResource` no wider: the statement does not match.
    fn resources_resolved(&self, request: &Request) -> bool {
        match &self.resources {
            Some(Selection::Except(resources)) => {
                resources.iter().all(|resource| resource.pattern().is_resolved(request.context()))
            }
            _ => true,
        }
    }

    fn holds(&self, request: &Request) -> bool {
        self.conditions.iter().all(|condition| condition.holds(request))
    }
}

fn matches_action(actions: &Selection<crate::document::ActionPattern>, request: &Request) -> bool {
    actions.selects(|action| action.pattern().matches(request.folded_action()))
}

fn reach(principals: &Selection<Principal>, effect: Effect, request: &Request, has_boundary: bool) -> Option<Reach> {
    let (caller, user_id) = (request.caller(), request.user_id());
    let best = || principals.entries().iter().filter_map(|principal| principal.reaches(caller, user_id)).max();
    match (principals, effect) {
        (Selection::Only(_), _) => best(),
        // "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary
        // policy attached" (IAM user guide, "AWS JSON policy elements: NotPrincipal").
        (Selection::Except(listed), Effect::Deny) => {
            let bounded =
                has_boundary && matches!(caller, Caller::User { .. } | Caller::Role { .. } | Caller::Session { .. });
            (bounded || !is_exempt(listed, caller, user_id)).then_some(Reach::Entity)
        }
        (Selection::Except(_), Effect::Allow) => best().is_none().then_some(Reach::Entity),
    }
}

impl Condition {
    /// Whether the condition holds.
    pub(crate) fn holds(&self, request: &Request) -> bool {
        let context = request.context();
        let present = context.get(&self.key);
        if self.operator.test == Test::Null {
            let absent = if present.is_none() { "true" } else { "false" };
            return self.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(absent));
        }
        let Some(present) = present else { return self.operator.holds_without_key() };
        let negated = self.operator.test.is_negated();
        if negated && self.values.iter().any(|value| is_unresolved(value.matcher(), request)) {
            return false;
        }
        let accepted = |text: &String| self.values.iter().any(|value| value.matcher().accepts(text, context));
        match self.operator.quantifier {
            Some(Quantifier::ForAnyValue) => present.iter().any(|text| accepted(text) != negated),
            Some(Quantifier::ForAllValues) => present.iter().all(|text| accepted(text) != negated),
            // Keys with several values need a quantifier. Without one, any value can match, and none may for negation.
            None => present.iter().any(accepted) != negated,
        }
    }
}

fn is_unresolved(matcher: &Matcher, request: &Request) -> bool {
    matches!(matcher, Matcher::Text(pattern) if !pattern.is_resolved(request.context()))
}
