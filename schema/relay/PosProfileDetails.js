// A till: a type that another system has, its line items, and a connection that these decide.
import { graphql } from 'react-relay';

export const query = graphql`
  query PosProfileDetailsQuery($id: ID!) {
    posProfile(id: $id) {
      posProfileId
      posCustomerGroups {
        idx
        customerGroup {
          customerGroupName
        }
      }
      ...PosProfileDetails_customers
    }
  }
`;

export const customers = graphql`
  fragment PosProfileDetails_customers on PosProfile
  @refetchable(queryName: "PosProfileDetailsCustomersQuery")
  @argumentDefinitions(
    filter: { type: "CustomerFilter" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  ) {
    customers(filter: $filter, first: $first, after: $after)
      @connection(key: "PosProfileDetails_customers") {
      edges {
        node {
          customerName
          primaryAddress {
            formatted
          }
          contacts {
            displayName
          }
        }
      }
    }
  }
`;

export const links = graphql`
  fragment PosProfileDetails_links on Query
  @refetchable(queryName: "PosProfileDetailsLinksQuery")
  @argumentDefinitions(
    filter: { type: "PosCustomerGroupFilter" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  ) {
    posCustomerGroups(filter: $filter, first: $first, after: $after)
      @connection(key: "PosProfileDetails_posCustomerGroups") {
      edges {
        node {
          posProfileId
        }
      }
    }
  }
`;

export const remove = graphql`
  mutation PosProfileDetailsDeleteMutation($connections: [ID!]!, $id: ID!) {
    posCustomerGroupDelete(id: $id) {
      deletedId @deleteRecord @deleteEdge(connections: $connections)
      userErrors {
        message
      }
    }
  }
`;
