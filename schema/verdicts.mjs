// The verdicts of graphql-js on tests/data/documents.json: `npm run verdicts` writes them to
// tests/data/verdicts.json, which the Rust tests compare with this server's own validation, and
// `npm run check` fails if that file is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, Kind, parse, validate } from 'graphql';

const data = (name) => new URL(`../tests/data/${name}`, import.meta.url);
const read = (url) => readFileSync(url, 'utf8');
const schema = buildSchema(read(new URL('../schema.graphql', import.meta.url)));

// graphql-js leaves the values of custom scalars to their implementations.
const literal = (name, kinds, pattern) => {
  schema.getType(name).parseLiteral = (node) => {
    if (kinds.includes(node.kind) && pattern.test(node.value)) return node.value;
    throw new Error(`not a ${name}`);
  };
};
literal('Date', [Kind.STRING], /^\d{4}-\d\d-\d\d$/);
literal('DateTime', [Kind.STRING], /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/);
literal('Decimal', [Kind.STRING, Kind.INT, Kind.FLOAT], /^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/);

const verdict = ([rule, text]) => {
  try {
    const document = parse(text);
    const operation = document.definitions.find((it) => it.kind === Kind.OPERATION_DEFINITION);
    const errors = validate(schema, document).map((it) => it.message);
    return { rule, document: text, operation: operation?.name?.value ?? null, errors };
  } catch (error) {
    return { rule, document: text, operation: null, errors: [error.message] };
  }
};

const documents = JSON.parse(read(data('documents.json')));
const verdicts = `${JSON.stringify(documents.map(verdict), null, 1)}\n`;
if (process.argv[2] === '--write') {
  writeFileSync(data('verdicts.json'), verdicts);
} else if (read(data('verdicts.json')) !== verdicts) {
  console.error('tests/data/verdicts.json is not what graphql-js says: run `npm run verdicts`');
  process.exit(1);
} else {
  console.log(`graphql-js: ${documents.length} documents, as in tests/data/verdicts.json`);
}
