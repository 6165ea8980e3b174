// Kernels that can be divided into a column and a row, and those that cannot.

import { api, ApiError } from "../api.js";
import { h, put, say } from "../dom.js";
import { percent, plural } from "../format.js";
import { latest } from "../later.js";
import { differs } from "../store.js";
import { examples } from "./fields.js";
import { drawing, largest, spoken, still } from "./grid.js";
import { plain } from "./text.js";

/** @typedef {import("./types.js").Decomposition} Decomposition */
/** @typedef {import("./types.js").Reconstruction} Reconstruction */
/** @typedef {import("./types.js").Lecture} Lecture */

const SIZES = [3, 5];
const BRUSHES = [-2, -1, 0, 1, 2];
const MOST_RANKS = 3;

/**
 * @param {import("../app.js").App} app
 * @param {Lecture} lecture
 * @returns {HTMLElement}
 */
export function kernelBench({ store }, lecture) {
  const first = /** @type {import("./types.js").KernelExample} */ (lecture.kernels[0]).values;
  const kernel = () => store.view.learnKernel ?? first;
  /** @param {number[][]} values */
  const change = (values) => store.set({ learnKernel: JSON.stringify(values) === JSON.stringify(first) ? null : values });

  const tries = examples("Kernels", lecture.kernels, change);
  const seed = h("input", { type: "number", class: "box number", min: 0, step: 1, value: 1, "aria-label": "Seed of the random kernel", oninput: () => shuffle(0) });
  const shuffle = (/** @type {number} */ step) => {
    const next = Math.max(0, Math.round(seed.valueAsNumber || 0) + step);
    if (step) seed.value = String(next);
    change(random(kernel().length, next));
  };
  const dice = h("span", { class: "dice" }, h("button", { type: "button", class: "small", title: "Another one at each click", onclick: () => shuffle(1) }, "Random"), h("label", { class: "inline" }, "seed", seed));
  const grid = drawing(change);
  const sizes = SIZES.map((size) => h("button", { type: "button", onclick: () => change(resized(kernel(), size)) }, `${size}×${size}`));
  const brushes = BRUSHES.map((value) => h("button", { type: "button", onclick: () => take(value) }, plain(value)));
  const problem = h("div", { class: "problems", role: "status" });
  const verdict = h("p", { class: "verdict", role: "status", "data-testid": "verdict" });
  const values = h("div", { class: "singular" });
  const ranks = h("ol", { class: "ranks", "data-testid": "ranks" });
  const result = h("div", { class: "kernel-result" }, verdict, values, ranks);

  /** @param {number} value */
  function take(value) {
    grid.setBrush(value);
    brushes.forEach((button, i) => button.setAttribute("aria-pressed", String(BRUSHES[i] === value)));
  }

  const load = latest(async () => {
    const asked = kernel();
    try {
      const found = await api.divide(asked);
      if (JSON.stringify(asked) !== JSON.stringify(kernel())) return;
      put(problem);
      result.classList.remove("stale");
      show(asked, found);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const told = error.details.map(({ loc: [, row, column], message }) => (column === undefined ? message : `Row ${Number(row) + 1}, column ${Number(column) + 1}: ${message}.`));
      put(problem, (told.length ? told : [error.message]).map((text) => h("p", { class: "problem" }, text)));
      result.classList.add("stale");
    }
  });

  /**
   * @param {number[][]} asked
   * @param {Decomposition} found
   */
  function show(asked, found) {
    const most = largest(asked);
    say(verdict, judged(found));
    const top = found.singular_values[0] || 1;
    put(
      values,
      h("h3", null, "Singular values"),
      found.singular_values.map((value, i) =>
        h("div", { class: "singular-row" }, h("span", null, "σ", h("sub", null, String(i + 1))), h("span", { class: "way-bar", "aria-hidden": "true" }, h("span", { class: "way-fill", style: { "--share": value / top } })), h("span", { class: "num" }, root(value))),
      ),
    );
    const shown = found.reconstructions.slice(0, MOST_RANKS);
    put(ranks, shown.filter(({ rank }) => rank <= found.rank).map((reconstruction) => card(reconstruction, found, most)), beyond(found.rank, shown.length));
  }

  function fill() {
    const values = kernel();
    grid.show(values);
    tries.mark(values);
    sizes.forEach((button, i) => button.setAttribute("aria-pressed", String(values.length === SIZES[i] && values[0]?.length === SIZES[i])));
  }

  store.subscribe((view, before) => {
    if (!differs(view, before, "learnKernel")) return;
    fill();
    load();
  });
  take(1);
  fill();
  load();
  return h(
    "div",
    { class: "panel learn-panel" },
    h("div", { class: "examples-row" }, tries.element, dice),
    h(
      "div",
      { class: "kernel-board" },
      h(
        "div",
        { class: "kernel-side" },
        h("div", { class: "segments", role: "group", "aria-label": "Size" }, sizes),
        grid.element,
        h("div", { class: "brushes" }, h("span", { class: "muted" }, "Drag to paint"), h("div", { class: "segments", role: "group", "aria-label": "Number to paint" }, brushes)),
        problem,
      ),
      result,
    ),
  );
}

/** @param {Decomposition} found */
function judged({ rank, params, reconstructions }) {
  const [first] = reconstructions;
  if (!first || rank === 0) return "A kernel of zeros: there is nothing to divide.";
  if (rank === 1) return `This kernel can be divided: one column times one row gives it exactly, with ${plural(first.params, "number")} instead of ${params}.`;
  return `Not all kernels can be divided. This one is a sum of ${rank} products of a column and a row; the best single one misses ${percent(first.error)} of it.`;
}

/**
 * @param {Reconstruction} reconstruction
 * @param {Decomposition} whole
 * @param {number} most
 */
function card({ rank, values, factors, error, energy, params }, whole, most) {
  const term = factors[rank - 1];
  return h(
    "li",
    { class: "rank", "data-rank": rank },
    h("h3", null, `Rank ${rank}`, rank === whole.rank ? h("span", { class: "tag" }, "exact") : null),
    h(
      "div",
      { class: "rank-picture" },
      term ? product(term, rank) : null,
      h("span", { class: "product-sign" }, rank > 1 ? "→" : "="),
      still(values, { most, label: `${rank > 1 ? `Sum of ${rank} products` : "Product"}: ${spoken(values)}`, className: "sum" }),
    ),
    h(
      "dl",
      { class: "rank-facts" },
      h("div", null, h("dt", null, "Relative error"), h("dd", null, percent(error))),
      h("div", null, h("dt", null, "Energy kept"), h("dd", null, percent(energy))),
      h("div", null, h("dt", null, "Numbers"), h("dd", { class: params < whole.params ? "delta less" : "delta more" }, `${params} instead of ${whole.params}`)),
    ),
  );
}

/**
 * A column times a row.
 * @param {import("./types.js").Factors} factors
 * @param {number} rank
 */
function product({ column, row }, rank) {
  return h(
    "div",
    { class: "product" },
    h("span", { class: "product-sign" }, rank > 1 ? "+" : ""),
    still(column.map((value) => [value]), { className: "vector", label: `Column ${spoken([column])}` }),
    h("span", { class: "product-sign" }, "×"),
    still([row], { className: "vector", label: `Row ${spoken([row])}` }),
  );
}

/**
 * @param {number} rank  of the kernel
 * @param {number} most  products that are shown, or would be
 */
function beyond(rank, most) {
  if (rank >= most) return null;
  const ranks = Array.from({ length: most - Math.max(rank, 0) }, (_, i) => String(rank + 1 + i));
  return h("li", { class: "rank none" }, `${ranks.length > 1 ? `Ranks ${ranks.join(" and ")} have` : `Rank ${ranks[0]} has`} nothing to add: the error is 0 already.`);
}

/**
 * A singular value; as a root where it is one of a whole number.
 * @param {number} value
 */
function root(value) {
  const square = Math.round(value * value);
  const whole = Math.abs(value * value - square) < 1e-9 * square && Math.abs(value - Math.round(value)) > 1e-9;
  return `${whole ? `√${square} = ` : ""}${plain(value, 5)}`;
}

/**
 * The kernel in the middle of one of another size.
 * @param {number[][]} values
 * @param {number} size
 */
function resized(values, size) {
  const [up, left] = [Math.floor((size - values.length) / 2), Math.floor((size - (values[0]?.length ?? 0)) / 2)];
  return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => values[y - up]?.[x - left] ?? 0));
}

/**
 * Whole numbers from −4 to 4, the same for the same seed (mulberry32).
 * @param {number} size
 * @param {number} seed
 */
function random(size, seed) {
  let state = seed * 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: size }, () => Array.from({ length: size }, () => Math.floor(next() * 9) - 4));
}
