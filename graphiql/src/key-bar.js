// The bar above GraphiQL: the key for all tabs, and how the last request went.

import { createElement as h, useState } from 'react';

export function KeyBar({ savedKey, status, onKey }) {
  const [key, setKey] = useState(savedKey);

  function submit(event) {
    event.preventDefault();
    onKey(key.trim());
  }

  return h(
    'header',
    { className: 'clientele-bar' },
    h('h1', null, 'Clientele'),
    h(
      'form',
      { onSubmit: submit },
      h('label', { htmlFor: 'clientele-key' }, 'API key'),
      h('input', {
        id: 'clientele-key',
        type: 'password',
        autoComplete: 'off',
        spellCheck: false,
        placeholder: 'sk_…',
        value: key,
        onChange: (event) => setKey(event.target.value),
      }),
      h('button', { type: 'submit' }, 'Use key'),
    ),
    h('p', { role: 'status', className: status.kind }, status.text),
  );
}
