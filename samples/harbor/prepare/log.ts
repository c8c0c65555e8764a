/** One file a service, named after the tag of its messages. */
export const rsyslogConfig = `# Made by prepare.ts.
template(name="ServiceFile" type="string" string="/var/log/docker/%programname%.log")

if $programname != "rsyslogd" then {
  action(type="omfile" dynaFile="ServiceFile")
}
`;

/** At most 50 files of 200 MB for each service. */
export const logrotateConfig = `# Made by prepare.ts.
/var/log/docker/*.log {
  rotate 50
  size 200M
  copytruncate
  compress
  missingok
  nodateext
}
`;
