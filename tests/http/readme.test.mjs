// The examples of README.md and docs/import.md as they are: node --test, with the binary in CLIENTELE_BINARY.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import { fetchWith, startServer } from './server.mjs';

const STAFF = { cookie: 'staff=yes' };

/** The blocks of code of a document that are in that language. */
async function blocksOf(path, language) {
    const document = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
    return [...document.matchAll(pattern)].map(([, block]) => block);
}

describe('with the sample data', () => {
    let server;

    before(async () => {
        server = await startServer(process.env.CLIENTELE_BINARY);
    });

    after(() => server?.stop());

    test('requests get the responses that the README shows', async () => {
        const [queries, responses] = [await blocksOf('README.md', 'graphql'), await blocksOf('README.md', 'json')];
        assert.equal(queries.length, 2);
        assert.equal(responses.length, 2);
        for (const [index, query] of queries.entries()) {
            assert.deepEqual(await ask({ query }), JSON.parse(responses[index]));
        }
    });

    /** The response of Clientele to that request. */
    async function ask(request) {
        const response = await fetchWith(server.key)(server.url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(request),
        });
        return response.json();
    }

    /** The names of a customer and of its contacts. */
    async function namesOf(id) {
        const query = `query($id: ID!) { customer(id: $id) {
            customerName contacts { firstName lastName displayName } } }`;
        const { customerName, contacts } = (await ask({ query, variables: { id } })).data.customer;
        return [customerName, ...contacts.flatMap((contact) => Object.values(contact))].join('\n');
    }

    /** Runs `use` with a function that sends a request to the example for Express, which has that key. */
    async function withExpress(key, use) {
        const [block, ...others] = await blocksOf('README.md', 'js');
        assert.equal(others.length, 0);
        const code = block.replace('http://127.0.0.1:8000/graphql', server.url);
        assert.notEqual(code, block);
        const app = express();
        const logged = [];
        const requireStaff = (request, response, next) =>
            request.headers.cookie === STAFF.cookie ? next() : response.sendStatus(403);
        const process = { env: { CLIENTELE_KEY: key } };
        const console = { error: (errors) => logged.push(...errors) };
        new Function('app', 'requireStaff', 'process', 'console', code)(app, requireStaff, process, console);
        const listener = app.listen(0, '127.0.0.1');
        await once(listener, 'listening');
        try {
            await use(async (path, headers) => {
                const url = `http://127.0.0.1:${listener.address().port}${path}`;
                const response = await fetch(url, { headers });
                return { status: response.status, body: await response.text() };
            }, logged);
        } finally {
            listener.closeAllConnections();
            listener.close();
        }
    }

    test('Express: staff find customers', async () => {
        await withExpress(server.key, async (send) => {
            const { status, body } = await send('/api/customers?text=lindstrom', STAFF);
            assert.equal(status, 200);
            const customers = JSON.parse(body);
            assert.ok(customers.length > 0);
            for (const customer of customers) {
                assert.deepEqual(Object.keys(customer), ['id', 'customerName', 'loyaltyId']);
                assert.match(await namesOf(customer.id), /lindström/i);
            }
            assert.ok(customers.some((customer) => /lindström/i.test(customer.customerName)));
        });
    });

    test('Express: a search without a text finds the newest customers', async () => {
        await withExpress(server.key, async (send) => {
            const { status, body } = await send('/api/customers', STAFF);
            assert.equal(status, 200);
            assert.equal(JSON.parse(body).length, 10);
        });
    });

    test('Express: others get nothing', async () => {
        await withExpress(server.key, async (send) => {
            const response = await send('/api/customers?text=lindstrom', {});
            assert.deepEqual(response, { status: 403, body: 'Forbidden' });
        });
    });

    test('Express: errors of Clientele are logged, and not passed on', async () => {
        await withExpress('wrong', async (send, logged) => {
            const response = await send('/api/customers?text=lindstrom', STAFF);
            assert.deepEqual(response, { status: 502, body: 'Bad Gateway' });
            assert.deepEqual(logged.map(({ extensions }) => extensions.code), ['UNAUTHENTICATED']);
        });
    });
});

/** Splits what a terminal shows into commands and their outputs; `[…]` in an output stands for any text. */
function transcript(block) {
    return block.split(/^\$ /m).slice(1).map((part) => {
        const [command, ...output] = part.trimEnd().split('\n');
        const pieces = output.join('\n').split('[…]');
        const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        return { command, output: new RegExp(`^${pieces.map(literal).join('.*')}\n$`) };
    });
}

for (const path of ['README.md', 'docs/import.md']) {
    test(`the commands of ${path} print what it shows`, async () => {
        const folder = await mkdtemp(join(tmpdir(), 'clientele-readme-'));
        const run = (command) => spawnSync('sh', ['-c', `{ ${command}; } 2>&1`], {
            cwd: folder,
            env: { PATH: `${folder}:${process.env.PATH}` },
            encoding: 'utf8',
        }).stdout;
        try {
            await symlink(resolve(process.env.CLIENTELE_BINARY), join(folder, 'clientele'));
            const [file] = await blocksOf(path, 'csv');
            await writeFile(join(folder, 'customers.csv'), file);
            run('clientele tenant create acme');
            const commands = (await blocksOf(path, 'console')).flatMap(transcript);
            assert.ok(commands.length > 0);
            for (const { command, output } of commands) assert.match(run(command), output);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    });
}
