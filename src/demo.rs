//! The demo's data: a retailer with groups five levels deep, hundreds of customers, loyalty
//! programs and points of sale.
//!
//! It is byte-for-byte identical on every machine and in both databases, including ids and
//! timestamps: the clock is fixed, and nothing is random.

mod attributes;
mod customers;
mod loyalty;
mod names;

use std::collections::HashMap;

use anyhow::{Context, bail};

use self::names::{CREDIT_LIMITS, GROUPS, LANGUAGES, PRICE_LISTS};

use crate::{
    auth::{DEMO, KeySecret, Operator, Tenant},
    clock::Clock,
    db::{
        Conn, Db,
        types::{Timestamp, Uid},
    },
    models::{
        self,
        api_key::{ApiKey, Scope},
        attribute::Patch,
        customer_group::CustomerGroupAttributes,
        mutable::Create,
        tenant::{self, Defaults},
    },
};

/// 2026-01-05T08:00:00Z, when the demo's first row was created; the others follow every 97 seconds.
const START: i64 = 1_767_600_000_000_000;
const STEP: i64 = 97_000_000;

/// The country of the demo's phone numbers.
const COUNTRY: &str = "GB";

/// Number of customers.
const CUSTOMERS: usize = 420;

/// Every `NEWSLETTER`th customer receives the newsletter.
const NEWSLETTER: usize = 3;

/// Every `GOLD_CLUB`th customer is in the Gold Club and its loyalty program.
const GOLD_CLUB: usize = 7;

/// Every `STAFF`th customer is an employee.
const STAFF: usize = 29;

/// Fills an empty database. Leaves a database that already contains the demo unchanged; fails if
/// there are other tenants.
pub async fn fill(db: &Db, clock: &Clock) -> anyhow::Result<()> {
    let secret = KeySecret::demo();
    let mut lease = db.write().await?;
    if ApiKey::authenticate(&mut lease.conn(), &secret, clock.now()).await?.is_some() {
        return Ok(());
    }
    if !tenant::list(&mut lease.conn()).await?.is_empty() {
        bail!("the database already has tenants; the demo needs an empty one");
    }
    let start = Timestamp::from_microseconds(START).context("the demo's first time")?;
    let (demo_clock, clock) = (Clock::fixed(start, STEP), clock.clone());
    lease
        .conn()
        .transaction(async |tx| {
            let tenant = Tenant::create(tx, DEMO, COUNTRY.parse().ok(), &clock).await?;
            ApiKey::create(tx, &tenant, &clock, &secret, Scope::Admin, Some(DEMO), None).await?;
            let operator = Operator::new(tenant, DEMO, &demo_clock);
            tenant::update(tx, operator.administrator(), Patch::of_all(&defaults())).await?;
            fill_tenant(tx, &operator).await
        })
        .await?;
    drop(lease);
    Ok(db.analyze().await?)
}

/// The tenant's defaults, for customers whose groups have none.
fn defaults() -> Defaults {
    Defaults {
        default_price_list: Some("Standard 2026".to_owned()),
        payment_terms: Some("Prepaid".to_owned()),
        payment_terms_days: Some(0),
        credit_limit: None,
        language: Some("en".to_owned()),
    }
}

async fn fill_tenant(tx: &mut Conn<'_>, operator: &Operator) -> Result<(), models::Error> {
    let writer = operator.writer();
    let mut above: Vec<Uid> = Vec::new();
    let mut groups = Groups::default();
    for (position, line) in GROUPS.iter().enumerate() {
        let name = line.trim_start();
        let level = (line.len() - name.len()) / 2;
        let next_level =
            GROUPS.get(position + 1).map_or(0, |next| (next.len() - next.trim_start().len()) / 2);
        above.truncate(level);
        let is_group = next_level > level;
        let attributes = CustomerGroupAttributes {
            external_id: Some(if level == 0 { "all".to_owned() } else { slug(name) }),
            parent_id: above.last().copied(),
            is_group,
            customer_group_name: name.to_owned(),
            default_price_list: named(PRICE_LISTS, name).map(str::to_owned),
            payment_terms: (level == 1).then(|| "Net 30".to_owned()),
            payment_terms_days: (level == 1).then_some(30),
            credit_limit: named(CREDIT_LIMITS, name).and_then(|limit| limit.parse().ok()),
            language: named(LANGUAGES, name).map(str::to_owned),
        };
        let group = attributes.create_in(tx, writer).await?.row;
        above.push(group.id);
        groups.0.insert(name, group.id);
    }
    let programs = loyalty::programs(tx, writer, &groups).await?;
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let customer = customers::customer(number, &groups, &programs);
        customers.push(customer.create_in(tx, writer).await?.row.id);
    }
    loyalty::pos_profiles(tx, writer, &groups).await?;
    attributes::fill(tx, operator, &groups, &programs.ids(), &customers).await
}

/// The demo's groups, by name.
#[derive(Default)]
struct Groups(HashMap<&'static str, Uid>);

impl Groups {
    fn named(&self, name: &str) -> Option<Uid> {
        self.0.get(name).copied()
    }
}

/// The value for the group with this name.
fn named(values: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    values.iter().find(|(of, _)| *of == name).map(|(_, value)| *value)
}

/// Turns a name into an identifier: `Fine Dining` becomes `fine-dining`.
fn slug(name: &str) -> String {
    let folded = models::search_key::fold(name);
    let words = folded.split(|char: char| !char.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
