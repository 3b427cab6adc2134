//! Matching of rows with existing customers, so that importing a file again creates no duplicates.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    Problem,
    fields::{Problems, trimmed},
    match_key::MatchKey,
    merges,
    reader::Row,
};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        Customer, Lookup, Row as _, Violation,
        customer::{CustomerAttributes, CustomerKey, merge::Merged},
    },
    transfer::columns::ID,
};

/// The fields of a row that identify its customer.
struct Names {
    id: Option<Uid>,
    /// The value of the column that customers are matched by.
    text: Option<String>,
    /// The customer's id and external id, and those of customers that were merged into it.
    lookups: Vec<Lookup>,
}

impl Names {
    fn of(fields: &Map<String, Value>, match_key: MatchKey) -> Self {
        let id = trimmed(fields, ID).and_then(|text| NodeType::Customer.parse(text));
        let external_id = trimmed(fields, "externalId").map(str::to_owned);
        let own = id.map(Lookup::Id).into_iter().chain(external_id.map(Lookup::ExternalId));
        let lookups = own.chain(merges::lookups(fields)).collect();
        Self { id, text: match_key.text(fields).map(str::to_owned), lookups }
    }
}

/// The customers that a batch refers to, indexed by their keys.
pub struct Known {
    tenant: Tenant,
    match_key: MatchKey,
    customers: HashMap<Uid, Customer>,
    by_key: HashMap<String, Vec<Uid>>,
    by_external_id: HashMap<String, Uid>,
    /// The survivors of merged customers that rows refer to.
    successors: HashMap<Lookup, Uid>,
    /// The keys of customers that are queued for insertion.
    pending_ids: HashSet<Uid>,
    pending_texts: HashSet<String>,
}

impl Known {
    /// Looks up the customers that rows refer to, and locks them until the end of the transaction.
    pub async fn load(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        rows: &[&Row],
        match_key: MatchKey,
    ) -> Result<Self, db::Error> {
        let mut known = Self {
            tenant: writer.tenant().clone(),
            match_key,
            customers: HashMap::new(),
            by_key: HashMap::new(),
            by_external_id: HashMap::new(),
            successors: HashMap::new(),
            pending_ids: HashSet::new(),
            pending_texts: HashSet::new(),
        };
        let names: Vec<Names> = rows.iter().map(|row| Names::of(&row.fields, match_key)).collect();
        let named: Vec<Lookup> = names.iter().flat_map(|it| it.lookups.clone()).collect();
        let texts = names.into_iter().filter_map(|it| it.text).collect();
        let (ids, external_ids) = Lookup::split(&named);
        let tenant = writer.tenant();
        let mut found = Vec::new();
        if !ids.is_empty() {
            found.extend(Customer::find_ids_for_update(tx, tenant, &ids).await?);
        }
        for (column, texts) in known.texts(external_ids, texts) {
            if !texts.is_empty() {
                found.extend(Customer::find_keys_for_update(tx, tenant, column, texts).await?);
            }
        }
        for customer in found {
            known.remember(customer);
        }
        known.follow_merges(tx, writer, named).await?;
        Ok(known)
    }

    /// Looks up and locks the customers that missing ones were merged into.
    async fn follow_merges(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        named: Vec<Lookup>,
    ) -> Result<(), db::Error> {
        let is_missing = |lookup: &Lookup| match lookup {
            Lookup::Id(id) => !self.customers.contains_key(id),
            Lookup::ExternalId(text) => !self.by_external_id.contains_key(text),
        };
        let missing: Vec<Lookup> = named.into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.successors = Customer::successors(tx, writer.tenant(), &missing).await?;
        let unknown = self.successors.values().filter(|id| !self.customers.contains_key(id));
        let unknown: Vec<Uid> = unknown.copied().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        for customer in Customer::find_ids_for_update(tx, writer.tenant(), &unknown).await? {
            self.remember(customer);
        }
        Ok(())
    }

    /// The customer that the external id of a merged customer redirects to.
    fn successor_of(&self, external_id: &str) -> Option<Uid> {
        self.successors.get(&Lookup::ExternalId(external_id.to_owned())).copied()
    }

    /// Whether a customer with this external id was merged into the given customer.
    pub fn has_absorbed(&self, customer: Uid, external_id: Option<&String>) -> bool {
        external_id.and_then(|it| self.successor_of(it)) == Some(customer)
    }

    /// Whether a customer with this id exists.
    pub fn has(&self, id: Uid) -> bool {
        self.customers.contains_key(&id)
    }

    /// The customer that the id of a merged customer redirects to.
    pub fn successor(&self, id: Uid) -> Option<Uid> {
        self.successors.get(&Lookup::Id(id)).copied()
    }

    /// The customer that has the external id, or that the external id redirects to.
    pub fn owner_of(&self, external_id: &str) -> Option<Uid> {
        let owner = self.by_external_id.get(external_id).copied();
        owner.or_else(|| self.successor_of(external_id))
    }

    /// Records merges of this batch, so that later rows resolve the ids of merged customers.
    pub fn follow(&mut self, merged: &[Merged]) {
        for it in merged {
            self.successors.insert(Lookup::Id(it.absorbed), it.customer);
            let external_id = it.external_id.clone().map(Lookup::ExternalId);
            self.successors.extend(external_id.map(|lookup| (lookup, it.customer)));
        }
    }

    pub fn ids(&self) -> Vec<Uid> {
        self.customers.keys().copied().collect()
    }

    fn texts(
        &self,
        external_ids: Vec<String>,
        texts: Vec<String>,
    ) -> Vec<(CustomerKey, Vec<String>)> {
        let by_external_id = (CustomerKey::ExternalId, external_ids);
        match self.match_key {
            MatchKey::By(CustomerKey::ExternalId) | MatchKey::CreateOnly => {
                vec![by_external_id]
            }
            MatchKey::By(column) => vec![by_external_id, (column, texts)],
        }
    }

    pub fn remember(&mut self, customer: Customer) {
        if let Some(before) = self.customers.remove(&customer.id) {
            self.forget_texts(&before);
        }
        if let Some(external_id) = customer.attributes.external_id.clone() {
            self.by_external_id.insert(external_id, customer.id);
        }
        if let MatchKey::By(column) = self.match_key
            && let Some(key) = column.key_of(&customer.attributes, &self.tenant)
        {
            self.by_key.entry(key).or_default().push(customer.id);
        }
        self.customers.insert(customer.id, customer);
    }

    fn forget_texts(&mut self, customer: &Customer) {
        self.by_external_id.retain(|_, id| *id != customer.id);
        for ids in self.by_key.values_mut() {
            ids.retain(|id| *id != customer.id);
        }
    }

    /// Records that a customer is queued for insertion.
    pub fn add_pending(&mut self, id: Uid, attributes: &CustomerAttributes) {
        self.pending_ids.insert(id);
        self.pending_texts.extend(attributes.external_id.clone());
        if let MatchKey::By(column) = self.match_key {
            self.pending_texts.extend(column.key_of(attributes, &self.tenant));
        }
    }

    pub fn clear_pending(&mut self) {
        self.pending_ids.clear();
        self.pending_texts.clear();
    }

    /// Whether the row refers to a customer that is queued for insertion.
    pub fn is_pending(&self, fields: &Map<String, Value>) -> bool {
        let Names { text, lookups, .. } = Names::of(fields, self.match_key);
        let is_pending = |lookup: &Lookup| match lookup {
            Lookup::Id(id) => self.pending_ids.contains(id),
            Lookup::ExternalId(text) => self.pending_texts.contains(text),
        };
        let leads_to_pending = |lookup: &Lookup| {
            self.successors.get(lookup).is_some_and(|id| self.pending_ids.contains(id))
        };
        lookups.iter().any(|it| is_pending(it) || leads_to_pending(it))
            || text.is_some_and(|text| self.pending_texts.contains(&self.key(&text)))
    }

    /// Normalizes a text of the match column for comparison.
    fn key(&self, text: &str) -> String {
        match self.match_key {
            MatchKey::By(column) => column.key(text, &self.tenant),
            MatchKey::CreateOnly => text.to_owned(),
        }
    }

    /// The existing customer of the row; `None` if it is new.
    pub fn customer_of(
        &self,
        fields: &Map<String, Value>,
        problems: &mut Problems,
    ) -> Option<Customer> {
        let names = Names::of(fields, self.match_key);
        let successor = |id| self.successor(id).unwrap_or(id);
        if let Some(found) = names.id.and_then(|id| self.customers.get(&successor(id))) {
            if self.match_key == MatchKey::CreateOnly {
                let message = "there is a customer with this id, and --create-only is given";
                problems.push(Problem::of_column(ID, message));
            }
            return Some(found.clone());
        }
        let MatchKey::By(column) = self.match_key else { return None };
        let Some(text) = names.text else {
            if names.id.is_none() {
                let message = "is required to match customers (see --match and \
                               --create-only)";
                problems.extend(vec![Problem::of_column(column.name(), message)]);
            }
            return None;
        };
        match self.by_key.get(&self.key(&text)).map_or(&[][..], Vec::as_slice) {
            [] if column == CustomerKey::ExternalId => {
                self.successor_of(&text).and_then(|id| self.customers.get(&id)).cloned()
            }
            [] => None,
            [id] => self.customers.get(id).cloned(),
            ids => {
                let message =
                    format!("there are {} customers with this {}", ids.len(), column.name());
                problems.push(Problem::of_column(column.name(), message));
                None
            }
        }
    }

    /// The problem if another customer has the external id. `customer` is `None` for a new one.
    pub fn external_id_taken(
        &self,
        customer: Option<Uid>,
        attributes: &CustomerAttributes,
    ) -> Option<Problem> {
        let external_id = attributes.external_id.as_ref()?;
        let other = self.owner_of(external_id).filter(|id| Some(*id) != customer)?;
        let Violation { message, .. } = Violation::external_id_taken();
        self.customers.get(&other).map(|_| Problem::of_column("externalId", message))
    }
}
