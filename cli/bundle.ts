/** What `dist/main.js` gives to its callers: `dist/tscompose.cjs`, and the build, which runs commands once to fill the code cache. */
export { run } from './run.ts';
export { processHost, start } from './start.ts';
