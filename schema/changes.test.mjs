import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changes } from './changes.mjs';

const released = `
  type Query {
    customer(id: ID): Customer
    customers(first: Int, depth: Int! = 1, filter: Filter): [Customer!]!
    either: Either!
  }
  interface Node { id: ID! }
  type Customer implements Node { id: ID!, name: String!, kind: Kind }
  type Group { name: String! }
  union Either = Customer | Group
  enum Kind { COMPANY, PERSON }
  input Filter { text: ID, disabled: Boolean! = false }
  scalar Date
`;

/** The breaking changes if the text `from`, wherever it is in the released schema, becomes `to`. */
async function broken(from, to) {
  const current = released.replaceAll(from, to);
  assert.notEqual(current, released);
  return (await changes(released, current)).breaking.map(({ type }) => type);
}

for (const [what, from, to, ...expected] of [
  ['a removed type', 'scalar Date', '', 'TYPE_REMOVED'],
  ['another kind of type', 'scalar Date', 'enum Date { TODAY }', 'TYPE_KIND_CHANGED'],
  ['a removed field', ', kind: Kind', '', 'FIELD_REMOVED'],
  ['another type of a field', 'kind: Kind', 'kind: String', 'FIELD_TYPE_CHANGED'],
  ['a field that may be null', 'either: Either!', 'either: Either', 'FIELD_TYPE_CHANGED'],
  ['a removed argument', 'first: Int, ', '', 'FIELD_ARGUMENT_REMOVED'],
  ['another type of an argument', 'first: Int', 'first: String', 'FIELD_ARGUMENT_TYPE_CHANGED'],
  ['an argument that is now required', 'first: Int', 'first: Int!', 'FIELD_ARGUMENT_TYPE_CHANGED'],
  ['a new required argument', 'first: Int', 'first: Int, unit: ID!', 'FIELD_ARGUMENT_ADDED'],
  ['an argument without its default', ' = 1', '', 'FIELD_ARGUMENT_DEFAULT_CHANGED'],
  ['a removed input field', 'text: ID, ', '', 'INPUT_FIELD_REMOVED'],
  ['a new required input field', 'text: ID', 'text: ID, unit: ID!', 'INPUT_FIELD_ADDED'],
  ['an input field that is now required', 'text: ID', 'text: ID!', 'INPUT_FIELD_TYPE_CHANGED'],
  ['an input field without its default', ' = false', '', 'INPUT_FIELD_DEFAULT_VALUE_CHANGED'],
  ['a removed enum value', ', PERSON', '', 'ENUM_VALUE_REMOVED'],
  ['a removed member of a union', ' | Group', '', 'UNION_MEMBER_REMOVED'],
  ['a removed interface', ' implements Node', '', 'OBJECT_TYPE_INTERFACE_REMOVED'],
]) {
  test(`${what} breaks clients`, async () => assert.deepEqual(await broken(from, to), expected));
}

for (const [what, from, to] of [
  ['a new type', 'scalar Date', 'scalar Date type Point { near(to: ID!): Point! }'],
  ['a new input type', 'scalar Date', 'scalar Date input Point { x: Int!, y: Int! = 0 }'],
  ['a new field', 'kind: Kind', 'kind: Kind, group(id: ID!): Group'],
  ['a field that is never null', 'kind: Kind', 'kind: Kind!'],
  ['a new optional argument', 'first: Int', 'first: Int, last: Int'],
  ['a new argument with a default', 'first: Int', 'first: Int, last: Int! = 1'],
  ['an argument that has a default now', 'first: Int', 'first: Int = 20'],
  ['a new optional input field', 'text: ID', 'text: ID, unit: ID'],
  ['a new enum value', 'PERSON', 'PERSON, PARTNERSHIP'],
  ['a new interface', 'Group {', 'Group implements Named {name: String!} interface Named {'],
  ['a deprecation', 'kind: Kind', 'kind: Kind @deprecated(reason: "`type` says it.")'],
  ['a description', 'scalar Date', '"A day." scalar Date'],
]) {
  test(`${what} breaks no client`, async () => assert.deepEqual(await broken(from, to), []));
}
