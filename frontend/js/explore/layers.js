// The network layer by layer, before and after the steps.

import { h, reconcile, say, uid } from "../dom.js";
import { icon } from "../icons.js";
import { afterPaint } from "../later.js";
import { differs } from "../store.js";
import { applyBar } from "./apply.js";
import { COLUMNS, ordered } from "./columns.js";
import { beside } from "./popover.js";
import { room } from "./room.js";
import { makeRow, updateRow } from "./row.js";
import { steppable } from "./selection.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("./row.js").Item} Item */

/** Parts of the MACs that only some networks have. */
const SPECIAL = /** @type {const} */ (["attention_macs", "scan_macs"]);

/**
 * @param {import("../app.js").App} app
 * @param {import("./selection.js").Selection} selection
 * @returns {HTMLElement}
 */
export function layerTable(app, selection) {
  const { store, whatif } = app;
  /** @type {Set<string>} */
  const open = new Set();
  /** Names of the layers that can be selected, as they are shown. @type {string[]} */
  let shown = [];
  const body = h("tbody");
  const every = h("input", { type: "checkbox", "aria-label": "Select all layers", onclick: () => selection.set(every.checked ? shown : []) });
  const heads = [head("name", "Layer", false), ...COLUMNS.map(({ key, title, numeric, value, hint }) => head(key, title, numeric, value !== null, hint)), head("share", "Share", true, true, "The layer's part of all MACs")];
  const all = h("input", { type: "checkbox", class: "switch", onchange: () => store.set({ all: all.checked }) });
  const count = h("span", { class: "muted" });
  const wait = h("div", { class: "skeleton table-skeleton" });
  const table = h("table", { class: "grid layers", "data-testid": "layers" }, h("thead", null, h("tr", null, h("th", { class: "pick" }, every), heads)), body);
  const scroll = h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Layer table" }, table);
  const element = h(
    "section",
    { class: "panel layer-panel", "aria-labelledby": "layers-title" },
    h("div", { class: "panel-head" }, h("h2", { id: "layers-title" }, "Layers"), count, h("span", { class: "push" }), columnChooser(store), h("label", { class: "inline" }, all, "Also layers without MACs")),
    applyBar(app, selection),
    wait,
    scroll,
  );

  /**
   * @param {string} key
   * @param {string} title
   * @param {boolean} numeric
   * @param {boolean} [sorts]
   * @param {string} [hint]
   */
  function head(key, title, numeric, sorts = true, hint) {
    return h("th", { scope: "col", "data-col": key, class: numeric ? "num" : null, title: hint }, sorts ? h("button", { type: "button", class: "sort", onclick: () => sort(key, numeric) }, title) : title);
  }

  /**
   * First click: the large ones first; then the other way; then the network's own order.
   * @param {string} key
   * @param {boolean} numeric
   */
  function sort(key, numeric) {
    const cycle = numeric ? [`-${key}`, key, ""] : [key, `-${key}`, ""];
    store.set({ order: cycle[(cycle.indexOf(store.view.order) + 1) % cycle.length] ?? "" }, { push: true });
  }

  /** @type {import("./row.js").Actions} */
  const actions = {
    toggle(name) {
      if (!open.delete(name)) open.add(name);
      draw();
    },
    pick(name, on, range) {
      if (range) selection.extend(name, on, shown);
      else selection.toggle(name, on);
    },
    walk(name, by) {
      const next = shown[shown.indexOf(name) + by];
      /** @type {HTMLElement | null} */ (next === undefined ? null : rowOf(next)?.querySelector(".pick input"))?.focus();
    },
  };

  /** @param {string} name */
  const rowOf = (name) => body.querySelector(`tr[data-layer="${CSS.escape(name)}"]`);

  /** @param {LayerRow} row @returns {Item[]} */
  function items(row) {
    const own = { key: row.name, kind: /** @type {const} */ ("layer"), row, shown: row };
    if (!open.has(row.name)) return [own];
    const many = row.parts.length > 1 || (row.parts[0] && row.parts[0].name !== row.name);
    const parts = many ? row.parts.map((part, i) => ({ key: `${row.name}#${i}`, kind: /** @type {const} */ ("part"), row, shown: part })) : [];
    return [own, ...parts, { key: `${row.name}#`, kind: /** @type {const} */ ("detail"), row, shown: row }];
  }

  function draw() {
    const { result, error } = whatif;
    const { view } = store;
    all.checked = view.all;
    wait.hidden = result !== null || error !== null;
    scroll.hidden = result === null;
    element.classList.toggle("stale", error !== null);
    for (const head of heads) {
      if (view.order.replace(/^-/, "") === head.dataset.col) head.setAttribute("aria-sort", view.order.startsWith("-") ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    if (!result) return say(count, error ? "Known as soon as the variant is possible" : "");
    const layers = result.layers ?? [];
    const rows = ordered(layers.filter((row) => view.all || row.macs > 0 || row.baseline.macs > 0), view.order);
    const changed = layers.filter((row) => row.steps.length).length;
    say(count, `${error ? "Of the last possible variant: " : ""}${rows.length} shown${changed ? `, ${changed} changed by steps` : ""}`);
    shown = rows.filter(steppable).map(({ name }) => name);
    const picked = new Set(selection.names);
    every.checked = shown.length > 0 && shown.every((name) => picked.has(name));
    every.indeterminate = picked.size > 0 && !every.checked;
    const state = { total: result.cost.macs, open, picked };
    reconcile(body, rows.flatMap(items), ({ key }) => key, (item) => makeRow(item, actions), (row, item) => updateRow(row, item, state));
    fit();
  }

  const fitting = room(scroll, heads, hide);

  /** @param {string[]} keys */
  function hide(keys) {
    const name = ["grid layers", ...keys.map((key) => `no-${key}`)].join(" ");
    if (table.className !== name) table.className = name;
  }

  /** Shows the columns that a person wants, or those that there is something to say in and room for. */
  function fit() {
    const { result } = whatif;
    const { cols } = store.view;
    const special = SPECIAL.filter((key) => (result?.cost[key] ?? 0) > 0);
    if (cols) hide(COLUMNS.map(({ key }) => key).filter((key) => !cols.includes(key)));
    else fitting(shown.join(), COLUMNS.filter(({ key, spare }) => spare && !special.some((own) => own === key)).map(({ key }) => key));
  }

  /** Brings the row of a layer that was selected elsewhere into sight, without moving the page. @param {string} name */
  function reveal(name) {
    const row = /** @type {HTMLElement | null} */ (rowOf(name));
    if (!row || element.contains(document.activeElement)) return;
    const below = row.offsetTop + row.offsetHeight - scroll.clientHeight;
    const head = /** @type {HTMLElement} */ (table.tHead).offsetHeight;
    if (row.offsetTop - head < scroll.scrollTop) scroll.scrollTop = row.offsetTop - head;
    else if (below > scroll.scrollTop) scroll.scrollTop = below;
  }

  let width = 0;
  let frame = 0;
  new ResizeObserver(() => {
    if (scroll.clientWidth === width) return;
    width = scroll.clientWidth;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(fit);
  }).observe(scroll);
  // The numbers on the cards are painted first, the rows a frame later.
  whatif.subscribe(afterPaint(draw));
  store.subscribe((view, before) => {
    if (differs(view, before, "all", "order", "pick", "cols")) draw();
    const [added] = view.pick.filter((name) => !before.pick.includes(name));
    if (added !== undefined && view.pick.length === before.pick.length + 1) reveal(added);
  });
  draw();
  return element;
}

/**
 * Which columns are shown: as many as fit, or those a person wants.
 * @param {import("../store.js").Store} store
 */
function columnChooser(store) {
  const id = uid("columns");
  const usual = COLUMNS.filter(({ spare }) => !spare).map(({ key }) => key);
  const boxes = COLUMNS.map(({ key, title, hint }) => {
    const box = h("input", {
      type: "checkbox",
      onchange: () => {
        const now = new Set(store.view.cols ?? usual);
        if (!now.delete(key)) now.add(key);
        store.set({ cols: COLUMNS.map((column) => column.key).filter((known) => now.has(known)) });
      },
    });
    return { key, box, label: h("label", { class: "inline", title: hint }, box, title) };
  });
  const automatic = h("button", { type: "button", class: "small", onclick: () => store.set({ cols: null }) }, "As many as fit");
  const panel = h("div", { id, class: "popover menu columns", popover: "auto", role: "group", "aria-label": "Columns" }, boxes.map(({ label }) => label), automatic);
  const button = h("button", { type: "button", class: "small", popovertarget: id, "data-testid": "columns" }, "Columns", icon("unfold"));
  panel.addEventListener("beforetoggle", () => beside(panel, button));
  const follow = () => {
    const now = store.view.cols ?? usual;
    for (const { key, box } of boxes) box.checked = now.includes(key);
    automatic.disabled = store.view.cols === null;
  };
  store.subscribe((view, before) => {
    if (differs(view, before, "cols")) follow();
  });
  follow();
  return h("span", { class: "menu-holder" }, button, panel);
}
