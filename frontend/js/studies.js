// The studies there are, kept fresh while runs change.

import { api } from "./api.js";
import { latest } from "./later.js";
import { changesList } from "./live.js";

/** @typedef {import("./types.js").Study} Study */

export const QUICKSTART = "Digits quickstart";

export class Studies {
  /** @type {Study[]} */
  items = [];
  loaded = false;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  refresh = latest(async () => {
    try {
      /** @type {Study[]} */
      const items = [];
      /** @type {string | null} */
      let cursor = null;
      do {
        /** @type {import("./types.js").Page<Study>} */
        const page = await api.studies(cursor);
        items.push(...page.items);
        cursor = page.next;
      } while (cursor);
      this.items = items;
      this.loaded = true;
    } catch {
      return; // the banner of shell/health.js tells it; the next event or reconnection tries again
    }
    for (const listener of [...this.#listeners]) listener();
  }, 400);

  /** @param {import("./live.js").Live} live */
  constructor(live) {
    live.subscribe((event) => {
      if (changesList(event)) this.refresh();
    });
  }

  /** @param {string | null} id */
  get(id) {
    return this.items.find((study) => study.id === id) ?? null;
  }

  /** @param {string} name */
  named(name) {
    return this.items.find((study) => study.name === name) ?? null;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The study of a name, made where there is none.
   * @param {string} name
   * @param {string} dataset
   * @returns {Promise<Study>}
   */
  async ensure(name, dataset) {
    const there = this.named(name);
    if (there) return there;
    const made = await api.createStudy(name, dataset);
    this.items = [...this.items, made];
    for (const listener of [...this.#listeners]) listener();
    return made;
  }
}

/** @param {Study} study */
export function tally(study) {
  const { queued, running, succeeded, failed, cancelled, cancelling = 0 } = study.counts;
  const waiting = queued + running + cancelling;
  return { waiting, done: succeeded, total: waiting + succeeded + failed + cancelled };
}
