//! The law of providers of tokens.

use aws::resources::OidcProvider;
use testing::{Law, World};

const OUTSIDE: &str = r#"
def provider(arn):
    return iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)

def audience(found):
    wanted = ["other.example", "sts.amazonaws.com"]
    return next((one for one in wanted if one in found["ClientIDList"]), None)

[{
    "audience": audience(found),
    "tags": tags_of(found),
} for found in map(provider, (one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]))
    if found["Url"].removeprefix("https://") == name]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "tokens.example.com",
        |_| (),
        |(), variant| OidcProvider { audience: Some(variant.change("sts.amazonaws.com", "other.example").to_owned()) },
        OUTSIDE,
    );
    let world = World::new().await;
    let law = law.untagged().unwatched().reads_per_object(1);
    law.holds(&world).await;
    world.needed_all_declared_by::<OidcProvider>();
}
