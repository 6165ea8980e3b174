// Which values a value of the output is made of, and what of it all fits into a picture.

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {{row: number, column: number, rows: number, columns: number}} Rect  in cells; may reach into the padding */
/** @typedef {[number, number, number]} Cell  channel, row, column of an output value, from 0 */
/**
 * What is seen of one volume: some channels, and in each of them a window.
 * @typedef {{from: number, to: number, window: (channel: number) => Rect}} Region
 */

/**
 * The shapes of the input, of what stands between, and of the output.
 * @param {Layer[]} layers
 * @returns {number[][]}
 */
export const volumes = (layers) => [layers[0]?.in_shape ?? [], ...layers.map((layer) => layer.out_shape)];

/**
 * The channels of the layer's input that a channel of its output is made of.
 * @param {Layer} layer
 * @param {number} channel
 */
export function sources({ groups, in_shape: [inputs = 1], out_shape: [outputs = 1] }, channel) {
  const group = Math.floor(channel / (outputs / groups));
  return { from: (group * inputs) / groups, to: ((group + 1) * inputs) / groups };
}

/**
 * What an output value sees, in every volume from the input to the output itself.
 * @param {Layer[]} layers
 * @param {Cell} cell
 * @returns {Region[]}
 */
export function seen(layers, [channel, row, column]) {
  const rect = { row, column, rows: 1, columns: 1 };
  /** @type {Region[]} */
  const regions = [{ from: channel, to: channel + 1, window: () => rect }];
  for (const layer of [...layers].reverse()) {
    const [above] = /** @type {[Region]} */ (regions);
    const [{ from }, { to }] = [sources(layer, above.from), sources(layer, above.to - 1)];
    regions.unshift({ from, to, window: (channel) => back(layer, above.window(channel), channel) });
  }
  return regions;
}

/**
 * The window of the layer's input that a window of its output is made of.
 * @param {Layer} layer
 * @param {Rect} rect
 * @param {number} channel
 * @returns {Rect}
 */
function back({ kernel, stride, padding, taps }, rect, channel) {
  const [tall, wide] = taps ? [1, 1] : kernel;
  const [down, right] = taps?.[channel] ?? [0, 0];
  return {
    row: rect.row * stride[0] - padding[0] + down,
    column: rect.column * stride[1] - padding[1] + right,
    rows: (rect.rows - 1) * stride[0] + tall,
    columns: (rect.columns - 1) * stride[1] + wide,
  };
}

/**
 * Rows and columns that are drawn of each volume: from the top left, as many outputs as have all they see on the picture.
 * @param {Layer[]} layers
 * @param {number} most  cells along a side
 * @param {number} cut  cells along a side that is longer
 * @returns {[number, number][]}
 */
export function drawn(layers, most, cut) {
  const rows = side(layers, 0, most, cut);
  const columns = side(layers, 1, most, cut);
  return rows.map((count, i) => [count, columns[i] ?? 0]);
}

/**
 * @param {Layer[]} layers
 * @param {0 | 1} axis
 * @param {number} most
 * @param {number} cut
 */
function side(layers, axis, most, cut) {
  const sizes = volumes(layers).map((shape) => shape[axis + 1] ?? 1);
  if (Math.max(...sizes) <= most) return sizes;
  for (let outputs = Math.min(sizes.at(-1) ?? 1, cut); ; outputs -= 1) {
    const needs = [outputs];
    for (let i = layers.length - 1; i >= 0; i -= 1) {
      const layer = /** @type {Layer} */ (layers[i]);
      const reach = ((needs[0] ?? 1) - 1) * layer.stride[axis] - layer.padding[axis] + layer.kernel[axis];
      needs.unshift(Math.min(sizes[i] ?? 1, Math.max(1, reach)));
    }
    if (outputs <= 1 || Math.max(...needs) <= cut) return needs;
  }
}

/**
 * At most four channels that tell most about a run of them: its ends, the first and the last of all, and who stands beside.
 * @param {number} count
 * @param {{from: number, to: number}} run
 * @param {number} [most]
 */
export function channels(count, { from, to }, most = 4) {
  const worth = [from, to - 1, 0, count - 1, from - 1, to, from + 1, from + 2, from + 3].filter((channel) => channel >= 0 && channel < count);
  return [...new Set(worth)].slice(0, most).sort((a, b) => a - b);
}

/**
 * The products behind one output value, layer by layer.
 * @param {Layer[]} layers
 */
export const products = (layers) => layers.map((layer) => (layer.taps ? 0 : (layer.kernel[0] * layer.kernel[1] * (layer.in_shape[0] ?? 1)) / layer.groups));

/**
 * A cell that exists in an output of this size.
 * @param {number[] | null} cell
 * @param {number} count  channels
 * @param {[number, number]} size  rows and columns on the picture
 * @returns {Cell}
 */
export function within(cell, count, [rows, columns]) {
  const [channel, row, column] = cell ?? [0, Math.floor((rows - 1) / 2), Math.floor((columns - 1) / 2)];
  /** @param {number | undefined} value @param {number} size */
  const clamp = (value, size) => Math.min(size - 1, Math.max(0, Math.round(value ?? 0)));
  return [clamp(channel, count), clamp(row, rows), clamp(column, columns)];
}
