// What a link holds: one row per part of the view, with how it is read and written.

import { LEARN_NAMES, LEARN_TABLE } from "./learn/link.js";
import { read, readCall, write, writeCall } from "./notation.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").JsonObject} JsonObject */

/**
 * @template T
 * @typedef {object} Field
 * @property {T} initial
 * @property {string} hint  what a reader may write
 * @property {(texts: string[]) => T} read  throws where the text means nothing
 * @property {(value: T) => string[]} write  [] leaves the part out of the link
 */

/**
 * @template {string} T
 * @param {readonly T[]} options
 * @param {T} initial
 * @returns {Field<T>}
 */
const choice = (options, initial) => ({
  initial,
  hint: options.join(", "),
  read: ([text = ""]) => member(options, text),
  write: (value) => (value === initial ? [] : [value]),
});

/**
 * @template {string} T
 * @param {readonly T[]} options
 * @param {string} text
 */
function member(options, text) {
  const found = options.find((option) => option === text);
  if (found === undefined) throw new SyntaxError(`one of ${options.join(", ")} expected`);
  return found;
}

/**
 * @param {RegExp} pattern
 * @param {string} hint
 * @returns {Field<string | null>}
 */
const name = (pattern, hint) => ({
  initial: null,
  hint,
  read: ([text = ""]) => matching(pattern, hint, text),
  write: (value) => (value === null ? [] : [value]),
});

/**
 * @param {RegExp} pattern
 * @param {string} hint
 * @param {string} text
 */
function matching(pattern, hint, text) {
  if (!pattern.test(text)) throw new SyntaxError(`${hint} expected`);
  return text;
}

/**
 * @param {boolean} initial
 * @returns {Field<boolean>}
 */
const flag = (initial) => ({
  initial,
  hint: "0 or 1",
  read: ([text = ""]) => member(["0", "1"], text) === "1",
  write: (value) => (value === initial ? [] : [value ? "1" : "0"]),
});

/** @type {Field<string>} */
const text = { initial: "", hint: "any text", read: ([value = ""]) => value.slice(0, 200), write: (value) => (value ? [value] : []) };

/**
 * @param {string} initial
 * @param {RegExp} pattern
 * @param {string} hint
 * @returns {Field<string>}
 */
const order = (initial, pattern, hint) => ({
  initial,
  hint,
  read: ([value = ""]) => matching(pattern, hint, value),
  write: (value) => (value === initial ? [] : [value]),
});

const RUN = /^run_[0-9a-f]{4,40}$/;
const STUDY = /^study_[0-9a-f]{4,40}$/;
const STATES = /** @type {const} */ (["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]);

/** @type {{[K in keyof View]: Field<View[K]>}} */
export const TABLE = {
  view: choice(["explore", "runs", "learn"], "explore"),
  study: name(STUDY, "a study id"),
  x: order("macs", /^[a-z][a-z0-9_]{0,39}$/, "a cost or a score"),
  log: flag(true),
  refs: choice(["none", "imagenet", "cifar10", "cifar100"], "none"),
  shown: choice(["chart", "table"], "chart"),
  run: name(RUN, "a run id"),
  data: name(/^[\w.-]{1,120}$/, "the name of a data set"),
  arch: {
    initial: null,
    hint: "architecture(option:value)",
    read: ([value = ""]) => {
      const call = readCall(value);
      return { ...call.rest, name: call.name };
    },
    write: (value) => (value ? [writeCall(value.name, without(value, "name"))] : []),
  },
  steps: {
    initial: [],
    hint: "step(parameter:value)",
    read: (values) =>
      values.map((value) => {
        const call = readCall(value);
        return { ...call.rest, kind: call.name };
      }),
    write: (steps) => steps.map((step) => writeCall(step.kind, without(step, "kind"))),
  },
  recipe: {
    initial: {},
    hint: "(epochs:20)",
    read: ([value = ""]) => {
      const found = read(value);
      if (found === null || typeof found !== "object" || Array.isArray(found)) throw new SyntaxError("(name:value) expected");
      return found;
    },
    write: (value) => (Object.keys(value).length ? [write(value)] : []),
  },
  seed: {
    initial: 0,
    hint: "a whole number",
    read: ([value = ""]) => Number(matching(/^-?\d{1,25}(\.\d{1,20})?$/, "a whole number", value)), // the server says which may be
    write: (value) => (value === 0 ? [] : [String(value)]),
  },
  pin: {
    initial: null,
    hint: "(data:…,arch:(name:…),steps:!(…))",
    read: ([value = ""]) => pinned(read(value)),
    write: (value) => (value === null ? [] : [write(/** @type {any} */ (value))]),
  },
  more: flag(false),
  device: name(/^[\w.-]{1,60}$/, "a device of the catalog"),
  size: choice(["macs", "params", "bits"], "macs"),
  pick: {
    initial: [],
    hint: "!(layer,layer)",
    read: ([value = ""]) => [...new Set(names(read(value)))],
    write: (value) => (value.length ? [write(value)] : []),
  },
  all: flag(false),
  cols: {
    initial: null,
    hint: "!(column,column)",
    read: ([value = ""]) => names(read(value)),
    write: (value) => (value === null ? [] : [write(value)]),
  },
  order: order("", /^-?[a-z_]{1,20}$/, "a column name"),
  state: {
    initial: [],
    hint: STATES.join(", "),
    read: (values) => [...new Set(values.map((value) => member(STATES, value)))],
    write: (values) => values,
  },
  of: name(STUDY, "a study id"),
  q: text,
  sort: order("-created_at", /^-?(created_at|finished_at|top1|macs|params|bits|state)$/, "a sort key"),
  after: name(/^[\w=.:-]{1,400}$/, "a page cursor"),
  compare: {
    initial: [],
    hint: "run ids",
    read: (values) => [...new Set(values.map((value) => matching(RUN, "a run id", value)))],
    write: (values) => values,
  },
  ...LEARN_TABLE,
};

/**
 * @param {import("./types.js").Json} value
 * @returns {string[]}
 */
function names(value) {
  if (!Array.isArray(value) || value.length > 2000) throw new SyntaxError("!(name,name) expected");
  return value.map(String);
}

/**
 * @param {any} value
 * @returns {import("./types.js").Pinned}
 */
function pinned(value) {
  const { data, arch, steps = [] } = value ?? {};
  const whole = typeof data === "string" && typeof arch?.name === "string" && Array.isArray(steps) && steps.every((step) => typeof step?.kind === "string");
  if (!whole) throw new SyntaxError("(data:…,arch:(name:…),steps:!(…)) expected");
  return { data, arch, steps };
}

/** How a part is called in a link, where that differs from its name here. */
const NAMES = /** @type {Record<string, string>} */ ({ steps: "step", shown: "as", all: "layers", order: "by", ...LEARN_NAMES });

/**
 * @param {JsonObject} object
 * @param {string} key
 * @returns {JsonObject}
 */
function without(object, key) {
  const { [key]: _, ...rest } = object;
  return rest;
}

/** @returns {View} */
export function initial() {
  const entries = Object.entries(TABLE).map(([key, field]) => [key, structuredClone(field.initial)]);
  return Object.fromEntries(entries);
}

/**
 * Reads a query string. What cannot be read keeps its default and is told in `problems`.
 * @param {string} search
 * @returns {{view: View, problems: string[], empty: boolean}}
 */
export function fromQuery(search) {
  const query = new URLSearchParams(search);
  const view = initial();
  const problems = [];
  const known = new Set();
  for (const [key, field] of Object.entries(TABLE)) {
    const part = NAMES[key] ?? key;
    known.add(part);
    const texts = query.getAll(part);
    if (texts.length === 0) continue;
    try {
      /** @type {any} */ (view)[key] = field.read(texts);
    } catch (error) {
      problems.push(`${part}=${texts.join(" ").slice(0, 60)}: ${error instanceof Error ? error.message : field.hint}`);
    }
  }
  for (const part of new Set(query.keys())) if (!known.has(part)) problems.push(`${part.slice(0, 40)}: no such part`);
  return { view, problems, empty: [...query.keys()].length === 0 };
}

/** @param {string} value */
const escaped = (value) =>
  encodeURIComponent(value).replace(/%(28|29|21|3A|2C|2A|2F|3F)/gi, (code) => decodeURIComponent(code)).replace(/%20/g, "+");

/**
 * The query string of a view, "" for the initial one.
 * @param {View} view
 */
export function toQuery(view) {
  const parts = [];
  for (const [key, field] of Object.entries(TABLE)) {
    const texts = /** @type {Field<any>} */ (field).write(/** @type {any} */ (view)[key]);
    for (const value of texts) parts.push(`${NAMES[key] ?? key}=${escaped(value)}`);
  }
  return parts.length ? `?${parts.join("&")}` : "";
}
