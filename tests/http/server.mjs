// Starts the binary on a database of its own, with the demo's data.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 60_000;

/**
 * Runs `use` with the URL of a server and the key to it; the server ends with it.
 *
 * @template T
 * @param {string} binary
 * @param {(server: { url: string, key: string }) => Promise<T>} use
 * @param {Record<string, string>} settings
 * @returns {Promise<T>}
 */
export async function withServer(binary, use, settings = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'clientele-http-'));
    const child = spawn(resolve(binary), ['serve', '--demo', '--listen', '127.0.0.1:0'], {
        cwd: folder,
        env: { DATABASE_URL: 'sqlite:clientele.db', ...settings },
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((end) => child.once('close', end));
    try {
        return await use(await ready(child));
    } finally {
        child.kill();
        await ended;
        await rm(folder, { recursive: true, force: true });
    }
}

/**
 * A server for all tests of a file, for `before` and `after`.
 *
 * @param {string} binary
 * @param {Record<string, string>} settings
 * @returns {Promise<{ url: string, key: string, stop: () => Promise<void> }>}
 */
export function startServer(binary, settings = {}) {
    return new Promise((started, failed) => {
        const ended = withServer(
            binary,
            (server) => new Promise((end) => {
                started({ ...server, stop: () => (end(), ended) });
            }),
            settings,
        );
        ended.catch(failed);
    });
}

/** Reads on standard error where the server listens and what the demo's key is. */
function ready(child) {
    return new Promise((resolve, reject) => {
        let url;
        const said = [];
        const late = setTimeout(() => reject(new Error('the server does not start')), PATIENCE_MS);
        child.once('error', reject);
        const lines = createInterface({ input: child.stderr });
        lines.on('line', (line) => {
            said.push(line);
            url ??= /^API:\s+(\S+)$/.exec(line)?.[1];
            const key = /^Demo key:\s+(\S+)$/.exec(line)?.[1];
            if (url && key) {
                clearTimeout(late);
                resolve({ url, key });
            }
        });
        lines.once('close', () => reject(new Error(`the server ended:\n${said.join('\n')}`)));
    });
}

/** A `fetch` that sends the key, and notes what it sends. */
export function fetchWith(key, requests = []) {
    return (input, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${key}`);
        requests.push({ method: init.method ?? 'GET', url: String(input), body: init.body });
        return fetch(input, { ...init, headers });
    };
}
