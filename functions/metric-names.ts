// The metrics that the functions write, by the names that alarms know them by.

/** CloudWatch's namespace of all of them. */
export const METRICS_NAMESPACE = 'Wadi';

/** Of the sweep, in seconds: how long ago the oldest record that is in no segment was appended. */
export const OLDEST_UNSEALED_AGE = 'OldestUnsealedAge';

/** Requests that were answered 429: what stands behind Wadi throttles it. */
export const THROTTLED_REQUESTS = 'ThrottledRequests';

/** Of each task of the Kafka gateway: how many connections it has. */
export const GATEWAY_CONNECTIONS = 'KafkaConnections';
