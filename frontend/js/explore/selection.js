// Which layers are selected: one selection for the table, the drawing and the steps.

import { same } from "../schema.js";

/** @typedef {import("../types.js").LayerRow} LayerRow */
/** @typedef {import("../types.js").Step} Step */
/** @typedef {{include?: string[], exclude?: string[]}} Selector */

const MOST_PATTERNS = 100; // the server's limit
const EVERYTHING = ["*"];

/**
 * Whether steps may look at a layer: a 2-D convolution or a linear layer.
 * @param {LayerRow} row
 */
export const steppable = (row) => row.type === "conv2d" || row.type === "linear";

/**
 * A pattern that means this name and nothing else.
 * @param {string} name
 */
export const literal = (name) => name.replace(/[[*?]/g, "[$&]");

/**
 * Tells of names whether a selector means the layer, by its name or that of a module around it.
 * @param {Selector | undefined} selector
 * @returns {(name: string) => boolean}
 */
export function matcher(selector) {
  const { include, exclude } = whole(selector);
  const [wanted, unwanted] = [include.map(glob), exclude.map(glob)];
  return (name) => {
    const names = name.split(".").map((_, i, parts) => parts.slice(0, i + 1).join("."));
    /** @param {RegExp[]} patterns */
    const any = (patterns) => patterns.some((pattern) => names.some((own) => pattern.test(own)));
    return any(wanted) && !any(unwanted);
  };
}

/** @param {string} pattern */
function glob(pattern) {
  const parts = pattern.split(/(\[!?\]?[^\]]*\]|[*?])/);
  const source = parts.map((part, i) => {
    if (i % 2 === 0) return part.replace(/[.+^${}()|[\]\\*?]/g, "\\$&");
    if (part === "*") return ".*";
    if (part === "?") return ".";
    const [, not = "", set = ""] = /^\[(!?)(.*)\]$/.exec(part) ?? [];
    return `[${not ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`;
  });
  try {
    return new RegExp(`^${source.join("")}$`, "s");
  } catch {
    return /$^/; // a set like [z-a], which holds nothing
  }
}

/**
 * The two lists of patterns. A link may hold something else in their place; the server says what is wrong with that.
 * @param {Selector | undefined} selector
 * @returns {Required<Selector>}
 */
const whole = (selector) => ({ include: [selector?.include ?? EVERYTHING].flat().map(String), exclude: [selector?.exclude ?? []].flat().map(String) });

export class Selection {
  /** Where a range begins. */
  #anchor = "";
  #store;
  #whatif;

  /**
   * @param {import("../store.js").Store} store
   * @param {import("../whatif.js").WhatIfs} whatif
   */
  constructor(store, whatif) {
    this.#store = store;
    this.#whatif = whatif;
  }

  /** The layers that can be selected, in the network's order. */
  get layers() {
    return (this.#whatif.result?.layers ?? []).filter(steppable);
  }

  /** Names of the selected layers that there are, in the network's order. */
  get names() {
    const picked = new Set(this.#store.view.pick);
    return picked.size ? this.layers.filter(({ name }) => picked.has(name)).map(({ name }) => name) : [];
  }

  /** @param {string[]} names */
  set(names) {
    this.#store.set({ pick: names });
  }

  /**
   * @param {string} name
   * @param {boolean} on
   */
  toggle(name, on) {
    const others = this.names.filter((known) => known !== name);
    this.#anchor = name;
    this.set(on ? [...others, name] : others);
  }

  /**
   * Everything between where the selection was last touched and here, as it is shown, becomes like here.
   * @param {string} name
   * @param {boolean} on
   * @param {string[]} shown
   */
  extend(name, on, shown) {
    const [from, to] = [shown.indexOf(this.#anchor || (this.names.at(-1) ?? "")), shown.indexOf(name)];
    if (from < 0 || to < 0) return this.toggle(name, on);
    const between = new Set(shown.slice(Math.min(from, to), Math.max(from, to) + 1));
    const outside = this.names.filter((known) => !between.has(known));
    this.#anchor = name;
    this.set(on ? [...outside, ...between] : outside);
  }
}

/**
 * Patterns for exactly these layers: their names; where those would be too many, the names of
 * modules that hold nothing else take the place of what is in them.
 * @param {string[]} names
 * @param {string[]} all  names of all layers
 */
export function patternsFor(names, all) {
  if (names.length === all.length) return EVERYTHING;
  const wanted = new Set(names);
  /** @type {string[]} */
  let patterns = names;
  for (let depth = Math.max(...names.map((name) => name.split(".").length)); depth > 1 && patterns.length > MOST_PATTERNS; depth -= 1) {
    patterns = [...new Set(patterns.map((pattern) => parentOf(pattern, depth, all, wanted)))];
  }
  return patterns.map(literal);
}

/**
 * @param {string} pattern
 * @param {number} depth
 * @param {string[]} all
 * @param {Set<string>} wanted
 */
function parentOf(pattern, depth, all, wanted) {
  const parts = pattern.split(".");
  if (parts.length < depth) return pattern;
  const parent = parts.slice(0, depth - 1).join(".");
  return all.every((name) => !name.startsWith(`${parent}.`) || wanted.has(name)) ? parent : pattern;
}

/**
 * The step on these layers only.
 * @param {Step} step
 * @param {string[]} names
 * @param {string[]} all
 * @returns {Step}
 */
export const only = (step, names, all) => withLayers(step, { include: patternsFor(names, all) });

/**
 * The step on these layers as well.
 * @param {Step} step
 * @param {string[]} names
 * @returns {Step}
 */
export function also(step, names) {
  const { include, exclude } = whole(step.layers);
  const added = names.map(literal);
  return withLayers(step, {
    include: same(include, EVERYTHING) ? include : [...new Set([...include, ...added])],
    exclude: exclude.filter((pattern) => !added.includes(pattern)),
  });
}

/**
 * The step without these layers: what names one of them goes, else an exception is made.
 * @param {Step} step
 * @param {string[]} names
 * @returns {Step}
 */
export function except(step, names) {
  const { include, exclude } = whole(step.layers);
  const removed = names.map(literal);
  const kept = include.filter((pattern) => !removed.includes(pattern));
  if (!kept.length) return withLayers(step, { include, exclude: [...new Set([...exclude, ...removed])] });
  const left = removed.filter((pattern) => !include.includes(pattern));
  return withLayers(step, { include: kept, exclude: [...new Set([...exclude, ...left])] });
}

/**
 * @param {Step} step
 * @param {Required<Selector> | {include: string[]}} layers
 * @returns {Step}
 */
function withLayers(step, layers) {
  const { layers: _, ...rest } = step;
  const exclude = "exclude" in layers ? layers.exclude : [];
  const selector = { ...(same(layers.include, EVERYTHING) ? {} : { include: layers.include }), ...(exclude.length ? { exclude } : {}) };
  return /** @type {Step} */ (Object.keys(selector).length ? { ...rest, layers: selector } : rest);
}
