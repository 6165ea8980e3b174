// Questions in the page: yes or no, and the access token.

import { h, uid } from "../dom.js";

/**
 * Shows a dialog and waits for its answer: the value of the button, or "" where it was left.
 * @param {string} title
 * @param {(Node | string)[]} content
 * @param {HTMLButtonElement[]} buttons
 * @returns {Promise<string>}
 */
function ask(title, content, buttons) {
  const id = uid("dialog");
  const form = h("form", { method: "dialog" }, h("h2", { id }, title), content, h("div", { class: "dialog-buttons" }, buttons));
  const dialog = h("dialog", { "aria-labelledby": id }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue);
    });
  });
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export async function confirmed(title, text, yes) {
  const answer = await ask(
    title,
    [h("p", null, text)],
    [h("button", { value: "", autofocus: true }, "Keep"), h("button", { value: "yes", class: "danger" }, yes)],
  );
  return answer === "yes";
}

/** @returns {Promise<string | null>} */
export async function askToken() {
  const id = uid("token");
  const box = h("input", { id, class: "box", type: "password", autocomplete: "off", required: true });
  const answer = await ask(
    "Access token",
    [
      h("p", null, "This server is protected. The token is kept in this tab only, until it is closed."),
      h("label", { for: id }, "Token"),
      box,
    ],
    [h("button", { value: "ok", class: "primary" }, "Continue")],
  );
  return answer === "ok" ? box.value.trim() : null;
}
