//! The inputs for loyalty programs.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::LoyaltyProgramType;
use crate::{
    db::types::{Date, Decimal},
    graphql::{
        input::{reference, set},
        loyalty_program_collection::{
            LoyaltyProgramCollectionEntryInput, LoyaltyProgramCollectionInput,
        },
    },
    id::NodeType,
    models::{
        self, Code, Violation, Violations, child::Entry, loyalty_program::LoyaltyProgramAttributes,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

/// Input for `loyaltyProgramCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCreateInput {
    /// Name of the program; 1 to 255 characters. Need not be unique.
    loyalty_program_name: String,
    /// First day on which customers collect points.
    from_date: Date,
    /// Tiers, in the order of their `idx`; at most 500. If there are any, the lowest `minSpent`
    /// must be 0.
    collections: Option<Vec<LoyaltyProgramCollectionInput>>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// Input for `loyaltyProgramUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramUpdateInput {
    /// Name of the program; 1 to 255 characters. Cannot be cleared.
    loyalty_program_name: MaybeUndefined<String>,
    /// First day on which customers collect points. Cannot be cleared.
    from_date: MaybeUndefined<Date>,
    /// Complete list of the program's tiers, in order; at most 500. Tiers that are not listed are
    /// deleted; one with customers cannot be. If there are any, the lowest `minSpent` must be 0.
    /// `null` means an empty list.
    collections: MaybeUndefined<Vec<LoyaltyProgramCollectionEntryInput>>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// The fields of a loyalty program that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramAttributesInput {
    /// ID chosen by the client. Must be unique among the loyalty programs.
    external_id: MaybeUndefined<String>,
    /// Type of the program, which limits the number of tiers; `null` does not.
    loyalty_program_type: MaybeUndefined<LoyaltyProgramType>,
    /// Last day on which customers collect points, not before `fromDate`. Default: no end.
    to_date: MaybeUndefined<Date>,
    /// Group whose customers, including those of the groups below it, can join; `null` if all
    /// customers can. Customers who have joined stay in the program if they leave the group.
    customer_group_id: MaybeUndefined<ID>,
    /// Sales territory of the program, used by `autoOptIn`; an identifier from another system.
    /// `null` stands for all territories.
    customer_territory: MaybeUndefined<String>,
    /// Whether new customers join automatically. Default: `false`. A customer created without a
    /// program joins this one, in the tier with the lowest `minSpent`, if its primary group is the
    /// program's group or below it, its territory is `customerTerritory`, and the current date (in
    /// UTC) is from `fromDate` to `toDate`. If several programs match, the customer joins none of
    /// them, and the payload has a warning.
    auto_opt_in: MaybeUndefined<bool>,
    /// Value of one point, in the program's currency; not negative.
    conversion_factor: MaybeUndefined<Decimal>,
    /// Number of days after which points expire; not negative. `null` or 0 means never.
    expiry_duration: MaybeUndefined<i32>,
    /// Account to which redeemed points are booked; an identifier from another system.
    expense_account: MaybeUndefined<String>,
    /// Cost center to which redeemed points are booked; an identifier from another system.
    cost_center: MaybeUndefined<String>,
    /// Your own company that runs the program; an identifier from another system.
    company: MaybeUndefined<String>,
    /// Project to which redeemed points are booked; an identifier from another system.
    project: MaybeUndefined<String>,
}

/// The complete list of a program's tiers.
type Tiers = Vec<Entry<LoyaltyProgramCollectionAttributes>>;

/// A new program and its tiers.
type NewLoyaltyProgram = (LoyaltyProgramAttributes, Vec<LoyaltyProgramCollectionAttributes>);

impl LoyaltyProgramCreateInput {
    pub fn into_new(self) -> NewLoyaltyProgram {
        let mut attributes = LoyaltyProgramAttributes {
            loyalty_program_name: self.loyalty_program_name,
            from_date: self.from_date,
            ..LoyaltyProgramAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        let tiers = self.collections.into_iter().flatten();
        (attributes, tiers.map(LoyaltyProgramCollectionInput::into_attributes).collect())
    }
}

impl LoyaltyProgramUpdateInput {
    /// The complete list of tiers, if given, and the change of the program.
    pub fn into_change(
        self,
    ) -> Result<(Option<Tiers>, impl FnOnce(&mut LoyaltyProgramAttributes) + Send), models::Error>
    {
        let mut violations = Violations::default();
        if self.from_date.is_null() {
            violations.push(Violation::new("fromDate", Code::Required, "cannot be cleared"));
        }
        let tiers = (!self.collections.is_undefined()).then(|| self.collections.take());
        let tiers = tiers.map(|tiers| entries(tiers.unwrap_or_default(), &mut violations));
        violations.finish()?;
        let change = self.attributes.into_change();
        let change = move |it: &mut LoyaltyProgramAttributes| {
            set(&mut it.loyalty_program_name, self.loyalty_program_name);
            set(&mut it.from_date, self.from_date);
            change(it);
        };
        Ok((tiers, change))
    }
}

fn entries(tiers: Vec<LoyaltyProgramCollectionEntryInput>, violations: &mut Violations) -> Tiers {
    let mut entries = Vec::new();
    for (position, tier) in tiers.into_iter().enumerate() {
        match tier.into_entry() {
            Ok(entry) => entries.push(entry),
            Err(found) => {
                let path = || ["collections".to_owned(), position.to_string()];
                violations.extend(found.into_iter().map(|it| it.within(path())));
            }
        }
    }
    entries
}

impl LoyaltyProgramAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut LoyaltyProgramAttributes) + Send {
        let group = reference(self.customer_group_id, NodeType::CustomerGroup);
        let program_type = self.loyalty_program_type.map_value(Into::into);
        move |it: &mut LoyaltyProgramAttributes| {
            self.external_id.update_to(&mut it.external_id);
            program_type.update_to(&mut it.loyalty_program_type);
            self.to_date.update_to(&mut it.to_date);
            group.update_to(&mut it.customer_group_id);
            self.customer_territory.update_to(&mut it.customer_territory);
            set(&mut it.auto_opt_in, self.auto_opt_in);
            self.conversion_factor.update_to(&mut it.conversion_factor);
            self.expiry_duration.update_to(&mut it.expiry_duration);
            self.expense_account.update_to(&mut it.expense_account);
            self.cost_center.update_to(&mut it.cost_center);
            self.company.update_to(&mut it.company);
            self.project.update_to(&mut it.project);
        }
    }
}
