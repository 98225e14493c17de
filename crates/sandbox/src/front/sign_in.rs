//! The sign-in endpoint: it gives whoever holds a role's session a token to enter the console with (IAM user guide, "Enable
//! custom identity broker access to the AWS console"). The local AWS has neither.

use serde_json::{Value, json};

use super::answer::Answer;
use super::protocol::Protocol;
use super::rules;
use super::upstream::Broken;
use super::world::World;

const PATH: &str = "/federation?";

/// There is no console to enter, so that one token is as good as another.
const TOKEN: &str = "no-console-in-the-sandbox";

/// The answer to a request for a token, if it is one.
pub(super) async fn answer(target: &str, world: &World) -> Result<Option<Answer>, Broken> {
    let Some(query) = target.strip_prefix(PATH) else { return Ok(None) };
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let text = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
    let session: Value = text("Session").and_then(|session| serde_json::from_str(session).ok()).unwrap_or_default();
    let key = session["sessionId"].as_str().unwrap_or_default();
    let is_whole = ["sessionKey", "sessionToken"].iter().all(|part| session[part].is_string());
    let is_asked = text("Action") == Some("getSigninToken");
    if !is_asked || !is_whole || !rules::is_open(world, key).await? {
        return Ok(Some(Answer::refusal(Protocol::RestJson, 400, "InvalidSession", "The session is not valid.")));
    }
    Ok(Some(Answer::success_json(&json!({"SigninToken": TOKEN}))))
}
