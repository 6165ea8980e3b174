// The one store: the view that a link reproduces, kept in step with the address bar.

import { fromQuery, toQuery } from "./url.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {(view: View, before: View, origin: "page" | "address") => void} Listener */

const SETTLE_MS = 250; // browsers refuse more than about 100 history changes in 30 s

export class Store {
  /** @type {View} */
  #view;
  /** @type {Set<Listener>} */
  #listeners = new Set();
  #timer = 0;

  /** @param {(problems: string[]) => void} onProblems */
  constructor(onProblems) {
    const { view, problems, empty } = fromQuery(location.search);
    this.#view = view;
    this.empty = empty;
    this.problems = problems;
    addEventListener("popstate", () => {
      clearTimeout(this.#timer);
      const next = fromQuery(location.search);
      if (next.problems.length) onProblems(next.problems);
      this.#change(next.view, "address");
    });
    addEventListener("pagehide", () => this.#settle());
  }

  get view() {
    return this.#view;
  }

  /**
   * Changes parts of the view. A step that a person would want to go back over is pushed,
   * fine tuning replaces the current entry.
   * @param {Partial<View>} patch
   * @param {{push?: boolean}} [options]
   */
  set(patch, { push = false } = {}) {
    const next = { ...this.#view, ...patch };
    const query = toQuery(next);
    if (query !== toQuery(this.#view)) {
      if (push) {
        this.#settle();
        history.pushState(null, "", query || location.pathname);
      } else {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#settle(), SETTLE_MS);
      }
    }
    this.#change(next, "page");
  }

  /** Writes what has not been written yet into the current history entry. */
  #settle() {
    clearTimeout(this.#timer);
    const query = toQuery(this.#view);
    if (query !== location.search) history.replaceState(null, "", query || location.pathname);
  }

  /**
   * @param {View} next
   * @param {"page" | "address"} origin
   */
  #change(next, origin) {
    const before = this.#view;
    this.#view = next;
    for (const listener of [...this.#listeners]) listener(next, before, origin);
  }

  /**
   * @param {Listener} listener
   * @returns {() => void} ends the subscription
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The address of the view with some parts changed.
   * @param {Partial<View>} patch
   */
  link(patch) {
    return toQuery({ ...this.#view, ...patch }) || "/";
  }
}

/**
 * Whether any of some parts differ, by value.
 * @param {View} a
 * @param {View} b
 * @param {(keyof View)[]} keys
 */
export const differs = (a, b, ...keys) => keys.some((key) => a[key] !== b[key] && JSON.stringify(a[key]) !== JSON.stringify(b[key]));
