// The networks there are, to look through and choose from: a dialog with a search box and a card for each.

import { h, say, uid } from "../dom.js";
import { percent, plural } from "../format.js";
import { icon } from "../icons.js";
import { blockDrawing } from "./block.js";

/** @typedef {import("../types.js").ArchitectureInfo} ArchitectureInfo */
/** @typedef {import("../types.js").DatasetInfo} DatasetInfo */

/**
 * The button that shows the chosen architecture and opens the gallery.
 * @param {import("../types.js").Catalog} catalog
 * @param {(name: string) => void} onChoose
 */
export function gallery(catalog, onChoose) {
  const { architectures: all } = catalog;
  const title = h("span", { class: "pick-title" });
  const about = h("span", { class: "pick-about" });
  const button = h("button", { type: "button", class: "box pick", "data-testid": "architecture", "aria-haspopup": "dialog", onclick: () => open() }, h("span", { class: "pick-text" }, title, about), icon("unfold"));
  let chosen = "";

  function open() {
    const dialog = chooser(catalog, chosen, (name) => {
      dialog.close();
      if (name !== chosen) onChoose(name);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  return {
    button,
    /** @param {string} name */
    set(name) {
      chosen = name;
      const info = all.find((known) => known.name === name);
      say(title, info?.title ?? name);
      say(about, info ? [info.family, info.source?.year].filter(Boolean).join(", ") : "");
      button.setAttribute("aria-label", `Architecture: ${info?.title ?? name}. Choose another`);
    },
  };
}

/**
 * @param {import("../types.js").Catalog} catalog
 * @param {string} chosen
 * @param {(name: string) => void} onChoose
 */
function chooser({ architectures: all, datasets }, chosen, onChoose) {
  const heading = uid("gallery");
  const box = h("input", { class: "box", type: "search", "aria-label": "Search networks", placeholder: "Name, family, idea or year", autocomplete: "off", spellcheck: "false", autofocus: true, "data-testid": "gallery-search", oninput: () => sift() });
  const count = h("p", { class: "muted", role: "status" });
  const none = h("p", { class: "empty", hidden: true }, "No network fits these words.");
  const cards = all.map((info) => ({ info, text: searchable(info), element: card(info, datasets, info.name === chosen, onChoose) }));
  const groups = [...new Set(all.map(({ family }) => family))].map((family) => {
    const id = uid("family");
    const members = cards.filter(({ info }) => info.family === family);
    return { members, element: h("section", { "aria-labelledby": id }, h("h3", { id }, family), h("ul", { class: "gallery-cards" }, members.map(({ element }) => element))) };
  });
  const body = h("div", { class: "gallery-body", tabindex: -1 }, groups.map(({ element }) => element), none);
  const dialog = h(
    "dialog",
    { class: "gallery", "aria-labelledby": heading, "data-testid": "gallery", onkeydown: key, onclick: (/** @type {Event} */ event) => { if (event.target === dialog) dialog.close(); } },
    h("div", { class: "gallery-head" }, h("h2", { id: heading }, "Networks"), count, h("span", { class: "push" }), h("button", { type: "button", class: "square quiet", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")), h("div", { class: "search-box" }, icon("search"), box)),
    body,
  );

  /** Shows the networks whose texts hold all words. */
  function sift() {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { text, element } of cards) element.hidden = !wanted.every((word) => text.includes(word));
    for (const { members, element } of groups) element.hidden = members.every((member) => member.element.hidden);
    const left = shown().length;
    none.hidden = left > 0;
    say(count, left < cards.length ? `${left} of ${cards.length}` : plural(left, "network"));
    body.scrollTop = 0;
  }

  const shown = () => cards.filter(({ element }) => !element.hidden).map(({ element }) => /** @type {HTMLElement} */ (element.querySelector(".gallery-pick")));

  /** @param {KeyboardEvent} event */
  function key(event) {
    const buttons = shown();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const searching = document.activeElement === box;
    if (event.key === "Escape") {
      event.preventDefault(); // which would only empty the box
      dialog.close();
    } else if (event.key === "Enter" && searching) {
      event.preventDefault();
      if (box.value.trim()) buttons[0]?.click();
    } else if (["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) && (at >= 0 || (searching && event.key === "ArrowDown"))) {
      event.preventDefault();
      const target = searching ? buttons[0] : neighbour(buttons, at, event.key);
      (target ?? box).focus();
      target?.closest("li")?.scrollIntoView({ block: "nearest" });
    } else if (at >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      box.focus(); // the letter goes on into the box
    }
  }

  sift();
  // The chosen one is in sight, the search box has the focus.
  requestAnimationFrame(() => dialog.querySelector("[aria-current]")?.closest("li")?.scrollIntoView({ block: "center" }));
  return dialog;
}

/** @param {ArchitectureInfo} info */
const searchable = ({ name, title, family, summary, source, block }) =>
  [name, title, family, summary, source?.title, source?.year, block.title].filter(Boolean).join(" ").toLowerCase();

/**
 * The button that an arrow leads to from another, by where they stand; none above the first row.
 * @param {HTMLElement[]} buttons
 * @param {number} at
 * @param {string} key
 */
function neighbour(buttons, at, key) {
  const from = buttons[at];
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  if (key === "ArrowLeft") return buttons[at - 1] ?? from;
  if (key === "ArrowRight") return buttons[at + 1] ?? from;
  const here = /** @type {HTMLElement} */ (from).getBoundingClientRect();
  const down = key === "ArrowDown";
  const places = buttons.map((button) => ({ button, rect: button.getBoundingClientRect() })).filter(({ rect }) => (down ? rect.top > here.top + 1 : rect.top < here.top - 1));
  if (!places.length) return down ? from : undefined;
  const row = down ? Math.min(...places.map(({ rect }) => rect.top)) : Math.max(...places.map(({ rect }) => rect.top));
  return places.filter(({ rect }) => rect.top === row).reduce((best, place) => (Math.abs(place.rect.left - here.left) < Math.abs(best.rect.left - here.left) ? place : best)).button;
}

/**
 * What is published about the network as it is, not about one of its options; else what is nearest to that.
 * @param {ArchitectureInfo} info
 */
function nearest({ published, schema }) {
  const options = published.map(({ architecture }) => Object.entries(architecture ?? {}).filter(([key, value]) => key !== "name" && schema.properties?.[key]?.default !== value).length);
  return published[options.indexOf(Math.min(...options))];
}

/**
 * @param {ArchitectureInfo} info
 * @param {DatasetInfo[]} datasets
 * @param {boolean} chosen
 * @param {(name: string) => void} onChoose
 */
function card(info, datasets, chosen, onChoose) {
  const { name, title, summary, source, block } = info;
  const best = nearest(info);
  const set = datasets.find((known) => known.name === best?.dataset)?.title ?? best?.dataset;
  return h(
    "li",
    { class: "gallery-card", "data-architecture": name },
    h("button", { type: "button", class: "gallery-pick", "aria-current": chosen ? "true" : null, onclick: () => onChoose(name) }, h("b", null, title), chosen ? h("span", { class: "tag" }, "chosen") : null),
    h("p", { class: "gallery-idea" }, summary),
    h("div", { class: "gallery-block" }, blockDrawing(block)),
    h(
      "p",
      { class: "gallery-foot" },
      source ? h("a", { href: source.url, rel: "noreferrer", target: "_blank", title: source.title }, `Paper, ${source.year}`, h("span", { class: "sr" }, `: ${source.title}`)) : null,
      best ? h("a", { class: "gallery-accuracy", href: best.source.url, rel: "noreferrer", target: "_blank", title: `${best.label}. ${best.source.title}, ${best.source.year}, ${best.place}` }, `${percent(best.top1)} top-1 on ${set}`, h("span", { class: "sr" }, `, ${best.source.title}, ${best.place}`)) : null,
    ),
  );
}
