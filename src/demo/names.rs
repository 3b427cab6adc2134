//! The names that the demo's data is made of.

pub const PRICE_LISTS: &[(&str, &str)] =
    &[("Retail", "Retail 2026"), ("Wholesale", "Wholesale 2026"), ("Gold Club", "Gold 2026")];

/// The groups; two spaces are one level.
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

pub const FIRST_NAMES: &[&str] = &[
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

pub const LAST_NAMES: &[&str] = &[
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

pub const TRADES: &[&str] = &[
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

/// Territories, with a language, a currency, a country code, a city and a street.
pub const TERRITORIES: &[Territory] = &[
    Territory::new("Norway", "no", "NOK", "NO", "Bergen", "Strandgaten"),
    Territory::new("Sweden", "sv", "SEK", "SE", "Göteborg", "Vasagatan"),
    Territory::new("Denmark", "da", "DKK", "DK", "Århus", "Søndergade"),
    Territory::new("Germany", "de", "EUR", "DE", "Köln", "Mühlenstraße"),
    Territory::new("Poland", "pl", "PLN", "PL", "Łódź", "Piotrkowska"),
    Territory::new("Spain", "es", "EUR", "ES", "A Coruña", "Rúa Real"),
    Territory::new("Portugal", "pt", "EUR", "PT", "Lisboa", "Rua Augusta"),
];

pub struct Territory {
    pub name: &'static str,
    pub language: &'static str,
    pub currency: &'static str,
    pub country: &'static str,
    pub city: &'static str,
    pub street: &'static str,
}

impl Territory {
    const fn new(
        name: &'static str,
        language: &'static str,
        currency: &'static str,
        country: &'static str,
        city: &'static str,
        street: &'static str,
    ) -> Self {
        Self { name, language, currency, country, city, street }
    }
}

pub const TITLES: &[&str] = &["Owner", "Purchasing", "Chef", "Accounting", "Store Manager"];
