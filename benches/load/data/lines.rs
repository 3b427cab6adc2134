//! The data as lines of a file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Customer, Data, Group, Kind, LEVELS, PROGRAMS, TIERS, program_name, tier_id};

impl Data {
    /// Writes all of it as `clientele import all` reads it.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut file = BufWriter::new(file);
        for (number, group) in self.groups.iter().enumerate() {
            writeln!(file, "{}", group.line(number))?;
        }
        for number in 0..PROGRAMS {
            writeln!(file, "{}", program_line(number))?;
        }
        let bar = progress_bar(self.customers.len());
        for (number, customer) in self.customers.iter().enumerate() {
            writeln!(file, "{}", customer.line(number))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        for (number, groups) in self.profiles.iter().enumerate() {
            writeln!(file, "{}", profile_line(number, groups))?;
        }
        Ok(file.flush()?)
    }
}

fn progress_bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {percent:>3}%  {pos} customers  {eta} left");
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Group {
    fn line(&self, number: usize) -> Value {
        json!({
            "type": "CustomerGroup",
            "id": Kind::Group.id(number),
            "externalId": format!("G-{number:04}"),
            "isGroup": self.level < LEVELS.len(),
            "customerGroupName": self.name,
            "parentId": self.parent.map(|parent| Kind::Group.id(parent)),
        })
    }
}

impl Customer {
    fn line(&self, number: usize) -> Value {
        let person = |text: &str| (!self.is_company).then(|| text.to_owned());
        json!({
            "type": "Customer",
            "id": Kind::Customer.id(number),
            "externalId": Self::external_id(number),
            "customerName": self.name,
            "customerType": if self.is_company { "COMPANY" } else { "INDIVIDUAL" },
            "firstName": person(self.first_name),
            "lastName": person(&self.last_name),
            "emailId": self.email,
            "mobileNo": Self::mobile_no(number),
            "taxId": self.is_company.then(|| format!("NO{:09}MVA", 800_000_000 + number)),
            "language": "en",
            "territory": self.country,
            "customerGroupId": Kind::Group.id(self.group),
            "loyaltyProgramId": self.loyalty.map(|(program, _)| Kind::Program.id(program)),
            "loyaltyProgramTierId": self.loyalty.map(|(program, tier)| tier_id(program, tier)),
            "contacts": [{
                "id": Kind::Contact.id(number),
                "firstName": self.first_name,
                "lastName": self.last_name,
                "emailId": self.email,
                "isPrimary": true,
            }],
            "addresses": [{
                "id": Kind::Address.id(number),
                "addressType": "DELIVERY_ADDRESS",
                "address": self.street,
                "postalCode": self.postal_code,
                "city": self.city,
                "countryCode": self.country,
                "isPrimary": true,
            }],
        })
    }
}

fn program_line(number: usize) -> Value {
    let tiers = TIERS.iter().enumerate().map(|(place, (name, min_spent, factor))| {
        json!({
            "id": tier_id(number, place),
            "tierName": name,
            "minSpent": min_spent.to_string(),
            "collectionFactor": factor,
        })
    });
    json!({
        "type": "LoyaltyProgram",
        "id": Kind::Program.id(number),
        "externalId": format!("P-{number:02}"),
        "loyaltyProgramName": program_name(number),
        "loyaltyProgramType": "MULTIPLE_TIER_PROGRAM",
        "fromDate": "2026-01-01",
        "collections": tiers.collect::<Vec<_>>(),
    })
}

fn profile_line(number: usize, groups: &[usize]) -> Value {
    // No profile has more than eight links.
    let links = groups.iter().enumerate().map(|(place, group)| {
        json!({ "id": Kind::Link.id(8 * number + place), "customerGroupId": Kind::Group.id(*group) })
    });
    json!({
        "type": "PosProfile",
        "id": Kind::Profile.id(number),
        "posProfileId": format!("till-{number:02}"),
        "posCustomerGroups": links.collect::<Vec<_>>(),
    })
}
