// A type with a plain list of line items, a nested connection, and mutations of a whole and of an order.
import { graphql } from 'react-relay';

export const query = graphql`
  query LoyaltyProgramDetailsQuery($id: ID!) {
    loyaltyProgram(id: $id) {
      ...LoyaltyProgramDetails_tiers
      ...LoyaltyProgramDetails_customers
    }
  }
`;

export const tiers = graphql`
  fragment LoyaltyProgramDetails_tiers on LoyaltyProgram
  @refetchable(queryName: "LoyaltyProgramDetailsTiersQuery") {
    loyaltyProgramName
    collections {
      idx
      tierName
      minSpent
    }
  }
`;

export const customers = graphql`
  fragment LoyaltyProgramDetails_customers on LoyaltyProgram
  @refetchable(queryName: "LoyaltyProgramDetailsCustomersQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    customers(first: $first, after: $after) @connection(key: "LoyaltyProgramDetails_customers") {
      edges {
        node {
          customerName
          loyaltyProgramTier {
            tierName
          }
        }
      }
    }
  }
`;

export const create = graphql`
  mutation LoyaltyProgramDetailsCreateMutation(
    $connections: [ID!]!
    $input: LoyaltyProgramCreateInput!
  ) {
    loyaltyProgramCreate(input: $input) {
      loyaltyProgram @appendNode(connections: $connections, edgeTypeName: "LoyaltyProgramEdge") {
        ...LoyaltyProgramDetails_tiers
      }
      userErrors {
        field
        message
      }
    }
  }
`;

export const reorder = graphql`
  mutation LoyaltyProgramDetailsReorderMutation($parentId: ID!, $ids: [ID!]!) {
    loyaltyProgramCollectionReorder(parentId: $parentId, ids: $ids) {
      loyaltyProgramCollections {
        id
        idx
      }
      userErrors {
        field
        message
      }
    }
  }
`;
