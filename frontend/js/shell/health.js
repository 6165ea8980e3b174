// How the server is: a dot in the header, details on request, a banner when it cannot be reached.

import { api, ApiError, onReach } from "../api.js";
import { h, put, say, uid } from "../dom.js";
import { plural } from "../format.js";
import { latest } from "../later.js";
import { banner, dismiss } from "./notices.js";

/** @typedef {import("../types.js").Health} Health */

const EVERY_MS = 10_000;
const DOWN_MS = 3_000;

/**
 * @param {import("../live.js").Live} live
 * @returns {HTMLElement}
 */
export function healthButton(live) {
  const id = uid("health");
  const dot = h("span", { class: "dot unknown" });
  const text = h("span", { class: "health-text" }, "connecting");
  const panel = h("div", { id, class: "popover health-panel", popover: "auto" });
  const button = h("button", { type: "button", class: "quiet health", popovertarget: id, "data-testid": "health" }, dot, text);
  let timer = 0;

  const refresh = latest(async () => {
    clearTimeout(timer);
    try {
      show(await api.health());
      timer = setTimeout(refresh, EVERY_MS);
    } catch (error) {
      const locked = error instanceof ApiError && error.status === 401;
      paint("bad", locked ? "token needed" : "server not reachable");
      put(panel, h("p", null, locked ? error.message : "The server does not answer."));
      timer = setTimeout(refresh, DOWN_MS);
    }
  }, 1000);

  /**
   * @param {string} tone
   * @param {string} words
   */
  function paint(tone, words) {
    dot.className = `dot ${tone}`;
    say(text, words);
    button.setAttribute("aria-label", `Server: ${words}. Details`);
  }

  /** @param {Health} health */
  function show(health) {
    const { workers, queue } = health;
    const good = health.status === "ok" && health.database.ok && health.broker.ok && workers.length > 0;
    const busy = queue.running + queue.queued;
    const working = busy ? `${queue.running} running, ${queue.queued} queued` : `${plural(workers.length, "worker")} idle`;
    paint(good ? (busy ? "busy" : "good") : "bad", workers.length ? working : "no worker");
    put(panel, details(health));
  }

  onReach((up) => {
    if (up) dismiss("down");
    else banner("down", "error", ["The server does not answer. What you see may be out of date; it is tried again by itself."], { label: "Try now", act: refresh });
    refresh();
  });
  live.subscribe((event) => {
    if (event.kind === "state" || event.kind === "open") refresh();
  });
  refresh();
  return h("div", { class: "health-box" }, button, panel);
}

/** @param {Health} health */
function details(health) {
  /**
   * @param {string} name
   * @param {boolean} ok
   * @param {string} value
   */
  const line = (name, ok, value) => [h("dt", null, name), h("dd", null, h("span", { class: `dot ${ok ? "good" : "bad"}` }), value)];
  return [
    h("h2", null, `Paretoscope ${health.version}`),
    h(
      "dl",
      null,
      line("Database", health.database.ok, `${health.database.kind}, ${health.database.ok ? "answers" : "does not answer"}`),
      line("Broker", health.broker.ok, `${health.broker.kind}, ${health.broker.ok ? "answers" : "does not answer"}`),
      line("Queue", true, `${health.queue.running} running, ${health.queue.queued} queued`),
      health.workers.flatMap((worker) =>
        line("Worker", true, `${worker.host} ${worker.pid}, ${worker.device_name ?? worker.device}${worker.threads ? `, ${plural(worker.threads, "thread")}` : ""}: ${worker.run_id ? "training" : "idle"}`),
      ),
    ),
    health.workers.length ? null : h("p", null, "No worker is alive: runs wait in the queue until one starts."),
  ];
}
