// A root connection, both ways.
import { graphql } from 'react-relay';

export const query = graphql`
  query CustomerGroupListQuery {
    ...CustomerGroupList_groups
  }
`;

export const groups = graphql`
  fragment CustomerGroupList_groups on Query
  @refetchable(queryName: "CustomerGroupListPaginationQuery")
  @argumentDefinitions(
    filter: { type: "CustomerGroupFilter", defaultValue: { isRoot: true } }
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    customerGroups(filter: $filter, first: $first, after: $after, last: $last, before: $before)
      @connection(key: "CustomerGroupList_customerGroups") {
      edges {
        node {
          customerGroupName
        }
      }
    }
  }
`;
