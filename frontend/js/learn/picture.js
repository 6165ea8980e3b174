// The convolution as planes of cells: an output value, and every value that it is made of.

import { put, s } from "../dom.js";
import { exact } from "../format.js";
import { channels, drawn, seen, sources, volumes } from "./geometry.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./geometry.js").Cell} Cell */
/** @typedef {import("./geometry.js").Rect} Rect */
/** @typedef {import("./geometry.js").Region} Region */
/** @typedef {{channel: number, x: number, y: number, rows: number, columns: number}} Plane  where one channel is drawn */
/** @typedef {{planes: Plane[], layer: Layer | null, shape: number[], margin: [number, number], region: Region, x: number}} Column */

const MOST_CELLS = 14; // along a side
const CUT_CELLS = 10; // where not all can be drawn
const LARGEST_CELL = 24;
const TALLEST = 500; // of the planes, in pixels, where the cells stay large enough to point at
const SMALLEST_CELL = 7;
const HEAD = 44;
const NARROW = 460;
const LABEL = 16;
const BETWEEN = 10;
const LETTER = 6.5; // width of a letter of a label, about; of a heading
const HEAD_LETTER = 7.6;

export class Picture {
  /** @type {Column[]} */
  #columns = [];
  #cell = 1;
  #width = 1;
  #head = HEAD;

  constructor() {
    this.element = s("svg", { class: "conv-picture", "aria-hidden": "true" });
  }

  /**
   * @param {Layer[]} layers
   * @param {Cell} at  the output value
   * @param {number} width  in pixels
   * @param {boolean} trail  whether the values before it are marked as done
   */
  draw(layers, at, width, trail) {
    this.#width = width;
    const regions = seen(layers, at);
    const sizes = drawn(layers, MOST_CELLS, CUT_CELLS);
    const shapes = volumes(layers);
    this.#head = width < NARROW && shapes.length > 2 ? HEAD + 16 : HEAD;
    const margins = shapes.map((_, i) => /** @type {[number, number]} */ (layers[i]?.padding ?? [0, 0]));
    const gap = Math.min(104, Math.max(30, width * 0.13));
    const room = Math.min(188, (width - gap * (shapes.length - 1) - 8) / shapes.length);
    const longest = Math.max(...sizes.flatMap(([rows, columns], i) => [rows + 2 * (margins[i]?.[0] ?? 0), columns + 2 * (margins[i]?.[1] ?? 0)]));
    const picked = this.#picked(layers, regions, shapes);
    const rows = sizes.map(([rows], i) => (picked[i]?.length ?? 1) * (rows + 2 * (margins[i]?.[0] ?? 0)));
    const low = Math.max(SMALLEST_CELL, (TALLEST - 4 * (LABEL + BETWEEN)) / Math.max(...rows));
    const cell = (this.#cell = Math.min(LARGEST_CELL, room / longest, low));

    const widths = sizes.map(([, columns], i) => (columns + 2 * (margins[i]?.[1] ?? 0)) * cell);
    const used = widths.reduce((sum, part) => sum + part, 0);
    // What the planes leave free goes between them, up to a point.
    const space = Math.min(150, Math.max(gap, (width - 8 - used) / Math.max(1, shapes.length - 1)));
    let x = Math.max(4, (width - used - space * (shapes.length - 1)) / 2);
    const heights = sizes.map(([rows], i) => (picked[i]?.length ?? 1) * ((rows + 2 * (margins[i]?.[0] ?? 0)) * cell + LABEL + BETWEEN) - BETWEEN);
    const tallest = Math.max(...heights);
    this.#columns = shapes.map((shape, i) => {
      const [rows, columns] = /** @type {[number, number]} */ (sizes[i]);
      const margin = /** @type {[number, number]} */ (margins[i]);
      const pitch = (rows + 2 * margin[0]) * cell + LABEL + BETWEEN;
      const top = this.#head + (tallest - (heights[i] ?? 0)) / 2 + LABEL;
      const left = x;
      x += (widths[i] ?? 0) + space;
      const planes = (picked[i] ?? []).map((channel, place) => ({ channel, x: left + margin[1] * cell, y: top + place * pitch + margin[0] * cell, rows, columns }));
      return { planes, layer: layers[i - 1] ?? null, shape, margin, region: /** @type {Region} */ (regions[i]), x: left + (widths[i] ?? 0) / 2 };
    });
    const height = this.#head + tallest + 6;
    this.element.setAttribute("viewBox", `0 0 ${width} ${Math.ceil(height)}`);
    put(
      this.element,
      this.#columns.flatMap((column) => this.#heading(column, width)),
      // Light lies on what it comes from and under what it falls on.
      this.#columns.flatMap((column, i) => [...this.#volume(column, i === this.#columns.length - 1, at, trail), ...this.#rays(column, this.#columns[i + 1], layers[i])]),
    );
  }

  /**
   * The channels that are drawn, alike in volumes whose channels belong to each other one by one.
   * @param {Layer[]} layers
   * @param {Region[]} regions
   * @param {number[][]} shapes
   */
  #picked(layers, regions, shapes) {
    const picked = shapes.map(([count = 1], i) => channels(count, /** @type {Region} */ (regions[i])));
    return picked.map((own, i) => (layers[i] && layers[i]?.groups === shapes[i]?.[0] && layers[i]?.groups === shapes[i + 1]?.[0] ? (picked[i + 1] ?? own) : own));
  }

  /**
   * @param {Column} column
   * @param {number} width
   */
  #heading({ layer, shape: [count = 1, rows, columns], x }, width) {
    const title = layer ? layer.title : "Input";
    // Where three titles find no room beside each other, the size of the window goes above.
    const [size, ...kind] = this.#columns.length > 2 && width < NARROW && layer ? title.split(" ") : ["", title];
    const lines = [size ?? "", kind.join(" "), `${rows}×${columns}×${exact(count)}`];
    const half = (Math.max(...lines.map((line) => line.length)) * HEAD_LETTER) / 2;
    const middle = Math.min(width - half, Math.max(half, x));
    return lines.map((line, i) => s("text", { class: i === 2 ? "conv-shape" : "conv-head", x: middle, y: this.#head - 48 + 17 * i, "text-anchor": "middle" }, line));
  }

  /**
   * Light from what is read to what is made of it.
   * @param {Column} from
   * @param {Column | undefined} to
   * @param {Layer | undefined} layer
   */
  #rays(from, to, layer) {
    if (!to || !layer) return [];
    return to.planes.flatMap((target) => {
      if (target.channel < to.region.from || target.channel >= to.region.to) return [];
      const run = sources(layer, target.channel);
      const end = this.#box(target, to.region.window(target.channel), to.margin);
      return from.planes
        .filter(({ channel }) => channel >= run.from && channel < run.to)
        .map((plane) => {
          const start = this.#box(plane, from.region.window(plane.channel), from.margin);
          const points = [[start.x + start.width, start.y], [end.x, end.y], [end.x, end.y + end.height], [start.x + start.width, start.y + start.height]];
          return s("polygon", { class: "conv-ray", points: points.map((point) => point.join(",")).join(" ") });
        });
    });
  }

  /**
   * @param {Column} column
   * @param {boolean} output
   * @param {Cell} at
   * @param {boolean} trail
   */
  #volume({ planes, shape: [, rows = 1, columns = 1], margin, region }, output, at, trail) {
    const cell = this.#cell;
    return planes.flatMap((plane, place) => {
      const lit = plane.channel >= region.from && plane.channel < region.to;
      const [width, height] = [plane.columns * cell, plane.rows * cell];
      const before = planes[place - 1];
      const skipped = before ? plane.channel - before.channel - 1 : 0;
      const padding = margin[0] || margin[1];
      const cut = plane.rows < rows || plane.columns < columns;
      const label = `channel ${exact(plane.channel + 1)}`;
      const box = lit ? this.#box(plane, region.window(plane.channel), margin) : null;
      return [
        skipped ? s("text", { class: "conv-more", x: plane.x + width / 2, y: plane.y - margin[0] * cell - LABEL - 2, "text-anchor": "middle" }, "⋮") : null,
        s("text", { class: `conv-label${lit ? " lit" : ""}`, ...this.#beside(plane.x - margin[1] * cell, label), y: plane.y - margin[0] * cell - 4 }, label),
        padding ? s("rect", { class: "conv-padding", x: plane.x - margin[1] * cell, y: plane.y - margin[0] * cell, width: width + 2 * margin[1] * cell, height: height + 2 * margin[0] * cell }) : null,
        s("rect", { class: `conv-plane${lit ? " lit" : ""}`, x: plane.x, y: plane.y, width, height }),
        trail && output && lit ? s("path", { class: "conv-trail", d: this.#trail(plane, at) }) : null,
        box ? s("rect", { class: output ? "conv-lit output" : "conv-lit", ...box }) : null,
        s("path", { class: "conv-grid", d: this.#lines(plane) }),
        box ? s("rect", { class: output ? "conv-frame output" : "conv-frame", ...box }) : null,
        cut ? s("path", { class: "conv-cut", d: `M${plane.x + width} ${plane.y}v${height}h${-width}` }) : null,
      ];
    });
  }

  /**
   * Where a label starts; at the right edge of a narrow picture, where it ends.
   * @param {number} x
   * @param {string} label
   */
  #beside(x, label) {
    return x + label.length * LETTER > this.#width ? { x: this.#width, "text-anchor": "end" } : { x };
  }

  /**
   * A window on a plane, in pixels, without what lies beyond the padding.
   * @param {Plane} plane
   * @param {Rect} rect
   * @param {[number, number]} margin
   */
  #box(plane, rect, margin) {
    const [top, left] = [Math.max(rect.row, -margin[0]), Math.max(rect.column, -margin[1])];
    const bottom = Math.min(rect.row + rect.rows, plane.rows + margin[0]);
    const right = Math.min(rect.column + rect.columns, plane.columns + margin[1]);
    const cell = this.#cell;
    return { x: plane.x + left * cell, y: plane.y + top * cell, width: Math.max(0, right - left) * cell, height: Math.max(0, bottom - top) * cell };
  }

  /** @param {Plane} plane */
  #lines({ x, y, rows, columns }) {
    const cell = this.#cell;
    const across = Array.from({ length: rows - 1 }, (_, i) => `M${x} ${y + (i + 1) * cell}h${columns * cell}`);
    const down = Array.from({ length: columns - 1 }, (_, i) => `M${x + (i + 1) * cell} ${y}v${rows * cell}`);
    return across.concat(down).join("");
  }

  /**
   * The cells before this one, row by row.
   * @param {Plane} plane
   * @param {Cell} at
   */
  #trail({ x, y, columns }, [, row, column]) {
    const cell = this.#cell;
    return `M${x} ${y}h${columns * cell}v${row * cell}h${(column - columns) * cell}v${cell}h${-column * cell}z`;
  }

  /**
   * The output value at a place of the picture, or null where there is none.
   * @param {number} x  from the left, in pixels of the page
   * @param {number} y
   * @returns {Cell | null}
   */
  cellAt(x, y) {
    const bounds = this.element.getBoundingClientRect();
    const scale = this.#width / bounds.width;
    const [px, py] = [(x - bounds.left) * scale, (y - bounds.top) * scale];
    for (const plane of this.#columns.at(-1)?.planes ?? []) {
      const [column, row] = [Math.floor((px - plane.x) / this.#cell), Math.floor((py - plane.y) / this.#cell)];
      if (row >= 0 && column >= 0 && row < plane.rows && column < plane.columns) return [plane.channel, row, column];
    }
    return null;
  }
}

/**
 * Rows and columns of the output that are on the picture.
 * @param {Layer[]} layers
 * @returns {[number, number]}
 */
export const onPicture = (layers) => drawn(layers, MOST_CELLS, CUT_CELLS).at(-1) ?? [1, 1];
