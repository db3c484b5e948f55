// Does what administrators do, step by step, and prints what came of each. The topic `there` and the empty group `group`
// with an offset committed for it must exist.
package compat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

final class Administer {
  private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "made");
  private static final TopicPartition THERE = new TopicPartition("there", 0);

  private Administer() {}

  static void run(Properties properties) throws Exception {
    try (Admin admin = Admin.create(properties)) {
      topics(admin);
      configs(admin);
      offsets(admin);
      groups(admin);
      print("deleteTopics", admin.deleteTopics(List.of("made")).all());
      print("deleteTopics again", admin.deleteTopics(List.of("made")).all());
    }
  }

  private static void topics(Admin admin) throws Exception {
    var cluster = admin.describeCluster();
    Lines.print("describeCluster", cluster.nodes().get().size(), cluster.clusterId().get().isEmpty());
    var made = new NewTopic("made", Optional.of(3), Optional.empty()).configs(Map.of("retention.ms", "5000"));
    print("createTopics", admin.createTopics(List.of(made)).all());
    print("createTopics again", admin.createTopics(List.of(made)).all());
    print("listTopics", admin.listTopics().names().thenApply(TreeSet::new));
    print("createPartitions", admin.createPartitions(Map.of("made", NewPartitions.increaseTo(5))).all());
    print("createPartitions fewer", admin.createPartitions(Map.of("made", NewPartitions.increaseTo(2))).all());
    print("describeTopics", admin.describeTopics(List.of("made")).allTopicNames()
        .thenApply(all -> all.get("made").partitions().size()));
    print("describeTopics absent", admin.describeTopics(List.of("absent")).allTopicNames());
  }

  private static void configs(Admin admin) throws Exception {
    print("describeConfigs", config(admin, "retention.ms"));
    alter(admin, "incrementalAlterConfigs", new ConfigEntry("retention.ms", "7000"), OpType.SET);
    print("describeConfigs", config(admin, "retention.ms"));
    alter(admin, "append", new ConfigEntry("cleanup.policy", "compact"), OpType.APPEND);
    print("describeConfigs", config(admin, "cleanup.policy"));
    alter(admin, "delete", new ConfigEntry("retention.ms", ""), OpType.DELETE);
    print("describeConfigs", config(admin, "retention.ms"));
    alter(admin, "wrong", new ConfigEntry("retention.ms", "soon"), OpType.SET);
  }

  private static void alter(Admin admin, String step, ConfigEntry entry, OpType type) throws Exception {
    print(step, admin.incrementalAlterConfigs(Map.of(TOPIC, List.of(new AlterConfigOp(entry, type)))).all());
  }

  private static KafkaFuture<String> config(Admin admin, String name) {
    return admin.describeConfigs(List.of(TOPIC)).all().thenApply(all -> {
      ConfigEntry entry = all.get(TOPIC).get(name);
      return entry.name() + "=" + entry.value() + " " + entry.source();
    });
  }

  private static void offsets(Admin admin) throws Exception {
    for (var spec : List.of(
        Map.entry("earliest", OffsetSpec.earliest()),
        Map.entry("latest", OffsetSpec.latest()),
        Map.entry("max timestamp", OffsetSpec.maxTimestamp()),
        Map.entry("at time 0", OffsetSpec.forTimestamp(0))))
      print("listOffsets " + spec.getKey(), admin.listOffsets(Map.of(THERE, spec.getValue())).all()
          .thenApply(all -> all.get(THERE).offset()));
    print("listConsumerGroupOffsets", committed(admin));
    print("alterConsumerGroupOffsets",
        admin.alterConsumerGroupOffsets("group", Map.of(THERE, new OffsetAndMetadata(1, "by hand"))).all());
    print("listConsumerGroupOffsets", committed(admin));
    print("deleteConsumerGroupOffsets", admin.deleteConsumerGroupOffsets("group", Set.of(THERE)).all());
    print("listConsumerGroupOffsets", committed(admin));
  }

  private static KafkaFuture<String> committed(Admin admin) {
    return admin.listConsumerGroupOffsets("group").partitionsToOffsetAndMetadata()
        .thenApply(all -> new TreeMap<>(all.entrySet().stream().collect(Collectors.toMap(
            one -> one.getKey().toString(), one -> one.getValue().offset() + one.getValue().metadata()))).toString());
  }

  private static void groups(Admin admin) throws Exception {
    print("listGroups", admin.listGroups().all().thenApply(all -> all.stream()
        .map(one -> one.groupId() + " " + one.type().get() + " " + one.groupState().get()).sorted().toList()));
    print("describeConsumerGroups", admin.describeConsumerGroups(List.of("group")).all()
        .thenApply(all -> all.get("group").groupState() + " " + all.get("group").members().size()));
    print("describeConsumerGroups absent", admin.describeConsumerGroups(List.of("absent")).all());
    print("deleteConsumerGroups", admin.deleteConsumerGroups(List.of("group")).all());
    print("deleteConsumerGroups again", admin.deleteConsumerGroups(List.of("group")).all());
  }

  private static void print(String step, KafkaFuture<?> result) throws InterruptedException {
    try {
      Lines.print(step, result.get());
    } catch (ExecutionException error) {
      Lines.print(step, error.getCause().getClass().getSimpleName());
    }
  }
}
