//! What accounts held before they were emptied.

use ledger::{Inventory, InventoryEnd, Item, Left};
use serde_json::json;

use crate::bench::{Bench, at};

fn inventory(account: &str, run: &str) -> Inventory {
    let item = Item {
        key: format!("{account}/subnet/public-a"),
        kind: "subnet".into(),
        id: Some("subnet-0".into()),
        action: "delete".into(),
        state: json!({"cidr": "10.20.0.0/24"}),
        tags: Some([("team".to_owned(), "cms".to_owned())].into()),
        outcome: None,
        settled: None,
        error: None,
    };
    let (account, run, at) = (account.into(), run.into(), at("2026-11-23T10:00:00.25Z"));
    Inventory { account, id: Some("111122223333".into()), run, at, objects: vec![item], end: None }
}

#[tokio::test]
async fn an_inventory_is_completed_in_its_place() {
    for bench in Bench::all() {
        let ledger = bench.here();
        let (run, other) = ("20261123T100000Z-1f3a", "20261124T100000Z-2b2b");
        assert_eq!(ledger.inventory("dev", run).await.unwrap(), None);
        let mut taken = inventory("dev", run);
        let place = ledger.write_inventory(&taken).await.unwrap();
        assert!(place.ends_with("/inventories/dev/20261123T100000.250000000Z-20261123T100000Z-1f3a.json"), "{place}");
        assert_eq!(ledger.inventory("dev", run).await.unwrap(), Some((place.clone(), taken.clone())));

        taken.objects[0].outcome = Some("deleted".into());
        taken.objects[0].settled = Some(at("2026-11-23T10:01:00Z"));
        let left =
            Left { at: at("2026-11-23T10:01:00Z"), key: "dev/db-instance/dev".into(), what: "a snapshot".into() };
        taken.end = Some(InventoryEnd { at: at("2026-11-23T10:02:00Z"), exit: "done".into(), left: vec![left] });
        assert_eq!(ledger.write_inventory(&taken).await.unwrap(), place);
        ledger.write_inventory(&inventory("dev", other)).await.unwrap();
        ledger.write_inventory(&inventory("dev-2", run)).await.unwrap();
        assert_eq!(ledger.inventory("dev", run).await.unwrap(), Some((place, taken)));
    }
}
