// A very small way to make elements. Text always becomes text nodes, so data can never become markup.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, any>} Props */

const SVG = "http://www.w3.org/2000/svg";
let counter = 0;

/**
 * An id that is unique on the page.
 * @param {string} stem
 */
export const uid = (stem) => `${stem}-${++counter}`;

/**
 * @param {Element} element
 * @param {Props | null} props
 * @param {(Child | Child[])[]} children
 */
function fill(element, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") restyle(/** @type {HTMLElement} */ (element), value);
    else if (key === "value" && "value" in element) /** @type {any} */ (element).value = value;
    else if (key === "checked" || key === "indeterminate") /** @type {any} */ (element)[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
}

/**
 * Sets styles through the CSSOM, which the Content-Security-Policy allows.
 * @param {HTMLElement | SVGElement} element
 * @param {Record<string, string | number>} styles
 */
export function restyle(element, styles) {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, String(value));
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {(Child | Child[])[]} children
 */
export function append(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props | null} [props]
 * @param {(Child | Child[])[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = null, ...children) {
  const element = document.createElement(tag);
  // A select takes its value only once its options are there.
  const late = tag === "select" && props && "value" in props ? props.value : undefined;
  fill(element, props, children);
  if (late !== undefined) /** @type {any} */ (element).value = late;
  return element;
}

/**
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {(Child | Child[])[]} children
 * @returns {SVGElement}
 */
export function s(tag, props = null, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  fill(element, props, children);
  return element;
}

/**
 * Replaces everything in an element.
 * @param {Element} element
 * @param {(Child | Child[])[]} children
 */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * Sets text only where it differs, so that selections and screen readers are left in peace.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Sets an attribute only where it differs: what stays the same is not drawn again.
 * @param {Element} element
 * @param {string} name
 * @param {string | undefined} value  nothing, or "", takes it away
 */
export function attribute(element, name, value) {
  if ((element.getAttribute(name) ?? "") === (value ?? "")) return;
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

/**
 * Makes the children of `parent` follow `items`, keeping the element of an item that stays.
 * @template T
 * @template {HTMLElement} E
 * @param {HTMLElement} parent
 * @param {T[]} items
 * @param {(item: T) => string} key
 * @param {(item: T) => E} make
 * @param {(element: E, item: T) => void} update
 */
export function reconcile(parent, items, key, make, update) {
  /** @type {Map<string, E>} */
  const kept = new Map();
  for (const child of Array.from(parent.children)) {
    const name = /** @type {HTMLElement} */ (child).dataset.key;
    if (name !== undefined) kept.set(name, /** @type {E} */ (child));
  }
  /** @type {Element | null} */
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = kept.get(name);
    if (element) kept.delete(name);
    else {
      element = make(item);
      element.dataset.key = name;
    }
    update(element, item);
    if (element === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(element, cursor);
  }
  for (const element of kept.values()) element.remove();
  while (cursor) {
    const next = cursor.nextElementSibling;
    if (/** @type {HTMLElement} */ (cursor).dataset.key === undefined) cursor.remove();
    cursor = next;
  }
}
