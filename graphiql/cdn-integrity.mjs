// Recomputes every integrity hash of the CDN page from the npm packages that
// the CDN serves file by file, and fails if one of them differs.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CDN = 'https://unpkg.com/';
const PINNED = /https:\/\/unpkg\.com\/((?:@[^/]+\/)?[^/@]+@[^/]+)\/([^"']+)["'],?\s+integrity(?:=|: )["']([^"']+)/g;

const text = ['cdn.html', 'src/cdn.js']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('\n');
const pinned = [...text.matchAll(PINNED)];
let failures = 0;

if (pinned.length === 0 || pinned.length !== text.split(CDN).length - 1) {
  console.error('a URL of the CDN has no integrity hash next to it');
  failures += 1;
}

const directory = mkdtempSync(join(tmpdir(), 'clientele-cdn-'));
try {
  for (const spec of new Set(pinned.map(([, spec]) => spec))) {
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', directory, spec], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    execFileSync('tar', ['-xzf', filename], { cwd: directory });

    for (const [, , path, integrity] of pinned.filter((match) => match[1] === spec)) {
      const bytes = readFileSync(join(directory, 'package', path));
      const actual = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
      const same = actual === integrity;
      console.log(`${same ? 'ok' : 'DIFFERS'} ${spec}/${path} ${actual}`);
      failures += same ? 0 : 1;
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
process.exitCode = failures ? 1 : 0;
