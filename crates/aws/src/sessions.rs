//! Sessions into accounts: the caller's own credentials for the management account, and a role entered from there
//! for every other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::error::display::DisplayErrorContext;
use engine::{Class, Error, Id, Result};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::edge::Edge;
use crate::entry::{Entry, Way};
use crate::http::{self, Limited};
use crate::preflight::Clock;
use crate::resources::{Member, Role};
use crate::role_session::RoleSession;
use crate::{Account, Losses, Stats, account, config};

/// How a run reaches AWS.
#[derive(Clone, Debug)]
pub struct Options {
    /// The fleet's name, as in the tags.
    pub fleet: String,
    /// The region of the management account's calls, and the default of the others'.
    pub region: String,
    /// A profile of the AWS configuration, instead of the default one.
    pub profile: Option<String>,
    /// The endpoint of a sandbox. With it, nothing of the caller's AWS configuration is used, so that no real
    /// account can be reached by mistake.
    pub sandbox: Option<String>,
    /// How other accounts are entered.
    pub entry: Entry,
    /// Calls in flight per account.
    pub parallelism: usize,
    /// How far deletions may go.
    pub losses: Losses,
}

/// Who runs the command, as AWS sees it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The id of the caller's account.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

/// The sessions of a run. Entered accounts are remembered: each is entered once, however many walks a command takes.
pub struct Sessions {
    options: Options,
    home: SdkConfig,
    pool: SharedHttpClient,
    stats: Stats,
    clock: Clock,
    caller: OnceCell<Caller>,
    entered: Mutex<HashMap<Entrance, Arc<OnceCell<SdkConfig>>>>,
    /// Since when accounts refuse a role that they have.
    refusing: Mutex<HashMap<String, Instant>>,
    keys: tokio::sync::Mutex<Option<Credentials>>,
    /// The management account with what was listed in it before the first walk, which gets it.
    first_home: tokio::sync::Mutex<Option<Account>>,
}

/// Keys to sign calls with.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The access key's id.
    pub access_key_id: SecretString,
    /// The secret access key.
    pub secret_access_key: SecretString,
    /// The token of a session.
    pub session_token: Option<SecretString>,
    /// When they are to be asked for anew; they may last a little longer.
    pub expires: Option<SystemTime>,
}

impl From<&Credentials> for Keys {
    fn from(made: &Credentials) -> Self {
        Self {
            access_key_id: SecretString::from(made.access_key_id()),
            secret_access_key: SecretString::from(made.secret_access_key()),
            session_token: made.session_token().map(SecretString::from),
            expires: made.expiry(),
        }
    }
}

/// An account, a region, and the role.
type Entrance = (String, String, Way);

/// How long a role that was just made may refuse to be assumed: seconds as a rule (IAM user guide, "Changes that I make are
/// not always immediately visible").
const UNTIL_ROLE_IS_KNOWN: Duration = Duration::from_mins(1);

/// The name of the management account's scope.
pub const MANAGEMENT: &str = "management";

impl Sessions {
    /// Prepares to reach AWS. Makes no call.
    pub async fn new(options: Options) -> Self {
        let pool = http::pool();
        let stats = Stats::default();
        let home = Limited::new(pool.clone(), options.parallelism, stats.pace());
        let home = match &options.sandbox {
            Some(endpoint) => config::of_sandbox(endpoint, home),
            None => config::of_caller(options.profile.as_deref(), &options.region, home).await,
        };
        let home = home.to_builder().region(Region::new(options.region.clone())).build();
        let (caller, entered, refusing) = (OnceCell::new(), Mutex::default(), Mutex::default());
        Self {
            options,
            home,
            pool,
            stats,
            clock: Clock::default(),
            caller,
            entered,
            refusing,
            keys: tokio::sync::Mutex::default(),
            first_home: tokio::sync::Mutex::default(),
        }
    }

    /// The calls made so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// By how many seconds AWS's clock is ahead of this machine's, negative if it is behind; `None` before STS has
    /// answered anything.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.clock.ahead()
    }

    /// How accounts are entered.
    pub fn entry(&self) -> &Entry {
        &self.options.entry
    }

    /// The ARN of a role by which an account is entered.
    pub fn role_in(&self, account: &str, way: Way) -> String {
        self.options.entry.arn(account, way)
    }

    /// Who runs the command. One call, once.
    ///
    /// # Errors
    /// When there are no credentials, or AWS does not accept them.
    pub async fn caller(&self) -> Result<&Caller> {
        let ask = || async {
            let answer = self.sts(MANAGEMENT).get_caller_identity().send().await.edge()?;
            Ok(Caller { account: answer.account.unwrap_or_default(), arn: answer.arn.unwrap_or_default() })
        };
        self.caller.get_or_try_init(ask).await
    }

    /// The account id of a scope that is known without asking: the management account's, once it was reached.
    pub fn account_of(&self, scope: &str) -> Option<String> {
        self.caller.get().filter(|_| scope == MANAGEMENT).map(|caller| caller.account.clone())
    }

    /// The management account, with the caller's own credentials. The first time it has what [`roll`](Self::roll) has read.
    ///
    /// # Errors
    /// Those of [`caller`](Self::caller).
    pub async fn home(self: &Arc<Self>) -> Result<Account> {
        match self.first_home.lock().await.take() {
            Some(home) => Ok(home),
            None => self.new_home().await,
        }
    }

    /// Reads in the management account what the first walk is going to read, which then has it.
    pub(crate) async fn with_first_home<T>(&self, read: impl AsyncFnOnce(&Account) -> Result<T>) -> Result<T> {
        let mut kept = self.first_home.lock().await;
        let home = match kept.take() {
            Some(home) => home,
            None => self.new_home().await?,
        };
        read(kept.insert(home)).await
    }

    async fn new_home(&self) -> Result<Account> {
        let id = self.caller().await?.account.clone();
        let place = account::Place { scope: MANAGEMENT.into(), id, region: self.options.region.clone() };
        let home = Account::new(self.options.fleet.clone(), place, self.home.clone(), self.stats.clone());
        Ok(home.losing(self.options.losses))
    }

    /// Another account, through the role that the run needs, or through the bootstrap role as long as that refuses; `None`
    /// while the account is only planned.
    ///
    /// # Errors
    /// [`Class::NotYet`] when an account that was created minutes ago refuses; [`Class::Denied`] when another does.
    pub async fn enter(self: &Arc<Self>, scope: &str, member: &Member, region: &str) -> Result<Option<Account>> {
        let way = self.options.entry.way;
        let entered = self.enter_by(way, scope, member, region).await;
        match entered {
            Err(error) if way != Way::Bootstrap && is_refusal(&error) => {
                self.enter_by(Way::Bootstrap, scope, member, region).await
            }
            entered => entered,
        }
    }

    /// Begins to enter an account that is going to be [entered](Self::enter), so that its session is there by then. What
    /// fails here is tried once more, and told, there.
    pub fn prepare(self: &Arc<Self>, scope: &str, id: &str, region: &str) {
        let place = account::Place { scope: scope.to_owned(), id: id.to_owned(), region: region.to_owned() };
        let sessions = Arc::clone(self);
        tokio::spawn(async move { sessions.config_of(&place, sessions.options.entry.way).await.map(drop) });
    }

    /// Another account, through this role and no other.
    ///
    /// # Errors
    /// Those of [`enter`](Self::enter).
    pub async fn enter_by(
        self: &Arc<Self>,
        way: Way,
        scope: &str,
        member: &Member,
        region: &str,
    ) -> Result<Option<Account>> {
        let Some(id) = member.id.known() else { return Ok(None) };
        let place = account::Place { scope: scope.to_owned(), id: id.to_owned(), region: region.to_owned() };
        let config = self.config_of(&place, way).await.map_err(|error| self.refused(error, way, &place, member))?;
        Ok(Some(self.account(place, config, Some(way))))
    }

    /// The same account, through the role that the run needs, now that the account may have it.
    ///
    /// # Errors
    /// [`Class::NotYet`] while a role that was just made refuses; [`Class::Denied`] when it goes on to.
    pub async fn renew(
        self: &Arc<Self>,
        earlier: Arc<Account>,
        deployer: &Id<Role>,
        auditor: &Id<Role>,
    ) -> Result<Arc<Account>> {
        let way = self.options.entry.way;
        let is_there = match way {
            Way::Bootstrap => false,
            Way::Deployer => deployer.known().is_some(),
            Way::Auditor => auditor.known().is_some(),
        };
        if !is_there || earlier.way() != Some(Way::Bootstrap) {
            return Ok(earlier);
        }
        let place = earlier.place();
        match self.config_of(place, way).await {
            Ok(config) => Ok(Arc::new(self.account(place.clone(), config, Some(way)))),
            Err(error) if is_refusal(&error) => Err(self.refuses_its_own_role(error, way, place)),
            Err(error) => Err(error),
        }
    }

    /// The same account, through the bootstrap role.
    pub(crate) async fn elevate(self: &Arc<Self>, place: &account::Place) -> Result<Account> {
        let member = Member { id: Id::new(place.id.as_str()), young: false };
        let entered = self.enter_by(Way::Bootstrap, &place.scope, &member, &place.region).await?;
        entered.ok_or_else(|| Error::new(Class::NotFound, format!("{} does not exist yet", place.scope)))
    }

    fn account(self: &Arc<Self>, place: account::Place, config: SdkConfig, way: Option<Way>) -> Account {
        let elevation = way.filter(|way| *way != Way::Bootstrap).map(|_| Arc::clone(self));
        let account = Account::new(self.options.fleet.clone(), place, config, self.stats.clone());
        account.entered(way, elevation).losing(self.options.losses)
    }

    /// The keys of a session in another account.
    ///
    /// # Errors
    /// Those of [`enter`](Self::enter).
    pub async fn keys_of(self: &Arc<Self>, way: Way, scope: &str, member: &Member, region: &str) -> Result<Keys> {
        let account = self.enter_by(way, scope, member, region).await?;
        let account = account.ok_or_else(|| Error::new(Class::NotFound, format!("{scope} does not exist yet")))?;
        Ok(Keys::from(&account.credentials().await?))
    }

    /// The sandbox's address, or that of an endpoint of the caller's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.home.endpoint_url()
    }

    /// The caller's own keys, for what is not called through these sessions. They are asked for anew when they are about
    /// to end.
    ///
    /// # Errors
    /// When there are no credentials.
    pub async fn keys(&self) -> Result<Keys> {
        let mut kept = self.keys.lock().await;
        let soon = SystemTime::now() + Duration::from_mins(5);
        if let Some(made) = kept.as_ref().filter(|made| made.expiry().is_none_or(|end| end > soon)) {
            return Ok(Keys::from(made));
        }
        let failed = |text: String| Error::new(Class::Denied, text);
        let provider = self.home.credentials_provider().ok_or_else(|| failed("no credentials".into()))?;
        let made = provider.provide_credentials().await;
        let made = made.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
        Ok(Keys::from(&*kept.insert(made)))
    }

    async fn config_of(&self, place: &account::Place, way: Way) -> Result<SdkConfig> {
        if self.caller().await?.account == place.id {
            return Ok(self.home.to_builder().region(Region::new(place.region.clone())).build());
        }
        let cell = {
            let mut entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(entered.entry((place.id.clone(), place.region.clone(), way)).or_default())
        };
        let config = cell.get_or_try_init(|| async {
            let entry = self.options.entry.clone();
            let session = RoleSession::begin(self.sts(&place.scope), &place.id, way, entry).await?;
            let builder = self.home.to_builder();
            let builder = builder.credentials_provider(SharedCredentialsProvider::new(session));
            // The session says itself when it is to be renewed.
            let builder = builder.identity_cache(IdentityCache::lazy().buffer_time(Duration::ZERO).build());
            let limited = Limited::new(self.pool.clone(), self.options.parallelism, self.stats.pace());
            Ok(builder.http_client(limited).region(Region::new(place.region.clone())).build())
        });
        config.await.cloned()
    }

    fn sts(&self, scope: &str) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&self.home);
        let config = config.interceptor(self.stats.counter(scope)).interceptor(self.clock.clone());
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// Says what a refusal to enter means: an account of a few minutes is not ready, another lacks the role.
    fn refused(&self, error: Error, way: Way, place: &account::Place, member: &Member) -> Error {
        if !is_refusal(&error) {
            return error;
        }
        if way != Way::Bootstrap {
            let (scope, role) = (&place.scope, self.options.entry.role(way));
            return error.hint(format!(
                "`orgstrap apply {scope}` makes {role} in the account; if it is there, its trust policy does not allow this \
                 caller: look at [access] in orgstrap.toml"
            ));
        }
        if member.young {
            let hint =
                format!("a new account takes some minutes until it can be entered; {}", self.how_to_let_in(place));
            return Error { class: Class::NotYet, ..error }.hint(hint);
        }
        error.hint(self.how_to_let_in(place))
    }

    /// What somebody with rights of their own in the account has to run there.
    fn how_to_let_in(&self, place: &account::Place) -> String {
        let (role, id) = (self.options.entry.role(Way::Bootstrap), &place.id);
        let management = self.caller.get().map(|caller| caller.account.as_str()).unwrap_or_default();
        let mut trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{management}:root")}, "Action": "sts:AssumeRole"}]});
        if let Some(external_id) = &self.options.entry.external_id {
            trust["Statement"][0]["Condition"] = serde_json::json!({"StringEquals": {"sts:ExternalId": external_id}});
        }
        format!(
            "role {role} must exist in account {id} and trust account {management}, and the caller must not be a root user. \
             With credentials of {id}, run\n  \
             aws iam create-role --role-name {role} --assume-role-policy-document '{trust}'\n  \
             aws iam attach-role-policy --role-name {role} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess\n\
             and then this command again. If the role has another name, set access.role in orgstrap.toml"
        )
    }

    /// A role that the account has and that does not let the caller in: it was made seconds ago, or means somebody else.
    fn refuses_its_own_role(&self, error: Error, way: Way, place: &account::Place) -> Error {
        let since = {
            let mut refusing = self.refusing.lock().unwrap_or_else(PoisonError::into_inner);
            *refusing.entry(place.id.clone()).or_insert_with(Instant::now)
        };
        if since.elapsed() < UNTIL_ROLE_IS_KNOWN {
            return Error { class: Class::NotYet, ..error }
                .hint("a new role takes some seconds until it is known everywhere");
        }
        let (role, scope, bootstrap) = (self.options.entry.role(way), &place.scope, &self.options.entry.bootstrap_role);
        error.hint(format!(
            "account {} has {role}, which does not trust this caller: compare [access] in orgstrap.toml with who you are \
             (`orgstrap doctor`); `orgstrap apply {scope} --role bootstrap` enters by {bootstrap} and mends the role",
            place.id
        ))
    }
}

/// Whether STS refused to let the caller in; it says no more.
fn is_refusal(error: &Error) -> bool {
    error.code.as_deref() == Some("AccessDenied")
}
