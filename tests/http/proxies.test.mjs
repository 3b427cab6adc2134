// The examples of deploy/ as they are, in front of the binary: node --test, with the binary in
// CLIENTELE_BINARY, and with nginx, caddy and openssl in the PATH.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { HOST, NAMES, startProxy, startRelay } from './proxies.mjs';
import { startServer } from './server.mjs';

const BODY_BYTES = 1_048_576;

// Headers that belong to a connection or to a proxy, not to Clientele's response.
const OF_PROXIES = [
    'alt-svc', 'connection', 'content-length', 'date', 'keep-alive', 'server', 'strict-transport-security',
    'transfer-encoding', 'via',
];

/** A query in a body of exactly so many bytes. */
function bodyOf(bytes) {
    const body = JSON.stringify({ query: '{ customers(first: 1) { totalCount } }' });
    return body + ' '.repeat(bytes - body.length);
}

const CUSTOMERS = '{ customers(first: 100) { nodes { id customerName createdAt } } }';

let server;
let base;
let json;

before(async () => {
    server = await startServer(process.env.CLIENTELE_BINARY, {
        CLIENTELE_TRUSTED_PROXIES: '1',
        CLIENTELE_FAILED_KEY_LIMIT: '3/h',
    });
    base = new URL(server.url);
    json = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
});

after(() => server?.stop());

/** Sends a request, and collects its response. */
async function send(request, body) {
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks = await response.toArray();
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const direct = ({ path = '/graphql', method = 'POST', headers = json, body }) =>
    send(http.request({ host: base.hostname, port: base.port, path, method, headers }), body);

NAMES.forEach((name, index) => describe(name, () => {
    let relay;
    let proxy;
    let agent;

    before(async () => {
        relay = await startRelay(base);
        proxy = await startProxy(name, relay.address);
        agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    });

    after(async () => {
        agent?.destroy();
        await proxy?.stop();
        await relay?.stop();
    });

    const asked = ({ path = '/graphql', method = 'POST', headers = json, ...options }, to = proxy) =>
        https.request({
            host: '127.0.0.1',
            port: to.port,
            servername: HOST,
            ca: to.certificate,
            agent,
            path,
            method,
            headers: { host: HOST, ...headers },
            ...options,
        });

    const through = (request, to) => send(asked(request, to), request.body);

    test('responses come through unchanged', async () => {
        const get = `/graphql?query=${encodeURIComponent('{ customers(first: 2) { totalCount } }')}`;
        const { headers: { etag } } = await direct({ path: get, method: 'GET' });
        const requests = {
            query: { body: JSON.stringify({ query: CUSTOMERS }) },
            'compressed response': {
                headers: { ...json, 'accept-encoding': 'br' },
                body: JSON.stringify({ query: CUSTOMERS }),
            },
            'media type of responses': {
                headers: { ...json, accept: 'application/graphql-response+json' },
                body: JSON.stringify({ query: '{ unknown }' }),
            },
            'GET with an ETag': { path: get, method: 'GET' },
            'GET of what the client has': {
                path: get,
                method: 'GET',
                headers: { ...json, 'if-none-match': etag },
            },
            'no JSON': { body: 'x' },
            GraphiQL: { path: '/', method: 'GET' },
            metrics: { path: '/metrics', method: 'GET' },
            'the largest body': { body: bodyOf(BODY_BYTES) },
            'a larger body': { body: bodyOf(BODY_BYTES + 1) },
        };
        const statuses = {};
        for (const [title, request] of Object.entries(requests)) {
            const headers = { ...(request.headers ?? json), 'x-request-id': 'of-the-client' };
            const expected = await direct({ ...request, headers });
            const received = await through({ ...request, headers });
            for (const response of [expected, received]) {
                for (const header of OF_PROXIES) delete response.headers[header];
            }
            assert.deepEqual(received, expected, title);
            statuses[title] = received.status;
        }
        assert.deepEqual(statuses, {
            query: 200,
            'compressed response': 200,
            'media type of responses': 400,
            'GET with an ETag': 200,
            'GET of what the client has': 304,
            'no JSON': 400,
            GraphiQL: 200,
            metrics: 404,
            'the largest body': 200,
            'a larger body': 413,
        });
    });

    test('browsers are told to use TLS only', async () => {
        const { headers } = await through({ path: '/', method: 'GET' });
        assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    });

    test('connections are kept on both sides', async () => {
        const isUsed = (sent) => sent.includes('POST /graphql');
        const used = relay.connections.filter(isUsed).length;
        const kept = [];
        for (let i = 0; i < 10; i += 1) {
            const request = asked({});
            await send(request, bodyOf(100));
            kept.push(request.reusedSocket);
        }
        assert.deepEqual(kept.slice(1), Array(9).fill(true));
        assert.ok(relay.connections.filter(isUsed).length - used <= 1);
    });

    test('HTTP/2 is spoken', async () => {
        const session = http2.connect(`https://127.0.0.1:${proxy.port}`, {
            ca: proxy.certificate,
            servername: HOST,
        });
        try {
            const stream = session.request({
                ':method': 'POST', ':path': '/graphql', ':authority': HOST, ...json,
            });
            stream.end(bodyOf(100));
            const [headers] = await once(stream, 'response');
            const { data } = JSON.parse(Buffer.concat(await stream.toArray()));
            assert.equal(session.alpnProtocol, 'h2');
            assert.equal(headers[':status'], 200);
            assert.ok(data.customers.totalCount > 0);
        } finally {
            session.close();
        }
    });

    test('a client cannot claim another address', async () => {
        const guess = async (localAddress, forged) => {
            const headers = { ...json, authorization: 'Bearer wrong', 'x-forwarded-for': forged };
            const { status } = await through({ agent: false, localAddress, headers, body: bodyOf(100) });
            return status;
        };
        const [one, another] = [`127.0.0.${2 + 2 * index}`, `127.0.0.${3 + 2 * index}`];
        const statuses = [];
        for (const forged of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
            statuses.push(await guess(one, forged));
        }
        assert.deepEqual(statuses, [401, 401, 401, 429]);
        assert.equal(await guess(another, one), 401);
    });

    test('GraphiQL can be hidden', async () => {
        const hiding = await startProxy(name, relay.address, { hidePage: true });
        try {
            const status = async (path, method, body) =>
                (await through({ agent: false, path, method, body }, hiding)).status;
            assert.equal(await status('/', 'GET'), 404);
            assert.equal(await status('/assets/index.js', 'GET'), 404);
            assert.equal(await status('/graphql', 'POST', bodyOf(100)), 200);
        } finally {
            await hiding.stop();
        }
    });
}));
