import './workers.js';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import { GraphiQL } from 'graphiql';
import { createElement as h, Fragment, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { demoKey } from './config.js';
import { tabs } from './examples.js';
import { createFetcher, NO_KEY } from './fetcher.js';
import { KeyBar } from './key-bar.js';
import { sessionKey, storage } from './storage.js';

const props = {
  storage,
  // A key that was typed as a header is a secret, too.
  shouldPersistHeaders: false,
  inputValueDeprecation: true,
  schemaDescription: true,
  defaultTabs: tabs(Boolean(demoKey)),
};

function Page() {
  // An object, so that the same key, entered once more, is tried once more.
  const [entered, setEntered] = useState(() => ({ key: sessionKey.read() }));
  const [status, setStatus] = useState({ kind: 'hint', text: entered.key ? '' : NO_KEY });
  const fetcher = useMemo(
    () => createFetcher(entered.key, (kind, text) => setStatus({ kind, text })),
    [entered],
  );

  function enter(key) {
    sessionKey.write(key);
    setEntered({ key });
  }

  return h(
    Fragment,
    null,
    h(KeyBar, { savedKey: entered.key, status, onKey: enter }),
    h(GraphiQL, { ...props, fetcher }, h(GraphiQL.Logo, null, ' ')),
  );
}

createRoot(document.getElementById('graphiql')).render(h(Page));
