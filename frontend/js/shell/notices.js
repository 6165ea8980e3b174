// What the page tells a person outside of any one panel: banners at the top, short notes at the foot.

import { h } from "../dom.js";
import { icon } from "../icons.js";

const SHORT_MS = 6000;

/** @type {HTMLElement} */
const banners = h("div", { class: "banners", role: "region", "aria-label": "Notices" });
/** @type {HTMLElement} */
const notes = h("div", { class: "notes", role: "status", "aria-live": "polite" });

export const noticeAreas = () => [banners, notes];

/**
 * A banner that stays until it is closed; another with the same name takes its place.
 * @param {string} name
 * @param {"info" | "warning" | "error"} tone
 * @param {(Node | string)[]} content
 * @param {{label?: string, act?: () => void, onClose?: () => void}} [more]  a button, and what closing it does
 */
export function banner(name, tone, content, { label, act, onClose } = {}) {
  dismiss(name);
  const element = h(
    "div",
    { class: `banner ${tone}`, "data-banner": name, role: tone === "error" ? "alert" : "status" },
    tone === "info" ? null : icon("warn"),
    h("div", { class: "banner-text" }, content),
    label ? h("button", { type: "button", class: "small", onclick: act }, label) : null,
    h("button", { type: "button", class: "square quiet", "aria-label": "Close this notice", onclick: () => { dismiss(name); onClose?.(); } }, icon("close")),
  );
  banners.append(element);
}

/** @param {string} name */
export function dismiss(name) {
  banners.querySelector(`[data-banner="${name}"]`)?.remove();
}

/**
 * A note that goes by itself.
 * @param {string} text
 * @param {"info" | "error"} [tone]
 */
export function note(text, tone = "info") {
  const element = h("p", { class: `note ${tone}` }, icon(tone === "error" ? "warn" : "check"), text);
  notes.append(element);
  setTimeout(() => element.remove(), SHORT_MS);
}

/** @param {unknown} error */
export function complain(error) {
  note(error instanceof Error ? error.message : String(error), "error");
}
