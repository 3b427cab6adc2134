import { props, root } from './page.js';

const workers = {
  editorWorkerService: {
    url: 'https://unpkg.com/@graphql-yoga/graphiql@4.5.0/dist/monacoeditorwork/editor.worker.bundle.js',
    integrity: 'sha384-pE2N9HoATIHFXyG+qNs0KfCQYNupaLtNYdrU+207YoYufZkQXiNrxwhjD19bwavY',
  },
  graphql: {
    url: 'https://unpkg.com/@graphql-yoga/graphiql@4.5.0/dist/monacoeditorwork/graphql.worker..bundle.js',
    integrity: 'sha384-PFVHFyE1C49Jx+IQWrSNUWIDw1b3aaYAoDYJip6kaM+AqrNwvYabc3Vn5oR7bJ5d',
  },
  json: {
    url: 'https://unpkg.com/@graphql-yoga/graphiql@4.5.0/dist/monacoeditorwork/json.worker.bundle.js',
    integrity: 'sha384-DWcw3li66h7qm7RgvaRzwTHxNSsmDbhaapFdWTO7qtVLuSCrGXwp0Kg2QIutW7Iu',
  },
};

globalThis.MonacoEnvironment = {
  // A worker has to come from the page's own origin and has no integrity
  // attribute: fetching it checks its hash, and a blob is of this origin.
  async getWorker(_, label) {
    const { url, integrity } = workers[label];
    const response = await fetch(url, { integrity });
    return new Worker(URL.createObjectURL(await response.blob()));
  },
};

// Yoga's own title, logo, first query and copy of the query in the URL would
// make this another page than the embedded one.
YogaGraphiQL.renderYogaGraphiQL(root, {
  ...props,
  title: 'Clientele',
  logo: '',
  initialQuery: undefined,
  onEditQuery: undefined,
});
