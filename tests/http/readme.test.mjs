// The README's example for Express, as it is, in front of the binary: node --test, with the binary in
// CLIENTELE_BINARY.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import express from 'express';
import { startServer } from './server.mjs';

const STAFF = { cookie: 'staff=yes' };

let server;
let code;

before(async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block);
    assert.equal(blocks.length, 1);
    server = await startServer(process.env.CLIENTELE_BINARY);
    code = blocks[0].replace('http://127.0.0.1:8000/graphql', server.url);
    assert.notEqual(code, blocks[0]);
});

after(() => server?.stop());

/** Runs `use` with a function that asks the example, which has that key. */
async function withExample(key, use) {
    const app = express();
    const logged = [];
    const requireStaff = (request, response, next) =>
        request.headers.cookie === STAFF.cookie ? next() : response.sendStatus(403);
    const names = { app, requireStaff, process: { env: { CLIENTELE_KEY: key } } };
    const console = { error: (errors) => logged.push(...errors) };
    new Function(...Object.keys(names), 'console', code)(...Object.values(names), console);
    const listener = app.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    try {
        await use(async (path, headers) => {
            const response = await fetch(`http://127.0.0.1:${listener.address().port}${path}`, { headers });
            return { status: response.status, body: await response.text() };
        }, logged);
    } finally {
        listener.closeAllConnections();
        listener.close();
    }
}

test('staff find customers', async () => {
    await withExample(server.key, async (ask) => {
        const { status, body } = await ask('/api/customers?text=lindstrom', STAFF);
        assert.equal(status, 200);
        const customers = JSON.parse(body);
        assert.ok(customers.length > 0);
        for (const customer of customers) {
            assert.deepEqual(Object.keys(customer), ['id', 'customerName', 'loyaltyId']);
            assert.match(customer.customerName, /lindström/i);
        }
    });
});

test('a search without a text finds the newest customers', async () => {
    await withExample(server.key, async (ask) => {
        const { status, body } = await ask('/api/customers', STAFF);
        assert.equal(status, 200);
        assert.equal(JSON.parse(body).length, 10);
    });
});

test('others learn nothing', async () => {
    await withExample(server.key, async (ask) => {
        assert.deepEqual(await ask('/api/customers?text=lindstrom', {}), { status: 403, body: 'Forbidden' });
    });
});

test('errors of Clientele are logged, and not sent on', async () => {
    await withExample('wrong', async (ask, logged) => {
        assert.deepEqual(await ask('/api/customers?text=lindstrom', STAFF), { status: 502, body: 'Bad Gateway' });
        assert.deepEqual(logged.map(({ extensions }) => extensions.code), ['UNAUTHENTICATED']);
    });
});
