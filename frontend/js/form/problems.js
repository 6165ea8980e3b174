// Puts what the server found wrong beside the field that caused it, with a way out where there is one.

import { h, put, uid } from "../dom.js";

/** @typedef {import("../types.js").Problem} Problem */
/** @typedef {import("../types.js").Json} Json */
/** @typedef {import("../types.js").Variant} Variant */
/**
 * Ways out of a problem: `release` takes the patterns away that select nothing.
 * @typedef {{exclude: (step: number, layers: string[]) => void, use: (path: (string | number)[], value: Json, message: string) => void, release: (step: number, messages: string[]) => void}} Actions
 */

export const problemsSlot = () => h("div", { class: "problems", id: uid("problems") });

const TAGS = ["kind", "name", "rule", "from"];

/**
 * The path of a problem in the variant. Union tags that stand in `loc` between the keys
 * (steps, 0, grouped, groups) are left out.
 * @param {(string | number)[]} loc
 * @param {Variant} variant
 * @returns {(string | number)[]}
 */
export function pathOf(loc, variant) {
  const rest = loc[0] === "body" ? loc.slice(1) : [...loc];
  if (rest[0] === "variant") rest.shift();
  /** @type {any} */
  let at = variant;
  const out = [];
  for (const part of rest) {
    const isObject = at !== null && typeof at === "object";
    if (isObject && !(part in at) && TAGS.some((tag) => at[tag] === part)) continue;
    out.push(part);
    at = isObject ? at[part] : undefined;
  }
  return out;
}

/**
 * The values that would be legal for all problems of a field, as ways out.
 * @param {Problem[]} problems
 * @returns {Json[]}
 */
function ways(problems) {
  const legals = problems.map((problem) => problem.legal ?? {});
  const lists = legals.map((legal) => legal.enum ?? legal.values).filter(Array.isArray);
  if (lists.length) {
    const [first = [], ...others] = lists;
    return first.filter((value) => others.every((list) => list.includes(value))).slice(0, 4);
  }
  const highest = bounds(legals, "maximum");
  if (highest.length) return [Math.min(...highest)];
  const lowest = bounds(legals, "minimum");
  return lowest.length ? [Math.max(...lowest)] : [];
}

/**
 * @param {Record<string, Json>[]} legals
 * @param {string} key
 */
const bounds = (legals, key) => legals.map((legal) => legal[key]).filter((value) => typeof value === "number");

/** @param {Element} root */
export function clearProblems(root) {
  for (const slot of root.querySelectorAll(".problems:not(:empty)")) put(slot);
  for (const marked of root.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  for (const marked of root.querySelectorAll(".has-problem")) marked.classList.remove("has-problem");
}

/**
 * Shows problems at the deepest field that exists for each.
 * @param {HTMLElement} root
 * @param {Problem[]} problems
 * @param {Variant} variant
 * @param {Actions} actions
 * @returns {Problem[]} those with no field to stand at
 */
export function placeProblems(root, problems, variant, actions) {
  clearProblems(root);
  const homeless = [];
  /** @type {Map<HTMLElement, {path: (string | number)[], problems: Problem[]}>} */
  const homes = new Map();
  for (const problem of problems) {
    const path = pathOf(problem.loc, variant);
    const home = homeOf(root, path);
    if (!home) homeless.push(problem);
    else if (homes.has(home)) homes.get(home)?.problems.push(problem);
    else homes.set(home, { path, problems: [problem] });
  }
  for (const [home, found] of homes) {
    home.classList.add("has-problem");
    home.closest("[data-step]")?.classList.add("has-problem");
    home.querySelector("input, select")?.setAttribute("aria-invalid", "true");
    const slot = home.querySelector(":scope > .problems");
    slot?.append(note(found.problems, found.path, actions));
    if (home.contains(document.activeElement)) slot?.scrollIntoView({ block: "nearest" });
    for (let box = home.closest("details"); box; box = box.parentElement?.closest("details") ?? null) box.open = true;
  }
  return homeless;
}

/**
 * @param {HTMLElement} root
 * @param {(string | number)[]} path
 * @returns {HTMLElement | null}
 */
function homeOf(root, path) {
  for (let length = path.length; length > 0; length -= 1) {
    const name = `/${path.slice(0, length).join("/")}`;
    /** @type {HTMLElement | null} */
    const home = root.querySelector(`[data-path="${CSS.escape(name)}"]`);
    if (home) return home;
  }
  return null;
}

/**
 * One note for all problems of a field; several layers often have the same one.
 * @param {Problem[]} problems
 * @param {(string | number)[]} path
 * @param {Actions} actions
 */
function note(problems, path, actions) {
  const layers = problems.flatMap(({ layer }) => layer ?? []);
  const step = path[0] === "steps" && typeof path[1] === "number" ? path[1] : null;
  const buttons = [];
  const [first] = layers;
  if (first !== undefined && step !== null) {
    buttons.push(h("button", { type: "button", class: "small", onclick: () => actions.exclude(step, [first]) }, `Exclude ${first}`));
    if (layers.length > 1) buttons.push(h("button", { type: "button", class: "small", onclick: () => actions.exclude(step, layers) }, `Exclude all ${layers.length}`));
  }
  if (first === undefined && step !== null && path[2] === "layers" && problems.every(({ legal }) => Array.isArray(legal?.enum))) {
    buttons.push(h("button", { type: "button", class: "small", onclick: () => actions.release(step, problems.map(({ message }) => message)) }, problems.length > 1 ? "Leave these names out" : "Leave this name out"));
  }
  for (const value of path.length > 1 || path[0] === "seed" ? ways(problems) : []) {
    buttons.push(h("button", { type: "button", class: "small", onclick: () => actions.use(path, value, problems[0]?.message ?? "") }, `Use ${value}`));
  }
  const text = problems[0]?.message ?? "";
  const others = problems.slice(1);
  return h(
    "div",
    { class: "problem" },
    h("p", null, text.charAt(0).toUpperCase() + text.slice(1)),
    others.length ? h("p", { title: others.map(({ message }) => message).join("\n") }, layers.length > 1 ? `${layers.length} layers do not fit: ${short(layers)}.` : `And ${others.length} more: ${others.map(({ message }) => message).join("; ")}`) : null,
    buttons.length ? h("div", { class: "ways" }, buttons) : null,
  );
}

/** @param {string[]} names */
const short = (names) => (names.length > 4 ? `${names.slice(0, 3).join(", ")} … ${names.at(-1)}` : names.join(", "));
