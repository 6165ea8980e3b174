// The ordered steps of the variant: one card each, with its form, and the catalog to add from.

import { append, h, put } from "../dom.js";
import { fields } from "../form/object.js";
import { problemsSlot } from "../form/problems.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { required } from "../schema.js";
import { matcher, only, steppable } from "./selection.js";

/** @typedef {import("../types.js").Step} Step */
/** @typedef {import("../types.js").StepInfo} StepInfo */
/** @typedef {import("../types.js").LayerRow} LayerRow */

/**
 * @param {object} options
 * @param {StepInfo[]} options.catalog
 * @param {() => string[]} options.layers
 * @param {import("./selection.js").Selection} options.selection
 * @param {(steps: Step[], structural: boolean) => void} options.onChange
 */
export function stepsEditor({ catalog, layers, selection, onChange }) {
  /** @type {Step[]} */
  let steps = [];
  let adding = false;
  const list = h("ol", { class: "steps" });
  const menu = h("div", { class: "step-menu" });
  const element = h("section", { class: "editor-part", "aria-label": "Compression steps" }, h("h3", null, "Compression steps"), list, menu, problemsSlot());
  element.dataset.path = "/steps";

  /**
   * @param {Step[]} next
   * @param {string} [focus]  selector of what to focus afterwards
   */
  function restructure(next, focus) {
    steps = next;
    adding = false;
    draw();
    onChange(steps, true);
    /** @type {HTMLElement | null} */ (focus ? element.querySelector(focus) : null)?.focus();
  }

  /** @param {StepInfo} info */
  function add(info) {
    const step = /** @type {Step} */ ({ ...required(info.schema, info.schema), kind: info.kind });
    restructure([...steps, step], `[data-path="/steps/${steps.length}"] .step-head`);
    element.querySelector(`[data-path="/steps/${steps.length - 1}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Step} step
   * @param {number} at
   */
  function card(step, at) {
    const info = catalog.find(({ kind }) => kind === step.kind);
    const title = info?.title ?? step.kind;
    const path = `/steps/${at}`;
    const form = info ? { root: info.schema, sliders: true, layers } : null;
    const inside = info && form
      ? fields(form, info.schema, step, path, (next) => {
          steps = steps.with(at, /** @type {Step} */ ({ ...next, kind: step.kind }));
          onChange(steps, false);
        }, ["kind"])
      : [];
    /** @param {number} to */
    const move = (to) => () => {
      const next = steps.toSpliced(at, 1);
      const mine = /** @type {Step} */ (steps[at]);
      restructure(next.toSpliced(to, 0, mine), `[data-path="/steps/${to}"] .step-head`);
    };
    /**
     * @param {import("../icons.js").IconName} name
     * @param {string} what
     * @param {() => void} act
     * @param {boolean} [off]
     */
    const button = (name, what, act, off = false) =>
      h("button", { type: "button", class: "square quiet", title: what, "aria-label": `${what}: step ${at + 1}, ${title}`, onclick: act, disabled: off }, icon(name));
    return h(
      "li",
      { class: "step", "data-step": step.kind, "data-path": path, "data-testid": "step" },
      h(
        "div",
        { class: "step-head", tabindex: -1 },
        h("span", { class: "step-number", "aria-hidden": "true" }, at + 1),
        h("h4", { title: info?.summary }, title),
        button("up", "Move up", move(at - 1), at === 0),
        button("down", "Move down", move(at + 1), at === steps.length - 1),
        button("copy", "Duplicate", () => restructure(steps.toSpliced(at + 1, 0, structuredClone(/** @type {Step} */ (steps[at]))), `[data-path="/steps/${at + 1}"] .step-head`)),
        button("bin", "Remove", () => restructure(steps.toSpliced(at, 1), steps.length > 1 ? `[data-path="/steps/${Math.max(0, at - 1)}"] .step-head` : ".step-menu button")),
      ),
      h("p", { class: "formula" }, info?.formula ?? ""),
      inside,
      h("button", { type: "button", class: "link use-selection", "data-testid": "use-selection", hidden: true, onclick: () => restructure(steps.with(at, only(/** @type {Step} */ (steps[at]), selection.names, layers())), `[data-path="${path}"] .step-head`) }),
      problemsSlot(),
      h("p", { class: "step-effect" }),
    );
  }

  /** Offers the selected layers to every step. */
  function offer() {
    const { length } = selection.names;
    for (const button of list.querySelectorAll(".use-selection")) {
      /** @type {HTMLElement} */ (button).hidden = length === 0;
      put(button, `Only on the ${length === 1 ? "selected layer" : `${plural(length, "selected layer")}`}`);
    }
  }

  function draw() {
    put(list, steps.map(card));
    list.hidden = steps.length === 0;
    offer();
    drawMenu();
  }

  function drawMenu() {
    const open = adding || steps.length === 0;
    put(menu);
    if (!open) {
      append(menu, [h("button", { type: "button", class: "add", "data-testid": "add-step", "aria-expanded": "false", onclick: () => toggle(true) }, icon("plus"), "Add a step")]);
      return;
    }
    append(menu, [
      steps.length === 0
        ? h("p", { class: "lead" }, "This is the plain network. Add a step and see the cost change at once.")
        : h("div", { class: "menu-head" }, h("h4", null, "Add a step"), h("button", { type: "button", class: "square quiet", "aria-label": "Close the list", onclick: () => toggle(false) }, icon("close"))),
      h(
        "ul",
        { class: "choices" },
        catalog.map((info) =>
          h("li", null, h("button", { type: "button", "data-add": info.kind, onclick: () => add(info) }, h("b", null, info.title), h("span", null, info.summary))),
        ),
      ),
    ]);
  }

  /** @param {boolean} open */
  function toggle(open) {
    adding = open;
    drawMenu();
    menu.scrollIntoView({ block: "nearest" });
    menu.querySelector("button")?.focus();
  }

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !adding || steps.length === 0) return;
    event.preventDefault();
    event.stopPropagation(); // closes this list only
    toggle(false);
  });

  return {
    element,
    /** @param {Step[]} next */
    set(next) {
      steps = next;
      adding = false;
      draw();
    },
    selected: offer,
    /** Says under each step what it acts on. @param {LayerRow[]} rows */
    effects(rows) {
      offer(); // which layers there are to be selected is known by now
      const all = rows.filter(steppable).length;
      for (const at of steps.keys()) {
        const line = element.querySelector(`[data-path="/steps/${at}"] .step-effect`);
        const { kind = "", layers: selector } = steps[at] ?? {};
        const selects = matcher(selector);
        const hit = rows.filter((row) => row.steps.includes(kind) && selects(row.name)).map((row) => row.name);
        if (line) put(line, hit.length ? `Acts on ${hit.length} of ${all} layers: ${short(hit)}` : "");
      }
    },
  };
}

/** @param {string[]} names */
const short = (names) => (names.length > 4 ? `${names.slice(0, 3).join(", ")} … ${names.at(-1)}` : names.join(", "));
