// Sends requests to the API, and says in words what keeps them from being answered.

import { demoKey, endpoint } from './config.js';

export const NO_KEY =
  'Enter an API key to begin. On the server, "clientele key create --tenant NAME" prints a new one.';

const WRONG_KEY =
  'The server does not accept this key: it is unknown, revoked or expired. Enter another one.';

const UNREACHABLE =
  `The server at ${location.origin} does not answer. ` +
  'Check that it is running and that this computer can reach it, then run the request again.';

const NOT_TRUSTED =
  'This server only answers the documents of its manifest (--trusted-documents): ' +
  'it cannot be explored with GraphiQL.';

const ACCEPTED = demoKey
  ? 'Demo data, with the key of the demo.'
  : 'The key is accepted, and forgotten when you close this browser tab.';

/** A request that was not answered, and why. */
class Unanswered extends Error {}

/**
 * A fetcher for GraphiQL that sends the key. `tell` hears after each request how it went: the kind
 * (`problem` or `fine`) and a text for people.
 */
export function createFetcher(key, tell) {
  return async (request, options) => {
    try {
      const response = await send(key, request, options?.headers);
      const answer = await read(response);
      const problem = problemOf(response, answer);
      tell(problem ? 'problem' : 'fine', problem ?? ACCEPTED);
      return answer;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      tell('problem', error.message);
      // With `data`, GraphiQL does not ask for the schema a second time.
      return { data: null, errors: [{ message: error.message }] };
    }
  };
}

async function send(key, request, extraHeaders) {
  const headers = headersOf(key, extraHeaders);
  if (!headers.has('Authorization')) throw new Unanswered(NO_KEY);
  const body = JSON.stringify(request);
  return fetch(endpoint, { method: 'POST', headers, body }).catch(() => {
    throw new Unanswered(UNREACHABLE);
  });
}

/** The headers of a request; those that were typed into GraphiQL win. */
function headersOf(key, extraHeaders) {
  try {
    const headers = new Headers({
      Accept: 'application/graphql-response+json, application/json',
      'Content-Type': 'application/json',
    });
    if (key) headers.set('Authorization', `Bearer ${key}`);
    Object.entries(extraHeaders ?? {}).forEach(([name, value]) => headers.set(name, value));
    return headers;
  } catch {
    const text = 'The key or a header has characters that HTTP does not allow in a header.';
    throw new Unanswered(text);
  }
}

async function read(response) {
  const text = await response.text().catch(() => {
    throw new Unanswered(UNREACHABLE);
  });
  try {
    return JSON.parse(text);
  } catch {
    const by = 'Something between this browser and Clientele, such as a proxy, may have answered.';
    throw new Unanswered(`The response has the status ${response.status} and is not JSON. ${by}`);
  }
}

/** What is wrong with the server or the key; an error in the query itself is shown by GraphiQL. */
function problemOf(response, answer) {
  const [error] = answer.errors ?? [];
  if (response.status === 401) return WRONG_KEY;
  if (error?.extensions?.code === 'DOCUMENT_NOT_TRUSTED') return NOT_TRUSTED;
  if (response.status === 429 || response.status >= 500) {
    return error?.message ?? `The server answered with the status ${response.status}.`;
  }
  return undefined;
}
