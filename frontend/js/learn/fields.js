// The playground's numbers.

import { h, put, say, uid } from "../dom.js";

/** @typedef {import("./types.js").Schema} Schema */
/** @typedef {import("../types.js").Problem} Problem */
/** @typedef {Record<string, any>} Asked  a convolution; what is left out is the lecture's example */

/**
 * @param {Schema} schema  of the convolution
 * @param {(patch: Asked) => void} onChange
 */
export function fields(schema, onChange) {
  const properties = schema.properties ?? {};
  const problemsId = uid("problems");
  const problems = h("div", { class: "problems", id: problemsId, role: "status" });
  /** @type {Map<string, HTMLInputElement>} by name, for pairs name.0 and name.1 */
  const boxes = new Map();
  /** @type {Asked} */
  let shown = {};

  /**
   * @param {string} name
   * @param {string} label
   * @param {number} [place]  in a pair
   */
  function box(name, label, place) {
    const field = place === undefined ? properties[name] : /** @type {any} */ (properties[name])?.prefixItems?.[place];
    const bounds = field?.anyOf?.find((/** @type {Schema} */ option) => option.type === "integer") ?? field;
    const input = h("input", {
      type: "number",
      class: "box number",
      inputmode: "numeric",
      step: 1,
      min: bounds?.minimum,
      max: bounds?.maximum,
      placeholder: name === "rank" ? "half" : null,
      "aria-label": label,
      "aria-describedby": problemsId,
      "data-field": place === undefined ? name : `${name}.${place}`,
      title: properties[name]?.description,
      oninput: () => change(),
      onblur: () => fill(shown),
    });
    const change = () => {
      const value = input.value === "" ? null : input.valueAsNumber;
      if (value === null && name !== "rank") return;
      if (place === undefined) return onChange({ [name]: value });
      const pair = [...shown[name]];
      pair[place] = value;
      onChange({ [name]: pair });
    };
    boxes.set(place === undefined ? name : `${name}.${place}`, input);
    return input;
  }

  /**
   * @param {string} title
   * @param {(Node | string)[]} content
   */
  const group = (title, ...content) => h("div", { class: "conv-field", role: "group", "aria-label": title }, h("span", { class: "conv-field-title", "aria-hidden": "true" }, title), h("span", { class: "conv-field-row" }, content));
  /** @param {string} sign */
  const sign = (sign) => h("span", { class: "conv-sign", "aria-hidden": "true" }, sign);

  const paddings = (properties.padding?.enum ?? []).map((option) =>
    h("button", { type: "button", "data-padding": String(option), onclick: () => onChange({ padding: option }) }, String(option)),
  );
  const element = h(
    "div",
    { class: "conv-form" },
    h(
      "div",
      { class: "conv-fields" },
      group("Input H × W", box("height", "Input height H"), sign("×"), box("width", "Input width W")),
      group("Kernel h × w", box("kernel", "Kernel height h", 0), sign("×"), box("kernel", "Kernel width w", 1)),
      group("Channels in → out", box("in_channels", "Input channels Din"), sign("→"), box("out_channels", "Output channels Dout")),
      group("Stride", box("stride", "Stride")),
      group("Padding", h("span", { class: "segments" }, paddings)),
      group("Groups G", box("groups", "Groups G")),
      group("Rank R", box("rank", "Rank R of the spatially separable way")),
    ),
    problems,
  );

  /** @param {Asked} asked  with every field */
  function fill(asked) {
    shown = asked;
    for (const [name, input] of boxes) {
      const [field = "", place] = name.split(".");
      const value = place === undefined ? asked[field] : asked[field]?.[Number(place)];
      const text = value === null || value === undefined ? "" : String(value);
      if (input.value !== text && document.activeElement !== input) input.value = text;
    }
    for (const button of paddings) button.setAttribute("aria-pressed", String(button.dataset.padding === asked.padding));
  }

  /**
   * @param {string | null} message
   * @param {Problem[]} details
   */
  function refuse(message, details) {
    for (const [name, input] of boxes) {
      const wrong = details.some(({ loc }) => name === loc.join(".") || name.startsWith(`${loc.join(".")}.`));
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    const told = details.length ? details.map((detail) => `${title(detail)}: ${detail.message}.`) : message ? [message] : [];
    if (problems.textContent !== told.join("")) put(problems, told.map((text) => h("p", { class: "problem" }, text)));
  }

  /** @param {Problem} detail */
  const title = ({ loc }) => properties[String(loc[0])]?.title ?? String(loc[0] ?? "This");

  return { element, fill, refuse };
}

/**
 * Buttons that fill in one of several examples; the one that is shown is marked.
 * @template T
 * @param {string} label
 * @param {{title: string, remark: string, values: T}[]} examples
 * @param {(values: T) => void} onChoose
 */
export function examples(label, examples, onChoose) {
  const buttons = examples.map((example) => h("button", { type: "button", class: "small", title: example.remark, onclick: () => onChoose(example.values) }, example.title));
  const remark = h("span", { class: "muted" });
  return {
    element: h("div", { class: "examples", role: "group", "aria-label": label }, buttons, remark),
    /** @param {T} values */
    mark: (values) => {
      const text = JSON.stringify(values);
      const found = examples.findIndex((example) => JSON.stringify(example.values) === text);
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === found)));
      say(remark, examples[found]?.remark ?? "");
    },
  };
}
