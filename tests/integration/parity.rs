//! `docs/parity.md` is complete, and all names in it exist.

use std::{collections::BTreeSet, fs, path::Path};

use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};

use crate::support::{app::capitalised, binary::Shell, sdl::document};

/// The tables and their numbers of rows, which are those of operations and attributes in the
/// original documents.
const TABLES: [(&str, usize); 18] = [
    ("Operations of 000", 5),
    ("POS Customer Group", 4),
    ("Requests and responses of 000", 7),
    ("Operations of 001", 8),
    ("Customer Group", 9),
    ("Requests and responses of 001", 7),
    ("Operations of 002", 10),
    ("Customer", 44),
    ("Supplier Number At Customer", 5),
    ("Requests and responses of 002", 9),
    ("Operations of 003", 7),
    ("CustomerGroup", 6),
    ("Customer of a CustomerGroup", 65),
    ("Requests and responses of 003", 15),
    ("Operations of 004", 10),
    ("Loyalty Program", 16),
    ("Loyalty Program Collection", 6),
    ("Requests and responses of 004", 9),
];

/// A table of the document, without its header.
struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The tables of the document, each with the heading above it.
fn tables() -> Vec<Table> {
    let text = read("docs/parity.md");
    let mut tables: Vec<Table> = Vec::new();
    let mut title = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.clone_into(&mut title);
        } else if line.starts_with('|') {
            let columns = cells(line).len();
            let rule = lines.next().unwrap();
            assert!(rule.starts_with("|---"), "{title}: {rule}");
            let rows = lines.by_ref().take_while(|line| line.starts_with('|')).map(cells);
            let rows: Vec<Vec<String>> = rows.collect();
            assert!(rows.iter().all(|row| row.len() == columns), "{title}: a row is too long");
            tables.push(Table { title: title.clone(), rows });
        }
    }
    tables
}

/// The names between backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Every `Type.field`, `Type.field(argument:)` and `Enum.VALUE` of the schema, and the names of its
/// queries and mutations.
fn schema_names(schema: &ServiceDocument) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for definition in &schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = &definition.node.name.node;
        let mut add = |field: &str| found.insert(format!("{name}.{field}"));
        match &definition.node.kind {
            TypeKind::Object(object) => {
                for field in &object.fields {
                    let field = &field.node;
                    add(&field.name.node);
                    for argument in &field.arguments {
                        add(&format!("{}({}:)", field.name.node, argument.node.name.node));
                    }
                }
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    add(&field.node.name.node);
                }
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    add(&value.node.value.node);
                }
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) => {}
        }
    }
    let bare = |name: &String| {
        let field = name.strip_prefix("Query.").or_else(|| name.strip_prefix("Mutation."))?;
        Some(field.to_owned())
    };
    let operations: Vec<String> = found.iter().filter_map(bare).collect();
    found.extend(operations);
    found
}

#[test]
fn every_operation_and_attribute_has_its_row() {
    let tables = tables();
    let counts: Vec<(&str, usize)> =
        tables.iter().map(|table| (table.title.as_str(), table.rows.len())).collect();
    assert_eq!(counts, TABLES);
    for Table { title, rows } in &tables {
        let empty = rows.iter().find(|row| row.iter().any(String::is_empty));
        assert_eq!(empty, None, "{title}: a cell is empty");
        let subjects: BTreeSet<&String> = rows.iter().filter_map(|row| row.first()).collect();
        assert_eq!(subjects.len(), rows.len(), "{title}: something occurs twice");
    }
}

#[test]
fn each_name_is_in_the_schema() {
    let known = schema_names(document());
    for Table { title, rows } in tables() {
        for row in rows {
            let [subject, counterpart, others @ .., _test] = &row[..] else {
                panic!("{title}: {row:?}")
            };
            assert!(!names(counterpart).is_empty(), "{title}: {subject} has no counterpart");
            let named = others.iter().flat_map(|cell| names(cell)).chain(names(counterpart));
            for name in named {
                assert!(known.contains(name), "{title}: {subject}: there is no {name}");
            }
        }
    }
}

#[test]
fn each_named_test_exists() {
    for Table { title, rows } in tables() {
        for row in rows {
            let cell = row.last().unwrap();
            let tests = names(cell);
            assert!(!tests.is_empty(), "{title}: {row:?} has no test");
            for test in tests {
                let (module, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
                let source = read(&format!("tests/integration/{module}.rs"));
                assert!(
                    source.contains(&format!("fn {name}(")),
                    "{title}: there is no test {test}"
                );
            }
        }
    }
}

/// The table of operations in `docs/api.md` is complete, and all names in it exist. In a cell, the
/// `…` of `…Update` stands for the noun of the preceding `…Create`.
#[test]
fn the_table_of_the_api_names_every_operation() {
    let api = read("docs/api.md");
    let (_, api) = api.split_once("| Objects | Queries and fields | Mutations |").unwrap();
    let mut named = BTreeSet::new();
    let rows = api.lines().skip(1).take_while(|line| line.starts_with('|'));
    for cell in rows.flat_map(cells) {
        let mut noun = "";
        for name in names(&cell) {
            noun = name.strip_suffix("Create").unwrap_or(noun);
            named.insert(name.replace('…', noun));
        }
    }
    let known = schema_names(document());
    let operations: Vec<&str> = known
        .iter()
        .filter_map(|it| it.strip_prefix("Query.").or_else(|| it.strip_prefix("Mutation.")))
        .collect();
    let operations = operations.into_iter().filter(|it| !it.contains('('));
    let missing: Vec<&str> = operations.filter(|it| !named.contains(*it)).collect();
    assert_eq!(missing, [""; 0]);
    let is_field = |name: &&String| known.iter().any(|it| it.ends_with(&format!(".{name}")));
    let unknown: Vec<&String> = named.iter().filter(|name| !is_field(name)).collect();
    assert_eq!(unknown, [""; 0]);
}

/// `docs/configuration.md` lists every setting of the server, and `docs/security.md` the limits of a request.
#[test]
fn every_setting_is_documented() {
    let shell = Shell::with_url("sqlite:unused.db");
    let help = shell.succeed(&["help", "serve"]);
    let (settings, limits) = (read("docs/configuration.md"), read("docs/security.md"));
    // The help breaks long lines anywhere.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut variables = 0;
    for rest in help.split("[env: ").skip(1) {
        let variable = rest.split(['=', ']']).next().unwrap();
        let is_documented = match variable.strip_prefix("CLIENTELE_LIMIT_") {
            Some(name) => {
                limits.contains(&format!("| `{}` |", name.to_lowercase().replace('_', "-")))
            }
            None => settings.contains(&format!("| `{variable}` |")),
        };
        assert!(is_documented, "{variable}");
        variables += 1;
    }
    assert!(variables > 30, "{variables}");
}

/// Overplane's `x_y` must be our `xY`, so that no attribute is confused with another.
#[test]
fn attributes_keep_their_names() {
    let camel_case = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap().to_owned();
        words.fold(first, |camel, word| camel + &capitalised(word))
    };
    // Attributes with another name, or with several fields as counterparts.
    let others = ["customer_primary_contact", "customer_primary_address"];
    for (title, type_name) in [
        ("POS Customer Group", "PosCustomerGroup"),
        ("Customer Group", "CustomerGroup"),
        ("Customer", "Customer"),
        ("Supplier Number At Customer", "SupplierNumberAtCustomer"),
        ("Loyalty Program", "LoyaltyProgram"),
        ("Loyalty Program Collection", "LoyaltyProgramCollection"),
    ] {
        let tables = tables();
        let table = tables.iter().find(|table| table.title == title).unwrap();
        for row in &table.rows {
            let attribute = names(&row[0])[0];
            if !others.contains(&attribute) {
                let expected = format!("{type_name}.{}", camel_case(attribute));
                assert!(names(&row[1]).contains(&expected.as_str()), "{title}: {attribute}");
            }
        }
    }
}
