// Does what administrators do, step by step, and prints what came of each. The topic `there` and the empty group `group`
// with an offset committed for it must exist.
package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func administer(ctx context.Context, base []kgo.Opt, _ map[string]string) error {
	client, err := kgo.NewClient(base...)
	if err != nil {
		return err
	}
	admin := kadm.NewClient(client)
	defer admin.Close()
	administerTopics(ctx, admin)
	administerConfigs(ctx, admin)
	administerOffsets(ctx, admin)
	administerGroups(ctx, admin)
	_, err = admin.DeleteTopic(ctx, "made")
	outcome("deleteTopics", "", err)
	_, err = admin.DeleteTopic(ctx, "made")
	outcome("deleteTopics again", "", err)
	return nil
}

func outcome(step string, result any, err error) {
	if err != nil {
		result = err
	}
	printLine(step, result)
}

func administerTopics(ctx context.Context, admin *kadm.Client) {
	metadata, err := admin.BrokerMetadata(ctx)
	outcome("describeCluster", len(metadata.Brokers), err)
	retention := "5000"
	configs := map[string]*string{"retention.ms": &retention}
	_, err = admin.CreateTopic(ctx, 3, -1, configs, "made")
	outcome("createTopics", "", err)
	_, err = admin.CreateTopic(ctx, 3, -1, configs, "made")
	outcome("createTopics again", "", err)
	grown, err := admin.UpdatePartitions(ctx, 5, "made")
	outcome("createPartitions", "", firstError(err, grown.Error()))
	shrunk, err := admin.UpdatePartitions(ctx, 2, "made")
	outcome("createPartitions fewer", "", firstError(err, shrunk.Error()))
	topics, err := admin.ListTopics(ctx, "made")
	outcome("describeTopics", len(topics["made"].Partitions), firstError(err, topics.Error()))
	topics, err = admin.ListTopics(ctx, "absent")
	outcome("describeTopics absent", "", firstError(err, topics.Error()))
}

func administerConfigs(ctx context.Context, admin *kadm.Client) {
	printConfig(ctx, admin, "retention.ms")
	seven, compact, soon := "7000", "compact", "soon"
	alter(ctx, admin, "incrementalAlterConfigs", kadm.AlterConfig{Op: kadm.SetConfig, Name: "retention.ms", Value: &seven})
	printConfig(ctx, admin, "retention.ms")
	alter(ctx, admin, "append", kadm.AlterConfig{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: &compact})
	printConfig(ctx, admin, "cleanup.policy")
	alter(ctx, admin, "delete", kadm.AlterConfig{Op: kadm.DeleteConfig, Name: "retention.ms"})
	printConfig(ctx, admin, "retention.ms")
	alter(ctx, admin, "wrong", kadm.AlterConfig{Op: kadm.SetConfig, Name: "retention.ms", Value: &soon})
}

func alter(ctx context.Context, admin *kadm.Client, step string, change kadm.AlterConfig) {
	answers, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{change}, "made")
	if err == nil {
		err = answers[0].Err
	}
	outcome(step, "", err)
}

func printConfig(ctx context.Context, admin *kadm.Client, name string) {
	described, err := admin.DescribeTopicConfigs(ctx, "made")
	if err != nil {
		outcome("describeConfigs", "", err)
		return
	}
	for _, config := range described[0].Configs {
		if config.Key == name {
			printLine("describeConfigs", name+"="+config.MaybeValue()+" "+config.Source.String())
		}
	}
}

func administerOffsets(ctx context.Context, admin *kadm.Client) {
	printOffset(ctx, "listOffsets earliest", admin.ListStartOffsets)
	printOffset(ctx, "listOffsets latest", admin.ListEndOffsets)
	printOffset(ctx, "listOffsets max timestamp", admin.ListMaxTimestampOffsets)
	printOffset(ctx, "listOffsets at time 0", func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
		return admin.ListOffsetsAfterMilli(ctx, 0, topics...)
	})
	printCommitted(ctx, admin)
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: "there", Partition: 0, At: 1, LeaderEpoch: -1, Metadata: "by hand"})
	outcome("alterConsumerGroupOffsets", "", admin.CommitAllOffsets(ctx, "group", offsets))
	printCommitted(ctx, admin)
	topics := kadm.TopicsSet{}
	topics.Add("there", 0)
	deleted, err := admin.DeleteOffsets(ctx, "group", topics)
	outcome("deleteConsumerGroupOffsets", "", firstError(err, deleted.Error()))
	printCommitted(ctx, admin)
}

type lister func(context.Context, ...string) (kadm.ListedOffsets, error)

func printOffset(ctx context.Context, step string, list lister) {
	listed, err := list(ctx, "there")
	offset, _ := listed.Lookup("there", 0)
	outcome(step, offset.Offset, firstError(err, listed.Error()))
}

func printCommitted(ctx context.Context, admin *kadm.Client) {
	all, err := admin.FetchOffsets(ctx, "group")
	if err != nil {
		outcome("listConsumerGroupOffsets", "", err)
		return
	}
	text := ""
	all.Each(func(one kadm.OffsetResponse) { text += one.Topic + " " + one.Metadata })
	printLine("listConsumerGroupOffsets", len(all), text)
}

func administerGroups(ctx context.Context, admin *kadm.Client) {
	listed, err := admin.ListGroups(ctx)
	outcome("listGroups", listed.Groups(), err)
	described, err := admin.DescribeGroups(ctx, "group")
	outcome("describeConsumerGroups", described["group"].State, firstError(err, described.Error()))
	_, err = admin.DeleteGroup(ctx, "group")
	outcome("deleteConsumerGroups", "", err)
	_, err = admin.DeleteGroup(ctx, "group")
	outcome("deleteConsumerGroups again", "", err)
}

func firstError(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}
