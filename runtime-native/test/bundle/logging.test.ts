import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogFacts } from '#runtime/bundle/log-facts.ts';
import { logConfig } from '#runtime/bundle/logging.ts';

const facts: LogFacts = {
  path: '/state/log',
  helper: '/bin/helper',
  relay: '/bin/relay',
  name: 'app-web-1',
  id: 'abcdef0123456789',
  imageId: 'sha256:fedcba9876543210',
  imageName: 'web:1',
  argv: ['serve', '--all'],
  createdAt: '2026-01-01T00:00:00Z',
  labels: { team: 'blue', 'com.example.role': 'front', ___: 'nothing' },
  environment: ['STAGE=test', 'EMPTY=', 'TWO=a=b'],
};

const config = (driver: string, options: Record<string, string> = {}) => logConfig({ driver, options }, facts);
const refused = (driver: string, options: Record<string, string>): string | undefined => {
  const found = config(driver, options);
  return 'error' in found ? found.key.replace('logging.options.', '') : undefined;
};
const file = { path: '/state/log', maxSizeBytes: 10_000_000, maxFiles: 5 };
const delivery = { bufferBytes: 1 << 20, retryMs: 250, maxRetryMs: 5000 };

test('files: rotated by default; what the options choose becomes attributes', () => {
  assert.equal(logConfig(undefined, facts), { driver: 'json-file', file });
  assert.equal(config('local'), { driver: 'json-file', file: { ...file, compressor: '/bin/helper' } });
  assert.equal(config('json-file', { labels: 'team,none', 'env-regex': '^(ST|TW)', tag: '{{.Name}}', 'max-size': '1.5k' }), {
    driver: 'json-file',
    file: {
      ...file,
      maxSizeBytes: 1500,
      attributes: '{"STAGE":"test","TWO":"a=b","team":"blue","tag":"app-web-1"}',
    },
  });
});

test('syslog over TLS: the name is kept for the certificate, the address is plain', () => {
  assert.equal(
    config('syslog', { 'syslog-address': 'tcp+tls://logs.lan:6514', 'syslog-tls-ca-cert': '/ca.pem', 'cache-disabled': 'true' }),
    {
      driver: 'syslog',
      server: {
        address: 'tcp://logs.lan:6514',
        tls: { relay: '/bin/relay', serverName: 'logs.lan', caFile: '/ca.pem', verify: true },
        delivery,
      },
      facility: 3,
      tag: 'abcdef012345',
      format: 'unix',
    },
  );
  const trusting = config('syslog', { 'syslog-address': 'tcp+tls://[::1]', 'syslog-tls-skip-verify': 'true' });
  assert.ok('server' in trusting);
  assert.equal(trusting.server.tls, { relay: '/bin/relay', serverName: '::1', verify: false });
});

test('gelf and fluentd: addresses, waits and fields', () => {
  const gelf = config('gelf', {
    'gelf-address': 'tcp://logs',
    'gelf-tcp-max-reconnect': '0',
    'gelf-tcp-reconnect-delay': '3',
    env: 'EMPTY',
  });
  assert.ok('driver' in gelf && gelf.driver === 'gelf');
  assert.equal(gelf.server.delivery, { bufferBytes: 1 << 20, retryMs: 3000, maxRetryMs: 3000, maxRetries: 0 });
  assert.equal(JSON.parse(gelf.extra), {
    _container_id: facts.id,
    _container_name: 'app-web-1',
    _image_id: facts.imageId,
    _image_name: 'web:1',
    _command: 'serve --all',
    _tag: 'abcdef012345',
    _created: facts.createdAt,
    _EMPTY: '',
  });
  const fluentd = config('fluentd', {
    'fluentd-address': 'logs:24225',
    'fluentd-buffer-limit': '100',
    'fluentd-retry-wait': '2s',
    'cache-max-file': '2',
  });
  assert.ok('driver' in fluentd && fluentd.driver === 'fluentd');
  assert.is(fluentd.server.address, 'tcp://logs:24225');
  assert.equal(fluentd.server.delivery, { bufferBytes: 1 << 20, bufferMessages: 100, retryMs: 2000, maxRetryMs: 60_000 });
  assert.is(fluentd.file?.maxFiles, 2);
  assert.equal(fluentd.fields.slice(0, 2), [
    { name: 'container_id', value: facts.id },
    { name: 'container_name', value: '/app-web-1' },
  ]);
});

test('journald takes only names that the journal knows', () => {
  const journal = config('journald', { 'labels-regex': '.' });
  assert.ok('driver' in journal && journal.driver === 'journald');
  assert.equal(journal.fields.slice(6), [
    { name: 'COM_EXAMPLE_ROLE', value: 'front' },
    { name: 'TEAM', value: 'blue' },
  ]);
});

test('what would have no effect, or an effect that is not ours, is refused', () => {
  const gelf = { 'gelf-address': 'udp://logs' };
  assert.is(refused('gelf', {}), 'gelf-address');
  assert.is(refused('gelf', { ...gelf, 'gelf-compression-type': 'zlib' }), 'gelf-compression-type');
  assert.is(refused('gelf', { ...gelf, 'gelf-compression-level': '0' }), 'gelf-compression-level');
  assert.is(refused('gelf', { ...gelf, 'gelf-tcp-max-reconnect': '3' }), 'gelf-tcp-max-reconnect');
  assert.is(refused('gelf', { ...gelf, 'max-buffer-size': '1m' }), 'max-buffer-size');
  assert.is(refused('gelf', { ...gelf, mode: 'blocking' }), 'mode');
  assert.is(refused('gelf', { 'gelf-address': 'http://logs' }), 'gelf-address');
  assert.is(refused('fluentd', { 'fluentd-async': 'no' }), 'fluentd-async');
  assert.is(refused('fluentd', { 'fluentd-async-connect': 'true' }), undefined);
  assert.is(refused('fluentd', { 'fluentd-retry-wait': 'soon' }), 'fluentd-retry-wait');
  assert.is(refused('fluentd', { 'fluentd-address': 'udp://logs' }), 'fluentd-address');
  assert.is(refused('syslog', { labels: 'team' }), 'labels');
  assert.is(refused('syslog', { 'syslog-address': 'tcp+tls://logs', 'syslog-tls-cert': '/c.pem' }), 'syslog-tls-cert');
  assert.is(refused('syslog', { 'syslog-tls-skip-verify': 'true' }), 'syslog-tls-skip-verify');
  assert.is(refused('json-file', { mode: 'non-blocking' }), 'mode');
  assert.is(refused('json-file', { 'labels-regex': '(' }), 'labels-regex');
  assert.is(refused('json-file', { compress: 'true', 'max-file': '1' }), 'compress');
  assert.is(refused('local', { tag: 'x' }), 'tag');
  assert.is(refused('journald', { 'max-buffer-size': '1m' }), 'max-buffer-size');
  assert.equal(logConfig({ driver: 'toString', options: {} }, facts), {
    key: 'logging.driver',
    error: 'the log driver "toString" is not built; use json-file, local, none, journald, syslog, gelf, fluentd',
  });
});

test.run();
