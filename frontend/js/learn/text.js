// The lecture's letters, as it writes them.

import { h } from "../dom.js";

const LETTER = /(?<!\w)(?:([HWD])(in|out)|(log)(2)|(Ω)_(q))(?!\w)/g;

/**
 * A text with Hout, Din, log2 and Ω_q written with their indices.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function lettered(text) {
  const out = [];
  let after = 0;
  for (const match of text.matchAll(LETTER)) {
    const [letter = "", index = ""] = match.slice(1).filter((part) => part !== undefined);
    out.push(text.slice(after, match.index), letter, h("sub", null, index));
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
