// The queries of the tabs that a browser sees first.

/** Examples that show something on the demo's data only. */
const DEMO = [
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
# Whatever is typed or scanned at a till: try a
# phone number in any spelling, the last digits of
# one, a card number, or words with typing errors.
query FindCustomer {
  customerLookup(text: "dabrovski gunter") {
    score
    matchedOn {
      field
      fragments {
        text
        isMatch
      }
    }
    customer {
      customerName
      mobileNo
      loyaltyId
    }
  }
}
`,
  `\
# A person who was registered twice: what both have
# in common, and what a merge would make of them.
query Duplicates {
  customer(externalId: "C-10401") {
    customerName
    duplicates {
      score
      reasons {
        kind
        value
      }
      duplicate {
        externalId
        customerName
        mobileNo
      }
    }
  }
  customerMergePreview(
    survivorId: "customer_019b99eb2c4870008000000000000000"
    absorbedId: "customer_019b9a7db40070008000000000000000"
  ) {
    attributes {
      field
      mergedValue
      isTakenFromAbsorbed
    }
    children {
      kind
      title
      outcome
    }
    token
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
];

/** Queries for any data. */
const ANY = [
  `\
# The customers who were created last.
query Customers {
  customers(first: 10) {
    totalCount
    nodes {
      id
      customerName
      createdAt
    }
  }
}
`,
  `\
# What can be asked: all queries and mutations, each
# with its description. "Docs" on the left has the rest.
query Schema {
  __schema {
    description
    queryType {
      fields {
        name
        description
      }
    }
    mutationType {
      fields {
        name
        description
      }
    }
  }
}
`,
];

export const tabs = (isDemo) => (isDemo ? DEMO : ANY).map((query) => ({ query }));
