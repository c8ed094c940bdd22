type Child = Node | string | number | null | undefined | false;

/** Attributes by name, listeners as `onclick` and the like. Never markup: texts only ever become text. */
type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>
>;

/** Attributes whose value could run something. */
const FORBIDDEN = /^(style|srcdoc|src|action|formaction|innerhtml)$/i;

/** Makes an element. Children that are texts stay texts, and are never parsed as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (FORBIDDEN.test(name)) throw new Error(`attribute ${name} is not set here`);
    else if (name === 'href' && !String(value).startsWith('#')) throw new Error('links stay in this page');
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

/** Puts these in place of what the element holds; the focus stays on the one with the same `data-key`. */
export function replace(element: Element, ...children: readonly (Child | readonly Child[])[]): void {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.getAttribute('data-key') ?? null;
  element.replaceChildren();
  add(element, children);
  if (key === null) return;
  const again = element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

function add(element: Element, children: readonly (Child | readonly Child[])[]): void {
  for (const child of children.flat() as readonly Child[]) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
}

/** A length along one side, as a share of what holds it. */
export function sized(element: HTMLElement, property: 'width' | 'left', share: number): HTMLElement {
  element.style[property] = `${Math.max(0, Math.min(100, 100 * share)).toFixed(2)}%`;
  return element;
}
