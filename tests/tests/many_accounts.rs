//! Hundreds of accounts that use one image, and a hundred images: documents have their limit, and plans their time.

use std::fmt::Write;
use std::fs;
use std::time::Instant;

use end_to_end::World;
use serde_json::Value;

/// So many projects that all use one image, and so many images of the first one beside it.
fn fleet(world: &World, projects: usize, images: usize) {
    let accounts = world.folder().join("accounts");
    for file in ["headless-cms-dev.toml", "storefront-dev.toml"] {
        let _gone_already = fs::remove_file(accounts.join(file));
    }
    fs::write(accounts.join("verb-common.toml"), "").unwrap();
    for number in 0..projects {
        let (second, third) = (number / 128 + 20, number % 128 * 2);
        let mut text = format!(
            "[network]\ncidr = \"10.{second}.{third}.0/24\"\n\n[dns]\ndomain = \"p{number:03}.verb.example\"\n\n\
             [service.web]\nimage = \"all/web\"\nport = 80\n"
        );
        let range = (number..images).step_by(projects.max(1)).enumerate();
        for (at, image) in range {
            let _ = write!(
                text,
                "\n[service.s{at}]\nimage = \"team/image-{image:03}\"\nport = 80\npaths = [\"/{at}/*\"]\n"
            );
        }
        fs::write(accounts.join(format!("p{number:03}.toml")), text).unwrap();
    }
}

/// The accounts exist, as far as the organization says.
fn enroll(world: &World, projects: usize) {
    world.boto3(&format!(
        "org = root('organizations')\n\
         try:\n    org.create_organization(FeatureSet='ALL')\nexcept Exception:\n    pass\n\
         for number in range({projects}):\n    \
             org.create_account(AccountName=f'p{{number:03}}', Email=f'aws+p{{number:03}}@verb.example')\n\
         None"
    ));
}

fn calls(json: &Value) -> u64 {
    json["stats"].as_array().unwrap().iter().map(|row| row["calls"].as_u64().unwrap()).sum()
}

#[test]
fn three_hundred_accounts_and_a_hundred_and_twenty_registries() {
    let (projects, more, images) = (300, 320, 119);
    let world = World::new();
    fleet(&world, projects, images);
    enroll(&world, more);
    // Each account in the policy is some 33 characters, and a registry takes 10,240. It is said although the account that the
    // registry is in does not exist yet.
    let said = world.orgstrap(&["plan", "verb-common"]).exits(2).stderr;
    assert!(said.contains("repository-policy/all/web") && said.contains("of 10240 characters"), "{said}");
    assert!(said.contains("pull = \"units\""), "{said}");
    world.orgstrap(&["apply", "verb-common"]).exits(0);
    let began = Instant::now();
    let plan = world.orgstrap(&["plan", "verb-common", "--stats", "--format", "json"]).exits(0).json();
    print_figures(began, &plan, projects, images);
    // Pages of the organization's list, and two calls for each registry: none for each account.
    let per_registry = 2 * (images as u64 + 1);
    assert!(calls(&plan) < per_registry + 80, "{} calls", calls(&plan));
    assert!(plan["summary"]["in_sync"].as_u64().unwrap() > 240, "{}", plan["summary"]);

    // Some more do not fit, which is said before anything is done, and what is said to do about it helps.
    let written = policy(&world);
    fleet(&world, more, images);
    let refused = world.orgstrap(&["apply", "verb-common"]).exits(1);
    let refused = refused.stdout + &refused.stderr;
    assert!(refused.contains("all/web") && refused.contains("AWS takes 10240"), "{refused}");
    assert!(refused.contains("pull = \"units\""), "{refused}");
    assert_eq!(policy(&world), written, "nothing was done");
    fs::write(world.folder().join("accounts/verb-common.toml"), "[registry]\npull = \"units\"\n").unwrap();
    world.orgstrap(&["apply", "verb-common"]).exits(0);
    world.orgstrap(&["plan", "verb-common"]).exits(0);
    assert!(written.contains(":root") && !written.contains("aws:PrincipalOrgPaths"), "{written}");
    let by_units = policy(&world);
    assert!(!by_units.contains(":root") && by_units.contains("aws:PrincipalOrgPaths"), "{by_units}");
}

/// Who may pull the image that all use, as boto3 reads it.
fn policy(world: &World) -> String {
    let read =
        "member('verb-common').session.client('ecr').get_repository_policy(repositoryName='all/web')['policyText']";
    world.boto3(read).as_str().unwrap().to_owned()
}

#[expect(clippy::print_stdout, reason = "the figures that it is run for")]
fn print_figures(began: Instant, plan: &Value, projects: usize, images: usize) {
    println!("{projects} accounts, {} registries: {:.1?}, {} calls", images + 1, began.elapsed(), calls(plan));
}
