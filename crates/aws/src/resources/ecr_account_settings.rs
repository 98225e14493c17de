//! What ECR scans images with.

use engine::{Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's settings of ECR, of its region (ECR API reference, `PutAccountSetting`).
#[derive(Clone, Debug, Serialize)]
pub struct EcrAccountSettings {
    /// `AWS_NATIVE`: AWS's own scanner, which knows more operating systems and newer vulnerabilities than the open-source
    /// one of before (Amazon ECR user guide, "Scan images for OS vulnerabilities").
    pub basic_scan_type_version: Option<String>,
}

const BASIC_SCAN_TYPE_VERSION: &str = "BASIC_SCAN_TYPE_VERSION";

impl Permissions for EcrAccountSettings {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecr:GetAccountSetting"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["ecr:PutAccountSetting"])];
}

impl Resource for EcrAccountSettings {
    const KIND: &'static str = "ecr-account-settings";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let answer = cx.ecr().get_account_setting().name(BASIC_SCAN_TYPE_VERSION).send().await.edge()?;
            Ok(Self { basic_scan_type_version: answer.value })
        });
        Ok(Some(Found { output: (), actual: Self::clone(&*actual.await?), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().put_account_setting().name(BASIC_SCAN_TYPE_VERSION);
        call.set_value(self.basic_scan_type_version.clone()).send().await.edge()?;
        Ok(())
    }
}
