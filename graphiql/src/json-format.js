// How Prettier formats JSON here. Its own way needs its parser and its printer of JavaScript, which
// would be a tenth of the page.

import { applyEdits, format } from 'jsonc-parser';

const options = { tabSize: 2, insertSpaces: true, eol: '\n' };

export const parsers = {
  jsonc: {
    astFormat: 'formatted',
    parse: (text) => ({ text: applyEdits(text, format(text, undefined, options)) }),
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
  },
};

export const printers = { formatted: { print: ({ node }) => node.text } };
