// Opens the page of a built Clientele in Chromium and uses it as its users do.
//
//   npm test -- PATH_TO_BINARY
//
// CHROMIUM names another browser than Debian's.

import assert from 'node:assert/strict';
import { launch, Page, words } from './page.mjs';
import { Server } from './server.mjs';

const DEMO_TABS = ['Customers', 'FindCustomer', 'Duplicates', 'GroupTree', 'PointOfSale', 'LoyaltyPrograms', 'CreateCustomer'];
const TABS = ['Customers', 'Schema'];
const UNAUTHORIZED = /console error: .*401/;
const REFUSED = /console error: .*ERR_CONNECTION_REFUSED/;

const binary = process.argv[2];
if (!binary) {
  console.error('usage: npm test -- PATH_TO_BINARY');
  process.exit(2);
}

let browser;
const servers = [];
try {
  browser = await launch();

  const demo = new Server(binary);
  servers.push(demo);
  await demo.start('--demo');
  await test('the first page works without any other server', firstPage, demo);
  await test('every example shows something, and is in sight', examples, demo);
  await test('Docs have the description of the schema', docs, demo);
  await test('the history has what was run, and no key', history, demo);
  await test('the editors complete and format', editors, demo);
  await test('it can be used on a phone', phone, demo);

  const empty = new Server(binary);
  servers.push(empty);
  empty.run('tenant', 'create', 'acme');
  empty.acme = empty.run('key', 'create', '--tenant', 'acme', '--name', 'browser');
  await empty.start();
  await test('without demo data, nothing of the demo is shown', noDemo, empty);
  await test('the key is entered once', keyIsKept, empty);
  await test('a wrong key is explained', wrongKey, empty);
  await test('a server that stopped is explained', stoppedServer, empty);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  for (const server of servers) await server.remove();
}

async function test(name, body, server) {
  await body(server);
  console.log(`ok: ${name}`);
}

async function firstPage({ origin }) {
  const page = await Page.open(browser, origin);
  assert.equal(page.response.headers()['cache-control'], 'no-cache');
  assert.equal(await page.page.title(), 'Clientele');
  await page.says(/Demo data/);
  const query = '{ customers(first: 3) { nodes { id customerName } } }';
  await page.page.getByRole('button', { name: 'New tab' }).click();
  await page.write(query);
  const { data, errors } = await page.run();
  assert.equal(errors, undefined);
  assert.equal(page.sent.postDataJSON().query, query, 'the editor holds what was typed');
  assert.equal(data.customers.nodes.length, 3);
  for (const { customerName } of data.customers.nodes) {
    await page.shows(`"customerName": "${customerName}"`);
  }

  // Without its workers the editor only warns, and neither checks nor completes.
  const workers = page.page.workers().map((worker) => worker.url());
  for (const name of ['editor', 'graphql', 'json']) {
    assert.ok(workers.some((url) => url.includes(`/${name}.worker-`)), `${name}: ${workers}`);
  }
  await page.close();
}

async function examples({ origin }) {
  const page = await Page.open(browser, origin);
  assert.deepEqual(await page.tabs.allTextContents(), DEMO_TABS);
  await inSight(page, page.tabs);
  for (const [index, name] of DEMO_TABS.entries()) {
    await page.tabs.nth(index).click();
    const { data, errors } = await page.run();
    assert.equal(errors, undefined, `${name} fails: ${JSON.stringify(errors)}`);
    assert.deepEqual(empty(data), [], `${name} shows nothing there`);
  }
  await page.close();
}

async function docs({ origin }) {
  const page = await Page.open(browser, origin);
  await page.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  const pane = page.page.locator('.graphiql-plugin');
  await pane.getByText('The customer graph of a retailer').waitFor();
  const text = await pane.textContent();
  assert.doesNotMatch(text, /defines the capabilities of a GraphQL server|provides a root type/);
  await page.close();
}

async function history(server) {
  const page = await Page.open(browser, server.origin);
  await page.page.getByRole('button', { name: 'Headers' }).click();
  await page.tool.click();
  await page.page.keyboard.type('{ "X-Secret": "hunter2" ');
  await page.write('query Remembered { customers { totalCount } }');
  await page.run();
  assert.equal(page.sent.headers()['x-secret'], 'hunter2');
  await page.page.getByRole('button', { name: 'Show History' }).click();
  const entry = page.page.getByRole('button', { name: 'Remembered', exact: true });
  await entry.waitFor();

  await page.page.reload();
  await entry.waitFor();
  const kept = await page.kept();
  assert.match(kept, /Remembered/);
  assert.doesNotMatch(kept, /hunter2|sk_/);
  await page.close();
}

async function editors({ origin }) {
  const page = await Page.open(browser, origin);
  await page.says(/Demo data/);
  await page.clear();
  await page.page.keyboard.type('{customers{totalC', { delay: 20 });
  const completion = page.page.locator('.suggest-widget').getByText('totalCount').first();
  await completion.waitFor();
  await page.page.keyboard.press('Enter');
  await page.page.getByRole('button', { name: 'Variables' }).click();
  const variables = page.tool;
  await variables.click();
  await page.page.keyboard.type('{"a":[1,2]');
  await page.page.getByRole('button', { name: /^Prettify query/ }).click();
  await lines(variables, ['{', '  "a": [', '    1,', '    2', '  ]', '}']);
  await lines(page.editor.locator('.view-lines'), ['{', '  customers {', '    totalCount', '  }', '}']);
  await page.close();
}

async function phone({ origin }) {
  const size = { width: 390, height: 844 };
  const page = await Page.open(browser, origin, { viewport: size, hasTouch: true, isMobile: true });
  await page.says(/Demo data/);
  await fits(page, size);
  const run = page.page.getByRole('button', { name: 'Execute query' });
  await inSight(page, run);
  await inSight(page, page.tabs);
  await inSight(page, page.page.getByRole('button', { name: 'Use key' }));
  const box = await page.editor.locator('.monaco-editor').first().boundingBox();
  assert.ok(box.width >= 200 && box.height >= 150, `the editor is too small: ${JSON.stringify(box)}`);

  await page.write('{ customers(first: 1) { totalCount } }');
  const { data } = await page.run();
  await page.shows(`"totalCount": ${data.customers.totalCount}`);
  const answer = await page.answer.boundingBox();
  assert.ok(answer.width >= 300 && answer.height >= 150, JSON.stringify(answer));

  await page.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.page.getByText('The customer graph of a retailer').waitFor();
  await fits(page, size);
  await page.page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
  await inSight(page, run);
  await page.close();
}

async function noDemo({ origin, acme }) {
  const page = await Page.open(browser, origin);
  assert.deepEqual(await page.tabs.allTextContents(), TABS);
  assert.equal(await page.key.inputValue(), '');
  await page.says(/Enter an API key/);
  await page.enterKey(acme);
  await page.says(/The key is accepted/);
  for (const [index, name] of TABS.entries()) {
    await page.tabs.nth(index).click();
    const { data, errors } = await page.run();
    assert.equal(errors, undefined, name);
    assert.ok(data.customers ?? data.__schema.description, name);
  }
  await page.close();
}

async function keyIsKept({ origin, acme }) {
  const page = await Page.open(browser, origin);
  await page.enterKey(acme);
  await page.says(/The key is accepted/);
  const works = async () => {
    const { data } = await page.run();
    assert.ok(data, 'an answer with data');
  };
  await page.tabs.nth(1).click();
  await works();
  await page.page.getByRole('button', { name: 'New tab' }).click();
  await page.write('{ customers { totalCount } }');
  await works();

  await page.page.reload();
  await page.says(/The key is accepted/);
  assert.equal(await page.key.inputValue(), acme);
  await works();
  assert.ok(!(await page.kept()).includes(acme), 'the key outlives the session');

  // Another session of the browser knows nothing of it.
  const other = new Page(await page.page.context().newPage(), origin);
  await other.page.goto(`${origin}/`);
  await other.says(/Enter an API key/);
  await page.close();
}

async function wrongKey({ origin, acme }) {
  const page = await Page.open(browser, origin);
  page.expected.push(UNAUTHORIZED);
  await page.enterKey(`${acme}x`);
  await page.says(/does not accept this key: it is unknown, revoked or expired/);
  await page.run();
  await page.shows('the key is not valid: it is unknown, revoked or expired');
  await page.enterKey('schlüssel');
  await page.says(/does not accept this key|characters that HTTP does not allow/);
  await page.enterKey('ключ');
  await page.says(/characters that HTTP does not allow/);
  await page.enterKey(acme);
  await page.says(/The key is accepted/);
  await page.close();
}

async function stoppedServer(server) {
  const page = await Page.open(browser, server.origin);
  page.expected.push(REFUSED);
  await page.enterKey(server.acme);
  await page.says(/The key is accepted/);
  await page.run();
  // The workers come from the server, too. (The network may never be idle: the browser does not
  // report the end of a request for a worker that has been replaced meanwhile.)
  await page.page.waitForFunction(() => {
    const loaded = performance.getEntriesByType('resource').map((it) => it.name);
    const isLoaded = (worker) => loaded.some((url) => url.includes(`/${worker}.worker`));
    return ['editor', 'graphql', 'json'].every(isLoaded);
  });
  await server.stop();
  await page.execute();
  await page.says(/does not answer. Check that it is running/);
  await page.shows(`The server at ${server.origin} does not answer`);

  await server.start();
  await page.run();
  await page.says(/The key is accepted/);
  await page.close();
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

/** Nothing is wider than the screen. */
async function fits({ page }, { width }) {
  const wide = await page.evaluate((max) => {
    const isOut = (it) => {
      const { left, right, width } = it.getBoundingClientRect();
      const isHidden = getComputedStyle(it).opacity === '0' || it.closest('.monaco-editor, .hidden');
      return width > 0 && !isHidden && right > 0 && (right > max + 1 || left < -1);
    };
    const all = [...document.querySelectorAll('body *')].filter((it) => it.checkVisibility());
    return all.filter(isOut).map((it) => `${it.tagName}.${it.className}`);
  }, width);
  assert.deepEqual(wide, [], 'something is wider than the screen');
  const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.ok(!scrolls, 'the page scrolls to the side');
}

/** All of them are in sight, and nothing covers them. */
async function inSight({ page }, locator) {
  for (const it of await locator.all()) {
    const { x, y, width, height } = await it.boundingBox();
    const [centreX, centreY] = [x + width / 2, y + height / 2];
    const isOnTop = await it.evaluate(
      (element, [atX, atY]) => element.contains(document.elementFromPoint(atX, atY)),
      [centreX, centreY],
    );
    const { width: maxX, height: maxY } = page.viewportSize();
    const isWithin = x >= 0 && y >= 0 && x + width <= maxX && y + height <= maxY;
    assert.ok(isOnTop && isWithin, `out of sight: ${await it.textContent()}`);
  }
}

/** Waits until an editor has these lines. */
async function lines(locator, expected) {
  await locator.filter({ hasText: new RegExp(`^\\s*${words(expected.join(' '))}\\s*$`) }).waitFor();
}
