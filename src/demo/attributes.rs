//! The demo's custom attributes. They are created last and do not advance the clock, so the ids and timestamps of all
//! other objects do not depend on them.

use super::Groups;
use crate::{
    auth::Operator,
    db::{
        Conn,
        types::{Date, Decimal, Uid},
    },
    models::{
        self, Lookup, PosProfile, Row as _,
        custom_attribute::{
            self, Assignment, Given, Money, NewDefinition, Noun, Prepared, Value, ValueType,
        },
    },
};

/// The stores that customers prefer.
const STORES: [&str; 4] = ["Oslo City", "Bergen Harbour", "Lisboa Chiado", "London Soho"];

/// The topics of the newsletter.
const TOPICS: [&str; 5] = ["Wine", "Cheese", "Coffee", "Kitchen", "Events"];

/// Declares the attributes, and gives these objects values.
pub async fn fill(
    tx: &mut Conn<'_>,
    operator: &Operator,
    groups: &Groups,
    programs: &[Uid],
    customers: &[Uid],
) -> Result<(), models::Error> {
    for definition in definitions() {
        custom_attribute::create(tx, operator.administrator(), definition).await?;
    }
    for (number, customer) in customers.iter().enumerate() {
        give(tx, operator, Noun::Customer, *customer, of_customer(number)).await?;
    }
    for (name, amount) in [("Hospitality", "25000"), ("Wholesale", "40000.5")] {
        let budget = Money { amount: decimal(amount), currency: "EUR".to_owned() };
        let Some(group) = groups.named(name) else { continue };
        let values = vec![("yearlyBudget", one(Value::Money(budget)))];
        give(tx, operator, Noun::CustomerGroup, group, values).await?;
    }
    for program in programs {
        let reviewed = Date::new(2026, 9, 1).unwrap_or_default();
        let values = vec![("reviewedOn", one(Value::Day(reviewed)))];
        give(tx, operator, Noun::LoyaltyProgram, *program, values).await?;
    }
    let profile = Lookup::ExternalId("pos-oslo".to_owned());
    if let Some(profile) = PosProfile::find(tx, operator.writer().tenant(), &profile).await? {
        let values = vec![("opensOnSundays", one(Value::Flag(true)))];
        give(tx, operator, Noun::PosProfile, profile.id, values).await?;
    }
    Ok(())
}

fn definitions() -> [NewDefinition; 6] {
    let named = |noun, key: &str, value_type, description: &str| NewDefinition {
        noun,
        key: key.to_owned(),
        value_type,
        description: Some(description.to_owned()),
        ..NewDefinition::default()
    };
    let of_customers = |key, value_type, description| NewDefinition {
        is_searchable: true,
        ..named(Noun::Customer, key, value_type, description)
    };
    let store = "Store that the customer prefers.";
    let topics = "Topics of the newsletter.";
    let (group, program, profile) = (Noun::CustomerGroup, Noun::LoyaltyProgram, Noun::PosProfile);
    [
        NewDefinition {
            choices: STORES.map(str::to_owned).to_vec(),
            ..of_customers("favouriteStore", ValueType::Choice, store)
        },
        NewDefinition {
            is_list: true,
            ..of_customers("newsletterTopics", ValueType::Text, topics)
        },
        of_customers("shoeSize", ValueType::Number, "Shoe size, in the European system."),
        named(group, "yearlyBudget", ValueType::Money, "Budget for the group's marketing."),
        named(program, "reviewedOn", ValueType::Day, "When the terms were last reviewed."),
        named(profile, "opensOnSundays", ValueType::Flag, "Whether its stores open on Sundays."),
    ]
}

/// The values of the `number`th customer. Some have none.
fn of_customer(number: usize) -> Vec<(&'static str, Given)> {
    let mut values = Vec::new();
    if number.is_multiple_of(2) {
        let store = STORES.get(number / 2 % STORES.len()).copied().unwrap_or_default();
        values.push(("favouriteStore", one(Value::Choice(store.to_owned()))));
    }
    if number.is_multiple_of(super::NEWSLETTER) {
        let topics = TOPICS.iter().skip(number / 3 % 3).step_by(2);
        let topics = topics.map(|topic| vec![Value::Text((*topic).to_owned())]);
        values.push(("newsletterTopics", Given::Many(topics.collect())));
    }
    if number % 5 > 1 {
        let size = format!("{}.{}", 36 + number % 11, number % 2 * 5);
        values.push(("shoeSize", one(Value::Number(decimal(&size)))));
    }
    values
}

fn one(value: Value) -> Given {
    Given::One(vec![value])
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

async fn give(
    tx: &mut Conn<'_>,
    operator: &Operator,
    noun: Noun,
    object: Uid,
    values: Vec<(&str, Given)>,
) -> Result<(), models::Error> {
    let assignment = |(key, given): (&str, Given)| {
        let key = key.to_owned();
        Assignment { field: key.clone(), key, given }
    };
    let assignments: Vec<_> = values.into_iter().map(assignment).collect();
    let tenant = operator.writer().tenant();
    let prepared = Prepared::new(tx, tenant, noun, &assignments).await?;
    prepared.write_new(tx, tenant, object).await
}
