//! The law of invitations: sent once, known by the account that is invited, and sent anew when they came to nothing.

use aws::resources::{AccountInvitation, Organization};
use aws::{Account, MANAGEMENT};
use engine::{Action, Graph, Id, Key, Resource};
use serde_json::{Value, json};
use testing::{World, step};

const INVITED: &str = "222222222222";

fn key() -> Key {
    Key::new(MANAGEMENT, AccountInvitation::KIND, "old-shop")
}

fn graph(world: &World) -> Graph<Account> {
    world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        let desired = |organization| AccountInvitation { organization, account: Id::new(INVITED) };
        management.add("old-shop", organization, desired);
    })
}

/// What boto3 sees of all invitations: the account and the state.
fn invitations(world: &World) -> Value {
    world.boto3(
        "invites = lambda: boto3.client('organizations', REGION, endpoint_url=FRONT)\n\
         sent = invites().list_handshakes_for_organization()['Handshakes']\n\
         [[party['Id'], one['State']] for one in sent for party in one['Parties'] if party['Type'] == 'ACCOUNT']",
    )
}

// boto3 calls the front, which answers in this process.
#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::without_organization().await;
    let graph = graph(&world);
    world.planned(&graph, &key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    let id = step(&plan, &key()).id.clone().unwrap();
    assert_eq!(invitations(&world), json!([[INVITED, "REQUESTED"]]));
    world.settle(&graph).await;
    assert_eq!(invitations(&world), json!([[INVITED, "REQUESTED"]]), "it is sent once");

    world.boto3(&format!("invites().cancel_handshake(HandshakeId='{id}')"));
    world.planned(&graph, &key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    assert_eq!(invitations(&world), json!([[INVITED, "CANCELED"], [INVITED, "REQUESTED"]]));

    world.delete(&graph, &plan, |step| step.key == key()).await;
    assert_eq!(invitations(&world), json!([[INVITED, "CANCELED"], [INVITED, "CANCELED"]]));
}
