import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGitQuery } from '#runtime/builder/git-query.ts';

const url = 'https://host/app.git';
const at = (ref: string, subdirectory = '', repository = url) => ({ reference: { repository, ref, subdirectory } });

for (const [text, expected] of [
  [url, at('')],
  [`${url}#v1:sub`, at('v1', 'sub')],
  [`${url}?ref=pull/42/head`, at('pull/42/head')],
  [`${url}?branch=main&subdir=a/b`, at('refs/heads/main', 'a/b')],
  [`${url}?tag=v1&commit=0123456`, { ...at('refs/tags/v1'), commit: '0123456' }],
  [`${url}?checksum=0123456789`, { ...at('0123456789'), commit: '0123456789' }],
  [`${url}?keep-git-dir=1&submodules=false`, { ...at(''), keepsGitDirectory: true, submodules: false }],
  [`${url}?token=x#v1`, at('v1', '', `${url}?token=x`)],
  ['git@host:app.git#v1', at('v1', '', 'git@host:app.git')],
] as const) {
  test(text, () => assert.equal(parseGitQuery(text), expected));
}

for (const [query, reason] of [
  ['?branch=a&tag=b', /two references/],
  ['?branch=a#b', /two references/],
  ['?ref=a&brnach=b', /unknown name "brnach"/],
  ['?commit=main', /no commit/],
] as const) {
  test(`refused: ${query}`, () => assert.match(String(parseGitQuery(`${url}${query}`)), reason));
}

test.run();
