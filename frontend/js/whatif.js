// What a variant of the view costs: one question at a time, the latest wins, good answers stay.

import { api, ApiError, onReach } from "./api.js";
import { latest } from "./later.js";
import { differs } from "./store.js";
import { PARTS, variantOf } from "./variant.js";

/** @typedef {import("./types.js").WhatIf} WhatIf */
/** @typedef {import("./types.js").Variant} Variant */
/** @typedef {import("./types.js").View} View */

const PATIENCE_MS = 150;

/** @param {View} view */
const edited = (view) => (view.data && view.arch ? variantOf(view) : null);

export class WhatIfs {
  /** The last good answer. @type {WhatIf | null} */
  result = null;
  /** What is wrong with the variant as it stands. @type {ApiError | null} */
  error = null;
  /** The variant that `result` or `error` is about. @type {Variant | null} */
  asked = null;
  busy = false;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #asks = 0;
  #layers = true;
  #told = 0;

  #ask = latest(async (/** @type {Variant} */ variant, /** @type {number} */ number) => {
    /** @type {WhatIf | null} */
    let result = null;
    /** @type {ApiError | null} */
    let error = null;
    try {
      result = await api.whatif(variant, this.#layers);
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error = caught;
    }
    // A later variant is being asked about: this answer is dropped, unless a long drag on a slow line would show nothing new.
    const late = number !== this.#asks;
    if (late && (error || performance.now() - this.#told < PATIENCE_MS)) return;
    this.busy = late;
    this.asked = variant;
    this.error = error;
    if (result) this.result = result;
    this.#tell();
  });

  /**
   * @param {import("./store.js").Store} store
   * @param {object} [about]  the variant under edit, where nothing is said
   * @param {readonly (keyof View)[]} [about.parts]  of the view that the question depends on
   * @param {(view: View) => Variant | null} [about.question]  null where there is nothing to ask
   * @param {boolean} [about.layers]  whether rows by layer are wanted
   */
  constructor(store, { parts = PARTS, question = edited, layers = true } = {}) {
    this.#layers = layers;
    const ask = () => {
      const variant = question(store.view);
      this.#asks += 1;
      this.busy = variant !== null;
      if (variant) return this.#ask(variant, this.#asks);
      if (!this.asked) return;
      this.result = this.error = this.asked = null;
      this.#tell();
    };
    store.subscribe((view, before) => {
      if (differs(view, before, ...parts)) ask();
    });
    onReach((up) => {
      if (up && this.error) ask();
    });
    this.ask = ask;
  }

  #tell() {
    this.#told = performance.now();
    for (const listener of [...this.#listeners]) listener();
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
