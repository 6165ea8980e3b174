// One row of the layer table. Its cells are made once; a new answer only changes the texts that differ.

import { attribute, h, put, say } from "../dom.js";
import { icon } from "../icons.js";
import { COLUMNS, share } from "./columns.js";
import { layerDetail } from "./detail.js";
import { steppable } from "./selection.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").LayerPart} LayerPart */
/** @typedef {{key: string, kind: "layer" | "part" | "detail", row: LayerRow, shown: LayerPart}} Item */
/** @typedef {{total: number, open: Set<string>, picked: Set<string>}} Shown */
/** @typedef {{toggle: (name: string) => void, pick: (name: string, on: boolean, range: boolean) => void, walk: (name: string, by: number) => void}} Actions */

/** @type {WeakMap<HTMLElement, (item: Item, shown: Shown) => void>} */
const updaters = new WeakMap();

/**
 * @param {Item} item
 * @param {Actions} actions
 */
export function makeRow(item, actions) {
  const element = h("tr", { class: item.kind });
  updaters.set(element, item.kind === "detail" ? detailRow(element) : dataRow(element, item, actions));
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Item} item
 * @param {Shown} shown
 */
export const updateRow = (element, item, shown) => updaters.get(element)?.(item, shown);

/** @param {HTMLElement} element */
function detailRow(element) {
  const cell = h("td", { colspan: COLUMNS.length + 3 });
  element.append(cell);
  let signature = "";
  return (/** @type {Item} */ { row }) => {
    const next = JSON.stringify(row);
    if (next === signature) return;
    signature = next;
    put(cell, layerDetail(row));
  };
}

/**
 * @param {HTMLElement} element
 * @param {Item} item
 * @param {Actions} actions
 */
function dataRow(element, { kind, row: { name }, row, shown: { name: own } }, actions) {
  const part = kind === "part";
  const pick =
    part || !steppable(row)
      ? null
      : h("input", {
          type: "checkbox",
          "aria-label": `Select ${name}`,
          onclick: (/** @type {MouseEvent} */ event) => actions.pick(name, /** @type {HTMLInputElement} */ (event.currentTarget).checked, event.shiftKey),
          onkeydown: (/** @type {KeyboardEvent} */ event) => {
            const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (!by) return;
            event.preventDefault();
            actions.walk(name, by);
          },
        });
  const tags = h("span", { class: "tags", hidden: true });
  const expand = part ? null : h("button", { type: "button", class: "expand", "aria-label": `${name}, details`, onclick: () => actions.toggle(name) }, icon("right"), name.split(/(?<=\.)/).flatMap((part) => [h("wbr"), part]));
  const cells = COLUMNS.map((column) => {
    const text = document.createTextNode("");
    const about = h("span", { class: "about", hidden: true });
    const cell = h("td", { class: column.numeric ? "num" : null, "data-col": column.key }, text, about);
    return { column, text, about, cell };
  });
  const percent = document.createTextNode("");
  const fill = h("span", { class: "meter-fill" });
  const meter = h("span", { class: "meter", "aria-hidden": "true" }, fill);
  if (!part) element.dataset.layer = name;
  element.append(
    h("td", { class: "pick" }, pick),
    h("th", { scope: "row" }, expand ?? h("span", { class: "part-name" }, own.replace(`${name}.`, "")), part ? null : tags),
    ...cells.map(({ cell }) => cell),
    h("td", { class: "num share", "data-col": "share" }, percent, meter),
  );
  let signature = "";

  return (/** @type {Item} */ { row, shown }, /** @type {Shown} */ { total, open, picked }) => {
    const selected = !part && picked.has(name);
    if (pick && pick.checked !== selected) pick.checked = selected;
    attribute(element, "class", part ? "part" : `layer${row.steps.length ? " changed" : ""}${selected ? " picked" : ""}`);
    if (expand) attribute(expand, "aria-expanded", String(open.has(name)));
    const text = share(shown.macs, total);
    if (percent.data !== text) percent.data = text;
    if (meter.hidden !== !shown.macs) meter.hidden = !shown.macs;
    const portion = String(total ? shown.macs / total : 0);
    if (fill.style.getPropertyValue("--share") !== portion) fill.style.setProperty("--share", portion);
    const next = JSON.stringify(part ? shown : row);
    if (next === signature) return;
    signature = next;
    tags.hidden = row.steps.length === 0;
    put(tags, row.steps.map((step) => h("span", { class: "tag" }, step.replace(/_/g, " "))));
    for (const { column, text, about, cell } of cells) {
      const says = column.cell(shown, row, part);
      if (text.data !== says.text) text.data = says.text;
      say(about, says.about ?? "");
      if (about.hidden !== !says.about) about.hidden = !says.about;
      attribute(cell, "title", says.title);
      attribute(cell, "class", [column.numeric && "num", says.way && `delta ${says.way}`].filter(Boolean).join(" "));
    }
  };
}
