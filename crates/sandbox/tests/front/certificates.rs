//! A certificate is issued when its records are found.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_waits_for_its_records_wherever_their_zone_is() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "id, dns = front.account('dns')\n\
         def request(side, name='*.verb.example', **more):\n    \
             return side.acm.request_certificate(DomainName=name, ValidationMethod='DNS', **more)['CertificateArn']\n\
         def describe(side, arn):\n    return side.acm.describe_certificate(CertificateArn=arn)['Certificate']\n\
         def status(side, arn):\n    return describe(side, arn)['Status']\n\
         def listed(*states):\n    \
             found = front.acm.list_certificates(CertificateStatuses=list(states))['CertificateSummaryList']\n    \
             return [certificate['CertificateArn'] for certificate in found]\n\
         arn = request(front, SubjectAlternativeNames=['verb.example', 'api.verb.example'])\n\
         time.sleep(1.2)\n\
         [status(moto, arn), status(front, arn), 'IssuedAt' in describe(front, arn), listed('ISSUED'), len(listed())]",
    );
    assert_eq!(seen, json!(["ISSUED", "PENDING_VALIDATION", false, [], 1]));
    let seen = bench.ask(
        "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n    \
             for n, zone in enumerate('ab')]\n\
         balancer = moto.elbv2.create_load_balancer(Name='web', Subnets=subnets)['LoadBalancers'][0]['LoadBalancerArn']\n\
         def listen(side, port):\n    \
             answer = [{'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '200'}}]\n    \
             side.elbv2.create_listener(LoadBalancerArn=balancer, Protocol='HTTPS', Port=port, DefaultActions=answer,\n        \
                 Certificates=[{'CertificateArn': arn}])\n\
         def publish(side, zone, records):\n    \
             changes = [{'Action': 'UPSERT', 'ResourceRecordSet': {'Name': name, 'Type': 'CNAME', 'TTL': 60,\n        \
                 'ResourceRecords': [{'Value': value}]}} for name, value in records]\n    \
             side.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={'Changes': changes})\n\
         options = describe(front, arn)['DomainValidationOptions']\n\
         records = sorted({(option['ResourceRecord']['Name'], option['ResourceRecord']['Value']) for option in options})\n\
         zone = dns.route53.create_hosted_zone(Name='verb.example', CallerReference='a')['HostedZone']['Id']\n\
         early = [refusal(listen, moto, 80), refusal(listen, front, 443)]\n\
         publish(dns, zone, records[:1])\n\
         found = [len(records), early, status(front, arn)]\n\
         publish(dns, zone, [(name, 'wrong.' + value) for name, value in records[1:]])\n\
         found += [status(front, arn)]\n\
         publish(dns, zone, records)\n\
         found += [status(front, arn), refusal(listen, front, 443), listed('ISSUED') == [arn], listed('PENDING_VALIDATION')]\n\
         moto.acm.delete_certificate(CertificateArn=request(moto, 'a.verb.example'))\n\
         found + [refusal(front.acm.delete_certificate, CertificateArn=arn)]",
    );
    let waits = "PENDING_VALIDATION";
    let early = [None, Some("UnsupportedCertificate")];
    assert_eq!(seen, json!([2, early, waits, waits, "ISSUED", null, true, [], "ResourceInUseException"]));
    // In bad weather, the records themselves are known only later.
    bench.front.set_weather("pending=2s".parse().unwrap());
    let seen = bench.ask(
        "late = request(front, 'late.verb.example')\n\
         found = ['ResourceRecord' in describe(front, late)['DomainValidationOptions'][0]]\n\
         time.sleep(2.1)\n\
         found + ['ResourceRecord' in describe(front, late)['DomainValidationOptions'][0], status(front, late), status(front, arn)]",
    );
    assert_eq!(seen, json!([false, true, waits, "ISSUED"]));
}
