// Reading a trade-off figure: its points as rows, for the table twin and for the marks on the chart.

/** @typedef {import("./types.js").Figure} Figure */
/**
 * A finished run on the chart. `x` and `y` are its place on the axes; accuracies are fractions.
 * @typedef {object} Point
 * @property {string} id
 * @property {string} label
 * @property {string} family
 * @property {number} x
 * @property {number} y
 * @property {number} top1
 * @property {number} low
 * @property {number} high
 * @property {boolean} front
 */

/**
 * A published result that is laid over the chart.
 * @typedef {{label: string, family: string, source: string, x: number, top1: number}} Reference
 */

/**
 * The finished runs of the figure, cheapest first. Every point carries
 * [run id, label, cost, top-1 %, low %, high %, on the front] as its customdata.
 * @param {Figure} figure
 * @returns {Point[]}
 */
export function points(figure) {
  /** @type {Map<string, Point>} */
  const found = new Map();
  for (const trace of figure.data) {
    for (const [i, data] of (trace.customdata ?? []).entries()) {
      const [id, label, cost, top1, low, high, front] = data;
      if (id === null) continue; // a published result, no run
      found.set(id, { id, label, family: trace.name, x: cost, y: trace.y[i], top1: top1 / 100, low: low / 100, high: high / 100, front });
    }
  }
  return [...found.values()].sort((a, b) => a.x - b.x || b.top1 - a.top1);
}

/**
 * The published results of the figure, cheapest first: points whose run id is null, and whose source stands last.
 * @param {Figure} figure
 * @returns {Reference[]}
 */
export function references(figure) {
  const found = figure.data.flatMap((trace) =>
    (trace.customdata ?? []).flatMap((/** @type {any[]} */ data, /** @type {number} */ i) => (data[0] === null ? [{ label: String(data[1]), family: String(trace.name), source: String(data[7] ?? ""), x: Number(trace.x[i]), top1: Number(trace.y[i]) / 100 }] : [])),
  );
  return found.sort((a, b) => a.x - b.x);
}
