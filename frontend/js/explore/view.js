// Explore: the variant on the left, what it costs and how it compares on the right.

import { h } from "../dom.js";
import { runPanel } from "../runs/panel.js";
import { differs } from "../store.js";
import { costCards } from "./costs.js";
import { editor } from "./editor.js";
import { layerTable } from "./layers.js";
import { tradeoff } from "./tradeoff.js";
import { trainBar } from "./train.js";

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function exploreView(app) {
  const { store, known, whatif } = app;
  const panel = runPanel(app, "explore");
  const results = h("div", { class: "results" }, costCards(app), h("div", { class: "chart-row" }, tradeoff(app), panel.element), layerTable(app));
  const element = h(
    "main",
    { class: "explore", id: "main", tabindex: -1 },
    h("h1", { class: "sr" }, "Explore"),
    h("div", { class: "side" }, h("h2", { class: "side-title" }, "Variant"), editor(app), trainBar(app)),
    results,
  );
  const follow = (reveal = false) => {
    known.follow(store.view.data ?? "", store.view.arch?.name ?? "");
    panel.show(store.view.view === "explore" ? store.view.run : null, reveal);
  };
  store.subscribe((view, before) => {
    if (differs(view, before, "view", "run", "data", "arch")) follow(view.view === before.view);
  });
  follow();
  whatif.ask();
  return element;
}
