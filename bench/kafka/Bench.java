// The client program that drives either server: produces, fetches, or measures latency, and prints one line of JSON.
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Arguments: what to do, then name=value pairs: bootstrap, topic, partitions, producers, recordBytes, batchBytes, lingerMs,
 * recordsPerSecond, warmUpMs, measureMs. Clients run with their defaults (acks=all, idempotent, no compression) but for
 * what is named here.
 */
public final class Bench {
    private static final double MB = 1_000_000.0;
    private static final long MS = 1_000_000L;

    private final Map<String, String> options;

    private Bench(Map<String, String> options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new java.util.HashMap<>();
        for (String pair : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            String[] parts = pair.split("=", 2);
            options.put(parts[0], parts[1]);
        }
        Bench bench = new Bench(options);
        switch (arguments[0]) {
            case "produce" -> bench.produce();
            case "fetch" -> bench.fetch();
            case "latency" -> bench.latency();
            default -> throw new IllegalArgumentException("there is no " + arguments[0]);
        }
    }

    private String text(String name) {
        String value = options.get(name);
        if (value == null) throw new IllegalArgumentException(name + " is missing");
        return value;
    }

    private int number(String name) {
        return Integer.parseInt(text(name));
    }

    private void createTopic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", text("bootstrap")))) {
            admin.createTopics(List.of(new NewTopic(text("topic"), number("partitions"), (short) 1))).all().get();
        }
    }

    private KafkaProducer<byte[], byte[]> newProducer() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", text("bootstrap"));
        properties.put("acks", "all");
        properties.put("batch.size", text("batchBytes"));
        properties.put("linger.ms", text("lingerMs"));
        properties.put("max.request.size", 8 * 1024 * 1024);
        properties.put("buffer.memory", 64 * 1024 * 1024);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> newConsumer() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", text("bootstrap"));
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < number("partitions"); partition++)
            all.add(new TopicPartition(text("topic"), partition));
        consumer.assign(all);
        return consumer;
    }

    /** Acknowledged bytes of values within the window, of all producers together. */
    private void produce() throws Exception {
        createTopic();
        LongAdder acknowledged = new LongAdder();
        LongAdder failed = new LongAdder();
        long endNs = System.nanoTime() + (number("warmUpMs") + number("measureMs")) * MS;
        List<Thread> threads = new ArrayList<>();
        for (int index = 0; index < number("producers"); index++) {
            int seed = index;
            Thread thread = new Thread(() -> produceUntil(endNs, seed, acknowledged, failed));
            thread.start();
            threads.add(thread);
        }
        Thread.sleep(number("warmUpMs"));
        long beforeBytes = acknowledged.sum();
        long startNs = System.nanoTime();
        Thread.sleep(number("measureMs"));
        double seconds = (System.nanoTime() - startNs) / 1e9;
        double megabytes = (acknowledged.sum() - beforeBytes) / MB;
        for (Thread thread : threads) thread.join();
        if (failed.sum() > 0) throw new IllegalStateException(failed.sum() + " records were not acknowledged");
        System.out.printf("{\"mbPerSecond\":%.3f,\"allMb\":%.3f}%n", megabytes / seconds, acknowledged.sum() / MB);
    }

    private void produceUntil(long endNs, int seed, LongAdder acknowledged, LongAdder failed) {
        byte[] value = new byte[number("recordBytes")];
        new Random(seed).nextBytes(value);
        try (KafkaProducer<byte[], byte[]> producer = newProducer()) {
            while (System.nanoTime() < endNs) {
                producer.send(new ProducerRecord<>(text("topic"), value), (metadata, error) -> {
                    if (error == null) acknowledged.add(value.length);
                    else failed.increment();
                });
            }
        }
    }

    /** Fetched bytes of values within the window; at the end of the topic it begins anew. */
    private void fetch() {
        try (KafkaConsumer<byte[], byte[]> consumer = newConsumer()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            consumer.seekToBeginning(consumer.assignment());
            long warmUpBytes = readFor(consumer, ends, number("warmUpMs"));
            long startNs = System.nanoTime();
            long bytes = readFor(consumer, ends, number("measureMs"));
            double seconds = (System.nanoTime() - startNs) / 1e9;
            System.out.printf("{\"mbPerSecond\":%.3f,\"allMb\":%.3f}%n", bytes / MB / seconds, (warmUpBytes + bytes) / MB);
        }
    }

    private long readFor(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, long durationMs) {
        long bytes = 0;
        long endNs = System.nanoTime() + durationMs * MS;
        while (System.nanoTime() < endNs) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
            for (var record : records) bytes += record.value().length;
            for (TopicPartition partition : records.partitions()) {
                if (consumer.position(partition) >= ends.get(partition)) consumer.seekToBeginning(List.of(partition));
            }
        }
        return bytes;
    }

    /** From each send to its acknowledgement, and to its arrival at a consumer that waits, at a fixed rate. */
    private void latency() throws Exception {
        createTopic();
        int perSecond = number("recordsPerSecond");
        int skipped = number("warmUpMs") * perSecond / 1000;
        int count = skipped + number("measureMs") * perSecond / 1000;
        long[] sentNs = new long[count];
        long[] ackedNs = new long[count];
        long[] arrivedNs = new long[count];
        Thread reader = new Thread(() -> readAll(count, arrivedNs));
        reader.start();
        Thread.sleep(1000);
        try (KafkaProducer<byte[], byte[]> producer = newProducer()) {
            producer.partitionsFor(text("topic"));
            long startNs = System.nanoTime();
            for (int index = 0; index < count; index++) {
                long dueNs = startNs + index * 1_000_000_000L / perSecond;
                for (long leftNs = dueNs - System.nanoTime(); leftNs > 0; leftNs = dueNs - System.nanoTime())
                    LockSupport.parkNanos(leftNs);
                send(producer, index, sentNs, ackedNs);
            }
        }
        reader.join();
        System.out.printf(
            "{\"produceP50Ms\":%.3f,\"produceP99Ms\":%.3f,\"endToEndP50Ms\":%.3f,\"endToEndP99Ms\":%.3f}%n",
            quantileMs(sentNs, ackedNs, skipped, 0.5), quantileMs(sentNs, ackedNs, skipped, 0.99),
            quantileMs(sentNs, arrivedNs, skipped, 0.5), quantileMs(sentNs, arrivedNs, skipped, 0.99));
    }

    private void send(KafkaProducer<byte[], byte[]> producer, int index, long[] sentNs, long[] ackedNs) {
        byte[] value = new byte[number("recordBytes")];
        java.nio.ByteBuffer.wrap(value).putInt(index);
        sentNs[index] = System.nanoTime();
        producer.send(new ProducerRecord<>(text("topic"), value), (metadata, error) -> {
            if (error != null) throw new IllegalStateException(error);
            ackedNs[index] = System.nanoTime();
        });
    }

    private void readAll(int count, long[] arrivedNs) {
        try (KafkaConsumer<byte[], byte[]> consumer = newConsumer()) {
            for (int seen = 0; seen < count; ) {
                for (var record : consumer.poll(Duration.ofMillis(1000))) {
                    arrivedNs[java.nio.ByteBuffer.wrap(record.value()).getInt()] = System.nanoTime();
                    seen++;
                }
            }
        }
    }

    private static double quantileMs(long[] fromNs, long[] toNs, int skipped, double share) {
        long[] taken = new long[fromNs.length - skipped];
        for (int index = 0; index < taken.length; index++) taken[index] = toNs[skipped + index] - fromNs[skipped + index];
        Arrays.sort(taken);
        return taken[(int) Math.min(taken.length - 1, share * taken.length)] / 1e6;
    }
}
