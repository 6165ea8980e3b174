// One run in full: state, metrics, cost, what was asked, learning curves, files.

import { api, ApiError, hasToken } from "../api.js";
import { Chart } from "../chart.js";
import { h, put } from "../dom.js";
import { between, bytes, exact, interval, percent, plural, when } from "../format.js";
import { icon } from "../icons.js";
import { latest } from "../later.js";
import { active, after } from "../live.js";
import { complain } from "../shell/notices.js";
import { onTheme, theme } from "../shell/theme.js";
import { differs } from "../store.js";
import { costText, optionWords, recipeWords, stepWords, viewOf } from "../variant.js";
import { actions } from "./actions.js";
import { chip } from "./chip.js";
import { against, milliseconds, spread, telling } from "./measures.js";
import { progressBar } from "./progress.js";

/** @typedef {import("../types.js").Run} Run */
/** @typedef {import("../app.js").App} App */

/**
 * @param {App} app
 * @param {"explore" | "runs"} view  where the panel stands
 */
export function runPanel(app, view) {
  const { store, live, studies, known, catalog } = app;
  /** @type {string | null} */
  let wanted = null;
  /** @type {Run | null} */
  let run = null;
  const body = h("div", { class: "run-body" });
  const bar = progressBar();
  const plot = h("div", { class: "curves", "aria-hidden": "true" });
  const chart = new Chart(plot);
  const close = h("button", { type: "button", class: "square quiet", "aria-label": "Close run details", title: "Close", onclick: leave }, icon("close"));
  const element = h("aside", { class: "panel run-panel", "aria-label": "Run details", "data-testid": "run-panel", hidden: true }, h("div", { class: "panel-head" }, h("h2", null, "Run"), h("span", { class: "push" }), close), body);

  /** Closes the panel; the focus goes back to where the run was chosen. */
  function leave() {
    const id = store.view.run;
    store.set({ run: null }, { push: true });
    const main = element.closest("main");
    const origin = [...(main?.querySelectorAll(`button[data-run="${id}"], tr[data-run="${id}"] .run-link, .chart-controls .small`) ?? [])];
    /** @type {HTMLElement | undefined} */ (origin.find((candidate) => candidate.checkVisibility()))?.focus();
  }

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && store.view.view === view && store.view.run && !document.querySelector("dialog[open], :popover-open")) leave();
  });

  const load = latest(async (/** @type {string} */ id) => {
    try {
      const next = await api.run(id);
      if (id !== wanted) return;
      run = next;
      draw();
      curves();
    } catch (error) {
      if (id !== wanted || !(error instanceof ApiError)) return;
      run = null;
      put(body, h("div", { class: "empty" }, h("p", null, error.status === 404 ? "This run no longer exists." : error.message), h("button", { type: "button", class: "small", onclick: () => load(id) }, icon("retry"), "Try again")));
    }
  });

  const curves = latest(async () => {
    const current = run;
    const epochs = current?.history?.length ?? 0;
    plot.hidden = epochs === 0;
    if (!current || epochs === 0) return;
    try {
      const figure = await api.curves(current.id, theme());
      if (current.id === wanted) await chart.draw(figure);
    } catch {
      plot.hidden = true; // the figures in the panel tell the same
    }
  }, 600);

  function draw() {
    if (!run) return;
    const shown = run;
    bar.update(shown);
    const { metrics } = shown;
    put(
      body,
      h("div", { class: "run-title" }, chip(shown.state), h("h3", { "data-testid": "run-label" }, shown.label)),
      active(shown) ? bar.element : null,
      shown.error ? h("div", { class: "problem" }, h("p", null, shown.error.message), h("p", { class: "muted" }, `${shown.error.code}, attempt ${shown.attempt} of ${shown.max_attempts}`)) : null,
      metrics ? h("div", { class: "headline" }, h("span", { class: "digits", "data-testid": "run-top1" }, percent(metrics.top1.value, 2)), h("span", { class: "muted" }, "top-1, 95 % interval", h("br"), interval(metrics.top1))) : null,
      h("div", { class: "run-actions" }, actions(app, shown, (next) => (next ? adopt(next) : undefined))),
      h(
        "dl",
        { class: "facts", "data-testid": "run-costs" },
        catalog.costs.filter(({ key }) => telling(key, shown.cost)).map(({ key, title, unit }) => fact(title, ...against(shown.cost[key], shown.baseline[key], (value) => costText(value, unit)))),
        catalog.scores.filter(({ key }) => key in shown.scores).map((score) => fact(score.title, costText(shown.scores[score.key] ?? NaN, "score"), needed(score, shown))),
      ),
      plot,
      h("h4", null, "Variant"),
      h(
        "dl",
        { class: "facts" },
        fact("Data set", catalog.datasets.find(({ name }) => name === shown.variant.dataset)?.title ?? shown.variant.dataset),
        fact("Architecture", catalog.architectures.find(({ name }) => name === shown.variant.architecture.name)?.title ?? shown.variant.architecture.name, h("span", { class: "muted" }, optionWords(viewOf(shown.variant, catalog).arch ?? shown.variant.architecture))),
        fact("Steps", shown.variant.steps.length ? h("ol", { class: "plain" }, shown.variant.steps.map((step) => h("li", null, stepWords(step, catalog)))) : "none: the plain network"),
        fact("Start", start(shown)),
        fact("Recipe", recipeWords(shown.variant)),
        fact("Studies", shown.study_ids.map((id) => studies.get(id)?.name ?? id).join(", ") || "none"),
      ),
      metrics ? measured(shown) : null,
      h("dl", { class: "facts" }, fact("Asked", when(shown.created_at)), shown.started_at ? fact(active(shown) ? "Started" : "Took", active(shown) ? when(shown.started_at) : between(shown.started_at, shown.finished_at)) : null, shown.worker ? fact("Worker", shown.worker) : null),
      shown.artifacts.length ? [h("h4", null, "Files"), h("ul", { class: "files" }, shown.artifacts.map(file))] : null,
    );
  }

  /** Where the weights came from: a run that can be looked at, or nowhere. @param {Run} of */
  function start(of) {
    const from = /** @type {any} */ (of.variant.recipe?.start);
    if (!from || from.from === "scratch") return "scratch";
    if (from.from !== "run") return `${from.from} ${from.id}`;
    return h("button", { type: "button", class: "link", onclick: () => store.set({ run: from.id }, { push: true }) }, known.finished().find(({ id }) => id === from.id)?.label ?? `run ${from.id.slice(4, 12)}`);
  }

  /** @param {Run} next */
  function adopt(next) {
    if (next.id !== wanted) return;
    run = { ...next, history: next.history ?? run?.history ?? [] };
    draw();
  }

  live.subscribe((event) => {
    if (!wanted) return;
    if (event.kind === "open" || (event.kind === "deleted" && event.data.run_id === wanted)) return load(wanted);
    if (!run) return;
    const next = after(run, event);
    if (next === run) return;
    run = next;
    if (event.kind === "state") {
      draw();
      load(next.id); // metrics and files come with the run
    } else if (event.kind === "epoch") curves();
    else bar.update(next);
  });
  onTheme(() => curves());
  studies.subscribe(() => run && !element.hidden && !element.contains(document.activeElement) && draw());
  store.subscribe((view, before) => {
    if (run && differs(view, before, "compare")) draw();
  });

  return {
    element,
    /**
     * @param {string | null} id
     * @param {boolean} [reveal]  scrolls to the panel where it is out of sight
     */
    show(id, reveal = false) {
      element.hidden = id === null;
      if (id === wanted) return;
      if (id && reveal) requestAnimationFrame(() => element.scrollIntoView({ block: "nearest" }));
      wanted = id;
      run = null;
      chart.clear();
      plot.hidden = true;
      element.dataset.view = view;
      if (!id) return;
      put(body, h("div", { class: "skeleton panel-skeleton" }));
      load(id);
    },
  };
}

/**
 * @param {string} name
 * @param {...(Node | string | null)} value
 */
const fact = (name, ...value) => h("div", null, h("dt", null, name), h("dd", null, value));

/**
 * The accuracy that a score asks for on the run's data set.
 * @param {import("../types.js").ScoreInfo} score
 * @param {Run} run
 */
function needed({ limits }, { variant, metrics }) {
  const limit = limits[variant.dataset];
  if (limit === undefined) return null;
  const reached = metrics && metrics.top1.value >= limit;
  return h("span", { class: "muted" }, `${percent(limit, 0)} ${reached ? "reached" : "needed"}`);
}

/** @param {Run} run */
function measured(run) {
  const m = run.metrics ?? /** @type {any} */ ({});
  return [
    h("h4", null, "Measured"),
    h(
      "dl",
      { class: "facts" },
      m.loss === undefined ? null : fact("Test loss", Number(m.loss).toFixed(4)),
      m.n_test === undefined ? null : fact("Test images", exact(m.n_test)),
      m.train_images_per_second ? fact("Training", `${exact(Math.round(m.train_images_per_second))} images/s`) : null,
      m.evaluate_images_per_second ? fact("Evaluation", `${exact(Math.round(m.evaluate_images_per_second))} images/s`) : null,
      m.latency ? fact("Latency", h("span", { "data-testid": "run-latency" }, milliseconds(m.latency.median_ms)), h("span", { class: "muted" }, spread(m.latency))) : null,
      m.device ? fact("Device", [m.device, m.threads ? plural(m.threads, "thread") : "", m.precision].filter(Boolean).join(", ")) : null,
    ),
  ];
}

/** @param {import("../types.js").Artifact} artifact */
function file(artifact) {
  const link = h("a", { href: artifact.url, download: artifact.name, title: `SHA-256 ${artifact.sha256}` }, icon("download"), artifact.name);
  link.addEventListener("click", (event) => {
    if (!hasToken() || link.href.startsWith("blob:")) return;
    event.preventDefault();
    api.file(artifact.url).then((url) => {
      const carrier = h("a", { href: url, download: artifact.name });
      carrier.click();
      URL.revokeObjectURL(url);
    }, complain);
  });
  return h("li", null, link, h("span", { class: "muted" }, bytes(artifact.size)));
}
