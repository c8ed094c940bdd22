const KEY = 'nas-token';

/** Keeps the token of the page's address for this tab and takes it out of the address and the history. */
export function takeToken(): void {
  const address = new URL(location.href);
  const given = address.searchParams.get('token');
  if (given === null) return;
  keepToken(given);
  address.searchParams.delete('token');
  history.replaceState(null, '', address.href);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** Null where none was given; a token that no header can hold is none. */
export function heldToken(): string | null {
  const token = sessionStorage.getItem(KEY);
  return token !== null && /^[\x21-\x7e]+$/.test(token) ? token : null;
}
