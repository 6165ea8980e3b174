// Explore: the variant on the left, what it costs and how it compares on the right.

import { h } from "../dom.js";
import { runPanel } from "../runs/panel.js";
import { differs } from "../store.js";
import { pinnedVariant } from "../variant.js";
import { WhatIfs } from "../whatif.js";
import { costCards } from "./costs.js";
import { editor } from "./editor.js";
import { layerTable } from "./layers.js";
import { moreCosts } from "./more.js";
import { networkDrawing } from "./network.js";
import { pinButton, pinLine } from "./pin.js";
import { Selection } from "./selection.js";
import { tradeoff } from "./tradeoff.js";
import { trainBar } from "./train.js";
import { Undo, undoButtons } from "./undo.js";

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function exploreView(app) {
  const { store, known, whatif } = app;
  const panel = runPanel(app, "explore");
  const selection = new Selection(store, whatif);
  const pinned = new WhatIfs(store, { parts: ["pin"], question: pinnedVariant, layers: false });
  const results = h(
    "div",
    { class: "results" },
    h("div", { class: "cost-area" }, pinLine(app, pinned), costCards(app, pinned), moreCosts(app, pinned)),
    h("div", { class: "chart-row" }, tradeoff(app), panel.element),
    networkDrawing(app, selection),
    layerTable(app, selection),
  );
  const element = h(
    "main",
    { class: "explore", id: "main", tabindex: -1 },
    h("h1", { class: "sr" }, "Explore"),
    h("div", { class: "side" }, h("div", { class: "side-head" }, h("h2", null, "Variant"), undoButtons(new Undo(store)), pinButton(app)), editor(app, selection), trainBar(app)),
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
  pinned.ask();
  return element;
}
