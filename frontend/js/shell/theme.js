// Light, dark, or what the system says.

/** @typedef {"auto" | "light" | "dark"} Choice */

const KEY = "paretoscope.theme";
const CHOICES = /** @type {const} */ (["auto", "light", "dark"]);
const dark = matchMedia("(prefers-color-scheme: dark)");
/** @type {Set<() => void>} */
const listeners = new Set();

/** @type {Choice} */
let choice = CHOICES.find((option) => option === localStorage.getItem(KEY)) ?? "auto";

export const themeChoice = () => choice;

/** @returns {"light" | "dark"} */
export const theme = () => (choice === "auto" ? (dark.matches ? "dark" : "light") : choice);

export function nextTheme() {
  choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? "auto";
  localStorage.setItem(KEY, choice);
  apply();
}

/** @param {() => void} listener */
export const onTheme = (listener) => void listeners.add(listener);

export function apply() {
  const root = document.documentElement;
  if (choice === "auto") delete root.dataset.theme;
  else root.dataset.theme = choice;
  for (const listener of listeners) listener();
}

dark.addEventListener("change", () => {
  if (choice === "auto") apply();
});

/**
 * The value of a colour token, as a plain colour that Plotly understands.
 * @param {string} name
 */
export function token(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
