// Reads topics from their beginnings to the ends that they have now, and prints their records.
package main

import (
	"context"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func read(ctx context.Context, base []kgo.Opt, settings map[string]string) error {
	topics := strings.Split(settings["topics"], ",")
	start := kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())
	client, err := kgo.NewClient(append(base, kgo.ConsumeTopics(topics...), start)...)
	if err != nil {
		return err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topics...)
	if err != nil {
		return err
	}
	var left int64
	ends.Each(func(one kadm.ListedOffset) { left += one.Offset })
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(printRecord)
		left -= int64(fetches.NumRecords())
	}
	return nil
}
