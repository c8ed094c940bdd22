import { nearest } from '../../../core/index.js';
import { contentOf, type ColumnName } from '../columns.js';
import { unexpected, type Token } from './tokens.js';

/**
 * The value that a column is compared with, in the column's own unit.
 * @throws NasError `NAS_BAD_WHERE` for another kind of value, unit or name
 */
export function valueFor(column: ColumnName, token: Token): string | number {
  const content = contentOf(column);
  switch (content.of) {
    case 'number':
      return quantity(column, token, content.units);
    case 'moment':
      return moment(column, token);
    case 'text':
      if (token.is === 'text') return token.value;
      throw unexpected(token, `a text in quotes for ${column}`);
    case 'name': {
      const { names } = content;
      if ((token.is === 'text' || token.is === 'word') && names.includes(token.value)) return token.value;
      const near = nearest(token.value, names);
      throw unexpected(
        token,
        `one of ${names.join(', ')} for ${column}`,
        near === undefined ? undefined : `did you mean ${near}?`,
      );
    }
  }
}

function quantity(column: ColumnName, token: Token, units: Readonly<Record<string, number>>): number {
  const parts = /^([^A-Za-zµ%]*(?:e[+-]?\d+)?)([A-Za-zµ%]*)$/i.exec(token.value);
  const unit = parts?.[2] ?? '';
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  const value = Number(parts?.[1]) * (factor ?? Number.NaN);
  if (token.is === 'number' && Number.isFinite(value)) return value;
  const known = Object.keys(units);
  throw unexpected(
    token,
    `a number${known.length === 0 ? '' : `, bare or with ${known.join(', ')},`} for ${column}`,
  );
}

/** Milliseconds since 1970, or a date as ISO 8601 writes it, in UTC unless it says otherwise. */
function moment(column: ColumnName, token: Token): number {
  const value = token.is === 'text' && /^\d{4}-/.test(token.value) ? Date.parse(zoned(token.value)) : NaN;
  const bare = token.is === 'number' ? Number(token.value) : value;
  if (Number.isFinite(bare)) return bare;
  throw unexpected(
    token,
    `a date such as '2026-01-31' or '2026-01-31T12:00', or ms since 1970, for ${column}`,
  );
}

function zoned(date: string): string {
  return /T.*(Z|[+-]\d\d:?\d\d)$/.test(date) || !date.includes('T') ? date : `${date}Z`;
}
