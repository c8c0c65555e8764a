import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One page of a headless Chromium, driven over its DevTools protocol. */
export interface Browser extends AsyncDisposable {
  open(url: string): Promise<void>;
  /** The value of an expression in the page, awaited. Throws with the page's words when it throws. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true; fails with what the page shows after 30 s. */
  until(expression: string): Promise<void>;
  /** Writes what the page shows as PNG. */
  screenshot(path: string): Promise<void>;
}

type Reply = Readonly<Record<string, unknown>>;

/** Starts Chromium, which takes certificates of any authority. Dialogues are accepted. */
export async function openBrowser(program: string): Promise<Browser> {
  const profile = mkdtempSync('/tmp/tsc-chromium-');
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--ignore-certificate-errors',
    '--hide-scrollbars',
  ];
  const size = [
    '--window-size=1100,620',
    '--remote-debugging-port=0',
    `--user-data-dir=${join(profile, 'profile')}`,
    'about:blank',
  ];
  const child = spawn(program, [...flags, ...size], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  const address = await addressOf(child.stderr);
  const pages = (await (await fetch(`http://${new URL(address).host}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
    type: string;
  }[];
  const page = pages.find(({ type }) => type === 'page');
  const call = await connect(page?.webSocketDebuggerUrl ?? address);
  await call('Page.enable');
  const evaluate = async (expression: string): Promise<unknown> => {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']).slice(0, 500));
    return (answer['result'] as { readonly value?: unknown }).value;
  };
  return {
    evaluate,
    open: async (url) => void (await call('Page.navigate', { url })),
    async until(expression) {
      const end = performance.now() + 30_000;
      // A page that is being left cannot answer.
      while ((await evaluate(expression).catch(() => false)) !== true) {
        if (performance.now() > end) throw new Error(`never: ${expression}\n${await evaluate('document.body.innerText')}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async screenshot(path) {
      const { data } = await call('Page.captureScreenshot', { format: 'png' });
      writeFileSync(path, Buffer.from(String(data), 'base64'));
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function addressOf(words: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  words.on('data', (chunk) => {
    text += String(chunk);
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address !== undefined) resolve(address);
  });
  words.on('end', () => reject(new Error(`Chromium ended: ${text.slice(-500)}`)));
  return promise;
}

async function connect(url: string): Promise<(method: string, params?: Reply) => Promise<Reply>> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`cannot talk to ${url}`)));
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let last = 0;
  const call = (method: string, params: Reply = {}): Promise<Reply> => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => void waiting.set(id, resolve));
  };
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; method?: string; result?: Reply; error?: Reply };
    if (message.method === 'Page.javascriptDialogOpening') void call('Page.handleJavaScriptDialog', { accept: true });
    if (message.id !== undefined) waiting.get(message.id)?.(message.result ?? { exceptionDetails: message.error });
  });
  return call;
}
