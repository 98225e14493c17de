//! A local AWS with a front before it, and boto3 to call both.

use std::env;
use std::sync::{Mutex, PoisonError};

use boto3::Boto3;
use sandbox::Home;
use sandbox::front::{Front, Hook, Weather};
use serde_json::Value;

use crate::worlds::{World, python};

/// The boto3 of tests that are over: the next one begins with its words alone.
static IDLE: Mutex<Vec<Boto3>> = Mutex::new(Vec::new());

/// See the module. Each test has a world of its own, which is gone when this is dropped.
pub(crate) struct Bench {
    pub(crate) front: Front,
    boto3: Mutex<Option<Boto3>>,
    _world: World,
}

impl Bench {
    /// A front in this weather.
    pub(crate) async fn new(weather: &str) -> Self {
        Self::with(weather, None).await
    }

    /// The same with a hook.
    pub(crate) async fn with(weather: &str, hook: Option<Hook>) -> Self {
        let home = Home::from_env(|name| env::var(name).ok()).unwrap();
        sandbox::install(&home, &|_| {}).await.unwrap();
        let world = World::new(&home);
        let weather: Weather = weather.parse().unwrap();
        let front = Front::start_with(&world.endpoint, weather, hook).await.unwrap();
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let start = || Boto3::start(python(&home), include_str!("bench.py"), &[sandbox::ACCESS_KEY_ID]);
        let next = format!("next_test('{}', '{}')", world.endpoint, front.endpoint());
        let bench = Self { front, boto3: Mutex::new(Some(idle.unwrap_or_else(start))), _world: world };
        bench.ask(&next);
        bench
    }

    /// Runs Python in which `moto` and `front` are the two ways in; gives the value of its last expression.
    #[track_caller]
    pub(crate) fn ask(&self, code: &str) -> Value {
        // boto3 is asked in another process while the front answers in this one.
        tokio::task::block_in_place(|| self.boto3.lock().unwrap().as_mut().unwrap().ask(code))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // After a failure, nobody knows what is still going on in there.
        if !std::thread::panicking() {
            let boto3 = self.boto3.get_mut().unwrap_or_else(PoisonError::into_inner).take();
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).extend(boto3);
        }
    }
}
