//! What the files say, checked and turned into the model. One file per section.
//!
//! A check reports to a [`Desk`](crate::desk::Desk) and goes on: everything that is wrong is found in one run.

mod access;
mod account;
mod across;
mod budget;
mod contacts;
mod database;
mod dns;
mod fleet;
mod hardening;
mod load_balancer;
mod network;
mod organization;
mod pipeline;
mod regions;
mod registry;
mod secret;
mod service;
mod tags;

pub(crate) use account::{Checked, Common, account};
pub(crate) use across::across;
pub(crate) use fleet::{Head, head};
pub(crate) use organization::{Places, organization};
