// What can be done with a run.

import { api } from "../api.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { active } from "../live.js";
import { confirmed } from "../shell/dialog.js";
import { complain, note } from "../shell/notices.js";
import { viewOf } from "../variant.js";

/** @typedef {import("../types.js").Run} Run */
/** @typedef {import("../app.js").App} App */

/**
 * @param {App} app
 * @param {Run} run
 * @param {(run: Run | null) => void} onChange  null where the run is gone
 * @returns {HTMLElement[]}
 */
export function actions(app, run, onChange) {
  const { store, studies, catalog } = app;
  /**
   * @param {import("../icons.js").IconName} name
   * @param {string} title
   * @param {() => void} act
   * @param {Record<string, unknown>} [more]
   */
  const button = (name, title, act, more = {}) => h("button", { type: "button", class: "small", ...more, onclick: act }, icon(name), title);
  const out = [
    button("open", store.view.view === "explore" ? "Edit this variant" : "Open in Explore", () => {
      const study = run.study_ids.includes(store.view.study ?? "") ? store.view.study : (run.study_ids[0] ?? store.view.study);
      store.set({ ...viewOf(run.variant, catalog), study, run: run.id, view: "explore" }, { push: true });
    }),
  ];
  const picked = store.view.compare.includes(run.id);
  out.push(
    button("compare", picked ? "In comparison" : "Compare", () => store.set({ compare: picked ? store.view.compare.filter((id) => id !== run.id) : [...store.view.compare, run.id] }), { "aria-pressed": String(picked) }),
  );
  if (picked && store.view.compare.length > 1 && store.view.view !== "runs") {
    out.push(button("right", `Show comparison (${store.view.compare.length})`, () => store.set({ view: "runs" }, { push: true })));
  }
  if (active(run) && run.state !== "cancelling") {
    out.push(button("stop", "Cancel", () => void api.cancel(run.id).then(onChange, complain)));
  }
  if (run.state === "failed" || run.state === "cancelled") {
    out.push(button("retry", "Train again", () => void retry(app, run).then(onChange, complain)));
  }
  if (!active(run)) {
    out.push(
      button("bin", "Delete", async () => {
        if (!(await confirmed("Delete this run?", `${run.label}: its metrics and files are removed from every study. This cannot be undone.`, "Delete"))) return;
        try {
          await api.remove(run.id);
          note("The run was deleted.");
          const { view } = store;
          store.set({ compare: view.compare.filter((id) => id !== run.id), run: view.run === run.id ? null : view.run });
          studies.refresh();
          onChange(null);
          // The button is gone with the run: the keyboard goes on from the top of the view.
          /** @type {HTMLElement | null} */ (document.querySelector("main"))?.focus();
        } catch (error) {
          complain(error);
        }
      }),
    );
  }
  return out;
}

/**
 * Submits the same variant again; the server queues it anew in the studies it was in.
 * @param {App} app
 * @param {Run} run
 */
async function retry({ studies }, run) {
  const study = studies.get(run.study_ids[0] ?? null);
  return api.submit(run.variant, study?.name ?? null);
}
