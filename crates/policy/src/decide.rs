//! Whether AWS allows a request, and by or against which statements (IAM user guide, "Policy evaluation logic" and
//! "Cross-account policy evaluation logic").

use serde::Serialize;

use crate::caller::Caller;
use crate::document::{Document, Effect};
use crate::principal::Reach;
use crate::request::Request;

/// The policies that apply to a request. Absent means that there is no such policy.
#[derive(Clone, Debug, Default)]
pub struct Policies<'d> {
    /// The policies of the caller's identity: attached and inline ones, those of its groups.
    pub identity: Vec<&'d Document>,
    /// The policy of the object: a repository's, a secret's, a key's, a bucket's, a role's trust policy.
    pub resource: Option<&'d Document>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'d Document>,
    /// The policy that was given when the session was made.
    pub session: Option<&'d Document>,
    /// The service control policies of the caller's account: one list a level, from the root down.
    pub scps: Vec<Vec<&'d Document>>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is allowed.
    Allow,
    /// Nothing allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

/// Which kind of policy a statement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `Policies`")]
pub enum PolicyType {
    Identity,
    Resource,
    Boundary,
    Session,
    Scps,
}

/// A statement that took part in a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decider {
    /// Which kind of policy it is in.
    pub policy: PolicyType,
    /// Of a service control policy, its level from the root down, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<usize>,
    /// Which document of several, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// Which statement of the document, from 0.
    pub index: usize,
    /// The statement's name.
    pub sid: Option<String>,
    /// What it does.
    pub effect: &'static str,
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What became of the request.
    pub decision: Decision,
    /// The statements that decided: those that deny, or those that allow. Of a request that nothing allows, those that
    /// did allow on their part.
    pub statements: Vec<Decider>,
    /// Why, in a sentence.
    pub reason: String,
}

/// Decides a request.
pub fn decide(request: &Request, policies: &Policies<'_>) -> Outcome {
    Evaluation { request, policies }.outcome()
}

struct Evaluation<'a> {
    request: &'a Request,
    policies: &'a Policies<'a>,
}

/// One document among the policies.
#[derive(Clone, Copy)]
struct Place<'d> {
    policy: PolicyType,
    level: Option<usize>,
    number: Option<usize>,
    document: &'d Document,
}

impl<'d> Place<'d> {
    fn single(policy: PolicyType, document: &'d Document) -> Self {
        Self { policy, level: None, number: None, document }
    }

    fn decider(self, index: usize) -> Decider {
        let statement = &self.document.statements[index];
        Decider {
            policy: self.policy,
            level: self.level,
            document: self.number,
            index,
            sid: statement.sid.clone(),
            effect: statement.effect.as_str(),
        }
    }
}

/// What the caller's own policies say.
enum Side {
    Allows(Vec<Decider>),
    Lacks(&'static str, Vec<Decider>),
}

impl<'a> Evaluation<'a> {
    fn outcome(&self) -> Outcome {
        let denials = self.denials();
        if let Some(first) = denials.first() {
            let reason = format!("{} denies it", described(first));
            return Outcome { decision: Decision::ExplicitDeny, statements: denials, reason };
        }
        if let Some(level) = self.scps().position(|level| self.allows_of(level.iter().copied()).is_empty()) {
            let reason = format!("no service control policy at level {level} (from the root, 0) allows it");
            return Outcome { decision: Decision::ImplicitDeny, statements: Vec::new(), reason };
        }
        self.allowed_or_not()
    }

    /// Every statement that denies, in all policies that apply.
    fn denials(&self) -> Vec<Decider> {
        let mut denials = Vec::new();
        for place in self.scps().flatten().chain(self.own()) {
            denials.extend(self.matching(place, Effect::Deny));
        }
        if let Some(place) = self.resource_policy() {
            denials.extend(self.reaching(place, Effect::Deny).map(|(_, decider)| decider));
        }
        denials
    }

    fn allowed_or_not(&self) -> Outcome {
        let of_resource: Vec<_> =
            self.resource_policy().into_iter().flat_map(|place| self.reaching(place, Effect::Allow)).collect();
        let reach = of_resource.iter().map(|(reach, _)| *reach).max();
        let by_resource: Vec<_> = of_resource.into_iter().map(|(_, decider)| decider).collect();
        let caller = self.request.caller();
        if caller.account().is_none() {
            return match reach {
                Some(_) => allow(by_resource, "the object's policy allows it"),
                None => implicit(
                    Vec::new(),
                    "the caller has no policies of its own, and the object's policy does not allow it",
                ),
            };
        }
        let needs_resource = self.needs_resource_policy();
        if let Some(reason) = needs_resource.filter(|_| reach.is_none()) {
            let own = match self.side(true) {
                Side::Allows(deciders) | Side::Lacks(_, deciders) => deciders,
            };
            return implicit(own, reason);
        }
        let cross_account = self.request.is_cross_account();
        if !cross_account && reach == Some(Reach::Itself) {
            return allow(by_resource, "the object's policy names the caller itself, in the caller's own account");
        }
        let identity_needed = cross_account || reach != Some(Reach::Entity);
        match self.side(identity_needed) {
            Side::Lacks(reason, own) => implicit(by_resource.into_iter().chain(own).collect(), reason),
            Side::Allows(own) => {
                let reason = match (cross_account, reach) {
                    (true, _) => {
                        "the caller's policies and the object's policy both allow it, as they must between accounts"
                    }
                    (false, Some(Reach::Entity)) => "the object's policy names the caller, in the caller's own account",
                    (false, Some(_)) if needs_resource.is_some() => {
                        "the object's policy leaves it to the account's policies, and they allow it"
                    }
                    (false, _) => "the caller's policies allow it",
                };
                allow(by_resource.into_iter().chain(own).collect(), reason)
            }
        }
    }

    /// Why nothing is allowed without an `Allow` of the object's own policy, if that is so.
    fn needs_resource_policy(&self) -> Option<&'static str> {
        if self.request.is_cross_account() {
            Some("the object is in another account, and its policy does not allow it")
        } else if self.request.is_for_trust() {
            Some("the role's trust policy does not allow it, and nothing else can")
        } else if self.request.is_for_key() {
            Some("the key's policy does not allow it, nor leave it to the account's policies")
        } else {
            None
        }
    }

    /// What the caller's policies say, of which those of the identity may not be needed.
    fn side(&self, identity_needed: bool) -> Side {
        // The root user needs no policies, and no boundary can be set for it.
        if matches!(self.request.caller(), Caller::Root { .. }) {
            return Side::Allows(Vec::new());
        }
        let mut deciders = Vec::new();
        if identity_needed {
            deciders = self.allows_of(self.identity());
            if deciders.is_empty() {
                return Side::Lacks("no policy of the caller allows it", deciders);
            }
        }
        // "If you do not pass a session policy, the resulting federated user session has no permissions" (STS API reference,
        // "GetFederationToken").
        if matches!(self.request.caller(), Caller::FederatedUser { .. }) && self.policies.session.is_none() {
            return Side::Lacks("a federated user session without a session policy may do nothing", deciders);
        }
        let limits = [
            (PolicyType::Boundary, self.policies.boundary, "the caller's permissions boundary does not allow it"),
            (PolicyType::Session, self.policies.session, "the session's policy does not allow it"),
        ];
        for (policy, document, reason) in limits {
            if let Some(document) = document {
                let allowing = self.allows_of(std::iter::once(Place::single(policy, document)));
                if allowing.is_empty() {
                    return Side::Lacks(reason, deciders);
                }
                deciders.extend(allowing);
            }
        }
        Side::Allows(deciders)
    }

    /// The service control policies, level by level. They restrict the roles and users of an account, its root user too,
    /// and neither services nor their roles (AWS Organizations user guide, "Service control policies").
    fn scps(&self) -> impl Iterator<Item = Vec<Place<'a>>> {
        let caller = self.request.caller();
        let applies = caller.account().is_some() && !caller.is_service_linked();
        self.policies.scps.iter().enumerate().filter(move |_| applies).map(|(level, documents)| {
            let places = documents.iter().enumerate();
            places
                .map(|(number, document)| Place {
                    policy: PolicyType::Scps,
                    level: Some(level),
                    number: Some(number),
                    document,
                })
                .collect()
        })
    }

    fn identity(&self) -> impl Iterator<Item = Place<'a>> {
        self.policies.identity.iter().enumerate().map(|(number, document)| Place {
            policy: PolicyType::Identity,
            level: None,
            number: Some(number),
            document,
        })
    }

    /// The policies of the caller.
    fn own(&self) -> impl Iterator<Item = Place<'a>> {
        let applies = self.request.caller().account().is_some();
        let limits = [(PolicyType::Boundary, self.policies.boundary), (PolicyType::Session, self.policies.session)];
        let limits = limits.into_iter().filter_map(|(policy, document)| Some(Place::single(policy, document?)));
        self.identity().chain(limits).filter(move |_| applies)
    }

    /// The object's policy. A role's is its trust policy, which speaks of nothing but assuming it.
    fn resource_policy(&self) -> Option<Place<'a>> {
        let applies = !self.request.is_for_role() || self.request.is_for_trust();
        self.policies.resource.filter(|_| applies).map(|document| Place::single(PolicyType::Resource, document))
    }

    fn allows_of(&self, places: impl Iterator<Item = Place<'a>>) -> Vec<Decider> {
        places.flat_map(|place| self.matching(place, Effect::Allow)).collect()
    }

    /// The statements of a document of the caller that match.
    fn matching(&self, place: Place<'a>, effect: Effect) -> impl Iterator<Item = Decider> {
        let statements = place.document.statements.iter().enumerate();
        let matching = statements
            .filter(move |(_, statement)| statement.effect == effect && statement.matches_identity(self.request));
        matching.map(move |(index, _)| place.decider(index))
    }

    /// The statements of the object's policy that match, with how directly they reach the caller.
    fn reaching(&self, place: Place<'a>, effect: Effect) -> impl Iterator<Item = (Reach, Decider)> {
        let has_boundary = self.policies.boundary.is_some();
        let statements =
            place.document.statements.iter().enumerate().filter(move |(_, statement)| statement.effect == effect);
        statements.filter_map(move |(index, statement)| {
            Some((statement.matches_resource(self.request, has_boundary)?, place.decider(index)))
        })
    }
}

fn allow(statements: Vec<Decider>, reason: &str) -> Outcome {
    Outcome { decision: Decision::Allow, statements, reason: reason.to_owned() }
}

fn implicit(statements: Vec<Decider>, reason: &str) -> Outcome {
    Outcome { decision: Decision::ImplicitDeny, statements, reason: reason.to_owned() }
}

fn described(decider: &Decider) -> String {
    let policy = match decider.policy {
        PolicyType::Identity => "the caller's policy",
        PolicyType::Resource => "the object's policy",
        PolicyType::Boundary => "the caller's permissions boundary",
        PolicyType::Session => "the session's policy",
        PolicyType::Scps => "a service control policy",
    };
    match &decider.sid {
        Some(sid) => format!("statement {} ({sid}) of {policy}", decider.index),
        None => format!("statement {} of {policy}", decider.index),
    }
}
