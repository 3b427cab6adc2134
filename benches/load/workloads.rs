//! The workloads: what is asked, and about what.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{
    client::NUMBER,
    data::{Data, Kind, PROFILES, PROGRAMS, TIERS, tier_id},
    random::Random,
};

/// Different requests of a workload.
const SUBJECTS: usize = 2_000;
/// Most rows of a page of a point of sale, and of any other page.
pub const SCOPE: usize = 50;
pub const PAGE: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
#[value(rename_all = "lower")]
pub enum Workload {
    Point,
    Page1,
    List,
    Deep,
    Nested,
    Tree,
    Scope,
    Search,
    FilterCount,
    Update,
    Reorder,
    Create,
    CreateFull,
    Mixed,
}

use Workload::{
    Create, CreateFull, Deep, FilterCount, List, Mixed, Nested, Page1, Point, Reorder, Scope,
    Search, Tree, Update,
};

/// The subject of one request.
#[derive(Clone)]
pub enum Subject {
    Customer(usize),
    /// The page after that place in the order of names; `None`: the first.
    After(Option<usize>),
    Group(usize),
    Profile(usize),
    Text(String),
    Groups(usize, usize),
    /// A program, and the places of its tiers in a new order.
    Tiers(usize, Vec<usize>),
    /// A customer to be made, in that group.
    New(usize),
}

impl Workload {
    /// All but the mixed one, which is made of them.
    pub const SINGLE: [Self; 13] = [
        Point,
        Page1,
        List,
        Deep,
        Nested,
        Tree,
        Scope,
        Search,
        FilterCount,
        Update,
        Reorder,
        Create,
        CreateFull,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Point => "point",
            Page1 => "page1",
            List => "list",
            Deep => "deep",
            Nested => "nested",
            Tree => "tree",
            Scope => "scope",
            Search => "search",
            FilterCount => "filtercount",
            Update => "update",
            Reorder => "reorder",
            Create => "create",
            CreateFull => "createfull",
            Mixed => "mixed",
        }
    }

    /// Its requests in a hundred of the mixed workload.
    pub const fn weight(self) -> usize {
        match self {
            Point | Page1 | List | Deep | Nested | Tree | Scope | Search | FilterCount => 10,
            Update => 4,
            Create => 3,
            CreateFull => 2,
            Reorder => 1,
            Mixed => 0,
        }
    }

    /// The document that Clientele is sent; the mixed workload sends those of the others.
    pub const fn document(self) -> &'static str {
        match self {
            Point => include_str!("documents/point.graphql"),
            Page1 | Deep => include_str!("documents/page.graphql"),
            List => include_str!("documents/list.graphql"),
            Nested => include_str!("documents/nested.graphql"),
            Tree => include_str!("documents/tree.graphql"),
            Scope => include_str!("documents/scope.graphql"),
            Search => include_str!("documents/search.graphql"),
            FilterCount => include_str!("documents/filtercount.graphql"),
            Update => include_str!("documents/update.graphql"),
            Reorder => include_str!("documents/reorder.graphql"),
            Create | CreateFull => include_str!("documents/create.graphql"),
            Mixed => "",
        }
    }

    /// The subjects of its requests: the same in every run, and for every system.
    pub fn subjects(self, data: &Data) -> Vec<Subject> {
        let random = &mut Random::new(42);
        let customers = data.customers.len();
        let large = data.groups_at(1..=3);
        let middle = data.groups_at(4..=6);
        let leaves = data.groups_at(7..=7);
        // Far into the list, but not the end of it.
        let deep = customers * 4 / 5;
        let one = |_| match self {
            Point | Update => Subject::Customer(random.below(customers)),
            Page1 => Subject::After(None),
            List | Nested => Subject::After(Some(random.below(customers - PAGE - 1))),
            Deep => Subject::After(Some(deep + random.below(customers / 10))),
            Tree => Subject::Group(*random.choose(&large)),
            Scope => Subject::Profile(random.below(PROFILES)),
            Search => Subject::Text(term(data, random)),
            FilterCount => {
                let groups = random.sample(&middle, 2);
                Subject::Groups(groups[0], groups[1])
            }
            Reorder => {
                let mut places: Vec<usize> = (0..TIERS.len()).collect();
                random.shuffle(&mut places);
                Subject::Tiers(random.below(PROGRAMS), places)
            }
            Create | CreateFull | Mixed => Subject::New(*random.choose(&leaves)),
        };
        (0..SUBJECTS).map(one).collect()
    }

    /// The variables of Clientele's document. `cursors` are those of the customers by name.
    pub fn variables(self, subject: &Subject, cursors: &[String]) -> Value {
        match subject {
            Subject::Customer(number) if self == Update => {
                json!({ "id": Kind::Customer.id(*number), "mobileNo": format!("+47 {NUMBER}") })
            }
            Subject::Customer(number) => json!({ "id": Kind::Customer.id(*number) }),
            Subject::After(place) => json!({ "after": place.map(|place| &cursors[place]) }),
            Subject::Group(number) => json!({ "id": Kind::Group.id(*number) }),
            Subject::Profile(number) => json!({ "id": Kind::Profile.id(*number) }),
            Subject::Text(text) => json!({ "text": text }),
            Subject::Groups(one, other) => {
                json!({ "groups": [Kind::Group.id(*one), Kind::Group.id(*other)] })
            }
            Subject::Tiers(program, places) => {
                let ids: Vec<String> =
                    places.iter().map(|place| tier_id(*program, *place)).collect();
                json!({ "program": Kind::Program.id(*program), "ids": ids })
            }
            Subject::New(group) => json!({ "input": self.input(*group) }),
        }
    }

    fn input(self, group: usize) -> Value {
        let mut input = json!({
            "customerName": format!("Bench {NUMBER} Nord"),
            "customerType": "INDIVIDUAL",
            "emailId": format!("b{NUMBER}@example.com"),
            "mobileNo": format!("+47 {NUMBER}"),
            "language": "en",
            "territory": "NO",
        });
        if self == CreateFull {
            input["customerGroupId"] = json!(Kind::Group.id(group));
            input["contacts"] = json!([{
                "firstName": "Ada", "lastName": "Nord", "emailId": "ada@example.com", "isPrimary": true,
            }]);
            input["addresses"] = json!([{
                "address": "Bryggen 7", "city": "Bergen", "postalCode": "5003", "countryCode": "NO",
                "isPrimary": true,
            }]);
        }
        input
    }
}

/// Four to six letters of a customer's last name, or of a company's.
fn term(data: &Data, random: &mut Random) -> String {
    loop {
        let folded = &random.choose(&data.customers).folded;
        let words: Vec<&str> = folded.split(' ').filter(|word| word.len() >= 6).collect();
        if words.is_empty() {
            continue;
        }
        let word = *random.choose(&words);
        let length = 4 + random.below(3);
        let start = random.below(word.len() - length + 1);
        if let Some(part) = word.get(start..start + length) {
            return part.to_owned();
        }
    }
}
