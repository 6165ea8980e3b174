// All talk with the server, and the only module that calls fetch.

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Study} Study */
/** @typedef {import("./types.js").Variant} Variant */
/** @typedef {import("./types.js").Problem} Problem */
/** @typedef {import("./types.js").Figure} Figure */
/**
 * @template T
 * @typedef {import("./types.js").Page<T>} Page
 */
/** @typedef {Record<string, string | number | boolean | null | undefined | string[]>} Query */

const BASE = "/api/v1";
const TOKEN = "paretoscope.token";

/** What the server said against a request, or that it could not be reached (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Problem[]} [details]
   */
  constructor(status, code, message, details = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** @type {Set<(up: boolean) => void>} */
const watchers = new Set();
let reachable = true;

/**
 * Calls `watcher` whenever the server becomes unreachable or answers again.
 * @param {(up: boolean) => void} watcher
 */
export const onReach = (watcher) => void watchers.add(watcher);

/** @param {boolean} up */
function reach(up) {
  if (up === reachable) return;
  reachable = up;
  for (const watcher of watchers) watcher(up);
  if (up) for (const wake of [...sleepers]) wake();
}

/** Streams that wait before they try again. @type {Set<() => void>} */
const sleepers = new Set();

/**
 * Waits; less long where the server answers another request meanwhile.
 * @param {number} ms
 * @returns {Promise<void>}
 */
const rest = (ms) =>
  new Promise((done) => {
    const wake = () => {
      clearTimeout(timer);
      sleepers.delete(wake);
      done();
    };
    const timer = setTimeout(wake, ms);
    sleepers.add(wake);
  });

/** @type {(() => Promise<string | null>) | null} */
let asker = null;
/** @type {Promise<string | null> | null} */
let asking = null;

/**
 * Says who asks the person for an access token when the server wants one.
 * @param {() => Promise<string | null>} ask
 */
export const setTokenAsker = (ask) => void (asker = ask);

let declined = false;

/** Lets the next refusal ask for the token again, after a person had closed the question. */
export const askAgain = () => void (declined = false);

async function newToken() {
  if (declined) return null;
  asking ??= asker?.() ?? Promise.resolve(null);
  const token = await asking;
  asking = null;
  declined = token === null;
  if (token) sessionStorage.setItem(TOKEN, token);
  return token;
}

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;

/** @param {Query} query */
function queryString(query) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const item of value) out.append(key, item);
    else if (value !== null && value !== undefined && value !== "") out.set(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Response>}
 */
async function send(path, init) {
  for (;;) {
    const headers = new Headers(init.headers);
    const token = sessionStorage.getItem(TOKEN);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    /** @type {Response} */
    let response;
    try {
      response = await fetch(path, { ...init, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      reach(false);
      throw new ApiError(0, "unreachable", "The server does not answer. Is Paretoscope still running?");
    }
    reach(![502, 503, 504].includes(response.status));
    if (response.status === 401 && asker) {
      // Another request may have asked meanwhile: then its token is tried first.
      if (sessionStorage.getItem(TOKEN) !== token || (await newToken())) continue;
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

/** @param {Response} response */
async function refusal(response) {
  const body = await response.json().catch(() => null);
  const error = body?.error;
  if (error && typeof error.message === "string") {
    return new ApiError(response.status, error.code, error.message, Array.isArray(error.details) ? error.details : []);
  }
  return new ApiError(response.status, "unknown", `The server answered ${response.status} ${response.statusText}.`);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, query?: Query, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
async function call(method, path, { body, query = {}, signal } = {}) {
  const response = await send(`${BASE}${path}${queryString(query)}`, {
    method,
    signal: signal ?? null,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return response.status === 204 ? null : response.json();
}

/** @param {string} id */
const run = (id) => `/runs/${encodeURIComponent(id)}`;

export const api = {
  /** @returns {Promise<import("./types.js").Health>} */
  health: () => call("GET", "/health"),
  /** @returns {Promise<import("./types.js").Catalog>} */
  catalog: () => call("GET", "/catalog"),
  /** @type {(variant: Variant, layers: boolean) => Promise<import("./types.js").WhatIf>} */
  whatif: (variant, layers) => call("POST", "/whatif", { body: variant, query: layers ? {} : { layers } }),
  /** @type {(variant: Variant, study: string | null) => Promise<Run>} */
  submit: (variant, study) => call("POST", "/runs", { body: { variant, study } }),
  /** @type {(query: Query) => Promise<Page<Run>>} */
  runs: (query) => call("GET", "/runs", { query }),
  /** @type {(id: string) => Promise<Run>} */
  run: (id) => call("GET", run(id)),
  /** @type {(id: string) => Promise<Run>} */
  cancel: (id) => call("POST", `${run(id)}/cancel`),
  /** @type {(id: string) => Promise<null>} */
  remove: (id) => call("DELETE", run(id)),
  /** @type {(cursor: string | null) => Promise<Page<Study>>} */
  studies: (cursor) => call("GET", "/studies", { query: { limit: 100, cursor } }),
  /** @type {(name: string, dataset: string) => Promise<Study>} */
  createStudy: (name, dataset) => call("POST", "/studies", { body: { name, dataset } }),
  /** @type {(query: {study: string, x: string, log: boolean, theme: string, references: string}) => Promise<Figure>} */
  tradeoff: (query) => call("GET", "/figures/tradeoff", { query }),
  /** @type {(id: string, theme: string) => Promise<Figure>} */
  curves: (id, theme) => call("GET", `${run(id)}/figures/curves`, { query: { theme } }),
  /** @returns {Promise<import("./learn/types.js").Lecture>} */
  lecture: () => call("GET", "/learn"),
  /** @type {(convolution: object) => Promise<{items: import("./learn/types.js").Way[]}>} */
  takeApart: (convolution) => call("POST", "/learn/convolution", { body: convolution }),
  /** @type {(values: number[][]) => Promise<import("./learn/types.js").Decomposition>} */
  divide: (values) => call("POST", "/learn/kernel", { body: { values } }),
  /** @type {(keys: readonly string[]) => Promise<{tables: import("./learn/types.js").Table[]}>} none asks for all */
  references: (keys) => call("GET", "/references", { query: { table: [...keys] } }),
  /** A file as a local address, for servers where a plain link would lack the token. @type {(url: string) => Promise<string>} */
  file: async (url) => URL.createObjectURL(await (await send(url, {})).blob()),
};

/**
 * Server-Sent Events over fetch, because EventSource cannot send the Authorization header.
 * Reconnects with a growing pause and goes on after the last event seen.
 * @param {string} path
 * @param {{onEvent: (kind: string, data: any) => void, onOpen: (resumed: boolean) => void, onLost: () => void}} handlers
 * @returns {() => void} closes the stream
 */
export function stream(path, { onEvent, onOpen, onLost }) {
  const closing = new AbortController();
  let last = "";
  let pause = 500;

  async function read() {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    const response = await send(`${BASE}${path}`, { headers, signal: closing.signal, cache: "no-store" });
    if (!response.body) throw new ApiError(0, "unreachable", "The event stream has no body.");
    onOpen(last !== "");
    pause = 500;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let tail = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (tail + value).replace(/\r\n?/g, "\n").split("\n\n");
      tail = blocks.pop() ?? "";
      for (const block of blocks) deliver(block);
    }
  }

  /** @param {string} block */
  function deliver(block) {
    let kind = "message";
    const data = [];
    for (const line of block.split("\n")) {
      const [, field, text = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === "id") last = text;
      else if (field === "event") kind = text;
      else if (field === "data") data.push(text);
    }
    if (data.length) onEvent(kind, JSON.parse(data.join("\n")));
  }

  async function run() {
    while (!closing.signal.aborted) {
      try {
        await read();
      } catch (error) {
        if (closing.signal.aborted) return;
        if (!(error instanceof ApiError || error instanceof TypeError)) throw error;
      }
      if (closing.signal.aborted) return;
      onLost();
      // Some spread, so that many pages do not come back in the same instant.
      await rest(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, 15_000);
    }
  }

  void run();
  return () => closing.abort();
}
