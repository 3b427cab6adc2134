//! The plan of a row: the resulting customer, or all of its problems.

use super::{BatchWriter, Enrolment, Plan};
use crate::{
    db::{self, types::Uid},
    id::NodeType,
    import::{
        Problem, attributes,
        extras::{GroupName, Lists, Origin, References},
        fields::{Given, Problems, RowError, checked, of_violations},
        lists, merges,
        parts::PartFields,
        reader::Row,
        stored::Stored,
        survivor::Survivor,
    },
    models::{
        Customer,
        custom_attribute::{Noun, Prepared},
        customer::{CustomerAttributes, CustomerLists, each_list},
        entity::EntityAttributes,
        loyalty_program::{self, GroupsOf},
    },
    transfer::columns::{PROGRAM, TIER},
};

impl BatchWriter<'_, '_, '_> {
    /// The plan of a row, or all of its problems.
    pub(super) async fn plan(
        &mut self,
        row: &Row,
        customer: Option<&Customer>,
        stored: &Stored,
        mut problems: Problems,
    ) -> Result<Plan, RowError> {
        let mut fields = row.fields.clone();
        let before = customer.map(|customer| customer.attributes.clone());
        let id = customer.map(|customer| customer.id);
        let origin = Origin::take(&mut fields, NodeType::Customer, &mut problems)?;
        let references = References::take(&mut fields, &mut problems)?;
        let lists = Lists::take(&mut fields, self.writer, &mut problems)?;
        let absorbed = merges::take(&mut fields, &mut problems)?;
        let (given, merged) = (origin.id, &stored.merged);
        let survivor = Survivor { known: &self.known, customer: id, given, stored: merged };
        let absorbed = survivor.missing(absorbed, &mut problems);
        let assignments = problems.take(attributes::take(&mut fields))?.unwrap_or_default();
        let custom = Prepared::checked(Noun::Customer, &self.definitions, &assignments);
        let custom = problems.take(custom)?.unwrap_or_default();
        let part_fields = PartFields::take(&mut fields);
        let parts = part_fields.over(&stored.parts, &mut problems)?;
        let base = before.clone().unwrap_or_default();
        let (mut attributes, found) = checked(&base, fields, CustomerAttributes::check)?;
        problems.extend(found.0);
        problems.extend(lists.check(id.unwrap_or(Uid::NOTHING)));
        if customer.is_none() {
            problems.extend(lists.unknown_contacts());
        }
        if id.is_some_and(|id| self.known.has_absorbed(id, attributes.external_id.as_ref())) {
            // The external id in the row belongs to a merged customer and only identifies the
            // survivor, which keeps its own.
            attributes.external_id.clone_from(&base.external_id);
        }
        problems.extend(self.known.external_id_taken(id, &attributes).into_iter().collect());
        // `checked` does not know the references to other rows.
        attributes.customer_group_id = base.customer_group_id;
        attributes.loyalty_program_id = base.loyalty_program_id;
        attributes.loyalty_program_tier_id = base.loyalty_program_tier_id;
        self.loyalty(&references, &mut attributes, &mut problems).await?;
        let is_restored = customer.is_none() && origin.id.is_some();
        let may_opt_in = customer.is_none() && !is_restored && references.name_no_program();
        if self.is_alone {
            parts.check_stored(self.tx, self.writer, id, &mut problems).await?;
        }
        // Groups come last, because this may create them.
        let groups = self.groups(references, &mut attributes, &mut problems).await?;
        if self.is_alone && problems.is_empty() {
            let tenant = self.writer.tenant();
            let given = groups.as_deref().unwrap_or_default();
            let of = match id {
                _ if is_restored => GroupsOf::Restored,
                Some(id) => GroupsOf::Stored(id),
                None => GroupsOf::New(given),
            };
            let found = attributes.check_stored(self.tx, tenant, before.as_ref(), of).await?;
            problems.take(found.finish())?;
            if customer.is_none() {
                self.check_lists(&lists, &mut problems).await?;
            }
        }
        if !self.is_alone && !is_restored && problems.is_empty() {
            let joined = attributes.loyalty_program_id;
            if joined.is_some() && before.and_then(|it| it.loyalty_program_id) != joined {
                self.check_enrolment(id, &attributes, groups.as_deref(), &mut problems).await?;
            }
        }
        problems.finish()?;
        Ok(Plan { attributes, custom, origin, lists, parts, groups, absorbed, may_opt_in })
    }

    /// Checks that a customer may enroll in its program. This is checked once for all new customers
    /// of the batch with the same program, tier and groups.
    async fn check_enrolment(
        &mut self,
        id: Option<Uid>,
        attributes: &CustomerAttributes,
        groups: Option<&[Uid]>,
        problems: &mut Problems,
    ) -> Result<(), db::Error> {
        let groups = groups.unwrap_or_default();
        let key = Enrolment {
            program: attributes.loyalty_program_id,
            tier: attributes.loyalty_program_tier_id,
            primary_group: attributes.customer_group_id,
            groups: groups.to_vec(),
        };
        if id.is_none() && self.enrolled.contains(&key) {
            return Ok(());
        }
        let of = id.map_or(GroupsOf::New(groups), GroupsOf::Stored);
        let tenant = self.writer.tenant();
        let found =
            loyalty_program::check_membership(self.tx, tenant, attributes, Some(of)).await?;
        if found.is_empty() && id.is_none() {
            self.enrolled.insert(key);
        }
        problems.extend(of_violations(found));
        Ok(())
    }

    /// Checks the lists of a new customer against stored rows.
    async fn check_lists(
        &mut self,
        lists: &Lists,
        problems: &mut Problems,
    ) -> Result<(), db::Error> {
        // The contacts that extensions refer to are not stored yet: see `Lists::unknown_contacts`.
        let lists = CustomerLists { extensions: None, ..lists.given.clone() };
        each_list!(&lists, |list| if let Some(items) = list {
            problems.extend(lists::check_stored(self.tx, self.writer, Uid::NOTHING, items).await?);
        });
        Ok(())
    }

    async fn loyalty(
        &mut self,
        references: &References,
        attributes: &mut CustomerAttributes,
        problems: &mut Problems,
    ) -> Result<(), db::Error> {
        let program = match (&references.program_id, &references.program) {
            (Given::Value(id), _) => Some(NodeType::LoyaltyProgram.uid(id.trim())),
            (_, Given::Value(text)) => {
                problems.take(self.named.program(self.tx, self.writer, text).await)?
            }
            (Given::Null, _) | (_, Given::Null) => None,
            (Given::Nothing, Given::Nothing) => attributes.loyalty_program_id,
        };
        if program != attributes.loyalty_program_id {
            // The old tier belongs to the old program.
            attributes.loyalty_program_tier_id = None;
        }
        attributes.loyalty_program_id = program;
        match (&references.tier_id, &references.tier, program) {
            (Given::Value(id), ..) => {
                let tier = NodeType::LoyaltyProgramCollection.uid(id.trim());
                attributes.loyalty_program_tier_id = Some(tier);
            }
            (_, Given::Value(text), Some(program)) => {
                let tier = self.named.tier(self.tx, self.writer, program, text).await;
                attributes.loyalty_program_tier_id = problems.take(tier)?;
            }
            (_, Given::Value(_), None) => {
                let missing = format!("needs a loyalty program: give {PROGRAM}, too");
                problems.extend(vec![Problem::of_column(TIER, missing)]);
            }
            (Given::Null, ..) | (_, Given::Null, _) => attributes.loyalty_program_tier_id = None,
            (Given::Nothing, Given::Nothing, _) => {}
        }
        Ok(())
    }

    /// Sets the primary group, and returns the further groups if the row contains any. Groups are
    /// only created if the row has no other problem.
    async fn groups(
        &mut self,
        references: References,
        attributes: &mut CustomerAttributes,
        problems: &mut Problems,
    ) -> Result<Option<Vec<Uid>>, db::Error> {
        match references.group {
            Given::Value(name) => {
                let group = self.group(name, problems.is_empty()).await;
                attributes.customer_group_id = problems.take(group)?.flatten();
            }
            Given::Null => attributes.customer_group_id = None,
            Given::Nothing => {}
        }
        let (column, names) = match references.groups {
            Given::Value(groups) => groups,
            Given::Null => return Ok(Some(Vec::new())),
            Given::Nothing => return Ok(None),
        };
        let mut groups = Vec::new();
        for name in names {
            let group = self.group(name, problems.is_empty()).await;
            let group =
                group.map_err(|error| error.map(|it| Problem::of_column(column, it.message)));
            let group = problems.take(group)?.flatten();
            groups.extend(group.filter(|it| Some(*it) != attributes.customer_group_id));
        }
        groups.sort_unstable();
        groups.dedup();
        Ok(Some(groups))
    }

    async fn group(&mut self, name: GroupName, is_good: bool) -> Result<Option<Uid>, RowError> {
        match name {
            GroupName::Path(path) => {
                self.named.group_by_path(self.tx, self.writer, &path, is_good).await
            }
            GroupName::Id(id) => self.named.group_by_id(self.tx, self.writer, &id).await.map(Some),
        }
    }
}
