// What can be done with the selected layers: give them a step of their own, or change which layers a step is for.

import { api, ApiError } from "../api.js";
import { h, put, say, uid } from "../dom.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { required } from "../schema.js";
import { note } from "../shell/notices.js";
import { differs } from "../store.js";
import { variantOf } from "../variant.js";
import { beside } from "./popover.js";
import { also, except, literal, only } from "./selection.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").Step} Step */
/** @typedef {import("../types.js").StepInfo} StepInfo */

/** Sets of layers that people ask for, by what a layer is. @type {{title: string, fits: (row: LayerRow) => boolean}[]} */
const KINDS = [
  { title: "Depthwise", fits: depthwise },
  { title: "1×1", fits: (row) => side(row) === 1 },
  { title: "3×3", fits: (row) => side(row) === 3 && !depthwise(row) },
  { title: "Larger", fits: (row) => side(row) > 3 && !depthwise(row) },
  { title: "Linear", fits: (row) => row.type === "linear" },
  { title: "Changed", fits: (row) => row.steps.length > 0 },
];

/** @param {LayerRow} row */
const side = ({ type, kernel }) => (type === "conv2d" && kernel ? Math.max(...kernel) : 0);

/** @param {LayerRow} row */
function depthwise({ type, groups, in_shape }) {
  return type === "conv2d" && (groups ?? 1) > 1 && groups === in_shape[0];
}

/**
 * @param {import("../app.js").App} app
 * @param {import("./selection.js").Selection} selection
 * @returns {HTMLElement}
 */
export function applyBar({ store, whatif, catalog }, selection) {
  const id = uid("apply");
  const kinds = KINDS.map(({ title, fits }) => {
    const number = h("span", { class: "muted" });
    const button = h("button", { type: "button", class: "small", "data-kind": title, onclick: () => selection.set(selection.layers.filter(fits).map(({ name }) => name)) }, title, number);
    return { fits, button, number };
  });
  const everything = h("button", { type: "button", class: "small", onclick: () => selection.set(selection.layers.map(({ name }) => name)) }, "All");
  const nothing = h("button", { type: "button", class: "small", "data-testid": "select-none", onclick: () => selection.set([]) }, "None");
  const told = h("p", { class: "apply-told", role: "status" });
  const menu = h("div", { id, class: "popover menu apply-menu", popover: "auto", role: "group", "aria-label": "Steps for the selected layers", "data-testid": "apply-menu" });
  const open = h("button", { type: "button", class: "primary small", popovertarget: id, "data-testid": "apply" }, "Apply a step", icon("unfold"));
  menu.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    beside(menu, open);
    fillMenu();
  });
  let opened = 0;

  function fillMenu() {
    const { names } = selection;
    const list = catalog.steps.map((info) => {
      const fit = h("span", { class: "choice-fit" }, "…");
      const button = h("button", { type: "button", "data-apply": info.kind, disabled: true }, h("b", null, info.title), fit, h("span", null, info.summary));
      return { info, fit, button };
    });
    const steps = store.view.steps;
    /**
     * @param {string} words
     * @param {string} what
     * @param {(step: Step) => Step} change
     * @param {number} at
     */
    const action = (words, what, change, at) => {
      const step = /** @type {Step} */ (steps[at]);
      return h("button", { type: "button", class: "small", "aria-label": `${words}: step ${at + 1}`, "data-narrow": what, onclick: () => finish({ steps: steps.with(at, change(step)) }) }, words);
    };
    put(
      menu,
      h("h3", null, `A step for ${plural(names.length, "layer")}`),
      h("ul", { class: "choices" }, list.map(({ button }) => h("li", null, button))),
      steps.length ? h("h3", null, "Or change a step there is") : null,
      h(
        "ul",
        { class: "apply-steps" },
        steps.map((step, at) =>
          h("li", null, h("span", null, h("span", { class: "step-number", "aria-hidden": "true" }, at + 1), titleOf(step.kind)), h("span", { class: "ways" }, action("Only these", "only", (old) => only(old, names, selection.layers.map(({ name }) => name)), at), action("These too", "also", (old) => also(old, names), at), action("Not these", "except", (old) => except(old, names), at))),
        ),
      ),
    );
    void probe(names, list);
  }

  /** @param {string} kind */
  const titleOf = (kind) => catalog.steps.find((info) => info.kind === kind)?.title ?? kind;

  /**
   * Asks the server which of the layers each kind of step can be applied to.
   * @param {string[]} names
   * @param {{info: StepInfo, fit: HTMLElement, button: HTMLButtonElement}[]} list
   */
  async function probe(names, list) {
    opened += 1;
    const mine = opened;
    for (const { info, fit, button } of list) {
      const fits = await accepted(info, names);
      if (mine !== opened) return;
      button.disabled = fits === null || fits.length === 0;
      say(fit, fits === null ? "not now" : fits.length === names.length ? "" : fits.length ? `${fits.length} of ${names.length}` : "none of these");
      if (fits?.length) button.addEventListener("click", () => add(info, fits, names));
    }
    const first = list.find(({ button }) => !button.disabled);
    if (menu.contains(document.activeElement) || document.activeElement === open) first?.button.focus();
  }

  /**
   * The layers that a kind of step can be applied to, or null where the variant is wrong before it comes to that.
   * @param {StepInfo} info
   * @param {string[]} names
   */
  async function accepted(info, names) {
    const variant = variantOf(store.view);
    // A hundred patterns are the most a step takes: more layers than that are asked about in turns.
    const fits = [];
    for (let at = 0; at < names.length; at += 100) {
      const some = names.slice(at, at + 100);
      try {
        await api.whatif({ ...variant, steps: [...variant.steps, step(info, some.map(literal))] }, false);
        fits.push(...some);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const own = error.details.filter(({ loc }) => loc.includes("steps") && loc.includes(variant.steps.length));
        if (!own.length) return null;
        const refused = own.filter(({ loc }) => loc.at(-1) === "layers");
        if (!refused.some(({ legal }) => Array.isArray(legal?.enum))) fits.push(...some.filter((name) => !refused.some(({ message }) => message.includes(`'${literal(name)}'`))));
      }
    }
    return fits;
  }

  /**
   * @param {StepInfo} info
   * @param {string[]} fits
   * @param {string[]} names
   */
  function add(info, fits, names) {
    const all = selection.layers.map(({ name }) => name);
    const bare = step(info, []);
    finish({ steps: [...store.view.steps, only(bare, fits, all)] });
    const left = names.filter((name) => !fits.includes(name));
    if (left.length) note(`${info.title} cannot be applied to ${left.length > 3 ? plural(left.length, "layer") : left.join(", ")}: left out.`);
  }

  /** @param {Partial<import("../types.js").View>} patch */
  function finish(patch) {
    menu.hidePopover();
    store.set(patch, { push: true });
    open.focus();
  }

  function draw() {
    const { names, layers } = selection;
    for (const { fits, button, number } of kinds) {
      const members = layers.filter(fits);
      button.hidden = members.length === 0;
      say(number, String(members.length));
      button.setAttribute("aria-pressed", String(members.length > 0 && members.length === names.length && members.every(({ name }) => names.includes(name))));
    }
    everything.setAttribute("aria-pressed", String(names.length > 0 && names.length === layers.length));
    nothing.disabled = names.length === 0;
    open.disabled = names.length === 0 || whatif.error !== null;
    say(told, names.length ? `${plural(names.length, "layer")} selected` : "Select layers for a step of their own");
    bar.classList.toggle("active", names.length > 0);
  }

  const bar = h("div", { class: "apply-bar" }, h("div", { class: "apply-kinds", role: "group", "aria-label": "Select layers" }, h("span", { class: "muted", "aria-hidden": "true" }, "Select"), everything, kinds.map(({ button }) => button), nothing), told, open, menu);
  whatif.subscribe(draw);
  store.subscribe((view, before) => {
    if (differs(view, before, "pick")) draw();
  });
  draw();
  return bar;
}

/**
 * @param {StepInfo} info
 * @param {string[]} include
 * @returns {Step}
 */
const step = (info, include) => ({ ...required(info.schema, info.schema), kind: info.kind, ...(include.length ? { layers: { include } } : {}) });
