//! The way of a call through the front.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::answer::Answer;
use super::call::{Call, Request};
use super::needs::Need;
use super::record::{Calls, Outcome, Recorded};
use super::response::{Response, in_drops, whole};
use super::rules::{self, Authorization, Rule, Sessions};
use super::upstream::Broken;
use super::visibility::Visibility;
use super::weather::{Fault, Weather};
use super::world::World;
use super::{Hook, Moment, Verdict, disturbance, needs, protocol, sign_in, skew};

/// What serves the calls.
pub(super) struct Server {
    world: World,
    sessions: Sessions,
    authorization: Authorization,
    rules: Vec<Box<dyn Rule>>,
    visibility: Visibility,
    hook: Option<Hook>,
    calls: Mutex<Vec<Recorded>>,
    /// How many calls of a kind there were, for chance.
    kinds: Mutex<HashMap<String, usize>>,
    /// When an account last called a service.
    recent: Mutex<HashMap<(String, String), VecDeque<Instant>>>,
    frozen: watch::Sender<HashSet<String>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

/// A call ends without an answer: its connection is closed.
#[derive(Debug, thiserror::Error)]
#[error("the front closes the connection")]
struct Closed;

/// What the way of a call comes to.
struct Served {
    answer: Option<Answer>,
    outcome: Outcome,
    is_slow: bool,
}

impl Served {
    fn closed(how: &'static str) -> Self {
        Self { answer: None, outcome: Outcome::Disturbed(how), is_slow: false }
    }

    fn disturbed(answer: Answer, how: &'static str) -> Self {
        Self { answer: Some(answer), outcome: Outcome::Disturbed(how), is_slow: false }
    }
}

impl Server {
    pub(super) fn new(upstream: &str, weather: Weather, hook: Option<Hook>) -> Self {
        Self {
            world: World::new(upstream, weather),
            sessions: Sessions::default(),
            authorization: Authorization::default(),
            rules: rules::all(),
            visibility: Visibility::default(),
            hook,
            calls: Mutex::default(),
            kinds: Mutex::default(),
            recent: Mutex::default(),
            frozen: watch::Sender::default(),
        }
    }

    pub(super) fn calls(&self) -> Calls {
        Calls(locked(&self.calls).clone())
    }

    pub(super) fn set_weather(&self, weather: Weather) {
        self.world.set_weather(weather);
    }

    pub(super) fn freeze(&self, account: &str) {
        self.frozen.send_modify(|frozen| {
            frozen.insert(account.to_owned());
        });
    }

    pub(super) fn thaw(&self) {
        self.frozen.send_modify(HashSet::clear);
    }

    /// Serves until it is aborted, and its connections with it.
    pub(super) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            // Out of file descriptors, say: the next one may find some.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let server = Arc::clone(&self);
            let service = service_fn(move |request| Arc::clone(&server).respond(request));
            let connection =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
            // It ends in an error when the caller is gone, or is to see it closed.
            connections.spawn(async move { drop(connection.await) });
            while connections.try_join_next().is_some() {}
        }
    }

    async fn respond(self: Arc<Self>, request: hyper::Request<Incoming>) -> Result<Response, Closed> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        if let Some(answer) = sign_in::answer(&target, &self.world).await.map_err(|_| Closed)? {
            return Ok(whole(answer));
        }
        let Some(request) = protocol::read(&head.method, &target, &head.headers, &body) else {
            return Ok(self.unread(head.method, &target, &head.headers, body).await);
        };
        // A task of its own: what AWS has begun it ends, even when the caller is gone.
        let serving = tokio::spawn(async move { self.recorded(request).await });
        respond(serving.await.map_err(|_| Closed)?)
    }

    /// Serves a call, and records it.
    async fn recorded(&self, mut request: Request) -> Served {
        let failed = |error: Broken, request: &Request| {
            let message = format!("the sandbox's front failed: {error}");
            let answer = Answer::refusal(request.protocol, 501, "NotImplemented", &message);
            Served { answer: Some(answer), outcome: Outcome::Refused("NotImplemented".into()), is_slow: false }
        };
        match self.world.principal(&request.access_key).await {
            Ok(principal) => request.call.account = principal.account,
            Err(error) => return failed(error, &request),
        }
        request.needs = needs::needs(&request);
        let (number, began) = self.begin(&request);
        let mut served = self.serve(&mut request, number).await.unwrap_or_else(|error| failed(error, &request));
        if let Some(answer) = &mut served.answer {
            skew::date(answer, self.world.weather().clock(&request.call));
        }
        self.end(number, began, &served.outcome, request.needs);
        served
    }

    /// What is no call of AWS's, such as a question for moto itself, is passed on as it is.
    async fn unread(&self, method: Method, target: &str, headers: &hyper::HeaderMap, body: Bytes) -> Response {
        let answer = self.world.upstream().send(method, target, headers, body).await;
        let answer = answer.unwrap_or_else(|error| Answer {
            status: StatusCode::BAD_GATEWAY,
            headers: hyper::HeaderMap::new(),
            body: error.to_string().into(),
        });
        whole(answer)
    }

    async fn serve(&self, request: &mut Request, number: usize) -> Result<Served, Broken> {
        let call = request.call.clone();
        let hook = |moment| self.hook.as_ref().map_or(Verdict::Pass, |hook| hook(&call, number, moment));
        let weather = self.world.weather();
        let nth = self.count(&call);
        let befalls = |fault| weather.befalls(fault, &call, nth);
        self.while_frozen(&call.account).await;
        sleep(weather.latency(&call)).await;

        if hook(Moment::Before) == Verdict::Drop {
            return Ok(Served::closed("dropped before its effect"));
        }
        if befalls(Fault::Throttle) || self.is_too_many(&call, &weather) {
            return Ok(Served::disturbed(disturbance::throttled(request), "throttled"));
        }
        if befalls(Fault::ErrorBefore) {
            return Ok(Served::disturbed(disturbance::broken(request), "error before its effect"));
        }
        if befalls(Fault::CloseBefore) {
            return Ok(Served::closed("closed before its effect"));
        }
        if let Some(answer) = skew::refusal(request, weather.clock(&call)) {
            let outcome = answer.code().map_or(Outcome::Done, Outcome::Enforced);
            return Ok(Served { answer: Some(answer), outcome, is_slow: false });
        }
        let handled = self.handle(request, &weather).await;
        request.held.clear();
        let (answer, outcome) = handled?;
        if hook(Moment::After) == Verdict::Drop {
            return Ok(Served::closed("dropped after its effect"));
        }
        if befalls(Fault::CloseAfter) {
            return Ok(Served::closed("closed after its effect"));
        }
        if answer.is_success() && befalls(Fault::ErrorAfter) {
            return Ok(Served::disturbed(disturbance::broken(request), "error after its effect"));
        }
        Ok(Served { answer: Some(answer), outcome, is_slow: befalls(Fault::Slow) })
    }

    /// The rules, and the local AWS between them.
    async fn handle(&self, request: &mut Request, weather: &Weather) -> Result<(Answer, Outcome), Broken> {
        let enforced = |answer: Answer| {
            let outcome = answer.code().map_or(Outcome::Done, Outcome::Enforced);
            Ok((answer, outcome))
        };
        // Whose session has ended, or who may not see it, sees nothing, not even what was.
        for rule in [&self.sessions as &dyn Rule, &self.authorization] {
            if let Some(answer) = rule.before(request, &self.world).await? {
                return enforced(answer);
            }
        }
        if let Some(answer) = self.visibility.before(request, weather) {
            let outcome = answer.code().map_or(Outcome::Disturbed("stale"), Outcome::Enforced);
            return Ok((answer, outcome));
        }
        for rule in &self.rules {
            if let Some(answer) = rule.before(request, &self.world).await? {
                return enforced(answer);
            }
        }
        let (target, body) = (request.target.clone(), request.parameters.body());
        let mut answer = self.world.upstream().send(request.method.clone(), &target, &request.headers, body).await?;
        for rule in self.rules.iter().rev() {
            rule.after(request, &mut answer, &self.world).await?;
        }
        self.authorization.after(request, &mut answer, &self.world).await?;
        self.sessions.after(request, &mut answer, &self.world).await?;
        self.visibility.after(request, &mut answer, weather);
        let outcome = answer.code().map_or(Outcome::Done, Outcome::Refused);
        Ok((answer, outcome))
    }

    async fn while_frozen(&self, account: &str) {
        // The sender is ours, and so is there as long as this.
        let _ = self.frozen.subscribe().wait_for(|frozen| !frozen.contains(account)).await;
    }

    /// Whether an account calls a service more often than the weather allows.
    fn is_too_many(&self, call: &Call, weather: &Weather) -> bool {
        let Some(rate) = weather.rate(call) else { return false };
        let mut recent = locked(&self.recent);
        let calls = recent.entry((call.account.clone(), call.service.clone())).or_default();
        // A bound below one a second is one in several.
        let (window, most) = if rate < 1.0 { (1.0 / rate, 1.0) } else { (1.0, rate) };
        while calls.front().is_some_and(|at| at.elapsed().as_secs_f64() >= window) {
            calls.pop_front();
        }
        #[expect(clippy::cast_precision_loss, reason = "a few calls")]
        let full = calls.len() as f64 >= most;
        if !full {
            calls.push_back(Instant::now());
        }
        full
    }

    fn count(&self, call: &Call) -> usize {
        let mut kinds = locked(&self.kinds);
        let count = kinds.entry(format!("{} {call}", call.account)).or_default();
        *count += 1;
        *count
    }

    fn begin(&self, request: &Request) -> (usize, Instant) {
        let mut calls = locked(&self.calls);
        let (number, at) = (calls.len() + 1, self.world.age());
        let (call, needs, took, outcome) = (request.call.clone(), request.needs.clone(), Duration::ZERO, Outcome::Open);
        let document = rules::written_document(request);
        calls.push(Recorded { number, call, needs, document, at, took, outcome });
        (number, Instant::now())
    }

    fn end(&self, number: usize, began: Instant, outcome: &Outcome, needs: Vec<Need>) {
        if let Some(recorded) = locked(&self.calls).get_mut(number - 1) {
            (recorded.took, recorded.outcome, recorded.needs) = (began.elapsed(), outcome.clone(), needs);
        }
    }
}

fn respond(served: Served) -> Result<Response, Closed> {
    match served.answer {
        None => Err(Closed),
        Some(answer) if served.is_slow => Ok(in_drops(answer)),
        Some(answer) => Ok(whole(answer)),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
