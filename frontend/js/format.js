// Numbers, times and names as a person reads them.

const NARROW = "\u202f"; // narrow no-break space between groups of digits
const NBSP = "\u00a0";
const MINUS = "\u2212";
const PREFIXES = ["", "k", "M", "G", "T", "P"];

/**
 * The exact number, digits in groups of three: 86 400.
 * @param {number} n
 */
export function exact(n) {
  const [whole = "", part] = Math.abs(n).toString().includes("e") ? [n.toExponential(3)] : String(Math.abs(n)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, NARROW);
  return (n < 0 ? MINUS : "") + grouped + (part ? `.${part.slice(0, 4)}` : "");
}

/**
 * Three significant digits and a decimal prefix: 86 400 is 86.4 k.
 * @param {number} n
 * @returns {{digits: string, prefix: string}}
 */
export function scaled(n) {
  if (!Number.isFinite(n)) return { digits: "–", prefix: "" };
  let size = Math.abs(n);
  let power = 0;
  while (size >= 999.5 && power < PREFIXES.length - 1) {
    size /= 1000;
    power += 1;
  }
  const places = power === 0 ? (Number.isInteger(size) ? 0 : 2) : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return { digits: (n < 0 ? MINUS : "") + size.toFixed(places), prefix: PREFIXES[power] ?? "" };
}

/**
 * @param {number | null | undefined} n
 * @param {string} [unit]
 */
export function amount(n, unit = "") {
  if (n === null || n === undefined) return "–";
  const { digits, prefix } = scaled(n);
  return prefix || unit ? `${digits}${NBSP}${prefix}${unit}` : digits;
}

/**
 * Change of a cost against another: −62 %.
 * @param {number} after
 * @param {number} before
 */
export function change(after, before) {
  if (after === before || before === 0) return "no change";
  const percent = (after / before - 1) * 100;
  const size = Math.abs(percent);
  const text = size >= 1000 ? exact(Math.round(size)) : size.toFixed(size < 1 ? 2 : size < 10 ? 1 : 0);
  return `${percent < 0 ? MINUS : "+"}${text}${NBSP}%`;
}

/**
 * @param {number} after
 * @param {number} before
 * @returns {"less" | "more" | "same"}
 */
export const direction = (after, before) => (after < before ? "less" : after > before ? "more" : "same");

/**
 * A fraction as percent: 0.9861 is 98.6 %.
 * @param {number | null | undefined} fraction
 * @param {number} [places]
 */
export const percent = (fraction, places = 1) =>
  fraction === null || fraction === undefined ? "–" : `${(fraction * 100).toFixed(places)}${NBSP}%`;

/** @param {{low: number, high: number}} top1 */
export const interval = (top1) => `${(top1.low * 100).toFixed(1)}\u2013${(top1.high * 100).toFixed(1)}${NBSP}%`;

/** @param {number} bytes */
export const bytes = (bytes) => amount(bytes, "B");

/** @param {number[] | null | undefined} dims */
export const times = (dims) => (dims && dims.length ? dims.join("×") : "–");

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)}${NBSP}s`;
  if (seconds < 100) return `${Math.round(seconds)}${NBSP}s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}${NBSP}min ${whole % 60}${NBSP}s`;
  return `${Math.floor(minutes / 60)}${NBSP}h ${minutes % 60}${NBSP}min`;
}

/**
 * A short time, three significant digits: 0.000135 s is 135 µs.
 * @param {number} seconds
 */
export function instant(seconds) {
  const units = /** @type {const} */ ([[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]]);
  const [size, unit] = units.find(([size]) => seconds >= 0.9995 * size) ?? [1e-9, "ns"];
  return `${Number((seconds / size).toPrecision(3))}${NBSP}${unit}`;
}

/**
 * A score, four significant digits.
 * @param {number} value
 */
export const score = (value) => String(Number(value.toPrecision(4)));

/**
 * Clock time for today, date and time before that.
 * @param {string | null} iso
 */
export function when(iso) {
  if (!iso) return "–";
  const date = new Date(iso);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date().toDateString()) return clock;
  return `${date.toLocaleDateString([], { day: "numeric", month: "short" })} ${clock.slice(0, 5)}`;
}

/**
 * Seconds between two times; until now where the second is missing.
 * @param {string | null} from
 * @param {string | null} to
 */
export function between(from, to) {
  if (!from) return "–";
  return duration(Math.max(0, (to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000);
}

/** @param {string} name */
export function words(name) {
  const text = name.replace(/_/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (n, one, many = `${one}s`) => `${exact(n)} ${n === 1 ? one : many}`;
