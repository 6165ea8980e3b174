// How a link holds the state of Learn.

import { read, write } from "../notation.js";

/** @typedef {import("../types.js").View} View */
/**
 * @template T
 * @typedef {import("../url.js").Field<T>} Field
 */
/** @typedef {"learnAt" | "learnConv" | "learnWay" | "learnCell" | "learnKernel"} Part */

const MOST_SIDE = 7;

/**
 * @param {RegExp} pattern
 * @param {string} hint
 * @returns {Field<string | null>}
 */
const word = (pattern, hint) => ({
  initial: null,
  hint,
  read: ([text = ""]) => {
    if (!pattern.test(text)) throw new SyntaxError(`${hint} expected`);
    return text;
  },
  write: (value) => (value === null ? [] : [value]),
});

/**
 * @param {string} text
 * @param {string} hint
 */
function numbers(text, hint) {
  const found = text.split(",").map((part) => (part === "" ? NaN : Number(part)));
  if (!found.every(Number.isFinite)) throw new SyntaxError(`${hint} expected`);
  return found;
}

const KERNEL = "rows of up to 7 numbers, 1,2/3,4,";
const CELL = "channel,row,column from 0";

/** @type {{[K in Part]: Field<View[K]>}} */
export const LEARN_TABLE = {
  learnAt: word(/^(convolution|kernels|slips|tables)$/, "convolution, kernels, slips or tables"),
  learnConv: {
    initial: {},
    hint: "(in_channels:4,groups:2)",
    read: ([text = ""]) => {
      const found = read(text);
      if (found === null || typeof found !== "object" || Array.isArray(found)) throw new SyntaxError("(name:value) expected");
      return found;
    },
    write: (value) => (Object.keys(value).length ? [write(value)] : []),
  },
  learnWay: word(/^[a-z_]{1,40}$/, "a kind of convolution"),
  learnCell: {
    initial: null,
    hint: CELL,
    read: ([text = ""]) => {
      const cell = numbers(text, CELL);
      if (cell.length !== 3 || cell.some((part) => part < 0)) throw new SyntaxError(`${CELL} expected`);
      return cell;
    },
    write: (value) => (value === null ? [] : [value.join(",")]),
  },
  learnKernel: {
    initial: null,
    hint: KERNEL,
    read: ([text = ""]) => {
      const rows = text.split("/").map((row) => numbers(row, KERNEL));
      if (rows.length > MOST_SIDE || rows.some((row) => row.length !== rows[0]?.length || row.length > MOST_SIDE)) throw new SyntaxError(`${KERNEL} expected`);
      return rows;
    },
    write: (value) => (value === null ? [] : [value.map((row) => row.join(",")).join("/")]),
  },
};

/** How these parts are called in a link. @type {Record<Part, string>} */
export const LEARN_NAMES = { learnAt: "learn", learnConv: "learn.conv", learnWay: "learn.way", learnCell: "learn.cell", learnKernel: "learn.kernel" };
