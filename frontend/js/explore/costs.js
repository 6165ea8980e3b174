// What the variant costs, and how that differs from the plain network and from the pinned variant.

import { h, put, say } from "../dom.js";
import { amount, change, direction, exact, scaled } from "../format.js";
import { settled } from "../later.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").CostKey} CostKey */

/** @type {Partial<Record<CostKey, string>>} */
const SHORT = { params: "Parameters", activations: "Activations" };

/** The costs that have a card; the rest stand in the panel of all costs. @type {readonly CostKey[]} */
export const MAIN = ["macs", "params", "bits", "activations"];

/**
 * @param {App} app
 * @param {import("../whatif.js").WhatIfs} pinned
 * @returns {HTMLElement}
 */
export function costCards({ catalog, whatif }, pinned) {
  const spoken = h("p", { class: "sr", role: "status", "aria-live": "polite", "data-testid": "cost-spoken" });
  const cards = catalog.costs.filter(({ key }) => MAIN.includes(key)).map(({ key, title, unit, summary }) => {
    const digits = h("span", { class: "digits" }, "–");
    const suffix = h("span", { class: "unit" });
    const value = h("data", { class: "value", value: "" }, digits, suffix);
    const delta = h("span", { class: "delta" }, "\u00a0"); // the card has its full height from the start
    const before = h("span", { class: "before" });
    const against = h("span", { class: "card-foot against", hidden: true, "data-testid": `pinned-${key}` });
    const fill = h("span", { class: "bar-fill" });
    const element = h(
      "li",
      { class: "card loading", "data-cost": key, "data-testid": `cost-${key}` },
      h("span", { class: "card-title", title: summary }, SHORT[key] ?? title),
      value,
      h("span", { class: "bar", "aria-hidden": "true" }, fill),
      h("span", { class: "card-foot" }, delta, before),
      against,
    );
    return { key, title, unit, element, digits, suffix, value, delta, before, against, fill };
  });
  const old = h("p", { class: "remark old", hidden: true }, "These are the costs of the last variant that was possible.");
  const element = h("section", { class: "costs", "aria-label": "Cost" }, h("ul", { class: "cards" }, cards.map((card) => card.element)), old, spoken);

  const speak = settled(() => {
    const { result, error } = whatif;
    if (error) say(spoken, `Not possible: ${error.message}`);
    else if (result) {
      const other = pinned.result?.cost;
      const words = cards.map(({ key, title }) => `${title} ${exact(result.cost[key])}, ${change(result.cost[key], result.baseline[key])}${other ? `, against the pinned variant ${change(result.cost[key], other[key])}` : ""}`);
      say(spoken, `${words.join("; ")}.`);
    }
  }, 700);

  function draw() {
    const { result, error } = whatif;
    element.classList.toggle("stale", error !== null);
    element.toggleAttribute("data-stale", error !== null);
    old.hidden = error === null || error.status === 0 || result === null;
    speak();
    if (error) for (const card of cards) card.element.classList.remove("loading");
    if (!result) return;
    for (const card of cards) {
      const [after, before] = [result.cost[card.key], result.baseline[card.key]];
      const { digits, prefix } = scaled(after);
      const unit = card.unit === "bit" ? "bit" : "";
      card.element.classList.remove("loading");
      card.value.value = String(after);
      card.value.title = `${exact(after)} ${card.unit || card.title.toLowerCase()}${unit ? ` = ${exact(Math.ceil(after / 8))} bytes` : ""}`;
      say(card.digits, digits);
      say(card.suffix, prefix + unit);
      const way = direction(after, before);
      card.delta.className = `delta ${way}`;
      say(card.delta, change(after, before));
      say(card.before, way === "same" ? "plain network" : `from ${amount(before, unit)}`);
      card.before.title = `Without steps: ${exact(before)}`;
      // A bar that is longer than the plain network's shows how much is on top.
      const most = Math.max(after, before, 1);
      card.fill.style.setProperty("--after", String(after / most));
      card.fill.style.setProperty("--before", String(before / most));
      card.fill.className = `bar-fill ${way}`;
      const other = pinned.result?.cost[card.key];
      card.against.hidden = other === undefined;
      if (other === undefined) continue;
      put(card.against, h("span", { class: `delta ${direction(after, other)}` }, change(after, other)), h("span", { class: "before", title: `Pinned: ${exact(other)}` }, `pinned ${amount(other, unit)}`));
    }
  }

  whatif.subscribe(draw);
  pinned.subscribe(draw);
  draw();
  return element;
}
