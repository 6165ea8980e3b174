// A kernel as a grid of numbers, coloured by their size: one to look at, one to draw in.

import { h, put, restyle } from "../dom.js";
import { plain } from "./text.js";

/**
 * The colour of a value: how strong, and on which side of zero.
 * @param {HTMLElement} cell
 * @param {number} value
 * @param {number} most
 */
function tint(cell, value, most) {
  restyle(cell, { "--strength": most > 0 ? Math.min(1, Math.abs(value) / most) : 0 });
  cell.classList.toggle("below", value < 0);
}

/** @param {number[][]} values */
export const largest = (values) => Math.max(0, ...values.flat().map(Math.abs));

/**
 * @param {number[][]} values
 * @param {{most?: number, label?: string, className?: string}} [options]  `most` has the full colour
 */
export function still(values, { most = largest(values), label, className = "" } = {}) {
  const size = Math.floor(Math.log10(most || 1));
  const places = Math.min(9, Math.max(0, (size < 0 ? 1 : 2) - size)); // so many that the large ones show three digits
  const cells = values.flatMap((row) =>
    row.map((value) => {
      const cell = h("span", { class: "kcell", title: plain(value) }, plain(Number(value.toFixed(places)), 6));
      tint(cell, value, most);
      return cell;
    }),
  );
  return h("div", { class: `kgrid ${className}`, role: "img", "aria-label": label ?? spoken(values), style: { "--columns": values[0]?.length ?? 1 } }, cells);
}

/** @param {number[][]} values */
export const spoken = (values) => values.map((row) => row.map((value) => plain(value)).join(" ")).join("; ");

/**
 * A grid that is typed in, or painted in by dragging across its cells.
 * @param {(values: number[][]) => void} onChange
 */
export function drawing(onChange) {
  /** @type {number[][]} */
  let values = [];
  /** @type {HTMLInputElement[]} */
  let cells = [];
  let brush = 1;
  /** The cell where a pointer went down, until it has left it. @type {HTMLInputElement | null} */
  let from = null;
  let painting = false;
  const element = h("div", { class: "kgrid drawn", role: "group", "aria-label": "Kernel. Type numbers; arrow keys go from cell to cell.", "data-testid": "kernel", ondragstart: (/** @type {Event} */ event) => event.preventDefault(), onpointerdown: down, onpointermove: move, onpointerup: up, onpointercancel: up });

  /** @param {number[][]} next */
  function show(next) {
    const [rows, columns] = [next.length, next[0]?.length ?? 0];
    if (rows !== values.length || columns !== (values[0]?.length ?? 0)) build(rows, columns);
    values = next;
    const most = largest(values);
    values.flat().forEach((value, i) => {
      const cell = /** @type {HTMLInputElement} */ (cells[i]);
      tint(cell, value, most);
      if (document.activeElement !== cell || number(cell.value) !== value) cell.value = plain(value, 6);
      cell.removeAttribute("aria-invalid");
    });
  }

  /**
   * @param {number} rows
   * @param {number} columns
   */
  function build(rows, columns) {
    restyle(element, { "--columns": columns });
    cells = Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const cell = h("input", {
        class: "kcell",
        inputmode: "text",
        autocomplete: "off",
        "aria-label": `Row ${row + 1}, column ${column + 1}`,
        oninput: () => type(cell, row, column),
        onblur: () => show(values),
        onfocus: () => cell.select(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => walk(event, i, rows, columns),
      });
      return cell;
    });
    put(element, cells);
  }

  /**
   * @param {HTMLInputElement} cell
   * @param {number} row
   * @param {number} column
   */
  function type(cell, row, column) {
    const value = number(cell.value);
    if (value === null) return cell.setAttribute("aria-invalid", "true");
    set(row, column, value);
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {number} value
   */
  function set(row, column, value) {
    if (values[row]?.[column] === value) return;
    onChange(values.map((line, y) => line.map((old, x) => (y === row && x === column ? value : old))));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} at
   * @param {number} rows
   * @param {number} columns
   */
  function walk(event, at, rows, columns) {
    const cell = /** @type {HTMLInputElement} */ (event.target);
    const all = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    const first = all || cell.selectionEnd === 0;
    const last = all || cell.selectionStart === cell.value.length;
    const [row, column] = [Math.floor(at / columns), at % columns];
    let next = -1;
    if (event.key === "ArrowUp" && row > 0) next = at - columns;
    if ((event.key === "ArrowDown" || event.key === "Enter") && row < rows - 1) next = at + columns;
    if (event.key === "ArrowLeft" && first && column > 0) next = at - 1;
    if (event.key === "ArrowRight" && last && column < columns - 1) next = at + 1;
    if (next < 0) return;
    event.preventDefault();
    cells[next]?.focus();
  }

  /** @param {PointerEvent} event */
  function down(event) {
    from = cellAt(event);
    painting = false;
  }

  /** A pointer that leaves the cell it went down in paints; one that stays only puts the cursor there. @param {PointerEvent} event */
  function move(event) {
    if (!from) return;
    const cell = cellAt(event);
    if (!painting && cell === from) return;
    if (!painting) {
      painting = true;
      element.setPointerCapture(event.pointerId);
      /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
      paint(from);
    }
    if (cell) paint(cell);
  }

  function up() {
    from = null;
    painting = false;
  }

  /** @param {HTMLInputElement} cell */
  function paint(cell) {
    const at = cells.indexOf(cell);
    const columns = values[0]?.length ?? 1;
    set(Math.floor(at / columns), at % columns, brush);
  }

  /** @param {PointerEvent} event */
  function cellAt(event) {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    return cells.find((cell) => cell === under) ?? null;
  }

  return { element, show, setBrush: (/** @type {number} */ value) => void (brush = value) };
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function number(text) {
  const value = Number(text.trim().replace(",", ".").replace(/[\u2212\u2013]/g, "-"));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
