//! `orgstrap console`: an address that signs a person in to an account's console.

use std::time::Duration;

use clap::Args;
use reqwest::Url;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::entered::{self, Entered};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;
use crate::workspace::Workspace;

/// IAM user guide, "Enable custom identity broker access to the AWS console".
const SIGN_IN: &str = "https://signin.aws.amazon.com/federation";

/// Print an address that signs you in to an account's console: as the auditor, who only reads, unless --role says more
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// The page to begin with, such as `ecs/v2/clusters`
    #[arg(long, value_name = "PATH", default_value = "")]
    page: String,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("console", global, ui).await?;
    let entered = entered::enter(&workspace, &arguments.account, global).await?;
    let broker = entered.endpoint.as_ref().map_or(SIGN_IN.to_owned(), |endpoint| format!("{endpoint}/federation"));
    let token = sign_in_token(&broker, &entered).await?;
    let address = address(&token, &arguments.page, &entered.region)?;
    if ui.is_human() {
        ui.data(&format!("{address}\n"));
        ui.say("Open it within 15 minutes. Whoever has it is signed in, so show it to nobody.");
    } else {
        ui.json(&json!({"version": 1, "account": entered.account, "url": address.as_str()}));
    }
    workspace.close(ui, Exit::Done, &[]).await;
    Ok(Exit::Done)
}

/// Changes the keys for a token. They are in the query, as AWS wants it, so no error may show the address.
async fn sign_in_token(broker: &str, entered: &Entered) -> Result<String, Failure> {
    let keys = &entered.keys;
    let session = json!({
        "sessionId": keys.access_key_id.expose_secret(),
        "sessionKey": keys.secret_access_key.expose_secret(),
        "sessionToken": keys.session_token.as_ref().map(ExposeSecret::expose_secret),
    });
    let parameters = [("Action", "getSigninToken".to_owned()), ("Session", session.to_string())];
    let failed = |error: reqwest::Error| {
        Failure::new(format!("AWS gave no sign-in token: {}", error.without_url()), "check the network, and try again")
    };
    let address = Url::parse_with_params(broker, &parameters)
        .map_err(|error| Failure::new(format!("{broker} is no address: {error}"), "correct AWS_ENDPOINT_URL"))?;
    // reqwest is built without a provider of cryptography and takes the process's, which may be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().map_err(failed)?;
    let answer = client.get(address).send().await.map_err(failed)?.error_for_status().map_err(failed)?;
    let body = answer.text().await.map_err(failed)?;
    let token =
        serde_json::from_str::<Value>(&body).ok().and_then(|json| Some(json["SigninToken"].as_str()?.to_owned()));
    token.ok_or_else(|| Failure::new("AWS answered without a sign-in token", "try again"))
}

fn address(token: &str, page: &str, region: &str) -> Result<Url, Failure> {
    let destination =
        format!("https://{region}.console.aws.amazon.com/{}?region={region}", page.trim_start_matches('/'));
    let parameters =
        [("Action", "login"), ("Issuer", "orgstrap"), ("Destination", &destination), ("SigninToken", token)];
    Url::parse_with_params(SIGN_IN, &parameters)
        .map_err(|error| Failure::new(format!("{page} is no page: {error}"), "give the part after the host"))
}
