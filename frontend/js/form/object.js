// Forms drawn from JSON Schema. A form keeps only what differs from the defaults, so that a link stays short.

import { h, put, uid } from "../dom.js";
import { words } from "../format.js";
import { blank, optional, required, same, union } from "../schema.js";
import { layersControl } from "./layers.js";
import { numberControl } from "./number.js";
import { problemsSlot } from "./problems.js";

/** @typedef {import("../types.js").Schema} Schema */
/** @typedef {import("../types.js").Json} Json */
/** @typedef {import("../types.js").JsonObject} JsonObject */
/**
 * What all fields of a form share.
 * @typedef {object} Form
 * @property {Schema} root  the schema that holds $defs
 * @property {boolean} sliders
 * @property {() => string[]} layers  names of the layers there are
 */

/**
 * The fields of an object.
 * @param {Form} form
 * @param {Schema} schema
 * @param {JsonObject} value
 * @param {string} path  of the object in the variant, as in "/steps/0"
 * @param {(value: JsonObject) => void} onChange
 * @param {string[]} [skip]  properties that are shown elsewhere
 * @returns {HTMLElement[]}
 */
export function fields(form, schema, value, path, onChange, skip = []) {
  let current = value;
  const out = [];
  const layersLast = (/** @type {[string, Schema]} */ [, property]) => Number(isSelector(optional(property, form.root).schema));
  for (const [name, property] of Object.entries(schema.properties ?? {}).sort((a, b) => layersLast(a) - layersLast(b))) {
    if (skip.includes(name) || property.const !== undefined) continue;
    const standard = blank(property, form.root);
    const always = schema.required?.includes(name) ?? false;
    const start = current[name] ?? standard;
    out.push(
      field(form, property, start, `${path}/${name}`, property.title ?? words(name), (next) => {
        const { [name]: _, ...rest } = current;
        current = !always && same(next, standard) ? rest : { ...current, [name]: next };
        onChange(current);
      }),
    );
  }
  return out;
}

/**
 * A label and its control.
 * @param {Form} form
 * @param {Schema} raw
 * @param {Json} value
 * @param {string} path
 * @param {string} label
 * @param {(value: Json) => void} onChange
 * @returns {HTMLElement}
 */
function field(form, raw, value, path, label, onChange) {
  const { schema, nullable } = optional(raw, form.root);
  const choice = union(schema, form.root);
  const hint = raw.description ?? schema.description ?? "";
  if (choice) return unionField(form, choice, value, blank(raw, form.root), path, label, hint, onChange);
  if (isSelector(schema)) return layersControl({ schema, value: /** @type {any} */ (value) ?? {}, path, label, layers: form.layers, onChange });
  if (schema.type === "object" && schema.properties) {
    const inside = fields(form, schema, /** @type {JsonObject} */ (value ?? {}), path, onChange);
    return h("fieldset", { class: "group", "data-path": path }, h("legend", { title: hint }, label), inside, problemsSlot());
  }
  return row(path, label, hint, (attributes) => control(form, schema, nullable, value, label, attributes, onChange));
}

/** @param {Schema} schema */
const isSelector = (schema) => schema.type === "object" && schema.properties?.include !== undefined && schema.properties.exclude !== undefined;

/**
 * @param {string} path
 * @param {string} label
 * @param {string} hint
 * @param {(attributes: Record<string, string>) => HTMLElement} make
 */
export function row(path, label, hint, make) {
  const id = uid("field");
  const slot = problemsSlot();
  const hintId = `${id}-hint`;
  const described = hint ? `${hintId} ${slot.id}` : slot.id;
  return h(
    "div",
    { class: "field", "data-path": path },
    h("label", { for: id, title: hint || null }, label),
    make({ id, "aria-describedby": described }),
    hint ? h("span", { id: hintId, class: "sr" }, hint) : null,
    slot,
  );
}

/**
 * @param {Form} form
 * @param {Schema} schema
 * @param {boolean} nullable
 * @param {Json} value
 * @param {string} label
 * @param {Record<string, string>} attributes
 * @param {(value: Json) => void} onChange
 * @returns {HTMLElement}
 */
function control(form, schema, nullable, value, label, attributes, onChange) {
  if (schema.type === "integer" || schema.type === "number") {
    const number = typeof value === "number" ? value : null;
    return numberControl({ schema, value: number, nullable, slider: form.sliders, attributes, label, onChange });
  }
  if (schema.type === "boolean" && !nullable) {
    return h("input", { ...attributes, type: "checkbox", class: "switch", checked: value === true, onchange: changed((box) => onChange(box.checked)) });
  }
  const options = schema.type === "boolean" ? [true, false] : schema.enum;
  if (options) {
    const all = nullable ? [null, ...options] : options;
    return h(
      "select",
      { ...attributes, class: "box", value: String(all.findIndex((option) => option === value)), onchange: changed((box) => onChange(all[Number(box.value)] ?? null)) },
      all.map((option, i) => h("option", { value: i }, option === null ? "auto" : option === true ? "yes" : option === false ? "no" : String(option))),
    );
  }
  if (schema.type === "array") {
    const numbers = ["integer", "number"].includes(optional(schema.items ?? {}, form.root).schema.type ?? "");
    const text = Array.isArray(value) ? value.join(", ") : "";
    return h("input", { ...attributes, class: "box", value: text, onchange: changed((box) => onChange(list(box.value, numbers))) });
  }
  return h("input", { ...attributes, class: "box", value: typeof value === "string" ? value : "", oninput: changed((box) => onChange(box.value)) });
}

/**
 * What a branch is called: by its title where that is the tag, well written (SGD for sgd).
 * @param {{tag: string, schema: Schema}} branch
 */
function tagWords({ tag, schema }) {
  return schema.title?.toLowerCase() === tag.toLowerCase() ? schema.title : words(tag);
}

/** @param {(box: HTMLInputElement) => void} act */
const changed = (act) => /** @param {Event} event */ (event) => act(/** @type {HTMLInputElement} */ (event.currentTarget));

/**
 * @param {string} text
 * @param {boolean} numbers
 * @returns {Json}
 */
function list(text, numbers) {
  const items = text.split(/[,;\s]+/).filter(Boolean);
  // What is no number is sent as it was written: the server says what is wrong with it.
  return numbers ? items.map((item) => (Number.isFinite(Number(item)) ? Number(item) : item)) : items;
}

/**
 * One of several kinds of object: the kind, then the fields of that kind.
 * @param {Form} form
 * @param {{property: string, branches: {tag: string, schema: Schema}[]}} choice
 * @param {Json} value
 * @param {Json} standard  what the field holds where nothing was said
 * @param {string} path
 * @param {string} label
 * @param {string} hint
 * @param {(value: Json) => void} onChange
 */
function unionField(form, choice, value, standard, path, label, hint, onChange) {
  const { property, branches } = choice;
  let current = /** @type {JsonObject} */ (value && typeof value === "object" && !Array.isArray(value) ? value : {});
  // What was set in a kind is there again when a person comes back to it.
  /** @type {Map<string, JsonObject>} */
  const memory = new Map();
  if (standard && typeof standard === "object" && !Array.isArray(standard)) memory.set(String(standard[property]), standard);
  const inside = h("div", { class: "branch" });

  const draw = () => {
    const branch = branches.find(({ tag }) => tag === current[property]) ?? branches[0];
    if (!branch) return;
    put(
      inside,
      fields(
        form,
        branch.schema,
        current,
        path,
        (next) => {
          current = { ...next, [property]: branch.tag };
          onChange(current);
        },
        [property],
      ),
    );
    inside.hidden = inside.childElementCount === 0;
  };

  const tag = String(current[property] ?? branches[0]?.tag ?? "");
  const head = row(path, label, hint, (attributes) =>
    h(
      "select",
      {
        ...attributes,
        class: "box",
        value: tag,
        onchange: changed((box) => {
          memory.set(String(current[property]), current);
          const branch = branches.find((candidate) => candidate.tag === box.value);
          if (!branch) return;
          current = memory.get(branch.tag) ?? { [property]: branch.tag, ...required(branch.schema, form.root) };
          draw();
          onChange(current);
        }),
      },
      branches.map((branch) => h("option", { value: branch.tag, title: branch.schema.description }, tagWords(branch))),
    ),
  );
  draw();
  return h("div", { class: "union" }, head, inside);
}
