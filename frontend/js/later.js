// Waiting: one request at a time, the latest wins.

/**
 * Runs `task` at most once at a time. Calls that come while it runs are folded into one, with
 * the arguments of the last. `gap` is the shortest time between two starts, in milliseconds.
 * @template {any[]} A
 * @param {(...args: A) => Promise<void>} task
 * @param {number} [gap]
 * @returns {(...args: A) => void}
 */
export function latest(task, gap = 0) {
  let busy = false;
  let started = -Infinity;
  /** @type {A | null} */
  let waiting = null;

  async function drain() {
    busy = true;
    try {
      while (waiting) {
        const rest = started + gap - performance.now();
        if (rest > 0) await new Promise((done) => setTimeout(done, rest));
        const args = /** @type {A} */ (waiting);
        waiting = null;
        started = performance.now();
        await task(...args);
      }
    } finally {
      busy = false;
    }
  }

  return (...args) => {
    waiting = args;
    if (!busy) void drain();
  };
}

/**
 * Calls `action` once it was not asked for `wait` milliseconds.
 * @template {any[]} A
 * @param {(...args: A) => void} action
 * @param {number} wait
 * @returns {(...args: A) => void}
 */
export function settled(action, wait) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), wait);
  };
}

/**
 * Calls `action` once the next frame is on the screen, so that what matters most is painted without it.
 * Calls that come meanwhile are folded into one.
 * @param {() => void} action
 * @returns {() => void}
 */
export function afterPaint(action) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        waiting = false;
        action();
      }),
    );
  };
}
