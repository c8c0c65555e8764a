import { accounts, type Recipe } from '../recipe.ts';

/** The log collector of samples/registry; its configuration is mounted at /etc/rsyslog.conf. */
export const rsyslog: Recipe = {
  name: 'rsyslog',
  reference: 'tscompose/rsyslog:8',
  packages: ['busybox-static', 'rsyslog'],
  files: accounts(),
  script: `rm -rf etc/init.d etc/logrotate.d etc/logcheck etc/rsyslog.d etc/rsyslog.conf usr/lib/rsyslog
mkdir -p var/log/services var/spool/rsyslog`,
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'VOLUME /var/log/services',
    'EXPOSE 10514',
    'CMD ["rsyslogd", "-n", "-iNONE"]',
  ],
};
