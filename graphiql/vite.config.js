import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      // Two names of one module, which would be in the page twice.
      { find: 'prettier/parser-graphql', replacement: 'prettier/plugins/graphql' },
      { find: /^prettier\/(parser-babel|plugins\/estree)$/, replacement: source('json-format.js') },
    ],
  },
  build: {
    // Monaco, the editor, is nearly all of it and is loaded as a whole.
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Dependencies mark what is for the client, as this whole page is.
      checks: { moduleLevelDirective: false },
    },
  },
});
