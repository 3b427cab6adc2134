//! A table of all object types. Tests of all types, or of all lists of a type, use it.

use std::sync::LazyLock;

use clientele::{
    db::{pick::Columns, types::Uid},
    id::NodeType,
    models::{
        Row,
        attribute::{AttributeType, Attributes, HasAttributes},
        child::{Child, ChildAttributes},
        customer::{
            CustomerAttributes, address::CustomerAddressAttributes,
            consent::CustomerConsentAttributes, contact::CustomerContactAttributes,
            extension::CustomerExtensionAttributes,
        },
        customer_group::CustomerGroupAttributes,
        entity::{Entity, EntityAttributes},
        loyalty_program::LoyaltyProgramAttributes,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
        pos_customer_group::PosCustomerGroupAttributes,
        pos_profile::PosProfileAttributes,
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};
use serde_json::{Value, json};

use super::sdl;

/// A type of objects with ids (a node type).
pub struct Type {
    /// Its name in the schema, like `CustomerAddress`.
    pub name: String,
    /// The query for one object, like `customerAddress`; its mutations begin with it.
    pub one: String,
    /// The query for all objects, like `customerAddresses`.
    pub many: &'static str,
    /// The prefix of its ids, like `customer-address`.
    pub prefix: String,
    /// The prefix of the external ids of its objects in tests, like the `A` of `A-1`.
    pub letter: &'static str,
    pub table: &'static str,
    /// The columns of its rows, except for the tenant's.
    pub columns: Vec<&'static str>,
    pub attributes: Vec<AttributeColumn>,
    /// For children: the type of the parent, and the parent's field that lists them.
    pub parent: Option<(String, &'static str)>,
    /// The input of a new object with a unique name. It lacks the parent of a child. References are external ids.
    pub new: fn(&str) -> Value,
    /// The input of a valid update, and of an invalid one.
    pub changes: fn() -> [Value; 2],
}

/// The column of an attribute that clients see.
pub struct AttributeColumn {
    pub name: &'static str,
    pub value_type: AttributeType,
    pub is_nullable: bool,
}

/// The table. Types come after those of their parents, and lists are in the order of the API.
static TYPES: LazyLock<Vec<Type>> = LazyLock::new(|| {
    vec![
        noun::<CustomerAttributes>(
            "C",
            |name| json!({ "customerName": name }),
            || {
                [
                    json!({ "customerName": "Taken" }),
                    json!({ "customerName": "", "externalId": "C-1" }),
                ]
            },
        ),
        child::<CustomerAddressAttributes>(
            "A",
            |_| json!({}),
            || [json!({ "city": "Taken", "isPrimary": true }), json!({ "countryCode": "?" })],
        ),
        child::<CustomerContactAttributes>(
            "K",
            |_| json!({}),
            || [json!({ "title": "Taken", "isPrimary": true }), json!({ "emailId": "?" })],
        ),
        child::<CustomerConsentAttributes>(
            "N",
            |name| json!({ "name": name, "status": true }),
            || [json!({ "status": false }), json!({ "name": "", "externalId": "N-1" })],
        ),
        child::<CustomerExtensionAttributes>(
            "E",
            |name| json!({ "extensionCode": name }),
            || [json!({ "organizationUid": "Taken" }), json!({ "extensionCode": "" })],
        ),
        child::<SupplierNumberAtCustomerAttributes>(
            "S",
            |name| json!({ "company": name, "supplierNumber": name }),
            || [json!({ "idx": 1, "company": "Taken" }), json!({ "idx": 9, "supplierNumber": "" })],
        ),
        noun::<CustomerGroupAttributes>(
            "G",
            |name| json!({ "customerGroupName": name }),
            || [json!({ "customerGroupName": "Taken" }), json!({ "isGroup": false })],
        ),
        noun::<LoyaltyProgramAttributes>(
            "P",
            |name| json!({ "loyaltyProgramName": name, "fromDate": "2026-01-01" }),
            || {
                let single = json!({ "loyaltyProgramType": "SINGLE_TIER_PROGRAM" });
                [json!({ "loyaltyProgramName": "Taken" }), single]
            },
        ),
        child::<LoyaltyProgramCollectionAttributes>(
            "T",
            |name| json!({ "tierName": name, "minSpent": "7", "collectionFactor": "1" }),
            || {
                let invalid = json!({ "minSpent": "-1", "tierName": "Bronze" });
                [json!({ "idx": 1, "tierName": "Taken" }), invalid]
            },
        ),
        noun::<PosProfileAttributes>(
            "POS",
            |name| json!({ "posProfileId": name }),
            || [json!({ "sellsToEveryone": true }), json!({ "posProfileId": "" })],
        ),
        child::<PosCustomerGroupAttributes>(
            "L",
            |_| json!({ "customerGroupId": "G-2" }),
            || {
                [
                    json!({ "idx": 1, "posProfileId": "POS-2" }),
                    json!({ "idx": 9, "posProfileId": "" }),
                ]
            },
        ),
    ]
});

type NewInput = fn(&str) -> Value;
type Changes = fn() -> [Value; 2];

fn noun<A: EntityAttributes>(letter: &'static str, new: NewInput, changes: Changes) -> Type {
    entry::<Entity<A>>(A::NODE_TYPE, letter, None, new, changes)
}

fn child<A: ChildAttributes>(letter: &'static str, new: NewInput, changes: Changes) -> Type {
    let parent = format!("{:?}", A::Parent::NODE_TYPE);
    entry::<Child<A>>(A::NODE_TYPE, letter, Some((parent, A::FIELD)), new, changes)
}

fn entry<R: Row + HasAttributes + Columns>(
    node_type: NodeType,
    letter: &'static str,
    parent: Option<(String, &'static str)>,
    new: NewInput,
    changes: Changes,
) -> Type {
    let name = format!("{node_type:?}");
    let connection = format!("{name}Connection");
    let many = sdl::fields("Query").into_iter().find(|it| it.type_name == connection);
    let id = node_type.id(Uid::NOTHING).to_string();
    let (prefix, _) = id.rsplit_once('_').unwrap();
    Type {
        one: lower_camel_case(&name),
        name,
        many: many.unwrap().name,
        prefix: prefix.to_owned(),
        letter,
        table: R::TABLE,
        columns: (0..R::column_count()).filter_map(R::column).collect(),
        attributes: attributes_of::<R::Attributes>(),
        parent,
        new,
        changes,
    }
}

/// Converts the name of a type to that of a field.
fn lower_camel_case(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars.clone()).collect()
}

/// The columns of a type's attributes, except those that are hidden from clients.
pub fn attributes_of<A: Attributes>() -> Vec<AttributeColumn> {
    let attributes = A::ATTRIBUTES.iter();
    let columns = attributes.filter_map(|attribute| {
        let (name, kind) = (attribute.column, &attribute.kind);
        Some(AttributeColumn { name, value_type: kind.value_type?, is_nullable: kind.is_nullable })
    });
    columns.collect()
}

impl Type {
    /// The external id of one of its objects in tests.
    pub fn external_id(&self, number: u8) -> String {
        format!("{}-{number}", self.letter)
    }

    /// The input of a new object with this name, which is also its external id.
    pub fn named(&self, name: &str) -> Value {
        let mut input = (self.new)(name);
        input["externalId"] = json!(name);
        input
    }

    /// Whether its objects have external ids. POS profiles have a `posProfileId` instead.
    pub fn has_external_id(&self) -> bool {
        self.columns.contains(&"external_id")
    }

    /// For children: the type of the parent.
    pub fn parent_type(&self) -> Option<&'static Type> {
        self.parent.as_ref().and_then(|(name, _)| find(name))
    }

    /// For children: the field that names the parent, like `customerId`.
    pub fn parent_field(&self) -> Option<String> {
        self.parent_type().map(|it| format!("{}Id", it.one))
    }
}

pub fn types() -> &'static [Type] {
    &TYPES
}

/// The type with this name in the schema.
pub fn find(name: &str) -> Option<&'static Type> {
    types().iter().find(|it| it.name == name)
}

/// The types of children.
pub fn children() -> impl Iterator<Item = &'static Type> {
    types().iter().filter(|it| it.parent.is_some())
}

/// The types of the children of this type, each with the field that lists them.
pub fn children_of(parent: &str) -> impl Iterator<Item = (&'static str, &'static Type)> {
    types().iter().filter_map(move |it| {
        let (of, list) = it.parent.as_ref()?;
        (of == parent).then_some((*list, it))
    })
}

/// A selection of all lists of an object's children, with `selection` on each child and on nested
/// children.
pub fn lists_of(type_name: &str, selection: &str) -> String {
    let lists = sdl::fields(type_name).into_iter().filter(|field| field.is_list);
    let lists = lists.filter(|field| find(field.type_name).is_some_and(|it| it.parent.is_some()));
    let lists = lists.map(|field| {
        format!("{} {{ {selection} {} }}", field.name, lists_of(field.type_name, selection))
    });
    lists.collect::<Vec<_>>().join(" ")
}

/// Queries for all fields of the first objects of each type.
pub fn queries_of_all() -> impl Iterator<Item = String> {
    types().iter().map(|Type { name, many, .. }| {
        let all = sdl::all_of(name);
        format!("{{ {many}(first: 100) {{ totalCount nodes {{ {all} }} }} }}")
    })
}

/// Adds lists of children to the input of a new object, for each kind of children that the input lacks.
pub fn with_lists(parent: &str, mut input: Value, items: impl Fn(&Type) -> Value) -> Value {
    for (list, child) in children_of(parent) {
        if input.get(list).is_none() {
            input[list] = items(child);
        }
    }
    input
}

/// Fails if a query lacks any list of this type's children.
pub fn assert_names_all_lists(parent: &str, query: &str) {
    for (list, child) in children_of(parent) {
        assert!(query.contains(&format!("{list} {{")), "{} is missing: {query}", child.name);
    }
}
