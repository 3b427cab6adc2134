// What `schema.graphql` must be like: as graphql-eslint and Relay recommend, and described.
import { join } from 'node:path';

import graphql from '@graphql-eslint/eslint-plugin';

const { configs } = graphql;

export default [
  {
    files: ['schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: {
        graphQLConfig: { schema: join(import.meta.dirname, '..', 'schema.graphql') },
      },
    },
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,

      // Stricter than recommended: each thing that has a name has a description.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],

      // The rule wants all descriptions to be blocks, or none. Here those of several lines are, and
      // those of one line, which are most, are not: that keeps the schema short.
      '@graphql-eslint/description-style': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: '.description[block=true]:not([value=/\\n/])',
          message: 'A description of one line is written as "…".',
        },
        {
          selector: '.description[block=false][value=/\\n/]',
          message: 'A description of several lines is written as a block.',
        },
      ],

      // The documents call the name of a `Customer` its `customerName`, and clients know it so.
      '@graphql-eslint/no-typename-prefix': 'off',

      // Pages, the outcomes of changes, and parts that have no identity of their own are not stored by
      // themselves, and cannot be asked for again: no id.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            types: ['CustomerCredit', 'PageInfo', 'UserError', 'UserWarning'],
            suffixes: ['Connection', 'Edge', 'Payload'],
          },
        },
      ],

      // What is small and bounded is a plain list: the groups above, the errors of an input, the
      // objects with given ids. And a connection has `nodes`, for clients that need no cursors.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
];
