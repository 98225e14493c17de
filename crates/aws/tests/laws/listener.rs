//! The law of listeners.

use std::sync::OnceLock;

use aws::resources::{Listener, ListenerAction, LoadBalancer, TargetGroup};
use engine::{Handle, Id};
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
def action(actions):
    [one] = actions
    if one["Type"] == "forward":
        return {"forward": one["TargetGroupArn"]}
    to = one["RedirectConfig"]
    assert (one["Type"], to["Protocol"], to["Port"], to["StatusCode"]) == ("redirect", "HTTPS", "443", "HTTP_301"), one
    return "redirect-to-https"

def one(listener):
    has_tls = listener["Protocol"] == "HTTPS"
    return {
        "load_balancer": listener["LoadBalancerArn"],
        "port": listener["Port"],
        "protocol": listener["Protocol"],
        "certificate": listener["Certificates"][0]["CertificateArn"] if has_tls else None,
        "tls_policy": listener["SslPolicy"] if has_tls else None,
        "action": action(listener["DefaultActions"]),
        "tags": tags_of(listener),
    }

[one(listener) for balancer in every(elbv2, "describe_load_balancers", "LoadBalancers")
    for listener in balancing("describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"])]
"#;

/// A certificate that is there already.
const CERTIFICATE: &str = r"
import datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'example.com')])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=9)).sign(key, hashes.SHA256()))
pem = serialization.Encoding.PEM
plain = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
acm.import_certificate(Certificate=certificate.public_bytes(pem), PrivateKey=plain)['CertificateArn']
";

static ARN: OnceLock<String> = OnceLock::new();

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let arn = world.boto3(CERTIFICATE);
    ARN.get_or_init(|| arn.as_str().expect("a certificate has an ARN").to_owned());
    let law = Law::<(Handle<LoadBalancer>, Handle<LoadBalancer>, Handle<TargetGroup>), _>::new(
        "web",
        |scope| {
            let vpc = given::vpc(scope, "main");
            let [one, other] = given::load_balancers(scope, vpc);
            (one, other, given::target_group(scope, "backend", vpc))
        },
        |(one, other, group), variant| Listener {
            load_balancer: variant.fix("load_balancer", one, other).arn,
            port: variant.change(80, 443),
            protocol: variant.change("HTTP", "HTTPS").into(),
            certificate: variant.change(None, ARN.get().map(|arn| Id::new(arn.as_str()))),
            tls_policy: variant.change(None, Some(Listener::TLS_POLICY.into())),
            action: variant.change(ListenerAction::RedirectToHttps, ListenerAction::Forward(group)),
        },
        OUTSIDE,
    );
    // Each of the two load balancers is asked, and its tags are in no list.
    law.reads_per_object(3).holds(&world).await;
    // Where there are two groups it is seen which of them serves.
    world.settle(&world.graph(|scope| _ = given::blue_green(scope))).await;
    world.needed_all_declared_by::<Listener>();
}
