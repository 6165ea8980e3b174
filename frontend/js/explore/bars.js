// The SVG of one block of a network: a bar for each layer, what it was before, and the way around the block.

import { attribute, h, s } from "../dom.js";
import { joinSign, joinWords } from "./block.js";

/** @typedef {import("./strip.js").Group} Group */
/** @typedef {import("./strip.js").Bar} Bar */

const HEIGHT = 76;
const TOP = 6;
const FLOOR = TOP + HEIGHT;
const LEAST = 1.5; // so that a small layer still has a bar
const LEFT = 8;
const JOIN = 24;
const LETTER = 6.7; // width of a letter of a label
const SHORTEST = 22; // so that a row of small layers can be pointed at

/**
 * How wide a layer stands, in pixels: wide where all fit into one line, else as the number of layers bids.
 * @param {Group[]} groups
 * @param {number} room  width of the strip
 */
export function pitch(groups, room) {
  const layers = groups.reduce((sum, { bars }) => sum + bars.length, 0);
  const longest = Math.max(1, ...groups.map(({ bars }) => bars.length));
  const around = groups.reduce((sum, { join }) => sum + LEFT + (join ? JOIN : LEFT), 0);
  const usual = layers > 150 ? 9 : layers > 70 ? 12 : 17;
  const line = Math.floor((room - around) / Math.max(1, layers));
  return Math.max(3, Math.min(Math.max(usual, Math.min(line, 30)), Math.floor((room - LEFT - JOIN) / longest)));
}

/** Stripes for what a step changed, defined once for all bars. */
export const patterns = () =>
  s(
    "svg",
    { class: "pattern-holder", width: 0, height: 0, "aria-hidden": "true" },
    s("defs", null, s("pattern", { id: "stripes", width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, s("line", { class: "stripe", x1: 0, y1: 0, x2: 0, y2: 4 }))),
  );

/**
 * A block. Its bars are filled in by `paint`.
 * @param {Group} group
 * @param {number} step  how wide a layer stands
 * @param {number} from  number of its first bar
 */
export function blockBars({ name, type, join, bars }, step, from) {
  const inner = bars.length * step;
  const width = LEFT + inner + (join ? JOIN : LEFT);
  const low = FLOOR + 15;
  const sign = LEFT + inner + 10;
  const wide = Math.max(2, step - Math.max(1, Math.round(step / 5)));
  const marks = bars.map((bar, i) => {
    const x = LEFT + i * step + (step - wide) / 2;
    return s(
      "g",
      { class: "bar-layer", role: "option", "aria-selected": "false", "data-bar": from + i, tabindex: -1 },
      s("rect", { class: "bar-hit", x: LEFT + i * step, y: 0, width: step, height: FLOOR + 3 }),
      s("rect", { class: "bar-after", x, width: wide }),
      bar.changed ? s("rect", { class: "bar-stripes", x, width: wide, fill: "url(#stripes)" }) : null,
      s("rect", { class: "bar-before", x: x + 0.5, width: Math.max(1, wide - 1) }),
    );
  });
  const around = join
    ? [
        s("path", { class: `flow ${join}`, d: `M3 ${FLOOR}V${low - 5}q0 5 5 5H${sign - 5}q5 0 5 -5V${FLOOR + 7}` }),
        s("circle", { class: "join", cx: sign, cy: FLOOR, r: 7 }),
        s("path", { class: "join-sign", d: joinSign(join, sign, FLOOR, 3.5) }),
      ]
    : null;
  const svg = s("svg", { class: "block-bars", role: "none", width, "data-width": width, "data-low": low + 2 }, s("path", { class: "flow", d: `M0 ${FLOOR}H${join ? sign - 7 : width}${join ? `M${sign + 7} ${FLOOR}H${width}` : ""}` }), marks, around);
  const label = h("span", { class: "block-label", "aria-hidden": "true" }, short(name, Math.floor((Math.max(width, 44) - 4) / LETTER)));
  return h("div", { class: "block", role: "group", "aria-label": `${name}${type && type !== name ? `, ${type}` : ""}${joinWords(join)}`, title: null }, svg, label);
}

/**
 * The end of a name that is too long, without the rest of a word: layer1.16 is …1.16.
 * @param {string} name
 * @param {number} letters  how many there is room for
 */
const short = (name, letters) => (name.length <= letters ? name : `…${name.slice(1 - letters).replace(/^([a-z_]+(?=[\d.]))?\.?/i, "")}`);

/** @param {number} share  of the largest layer */
const tall = (share) => (share > 0 ? Math.max(LEAST, share * HEIGHT) : 0);

/**
 * Makes a block as high as its highest bar: a row of small layers takes little room.
 * @param {Element} block
 * @param {Bar[]} bars
 * @param {number} most  what the full height stands for
 */
export function crop(block, bars, most) {
  const svg = /** @type {SVGElement} */ (block.firstElementChild);
  const top = FLOOR - Math.max(SHORTEST, ...bars.map(({ before, after }) => tall(Math.max(before, after) / most))) - TOP;
  const { width, low } = svg.dataset;
  attribute(svg, "viewBox", `0 ${top.toFixed(1)} ${width} ${(Number(low) - top).toFixed(1)}`);
  attribute(svg, "height", (Number(low) - top).toFixed(1));
}

/**
 * Sets the heights and the colour of a bar.
 * @param {Element} element
 * @param {Bar} bar
 * @param {number} most  what the full height stands for
 */
export function paint(element, { before, after, changed }, most) {
  /**
   * @param {string} part
   * @param {number} height
   */
  const size = (part, height) => {
    const rect = element.querySelector(part);
    if (!rect) return;
    attribute(rect, "y", (FLOOR - height).toFixed(2));
    attribute(rect, "height", height.toFixed(2));
  };
  size(".bar-after", tall(after / most));
  size(".bar-stripes", tall(after / most));
  size(".bar-before", before === after ? 0 : tall(before / most));
  element.classList.toggle("more", after > before);
  element.classList.toggle("changed", changed);
  /** @type {SVGElement} */ (element).style.setProperty("--saved", `${before > after ? Math.round((1 - after / before) * 100) : 0}%`);
}
