// What every view is given.

/**
 * @typedef {object} App
 * @property {import("./store.js").Store} store
 * @property {import("./live.js").Live} live
 * @property {import("./studies.js").Studies} studies
 * @property {import("./known.js").Known} known
 * @property {import("./whatif.js").WhatIfs} whatif
 * @property {import("./types.js").Catalog} catalog
 */

export {};
