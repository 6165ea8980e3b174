// The variant under edit: data set, architecture, steps, recipe, seed.

import { h, put } from "../dom.js";
import { plural } from "../format.js";
import { fields, row } from "../form/object.js";
import { clearProblems, placeProblems, problemsSlot } from "../form/problems.js";
import { numberControl } from "../form/number.js";
import { differs } from "../store.js";
import { PARTS, sparseRecipe } from "../variant.js";
import { gallery } from "./gallery.js";
import { except } from "./selection.js";
import { startEditor } from "./start.js";
import { stepsEditor } from "./steps.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Json} Json */
/** @typedef {import("../types.js").JsonObject} JsonObject */
/** @typedef {import("../types.js").Architecture} Architecture */
/** @typedef {import("../app.js").App} App */

/**
 * @param {App} app
 * @param {import("./selection.js").Selection} selection
 * @returns {HTMLElement}
 */
export function editor(app, selection) {
  const { store, catalog, whatif, known } = app;
  const layers = () => selection.layers.map(({ name }) => name);
  let writing = false;

  /**
   * A change made here: the form shows it already.
   * @param {Partial<View>} patch
   * @param {boolean} [push]
   */
  function edit(patch, push = false) {
    writing = true;
    store.set(patch, { push });
    writing = false;
  }

  const dataset = h(
    "select",
    { class: "box", onchange: () => edit({ data: dataset.value }, true) },
    catalog.datasets.map((set) => h("option", { value: set.name }, `${set.title}${set.present ? "" : set.downloadable ? " (is downloaded first)" : " (not here)"}`)),
  );
  const dataRow = row("/dataset", "Data set", "", (attributes) => attach(dataset, attributes));
  const dataRemark = h("p", { class: "remark" });

  const network = gallery(catalog, (name) => {
    edit({ arch: { name }, pick: [] }, true);
    drawNetwork();
  });
  const networkRow = row("/architecture", "Architecture", "", (attributes) => attach(network.button, attributes));
  const networkRemark = h("p", { class: "remark" });
  const networkOptions = h("div", { class: "options" });

  const steps = stepsEditor({ catalog: catalog.steps, layers, selection, onChange: (next, structural) => edit({ steps: next }, structural) });
  const start = startEditor({
    known,
    whatif,
    onChange(chosen) {
      const { start: _, ...rest } = store.view.recipe;
      edit({ recipe: chosen ? { ...rest, start: chosen } : rest });
    },
  });
  const recipeSummary = h("span", { class: "summary-text" });
  const recipeBody = h("div", { class: "options" });
  const recipe = h("details", { class: "editor-part recipe", "data-path": "/recipe" }, h("summary", null, h("h3", null, "Training recipe"), recipeSummary), recipeBody, problemsSlot());
  const seedHolder = h("div");
  const loose = h("div", { class: "problems loose", role: "alert" });

  const element = h(
    "form",
    { class: "editor", "aria-label": "Variant", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    h("section", { class: "editor-part", "aria-label": "Data set and architecture" }, dataRow, dataRemark, networkRow, networkRemark, networkOptions),
    steps.element,
    h("section", { class: "editor-part", "aria-label": "Start" }, start.element, seedHolder),
    recipe,
    loose,
  );

  function drawNetwork() {
    const arch = /** @type {Architecture} */ (store.view.arch);
    const info = catalog.architectures.find(({ name }) => name === arch.name);
    network.set(arch.name);
    if (!info) return;
    const source = info.source;
    put(networkRemark, info.summary, " ", source ? h("a", { href: source.url, rel: "noreferrer", target: "_blank", title: source.title }, `${source.title}, ${source.year}`) : null);
    const form = { root: info.schema, sliders: true, layers };
    put(networkOptions, fields(form, info.schema, arch, "/architecture", (next) => edit({ arch: { ...next, name: info.name } }), ["name"]));
  }

  function drawData() {
    const set = catalog.datasets.find(({ name }) => name === store.view.data);
    put(dataRemark, set?.summary ?? "");
    dataRemark.hidden = !set?.summary;
  }

  function drawRecipe() {
    const { schema } = catalog.recipe;
    const form = { root: schema, sliders: false, layers };
    /** The start has a place of its own, and may have changed since this form was drawn. @param {JsonObject} next */
    const change = (next) => {
      const { start: _, ...rest } = sparseRecipe(next, catalog);
      const { start } = store.view.recipe;
      edit({ recipe: start === undefined ? rest : { ...rest, start } });
    };
    put(recipeBody, fields(form, schema, store.view.recipe, "/recipe", change, ["start"]));
    const seed = row("/seed", "Seed", "Another seed is another run of the same variant", (attributes) =>
      numberControl({ schema: { type: "integer", minimum: 0 }, value: store.view.seed, nullable: false, slider: false, attributes, label: "Seed", onChange: (value) => edit({ seed: value ?? 0 }) }),
    );
    put(seedHolder, seed);
  }

  function drawSummary() {
    const changed = Object.keys(store.view.recipe).filter((key) => key !== "start");
    const epochs = store.view.recipe.epochs ?? catalog.recipe.schema.properties?.epochs?.default;
    put(recipeSummary, `${plural(Number(epochs), "epoch")}${changed.length > (changed.includes("epochs") ? 1 : 0) ? ", changed" : ""}`);
  }

  function rebuild() {
    const restore = keepFocus(element);
    dataset.value = store.view.data ?? "";
    drawData();
    drawNetwork();
    steps.set(store.view.steps);
    start.set(store.view.recipe);
    drawRecipe();
    drawSummary();
    restore();
  }

  store.subscribe((view, before) => {
    if (!differs(view, before, ...PARTS)) return;
    if (writing) {
      drawData();
      drawSummary();
      if (differs(view, before, "recipe")) start.set(view.recipe);
    } else rebuild();
  });
  store.subscribe((view, before) => {
    if (differs(view, before, "pick")) steps.selected();
  });
  whatif.subscribe(showProblems);

  function showProblems() {
    const { error, asked } = whatif;
    steps.effects(whatif.result?.layers ?? []);
    if (!error || !asked) {
      clearProblems(element);
      return;
    }
    // A server out of reach is told by the banner, not at a field.
    const details = error.status === 0 || error.status >= 500 ? [] : error.details.length ? error.details : [{ loc: [], message: error.message }];
    const homeless = placeProblems(element, details, asked, { exclude, use, release });
    put(loose, homeless.map((problem) => h("div", { class: "problem" }, h("p", null, problem.message))));
  }

  /**
   * @param {number} at
   * @param {string[]} names
   */
  function exclude(at, names) {
    const step = store.view.steps[at];
    if (!step) return;
    store.set({ steps: store.view.steps.with(at, except(step, names)) }, { push: true });
    /** @type {HTMLElement | null} */ (element.querySelector(`[data-path="/steps/${at}"] .step-head`))?.focus();
  }

  /**
   * Puts a legal value where the server found another.
   * @param {(string | number)[]} path
   * @param {Json} value
   * @param {string} message
   */
  function use(path, value, message) {
    /** @type {any} */
    const parts = { dataset: store.view.data, architecture: store.view.arch, steps: store.view.steps, recipe: store.view.recipe, seed: store.view.seed };
    const next = structuredClone(parts);
    let at = next;
    for (const key of path.slice(0, -1)) at = at[key] ??= {};
    const last = path.at(-1) ?? "";
    at[last] = last === "layers" ? replaced(at[last] ?? {}, String(value), message) : value;
    store.set({ data: next.dataset, arch: next.architecture, steps: next.steps, recipe: next.recipe, seed: next.seed }, { push: true });
    // The button that was pressed is gone: the field that it changed goes on from here.
    /** @type {HTMLElement | null} */ (element.querySelector(`[data-path="/${CSS.escape(path.join("/"))}"] :is(input:not([type="range"]), select)`))?.focus();
  }

  /**
   * Takes the patterns out of a step that the messages quote; where none is left, it is for all layers that fit.
   * @param {number} at
   * @param {string[]} messages
   */
  function release(at, messages) {
    const step = store.view.steps[at];
    if (!step) return;
    const { include = [], exclude = [] } = step.layers ?? {};
    const [kept, not] = [include, exclude].map((patterns) => patterns.filter((pattern) => !messages.some((message) => message.includes(`'${pattern}'`))));
    const { layers: _, ...rest } = step;
    const layers = { ...(kept?.length ? { include: kept } : {}), ...(not?.length ? { exclude: not } : {}) };
    store.set({ steps: store.view.steps.with(at, /** @type {any} */ (Object.keys(layers).length ? { ...rest, layers } : rest)) }, { push: true });
    /** @type {HTMLElement | null} */ (element.querySelector(`[data-path="/steps/${at}"] .step-head`))?.focus();
  }

  rebuild();
  return element;
}

/**
 * Remembers which field of a form has the focus, and gives it back to the same field of the form drawn anew.
 * @param {HTMLElement} element
 */
function keepFocus(element) {
  const active = document.activeElement;
  const home = active && element.contains(active) ? active.closest("[data-path]") : null;
  const path = home?.getAttribute("data-path");
  const at = home && active ? [...home.querySelectorAll("input, select, button")].indexOf(active) : -1;
  return () => {
    if (!path || element.contains(document.activeElement)) return;
    const again = [...(element.querySelector(`[data-path="${CSS.escape(path)}"]`)?.querySelectorAll("input, select, button") ?? [])][at];
    /** @type {HTMLElement | undefined} */ (again)?.focus({ preventScroll: true });
  };
}

/**
 * A selector with a name in place of the pattern that the message quotes.
 * @param {{include?: string[], exclude?: string[]}} selector
 * @param {string} name
 * @param {string} message
 */
function replaced(selector, name, message) {
  /** @param {string[] | undefined} patterns */
  const swap = (patterns) => patterns && [...new Set(patterns.map((pattern) => (message.includes(`'${pattern}'`) ? name : pattern)))];
  const [include, exclude] = [swap(selector.include), swap(selector.exclude)];
  return { ...(include ? { include } : {}), ...(exclude ? { exclude } : {}) };
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, string>} attributes
 */
function attach(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
