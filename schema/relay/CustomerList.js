// A root connection, forward, filtered and ordered; and mutations that keep it up to date.
import { graphql } from 'react-relay';

export const query = graphql`
  query CustomerListQuery($filter: CustomerFilter) {
    ...CustomerList_customers @arguments(filter: $filter)
  }
`;

export const customers = graphql`
  fragment CustomerList_customers on Query
  @refetchable(queryName: "CustomerListPaginationQuery")
  @argumentDefinitions(
    filter: { type: "CustomerFilter" }
    orderBy: { type: "CustomerOrder", defaultValue: { field: CUSTOMER_NAME } }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  ) {
    customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after)
      @connection(key: "CustomerList_customers") {
      __id
      totalCount
      edges {
        node {
          customerName
          createdAt
          customerGroup {
            customerGroupName
          }
        }
      }
    }
  }
`;

export const create = graphql`
  mutation CustomerListCreateMutation($connections: [ID!]!, $input: CustomerCreateInput!) {
    customerCreate(input: $input) {
      customer @prependNode(connections: $connections, edgeTypeName: "CustomerEdge") {
        customerName
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const remove = graphql`
  mutation CustomerListDeleteMutation($connections: [ID!]!, $id: ID!) {
    customerDelete(id: $id) {
      deletedId @deleteRecord @deleteEdge(connections: $connections)
      userErrors {
        message
      }
    }
  }
`;
