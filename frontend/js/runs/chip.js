// The state of a run: shape, colour and word.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {import("../types.js").RunState} RunState */

/** @type {Record<RunState, {icon: import("../icons.js").IconName, title: string}>} */
export const STATES = {
  queued: { icon: "ring", title: "Queued" },
  running: { icon: "half", title: "Running" },
  cancelling: { icon: "half", title: "Cancelling" },
  succeeded: { icon: "check", title: "Succeeded" },
  failed: { icon: "cross", title: "Failed" },
  cancelled: { icon: "dash", title: "Cancelled" },
};

/** @param {RunState} state */
export const chip = (state) => h("span", { class: `state ${state}`, "data-state": state, title: STATES[state].title }, icon(STATES[state].icon), h("span", { class: "state-word" }, STATES[state].title));
