// A member of a group until standard input ends. Prints what it is assigned after each change, and each record.
package compat;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

final class Member {
  private Member() {}

  static void run(Properties properties, String topic) {
    AtomicBoolean isOver = new AtomicBoolean();
    Thread waiting = new Thread(() -> {
      waitForEnd();
      isOver.set(true);
    });
    waiting.setDaemon(true);
    waiting.start();
    try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
          Lines.print("revoked", text(revoked));
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> added) {
          Lines.print("assigned", text(consumer.assignment()), consumer.groupMetadata().memberId());
        }
      });
      while (!isOver.get()) consumer.poll(Duration.ofMillis(100)).forEach(Lines::print);
    }
    Lines.print("closed");
  }

  private static void waitForEnd() {
    try {
      while (System.in.read() >= 0) continue;
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private static String text(Collection<TopicPartition> partitions) {
    return new TreeSet<>(partitions.stream().map(TopicPartition::toString).collect(Collectors.toSet()))
        .stream().collect(Collectors.joining(","));
  }
}
