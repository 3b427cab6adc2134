// Clientele's binary on a database of its own, for the tests of its page.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export class Server {
  constructor(binary) {
    this.binary = resolve(binary);
    this.folder = mkdtempSync(join(tmpdir(), 'clientele-data-'));
  }

  get environment() {
    const url = `sqlite:${join(this.folder, 'data.db')}`;
    return { PATH: process.env.PATH, DATABASE_URL: url, CLIENTELE_LOG: 'warn' };
  }

  /** Runs a command of the binary and returns what it prints. */
  run(...args) {
    const options = { env: this.environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    return execFileSync(this.binary, args, options).trim();
  }

  /** Starts to serve, at the same address each time. */
  async start(...args) {
    this.address ??= `127.0.0.1:${await freePort()}`;
    this.origin = `http://${this.address}`;
    const env = { ...this.environment, CLIENTELE_LISTEN: this.address };
    const stdio = ['ignore', 'ignore', 'inherit'];
    this.process = spawn(this.binary, ['serve', ...args], { env, stdio });
    this.stopped = once(this.process, 'exit');
    for (let tries = 0; tries < 600 && this.process.exitCode === null; tries += 1) {
      const response = await fetch(`${this.origin}/health`).catch(() => undefined);
      if (response?.ok) return this;
      await sleep(100);
    }
    return assert.fail('the server ended or was not healthy within a minute');
  }

  async stop() {
    this.process?.kill('SIGTERM');
    await this.stopped;
  }

  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}
