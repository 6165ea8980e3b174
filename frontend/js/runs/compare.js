// Two or more runs side by side.

import { api } from "../api.js";
import { h, put } from "../dom.js";
import { exact, interval, percent } from "../format.js";
import { icon } from "../icons.js";
import { latest } from "../later.js";
import { differs } from "../store.js";
import { costText, optionWords, recipeWords, stepWords, viewOf } from "../variant.js";
import { chip } from "./chip.js";
import { against, milliseconds, setting, spread, telling } from "./measures.js";

/** @typedef {import("../types.js").Run} Run */
/** @typedef {import("../app.js").App} App */
/** @typedef {{title: string, cell: (run: Run, first: Run) => (Node | string)[], rank?: (run: Run, shown: Run[]) => number | undefined, tells?: (shown: Run[]) => boolean}} Line  tells: whether it has a row */

/**
 * @param {App} app
 * @returns {HTMLElement}
 */
export function compareTable(app) {
  const { store, live, catalog } = app;
  /** @type {Map<string, Run | null>} null where a run is gone */
  const runs = new Map();
  const holder = h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Comparison table" });
  const clear = h("button", { type: "button", class: "small", onclick: () => store.set({ compare: [] }, { push: true }) }, "Clear");
  const element = h("section", { class: "panel compare", "aria-labelledby": "compare-title", "data-testid": "compare" }, h("div", { class: "panel-head" }, h("h2", { id: "compare-title" }, "Comparison"), h("span", { class: "push" }), clear), holder);

  /** @type {Line[]} */
  const lines = [
    { title: "State", cell: (run) => [chip(run.state)] },
    { title: "Top-1", cell: (run) => [percent(run.metrics?.top1.value, 2)], rank: (run) => (run.metrics ? -run.metrics.top1.value : undefined) },
    { title: "95 % interval", cell: (run) => [run.metrics ? interval(run.metrics.top1) : "–"] },
    { title: "Test loss", cell: (run) => [run.metrics?.loss === undefined ? "–" : run.metrics.loss.toFixed(4)], rank: (run) => run.metrics?.loss },
    ...catalog.costs.map(({ key, title, unit }) => ({
      title,
      cell: (/** @type {Run} */ run, /** @type {Run} */ first) => against(run.cost[key], run === first ? null : first.cost[key], (value) => costText(value, unit)),
      rank: (/** @type {Run} */ run) => run.cost[key] ?? undefined,
      tells: (/** @type {Run[]} */ shown) => shown.some(({ cost }) => telling(key, cost)),
    })),
    ...catalog.scores.map(({ key, title }) => ({
      title,
      cell: (/** @type {Run} */ run, /** @type {Run} */ first) => against(run.scores[key], run === first ? null : first.scores[key], (value) => costText(value, "score")),
      rank: (/** @type {Run} */ run) => run.scores[key],
      tells: (/** @type {Run[]} */ shown) => shown.some(({ scores }) => key in scores),
    })),
    {
      title: "Latency",
      cell: (run, first) => {
        const latency = run.metrics?.latency;
        return latency ? [...against(latency.median_ms, run === first || !alike([run, first]) ? null : first.metrics?.latency?.median_ms, milliseconds), h("span", { class: "about" }, `${spread(latency)}; ${setting(latency)}`)] : ["–"];
      },
      rank: (run, shown) => (alike(shown) ? run.metrics?.latency?.median_ms : undefined),
    },
    { title: "Data set", cell: (run) => [catalog.datasets.find(({ name }) => name === run.variant.dataset)?.title ?? run.variant.dataset] },
    { title: "Architecture", cell: (run) => [h("span", null, catalog.architectures.find(({ name }) => name === run.variant.architecture.name)?.title ?? run.variant.architecture.name, h("span", { class: "about" }, optionWords(viewOf(run.variant, catalog).arch ?? run.variant.architecture)))] },
    { title: "Steps", cell: (run) => (run.variant.steps.length ? [h("ol", { class: "plain" }, run.variant.steps.map((step) => h("li", null, stepWords(step, catalog))))] : ["none"]) },
    { title: "Recipe", cell: (run) => [recipeWords(run.variant)] },
    { title: "Training", cell: (run) => [run.metrics?.train_images_per_second ? `${exact(Math.round(run.metrics.train_images_per_second))} images/s` : "–"] },
  ];

  const load = latest(async (/** @type {boolean} */ anew) => {
    const missing = store.view.compare.filter((id) => anew || !runs.has(id));
    await Promise.all(missing.map(async (id) => runs.set(id, await api.run(id).catch(() => null))));
    draw();
  }, 300);

  function draw() {
    const ids = store.view.compare;
    element.hidden = ids.length < 2;
    if (element.hidden) return;
    const shown = /** @type {Run[]} */ (ids.map((id) => runs.get(id)).filter(Boolean));
    const first = shown[0];
    if (!first) {
      put(holder, h("div", { class: "empty" }, h("p", null, ids.every((id) => runs.has(id)) ? "These runs no longer exist." : "Loading…")));
      return;
    }
    const head = shown.map((run) =>
      h("th", { scope: "col" }, h("span", { class: "compare-head" }, run.label, h("button", { type: "button", class: "square quiet", "aria-label": `Leave out ${run.label}`, onclick: () => store.set({ compare: ids.filter((id) => id !== run.id) }) }, icon("close")))),
    );
    const body = lines.filter(({ tells }) => tells?.(shown) ?? true).map(({ title, cell, rank }) => {
      const ranks = shown.map((run) => rank?.(run, shown));
      const known = /** @type {number[]} */ (ranks.filter((value) => value !== undefined));
      const best = Math.min(...known);
      const contest = known.length > 1 && new Set(known).size > 1;
      return h("tr", null, h("th", { scope: "row" }, title), shown.map((run, i) => h("td", { class: contest && ranks[i] === best ? "best" : null }, h("span", { class: "compare-cell" }, cell(run, first), contest && ranks[i] === best ? h("span", { class: "tag" }, "best") : null))));
    });
    put(holder, h("table", { class: "grid" }, h("caption", { class: "sr" }, `${shown.length} runs side by side; changes are against the first`), h("thead", null, h("tr", null, h("td"), head)), h("tbody", null, body)));
  }

  store.subscribe((view, before) => {
    if (!differs(view, before, "compare", "view")) return;
    draw();
    if (view.view === "runs") load(false);
  });
  live.subscribe((event) => {
    if (event.kind === "open" || (event.kind === "state" && store.view.compare.includes(event.data.run_id))) load(true);
  });
  draw();
  load(false);
  return element;
}

/** Whether the runs that were timed were timed alike: other times cannot be compared. @param {Run[]} runs */
const alike = (runs) => new Set(runs.flatMap(({ metrics }) => (metrics?.latency ? [setting(metrics.latency)] : []))).size < 2;
