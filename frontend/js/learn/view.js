// Learn: the lecture, live.

import { api, ApiError } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { differs } from "../store.js";
import { playground } from "./convolution.js";
import { kernelBench } from "./kernels.js";
import { slipList } from "./slips.js";
import { LECTURE_TABLES, tables } from "./tables.js";
import { lettered } from "./text.js";

/** @typedef {import("./types.js").Lecture} Lecture */

/** @typedef {{key: string, short: string, title: string, lead: string}} Section */
/** @type {Section[]} */
const SECTIONS = [
  {
    key: "convolution",
    short: "Convolution",
    title: "One convolution, taken apart",
    lead: "An output value is a sum of products over a window of the input. How many products depends on who sees whom: all channels, a group of them, one at a time. The lecture counts Hout·Wout·h·w·Din·Dout of them; here are your own numbers.",
  },
  {
    key: "kernels",
    short: "Kernels",
    title: "Kernels that can be divided, and those that cannot",
    lead: "Sobel's nine numbers are a column of three times a row of three. Such a kernel has rank 1, and two small passes do the work of one large one. Draw your own and see how much of it one, two or three products keep.",
  },
  {
    key: "slips",
    short: "Slips",
    title: "Where the slides slip",
    lead: "Every lecture has a few. These are the ones worth knowing before an exam, a report or a pull request repeats them.",
  },
  {
    key: "tables",
    short: "Tables",
    title: "Published tables, recomputed",
    lead: "What the papers print, beside what the same networks cost when they are built and counted here, and why the two differ where they do. ✓ marks a count that rounds to the printed digits.",
  },
];

/**
 * @param {import("../app.js").App} app
 * @returns {HTMLElement}
 */
export function learnView(app) {
  const { store } = app;
  const links = SECTIONS.map(({ key, short }) =>
    h("a", { href: store.link({ view: "learn", learnAt: key }), "data-section": key, onclick: (/** @type {MouseEvent} */ event) => follow(event, key) }, short),
  );
  const bodies = SECTIONS.map(({ key }) => h("div", { class: "learn-body", "aria-busy": "true" }, h("div", { class: `skeleton ${key === "convolution" ? "panel-skeleton" : "table-skeleton"}` })));
  const sections = SECTIONS.map(({ key, title, lead }, i) =>
    h("section", { class: "learn-section", id: `learn-${key}`, "aria-labelledby": `learn-${key}-title` }, h("h2", { id: `learn-${key}-title`, tabindex: -1 }, title), h("p", { class: "learn-lead" }, lettered(lead)), bodies[i]),
  );
  const element = h(
    "main",
    { class: "learn", id: "main", tabindex: -1 },
    h("div", { class: "learn-head" }, h("h1", null, "The lecture, live"), h("p", { class: "learn-lead" }, "Change a number and see what follows. Every cost is counted on the modules that would be trained, by the same code that Explore uses.")),
    h("nav", { class: "learn-index", "aria-label": "Sections" }, links),
    sections,
  );

  /**
   * @param {MouseEvent} event
   * @param {string} key
   */
  function follow(event, key) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(key, null);
  }

  /**
   * @param {string} key  of a section
   * @param {string | null} way  of the convolution to show there
   */
  function go(key, way) {
    store.set({ learnAt: key, ...(way ? { learnWay: way } : {}) }, { push: true });
    show(key);
  }

  /** @param {string | null} key */
  function show(key) {
    const section = sections[SECTIONS.findIndex((section) => section.key === key)];
    section?.scrollIntoView({ block: "start" });
    /** @type {HTMLElement | null | undefined} */ (section?.querySelector("h2"))?.focus({ preventScroll: true });
  }

  const spy = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const link = links[sections.indexOf(/** @type {HTMLElement} */ (entry.target))];
        if (entry.isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-30% 0px -69% 0px" },
  );
  for (const section of sections) spy.observe(section);

  /** @param {string} key */
  const body = (key) => /** @type {HTMLElement} */ (bodies[SECTIONS.findIndex((section) => section.key === key)]);

  async function load() {
    try {
      const lecture = await api.lecture();
      fill(body("convolution"), playground(app, lecture));
      fill(body("kernels"), kernelBench(app, lecture));
      fill(body("slips"), slipList(app, lecture.slips, go));
      if (store.view.learnAt) show(store.view.learnAt);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      for (const key of ["convolution", "kernels", "slips"]) fill(body(key), failed(error, load));
    }
  }

  async function loadTables() {
    try {
      fill(body("tables"), tables(app, (await api.references(LECTURE_TABLES)).tables));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(body("tables"), failed(error, loadTables));
    }
  }

  // The tables build networks on the server: only for who comes near them.
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      void loadTables();
    },
    { rootMargin: "600px 0px" },
  );

  store.subscribe((view, before, origin) => {
    for (const link of links) link.href = store.link({ view: "learn", learnAt: link.dataset.section ?? null });
    if (origin === "address" && view.view === "learn" && differs(view, before, "view", "learnAt")) show(view.learnAt);
  });
  void load().then(() => near.observe(body("tables")));
  return element;
}

/**
 * @param {HTMLElement} body
 * @param {HTMLElement} content
 */
function fill(body, content) {
  body.removeAttribute("aria-busy");
  put(body, content);
}

/**
 * @param {ApiError} error
 * @param {() => void} again
 */
const failed = (error, again) => h("div", { class: "panel empty" }, h("p", null, error.message), h("button", { type: "button", onclick: again }, icon("retry"), "Try again"));
