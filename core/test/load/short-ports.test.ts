import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parsePort } from '#core/load/short/port.ts';
import { model, serviceFailure, serviceOf } from './project-fixture.ts';

function brief(spec: string) {
  const ports = parsePort(spec);
  return 'problem' in ports
    ? ports.problem
    : ports.map((port) => `${port.hostIp}|${port.published}|${port.target}/${port.protocol}`).join(' ');
}

const forms: Readonly<Record<string, string>> = {
  '80': '||80/tcp',
  '8080:80': '|8080|80/tcp',
  '80/udp': '||80/udp',
  '80/UDP': '||80/udp',
  '80/': '||80/tcp',
  ':80': '||80/tcp',
  '127.0.0.1:8080:80': '127.0.0.1|8080|80/tcp',
  '127.0.0.1::80': '127.0.0.1||80/tcp',
  '[::1]:8080:80': '::1|8080|80/tcp',
  '80-90:8080': '|80-90|8080/tcp',
  '80-80:8080': '|80|8080/tcp',
  '80-82:8080-8082/udp': '|80|8080/udp |81|8081/udp |82|8082/udp',
  '8-11': '||10/tcp ||11/tcp ||8/tcp ||9/tcp',
  '': 'No port specified: <empty>',
  '80:': 'No port specified: 80:<empty>',
  '9999999': 'Invalid containerPort: 9999999',
  tcp: 'Invalid containerPort: tcp',
  'x:80': 'Invalid hostPort: x',
  '80/xyz': 'Invalid proto: xyz',
  '127.0.1:8080:80': 'Invalid ip address: 127.0.1',
  '::1:8080:80': 'Invalid ip address: ::1',
  'localhost:8080:80': 'Invalid ip address: localhost',
  '80-81:8080-8090': 'Invalid ranges specified for container and host Ports: 8080-8090 and 80-81',
};

for (const [spec, expected] of Object.entries(forms)) {
  test(`port ${JSON.stringify(spec)} is ${expected}`, () => assert.is(brief(spec), expected));
}

test('a number is a container port', async () => {
  const { ports } = await serviceOf('ports: [80]');
  assert.equal(ports, [{ mode: 'ingress', target: 80, protocol: 'tcp' }]);
});

test('the long form keeps what is written and gets mode and protocol', async () => {
  const { ports } = await serviceOf(
    'ports:\n- {target: 80, published: 10053, host_ip: 127.0.0.1, name: web, app_protocol: http}',
  );
  assert.equal(ports, [
    { name: 'web', mode: 'ingress', host_ip: '127.0.0.1', target: 80, published: '10053', protocol: 'tcp', app_protocol: 'http' },
  ]);
});

test('a published number and the same as text are two entries, quoting makes them one', async () => {
  assert.is((await serviceOf('ports: ["8080:80", {target: 80, published: 8080}]')).ports.length, 2);
  assert.is((await serviceOf('ports: ["8080:80", {target: 80, published: "8080"}]')).ports.length, 1);
});

test('an override with an address takes the place of the same port without', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, ports: ["80:80"]}}',
    'compose.override.yaml': 'services: {a: {ports: ["0.0.0.0:80:80"]}}',
  });
  assert.equal(services.a.ports, [{ mode: 'ingress', host_ip: '0.0.0.0', target: 80, published: '80', protocol: 'tcp' }]);
});

test('a range in the base and one of its ports in an override are one port', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, ports: ["80-81:80-81"]}}',
    'compose.override.yaml': 'services: {a: {ports: ["81:81"]}}',
  });
  assert.equal(
    services.a.ports.map((port: { target: number }) => port.target),
    [80, 81],
  );
});

test('bad ports are reported with their place', async () => {
  assert.is(await serviceFailure('ports: ["80", "x:80"]'), 'load.short-form services.a.ports[1]: Invalid hostPort: x');
  assert.is(await serviceFailure('ports: [{published: 80}]'), 'load.missing-target services.a.ports[0] is missing a target port');
  assert.is(
    await serviceFailure('ports: [{target: 80, host_ip: x}]'),
    'load.value services.a.ports[0].host_ip: invalid ip address: x',
  );
});

test.run();
