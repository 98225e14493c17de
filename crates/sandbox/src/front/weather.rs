//! The weather: which calls are slow, throttled, broken or answered with what was true before, and how often.
//!
//! What a user writes is a list such as `throttle=20%, ec2:error-after=5%, stale=5/2s, seed=7`. A rule that names an
//! operation counts before one that names its service, and that before one that names neither.

mod written;

use std::time::Duration;

use super::call::Call;
use super::chance;

pub use written::WeatherError;

/// How AWS misbehaves. The default is fair: nothing is disturbed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weather {
    /// What makes chance repeatable.
    pub seed: u64,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    /// `ec2` or `ec2.CreateVpc`; every call if it is none.
    on: Option<String>,
    effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    Chance(Fault, f64),
    /// Throttle above so many calls a second, for each account and service.
    Above(f64),
    Latency(Duration),
    Stale(Staleness),
    /// How long asynchronous states take, such as a NAT gateway's `pending`.
    Pending(Duration),
    /// How long a new principal is unknown to other accounts' policies.
    Unknown(Duration),
    /// How long a session lasts at most.
    Session(Duration),
    /// How long the services of a new account refuse.
    Young(Duration),
    /// How many regions are enabled.
    Regions(usize),
    /// How far AWS's clock is ahead of the caller's.
    Clock(Duration),
}

/// Something that goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// Refused with the service's own throttling code.
    Throttle,
    /// The service fails before anything was done.
    ErrorBefore,
    /// The service fails after it was done.
    ErrorAfter,
    /// The connection ends before anything was done.
    CloseBefore,
    /// The connection ends after it was done.
    CloseAfter,
    /// The answer comes in drops.
    Slow,
}

/// How long reads may show what was true before a change: for so many reads of an operation, and never longer than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Staleness {
    pub(crate) reads: u32,
    pub(crate) time: Duration,
}

/// Each fault with the word for it.
const FAULTS: [(&str, Fault); 6] = [
    ("throttle", Fault::Throttle),
    ("error-before", Fault::ErrorBefore),
    ("error-after", Fault::ErrorAfter),
    ("close-before", Fault::CloseBefore),
    ("close-after", Fault::CloseAfter),
    ("slow", Fault::Slow),
];

impl Weather {
    /// Whether nothing is disturbed.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a fault befalls a call that is the `nth` of its kind.
    pub(crate) fn befalls(&self, fault: Fault, call: &Call, nth: usize) -> bool {
        let probability = self.pick(call, |effect| match effect {
            Effect::Chance(of, probability) if of == fault => Some(probability),
            _ => None,
        });
        let word = FAULTS.iter().find(|(_, of)| *of == fault).map_or("", |(word, _)| word);
        probability
            .is_some_and(|probability| chance::happens(probability, self.seed, &fate(call, word, &nth.to_string())))
    }

    /// How many calls a second an account may make of a service, if there is a bound.
    pub(crate) fn rate(&self, call: &Call) -> Option<f64> {
        self.pick(call, |effect| if let Effect::Above(rate) = effect { Some(rate) } else { None })
    }

    /// How much longer a call takes.
    pub(crate) fn latency(&self, call: &Call) -> Duration {
        let latency = |effect| if let Effect::Latency(time) = effect { Some(time) } else { None };
        self.pick(call, latency).unwrap_or_default()
    }

    /// How stale the reads of an operation are after the `nth` change before it.
    pub(crate) fn staleness(&self, call: &Call, nth: usize) -> Option<Staleness> {
        let most = self.pick(call, |effect| if let Effect::Stale(most) = effect { Some(most) } else { None })?;
        if most.reads == u32::MAX {
            return Some(most);
        }
        let of = chance::hash(self.seed, &fate(call, "stale", &nth.to_string())) % u64::from(most.reads + 1);
        Some(Staleness { reads: u32::try_from(of).unwrap_or(most.reads), ..most })
    }

    /// Whether any read is ever stale.
    pub(crate) fn is_ever_stale(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.effect, Effect::Stale(_)))
    }

    /// How long the state takes that a call begins.
    pub(crate) fn pending(&self, call: &Call) -> Duration {
        let pending = |effect| if let Effect::Pending(time) = effect { Some(time) } else { None };
        self.pick(call, pending).unwrap_or_default()
    }

    /// How long the principal is unknown elsewhere that a call makes.
    pub(crate) fn unknown(&self, call: &Call) -> Duration {
        let unknown = |effect| if let Effect::Unknown(time) = effect { Some(time) } else { None };
        self.pick(call, unknown).unwrap_or_default()
    }

    /// How long the services refuse of the account that a call makes.
    pub(crate) fn young(&self, call: &Call) -> Duration {
        let young = |effect| if let Effect::Young(time) = effect { Some(time) } else { None };
        self.pick(call, young).unwrap_or_default()
    }

    /// How long the session lasts at most that a call begins, if the weather says so.
    pub(crate) fn session(&self, call: &Call) -> Option<Duration> {
        self.pick(call, |effect| if let Effect::Session(time) = effect { Some(time) } else { None })
    }

    /// How many regions are enabled in the account that asks, if the weather says so.
    pub(crate) fn regions(&self, call: &Call) -> Option<usize> {
        self.pick(call, |effect| if let Effect::Regions(most) = effect { Some(most) } else { None })
    }

    /// How far AWS's clock is ahead of the caller's.
    pub(crate) fn clock(&self, call: &Call) -> Duration {
        let clock = |effect| if let Effect::Clock(time) = effect { Some(time) } else { None };
        self.pick(call, clock).unwrap_or_default()
    }

    /// The most specific rule of a kind; of two like ones, the later.
    fn pick<T>(&self, call: &Call, wanted: impl Fn(Effect) -> Option<T>) -> Option<T> {
        let matching = self.rules.iter().filter(|rule| rule.on.as_ref().is_none_or(|on| call.is(on)));
        let specific = |rule: &&Rule| rule.on.as_ref().map_or(0, |on| if on.contains('.') { 2 } else { 1 });
        let mut found: Vec<_> = matching.filter_map(|rule| Some((specific(&rule), wanted(rule.effect)?))).collect();
        found.sort_by_key(|(specific, _)| *specific);
        found.pop().map(|(_, value)| value)
    }
}

fn fate<'a>(call: &'a Call, word: &'a str, nth: &'a str) -> [&'a str; 6] {
    [word, &call.account, &call.service, &call.operation, call.argument.as_deref().unwrap_or_default(), nth]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn call(service: &str, operation: &str) -> Call {
        let (service, operation) = (service.to_owned(), operation.to_owned());
        Call { service, operation, account: "1".into(), region: "us-west-1".into(), argument: None }
    }

    #[test]
    fn the_most_specific_rule_counts() {
        let weather: Weather = "ec2.CreateVpc:throttle=0%, ec2:throttle=100%, throttle=0%".parse().unwrap();
        let throttled = |call: &Call| weather.befalls(Fault::Throttle, call, 1);
        assert!(!throttled(&call("ec2", "CreateVpc")));
        assert!(throttled(&call("ec2", "CreateSubnet")));
        assert!(!throttled(&call("iam", "GetRole")));
    }

    #[test]
    fn each_fault_befalls_the_same_calls_of_a_seed() {
        for (word, fault) in FAULTS {
            let fates = |seed: u64| -> Vec<bool> {
                let weather: Weather = format!("{word}=50%, seed={seed}").parse().unwrap();
                (0..64).map(|nth| weather.befalls(fault, &call("ec2", "CreateVpc"), nth)).collect()
            };
            assert_eq!(fates(1), fates(1), "{word}");
            assert_ne!(fates(1), fates(2), "{word}");
            assert!(fates(1).contains(&true) && fates(1).contains(&false), "{word}");
            // One fault says nothing about another.
            let both: Weather = format!("{word}=0%, throttle=50%, slow=50%, seed=1").parse().unwrap();
            let is_drawn = matches!(fault, Fault::Throttle | Fault::Slow);
            assert_eq!((0..64).any(|nth| both.befalls(fault, &call("ec2", "CreateVpc"), nth)), is_drawn, "{word}");
        }
    }

    #[test]
    fn latencies_are_a_table() {
        let weather = Weather::default().with_latency("20ms, ec2=60ms, ec2.CreateNatGateway=2s").unwrap();
        assert_eq!(weather.latency(&call("ec2", "CreateNatGateway")), Duration::from_secs(2));
        assert_eq!(weather.latency(&call("ec2", "CreateVpc")), Duration::from_millis(60));
        assert_eq!(weather.latency(&call("iam", "GetRole")), Duration::from_millis(20));
    }

    #[test]
    fn staleness_is_a_number_of_reads_that_the_seed_repeats() {
        let weather: Weather = "stale=5/2s, seed=3".parse().unwrap();
        let of = |nth| weather.staleness(&call("ec2", "DescribeVpcs"), nth).unwrap();
        let reads: std::collections::BTreeSet<u32> = (0..100).map(|nth| of(nth).reads).collect();
        assert_eq!(reads, (0..=5).collect());
        assert_eq!(of(1), of(1));
        assert_eq!(of(1).time, Duration::from_secs(2));
    }
}
