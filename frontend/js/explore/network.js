// The network as a picture: every layer a bar, as tall as what it costs, coloured by what the steps saved.
// Its text alternative is the layer table, with which it shares the selection.

import { attribute, h, put, s, say } from "../dom.js";
import { amount, change, direction, percent, plural, times, words } from "../format.js";
import { afterPaint } from "../later.js";
import { differs } from "../store.js";
import { blockBars, crop, paint, patterns, pitch } from "./bars.js";
import { joinSign } from "./block.js";
import { steppable } from "./selection.js";
import { strip } from "./strip.js";

/** @typedef {import("./strip.js").Bar} Bar */
/** @typedef {import("./strip.js").Size} Size */

/** @type {{size: Size, title: string, unit: string}[]} */
const SIZES = [
  { size: "macs", title: "MACs", unit: "" },
  { size: "params", title: "Parameters", unit: "" },
  { size: "bits", title: "Stored bits", unit: "bit" },
];

/**
 * @param {import("../app.js").App} app
 * @param {import("./selection.js").Selection} selection
 * @returns {HTMLElement}
 */
export function networkDrawing({ store, whatif }, selection) {
  /** @type {Bar[]} */
  let bars = [];
  /** @type {Element[]} */
  let marks = [];
  let drawn = "";
  let current = 0;
  const sizes = SIZES.map(({ size, title }) => h("button", { type: "button", "data-size": size, onclick: () => store.set({ size }) }, title));
  const count = h("span", { class: "muted" });
  const line = h("div", { class: "strip", role: "listbox", "aria-multiselectable": "true", "aria-label": "Layers of the network. The table below says the same.", "data-testid": "network" });
  const tip = h("div", { class: "tip", role: "presentation", hidden: true });
  const saved = h("span", null, "saved");
  const joins = /** @type {const} */ (["add", "concatenate"]).map((join) =>
    h("span", { class: "key", "data-join": join, hidden: true }, s("svg", { class: "key-join", width: 16, height: 16, viewBox: "0 0 16 16" }, s("circle", { class: "join", cx: 8, cy: 8, r: 7 }), s("path", { class: "join-sign", d: joinSign(join, 8, 8, 3.5) })), join === "add" ? "added to its input" : "branches side by side"),
  );
  const legend = h(
    "div",
    { class: "legend", "aria-hidden": "true" },
    h("span", { class: "key" }, "0 %", h("span", { class: "scale" }), "100 % ", saved),
    h("span", { class: "key" }, h("span", { class: "swatch striped" }), "changed by a step"),
    h("span", { class: "key" }, h("span", { class: "swatch ghost" }), "before the steps"),
    h("span", { class: "key" }, h("span", { class: "swatch more" }), "more than before"),
    joins,
  );
  const element = h(
    "section",
    { class: "panel network", "aria-labelledby": "network-title" },
    h("div", { class: "panel-head" }, h("h2", { id: "network-title" }, "Network"), count, h("span", { class: "push" }), h("div", { class: "segments", role: "group", "aria-label": "Height of the layers" }, sizes)),
    patterns(),
    line,
    legend,
    tip,
  );

  function draw() {
    const { result, error } = whatif;
    const { size } = store.view;
    for (const button of sizes) button.setAttribute("aria-pressed", String(button.dataset.size === size));
    element.classList.toggle("stale", error !== null);
    element.hidden = result === null; // nothing to show before the first variant that is possible
    if (!result) return;
    const { groups, most, count: layers } = strip(result, size);
    const step = pitch(groups, line.clientWidth - 32 || 600);
    bars = groups.flatMap((group) => group.bars);
    const shape = JSON.stringify([step, groups.map((group) => [group.name, group.join, group.bars.map((bar) => [bar.changed, bar.rows.map(({ name }) => name)])])]);
    if (shape !== drawn) {
      drawn = shape;
      const focused = line.contains(document.activeElement);
      let from = 0;
      put(line, groups.map((group) => {
        const block = blockBars(group, step, from);
        from += group.bars.length;
        return block;
      }));
      marks = [...line.querySelectorAll("[data-bar]")];
      current = Math.min(current, Math.max(0, marks.length - 1));
      if (focused) focus(current);
    }
    for (const [i, group] of groups.entries()) crop(/** @type {Element} */ (line.children[i]), group.bars, most);
    for (const [i, bar] of bars.entries()) {
      const mark = /** @type {Element} */ (marks[i]);
      paint(mark, bar, most);
      attribute(mark, "aria-label", spoken(bar));
    }
    const shared = layers - bars.length;
    say(count, `${plural(layers, "layer")}${shared ? `, ${shared} of them too small for a bar of their own` : ", one bar each"}`);
    for (const key of joins) key.hidden = groups.every(({ join }) => join !== key.dataset.join);
    say(saved, `of the layer's ${noun()} saved`);
    select();
  }

  const title = () => SIZES.find(({ size }) => size === store.view.size)?.title ?? "";
  const noun = () => (store.view.size === "macs" ? "MACs" : title().toLowerCase());

  /** @param {number} value */
  const value = (value) => amount(value, SIZES.find(({ size }) => size === store.view.size)?.unit);

  /** @param {Bar} bar */
  const heading = ({ rows }) => (rows.length > 1 ? `${rows[0]?.name} … ${rows.at(-1)?.name}, ${rows.length} small layers` : (rows[0]?.name ?? ""));

  /** @param {Bar} bar */
  const spoken = (bar) => `${heading(bar)}: ${value(bar.after)} ${title()}${bar.before === bar.after ? "" : `, before ${value(bar.before)}, ${change(bar.after, bar.before)}`}`;

  function select() {
    const picked = new Set(store.view.pick);
    for (const [i, mark] of marks.entries()) {
      attribute(mark, "aria-selected", String(bars[i]?.rows.some(({ name }) => picked.has(name)) ?? false));
      attribute(mark, "tabindex", i === current ? "0" : "-1");
    }
  }

  /** @param {number} at */
  function focus(at) {
    current = Math.max(0, Math.min(at, marks.length - 1));
    select();
    /** @type {SVGElement | undefined} */ (marks[current])?.focus({ preventScroll: true });
    marks[current]?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {number} at
   * @param {boolean} range
   */
  function choose(at, range) {
    const bar = bars[at];
    if (!bar) return;
    const names = bar.rows.filter(steppable).map(({ name }) => name);
    const on = !names.every((name) => store.view.pick.includes(name));
    current = at;
    const [first] = names;
    if (first === undefined) return;
    if (range) selection.extend(first, true, bars.flatMap(({ rows }) => rows.filter(steppable).map(({ name }) => name)));
    else if (names.length === 1) selection.toggle(first, on);
    else selection.set(on ? [...selection.names, ...names] : selection.names.filter((name) => !names.includes(name)));
  }

  /** @param {Event} event */
  const at = (event) => Number((event.target instanceof Element && event.target.closest("[data-bar]")?.getAttribute("data-bar")) ?? NaN);

  line.addEventListener("click", (event) => {
    const place = at(event);
    if (Number.isNaN(place)) return;
    choose(place, event.shiftKey);
    focus(place);
  });
  line.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: rowWise(1), ArrowUp: rowWise(-1), Home: -current, End: marks.length - 1 - current }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      focus(current + by);
      if (event.shiftKey) choose(current, true);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      choose(current, event.shiftKey);
    } else if (event.key === "Escape" && !tip.hidden) {
      event.preventDefault();
      tip.hidden = true;
    }
  });

  /** How far it is to the bar above or below. @param {1 | -1} way */
  function rowWise(way) {
    const here = marks[current]?.getBoundingClientRect();
    if (!here) return 0;
    const places = marks.map((mark, i) => ({ i, rect: mark.getBoundingClientRect() })).filter(({ rect }) => (rect.top - here.top) * way > 20);
    if (!places.length) return 0;
    const row = Math.min(...places.map(({ rect }) => Math.abs(rect.top - here.top)));
    const near = places.filter(({ rect }) => Math.abs(rect.top - here.top) < row + 10);
    return near.reduce((a, b) => (Math.abs(b.rect.left - here.left) < Math.abs(a.rect.left - here.left) ? b : a)).i - current;
  }

  /** @param {number} place */
  function show(place) {
    const bar = bars[place];
    const mark = marks[place];
    tip.hidden = !bar || !mark;
    if (!bar || !mark) return;
    const [row] = bar.rows;
    const total = whatif.result?.cost[store.view.size] ?? 0;
    const alone = bar.rows.length === 1 && row;
    put(
      tip,
      h("b", null, heading(bar)),
      alone ? h("span", null, `${words(alone.type)}${alone.kernel ? ` ${times(alone.kernel)}` : ""}, ${times(alone.in_shape)} → ${times(alone.out_shape)}`) : null,
      h("span", null, `${title()} `, bar.before === bar.after ? null : `${value(bar.before)} → `, h("b", null, value(bar.after)), bar.before === bar.after ? null : h("span", { class: `delta ${direction(bar.after, bar.before)}` }, ` ${change(bar.after, bar.before)}`)),
      h("span", { class: "muted" }, `${percent(total ? bar.after / total : 0)} of the network${alone && alone.steps.length ? `; ${alone.steps.map((step) => step.replace(/_/g, " ")).join(", ")}` : ""}`),
    );
    const box = mark.getBoundingClientRect();
    const frame = element.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left - frame.left + box.width / 2 - tip.offsetWidth / 2, frame.width - tip.offsetWidth - 8));
    tip.style.setProperty("left", `${left}px`);
    tip.style.setProperty("top", `${box.top - frame.top - tip.offsetHeight - 4}px`);
  }

  line.addEventListener("pointerover", (event) => {
    if (!Number.isNaN(at(event))) show(at(event));
  });
  line.addEventListener("pointerleave", () => void (tip.hidden = true));
  line.addEventListener("focusin", (event) => {
    if (!Number.isNaN(at(event)) && line.matches(":focus-visible, :has(:focus-visible)")) show(at(event));
  });
  line.addEventListener("focusout", () => void (tip.hidden = true));

  whatif.subscribe(afterPaint(draw));
  store.subscribe((view, before) => {
    if (differs(view, before, "size")) draw();
    else if (differs(view, before, "pick")) select();
  });
  let frame = 0;
  let width = 0;
  new ResizeObserver(() => {
    if (line.clientWidth === width) return;
    width = line.clientWidth;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  }).observe(line);
  draw();
  return element;
}
