// Takes the picture of GraphiQL in the README: demo data, a query with its response, and Docs.
//
//   npm run screenshot -- PATH_TO_BINARY

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, Page } from './page.mjs';
import { Server } from './server.mjs';

const FILE = fileURLToPath(new URL('../../docs/graphiql.png', import.meta.url));
const MAX_BYTES = 250_000;

const binary = process.argv[2];
if (!binary) {
  console.error('usage: npm run screenshot -- PATH_TO_BINARY');
  process.exit(2);
}

let browser;
const server = new Server(binary);
try {
  await server.start('--demo');
  browser = await launch();
  const page = await Page.open(browser, server.origin, { viewport: { width: 1360, height: 800 } });
  await page.says(/Demo data/);
  await page.tabs.nth(1).click();
  await page.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  const { data } = await page.run();
  await page.shows(data.customerGroup.customerGroupName);
  // No tooltip, and no cursor that blinks.
  await page.page.mouse.move(680, 790);
  await page.page.evaluate(() => document.activeElement?.blur());
  await sleep(500);
  await page.page.screenshot({ path: FILE });
  await page.close();
  const bytes = statSync(FILE).size;
  assert.ok(bytes < MAX_BYTES, `the picture has ${bytes} bytes`);
  console.log(`docs/graphiql.png: ${bytes} bytes`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  await server.remove();
}
