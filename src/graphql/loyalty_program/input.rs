//! What clients say of a loyalty program.

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

/// Input of `loyaltyProgramCreate`. Texts have up to 255 characters; they are trimmed, and an empty
/// one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCreateInput {
    /// The name, of 1 to 255 characters.
    loyalty_program_name: String,
    /// The first day on which points are given.
    from_date: Date,
    /// The tiers, in the order in which they are to be listed (`idx`); at most 500. One of them begins
    /// at 0.
    collections: Option<Vec<LoyaltyProgramCollectionInput>>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// Input of `loyaltyProgramUpdate`: what is not given stays, and `null` clears. Texts have up to
/// 255 characters; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramUpdateInput {
    /// The name, of 1 to 255 characters. It cannot be cleared.
    loyalty_program_name: MaybeUndefined<String>,
    /// The first day on which points are given. It cannot be cleared.
    from_date: MaybeUndefined<Date>,
    /// All the tiers that the program is to have, in order; at most 500. Those that it has and that
    /// are not listed are deleted. The lowest begins at 0. `null` is the empty list.
    collections: MaybeUndefined<Vec<LoyaltyProgramCollectionEntryInput>>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// What may be given of a loyalty program, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramAttributesInput {
    /// An id of the client's choosing, unique among the loyalty programs.
    external_id: MaybeUndefined<String>,
    /// How many tiers the program has.
    loyalty_program_type: MaybeUndefined<LoyaltyProgramType>,
    /// The last day on which points are given, not before `fromDate`; `null` is without an end.
    to_date: MaybeUndefined<Date>,
    /// The group that the program is for, with the groups below it; `null` is for all customers.
    /// Customers who are in none of these cannot join. (Who has joined already stays, whatever becomes
    /// of the groups.)
    customer_group_id: MaybeUndefined<ID>,
    /// The sales territory that the program is for: an identifier of another system.
    customer_territory: MaybeUndefined<String>,
    /// Do customers take part without being asked? `false` for a new one. A new customer that is given
    /// no program joins this one, in its lowest tier (by `minSpent`), if its primary group is the
    /// program's or below it, its territory is the program's, and the day (in UTC) is within the
    /// program's dates. If several programs are for it, it joins none, with a warning.
    auto_opt_in: MaybeUndefined<bool>,
    /// What a point is worth, in the program's currency; not negative.
    conversion_factor: MaybeUndefined<Decimal>,
    /// After how many days points expire; not negative. `null` or 0 is never.
    expiry_duration: MaybeUndefined<i32>,
    /// The account that redeemed points are booked to: an identifier of another system.
    expense_account: MaybeUndefined<String>,
    /// The cost center that redeemed points are booked to: an identifier of another system.
    cost_center: MaybeUndefined<String>,
    /// The one of your own companies whose program it is: an identifier of another system.
    company: MaybeUndefined<String>,
    /// The project that redeemed points are booked to: an identifier of another system.
    project: MaybeUndefined<String>,
}

/// The tiers that a program is to have.
type Tiers = Vec<Entry<LoyaltyProgramCollectionAttributes>>;

/// A program to be created, and its tiers.
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
    /// The tiers that the program is to have, if they are given, and the change of the program.
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
