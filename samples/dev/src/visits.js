import { connect } from 'node:net';

/** Counts a visit in Redis, in the words of its protocol: nothing to install. */
export async function countVisit() {
  const socket = connect(6379, process.env.REDIS_HOST);
  socket.write('INCR visits\r\n');
  try {
    for await (const answer of socket) {
      const [, number] = /^:(\d+)\r\n/.exec(answer) ?? [];
      if (number === undefined) throw new Error(`redis says ${answer}`);
      return Number(number);
    }
    throw new Error('redis said nothing');
  } finally {
    socket.destroy();
  }
}
