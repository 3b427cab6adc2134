// Fails if `schema.graphql` would break a client of the last release, whose schema is
// `released.graphql`.
import { readFileSync } from 'node:fs';

import { changes } from './changes.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

const { breaking, others } = await changes(read('released.graphql'), read('../schema.graphql'));
console.log(`Since the release: ${breaking.length} breaking and ${others.length} other changes.`);
for (const { message, path } of breaking) {
  console.error(`breaking: ${message}${path ? ` (${path})` : ''}`);
}
if (breaking.length > 0) {
  console.error('Deprecate what is to go. docs/architecture.md says how to release a break.');
  process.exitCode = 1;
}
