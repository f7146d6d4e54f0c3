import { startRedisServer } from '../redis-server.ts';

const { directory } = await startRedisServer();
process.stdout.write(`${directory}\n`);
setInterval(() => undefined, 1_000);
