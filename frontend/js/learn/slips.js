// Where the slides slip: what they say, what is right, where to see it.

import { h, s } from "../dom.js";
import { exact } from "../format.js";
import { viewOf } from "../variant.js";
import { lettered } from "./text.js";
import { exploreLink } from "./ways.js";

/** @typedef {import("./types.js").Slip} Slip */
/** @typedef {import("./types.js").Pointer} Pointer */

/**
 * @param {import("../app.js").App} app
 * @param {Slip[]} slips
 * @param {(section: string, kind: string | null) => void} go  to a section of this page
 * @returns {HTMLElement}
 */
export function slipList(app, slips, go) {
  return h(
    "ol",
    { class: "slips", "data-testid": "slips" },
    slips.map(({ key, title, said, right, why, see, curve }) =>
      h(
        "li",
        { class: "panel slip", "data-slip": key },
        h("h3", null, title),
        h("dl", null, part("The slide", said, "said"), part("What is right", right), part("Easily mixed up", why, "why")),
        curve ? elbow(curve) : null,
        see.length ? h("ul", { class: "see" }, see.map((pointer) => h("li", null, pointed(app, pointer, go)))) : null,
      ),
    ),
  );
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} [className]
 */
const part = (title, text, className) => h("div", { class: className }, h("dt", null, title), h("dd", null, lettered(text)));

/**
 * @param {import("../app.js").App} app
 * @param {Pointer} pointer
 * @param {(section: string, kind: string | null) => void} go
 */
function pointed(app, { label, section, kind, variant, url }, go) {
  if (variant) return exploreLink(app, viewOf(variant, app.catalog), label);
  if (section) return h("button", { type: "button", class: "link", onclick: () => go(section, kind) }, label);
  return h("a", { href: url, target: "_blank", rel: "noreferrer" }, label);
}

/**
 * The elbow curve, with the points that the rules pick.
 * @param {import("./types.js").Curve} curve
 */
function elbow({ x, y, values, remarks }) {
  const [width, height, left, base] = [320, 132, 26, 20];
  const most = Math.max(...values);
  /** @param {number} k */
  const px = (k) => left + ((k - 1) / (values.length - 1)) * (width - left - 8);
  /** @param {number} value */
  const py = (value) => 8 + (1 - value / most) * (height - base - 8);
  const points = values.map((value, i) => `${px(i + 1)},${py(value)}`).join(" ");
  const marks = Object.entries(remarks).map(([k, remark], i) => {
    const [at, value] = [Number(k), values[Number(k) - 1] ?? 0];
    return [
      s("circle", { class: `elbow-mark mark-${i}`, cx: px(at), cy: py(value), r: 4 }),
      s("text", { class: "elbow-text", x: px(at) + 9, y: py(value) - 5 }, `${x} = ${at}: ${remark}`),
    ];
  });
  const spoken = `${y} against ${x} from 1 to ${values.length}: ${Object.entries(remarks).map(([k, remark]) => `${x} = ${k}, ${remark}, ${y} = ${exact(values[Number(k) - 1] ?? 0)}`).join("; ")}`;
  return s(
    "svg",
    { class: "elbow", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spoken },
    s("path", { class: "elbow-axis", d: `M${left} 4V${height - base}H${width - 4}` }),
    s("polyline", { class: "elbow-line", points }),
    marks.flat(),
    s("text", { class: "elbow-text", x: left - 14, y: 14 }, y),
    s("text", { class: "elbow-text", x: width - 14, y: height - 5 }, x),
    s("text", { class: "elbow-text", x: left, y: height - 5, "text-anchor": "middle" }, "1"),
  );
}
