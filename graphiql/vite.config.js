import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Monaco, the editor, is nearly all of it and is loaded as a whole.
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Dependencies mark what is for the client, as this whole page is.
      checks: { moduleLevelDirective: false },
    },
  },
});
