// Runs: what is queued, what runs, what came of the rest.

import { h } from "../dom.js";
import { differs } from "../store.js";
import { compareTable } from "./compare.js";
import { filters } from "./filters.js";
import { runPanel } from "./panel.js";
import { runTable } from "./table.js";

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function runsView(app) {
  const { store } = app;
  const panel = runPanel(app, "runs");
  const element = h(
    "main",
    { class: "runs-view", id: "main", tabindex: -1 },
    h("div", { class: "view-head" }, h("h1", null, "Runs"), filters(app)),
    compareTable(app),
    h("div", { class: "runs-row" }, runTable(app), panel.element),
  );
  const follow = (reveal = false) => panel.show(store.view.view === "runs" ? store.view.run : null, reveal);
  store.subscribe((view, before) => {
    if (differs(view, before, "view", "run")) follow(view.view === before.view);
  });
  follow();
  return element;
}
