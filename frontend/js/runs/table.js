// The runs there are, a page at a time, live.

import { api, ApiError } from "../api.js";
import { h, put, reconcile, say } from "../dom.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { latest } from "../later.js";
import { after, changesList } from "../live.js";
import { note } from "../shell/notices.js";
import { differs } from "../store.js";
import { COLUMNS, makeRow, updateRow } from "./row.js";

/** @typedef {import("../types.js").Run} Run */

const PAGE = 50;

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function runTable(app) {
  const { store, live, studies } = app;
  /** @type {Run[]} */
  let runs = [];
  let total = 0;
  /** @type {string | null} */
  let next = null;
  let loaded = false;
  let failure = "";

  const body = h("tbody");
  const heads = COLUMNS.map(({ title, sort, numeric }) =>
    h("th", { scope: "col", class: numeric ? "num" : null, "data-sort": sort }, sort ? h("button", { type: "button", class: "sort", onclick: () => order(sort) }, title) : title),
  );
  const table = h("table", { class: "grid runs", "data-testid": "runs-table" }, h("thead", null, h("tr", null, h("th", { scope: "col", class: "pick" }, h("span", { class: "sr" }, "Compare")), heads)), body);
  const scroll = h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Table of runs" }, table);
  const empty = h("div", { class: "empty" });
  const count = h("p", { class: "muted", role: "status", "data-testid": "runs-count" });
  const back = h("button", { type: "button", class: "small", onclick: () => history.back() }, "Previous page");
  const first = h("button", { type: "button", class: "small", onclick: () => store.set({ after: null }, { push: true }) }, "First page");
  const more = h("button", { type: "button", class: "small", onclick: () => store.set({ after: next }, { push: true }) }, "Next page");
  const picks = h("button", { type: "button", class: "small", "data-testid": "show-compare", onclick: () => document.querySelector(".compare")?.scrollIntoView({ block: "start", behavior: "smooth" }) });
  const element = h("section", { class: "panel run-list", "aria-label": "Runs" }, scroll, empty, h("div", { class: "pager" }, count, h("span", { class: "push" }), picks, first, back, more));
  let depth = 0;

  /** @param {string} key */
  function order(key) {
    const down = key === "state" ? key : `-${key}`;
    const up = key === "state" ? `-${key}` : key;
    store.set({ sort: store.view.sort === down ? up : down, after: null }, { push: true });
  }

  /** @type {() => void} */
  const load = latest(async () => {
    const { state, of, q, sort, after: cursor } = store.view;
    const asked = JSON.stringify([state, of, q, sort, cursor]);
    try {
      const page = await api.runs({ limit: PAGE, cursor, sort, state, study: of, q: q.trim() });
      const { view } = store;
      if (asked !== JSON.stringify([view.state, view.of, view.q, view.sort, view.after])) return load();
      ({ items: runs, total, next } = page);
      failure = "";
      loaded = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A cursor from an old link may mean nothing to the server any more.
      if (error.status === 422 && cursor) {
        note("That page of runs is gone; this is the first.");
        return store.set({ after: null });
      }
      failure = error.message;
    }
    draw();
  }, 400);

  function draw() {
    const { view } = store;
    const selected = new Set([view.run]);
    const picked = new Set(view.compare);
    for (const head of heads) {
      const key = head.dataset.sort;
      if (key && view.sort.replace(/^-/, "") === key) head.setAttribute("aria-sort", view.sort.startsWith("-") ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    reconcile(body, runs, (run) => run.id, (run) => makeRow(app, run), (row, run) => updateRow(row, run, selected.has(run.id), picked.has(run.id)));
    scroll.hidden = runs.length === 0;
    empty.hidden = runs.length > 0;
    picks.hidden = view.compare.length === 0;
    picks.disabled = view.compare.length < 2;
    say(picks, view.compare.length < 2 ? "1 picked, pick another to compare" : `Show comparison of ${view.compare.length}`);
    first.hidden = view.after === null;
    back.hidden = view.after === null || depth === 0;
    more.hidden = next === null;
    if (!runs.length) paintEmpty();
    say(count, loaded ? `${plural(total, "run")}${total > runs.length ? `, ${runs.length} on this page` : ""}` : "");
    table.classList.toggle("stale", failure !== "");
  }

  function paintEmpty() {
    const { view } = store;
    const filtered = view.state.length > 0 || view.of !== null || view.q !== "" || view.after !== null;
    if (failure) put(empty, h("h3", null, "The runs could not be read"), h("p", null, failure), h("button", { type: "button", class: "small", onclick: load }, icon("retry"), "Try again"));
    else if (!loaded) put(empty, h("div", { class: "skeleton table-skeleton", "aria-label": "Loading" }));
    else if (filtered) put(empty, h("h3", null, "No run fits these filters"), h("button", { type: "button", class: "small", onclick: () => store.set({ state: [], of: null, q: "", after: null }, { push: true }) }, "Show all runs"));
    else put(empty, h("h3", null, "No runs yet"), h("p", null, "Build a variant in Explore and press “Train it”: it is queued here and trained by the next free worker."));
  }

  /** @param {string} id @param {Run | null} run */
  function settle(id, run) {
    runs = runs.flatMap((known) => (known.id === id ? (run ? [run] : []) : [known]));
    draw();
  }

  live.subscribe((event) => {
    if (event.kind === "open") return load();
    if (event.kind === "deleted") settle(event.data.run_id, null);
    const at = runs.findIndex(({ id }) => id === event.data.run_id);
    if (at >= 0) {
      const before = /** @type {Run} */ (runs[at]);
      const run = after(before, event);
      if (run !== before) settle(run.id, run);
    }
    if (changesList(event)) load();
  });
  studies.subscribe(draw);
  store.subscribe((view, before, origin) => {
    if (differs(view, before, "state", "of", "q", "sort", "after")) {
      depth = view.after === null ? 0 : depth + (origin === "page" ? 1 : -1);
      load();
    }
    if (differs(view, before, "run", "compare", "state", "of", "sort", "after")) draw();
    if (differs(view, before, "view", "run") && view.view === "runs") load();
  });
  // The clock of running rows goes on between events.
  setInterval(() => {
    if (store.view.view === "runs" && document.visibilityState === "visible" && runs.some(({ state }) => state === "running")) draw();
  }, 1000);
  draw();
  load();
  return element;
}
