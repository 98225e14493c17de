//! How long it takes to decide, to compare and to match. `cargo bench -p policy` prints the figures.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use policy::{Document, Policies, Request, compare, decide};
use serde_json::{Value, json};

fn document(statements: &[Value]) -> Document {
    Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

fn request(action: &str, resource: &str) -> Request {
    Request::from_value(&json!({
        "principal": "arn:aws:sts::111122223333:assumed-role/backend/task",
        "action": action,
        "resource": resource,
        "context": {"aws:PrincipalOrgID": "o-example", "aws:SourceVpce": "vpce-1", "aws:TagKeys": ["team", "stage"]}
    }))
    .unwrap()
}

/// Statements as a large fleet has them: an account and its repositories each.
fn statements(count: usize) -> Vec<Value> {
    let statement = |number: usize| {
        json!({
            "Sid": format!("Pull{number}"),
            "Effect": if number % 10 == 9 { "Deny" } else { "Allow" },
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:Describe*"],
            "Resource": format!("arn:aws:ecr:us-west-1:2222333344{:02}:repository/team-{number}/*/service-?", number % 100),
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": "o-example"},
                "ForAnyValue:StringLike": {"aws:TagKeys": ["team*", "stage"]}
            }
        })
    };
    (0..count).map(statement).collect()
}

fn deciding(criterion: &mut Criterion) {
    let policy = document(&statements(300));
    let policies = Policies { identity: vec![&policy], ..Policies::default() };
    let last = request("ecr:DescribeImages", "arn:aws:ecr:us-west-1:222233334498:repository/team-298/x/service-1");
    let none = request("s3:GetObject", "arn:aws:s3:::bucket/key");
    criterion.bench_function("decide, 300 statements, the last but one allows", |bencher| {
        bencher.iter(|| decide(black_box(&last), &policies));
    });
    criterion.bench_function("decide, 300 statements, none matches", |bencher| {
        bencher.iter(|| decide(black_box(&none), &policies));
    });
}

fn comparing(criterion: &mut Criterion) {
    let one = document(&statements(200));
    let mut wider = statements(200);
    wider[100]["Resource"] = json!("arn:aws:ecr:us-west-1:222233334400:repository/team-1*/service-?");
    let wider = document(&wider);
    let mut shuffled = statements(200);
    shuffled.reverse();
    let shuffled = document(&shuffled);
    criterion.bench_function("compare, 200 statements with a pattern each, equal in another order", |bencher| {
        bencher.iter(|| compare(&[black_box(&one)], &[&shuffled]));
    });
    criterion.bench_function("compare, 200 statements with a pattern each, one wider", |bencher| {
        bencher.iter(|| compare(&[black_box(&one)], &[&wider]));
    });
    let patterns = |count: usize, suffix: &str| -> Vec<String> {
        (0..count).map(|number| format!("arn:aws:s3:::bucket-{number}-*/logs/*{suffix}")).collect()
    };
    let many = |suffix: &str| {
        let resources = patterns(200, suffix);
        let statement =
            |number: usize| json!({"Effect": "Allow", "Action": format!("s3:Get{number}*"), "Resource": resources});
        document(&(0..200).map(statement).collect::<Vec<_>>())
    };
    let (one, other) = (many(""), many("/x"));
    criterion.bench_function("compare, 200 statements with 200 patterns each, equal", |bencher| {
        bencher.iter(|| compare(&[black_box(&one)], &[&one]));
    });
    criterion.bench_function("compare, 200 statements with 200 patterns each, narrower", |bencher| {
        bencher.iter(|| compare(&[black_box(&one)], &[&other]));
    });
}

fn matching(criterion: &mut Criterion) {
    let glob = |name: &str| {
        document(&[json!({"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{name}")})])
    };
    let (one, other) = (glob("*a*a*a*a*b"), glob("*a*a?*a*a*a*c"));
    let policies = Policies { identity: vec![&one], ..Policies::default() };
    let long = request("s3:GetObject", &format!("arn:aws:s3:::{}", "a".repeat(2000)));
    criterion.bench_function("decide, *a*a*a*a*b against 2000 times a", |bencher| {
        bencher.iter(|| decide(black_box(&long), &policies));
    });
    criterion.bench_function("compare, *a*a*a*a*b with *a*a?*a*a*a*c", |bencher| {
        bencher.iter(|| compare(&[black_box(&one)], &[&other]));
    });
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20);
    targets = deciding, comparing, matching
}
criterion_main!(all);
