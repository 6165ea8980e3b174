// The trade-off chart as a table that the keyboard can walk.

import { h, put } from "../dom.js";
import { exact, interval, percent } from "../format.js";
import { costText } from "../variant.js";

/** @typedef {import("../figure.js").Point} Point */
/** @typedef {import("../figure.js").Reference} Reference */

/**
 * @param {(id: string) => void} onSelect
 */
export function twin(onSelect) {
  const body = h("tbody", {
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const buttons = [...body.querySelectorAll("button")];
      const at = buttons.findIndex((button) => button === document.activeElement);
      const next = buttons[at + step];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    },
  });
  const costHead = h("th", { scope: "col", class: "num" });
  const element = h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Finished runs of the study" },
    h(
      "table",
      { class: "grid", "data-testid": "tradeoff-table" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Run"), h("th", { scope: "col" }, "Kind"), costHead, h("th", { scope: "col", class: "num" }, "Top-1"), h("th", { scope: "col", class: "num" }, "95 % interval"), h("th", { scope: "col" }, "Front"))),
      body,
    ),
  );
  return {
    element,
    /**
     * @param {Point[]} points
     * @param {Reference[]} published
     * @param {string} title
     * @param {string} unit
     * @param {string | null} selected
     */
    draw(points, published, title, unit, selected) {
      put(costHead, title);
      const focused = body.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.run : null;
      put(
        body,
        points.map((point) =>
          h(
            "tr",
            { class: point.id === selected ? "selected" : null },
            h("th", { scope: "row" }, h("button", { type: "button", class: "link", "data-run": point.id, "aria-pressed": String(point.id === selected), onclick: () => onSelect(point.id) }, point.label)),
            h("td", null, point.family),
            h("td", { class: "num", title: exact(point.x) }, costText(point.x, unit)),
            h("td", { class: "num" }, percent(point.top1, 2)),
            h("td", { class: "num" }, interval(point)),
            h("td", null, point.front ? "on the front" : ""),
          ),
        ),
        published.map(({ label, family, source, x, top1 }) =>
          h(
            "tr",
            { class: "published" },
            h("th", { scope: "row" }, label, h("span", { class: "about" }, source)),
            h("td", null, family),
            h("td", { class: "num", title: exact(x) }, costText(x, unit)),
            h("td", { class: "num" }, percent(top1, 2)),
            h("td", { class: "num" }, "–"),
            h("td", null, "published"),
          ),
        ),
      );
      if (focused) /** @type {HTMLElement | null} */ (body.querySelector(`[data-run="${focused}"]`))?.focus();
    },
  };
}
