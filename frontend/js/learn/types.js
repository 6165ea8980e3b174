// Shapes of what /learn and /references answer. Types only: this file holds no code.

/** @typedef {import("../types.js").Schema} Schema */
/** @typedef {import("../types.js").Variant} Variant */
/** @typedef {import("../types.js").Source} Source */
/** @typedef {[number, number]} Pair  rows, columns */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} title
 * @property {Pair} kernel
 * @property {Pair} stride
 * @property {Pair} padding
 * @property {number} groups
 * @property {number[]} in_shape  channels, rows, columns
 * @property {number[]} out_shape
 * @property {number} params
 * @property {number} macs
 * @property {Pair[] | null} taps  where in its window each channel is taken from; null: a convolution
 */
/** @typedef {{symbols: string, numbers: string}} Formula */
/**
 * @typedef {object} Way
 * @property {string} kind
 * @property {string} title
 * @property {string} summary
 * @property {string | null} unavailable  why it cannot be done so; then there are no numbers
 * @property {number | null} macs
 * @property {number | null} params
 * @property {number | null} ratio  MACs over the standard's
 * @property {number | null} params_ratio
 * @property {string | null} fraction
 * @property {{macs: Formula, params: Formula} | null} formula
 * @property {Layer[]} layers
 * @property {number | null} rank
 * @property {number | null} largest_rank
 * @property {string | null} note
 * @property {Variant | null} example
 */

/** @typedef {{column: number[], row: number[]}} Factors */
/** @typedef {{rank: number, values: number[][], factors: Factors[], error: number, energy: number, params: number}} Reconstruction */
/** @typedef {{rank: number, params: number, singular_values: number[], reconstructions: Reconstruction[]}} Decomposition */

/** @typedef {{label: string, section: string | null, kind: string | null, variant: Variant | null, url: string | null}} Pointer */
/** @typedef {{x: string, y: string, values: number[], remarks: Record<string, string>}} Curve */
/** @typedef {{key: string, title: string, said: string, right: string, why: string, see: Pointer[], curve: Curve | null}} Slip */
/** @typedef {{title: string, remark: string, values: Record<string, any>}} ConvolutionExample */
/** @typedef {{title: string, remark: string, values: number[][]}} KernelExample */
/** @typedef {{convolution: Schema, convolutions: ConvolutionExample[], kernels: KernelExample[], slips: Slip[]}} Lecture */

/** @typedef {{key: string, title: string, unit: string}} Column */
/**
 * @typedef {object} Reference
 * @property {string} label
 * @property {Record<string, number>} published  by column; accuracies are fractions
 * @property {{macs: number, params: number} | null} recomputed
 * @property {Omit<Variant, "steps"> | null} variant
 * @property {string | null} note
 */
/** @typedef {{key: string, title: string, source: Source, place: string, columns: Column[], rows: Reference[]}} Table */

export {};
