// The building block of a network family as a small drawing: its layers in order, and the way around them.

import { s } from "../dom.js";

/** @typedef {import("../types.js").BlockInfo} BlockInfo */

const HEIGHT = 18;
const GAP = 10;
const LETTER = 5.6;
const PAD = 9;
const TOP = 3;

/**
 * The drawing; its width follows its layers.
 * @param {BlockInfo} block
 * @returns {SVGElement}
 */
export function blockDrawing({ title, layers, join }) {
  const middle = TOP + HEIGHT / 2;
  let x = join ? 16 : 8;
  const start = x - 6;
  const boxes = layers.flatMap((layer, i) => {
    const width = Math.max(26, layer.length * LETTER + PAD);
    const left = x;
    x += width + GAP;
    return [
      i ? s("path", { class: "block-line", d: `M${left - GAP} ${middle}H${left}` }) : null,
      s("rect", { class: "block-layer", x: left, y: TOP, width, height: HEIGHT, rx: 3 }),
      s("text", { class: "block-text", x: left + width / 2, y: middle + 3.2, "text-anchor": "middle" }, layer),
    ];
  });
  const end = x - GAP;
  const low = TOP + HEIGHT + 9;
  const sign = end + 13;
  const width = join ? sign + 16 : end + 8;
  return s(
    "svg",
    { class: "block-drawing", viewBox: `0 0 ${width} ${low + 4}`, width, height: low + 4, role: "img", "aria-label": `${title}: ${layers.join(", then ")}${joinWords(join)}` },
    s("path", { class: "block-line", d: `M0 ${middle}H${join ? 16 : 8}M${end} ${middle}H${join ? sign - 7 : width}` }),
    boxes,
    join
      ? [
          s("path", { class: `block-skip ${join}`, d: `M${start} ${middle}V${low - 4}q0 4 4 4H${sign - 4}q4 0 4 -4V${middle + 7}` }),
          s("path", { class: "block-line", d: `M${sign + 7} ${middle}H${width}` }),
          s("circle", { class: "block-join", cx: sign, cy: middle, r: 7 }),
          s("path", { class: "block-sign", d: joinSign(join, sign, middle, 3.5) }),
        ]
      : null,
  );
}

/** @param {BlockInfo["join"]} join */
export const joinWords = (join) => (join === "add" ? "; its input is added to the result" : join === "concatenate" ? "; its branches are put side by side" : "");

/**
 * A plus where values are added, two bars where channels are put side by side.
 * @param {"add" | "concatenate"} join
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export const joinSign = (join, x, y, r) =>
  join === "add" ? `M${x - r} ${y}h${2 * r}M${x} ${y - r}v${2 * r}` : `M${x - r / 2} ${y - r}v${2 * r}M${x + r / 2} ${y - r}v${2 * r}`;
