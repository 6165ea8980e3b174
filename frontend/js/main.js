// Puts the page together.

import { api, ApiError, askAgain, setTokenAsker } from "./api.js";
import { h, put } from "./dom.js";
import { exploreView } from "./explore/view.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { Known } from "./known.js";
import { learnView } from "./learn/view.js";
import { Live } from "./live.js";
import { runsView } from "./runs/view.js";
import { askToken } from "./shell/dialog.js";
import { header } from "./shell/header.js";
import { banner, noticeAreas } from "./shell/notices.js";
import { apply } from "./shell/theme.js";
import { differs, Store } from "./store.js";
import { QUICKSTART, Studies } from "./studies.js";
import { fit, PARTS } from "./variant.js";
import { WhatIfs } from "./whatif.js";

/** @typedef {import("./types.js").Catalog} Catalog */
/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").View} View */

/** @type {Record<View["view"], (app: App) => HTMLElement>} */
const VIEWS = { explore: exploreView, runs: runsView, learn: learnView };

/** @type {Set<string>} */
const told = new Set();

/** @param {string[]} problems */
function tellProblems(problems) {
  if (!problems.length) return;
  for (const problem of problems) told.add(problem);
  const list = h("ul", null, [...told].map((problem) => h("li", null, h("code", null, problem))));
  banner("link", "warning", [h("b", null, `${plural(told.size, "part")} of this link could not be read; the usual value stands in.`), list], { onClose: () => told.clear() });
}

const store = new Store(tellProblems);
const live = new Live();
const content = h("div", { class: "content" });
setTokenAsker(askToken);
apply();
document.body.append(header(store, live), ...noticeAreas(), content);
tellProblems(store.problems);

/** Waits for the catalog, without which there is no form to draw. @returns {Promise<Catalog>} */
async function catalog() {
  put(content, waiting());
  for (;;) {
    try {
      return await api.catalog();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const locked = error.status === 401;
      await new Promise((again) => {
        const button = h("button", { type: "button", class: "primary", onclick: () => { askAgain(); again(undefined); } }, icon("retry"), locked ? "Enter the token" : "Try again");
        put(content, h("main", { class: "lone empty" }, h("h1", null, locked ? "An access token is needed" : "Paretoscope does not answer"), h("p", null, error.message), button));
        if (!locked) setTimeout(again, 5000);
      });
    }
  }
}

const waiting = () =>
  h("main", { class: "explore", "aria-busy": "true", "aria-label": "Loading" }, h("div", { class: "side skeleton" }), h("div", { class: "results" }, h("div", { class: "skeleton cards-skeleton" }), h("div", { class: "skeleton chart-skeleton" })));

/** @param {App} app */
function start(app) {
  const { studies } = app;
  // A view that was drawn once is kept, so that going back costs nothing.
  /** @type {Partial<Record<View["view"], HTMLElement>>} */
  const drawn = {};
  const show = () => {
    const { view } = store.view;
    const element = (drawn[view] ??= VIEWS[view](app));
    if (content.firstElementChild !== element) put(content, element);
  };

  const settle = () => {
    const { patch, problems } = fit(store.view, app.catalog);
    if (Object.keys(patch).length) store.set(patch);
    tellProblems(problems);
  };
  settle();
  store.subscribe((view, before, origin) => {
    if (origin === "address" && differs(view, before, ...PARTS)) settle();
    if (view.view !== before.view) {
      show();
      content.querySelector("main")?.focus();
      scrollTo(0, 0);
    }
  });

  let chosen = store.view.study !== null;
  studies.subscribe(() => {
    const { study, of } = store.view;
    for (const id of [study, of]) {
      if (id && !studies.get(id)) {
        tellProblems([`study=${id}: there is no such study`]);
        store.set({ study: studies.get(study) ? study : null, of: studies.get(of) ? of : null });
      }
    }
    if (chosen || store.view.study !== null) return;
    const first = studies.named(QUICKSTART) ?? studies.items[0];
    if (first) {
      chosen = true;
      store.set({ study: first.id });
    }
  });
  studies.refresh();
  show();
  live.start();
}

const known = new Known(live);
const studies = new Studies(live);
const whatif = new WhatIfs(store);
start({ store, live, studies, known, whatif, catalog: await catalog() });
