export { PresenceReader } from './presence-reader.ts';
export { RedisBundleStore } from './redis-bundle-store.ts';
