// One run as a row of the table; kept and updated while the run changes.

import { h, put, say } from "../dom.js";
import { between, change, direction, exact, interval, percent, when } from "../format.js";
import { active } from "../live.js";
import { costText } from "../variant.js";
import { chip } from "./chip.js";
import { progressBar } from "./progress.js";

/** @typedef {import("../types.js").Run} Run */
/** @typedef {import("../app.js").App} App */

/** @type {{title: string, sort?: string, numeric?: boolean}[]} */
export const COLUMNS = [
  { title: "State", sort: "state" },
  { title: "Run" },
  { title: "Top-1", sort: "top1", numeric: true },
  { title: "MACs", sort: "macs", numeric: true },
  { title: "Params", sort: "params", numeric: true },
  { title: "Stored", sort: "bits", numeric: true },
  { title: "Asked", sort: "created_at", numeric: true },
  { title: "Took", sort: "finished_at", numeric: true },
];

/** @type {WeakMap<HTMLElement, (run: Run, selected: boolean, picked: boolean) => void>} */
const updaters = new WeakMap();

/**
 * @param {App} app
 * @param {Run} first
 */
export function makeRow(app, first) {
  const { store, studies, catalog } = app;
  const { id } = first;
  const state = h("td");
  const pick = h("input", { type: "checkbox", onchange: () => {
    const { compare } = store.view;
    store.set({ compare: pick.checked ? [...compare, id] : compare.filter((other) => other !== id) });
  } });
  const label = h("button", { type: "button", class: "link run-link", onclick: () => store.set({ run: store.view.run === id ? null : id }, { push: true }) });
  const about = h("span", { class: "about" });
  const bar = progressBar();
  const name = h("th", { scope: "row" }, label, about, bar.element);
  const top1 = h("td", { class: "num" });
  const costs = ["macs", "params", "bits"].map(() => h("td", { class: "num" }));
  const asked = h("td", { class: "num" });
  const took = h("td", { class: "num" });
  const element = h("tr", { "data-run": id, "data-testid": "run-row" }, h("td", { class: "pick" }, pick), state, name, top1, costs, asked, took);
  // The whole row is a target for the pointer; the keyboard has the button.
  element.addEventListener("click", (event) => {
    if (event.target instanceof Element && !event.target.closest("button, input, a")) label.click();
  });
  let signature = "";

  updaters.set(element, (run, selected, picked) => {
    element.className = selected ? "selected" : "";
    label.setAttribute("aria-expanded", String(selected));
    pick.checked = picked;
    bar.element.hidden = !active(run);
    bar.update(run);
    if (active(run)) say(took, between(run.started_at, null));
    const names = run.study_ids.map((study) => studies.get(study)?.name).filter(Boolean).join(", ");
    const next = JSON.stringify([run.state, run.metrics?.top1, run.finished_at, run.error, names, run.attempt]);
    if (next === signature) return;
    signature = next;
    element.dataset.state = run.state;
    put(state, chip(run.state));
    say(label, run.label);
    pick.setAttribute("aria-label", `Compare ${run.label}`);
    const set = catalog.datasets.find((known) => known.name === run.variant.dataset)?.title ?? run.variant.dataset;
    put(about, run.state === "failed" && run.error ? h("span", { class: "row-error" }, run.error.message) : [set, names].filter(Boolean).join(" · "));
    put(top1, run.metrics ? [h("b", null, percent(run.metrics.top1.value)), h("span", { class: "about" }, interval(run.metrics.top1))] : "–");
    /** @type {const} */ (["macs", "params", "bits"]).forEach((key, i) => {
      const cell = /** @type {HTMLElement} */ (costs[i]);
      const way = direction(run.cost[key], run.baseline[key]);
      cell.title = exact(run.cost[key]);
      put(cell, costText(run.cost[key], key === "bits" ? "bit" : ""), h("span", { class: `about delta ${way}` }, way === "same" ? "" : change(run.cost[key], run.baseline[key])));
    });
    asked.title = run.created_at ?? "";
    say(asked, when(run.created_at));
    if (!active(run)) say(took, between(run.started_at, run.finished_at));
  });
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Run} run
 * @param {boolean} selected
 * @param {boolean} picked
 */
export const updateRow = (element, run, selected, picked) => updaters.get(element)?.(run, selected, picked);
