//! Reading the journal.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use futures_util::future::try_join;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{End, Run, RunDetails, RunState, Settled, Start, folder, object};
use crate::{Error, HolderState, Ledger, Result, name};

/// How many runs are read at once.
const AT_ONCE: usize = 16;

impl Ledger {
    /// The last runs, newest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one cannot be read; [`Error::Store`].
    pub async fn runs(&self, limit: usize) -> Result<Vec<Run>> {
        let mut ids = self.run_ids().await?;
        ids.truncate(limit);
        let runs = stream::iter(ids).map(|id| async move { self.start_and_end(&id).await }).buffered(AT_ONCE);
        let mut runs = self.with_states(runs.try_filter_map(async |run| Ok(run)).try_collect().await?).await?;
        // Ids of one second are in no order.
        runs.sort_by_key(|run| Reverse(run.start.started));
        Ok(runs)
    }

    /// One run. The beginning or the end of its id is enough.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::AmbiguousRun`]; [`Error::Corrupt`] if it cannot be read; [`Error::Store`].
    pub async fn run(&self, id: &str) -> Result<RunDetails> {
        let unknown = || Error::UnknownRun { id: id.to_owned() };
        let full = self.full_run_id(id).await?;
        let found = self.start_and_end(&full).await?.ok_or_else(unknown)?;
        let run = self.with_states(vec![found]).await?.pop().ok_or_else(unknown)?;
        let plan = self.store.get(&object(&full, "plan")).await?;
        let listed = self.store.list(&folder(&full)).await?;
        let mut batches: Vec<(u32, _)> =
            listed.into_iter().filter_map(|listed| Some((number(listed.file())?, listed.path))).collect();
        batches.sort_unstable_by_key(|(number, _)| *number);
        let batches: Vec<Vec<Settled>> =
            self.store.get_all(batches.into_iter().map(|(_, path)| path).collect()).await?;
        Ok(RunDetails { run, plan, settled: batches.into_iter().flatten().collect() })
    }

    /// The ids of all runs, newest first. What else lies there is not ours.
    async fn run_ids(&self) -> Result<Vec<String>> {
        let mut ids = self.store.folders("runs").await?;
        ids.retain(|id| name::is_run(id));
        ids.reverse();
        Ok(ids)
    }

    async fn full_run_id(&self, id: &str) -> Result<String> {
        let mut matches = self.run_ids().await?;
        matches.retain(|run| !id.is_empty() && (run.starts_with(id) || run.ends_with(id)));
        let exact = matches.iter().position(|run| run == id);
        match (exact, matches.len()) {
            (Some(position), _) => Ok(matches.swap_remove(position)),
            (None, 1) => Ok(matches.swap_remove(0)),
            (None, 0) => Err(Error::UnknownRun { id: id.to_owned() }),
            (None, _) => Err(Error::AmbiguousRun { id: id.to_owned(), matches }),
        }
    }

    /// Nothing if it was stopped before it could write its start.
    async fn start_and_end(&self, run: &str) -> Result<Option<(Start, Option<End>)>> {
        let (start, end) = (object(run, "start"), object(run, "end"));
        let (start, end) = try_join(self.store.get::<Start>(&start), self.store.get::<End>(&end)).await?;
        Ok(start.map(|start| (start, end)))
    }

    async fn with_states(&self, runs: Vec<(Start, Option<End>)>) -> Result<Vec<Run>> {
        let is_open = runs.iter().any(|(_, end)| end.is_none());
        let holders = if is_open { self.locks().await? } else { Vec::new() };
        let live = holders.into_iter().filter(|holder| holder.state == HolderState::Held).map(|holder| holder.run);
        let live: BTreeSet<String> = live.collect();
        let state = |start: &Start, end: Option<&End>| {
            if end.is_some() {
                RunState::Ended
            } else if live.contains(&start.id) || start.process.lives(&self.process, self.store.is_folder()) {
                RunState::Running
            } else {
                RunState::Interrupted
            }
        };
        Ok(runs.into_iter().map(|(start, end)| Run { state: state(&start, end.as_ref()), start, end }).collect())
    }
}

/// The number of a batch.
fn number(file: &str) -> Option<u32> {
    let digits = file.strip_suffix(".json")?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
