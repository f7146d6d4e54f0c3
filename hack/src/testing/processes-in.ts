import { readdir, readlink } from 'node:fs/promises';

/** Ids of the processes of this machine that work in a directory, also when it is gone already. Linux. */
export async function processesIn(directory: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(
    // A process may end between the two reads, or belong to somebody else.
    ids.map(async (id) => ({ id, place: await readlink(`/proc/${id}/cwd`).catch(() => '') })),
  );
  return places.filter(({ place }) => place.replace(/ \(deleted\)$/, '') === directory).map(({ id }) => Number(id));
}
