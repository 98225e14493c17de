//! The weather: which calls are slow, throttled, broken or answered with what was true before, and how often.
//!
//! What a user writes is a list such as `throttle=20%, ec2:error-after=5%, stale=5/2s, seed=7`. A rule that names an
//! operation counts before one that names its service, and that before one that names neither.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::call::Call;
use super::chance;

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

/// A mistake in a description of the weather.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeatherError(String);

impl fmt::Display for WeatherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WeatherError {}

impl Weather {
    /// The same with latencies: `40ms`, or a list such as `ec2=60ms, ec2.CreateNatGateway=2s, 20ms`.
    ///
    /// # Errors
    /// What cannot be understood, and what to write.
    pub fn with_latency(mut self, text: &str) -> Result<Self, WeatherError> {
        for item in items(text) {
            let (on, time) = item.split_once('=').map_or((None, item), |(on, time)| (Some(on), time));
            let time = duration(time).ok_or_else(|| {
                WeatherError(format!("`{item}` is no latency: write 40ms, ec2=60ms or ec2.CreateNatGateway=2s"))
            })?;
            let on = on.map(|on| pattern(on, item)).transpose()?;
            self.rules.push(Rule { on, effect: Effect::Latency(time) });
        }
        Ok(self)
    }

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

    /// How long the session lasts at most that a call begins, if the weather says so.
    pub(crate) fn session(&self, call: &Call) -> Option<Duration> {
        self.pick(call, |effect| if let Effect::Session(time) = effect { Some(time) } else { None })
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

impl FromStr for Weather {
    type Err = WeatherError;

    fn from_str(text: &str) -> Result<Self, WeatherError> {
        let mut weather = Self::default();
        for item in items(text) {
            if let Some(seed) = item.strip_prefix("seed=") {
                let wrong = |_| WeatherError(format!("`{seed}` is no seed: write a number from 0 to {}", u64::MAX));
                weather.seed = seed.parse().map_err(wrong)?;
                continue;
            }
            let (on, rest) = item.split_once(':').map_or((None, item), |(on, rest)| (Some(on), rest));
            let on = on.map(|on| pattern(on, item)).transpose()?;
            weather.rules.push(Rule { on, effect: effect(rest.trim())? });
        }
        Ok(weather)
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// `ec2` or `ec2.CreateVpc`.
fn pattern(text: &str, item: &str) -> Result<String, WeatherError> {
    let text = text.trim();
    let (service, operation) = text.split_once('.').map_or((text, None), |(service, rest)| (service, Some(rest)));
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_service = !service.is_empty() && service.chars().all(lower);
    let is_operation = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if is_service && operation.is_none_or(is_operation) {
        return Ok(text.to_owned());
    }
    Err(WeatherError(format!("`{text}` in `{item}` is no service and no operation: write ec2 or ec2.CreateVpc")))
}

fn effect(text: &str) -> Result<Effect, WeatherError> {
    let unknown = || {
        let faults: Vec<_> = FAULTS.iter().map(|(word, _)| format!("{word}=5%")).collect();
        WeatherError(format!(
            "`{text}` is not understood: there are {}, throttle>10/s, stale=5, stale=2s, stale=5/2s, pending=3s, \
             unknown=1s, session=60s and seed=1",
            faults.join(", ")
        ))
    };
    if let Some(rate) = text.strip_prefix("throttle>") {
        let rate = rate.trim().trim_end_matches("/s").parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
        return rate.map(Effect::Above).ok_or_else(unknown);
    }
    let (word, value) = text.split_once('=').ok_or_else(unknown)?;
    let (word, value) = (word.trim(), value.trim());
    if let Some((_, fault)) = FAULTS.iter().find(|(name, _)| *name == word) {
        let percent = value.strip_suffix('%').and_then(|percent| percent.trim().parse::<f64>().ok());
        let percent = percent
            .filter(|percent| (0.0..=100.0).contains(percent))
            .ok_or_else(|| WeatherError(format!("`{value}` in `{text}` is no share of the calls: write 0% to 100%")))?;
        return Ok(Effect::Chance(*fault, percent / 100.0));
    }
    match word {
        "stale" => staleness(value).map(Effect::Stale).ok_or_else(unknown),
        "pending" => duration(value).map(Effect::Pending).ok_or_else(unknown),
        "unknown" => duration(value).map(Effect::Unknown).ok_or_else(unknown),
        "session" => duration(value).map(Effect::Session).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

/// `5` reads, `2s`, or `5/2s`, whichever ends first.
fn staleness(text: &str) -> Option<Staleness> {
    /// Reads alone must end some day, should nobody read.
    const LONGEST: Duration = Duration::from_secs(30);
    if let Some((reads, time)) = text.split_once('/') {
        return Some(Staleness { reads: reads.trim().parse().ok()?, time: duration(time)? });
    }
    match text.parse() {
        Ok(reads) => Some(Staleness { reads, time: LONGEST }),
        Err(_) => Some(Staleness { reads: u32::MAX, time: duration(text)? }),
    }
}

/// `40ms`, `2s` or `1m`, and no more than a day: no clock runs for ever.
fn duration(text: &str) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_hours(24);
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let time = match &text[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (time <= LONGEST).then_some(time)
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

    #[test]
    fn a_mistake_says_what_to_write() {
        for (text, part) in [
            ("thunder=5%", "is not understood: there are throttle=5%"),
            ("throttle=5", "write 0% to 100%"),
            ("throttle=120%", "write 0% to 100%"),
            ("EC2:throttle=5%", "write ec2 or ec2.CreateVpc"),
            ("seed=x", "is no seed"),
            ("stale=often", "is not understood"),
            ("throttle>0/s", "is not understood"),
            ("throttle>x/s", "is not understood"),
            ("pending=25000m", "is not understood"),
            ("session=18446744073709551615s", "is not understood"),
            ("ec2:seed=1", "is not understood"),
        ] {
            let error = text.parse::<Weather>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Weather::default().with_latency("ec2=fast").unwrap_err().to_string().contains("is no latency"));
    }
}
