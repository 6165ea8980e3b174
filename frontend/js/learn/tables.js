// Published tables beside what the same networks cost here.

import { api } from "../api.js";
import { h } from "../dom.js";
import { change, exact } from "../format.js";
import { complain } from "../shell/notices.js";
import { viewOf } from "../variant.js";
import { exploreLink } from "./ways.js";

/** @typedef {import("./types.js").Table} Table */
/** @typedef {import("./types.js").Reference} Reference */
/** @typedef {import("./types.js").Column} Column */

/** The tables of the lecture, in its order; the others come on request. */
export const LECTURE_TABLES = /** @type {const} */ ([
  "mobilenet_v1_separable",
  "mobilenet_v1_shallow",
  "mobilenet_v1_width",
  "mobilenet_v1_resolution",
  "mobilenet_v1_popular",
  "mobilenet_v1_small",
  "mobilenet_v1_dogs",
  "mobilenet_v2_imagenet",
  "resnext_cardinality",
  "squeezenet_compression",
  "squeezenet_versions",
]);

const COUNTED = ["macs", "params"];
const NBSP = "\u00a0";

/**
 * @param {import("../app.js").App} app
 * @param {Table[]} first
 * @returns {HTMLElement}
 */
export function tables(app, first) {
  const list = h("div", { class: "published", "data-testid": "tables" }, first.map((table) => panel(app, table)));
  const more = h("button", { type: "button", class: "add", onclick: () => void all() }, "Show all other tables");
  async function all() {
    more.disabled = true;
    try {
      const { tables } = await api.references([]);
      const rest = tables.filter(({ key }) => !first.some((table) => table.key === key));
      const panels = rest.map((table) => panel(app, table));
      more.remove();
      list.append(...panels);
      /** @type {HTMLElement | null | undefined} */ (panels[0]?.querySelector("h3"))?.focus({ preventScroll: true });
    } catch (error) {
      more.disabled = false;
      complain(error);
    }
  }
  return h("div", { class: "published-all" }, list, more);
}

/**
 * @param {import("../app.js").App} app
 * @param {Table} table
 */
function panel(app, { key, title, source, place, columns, rows }) {
  // Where nothing could be counted there is nothing to compare; what is counted but not printed has a column too.
  const names = rows.some((row) => row.recomputed) ? COUNTED : [];
  const extra = names.filter((name) => !columns.some((column) => column.key === name));
  const heads = columns.flatMap((column) => (names.includes(column.key) ? ["published", "here", "difference"] : [""]).map((about) => head(column.title, about)));
  const shared = [...new Set(rows.flatMap(({ note }, i) => (note && rows.findIndex((row) => row.note === note) !== i ? [note] : [])))];
  return h(
    "section",
    { class: "panel published-table", "data-table": key, "aria-labelledby": `table-${key}` },
    h(
      "div",
      { class: "panel-head" },
      h("h3", { id: `table-${key}`, tabindex: -1 }, title),
      h("span", { class: "push" }),
      h("a", { href: source.url, target: "_blank", rel: "noreferrer", title: source.title }, `${place}, ${source.year}`),
    ),
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "group", "aria-label": title },
      h(
        "table",
        { class: "grid" },
        h("thead", null, h("tr", null, h("th", { scope: "col" }, "Network"), heads, extra.map((name) => head(words(name), "here")))),
        h("tbody", null, rows.map((row) => line(app, row, columns, names, extra, shared.indexOf(row.note ?? "") + 1))),
      ),
    ),
    shared.length ? h("ol", { class: "footnotes" }, shared.map((note, i) => h("li", null, h("sup", null, String(i + 1)), " ", note))) : null,
  );
}

/** @param {string} name */
const words = (name) => (name === "macs" ? "MACs" : "Parameters");

/**
 * @param {string} title
 * @param {string} about
 */
const head = (title, about) => h("th", { scope: "col", class: "num" }, title, about ? h("span", { class: "about" }, about) : null);

/**
 * @param {import("../app.js").App} app
 * @param {Reference} row
 * @param {Column[]} columns
 * @param {readonly string[]} names  of what is counted
 * @param {string[]} extra  of these, what the table does not print
 * @param {number} mark  of a note that several rows share, 0 for none
 */
function line(app, { label, published, recomputed, variant, note }, columns, names, extra, mark) {
  /** @type {Record<string, number>} */
  const here = recomputed ?? {};
  return h(
    "tr",
    null,
    h(
      "th",
      { scope: "row" },
      variant ? exploreLink(app, viewOf({ ...variant, steps: [] }, app.catalog), label) : label,
      mark ? h("sup", null, h("span", { class: "sr" }, " note "), String(mark)) : null,
      note && !mark ? h("span", { class: "about" }, note) : null,
    ),
    columns.flatMap(({ key, unit }) => {
      const [before, now] = [published[key], here[key]];
      const cells = [number(before === undefined ? "–" : printed(before, unit))];
      if (!names.includes(key)) return cells;
      return [...cells, number(now === undefined ? "–" : exact(now)), now === undefined || before === undefined ? number("–") : apart(now, before)];
    }),
    extra.map((key) => number(here[key] === undefined ? "–" : exact(here[key]))),
  );
}

/** @param {string} text */
const number = (text) => h("td", { class: "num" }, text);

/**
 * A published value, with the digits it was published with.
 * @param {number} value
 * @param {string} unit
 */
function printed(value, unit) {
  if (unit === "fraction") return `${(value * 100).toFixed(2).replace(/0$/, "")}${NBSP}%`;
  if (value < 1e4) return `${exact(value)}${unit ? NBSP : ""}${unit}`;
  const { digits, prefix } = short(value);
  return `${exact(Number(digits))}${NBSP}${prefix}`;
}

/**
 * The digits of a large published number, as papers print them: millions, or billions where these have at most one digit after the point.
 * @param {number} value
 */
function short(value) {
  const giga = value >= 1e9 && value % 1e8 === 0;
  return { digits: String(Number((value / (giga ? 1e9 : 1e6)).toPrecision(6))), size: giga ? 1e9 : 1e6, prefix: giga ? "G" : "M" };
}

/**
 * How far apart the two are, and whether what is counted rounds to what is printed.
 * @param {number} here
 * @param {number} published
 */
function apart(here, published) {
  const { digits, size } = short(published);
  const places = digits.split(".")[1]?.length ?? 0;
  const agrees = Math.abs(here - published) <= (size / 10 ** places) * 0.5;
  return h("td", { class: `num${agrees ? " agrees" : ""}`, title: agrees ? "The same to the digits that are printed" : null }, agrees ? h("span", null, "✓ ") : null, change(here, published));
}
