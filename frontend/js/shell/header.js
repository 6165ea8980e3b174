// The bar at the top: name, views, health, theme.

import { h, put, s } from "../dom.js";
import { words } from "../format.js";
import { icon } from "../icons.js";
import { healthButton } from "./health.js";
import { nextTheme, onTheme, themeChoice } from "./theme.js";

/** @typedef {import("../types.js").View} View */

/** @type {{view: View["view"], title: string}[]} */
const VIEWS = [
  { view: "explore", title: "Explore" },
  { view: "runs", title: "Runs" },
  { view: "learn", title: "Learn" },
];

/** The mark: a front of points, as on the chart. */
const mark = () =>
  s(
    "svg",
    { class: "mark", viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: "M4 3v17h17", class: "mark-axes" }),
    s("path", { d: "M7.500 16.500c0-6 3-9 11-9.500", class: "mark-front" }),
    s("circle", { cx: 7.5, cy: 16.5, r: 2, class: "mark-point" }),
    s("circle", { cx: 10.4, cy: 10.2, r: 2, class: "mark-point" }),
    s("circle", { cx: 18.5, cy: 7, r: 2, class: "mark-live" }),
  );

/**
 * @param {import("../store.js").Store} store
 * @param {import("../live.js").Live} live
 */
export function header(store, live) {
  const links = VIEWS.map(({ view, title }) =>
    h(
      "a",
      {
        "data-view": view,
        href: store.link({ view }),
        onclick: (/** @type {MouseEvent} */ event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          if (store.view.view !== view) store.set({ view }, { push: true });
        },
      },
      title,
    ),
  );
  const themeButton = h("button", { type: "button", class: "square quiet", "data-testid": "theme", onclick: nextTheme });
  const paintTheme = () => {
    const choice = themeChoice();
    put(themeButton, icon(choice === "auto" ? "auto" : choice === "light" ? "sun" : "moon"));
    themeButton.title = `Theme: ${choice}`;
    themeButton.setAttribute("aria-label", `Theme: ${choice}. Change`);
  };
  onTheme(paintTheme);
  paintTheme();

  const follow = () => {
    for (const link of links) {
      const view = /** @type {View["view"]} */ (link.dataset.view);
      link.href = store.link({ view });
      if (view === store.view.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${words(store.view.view)} · Paretoscope`;
  };
  store.subscribe(follow);
  follow();

  return h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: "/", "aria-label": "Paretoscope, start page" }, mark(), h("span", null, "Paretoscope")),
    h("nav", { "aria-label": "Views" }, links),
    h("div", { class: "top-right" }, healthButton(live), themeButton),
  );
}
