// All costs that have no card: memory, parts of the MACs, scores, what is excluded, a bound on speed.

import { h, put, say, uid } from "../dom.js";
import { amount, change, direction, exact, instant, score } from "../format.js";
import { icon } from "../icons.js";
import { differs } from "../store.js";
import { costText } from "../variant.js";
import { MAIN } from "./costs.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").WhatIf} WhatIf */
/** @typedef {import("../types.js").CostKey} CostKey */
/** @typedef {{before: (result: WhatIf) => number | undefined, after: (result: WhatIf) => number | undefined, write: (value: number) => string, whole?: (value: number) => string}} Measure */
/** @typedef {{element: HTMLElement, draw: (result: WhatIf, pinned: WhatIf | null) => void}} Line */

/** What is said of a part of the MACs only where the variant has such a part. @type {Partial<Record<CostKey, (result: WhatIf) => boolean>>} */
const WORTH = {
  attention_macs: ({ cost, baseline }) => cost.attention_macs + baseline.attention_macs > 0,
  scan_macs: ({ cost, baseline }) => cost.scan_macs + baseline.scan_macs > 0,
  structured_macs: ({ cost }) => cost.structured_macs !== cost.macs,
  sparse_macs: ({ cost }) => cost.sparse_macs !== cost.macs,
};

/** What excluded operations are called where that is not their key. @type {Record<string, string>} */
const KINDS = { batch_norm: "batch normalisation", layer_norm: "layer normalisation", relu: "ReLU", sigmoid: "sigmoid and tanh", gelu: "GELU", swish: "SiLU", addition: "additions", multiplication: "multiplications" };

/**
 * @param {App} app
 * @param {import("../whatif.js").WhatIfs} pinned
 * @returns {HTMLElement}
 */
export function moreCosts({ store, catalog, whatif }, pinned) {
  const id = uid("more");
  const { devices } = catalog;
  const device = () => devices.find(({ key }) => key === store.view.device) ?? devices[0];
  const teaser = h("span", { class: "teaser" });
  const toggle = h("button", { type: "button", class: "more-toggle", "aria-expanded": "false", "aria-controls": id, "data-testid": "more-costs", onclick: () => store.set({ more: !store.view.more }) }, icon("right"), h("b", null, "More costs"), teaser);

  const kinds = h("span", { class: "kinds" });
  const lines = [
    ...catalog.costs.filter(({ key }) => !MAIN.includes(key)).map(({ key, title, unit, summary }) =>
      line(key, title, key === "excluded" ? [summary, kinds] : summary, { after: ({ cost }) => cost[key], before: ({ baseline }) => baseline[key], write: (value) => costText(value, unit), whole: exact }, WORTH[key]),
    ),
    ...catalog.scores.map(({ key, title, summary, formula, source }) =>
      line(key, title, [summary, " ", source ? link(source) : null, h("code", { class: "formula" }, formula)], { after: ({ scores }) => scores[key], before: ({ baseline_scores }) => baseline_scores[key], write: score }),
    ),
  ];
  const picker = h("select", { class: "box", "aria-label": "Device of the speed bound", "data-testid": "device", onchange: () => store.set({ device: picker.value === devices[0]?.key ? null : picker.value }) }, devices.map(({ key, title }) => h("option", { value: key }, title)));
  const peaks = h("span", null);
  /** @type {Line} */
  const bound = line(
    "bound",
    "Speed bound",
    peaks,
    { after: ({ bounds }) => bounds[device()?.key ?? ""], before: ({ baseline_bounds }) => baseline_bounds[device()?.key ?? ""], write: instant },
    () => devices.length > 0,
    h("label", { class: "bound-device" }, h("span", { class: "sr" }, "Device"), picker),
  );
  const head = h("th", { scope: "col", class: "num", hidden: true }, "Against pinned");
  const table = h(
    "table",
    { class: "grid more-table" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Cost"), h("th", { scope: "col", class: "num" }, "This variant"), h("th", { scope: "col", class: "num" }, "Change"), head)),
    h("tbody", null, [...lines, bound].map(({ element }) => element)),
  );
  const counters = otherCounters(catalog.counters);
  const body = h("div", { id, class: "more-body" }, h("div", { class: "table-scroll" }, table), counters.element);
  const element = h("section", { class: "panel more-panel", "aria-label": "More costs", "data-testid": "more-panel" }, toggle, body);

  function draw() {
    const { result, error } = whatif;
    const { more } = store.view;
    toggle.setAttribute("aria-expanded", String(more));
    body.hidden = !more;
    element.classList.toggle("stale", error !== null);
    const chosen = device();
    picker.value = chosen?.key ?? "";
    if (chosen) put(peaks, `A bound for one image, not a measurement: no program can be faster on this device, real ones are slower. It takes ${amount(chosen.peak_flops, "FLOP/s")} (${chosen.precision}) and ${amount(chosen.bandwidth, "B/s")} to be reached all the time. `, chosen.source ? link(chosen.source) : null);
    if (!result) return;
    teaser.hidden = more;
    if (!more) {
      // Hidden rows cost nothing: only the line that stands for them is written.
      const [first] = catalog.scores;
      const parts = [
        `peak memory ${amount(result.cost.memory, "B")}`,
        ...(first ? [`${first.title} ${score(result.scores[first.key] ?? 0)}`] : []),
        ...(chosen ? [`${chosen.title}: at least ${instant(result.bounds[chosen.key] ?? 0)}`] : []),
      ];
      return say(teaser, parts.join(" · "));
    }
    head.hidden = pinned.result === null;
    for (const { draw } of [...lines, bound]) draw(result, pinned.result);
    // What pooling writes is not an operation of its own: reading is.
    const parts = Object.entries(result.others).filter(([kind, count]) => count > 0 && kind !== "pooled");
    say(kinds, parts.sort(([, a], [, b]) => b - a).map(([kind, count]) => `${KINDS[kind] ?? kind.replace(/_/g, " ")} ${amount(count)}`).join(", "));
    counters.draw(result);
  }

  whatif.subscribe(draw);
  pinned.subscribe(draw);
  store.subscribe((view, before) => {
    if (differs(view, before, "more", "device")) draw();
  });
  draw();
  return element;
}

/**
 * @param {string} key
 * @param {string} title
 * @param {import("../dom.js").Child | import("../dom.js").Child[]} summary
 * @param {Measure} measure
 * @param {(result: WhatIf) => boolean} [worth]
 * @param {HTMLElement | null} [control]  stands beside the title
 * @returns {Line}
 */
function line(key, title, summary, { after, before, write, whole = write }, worth = () => true, control = null) {
  const value = h("data", { value: "" });
  const from = h("span", { class: "about" });
  const delta = h("td", { class: "num" });
  const against = h("td", { class: "num" });
  const element = h("tr", { "data-testid": `cost-${key}` }, h("th", { scope: "row" }, explained(title, summary), control), h("td", { class: "num" }, value, from), delta, against);
  return {
    element,
    draw(result, pinned) {
      const [now, plain, other] = [after(result), before(result), pinned ? after(pinned) : undefined];
      element.hidden = now === undefined || !worth(result);
      if (now === undefined) return;
      say(value, write(now));
      value.value = String(now);
      value.title = whole(now);
      say(from, plain === undefined || plain === now ? "" : `from ${write(plain)}`);
      compare(delta, now, plain);
      against.hidden = pinned === null;
      compare(against, now, other);
    },
  };
}

/**
 * @param {HTMLElement} cell
 * @param {number} now
 * @param {number | undefined} other
 */
function compare(cell, now, other) {
  cell.className = `num delta ${other === undefined ? "same" : direction(now, other)}`;
  say(cell, other === undefined ? "" : change(now, other));
}

/**
 * A name that opens what is meant by it.
 * @param {string} title
 * @param {import("../dom.js").Child | import("../dom.js").Child[]} text
 */
const explained = (title, text) => h("details", { class: "explained" }, h("summary", null, title), h("p", { class: "about" }, text));

/** @param {import("../types.js").Source} source */
const link = ({ title, year, url }) => h("a", { href: url, rel: "noreferrer", target: "_blank" }, `${title}${year ? `, ${year}` : ""}`);

/**
 * What other counters would print for the same network, and why.
 * @param {import("../types.js").CounterInfo[]} counters
 */
function otherCounters(counters) {
  const rows = counters.map(({ key, title, why, source }) => {
    const value = h("td", { class: "num" });
    const delta = h("td", { class: "num" });
    return { key, value, delta, element: h("tr", { "data-counter": key }, h("th", { scope: "row" }, explained(title, [why, " ", source ? link(source) : null])), value, delta) };
  });
  const element = h(
    "details",
    { class: "counters" },
    h("summary", null, "What other counters would print"),
    h(
      "table",
      { class: "grid more-table" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Counter"), h("th", { scope: "col", class: "num" }, "Prints"), h("th", { scope: "col", class: "num" }, "Against our MACs"))),
      h("tbody", null, rows.map(({ element }) => element)),
    ),
  );
  element.hidden = rows.length === 0;
  return {
    element,
    /** @param {WhatIf} result */
    draw({ counters: found, cost }) {
      for (const { key, value, delta, element } of rows) {
        const number = found[key];
        element.hidden = number === undefined;
        if (number === undefined) continue;
        say(value, amount(number));
        value.title = exact(number);
        say(delta, number === cost.macs ? "the same" : change(number, cost.macs));
      }
    },
  };
}
