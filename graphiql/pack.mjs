// Keeps the built page in the repository, so that Clientele is built without Node: `built/` has what Vite
// wrote to `dist/`, its assets compressed.
//
//   node pack.mjs            writes `built/` and LICENSES.md
//   node pack.mjs --check    fails if they are not what was built just now, or too large

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Most bytes that the page may add to a checkout and to the binary. */
const MAX_BYTES = 2 * 1024 * 1024;

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const built = join(root, 'built');

// Every browser takes gzip, also over plain HTTP, where they do not ask for Brotli.
const fresh = new Map([
  ['built/index.html', readFileSync(join(dist, 'index.html'))],
  ['LICENSES.md', readFileSync(join(dist, 'licenses.md'))],
]);
for (const name of readdirSync(join(dist, 'assets')).sort()) {
  const compressed = gzipSync(readFileSync(join(dist, 'assets', name)), { level: 9 });
  fresh.set(`built/assets/${name}.gz`, compressed);
}

if (process.argv.includes('--check')) {
  check();
} else {
  rmSync(built, { recursive: true, force: true });
  mkdirSync(join(built, 'assets'), { recursive: true });
  fresh.forEach((bytes, name) => writeFileSync(join(root, name), bytes));
}
console.log(`GraphiQL: ${size(fresh)} bytes in ${fresh.size} files`);

/** Compares contents: how they are compressed differs from one release of zlib to another. */
function check() {
  const assets = readdirSync(join(built, 'assets')).map((name) => `built/assets/${name}`);
  const committed = ['LICENSES.md', ...assets, 'built/index.html'].sort();
  assert.deepEqual(committed, [...fresh.keys()].sort(), 'other files: run `npm run build`');

  const kept = new Map(committed.map((name) => [name, readFileSync(join(root, name))]));
  for (const [name, bytes] of kept) {
    const content = (it) => (name.endsWith('.gz') ? gunzipSync(it) : it);
    const same = content(bytes).equals(content(fresh.get(name)));
    assert.ok(same, `${name} is not what the sources make: run \`npm run build\``);
  }
  assert.ok(size(kept) <= MAX_BYTES, `the page has ${size(kept)} bytes, more than ${MAX_BYTES}`);
}

function size(files) {
  return [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}
