//! Loyalty programs.

mod by_name;
mod delete;
mod enrolment;
mod insert;
mod list;

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl};
use futures_util::future::BoxFuture;

use super::{
    Code, CustomerGroup, Error, Lookup, Row, Violation, Violations,
    attribute::{
        Attributes as _, Choice, Count, Day, Defaulted, Filterable, Flag, Line, NotNegative,
        Optional, Patch, Reference, Required, Searchable, Sortable, attributes,
    },
    child::{Child, Children, Entry, ParentAttributes},
    custom_attribute::{Noun, WithAttributes},
    entity::{Entity, EntityAttributes},
    lock,
    loyalty_program_collection::{
        LoyaltyProgramCollection, LoyaltyProgramCollectionAttributes, too_many_tiers,
    },
    mutable::{Create, Created, Mutable, Update},
    violation::paths,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, on,
        schema::loyalty_programs,
        types::{Uid, stored_as_text},
    },
};

pub use self::by_name::tier_by_name;
pub use self::delete::DeletePolicy;
pub use self::list::LoyaltyProgramRelation;
pub use self::{
    enrolment::{GroupsOf, OpenProgram, check_membership, join, opt_in},
    insert::insert_or_find_open,
};

const TABLE: &str = "loyalty_programs";

/// A loyalty program, in which customers collect points for their purchases.
pub type LoyaltyProgram = Entity<LoyaltyProgramAttributes>;

attributes! {
    loyalty_programs;
    /// The writable attributes of a loyalty program, named as in the REST document.
    pub struct LoyaltyProgramAttributes {
        /// ID chosen by the client. Unique among the loyalty programs.
        external_id: Filterable<Optional<Line>>,
        /// Name of the program. Need not be unique.
        #[order = "Name, ignoring case and accents."]
        loyalty_program_name: Searchable<Required<Line>>,
        /// Type of the program, by its number of tiers. `null` allows any number, up to 500.
        #[filter = "Type of the program."]
        loyalty_program_type: Filterable<Optional<Choice<LoyaltyProgramType>>>,
        /// First day on which customers collect points.
        #[order = "First day of the program."]
        from_date: Sortable<Filterable<Required<Day>>>,
        /// Last day on which customers collect points; `null` if the program has no end. Must not be before
        /// `fromDate`.
        #[order = "Last day of the program."]
        to_date: Sortable<Filterable<Optional<Day>>>,
        /// ID of the group whose customers can join, including those of the groups below it; `null` if all
        /// customers can join. Customers who have joined stay in the program if they leave the group.
        #[serde(skip)]
        customer_group_id: Filterable<Optional<Reference<CustomerGroup>>>,
        /// Sales territory that `autoOptIn` is restricted to; an identifier from another system. `null` means
        /// all territories.
        customer_territory: Filterable<Optional<Line>>,
        /// Whether new customers join automatically. A customer that is created without `loyaltyProgramId`
        /// joins this program, in the tier with the lowest `minSpent`, if the customer's primary group is
        /// `customerGroup` or below it, the customer's territory is `customerTerritory`, and the current date
        /// (in UTC) is from `fromDate` to `toDate`. A `null` group or territory matches all customers. If
        /// several programs match, the customer joins none of them, and the payload has a warning.
        auto_opt_in: Filterable<Defaulted<Flag>>,
        /// Monetary value of one point, in the currency of the program's `company`.
        conversion_factor: Optional<NotNegative>,
        /// Number of days after which points expire; `null` or 0 if they never do.
        expiry_duration: Optional<Count>,
        /// Account to which redeemed points are booked; an identifier from another system.
        expense_account: Optional<Line>,
        /// Cost center to which redeemed points are booked; an identifier from another system.
        cost_center: Optional<Line>,
        /// Your own company that runs the program; an identifier from another system.
        company: Filterable<Optional<Line>>,
        /// Project to which redeemed points are booked; an identifier from another system.
        project: Optional<Line>,
    }
}

stored_as_text! {
    /// The type of a program, by its number of tiers.
    pub enum LoyaltyProgramType {
        SingleTierProgram = "SINGLE_TIER_PROGRAM",
        MultipleTierProgram = "MULTIPLE_TIER_PROGRAM",
    }
}

impl EntityAttributes for LoyaltyProgramAttributes {
    const NOUN: Noun = Noun::LoyaltyProgram;

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = self.check_kinds();
        if self.to_date.is_some_and(|to_date| to_date < self.from_date) {
            let message = "must not be before fromDate";
            violations.push(Violation::new("toDate", Code::Invalid, message));
        }
        violations.finish()
    }

    fn check_others<'a>(
        &'a self,
        tx: &'a mut Conn<'_>,
        tenant: &'a Tenant,
        stored: Option<&'a LoyaltyProgram>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let before = stored.map(|it| &it.attributes);
            let mut violations = Violations::default();
            violations.extend(LoyaltyProgram::external_id_taken(tx, tenant, self, before).await?);
            if let Some(group) = self.customer_group_id
                && before.and_then(|it| it.customer_group_id) != Some(group)
                && CustomerGroup::find(tx, tenant, &Lookup::Id(group)).await?.is_none()
            {
                violations.push(Violation::no_customer_group());
            }
            violations.finish()
        })
    }
}

impl ParentAttributes for LoyaltyProgramAttributes {
    const CHILD_COLUMN: &str = "loyalty_program_id";
}

/// A new program with its tiers.
pub struct NewLoyaltyProgram {
    pub attributes: LoyaltyProgramAttributes,
    pub tiers: Vec<LoyaltyProgramCollectionAttributes>,
}

/// The changes of a program and, if they are given, all its tiers.
pub struct LoyaltyProgramChange {
    pub patch: Patch<LoyaltyProgramAttributes>,
    pub tiers: Option<Vec<Entry<LoyaltyProgramCollectionAttributes>>>,
}

impl Mutable for LoyaltyProgram {
    type New = WithAttributes<NewLoyaltyProgram>;
    type Change = WithAttributes<LoyaltyProgramChange>;
    type Deletion<'a> = DeletePolicy<'a>;
}

impl Create<LoyaltyProgram> for NewLoyaltyProgram {
    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<LoyaltyProgram>, Error> {
        let program = LoyaltyProgram::new(writer, self.attributes);
        let mut tiers = Children::of_new(program.id);
        tiers.insert_list(writer, self.tiers);
        Ok(LoyaltyProgram::restore(tx, writer, program, tiers.list().to_vec()).await?.into())
    }
}

impl Update<LoyaltyProgram> for LoyaltyProgramChange {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<LoyaltyProgram>, Error> {
        // Locks the program's row, and thereby its tiers.
        let found = lock::find_for_update(tx, writer.tenant(), lookup).await?;
        let Some(program) = found else { return Ok(None) };
        self.apply(tx, writer, program).await
    }
}

impl LoyaltyProgramChange {
    /// Changes a locked program.
    fn apply<'a>(
        self,
        tx: &'a mut Conn<'_>,
        writer: Writer<'a>,
        mut program: LoyaltyProgram,
    ) -> BoxFuture<'a, Result<Option<LoyaltyProgram>, Error>> {
        Box::pin(async move {
            let tenant = writer.tenant();
            let mut children = Children::of_locked(tx, tenant, program.id).await?;
            let stored = program.clone();
            program.attributes.patch(&self.patch);
            let mut violations = Violations::default();
            violations.take(program.attributes.check())?;
            let (mut paths, misnamed) = match self.tiers {
                Some(tiers) => children.replace(writer, "collections", tiers),
                None => (HashMap::new(), Vec::new()),
            };
            if misnamed.is_empty() {
                violations.take_at(&paths, children.check());
            }
            violations.extend(misnamed);
            if program.has_one_tier_only() && children.list().len() > 1 {
                let field = if paths.is_empty() { "loyaltyProgramType" } else { "collections" };
                violations.push(too_many_tiers().within([field.to_owned()]));
            }
            violations.finish()?;

            program.attributes.check_others(tx, tenant, Some(&stored)).await?;
            if program.attributes != stored.attributes {
                program.write(tx, writer, &stored.attributes).await?;
            }
            // A tier that is in use cannot be deleted; the violation belongs to the list that omits it.
            let mut violations = Violations::default();
            let of_list = |tier: &Child<_>| (tier.id, vec!["collections".to_owned()]);
            paths.extend(children.removed().map(of_list));
            violations.take_at(&paths, children.check_stored(tx, tenant).await?);
            violations.finish()?;
            if children.are_changed() {
                children.write(tx, writer).await?;
                return Ok(LoyaltyProgram::find(tx, tenant, &Lookup::Id(program.id)).await?);
            }
            Ok(Some(program))
        })
    }
}

impl LoyaltyProgram {
    /// Creates a program and its tiers with existing ids and histories, in a transaction that is in
    /// progress.
    pub fn restore<'a>(
        tx: &'a mut Conn<'_>,
        writer: Writer<'a>,
        mut program: Self,
        tiers: Vec<LoyaltyProgramCollection>,
    ) -> BoxFuture<'a, Result<Self, Error>> {
        Box::pin(async move {
            let tenant = writer.tenant();
            let mut violations = Violations::default();
            violations.take(program.attributes.check())?;
            let ids: Vec<Uid> = tiers.iter().map(|tier| tier.id).collect();
            let paths = paths("collections", program.id, &ids);
            let mut children = Children::with_list(program.id, tiers);
            violations.take_at(&paths, children.check());
            if program.has_one_tier_only() && children.list().len() > 1 {
                violations.push(too_many_tiers().within(["collections".to_owned()]));
            }
            violations.finish()?;
            program.attributes.check_others(tx, tenant, None).await?;
            program.insert(tx, tenant).await?;
            let mut violations = Violations::default();
            let stored = children.check_stored(tx, tenant).await?;
            violations.take_at(&paths, stored);
            violations.finish()?;
            children.save_new(tx, tenant).await?;
            Ok(program)
        })
    }

    /// Whether its type permits only one tier.
    pub(super) fn has_one_tier_only(&self) -> bool {
        self.attributes.loyalty_program_type == Some(LoyaltyProgramType::SingleTierProgram)
    }

    /// The number of programs of that group.
    pub(super) async fn count_for_group(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        group: Uid,
    ) -> Result<i64, db::Error> {
        let programs = loyalty_programs::table
            .filter(loyalty_programs::tenant_id.eq(tenant.id()))
            .filter(loyalty_programs::customer_group_id.eq(group))
            .count();
        Ok(on!(tx, |c| programs.get_result(c).await)?)
    }

    /// Moves the programs of one group to another.
    pub(super) async fn reassign(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        from: Uid,
        to: Uid,
    ) -> Result<(), db::Error> {
        let programs = loyalty_programs::table
            .filter(loyalty_programs::tenant_id.eq(writer.tenant().id()))
            .filter(loyalty_programs::customer_group_id.eq(from));
        let change = (
            loyalty_programs::customer_group_id.eq(to),
            loyalty_programs::updated_at.eq(writer.now()),
            loyalty_programs::last_modified_by.eq(writer.name()),
        );
        on!(tx, |c| diesel::update(programs).set(change).execute(c).await)?;
        Ok(())
    }
}
