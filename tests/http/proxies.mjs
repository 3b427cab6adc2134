// Starts nginx and Caddy on loopback with the examples of deploy/, in which the test changes no more than
// addresses and certificates.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 20_000;

export const HOST = 'clientele.example.com';

/** Replaces texts of an example, each of which must be there. */
function replaced(example, replacements) {
    let text = example;
    for (const [old, by] of replacements) {
        if (!text.includes(old)) throw new Error(`the example has no ${JSON.stringify(old)}`);
        text = text.replaceAll(old, by);
    }
    return text;
}

const example = (name) => readFile(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');

/** What each proxy needs, with `{ folder, port, upstream, hidePage }`. */
const PROXIES = {
    async nginx({ folder, port, upstream, hidePage }) {
        const site = replaced(await example('nginx.conf'), [
            ['server 127.0.0.1:8000;', `server ${upstream};`],
            ['listen 443 ', `listen 127.0.0.1:${port} `],
            ['    listen [::]:443 ssl http2;\n', ''],
            [`/etc/letsencrypt/live/${HOST}/fullchain.pem`, join(folder, 'certificate.pem')],
            [`/etc/letsencrypt/live/${HOST}/privkey.pem`, join(folder, 'key.pem')],
            ...(hidePage ? [['# location', 'location']] : []),
        ]);
        const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
            .map((kind) => `${kind}_temp_path ${folder}/${kind};`);
        const main = join(folder, 'nginx.conf');
        await writeFile(join(folder, 'site.conf'), site);
        await writeFile(main, [
            `pid ${folder}/pid; daemon off; master_process off; error_log stderr;`,
            'events {}',
            `http { access_log off; ${paths.join(' ')} include ${folder}/site.conf; }`,
        ].join('\n'));
        return { command: 'nginx', arguments: ['-e', 'stderr', '-c', main] };
    },

    async caddy({ folder, port, upstream, hidePage }) {
        const files = `tls ${folder}/certificate.pem ${folder}/key.pem`;
        const site = replaced(await example('Caddyfile'), [
            [`${HOST} {\n`, `${HOST}:${port} {\n\tbind 127.0.0.1\n\t${files}\n`],
            ['reverse_proxy 127.0.0.1:8000', `reverse_proxy ${upstream}`],
            ...(hidePage ? [['# @page', '@page'], ['# respond', 'respond']] : []),
        ]);
        const main = join(folder, 'Caddyfile');
        await writeFile(main, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n\n${site}`);
        const options = ['--adapter', 'caddyfile', '--config', main];
        return { command: 'caddy', arguments: ['run', ...options] };
    },
};

export const NAMES = Object.keys(PROXIES);

/**
 * Starts a proxy in front of `upstream`.
 *
 * @returns {Promise<{ port: number, certificate: Buffer, stop: () => Promise<void> }>}
 */
export async function startProxy(name, upstream, { hidePage = false } = {}) {
    const folder = await mkdtemp(join(tmpdir(), `clientele-${name}-`));
    const certificate = await certify(folder);
    const port = await freePort();
    const { command, arguments: options } = await PROXIES[name]({ folder, port, upstream, hidePage });
    const said = [];
    const child = spawn(command, options, {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder },
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (text) => said.push(text));
    const ended = new Promise((end) => child.once('close', end).once('error', end));
    const stop = async () => {
        child.kill();
        await ended;
        await rm(folder, { recursive: true, force: true });
    };
    const early = ended.then(() => {
        throw new Error(`${name} ended:\n${said.join('')}`);
    });
    early.catch(() => {});
    try {
        await Promise.race([listens(port), early]);
    } catch (error) {
        await stop();
        throw error;
    }
    return { port, certificate, stop };
}

/** Makes a certificate that signs itself. */
function certify(folder) {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync('openssl', [
        'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`,
        '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', key, '-out', certificate,
    ], { stdio: 'ignore' });
    return readFile(certificate);
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

async function listens(port) {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
        const socket = connect(port, '127.0.0.1');
        const connected = await once(socket, 'connect').then(() => true, () => false);
        socket.destroy();
        if (connected) return;
        await new Promise((waited) => setTimeout(waited, 50));
    }
    throw new Error(`nothing listens on port ${port}`);
}

/**
 * A relay between a proxy and the server, which keeps what the proxy sends on each connection.
 *
 * @returns {Promise<{ address: string, connections: string[], stop: () => Promise<void> }>}
 */
export async function startRelay(target) {
    const connections = [];
    const sockets = new Set();
    const relay = createServer((incoming) => {
        const index = connections.push('') - 1;
        incoming.on('data', (bytes) => (connections[index] += bytes.toString('latin1')));
        const outgoing = connect(Number(target.port), target.hostname);
        for (const [socket, other] of [[incoming, outgoing], [outgoing, incoming]]) {
            sockets.add(socket);
            socket.on('error', () => other.destroy());
            socket.on('close', () => sockets.delete(socket));
            socket.pipe(other);
        }
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const stop = async () => {
        relay.close();
        for (const socket of sockets) socket.destroy();
        await once(relay, 'close');
    };
    return { address: `127.0.0.1:${relay.address().port}`, connections, stop };
}
