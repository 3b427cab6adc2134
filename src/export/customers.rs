//! Customers, with the objects that belong to them.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde_json::{Map, Value};

use super::{
    Error,
    attributes::{self, Attributes},
    lines::{Line, list},
    next_page, rows,
};
use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        Customer,
        child::ChildAttributes,
        custom_attribute::Noun,
        customer::{
            ByCustomer, CustomerAttributes, CustomerLists, LoadedChildren, MaybePrimary,
            address::CustomerAddressAttributes, contact::CustomerContactAttributes, each_list,
            merge::Merged,
        },
        grouped, membership,
    },
    transfer::{
        Format, RowKind,
        columns::{
            ADDRESS, CONTACT, EXTERNAL_ID, GROUP_ID, GROUP_IDS, ID, MERGED_AT, MERGED_BY,
            MERGED_FROM, ORIGIN, PROGRAM_ID, SURVIVOR_ID, TIER_ID,
        },
        fields_of,
    },
};

/// The children of the customers of a page.
struct Page {
    groups: HashMap<Uid, Vec<Uid>>,
    lists: CustomerLists<LoadedChildren>,
    attributes: Attributes,
    merged: HashMap<Uid, Vec<Merged>>,
}

/// Writes all customers in the order of creation; returns their number.
pub async fn write(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<u64, Error> {
    if format == Format::Csv {
        let keys = attributes::keys(conn, tenant, Noun::Customer).await?;
        write_record(out, header(&keys))?;
    }
    let (mut after, mut count) = (Uid::NOTHING, 0);
    while let Some((ids, customers)) = next_page(conn, tenant, &mut after).await? {
        let mut page = Page::load(conn, tenant, &ids, format).await?;
        for customer in rows(&customers) {
            match format {
                Format::Ndjson => page.line(customer).write(out)?,
                Format::Csv => write_record(out, page.record(customer))?,
            }
            count += 1;
        }
    }
    Ok(count)
}

impl Page {
    async fn load(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
        format: Format,
    ) -> Result<Self, db::Error> {
        let is_whole = format == Format::Ndjson;
        let (mut pairs, mut merged) = (Vec::new(), HashMap::new());
        if is_whole {
            pairs = membership::pairs_of(conn, tenant, customers).await?;
            merged = Merged::into_customers(conn, tenant, customers).await?;
        }
        let groups = grouped(pairs);
        let is_wanted = |field: &str| is_whole || matches!(field, "addresses" | "contacts");
        let lists = CustomerLists::load(conn, tenant, customers, is_wanted).await?;
        let attributes = Attributes::load(conn, tenant, Noun::Customer, customers).await?;
        Ok(Self { groups, lists, attributes, merged })
    }

    fn line(&mut self, customer: &Customer) -> Line {
        let it = &customer.attributes;
        let mut line = Line::of(RowKind::Customer, customer);
        let credit =
            [("limit", line.take("credit.limit")), ("balance", line.take("credit.balance"))];
        let credit = credit.map(|(name, value)| (name.to_owned(), value));
        line.field("credit", Value::Object(Map::from_iter(credit)));
        line.id(GROUP_ID, NodeType::CustomerGroup, it.customer_group_id);
        let groups = self.groups.remove(&customer.id).unwrap_or_default();
        let further = groups.into_iter().filter(|group| Some(*group) != it.customer_group_id);
        let further = further.map(|group| NodeType::CustomerGroup.id(group).to_string());
        line.field(GROUP_IDS, further.collect());
        line.id(PROGRAM_ID, NodeType::LoyaltyProgram, it.loyalty_program_id);
        line.id(TIER_ID, NodeType::LoyaltyProgramCollection, it.loyalty_program_tier_id);
        self.attributes.add_to(&mut line, customer.id);
        each_list!(&mut self.lists, |list| add(&mut line, list, customer.id));
        let merged = self.merged.remove(&customer.id).unwrap_or_default();
        line.field(MERGED_FROM, merged.iter().map(merge).collect());
        line.finish(customer)
    }

    /// The cells of a customer, in the order of [`header`].
    fn record(&mut self, customer: &Customer) -> Vec<String> {
        let it = &customer.attributes;
        let id = |node: NodeType, uid: Option<Uid>| {
            uid.map(|uid| node.id(uid).to_string()).unwrap_or_default()
        };
        let mut cells = vec![id(NodeType::Customer, Some(customer.id))];
        cells.extend(fields_of(it).values().map(cell));
        cells.extend([
            id(NodeType::CustomerGroup, it.customer_group_id),
            id(NodeType::LoyaltyProgram, it.loyalty_program_id),
            id(NodeType::LoyaltyProgramCollection, it.loyalty_program_tier_id),
        ]);
        cells.extend(primary(&self.lists.contacts, customer.id));
        cells.extend(primary(&self.lists.addresses, customer.id));
        cells.extend(self.attributes.cells(customer.id));
        cells.extend([
            customer.created_at.to_string(),
            customer.updated_at.to_string(),
            customer.created_by.clone(),
            customer.last_modified_by.clone(),
        ]);
        cells
    }
}

fn add<A: ChildAttributes>(line: &mut Line, lists: &mut ByCustomer<A>, customer: Uid) {
    line.field(A::FIELD, list(&lists.remove(&customer).unwrap_or_default()));
}

/// The fields of a merged customer.
fn merge(it: &Merged) -> Value {
    let id = |uid| NodeType::Customer.id(uid).to_string();
    serde_json::json!({
        ID: id(it.absorbed),
        EXTERNAL_ID: it.external_id,
        SURVIVOR_ID: id(it.survivor),
        MERGED_AT: it.merged_at.to_string(),
        MERGED_BY: it.merged_by,
    })
}

/// The cells of the primary item; empty if there is none.
fn primary<A: MaybePrimary>(lists: &ByCustomer<A>, customer: Uid) -> Vec<String> {
    let list = lists.get(&customer).map_or(&[][..], Vec::as_slice);
    match rows(list).find(|child| child.attributes.is_primary()) {
        Some(child) => fields_of(&child.attributes).values().map(cell).collect(),
        None => fields_of(&A::default()).values().map(|_| String::new()).collect(),
    }
}

/// The names of the columns, including those for the custom attributes with these keys.
fn header(keys: &[String]) -> Vec<String> {
    let named = |prefix: &str, fields: Map<String, Value>| -> Vec<String> {
        fields.keys().map(|name| format!("{prefix}{name}")).collect()
    };
    let mut names = vec![ID.to_owned()];
    names.extend(named("", fields_of(&CustomerAttributes::default())));
    names.extend([GROUP_ID, PROGRAM_ID, TIER_ID].map(str::to_owned));
    names.extend(named(CONTACT, fields_of(&CustomerContactAttributes::default())));
    names.extend(named(ADDRESS, fields_of(&CustomerAddressAttributes::default())));
    names.extend(attributes::columns(keys));
    names.extend(ORIGIN.map(str::to_owned));
    names
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn write_record(out: &mut impl Write, cells: Vec<String>) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(cells).map_err(io::Error::other)?;
    out.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
