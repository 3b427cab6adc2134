//! Documents and variables that are generated from the schema: valid ones, invalid ones, and valid
//! ones with changed bytes. Every response must be well-formed.

use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    laws::config,
    support::{
        app::App,
        binary::data_file,
        introspection::{Schema, items, name},
    },
};

/// Pseudo-random numbers from a seed, so that a failure can be reproduced by its seed.
struct Choices(u64);

impl Choices {
    /// A number in `0..of`.
    fn below(&mut self, of: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % u64::try_from(of.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// The schema and the strings that requests are generated from.
pub struct Source {
    schema: Schema,
    naughty: Vec<String>,
}

impl Source {
    pub fn new(schema: Schema) -> Self {
        Self { schema, naughty: naughty_strings() }
    }

    /// The body of the request for a seed.
    pub fn body(&self, seed: u64) -> Vec<u8> {
        let (definitions, variables) = (Vec::new(), Map::new());
        Request { source: self, choices: Choices(seed), definitions, variables }.body()
    }
}

/// A request that is being generated.
struct Request<'a> {
    source: &'a Source,
    choices: Choices,
    definitions: Vec<String>,
    variables: Map<String, Value>,
}

impl Request<'_> {
    fn selections(&mut self, type_name: &str, depth: usize) -> String {
        let ty = self.source.schema.named(type_name);
        let fields: Vec<&Value> = items(&ty["fields"]).collect();
        let mut selections = String::from("{ __typename ");
        for _ in 0..=self.choices.below(4) {
            if fields.is_empty() {
                break;
            }
            let field = *self.choices.of(&fields);
            if self.choices.one_in(4) {
                let alias = format!("a{}: ", self.choices.below(6));
                selections += &alias;
            }
            selections += name(field);
            selections += &self.arguments(field);
            if self.choices.one_in(8) {
                let directive = *self.choices.of(&["@skip(if: false)", "@include(if: true)", "@x"]);
                selections += directive;
            }
            let mut inner = &field["type"];
            while inner["name"].is_null() {
                inner = &inner["ofType"];
            }
            let is_composite =
                ["OBJECT", "INTERFACE"].contains(&inner["kind"].as_str().unwrap_or_default());
            if is_composite && depth > 0 {
                selections += &self.selections(name(inner), depth - 1);
            } else if is_composite {
                selections += " { __typename }";
            }
            selections += " ";
        }
        selections + "}"
    }

    fn arguments(&mut self, field: &Value) -> String {
        let mut arguments = Vec::new();
        for argument in items(&field["args"]) {
            let is_required = argument["type"]["kind"] == "NON_NULL";
            if !is_required && !self.choices.one_in(4) {
                continue;
            }
            let value = self.value(&argument["type"], 3);
            let number = self.definitions.len();
            self.definitions.push(format!("$v{number}: {}", printed(&argument["type"])));
            self.variables.insert(format!("v{number}"), value);
            arguments.push(format!("{}: $v{number}", name(argument)));
        }
        if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
    }

    /// A value of this type, or occasionally of another one.
    fn value(&mut self, ty: &Value, depth: usize) -> Value {
        if self.choices.one_in(25) {
            return self.junk();
        }
        match ty["kind"].as_str().unwrap() {
            "NON_NULL" => self.value(&ty["ofType"], depth),
            "LIST" => {
                (0..self.choices.below(3)).map(|_| self.value(&ty["ofType"], depth)).collect()
            }
            "ENUM" => {
                let values = items(&self.source.schema.named(name(ty))["enumValues"]);
                let values: Vec<&str> = values.map(name).collect();
                json!(self.choices.of(&values))
            }
            "INPUT_OBJECT" => self.input(name(ty), depth),
            _ => self.scalar(name(ty)),
        }
    }

    fn input(&mut self, type_name: &str, depth: usize) -> Value {
        let ty = self.source.schema.named(type_name);
        let mut object = Map::new();
        for field in items(&ty["inputFields"]) {
            let is_required = field["type"]["kind"] == "NON_NULL";
            if is_required || (depth > 0 && self.choices.one_in(6)) {
                let value = self.value(&field["type"], depth.saturating_sub(1));
                object.insert(name(field).to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn scalar(&mut self, type_name: &str) -> Value {
        let text = self.choices.of(&self.source.naughty).clone();
        match type_name {
            "Int" => json!(self.choices.below(120)),
            "Boolean" => json!(self.choices.one_in(2)),
            "Date" => json!("2026-11-20"),
            "DateTime" => json!("2026-11-20T08:00:00Z"),
            "Decimal" => json!(format!("{}.5", self.choices.below(1_000))),
            _ if self.choices.one_in(2) => json!(format!("T-{}", self.choices.below(50))),
            _ => json!(text),
        }
    }

    fn junk(&mut self) -> Value {
        let text = self.choices.of(&self.source.naughty).clone();
        let junk =
            [Value::Null, json!(-1), json!(1e300), json!([[]]), json!({ "x": {} }), json!(text)];
        self.choices.of(&junk).clone()
    }

    /// The body of the request, occasionally with some bytes changed.
    fn body(mut self) -> Vec<u8> {
        let (kind, root) =
            if self.choices.one_in(4) { ("mutation", "Mutation") } else { ("query", "Query") };
        let selections = self.selections(root, 5);
        let definitions = match self.definitions.join(", ") {
            none if none.is_empty() => none,
            some => format!("({some})"),
        };
        let query = format!("{kind}{definitions} {selections}");
        let mut body =
            json!({ "query": query, "variables": self.variables }).to_string().into_bytes();
        if self.choices.one_in(3) {
            for _ in 0..=self.choices.below(4) {
                let at = self.choices.below(body.len());
                body[at] = u8::try_from(self.choices.below(256)).unwrap();
            }
        }
        body
    }
}

/// A type in the syntax of a document.
fn printed(ty: &Value) -> String {
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", printed(&ty["ofType"])),
        "LIST" => format!("[{}]", printed(&ty["ofType"])),
        _ => name(ty).to_owned(),
    }
}

pub fn naughty_strings() -> Vec<String> {
    let list = std::fs::read_to_string(data_file("naughty-strings.json")).unwrap();
    serde_json::from_str(&list).unwrap()
}

/// Error codes that do not indicate a defect of the server.
const CODES: [&str; 3] = ["BAD_USER_INPUT", "CONFLICT", "FORBIDDEN"];

/// Checks that the response does not report a defect of the server.
pub fn check(body: &[u8], status: u16, response: &Value) -> Result<(), TestCaseError> {
    let shown = String::from_utf8_lossy(body);
    prop_assert!([200, 400].contains(&status), "{status}: {shown}: {response}");
    for error in items(&response["errors"]) {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        prop_assert!(CODES.contains(&code), "{shown}: {error}");
    }
    Ok(())
}

both! {
    async fn any_request_gets_a_response_that_a_client_can_read(app: App) {
        let source = Source::new(Schema::of(&app).await);
        let checked = TestRunner::new(config(150)).run(&any::<u64>(), |seed| {
            let body = source.body(seed);
            let post = app.post_bytes(body.clone());
            let (status, response) = block_in_place(|| Handle::current().block_on(post));
            check(&body, status.as_u16(), &response)
        });
        if let Err(error) = checked {
            panic!("{error}");
        }
    }

    async fn unusual_strings_are_stored_or_refused(app: App) {
        let create = "mutation($it: String!) { customerCreate(input: { customerName: $it, internalNote: $it }) {
            customer { customerName internalNote } userErrors { field code message } } }";
        for text in naughty_strings() {
            let variables = json!({ "it": text });
            let created = app.data(create, variables).await;
            let payload = &created["customerCreate"];
            let is_refused = !items(&payload["userErrors"]).collect::<Vec<_>>().is_empty();
            assert_eq!(payload["customer"].is_null(), is_refused, "{text:?}: {payload}");
            if !is_refused {
                assert_eq!(payload["customer"]["customerName"], text.trim(), "{text:?}");
            }
        }
    }
}
