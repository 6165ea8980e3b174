// The pinned variant: what the one under edit is compared with, besides the plain network.

import { h, put, say } from "../dom.js";
import { icon } from "../icons.js";
import { differs } from "../store.js";
import { variantWords } from "../variant.js";

/** @typedef {import("../app.js").App} App */

/**
 * The button that pins the variant under edit.
 * @param {App} app
 * @returns {HTMLElement}
 */
export function pinButton({ store, whatif }) {
  const button = h("button", { type: "button", class: "small quiet pin", "data-testid": "pin", title: "Compare what comes next with the variant as it is now", onclick: pin }, icon("pin"), "Pin");
  function pin() {
    const { data, arch, steps } = store.view;
    if (data && arch) store.set({ pin: { data, arch, steps } }, { push: true });
  }
  const follow = () => void (button.disabled = whatif.error !== null || whatif.result === null);
  whatif.subscribe(follow);
  follow();
  return button;
}

/**
 * Says which variant is pinned.
 * @param {App} app
 * @param {import("../whatif.js").WhatIfs} pinned
 * @returns {HTMLElement}
 */
export function pinLine({ store, catalog }, pinned) {
  const words = h("span", { class: "pin-words" });
  const problem = h("span", { class: "pin-problem" });
  const element = h(
    "div",
    { class: "pin-line", "data-testid": "pin-line" },
    icon("pin"),
    h("p", null, h("span", { class: "muted" }, "Pinned "), words, problem),
    h("button", { type: "button", class: "small", "data-testid": "swap", title: "Edit the pinned variant, pin this one", onclick: swap }, "Swap"),
    h("button", { type: "button", class: "small", "data-testid": "unpin", onclick: unpin }, "Unpin"),
  );

  function swap() {
    const { data, arch, steps, pin } = store.view;
    if (pin && data && arch) store.set({ data: pin.data, arch: pin.arch, steps: pin.steps, pin: { data, arch, steps }, pick: [] }, { push: true });
  }

  function unpin() {
    store.set({ pin: null }, { push: true });
    /** @type {HTMLElement | null} */ (document.querySelector('[data-testid="pin"]'))?.focus();
  }

  function draw() {
    const { pin, data } = store.view;
    element.hidden = pin === null;
    if (!pin) return;
    const set = catalog.datasets.find(({ name }) => name === pin.data)?.title ?? pin.data;
    put(words, h("b", null, variantWords(pin.arch, pin.steps, catalog)), pin.data === data ? "" : ` on ${set}`);
    say(problem, pinned.error && pinned.error.status ? ` cannot be counted: ${pinned.error.message}` : "");
  }

  store.subscribe((view, before) => {
    if (differs(view, before, "pin", "data")) draw();
  });
  pinned.subscribe(draw);
  draw();
  return element;
}
