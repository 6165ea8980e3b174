// Which columns of a table there is room for. What is left out stands in the details of a row.

/** What goes first where there is no room for all. */
const SPARE = ["field", "groups", "stride", "intensity", "type", "shape", "kernel", "scan_macs", "attention_macs", "params", "change"];

/**
 * Hides columns until the table fits its frame. They come back with another width or another network only:
 * else they would come and go while a slider is dragged.
 * @param {HTMLElement} frame  scrolls the table where it is too wide all the same
 * @param {HTMLElement[]} heads  the cells of the head, with their column in `data-col`
 * @param {(hidden: string[]) => void} hide
 * @returns {(network: string, never: string[]) => void} for a network, and columns that are not shown of it
 */
export function room(frame, heads, hide) {
  let about = "";
  /** @type {string[]} */
  let hidden = [];

  return (network, never) => {
    const now = `${frame.clientWidth} ${network}`;
    if (now !== about) hidden = [];
    about = now;
    hide([...never, ...hidden]);
    for (;;) {
      let missing = frame.scrollWidth - frame.clientWidth;
      const left = SPARE.filter((key) => !never.includes(key) && !hidden.includes(key));
      if (missing <= 0 || !left.length) return;
      for (const key of left) {
        missing -= heads.find(({ dataset }) => dataset.col === key)?.offsetWidth ?? 0;
        hidden.push(key);
        if (missing <= 0) break;
      }
      hide([...never, ...hidden]);
    }
  };
}
