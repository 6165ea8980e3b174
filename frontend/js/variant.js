// Between the view in the link and the variant that the server understands.

import { amount, instant, plural, score, words } from "./format.js";
import { blank, optional, same, union } from "./schema.js";

/** @typedef {import("./types.js").Variant} Variant */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Catalog} Catalog */
/** @typedef {import("./types.js").Schema} Schema */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").JsonObject} JsonObject */
/** @typedef {import("./types.js").Step} Step */
/** @typedef {import("./types.js").Architecture} Architecture */

/** The parts of the view that make up the variant. */
export const PARTS = /** @type {const} */ (["data", "arch", "steps", "recipe", "seed"]);

/**
 * @param {View} view  with data and architecture filled in by `fit`
 * @returns {Variant}
 */
export function variantOf(view) {
  const variant = { dataset: view.data ?? "", architecture: view.arch ?? { name: "" }, steps: view.steps, seed: view.seed };
  return Object.keys(view.recipe).length ? { ...variant, recipe: view.recipe } : variant;
}

/**
 * The pinned variant, or null. Only what its cost depends on is kept of it.
 * @param {View} view
 * @returns {Variant | null}
 */
export const pinnedVariant = ({ pin }) => pin && { dataset: pin.data, architecture: pin.arch, steps: pin.steps };

/**
 * Everything the horizontal axis of the trade-off chart can show, by group.
 * @param {Catalog} catalog
 * @returns {{title: string, options: {key: string, title: string, unit: string}[]}[]}
 */
export function axes(catalog) {
  return [
    { title: "Cost", options: catalog.costs },
    { title: "Score", options: catalog.scores.map(({ key, title }) => ({ key, title, unit: "score" })) },
    { title: "Measured", options: [{ key: LATENCY, title: "Latency", unit: "ms" }] },
  ];
}

/** The axis of measured times: of finished runs only, no variant has it before it was trained. */
export const LATENCY = "latency";

/**
 * @param {Catalog} catalog
 * @param {string} key
 */
export const axisOf = (catalog, key) => axes(catalog).flatMap(({ options }) => options).find((option) => option.key === key) ?? { key, title: words(key), unit: "" };

/**
 * Fills in what a view leaves open and replaces what the catalog does not know.
 * @param {View} view
 * @param {Catalog} catalog
 * @returns {{patch: Partial<View>, problems: string[]}}
 */
export function fit(view, catalog) {
  /** @type {Partial<View>} */
  const patch = {};
  const problems = [];
  const { data, arch } = view;
  if (data === null || !catalog.datasets.some((set) => set.name === data)) {
    const first = catalog.datasets.find((set) => set.name === "digits") ?? catalog.datasets.find((set) => set.present) ?? catalog.datasets[0];
    if (data !== null) problems.push(`data=${data}: there is no such data set`);
    patch.data = first?.name ?? "digits";
  }
  if (arch === null || !catalog.architectures.some((known) => known.name === arch.name)) {
    if (arch !== null) problems.push(`arch=${arch.name}: there is no such architecture`);
    patch.arch = { name: catalog.architectures[0]?.name ?? "tinyconv" };
  }
  const steps = view.steps.filter((step) => catalog.steps.some((known) => known.kind === step.kind));
  if (steps.length < view.steps.length) {
    const lost = view.steps.filter((step) => !steps.includes(step));
    problems.push(...lost.map((step) => `step=${step.kind}: there is no such step`));
    patch.steps = steps;
  }
  if (!axes(catalog).some(({ options }) => options.some(({ key }) => key === view.x))) {
    problems.push(`x=${view.x}: there is no such cost or score`);
    patch.x = "macs";
  }
  if (view.device !== null && !catalog.devices.some(({ key }) => key === view.device)) {
    problems.push(`device=${view.device}: there is no such device`);
    patch.device = null;
  }
  const { pin } = view;
  if (pin && !(catalog.architectures.some(({ name }) => name === pin.arch.name) && catalog.datasets.some(({ name }) => name === pin.data))) {
    problems.push(`pin=${pin.data}, ${pin.arch.name}: there is no such data set or architecture`);
    patch.pin = null;
  }
  return { patch, problems };
}

/**
 * A value without what the schema would fill in by itself.
 * @param {Json} value
 * @param {Schema} raw
 * @param {Schema} root
 * @returns {Json}
 */
function sparse(value, raw, root) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const { schema } = optional(raw, root);
  const choice = union(schema, root);
  const object = choice ? choice.branches.find(({ tag }) => tag === value[choice.property])?.schema : schema;
  if (!object?.properties) return value;
  /** @type {JsonObject} */
  const out = {};
  for (const [key, item] of Object.entries(value)) {
    const property = object.properties[key];
    if (!property) continue;
    const kept = sparse(item, property, root);
    const always = property.const !== undefined || object.required?.includes(key);
    if (always || !(same(item, blank(property, root)) || same(kept, sparse(blank(property, root), property, root)))) out[key] = kept;
  }
  return out;
}

/**
 * @param {JsonObject} recipe
 * @param {Catalog} catalog
 */
export const sparseRecipe = (recipe, { recipe: { schema } }) => /** @type {JsonObject} */ (sparse(recipe, schema, schema));

/**
 * The part of the view that edits a variant.
 * @param {Variant} variant
 * @param {Catalog} catalog
 * @returns {Pick<View, "data" | "arch" | "steps" | "recipe" | "seed">}
 */
export function viewOf(variant, catalog) {
  const set = catalog.datasets.find(({ name }) => name === variant.dataset);
  const network = catalog.architectures.find(({ name }) => name === variant.architecture.name);
  const { resolution, num_classes, ...rest } = variant.architecture;
  /** @type {JsonObject} */
  const own = { ...rest };
  if (resolution !== undefined && resolution !== set?.resolution) own.resolution = resolution;
  if (num_classes !== undefined && num_classes !== set?.num_classes) own.num_classes = num_classes;
  const arch = network ? sparse(own, network.schema, network.schema) : own;
  const steps = variant.steps.map((step) => {
    const known = catalog.steps.find(({ kind }) => kind === step.kind);
    const kept = known ? /** @type {JsonObject} */ (sparse(step, known.schema, known.schema)) : step;
    return /** @type {Step} */ ({ ...kept, kind: step.kind });
  });
  const recipe = structuredClone(/** @type {any} */ (variant.recipe ?? {}));
  // What the data set decided by itself is left for it to decide again.
  if (recipe.batch_size === set?.batch_size) delete recipe.batch_size;
  if (recipe.augmentation?.shift === set?.shift) delete recipe.augmentation?.shift;
  if (recipe.augmentation?.flip === set?.flip) delete recipe.augmentation?.flip;
  return {
    data: variant.dataset,
    arch: { .../** @type {JsonObject} */ (arch), name: variant.architecture.name },
    steps,
    recipe: sparseRecipe(recipe, catalog),
    seed: variant.seed ?? 0,
  };
}

/**
 * What a step does, in a few words: "Grouped, groups 4, except conv1".
 * @param {Step} step
 * @param {Catalog} catalog
 */
export function stepWords(step, catalog) {
  const title = catalog.steps.find(({ kind }) => kind === step.kind)?.title ?? words(step.kind);
  const { kind: _, layers, ...rest } = step;
  const parts = Object.entries(rest).map(([key, value]) => `${key.replace(/_/g, " ")} ${valueWords(/** @type {Json} */ (value))}`);
  if (layers?.include?.length && !same(layers.include, ["*"])) parts.push(`only ${few(layers.include)}`);
  if (layers?.exclude?.length) parts.push(`except ${few(layers.exclude)}`);
  return [title, ...parts].join(", ");
}

/** @param {string[]} patterns */
const few = (patterns) => (patterns.length > 3 ? `${patterns.slice(0, 2).join(", ")} and ${patterns.length - 2} more` : patterns.join(", "));

/**
 * @param {Json} value
 * @returns {string}
 */
function valueWords(value) {
  if (value === null) return "auto";
  if (typeof value === "number") return String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.map(valueWords).join(" ");
  if (typeof value === "object") return Object.values(value).map(valueWords).join(" ");
  return String(value);
}

/**
 * A variant in words: "ResNet-20, width 0.5; Grouped, groups 4".
 * @param {Architecture} architecture
 * @param {Step[]} steps
 * @param {Catalog} catalog
 */
export function variantWords(architecture, steps, catalog) {
  const title = catalog.architectures.find(({ name }) => name === architecture.name)?.title ?? architecture.name;
  const network = [title, optionWords(architecture)].filter(Boolean).join(", ");
  return [network, ...steps.map((step) => stepWords(step, catalog))].join("; ");
}

/**
 * The options of an architecture in words: "width 0.5, shortcut A".
 * @param {Architecture} architecture
 */
export function optionWords(architecture) {
  const { name: _, ...rest } = architecture;
  const set = Object.entries(rest).filter(([, value]) => value !== null);
  return set.map(([key, value]) => `${key.replace(/_/g, " ")} ${valueWords(/** @type {Json} */ (value))}`).join(", ");
}

/**
 * How a variant is trained: "20 epochs, sgd 0.1, cosine, seed 0".
 * @param {Variant} variant  as the server resolved it
 */
export function recipeWords(variant) {
  const { epochs, optimizer, schedule } = /** @type {any} */ (variant.recipe ?? {});
  const parts = [epochs === 0 ? "no training" : plural(epochs, "epoch")];
  if (epochs !== 0 && optimizer) parts.push(`${optimizer.kind} ${optimizer.lr}`);
  if (epochs !== 0 && schedule) parts.push(schedule.kind);
  return [...parts, `seed ${variant.seed ?? 0}`].join(", ");
}

/**
 * Whether `first` ran on the same data and network and its steps are the first of `variant`'s.
 * @param {Variant} first
 * @param {Variant} variant  both as the server resolved them
 */
export function leadsTo(first, variant) {
  return (
    first.dataset === variant.dataset &&
    same(first.architecture, variant.architecture) &&
    first.steps.length <= variant.steps.length &&
    first.steps.every((step, i) => same(/** @type {Json} */ (step), /** @type {Json} */ (variant.steps[i])))
  );
}

/**
 * A cost with its unit, as the catalog calls it.
 * @param {number} value
 * @param {string} unit
 */
export function costText(value, unit) {
  if (unit === "score") return score(value);
  if (unit === "ms") return instant(value / 1000);
  return amount(value, { bit: "bit", byte: "B" }[unit] ?? "");
}
