// "Train it": sends the variant to a worker, and shows how far it is.

import { api, ApiError } from "../api.js";
import { h, put, say } from "../dom.js";
import { amount, change, direction, percent } from "../format.js";
import { icon } from "../icons.js";
import { active } from "../live.js";
import { progressBar } from "../runs/progress.js";
import { chip } from "../runs/chip.js";
import { complain } from "../shell/notices.js";
import { variantOf } from "../variant.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Run} Run */

/**
 * @param {App} app
 * @returns {HTMLElement}
 */
export function trainBar(app) {
  const { store, studies, whatif, known, catalog } = app;
  const button = h("button", { type: "button", class: "primary train", "data-testid": "train", onclick: () => void train() }, "Train it");
  const target = h("input", { class: "box", id: "train-study", maxlength: 120, list: "train-studies", autocomplete: "off", placeholder: "name of a study" });
  const names = h("datalist", { id: "train-studies" });
  const targetRow = h("div", { class: "field" }, h("label", { for: "train-study" }, "Study"), target, names);
  const elsewhere = h("button", { type: "button", class: "link", onclick: () => { choosing = true; target.value = ""; draw(); target.focus(); } }, "Choose another");
  const status = h("div", { class: "train-status", "data-testid": "train-status" });
  // On a narrow screen the cost cards are out of sight while the form is edited.
  const brief = h("p", { class: "train-cost", "aria-hidden": "true" });
  const remark = h("p", { class: "remark" });
  const reveal = h("button", { type: "button", class: "link", onclick: () => document.querySelector(".editor .problem")?.scrollIntoView({ block: "center" }) }, "Show it");
  let sending = false;
  let choosing = false;
  let suggested = "";

  /** The study the run goes to, or null where one has to be made. */
  function home() {
    const study = studies.get(store.view.study);
    return study && study.dataset === store.view.data && !choosing ? study : null;
  }

  async function train() {
    if (sending) return;
    sending = true;
    draw();
    try {
      const variant = variantOf(store.view);
      const study = home() ?? (target.value.trim() ? await studies.ensure(target.value.trim(), variant.dataset) : null);
      const run = await api.submit(variant, study?.name ?? null);
      known.add(run);
      choosing = false;
      studies.refresh();
      store.set({ ...(study ? { study: study.id } : {}), ...(run.state === "succeeded" || store.view.run ? { run: run.id } : {}) }, { push: true });
    } catch (error) {
      if (error instanceof ApiError && error.code === "validation") whatif.ask();
      complain(error);
    } finally {
      sending = false;
      draw();
    }
  }

  function draw() {
    const { result, error } = whatif;
    const run = error ? null : known.get(result?.fingerprint);
    const study = home();
    const here = run && study && run.study_ids.includes(study.id);
    const busy = run !== null && active(run);
    const set = catalog.datasets.find(({ name }) => name === store.view.data);
    const absent = set && !set.present && !set.downloadable;
    const again = run && ["failed", "cancelled"].includes(run.state);

    button.disabled = sending || error !== null || result === null || absent === true || (run !== null && !again && (here === true || (study === null && !choosing)));
    const word = sending ? "Sending…" : again ? "Train it again" : run && !here && study ? "Add to this study" : busy ? "In training" : run ? "Already trained" : "Train it";
    put(button, word);
    targetRow.hidden = study !== null || (run !== null && !again && !choosing);
    const name = `${set?.title ?? store.view.data} study`;
    if (target.value === suggested && !choosing) target.value = name;
    suggested = name;
    put(names, studies.items.filter(({ dataset }) => dataset === store.view.data).map((other) => h("option", { value: other.name })));
    put(remark, absent ? "This data set is not on the server; its costs can be seen, but it cannot be trained." : error && error.status ? ["Put right what is marked, then it can be trained. ", reveal] : study ? [`Goes to the study ${study.name}. `, elsewhere] : "");
    remark.hidden = remark.textContent === "" || run !== null;
    drawStatus(run);
    if (!result) return;
    const keys = /** @type {const} */ (["macs", "params"]);
    put(brief, keys.map((key) => h("span", null, key === "macs" ? "MACs" : "Params", h("b", null, amount(result.cost[key])), h("span", { class: `delta ${direction(result.cost[key], result.baseline[key])}` }, change(result.cost[key], result.baseline[key])))));
  }

  const bar = progressBar();
  const spoken = h("p", { class: "sr", role: "status" });
  let signature = "";

  /** @param {Run | null} run */
  function drawStatus(run) {
    status.hidden = run === null;
    if (run) bar.update(run);
    const next = run ? JSON.stringify([run.id, run.state, run.metrics?.top1, run.error]) : "";
    if (next === signature) return;
    signature = next;
    if (!run) {
      put(status);
      return;
    }
    const open = h("button", { type: "button", class: "link", onclick: () => store.set({ run: run.id }, { push: true }) }, "Details");
    const top1 = run.metrics ? percent(run.metrics.top1.value) : null;
    say(spoken, `${run.label}: ${run.state}${top1 ? `, top-1 ${top1}` : ""}`);
    put(
      status,
      h("div", { class: "train-line" }, chip(run.state), top1 ? [h("b", { class: "figure" }, top1), "top-1"] : null, h("span", { class: "push" }), open),
      active(run) ? bar.element : null,
      run.state === "failed" && run.error ? h("p", { class: "problem" }, run.error.message) : null,
      active(run) && run.state !== "cancelling"
        ? h("button", { type: "button", class: "small", onclick: () => void api.cancel(run.id).then((next) => known.add(next), complain) }, icon("stop"), "Cancel")
        : null,
    );
  }

  whatif.subscribe(draw);
  known.subscribe(draw);
  studies.subscribe(draw);
  store.subscribe(draw);
  draw();
  return h("div", { class: "train-bar" }, brief, targetRow, h("div", { class: "train-row" }, button, remark), status, spoken);
}
