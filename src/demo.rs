//! The demo's data: a retailer with groups five levels deep and some hundreds of customers.
//!
//! The same on every machine and in both databases, to the byte, ids and times included: the clock
//! is a fixed one, and nothing is drawn at random.

use anyhow::{Context, bail};

use crate::{
    auth::{DEMO, KeySecret, Operator, Tenant, Writer},
    clock::Clock,
    db::{
        self, Conn, Db,
        types::{Timestamp, Uid},
    },
    models::{
        self, Customer, CustomerGroup,
        api_key::{ApiKey, Scope},
        customer::{CustomerAttributes, CustomerType},
        customer_group::CustomerGroupAttributes,
        membership, tenant,
    },
};

/// 2026-01-05T08:00:00Z, when the demo's first row was made; the others follow every 97 seconds.
const START: i64 = 1_767_600_000_000_000;
const STEP: i64 = 97_000_000;

/// How many customers there are.
const CUSTOMERS: usize = 420;

/// Fills an empty database. One that has the demo already is left as it is; one that has other
/// tenants, too, and that is an error.
pub async fn fill(db: &Db, clock: &Clock) -> anyhow::Result<()> {
    let secret = KeySecret::demo();
    let mut lease = db.write().await?;
    if ApiKey::authenticate(&mut lease.conn(), &secret, clock.now()).await?.is_some() {
        return Ok(());
    }
    if !tenant::list(&mut lease.conn()).await?.is_empty() {
        bail!("the database has tenants already; the demo wants an empty one");
    }
    let start = Timestamp::from_microseconds(START).context("the demo's first time")?;
    let (demo_clock, clock) = (Clock::fixed(start, STEP), clock.clone());
    lease
        .conn()
        .transaction(async |tx| {
            let tenant = Tenant::create(tx, DEMO, &clock).await?;
            ApiKey::create(tx, &tenant, &clock, &secret, Scope::Admin, Some(DEMO), None).await?;
            fill_tenant(tx, Operator::new(tenant, DEMO, &demo_clock).writer()).await
        })
        .await?;
    drop(lease);
    Ok(db.analyze().await?)
}

async fn fill_tenant(tx: &mut Conn<'_>, writer: Writer<'_>) -> Result<(), models::Error> {
    let mut groups: Vec<(usize, Uid)> = Vec::new();
    let mut leaves = Vec::new();
    for (position, line) in GROUPS.iter().enumerate() {
        let name = line.trim_start();
        let level = (line.len() - name.len()) / 2;
        let next_level =
            GROUPS.get(position + 1).map_or(0, |next| (next.len() - next.trim_start().len()) / 2);
        groups.truncate(level);
        let is_group = next_level > level;
        let attributes = CustomerGroupAttributes {
            external_id: Some(if level == 0 { "all".to_owned() } else { slug(name) }),
            parent_id: groups.last().map(|(_, id)| *id),
            is_group,
            customer_group_name: name.to_owned(),
            default_price_list: PRICE_LISTS
                .iter()
                .find(|(of, _)| *of == name)
                .map(|it| it.1.into()),
            payment_terms: (level == 1).then(|| "Net 30".to_owned()),
        };
        let group = CustomerGroup::create_in(tx, writer, attributes).await?;
        groups.push((position, group.id));
        if !is_group {
            leaves.push((name, group.id));
        }
    }
    let customers = (0..CUSTOMERS).map(|number| customer(number, &leaves)).collect();
    let customers = Customer::insert_many(tx, writer, customers).await?;
    join_clubs(tx, writer, &customers, &leaves).await?;
    Ok(())
}

/// Some customers are in further groups besides their primary one.
async fn join_clubs(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Customer],
    leaves: &[(&str, Uid)],
) -> Result<(), db::Error> {
    for (club, every) in [("Newsletter", 3), ("Gold Club", 7), ("Staff", 29)] {
        let Some((_, group)) = leaves.iter().find(|(name, _)| *name == club) else { continue };
        let members: Vec<Uid> = customers.iter().step_by(every).map(|it| it.id).collect();
        membership::insert(tx, writer, &members, *group).await?;
    }
    Ok(())
}

/// The `number`th customer: every third a company, the others people.
fn customer(number: usize, leaves: &[(&str, Uid)]) -> CustomerAttributes {
    let pick = |list: &[&'static str], salt: usize| {
        list.get((number * 7 + number / list.len() * salt) % list.len())
            .copied()
            .unwrap_or_default()
    };
    let (first, last) = (pick(FIRST_NAMES, 3), pick(LAST_NAMES, 5));
    let is_company = number.is_multiple_of(3);
    let name =
        if is_company { format!("{last} {}", pick(TRADES, 1)) } else { format!("{first} {last}") };
    let (territory, language, currency) =
        TERRITORIES.get(number * 5 % TERRITORIES.len()).copied().unwrap_or_default();
    let group = leaves.get(number * 11 % leaves.len()).map(|(_, id)| *id);
    let text = |text: &str| Some(text.to_owned());
    CustomerAttributes {
        external_id: Some(format!("C-{:05}", 10_001 + number)),
        email_id: Some(format!("{}@example.com", slug(&name).replace('-', "."))),
        // A range of numbers that is never given to anyone.
        mobile_no: Some(format!("+44 7700 900{:03}", number % 1_000)),
        customer_type: match (is_company, number.is_multiple_of(21)) {
            (true, true) => CustomerType::Partnership,
            (true, false) => CustomerType::Company,
            (false, _) => CustomerType::Individual,
        },
        first_name: text(first),
        last_name: text(last),
        customer_name: name,
        customer_group_id: group,
        territory: text(territory),
        language: text(language),
        default_currency: text(currency),
        tax_id: is_company
            .then(|| format!("{}{:09}", language.to_uppercase(), 314_159 * (number + 1))),
        industry: is_company.then(|| pick(TRADES, 1).to_owned()),
        account_manager: is_company.then(|| pick(FIRST_NAMES, 11).to_lowercase()),
        payment_terms: number.is_multiple_of(12).then(|| "Net 14".to_owned()),
        default_commission_rate: number.is_multiple_of(15).then(|| "2.5".parse().ok()).flatten(),
        disabled: number % 23 == 22,
        is_frozen: number % 37 == 36,
        so_required: number % 17 == 16,
        is_internal_customer: number % 139 == 138,
        represents_company: (number % 139 == 138).then(|| "Clientele Demo".to_owned()),
        ..CustomerAttributes::default()
    }
}

/// A name as an identifier: `Fine Dining` is `fine-dining`.
fn slug(name: &str) -> String {
    let folded = models::search_key::fold(name);
    let words = folded.split(|char: char| !char.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

const PRICE_LISTS: &[(&str, &str)] =
    &[("Retail", "Retail 2026"), ("Wholesale", "Wholesale 2026"), ("Gold Club", "Gold 2026")];

/// The groups; two spaces are one level.
const GROUPS: &[&str] = &[
    "All Customer Groups",
    "  Retail",
    "    Nordics",
    "      Norway",
    "        Oslo",
    "        Bergen",
    "        Tromsø",
    "      Sweden",
    "        Stockholm",
    "        Göteborg",
    "      Denmark",
    "        København",
    "        Århus",
    "    Central Europe",
    "      Germany",
    "        Berlin",
    "        München",
    "        Köln",
    "      Poland",
    "        Łódź",
    "        Kraków",
    "    Iberia",
    "      Spain",
    "        Madrid",
    "        A Coruña",
    "      Portugal",
    "        Lisboa",
    "  Wholesale",
    "    Hospitality",
    "      Restaurants",
    "        Fine Dining",
    "        Bistros",
    "      Hotels",
    "        City Hotels",
    "        Resorts",
    "    Grocers",
    "      Independents",
    "      Chains",
    "  Online",
    "    Web Shop",
    "    Marketplaces",
    "  Programmes",
    "    Newsletter",
    "    Gold Club",
    "    Staff",
];

const FIRST_NAMES: &[&str] = &[
    "Søren",
    "Łucja",
    "José",
    "Zoë",
    "Anders",
    "Ingrid",
    "Jürgen",
    "Agnieszka",
    "Noor",
    "Pål",
    "Maija",
    "Élodie",
    "Tomás",
    "Brigitte",
    "Åse",
    "Miloš",
    "Fatima",
    "Henrik",
    "Inês",
    "Oskar",
    "Chloé",
    "Bjørn",
    "Katarzyna",
    "Mateus",
    "Lotte",
    "Günther",
    "Aino",
    "Rafael",
    "Wanda",
];

const LAST_NAMES: &[&str] = &[
    "Ødegård",
    "Müller",
    "García",
    "Kowalska",
    "Lindström",
    "Nguyen",
    "Sørensen",
    "Fernández",
    "Weiß",
    "Nowak",
    "Berg",
    "Araújo",
    "Dąbrowski",
    "Håkansson",
    "Schäfer",
    "Moreau",
    "Järvinen",
    "Peña",
    "Wójcik",
    "Thorsen",
    "Bäcker",
    "Silva",
    "Grønlund",
];

const TRADES: &[&str] = &[
    "Delikatessen",
    "Café",
    "Hotell",
    "Markt",
    "Bakeri",
    "Vinhandel",
    "Bistro",
    "Kolonial",
    "Fiskeri",
    "Konditorei",
    "Mercado",
];

/// Territories, with a language and a currency.
const TERRITORIES: &[(&str, &str, &str)] = &[
    ("Norway", "no", "NOK"),
    ("Sweden", "sv", "SEK"),
    ("Denmark", "da", "DKK"),
    ("Germany", "de", "EUR"),
    ("Poland", "pl", "PLN"),
    ("Spain", "es", "EUR"),
    ("Portugal", "pt", "EUR"),
];
