// Drawing the server's figures with Plotly. The data and the meaning are the server's; colours of
// paper, grid and text follow the page, and a few marks are laid over without asking again.

import { theme, token } from "./shell/theme.js";

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {{shapes: any[], annotations: any[], traces: any[]}} Marks */

/** @type {Promise<any> | null} */
let loading = null;

/** Plotly itself, loaded when the first chart is drawn. @returns {Promise<any>} */
function plotly() {
  loading ??= new Promise((done, fail) => {
    const meta = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="plotly"]'));
    const script = document.createElement("script");
    script.src = meta.content;
    script.onload = () => done(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      fail(new Error("The chart library could not be loaded."));
    };
    document.head.append(script);
  });
  return loading;
}

const CONFIG = { displayModeBar: false, responsive: false, showSendToCloud: false, plotlyServerURL: "", showTips: false, scrollZoom: false };
const TOUCH = matchMedia("(hover: none)");
const TWICE_MS = 600;

export class Chart {
  /** @type {any} */
  #plotly = null;
  /** @type {Figure | null} */
  #figure = null;
  /** @type {Marks} */
  #marks = { shapes: [], annotations: [], traces: [] };
  #frame = 0;

  /**
   * @param {HTMLElement} element
   * @param {{onClick?: (customdata: any) => void, legend?: boolean}} [options]
   */
  constructor(element, options = {}) {
    this.element = element;
    this.options = options;
    new ResizeObserver(() => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => {
        if (this.#figure && element.clientWidth > 0) this.#plotly?.Plots.resize(element);
      });
    }).observe(element);
  }

  get log() {
    return this.#figure?.layout?.xaxis?.type === "log";
  }

  /** @param {Figure} figure */
  async draw(figure) {
    const first = this.#plotly === null;
    this.#plotly = await plotly();
    this.#figure = figure;
    await this.#react();
    if (first && this.options.onClick) {
      const { onClick } = this.options;
      let last = -Infinity;
      /** @type {any} */ (this.element).on("plotly_click", (/** @type {any} */ event) => {
        // A tap comes twice: as a touch, and as the mouse that browsers make of it.
        const twice = performance.now() - last < TWICE_MS;
        last = performance.now();
        if (!twice) onClick(event.points?.[0]?.customdata);
      });
    }
  }

  #react() {
    const data = this.#figure?.data.map(plainHover) ?? [];
    return this.#plotly.react(this.element, [...data, ...this.#marks.traces], this.#layout(), CONFIG);
  }

  /** Lays marks over the figure: lines that move are cheap, traces only where they differ. @param {Marks} marks */
  mark(marks) {
    const same = JSON.stringify(marks.traces) === JSON.stringify(this.#marks.traces);
    this.#marks = marks;
    if (!this.#figure || !this.#plotly) return;
    const { shapes, annotations } = this.#layout();
    void (same ? this.#plotly.relayout(this.element, { shapes, annotations }) : this.#react());
  }

  clear() {
    if (this.#figure) this.#plotly?.purge(this.element);
    this.#figure = null;
    this.#plotly = null;
  }

  /** Saves the chart as an image. @param {string} filename */
  async save(filename) {
    if (!this.#figure) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    const layout = { ...this.#layout(), paper_bgcolor: token("--surface") };
    await this.#plotly.downloadImage({ data: this.#figure.data, layout, config: CONFIG }, { format: "png", filename, width, height, scale: 2 });
  }

  #layout() {
    const { title: _, width: _w, height: _h, ...layout } = this.#figure?.layout ?? {};
    const ink = token("--ink-2");
    const family = getComputedStyle(document.body).fontFamily;
    const axis = { gridcolor: token("--grid"), linecolor: token("--line-strong"), zerolinecolor: token("--line-strong"), tickcolor: token("--line-strong"), automargin: true };
    // Two columns of names over the chart and no titles beside it: else a telephone shows more of them than of the points.
    const narrow = this.element.clientWidth < 520;
    return {
      ...layout,
      autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { ...layout.font, family, size: 12, color: ink },
      margin: { l: narrow ? 48 : 60, r: 16, t: 24, b: 44 },
      legend: { ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)", itemwidth: 30, font: { size: narrow ? 10.5 : 12 }, ...(narrow ? { entrywidth: 0.5, entrywidthmode: "fraction" } : {}) },
      hoverlabel: { ...layout.hoverlabel, bgcolor: token("--surface"), bordercolor: token("--line-strong"), font: { family, color: token("--ink"), size: 12 } },
      ...Object.fromEntries(Object.entries(layout).filter(([key]) => /^[xy]axis/.test(key)).map(([key, own]) => [key, { ...own, ...axis, ...(key.startsWith("y") ? { title: narrow ? { text: "" } : { ...(typeof own.title === "string" ? { text: own.title } : own.title), standoff: 10 } } : {}) }])),
      dragmode: TOUCH.matches ? false : (layout.dragmode ?? "zoom"),
      // Zoom survives new points, and starts anew with another axis or theme.
      uirevision: `${layout.xaxis?.type}-${text(layout.xaxis?.title)}-${theme()}`,
      shapes: [...(layout.shapes ?? []), ...this.#marks.shapes],
      annotations: [...(layout.annotations ?? []), ...this.#marks.annotations],
    };
  }
}

/**
 * Bold and italic in hover labels are inline styles, which the Content-Security-Policy refuses.
 * @param {any} trace
 */
const plainHover = (trace) => (trace.hovertemplate ? { ...trace, hovertemplate: String(trace.hovertemplate).replace(/<\/?[bi]>/g, "") } : trace);

/** @param {any} title */
const text = (title) => (typeof title === "string" ? title : (title?.text ?? ""));
