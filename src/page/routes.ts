/** Where one is in the page; every place has an address that can be kept. */
export type Route =
  | { readonly page: 'studies' }
  | { readonly page: 'study'; readonly study: string; readonly section: string }
  | { readonly page: 'trial'; readonly study: string; readonly trial: number }
  | { readonly page: 'compare'; readonly a: string; readonly b: string };

export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').map(decoded);
  const [page, first = '', second = '', third = ''] = parts;
  if (page === 'study' && first !== '') {
    if (second === 'trial' && /^\d{1,12}$/.test(third))
      return { page: 'trial', study: first, trial: Number(third) };
    return { page: 'study', study: first, section: second === '' ? 'frontier' : second };
  }
  if (page === 'compare') return { page: 'compare', a: first, b: second };
  return { page: 'studies' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

const address = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;

export const toStudies = (): string => '#/';
export const toStudy = (study: string, section = 'frontier'): string => address('study', study, section);
export const toTrial = (study: string, trial: number): string =>
  address('study', study, 'trial', String(trial));
export const toCompare = (a: string, b: string): string => address('compare', a, b);
