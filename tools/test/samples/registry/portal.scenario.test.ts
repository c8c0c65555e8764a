// timeout: 5m
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { runCommand } from '#tools/process/run-command.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { expect, scenario } from '../../../../cli/test/scenario.ts';
import { openBrowser } from './browser.ts';
import { makeImage } from './made-image.ts';
import { openStage } from './stage.ts';

if (process.getuid?.() !== 0) skipFile('needs root');
const chromium = findProgram('chromium');
if (chromium === undefined) skipFile('needs chromium');

const stage = openStage([28_280, 28_243, 28_214]);
/** Where pictures of the pages are kept, for docs. */
const pictures = process.env['TSCOMPOSE_PICTURES'];

scenario('the portal shows in a browser what was pushed, and deletes it')
  .images('postgres', 'registry-core', 'registry-jobservice', 'docker-registry', 'nginx', 'redis', 'rsyslog')
  .act('prepare', (world) => stage.unfold(world))
  .step('up -d --wait', ['up', '-d', '--wait'], expect.healthy('proxy'))
  .act('skopeo pushes', async (world) => {
    const certificates = stage.trust(world);
    for (const [name, bytesEach] of [
      ['team/api:1.4', 3_000_000],
      ['team/api:1.5', 4_000_000],
      ['library/tools:latest', 1_000_000],
    ] as const) {
      const directory = join(stage.home, 'layout');
      mkdirSync(directory);
      makeImage({ directory, name, layers: 3, bytesEach });
      if (name.startsWith('team'))
        await stage.ask(world, { path: '/api/projects', method: 'POST', as: 'admin:administrator', body: { name: 'team' } });
      const argv = [
        'skopeo',
        '--insecure-policy',
        'copy',
        '--dest-cert-dir',
        certificates,
        '--dest-creds',
        'admin:administrator',
      ];
      const pushed = await runCommand({
        argv: [...argv, `oci:${directory}`, `docker://${stage.address}/${name}`],
        timeoutMs: 90_000,
      });
      assert.is(pushed.exitCode, 0, pushed.output);
      rmSync(directory, { recursive: true });
    }
  })
  .act('a browser', async () => {
    await using browser = await openBrowser(chromium);
    const shows = (text: string) => browser.until(`document.querySelector('main').innerText.includes(${JSON.stringify(text)})`);
    await browser.open(`https://${stage.address}/`);
    await shows('library/tools');
    assert.not.match(String(await browser.evaluate('document.body.innerText')), /team/, 'nobody sees a private project');

    await browser.evaluate(`(() => {
      const form = document.querySelector('#login');
      form.elements.user.value = 'admin';
      form.elements.password.value = 'administrator';
      form.requestSubmit();
    })()`);
    await shows('team/api');
    if (pictures !== undefined) await browser.screenshot(join(pictures, 'registry-portal.png'));

    await browser.evaluate(`(() => {
      const form = document.querySelector('#search');
      form.elements.words.value = 'api';
      form.requestSubmit();
    })()`);
    await browser.until(`!document.querySelector('main').innerText.includes('library/tools')`);
    await browser.evaluate(`document.querySelector('main a').click()`);
    await shows('1.5');
    await shows('12.0 MB');
    if (pictures !== undefined) await browser.screenshot(join(pictures, 'registry-repository.png'));

    await browser.evaluate(`document.querySelector('button[aria-label="Delete 1.4"]').click()`);
    await browser.until(`!document.querySelector('main').innerText.includes('1.4')`);
    await shows('1.5');
    await browser.evaluate(`document.querySelector('#logout').click()`);
    await browser.until(`document.querySelector('#notice').innerText.includes('log in')`);
  })
  .test();

test.run();
