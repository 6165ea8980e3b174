// The picture under a person's hands: pointer, keys, and a walk over all outputs.

import { h, s, say } from "../dom.js";
import { exact, plural } from "../format.js";
import { products, within } from "./geometry.js";
import { onPicture, Picture } from "./picture.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./geometry.js").Cell} Cell */

const WALK_MS = 7000; // over all outputs, unless there are few or many
const slow = matchMedia("(prefers-reduced-motion: reduce)");

const PLAY = "M5 3.200v9.600L12.800 8z";
const PAUSE = "M5 3.500v9M11 3.500v9";

/**
 * @param {(cell: Cell) => void} onCell  where the person chose another output value
 */
export function player(onCell) {
  /** @type {Layer[]} */
  let layers = [];
  /** @type {Cell} */
  let at = [0, 0, 0];
  let timer = 0;
  let width = 0;
  const picture = new Picture();
  const caption = h("p", { class: "conv-caption", "aria-live": "polite", "data-testid": "caption" });
  const sign = s("path", { d: PLAY });
  const word = h("span");
  const play = h("button", { type: "button", class: "small", "data-testid": "play", onclick: toggle }, s("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, sign), word);
  const channel = h("input", { type: "number", class: "box number", min: 1, step: 1, "aria-label": "Output channel", oninput: () => choose([channel.valueAsNumber - 1, at[1], at[2]]) });
  const count = h("span", { class: "muted" });
  const stage = h(
    "div",
    { class: "conv-stage", tabindex: 0, role: "application", "aria-label": "Output value. Arrow keys move it, Page Up and Page Down change its channel, Space plays.", "data-testid": "stage", onkeydown: key, onpointermove: point, onpointerdown: point },
    picture.element,
  );
  const element = h("div", { class: "conv-player" }, stage, caption, h("div", { class: "conv-controls" }, play, h("label", { class: "inline" }, "Output channel", channel, count), h("span", { class: "push" }), h("span", { class: "muted conv-keys" }, "Point at an output, or use the arrow keys")));

  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now > 0 && now !== width) {
      width = now;
      draw();
    }
  }).observe(stage);
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  paintPlay();

  function draw() {
    if (!layers.length || width < 1) return;
    picture.draw(layers, at, width, timer !== 0);
    say(caption, words());
    const outputs = layers.at(-1)?.out_shape[0] ?? 1;
    channel.max = String(outputs);
    if (channel.valueAsNumber !== at[0] + 1 && document.activeElement !== channel) channel.value = String(at[0] + 1);
    say(count, `of ${exact(outputs)}`);
    stage.dataset.cell = at.join(",");
  }

  /** What the output value is made of. */
  function words() {
    const [first, last] = [layers[0], layers.at(-1)];
    if (!first || !last) return "";
    const where = `Row ${at[1] + 1}, column ${at[2] + 1} of output channel ${exact(at[0] + 1)}`;
    const [one = 0, two = 0] = products(layers);
    const reads = (last.in_shape[0] ?? 1) / last.groups;
    if (layers.length === 1) return `${where}: a ${last.kernel.join("×")} window in ${plural(reads, "input channel")}, ${plural(one, "product")}.`;
    if (first.taps) return `${where}: ${plural(two, "product")}. Each of the ${exact(reads)} values was only moved here, from one place of the ${first.kernel.join("×")} window.`;
    const shared = last.groups === 1 ? `, once for all ${exact(last.out_shape[0] ?? 1)} output channels` : "";
    return `${where}: ${plural(two, "product")} from the values between. ${reads * last.kernel[0] * last.kernel[1] === 1 ? "That value" : "Each of them"} took ${plural(one, "product")}${shared}.`;
  }

  /** @param {Cell} cell */
  function choose(cell) {
    stop();
    if (cell.some((part) => !Number.isFinite(part))) return;
    const next = fit(cell);
    if (next.join() === at.join()) return;
    at = next;
    draw();
    onCell(at);
  }

  /** @param {number[] | null} cell */
  const fit = (cell) => within(cell, layers.at(-1)?.out_shape[0] ?? 1, onPicture(layers));

  /** @param {PointerEvent} event */
  function point(event) {
    if (timer && event.type === "pointermove") return;
    const cell = picture.cellAt(event.clientX, event.clientY);
    stage.classList.toggle("over", cell !== null);
    if (cell) choose(cell);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const [c, y, x] = at;
    const [rows, columns] = onPicture(layers);
    /** @type {Record<string, Cell>} */
    const moves = {
      ArrowLeft: [c, y, x - 1],
      ArrowRight: [c, y, x + 1],
      ArrowUp: [c, y - 1, x],
      ArrowDown: [c, y + 1, x],
      Home: [c, 0, 0],
      End: [c, rows - 1, columns - 1],
      PageUp: [c - 1, y, x],
      PageDown: [c + 1, y, x],
    };
    const move = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!move && event.key !== " ")) return;
    event.preventDefault();
    if (move) choose(move);
    else toggle();
  }

  function toggle() {
    if (timer) {
      stop();
      onCell(at);
      return;
    }
    const [rows, columns] = onPicture(layers);
    if (at[1] === rows - 1 && at[2] === columns - 1) at = [at[0], 0, 0];
    const pause = slow.matches ? 1000 : Math.min(450, Math.max(70, WALK_MS / (rows * columns)));
    caption.setAttribute("aria-live", "off"); // a walk is not read out
    timer = setInterval(step, pause);
    paintPlay();
    draw();
  }

  function step() {
    const [rows, columns] = onPicture(layers);
    const next = at[1] * columns + at[2] + 1;
    if (next >= rows * columns || !stage.isConnected) {
      stop();
      onCell(at);
      return;
    }
    at = [at[0], Math.floor(next / columns), next % columns];
    draw();
  }

  function stop() {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    caption.setAttribute("aria-live", "polite");
    paintPlay();
    draw();
  }

  function paintPlay() {
    sign.setAttribute("d", timer ? PAUSE : PLAY);
    say(word, timer ? "Pause" : "Play");
    element.classList.toggle("playing", timer !== 0);
  }

  /**
   * @param {Layer[]} next
   * @param {number[] | null} cell
   */
  function show(next, cell) {
    const same = JSON.stringify(next) === JSON.stringify(layers);
    if (!same) stop();
    layers = next;
    if (!timer) at = fit(cell);
    draw();
  }

  return { element, show, stop };
}
