// Undo and redo of the variant, apart from the browser's history: that one is about the view.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { differs } from "../store.js";
import { PARTS } from "../variant.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {Pick<View, "data" | "arch" | "steps" | "recipe" | "seed">} Edited */

const MOST = 200;
const BREATH_MS = 1000; // typing that rests this long begins a new entry
const TEXT = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, [contenteditable]";

/** @param {View} view @returns {Edited} */
const edited = ({ data, arch, steps, recipe, seed }) => ({ data, arch, steps, recipe, seed });

/**
 * Where two values differ first, or null where they have another shape: then the change is one of its own.
 * @param {any} a
 * @param {any} b
 * @param {string} [path]
 * @returns {string | null}
 */
function place(a, b, path = "") {
  const objects = [a, b].every((value) => value !== null && typeof value === "object");
  if (!objects) return path;
  if (Array.isArray(a) !== Array.isArray(b) || (Array.isArray(a) && a.length !== b.length)) return null;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (JSON.stringify(a[key]) !== JSON.stringify(b[key])) return place(a[key], b[key], `${path}/${key}`);
  }
  return path;
}

/**
 * Whether one place holds the other: a value that comes to its default is left out with all that is around it.
 * @param {string} a
 * @param {string} b
 */
const within = (a, b) => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);

export class Undo {
  /** @type {Edited[]} */
  #past = [];
  /** @type {Edited[]} */
  #future = [];
  /** The entry that a drag or a burst of typing still goes into. @type {{place: string, gesture: number, at: number} | null} */
  #open = null;
  #gesture = 0;
  #held = false;
  #moving = false;
  #store;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {import("../store.js").Store} store */
  constructor(store) {
    this.#store = store;
    addEventListener("pointerdown", () => {
      this.#gesture += 1;
      this.#held = true;
    }, true);
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => void (this.#held = false), true);
    addEventListener("keydown", (event) => this.#key(event));
    store.subscribe((view, before) => {
      if (!this.#moving && differs(view, before, ...PARTS)) this.#note(edited(before), edited(view));
    });
  }

  get back() {
    return this.#past.length > 0;
  }

  get forth() {
    return this.#future.length > 0;
  }

  undo() {
    this.#move(this.#past, this.#future);
  }

  redo() {
    this.#move(this.#future, this.#past);
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * @param {Edited} before
   * @param {Edited} after
   */
  #note(before, after) {
    const where = place(before, after);
    const now = performance.now();
    const open = this.#open;
    const same = open !== null && where !== null && within(open.place, where) && open.gesture === this.#gesture && (this.#held || now - open.at < BREATH_MS);
    if (!same) this.#past = [...this.#past, before].slice(-MOST);
    this.#future = [];
    this.#open = where === null ? null : { place: where, gesture: this.#gesture, at: now };
    this.#tell();
  }

  /**
   * @param {Edited[]} from
   * @param {Edited[]} to
   */
  #move(from, to) {
    const next = from.pop();
    if (!next) return;
    to.push(edited(this.#store.view));
    this.#open = null;
    this.#moving = true;
    this.#store.set(next);
    this.#moving = false;
    this.#tell();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || this.#store.view.view !== "explore") return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    const forth = (key === "z" && event.shiftKey) || (key === "y" && !event.shiftKey);
    // In a text field the keys are the browser's own.
    if (!(back || forth) || (event.target instanceof Element && event.target.matches(TEXT)) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (back) this.undo();
    else this.redo();
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * @param {Undo} undo
 * @returns {HTMLElement}
 */
export function undoButtons(undo) {
  const mac = /mac|iphone|ipad/i.test(navigator.platform);
  /**
   * @param {"undo" | "redo"} what
   * @param {string} label
   * @param {string} keys
   */
  const button = (what, label, keys) =>
    h("button", { type: "button", class: "square quiet", "data-testid": what, "aria-label": label, title: `${label} (${keys})`, "aria-keyshortcuts": what === "undo" ? "Control+Z Meta+Z" : "Control+Y Control+Shift+Z Meta+Shift+Z", onclick: () => undo[what]() }, icon(what));
  const back = button("undo", "Undo", mac ? "⌘Z" : "Ctrl+Z");
  const forth = button("redo", "Redo", mac ? "⇧⌘Z" : "Ctrl+Y");
  const follow = () => {
    // A button that goes grey under the finger would lose the focus.
    for (const [element, on] of /** @type {const} */ ([[back, undo.back], [forth, undo.forth]])) element.setAttribute("aria-disabled", String(!on));
  };
  undo.subscribe(follow);
  follow();
  return h("span", { class: "undo" }, back, forth);
}
