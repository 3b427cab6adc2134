// Where the browser keeps what the page remembers.

import { demoKey } from './config.js';

// GraphiQL's own names are shared with every GraphiQL ever served from this origin,
// such as another server on the same local port. These names are Clientele's alone, and what belongs
// to the demo (its tabs, its key) is not shown by a server that has none.
const PREFIX = demoKey ? 'clientele:demo:' : 'clientele:';

/** One of the browser's stores, or memory where the browser forbids the page to have any. */
function browserStore(name) {
  try {
    return window[name];
  } catch {
    const values = new Map();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => values.set(key, value),
      removeItem: (key) => values.delete(key),
      key: (index) => [...values.keys()][index] ?? null,
      get length() {
        return values.size;
      },
    };
  }
}

const local = browserStore('localStorage');
const session = browserStore('sessionStorage');

function names() {
  const all = Array.from({ length: local.length }, (_, index) => local.key(index));
  return all.filter((name) => name.startsWith(`${PREFIX}graphiql:`));
}

/**
 * Entries of the history without their headers: somebody may have typed a key there, and a key is not
 * kept longer than the browser's session.
 */
function withoutHeaders(name, value) {
  if (!/:(queries|favorites)$/.test(name)) return value;
  return JSON.stringify(JSON.parse(value), (key, it) => (key === 'headers' ? undefined : it));
}

/** What GraphiQL keeps: tabs, history, the widths of its panes. */
export const storage = {
  getItem: (name) => local.getItem(PREFIX + name),
  setItem: (name, value) => local.setItem(PREFIX + name, withoutHeaders(name, value)),
  removeItem: (name) => local.removeItem(PREFIX + name),
  clear: () => names().forEach((name) => local.removeItem(name)),
  get length() {
    return names().length;
  },
};

/** The key that was entered, until the browser's session ends. */
export const sessionKey = {
  read: () => session.getItem(`${PREFIX}key`) ?? demoKey ?? '',
  write: (key) => session.setItem(`${PREFIX}key`, key),
};
