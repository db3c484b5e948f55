// The object store over files passes the conformance suite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileObjectStore } from '../../../lib/storage/embedded/file-object-store.ts';
import { describeObjectStore } from '../../conformance/object-store.ts';

describeObjectStore('files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wadi-objects-'));
  const store = await openFileObjectStore(directory);
  const close = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return { store, close };
});
