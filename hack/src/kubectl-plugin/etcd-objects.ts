/** At most as many operations as etcd takes in a transaction. */
const batchSize = 100;

/**
 * Writes custom resources where the API server keeps them, as it keeps them: thousands in seconds. They are neither
 * validated nor admitted.
 *
 * @param etcdUrl of the HTTP gateway of etcd
 */
export async function writeToEtcd(
  etcdUrl: string,
  plural: string,
  objects: Iterable<{ readonly metadata: { readonly name: string } }>,
): Promise<void> {
  let batch: object[] = [];
  const flush = async (): Promise<void> => {
    const response = await fetch(`${etcdUrl}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success: batch }) });
    if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`);
    batch = [];
  };
  for (const object of objects) {
    const key = base64(`/registry/autoweave.dev/${plural}/${object.metadata.name}`);
    batch.push({ requestPut: { key, value: base64(JSON.stringify(object)) } });
    if (batch.length === batchSize) await flush();
  }
  if (batch.length > 0) await flush();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
