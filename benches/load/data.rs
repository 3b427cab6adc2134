//! The data: a tree of groups, programs, customers and points of sale, the same at every run.
//!
//! Each row follows from its number. So the harness knows every id and every right response without
//! asking the server.

mod lines;

use std::fmt::Write as _;

use super::random::Random;

/// Customers at scale 1.
pub const CUSTOMERS: usize = 10_000;
pub const PROGRAMS: usize = 20;
pub const PROFILES: usize = 50;
/// The tiers of each program: name, least amount, factor.
pub const TIERS: [(&str, u32, &str); 4] = [
    ("Bronze", 0, "1"),
    ("Silver", 500, "1.25"),
    ("Gold", 2_000, "1.5"),
    ("Platinum", 10_000, "2"),
];
/// The levels below the root, and how many groups each has below every group of the one above.
const LEVELS: [(&str, usize); 7] = [
    ("Region", 4),
    ("Market", 3),
    ("Chain", 2),
    ("Division", 2),
    ("Area", 2),
    ("District", 2),
    ("Store", 3),
];
/// The levels whose groups points of sale have links to.
const OF_PROFILES: std::ops::RangeInclusive<usize> = 4..=5;

/// A first name, and how it is folded for searches.
const FIRST_NAMES: [(&str, &str); 24] = [
    ("Anna", "anna"),
    ("Bjørn", "bjorn"),
    ("Clara", "clara"),
    ("Dmitri", "dmitri"),
    ("Émile", "emile"),
    ("Fatima", "fatima"),
    ("Giulia", "giulia"),
    ("Hiroshi", "hiroshi"),
    ("Ingrid", "ingrid"),
    ("José", "jose"),
    ("Kwame", "kwame"),
    ("Leïla", "leila"),
    ("Mário", "mario"),
    ("Nora", "nora"),
    ("Olga", "olga"),
    ("Paweł", "pawel"),
    ("Rosa", "rosa"),
    ("Søren", "soren"),
    ("Tomás", "tomas"),
    ("Uğur", "ugur"),
    ("Viktor", "viktor"),
    ("Wilma", "wilma"),
    ("Yasmin", "yasmin"),
    ("Zoë", "zoe"),
];
const SYLLABLES: [&str; 40] = [
    "ba", "berg", "bra", "dal", "dor", "fel", "fin", "ga", "gra", "hel", "hol", "jen", "ka", "kel",
    "kir", "kra", "lan", "len", "lund", "ma", "mel", "mor", "nel", "no", "par", "per", "qui",
    "ren", "ros", "sa", "sel", "sol", "ster", "sund", "tar", "thor", "ver", "vik", "wa", "zu",
];
const KINDS_OF_COMPANY: [&str; 5] = ["AS", "AB", "GmbH", "SA", "Oy"];
const PLACES: [(&str, &str); 8] = [
    ("Oslo", "NO"),
    ("København", "DK"),
    ("Stockholm", "SE"),
    ("Berlin", "DE"),
    ("Paris", "FR"),
    ("Madrid", "ES"),
    ("Kraków", "PL"),
    ("Wien", "AT"),
];

#[derive(Clone, Copy)]
pub enum Kind {
    Group,
    Program,
    Tier,
    Customer,
    Address,
    Contact,
    Profile,
    Link,
}

impl Kind {
    /// How its ids begin, and the number by which those of one kind differ from those of another.
    const fn prefix(self) -> (&'static str, u8) {
        match self {
            Self::Group => ("customer-group", 1),
            Self::Program => ("loyalty-program", 2),
            Self::Tier => ("loyalty-program-collection", 3),
            Self::Customer => ("customer", 4),
            Self::Address => ("customer-address", 5),
            Self::Contact => ("customer-contact", 6),
            Self::Profile => ("p-o-s-profile", 7),
            Self::Link => ("p-o-s-customer-group", 8),
        }
    }

    /// The id as the API has it.
    pub fn id(self, number: usize) -> String {
        format!("{}_{}", self.prefix().0, self.uuid(number).replace('-', ""))
    }

    /// The id as PostgreSQL has it: a UUID of version 7, in the order of the numbers.
    pub fn uuid(self, number: usize) -> String {
        format!("{}{number:012x}", self.uuid_prefix())
    }

    /// All of the UUID but the number.
    pub fn uuid_prefix(self) -> String {
        format!("019b{:04x}-0000-7000-8000-", self.prefix().1)
    }
}

pub struct Group {
    pub name: String,
    pub parent: Option<usize>,
    level: usize,
}

pub struct Customer {
    pub name: String,
    /// The name as it is searched.
    pub folded: String,
    pub email: String,
    pub group: usize,
    /// The program and the place of the tier within it.
    pub loyalty: Option<(usize, usize)>,
    pub street: String,
    pub city: &'static str,
    pub postal_code: String,
    country: &'static str,
    pub first_name: &'static str,
    pub last_name: String,
    is_company: bool,
}

pub struct Data {
    pub customers: Vec<Customer>,
    pub groups: Vec<Group>,
    /// The groups that each point of sale has links to.
    pub profiles: Vec<Vec<usize>>,
}

impl Data {
    pub fn new(customers: usize) -> Self {
        let groups = groups();
        let mut random = Random::new(20_261_127);
        let (leaves, inner): (Vec<usize>, Vec<usize>) = (0..groups.len())
            .partition(|group| groups.get(*group).is_some_and(|it| it.level == LEVELS.len()));
        let linked: Vec<usize> = inner
            .into_iter()
            .filter(|group| groups.get(*group).is_some_and(|it| OF_PROFILES.contains(&it.level)))
            .collect();
        let profiles = (0..PROFILES).map(|number| random.sample(&linked, 2 + number % 3)).collect();
        let customers =
            (0..customers).map(|number| Customer::new(number, &leaves, &mut random)).collect();
        Self { customers, groups, profiles }
    }

    /// The groups above one, its parent first.
    pub fn ancestors(&self, group: usize) -> Vec<usize> {
        let parent = |group: &usize| self.groups.get(*group).and_then(|it| it.parent);
        std::iter::successors(parent(&group), parent).collect()
    }

    pub fn is_within(&self, group: usize, top: usize) -> bool {
        group == top || self.ancestors(group).contains(&top)
    }

    /// The groups of those levels, counted from the root.
    pub fn groups_at(&self, levels: std::ops::RangeInclusive<usize>) -> Vec<usize> {
        let groups = self.groups.iter().enumerate();
        groups.filter(|(_, it)| levels.contains(&it.level)).map(|(number, _)| number).collect()
    }
}

fn groups() -> Vec<Group> {
    let mut groups = vec![Group { name: "All".to_owned(), parent: None, level: 0 }];
    let mut above = vec![(0, String::new())];
    for (level, (name, count)) in LEVELS.iter().enumerate() {
        let mut here = Vec::new();
        for (parent, path) in above {
            for place in 1..=*count {
                let path = format!("{path}{}{place}", if path.is_empty() { "" } else { "." });
                here.push((groups.len(), path.clone()));
                let name = format!("{name} {path}");
                groups.push(Group { name, parent: Some(parent), level: level + 1 });
            }
        }
        above = here;
    }
    groups
}

pub fn program_name(number: usize) -> String {
    format!("Program {number:02}")
}

pub fn tier_id(program: usize, place: usize) -> String {
    Kind::Tier.id(program * TIERS.len() + place)
}

impl Customer {
    fn new(number: usize, leaves: &[usize], random: &mut Random) -> Self {
        let (first_name, first_folded) = *random.choose(&FIRST_NAMES);
        let mut last_name = String::new();
        for _ in 0..2 + random.below(3) {
            last_name.push_str(random.choose::<&str>(&SYLLABLES));
        }
        let folded_last = last_name.clone();
        if let Some(initial) = last_name.get_mut(..1) {
            initial.make_ascii_uppercase();
        }
        let is_company = number.is_multiple_of(5);
        let (mut name, mut folded) = (String::new(), String::new());
        if is_company {
            let kind = *random.choose(&KINDS_OF_COMPANY);
            write!(name, "{last_name} {kind}").ok();
            write!(folded, "{folded_last} {}", kind.to_lowercase()).ok();
        } else {
            write!(name, "{first_name} {last_name}").ok();
            write!(folded, "{first_folded} {folded_last}").ok();
        }
        let (city, country) = *random.choose(&PLACES);
        Self {
            email: format!("c{number}.{folded_last}@example.com"),
            name,
            folded,
            group: *random.choose(leaves),
            loyalty: number
                .is_multiple_of(2)
                .then_some(((number / 2) % PROGRAMS, (number / 40) % TIERS.len())),
            street: format!("{last_name} gate {}", 1 + random.below(200)),
            city,
            postal_code: format!("{:04}", random.below(10_000)),
            country,
            first_name,
            last_name,
            is_company,
        }
    }

    pub fn mobile_no(number: usize) -> String {
        format!("+47 {:08}", 90_000_000 + number % 10_000_000)
    }

    /// The name of another system for the customer.
    pub fn external_id(number: usize) -> String {
        format!("C-{number:07}")
    }
}
