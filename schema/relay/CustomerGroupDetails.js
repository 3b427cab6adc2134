// Connections of nodes, which Relay fetches again through `node`: forward, backward, and both.
import { graphql } from 'react-relay';

export const query = graphql`
  query CustomerGroupDetailsQuery($id: ID!) {
    customerGroup(id: $id) {
      ...CustomerGroupDetails_children
      ...CustomerGroupDetails_customers
      ...CustomerGroupDetails_tree
    }
  }
`;

export const children = graphql`
  fragment CustomerGroupDetails_children on CustomerGroup
  @refetchable(queryName: "CustomerGroupDetailsChildrenQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 20 }, before: { type: "String" }) {
    children(last: $last, before: $before) @connection(key: "CustomerGroupDetails_children") {
      edges {
        node {
          customerGroupName
        }
      }
    }
  }
`;

export const customers = graphql`
  fragment CustomerGroupDetails_customers on CustomerGroup
  @refetchable(queryName: "CustomerGroupDetailsCustomersQuery")
  @argumentDefinitions(
    includeDescendants: { type: "Boolean", defaultValue: true }
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    customers(
      includeDescendants: $includeDescendants
      first: $first
      after: $after
      last: $last
      before: $before
    ) @connection(key: "CustomerGroupDetails_customers") {
      edges {
        node {
          ...CustomerGroupDetails_memberships
        }
      }
    }
  }
`;

// Plain lists are read as they are.
export const tree = graphql`
  fragment CustomerGroupDetails_tree on CustomerGroup {
    ancestors {
      customerGroupName
    }
    descendants(maxDepth: 2) {
      customerGroupName
      depth
    }
  }
`;

export const memberships = graphql`
  fragment CustomerGroupDetails_memberships on Customer
  @refetchable(queryName: "CustomerGroupDetailsMembershipsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" }) {
    customerGroups(first: $first, after: $after)
      @connection(key: "CustomerGroupDetails_customerGroups") {
      edges {
        cursor
        node {
          customerGroupName
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
