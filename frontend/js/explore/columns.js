// The columns of the layer table: what each says of a layer, of a part of it, and how it sorts.

import { amount, change, direction, exact, percent, times, words } from "../format.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").LayerPart} LayerPart */
/**
 * What a cell says: its text, a smaller line below, a hint, and the colour of a change.
 * @typedef {{text: string, about?: string, title?: string, way?: "less" | "more" | "same"}} Cell
 */
/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {string} [hint]
 * @property {boolean} numeric
 * @property {boolean} spare  only shown where a person asks for it
 * @property {((row: LayerRow) => number | string) | null} value  what the table is ordered by
 * @property {(shown: LayerPart, row: LayerRow, part: boolean) => Cell} cell
 */

/** @param {number[] | null} dims */
const area = (dims) => (dims ?? []).reduce((product, side) => product * side, dims ? 1 : 0);

/** The columns between the name and the share, which the table draws itself. @type {Column[]} */
export const COLUMNS = [
  plain("type", "Type", (row) => row.type, (shown) => words(shown.type), false),
  geometry("kernel", "Kernel", (row) => area(row.kernel), (shown) => times(shown.kernel)),
  geometry("stride", "Stride", (row) => area(row.stride), (shown) => times(shown.stride)),
  geometry("groups", "Groups", (row) => row.groups ?? 0, (shown) => (shown.groups === null ? "–" : exact(shown.groups))),
  plain("shape", "In → out", null, (shown) => `${times(shown.in_shape)} → ${times(shown.out_shape)}`),
  cost("params", "Params"),
  cost("bits", "Stored bits", true),
  cost("activations", "Activations", true),
  cost("macs", "MACs"),
  {
    key: "change",
    title: "Change",
    hint: "Change of the layer's MACs",
    numeric: true,
    spare: false,
    value: (row) => row.macs / Math.max(1, row.baseline.macs),
    cell: (_, row, part) => (part || row.macs === row.baseline.macs ? { text: part ? "" : "–" } : { text: change(row.macs, row.baseline.macs), way: direction(row.macs, row.baseline.macs) }),
  },
  {
    key: "intensity",
    title: "Intensity",
    hint: "Arithmetic intensity: operations (two for each MAC) for each byte of weights, inputs and outputs moved once",
    numeric: true,
    spare: false,
    value: (row) => row.intensity ?? -1,
    cell: (shown, row, part) => compared(shown.intensity, part ? null : row.baseline.intensity, ratio),
  },
  plain("field", "Field", (row) => row.receptive_field ?? Infinity, (_, row, part) => (part ? "" : row.receptive_field === null ? "all" : `${row.receptive_field} px`), true, "Receptive field: how many pixels of the picture, a side, one output sees"),
  part("attention_macs", "Attention", "Those of the MACs that multiply two activations, as attention does"),
  part("scan_macs", "Scan", "Those of the MACs that are a selective scan's"),
  cost("excluded", "Excluded", true, "Operations outside the MAC convention: bias, normalisation, activation, pooling, additions"),
];

/**
 * @param {string} key
 * @param {string} title
 * @param {Column["value"]} value
 * @param {(shown: LayerPart, row: LayerRow, part: boolean) => string} text
 * @param {boolean} [numeric]
 * @param {string} [hint]
 * @returns {Column}
 */
function plain(key, title, value, text, numeric = true, hint) {
  return { key, title, ...(hint ? { hint } : {}), numeric, spare: false, value, cell: (shown, row, part) => ({ text: text(shown, row, part) }) };
}

/**
 * What a step may have changed where one module still stands for the layer; several have rows of their own.
 * @param {string} key
 * @param {string} title
 * @param {(row: LayerPart) => number} value
 * @param {(shown: LayerPart) => string} text
 * @returns {Column}
 */
function geometry(key, title, value, text) {
  /** @param {LayerRow} row */
  const now = (row) => (row.parts.length === 1 ? (row.parts[0] ?? row) : row);
  return {
    key,
    title,
    numeric: true,
    spare: false,
    value: (row) => value(now(row)),
    cell(shown, row, part) {
      const [after, before] = [text(part ? shown : now(row)), text(part ? shown : row)];
      return { text: after, ...(after === before ? {} : { about: `from ${before}` }) };
    },
  };
}

/**
 * @param {"params" | "bits" | "activations" | "macs" | "excluded"} key
 * @param {string} title
 * @param {boolean} [spare]
 * @param {string} [hint]
 * @returns {Column}
 */
function cost(key, title, spare = false, hint) {
  return { key, title, ...(hint ? { hint } : {}), numeric: true, spare, value: (row) => row[key], cell: (shown, row, part) => compared(shown[key], part ? null : row.baseline[key], amount, exact) };
}

/**
 * A part of the MACs that only some networks have: the column is there where it says something.
 * @param {"attention_macs" | "scan_macs"} key
 * @param {string} title
 * @param {string} hint
 * @returns {Column}
 */
function part(key, title, hint) {
  return { key, title, hint, numeric: true, spare: true, value: (row) => row[key], cell: (shown) => (shown[key] ? { text: amount(shown[key]), title: exact(shown[key]) } : { text: "–" }) };
}

/**
 * @param {number | null | undefined} after
 * @param {number | null | undefined} before  null where nothing is compared
 * @param {(value: number) => string} write
 * @param {(value: number) => string} [whole]  for the hint
 * @returns {Cell}
 */
function compared(after, before, write, whole = write) {
  if (after === null || after === undefined) return { text: "–" };
  if (before === null || before === undefined || before === after) return { text: write(after), title: whole(after) };
  return { text: write(after), about: `from ${write(before)}`, title: `${whole(before)} before, ${whole(after)} after` };
}

/** @param {number} value */
export const ratio = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : exact(Math.round(value)));

/** The keys by which the table can be ordered. */
export const ORDERS = ["name", "share", ...COLUMNS.filter(({ value }) => value).map(({ key }) => key)];

/**
 * @param {LayerRow[]} rows
 * @param {string} order  a column, with a minus the largest first; "" is the network's own
 */
export function ordered(rows, order) {
  const key = order.replace(/^-/, "");
  const value = key === "name" ? (/** @type {LayerRow} */ row) => row.name : key === "share" ? (/** @type {LayerRow} */ row) => row.macs : COLUMNS.find((column) => column.key === key)?.value;
  if (!value) return rows;
  const sign = order.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return 0;
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true }));
  });
}

/**
 * @param {number} macs
 * @param {number} total
 */
export const share = (macs, total) => (macs && total ? percent(macs / total) : "–");
