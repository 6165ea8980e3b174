// Which runs the table shows: states, study, text.

import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { settled } from "../later.js";
import { differs } from "../store.js";
import { STATES } from "./chip.js";

/** @typedef {import("../types.js").RunState} RunState */

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function filters({ store, studies }) {
  const all = h("button", { type: "button", onclick: () => store.set({ state: [], after: null }, { push: true }) }, "All");
  const states = /** @type {RunState[]} */ (Object.keys(STATES)).filter((state) => state !== "cancelling");
  const buttons = states.map((state) =>
    h("button", { type: "button", "data-filter": state, onclick: () => flip(state) }, icon(STATES[state].icon), STATES[state].title),
  );
  const picker = h("select", { class: "box", "aria-label": "Study", onchange: () => store.set({ of: picker.value || null, after: null }, { push: true }) });
  const text = h("input", {
    class: "box",
    type: "search",
    placeholder: "Find runs",
    "aria-label": "Find by label, data set, architecture or id",
    oninput: settled(() => store.set({ q: text.value, after: null }), 200),
  });

  /** @param {RunState} state */
  function flip(state) {
    // Cancelling is a kind of running to whoever looks.
    const both = state === "running" ? [state, /** @type {RunState} */ ("cancelling")] : [state];
    const now = store.view.state;
    const next = now.includes(state) ? now.filter((other) => !both.includes(other)) : [...now, ...both];
    store.set({ state: next, after: null }, { push: true });
  }

  function draw() {
    const { state, of, q } = store.view;
    all.setAttribute("aria-pressed", String(state.length === 0));
    for (const button of buttons) button.setAttribute("aria-pressed", String(state.includes(/** @type {RunState} */ (button.dataset.filter))));
    put(picker, h("option", { value: "" }, "All studies"), studies.items.map(({ id, name }) => h("option", { value: id }, name)), of && !studies.get(of) ? h("option", { value: of }, "Unknown study") : null);
    picker.value = of ?? "";
    if (document.activeElement !== text) text.value = q;
  }

  store.subscribe((view, before) => {
    if (differs(view, before, "state", "of", "q")) draw();
  });
  studies.subscribe(draw);
  draw();
  return h(
    "div",
    { class: "filters", role: "search", "aria-label": "Filter runs" },
    h("div", { class: "segments", role: "group", "aria-label": "State" }, all, buttons),
    picker,
    h("span", { class: "search-box" }, icon("search"), text),
  );
}
