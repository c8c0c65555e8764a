/** Returns a function that prints a line with the time since this call: `[ 12.3 s] text`. Lines go to stderr. */
export function startClock(): (text: string) => void {
  const startedMs = performance.now();
  return (text) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
    process.stderr.write(`[${seconds} s] ${text}\n`);
  };
}
