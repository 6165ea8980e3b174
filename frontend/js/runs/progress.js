// How far a run is.

import { h, say } from "../dom.js";
import { amount } from "../format.js";

/** @typedef {import("../types.js").Run} Run */

/** @type {Record<string, string>} */
const PHASES = { data: "reading data", train: "training", evaluate: "evaluating", export: "writing files" };

/** A bar with a line of words; `update` moves it. */
export function progressBar() {
  const bar = h("progress", { max: 1, "aria-label": "Progress" });
  const text = h("span", { class: "progress-text" });
  const element = h("div", { class: "progress" }, bar, text);
  return {
    element,
    /** @param {Run} run */
    update(run) {
      const { progress } = run;
      bar.value = progress?.fraction ?? 0;
      say(text, words(run));
    },
  };
}

/** @param {Run} run */
function words(run) {
  const { progress, state } = run;
  if (state === "queued") return run.attempt > 0 ? `waiting for a worker, attempt ${run.attempt + 1} of ${run.max_attempts}` : "waiting for a worker";
  if (!progress) return state === "cancelling" ? "stopping at the next batch" : "starting";
  const parts = [PHASES[progress.phase] ?? progress.phase];
  if (progress.phase === "train" && progress.epochs) parts.push(`epoch ${progress.epoch} of ${progress.epochs}`);
  if (progress.note) parts.push(progress.note);
  if (progress.images_per_second) parts.push(`${amount(Math.round(progress.images_per_second))} images/s`);
  if (run.attempt > 1) parts.push(`attempt ${run.attempt}`);
  return parts.join(", ");
}
