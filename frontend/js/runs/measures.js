// What a run costs and how it was timed, as the panel and the comparison say it.

import { h } from "../dom.js";
import { change, direction, exact, instant, plural } from "../format.js";

/** @typedef {import("../types.js").CostKey} CostKey */
/** @typedef {import("../types.js").Latency} Latency */
/** @typedef {import("../types.js").RunCost} RunCost */

/**
 * Whether a cost says more than the others do: parts of the MACs where there are such, pruned MACs where something is pruned.
 * @param {CostKey} key
 * @param {RunCost} cost
 */
export function telling(key, cost) {
  const value = cost[key];
  if (value === null || value === undefined) return false;
  if (key === "attention_macs" || key === "scan_macs") return value > 0;
  if (key === "structured_macs" || key === "sparse_macs") return value !== cost.macs;
  return true;
}

/**
 * A value, and how it differs from another where there is one.
 * @param {number | null | undefined} value
 * @param {number | null | undefined} before
 * @param {(value: number) => string} write
 * @returns {(Node | string)[]}
 */
export function against(value, before, write) {
  if (value === null || value === undefined) return ["–"];
  const shown = h("span", { title: exact(value) }, write(value));
  return before === null || before === undefined ? [shown] : [shown, h("span", { class: `delta ${direction(value, before)}` }, change(value, before))];
}

/** @param {number} ms */
export const milliseconds = (ms) => instant(ms / 1000);

/** @param {Latency} latency */
export const spread = ({ low_ms, high_ms, n }) => `${milliseconds(low_ms)} to ${milliseconds(high_ms)} in 80\u00a0% of ${plural(n, "pass", "passes")}, one image each`;

/** Where and how it was measured: times of other settings say nothing against it. @param {Latency} latency */
export const setting = ({ device, threads, precision }) => [device, plural(threads, "thread"), precision].join(", ");
