/** What is used of js-yaml, which comes without types. */
declare module 'js-yaml' {
  export interface LoadOptions {
    readonly schema: unknown;
    /** Deepest nesting. */
    readonly maxDepth: number;
    readonly onWarning: (warning: YAMLException) => void;
  }
  export class YAMLException extends Error {
    readonly reason: string;
    /** Counted from 0; absent where the whole text is meant. */
    readonly mark?: { readonly line: number };
  }
  export const CORE_SCHEMA: unknown;
  /** Throws {@link YAMLException}. */
  export function load(text: string, options: LoadOptions): unknown;
}
