//! Keys of KMS: their states, their names and how they rotate.

use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_goes_is_not_used() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "policy = json.dumps({'Version': '2012-10-17', 'Statement': [\n    \
             {'Effect': 'Allow', 'Principal': {'AWS': MANAGEMENT}, 'Action': 'kms:*', 'Resource': '*'}]})\n\
         def key():\n    return front.kms.create_key()['KeyMetadata']['KeyId']\n\
         def each(side, id, blob):\n    \
             kms, on = side.kms, {'KeyId': id}\n    \
             return [refusal(kms.encrypt, **on, Plaintext=b'x'), refusal(kms.decrypt, CiphertextBlob=blob),\n        \
                 refusal(kms.create_alias, AliasName=f'alias/{id[:8]}', TargetKeyId=id), refusal(kms.enable_key_rotation, **on),\n        \
                 refusal(kms.tag_resource, **on, Tags=[{'TagKey': 'a', 'TagValue': 'b'}]), refusal(kms.schedule_key_deletion, **on),\n        \
                 refusal(kms.enable_key, **on)]\n\
         def may(side, id):\n    \
             kms, on = side.kms, {'KeyId': id}\n    \
             return [refusal(kms.describe_key, **on), refusal(kms.get_key_policy, **on, PolicyName='default'),\n        \
                 refusal(kms.put_key_policy, **on, PolicyName='default', Policy=policy), refusal(kms.list_resource_tags, **on),\n        \
                 refusal(kms.cancel_key_deletion, **on)]\n\
         def going(side):\n    \
             id = key()\n    \
             blob = front.kms.encrypt(KeyId=id, Plaintext=b'x')['CiphertextBlob']\n    \
             side.kms.schedule_key_deletion(KeyId=id, PendingWindowInDays=7)\n    \
             return id, blob\n\
         id, blob = going(front)\n\
         found = [each(moto, *going(moto)), each(front, id, blob), may(front, id)]\n\
         found += [[refusal(side.kms.cancel_key_deletion, KeyId=id) for side in (moto, front)]]\n\
         found += [[refusal(side.kms.decrypt, CiphertextBlob=blob) for side in (moto, front)]]\n\
         front.kms.enable_key(KeyId=id)\n\
         found += [refusal(front.kms.decrypt, CiphertextBlob=blob)]\n\
         found + [[refusal(side.kms.schedule_key_deletion, KeyId=key(), PendingWindowInDays=n) for side, n in ((moto, 3), (front, 3), (front, 30))]]",
    );
    let state = "KMSInvalidStateException";
    let expected = json!([
        vec![Value::Null; 7],
        vec![state; 7],
        vec![Value::Null; 5],
        [null, state],
        [null, "DisabledException"],
        null,
        [null, "ValidationException", null]
    ]);
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_keys_are_not_awss_and_rotation_has_a_period() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "id = front.kms.create_key()['KeyMetadata']['KeyId']\n\
         def alias(side, name):\n    return refusal(side.kms.create_alias, AliasName=name, TargetKeyId=id)\n\
         def both(name):\n    return [alias(moto, name), alias(front, name)]\n\
         found = [both('alias/aws/verb'), both('alias/'), both('alias/' + 'a' * 251), alias(front, 'a'), alias(front, 'alias/a'), alias(front, 'alias/a')]\n\
         found += [refusal(front.kms.describe_key, KeyId='alias/none')]\n\
         def rotates(side):\n    return side.kms.get_key_rotation_status(KeyId=id).get('RotationPeriodInDays')\n\
         found += [rotates(front)]\n\
         front.kms.enable_key_rotation(KeyId=id, RotationPeriodInDays=180)\n\
         found + [rotates(moto), rotates(front)]",
    );
    let (invalid, own) = ("ValidationException", "NotAuthorizedException");
    let expected = json!([
        [null, own],
        [null, invalid],
        [null, invalid],
        invalid,
        null,
        "AlreadyExistsException",
        "NotFoundException",
        null,
        null,
        180
    ]);
    assert_eq!(seen, expected);
}
