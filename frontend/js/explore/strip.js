// What the drawing of a network shows: its layers as bars, in blocks, sized by one quantity.

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").WhatIf} WhatIf */
/** @typedef {"macs" | "params" | "bits"} Size */
/** A layer, or a run of tiny ones that would be no more than a hair each. @typedef {{rows: LayerRow[], before: number, after: number, changed: boolean}} Bar */
/** @typedef {{name: string, type: string, join: "add" | "concatenate" | null, bars: Bar[]}} Group */

const MANY = 60; // layers from which on tiny neighbours are drawn as one
const TINY = 0.005; // of the largest layer

/**
 * @param {LayerRow} row
 * @param {Size} size
 */
const tall = (row, size) => Math.max(row[size], row.baseline[size]);

/**
 * @param {WhatIf} result
 * @param {Size} size
 * @returns {{groups: Group[], most: number, count: number}}
 */
export function strip({ layers, blocks }, size) {
  const most = Math.max(1, ...(layers ?? []).map((row) => tall(row, size)));
  // Normalisations and the like have parameters, but next to none: the picture has the same layers whatever it is sized by.
  const rows = (layers ?? []).filter((row) => tall(row, size) > 0 && (tall(row, "macs") > 0 || tall(row, size) > TINY * most));
  const known = new Map((blocks ?? []).map((block) => [block.name, block]));
  /** @type {Map<string, {name: string, rows: LayerRow[]}>} */
  const found = new Map();
  for (const row of rows) {
    const name = row.block ?? row.name;
    const group = found.get(name);
    if (group) group.rows.push(row);
    else found.set(name, { name, rows: [row] });
  }
  /** @param {LayerRow} row */
  const bar = (row) => ({ rows: [row], before: row.baseline[size], after: row[size], changed: row.steps.length > 0 });
  const groups = [...found.values()].map(({ name, rows: members }) => {
    const block = known.get(name);
    const bars = members.map(bar);
    return { name, type: block?.type ?? "", join: block?.join ?? null, bars: rows.length > MANY ? folded(bars, most * TINY) : bars };
  });
  return { groups, most, count: rows.length };
}

/**
 * Neighbours that are all tiny and unchanged as one bar.
 * @param {Bar[]} bars
 * @param {number} least
 */
function folded(bars, least) {
  /** @type {Bar[]} */
  const out = [];
  for (const bar of bars) {
    const last = out.at(-1);
    if (last && [bar, last].every(({ before, after, changed, rows }) => Math.max(before, after) / rows.length < least && !changed)) {
      out[out.length - 1] = { rows: [...last.rows, ...bar.rows], before: last.before + bar.before, after: last.after + bar.after, changed: false };
    } else out.push(bar);
  }
  return out;
}
