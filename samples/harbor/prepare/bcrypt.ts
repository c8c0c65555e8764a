import { randomBytes, timingSafeEqual } from 'node:crypto';

/** bcrypt, the only digest of passwords that docker-registry takes; Niels Provos and David Mazières, 1999. */
export function hashPassword(password: string, salt: Buffer = randomBytes(16)): string {
  // As much as htpasswd takes: the password is no word that somebody chose, and the registry checks it at each request.
  const cost = 5;
  return `$2y$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(digest({ password, salt, cost }).subarray(0, 23))}`;
}

/** Whether a password belongs to a digest of the kinds 2a, 2b and 2y. */
export function isPassword(password: string, hash: string): boolean {
  const [, cost, salt, wanted] = /^\$2[aby]\$(\d\d)\$([./\w]{22})([./\w]{31})$/.exec(hash) ?? [];
  if (cost === undefined || salt === undefined || wanted === undefined) return false;
  const found = digest({ password, salt: decode(salt), cost: Number(cost) });
  return timingSafeEqual(Buffer.from(encode(found.subarray(0, 23))), Buffer.from(wanted));
}

/** The state of Blowfish: 18 round keys and four boxes of 256 words, in one array. */
type State = Uint32Array;
const roundKeys = 18;

function digest(request: { readonly password: string; readonly salt: Buffer; readonly cost: number }): Buffer {
  const key = wordsOf(Buffer.from(`${request.password}\0`).subarray(0, 72), 18);
  const salt = wordsOf(request.salt, 4);
  const nothing = new Uint32Array(4);
  const state = digitsOfPi();
  expand({ state, key, salt });
  for (let round = 0; round < 2 ** request.cost; round++) {
    expand({ state, key, salt: nothing });
    expand({ state, key: wordsOf(request.salt, 18), salt: nothing });
  }
  const text = wordsOf(Buffer.from('OrpheanBeholderScryDoubt'), 6);
  for (let at = 0; at < 6; at += 2) for (let time = 0; time < 64; time++) encrypt(state, text, at);
  const bytes = Buffer.alloc(24);
  text.forEach((word, index) => void bytes.writeUInt32BE(word, index * 4));
  return bytes;
}

function expand(request: { readonly state: State; readonly key: Uint32Array; readonly salt: Uint32Array }): void {
  const { state, key, salt } = request;
  for (let index = 0; index < roundKeys; index++) state[index] = at(state, index) ^ at(key, index);
  const block = new Uint32Array(2);
  for (let index = 0; index < state.length; index += 2) {
    block[0] = at(block, 0) ^ at(salt, index % 4);
    block[1] = at(block, 1) ^ at(salt, (index + 1) % 4);
    encrypt(state, block, 0);
    state.set(block, index);
  }
}

/** One block of two words, in place. */
function encrypt(state: State, block: Uint32Array, offset: number): void {
  let left = at(block, offset) ^ at(state, 0);
  let right = at(block, offset + 1);
  for (let round = 1; round <= 16; round += 2) {
    right ^= scramble(state, left) ^ at(state, round);
    left ^= scramble(state, right) ^ at(state, round + 1);
  }
  block[offset] = right ^ at(state, 17);
  block[offset + 1] = left;
}

function scramble(state: State, word: number): number {
  const box = (number: number, value: number): number => at(state, roundKeys + number * 256 + (value & 255));
  return ((box(0, word >>> 24) + box(1, word >>> 16)) ^ box(2, word >>> 8)) + box(3, word);
}

/** Big-endian words of the bytes, repeated until there are `count`. */
function wordsOf(bytes: Buffer, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, word) =>
    [0, 1, 2, 3].reduce((value, index) => (value << 8) | (bytes[(word * 4 + index) % bytes.length] ?? 0), 0),
  );
}

/** Blowfish starts with the fractional part of pi, which nobody can have chosen; Machin's formula. */
function digitsOfPi(): State {
  const bits = 32n * BigInt(roundKeys + 1024);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const arctanOfInverse = (x: bigint): bigint => {
    let sum = 0n;
    for (let [power, n, sign] = [one / x, 1n, 1n]; power > 0n; [power, n, sign] = [power / (x * x), n + 2n, -sign])
      sum += (sign * power) / n;
    return sum;
  };
  const fraction = (4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n)) - 3n * one) >> guard;
  const hex = fraction.toString(16).padStart(Number(bits / 4n), '0');
  return Uint32Array.from({ length: roundKeys + 1024 }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16));
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** base64 with another order of its letters, and no padding. */
function encode(bytes: Buffer): string {
  return translate(bytes.toString('base64').replaceAll('=', ''), standard, alphabet);
}

function decode(text: string): Buffer {
  return Buffer.from(translate(text, alphabet, standard), 'base64');
}

function translate(text: string, from: string, to: string): string {
  return Array.from(text, (letter) => to[from.indexOf(letter)]).join('');
}
