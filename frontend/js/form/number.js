// Controls for one number: a box, and a slider or halving and doubling buttons where they help.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {import("../types.js").Schema} Schema */

const LADDER = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7.5, 8];

/**
 * Round values from `low` to `high`, about evenly spaced in ratio.
 * @param {number} low
 * @param {number} high
 */
function rungs(low, high) {
  const out = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const rung of LADDER) {
      const value = Number((rung * decade).toPrecision(3));
      if (value >= low && value <= high) out.push(value);
    }
  }
  return out;
}

/**
 * The values a slider offers, or null where a slider would not help.
 * @param {Schema} schema
 * @returns {number[] | null}
 */
export function stops(schema) {
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const open = schema.exclusiveMinimum;
  const low = schema.minimum ?? open;
  if (high === undefined || low === undefined) return null;
  if (schema.type === "integer") {
    const first = schema.minimum ?? low + 1;
    return high - first <= 32 ? Array.from({ length: high - first + 1 }, (_, i) => first + i) : null;
  }
  if (high > 4 && low >= 0) return rungs(Math.max(low, 0.125), Math.min(high, 4));
  const step = (high - low) / 100;
  const count = Array.from({ length: 101 }, (_, i) => Number((low + i * step).toPrecision(6)));
  return count.filter((value) => (open === undefined || value > open) && (schema.exclusiveMaximum === undefined || value < high));
}

/**
 * @param {number[]} values
 * @param {number} value
 */
const nearest = (values, value) =>
  values.reduce((best, candidate, i) => (Math.abs(candidate - value) < Math.abs((values[best] ?? 0) - value) ? i : best), 0);

/**
 * @param {object} options
 * @param {Schema} options.schema
 * @param {number | null} options.value
 * @param {boolean} options.nullable
 * @param {boolean} options.slider
 * @param {Record<string, string>} options.attributes  id, aria-… of the box
 * @param {string} options.label
 * @param {(value: number | null) => void} options.onChange
 */
export function numberControl({ schema, value, nullable, slider, attributes, label, onChange }) {
  const whole = schema.type === "integer";
  const box = h("input", {
    ...attributes,
    type: "number",
    class: "box number",
    inputmode: whole ? "numeric" : "decimal",
    step: whole ? 1 : "any",
    min: schema.minimum ?? schema.exclusiveMinimum,
    max: schema.maximum ?? schema.exclusiveMaximum,
    placeholder: nullable ? "auto" : null,
    value: value ?? "",
    oninput: () => {
      if (box.value === "") {
        if (nullable) onChange(null);
        return;
      }
      follow(box.valueAsNumber);
      if (Number.isFinite(box.valueAsNumber)) onChange(box.valueAsNumber);
    },
    // A box left empty shows again what is in force.
    onblur: () => {
      if (box.value === "" && !nullable && value !== null) box.value = String(value);
    },
  });

  const values = slider && !nullable ? stops(schema) : null;
  const range =
    values &&
    h("input", {
      type: "range",
      class: "slider",
      min: 0,
      max: values.length - 1,
      step: 1,
      "aria-label": label,
      "aria-valuetext": String(value),
      oninput: () => {
        const chosen = values[Number(/** @type {HTMLInputElement} */ (range).value)] ?? 0;
        box.value = String(chosen);
        follow(chosen);
        onChange(chosen);
      },
    });

  /** @param {number} number */
  function follow(number) {
    if (Number.isFinite(number)) value = number;
    if (!range || !values || !Number.isFinite(number)) return;
    range.value = String(nearest(values, number));
    range.setAttribute("aria-valuetext", String(number));
    range.style.setProperty("--at", String(Number(range.value) / Math.max(1, values.length - 1)));
  }
  if (value !== null) follow(value);
  if (range) return h("div", { class: "number-row" }, range, box);

  const high = schema.maximum ?? Infinity;
  if (whole && slider && !nullable && (schema.minimum ?? 0) >= 1) {
    const step = /** @param {number} factor */ (factor) => () => {
      const next = Math.min(high, Math.max(schema.minimum ?? 1, Math.round((value ?? 1) * factor)));
      box.value = String(next);
      value = next;
      onChange(next);
    };
    return h(
      "div",
      { class: "number-row stepper" },
      h("button", { type: "button", class: "square", "aria-label": `Halve ${label}`, title: "Halve", onclick: step(0.5) }, icon("minus")),
      box,
      h("button", { type: "button", class: "square", "aria-label": `Double ${label}`, title: "Double", onclick: step(2) }, icon("plus")),
    );
  }
  return h("div", { class: "number-row" }, box);
}
