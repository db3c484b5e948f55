// A member of a group until standard input ends. Prints what it is assigned after each change, and each record.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a member has. The client's callbacks tell differences only.
type owned struct {
	sync.Mutex
	partitions map[string]bool
}

func (of *owned) change(partitions map[string][]int32, isOwned bool) string {
	of.Lock()
	defer of.Unlock()
	for topic, numbers := range partitions {
		for _, number := range numbers {
			of.partitions[fmt.Sprintf("%s-%d", topic, number)] = isOwned
		}
	}
	var names []string
	for name, isHere := range of.partitions {
		if isHere {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return strings.Join(names, ",")
}

// settings: `topic`, `group`, and `instance` for a static member.
func member(ctx context.Context, base []kgo.Opt, settings map[string]string) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	has := owned{partitions: map[string]bool{}}
	options := append(base,
		kgo.ConsumerGroup(settings["group"]),
		kgo.ConsumeTopics(settings["topic"]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(func(_ context.Context, client *kgo.Client, added map[string][]int32) {
			id, _ := client.GroupMetadata()
			printLine("assigned", has.change(added, true), id)
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			printLine("revoked", has.change(revoked, false))
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			printLine("lost", has.change(lost, false))
		}),
	)
	if instance := settings["instance"]; instance != "" {
		options = append(options, kgo.InstanceID(instance))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	for ctx.Err() == nil {
		client.PollFetches(ctx).EachRecord(printRecord)
	}
	if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
		printLine("not committed", err)
	}
	client.CloseAllowingRebalance()
	printLine("closed")
	return nil
}
