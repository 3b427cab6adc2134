import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { props, root } from './page.js';

createRoot(root).render(
  createElement(GraphiQL, props, createElement(GraphiQL.Logo, null, 'Clientele')),
);
