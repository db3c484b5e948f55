// The bucket: segments for as long as their topics keep them, hot objects until they expire.
import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AWS_LIMITS } from '../../lib/log/limits.ts';
import { HOT_PREFIX } from '../../lib/storage/schema/object-key.ts';
import type { IKey } from 'aws-cdk-lib/aws-kms';

export interface EventLogBucketProps {
  readonly removalPolicy: RemovalPolicy;
  readonly encryptionKey?: IKey;
}

/** A private bucket that answers TLS only. Every object has a key of its own and is never overwritten: no versions. */
export class EventLogBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { removalPolicy, encryptionKey }: EventLogBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'objects', {
      removalPolicy,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      lifecycleRules: [
        {
          id: 'hot-objects-expire',
          prefix: HOT_PREFIX,
          expiration: Duration.millis(AWS_LIMITS.hotExpiryMs),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the functions reach the bucket, and requests to them are in the access log of the API; a server access ' +
        'log would cost more than the log itself. CloudTrail data events can be turned on where an audit asks for them.',
    });
  }
}
