//! "Did you mean": the known word nearest to a mistyped one.

/// The candidate that was probably meant, if one is near enough.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> Option<&'c str> {
    let word = word.to_lowercase();
    let is_begun = |candidate: &&str| word.len() >= 3 && candidate.to_lowercase().starts_with(&word);
    let mut begun = candidates.clone().into_iter().filter(is_begun);
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return Some(only);
    }
    let (distance, candidate) = candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    // A third of the letters may be wrong; more is another word.
    let longest = word.chars().count().max(candidate.chars().count());
    (distance <= longest.div_ceil(3)).then_some(candidate)
}

/// "did you mean `x`?", or the list of what there is.
pub(crate) fn did_you_mean<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    what: &str,
) -> String {
    if let Some(candidate) = nearest(word, candidates.clone()) {
        return format!("did you mean `{candidate}`?");
    }
    let all: Vec<_> = candidates.into_iter().collect();
    if all.is_empty() { format!("there are no {what} here") } else { format!("the {what} here are {}", listed(all)) }
}

/// `a`, `b`, `c`.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
