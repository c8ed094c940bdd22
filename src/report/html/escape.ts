import { neutral } from '../terminal/text.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Hostile text as text of an HTML page or of a quoted attribute; what is invisible or turns lines round is taken out. */
export function htmlText(text: string): string {
  return neutral(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * Any data as JSON inside a `<script type="application/json">`: no `<` is left that could end the element or open a
 * comment, and no line end that only JavaScript knows. Read back by `JSON.parse`, it is the same data.
 */
export function embeddedJson(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A script as it may stand inside `<script>`: what would end the element is only met inside its strings. */
export function inlineScript(script: string): string {
  return script.replace(/<(?=\/script|script|!--)/gi, '\\x3c');
}

/** A style sheet as it may stand inside `<style>`. */
export function inlineStyle(style: string): string {
  return style.replace(/<\//g, '<\\/');
}
