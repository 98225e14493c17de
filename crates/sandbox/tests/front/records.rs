//! Records are changed as Route 53 lets them be changed.

use serde_json::json;

use crate::bench::Bench;

const WORDS: &str = "
def zone(side, name='verb.example'):
    return side.route53.create_hosted_zone(Name=name, CallerReference=str(time.time()))['HostedZone']['Id']
def record(name, kind='A', *values, ttl=60, **more):
    values = values or ('192.0.2.1',)
    return {'Name': name, 'Type': kind, 'TTL': ttl, 'ResourceRecords': [{'Value': v} for v in values], **more}
def change(side, zone, action, record):
    changes = {'Changes': [{'Action': action, 'ResourceRecordSet': record}]}
    return side.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)['ChangeInfo']
def tried(side, zone, *steps):
    return [refusal(change, side, zone, action, record) for action, record in steps]
def names(side, zone):
    return [s['Name'] for s in side.route53.list_resource_record_sets(HostedZoneId=zone)['ResourceRecordSets']]
";

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_judged_by_what_is_there() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}\nNone"));
    let seen = bench.ask(
        "steps = [('CREATE', record('a.verb.example')), ('CREATE', record('a.verb.example', ttl=30)),\n    \
             ('UPSERT', record('a.verb.example', 'A', '192.0.2.2')), ('DELETE', record('a.verb.example')),\n    \
             ('CREATE', record('a.overb.example')), ('CREATE', record('t.verb.example', 'TXT', 'bare')),\n    \
             ('CREATE', record('verb.example', 'CNAME', 'b.example')),\n    \
             ('CREATE', record('a.verb.example', 'CNAME', 'b.example')),\n    \
             ('DELETE', record('A.verb.example.', 'A', '192.0.2.2'))]\n\
         [tried(side, zone(side), *steps) for side in (moto, front)]",
    );
    let (passes, refused) = (json!(null), json!("InvalidChangeBatch"));
    // Where moto refuses a deletion, it is because the one before had its effect there.
    let of_front = json!([passes, refused, passes, refused, refused, refused, refused, refused, passes]);
    assert_eq!(seen[1], of_front);
    assert_eq!(seen[0].as_array().unwrap()[1..8].iter().filter(|code| !code.is_null()).count(), 0, "{seen}");

    let said = bench.ask(
        "def words(call, *arguments):\n    \
             try:\n        call(*arguments)\n    except ClientError as error:\n        return error.response['Error']['Message']\n\
         words(change, front, zone(front), 'DELETE', record('a.verb.example'))",
    );
    assert_eq!(said, "[Tried to delete resource record set [name='a.verb.example.', type='A'] but it was not found]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_comes_back_in_one_form() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}\nNone"));
    let seen = bench.ask(
        "def wild(side):\n    \
             id = zone(side)\n    \
             change(side, id, 'CREATE', record('*.A.verb.example'))\n    \
             found = names(side, id)[-1]\n    \
             return [found, refusal(change, side, id, 'DELETE', record(found)), len(names(side, id))]\n\
         [wild(side) for side in (moto, front)]",
    );
    assert_eq!(seen[0][0], "*.A.verb.example.");
    assert_eq!(seen[1], json!([r"\052.a.verb.example.", null, 2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_with_a_delegation_is_not_empty() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}\nNone"));
    let seen = bench.ask(
        "def gone(side):\n    \
             id = zone(side)\n    \
             below = record('dev.verb.example', 'NS', 'ns.b.example')\n    \
             change(side, id, 'CREATE', below)\n    \
             return [refusal(side.route53.delete_hosted_zone, Id=id), refusal(change, side, id, 'DELETE', below),\n        \
                 refusal(side.route53.delete_hosted_zone, Id=id)]\n\
         [gone(side) for side in (moto, front)]",
    );
    let gone = "NoSuchHostedZone";
    assert_eq!(seen, json!([[null, gone, gone], ["HostedZoneNotEmpty", null, null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_servers_know_a_change_later() {
    let bench = Bench::new("pending=700ms").await;
    bench.ask(&format!("{WORDS}\nNone"));
    let seen = bench.ask(
        "def known(side):\n    \
             made = change(side, zone(side), 'CREATE', record('a.verb.example'))\n    \
             status = lambda: side.route53.get_change(Id=made['Id'])['ChangeInfo']['Status']\n    \
             states = [made['Status'], status()]\n    \
             time.sleep(0.8)\n    \
             return states + [status()]\n\
         [known(side) for side in (moto, front)]",
    );
    assert_eq!(seen, json!([["INSYNC", "INSYNC", "INSYNC"], ["PENDING", "PENDING", "INSYNC"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_has_the_algorithm_that_was_asked_for_and_a_token_is_one_call() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def request(token):\n    \
             return front.acm.request_certificate(DomainName='a.verb.example', ValidationMethod='DNS', KeyAlgorithm='EC_prime256v1',\n        \
                 IdempotencyToken=token)['CertificateArn']\n\
         arn = request('t')\n\
         kind = front.acm.describe_certificate(CertificateArn=arn)['Certificate']['KeyAlgorithm']\n\
         front.acm.delete_certificate(CertificateArn=arn)\n\
         [kind, request('t') == arn, refusal(front.acm.describe_certificate, CertificateArn=arn), request('u') == arn]",
    );
    assert_eq!(seen, json!(["EC_prime256v1", true, "ResourceNotFoundException", false]));
}
