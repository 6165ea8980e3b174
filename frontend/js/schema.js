// Reading the JSON Schemas of the catalog: references, unions, defaults.

/** @typedef {import("./types.js").Schema} Schema */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").JsonObject} JsonObject */

/**
 * A schema with its $ref followed; what stands beside the $ref (title, default) wins.
 * @param {Schema} schema
 * @param {Schema} root  holds $defs
 * @returns {Schema}
 */
export function resolve(schema, root) {
  if (!schema.$ref) return schema;
  const name = schema.$ref.split("/").pop() ?? "";
  const target = root.$defs?.[name];
  if (!target) throw new Error(`The schema refers to ${schema.$ref}, which it does not define.`);
  const { $ref: _, ...beside } = schema;
  return { ...resolve(target, root), ...beside };
}

/**
 * A schema that allows null, split into the rest and whether null is allowed.
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {{schema: Schema, nullable: boolean}}
 */
export function optional(schema, root) {
  const options = schema.anyOf;
  if (!options) return { schema: resolve(schema, root), nullable: false };
  const rest = options.filter((option) => option.type !== "null");
  const { anyOf: _, ...beside } = schema;
  const nullable = rest.length < options.length;
  const first = rest[0];
  if (rest.length === 1 && first) return { schema: { ...resolve(first, root), ...beside }, nullable };
  if (rest.every((option) => option.type === "integer" || option.type === "number")) {
    return { schema: { ...beside, type: "number" }, nullable };
  }
  return { schema: { ...beside, oneOf: rest }, nullable };
}

/**
 * @typedef {object} Branch
 * @property {string} tag  value of the discriminator
 * @property {Schema} schema
 */

/**
 * The branches of a discriminated union, or null where the schema is none.
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {{property: string, branches: Branch[]} | null}
 */
export function union(schema, root) {
  const options = schema.oneOf ?? schema.anyOf;
  if (!options) return null;
  const resolved = options.map((option) => resolve(option, root));
  const property = schema.discriminator?.propertyName ?? commonConst(resolved);
  if (!property) return null;
  const branches = resolved.map((option) => ({ tag: String(tagOf(option, property)), schema: option }));
  return { property, branches };
}

/**
 * @param {Schema} schema
 * @param {string} property
 */
const tagOf = (schema, property) => schema.properties?.[property]?.const ?? schema.properties?.[property]?.enum?.[0];

/** @param {Schema[]} options */
function commonConst(options) {
  const first = options[0]?.properties ?? {};
  return Object.keys(first).find((key) => options.every((option) => tagOf(option, key) !== undefined));
}

/**
 * The value that a new form starts with.
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Json}
 */
export function blank(schema, root) {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.examples?.[0] !== undefined) return structuredClone(schema.examples[0]);
  if (schema.const !== undefined) return schema.const;
  const bare = optional(schema, root);
  if (bare.nullable) return null;
  const inner = bare.schema;
  if (inner.default !== undefined) return structuredClone(inner.default);
  if (inner.examples?.[0] !== undefined) return structuredClone(inner.examples[0]);
  const choice = union(inner, root);
  const first = choice?.branches[0];
  if (choice && first) return { [choice.property]: first.tag, ...required(first.schema, root) };
  if (inner.enum?.length) return inner.enum[0] ?? null;
  if (inner.type === "integer" || inner.type === "number") return inner.minimum ?? inner.maximum ?? 1;
  if (inner.type === "boolean") return false;
  if (inner.type === "array") return [];
  if (inner.type === "object" || inner.properties) return required(inner, root);
  return "";
}

/**
 * The properties that must be there, each with its blank value.
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {JsonObject}
 */
export function required(schema, root) {
  /** @type {JsonObject} */
  const out = {};
  for (const name of schema.required ?? []) {
    const property = schema.properties?.[name];
    if (property) out[name] = blank(property, root);
  }
  return out;
}

/**
 * @param {Json | undefined} a
 * @param {Json | undefined} b
 */
export const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/**
 * The value with the keys of every object in order.
 * @param {Json | undefined} value
 * @returns {Json | undefined}
 */
export function sorted(value) {
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key]) ?? null]));
}
