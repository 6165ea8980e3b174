// Line icons on a 16 px grid, drawn in the colour of the text.

import { s } from "./dom.js";

const PATHS = /** @type {const} */ ({
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3.5M4 7l4-4 4 4",
  down: "M8 3v9.5M4 9l4 4 4-4",
  copy: "M6 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6.500a1 1 0 0 1 1-1zM3 10.500V3a1 1 0 0 1 1-1h6.500",
  bin: "M3 4.500h10M6.500 4.500V3h3v1.500M4.500 4.500l.6 8.500h5.800l.6-8.500M6.800 7v4M9.200 7v4",
  right: "M6 3.500l4.500 4.500L6 12.500",
  sun: "M8 5.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9",
  moon: "M13 9.600A5.600 5.600 0 0 1 6.400 3a5.300 5.300 0 1 0 6.600 6.600z",
  auto: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 5l4.800-.1M8 8h6M8 11l4.800.1",
  download: "M8 2.500v7.500M4.800 7L8 10.200 11.200 7M3 13h10",
  check: "M3.500 8.500l3 3 6-7",
  warn: "M8 2.500l6 10.500H2zM8 6.500v3M8 11.200v.3",
  retry: "M13 8a5 5 0 1 1-1.600-3.700M13 2.500v3h-3",
  stop: "M4.500 4.500h7v7h-7z",
  compare: "M5 13V6M8 13V3M11 13V8.500M2.500 13.500h11",
  open: "M9 3h4v4M13 3L7.500 8.500M11.500 9.500V13H3V4.500h3.500",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.500 3.500",
  ring: "M8 3.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9z",
  half: "M8 3.500a4.500 4.500 0 1 0 4.500 4.500",
  cross: "M4.500 4.500l7 7M11.500 4.500l-7 7",
  dash: "M4 8h8",
  undo: "M5.500 3L2.500 6l3 3M2.500 6h7a3.500 3.500 0 0 1 0 7H6",
  redo: "M10.500 3l3 3-3 3M13.500 6h-7a3.500 3.500 0 0 0 0 7H10",
  pin: "M6 2.500h4M6.500 2.500v4L4.500 9h7l-2-2.500v-4M8 9v4.500",
  unfold: "M4 6l4 4 4-4",
});

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @returns {SVGElement}
 */
export const icon = (name) => s("svg", { class: `icon icon-${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: PATHS[name] }));
