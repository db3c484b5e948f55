// What members of classic groups of type `consumer` join with, as far as it is looked into: the topics they subscribe to.
//
// Subscription => version [topics] ...
//   version => INT16
//   topics => STRING

/** In their order; none where the bytes are not what Kafka's clients send. */
export function subscribedTopicsOf(metadata: Uint8Array): readonly string[] {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  try {
    const count = view.getInt32(2);
    const topics: string[] = [];
    for (let at = 6, left = count; left > 0; left--) {
      const length = view.getInt16(at);
      topics.push(Buffer.from(metadata.subarray(at + 2, at + 2 + length)).toString());
      at += 2 + length;
    }
    return topics;
  } catch (error) {
    // Past the end of the bytes.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
