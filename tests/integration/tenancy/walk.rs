//! Requests of one tenant with references to another one's objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Side;
use crate::support::{
    app::{App, capitalised},
    introspection::snake_case,
    sdl,
    types::{Type, children, types, with_lists},
};

/// Further requests by their field of `Query` or `Mutation`. For a mutation, only the arguments are given, and for a
/// creation only the input.
///
/// `THEIR_CUSTOMER` stands for the id of a customer of the other tenant, and `MY_CUSTOMER` for that of a customer of
/// the requesting tenant. [`Named`] lists further placeholders. `EXTERNAL` is an external id and a name that only the
/// other tenant has, and `ATTRIBUTE` the key of a custom attribute that only the other tenant has.
const QUESTIONS: &[(&str, &[&str])] = &[
    (
        "customer",
        &[
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { parentId: { eq: THEIR_CUSTOMER_GROUP } }) {
                totalCount nodes { id } } } }",
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { not: { parentId: { in: [THEIR_CUSTOMER_GROUP] } } }) {
                totalCount nodes { id } } } }",
        ],
    ),
    (
        "customerLookup",
        &[
            "{ customerLookup(text: EXTERNAL, first: 50) { score customer { id } matchedOn { text } } }",
            "{ customerLookup(text: \"taken other\", includeDisabled: true) { customer { id } } }",
            "{ customerLookup(text: \"c\", posProfileId: EXTERNAL) { customer { id } } }",
        ],
    ),
    (
        "customerDuplicates",
        &[
            "{ customerDuplicates(filter: { externalId: { eq: EXTERNAL } }) {
                pairs { score customer { id } duplicate { id } } endCursor hasNextPage } }",
            "{ customerDuplicates(filter: { customerGroup: { in: [THEIR_CUSTOMER_GROUP, LEAF], includeDescendants: true } }, first: 5) {
                pairs { reasons { kind value } } endCursor } }",
            "{ customerDuplicates(filter: { loyaltyProgramId: { eq: THEIR_LOYALTY_PROGRAM } }) { endCursor } }",
            "{ customerDuplicates(filter: { or: [{ loyaltyProgramId: { in: [THEIR_LOYALTY_PROGRAM] } },
                { loyaltyProgramTierId: { eq: THEIR_LOYALTY_PROGRAM_COLLECTION } }, { loyaltyProgramTierId: { in: [THEIR_LOYALTY_PROGRAM_COLLECTION] } }] }) {
                endCursor } }",
            "{ customerDuplicates(filter: { contact: { customerId: { eq: THEIR_CUSTOMER } } }) { endCursor } }",
            "{ customerDuplicates(filter: { address: { customerId: { in: [THEIR_CUSTOMER] } } }) { endCursor } }",
            "{ customerDuplicates(filter: { not: { contact: { customerId: { in: [THEIR_CUSTOMER] } },
                address: { customerId: { eq: THEIR_CUSTOMER } } } }) { endCursor } }",
            "{ customerDuplicates(first: 1, after: DUPLICATES_CURSOR) {
                pairs { customer { id } duplicate { id } } hasNextPage } }",
        ],
    ),
    (
        "customerMergePreview",
        &[
            "{ customerMergePreview(survivorId: MY_CUSTOMER, absorbedId: THEIR_CUSTOMER) {
                survivor { id } absorbed { id } attributes { field } children { title } userErrors { code message } } }",
            "{ customerMergePreview(survivorId: THEIR_CUSTOMER, absorbedId: MY_CUSTOMER, fields: [\"emailId\"]) {
                attributes { survivorValue } userErrors { code message } } }",
            "{ customerMergePreview(survivorId: THEIR_CUSTOMER, absorbedId: THEIR_CUSTOMER, fields: [\"emailId\"]) {
                userErrors { code message } } }",
        ],
    ),
    (
        "customerGroup",
        &[
            "{ customerGroup(id: THEIR_CUSTOMER_GROUP) { id descendants { id } ancestors { id } depth } }",
            "{ customerGroup(id: MY_CUSTOMER_GROUP) { id descendants { id } depth
                children(filter: { parentId: { eq: THEIR_CUSTOMER_GROUP } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_CUSTOMER_GROUP) { customers(includeDescendants: true, filter: {
                customerGroup: { in: [LEAF], includeDescendants: true } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_CUSTOMER_GROUP) { customers(includeDescendants: true, filter: {
                not: { customerGroup: { in: [LEAF] } } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_CUSTOMER_GROUP) { customers(includeDescendants: true, filter: {
                or: [{ loyaltyProgramId: { eq: THEIR_LOYALTY_PROGRAM } }, { posProfileId: EXTERNAL }] }) {
                totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_CUSTOMER_GROUP) {
                loyaltyPrograms(filter: { customerGroupId: { in: [THEIR_CUSTOMER_GROUP] } }) { totalCount nodes { id } }
                posProfiles(filter: { customerGroup: { in: [THEIR_CUSTOMER_GROUP], includeAncestors: true } }) {
                    totalCount nodes { id } } } }",
        ],
    ),
    (
        "customers",
        &[
            "{ customers(filter: { customerGroup: { in: [LEAF] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerGroup: { in: [THEIR_CUSTOMER_GROUP, LEAF, MY_CUSTOMER_GROUP], includeDescendants: true } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { not: { customerGroup: { in: [THEIR_CUSTOMER_GROUP], includeDescendants: true } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { externalId: { eq: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { externalId: { in: [EXTERNAL, \"C-1\"] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { effectivePriceList: { eq: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { effectivePriceList: { in: [EXTERNAL, \"x\"] } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { search: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { contains: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { startsWith: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { eq: EXTERNAL } }, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { loyaltyProgramId: { eq: THEIR_LOYALTY_PROGRAM } }) { totalCount nodes { id } } }",
            "{ customers(filter: { loyaltyProgramId: { in: [THEIR_LOYALTY_PROGRAM, MY_LOYALTY_PROGRAM] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { loyaltyProgramId: { eq: THEIR_LOYALTY_PROGRAM } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { loyaltyProgramTierId: { eq: THEIR_LOYALTY_PROGRAM_COLLECTION } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { loyaltyProgramTierId: { in: [THEIR_LOYALTY_PROGRAM_COLLECTION, MY_LOYALTY_PROGRAM_COLLECTION] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { consent: { in: [EXTERNAL] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { consent: { in: [EXTERNAL], status: true } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { contact: { externalId: { eq: EXTERNAL } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { contact: { customerId: { eq: THEIR_CUSTOMER } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { contact: { or: [{ mobileNo: { eq: EXTERNAL } }, { firstName: { in: [EXTERNAL] } }] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { address: { externalId: { in: [EXTERNAL] } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { address: { customerId: { in: [THEIR_CUSTOMER] } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { address: { or: [{ phone: { eq: EXTERNAL } }, { city: { eq: EXTERNAL } }] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { mobileNo: { in: [EXTERNAL, \"+4791234567\"] } }) { totalCount nodes { id } } }",
            "{ customerContacts(filter: { mobileNo: { eq: \"+4791234567\" } }) { totalCount nodes { id } } }",
            // The other tenant's profile is unknown here, by its `posProfileId` and by its id.
            "{ customers(filter: { posProfileId: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customers(filter: { posProfileId: THEIR_POS_PROFILE }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { posProfileId: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { or: [{ loyaltyId: { eq: EXTERNAL } }, { territory: { in: [EXTERNAL] } },
                { ledgerNumber: { eq: EXTERNAL } }, { customerPosId: { eq: EXTERNAL } },
                { accountManager: { eq: EXTERNAL } }] }) { totalCount nodes { id } } }",
            "{ customers(filter: { attribute: { key: \"note\", eq: { text: EXTERNAL } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { attribute: { key: \"card\", in: [{ text: EXTERNAL }, { text: \"U-1\" }] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { attribute: { key: \"note\", contains: EXTERNAL, isNull: false } }, orderBy: { attribute: \"note\" }) {
                totalCount nodes { id attribute(key: ATTRIBUTE) { key } attributes { key values { text } } } } }",
            "{ customers(first: 2, after: CUSTOMERS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customers(last: 2, before: CUSTOMERS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customers(offset: 3) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    (
        "customerGroups",
        &[
            "{ customerGroups(filter: { parentId: { eq: THEIR_CUSTOMER_GROUP } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { parentId: { in: [THEIR_CUSTOMER_GROUP, MY_CUSTOMER_GROUP] } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { not: { parentId: { in: [THEIR_CUSTOMER_GROUP] } } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { externalId: { in: [EXTERNAL] } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { search: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { customerGroupName: { eq: EXTERNAL } },
                orderBy: { field: CUSTOMER_GROUP_NAME }) { totalCount nodes { id } } }",
            "{ customerGroups(first: 2, after: GROUPS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customerGroups(last: 2, before: GROUPS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customerGroups(offset: 4) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    (
        "loyaltyProgram",
        &[
            "{ loyaltyProgram(id: THEIR_LOYALTY_PROGRAM) { customerGroup { id } collections { id } } }",
            "{ loyaltyProgram(id: MY_LOYALTY_PROGRAM) {
                customers(filter: { loyaltyProgramTierId: { in: [THEIR_LOYALTY_PROGRAM_COLLECTION] } }) { totalCount nodes { id } } } }",
            "{ loyaltyProgram(id: MY_LOYALTY_PROGRAM) {
                customers(filter: { not: { customerGroup: { in: [THEIR_CUSTOMER_GROUP] } } }) { totalCount nodes { id } } } }",
        ],
    ),
    (
        "loyaltyProgramCollection",
        &[
            "{ loyaltyProgramCollection(id: THEIR_LOYALTY_PROGRAM_COLLECTION) { loyaltyProgram { id } customers { totalCount } } }",
            "{ loyaltyProgramCollection(id: MY_LOYALTY_PROGRAM_COLLECTION) {
                customers(filter: { loyaltyProgramId: { eq: THEIR_LOYALTY_PROGRAM } }) { totalCount nodes { id } } } }",
        ],
    ),
    (
        "loyaltyPrograms",
        &[
            "{ loyaltyPrograms(filter: { customerGroupId: { eq: THEIR_CUSTOMER_GROUP } }) { totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { not: { customerGroupId: { in: [THEIR_CUSTOMER_GROUP, MY_CUSTOMER_GROUP] } } }) {
                totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { externalId: { in: [EXTERNAL, \"P-1\"] } }) { totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { search: EXTERNAL }) { totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { or: [{ company: { eq: EXTERNAL } }, { customerTerritory: { eq: EXTERNAL } }] }) {
                totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { loyaltyProgramName: { eq: EXTERNAL } },
                orderBy: { field: LOYALTY_PROGRAM_NAME }) { totalCount nodes { id } } }",
            "{ loyaltyPrograms(first: 2, after: PROGRAMS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ loyaltyPrograms(last: 2, before: PROGRAMS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ loyaltyPrograms(offset: 2) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    (
        "posCustomerGroup",
        &["{ posCustomerGroup(id: THEIR_POS_CUSTOMER_GROUP) { posProfile { id } posProfileId customerGroup { id } } }"],
    ),
    (
        "posProfile",
        &[
            "{ posProfile(id: THEIR_POS_PROFILE) { id posProfileId } }",
            "{ posProfile(id: EXTERNAL) { id posProfileId posCustomerGroups { id } customers { totalCount } } }",
            "{ posProfile(id: THEIR_POS_CUSTOMER_GROUP) { id } }",
            "{ posProfile(id: \"POS-1\") { customers(filter: { customerGroup: { in: [LEAF] } }) {
                totalCount nodes { id } } } }",
            "{ posProfile(id: MY_POS_PROFILE) { customers(filter: { not: { posProfileId: EXTERNAL } }) {
                totalCount nodes { id } } } }",
        ],
    ),
    (
        "posProfiles",
        &[
            "{ posProfiles(filter: { customerGroup: { in: [LEAF] } }) { totalCount nodes { id } } }",
            "{ posProfiles(filter: { customerGroup: { in: [LEAF, MY_CUSTOMER_GROUP], includeAncestors: true } }) {
                totalCount nodes { id } } }",
            "{ posProfiles(filter: { not: { customerGroup: { in: [LEAF] } } }) { totalCount nodes { id } } }",
            "{ posProfiles(filter: { posProfileId: { eq: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ posProfiles(filter: { posProfileId: { in: [EXTERNAL, \"POS-1\"] } },
                orderBy: { field: POS_PROFILE_ID }) { totalCount nodes { id } } }",
            "{ posProfiles(first: 2, after: PROFILES_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ posProfiles(last: 2, before: PROFILES_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ posProfiles(offset: 2) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    ("customerExtension", &["{ customerExtension(id: THEIR_CUSTOMER_EXTENSION) { contact { id } customerId } }"]),
    ("node", &["{ node(id: THEIR_CUSTOMER) { __typename id } }", "{ node(id: THEIR_CUSTOMER_GROUP) { __typename id } }"]),
    (
        "customerCreate",
        &[
            "customerName: \"New\", customerGroupId: THEIR_CUSTOMER_GROUP",
            "customerName: \"\", attributes: [{ key: \"note\", value: { text: EXTERNAL } }]",
            "customerName: \"New\", customerGroupIds: [MY_CUSTOMER_GROUP, THEIR_CUSTOMER_GROUP]",
            "customerName: \"New\", loyaltyProgramId: THEIR_LOYALTY_PROGRAM",
            "customerName: \"New\", loyaltyProgramId: THEIR_LOYALTY_PROGRAM, loyaltyProgramTierId: THEIR_LOYALTY_PROGRAM_COLLECTION",
            "customerName: \"New\", loyaltyProgramId: MY_LOYALTY_PROGRAM, loyaltyProgramTierId: THEIR_LOYALTY_PROGRAM_COLLECTION",
        ],
    ),
    (
        "customerUpdate",
        &[
            "id: MY_CUSTOMER, input: { customerGroupId: THEIR_CUSTOMER_GROUP }",
            "id: THEIR_CUSTOMER, input: { attributes: [{ key: \"note\", value: { text: \"Taken\" } }] }",
            // A unique value of the other tenant is not taken here.
            "id: MY_CUSTOMER, input: { attributes: [{ key: \"card\", value: { text: EXTERNAL } }] }",
            "id: MY_CUSTOMER, input: { loyaltyProgramId: THEIR_LOYALTY_PROGRAM }",
            "id: MY_CUSTOMER, input: { loyaltyProgramTierId: THEIR_LOYALTY_PROGRAM_COLLECTION }",
            "id: MY_CUSTOMER, input: { primaryContactId: THEIR_CUSTOMER_CONTACT }",
            "id: MY_CUSTOMER, input: { primaryAddressId: THEIR_CUSTOMER_ADDRESS }",
            "id: THEIR_CUSTOMER, input: { primaryContactId: MY_CUSTOMER_CONTACT, primaryAddressId: MY_CUSTOMER_ADDRESS }",
        ],
    ),
    (
        "customerMerge",
        &[
            "survivorId: MY_CUSTOMER, absorbedId: THEIR_CUSTOMER, fields: [\"emailId\"], previewToken: EXTERNAL",
            "survivorId: THEIR_CUSTOMER, absorbedId: MY_CUSTOMER, previewToken: \"x\"",
        ],
    ),
    (
        "customerUnmerge",
        &[
            "absorbedId: THEIR_CUSTOMER, discardChanges: true",
            "absorbedId: THEIR_CUSTOMER_GROUP, discardChanges: true",
        ],
    ),
    (
        "customerGroupCreate",
        &[
            "customerGroupName: \"New\", parentId: THEIR_CUSTOMER_GROUP",
            // A leaf of the tenant itself cannot be a parent, but the error must not reveal whether the other tenant's
            // group is one.
            "customerGroupName: \"New\", parentId: LEAF",
        ],
    ),
    (
        "customerGroupUpdate",
        &[
            "id: THEIR_CUSTOMER_GROUP, input: { parentId: MY_CUSTOMER_GROUP }",
            "id: THEIR_CUSTOMER_GROUP, input: { attributes: [{ key: \"note\", value: { text: \"Taken\" } }] }",
            "id: MY_CUSTOMER_GROUP, input: { parentId: THEIR_CUSTOMER_GROUP }",
            "id: MY_CUSTOMER_GROUP, input: { parentId: LEAF }",
        ],
    ),
    (
        "customerGroupUpdateCustomers",
        &[
            "id: THEIR_CUSTOMER_GROUP, addCustomerIds: [MY_CUSTOMER]",
            "externalId: EXTERNAL, addCustomerIds: [MY_CUSTOMER]",
            "id: LEAF, removeCustomerIds: [THEIR_CUSTOMER]",
            "id: MY_CUSTOMER_GROUP, addCustomerIds: [MY_CUSTOMER, THEIR_CUSTOMER]",
            "id: MY_CUSTOMER_GROUP, removeCustomerIds: [THEIR_CUSTOMER, MY_CUSTOMER]",
            "id: MY_CUSTOMER_GROUP, addCustomerExternalIds: [EXTERNAL]",
            "id: MY_CUSTOMER_GROUP, removeCustomerExternalIds: [EXTERNAL, \"C-3\"]",
        ],
    ),
    (
        "customerAddressCreate",
        &["customerId: THEIR_CUSTOMER, city: \"New\", isPrimary: true", "customerId: THEIR_CUSTOMER_GROUP, city: \"New\""],
    ),
    ("customerConsentCreate", &["customerId: THEIR_CUSTOMER, name: \"New\", status: true"]),
    ("customerContactCreate", &["customerId: THEIR_CUSTOMER, firstName: \"New\", isPrimary: true"]),
    (
        "customerExtensionCreate",
        &[
            "customerId: THEIR_CUSTOMER, extensionCode: \"New\"",
            "customerId: THEIR_CUSTOMER, contactId: THEIR_CUSTOMER_CONTACT, extensionCode: \"New\"",
            "customerId: MY_CUSTOMER, contactId: THEIR_CUSTOMER_CONTACT, extensionCode: \"New\"",
        ],
    ),
    (
        "customerExtensionUpdate",
        &[
            "id: MY_CUSTOMER_EXTENSION, input: { contactId: THEIR_CUSTOMER_CONTACT }",
            "id: THEIR_CUSTOMER_EXTENSION, input: { contactId: MY_CUSTOMER_CONTACT }",
        ],
    ),
    (
        "supplierNumberAtCustomerCreate",
        &["customerId: THEIR_CUSTOMER, supplierNumber: \"New\", company: \"New\", idx: 1"],
    ),
    (
        "supplierNumberAtCustomerReorder",
        &[
            "parentId: THEIR_CUSTOMER, ids: [THEIR_SUPPLIER_NUMBER_AT_CUSTOMER]",
            "parentId: THEIR_CUSTOMER, ids: []",
            "parentId: MY_CUSTOMER, ids: [MY_SUPPLIER_NUMBER_AT_CUSTOMER, THEIR_SUPPLIER_NUMBER_AT_CUSTOMER]",
        ],
    ),
    (
        "loyaltyProgramCreate",
        &["loyaltyProgramName: \"New\", fromDate: \"2026-01-01\", customerGroupId: THEIR_CUSTOMER_GROUP"],
    ),
    (
        "loyaltyProgramUpdate",
        &[
            "id: MY_LOYALTY_PROGRAM, input: { customerGroupId: THEIR_CUSTOMER_GROUP }",
            "id: MY_LOYALTY_PROGRAM, input: { collections: [{ id: THEIR_LOYALTY_PROGRAM_COLLECTION, tierName: \"Taken\" }] }",
        ],
    ),
    (
        "loyaltyProgramCollectionCreate",
        &["loyaltyProgramId: THEIR_LOYALTY_PROGRAM, tierName: \"New\", minSpent: \"7\", collectionFactor: 1, idx: 1"],
    ),
    (
        "loyaltyProgramCollectionReorder",
        &[
            "parentId: THEIR_LOYALTY_PROGRAM, ids: [THEIR_LOYALTY_PROGRAM_COLLECTION]",
            "parentId: THEIR_LOYALTY_PROGRAM, ids: []",
            "parentId: MY_LOYALTY_PROGRAM, ids: [MY_LOYALTY_PROGRAM_COLLECTION, THEIR_LOYALTY_PROGRAM_COLLECTION]",
        ],
    ),
    ("posCustomerGroupCreate", &["posProfileId: \"POS-2\", customerGroupId: THEIR_CUSTOMER_GROUP, idx: 1"]),
    (
        "posCustomerGroupUpdate",
        &[
            "id: MY_POS_CUSTOMER_GROUP, input: { customerGroupId: THEIR_CUSTOMER_GROUP }",
            "id: THEIR_POS_CUSTOMER_GROUP, input: { customerGroupId: MY_CUSTOMER_GROUP, posProfileId: \"POS-2\" }",
        ],
    ),
    (
        "posCustomerGroupReorder",
        &[
            "parentId: THEIR_POS_PROFILE, ids: [THEIR_POS_CUSTOMER_GROUP]",
            "parentId: THEIR_POS_PROFILE, ids: []",
            "parentId: EXTERNAL, ids: [THEIR_POS_CUSTOMER_GROUP]",
            "parentId: EXTERNAL, ids: []",
            "parentId: \"POS-2\", ids: [MY_POS_CUSTOMER_GROUP, THEIR_POS_CUSTOMER_GROUP]",
            "parentId: MY_POS_PROFILE, ids: [MY_POS_CUSTOMER_GROUP, THEIR_POS_CUSTOMER_GROUP]",
        ],
    ),
    ("customerGroupDelete", &["id: LEAF, policy: REASSIGN_TO_PARENT"]),
];

/// The filter conditions on a list that refer to objects, one for each such field.
fn filters_of(child: &Type) -> Vec<String> {
    let fields = sdl::fields(&format!("{}Filter", child.name)).into_iter();
    let filters = fields.filter_map(|field| {
        let named = match field.type_name {
            "ExactFilter" | "TextFilter" => "EXTERNAL".to_owned(),
            "IdFilter" | "PosProfileIdFilter" => {
                let noun = field.name.strip_suffix("Id").unwrap();
                let of_type = |it: &&Type| {
                    it.one == noun || it.one == format!("customer{}", capitalised(noun))
                };
                their(types().iter().find(of_type).unwrap())
            }
            _ => return None,
        };
        let name = field.name;
        Some([format!("{name}: {{ eq: {named} }}"), format!("{name}: {{ in: [{named}] }}")])
    });
    filters.flatten().collect()
}

fn questions_about(list: &str, filters: &[String]) -> Vec<String> {
    let rows = "totalCount nodes { id }";
    let page = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage }";
    let mut questions = Vec::new();
    for filter in filters {
        questions.push(format!("{{ {list}(filter: {{ {filter} }}) {{ {rows} }} }}"));
        questions.push(format!(
            "{{ {list}(filter: {{ not: {{ {filter} }} }}, orderBy: {{ field: UPDATED_AT }}) {{ {rows} }} }}"
        ));
    }
    let cursor = format!("{list}_CURSOR");
    questions.push(format!("{{ {list}(first: 1, after: {cursor}) {{ {page} }} }}"));
    questions.push(format!("{{ {list}(last: 1, before: {cursor}) {{ {page} }} }}"));
    questions.push(format!("{{ {list}(offset: 1) {{ {rows} }} }}"));
    questions
}

/// All requests, by their field of `Query` or `Mutation`, in an order in which deletions come last.
pub fn questions() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for it in with_external_ids() {
        let (name, id) = (&it.one, their(it));
        for lookup in [
            format!("id: {id}"),
            format!("id: {}", other(&id)),
            format!("externalId: {id}"),
            "externalId: EXTERNAL".to_owned(),
        ] {
            all.push((name.clone(), format!("{{ {name}({lookup}) {{ id }} }}")));
        }
    }
    for &(field, questions) in QUESTIONS {
        for question in questions {
            let question = match *question {
                query if query.starts_with('{') => query.to_owned(),
                input if field.ends_with("Create") => {
                    mutation(field, &format!("input: {{ {input} }}"))
                }
                arguments => mutation(field, arguments),
            };
            all.push((field.to_owned(), question));
        }
    }
    let ids: Vec<String> = types().iter().flat_map(|it| [their(it), mine(it)]).collect();
    all.push((
        "nodes".to_owned(),
        format!("{{ nodes(ids: [{}, LEAF]) {{ __typename id }} }}", ids.join(", ")),
    ));
    for field in ["customerMerge", "customerUnmerge"] {
        // The merge is undone at once, if it succeeds.
        let merge = "customerMerge(survivorId: MY_CUSTOMER, absorbedId: THEIR_CUSTOMER)";
        let undo = "customerUnmerge(absorbedId: THEIR_CUSTOMER)";
        let errors = "{ userErrors { field code message } }";
        let question = format!("mutation {{ a: {merge} {errors} b: {undo} {errors} }}");
        all.push((field.to_owned(), question));
    }
    for child in children() {
        let questions = questions_about(child.many, &filters_of(child));
        all.extend(questions.into_iter().map(|question| (child.many.to_owned(), question)));
    }
    for it in with_external_ids() {
        let (id, update) = (their(it), format!("{}Update", it.one));
        let [change, impossible] = (it.changes)().map(|input| literal(&input));
        for arguments in [
            format!("id: {id}, input: {{}}"),
            format!("id: {id}, input: {change}"),
            format!("id: {id}, input: {impossible}"),
            format!("externalId: EXTERNAL, input: {change}"),
        ] {
            all.push((update.clone(), mutation(&update, &arguments)));
        }
        // An external id that only the other tenant has is not taken here. It is assigned and cleared again.
        let given = ["EXTERNAL", "null"].map(|external_id| {
            format!("{update}(id: {}, input: {{ externalId: {external_id} }}) {{ userErrors {{ code }} }}", mine(it))
        });
        all.push((update, format!("mutation {{ a: {} b: {} }}", given[0], given[1])));
    }
    for it in with_external_ids() {
        // An object that is created with such an external id is deleted at once.
        let (id, name) = (their(it), &it.one);
        let (create, delete) = (format!("{name}Create"), format!("{name}Delete"));
        let new = new(it);
        let question = format!(
            "mutation {{
                a: {create}(input: {new}) {{ userErrors {{ field code message }} }}
                b: {delete}(externalId: EXTERNAL) {{ userErrors {{ field code message }} }} }}"
        );
        all.push((create, question));
        for lookup in
            ["externalId: EXTERNAL".to_owned(), format!("id: {}", other(&id)), format!("id: {id}")]
        {
            all.push((delete.clone(), mutation(&delete, &lookup)));
        }
    }
    for (field, question) in FURTHER {
        all.push((
            field.to_owned(),
            question.replace("ERRORS", "userErrors { field code message }"),
        ));
    }
    all
}

/// Requests about POS profiles and keys, which have no external ids, and deletions of objects that no later request
/// needs. Created objects are deleted again if possible.
const FURTHER: [(&str, &str); 21] = [
    ("attributeDefinitions", "{ attributeDefinitions(noun: POS_PROFILE) { id key } }"),
    ("attributeDefinition", "{ attributeDefinition(noun: POS_PROFILE, key: ATTRIBUTE) { key createdAt } }"),
    (
        "attributeDefinitionUpdate",
        "mutation { attributeDefinitionUpdate(id: DEFINITION, input: { type: FLAG, description: \"Taken\" }) { ERRORS } }",
    ),
    (
        "attributeDefinitionCreate",
        "mutation { attributeDefinitionCreate(input: { noun: POS_PROFILE, key: ATTRIBUTE, type: TEXT }) { ERRORS } }",
    ),
    ("attributeDefinitionDelete", "mutation { attributeDefinitionDelete(id: THEIR_CUSTOMER_GROUP, deleteValues: false) { ERRORS } }"),
    ("attributeDefinitionDelete", "mutation { attributeDefinitionDelete(id: DEFINITION, deleteValues: true) { ERRORS } }"),
    ("apiKeys", "{ apiKeys(includeEnded: true) { id name } }"),
    ("apiKeyCreate", "mutation { apiKeyCreate(input: { name: EXTERNAL, scope: READ }) { ERRORS } }"),
    ("apiKeyRevoke", "mutation { apiKeyRevoke(id: THEIR_CUSTOMER_GROUP) { ERRORS } }"),
    ("apiKeyRevoke", "mutation { apiKeyRevoke(id: KEY) { apiKey { name } ERRORS } }"),
    ("apiKeys", "{ apiKeys { id name } }"),
    ("tenant", "{ tenant { name defaults { defaultPriceList language } } }"),
    ("tenantUpdate", "mutation { tenantUpdate(input: { language: \"nb\" }) { tenant { name defaults { language } } ERRORS } }"),
    ("posProfileUpdate", "mutation { posProfileUpdate(id: THEIR_POS_PROFILE, input: {}) { ERRORS } }"),
    (
        "posProfileUpdate",
        "mutation { posProfileUpdate(id: THEIR_POS_PROFILE, input: { sellsToEveryone: true }) { ERRORS } }",
    ),
    (
        "posProfileUpdate",
        "mutation { posProfileUpdate(id: EXTERNAL, input: { posProfileId: \"POS-2\" }) { ERRORS } }",
    ),
    (
        "posProfileCreate",
        "mutation { a: posProfileCreate(input: { posProfileId: EXTERNAL, sellsToEveryone: true }) { ERRORS }
            b: posProfileDelete(id: EXTERNAL) { ERRORS } }",
    ),
    ("posProfileDelete", "mutation { posProfileDelete(id: THEIR_POS_CUSTOMER_GROUP) { ERRORS } }"),
    ("posProfileDelete", "mutation { posProfileDelete(id: THEIR_POS_PROFILE) { ERRORS } }"),
    (
        "loyaltyProgramDelete",
        "mutation { loyaltyProgramDelete(id: THEIR_LOYALTY_PROGRAM, policy: UNENROLL_CUSTOMERS) { ERRORS } }",
    ),
    (
        "customerGroupDelete",
        "mutation { customerGroupDelete(id: THEIR_CUSTOMER_GROUP, policy: DELETE_SUBTREE) { ERRORS } }",
    ),
];

/// The types with external ids. Children come before their parents, whose deletion would delete them.
fn with_external_ids() -> impl Iterator<Item = &'static Type> {
    types().iter().rev().filter(|it| it.has_external_id())
}

/// The placeholder for an object of the other tenant.
fn their(of_type: &Type) -> String {
    format!("THEIR_{}", snake_case(&of_type.name).to_uppercase())
}

/// The placeholder for an object of the requesting tenant.
fn mine(of_type: &Type) -> String {
    their(of_type).replacen("THEIR", "MY", 1)
}

/// The input of a new object with all of its lists, and with names that only the other tenant has.
fn new(of_type: &Type) -> String {
    let name = of_type.named("EXTERNAL");
    let mut input = with_lists(&of_type.name, name, |it| json!([it.named("EXTERNAL")]));
    if let (Some(parent), Some(field)) = (of_type.parent_type(), of_type.parent_field()) {
        input[field] = json!(mine(parent));
    }
    literal(&input).replace("\"G-2\"", "MY_CUSTOMER_GROUP")
}

/// A value as a GraphQL literal. Words in capitals are placeholders or enum values, so they are not quoted.
fn literal(value: &Value) -> String {
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|char| char.is_ascii_uppercase() || char == '_')
    };
    let fields = |(name, value): (&String, &Value)| format!("{name}: {}", literal(value));
    match value {
        Value::Object(object) => {
            format!("{{ {} }}", object.iter().map(fields).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if is_name(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The placeholder for an object of another type.
fn other(id: &str) -> &'static str {
    if id == "THEIR_CUSTOMER_GROUP" { "THEIR_CUSTOMER" } else { "THEIR_CUSTOMER_GROUP" }
}

fn mutation(field: &str, arguments: &str) -> String {
    format!("mutation {{ {field}({arguments}) {{ userErrors {{ field code message }} }} }}")
}

/// The values of placeholders: objects of the other tenant, or missing ones.
pub struct Named(BTreeMap<String, String>);

impl Named {
    pub async fn of(app: &App, other: &Side) -> Self {
        let mut named = BTreeMap::new();
        for it in types() {
            named.insert(
                their(it),
                other.ids[&format!("{} {}", it.prefix, it.external_id(1))].clone(),
            );
        }
        for (name, key) in [
            ("LEAF", "customer-group G-3"),
            ("KEY", "key Office"),
            ("DEFINITION", "attribute-definition own"),
        ] {
            named.insert(name.to_owned(), other.ids[key].clone());
        }
        for (name, list) in [
            ("CUSTOMERS_CURSOR", "customers"),
            ("GROUPS_CURSOR", "customerGroups"),
            ("PROGRAMS_CURSOR", "loyaltyPrograms"),
            ("PROFILES_CURSOR", "posProfiles"),
        ] {
            named.insert(name.to_owned(), other.cursor(app, list).await);
        }
        named.insert("DUPLICATES_CURSOR".to_owned(), other.duplicates_cursor(app).await);
        for child in children() {
            let list = child.many;
            named.insert(format!("{list}_CURSOR"), other.cursor(app, list).await);
        }
        named.insert("EXTERNAL".to_owned(), other.own.clone());
        named.insert("ATTRIBUTE".to_owned(), other.own.replace('-', "_"));
        Self(named)
    }

    /// Values of objects that do not exist, each adjacent to that of an existing one.
    pub fn beside(&self) -> Self {
        let beside = |(name, value): (&String, &String)| {
            let value = match name.as_str() {
                "EXTERNAL" | "ATTRIBUTE" => "nobodys".to_owned(),
                name if name.ends_with("CURSOR") => cursor_beside(value),
                _ => beside(value),
            };
            (name.clone(), value)
        };
        Self(self.0.iter().map(beside).collect())
    }

    /// Replaces the placeholders in a request of this tenant.
    pub fn put_into(&self, question: &str, asking: &Side) -> String {
        let mine = |name: &str| {
            let of_type = types().iter().find(|it| mine(it) == name)?;
            let number = match of_type.letter {
                "G" | "P" | "POS" => 2,
                _ => 3,
            };
            asking.ids.get(&format!("{} {}", of_type.prefix, of_type.external_id(number)))
        };
        let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let mut written = String::new();
        let mut rest = question;
        while let Some(start) = rest.find(is_name) {
            let (before, word) = rest.split_at(start);
            let (word, after) = word.split_at(word.find(|it| !is_name(it)).unwrap_or(word.len()));
            written.push_str(before);
            match self.0.get(word).or_else(|| mine(word)) {
                Some(value) => written.extend(["\"", value, "\""]),
                None => written.push_str(word),
            }
            rest = after;
        }
        written + rest
    }
}

/// An id that does not exist, adjacent to an existing one.
fn beside(id: &str) -> String {
    let (start, last) = id.split_at(id.len() - 1);
    assert_eq!(last, "0", "the clock of the tests has no random numbers: {id}");
    format!("{start}1")
}

/// A cursor of a row that never existed: the cursor of an existing row, with another last character of the encoded id.
fn cursor_beside(cursor: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let fields = String::from_utf8(BASE64.decode(cursor).unwrap()).unwrap();
    BASE64.encode(beside(&fields))
}
