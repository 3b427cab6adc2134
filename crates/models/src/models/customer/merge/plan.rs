//! The plan of a merge, which a preview shows.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{
    snapshot::{InvalidArchive, MEMBERSHIPS_MAX, Snapshot, digest},
    unite::{United, UnitedChild},
    values::MergedValues,
};
use crate::{
    db::types::{Timestamp, Uid},
    models::{
        Code, Error, Violation, Violations,
        attribute::{Attribute, AttributeValue, Attributes as _},
        child::CHILDREN_MAX,
        custom_attribute::Definition,
        customer::{CustomerAttributes, CustomerLists, StoredChildren, each_list},
    },
};

/// Columns that depend on another one: their values are taken from the same customer as that of the
/// other one.
const TIER: &str = "loyalty_program_tier_id";
const PROGRAM: &str = "loyalty_program_id";
const AMOUNTS: [&str; 2] = ["credit_limit", "credit_balance"];
const CURRENCY: &str = "default_currency";
const EXTERNAL_ID: &str = "external_id";

/// The changes that a merge makes to the survivor.
pub struct Plan {
    pub attributes: Vec<MergedAttribute>,
    pub values: Vec<MergedValues>,
    /// The groups that the survivor joins.
    pub joined: Vec<Uid>,
    /// The children of the absorbed customer, and their fates.
    pub children: Vec<UnitedChild>,
    /// The survivor afterwards.
    pub after: CustomerAttributes,
    pub lists: CustomerLists<StoredChildren>,
}

/// The values of an attribute before the merge, and whether the survivor takes that of the absorbed
/// customer.
pub struct MergedAttribute {
    pub attribute: &'static Attribute<CustomerAttributes>,
    pub survivor: AttributeValue,
    pub absorbed: AttributeValue,
    pub is_taken: bool,
}

impl MergedAttribute {
    /// The value that the survivor has afterwards.
    pub const fn value(&self) -> &AttributeValue {
        if self.is_taken { &self.absorbed } else { &self.survivor }
    }
}

/// The attributes whose values are taken from the absorbed customer.
#[derive(Default, Serialize)]
pub struct Chosen {
    columns: BTreeSet<&'static str>,
    /// Custom attributes, by key.
    keys: BTreeSet<String>,
}

/// The prefix of the names of custom attributes in the API.
const CUSTOM: &str = "attributes.";

impl Chosen {
    /// The attributes with these names in the API.
    pub fn new(fields: &[String], definitions: &[Definition]) -> Result<Self, Error> {
        if fields.len() > CustomerAttributes::ATTRIBUTES.len() + definitions.len() {
            let message = "there are more fields than a customer has";
            return Err(Violation::new("fields", Code::TooMany, message).into());
        }
        let mut violations = Violations::default();
        let mut chosen = Self::default();
        for (position, field) in fields.iter().enumerate() {
            let key = field.strip_prefix(CUSTOM).unwrap_or_default();
            if let Some(custom) = definitions.iter().find(|it| it.key == key) {
                chosen.keys.insert(custom.key.clone());
                continue;
            }
            let attribute = CustomerAttributes::ATTRIBUTES.iter().find(|it| it.is_named(field));
            let problem = match attribute {
                None => "a customer has no such field that can be written",
                Some(it) if it.column == EXTERNAL_ID => {
                    "the survivor keeps its externalId, and that of the absorbed customer redirects to it"
                }
                Some(it) => {
                    chosen.columns.insert(it.column);
                    continue;
                }
            };
            violations.push(Violation::at("fields", position, Code::Invalid, problem));
        }
        violations.finish()?;
        Ok(chosen)
    }

    fn has(&self, column: &str) -> bool {
        self.columns.contains(column)
    }

    pub fn has_attribute(&self, key: &str) -> bool {
        self.keys.contains(key)
    }
}

impl Plan {
    /// The plan of a merge at the time `now`, or the reasons why it is impossible.
    pub fn new(
        survivor: &Snapshot,
        absorbed: &Snapshot,
        definitions: &[Definition],
        chosen: &Chosen,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (own, other) = (&survivor.customer.attributes, &absorbed.customer.attributes);
        let attributes = attributes(own, other, chosen)?;
        let mut after = own.clone();
        for it in attributes.iter().filter(|it| it.is_taken) {
            (it.attribute.set)(&mut after, it.absorbed.clone());
        }
        let (lists, children) = lists(survivor, absorbed, now)?;
        let groups: BTreeSet<Uid> = survivor.memberships.iter().map(|it| it.group).collect();
        let joined = absorbed.memberships.iter().map(|it| it.group);
        let joined: Vec<Uid> = joined.filter(|group| !groups.contains(group)).collect();
        if survivor.memberships.len() + absorbed.memberships.len() > MEMBERSHIPS_MAX {
            let message =
                format!("together, the customers have more than {MEMBERSHIPS_MAX} memberships");
            return Err(Violation::new("absorbedId", Code::TooMany, message).into());
        }
        let values = MergedValues::plan(survivor, absorbed, definitions, chosen);
        Ok(Self { attributes, values, joined, children, after, lists })
    }
}

/// A text that changes with any row of both customers, and with the choice.
pub fn token(
    survivor: &Snapshot,
    absorbed: &Snapshot,
    chosen: &Chosen,
) -> Result<String, InvalidArchive> {
    digest(&(survivor.digest()?, absorbed.digest()?, chosen))
}

/// Each attribute of which either customer has a value. The survivor keeps its own value or, if it has none or the
/// client chooses so, takes that of the absorbed customer.
fn attributes(
    own: &CustomerAttributes,
    other: &CustomerAttributes,
    chosen: &Chosen,
) -> Result<Vec<MergedAttribute>, Error> {
    let have_same_program = own.loyalty_program_id == other.loyalty_program_id;
    let takes_program = chosen.has(PROGRAM) || own.loyalty_program_id.is_none();
    let have_same_currency = own.default_currency == other.default_currency;
    let has_amounts = own.credit_limit.is_some() || own.credit_balance.is_some();
    let takes_currency = chosen.has(CURRENCY) || own.default_currency.is_none() && !has_amounts;
    let mut violations = Violations::default();
    if chosen.has(TIER) && !have_same_program && !takes_program {
        let message = "the tier belongs to another loyalty program: choose loyaltyProgramId, too";
        violations.push(Violation::new("fields", Code::Invalid, message));
    }
    let is_foreign = !have_same_currency && other.default_currency.is_some();
    if AMOUNTS.iter().any(|it| chosen.has(it)) && is_foreign && !takes_currency {
        let message = "the credit is in another currency: choose defaultCurrency, too";
        violations.push(Violation::new("fields", Code::Invalid, message));
    }
    violations.finish()?;
    let merged = |attribute: &'static Attribute<CustomerAttributes>| {
        let (survivor, absorbed) = ((attribute.get)(own), (attribute.get)(other));
        let is_missing = |value: &AttributeValue| *value == AttributeValue::Null;
        let is_taken = match attribute.column {
            TIER if !have_same_program => takes_program,
            CURRENCY if !have_same_currency => takes_currency,
            column if AMOUNTS.contains(&column) && !have_same_currency => {
                takes_currency || chosen.has(column)
            }
            column => chosen.has(column) || is_missing(&survivor),
        };
        let is_taken = is_taken && survivor != absorbed;
        let has_value = !is_missing(&survivor) || !is_missing(&absorbed);
        has_value.then_some(MergedAttribute { attribute, survivor, absorbed, is_taken })
    };
    Ok(CustomerAttributes::ATTRIBUTES.iter().filter_map(merged).collect())
}

fn lists(
    survivor: &Snapshot,
    absorbed: &Snapshot,
    now: Timestamp,
) -> Result<(CustomerLists<StoredChildren>, Vec<UnitedChild>), Error> {
    let mut violations = Violations::default();
    let mut children = Vec::new();
    let mut lists = CustomerLists::<StoredChildren>::default();
    // Contacts precede the extensions, which refer to them.
    let mut replaced = HashMap::new();
    let own = survivor.customer.id;
    each_list!((&mut lists, &survivor.lists), |list, stored| list.clone_from(stored));
    each_list!((&mut lists, &absorbed.lists), |list, others| {
        let united = United::new(own, list, others, &replaced, now);
        if united.list.len() > CHILDREN_MAX {
            violations.push(too_many(&united));
        }
        replaced.extend(united.replaced());
        children.extend(united.children);
        *list = united.list;
    });
    violations.finish()?;
    Ok((lists, children))
}

fn too_many<A: super::kinds::Unite>(_united: &United<A>) -> Violation {
    let message = format!("the survivor would have more than {CHILDREN_MAX} {}", A::FIELD);
    Violation::new("absorbedId", Code::TooMany, message)
}
