//! The weather as a user writes it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Effect, FAULTS, Rule, Staleness, Weather};

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
             unknown=1s, young=3s, session=60s, clock=6m, regions=3 and seed=1; times are in ms, s or m, a day at most",
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
        "young" => duration(value).map(Effect::Young).ok_or_else(unknown),
        "regions" => value.parse().ok().filter(|most| *most > 0).map(Effect::Regions).ok_or_else(unknown),
        "session" => duration(value).map(Effect::Session).ok_or_else(unknown),
        "clock" => duration(value).map(Effect::Clock).ok_or_else(unknown),
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
