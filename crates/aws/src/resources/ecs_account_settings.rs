//! How ECS treats clusters, services and tasks that say nothing about it.

use std::collections::BTreeMap;

use engine::{Cx, Found, Nature, Resource, Result};
use futures_util::future;
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's default settings of ECS, of its region (ECS API reference, `PutAccountSettingDefault`). Only those
/// that are named are looked at.
#[derive(Debug, Serialize)]
pub struct EcsAccountSettings {
    /// Name and value.
    pub settings: BTreeMap<String, String>,
}

impl EcsAccountSettings {
    /// What good practice asks for: metrics down to the container; tags at creation only for who may tag, so that
    /// permissions by tag cannot be got around; and a task that goes on when nobody takes its logs.
    pub fn recommended() -> Self {
        let settings = [
            ("containerInsights", "enhanced"),
            ("defaultLogDriverMode", "non-blocking"),
            ("tagResourceAuthorization", "on"),
        ];
        Self { settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }
}

impl Permissions for EcsAccountSettings {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecs:ListAccountSettings"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["ecs:PutAccountSettingDefault"])];
}

impl Resource for EcsAccountSettings {
    const KIND: &'static str = "ecs-account-settings";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let settings = list(cx, Self::KIND, async {
            // The values that hold, also where nobody has said anything. A page has ten of them at most.
            let mut pages = cx.ecs().list_account_settings().effective_settings(true).into_paginator().send();
            let mut settings = BTreeMap::new();
            while let Some(page) = pages.next().await {
                for setting in page.edge()?.settings.unwrap_or_default() {
                    let Some((name, value)) = setting.name.zip(setting.value) else { continue };
                    if self.settings.contains_key(name.as_str()) {
                        settings.insert(name.as_str().to_owned(), value);
                    }
                }
                if settings.len() == self.settings.len() {
                    break;
                }
            }
            Ok(settings)
        });
        Ok(Some(Found { output: (), actual: Self { settings: BTreeMap::clone(&*settings.await?) }, tags: None }))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let differing = self.settings.iter().filter(|(name, value)| found.actual.settings.get(*name) != Some(*value));
        let changes = differing.map(|(name, value)| async move {
            cx.ecs().put_account_setting_default().name(name.as_str().into()).value(value).send().await.edge()
        });
        future::try_join_all(changes).await.map(drop)
    }
}
