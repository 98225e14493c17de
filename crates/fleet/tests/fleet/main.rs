//! Fleets in folders: what loads, what does not, and what is said about it.

mod documents;
mod folder;
mod layers;
mod mistakes;
mod mutations;
mod schemas;
mod service_mistakes;
mod starts;
