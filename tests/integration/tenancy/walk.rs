//! Requests of one tenant that name another one's objects.

use std::collections::BTreeMap;

use super::Side;
use crate::support::app::App;

/// A type whose objects are found, changed and deleted by their ids.
struct Type {
    /// The field of `Query`; those of `Mutation` begin with it.
    name: &'static str,
    /// The placeholder for the id of the other tenant's object.
    id: &'static str,
    /// The input of a new one, with a name that only the other tenant has.
    new: &'static str,
    /// A change that could be made, and one that could not.
    changes: [&'static str; 2],
}

/// Those that belong to others come first: with these they would be deleted, too.
const TYPES: [Type; 10] = [
    Type {
        name: "customerAddress",
        id: "ADDRESS",
        new: "customerId: MY_CUSTOMER",
        changes: ["city: \"Taken\", isPrimary: true", "countryCode: \"?\""],
    },
    Type {
        name: "customerConsent",
        id: "CONSENT",
        new: "customerId: MY_CUSTOMER, name: EXTERNAL, status: true",
        changes: ["status: false", "name: \"\", externalId: \"N-1\""],
    },
    Type {
        name: "customerExtension",
        id: "EXTENSION",
        new: "customerId: MY_CUSTOMER, extensionCode: EXTERNAL",
        changes: ["organizationUid: \"Taken\"", "extensionCode: \"\""],
    },
    Type {
        name: "customerContact",
        id: "CONTACT",
        new: "customerId: MY_CUSTOMER",
        changes: ["title: \"Taken\", isPrimary: true", "emailId: \"?\""],
    },
    Type {
        name: "supplierNumberAtCustomer",
        id: "NUMBER",
        new: "customerId: MY_CUSTOMER, company: EXTERNAL, supplierNumber: EXTERNAL, idx: 1",
        changes: ["idx: 1, company: \"Taken\"", "idx: 9, supplierNumber: \"\""],
    },
    Type {
        name: "posCustomerGroup",
        id: "LINK",
        new: "posProfileId: \"POS-1\", customerGroupId: MY_GROUP",
        changes: ["idx: 1, posProfileId: \"POS-2\"", "idx: 9, posProfileId: \"\""],
    },
    Type {
        name: "loyaltyProgramCollection",
        id: "TIER",
        new: "loyaltyProgramId: MY_PROGRAM, tierName: EXTERNAL, minSpent: 7, collectionFactor: 1",
        changes: ["idx: 1, tierName: \"Taken\"", "minSpent: \"-1\", tierName: \"Bronze\""],
    },
    Type {
        name: "customer",
        id: "CUSTOMER",
        new: "customerName: EXTERNAL, loyaltyId: EXTERNAL, addresses: [{ externalId: EXTERNAL }],
        contacts: [{ externalId: EXTERNAL, extensions: [{ externalId: EXTERNAL, extensionCode: EXTERNAL }] }],
        consents: [{ externalId: EXTERNAL, name: EXTERNAL, status: true }],
        supplierNumbers: [{ externalId: EXTERNAL, supplierNumber: EXTERNAL }]",
        changes: ["customerName: \"Taken\"", "customerName: \"\", externalId: \"C-1\""],
    },
    Type {
        name: "loyaltyProgram",
        id: "PROGRAM",
        new: "loyaltyProgramName: EXTERNAL, fromDate: \"2026-01-01\",
        collections: [{ externalId: EXTERNAL, tierName: EXTERNAL, collectionFactor: 1 }]",
        changes: ["loyaltyProgramName: \"Taken\"", "loyaltyProgramType: SINGLE_TIER_PROGRAM"],
    },
    Type {
        name: "customerGroup",
        id: "GROUP",
        new: "customerGroupName: EXTERNAL",
        changes: ["customerGroupName: \"Taken\"", "isGroup: false"],
    },
];

/// Further questions, by the field of `Query` or `Mutation`; of a mutation the arguments, and of
/// one that creates the input.
///
/// In capitals is what the other tenant has, by the names of [`Named`]; with `MY_` before it, what
/// the one who asks has. `EXTERNAL` is an external id, and a name, that only the other tenant has, and `ATTRIBUTE` such a
/// key of a custom attribute.
const QUESTIONS: [(&str, &[&str]); 38] = [
    (
        "customer",
        &[
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { parentId: { eq: GROUP } }) {
                totalCount nodes { id } } } }",
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { not: { parentId: { in: [GROUP] } } }) {
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
            "{ customerDuplicates(filter: { customerGroup: { in: [GROUP, LEAF], includeDescendants: true } }, first: 5) {
                pairs { reasons { kind value } } endCursor } }",
            "{ customerDuplicates(filter: { loyaltyProgramId: { eq: PROGRAM } }) { endCursor } }",
            "{ customerDuplicates(filter: { or: [{ loyaltyProgramId: { in: [PROGRAM] } },
                { loyaltyProgramTierId: { eq: TIER } }, { loyaltyProgramTierId: { in: [TIER] } }] }) {
                endCursor } }",
            "{ customerDuplicates(filter: { contact: { customerId: { eq: CUSTOMER } } }) { endCursor } }",
            "{ customerDuplicates(filter: { address: { customerId: { in: [CUSTOMER] } } }) { endCursor } }",
            "{ customerDuplicates(filter: { not: { contact: { customerId: { in: [CUSTOMER] } },
                address: { customerId: { eq: CUSTOMER } } } }) { endCursor } }",
            "{ customerDuplicates(first: 1, after: DUPLICATES_CURSOR) {
                pairs { customer { id } duplicate { id } } hasNextPage } }",
        ],
    ),
    (
        "customerMergePreview",
        &[
            "{ customerMergePreview(survivorId: MY_CUSTOMER, absorbedId: CUSTOMER) {
                survivor { id } absorbed { id } attributes { field } children { title } userErrors { code message } } }",
            "{ customerMergePreview(survivorId: CUSTOMER, absorbedId: MY_CUSTOMER, fields: [\"emailId\"]) {
                attributes { survivorValue } userErrors { code message } } }",
            "{ customerMergePreview(survivorId: CUSTOMER, absorbedId: CUSTOMER, fields: [\"emailId\"]) {
                userErrors { code message } } }",
        ],
    ),
    (
        "customerGroup",
        &[
            "{ customerGroup(id: GROUP) { id descendants { id } ancestors { id } depth } }",
            "{ customerGroup(id: MY_GROUP) { id descendants { id } depth
                children(filter: { parentId: { eq: GROUP } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) { customers(includeDescendants: true, filter: {
                customerGroup: { in: [LEAF], includeDescendants: true } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) { customers(includeDescendants: true, filter: {
                not: { customerGroup: { in: [LEAF] } } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) { customers(includeDescendants: true, filter: {
                or: [{ loyaltyProgramId: { eq: PROGRAM } }, { posProfileId: EXTERNAL }] }) {
                totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) {
                loyaltyPrograms(filter: { customerGroupId: { in: [GROUP] } }) { totalCount nodes { id } }
                posProfiles(filter: { customerGroup: { in: [GROUP], includeAncestors: true } }) {
                    totalCount nodes { id } } } }",
        ],
    ),
    (
        "customers",
        &[
            "{ customers(filter: { customerGroup: { in: [LEAF] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerGroup: { in: [GROUP, LEAF, MY_GROUP], includeDescendants: true } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { not: { customerGroup: { in: [GROUP], includeDescendants: true } } }) {
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
            "{ customers(filter: { loyaltyProgramId: { eq: PROGRAM } }) { totalCount nodes { id } } }",
            "{ customers(filter: { loyaltyProgramId: { in: [PROGRAM, MY_PROGRAM] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { loyaltyProgramId: { eq: PROGRAM } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { loyaltyProgramTierId: { eq: TIER } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { loyaltyProgramTierId: { in: [TIER, MY_TIER] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { consent: { in: [EXTERNAL] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { consent: { in: [EXTERNAL], status: true } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { contact: { externalId: { eq: EXTERNAL } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { contact: { customerId: { eq: CUSTOMER } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { contact: { or: [{ mobileNo: { eq: EXTERNAL } }, { firstName: { in: [EXTERNAL] } }] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { address: { externalId: { in: [EXTERNAL] } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { address: { customerId: { in: [CUSTOMER] } } }) { totalCount nodes { id } } }",
            "{ customers(filter: { not: { address: { or: [{ phone: { eq: EXTERNAL } }, { city: { eq: EXTERNAL } }] } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { mobileNo: { in: [EXTERNAL, \"+4791234567\"] } }) { totalCount nodes { id } } }",
            "{ customerContacts(filter: { mobileNo: { eq: \"+4791234567\" } }) { totalCount nodes { id } } }",
            // Without links, a profile is not restricted: one of the other tenant's has none here.
            "{ customers(filter: { posProfileId: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customers(filter: { posProfileId: PROFILE }) { totalCount nodes { id } } }",
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
            "{ customerGroups(filter: { parentId: { eq: GROUP } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { parentId: { in: [GROUP, MY_GROUP] } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { not: { parentId: { in: [GROUP] } } }) { totalCount nodes { id } } }",
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
            "{ loyaltyProgram(id: PROGRAM) { customerGroup { id } collections { id } } }",
            "{ loyaltyProgram(id: MY_PROGRAM) {
                customers(filter: { loyaltyProgramTierId: { in: [TIER] } }) { totalCount nodes { id } } } }",
            "{ loyaltyProgram(id: MY_PROGRAM) {
                customers(filter: { not: { customerGroup: { in: [GROUP] } } }) { totalCount nodes { id } } } }",
        ],
    ),
    (
        "loyaltyProgramCollection",
        &[
            "{ loyaltyProgramCollection(id: TIER) { loyaltyProgram { id } customers { totalCount } } }",
            "{ loyaltyProgramCollection(id: MY_TIER) {
                customers(filter: { loyaltyProgramId: { eq: PROGRAM } }) { totalCount nodes { id } } } }",
        ],
    ),
    (
        "loyaltyPrograms",
        &[
            "{ loyaltyPrograms(filter: { customerGroupId: { eq: GROUP } }) { totalCount nodes { id } } }",
            "{ loyaltyPrograms(filter: { not: { customerGroupId: { in: [GROUP, MY_GROUP] } } }) {
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
        &["{ posCustomerGroup(id: LINK) { posProfile { id } posProfileId customerGroup { id } } }"],
    ),
    (
        "posProfile",
        &[
            "{ posProfile(id: PROFILE) { id posProfileId } }",
            "{ posProfile(id: EXTERNAL) { id posProfileId posCustomerGroups { id } customers { totalCount } } }",
            "{ posProfile(id: LINK) { id } }",
            "{ posProfile(id: \"POS-1\") { customers(filter: { customerGroup: { in: [LEAF] } }) {
                totalCount nodes { id } } } }",
            "{ posProfile(id: MY_PROFILE) { customers(filter: { not: { posProfileId: EXTERNAL } }) {
                totalCount nodes { id } } } }",
        ],
    ),
    (
        "posProfiles",
        &[
            "{ posProfiles(filter: { customerGroup: { in: [LEAF] } }) { totalCount nodes { id } } }",
            "{ posProfiles(filter: { customerGroup: { in: [LEAF, MY_GROUP], includeAncestors: true } }) {
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
    ("customerExtension", &["{ customerExtension(id: EXTENSION) { contact { id } customerId } }"]),
    ("node", &["{ node(id: CUSTOMER) { __typename id } }", "{ node(id: GROUP) { __typename id } }"]),
    (
        "nodes",
        &["{ nodes(ids: [CUSTOMER, MY_CUSTOMER, GROUP, LEAF, MY_GROUP, PROGRAM, TIER, LINK, PROFILE, NUMBER,
            ADDRESS, CONTACT, CONSENT, EXTENSION, MY_PROFILE]) { __typename id } }"],
    ),
    (
        "customerCreate",
        &[
            "customerName: \"New\", customerGroupId: GROUP",
            "customerName: \"\", attributes: [{ key: \"note\", value: { text: EXTERNAL } }]",
            "customerName: \"New\", customerGroupIds: [MY_GROUP, GROUP]",
            "customerName: \"New\", loyaltyProgramId: PROGRAM",
            "customerName: \"New\", loyaltyProgramId: PROGRAM, loyaltyProgramTierId: TIER",
            "customerName: \"New\", loyaltyProgramId: MY_PROGRAM, loyaltyProgramTierId: TIER",
        ],
    ),
    (
        "customerUpdate",
        &[
            "id: MY_CUSTOMER, input: { customerGroupId: GROUP }",
            "id: CUSTOMER, input: { attributes: [{ key: \"note\", value: { text: \"Taken\" } }] }",
            // A unique value of the other tenant is free.
            "id: MY_CUSTOMER, input: { attributes: [{ key: \"card\", value: { text: EXTERNAL } }] }",
            "id: MY_CUSTOMER, input: { loyaltyProgramId: PROGRAM }",
            "id: MY_CUSTOMER, input: { loyaltyProgramTierId: TIER }",
            "id: MY_CUSTOMER, input: { primaryContactId: CONTACT }",
            "id: MY_CUSTOMER, input: { primaryAddressId: ADDRESS }",
            "id: CUSTOMER, input: { primaryContactId: MY_CONTACT, primaryAddressId: MY_ADDRESS }",
        ],
    ),
    (
        "customerMerge",
        &[
            "survivorId: MY_CUSTOMER, absorbedId: CUSTOMER, fields: [\"emailId\"], previewToken: EXTERNAL",
            "survivorId: CUSTOMER, absorbedId: MY_CUSTOMER, previewToken: \"x\"",
        ],
    ),
    (
        "customerUnmerge",
        &[
            "absorbedId: CUSTOMER, discardChanges: true",
            "absorbedId: GROUP, discardChanges: true",
        ],
    ),
    (
        "customerGroupCreate",
        &[
            "customerGroupName: \"New\", parentId: GROUP",
            // A leaf of the tenant's own cannot be a parent; nothing is revealed about the other
            // one's.
            "customerGroupName: \"New\", parentId: LEAF",
        ],
    ),
    (
        "customerGroupUpdate",
        &[
            "id: GROUP, input: { parentId: MY_GROUP }",
            "id: GROUP, input: { attributes: [{ key: \"note\", value: { text: \"Taken\" } }] }",
            "id: MY_GROUP, input: { parentId: GROUP }",
            "id: MY_GROUP, input: { parentId: LEAF }",
        ],
    ),
    (
        "customerGroupUpdateCustomers",
        &[
            "id: GROUP, addCustomerIds: [MY_CUSTOMER]",
            "externalId: EXTERNAL, addCustomerIds: [MY_CUSTOMER]",
            "id: LEAF, removeCustomerIds: [CUSTOMER]",
            "id: MY_GROUP, addCustomerIds: [MY_CUSTOMER, CUSTOMER]",
            "id: MY_GROUP, removeCustomerIds: [CUSTOMER, MY_CUSTOMER]",
            "id: MY_GROUP, addCustomerExternalIds: [EXTERNAL]",
            "id: MY_GROUP, removeCustomerExternalIds: [EXTERNAL, \"C-3\"]",
        ],
    ),
    (
        "customerAddressCreate",
        &["customerId: CUSTOMER, city: \"New\", isPrimary: true", "customerId: GROUP, city: \"New\""],
    ),
    ("customerConsentCreate", &["customerId: CUSTOMER, name: \"New\", status: true"]),
    ("customerContactCreate", &["customerId: CUSTOMER, firstName: \"New\", isPrimary: true"]),
    (
        "customerExtensionCreate",
        &[
            "customerId: CUSTOMER, extensionCode: \"New\"",
            "customerId: CUSTOMER, contactId: CONTACT, extensionCode: \"New\"",
            "customerId: MY_CUSTOMER, contactId: CONTACT, extensionCode: \"New\"",
        ],
    ),
    (
        "customerExtensionUpdate",
        &[
            "id: MY_EXTENSION, input: { contactId: CONTACT }",
            "id: EXTENSION, input: { contactId: MY_CONTACT }",
        ],
    ),
    (
        "supplierNumberAtCustomerCreate",
        &["customerId: CUSTOMER, supplierNumber: \"New\", company: \"New\", idx: 1"],
    ),
    (
        "supplierNumberAtCustomerReorder",
        &[
            "parentId: CUSTOMER, ids: [NUMBER]",
            "parentId: CUSTOMER, ids: []",
            "parentId: MY_CUSTOMER, ids: [MY_NUMBER, NUMBER]",
        ],
    ),
    (
        "loyaltyProgramCreate",
        &["loyaltyProgramName: \"New\", fromDate: \"2026-01-01\", customerGroupId: GROUP"],
    ),
    (
        "loyaltyProgramUpdate",
        &[
            "id: MY_PROGRAM, input: { customerGroupId: GROUP }",
            "id: MY_PROGRAM, input: { collections: [{ id: TIER, tierName: \"Taken\" }] }",
        ],
    ),
    (
        "loyaltyProgramCollectionCreate",
        &["loyaltyProgramId: PROGRAM, tierName: \"New\", minSpent: \"7\", collectionFactor: 1, idx: 1"],
    ),
    (
        "loyaltyProgramCollectionReorder",
        &[
            "parentId: PROGRAM, ids: [TIER]",
            "parentId: PROGRAM, ids: []",
            "parentId: MY_PROGRAM, ids: [MY_TIER, TIER]",
        ],
    ),
    ("posCustomerGroupCreate", &["posProfileId: \"POS-2\", customerGroupId: GROUP, idx: 1"]),
    (
        "posCustomerGroupUpdate",
        &[
            "id: MY_LINK, input: { customerGroupId: GROUP }",
            "id: LINK, input: { customerGroupId: MY_GROUP, posProfileId: \"POS-2\" }",
        ],
    ),
    (
        "posCustomerGroupReorder",
        &[
            "parentId: PROFILE, ids: [LINK]",
            "parentId: PROFILE, ids: []",
            "parentId: EXTERNAL, ids: [LINK]",
            "parentId: EXTERNAL, ids: []",
            "parentId: \"POS-2\", ids: [MY_LINK, LINK]",
            "parentId: MY_PROFILE, ids: [MY_LINK, LINK]",
        ],
    ),
    ("customerGroupDelete", &["id: LEAF, policy: REASSIGN_TO_PARENT"]),
];

/// The lists of children: what each of them is asked for. Each has a cursor of its name.
const LISTS: [(&str, &[&str]); 7] = [
    (
        "customerAddresses",
        &[
            "customerId: { eq: CUSTOMER }",
            "customerId: { in: [CUSTOMER, MY_CUSTOMER] }",
            "externalId: { eq: EXTERNAL }",
        ],
    ),
    (
        "customerContacts",
        &[
            "customerId: { eq: CUSTOMER }",
            "customerId: { in: [CUSTOMER] }",
            "or: [{ emailId: { eq: EXTERNAL } }, { mobileNo: { eq: EXTERNAL } }]",
        ],
    ),
    (
        "customerConsents",
        &[
            "customerId: { eq: CUSTOMER }",
            "customerId: { in: [CUSTOMER] }",
            "name: { in: [EXTERNAL] }",
        ],
    ),
    (
        "customerExtensions",
        &[
            "customerId: { eq: CUSTOMER }",
            "contactId: { eq: CONTACT }",
            "contactId: { in: [CONTACT] }",
            "or: [{ extensionCode: { eq: EXTERNAL } }, { organizationUid: { eq: EXTERNAL } }]",
        ],
    ),
    (
        "loyaltyProgramCollections",
        &[
            "loyaltyProgramId: { eq: PROGRAM }",
            "loyaltyProgramId: { in: [PROGRAM, MY_PROGRAM] }",
            "tierName: { eq: EXTERNAL }",
        ],
    ),
    (
        "posCustomerGroups",
        &[
            "posProfileId: { eq: PROFILE }",
            "posProfileId: { in: [EXTERNAL, \"POS-1\"] }",
            "customerGroupId: { eq: GROUP }",
            "customerGroupId: { in: [GROUP, LEAF] }",
        ],
    ),
    (
        "supplierNumbersAtCustomer",
        &[
            "customerId: { eq: CUSTOMER }",
            "customerId: { in: [CUSTOMER] }",
            "or: [{ company: { eq: EXTERNAL } }, { supplierNumber: { eq: EXTERNAL } }]",
        ],
    ),
];

fn questions_about(list: &str, filters: &[&str]) -> Vec<String> {
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

/// All questions, by the field of `Query` or `Mutation`, in an order in which there is something to
/// ask about until the end.
pub fn questions() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for Type { name, id, .. } in TYPES {
        for lookup in [
            format!("id: {id}"),
            format!("id: {}", other(id)),
            format!("externalId: {id}"),
            "externalId: EXTERNAL".to_owned(),
        ] {
            all.push((name.to_owned(), format!("{{ {name}({lookup}) {{ id }} }}")));
        }
    }
    for (field, questions) in QUESTIONS {
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
    for field in ["customerMerge", "customerUnmerge"] {
        // A customer that is merged is restored.
        let merge = "customerMerge(survivorId: MY_CUSTOMER, absorbedId: CUSTOMER)";
        let undo = "customerUnmerge(absorbedId: CUSTOMER)";
        let errors = "{ userErrors { field code message } }";
        let question = format!("mutation {{ a: {merge} {errors} b: {undo} {errors} }}");
        all.push((field.to_owned(), question));
    }
    for (list, filters) in LISTS {
        let questions = questions_about(list, filters);
        all.extend(questions.into_iter().map(|question| (list.to_owned(), question)));
    }
    for Type { name, id, changes, .. } in TYPES {
        let update = format!("{name}Update");
        for arguments in [
            format!("id: {id}, input: {{}}"),
            format!("id: {id}, input: {{ {} }}", changes[0]),
            format!("id: {id}, input: {{ {} }}", changes[1]),
            format!("externalId: EXTERNAL, input: {{ {} }}", changes[0]),
        ] {
            all.push((update.clone(), mutation(&update, &arguments)));
        }
        // An external id that only the other tenant has is free: it is given, and taken away again.
        let given = ["EXTERNAL", "null"].map(|external_id| {
            format!("{update}(id: MY_{id}, input: {{ externalId: {external_id} }}) {{ userErrors {{ code }} }}")
        });
        all.push((update, format!("mutation {{ a: {} b: {} }}", given[0], given[1])));
    }
    for Type { name, id, new, .. } in TYPES {
        // An object that is created with such an external id is deleted again.
        let (create, delete) = (format!("{name}Create"), format!("{name}Delete"));
        let question = format!(
            "mutation {{
                a: {create}(input: {{ externalId: EXTERNAL, {new} }}) {{ userErrors {{ field code message }} }}
                b: {delete}(externalId: EXTERNAL) {{ userErrors {{ field code message }} }} }}"
        );
        all.push((create, question));
        for lookup in
            ["externalId: EXTERNAL".to_owned(), format!("id: {}", other(id)), format!("id: {id}")]
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

/// Questions about POS profiles and keys, which have no external ids, and deletions after which there is
/// nothing left to ask about. What is made is deleted again, if it can be.
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
    ("attributeDefinitionDelete", "mutation { attributeDefinitionDelete(id: GROUP, deleteValues: false) { ERRORS } }"),
    ("attributeDefinitionDelete", "mutation { attributeDefinitionDelete(id: DEFINITION, deleteValues: true) { ERRORS } }"),
    ("apiKeys", "{ apiKeys(includeEnded: true) { id name } }"),
    ("apiKeyCreate", "mutation { apiKeyCreate(input: { name: EXTERNAL, scope: READ }) { ERRORS } }"),
    ("apiKeyRevoke", "mutation { apiKeyRevoke(id: GROUP) { ERRORS } }"),
    ("apiKeyRevoke", "mutation { apiKeyRevoke(id: KEY) { apiKey { name } ERRORS } }"),
    ("apiKeys", "{ apiKeys { id name } }"),
    ("tenant", "{ tenant { name defaults { defaultPriceList language } } }"),
    ("tenantUpdate", "mutation { tenantUpdate(input: { language: \"nb\" }) { tenant { name defaults { language } } ERRORS } }"),
    ("posProfileUpdate", "mutation { posProfileUpdate(id: PROFILE, input: {}) { ERRORS } }"),
    (
        "posProfileUpdate",
        "mutation { posProfileUpdate(id: PROFILE, input: { sellsToEveryone: true }) { ERRORS } }",
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
    ("posProfileDelete", "mutation { posProfileDelete(id: LINK) { ERRORS } }"),
    ("posProfileDelete", "mutation { posProfileDelete(id: PROFILE) { ERRORS } }"),
    (
        "loyaltyProgramDelete",
        "mutation { loyaltyProgramDelete(id: PROGRAM, policy: UNENROLL_CUSTOMERS) { ERRORS } }",
    ),
    (
        "customerGroupDelete",
        "mutation { customerGroupDelete(id: GROUP, policy: DELETE_SUBTREE) { ERRORS } }",
    ),
];

/// The id of something of another type.
fn other(id: &str) -> &'static str {
    if id == "GROUP" { "CUSTOMER" } else { "GROUP" }
}

fn mutation(field: &str, arguments: &str) -> String {
    format!("mutation {{ {field}({arguments}) {{ userErrors {{ field code message }} }} }}")
}

/// The objects that a request names: the other tenant's, or missing ones.
pub struct Named(BTreeMap<String, String>);

impl Named {
    pub async fn of(app: &App, other: &Side) -> Self {
        let mut named = BTreeMap::new();
        for (name, key) in [
            ("GROUP", "customer-group G-1"),
            ("LEAF", "customer-group G-3"),
            ("CUSTOMER", "customer C-1"),
            ("ADDRESS", "customer-address A-1"),
            ("CONSENT", "customer-consent N-1"),
            ("CONTACT", "customer-contact K-1"),
            ("EXTENSION", "customer-extension E-1"),
            ("NUMBER", "supplier-number-at-customer S-1"),
            ("PROGRAM", "loyalty-program P-1"),
            ("TIER", "loyalty-program-collection T-2"),
            ("PROFILE", "p-o-s-profile POS-1"),
            ("LINK", "p-o-s-customer-group L-1"),
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
        for (list, _) in LISTS {
            named.insert(format!("{list}_CURSOR"), other.cursor(app, list).await);
        }
        named.insert("EXTERNAL".to_owned(), other.own.clone());
        named.insert("ATTRIBUTE".to_owned(), other.own.replace('-', "_"));
        Self(named)
    }

    /// The names of nothing, each right beside that of something.
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

    /// Writes the names into a question of that tenant's.
    pub fn put_into(&self, question: &str, asking: &Side) -> String {
        let mine = |name: &str| {
            let key = match name {
                "MY_GROUP" => "customer-group G-2",
                "MY_CUSTOMER" => "customer C-3",
                "MY_ADDRESS" => "customer-address A-3",
                "MY_CONSENT" => "customer-consent N-3",
                "MY_CONTACT" => "customer-contact K-3",
                "MY_EXTENSION" => "customer-extension E-3",
                "MY_NUMBER" => "supplier-number-at-customer S-3",
                "MY_PROGRAM" => "loyalty-program P-2",
                "MY_TIER" => "loyalty-program-collection T-3",
                "MY_PROFILE" => "p-o-s-profile POS-2",
                "MY_LINK" => "p-o-s-customer-group L-3",
                _ => return None,
            };
            asking.ids.get(key)
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

/// The id of nothing, right beside an id of something.
fn beside(id: &str) -> String {
    let (start, last) = id.split_at(id.len() - 1);
    assert_eq!(last, "0", "the clock of the tests has no random numbers: {id}");
    format!("{start}1")
}

/// A cursor of a row that never was, right beside that of one that is: the last character of the id
/// that is encoded in it is another one.
fn cursor_beside(cursor: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let fields = String::from_utf8(BASE64.decode(cursor).unwrap()).unwrap();
    BASE64.encode(beside(&fields))
}
