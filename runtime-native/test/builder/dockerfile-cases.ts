import type { BuildRequest } from '#core/builder/request.ts';
import type { ImageConfig } from '#core/engine/specs.ts';
import { type TarEntry, writeTar } from '../images/tar-writer.ts';
import { type ContextFile, file } from './build-fixture.ts';

/** A Dockerfile, what it is given, and what must come of it. */
export interface DockerfileCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, ContextFile>>;
  readonly request?: Partial<BuildRequest>;
  readonly tree?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  readonly config?: Partial<ImageConfig>;
  readonly output?: RegExp;
  /** Wording of the error that ends it. */
  readonly fails?: RegExp;
  /** Only with BuildKit's frontend: the classic builder of old Docker versions cannot build it, or does something else. */
  readonly needs?: string;
  /** Why the BuildKit of old Docker versions (20.10) cannot build it either, or does something else. */
  readonly needsNewer?: string;
}

const base = 'FROM tscompose/busybox:1\n';
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** cap_net_raw in the permitted and the effective set (struct vfs_cap_data). */
const capability = `\x01\0\0\x02\0\x20${'\0'.repeat(14)}`;
const mtime = 1_500_000_000;

const archiveWithAttributes: readonly TarEntry[] = [
  { name: 'd/', type: '5', mode: 0o750, uid: 5, gid: 6, mtime },
  {
    name: 'd/f',
    content: 'F',
    mode: 0o755,
    uid: 7,
    gid: 8,
    mtime,
    pax: { 'SCHILY.xattr.security.capability': capability },
  },
  { name: 'd/l', type: '1', link: 'd/f', mode: 0o755, uid: 7, gid: 8, mtime },
  { name: 'd/s', type: '2', link: 'f', mode: 0o777, mtime },
];

/** Most of them build on busybox: the whole set takes some seconds. */
export const dockerfileCases: readonly DockerfileCase[] = [
  { name: 'RUN in shell form', dockerfile: `${base}RUN echo one > /a && echo two >> /a`, tree: { '/a': file('one\ntwo\n') } },
  {
    name: 'RUN in exec form',
    dockerfile: `${base}RUN ["touch", "/a b"]`,
    tree: { '/a b': file('') },
  },
  {
    name: 'RUN heredoc',
    dockerfile: `${base}RUN <<EOF\necho one > /a\nV=x\necho "$V" >> /a\nEOF`,
    tree: { '/a': file('one\nx\n') },
    needs: 'heredocs',
    needsNewer: 'heredocs',
  },
  {
    name: 'RUN heredoc with an interpreter',
    dockerfile: `${base}RUN <<EOF\n#!/usr/bin/awk -f\nBEGIN { print "from awk" > "/a" }\nEOF`,
    tree: { '/a': file('from awk\n') },
    needs: 'heredocs',
    needsNewer: 'heredocs',
  },
  {
    name: 'RUN with heredocs that the shell reads',
    dockerfile: `${base}RUN cat <<A > /a && cat <<-B > /b\none\nA\n\ttwo\n\tB`,
    tree: { '/a': file('one\n'), '/b': file('two\n') },
    needs: 'heredocs',
    needsNewer: 'heredocs',
  },
  {
    name: 'continuation lines with comments and empty lines',
    dockerfile: `${base}RUN echo a \\\n  # a comment\n\n  b > /a`,
    tree: { '/a': file('a b\n') },
  },
  {
    name: 'escape directive',
    dockerfile: `# escape=\`\n${base}RUN echo a \`\n  b > /a\nENV X=a\\b`,
    tree: { '/a': file('a b\n') },
    config: { Env: [path, 'X=a\\b'] },
  },
  { name: 'a failing RUN', dockerfile: `${base}RUN echo the reason; exit 3`, fails: /failed with exit status 3/ },
  { name: 'a program that is not there', dockerfile: `${base}RUN ["/no/such"]`, fails: /failed with exit status 127/ },
  {
    name: 'SHELL',
    dockerfile: `${base}SHELL ["/bin/sh", "-ec"]\nRUN echo "$0" > /a\nCMD run this`,
    tree: { '/a': file('/bin/sh\n') },
    config: { Shell: ['/bin/sh', '-ec'], Cmd: ['/bin/sh', '-ec', 'run this'] },
  },
  {
    name: 'ENV in both forms, with expansion',
    dockerfile: `${base}ENV A=1 B="two words" C=a\\ b\nENV D the rest "of" it\nENV A=2 E=$A F=\${B}`,
    config: { Env: [path, 'A=2', 'B=two words', 'C=a b', 'D=the rest of it', 'E=1', 'F=two words'] },
  },
  {
    name: 'all operators of expansion',
    dockerfile: `${base}ENV V=abcabc E=
ENV R1=\${V:-x} R2=\${N:-x} R3=\${E:-x} R4=\${E-x} R5=\${V:+x} R6=\${N+x} R7=\${V#*b} R8=\${V##*b} R9=\${V%b*} RA=\${V%%b*} RB=\${V/b/X} RC=\${V//b/X} RD=\\$V RE='$V'`,
    config: {
      Env: [
        path,
        'V=abcabc',
        'E=',
        'R1=abcabc',
        'R2=x',
        'R3=x',
        'R4=',
        'R5=x',
        'R6=',
        'R7=cabc',
        'R8=c',
        'R9=abca',
        'RA=a',
        'RB=aXcabc',
        'RC=aXcaXc',
        'RD=$V',
        'RE=$V',
      ],
    },
    needs: 'expansion operators',
    needsNewer: 'expansion operators',
  },
  { name: 'a variable that must be set', dockerfile: `${base}ENV A=\${NO:?missing}`, fails: /NO: missing/ },
  {
    name: 'ARG: default, given, global, unset',
    dockerfile: `ARG G=global\nARG TAG=1\nFROM tscompose/busybox:$TAG\nARG G\nARG A=default\nARG B=default\nARG N\nRUN echo "$G $A $B [$N]" > /a`,
    request: { args: { B: 'given' } },
    tree: { '/a': file('global default given []\n') },
  },
  {
    name: 'ENV wins over ARG',
    dockerfile: `${base}ARG A=arg\nENV A=env\nRUN echo $A > /a`,
    request: { args: { A: 'given' } },
    tree: { '/a': file('env\n') },
  },
  {
    name: 'predefined arguments',
    dockerfile: `${base}ARG TARGETOS\nARG BUILDPLATFORM\nRUN echo "$TARGETOS \${BUILDPLATFORM%%/*} $HTTP_PROXY" > /a`,
    request: { args: { HTTP_PROXY: 'http://proxy.invalid' } },
    tree: { '/a': file('linux linux http://proxy.invalid\n') },
    needs: 'platform arguments',
  },
  {
    name: 'stages: by name, by number, unneeded ones are left out',
    dockerfile: `${base}RUN echo zero > /f\nFROM tscompose/busybox:1 AS broken\nRUN exit 1\nFROM tscompose/busybox:1 AS Named\nRUN echo named > /f\nFROM tscompose/busybox:1\nCOPY --from=0 /f /zero\nCOPY --from=named /f /named`,
    tree: { '/zero': file('zero\n'), '/named': file('named\n') },
    needs: 'only the stages that are needed',
  },
  {
    name: 'target',
    dockerfile: `FROM tscompose/busybox:1 AS one\nENV S=one\nFROM one AS two\nENV S=two\nFROM two\nENV S=three`,
    request: { target: 'two' },
    config: { Env: [path, 'S=two'] },
  },
  { name: 'a target that is not there', dockerfile: `${base}`, request: { target: 'nope' }, fails: /no stage "nope"/ },
  {
    name: 'COPY --from an image',
    dockerfile: 'FROM scratch\nCOPY --from=tscompose/busybox:1 /etc/group /g',
    tree: {},
    absent: ['/etc/group'],
  },
  {
    name: 'FROM scratch',
    dockerfile: 'FROM scratch\nCOPY a /\nCMD ["/a"]',
    files: { a: 'x' },
    tree: { '/a': file('x') },
    config: { Env: [path], Cmd: ['/a'] },
  },
  {
    name: 'COPY: a file to a name, into a directory, into one that exists, several',
    dockerfile: `${base}COPY a /x\nCOPY a /new/\nCOPY a /var/tmp\nCOPY a b /both/\nCOPY ["a", "/with space"]`,
    files: { a: 'A', b: { text: 'B', mode: 0o755 } },
    tree: {
      '/x': file('A'),
      '/new': 'd755 0:0',
      '/new/a': file('A'),
      '/var/tmp/a': file('A'),
      '/both/a': file('A'),
      '/both/b': file('B', '755 0:0'),
      '/with space': file('A'),
    },
  },
  {
    name: 'COPY: what a directory holds, links stay links',
    dockerfile: `${base}COPY d /d\nCOPY . /all/`,
    files: { 'd/a': 'A', 'd/sub/b': 'B', 'd/l': { link: '../outside' }, 'd/abs': { link: '/etc/passwd' } },
    tree: { '/d/a': file('A'), '/d/sub/b': file('B'), '/d/l': 'l ../outside', '/d/abs': 'l /etc/passwd', '/all/d/a': file('A') },
  },
  {
    name: 'COPY: patterns',
    dockerfile: `${base}COPY *.txt /t/\nCOPY d?/[ab]* /d/`,
    files: { 'one.txt': '1', 'two.txt': '2', 'three.md': '3', 'd1/a': 'A', 'd2/b': 'B', 'd2/c': 'C' },
    tree: { '/t/one.txt': file('1'), '/t/two.txt': file('2'), '/d/a': file('A'), '/d/b': file('B') },
    absent: ['/t/three.md', '/d/c'],
  },
  {
    name: 'COPY --chown by name and number',
    dockerfile: `${base}COPY --chown=app a /n\nCOPY --chown=app:shared a /ng\nCOPY --chown=55 a /u\nCOPY --chown=55:66 a /made/ug`,
    files: { a: 'A' },
    tree: {
      '/n': file('A', '644 1000:1000'),
      '/ng': file('A', '644 1000:2000'),
      '/u': file('A', '644 55:55'),
      '/made/ug': file('A', '644 55:66'),
    },
  },
  {
    name: 'COPY --chown with a user that the image lacks',
    dockerfile: `${base}COPY --chown=nobodyknows a /`,
    files: { a: 'A' },
    fails: /nobodyknows/,
  },
  {
    name: 'COPY --chmod, octal',
    dockerfile: `${base}COPY --chmod=600 a /o\nCOPY --chmod=0711 d/f /d/`,
    files: { a: 'A', 'd/f': { text: 'F', mode: 0o777 } },
    tree: { '/o': file('A', '600 0:0'), '/d': 'd755 0:0', '/d/f': file('F', '711 0:0') },
    needs: '--chmod',
  },
  {
    name: 'COPY --chmod, symbolic',
    dockerfile: `${base}COPY --chmod=u=rwX,go=rX d /s\nCOPY --chmod=a+x a /x`,
    files: { a: 'A', 'd/f': { text: 'F', mode: 0o777 }, 'd/g': { text: 'G', mode: 0o600 } },
    tree: { '/s/f': file('F', '755 0:0'), '/s/g': file('G'), '/x': file('A', '755 0:0') },
    needs: '--chmod',
    needsNewer: 'symbolic modes',
  },
  {
    name: 'COPY --link, --parents, --exclude',
    dockerfile: `${base}COPY --link a /l/\nCOPY --parents x/y/f x/./z/g /p/\nCOPY --exclude=*.md --exclude=sub d /e/`,
    files: { a: 'A', 'x/y/f': 'F', 'x/z/g': 'G', 'd/keep': 'K', 'd/no.md': 'N', 'd/sub/s': 'S' },
    tree: { '/l/a': file('A'), '/p/x/y/f': file('F'), '/p/z/g': file('G'), '/e/keep': file('K') },
    absent: ['/e/no.md', '/e/sub'],
    needs: 'flags of COPY',
    needsNewer: 'flags of COPY',
  },
  {
    name: 'COPY heredocs',
    dockerfile: `${base}ARG V=1\nCOPY <<one <<"two" /h/\nv=$V \\$V\none\nv=$V\ntwo\nCOPY --chmod=755 <<-EOF /script\n\t#!/bin/sh\n\tEOF\nCOPY --chmod=u+x <<EOF /symbolic\nEOF`,
    tree: {
      '/h/one': file('v=1 $V\n'),
      '/h/two': file('v=$V\n'),
      '/script': file('#!/bin/sh\n', '755 0:0'),
      '/symbolic': file('', '744 0:0'),
    },
    needs: 'heredocs',
    needsNewer: 'heredocs',
  },
  { name: 'COPY of what is not there', dockerfile: `${base}COPY nope /`, fails: /"nope" is not in the build context/ },
  {
    name: 'COPY through links of the image',
    dockerfile: `${base}RUN mkdir -p /real && ln -s /real /link\nCOPY a /link/\nCOPY a /var/run/x`,
    files: { a: 'A' },
    tree: { '/real/a': file('A'), '/link': 'l /real' },
  },
  {
    name: '.dockerignore with exceptions',
    dockerfile: `${base}COPY . /c/`,
    files: {
      '.dockerignore': '# comment\n*.log\nnode_modules\n**/tmp\n!keep.log\nd/*\n!d/yes\n',
      'a.log': '1',
      'keep.log': '2',
      'node_modules/m': '3',
      'x/tmp/t': '4',
      'd/no': '5',
      'd/yes': '6',
      'x/f': '7',
    },
    tree: { '/c/keep.log': file('2'), '/c/d/yes': file('6'), '/c/x/f': file('7') },
    absent: ['/c/a.log', '/c/node_modules', '/c/x/tmp', '/c/d/no'],
  },
  {
    name: '.dockerignore beside the Dockerfile wins',
    dockerfile: 'FROM scratch\nCOPY . /',
    files: { '.dockerignore': 'a', 'Dockerfile.dockerignore': 'b', a: 'A', b: 'B' },
    tree: { '/a': file('A') },
    absent: ['/b'],
    needs: 'ignore files of Dockerfiles',
  },
  {
    name: 'what is ignored is not there',
    dockerfile: `${base}COPY a /`,
    files: { '.dockerignore': 'a', a: 'A' },
    fails: /"a" is not in the build context/,
  },
  {
    name: 'ADD copies like COPY',
    dockerfile: `${base}ADD a d /x/`,
    files: { a: 'A', 'd/f': 'F' },
    tree: { '/x/a': file('A'), '/x/f': file('F') },
  },
  {
    name: 'ADD of an archive keeps owners, times, hard links and capabilities',
    dockerfile: `${base}ADD a.tar /x/`,
    files: { 'a.tar': { data: writeTar(archiveWithAttributes) } },
    tree: { '/x/d': 'd750 5:6', '/x/d/f': file('F', '755 7:8'), '/x/d/l': file('F', '755 7:8'), '/x/d/s': 'l f' },
    needs: 'capabilities in archives: it loses them',
    needsNewer: 'capabilities in archives: it loses them',
  },
  {
    name: 'COPY --from keeps times and hard links',
    dockerfile: 'FROM tscompose/busybox:1 AS s\nADD a.tar /x/\nFROM tscompose/busybox:1\nCOPY --from=s /x /y',
    files: { 'a.tar': { data: writeTar(archiveWithAttributes.map(({ pax: _pax, ...one }) => one)) } },
    tree: { '/y/d': 'd750 5:6', '/y/d/f': file('F', '755 7:8'), '/y/d/l': file('F', '755 7:8'), '/y/d/s': 'l f' },
    needs: 'owners that COPY --from keeps',
  },
  {
    name: 'WORKDIR: made, relative, with variables, owned by the user',
    dockerfile: `${base}ENV D=sub\nWORKDIR /w\nWORKDIR $D/x\nRUN pwd > /a\nCOPY a .\nUSER app\nWORKDIR /home/app/mine`,
    files: { a: 'A' },
    tree: { '/a': file('/w/sub/x\n'), '/w/sub/x/a': file('A'), '/home/app/mine': 'd755 1000:1000' },
    config: { WorkingDir: '/home/app/mine', User: 'app' },
    needs: 'owners of WORKDIR',
  },
  {
    name: 'USER',
    dockerfile: `${base}USER app:shared\nRUN id -u > /tmp/a && id -g >> /tmp/a && echo $HOME >> /tmp/a\nUSER 7`,
    tree: { '/tmp/a': file('1000\n2000\n/home/app\n', '644 1000:2000') },
    config: { User: '7' },
  },
  {
    name: 'CMD and ENTRYPOINT: an ENTRYPOINT drops the inherited CMD, not its own',
    dockerfile: `FROM tscompose/busybox:1 AS a\nCMD ["inherited"]\nFROM a\nENTRYPOINT ["/bin/sh", "-c"]`,
    config: { Entrypoint: ['/bin/sh', '-c'] },
  },
  {
    name: 'CMD in shell form',
    dockerfile: `${base}ENTRYPOINT exec top -b\nCMD echo hi`,
    config: { Entrypoint: ['/bin/sh', '-c', 'exec top -b'], Cmd: ['/bin/sh', '-c', 'echo hi'] },
  },
  {
    name: 'LABEL, EXPOSE, VOLUME, STOPSIGNAL',
    dockerfile: `${base}LABEL a=1 b="two words"\nENV P=90\nEXPOSE 80 443/tcp $P/udp 5000-5002\nVOLUME /data /more\nVOLUME ["/a b"]\nSTOPSIGNAL SIGINT`,
    config: {
      ExposedPorts: { '443/tcp': {}, '80/tcp': {}, '90/udp': {}, '5000/tcp': {}, '5001/tcp': {}, '5002/tcp': {} },
      Volumes: { '/data': {}, '/more': {}, '/a b': {} },
      StopSignal: 'SIGINT',
    },
  },
  {
    name: 'HEALTHCHECK',
    dockerfile: `${base}HEALTHCHECK --interval=5s --timeout=1m --start-period=2s --retries=4 CMD test -e /ok`,
    config: { Healthcheck: { Test: ['CMD-SHELL', 'test -e /ok'], Interval: 5e9, Timeout: 60e9, StartPeriod: 2e9, Retries: 4 } },
  },
  {
    name: 'HEALTHCHECK NONE and exec form',
    dockerfile: `${base}HEALTHCHECK CMD ["a", "b"]\nHEALTHCHECK NONE`,
    config: { Healthcheck: { Test: ['NONE'] } },
  },
  {
    name: 'MAINTAINER and lower case instructions',
    dockerfile: 'from tscompose/busybox:1\nmaintainer me\nrun echo a > /a',
    tree: { '/a': file('a\n') },
  },
  {
    name: 'RUN --mount=type=bind: of the context, of a stage, writable without a trace',
    dockerfile: `FROM tscompose/busybox:1 AS s\nRUN echo stage > /f\n${base}RUN --mount=target=/ctx,source=d --mount=type=bind,from=s,target=/s --mount=type=bind,source=a,target=/w,rw cat /ctx/f /s/f > /a && echo changed > /w && ! touch /ctx/no 2> /dev/null`,
    files: { 'd/f': 'context\n', a: 'A' },
    tree: { '/a': file('context\nstage\n') },
    absent: ['/ctx', '/s', '/w'],
    needs: 'RUN --mount',
    needsNewer: 'mounts of the context that cannot be written',
  },
  {
    name: 'RUN --mount: bind of a stage, cache, tmpfs, on directories that are there',
    dockerfile: `FROM tscompose/busybox:1 AS s\nRUN echo stage > /var/log/f\n${base}RUN --mount=type=bind,from=s,source=/var/log,target=/var/log --mount=type=cache,target=/var/cache --mount=type=tmpfs,target=/home/app cat /var/log/f > /a && touch /var/cache/x /home/app/y`,
    tree: { '/a': file('stage\n') },
    absent: ['/var/log/f', '/var/cache/x', '/home/app/y'],
    needs: 'RUN --mount',
  },
  {
    name: 'RUN --mount=type=cache and tmpfs leave nothing',
    dockerfile: `${base}RUN --mount=type=cache,target=/cache,uid=5,mode=0700 --mount=type=tmpfs,target=/t,size=1m stat -c '%a %u' /cache > /a; touch /cache/x /t/y`,
    tree: { '/a': file('700 5\n') },
    absent: ['/cache', '/t'],
    needs: 'RUN --mount',
    needsNewer: 'the size of a tmpfs',
  },
  {
    name: 'RUN --mount=type=secret: file, variable, absent',
    dockerfile: `${base}RUN --mount=type=secret,id=s cat /run/secrets/s | md5sum > /a\nRUN --mount=type=secret,id=s,target=/k,mode=0440,uid=3 stat -c '%a %u' /k >> /a\nRUN --mount=type=secret,id=s,env=S echo -n "$S" | md5sum >> /a\nRUN --mount=type=secret,id=none test ! -e /run/secrets/none`,
    request: { secrets: [{ id: 's', source: { content: 'hush' } }] },
    tree: { '/a': file('588d39bce7c5fcae6a8529c3997387ea  -\n440 3\n588d39bce7c5fcae6a8529c3997387ea  -\n') },
    absent: ['/k', '/run/secrets'],
    needs: 'RUN --mount',
    needsNewer: 'secrets in the environment',
  },
  { name: 'a secret that is required', dockerfile: `${base}RUN --mount=type=secret,id=s,required true`, fails: /no secret "s"/ },
  {
    name: 'RUN --network=none',
    dockerfile: `${base}RUN --network=none test ! -e /sys/class/net/eth0\nRUN test -e /sys/class/net/eth0`,
    tree: {},
    needs: 'RUN --network',
    needsNewer: 'RUN --network',
  },
  { name: 'RUN --network=host needs consent', dockerfile: `${base}RUN --network=host true`, fails: /not allowed/ },
  { name: 'RUN --security=insecure needs consent', dockerfile: `${base}RUN --security=insecure true`, fails: /not allowed/ },
  {
    name: 'a step has the isolation of a container',
    dockerfile: `${base}RUN if mount -t tmpfs none /mnt 2> /dev/null; then exit 1; fi; grep CapBnd /proc/self/status | grep -o '........$' > /cap`,
    tree: { '/cap': file('a80425fb\n') },
  },
  {
    name: 'what a step removes is gone, and a file may replace a directory',
    dockerfile: `${base}RUN mkdir /d && touch /d/a /d/b\nRUN rm /d/a && rm -r /home && echo file > /home`,
    tree: { '/d/b': file(''), '/home': file('file\n') },
    absent: ['/d/a'],
  },
  {
    name: 'hard links, set-id bits, empty directories',
    dockerfile: `${base}RUN echo x > /a && ln /a /b && chmod 4755 /a && mkdir -m 700 /e && chown 5:6 /e`,
    tree: { '/a': file('x\n', '4755 0:0'), '/b': file('x\n', '4755 0:0'), '/e': 'd700 5:6' },
  },
  {
    name: 'COPY --from keeps owners, modes, links between files, and what a step may not be able to read',
    dockerfile: `FROM tscompose/busybox:1 AS s\nRUN mkdir -p /d/e && echo x > /d/a && ln /d/a /d/b && chown 5:6 /d/a /d/e && chmod 640 /d/a && chmod 2711 /d/e && ln -s a /d/l && mkfifo -m 600 /d/p\nFROM tscompose/busybox:1\nCOPY --from=s /d /c\nRUN test $(stat -c %h /c/a) = 2`,
    tree: {
      '/c/a': file('x\n', '640 5:6'),
      '/c/b': file('x\n', '640 5:6'),
      '/c/e': 'd2711 5:6',
      '/c/l': 'l a',
      '/c/p': '600 0:0 ',
    },
    needs: 'owners that COPY --from keeps',
    needsNewer: 'fifos in COPY --from',
  },
  { name: 'an unknown instruction', dockerfile: `${base}RUNN x`, fails: /unknown instruction "RUNN"/ },
  { name: 'an unknown flag', dockerfile: `${base}COPY --frm=a b c`, fails: /COPY has no flag "--frm"/ },
  { name: 'an instruction before FROM', dockerfile: `RUN x\n${base}`, fails: /before the first FROM/ },
  {
    name: 'checks that are errors',
    dockerfile: `# check=error=true\n${base}WORKDIR $typo`,
    fails: /UndefinedVar: the variable "\$typo" is not set/,
  },
  {
    name: 'another platform',
    dockerfile: 'FROM --platform=linux/vax scratch\nCOPY <<a /bin/sh\na\nRUN true',
    fails: /programs for linux\/vax do not run on this machine/,
  },
  {
    name: 'an empty RUN environment keeps nothing of ours',
    dockerfile: `${base}RUN env | sort | grep -v '^HOSTNAME=\\|^SHLVL=\\|^PWD=' > /a`,
    tree: { '/a': file(`HOME=/root\n${path}\n`) },
  },
];
