// What the page is asked for, and the address that says the same: ?period=month&by=person&server=discord/123.

export const DEFAULT_PERIOD = '30d';
const FACETS = ['person', 'channel', 'model'];

/** {period, by, server} of an address; `by` is undefined where all are asked for. */
export function readQuery(search) {
  const query = new URLSearchParams(search);
  return {
    period: query.get('period')?.trim() || DEFAULT_PERIOD,
    by: FACETS.find((facet) => facet === query.get('by')),
    server: query.get('server') || 'all',
  };
}

/** Without what goes without saying. */
export function addressOf({ period, by, server }) {
  const query = new URLSearchParams();
  if (period !== DEFAULT_PERIOD) query.set('period', period);
  if (by) query.set('by', by);
  if (server !== 'all') query.set('server', server);
  const text = query.toString().replaceAll('%2F', '/');
  return text ? `/report?${text}` : '/report';
}

export function apiQuery({ period, server }) {
  return new URLSearchParams({ period, server }).toString();
}
