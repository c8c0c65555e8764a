import { createClient } from 'redis';

const client = createClient({ url: `redis://${process.env.REDIS_HOST}`, disableOfflineQueue: true });
client.on('error', (error) => console.error(`redis: ${error.message}`));
await client.connect();

/** Counts a visit in Redis. */
export const countVisit = () => client.incr('visits');
