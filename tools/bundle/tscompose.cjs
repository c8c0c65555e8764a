'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
// Written by tools/build.ts. A cache that another Node or another build has written is not used.
const filename = `${__dirname}/main.js`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/main.cache`);
} catch {
  // It only makes the start faster.
}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
const main = { exports: {} };
script.runInThisContext()(main.exports, require, main, filename, __dirname);
main.exports.start();
