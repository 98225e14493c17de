//! The engine: resources, the graph that their data flow makes, and the one walk that plans, converges and
//! deletes them. It knows no AWS; everything that is particular to a cloud hides behind [`Resource`].
//!
//! ```text
//! Graph --plan--> Plan --(approval)--> delete what is replaced --> converge --> Report
//! ```
//!
//! A node's desired state is a function of its inputs' outputs, so order is data flow: no edge is declared twice,
//! none can be forgotten, and a cycle cannot be written.

mod converge;
mod course;
mod creations;
mod delete;
mod diff;
mod error;
mod event;
mod graph;
mod id;
mod inputs;
mod key;
mod node;
mod plan;
mod report;
mod resource;
mod retry;
mod session;
mod walk;

pub use course::{Course, Visit};
pub use creations::{CreationLog, Creations, Earlier};
pub use diff::{Diff, diff};
pub use error::{Class, Error, Result};
pub use event::{Event, Events, Stage, Verb};
pub use graph::{Connect, Graph, Handle, Scope, ScopeId};
pub use id::{Id, Output};
pub use inputs::{Inputs, Outputs};
pub use key::Key;
pub use plan::{Action, Plan, Status, Step};
pub use report::{Outcome, Report};
pub use resource::{Cx, Found, Nature, Resource, Tags, only_one};
pub use retry::Retry;
pub use walk::Run;
