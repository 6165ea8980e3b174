// The network layer by layer, before and after the steps.

import { h, put, reconcile, say } from "../dom.js";
import { amount, change, direction, exact, percent, times, words } from "../format.js";
import { icon } from "../icons.js";
import { differs } from "../store.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").LayerPart} LayerPart */

/** @type {{key: string, title: string, hint?: string, value: ((row: LayerRow) => number | string) | null, numeric: boolean}[]} */
const COLUMNS = [
  { key: "name", title: "Layer", value: (row) => row.name, numeric: false },
  { key: "type", title: "Type", value: (row) => row.type, numeric: false },
  { key: "kernel", title: "Kernel", value: (row) => area(row.kernel), numeric: true },
  { key: "stride", title: "Stride", value: (row) => area(row.stride), numeric: true },
  { key: "groups", title: "Groups", value: (row) => row.groups ?? 0, numeric: true },
  { key: "shape", title: "In → out", value: null, numeric: true },
  { key: "params", title: "Params", value: (row) => row.params, numeric: true },
  { key: "bits", title: "Stored bits", value: (row) => row.bits, numeric: true },
  { key: "macs", title: "MACs", value: (row) => row.macs, numeric: true },
  { key: "change", title: "Change", hint: "Change of the layer's MACs", value: (row) => row.macs / Math.max(1, row.baseline.macs), numeric: true },
  { key: "share", title: "Share", hint: "The layer's part of all MACs", value: (row) => row.macs, numeric: true },
];

/** @param {number[] | null} dims */
const area = (dims) => (dims ?? []).reduce((product, side) => product * side, dims ? 1 : 0);

/**
 * @param {App} app
 * @returns {HTMLElement}
 */
export function layerTable({ store, whatif }) {
  /** @type {Set<string>} */
  const open = new Set();
  const body = h("tbody");
  const heads = COLUMNS.map(({ key, title, hint, value, numeric }) =>
    h("th", { scope: "col", "data-column": key, class: numeric ? "num" : null, title: hint }, value ? h("button", { type: "button", class: "sort", onclick: () => sort(key, numeric) }, title) : title),
  );
  const all = h("input", { type: "checkbox", class: "switch", onchange: () => store.set({ all: all.checked }) });
  const count = h("span", { class: "muted" });
  const wait = h("div", { class: "skeleton table-skeleton" });
  const scroll = h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Layer table" }, h("table", { class: "grid layers", "data-testid": "layers" }, h("thead", null, h("tr", null, heads)), body));
  const element = h(
    "section",
    { class: "panel layer-panel", "aria-labelledby": "layers-title" },
    h("div", { class: "panel-head" }, h("h2", { id: "layers-title" }, "Layers"), count, h("span", { class: "push" }), h("label", { class: "inline" }, all, "Also layers without MACs")),
    wait,
    scroll,
  );

  /**
   * First click: the large ones first; then the other way; then the network's own order.
   * @param {string} key
   * @param {boolean} numeric
   */
  function sort(key, numeric) {
    const cycle = numeric ? [`-${key}`, key, ""] : [key, `-${key}`, ""];
    store.set({ order: cycle[(cycle.indexOf(store.view.order) + 1) % cycle.length] ?? "" }, { push: true });
  }

  /** @param {LayerRow[]} rows */
  function ordered(rows) {
    const { order } = store.view;
    const { value } = COLUMNS.find(({ key }) => key === order.replace(/^-/, "")) ?? {};
    if (!value) return rows;
    const sign = order.startsWith("-") ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true }));
    });
  }

  function draw() {
    const { result, error } = whatif;
    const { view } = store;
    all.checked = view.all;
    wait.hidden = result !== null || error !== null;
    scroll.hidden = result === null;
    element.classList.toggle("stale", error !== null);
    for (const head of heads) {
      const key = head.dataset.column ?? "";
      if (view.order.replace(/^-/, "") === key) head.setAttribute("aria-sort", view.order.startsWith("-") ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    if (!result) return say(count, error ? "Known as soon as the variant is possible" : "");
    const rows = result.layers.filter((row) => view.all || row.macs > 0 || row.baseline.macs > 0);
    const changed = result.layers.filter((row) => row.steps.length).length;
    say(count, `${error ? "Of the last possible variant: " : ""}${rows.length} shown${changed ? `, ${changed} changed by steps` : ""}`);
    const total = result.cost.macs;
    const items = ordered(rows).flatMap((row) => [
      { key: row.name, row, part: /** @type {LayerPart | null} */ (null) },
      ...(open.has(row.name) ? row.parts.map((part, i) => ({ key: `${row.name}#${i}`, row, part: /** @type {LayerPart | null} */ (part) })) : []),
    ]);
    reconcile(body, items, ({ key }) => key, () => h("tr"), (element, { row, part }) => {
      const signature = JSON.stringify([part ?? row, part ? "" : open.has(row.name), total]);
      if (element.dataset.signature === signature) return;
      element.dataset.signature = signature;
      const had = element.contains(document.activeElement);
      fill(element, row, part, total);
      if (had) element.querySelector("button")?.focus();
    });
  }

  /**
   * @param {HTMLElement} element
   * @param {LayerRow} row
   * @param {LayerPart | null} part
   * @param {number} total
   */
  function fill(element, row, part, total) {
    const shown = part ?? row;
    const changed = !part && row.steps.length > 0;
    const expandable = !part && changed && (row.parts.length > 1 || row.parts[0]?.name !== row.name);
    element.className = part ? "part" : changed ? "changed" : "";
    const share = total ? shown.macs / total : 0;
    const name = part ? part.name.replace(`${row.name}.`, "") : row.name;
    put(
      element,
      h(
        "th",
        { scope: "row" },
        expandable
          ? h("button", { type: "button", class: "expand", "aria-expanded": String(open.has(row.name)), "aria-label": `${row.name}, its parts`, onclick: () => toggle(row.name) }, icon("right"), name)
          : h("span", { class: "layer-name" }, name),
      ),
      h("td", null, words(shown.type), changed ? h("span", { class: "tags" }, row.steps.map((kind) => h("span", { class: "tag" }, kind.replace(/_/g, " ")))) : null),
      number(times(shown.kernel)),
      number(times(shown.stride)),
      number(shown.groups === null ? "–" : exact(shown.groups)),
      h("td", { class: "num shape" }, times(shown.in_shape), " → ", times(shown.out_shape)),
      cost(shown.params, part ? null : row.baseline.params),
      cost(shown.bits, part ? null : row.baseline.bits),
      cost(shown.macs, part ? null : row.baseline.macs),
      part || row.macs === row.baseline.macs ? number(part ? "" : "–") : h("td", { class: `num delta ${direction(row.macs, row.baseline.macs)}` }, change(row.macs, row.baseline.macs)),
      h("td", { class: "num share" }, shown.macs ? percent(share) : "–", shown.macs ? meter(share) : null),
    );
  }

  /** @param {string} name */
  function toggle(name) {
    if (!open.delete(name)) open.add(name);
    draw();
  }

  whatif.subscribe(draw);
  store.subscribe((view, before) => {
    if (differs(view, before, "all", "order")) draw();
  });
  draw();
  return element;
}

/** @param {string} text */
const number = (text) => h("td", { class: "num" }, text);

/**
 * @param {number} after
 * @param {number | null} before
 */
const cost = (after, before) =>
  h("td", { class: "num", title: before !== null && before !== after ? `${exact(before)} before, ${exact(after)} after` : exact(after) }, amount(after), before !== null && before !== after ? h("span", { class: "about" }, `from ${amount(before)}`) : null);

/** @param {number} share */
function meter(share) {
  const fill = h("span", { class: "meter-fill", style: { "--share": share } });
  return h("span", { class: "meter", "aria-hidden": "true" }, fill);
}
