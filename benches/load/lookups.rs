//! How long `customerLookup` takes for each kind of text that people type: one request at a time, as a till waits for
//! its response.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{
    cli::{CommonArgs, LookupArgs},
    client::{Connection, Request},
    data::{Customer, Data},
    random::Random,
    server::Server,
    setup::Setup,
};

const DOCUMENT: &str = include_str!("documents/lookup.graphql");

/// Texts of each kind.
const TEXTS: usize = 300;

/// Requests before any is measured.
const WARM_UP: usize = 20;

/// A kind of text that is typed to find a customer.
#[derive(Clone, Copy)]
enum Typed {
    Phone,
    LastDigits,
    Email,
    ExternalId,
    Name,
    LastName,
    Beginning,
    Beginnings,
    TypingError,
    City,
    NameAndCity,
}

impl Typed {
    const ALL: [Self; 11] = [
        Self::Phone,
        Self::LastDigits,
        Self::Email,
        Self::ExternalId,
        Self::Name,
        Self::LastName,
        Self::Beginning,
        Self::Beginnings,
        Self::TypingError,
        Self::City,
        Self::NameAndCity,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Phone => "a phone number",
            Self::LastDigits => "its last six digits",
            Self::Email => "an e-mail address",
            Self::ExternalId => "an external ID",
            Self::Name => "the name",
            Self::LastName => "the last name",
            Self::Beginning => "the first four letters of the last name",
            Self::Beginnings => "the first three letters of two words",
            Self::TypingError => "the last name with a typing error",
            Self::City => "a city",
            Self::NameAndCity => "a first name and a city",
        }
    }

    fn text(self, number: usize, customer: &Customer, random: &mut Random) -> String {
        let beginning = |word: &str, length| word.chars().take(length).collect::<String>();
        let words = customer.name.split(' ').map(|word| beginning(word, 3));
        match self {
            Self::Phone => Customer::mobile_no(number),
            Self::LastDigits => Customer::mobile_no(number).split_off(6),
            Self::Email => customer.email.clone(),
            Self::ExternalId => Customer::external_id(number),
            Self::Name => customer.name.clone(),
            Self::LastName => customer.last_name.clone(),
            Self::Beginning => beginning(&customer.last_name, 4),
            Self::Beginnings => words.collect::<Vec<_>>().join(" "),
            Self::TypingError => {
                let mut letters: Vec<char> = customer.last_name.chars().collect();
                let place = random.below(letters.len() - 1);
                letters.swap(place, place + 1);
                letters.into_iter().collect()
            }
            Self::City => customer.city.to_owned(),
            Self::NameAndCity => format!("{} {}", customer.first_name, customer.city),
        }
    }

    /// Whether the text is only that customer's, so that it must be the first hit.
    const fn is_one(self) -> bool {
        matches!(self, Self::Email | Self::ExternalId)
    }
}

/// The median and the 95th percentile of the latencies, the most statements of a request, and the number of texts that
/// found nothing.
struct Figures {
    median: Duration,
    p95: Duration,
    statements: u64,
    missed: usize,
}

pub async fn measure(common: &CommonArgs, args: &LookupArgs) -> anyhow::Result<()> {
    let setup = Setup::new(common, args.customers(), args.tenants, false).await?;
    let mut servers = Vec::new();
    for filled in &setup.filled {
        servers.push((filled.database.name(), setup.clientele().serve(filled, &[]).await?));
    }
    let customers = setup.data.customers.len();
    println!("\nMilliseconds with {customers} customers in each of {} tenants:\n", args.tenants);
    let heads = servers.iter().map(|(name, _)| format!(" {name} |"));
    println!("| typed |{}", heads.collect::<String>());
    println!("|---|{}", "--:|".repeat(servers.len()));
    for typed in Typed::ALL {
        let mut cells = Vec::new();
        for (name, server) in &servers {
            let figures = of(typed, server, &setup.data).await;
            let Figures { median, p95, statements, missed } =
                figures.with_context(|| format!("{} on {name}", typed.name()))?;
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            let note = if missed > 0 { format!(", {missed} missed") } else { String::new() };
            cells.push(format!("{:.1} ({:.1}), {statements}{note}", millis(median), millis(p95)));
        }
        println!("| {} | {} |", typed.name(), cells.join(" | "));
    }
    println!(
        "\nThe median, in brackets the 95th percentile, and the most statements of a request."
    );
    Ok(())
}

async fn of(typed: Typed, server: &Server, data: &Data) -> anyhow::Result<Figures> {
    let random = &mut Random::new(11);
    let headers = format!("{}clientele-cost: 1\r\n", server.headers);
    let mut connection = Connection::open(server.address).await?;
    let (mut latencies, mut statements, mut missed) = (Vec::new(), 0, 0);
    for place in 0..WARM_UP + TEXTS {
        let number = random.below(data.customers.len());
        let customer = &data.customers[number];
        let text = typed.text(number, customer, random);
        let request = Request::new(&headers, DOCUMENT, &json!({ "text": text }));
        let begun = Instant::now();
        let response = connection.ask(&request).await?;
        if place >= WARM_UP {
            latencies.push(begun.elapsed());
        }
        let in_response = || format!("{text}: {response}");
        missed += usize::from(!is_found(typed, number, &response).with_context(in_response)?);
        let used = &response["extensions"]["cost"]["used"]["statements"];
        statements = statements.max(used.as_u64().with_context(in_response)?);
    }
    latencies.sort_unstable();
    let (median, p95) = (latencies[TEXTS / 2], latencies[TEXTS * 95 / 100]);
    Ok(Figures { median, p95, statements, missed })
}

/// Whether customers are found: only a text with a typing error may find none, because a limited number of words is
/// compared with it. Fails unless the first one is right, if the text is only that customer's.
fn is_found(typed: Typed, number: usize, response: &Value) -> anyhow::Result<bool> {
    let hits = response["data"]["customerLookup"].as_array().context("no hits")?;
    let Some(first) = hits.first() else {
        ensure!(matches!(typed, Typed::TypingError), "nothing is found");
        return Ok(false);
    };
    let is_right = first["customer"]["externalId"] == Customer::external_id(number);
    ensure!(is_right || !typed.is_one(), "another customer is found first");
    Ok(true)
}
