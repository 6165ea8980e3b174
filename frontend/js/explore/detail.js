// One layer in full, before and after the steps: its formulas with its own numbers, and what has no column.

import { h } from "../dom.js";
import { amount, exact, times, words } from "../format.js";
import { ratio } from "./columns.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").LayerPart} LayerPart */

/**
 * @param {LayerRow} row
 * @returns {HTMLElement}
 */
export function layerDetail(row) {
  const changed = row.steps.length > 0;
  const before = facts([
    geometry(row),
    formulas(row.baseline),
    changed ? null : special(row),
    ["Stored", `${amount(row.baseline.bits, "bit")}`],
    row.baseline.activations ? ["Activations", exact(row.baseline.activations)] : null,
    row.baseline.excluded ? ["Excluded operations", exact(row.baseline.excluded)] : null,
    row.baseline.intensity ? ["Arithmetic intensity", `${ratio(row.baseline.intensity)} operations a byte`] : null,
    ["Receptive field", row.receptive_field === null ? "the whole picture" : `${row.receptive_field} × ${row.receptive_field} pixels`],
    row.block ? ["Block", row.block] : null,
  ]);
  if (!changed) return h("div", { class: "layer-detail" }, h("section", null, before));
  const several = row.parts.length > 1;
  const after = row.parts.map((part) =>
    h("div", { class: "detail-part" }, several ? h("h4", null, h("code", null, part.name), ` ${words(part.type)}`) : null, facts([geometry(part), formulas(part), special(part)])),
  );
  const sum = facts([
    several ? ["MACs in all", `${terms(row.parts, "macs")} = ${exact(row.macs)}`] : null,
    several ? ["Parameters in all", `${terms(row.parts, "params")} = ${exact(row.params)}`] : null,
    ["Stored", `${amount(row.bits, "bit")}`],
    row.activations ? ["Activations", exact(row.activations)] : null,
    row.excluded ? ["Excluded operations", exact(row.excluded)] : null,
    row.intensity ? ["Arithmetic intensity", `${ratio(row.intensity)} operations a byte`] : null,
  ]);
  return h("div", { class: "layer-detail" }, h("section", null, h("h3", null, "Before"), before), h("section", null, h("h3", null, "After ", row.steps.map((kind) => h("span", { class: "tag" }, kind.replace(/_/g, " ")))), after, sum));
}

/** @typedef {[string, string]} Fact */

/** @param {(Fact | Fact[] | null)[]} lines */
function facts(lines) {
  const pairs = lines.flatMap((line) => (line === null ? [] : Array.isArray(line[0]) ? /** @type {Fact[]} */ (line) : [/** @type {Fact} */ (line)]));
  return h("dl", { class: "detail-facts" }, pairs.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

/**
 * @param {LayerPart} part
 * @returns {Fact}
 */
function geometry(part) {
  const shape = `${times(part.in_shape)} → ${times(part.out_shape)}`;
  const groups = part.groups !== null && part.groups > 1 ? `, ${exact(part.groups)} groups` : "";
  return ["Shape", part.kernel ? `${times(part.kernel)}, stride ${times(part.stride)}${groups}: ${shape}` : shape];
}

/**
 * @param {{formula: import("../types.js").Formula, macs: number, params: number}} part
 * @returns {Fact[]}
 */
const formulas = ({ formula, macs, params }) => [
  ["MACs", formula?.macs ?? exact(macs)],
  ["Parameters", formula?.params ?? exact(params)],
];

/**
 * What only some layers have.
 * @param {LayerPart} part
 * @returns {Fact[]}
 */
const special = ({ macs, attention_macs, scan_macs, structured_macs, sparse_macs }) => [
  ...(attention_macs ? [/** @type {Fact} */ (["In attention products", exact(attention_macs)])] : []),
  ...(scan_macs ? [/** @type {Fact} */ (["In selective scans", exact(scan_macs)])] : []),
  ...(structured_macs < macs ? [/** @type {Fact} */ (["Without dead filters", exact(structured_macs)])] : []),
  ...(sparse_macs < macs ? [/** @type {Fact} */ (["Of weights that are not zero", exact(sparse_macs)])] : []),
];

/**
 * @param {LayerPart[]} parts
 * @param {"macs" | "params"} key
 */
const terms = (parts, key) => parts.map((part) => exact(part[key])).join(" + ");
