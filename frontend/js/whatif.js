// The cost of the variant under edit: one question at a time, the latest wins, good answers stay.

import { api, ApiError, onReach } from "./api.js";
import { latest } from "./later.js";
import { differs } from "./store.js";
import { PARTS, variantOf } from "./variant.js";

/** @typedef {import("./types.js").WhatIf} WhatIf */
/** @typedef {import("./types.js").Variant} Variant */

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

  #ask = latest(async (/** @type {Variant} */ variant, /** @type {number} */ number) => {
    /** @type {WhatIf | null} */
    let result = null;
    /** @type {ApiError | null} */
    let error = null;
    try {
      result = await api.whatif(variant);
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error = caught;
    }
    if (number !== this.#asks) return; // a later variant is being asked about
    this.busy = false;
    this.asked = variant;
    this.error = error;
    if (result) this.result = result;
    this.#tell();
  });

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    const ask = () => {
      if (!store.view.data || !store.view.arch) return;
      this.busy = true;
      this.#ask(variantOf(store.view), ++this.#asks);
    };
    store.subscribe((view, before) => {
      if (differs(view, before, ...PARTS)) ask();
    });
    onReach((up) => {
      if (up && this.error) ask();
    });
    this.ask = ask;
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
