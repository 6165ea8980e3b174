// Shapes that travel between the API and the page. Types only: this file holds no code.

/** @typedef {string | number | boolean | null | any[] | {[key: string]: any}} Json  any JSON value */
/** @typedef {{[key: string]: Json}} JsonObject */

/**
 * The part of JSON Schema that pydantic writes.
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {Record<string, Schema>} [$defs]
 * @property {string} [type]
 * @property {string} [title]
 * @property {string} [description]
 * @property {Json} [default]
 * @property {Json[]} [examples]
 * @property {Json[]} [enum]
 * @property {Json} [const]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [exclusiveMaximum]
 * @property {number} [multipleOf]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 * @property {{propertyName: string, mapping?: Record<string, string>}} [discriminator]
 */

/** @typedef {"params" | "macs" | "bits" | "activations" | "attention_macs" | "scan_macs" | "structured_macs" | "sparse_macs" | "excluded" | "memory"} CostKey */
/** @typedef {Record<CostKey, number>} Cost */
/** @typedef {"queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled"} RunState */

/** @typedef {{kind: string, layers?: {include?: string[], exclude?: string[]}} & JsonObject} Step */
/** @typedef {{name: string} & JsonObject} Architecture */
/**
 * @typedef {object} Variant
 * @property {string} dataset
 * @property {Architecture} architecture
 * @property {Step[]} steps
 * @property {JsonObject} [recipe]
 * @property {number} [seed]
 */

/** @typedef {{title: string, year: number, url: string}} Source */
/** @typedef {{name: string, title: string, summary: string, channels: number, resolution: number, num_classes: number, present: boolean, downloadable: boolean, shift?: number, flip?: boolean, batch_size?: number}} DatasetInfo */
/** @typedef {{title: string, layers: string[], join: "add" | "concatenate" | null}} BlockInfo */
/** @typedef {{label: string, dataset: string, top1: number, source: Source, place: string, architecture: Architecture | null}} Published */
/** @typedef {{name: string, title: string, family: string, summary: string, source: Source | null, schema: Schema, block: BlockInfo, published: Published[]}} ArchitectureInfo */
/** @typedef {{kind: string, title: string, summary: string, formula: string, source: Source | null, acts_on: string, schema: Schema}} StepInfo */
/** @typedef {{key: CostKey, title: string, unit: string, summary: string}} CostInfo */
/** @typedef {{key: string, title: string, summary: string, formula: string, source: Source | null, limits: Record<string, number>}} ScoreInfo  limits: the accuracy asked for, by data set */
/** @typedef {{key: string, title: string, peak_flops: number, bandwidth: number, precision: string, source: Source | null}} DeviceInfo */
/** @typedef {{key: string, title: string, why: string, source: Source | null}} CounterInfo */
/**
 * @typedef {object} Catalog
 * @property {string} version
 * @property {DatasetInfo[]} datasets
 * @property {ArchitectureInfo[]} architectures
 * @property {StepInfo[]} steps
 * @property {{schema: Schema}} recipe
 * @property {CostInfo[]} costs
 * @property {ScoreInfo[]} scores
 * @property {DeviceInfo[]} devices
 * @property {CounterInfo[]} counters
 */

/** @typedef {{macs: string | null, params: string | null}} Formula  with the layer's own numbers */
/**
 * @typedef {object} LayerPart
 * @property {string} name
 * @property {string} type
 * @property {number[] | null} kernel
 * @property {number[] | null} stride
 * @property {number | null} groups
 * @property {number[]} in_shape
 * @property {number[]} out_shape
 * @property {number} params
 * @property {number} macs
 * @property {number} bits
 * @property {number} activations
 * @property {number} attention_macs
 * @property {number} scan_macs
 * @property {number} structured_macs
 * @property {number} sparse_macs
 * @property {number} excluded
 * @property {number | null} intensity  operations for each byte moved
 * @property {Formula} formula
 */
/** @typedef {Pick<LayerPart, "params" | "macs" | "bits" | "activations" | "excluded" | "intensity" | "formula">} LayerBefore */
/** @typedef {LayerPart & {receptive_field: number | null, block: string | null, baseline: LayerBefore, steps: string[], parts: LayerPart[]}} LayerRow */
/** @typedef {{name: string, type: string, join: "add" | "concatenate" | null, layers: string[]}} Block */
/**
 * @typedef {object} WhatIf
 * @property {Variant} variant  with every default written out
 * @property {string} fingerprint
 * @property {Cost} cost
 * @property {Cost} baseline  of the same network without steps
 * @property {Record<string, number>} scores
 * @property {Record<string, number>} baseline_scores
 * @property {Record<string, number>} bounds  seconds for one image, by device
 * @property {Record<string, number>} baseline_bounds
 * @property {Record<string, number>} others  the excluded operations by kind, in values
 * @property {Record<string, number>} counters  what other counters print
 * @property {Block[] | null} blocks  null where rows were not asked for
 * @property {LayerRow[] | null} layers  null where they were not asked for
 */

/** @typedef {{phase: string, epoch: number, epochs: number, fraction: number, images_per_second: number | null, note: string | null}} Progress */
/** @typedef {{name: string, size: number, sha256: string, media_type: string, url: string}} Artifact */
/** @typedef {{median_ms: number, low_ms: number, high_ms: number, n: number, batch: number, threads: number, device: string, precision: string}} Latency  of one image; low and high are the 10th and 90th percentile */
/** @typedef {{top1: {value: number, low: number, high: number}, loss?: number, n_test?: number, latency?: Latency, [key: string]: any}} Metrics */
/** @typedef {Pick<Cost, "params" | "macs" | "bits" | "activations"> & Partial<Record<CostKey, number | null>>} RunCost  null where an older version stored the run */
/** @typedef {{epoch: number, train_loss: number, train_top1: number, test_loss: number, test_top1: number, lr: number, images_per_second: number, seconds: number}} Epoch */
/**
 * @typedef {object} Run
 * @property {string} id
 * @property {string} fingerprint
 * @property {RunState} state
 * @property {number} attempt
 * @property {number} max_attempts
 * @property {string[]} study_ids
 * @property {string} label
 * @property {Variant} variant
 * @property {RunCost} cost
 * @property {RunCost} baseline
 * @property {Record<string, number>} scores  none where an older version stored the run
 * @property {Metrics | null} metrics
 * @property {Progress | null} progress
 * @property {{code: string, message: string} | null} error
 * @property {string | null} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 * @property {string | null} worker
 * @property {Artifact[]} artifacts
 * @property {Epoch[]} [history]
 */
/** @typedef {{queued: number, running: number, succeeded: number, failed: number, cancelled: number, cancelling?: number}} Counts */
/** @typedef {{id: string, name: string, dataset: string, counts: Counts, created_at: string}} Study */
/**
 * @template T
 * @typedef {{items: T[], total: number, next: string | null}} Page
 */

/** @typedef {{id: string, host: string, pid: number, device: string, device_name: string | null, threads: number | null, run_id: string | null, heartbeat_at: string}} WorkerInfo */
/** @typedef {{status: string, version: string, database: {ok: boolean, kind: string}, broker: {ok: boolean, kind: string}, workers: WorkerInfo[], queue: {queued: number, running: number}}} Health */

/** @typedef {{loc: (string | number)[], message: string, layer?: string | null, legal?: Record<string, Json> | null}} Problem */
/** @typedef {{data: any[], layout: any}} Figure */
/** @typedef {{run_id: string, state: RunState, attempt: number, error: {code: string, message: string} | null}} StateEvent */

/** @typedef {{data: string, arch: Architecture, steps: Step[]}} Pinned */
/**
 * What a link reproduces. `url.js` holds the table of how each part is written.
 * @typedef {object} View
 * @property {"explore" | "runs" | "learn"} view
 * @property {string | null} study  id of the study on the chart
 * @property {string} x  key of a cost or a score, or "latency"
 * @property {boolean} log
 * @property {"none" | "imagenet" | "cifar10" | "cifar100"} refs  published results laid over the chart
 * @property {"chart" | "table"} shown
 * @property {string | null} run  id of the selected run
 * @property {string | null} data
 * @property {Architecture | null} arch
 * @property {Step[]} steps
 * @property {JsonObject} recipe
 * @property {number} seed
 * @property {Pinned | null} pin  the variant to compare with
 * @property {boolean} more  all costs are shown, not only the main ones
 * @property {string | null} device  that the speed bound is for
 * @property {"macs" | "params" | "bits"} size  what the network is drawn by
 * @property {string[]} pick  names of the layers that are selected
 * @property {boolean} all  layer table shows layers without MACs
 * @property {string[] | null} cols  columns of the layer table, null is as many as fit
 * @property {string} order  layer table order, "" is the network's own
 * @property {RunState[]} state  Runs: states shown, none = all
 * @property {string | null} of  Runs: only this study
 * @property {string} q  Runs: text
 * @property {string} sort
 * @property {string | null} after  Runs: cursor of the page shown
 * @property {string[]} compare
 * @property {string | null} learnAt  Learn: section
 * @property {JsonObject} learnConv  Learn: what differs from the lecture's convolution
 * @property {string | null} learnWay  Learn: kind of convolution on the picture
 * @property {number[] | null} learnCell  Learn: channel, row and column of the output value on the picture
 * @property {number[][] | null} learnKernel  Learn: the kernel, null is the first example
 */

export {};
