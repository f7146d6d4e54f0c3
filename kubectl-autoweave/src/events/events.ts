import { resources, type UsbDevice } from '@autoweave/crds';
import { KubeError, type EventObject } from '@autoweave/platform/kube';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { findDevice } from '../cluster/find-device.ts';
import { follow } from '../cluster/follow.ts';
import { kinds } from '../cluster/kinds.ts';
import { listAll, type Listing } from '../cluster/list-all.ts';
import type { Session } from '../session.ts';
import { fromDevice, fromEvent, type Happening } from './happening.ts';
import { HappeningFilter } from './happening-filter.ts';
import { HappeningPrinter } from './happening-printer.ts';

export interface EventsOptions {
  readonly follow: boolean;
  readonly sinceMilliseconds: number;
  readonly node: string | undefined;
  /** Name, alias or beginning. */
  readonly device: string | undefined;
}

const ours = 'reportingController=autoweave.dev/operator';
/** Where Kubernetes keeps Events about objects that are in no namespace. */
const deviceEventNamespace = 'default';

/** Shows what happened to devices and plugins; with `follow` until the signal is aborted. */
export async function showEvents(session: Session, options: EventsOptions): Promise<void> {
  const { client, now, signal } = session;
  const device = options.device === undefined ? undefined : await findDevice(client, options.device, signal);
  const selection = { from: now() - options.sinceMilliseconds, node: options.node, device: device?.metadata.name };
  const filter = new HappeningFilter(selection);
  const printer = new HappeningPrinter(session);
  const sources = sourcesOf(session, device);
  const lists = await Promise.all(sources.map((source) => source.list()));
  const past = lists.flatMap(({ items }) => items.flat()).filter((happening) => filter.isNew(happening));
  await printer.print(past.toSorted((left, right) => Date.parse(left.time) - Date.parse(right.time)));
  if (!options.follow) {
    if (past.length === 0)
      session.output.note('Nothing happened in that time. Kubernetes keeps Events for an hour by default.');
    return;
  }
  filter.startFollowing();
  const onHappenings = async (happenings: readonly Happening[]): Promise<void> => {
    await printer.print(happenings.filter((happening) => filter.isNew(happening)));
  };
  await untilOneFails(session.signal, (stopping) =>
    sources.map((source, index) => source.follow(lists[index]?.resourceVersion ?? '', onHappenings, stopping)),
  );
}

interface Source {
  list(): Promise<{ readonly items: readonly (readonly Happening[])[]; readonly resourceVersion: string }>;
  follow(
    from: string,
    onHappenings: (happenings: readonly Happening[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Devices last in a list: what an Event tells, too, is shown as the Event. */
function sourcesOf(session: Session, device: UsbDevice | undefined): readonly Source[] {
  const { namespace } = session;
  const namespaces = namespace === undefined ? [undefined] : [...new Set([deviceEventNamespace, namespace])];
  const name = device?.metadata.name;
  return [
    ...namespaces.map((place) => eventSource(session, place)),
    sourceOf<UsbDevice>(session, {
      resource: resources.usbDevice,
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
      read: fromDevice,
    }),
  ];
}

function eventSource(session: Session, namespace: string | undefined): Source {
  const options = { resource: kinds.event, namespace, fieldSelector: ours };
  return sourceOf<EventObject>(session, { ...options, read: (event) => [fromEvent(event)] });
}

type SourceOptions<T> = Pick<Listing, 'namespace' | 'fieldSelector'> & {
  readonly resource: (typeof kinds)['event'] | (typeof resources)['usbDevice'];
  readonly read: (object: T) => readonly Happening[];
};

function sourceOf<T extends EventObject | UsbDevice>(session: Session, options: SourceOptions<T>): Source {
  const { client, output, signal } = session;
  const { resource, read, ...listing } = options;
  return {
    list: async () => {
      try {
        return await listAll<T, readonly Happening[]>(client, resource, { ...listing, keep: read, signal });
      } catch (error) {
        throw explained(error, listing.namespace);
      }
    },
    follow: (resourceVersion, onHappenings, stopping) =>
      follow<T>(
        {
          ...listing,
          client,
          resource,
          resourceVersion,
          onChange: (object) => onHappenings(read(object)),
          onInterruption: (reason) => output.note(`Warning: ${reason}; trying again`),
        },
        stopping,
      ),
  };
}

/** Who may not read the Events of every namespace may read those of one. */
function explained(error: unknown, namespace: string | undefined): unknown {
  if (!(error instanceof KubeError) || error.status !== 403 || namespace !== undefined) return error;
  return new AutoWeaveError('AW_KUBE_REFUSED', `${error.message}; --namespace asks for one namespace only`, {
    cause: error,
  });
}

/** When one ends with an error the others are stopped before it goes on. */
async function untilOneFails(signal: AbortSignal, start: (stopping: AbortSignal) => Promise<void>[]): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const running = start(stopping.signal);
  try {
    await Promise.all(running);
  } finally {
    stopping.abort();
    await Promise.allSettled(running);
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}
