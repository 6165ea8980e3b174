// The lecture's letters, as it writes them.

import { h } from "../dom.js";

const LETTER = /\b(?:([HWD])(in|out)|(log)(2))\b/g;

/**
 * A text with Hout, Din and log2 written with their indices.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function lettered(text) {
  const out = [];
  let after = 0;
  for (const match of text.matchAll(LETTER)) {
    out.push(text.slice(after, match.index), match[1] ?? match[3] ?? "", h("sub", null, match[2] ?? match[4] ?? ""));
    after = match.index + match[0].length;
  }
  return [...out, text.slice(after)];
}

/**
 * A plain number: up to four digits after the point, a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 */
export const plain = (value, digits = 4) => String(Number(value.toPrecision(digits))).replace("-", "\u2212");
