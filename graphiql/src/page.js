// What the page is, apart from where GraphiQL itself comes from. This module
// has no imports: the embedded build bundles it, the CDN page loads it as is.

const { endpoint, demoKey } = JSON.parse(
  document.getElementById('clientele-config').textContent,
);

const NO_KEY =
  'Type your API key after "Bearer" in the Authorization header, ' +
  'then press "Re-fetch GraphQL schema" in the left bar.';

const headers = { Authorization: `Bearer ${demoKey ?? ''}` };
const headersText = JSON.stringify(headers, null, 2);

// What GraphiQL keeps under its own names it shares with every GraphiQL ever
// served from this origin, such as another server on the same local port: their
// tabs, headers included. These names are Clientele's alone.
const storage = {
  getItem: (name) => localStorage.getItem(`clientele:${name}`),
  setItem: (name, value) => localStorage.setItem(`clientele:${name}`, value),
  removeItem: (name) => localStorage.removeItem(`clientele:${name}`),
  clear: () => names().forEach((name) => localStorage.removeItem(name)),
  get length() {
    return names().length;
  },
};

function names() {
  return Object.keys(localStorage).filter((name) => name.startsWith('clientele:'));
}

async function fetcher(request, options) {
  // GraphiQL asks for the schema as it opens, when it has no editor to read
  // the headers from yet.
  const opening = request.operationName === 'IntrospectionQuery';
  const sent = options?.headers ?? (opening ? headers : {});

  // Nobody can have typed a key by then: say what to do, not that it failed.
  if (sent.Authorization?.trim() === 'Bearer') {
    return { errors: [{ message: NO_KEY }] };
  }

  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      Accept: 'application/graphql-response+json, application/json',
      'Content-Type': 'application/json',
      ...sent,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

export const root = document.getElementById('graphiql');

export const props = {
  fetcher,
  storage,
  // A key is a secret of the one who typed it, and that of a demo may be
  // another tomorrow: none is stored. GraphiQL's history would, so it is off.
  shouldPersistHeaders: false,
  plugins: [],
  defaultHeaders: headersText,
  initialHeaders: headersText,
  defaultEditorToolsVisibility: 'headers',
  inputValueDeprecation: true,
  schemaDescription: true,
  defaultTabs: [
    `\
# The first customers by name, each with its
# group and the groups above that.
query Customers {
  customers(
    first: 10
    orderBy: { field: CUSTOMER_NAME, direction: ASC }
  ) {
    totalCount
    nodes {
      customerName
      customerType
      territory
      customerGroup {
        customerGroupName
        ancestors {
          customerGroupName
        }
      }
    }
  }
}
`,
    `\
# The tree of groups under the root, each with
# a few of its customers.
query GroupTree {
  customerGroup(externalId: "all") {
    customerGroupName
    descendants(maxDepth: 3) {
      depth
      customerGroupName
      parentCustomerGroup {
        customerGroupName
      }
      customers(first: 3) {
        totalCount
        nodes {
          customerName
        }
      }
    }
  }
}
`,
    `\
# A search in one group and in every group below it.
query FindCustomers {
  customerGroup(externalId: "all") {
    customers(
      first: 10
      includeDescendants: true
      filter: { search: "an", disabled: { eq: false } }
    ) {
      totalCount
      nodes {
        customerName
        emailId
        customerGroup {
          customerGroupName
        }
      }
    }
  }
}
`,
    `\
# Filters are joined by and, or and not; amounts,
# like credit, are compared as numbers.
query GoodCustomers {
  customers(
    first: 5
    orderBy: { field: CREDIT_BALANCE, direction: DESC }
    filter: {
      creditLimit: { gte: "10000" }
      or: [{ territory: { eq: "Norway" } }, { consent: { in: ["Newsletter"] } }]
      not: { isFrozen: { eq: true } }
      posProfileId: "pos-hotels"
    }
  ) {
    totalCount
    nodes {
      customerName
      territory
      credit {
        limit
        balance
      }
      consents {
        name
        status
      }
    }
  }
}
`,
    `\
# All that a till needs, in one request: the groups
# that it may sell to and what is below them, and its
# customers with all that is shown of them.
query PointOfSale {
  posProfile(id: "pos-oslo") {
    posProfileId
    posCustomerGroups {
      idx
      customerGroup {
        customerGroupName
        descendants {
          customerGroupName
        }
      }
    }
    customers(first: 20, orderBy: { field: CUSTOMER_NAME }) {
      totalCount
      nodes {
        customerName
        loyaltyId
        loyaltyProgram {
          loyaltyProgramName
          collections {
            tierName
            minSpent
          }
        }
        loyaltyProgramTier {
          tierName
        }
        customerGroup {
          customerGroupName
          ancestors {
            customerGroupName
          }
        }
        addresses {
          addressType
          formatted
        }
        contacts {
          displayName
          emailId
        }
        supplierNumbers {
          company
          supplierNumber
        }
      }
    }
  }
}
`,
    `\
# A company with all that is its own.
query Customer {
  customer(externalId: "C-10037") {
    customerName
    displayName
    credit {
      limit
      balance
    }
    paymentTermsDays
    primaryContact {
      displayName
    }
    addresses {
      addressType
      isPrimary
      formatted
    }
    contacts {
      displayName
      title
      emailId
      isPrimary
      extensions {
        extensionCode
        organizationUid
      }
    }
    consents {
      name
      status
      source
    }
    extensions {
      extensionCode
      organizationUid
    }
    supplierNumbers {
      idx
      company
      supplierNumber
    }
    customerGroups {
      nodes {
        customerGroupName
      }
    }
  }
}
`,
    `\
# What belongs to a customer or a program is a list
# of its own, too, and each object is a node.
query EachOfItsOwn {
  customerContacts(first: 3, filter: { isPrimary: { eq: true } }) {
    totalCount
    nodes {
      id
      displayName
      customer {
        customerName
      }
    }
  }
  customerAddress(externalId: "A-00036") {
    formatted
  }
  loyaltyProgramCollections(filter: { minSpent: { gt: "0" } }) {
    nodes {
      tierName
      loyaltyProgram {
        loyaltyProgramName
      }
    }
  }
  nodes(ids: ["customer_019b8ed1604870008000000000000000", "loyalty-program_019b8d6fa1b070008000000000000000"]) {
    __typename
    id
    ... on Customer {
      customerName
    }
    ... on LoyaltyProgram {
      loyaltyProgramName
    }
  }
}
`,
    `\
# Loyalty programs with their tiers, and the
# customers who take part.
query LoyaltyPrograms {
  loyaltyPrograms(orderBy: { field: FROM_DATE }) {
    nodes {
      loyaltyProgramName
      fromDate
      toDate
      conversionFactor
      customerGroup {
        customerGroupName
      }
      collections {
        idx
        tierName
        minSpent
        collectionFactor
        customers {
          totalCount
        }
      }
      customers(first: 3, orderBy: { field: CUSTOMER_NAME }) {
        totalCount
        nodes {
          customerName
          loyaltyProgramTier {
            tierName
          }
        }
      }
    }
  }
}
`,
    `\
# A page at a time: the endCursor of one is the
# "after" of the next.
query Pages {
  customers(first: 5, after: null) {
    totalCount
    edges {
      cursor
      node {
        id
        customerName
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    `\
# A customer with all that comes with it, as a whole
# or not at all. What is wrong comes back as
# userErrors: try the country "Norway".
mutation CreateCustomer {
  customerCreate(
    input: {
      customerName: "Harbour Books"
      customerType: COMPANY
      addresses: [
        { address: "Bryggen 7", city: "Bergen", countryCode: "NO", isPrimary: true }
      ]
      contacts: [
        {
          firstName: "Ingrid"
          lastName: "Berg"
          title: "Owner"
          extensions: [{ extensionCode: "SCHEDULER", organizationUid: "4711" }]
        }
      ]
      consents: [{ name: "Newsletter", status: true, source: "Till" }]
      supplierNumbers: [{ company: "Clientele Demo", supplierNumber: "S-1" }]
    }
  ) {
    customer {
      id
      customerName
      createdAt
      primaryAddress {
        formatted
      }
      contacts {
        displayName
        extensions {
          extensionCode
        }
      }
    }
    userErrors {
      field
      code
      message
    }
  }
}
`,
    `\
# A program with its tiers, which begin at 0.
mutation CreateLoyaltyProgram {
  loyaltyProgramCreate(
    input: {
      loyaltyProgramName: "Early Birds"
      loyaltyProgramType: MULTIPLE_TIER_PROGRAM
      fromDate: "2026-09-01"
      toDate: "2027-08-31"
      conversionFactor: "0.015"
      collections: [
        { tierName: "Sparrow", minSpent: "0", collectionFactor: "10" }
        { tierName: "Swallow", minSpent: "2500.50", collectionFactor: "7.5" }
      ]
    }
  ) {
    loyaltyProgram {
      loyaltyProgramName
      collections {
        id
        idx
        tierName
        minSpent
      }
    }
    userErrors {
      field
      code
      message
    }
  }
}
`,
    `\
# Line items are in order: a new one takes the place
# it is given, and the others make way.
mutation LineItems {
  supplierNumberAtCustomerCreate(
    input: { customerId: "customer_019b8ed1604870008000000000000000", company: "Clientele Demo South", supplierNumber: "S-77", idx: 1 }
  ) {
    supplierNumberAtCustomer {
      idx
      supplierNumber
      customer {
        supplierNumbers {
          idx
          company
        }
      }
    }
    userErrors {
      field
      code
      message
    }
  }
  posCustomerGroupReorder(parentId: "pos-oslo", ids: ["p-o-s-customer-group_019b9cf43a1070008000000000000000", "p-o-s-customer-group_019b9cf2bf2870008000000000000000"]) {
    posCustomerGroups {
      idx
      customerGroup {
        customerGroupName
      }
    }
    userErrors {
      field
      code
      message
    }
  }
}
`,
    `\
# Who is in a group; a second time, this changes
# nothing.
mutation Membership {
  customerGroupUpdateCustomers(externalId: "staff", addCustomerIds: ["customer_019b8ed1604870008000000000000000"]) {
    customerGroup {
      customerGroupName
      customers(first: 3) {
        totalCount
        nodes {
          customerName
        }
      }
    }
    userErrors {
      field
      code
      message
    }
  }
}
`,
  ].map((query) => ({ query })),
};
