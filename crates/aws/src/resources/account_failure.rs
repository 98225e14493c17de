//! Why an account could not be made, invited or closed, in a sentence with what to do. Reasons: Organizations API reference,
//! `CreateAccountStatus` (`FailureReason`), `ConstraintViolationException` and `HandshakeConstraintViolationException`.

use aws_sdk_organizations::types::{CreateAccountFailureReason, CreateAccountStatus};
use engine::{Class, Error};

/// What a reason means for the run, in a sentence, and what to do.
type Meaning = (Class, &'static str, &'static str);

const SUPPORT: &str = "run again; if it fails again, give AWS Support the request id";
const PAYMENT: &str = "set a valid payment method in the billing console of the management account, and run again";
const LICENSE: &str = "finish the validation of the business license in the console of the management account (only in China), and run again";

/// Why a request for an account failed.
fn of_request(reason: &CreateAccountFailureReason) -> Meaning {
    use CreateAccountFailureReason as R;
    match reason {
        R::AccountLimitExceeded => (
            Class::Invalid,
            "the organization has as many accounts as it may have",
            "ask for more in Service Quotas (AWS Organizations, maximum accounts, in us-east-1); closed accounts count for \
             90 days",
        ),
        R::ConcurrentAccountModification => {
            (Class::NotYet, "the same account was asked for a moment ago", "run again in some minutes")
        }
        R::EmailAlreadyExists => (
            Class::Invalid,
            "another AWS account has this e-mail address, perhaps one that was closed",
            "set another `email` in the account's file; a closed account keeps its address for good",
        ),
        R::FailedBusinessValidation => {
            (Class::Invalid, "the management account's business license was refused", LICENSE)
        }
        R::GovcloudAccountAlreadyExists => (
            Class::Invalid,
            "there is an account with this e-mail address in AWS GovCloud (US)",
            "set another `email` in the account's file",
        ),
        R::InternalFailure => (Class::Other, "AWS failed", SUPPORT),
        R::InvalidAddress => (
            Class::Invalid,
            "AWS does not accept the postal address that the management account gives to new accounts",
            "mend the contact information of the management account, and run again",
        ),
        R::InvalidEmail => (
            Class::Invalid,
            "AWS does not accept the e-mail address",
            "set another `email` in the account's file, or mend the pattern `email` in orgstrap.toml",
        ),
        R::InvalidIdentityForBusinessValidation => {
            (Class::Invalid, "the identity of the management account is not valid for its business license", LICENSE)
        }
        R::InvalidPaymentInstrument => {
            (Class::Invalid, "AWS does not accept the management account's payment method", PAYMENT)
        }
        R::MissingBusinessValidation => (Class::Invalid, "the management account has no business license", LICENSE),
        R::MissingPaymentInstrument => (Class::Invalid, "the management account has no payment method", PAYMENT),
        R::PendingBusinessValidatioNv => {
            (Class::Invalid, "the management account's business license is still looked at", LICENSE)
        }
        R::UnknownBusinessValidation => {
            (Class::Invalid, "something is wrong with the management account's business license", LICENSE)
        }
        R::UpdateExistingResourcePolicyWithTagsNotSupported => (
            Class::Other,
            "AWS Organizations took the request for one that changes tags of its resource policy",
            SUPPORT,
        ),
        // What this SDK does not know; the test names every other.
        _ => (Class::Other, "AWS gives a reason that this version does not know", SUPPORT),
    }
}

/// Why a request for an account, an invitation or a closure was not even taken.
#[expect(clippy::too_many_lines, reason = "one entry for each reason that AWS gives")]
fn of_constraint(reason: &str) -> Option<Meaning> {
    let full = "ask for more in Service Quotas (AWS Organizations, maximum accounts, in us-east-1); closed accounts count. \
                If the organization was made within the last hour, run again after that";
    Some(match reason {
        // One more has to wait, not to fail.
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" => (
            Class::NotYet,
            "AWS makes as many accounts at a time as it does",
            "others are being made in this organization: run again in some minutes",
        ),
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED" => {
            (Class::Invalid, "the organization has as many accounts as it may have", full)
        }
        "ACCOUNT_CREATION_NOT_COMPLETE" => (
            Class::Invalid,
            "the management account itself is not fully set up",
            "finish its sign-up in the console (payment method, phone verification), and run again",
        ),
        "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE" => (
            Class::Invalid,
            "the management account's postal address belongs to another AWS seller",
            "change the seller of the management account in its tax settings or its address, and run again",
        ),
        "MASTER_ACCOUNT_MISSING_CONTACT_INFO" => (
            Class::Invalid,
            "the management account has no valid postal address and phone number",
            "set them in its account settings, and run again",
        ),
        "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE" => {
            (Class::Invalid, "the management account has no business license", LICENSE)
        }
        "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED" => (
            Class::Invalid,
            "the management account has no account in AWS GovCloud (US)",
            "sign up for GovCloud from the management account, and run again",
        ),
        "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED" | "INVALID_PAYMENT_INSTRUMENT" | "PAYMENT_INSTRUMENT_REQUIRED" => {
            (Class::Invalid, "the management account has no valid payment method", PAYMENT)
        }
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED" => (
            Class::Invalid,
            "the account has no valid payment method",
            "set one in the billing console of that account, and run again",
        ),
        "UNMET_BILLING_PREREQUISITE" => {
            (Class::Invalid, "the management account's billing is not fully set up", PAYMENT)
        }
        "UNSUPPORTED_PRICING" => (
            Class::Invalid,
            "the management account's pricing plan allows no organization",
            "move it to the paid plan in its billing console, and run again",
        ),
        "MAX_TAG_LIMIT_EXCEEDED" => {
            (Class::Invalid, "the account would have more than 50 tags", "take some `tags` out of the account's file")
        }
        "TAG_POLICY_VIOLATION" => (
            Class::Invalid,
            "a tag policy of the organization forbids one of the account's tags",
            "set `tags` in the account's file as the tag policy wants them",
        ),
        "WAIT_PERIOD_ACTIVE" => (
            Class::Invalid,
            "AWS asks for some days between this and an earlier change of the organization",
            "run again in some days; the message of AWS says when",
        ),
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE" => (
            Class::Invalid,
            "the organization has consolidated billing only",
            "enable all features in the AWS Organizations console; every member account has to accept",
        ),
        "HANDSHAKE_RATE_LIMIT_EXCEEDED" => (
            Class::Invalid,
            "the organization has sent all invitations that it may send in a day",
            "run again tomorrow",
        ),
        "ALREADY_IN_AN_ORGANIZATION" => (
            Class::Invalid,
            "the account is in another organization",
            "it has to leave that one first: aws organizations leave-organization, with its own credentials; then run again",
        ),
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES" => (
            Class::Invalid,
            "nobody can be invited while all features are being enabled",
            "finish that in the AWS Organizations console, and run again",
        ),
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD" => (
            Class::Invalid,
            "the account has another AWS seller than the organization",
            "both have to have the same: AWS Support can change it",
        ),
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED" => {
            (Class::Invalid, "the account has joined and left organizations too often", "run again in some days")
        }
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED" => (
            Class::Invalid,
            "the e-mail address of the management account is not verified",
            "have the mail sent again in the AWS Organizations console, follow the link in it, and run again",
        ),
        "PAST_DUE_INVOICE" => (
            Class::Invalid,
            "an invoice is past due",
            "pay it in the billing console of the account that AWS's message names, and run again",
        ),
        "UNUSED_PREPAYMENT_BALANCE" => (
            Class::Invalid,
            "the account has money prepaid that is not used up",
            "use it up, or have AWS Support move it, and run again",
        ),
        "TARGET_ACCOUNT_VALIDATION_FAILURE" => (
            Class::Invalid,
            "the invited account does not meet what AWS asks of members",
            "its owner has to finish sign-up, payment method and contact information in its console; then run again",
        ),
        "SOURCE_AND_TARGET_CANNOT_MATCH" => (
            Class::Invalid,
            "the management account cannot be invited into its own organization",
            "the account's file has the wrong `id`",
        ),
        "CLOSE_ACCOUNT_QUOTA_EXCEEDED" => (
            Class::Invalid,
            "the organization has closed as many accounts as it may within 30 days: 250, or a fifth of its members if that is \
             more, and never more than 1000",
            "nothing else is left to do: run again when the first of those closures is 30 days ago",
        ),
        "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED" => {
            (Class::NotYet, "other accounts are being closed", "nothing else is left to do: run again in some minutes")
        }
        "CANNOT_CLOSE_MANAGEMENT_ACCOUNT" => {
            (Class::Invalid, "it is the management account", "the account's file has the wrong `id` or `email`")
        }
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG" => (
            Class::Invalid,
            "the account is the delegated administrator of a service",
            "name another one in orgstrap.toml and apply that first",
        ),
        _ => return None,
    })
}

/// Why a request or an invitation could not be taken as it was written (Organizations API reference, `CreateAccount`,
/// `InvalidInputException`).
fn of_input(reason: &str) -> Option<Meaning> {
    Some(match reason {
        "INVALID_EMAIL_ADDRESS_TARGET" => (
            Class::Invalid,
            "the e-mail address is not valid for the root user of an account",
            "set another `email` in the account's file, or mend the pattern `email` in orgstrap.toml",
        ),
        "INVALID_FULL_NAME_TARGET" => (
            Class::Invalid,
            "the account's name has characters that AWS does not take",
            "set another `name` in the account's file: letters, digits, spaces and plain punctuation",
        ),
        "INVALID_ROLE_NAME" => (
            Class::Invalid,
            "AWS does not take the name of the bootstrap role",
            "set `role` in [access] of orgstrap.toml: letters, digits and +=,.@-_, 64 at most, and no name that AWS reserves",
        ),
        "INVALID_PATTERN" | "MIN_LENGTH_EXCEEDED" | "MAX_LENGTH_EXCEEDED" | "INPUT_REQUIRED" => (
            Class::Invalid,
            "a value that describes the account is missing, too short, too long or malformed",
            "mend `name` (50 characters at most), `email` (6 to 64) or `tags` in the account's file, whichever AWS's message names",
        ),
        "DUPLICATE_TAG_KEY" | "INVALID_SYSTEM_TAGS_PARAMETER" => (
            Class::Invalid,
            "a tag of the account comes twice, or begins with `aws:`",
            "mend `tags` in the account's file; the case of keys means nothing here",
        ),
        "INVALID_PARTY_TYPE_TARGET" | "INVALID_PATTERN_TARGET_ID" => (
            Class::Invalid,
            "whom the invitation is for is no account",
            "mend `id` in the account's file: twelve digits",
        ),
        _ => return None,
    })
}

/// The error of a request that failed, for the account `name` with the address `email`.
pub(super) fn unmade(status: &CreateAccountStatus, name: &str, email: &str) -> Error {
    let unknown = CreateAccountFailureReason::from("no reason");
    let reason = status.failure_reason().unwrap_or(&unknown);
    let (class, sentence, remedy) = of_request(reason);
    Error {
        code: Some(reason.as_str().into()),
        request_id: status.id().map(Into::into),
        operation: Some("organizations:CreateAccount".into()),
        ..Error::new(class, format!("{name} ({email}) could not be made: {sentence}"))
    }
    .hint(remedy)
}

/// The error of a request that was not taken.
pub(super) fn refused(error: Error, reason: Option<&str>) -> Error {
    explained(error, reason, "the account could not be made")
}

/// The error of an invitation that was not sent.
pub(super) fn uninvited(error: Error, reason: Option<&str>) -> Error {
    explained(error, reason, "the account could not be invited")
}

/// The error of a closure that was not begun.
pub(super) fn unclosed(error: Error, reason: Option<&str>) -> Error {
    explained(error, reason, "the account could not be closed")
}

fn explained(error: Error, reason: Option<&str>, what: &str) -> Error {
    let Some(reason) = reason else { return error };
    let code = format!("{}: {reason}", error.code.as_deref().unwrap_or_default());
    let error = Error { code: Some(code.into()), ..error };
    match of_constraint(reason).or_else(|| of_input(reason)) {
        Some((class, sentence, remedy)) => {
            Error { class, message: format!("{what}: {sentence}").into(), ..error }.hint(remedy)
        }
        None => error,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::collections::BTreeSet;

    use super::*;

    /// Every reason of the API reference, with the class and a word of the remedy.
    const REASONS: [(&str, Class, &str); 16] = [
        ("ACCOUNT_LIMIT_EXCEEDED", Class::Invalid, "Service Quotas"),
        ("CONCURRENT_ACCOUNT_MODIFICATION", Class::NotYet, "run again"),
        ("EMAIL_ALREADY_EXISTS", Class::Invalid, "`email`"),
        ("FAILED_BUSINESS_VALIDATION", Class::Invalid, "license"),
        ("GOVCLOUD_ACCOUNT_ALREADY_EXISTS", Class::Invalid, "`email`"),
        ("INTERNAL_FAILURE", Class::Other, "AWS Support"),
        ("INVALID_ADDRESS", Class::Invalid, "contact information"),
        ("INVALID_EMAIL", Class::Invalid, "`email`"),
        ("INVALID_IDENTITY_FOR_BUSINESS_VALIDATION", Class::Invalid, "license"),
        ("INVALID_PAYMENT_INSTRUMENT", Class::Invalid, "payment method"),
        ("MISSING_BUSINESS_VALIDATION", Class::Invalid, "license"),
        ("MISSING_PAYMENT_INSTRUMENT", Class::Invalid, "payment method"),
        ("PENDING_BUSINESS_VALIDATION", Class::Invalid, "license"),
        ("UNKNOWN_BUSINESS_VALIDATION", Class::Invalid, "license"),
        ("UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED", Class::Other, "AWS Support"),
        ("SOMETHING_NEW", Class::Other, "AWS Support"),
    ];

    #[test]
    fn every_reason_of_a_failed_request_has_a_sentence_of_its_own() {
        let mut sentences = BTreeSet::new();
        for (reason, class, remedy) in REASONS {
            let status = CreateAccountStatus::builder().id("car-12345678").failure_reason(reason.into()).build();
            let error = unmade(&status, "shop", "aws+shop@verb.example");
            assert_eq!((error.class, error.code.as_deref()), (class, Some(reason)));
            assert_eq!(error.request_id.as_deref(), Some("car-12345678"));
            assert!(error.message.starts_with("shop (aws+shop@verb.example) could not be made: "), "{error}");
            assert!(error.hint.as_ref().unwrap().contains(remedy), "{reason}: {:?}", error.hint);
            assert!(sentences.insert(error.message), "{reason} has the sentence of another");
        }
        let known = CreateAccountFailureReason::values();
        let tabled: BTreeSet<&str> = REASONS.iter().map(|(reason, ..)| *reason).collect();
        let missing: Vec<_> = known.iter().filter(|reason| !tabled.contains(*reason)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn what_was_not_taken_says_why() {
        let cases = [
            ("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", Class::NotYet, "minutes"),
            ("ACCOUNT_NUMBER_LIMIT_EXCEEDED", Class::Invalid, "Service Quotas"),
            ("ACCOUNT_CREATION_NOT_COMPLETE", Class::Invalid, "sign-up"),
            ("MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE", Class::Invalid, "seller"),
            ("MASTER_ACCOUNT_MISSING_CONTACT_INFO", Class::Invalid, "account settings"),
            ("MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE", Class::Invalid, "license"),
            ("MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED", Class::Invalid, "GovCloud"),
            ("MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", Class::Invalid, "payment method"),
            ("UNMET_BILLING_PREREQUISITE", Class::Invalid, "payment method"),
            ("UNSUPPORTED_PRICING", Class::Invalid, "paid plan"),
            ("MAX_TAG_LIMIT_EXCEEDED", Class::Invalid, "`tags`"),
            ("TAG_POLICY_VIOLATION", Class::Invalid, "`tags`"),
            ("WAIT_PERIOD_ACTIVE", Class::Invalid, "days"),
            ("ALREADY_IN_AN_ORGANIZATION", Class::Invalid, "leave-organization"),
            ("HANDSHAKE_RATE_LIMIT_EXCEEDED", Class::Invalid, "tomorrow"),
            ("CLOSE_ACCOUNT_QUOTA_EXCEEDED", Class::Invalid, "30 days"),
            ("MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED", Class::Invalid, "link"),
            ("PAST_DUE_INVOICE", Class::Invalid, "pay it"),
            ("TARGET_ACCOUNT_VALIDATION_FAILURE", Class::Invalid, "owner"),
            ("INVALID_EMAIL_ADDRESS_TARGET", Class::Invalid, "`email`"),
            ("INVALID_FULL_NAME_TARGET", Class::Invalid, "`name`"),
            ("INVALID_ROLE_NAME", Class::Invalid, "`role`"),
            ("MAX_LENGTH_EXCEEDED", Class::Invalid, "50 characters"),
            ("DUPLICATE_TAG_KEY", Class::Invalid, "`tags`"),
        ];
        let answer = || Error {
            code: Some("ConstraintViolationException".into()),
            request_id: Some("1-2-3".into()),
            ..Error::new(Class::Invalid, "You have exceeded something.")
        };
        for (reason, class, remedy) in cases {
            let error = refused(answer(), Some(reason));
            assert_eq!((error.class, error.request_id.as_deref()), (class, Some("1-2-3")));
            assert_eq!(*error.code.unwrap(), *format!("ConstraintViolationException: {reason}"));
            assert!(error.message.starts_with("the account could not be made: "), "{}", error.message);
            assert!(error.hint.as_ref().unwrap().contains(remedy), "{reason}: {:?}", error.hint);
        }
        let other = refused(answer(), Some("SOMETHING_NEW"));
        assert_eq!(*other.message, *"You have exceeded something.", "AWS's own words stay");
        assert!(other.to_string().contains("SOMETHING_NEW"));
    }
}
