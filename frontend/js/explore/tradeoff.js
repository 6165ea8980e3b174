// Accuracy against cost for the runs of a study, with the variant under edit as a line that moves.

import { api, ApiError } from "../api.js";
import { Chart } from "../chart.js";
import { h, put, say } from "../dom.js";
import { points, references } from "../figure.js";
import { percent, plural } from "../format.js";
import { icon } from "../icons.js";
import { afterPaint, latest } from "../later.js";
import { changesList } from "../live.js";
import { onTheme, theme, token } from "../shell/theme.js";
import { differs } from "../store.js";
import { tally } from "../studies.js";
import { axes, axisOf, costText, LATENCY } from "../variant.js";
import { twin } from "./twin.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").WhatIf} WhatIf */

/** Published results that can be laid over the chart, by data set. @type {{refs: import("../types.js").View["refs"], title: string}[]} */
const REFERENCES = [
  { refs: "none", title: "None" },
  { refs: "imagenet", title: "ImageNet" },
  { refs: "cifar10", title: "CIFAR-10" },
  { refs: "cifar100", title: "CIFAR-100" },
];

const HINT = "paretoscope.hint";
const REST = 3; // times as long as the line took to move, it stays

/**
 * @param {App} app
 * @returns {HTMLElement}
 */
export function tradeoff(app) {
  const { store, studies, live, whatif, known, catalog } = app;
  /** @type {import("../figure.js").Point[]} */
  let found = [];
  /** @type {import("../figure.js").Reference[]} */
  let published = [];
  /** The data set that `published` is about. */
  let about = store.view.refs;
  /** How many finished runs have no place on the axis. */
  let without = 0;
  let drawn = "";
  /** The axis that `found` is about: behind the view's while a figure is on its way. */
  let axis = store.view.x;

  const plot = h("div", { class: "plot", "data-testid": "tradeoff-chart", "aria-hidden": "true" });
  const chart = new Chart(plot, { onClick: (data) => select(Array.isArray(data) ? data[0] : data) });
  const table = twin(select);
  const summary = h("p", { class: "sr", id: "tradeoff-summary", "aria-live": "polite" });
  const empty = h("div", { class: "empty" });
  const progress = h("div", { class: "study-progress", "data-testid": "study-progress", role: "status" });
  const picker = h("select", { class: "box", "aria-label": "Study", "data-testid": "study", onchange: () => store.set({ study: picker.value || null, run: null }, { push: true }) });

  const other = h("p", { class: "hint other" });
  const elsewhere = h("p", { class: "hint other", "data-testid": "reference-note" });
  const axisPicker = h(
    "select",
    { class: "box", "data-testid": "axis", "aria-label": "Cost axis", onchange: () => store.set({ x: axisPicker.value }, { push: true }) },
    axes(catalog).filter(({ options }) => options.length).map(({ title, options }) => h("optgroup", { label: title }, options.map(({ key, title }) => h("option", { value: key }, title)))),
  );
  const refPicker = h(
    "select",
    { class: "box", "data-testid": "references", "aria-label": "Published results", onchange: () => store.set({ refs: REFERENCES.find(({ refs }) => refs === refPicker.value)?.refs ?? "none" }, { push: true }) },
    REFERENCES.map(({ refs, title }) => h("option", { value: refs }, title)),
  );
  const log = h("input", { type: "checkbox", class: "switch", onchange: () => store.set({ log: log.checked }, { push: true }) });
  const shown = h("button", { type: "button", class: "small", "data-testid": "toggle-table", onclick: () => store.set({ shown: store.view.shown === "chart" ? "table" : "chart" }, { push: true }) });
  const save = h("button", { type: "button", class: "square quiet", title: "Save the chart as PNG", "aria-label": "Save the chart as PNG", onclick: () => void chart.save("paretoscope-tradeoff") }, icon("download"));
  const hint = h(
    "p",
    { class: "hint" },
    h("span", null, "Each point is a trained run; further up and left is better. The orange line is the variant you are editing: train it to see where it lands.", matchMedia("(hover: none)").matches ? " Tap a point to see its run." : " Drag over the chart to zoom in, double-click to zoom out."),
    h("button", { type: "button", class: "square quiet", "aria-label": "Hide this hint", onclick: () => { localStorage.setItem(HINT, "seen"); hint.remove(); } }, icon("close")),
  );

  /** @param {unknown} id */
  function select(id) {
    if (typeof id === "string") store.set({ run: store.view.run === id ? null : id }, { push: true });
  }

  /** @type {() => void} */
  const refresh = latest(async () => {
    const { study, x, log: logarithmic, refs } = store.view;
    if (!study) {
      found = published = [];
      chart.clear();
      drawn = "";
      return paint();
    }
    try {
      const figure = await api.tradeoff({ study, x, log: logarithmic, theme: theme(), references: refs });
      if (study !== store.view.study) return refresh();
      found = points(figure);
      published = references(figure);
      about = refs;
      without = figure.layout?.meta?.without ?? 0;
      axis = x;
      if (found.length) {
        // In the place of what stood there, not above it; where the table is shown, the chart is drawn out of sight.
        plot.hidden = store.view.shown === "table";
        empty.hidden = true;
        await chart.draw(figure);
      }
      drawn = study;
      plot.classList.remove("stale");
      paint();
    } catch (error) {
      plot.classList.add("stale");
      if (error instanceof ApiError && error.status !== 0) paint(error.message);
      else if (!(error instanceof ApiError)) paint(error instanceof Error ? error.message : String(error));
    }
  }, 300);

  /** @param {string} [failure] */
  function paint(failure) {
    const { view } = store;
    const study = studies.get(view.study);
    const { title, unit } = axisOf(catalog, axis);
    const asTable = view.shown === "table";
    const nothing = failure !== undefined || found.length === 0;
    plot.hidden = asTable || nothing;
    save.hidden = plot.hidden;
    table.element.hidden = !asTable || nothing;
    empty.hidden = !nothing;
    put(shown, asTable ? "Show chart" : "Show table");
    log.checked = view.log;
    axisPicker.value = view.x;
    refPicker.value = view.refs;
    put(picker, studies.items.map(({ id, name }) => h("option", { value: id }, name)), study ? null : h("option", { value: view.study ?? "" }, view.study ? "Unknown study" : "No study yet"));
    picker.value = view.study ?? "";
    if (nothing) put(empty, failure !== undefined ? broken(failure) : studies.loaded && (drawn || !view.study) ? blank(study) : h("div", { class: "skeleton chart-skeleton" }));
    else {
      table.draw(found, published, title, unit, view.run);
      const best = found.reduce((a, b) => (b.top1 > a.top1 ? b : a));
      const fronts = found.filter((point) => point.front).length;
      say(summary, `${plural(found.length, "finished run")} in ${study?.name ?? "this study"}, ${fronts} on the Pareto front. Best top-1 ${percent(best.top1)}: ${best.label}.${published.length ? ` ${plural(published.length, "published result")} beside them.` : ""} The table shows them all.`);
    }
    paintProgress(study);
    paintOther(study);
    paintReferences(study);
    mark();
  }

  /** Says where published results are of another data set than the study, or not there. @param {import("../types.js").Study | null} study */
  function paintReferences(study) {
    const { refs } = store.view;
    const title = REFERENCES.find((known) => known.refs === refs)?.title;
    const foreign = study && study.dataset.split("-")[0] !== refs;
    elsewhere.hidden = refs === "none" || refs !== about || !found.length || (published.length > 0 && !foreign);
    if (elsewhere.hidden) return;
    const set = catalog.datasets.find(({ name }) => name === study?.dataset)?.title ?? study?.dataset;
    put(elsewhere, h("span", null, published.length ? `The open marks are published results on ${title}, the runs are on ${set}: accuracies on different data cannot be compared.` : `No published result on ${title} says its ${axisOf(catalog, axis).title.toLowerCase()}.`));
  }

  /** Says why the line of the variant is missing. @param {import("../types.js").Study | null} study */
  function paintOther(study) {
    /** @param {string | null} name */
    const title = (name) => catalog.datasets.find((set) => set.name === name)?.title ?? name;
    const unknown = axis === LATENCY && found.length > 0 && whatif.result !== null && valueAt(whatif.result) === undefined;
    other.hidden = !study || (study.dataset === store.view.data && !unknown);
    if (!study || other.hidden) return;
    if (study.dataset === store.view.data) {
      put(other, h("span", null, "Latency is measured when a variant was trained: the one you are editing has no line yet."));
      return;
    }
    put(other, h("span", null, `This study is on ${title(study.dataset)}, the variant on ${title(store.view.data)}: their costs cannot be compared.`), h("button", { type: "button", class: "small", onclick: () => store.set({ data: study.dataset }, { push: true }) }, `Use ${title(study.dataset)}`));
  }

  /** @param {string} message */
  const broken = (message) => [h("p", null, message), h("button", { type: "button", class: "small", onclick: refresh }, icon("retry"), "Try again")];

  /** @param {import("../types.js").Study | null} study */
  function blank(study) {
    if (study && tally(study).waiting) return [h("h3", null, "Training has begun"), h("p", null, "The first points appear here in a few seconds.")];
    if (without) return [h("h3", null, "No finished run has a place on this axis"), h("p", null, axis === LATENCY ? "Latency is measured when a run ends, on the computer that trained it; these runs ended before that was done." : `For ${without === 1 ? "the one finished run" : `all ${without} finished runs`} it is zero or was not known: try another cost, or a linear axis.`)];
    const failed = study?.counts.failed ?? 0;
    if (failed) return [h("h3", null, `No finished runs yet, ${failed} failed`), h("p", null, "What went wrong stands beside each run."), h("button", { type: "button", class: "small", onclick: () => store.set({ view: "runs", of: study?.id ?? null, state: ["failed"], q: "", after: null }, { push: true }) }, "Show failed runs")];
    return [h("h3", null, "No finished runs yet"), h("p", null, "Train the variant on the left and its point appears here: accuracy upwards, cost to the right.")];
  }

  /** @param {import("../types.js").Study | null} study */
  function paintProgress(study) {
    const count = study && tally(study);
    progress.hidden = !count?.waiting;
    if (!study || !count?.waiting) return;
    const done = count.total - count.waiting;
    put(
      progress,
      h("span", { class: "spinner", "aria-hidden": "true" }),
      h("span", null, h("b", null, study.name), `: ${done} of ${count.total} trained`),
      h("progress", { max: count.total, value: done, "aria-label": `${study.name}, trained` }),
    );
  }

  /** Where the variant under edit stands on the axis, or nothing where that is not known before it was trained. @param {WhatIf} result */
  function valueAt(result) {
    const value = axis === LATENCY ? known.get(result.fingerprint)?.metrics?.latency?.median_ms : (/** @type {Record<string, number>} */ (result.cost)[axis] ?? result.scores[axis]);
    return chart.log && value === 0 ? undefined : value; // nothing has no place on a logarithmic axis
  }

  /** Lays the variant under edit, the plain network and the selected run over the chart. */
  function mark() {
    const { result, error } = whatif;
    if (!found.length) return;
    const { run } = store.view;
    const shapes = [];
    const annotations = [];
    const traces = [];
    const orange = token("--live");
    const at = result && valueAt(result);
    if (result && at !== undefined && at !== null && result.variant.dataset === (studies.get(store.view.study)?.dataset ?? result.variant.dataset)) {
      const place = chart.log ? Math.log10(at) : at;
      shapes.push({ type: "line", xref: "x", yref: "paper", x0: at, x1: at, y0: 0, y1: 1, line: { color: orange, width: 2, dash: "dash" }, opacity: error ? 0.4 : 1, layer: "below" });
      annotations.push({ x: place, xref: "x", yref: "paper", y: 0, yanchor: "bottom", xanchor: "auto", showarrow: false, text: `${error ? "last possible variant" : "this variant"} ${costText(at, axisOf(catalog, axis).unit)}`, font: { color: orange, size: 12 }, bgcolor: token("--surface"), borderpad: 2 });
      const trained = known.get(result.fingerprint);
      const mine = trained && found.find(({ id }) => id === trained.id);
      if (mine) traces.push(ring(mine, 18, orange));
    }
    const chosen = found.find(({ id }) => id === run);
    if (chosen) traces.push(ring(chosen, 25, token("--accent")));
    chart.mark({ shapes, annotations, traces });
  }

  store.subscribe((view, before) => {
    if (differs(view, before, "study", "x", "log", "refs")) {
      if (view.study !== before.study) {
        drawn = "";
        found = published = [];
      }
      refresh();
    }
    if (differs(view, before, "study", "x", "log", "refs", "shown", "run", "data")) paint();
  });
  studies.subscribe(() => paint());
  // The numbers are painted first, the line on the chart a frame later; where that takes long, not after every answer.
  let rested = true;
  let missed = false;
  const markSoon = afterPaint(() => {
    missed = !rested;
    if (!rested) return;
    const began = performance.now();
    mark();
    if (axis === LATENCY) paintOther(studies.get(store.view.study));
    rested = false;
    setTimeout(() => {
      rested = true;
      if (missed) markSoon();
    }, REST * (performance.now() - began));
  });
  whatif.subscribe(markSoon);
  known.subscribe(markSoon);
  onTheme(() => refresh());
  live.subscribe((event) => {
    if (changesList(event) && (event.kind !== "state" || event.data.state === "succeeded")) refresh();
  });
  refresh();

  const controls = h(
    "div",
    { class: "chart-controls" },
    h("label", { class: "inline" }, "Cost", axisPicker),
    h("label", { class: "inline" }, log, "Log"),
    h("label", { class: "inline" }, "Published results", refPicker),
    h("span", { class: "push" }),
    shown,
    save,
  );
  return h(
    "section",
    { class: "panel tradeoff", "aria-labelledby": "tradeoff-title" },
    h("div", { class: "panel-head" }, h("h2", { id: "tradeoff-title" }, "Accuracy against cost"), h("label", { class: "inline study-label" }, "Study", picker)),
    controls,
    localStorage.getItem(HINT) ? null : hint,
    progress,
    other,
    elsewhere,
    summary,
    plot,
    table.element,
    empty,
  );
}

/**
 * A ring around a point.
 * @param {import("../figure.js").Point} point
 * @param {number} size  in pixels
 * @param {string} colour
 */
const ring = ({ x, y }, size, colour) => ({
  x: [x], y: [y], mode: "markers", showlegend: false, hoverinfo: "skip",
  marker: { symbol: "circle-open", size, color: colour, line: { width: 2.5, color: colour } },
});
