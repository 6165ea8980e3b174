// The ways to do the same convolution, side by side: formula, cost, ratio.

import { h, put } from "../dom.js";
import { amount, exact } from "../format.js";
import { icon } from "../icons.js";
import { lettered } from "./text.js";

/** @typedef {import("./types.js").Way} Way */
/** @typedef {import("./types.js").Variant} Variant */

const LONG = 1e12; // numbers from here on are written short, the formula has all their digits

/**
 * @param {object} actions
 * @param {(kind: string) => void} actions.choose
 * @param {(groups: number) => void} actions.regroup  makes the channels fit the groups
 * @param {(variant: Variant, label: string) => HTMLElement} actions.link  to a variant in Explore
 */
export function wayList({ choose, regroup, link }) {
  const element = h("ol", { class: "ways-list", "data-testid": "ways" });

  /** The button goes away with that: the channels, which are others now, have the focus. @param {number} groups */
  function fit(groups) {
    regroup(groups);
    /** @type {HTMLElement | null} */ (document.querySelector('[data-field="in_channels"]'))?.focus();
  }

  /**
   * @param {Way[]} ways
   * @param {string} chosen
   * @param {number} groups
   */
  function show(ways, chosen, groups) {
    const most = Math.max(1, ...ways.flatMap((way) => [way.ratio ?? 0, way.params_ratio ?? 0]));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.kind;
    put(element, ways.map((way) => card(way, way.kind === chosen, most, groups)));
    if (focused) /** @type {HTMLElement | null} */ (element.querySelector(`button[data-kind="${CSS.escape(focused)}"]`))?.focus({ preventScroll: true });
  }

  /**
   * @param {Way} way
   * @param {boolean} chosen
   * @param {number} most
   * @param {number} groups
   */
  function card(way, chosen, most, groups) {
    const button = h("button", { type: "button", class: "way-title", "data-kind": way.kind, "aria-pressed": String(chosen), onclick: () => choose(way.kind) }, way.title);
    const head = h("div", { class: "way-head" }, h("h3", null, button), way.ratio === null ? null : ratio(way));
    const props = { class: `way${chosen ? " chosen" : ""}${way.unavailable ? " unavailable" : ""}`, "data-way": way.kind, onclick: (/** @type {MouseEvent} */ event) => !(/** @type {Element} */ (event.target).closest("a, button")) && !String(getSelection()) && choose(way.kind) };
    if (way.unavailable !== null || !way.formula) {
      const way_out = way.kind === "grouped" && groups <= 64 ? h("button", { type: "button", class: "small", onclick: () => fit(groups) }, "Make the channels fit") : null;
      return h("li", props, head, h("p", { class: "way-reason" }, way.unavailable), way_out);
    }
    const { macs, params } = way.formula;
    return h(
      "li",
      props,
      head,
      chosen ? h("p", { class: "way-summary" }, way.summary) : null,
      h("div", { class: "way-counts" }, count("MACs", way.macs ?? 0, way.ratio ?? 0, most, macs, chosen), count("Params", way.params ?? 0, way.params_ratio ?? 0, most, params, chosen)),
      chosen && way.fraction && way.kind !== "standard" ? h("p", { class: "way-formula" }, `ratio ${way.fraction} = ${Number(way.ratio?.toPrecision(9))}`) : null,
      chosen && way.note ? h("p", { class: "way-note" }, lettered(way.note)) : null,
      chosen && way.example ? h("p", { class: "way-link" }, link(way.example, "On a whole network, in Explore")) : null,
    );
  }

  return { element, show };
}

/** @param {Way} way */
function ratio(way) {
  const value = way.ratio ?? 1;
  const text = way.kind === "standard" ? "the yardstick" : `× ${Number(value.toPrecision(value < 0.001 ? 2 : 4))}`;
  return h("span", { class: `way-ratio${value < 1 ? " less" : value > 1 ? " more" : ""}`, "data-ratio": String(value), title: way.fraction ? `${way.fraction} of the standard's MACs` : "of the standard's MACs" }, text);
}

/**
 * @param {string} title
 * @param {number} value
 * @param {number} ratio
 * @param {number} most
 * @param {import("./types.js").Formula} formula
 * @param {boolean} letters
 */
function count(title, value, ratio, most, formula, letters) {
  const fill = h("span", { class: "way-fill", style: { "--share": ratio / most } });
  return [
    h("span", { class: "way-count" }, title),
    h("data", { class: "way-value", value: String(value), title: exact(value) }, value < LONG ? exact(value) : amount(value)),
    h("span", { class: "way-bar", "aria-hidden": "true" }, fill),
    letters ? h("span", { class: "way-formula letters" }, lettered(formula.symbols)) : null,
    h("span", { class: "way-formula" }, formula.numbers),
  ];
}

/**
 * A link that opens a variant in Explore.
 * @param {import("../app.js").App} app
 * @param {Partial<import("../types.js").View>} patch
 * @param {(Node | string)[]} content
 */
export function exploreLink({ store }, patch, ...content) {
  const address = () => store.link({ ...patch, view: "explore", run: null });
  // The rest of the view goes on changing: the address is made anew for who is about to follow it.
  const renew = () => link.setAttribute("href", address());
  const link = h(
    "a",
    {
      class: "to-explore",
      href: address(),
      onpointerenter: renew,
      onfocus: renew,
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        store.set({ ...patch, view: "explore", run: null }, { push: true });
      },
    },
    content,
    icon("right"),
  );
  return link;
}
