const KEY = 'nas-token';

const listeners = new Set<() => void>();

/**
 * Keeps the token of the page's address (`#token=…`) for this tab and takes it out of the address and the history. What
 * stands behind the `#` is never sent to a server.
 */
export function takeToken(): void {
  const [, given, rest] = /^#token=([^&]*)&?(.*)$/.exec(location.hash) ?? [];
  if (given === undefined) return;
  keepToken(decoded(given));
  const address = new URL(location.href);
  address.hash = rest ?? '';
  history.replaceState(null, '', address.href);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
}

/** Calls back whenever another token is kept. */
export function whenTokenKept(listener: () => void): void {
  listeners.add(listener);
}

/** Null where none was given; a token that no header can hold is none. */
export function heldToken(): string | null {
  const token = sessionStorage.getItem(KEY);
  return token !== null && /^[\x21-\x7e]+$/.test(token) ? token : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
