// The page in Chromium, and what one does with it.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

/** CHROMIUM names another browser than Debian's. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Chromium's own sandbox is not to be had in most containers. No name resolves: whatever is not on
    // the loopback interface cannot be reached.
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
}

/** A pattern for a text in an editor, whatever spaces it is drawn with. */
export function words(text) {
  const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.trim().split(/\s+/).map(escaped).join('\\s*');
}

export class Page {
  /** Opens a window of its own: with its own storage and session. */
  static async open(browser, origin, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const it = new Page(await context.newPage(), origin);
    it.response = await it.page.goto(`${origin}/`);
    await it.editor.locator('.view-lines').waitFor();
    return it;
  }

  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
    this.problems = [];
    /** Problems that a test expects. */
    this.expected = [];
    page.on('pageerror', (error) => this.problems.push(`page error: ${error.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console error: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { protocol, origin: to } = new URL(request.url());
      if (protocol !== 'data:' && to !== origin) this.problems.push(`request to ${request.url()}`);
    });
  }

  get editor() {
    return this.page.getByRole('region', { name: 'Operation Editor' });
  }

  /** The editor of variables or headers, whichever is shown. */
  get tool() {
    return this.page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines');
  }

  get key() {
    return this.page.getByLabel('API key');
  }

  get status() {
    return this.page.getByRole('status').first();
  }

  get tabs() {
    return this.page.locator('[id^=graphiql-session-tab-]');
  }

  get answer() {
    return this.page.locator('.graphiql-response');
  }

  async enterKey(key) {
    await this.key.fill(key);
    await this.page.getByRole('button', { name: 'Use key' }).click();
  }

  async says(pattern) {
    await this.status.filter({ hasText: pattern }).waitFor();
  }

  /** Replaces what the editor holds. */
  async write(query) {
    await this.clear();
    await this.page.keyboard.insertText(query);
  }

  async clear() {
    await this.editor.locator('.monaco-editor').first().click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Delete');
  }

  /** Runs what the editor holds, and returns the body of the response. */
  async run() {
    // GraphiQL looks for the operation's name only after a pause in the edits.
    await sleep(500);
    const isRun = (it) =>
      it.url() === `${this.origin}/graphql` &&
      it.request().postDataJSON().operationName !== 'IntrospectionQuery';
    const answered = this.page.waitForResponse(isRun);
    await this.execute();
    const response = await answered;
    this.sent = response.request();
    return response.json();
  }

  execute() {
    return this.page.getByRole('button', { name: 'Execute query' }).click();
  }

  /** Waits until the text is shown in the response. */
  async shows(text) {
    await this.answer.filter({ hasText: new RegExp(words(text)) }).first().waitFor();
  }

  /** All that the browser keeps beyond its session. */
  kept() {
    return this.page.evaluate(() => JSON.stringify({ ...localStorage }));
  }

  /** Closes the page, in which nothing else than was expected may have gone wrong. */
  async close() {
    const isExpected = (problem) => this.expected.some((pattern) => pattern.test(problem));
    const problems = this.problems.filter((problem) => !isExpected(problem));
    assert.deepEqual(problems, [], 'the browser reported problems');
    await this.page.context().close();
  }
}
