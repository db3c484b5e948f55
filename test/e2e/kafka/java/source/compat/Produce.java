// Produces the records of standard input: topic, compression, key, value, headers. Prints where each went, or its error.
package compat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

final class Produce {
  private Produce() {}

  static void run(Properties properties) throws IOException {
    Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] fields = line.split("\t", -1);
      producers.computeIfAbsent(fields[1], name -> open(properties, name)).send(
          new ProducerRecord<>(
              fields[0], null, Lines.bytes(fields[2]), Lines.bytes(fields[3]), Lines.headers(fields[4])),
          (metadata, error) -> {
            if (error != null) Lines.print("failed", fields[0], error.getClass().getSimpleName(), error.getMessage());
            else Lines.print("produced", metadata.topic(), metadata.partition(), metadata.offset());
          });
    }
    producers.values().forEach(KafkaProducer::close);
  }

  private static KafkaProducer<byte[], byte[]> open(Properties properties, String compression) {
    Properties all = new Properties();
    all.putAll(properties);
    all.put("compression.type", compression);
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
