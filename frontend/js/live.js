// The live side of the record: one event stream per page, shared by everything that shows runs.

import { stream } from "./api.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {{kind: "state" | "progress" | "epoch" | "deleted", data: any} | {kind: "open"}} LiveEvent */

const HIDDEN_MS = 30_000; // browsers allow six connections per server: a tab out of sight gives its one back

export class Live {
  /** @type {Set<(event: LiveEvent) => void>} */
  #listeners = new Set();
  /** @type {(() => void) | null} */
  #close = null;
  #timer = 0;

  start() {
    this.#open();
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.#timer);
      if (document.visibilityState === "visible") this.#open();
      else this.#timer = setTimeout(() => this.#shut(), HIDDEN_MS);
    });
  }

  #open() {
    this.#close ??= stream("/events", {
      onEvent: (kind, data) => {
        if (kind === "state" || kind === "progress" || kind === "epoch" || kind === "deleted") this.#tell({ kind, data });
      },
      // What was missed while no stream was open is fetched anew by whoever shows it.
      onOpen: () => this.#tell({ kind: "open" }),
      onLost: () => {},
    });
  }

  #shut() {
    this.#close?.();
    this.#close = null;
  }

  /** @param {LiveEvent} event */
  #tell(event) {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /**
   * @param {(event: LiveEvent) => void} listener
   * @returns {() => void} ends the subscription
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const ACTIVE = Object.freeze(["queued", "running", "cancelling"]);

/** @param {Run} run */
export const active = (run) => ACTIVE.includes(run.state);

/**
 * Whether an event changes which runs there are, or what came of them.
 * @param {LiveEvent} event
 */
export const changesList = (event) => event.kind === "state" || event.kind === "deleted" || event.kind === "open";

/**
 * The run after an event, or the same object where the event says nothing new about it.
 * @param {Run} run
 * @param {LiveEvent} event
 * @returns {Run}
 */
export function after(run, event) {
  if (event.kind === "open" || event.kind === "deleted" || event.data.run_id !== run.id) return run;
  const { run_id: _, ...data } = event.data;
  if (event.kind === "progress") return active(run) ? { ...run, progress: data } : run;
  if (event.kind === "epoch") {
    const history = (run.history ?? []).filter((epoch) => epoch.epoch < data.epoch);
    return { ...run, history: [...history, data] };
  }
  const next = { ...run, state: data.state, attempt: data.attempt ?? run.attempt, error: data.error ?? null };
  if (!active(next)) next.progress = null;
  return next;
}
