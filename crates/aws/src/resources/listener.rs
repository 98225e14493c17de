//! A port that a load balancer listens on.

use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener as Listed, ProtocolEnum};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags, only_one};
use serde::Serialize;

use super::{CertificateIssued, ListenerAction, LoadBalancer, balancing, listeners};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// A listener of an application load balancer, known by its tags. A balancer has one for each port.
#[derive(Debug, Serialize)]
pub struct Listener {
    /// The load balancer's ARN.
    pub load_balancer: Id<LoadBalancer>,
    /// Such as 443.
    pub port: i32,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// The ARN of the certificate of HTTPS, which has to be issued; HTTP has none.
    pub certificate: Option<Id<CertificateIssued>>,
    /// Which versions and ciphers of TLS clients may use, see [`Listener::TLS_POLICY`]; HTTP has none.
    pub tls_policy: Option<String>,
    /// What is done with a request that no rule is about.
    pub action: ListenerAction,
}

impl Listener {
    /// TLS 1.2 and 1.3 with forward secrecy, and key exchange that quantum computers do not break, where the client has it:
    /// what AWS recommends (Elastic Load Balancing user guide, "Security policies for your Application Load Balancer").
    pub const TLS_POLICY: &'static str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";
}

impl Resource for Listener {
    const KIND: &'static str = "listener";
    const FIXED: &'static [&'static str] = &["load_balancer"];
    type Cloud = Account;
    /// The listener's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = listeners::all(cx).await?;
        let owned = all.listeners.iter().filter_map(|(listener, tags)| {
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            let output = Id::new(listener.listener_arn()?);
            Some((key, Found { output, actual: actual(listener), tags: Some(tags.clone()) }))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let mut found = only_one(cx.key, Self::owned(cx).await?)?;
        if let Some(found) = &mut found {
            found.actual.action = self.action.unless_moved(found.actual.action.clone());
        }
        Ok(found)
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.elastic_load_balancing().create_listener().load_balancer_arn(self.load_balancer.get()?);
        let call = call.port(self.port).protocol(self.protocol.as_str().into());
        let call = call.default_actions(self.action.to_sdk(cx).await?);
        let call = call.set_certificates(self.certificates()?).set_ssl_policy(self.tls_policy.clone());
        // A second one of this port is refused, so it may be repeated.
        let made = call.set_tags(Some(balancing::to_sdk(cx.tags))).send().await.edge();
        let made = made.map_err(|error| self.taken(error))?;
        let arn = made.listeners().first().and_then(Listed::listener_arn).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "AWS answered without the ARN of the listener"))
    }

    /// What is done with requests is in the call only if it differs: `CodeDeploy` may be moving them.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.elastic_load_balancing().modify_listener().listener_arn(found.output.get()?);
        let mut call = call.port(self.port).protocol(self.protocol.as_str().into());
        if self.action != found.actual.action {
            call = call.default_actions(self.action.to_sdk(cx).await?);
        }
        let call = call.set_certificates(self.certificates()?).set_ssl_policy(self.tls_policy.clone());
        call.send().await.edge().map(drop).map_err(|error| self.taken(error))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        balancing::tag(found.output.get()?, tags, cx).await
    }

    /// Its rules go with it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.elastic_load_balancing().delete_listener().listener_arn(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

/// Listeners have no names of ours in their ARNs: those of each application load balancer.
const LISTENERS: &[&str] = &["arn:aws:elasticloadbalancing:{region}:{account}:listener/app/*"];

impl Permissions for Listener {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            &["arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/*"],
            &["elasticloadbalancing:CreateListener"],
        ),
        Grant::on(
            LISTENERS,
            &[
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:DeleteListener",
                "elasticloadbalancing:ModifyListener",
            ],
        ),
        // Which of two groups serves.
        Grant::everywhere(&["elasticloadbalancing:DescribeTargetHealth"]),
    ];
}

impl Listener {
    fn certificates(&self) -> Result<Option<Vec<Certificate>>> {
        let Some(arn) = &self.certificate else { return Ok(None) };
        Ok(Some(vec![Certificate::builder().certificate_arn(arn.get()?).build()]))
    }

    /// What to do if the port stays taken: at first it may be this node's own listener that is not listed yet.
    fn taken(&self, error: Error) -> Error {
        if error.code.as_deref() != Some("DuplicateListener") {
            return error;
        }
        error.hint(format!("the load balancer has another listener on port {}: delete that, and run again", self.port))
    }
}

/// A listener without TLS may still carry what it had of it.
fn actual(listener: &Listed) -> Listener {
    let has_tls = listener.protocol() == Some(&ProtocolEnum::Https);
    let certificate = listener.certificates().first().and_then(Certificate::certificate_arn);
    Listener {
        load_balancer: Id::new(listener.load_balancer_arn().unwrap_or_default()),
        port: listener.port().unwrap_or_default(),
        protocol: listener.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned(),
        certificate: certificate.filter(|_| has_tls).map(Id::new),
        tls_policy: listener.ssl_policy().filter(|_| has_tls).map(str::to_owned),
        action: ListenerAction::read(listener.default_actions()),
    }
}
