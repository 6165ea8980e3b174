// Menus that open beside their button and move with the page.

const EDGE = 12;

/**
 * Puts a popover under its button just before it opens, inside the window.
 * @param {HTMLElement} panel  as wide as its CSS custom property --width says, in pixels
 * @param {HTMLElement} button
 */
export function beside(panel, button) {
  const rect = button.getBoundingClientRect();
  const room = document.documentElement.getBoundingClientRect().width; // without the place that is kept for a scroll bar
  const width = Math.min(Number(getComputedStyle(panel).getPropertyValue("--width")) || 260, room - 2 * EDGE);
  const left = Math.max(EDGE, Math.min(rect.left, room - EDGE - width));
  panel.style.setProperty("width", `${width}px`);
  panel.style.setProperty("left", `${left + scrollX}px`);
  panel.style.setProperty("top", `${rect.bottom + scrollY + 4}px`);
}
