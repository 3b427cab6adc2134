//! The names of columns and fields that do not follow from attributes.

/// The prefix of the columns for custom attributes.
pub const ATTRIBUTES: &str = "attributes.";

/// Columns of the primary group: its path, and its id.
pub const GROUP_PATH: &str = "customerGroup";
pub const GROUP_ID: &str = "customerGroupId";

/// Columns of further groups: their paths, separated by `|` (in NDJSON a list), and their ids.
pub const GROUP_PATHS: &str = "customerGroups";
pub const GROUP_IDS: &str = "customerGroupIds";

/// Columns of the loyalty program and its tier: by `externalId` or name, or by id.
pub const PROGRAM: &str = "loyaltyProgram";
pub const TIER: &str = "loyaltyProgramTier";
pub const PROGRAM_ID: &str = "loyaltyProgramId";
pub const TIER_ID: &str = "loyaltyProgramTierId";

/// Columns of a row's origin, as in an export.
pub const ID: &str = "id";
pub const ORIGIN: [&str; 4] = ["createdAt", "updatedAt", "createdBy", "lastModifiedBy"];

/// Prefixes of the columns for the customer's primary contact and primary address.
pub const CONTACT: &str = "contact.";
pub const ADDRESS: &str = "address.";

/// The list of the customers that were merged into a customer, last merge first, and the fields of each.
pub const MERGED_FROM: &str = "mergedFrom";
pub const EXTERNAL_ID: &str = "externalId";
pub const SURVIVOR_ID: &str = "survivorId";
pub const MERGED_AT: &str = "mergedAt";
pub const MERGED_BY: &str = "mergedBy";
