//! Whom the policy of an object lets in, whoever that is: told from the policy alone, as it is in force. What the guest's
//! own policies say is not known here, so it may be less.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use policy::{
    Caller, Condition, Context, Decision, Document, Effect, Policies, PolicyType, Principal, Request, decide,
};
use serde::Serialize;
use serde_json::json;

/// The word for everybody with an AWS account.
pub(crate) const EVERYBODY: &str = "everybody";

/// An account that is in no organization and that nobody has: what it may do, everybody may.
const STRANGER: &str = "000000000000";

/// Any role of an account.
const ANY_ROLE: &str = "role/*";

/// What is known of whoever asks (IAM user guide, "AWS global condition context keys"). All other keys are told with the
/// guest whose access hangs on them.
const KNOWN: [&str; 6] = [
    "aws:principalarn",
    PRINCIPAL_ACCOUNT,
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
];
const PRINCIPAL_ACCOUNT: &str = "aws:principalaccount";

/// The accounts that may be guests.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// The names of those that have one, by id.
    pub(crate) names: HashMap<String, String>,
    /// Where the accounts of the organization are in it, by id: `o-a1b2/r-c3d4/`.
    pub(crate) paths: HashMap<String, String>,
}

/// Somebody whom a policy lets in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Guest {
    /// An account of the fleet by its name, another by its id, a service, or [`EVERYBODY`].
    pub(crate) account: String,
    /// The role's name, `*` for any, `user/NAME` for a user; none of a service.
    pub(crate) role: Option<String>,
    /// Condition keys that are to have certain values, and that are not known here.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) conditions: BTreeSet<String>,
}

/// Whether a policy speaks of the organization, so that [`Accounts::paths`] has to be known.
pub(crate) fn asks_for_organization(policy: &Document) -> bool {
    let mut conditions = policy.statements.iter().flat_map(|statement| &statement.conditions);
    conditions.any(|condition| condition.key.folded().starts_with("aws:principalorg"))
}

/// Everybody who may do all of these actions on an object, in order.
pub(crate) fn guests(object: &str, policy: &Document, actions: &[&str], accounts: &Accounts) -> Vec<Guest> {
    let Ok(anything) = Document::from_value(
        &json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
    ) else {
        return Vec::new();
    };
    let house = House { object, policy: &Lenient::new(policy), anything, accounts };
    let let_in = house.candidates().into_iter().filter_map(|one| Some((house.may(&one, actions)?, one)));
    let let_in: BTreeMap<Candidate, BTreeSet<String>> = let_in.map(|(conditions, one)| (one, conditions)).collect();
    let told = let_in.iter().filter(|((who, what), conditions)| {
        // Whether somebody is let in as this on no more conditions.
        let too = |who: &Who, what: &str| {
            let_in.get(&(who.clone(), what.to_owned())).is_some_and(|others| others.is_subset(conditions))
        };
        let is_one_of_all = matches!(who, Who::Member(_)) && too(&Who::Anybody, what);
        // One whom the policy names may be found among those of the organization, too.
        let is_twice = matches!(who, Who::Member(id) if too(&Who::Account(id.clone()), what));
        let is_any = what != ANY_ROLE && too(who, ANY_ROLE);
        !(is_one_of_all || is_twice || is_any)
    });
    let guests: BTreeSet<_> = told.map(|((who, what), conditions)| house.guest(who, what, conditions)).collect();
    guests.into_iter().collect()
}

/// An account, or what else may be let in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Whoever has an account.
    Anybody,
    /// One that the policy names.
    Account(String),
    /// One of the organization, which the policy may mean.
    Member(String),
    Service(String),
}

/// Who, and as what: the end of an ARN, such as `role/orgstrap-backend-execution`, in which `*` stands for any characters.
type Candidate = (Who, String);

/// A policy without the conditions that nothing is known of: what it allows may be allowed.
struct Lenient {
    document: Document,
    /// The keys of those conditions, by statement.
    left_out: Vec<BTreeSet<String>>,
}

impl Lenient {
    fn new(policy: &Document) -> Self {
        let is_unknown = |condition: &&Condition| !KNOWN.contains(&condition.key.folded());
        let keys = |conditions: &[Condition]| -> BTreeSet<String> {
            conditions.iter().filter(is_unknown).map(|condition| condition.key.to_string()).collect()
        };
        let mut document = policy.clone();
        // What is denied now and then is allowed at other times.
        document.statements.retain(|one| one.effect == Effect::Allow || keys(&one.conditions).is_empty());
        let left_out = document.statements.iter().map(|statement| keys(&statement.conditions)).collect();
        for statement in &mut document.statements {
            statement.conditions.retain(|condition| !is_unknown(&condition));
        }
        Self { document, left_out }
    }
}

/// An object, and whoever may come.
struct House<'a> {
    object: &'a str,
    policy: &'a Lenient,
    /// A policy that allows everything: the guest's own.
    anything: Document,
    accounts: &'a Accounts,
}

impl House<'_> {
    /// Everybody whom a statement may mean.
    fn candidates(&self) -> BTreeSet<Candidate> {
        let mut candidates = BTreeSet::new();
        for statement in self.policy.document.statements.iter().filter(|one| one.effect == Effect::Allow) {
            let meant = Meant::new(&statement.conditions);
            let Some(principals) = &statement.principals else { continue };
            // Whom `NotPrincipal` leaves in is everybody, as far as it can be told.
            let everyone = [Principal::Everyone];
            let principals = if principals.is_except() { &everyone } else { principals.entries() };
            for principal in principals {
                match principal {
                    Principal::Everyone => {
                        candidates.extend(meant.of(Who::Anybody));
                        let named = meant.accounts.iter().cloned().map(Who::Account);
                        let members = self.accounts.paths.keys().cloned().map(Who::Member);
                        candidates.extend(named.chain(members).flat_map(|who| meant.of(who)));
                    }
                    Principal::Account { id, .. } => candidates.extend(meant.of(Who::Account(id.clone()))),
                    Principal::Service(name) => drop(candidates.insert((Who::Service(name.clone()), String::new()))),
                    // What was deleted lets in nobody, and identity providers sign no requests.
                    principal => candidates.extend(by_arn(&principal.text())),
                }
            }
        }
        candidates
    }

    /// Whether somebody may do all of this, and on which conditions.
    fn may(&self, (who, what): &Candidate, actions: &[&str]) -> Option<BTreeSet<String>> {
        let partition = self.object.split(':').nth(1).unwrap_or("aws");
        let service = if what.starts_with("assumed-role/") { "sts" } else { "iam" };
        let (account, caller) = match who {
            Who::Service(name) => ("", name.clone()),
            Who::Anybody => (STRANGER, format!("arn:{partition}:{service}::{STRANGER}:{what}")),
            Who::Account(id) | Who::Member(id) => (&**id, format!("arn:{partition}:{service}::{id}:{what}")),
        };
        let caller = Caller::parse(&caller)?;
        let mut context = Context::default();
        if let Some(path) = self.accounts.paths.get(account) {
            let organization = path.split('/').next().unwrap_or_default();
            context.set(policy::Key::new("aws:PrincipalOrgID"), vec![organization.to_owned()]);
            context.set(policy::Key::new("aws:PrincipalOrgPaths"), vec![path.clone()]);
        }
        let policies =
            Policies { identity: vec![&self.anything], resource: Some(&self.policy.document), ..Policies::default() };
        let mut conditions = BTreeSet::new();
        for action in actions {
            let request = Request::new(caller.clone(), *action, self.object, None, context.clone());
            let outcome = decide(&request, &policies);
            if outcome.decision != Decision::Allow {
                return None;
            }
            let by = outcome.statements.iter().filter(|decider| decider.policy == PolicyType::Resource);
            let least = by.filter_map(|decider| self.policy.left_out.get(decider.index)).min_by_key(|keys| keys.len());
            // Within the object's own account it may be allowed without the policy: that lets in nobody.
            conditions.extend(least?.iter().cloned());
        }
        Some(conditions)
    }

    fn guest(&self, who: &Who, what: &str, conditions: &BTreeSet<String>) -> Guest {
        let account = match who {
            Who::Anybody => EVERYBODY,
            Who::Service(name) => name,
            Who::Account(id) | Who::Member(id) => self.accounts.names.get(id).unwrap_or(id),
        };
        let role = (!what.is_empty()).then(|| what.strip_prefix("role/").unwrap_or(what).to_owned());
        Guest { account: account.to_owned(), role, conditions: conditions.clone() }
    }
}

/// Whom the conditions of a statement speak of.
struct Meant {
    accounts: BTreeSet<String>,
    /// Ends of ARNs, with the account if it is said.
    ends: BTreeSet<(Option<String>, String)>,
}

impl Meant {
    fn new(conditions: &[Condition]) -> Self {
        let mut meant = Self { accounts: BTreeSet::new(), ends: BTreeSet::new() };
        for condition in conditions.iter().filter(|condition| !condition.operator.test.is_negated()) {
            let values = condition.values.iter().map(policy::ConditionValue::as_str);
            match condition.key.folded() {
                PRINCIPAL_ACCOUNT => meant.accounts.extend(values.filter(|id| is_id(id)).map(str::to_owned)),
                "aws:principalarn" => meant.ends.extend(values.map(|arn| {
                    let mut parts = arn.splitn(6, ':').skip(4);
                    let account = parts.next().filter(|id| is_id(id)).map(str::to_owned);
                    (account, parts.next().filter(|end| end.contains('/')).unwrap_or(ANY_ROLE).to_owned())
                })),
                _ => {}
            }
        }
        meant.accounts.extend(meant.ends.iter().filter_map(|(account, _)| account.clone()));
        meant
    }

    /// What somebody of an account may come as.
    fn of(&self, who: Who) -> Vec<Candidate> {
        let id = match &who {
            Who::Account(id) | Who::Member(id) => Some(id),
            Who::Anybody | Who::Service(_) => None,
        };
        if self.ends.is_empty() {
            return vec![(who, ANY_ROLE.to_owned())];
        }
        let ends = self.ends.iter().filter(|(account, _)| account.is_none() || account.as_ref() == id);
        ends.map(|(_, end)| (who.clone(), end.clone())).collect()
    }
}

/// Somebody whom a policy names by an ARN.
fn by_arn(arn: &str) -> Option<Candidate> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, end) = (parts.next().filter(|id| is_id(id))?, parts.next()?);
    Some((Who::Account(account.to_owned()), end.to_owned()))
}

fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use serde_json::Value;

    use super::*;

    const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    const OBJECT: &str = "arn:aws:ecr:us-west-1:111122223333:repository/team/app";

    /// Who may pull by these statements, as `ACCOUNT ROLE` and the keys that it hangs on. The fleet has the account `dev`,
    /// 222222222222 in the unit `ou-dev`; the organization has 333333333333 beside, in its root.
    fn pulled_by(statements: &Value) -> Vec<String> {
        let document = Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap();
        let text = |pairs: [(&str, &str); 2]| pairs.map(|(id, value)| (id.to_owned(), value.to_owned()));
        let accounts = Accounts {
            names: HashMap::from([("222222222222".to_owned(), "dev".to_owned())]),
            paths: text([("222222222222", "o-1/r-1/ou-dev/"), ("333333333333", "o-1/r-1/")]).into(),
        };
        let told = guests(OBJECT, &document, &PULL, &accounts);
        let told = told.into_iter().map(|guest| {
            let keys: Vec<_> = guest.conditions.iter().map(String::as_str).collect();
            let role = guest.role.unwrap_or_default();
            format!("{} {role} {}", guest.account, keys.join(" ")).trim_end().to_owned()
        });
        told.collect()
    }

    fn allow(principal: &Value, condition: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": PULL, "Condition": condition})
    }

    #[test]
    fn accounts_with_their_roles() {
        let roles = json!({"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/app-*", "arn:aws:iam::444444444444:role/ci"]}});
        let both = json!({"AWS": ["222222222222", "arn:aws:iam::444444444444:root"]});
        assert_eq!(pulled_by(&json!([allow(&both, &roles)])), ["444444444444 app-*", "444444444444 ci", "dev app-*"]);
        let role = json!({"AWS": ["arn:aws:iam::222222222222:role/app", "arn:aws:iam::444444444444:user/ada", "AROAEXAMPLEEXAMPLEEX1"]});
        assert_eq!(pulled_by(&json!([allow(&role, &json!({}))])), ["444444444444 user/ada", "dev app"]);
        // Who may come as anything may come as this, too.
        let any = json!([allow(&both, &roles), allow(&json!({"AWS": "222222222222"}), &json!({}))]);
        assert_eq!(pulled_by(&any), ["444444444444 app-*", "444444444444 ci", "dev *"]);
    }

    #[test]
    fn half_of_a_pull_and_what_is_denied_are_none() {
        let half = json!({"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "ecr:BatchGetImage"});
        assert!(pulled_by(&json!([half])).is_empty());
        let denied = json!({"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "ecr:*"});
        let all = json!({"AWS": ["222222222222", "444444444444"]});
        assert_eq!(pulled_by(&json!([allow(&all, &json!({})), denied])), ["444444444444 *"]);
    }

    #[test]
    fn the_objects_own_account_needs_no_letting_in() {
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
        let other = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:PutImage"});
        assert_eq!(pulled_by(&json!([allow(&json!("*"), &organization), other])), ["333333333333 *", "dev *"]);
    }

    #[test]
    fn everybody_is_called_so() {
        assert_eq!(pulled_by(&json!([allow(&json!("*"), &json!({}))])), ["everybody *"]);
        let not = json!({"StringNotEquals": {"aws:PrincipalAccount": "222222222222"}});
        assert_eq!(pulled_by(&json!([allow(&json!("*"), &not)])), ["everybody *"]);
        let address = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
        assert_eq!(pulled_by(&json!([allow(&json!("*"), &address)])), ["everybody * aws:SourceIp"]);
        let service = json!({"Service": "lambda.amazonaws.com"});
        let of = json!({"StringLike": {"aws:sourceArn": "arn:aws:lambda:us-west-1:222222222222:function:*"}});
        assert_eq!(pulled_by(&json!([allow(&service, &of)])), ["lambda.amazonaws.com  aws:sourceArn"]);
    }

    #[test]
    fn an_organization_is_its_accounts() {
        let of = |key: &str, value: &str| json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}, "ForAnyValue:StringLike": {key: value}});
        let by = |condition: &Value| pulled_by(&json!([allow(&json!("*"), condition)]));
        assert_eq!(by(&of("aws:PrincipalOrgPaths", "o-1/r-1/ou-dev/*")), ["dev app"]);
        assert_eq!(by(&of("aws:PrincipalOrgID", "o-1")), ["333333333333 app", "dev app"]);
        assert!(by(&of("aws:PrincipalOrgID", "o-2")).is_empty());
        let accounts = json!({"StringEquals": {"aws:PrincipalAccount": ["222222222222", "555555555555"]}});
        assert_eq!(by(&accounts), ["555555555555 *", "dev *"]);
    }
}
