// The server's settings for the page: where the API is and, if it has demo data, the demo's key.

export const { endpoint, demoKey } = JSON.parse(
  document.getElementById('clientele-config').textContent,
);
