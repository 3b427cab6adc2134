//! The fields of a row besides the customer's attributes: its origin, its lists, and its references
//! to groups and loyalty programs.

use serde_json::{Map, Value};

use super::{
    Problem,
    fields::{Given, Problems, take_id, take_line, take_parsed, take_text},
    lists::{self, Item},
    parts::Parts,
};
use crate::{
    auth::Writer,
    db::{
        self,
        types::{Timestamp, Uid},
    },
    id::NodeType,
    models::{
        child::ChildAttributes,
        customer::{CustomerLists, Family, each_list, extension::CustomerExtensionAttributes},
        entity::Entity,
    },
    transfer::columns::{
        ADDRESS, CONTACT, GROUP_ID, GROUP_IDS, GROUP_PATH, GROUP_PATHS, ID, PROGRAM, PROGRAM_ID,
        TIER, TIER_ID,
    },
};

/// Maximum number of groups that a customer can be created in, besides its primary one.
const GROUPS_MAX: usize = 1_000;

/// The origin of a row, as in an export. It applies to created objects only: updates of existing
/// ones are recorded with the importing user and the current time.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub id: Option<Uid>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub created_by: Option<String>,
    pub last_modified_by: Option<String>,
}

impl Origin {
    pub fn take(
        fields: &mut Map<String, Value>,
        node: NodeType,
        problems: &mut Problems,
    ) -> Result<Self, db::Error> {
        let id = problems.take(take_id(fields, ID, node))?.flatten();
        let created_at: Option<Timestamp> =
            problems.take(take_parsed(fields, "createdAt"))?.flatten();
        let updated_at: Option<Timestamp> =
            problems.take(take_parsed(fields, "updatedAt"))?.flatten();
        let created_by = problems.take(take_line(fields, "createdBy"))?.flatten();
        let last_modified_by = problems.take(take_line(fields, "lastModifiedBy"))?.flatten();
        Ok(Self { id, created_at, updated_at, created_by, last_modified_by })
    }

    /// Creates an entity with this origin. Missing values are those of an entity that is created
    /// now.
    pub fn entity<A>(self, writer: Writer<'_>, attributes: A) -> Entity<A> {
        let (id, now) = writer.new_id();
        let created_by = self.created_by.unwrap_or_else(|| writer.name().to_owned());
        let created_at = self.created_at.unwrap_or(now);
        Entity {
            id: self.id.unwrap_or(id),
            attributes,
            created_at,
            updated_at: self.updated_at.unwrap_or(created_at),
            last_modified_by: self.last_modified_by.unwrap_or_else(|| created_by.clone()),
            created_by,
        }
    }
}

/// The lists of a row; a list is `None` if the row omits it.
#[derive(Clone, Debug, Default)]
pub struct GivenItems;

impl Family for GivenItems {
    type Of<A: ChildAttributes> = Option<Vec<Item<A>>>;
}

/// The lists of a row.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    pub given: CustomerLists<GivenItems>,
    /// The list of extensions contains only those of contacts: the customer's own ones were
    /// omitted.
    pub are_own_extensions_kept: bool,
}

impl Lists {
    /// Removes the lists from the fields of a row and parses them.
    pub fn take(
        fields: &mut Map<String, Value>,
        writer: Writer<'_>,
        problems: &mut Problems,
    ) -> Result<Self, db::Error> {
        for (list, prefix) in [("contacts", CONTACT), ("addresses", ADDRESS)] {
            if fields.contains_key(list) && fields.keys().any(|it| it.starts_with(prefix)) {
                let message =
                    format!("cannot be given together with columns like {prefix}externalId");
                problems.push(Problem::of_column(list, message));
            }
        }
        let of_contacts = take_extensions_of_contacts(fields);
        let mut given = CustomerLists::<GivenItems>::default();
        each_list!(&mut given, |items| *items = lists::take(fields, writer, problems)?);
        let mut are_own_extensions_kept = false;
        for (contact_path, position, value) in of_contacts {
            let path = format!("{contact_path}.extensions.{position}");
            let contact = given.contacts.iter().flatten().find(|it| it.path == contact_path);
            let contact_id = contact.map(|contact| contact.id);
            let Some(mut item) =
                Item::<CustomerExtensionAttributes>::read(writer, &path, value, problems)?
            else {
                continue;
            };
            item.attributes.contact_id = contact_id;
            are_own_extensions_kept |= given.extensions.is_none();
            given.extensions.get_or_insert_default().push(item);
        }
        Ok(Self { given, are_own_extensions_kept })
    }

    /// Adds the parts to the lists of a new customer. Rows with parts have no lists of the same
    /// kind.
    pub fn add_parts(&mut self, writer: Writer<'_>, parts: &Parts) {
        if let Some(contact) = &parts.contact {
            let item = Item::new(writer, "contact", contact.clone());
            self.given.contacts.get_or_insert_default().push(item);
        }
        if let Some(address) = &parts.address {
            let item = Item::new(writer, "address", address.clone());
            self.given.addresses.get_or_insert_default().push(item);
        }
    }

    /// Problems of extensions that refer to contacts that the new customer does not have.
    pub fn unknown_contacts(&self) -> Vec<Problem> {
        let contacts = self.given.contacts.iter().flatten();
        let ids: Vec<Uid> = contacts.map(|contact| contact.id).collect();
        let is_strange = |item: &&Item<CustomerExtensionAttributes>| {
            item.attributes.contact_id.is_some_and(|id| !ids.contains(&id))
        };
        let problem = |item: &Item<CustomerExtensionAttributes>| {
            let column = format!("{}.contactId", item.path);
            Problem::of_column(column, "the customer has no contact with this id")
        };
        self.given.extensions.iter().flatten().filter(is_strange).map(problem).collect()
    }

    /// The problems within the lists.
    pub fn check(&self, customer: Uid) -> Vec<Problem> {
        let mut problems = Vec::new();
        each_list!(&self.given, |items| {
            problems.extend(items.iter().flat_map(|items| lists::check(customer, items)));
        });
        problems
    }
}

/// The extensions within the contacts: the path of the contact, and the position among its
/// extensions.
fn take_extensions_of_contacts(fields: &mut Map<String, Value>) -> Vec<(String, usize, Value)> {
    let mut taken = Vec::new();
    let contacts = fields.get_mut("contacts").and_then(Value::as_array_mut);
    for (contact, value) in contacts.into_iter().flatten().enumerate() {
        let Some(contact_fields) = value.as_object_mut() else { continue };
        // A value that is not a list is reported as an unknown field.
        let Some(Value::Array(values)) = contact_fields.get_mut("extensions") else { continue };
        let values = std::mem::take(values);
        contact_fields.shift_remove("extensions");
        let at = |(position, value)| (format!("contacts.{contact}"), position, value);
        taken.extend(values.into_iter().enumerate().map(at));
    }
    taken
}

/// A reference to a group in a row.
#[derive(Clone, Debug)]
pub enum GroupName {
    Path(String),
    Id(String),
}

/// The references of a row to groups and to a loyalty program.
#[derive(Clone, Debug)]
pub struct References {
    pub group: Given<GroupName>,
    /// Further groups, and the column that contains them.
    pub groups: Given<(&'static str, Vec<GroupName>)>,
    pub program: Given,
    pub program_id: Given,
    pub tier: Given,
    pub tier_id: Given,
}

impl References {
    /// Whether the row has no field for a loyalty program or tier, not even with `null`.
    pub fn name_no_program(&self) -> bool {
        let given = [&self.program, &self.program_id, &self.tier, &self.tier_id];
        given.iter().all(|it| matches!(it, Given::Nothing))
    }

    pub fn take(
        fields: &mut Map<String, Value>,
        problems: &mut Problems,
    ) -> Result<Self, db::Error> {
        let path = problems.take(take_text(fields, GROUP_PATH))?.unwrap_or(Given::Nothing);
        let id = problems.take(take_text(fields, GROUP_ID))?.unwrap_or(Given::Nothing);
        let group = match (path, id) {
            (Given::Value(_), Given::Value(_)) => {
                let message = format!("cannot be given together with {GROUP_ID}");
                problems.push(Problem::of_column(GROUP_PATH, message));
                Given::Nothing
            }
            (Given::Value(path), _) => Given::Value(GroupName::Path(path)),
            (_, Given::Value(id)) => Given::Value(GroupName::Id(id)),
            (Given::Null, _) | (_, Given::Null) => Given::Null,
            (Given::Nothing, Given::Nothing) => Given::Nothing,
        };
        let groups = take_groups(fields, problems);
        let mut text = |column| -> Result<Given, db::Error> {
            Ok(problems.take(take_text(fields, column))?.unwrap_or(Given::Nothing))
        };
        Ok(Self {
            group,
            groups,
            program: text(PROGRAM)?,
            program_id: text(PROGRAM_ID)?,
            tier: text(TIER)?,
            tier_id: text(TIER_ID)?,
        })
    }

    /// The paths of all groups that the fields refer to by path.
    pub fn paths(fields: &Map<String, Value>) -> Vec<String> {
        let columns = [GROUP_PATH, GROUP_PATHS].into_iter();
        let given = columns.filter_map(|it| Some((it.to_owned(), fields.get(it)?.clone())));
        let mut fields: Map<String, Value> = given.collect();
        let found = Self::take(&mut fields, &mut Problems::default());
        let Ok(Self { group, groups, .. }) = found else { return Vec::new() };
        let names = groups.value().into_iter().flat_map(|(_, names)| names).chain(group.value());
        let path = |name| match name {
            GroupName::Path(path) => Some(path),
            GroupName::Id(_) => None,
        };
        names.filter_map(path).collect()
    }
}

fn take_groups(
    fields: &mut Map<String, Value>,
    problems: &mut Problems,
) -> Given<(&'static str, Vec<GroupName>)> {
    let (paths, ids) = (fields.shift_remove(GROUP_PATHS), fields.shift_remove(GROUP_IDS));
    if paths.is_some() && ids.is_some() {
        let message = format!("cannot be given together with {GROUP_IDS}");
        problems.push(Problem::of_column(GROUP_PATHS, message));
        return Given::Nothing;
    }
    let is_by_path = paths.is_some();
    let column = if is_by_path { GROUP_PATHS } else { GROUP_IDS };
    let names: Vec<String> = match paths.or(ids) {
        None => return Given::Nothing,
        Some(Value::Null) => return Given::Null,
        Some(Value::String(text)) => {
            let names = text.split('|').map(|name| name.trim().to_owned());
            names.filter(|name| !name.is_empty()).collect()
        }
        Some(value) => match serde_json::from_value(value) {
            Ok(names) => names,
            Err(_) => {
                problems.push(Problem::of_column(column, "must be a list of texts"));
                return Given::Nothing;
            }
        },
    };
    if names.len() > GROUPS_MAX {
        problems.push(Problem::of_column(column, format!("at most {GROUPS_MAX} groups")));
    }
    let name = |text| if is_by_path { GroupName::Path(text) } else { GroupName::Id(text) };
    Given::Value((column, names.into_iter().map(name).collect()))
}
