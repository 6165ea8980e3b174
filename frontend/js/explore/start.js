// Where the weights come from: fresh ones, or a finished run that did the first of these steps.

import { h, put, say } from "../dom.js";
import { row } from "../form/object.js";
import { percent } from "../format.js";
import { leadsTo } from "../variant.js";

/** @typedef {import("../types.js").JsonObject} JsonObject */

/**
 * @param {object} options
 * @param {import("../known.js").Known} options.known
 * @param {import("../whatif.js").WhatIfs} options.whatif
 * @param {(start: JsonObject | null) => void} options.onChange  null is from scratch
 */
export function startEditor({ known, whatif, onChange }) {
  const box = h("select", {
    class: "box",
    onchange: () => onChange(box.value === "" ? null : { from: "run", id: box.value }),
  });
  const remark = h("p", { class: "remark" });
  const element = row("/recipe/start", "Start from", "Fresh random weights, or a finished run of the same data set and architecture whose steps are the first of these", (attributes) => {
    for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);
    return box;
  });
  element.append(remark);
  element.dataset.testid = "start-from";
  let chosen = "";

  function draw() {
    const variant = whatif.result?.variant;
    const fits = variant ? known.finished().filter((run) => leadsTo(run.variant, variant) && run.fingerprint !== whatif.result?.fingerprint) : [];
    fits.sort((a, b) => b.variant.steps.length - a.variant.steps.length || (b.metrics?.top1.value ?? 0) - (a.metrics?.top1.value ?? 0));
    const options = [
      h("option", { value: "" }, "Scratch (random weights)"),
      ...fits.map((run) => h("option", { value: run.id }, `${percent(run.metrics?.top1.value)}  ${run.label}`)),
    ];
    if (chosen && !fits.some((run) => run.id === chosen)) options.push(h("option", { value: chosen }, `Run ${chosen.slice(4, 12)}`));
    put(box, options);
    box.value = chosen;
    const untrained = !chosen && /** @type {any} */ (variant?.recipe)?.epochs === 0;
    say(remark, untrained ? "With no epochs and random weights nothing is learnt: start from a finished run, or train." : fits.length || chosen ? "" : "Finished runs whose steps lead up to this variant will be offered here.");
    remark.hidden = remark.textContent === "";
  }

  known.subscribe(draw);
  whatif.subscribe(draw);
  draw();
  return {
    element,
    /** @param {JsonObject} recipe */
    set(recipe) {
      const start = /** @type {JsonObject | undefined} */ (recipe.start);
      chosen = start && start.from !== "scratch" ? String(start.id ?? "") : "";
      draw();
    },
  };
}
