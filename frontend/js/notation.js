// A short, readable notation for JSON in a URL: (rank:(rule:ratio,value:0.5),layers:(exclude:!(conv1))).
// Objects are (key:value,…), lists are !(item,…), text that would read as something else is 'quoted'
// with ! before ' and ! inside. In the spirit of Rison.

/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").JsonObject} JsonObject */

const BARE = /^[\p{L}\p{N}_.*?/ [\]{}@#%&;$^~|+=<>"-]+$/u;
const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MAX_DEPTH = 12;

/** @param {string} text */
const plain = (text) => BARE.test(text) && !NUMBER.test(text) && !["true", "false", "null"].includes(text);

/** @param {string} text */
const quoted = (text) => (plain(text) ? text : `'${text.replace(/[!']/g, "!$&")}'`);

/**
 * @param {Json} value
 * @returns {string}
 */
export function write(value) {
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `!(${value.map(write).join(",")})`;
  return `(${pairs(value)})`;
}

/** @param {JsonObject} object */
const pairs = (object) =>
  Object.entries(object)
    .map(([key, value]) => `${quoted(key)}:${write(value)}`)
    .join(",");

/**
 * An object with a name, as in `tinyconv(width:0.5)`.
 * @param {string} name
 * @param {JsonObject} rest
 */
export const writeCall = (name, rest) => (Object.keys(rest).length ? `${name}(${pairs(rest)})` : name);

class Reader {
  at = 0;
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  peek() {
    return this.text.charAt(this.at);
  }

  /** @param {string} token */
  take(token) {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** @param {string} what */
  fail(what) {
    return new SyntaxError(`${what} expected at "${this.text.slice(this.at, this.at + 12) || "the end"}"`);
  }

  /** @returns {string} */
  quotedText() {
    let out = "";
    while (this.at < this.text.length) {
      const letter = this.text.charAt(this.at++);
      if (letter === "'") return out;
      out += letter === "!" ? this.text.charAt(this.at++) : letter;
    }
    throw this.fail("closing quote");
  }

  bareText() {
    const start = this.at;
    while (this.at < this.text.length && !"(),:'!".includes(this.peek())) this.at += 1;
    if (start === this.at) throw this.fail("value");
    return this.text.slice(start, this.at);
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  value(depth) {
    if (depth > MAX_DEPTH) throw new SyntaxError("nested too deeply");
    if (this.take("!(")) return this.list(depth);
    if (this.take("(")) return this.object(depth);
    if (this.take("'")) return this.quotedText();
    const text = this.bareText();
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    return NUMBER.test(text) ? Number(text) : text;
  }

  /**
   * @param {number} depth
   * @returns {Json[]}
   */
  list(depth) {
    /** @type {Json[]} */
    const items = [];
    if (this.take(")")) return items;
    do items.push(this.value(depth + 1));
    while (this.take(","));
    if (!this.take(")")) throw this.fail("closing bracket");
    return items;
  }

  /**
   * @param {number} depth
   * @returns {JsonObject}
   */
  object(depth) {
    /** @type {JsonObject} */
    const out = {};
    if (this.take(")")) return out;
    do {
      const key = this.take("'") ? this.quotedText() : this.bareText();
      if (!this.take(":")) throw this.fail("colon");
      // Defined, not assigned, so that a key named __proto__ stays a plain key.
      Object.defineProperty(out, key, { value: this.value(depth + 1), enumerable: true, configurable: true, writable: true });
    } while (this.take(","));
    if (!this.take(")")) throw this.fail("closing bracket");
    return out;
  }

  end() {
    if (this.at < this.text.length) throw this.fail("the end");
  }
}

/**
 * @param {string} text
 * @returns {Json}
 */
export function read(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/**
 * @param {string} text
 * @returns {{name: string, rest: JsonObject}}
 */
export function readCall(text) {
  const match = /^([A-Za-z0-9_.-]+)(\(.*\))?$/su.exec(text);
  if (!match?.[1]) throw new SyntaxError("a name, or name(…), expected");
  return { name: match[1], rest: match[2] ? /** @type {JsonObject} */ (read(match[2])) : {} };
}
