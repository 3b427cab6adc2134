// The rules for `schema.graphql`: those that graphql-eslint and Relay recommend, and descriptions.
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

      // Stricter than recommended: everything with a name has a description.
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

      // The REST documents call the name of a `Customer` its `customerName`, as clients expect.
      '@graphql-eslint/no-typename-prefix': 'off',

      // Pages, payloads of mutations, and parts without an identity of their own are not stored by
      // themselves and cannot be fetched again, so they have no id.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            types: [
              'CustomAttribute',
              'CustomAttributeValue',
              'CustomerCredit',
              'CustomerDuplicate',
              'CustomerDuplicatePage',
              'CustomerDuplicateReason',
              'CustomerEffective',
              'CustomerLookupFragment',
              'CustomerLookupHit',
              'CustomerLookupMatch',
              'CustomerMergeAttribute',
              'CustomerMergePreview',
              'EffectiveDecimal',
              'EffectiveInt',
              'EffectiveSource',
              'EffectiveText',
              'Money',
              'PageInfo',
              'Tenant',
              'TenantDefaults',
              'UserError',
              'UserWarning',
            ],
            suffixes: ['Connection', 'Edge', 'Payload'],
          },
        },
      ],

      // Small and bounded lists are plain ones: the groups above, the errors of an input, the objects
      // with given ids. And a connection has `nodes`, for clients that need no cursors.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
];
