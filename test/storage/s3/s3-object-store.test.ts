// The S3 adapter passes the conformance suite, over HTTP.
import { createS3ObjectStore } from '../../../lib/storage/s3/s3-object-store.ts';
import { describeObjectStore } from '../../conformance/object-store.ts';
import { BUCKET, startFakeS3 } from './support/fake-s3.ts';

describeObjectStore('S3', async () => {
  const s3 = await startFakeS3();
  return { store: createS3ObjectStore({ client: s3.client, bucket: BUCKET }), close: () => s3.close() };
});
