// Clients as they are, with their defaults: node --test, with the binary in CLIENTELE_BINARY.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { cacheExchange, createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createHash } from 'node:crypto';
import { fetchWith, startServer } from './server.mjs';

const CUSTOMERS = 'query Customers($first: Int) { customers(first: $first) { totalCount nodes { id customerName } } }';
const RENAME = 'mutation Rename($id: ID!) { customerUpdate(id: $id, input: { customerName: "A" }) { customer { id } userErrors { code } } }';

let server;

before(async () => {
    server = await startServer(process.env.CLIENTELE_BINARY);
});

after(() => server?.stop());

function urql(requests, ...exchanges) {
    return createClient({
        url: server.url,
        fetch: fetchWith(server.key, requests),
        exchanges: [cacheExchange, ...exchanges, fetchExchange],
    });
}

function apollo(requests, options, ...links) {
    const http = new HttpLink({ uri: server.url, fetch: fetchWith(server.key, requests), ...options });
    return new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([...links, http]) });
}

const methods = (requests) => requests.map(({ method }) => method);

const sha256 = async (text) => createHash('sha256').update(text).digest('hex');

test('urql with its defaults gets short queries', async () => {
    const requests = [];
    const { data, error } = await urql(requests).query(CUSTOMERS, { first: 2 });
    assert.equal(error, undefined);
    assert.equal(data.customers.nodes.length, 2);
    assert.deepEqual(methods(requests), ['GET']);
});

test('urql posts mutations', async () => {
    const requests = [];
    const client = urql(requests);
    const { data: { customers } } = await client.query(CUSTOMERS, { first: 1 });
    const { data, error } = await client.mutation(RENAME, { id: customers.nodes[0].id });
    assert.equal(error, undefined);
    assert.deepEqual(data.customerUpdate.userErrors, []);
    assert.deepEqual(methods(requests), ['GET', 'POST']);
});

test('urql registers a query and is answered without it the next time', async () => {
    const query = `# urql\n${CUSTOMERS}`;
    const ask = async () => {
        const requests = [];
        const client = urql(requests, persistedExchange({ preferGetForPersistedQueries: true }));
        const { data, error } = await client.query(query, { first: 3 });
        assert.equal(error, undefined);
        assert.equal(data.customers.nodes.length, 3);
        return requests.length;
    };
    assert.deepEqual([await ask(), await ask()], [2, 1]);
});

test('Apollo gets queries', async () => {
    const requests = [];
    const client = apollo(requests, { useGETForQueries: true });
    const { data } = await client.query({ query: gql(CUSTOMERS), variables: { first: 2 } });
    assert.equal(data.customers.nodes.length, 2);
    const id = data.customers.nodes[0].id;
    const changed = await client.mutate({ mutation: gql(RENAME), variables: { id } });
    assert.deepEqual(changed.data.customerUpdate.userErrors, []);
    assert.deepEqual(methods(requests), ['GET', 'POST']);
});

for (const useGETForHashedQueries of [false, true]) {
    test(`Apollo registers a query (by GET: ${useGETForHashedQueries}) and is answered without it`, async () => {
        const name = `Persisted${useGETForHashedQueries}`;
        const query = gql(`query ${name} { customers(first: 4) { nodes { id } } }`);
        const ask = async () => {
            const requests = [];
            const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
            const { data } = await apollo(requests, {}, persisted).query({ query });
            assert.equal(data.customers.nodes.length, 4);
            return requests.length;
        };
        assert.deepEqual([await ask(), await ask()], [2, 1]);
    });
}

test('a client that waits to be told to go on is told so', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const sent = request(server.url, {
        method: 'POST',
        headers: {
            authorization: `Bearer ${server.key}`,
            'content-type': 'application/json',
            'content-length': body.length,
            expect: '100-continue',
        },
    });
    let went = false;
    sent.on('continue', () => {
        went = true;
        sent.end(body);
    });
    sent.flushHeaders();
    const response = await new Promise((answered, failed) => {
        sent.once('response', answered);
        sent.once('error', failed);
    });
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.ok(went);
});
