import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDocument, formatTemplate } from '../../views/go-template.ts';
import { imageStyle } from '../../views/table.ts';

const document = {
  Name: '/web',
  State: { Status: 'running', Pid: 42, Running: true },
  List: ['a', 'b'],
  Empty: [],
  Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '81/tcp': null },
  Networks: { b: { IPAddress: '10.0.0.2' }, a: { IPAddress: '10.0.0.1' } },
};

const cases: readonly [string, string][] = [
  ['{{.State.Status}} {{.State.Pid}}', 'running 42'],
  ['{{ .Name }}\\t{{.Nothing}}', '/web\t<no value>'],
  ['{{json .State}}', '{"Status":"running","Pid":42,"Running":true}'],
  ['{{.List}} {{.Networks}}', '[a b] map[a:map[IPAddress:10.0.0.1] b:map[IPAddress:10.0.0.2]]'],
  ['{{range .List}}<{{.}}>{{end}}{{range .Empty}}x{{else}}none{{end}}', '<a><b>none'],
  ['{{range $name, $net := .Networks}}{{$name}}={{$net.IPAddress}} {{end}}', 'a=10.0.0.1 b=10.0.0.2 '],
  ['{{range .Networks}}{{.IPAddress}}{{$.Name}};{{end}}', '10.0.0.1/web;10.0.0.2/web;'],
  ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
  ['{{with index .Ports "81/tcp"}}x{{else}}closed{{end}}', 'closed'],
  ['{{if eq .State.Status "exited" "running"}}up{{else if .List}}list{{end}}', 'up'],
  ['{{if and .State.Running (not .Empty) (gt .State.Pid 1)}}yes{{end}}', 'yes'],
  ['a {{- /* nothing */ -}} b {{- .Name -}} c', 'ab/webc'],
  ['{{.Name | upper | printf "%s-%5.1f-%s" "x" 2}}', 'x-  2.0-/WEB'],
  ['{{printf "%-6s|%3d|%q" .Name 7 "q"}}', '/web  |  7|"q"'],
  ['{{join .List ", "}} {{len .List}} {{index (split .Name "/") 1}} {{title "abc"}}', 'a, b 2 web Abc'],
  ['{{$x := .Name}}{{$x}}{{println `raw`}}', '/webraw\n'],
];
for (const [template, text] of cases) test(template, () => assert.is(formatDocument(template, document), text));

test('a table has its header without rows too, and the ids of images are called that', () => {
  assert.is(formatTemplate('table {{.ID}}\t{{.Name}}', []), 'CONTAINER ID   NAME\n');
  assert.is(formatTemplate('table {{.ID}}\t{{.CreatedSince}}', [], imageStyle), 'IMAGE ID            CREATED\n');
  assert.is(formatTemplate('table {{range .Ports}}{{.X}}{{end}}', [{ Ports: 'a' }]), '\n\n');
});

test('a table has the names of its fields above', () => {
  const rows = [{ Name: 'a', CPUPerc: '1%', Labels: 'x.y=z' }];
  assert.is(
    formatTemplate('table {{.Name}}\t{{upper .CPUPerc}}\t{{.Label "x.y"}}', rows),
    'NAME      CPU %     y\na         1%        z\n',
  );
});

test.run();
