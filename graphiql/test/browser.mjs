// Opens the page of a built Clientele in Chromium, types a query and runs it.
//
//   npm test -- PATH_TO_BINARY
//
// CHROMIUM names another browser than Debian's; SCREENSHOT_DIR another place
// for the screenshot than a temporary directory.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const TABS = [
  'Customers',
  'GroupTree',
  'FindCustomers',
  'GoodCustomers',
  'PointOfSale',
  'Customer',
  'EachOfItsOwn',
  'LoyaltyPrograms',
  'Pages',
  'CreateCustomer',
  'CreateLoyaltyProgram',
  'LineItems',
  'Membership',
];
const QUERY = '{ customers(first: 3) { nodes { id customerName } } }';

const binary = process.argv[2];
if (!binary) {
  console.error('usage: npm test -- PATH_TO_BINARY');
  process.exit(2);
}

const data = mkdtempSync(join(tmpdir(), 'clientele-data-'));
const screenshots =
  process.env.SCREENSHOT_DIR ?? mkdtempSync(join(tmpdir(), 'clientele-screenshot-'));
mkdirSync(screenshots, { recursive: true });

const address = `127.0.0.1:${await freePort()}`;
const origin = `http://${address}`;
const server = spawn(resolve(binary), ['serve', '--demo'], {
  env: {
    ...process.env,
    CLIENTELE_LISTEN: address,
    DATABASE_URL: `sqlite:${join(data, 'demo.db')}`,
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const stopped = once(server, 'exit');
let browser;

try {
  await healthy();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Chromium's own sandbox is not to be had in most containers.
    args: ['--no-sandbox'],
  });
  await check(await browser.newPage({ viewport: { width: 1400, height: 900 } }));
  console.log(`the page works; screenshots in ${screenshots}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  server.kill('SIGKILL');
  await stopped;
  rmSync(data, { recursive: true });
}

async function check(page) {
  const problems = [];
  page.on('pageerror', (error) => problems.push(`page error: ${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console error: ${message.text()}`);
  });
  await page.context().route(
    (url) => url.origin !== origin,
    (route) => {
      problems.push(`request to another origin: ${route.request().url()}`);
      return route.abort();
    },
  );

  try {
    const html = await (await page.goto(`${origin}/`)).text();
    assert.match(html, /src="\/assets\/index-[^"]+\.js"/, 'the page is not the embedded one');
    assert.equal(await page.title(), 'Clientele');

    const { demoKey } = JSON.parse(await page.locator('#clientele-config').textContent());
    assert.ok(demoKey, 'the page has no demo key');
    const headers = page.getByRole('region', { name: 'Headers' });
    await contains(headers, `"Authorization": "Bearer ${demoKey}"`);

    const tabs = page.locator('[id^=graphiql-session-tab-]');
    await tabs.first().waitFor();
    assert.deepEqual(await tabs.allTextContents(), TABS);
    for (const [index, name] of TABS.entries()) {
      await tabs.nth(index).click();
      const { data, errors } = await run(page);
      assert.equal(errors, undefined, `${name} fails: ${JSON.stringify(errors)}`);
      assert.deepEqual(empty(data), [], `${name} shows nothing there`);
    }

    await page.getByRole('button', { name: 'New tab' }).click();
    await page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines').click();
    await page.keyboard.type(QUERY, { delay: 20 });
    const { data, errors } = await run(page, QUERY);
    assert.equal(errors, undefined, `the typed query fails: ${JSON.stringify(errors)}`);
    assert.equal(data.customers.nodes.length, 3);
    for (const { customerName } of data.customers.nodes) {
      await contains(page.locator('.graphiql-response'), `"customerName": "${customerName}"`);
    }

    // Without its workers the editor only warns, and neither checks nor completes.
    const workers = page.workers().map((worker) => worker.url());
    for (const name of ['editor', 'graphql', 'json']) {
      assert.ok(
        workers.some((url) => url.includes(`/${name}.worker-`)),
        `no ${name} worker runs: ${workers}`,
      );
    }
  } finally {
    await page.screenshot({ path: join(screenshots, 'graphiql.png') });
    problems.forEach((problem) => console.error(problem));
  }
  assert.equal(problems.length, 0, 'the browser reported problems');
}

/**
 * The fields of an answer that have no value anywhere in it, and errors of users: an example that
 * shows nothing, or an error, is none.
 */
function empty(data) {
  const filled = new Map();
  const visit = (name, value) => {
    if (name === 'userErrors') return filled.set(name, value.length === 0);
    if (Array.isArray(value)) value.forEach((item) => visit(name, item));
    else if (value !== null && typeof value === 'object') {
      Object.entries(value).forEach(([field, it]) => visit(field, it));
    }
    const isFilled = value !== null && !(Array.isArray(value) && value.length === 0);
    filled.set(name, isFilled || filled.get(name) === true);
  };
  visit('data', data);
  return [...filled].filter(([, isFilled]) => !isFilled).map(([name]) => name);
}

/** Runs what the editor holds, as its keyboard shortcut does. */
async function run(page, typed) {
  // GraphiQL looks for the operation's name only after a pause in the edits.
  await sleep(500);
  const answered = page.waitForResponse(`${origin}/graphql`);
  if (typed) {
    await page.keyboard.press('Control+Enter');
  } else {
    await page.getByRole('button', { name: 'Execute query' }).click();
  }
  const response = await answered;
  if (typed) {
    const { query } = response.request().postDataJSON();
    assert.equal(query, typed, 'the editor holds something else than was typed');
  }
  return response.json();
}

/** Waits until an editor shows the text, whatever spaces it draws it with. */
async function contains(locator, text) {
  const pattern = text
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
  await locator.filter({ hasText: new RegExp(pattern) }).first().waitFor();
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

async function healthy() {
  for (let tries = 0; tries < 600 && server.exitCode === null; tries += 1) {
    const response = await fetch(`${origin}/health`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  assert.fail('the server ended or was not healthy within a minute');
}
