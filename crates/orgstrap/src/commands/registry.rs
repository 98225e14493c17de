//! `orgstrap registry`: the images in the common account, and whom its repositories let in.

use aws::registry::{self, Repository};
use clap::{Args, Subcommand};
use policy::Document;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::{self, Guest};
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// So many images of a repository are told.
const IMAGES: usize = 10;

/// What takes an image out of a repository (Amazon ECR user guide, "Private repository policy examples").
const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// What puts an image under a tag. Its layers may be there already, so that nothing else is needed (ECR API reference,
/// `PutImage`).
const PUSH: [&str; 1] = ["ecr:PutImage"];

/// Look into the registry of the common account
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every repository: the latest images, and who may pull and push
    List,
}

/// A repository, with what it is for and whom it lets in.
pub(crate) struct Shelf {
    pub(crate) repository: Repository,
    /// The accounts whose services are made of its images.
    pub(crate) used_by: Vec<String>,
    pub(crate) pull: Vec<Guest>,
    pub(crate) push: Vec<Guest>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let Action::List = arguments.action;
    let workspace = Workspace::open("registry", global, ui).await?;
    let fleet = &workspace.fleet;
    let common = workspace.enter(&fleet.common).await?;
    let repositories = registry::repositories(&common, IMAGES).await?;
    let policies: Vec<_> = repositories.iter().map(|one| document(one, ui)).collect();
    let accounts = accounts(&workspace, policies.iter().flatten()).await?;
    let shelves = repositories.into_iter().zip(policies).map(|(repository, policy)| {
        let by = |actions: &[&str]| {
            policy
                .as_ref()
                .map(|policy| grants::guests(&repository.arn, policy, actions, &accounts))
                .unwrap_or_default()
        };
        let (pull, push) = (by(&PULL), by(&PUSH));
        let uses = |account: &&fleet::Account| account.services.values().any(|one| one.image == repository.name);
        let used_by = fleet.projects().filter(uses).map(|account| account.name.clone()).collect();
        Shelf { repository, used_by, pull, push }
    });
    let shelves: Vec<_> = shelves.collect();
    let is_there = |image: &&str| shelves.iter().any(|shelf| shelf.repository.name == **image);
    let missing: Vec<_> = fleet.images().into_iter().filter(|image| !is_there(image)).collect();
    render::registry(ui, fleet, &shelves, &missing);
    render::stats(ui, &workspace);
    workspace.close(ui, Exit::Done, &[]).await;
    Ok(Exit::Done)
}

/// A repository's policy. AWS stores none that cannot be read; should it be so, that is said and not hidden.
fn document(repository: &Repository, ui: &Ui) -> Option<Document> {
    let policy = repository.policy.as_ref()?;
    let document = Document::from_value(policy.value());
    if document.is_err() {
        ui.warn(&format!("the policy of {} cannot be read: who may pull and push is not known", repository.name));
    }
    document.ok()
}

/// What is to be known of the accounts that the policies may mean. Where they are in the organization costs a call for each
/// unit, so it is asked only if a policy speaks of it.
async fn accounts<'p>(
    workspace: &Workspace,
    mut policies: impl Iterator<Item = &'p Document>,
) -> Result<grants::Accounts, Failure> {
    let roll = workspace.sessions.roll().await?;
    let found = workspace.fleet.accounts.values().filter_map(|account| {
        let found = selection::find(&roll, account)?;
        Some((found.id.clone(), account.name.clone()))
    });
    let own = (!roll.management.is_empty()).then(|| (roll.management.clone(), aws::MANAGEMENT.to_owned()));
    let names = found.chain(own).collect();
    let paths = if policies.any(grants::asks_for_organization) {
        workspace.sessions.organization_paths().await?
    } else {
        std::collections::HashMap::new()
    };
    Ok(grants::Accounts { names, paths })
}
