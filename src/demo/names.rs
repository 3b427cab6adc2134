//! The names in the demo's data.

pub const PRICE_LISTS: &[(&str, &str)] =
    &[("Retail", "Retail 2026"), ("Wholesale", "Wholesale 2026"), ("Gold Club", "Gold 2026")];

pub const CREDIT_LIMITS: &[(&str, &str)] = &[("Wholesale", "50000"), ("Staff", "500")];

pub const LANGUAGES: &[(&str, &str)] =
    &[("Norway", "nb"), ("Sweden", "sv"), ("Denmark", "da"), ("Germany", "de"), ("Poland", "pl")];

/// The groups; two spaces indent one level.
pub const GROUPS: &[&str] = &[
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

/// First names, with spaces between them.
pub const FIRST_NAMES: &str = "Søren Łucja José Zoë Anders Ingrid Jürgen Agnieszka Noor Pål \
    Maija Élodie Tomás Brigitte Åse Miloš Fatima Henrik Inês Oskar Chloé Bjørn Katarzyna Mateus \
    Lotte Günther Aino Rafael Wanda";

/// Last names, with spaces between them.
pub const LAST_NAMES: &str = "Ødegård Müller García Kowalska Lindström Nguyen Sørensen Fernández \
    Weiß Nowak Berg Araújo Dąbrowski Håkansson Schäfer Moreau Järvinen Peña Wójcik Thorsen \
    Bäcker Silva Grønlund";

/// Trades, and the groups of their companies.
pub const TRADES: &[(&str, &str)] = &[
    ("Delikatessen", "Independents"),
    ("Café", "Bistros"),
    ("Hotell", "City Hotels"),
    ("Markt", "Chains"),
    ("Bakeri", "Independents"),
    ("Vinhandel", "Web Shop"),
    ("Bistro", "Bistros"),
    ("Kolonial", "Chains"),
    ("Restaurante", "Fine Dining"),
    ("Resort", "Resorts"),
    ("Mercado", "Marketplaces"),
];

/// The company that owns the demo's data.
pub const COMPANY: &str = "Clientele Demo";

pub const SEGMENTS: &[&str] = &["Lower Income", "Middle Income", "Upper Income"];

pub const TITLES: &[&str] = &["Owner", "Purchasing", "Chef", "Accounting", "Store Manager"];

/// The places of customers: each city is a group, and its territory is a group above it.
pub const PLACES: &[Place] = &[
    Place::new(NORWAY, "Oslo", "0154", "Østlandet", "Karl Johans gate"),
    Place::new(NORWAY, "Bergen", "5014", "Vestland", "Strandgaten"),
    Place::new(NORWAY, "Tromsø", "9008", "Troms", "Storgata"),
    Place::new(SWEDEN, "Stockholm", "111 51", "Stockholms län", "Drottninggatan"),
    Place::new(SWEDEN, "Göteborg", "411 24", "Västra Götaland", "Vasagatan"),
    Place::new(DENMARK, "København", "1100", "Hovedstaden", "Østergade"),
    Place::new(DENMARK, "Århus", "8000", "Midtjylland", "Søndergade"),
    Place::new(GERMANY, "Berlin", "10119", "Berlin", "Torstraße"),
    Place::new(GERMANY, "München", "80331", "Bayern", "Sendlinger Straße"),
    Place::new(GERMANY, "Köln", "50667", "Nordrhein-Westfalen", "Hohe Straße"),
    Place::new(POLAND, "Łódź", "90-006", "łódzkie", "Piotrkowska"),
    Place::new(POLAND, "Kraków", "31-019", "małopolskie", "Floriańska"),
    Place::new(SPAIN, "Madrid", "28013", "Comunidad de Madrid", "Calle Mayor"),
    Place::new(SPAIN, "A Coruña", "15003", "Galicia", "Rúa Real"),
    Place::new(PORTUGAL, "Lisboa", "1100-048", "Lisboa", "Rua Augusta"),
];

#[derive(Clone, Copy, Default)]
pub struct Place {
    pub territory: &'static str,
    pub language: &'static str,
    pub currency: &'static str,
    pub country: &'static str,
    pub city: &'static str,
    pub postal_code: &'static str,
    pub region: &'static str,
    pub street: &'static str,
}

/// A territory's name, language, currency and country code.
type Territory = (&'static str, &'static str, &'static str, &'static str);

const NORWAY: Territory = ("Norway", "no", "NOK", "NO");
const SWEDEN: Territory = ("Sweden", "sv", "SEK", "SE");
const DENMARK: Territory = ("Denmark", "da", "DKK", "DK");
const GERMANY: Territory = ("Germany", "de", "EUR", "DE");
const POLAND: Territory = ("Poland", "pl", "PLN", "PL");
const SPAIN: Territory = ("Spain", "es", "EUR", "ES");
const PORTUGAL: Territory = ("Portugal", "pt", "EUR", "PT");

impl Place {
    const fn new(
        (territory, language, currency, country): Territory,
        city: &'static str,
        postal_code: &'static str,
        region: &'static str,
        street: &'static str,
    ) -> Self {
        Self { territory, language, currency, country, city, postal_code, region, street }
    }
}
