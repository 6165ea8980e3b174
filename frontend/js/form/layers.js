// Which layers a step acts on: glob patterns as chips, with the names of the layers to choose from.

import { h, put, uid } from "../dom.js";
import { icon } from "../icons.js";
import { same } from "../schema.js";
import { problemsSlot } from "./problems.js";

/** @typedef {import("../types.js").Schema} Schema */
/** @typedef {import("../types.js").JsonObject} JsonObject */
/** @typedef {{include?: string[], exclude?: string[]}} Selector */

/**
 * @param {object} options
 * @param {Schema} options.schema
 * @param {Selector} options.value
 * @param {string} options.path
 * @param {string} options.label
 * @param {() => string[]} options.layers
 * @param {(value: JsonObject) => void} options.onChange
 */
export function layersControl({ schema, value, path, label, layers, onChange }) {
  const everything = /** @type {string[]} */ (schema.properties?.include?.default ?? ["*"]);
  let include = patterns(value.include) ?? everything;
  let exclude = patterns(value.exclude) ?? [];

  const tell = () => {
    onChange({ ...(same(include, everything) ? {} : { include }), ...(exclude.length ? { exclude } : {}) });
  };
  const only = chips({
    path: `${path}/include`,
    label,
    empty: "all that fit",
    layers,
    get: () => (same(include, everything) ? [] : include),
    set: (next) => {
      include = next.length ? next : everything;
      tell();
    },
  });
  const not = chips({
    path: `${path}/exclude`,
    label: "Except",
    empty: "none",
    layers,
    get: () => exclude,
    set: (next) => {
      exclude = next;
      tell();
    },
  });
  return h("div", { class: "selector", "data-path": path }, only, not, problemsSlot());
}

/**
 * The patterns, or nothing where a link holds something else; the server says what is wrong with that.
 * @param {unknown} value
 */
const patterns = (value) => (Array.isArray(value) ? value.map(String) : undefined);

/**
 * @param {object} options
 * @param {string} options.path
 * @param {string} options.label
 * @param {string} options.empty  what no chips mean
 * @param {() => string[]} options.layers
 * @param {() => string[]} options.get
 * @param {(patterns: string[]) => void} options.set
 */
function chips({ path, label, empty, layers, get, set }) {
  const id = uid("chips");
  const listId = `${id}-names`;
  const names = h("datalist", { id: listId });
  const holder = h("ul", { class: "chips", "aria-label": label });
  const slot = problemsSlot();
  const box = h("input", {
    id,
    class: "chip-box",
    list: listId,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": slot.id,
    onfocus: () => put(names, [...new Set(layers())].map((name) => h("option", { value: name }))),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if ((event.key === "Enter" || event.key === ",") && box.value.trim()) {
        event.preventDefault();
        add();
      } else if (event.key === "Backspace" && box.value === "" && get().length) {
        remove(get().length - 1);
      }
    },
    onchange: () => add(),
  });

  function add() {
    const pattern = box.value.trim();
    box.value = "";
    if (pattern && !get().includes(pattern)) {
      set([...get(), pattern]);
      draw();
    }
  }

  /** @param {number} at */
  function remove(at) {
    set(get().filter((_, i) => i !== at));
    draw();
    box.focus();
  }

  function draw() {
    box.placeholder = get().length ? "" : empty;
    put(
      holder,
      get().map((pattern, i) =>
        h(
          "li",
          { class: "chip" },
          h("code", null, pattern),
          h("button", { type: "button", "aria-label": `Remove ${pattern}`, onclick: () => remove(i) }, icon("close")),
        ),
      ),
    );
    holder.hidden = get().length === 0;
  }

  draw();
  return h(
    "div",
    { class: "field", "data-path": path },
    h("label", { for: id, title: "Layer names or patterns such as *.conv2; Enter adds one" }, label),
    h("div", { class: "box chip-field" }, holder, box, names),
    slot,
  );
}
