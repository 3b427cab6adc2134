// The audits of GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), all of which
// must pass, those too that the specification leaves open: node audits.mjs BINARY

import { serverAudits } from 'graphql-http';
import { fetchWith, withServer } from './server.mjs';

const EXPECTED = 61;

const [binary] = process.argv.slice(2);
if (!binary) {
    console.error('usage: node audits.mjs BINARY');
    process.exit(2);
}

const results = await withServer(binary, async ({ url, key }) => {
    const results = [];
    for (const { fn } of serverAudits({ url, fetchFn: fetchWith(key) })) {
        results.push(await fn());
    }
    return results;
});

const failed = results.filter(({ status }) => status !== 'ok');
for (const { id, name, status, reason, response } of failed) {
    console.error(`${status} ${id}: ${name}\n  ${reason} (status ${response?.status})`);
}
console.log(`audits: ${results.length - failed.length} of ${results.length} passed`);
if (failed.length > 0 || results.length < EXPECTED) process.exitCode = 1;
