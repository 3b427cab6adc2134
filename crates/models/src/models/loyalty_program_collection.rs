//! The tiers of a loyalty program, which the REST documents call its collections: line items of the
//! program.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl};

use super::{
    Code, LoyaltyProgram, Row, Violation,
    attribute::{
        Defaulted, Filterable, Line, NotNegative, Optional, Required, Sortable, attributes,
    },
    child::{self, Child, ChildAttributes, ChildChange, NewChild},
    describe_counts,
    filter::NoTest,
    loyalty_program::LoyaltyProgramAttributes,
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, execute, on,
        schema::customers,
        sql::{Column, Condition, Sql},
        types::{Decimal, Uid},
    },
    id::NodeType,
};

const CUSTOMER_TIER_ID: Column = Column::of::<customers::loyalty_program_tier_id>("customers");

pub type LoyaltyProgramCollection = Child<LoyaltyProgramCollectionAttributes>;

attributes! {
    loyalty_program_collections;
    /// The writable attributes of a tier.
    pub struct LoyaltyProgramCollectionAttributes {
        /// ID chosen by the client. Unique among the tiers of all programs.
        external_id: Filterable<Optional<Line>>,
        /// Name of the tier. Unique within the program.
        tier_name: Filterable<Required<Line>>,
        /// Minimum amount that a customer must have spent to reach the tier. Unique within the program; the
        /// lowest is 0.
        min_spent: Sortable<Filterable<Defaulted<NotNegative>>>,
        /// Amount that a customer must spend to collect one point, in the currency of the program's `company`.
        collection_factor: Required<NotNegative>,
    }
}

impl ChildAttributes for LoyaltyProgramCollectionAttributes {
    type Parent = LoyaltyProgramAttributes;
    type New = NewChild<Self>;
    type Change = ChildChange<Self>;
    const FIELD: &str = "collections";
    const NODE_TYPE: NodeType = NodeType::LoyaltyProgramCollection;
    const IS_REFERENCED: bool = true;

    type Test = NoTest;

    fn clash(&self, other: &Self) -> Option<Violation> {
        if self.tier_name == other.tier_name {
            let message = "another tier of the program has this name";
            return Some(Violation::new("tierName", Code::Taken, message));
        }
        let message = "another tier of the program begins at this amount";
        (self.min_spent == other.min_spent)
            .then(|| Violation::new("minSpent", Code::Taken, message))
    }

    fn check_list(list: &[Child<Self>]) -> Option<(Uid, Violation)> {
        let lowest = list.iter().min_by_key(|tier| tier.attributes.min_spent)?;
        let message = "the lowest minSpent of a program's tiers must be 0";
        (lowest.attributes.min_spent != Decimal::default())
            .then(|| (lowest.id, Violation::new("minSpent", Code::Invalid, message)))
    }

    async fn check_stored(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        list: &[Child<Self>],
        _changed: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let [_, second, ..] = list else { return Ok(Vec::new()) };
        let programs = LoyaltyProgram::find_many(tx, tenant, &[second.parent]).await?;
        let is_single = programs.iter().any(|it| it.has_one_tier_only());
        Ok(is_single.then(|| (second.id, too_many_tiers())).into_iter().collect())
    }

    /// Two statements for any number of tiers. The first one replaces the unique values by
    /// placeholders, so that tiers can exchange names and amounts.
    async fn update_rows(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        tiers: &[(&Child<Self>, &Child<Self>)],
    ) -> Result<(), db::Error> {
        match tiers {
            [] => return Ok(()),
            [tier] => return child::update_row(tx, tenant, *tier).await,
            _ => {}
        }
        let tiers: Vec<&Child<Self>> = tiers.iter().map(|(_, tier)| *tier).collect();
        let ids: Vec<Uid> = tiers.iter().map(|tier| tier.id).collect();
        let of_tenant =
            || Condition::text(LoyaltyProgramCollection::TENANT_ID, tenant.id()).into_sql();
        // No name has a line break, no amount is negative, and no two tiers of a program have the
        // same position.
        let placeholders = Sql::default().per_dialect(
            Sql::new("tier_name = chr(10) || idx, min_spent = -idx"),
            Sql::new("tier_name = char(10) || idx, min_spent = '-' || idx"),
        );
        let vacate = Sql::template(
            "UPDATE loyalty_program_collections SET external_id = NULL, {placeholders} \
             WHERE {of_tenant} AND {listed}",
            [
                ("placeholders", placeholders),
                ("of_tenant", of_tenant()),
                ("listed", Condition::uid_in(LoyaltyProgramCollection::ID, &ids).into_sql()),
            ],
        );
        execute!(tx, vacate)?;
        let update = Sql::template(
            "WITH changed (id, external_id, tier_name, min_spent, collection_factor, updated_at) \
             AS (VALUES {rows}) UPDATE loyalty_program_collections \
             SET external_id = changed.external_id, tier_name = changed.tier_name, \
             min_spent = changed.min_spent, collection_factor = changed.collection_factor, \
             updated_at = changed.updated_at FROM changed WHERE {of_tenant} AND {id} = changed.id",
            [
                ("rows", values(&tiers)),
                ("of_tenant", of_tenant()),
                ("id", Sql::default().column(LoyaltyProgramCollection::ID)),
            ],
        );
        let update = update.uncached();
        Ok(execute!(tx, update)?)
    }

    async fn check_unused(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        tiers: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let ids: Vec<Uid> = tiers.iter().map(|tier| tier.id).collect();
        let counts = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(Condition::uid_in(CUSTOMER_TIER_ID, &ids))
            .group_by(customers::loyalty_program_tier_id)
            .select((customers::loyalty_program_tier_id, diesel::dsl::count_star()));
        let counts: Vec<(Option<Uid>, i64)> = on!(tx, |c| counts.load(c).await)?;
        let counts: HashMap<Option<Uid>, i64> = counts.into_iter().collect();
        let violation = |tier: &&Child<Self>| {
            let count = counts.get(&Some(tier.id)).copied().unwrap_or_default();
            let holds = describe_counts(&[(count, "customer")])?;
            let message = format!("the tier {} has {holds}", tier.attributes.tier_name);
            Some((tier.id, Violation { field: Vec::new(), code: Code::InUse, message }))
        };
        Ok(tiers.iter().filter_map(violation).collect())
    }
}

/// The rows `(id, external_id, tier_name, min_spent, collection_factor, updated_at)` of tiers.
fn values(tiers: &[&Child<LoyaltyProgramCollectionAttributes>]) -> Sql {
    let row = |tier: &&Child<LoyaltyProgramCollectionAttributes>| {
        let it = &tier.attributes;
        let external_id = match &it.external_id {
            Some(text) => Sql::default().text(text),
            None => Sql::new("CAST(NULL AS text)"),
        };
        let row = Sql::new("(").uid(tier.id).sql(", ").append(external_id).sql(", ");
        let row = row.text(&it.tier_name).sql(", ").decimal(it.min_spent).sql(", ");
        row.decimal(it.collection_factor).sql(", ").time(tier.updated_at).sql(")")
    };
    let rows = tiers.iter().map(row);
    rows.reduce(|rows, row| rows.sql(", ").append(row)).unwrap_or_default()
}

pub(super) fn too_many_tiers() -> Violation {
    let message = "a program of the type SINGLE_TIER_PROGRAM can have only one tier";
    Violation { field: Vec::new(), code: Code::Invalid, message: message.to_owned() }
}
