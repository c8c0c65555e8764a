import type { Recipe } from '../recipe.ts';

/** The smallest image with a shell and the usual tools; what tests run. */
export const busybox: Recipe = {
  name: 'busybox',
  reference: 'tscompose/busybox:1',
  variant: 'extract',
  packages: ['busybox-static'],
  options: [],
  files: {
    '/etc/passwd': {
      text: `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
app:x:1000:1000:app:/home/app:/bin/sh
`,
    },
    '/etc/group': {
      text: `root:x:0:
daemon:x:1:
tty:x:5:
staff:x:50:
www-data:x:33:
users:x:100:
nogroup:x:65534:
app:x:1000:
shared:x:2000:app
`,
    },
    '/etc/nsswitch.conf': { text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
  },
  script: `rm -rf etc/apt etc/dpkg var/lib/apt var/cache/* var/lib/dpkg var/log/* etc/hostname etc/resolv.conf etc/fstab dev/* \\
  usr/share/man usr/share/info usr/share/lintian usr/share/bug usr/share/bash-completion lib/systemd usr/lib/systemd
find usr/share/doc ! -type d ! -name copyright -delete 2>/dev/null || true
find usr/share/locale -mindepth 1 -delete 2>/dev/null || true
mkdir -p bin sbin usr/bin usr/sbin usr/local/bin dev proc sys run tmp var/tmp var/log var/cache root home/app etc
chmod 1777 tmp var/tmp
chmod 0700 root
chown 1000:1000 home/app
[ -e var/run ] || ln -s /run var/run
chroot . /bin/busybox --install -s 2>/dev/null || true # says that busybox itself is there`,
  changes: ['CMD ["sh"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};
