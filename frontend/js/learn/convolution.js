// The playground: one convolution, taken apart in all the ways of the lecture.

import { api, ApiError, onReach } from "../api.js";
import { h } from "../dom.js";
import { latest } from "../later.js";
import { differs } from "../store.js";
import { viewOf } from "../variant.js";
import { examples, fields } from "./fields.js";
import { player } from "./player.js";
import { exploreLink, wayList } from "./ways.js";

/** @typedef {import("./types.js").Way} Way */
/** @typedef {import("./types.js").Lecture} Lecture */
/** @typedef {import("./fields.js").Asked} Asked */

export const FIRST = "depthwise_separable"; // the lecture's own comparison

/**
 * @param {import("../app.js").App} app
 * @param {Lecture} lecture
 * @returns {HTMLElement}
 */
export function playground(app, lecture) {
  const { store, catalog } = app;
  const schema = lecture.convolution;
  const defaults = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, field]) => [name, field.default ?? null]));
  /** @type {Way[]} */
  let ways = [];

  const form = fields(schema, (patch) => ask({ ...asked(), ...patch }));
  const tries = examples("Examples", lecture.convolutions, (values) => {
    ask(values);
    store.set({ learnCell: null });
  });
  const stage = player((cell) => store.set({ learnCell: cell }));
  const list = wayList({
    choose: (kind) => store.set({ learnWay: kind }),
    regroup: (groups) => {
      const { in_channels, out_channels } = asked();
      ask({ ...asked(), in_channels: Math.ceil(in_channels / groups) * groups, out_channels: Math.ceil(out_channels / groups) * groups });
    },
    link: (variant, label) => exploreLink(app, viewOf(variant, catalog), label),
  });
  const board = h("div", { class: "conv-board", "aria-busy": "true" }, h("div", { class: "conv-side" }, stage.element), list.element);
  const element = h("div", { class: "panel learn-panel" }, tries.element, form.element, board);

  /** The convolution with every field; a link holds only what differs from the lecture's. @returns {Asked} */
  function asked() {
    return { ...defaults, ...store.view.learnConv };
  }

  /** @param {Asked} next */
  function ask(next) {
    const own = Object.entries(next).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name]));
    store.set({ learnConv: Object.fromEntries(own) });
  }

  const load = latest(async () => {
    const now = asked();
    try {
      const { items } = await api.takeApart(now);
      if (JSON.stringify(now) !== JSON.stringify(asked())) return; // a later question is on its way
      ways = items;
      form.refuse(null, []);
      board.classList.remove("stale");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      form.refuse(error.message, error.details);
      board.classList.add("stale");
    }
    board.removeAttribute("aria-busy");
    draw();
  });

  function draw() {
    const chosen = store.view.learnWay ?? FIRST;
    list.show(ways, chosen, Number(asked().groups));
    drawStage();
  }

  function drawStage() {
    const chosen = store.view.learnWay ?? FIRST;
    const way = ways.find(({ kind, layers }) => kind === chosen && layers.length) ?? ways.find(({ layers }) => layers.length);
    if (way) stage.show(way.layers, store.view.learnCell);
  }

  function fill() {
    form.fill(asked());
    tries.mark(asked());
  }

  store.subscribe((view, before) => {
    if (view.view !== "learn") stage.stop();
    if (differs(view, before, "learnConv")) {
      fill();
      load();
    } else if (differs(view, before, "learnWay")) draw();
    else if (differs(view, before, "learnCell")) drawStage();
  });
  onReach((up) => up && load());
  fill();
  load();
  return element;
}
