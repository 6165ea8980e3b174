// The newest runs of the data set and architecture under edit: to tell whether a variant was
// trained already, and from which runs it could start.

import { api } from "./api.js";
import { latest } from "./later.js";
import { active, after, changesList } from "./live.js";

/** @typedef {import("./types.js").Run} Run */

const MOST = 100;
const GAP_MS = 1000; // the list is asked for again at most this often

export class Known {
  /** @type {Map<string, Run>} by fingerprint */
  #runs = new Map();
  #dataset = "";
  #architecture = "";
  /** @type {Set<() => void>} */
  #listeners = new Set();

  #load = latest(async () => {
    const [dataset, architecture] = [this.#dataset, this.#architecture];
    if (!dataset) return;
    try {
      const page = await api.runs({ dataset, architecture, limit: MOST, sort: "-created_at" });
      if (dataset !== this.#dataset || architecture !== this.#architecture) return;
      this.#runs = new Map(page.items.map((run) => [run.fingerprint, run]));
    } catch {
      return; // told by the banner; asked again on the next event
    }
    this.#tell();
  }, GAP_MS);

  /** @param {import("./live.js").Live} live */
  constructor(live) {
    live.subscribe((event) => {
      let over = true; // also of a run that is not known here
      for (const run of this.#runs.values()) {
        const next = after(run, event);
        if (next === run) continue;
        over = !active(next);
        this.#runs.set(run.fingerprint, next);
        this.#tell();
      }
      // Metrics, and runs submitted elsewhere, come with the list.
      if (over && changesList(event)) this.#load();
    });
  }

  /**
   * @param {string} dataset
   * @param {string} architecture
   */
  follow(dataset, architecture) {
    if (dataset === this.#dataset && architecture === this.#architecture) return;
    this.#dataset = dataset;
    this.#architecture = architecture;
    this.#runs = new Map();
    this.#load();
  }

  /** @param {Run} run */
  add(run) {
    this.#runs.set(run.fingerprint, run);
    this.#tell();
  }

  /** @param {string | undefined} fingerprint */
  get(fingerprint) {
    return (fingerprint && this.#runs.get(fingerprint)) || null;
  }

  finished() {
    return [...this.#runs.values()].filter((run) => run.state === "succeeded");
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
